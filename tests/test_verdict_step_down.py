"""Step-down maxT and minP: exact numbers of R, family-wise error, gain over Holm."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.joint_draws import (
    Claimed,
    innovation_correlations,
    joint_statistics,
    observed_statistics,
)
from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import steps_design
from analysis.errors import UsageError
from analysis.verdict.multiplicity import adjust_holm
from analysis.verdict.step_down import adjust_maxt, adjust_minp

CASE = json.loads((Path(__file__).parent / "reference" / "step_down.json").read_text("utf-8"))
SHELF = LawShelf(seed=3, series=500)
YEARS = np.arange(1992, 2023)


def group_t(table: np.ndarray, second: tuple[int, ...]) -> np.ndarray:
    """|t| of the difference of two means, unequal variances, groups of six."""
    chosen = np.isin(np.arange(len(table)), second)
    one, two = table[~chosen], table[chosen]
    spread = np.sqrt(one.var(axis=0, ddof=1) / 6 + two.var(axis=0, ddof=1) / 6)
    return np.abs(two.mean(axis=0) - one.mean(axis=0)) / spread


def exact_draws() -> tuple[pd.Series, pd.DataFrame]:
    table = np.array(CASE["values"])
    observed = tuple(np.flatnonzero(np.array(CASE["group"]) == 1).tolist())
    others = [chosen for chosen in combinations(range(12), 6) if chosen != observed]
    names = ["X1", "X2", "X3"]
    drawn = pd.DataFrame([group_t(table, chosen) for chosen in others], columns=names)
    return pd.Series(group_t(table, observed), names), drawn


def test_maxt_is_exact_over_all_assignments():
    """Base R 4.2.2: Westfall-Young step-down maxT, 924 assignments of twelve to two groups."""
    observed, drawn = exact_draws()

    adjusted = adjust_maxt(observed, drawn)

    assert len(drawn) == 923
    assert observed.to_list() == pytest.approx(CASE["t"], rel=1e-8)
    assert adjusted.to_list() == pytest.approx(CASE["stepdown"], rel=1e-8)
    single = [adjust_maxt(observed[[name]], drawn[[name]]).iloc[0] for name in observed.index]
    assert single == pytest.approx(CASE["raw"], rel=1e-8)


def test_one_scale_or_another_minp_is_the_same():
    observed, drawn = exact_draws()
    p = pd.Series(CASE["raw"], observed.index)

    here = adjust_minp(p, drawn)
    there = adjust_minp(p, drawn * [1.0, 50.0, 0.01])

    assert here.to_dict() == there.to_dict()
    assert (here >= p).all()


def test_independent_claims_cost_what_sidak_says_and_equal_ones_nothing():
    """1 - (1 - .01)^5 = .0490 for the strongest of five independent claims."""
    rng = np.random.default_rng(5)
    names = [f"H{number}" for number in range(5)]
    p = pd.Series([0.01, 0.5, 0.6, 0.7, 0.8], names)
    independent = pd.DataFrame(rng.standard_normal((40_000, 5)), columns=names)
    equal = pd.DataFrame(dict.fromkeys(names, independent["H0"]))

    assert adjust_minp(p, independent)["H0"] == pytest.approx(0.0490, abs=0.004)
    assert adjust_minp(p, equal)["H0"] == pytest.approx(0.01, abs=0.001)


def test_order_of_claims_does_not_matter_and_ties_stay_ties():
    observed, drawn = exact_draws()
    turned = observed.iloc[::-1]

    assert adjust_maxt(turned, drawn).to_dict() == adjust_maxt(observed, drawn).to_dict()
    tied = pd.Series({"a": 2.0, "b": 2.0})
    both = pd.DataFrame({"a": [1.0, 3.0], "b": [1.0, 0.0]})
    assert adjust_maxt(tied, both).nunique() == 1


def correlated(shared: float, seed: int, outcomes: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(len(YEARS))
    drawn = np.sqrt(shared) * common + np.sqrt(1 - shared) * rng.standard_normal(
        (outcomes, len(YEARS))
    )
    for year in range(1, len(YEARS)):
        drawn[:, year] += 0.4 * drawn[:, year - 1]
    return drawn


def claims_on(rows: np.ndarray, draws: int = 499) -> dict[str, Claimed]:
    return {f"H{place}": Claimed(one_test(row, draws), "crisis", "greater")
            for place, row in enumerate(rows)}  # fmt: skip


def one_test(row: np.ndarray, draws: int = 499) -> StepsTest:
    series = pd.Series(row, YEARS, name="made")
    design = steps_design(series, {"crisis": 2010}, error_model="ar1-constant")
    return calibrate_steps(design, SHELF, draws=draws)


def p_values(claims: dict[str, Claimed]) -> pd.Series:
    return pd.Series(
        {name: each.test.read("crisis", alternative="greater").p_value
         for name, each in claims.items()}
    )  # fmt: skip


def test_joint_draws_have_the_correlation_of_the_errors():
    claims = claims_on(correlated(0.9, seed=2), draws=19)

    drawn = joint_statistics(claims, seed=6, series=2_000)
    estimated = innovation_correlations([each.test for each in claims.values()])

    apart = ~np.eye(4, dtype=bool)
    assert estimated.to_numpy()[apart].mean() == pytest.approx(0.9, abs=0.07)
    assert drawn.corr().to_numpy()[apart].mean() == pytest.approx(0.9, abs=0.1)
    assert drawn.mean().abs().max() < 0.15
    observed = observed_statistics(claims)
    assert observed["H0"] == claims["H0"].test.read("crisis").statistic


def test_any_false_finding_in_a_family_is_as_rare_as_claimed_and_holm_rarer():
    """40 families of four outcomes that share .8 of their shocks; nothing happens in any."""
    found, by_holm = 0, 0
    for seed in range(40):
        claims = claims_on(correlated(0.8, seed=100 + seed), draws=199)
        p = p_values(claims)
        stepped = adjust_minp(p, joint_statistics(claims, seed=6, series=199))
        found += bool((stepped <= 0.05).any())
        by_holm += bool((adjust_holm(p) <= 0.05).any())

    assert by_holm <= found + 1
    assert found <= 6  # at .055, seven or more of forty have a probability of .006


def test_a_planted_step_survives_with_a_smaller_p_than_by_holm():
    rows = correlated(0.8, seed=9)
    rows[0] += 4 * (YEARS >= 2010)
    claims = claims_on(rows, draws=1_999)
    p = p_values(claims)

    stepped = adjust_minp(p, joint_statistics(claims, seed=6, series=1_999))

    assert stepped["H0"] <= 0.05
    assert stepped["H0"] <= adjust_holm(p)["H0"]


def test_what_cannot_be_corrected_is_refused():
    observed, drawn = exact_draws()

    with pytest.raises(UsageError, match="no joint draws of X3; draw all claims"):
        adjust_maxt(observed, drawn[["X1", "X2"]])
    with pytest.raises(UsageError, match="leave out claims that cannot be tested"):
        adjust_maxt(observed.where(observed > 3), drawn)
