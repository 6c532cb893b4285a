"""Unobserved confounding: the numbers of R's robomit and of sensemakr."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.errors import DesignError, UsageError
from analysis.estimation.confounding import (
    benchmark_bounds,
    bound_by_benchmark,
    proportional_selection,
    robustness,
)
from analysis.estimation.panel_confounding import panel_confounding
from analysis.panel.panel import Panel
from tests.dyads_made import made_frame

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "confounding.json").read_text(encoding="utf-8"))
OSTER, DARFUR = R["oster"], R["darfur"]
OWN = DARFUR["estimate"], DARFUR["std_error"], DARFUR["df"]


@pytest.fixture(scope="module")
def cars() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "mtcars.csv")


def select(cars, **words):
    return proportional_selection(
        cars["mpg"].to_numpy(), cars["wt"].to_numpy(), cars[["hp", "qsec"]].to_numpy(), **words
    )


def test_osters_delta_and_beta_agree_with_r(cars):
    found = select(cars, r2_most=0.9)

    assert found.delta == pytest.approx(OSTER["delta"], abs=6e-7)
    assert found.beta == pytest.approx(OSTER["beta"], abs=6e-7)
    assert found.others == pytest.approx((OSTER["other"],), abs=6e-7)
    assert found.r2 == pytest.approx(OSTER["r2"])
    assert found.without == pytest.approx(OSTER["without"])


def test_delta_for_the_bias_adjusted_beta_is_the_delta_it_was_adjusted_with(cars):
    for delta in (0.5, 1.0):
        beta = select(cars, r2_most=0.9, delta=delta).beta
        assert select(cars, r2_most=0.9, target=beta).delta == pytest.approx(delta, rel=1e-9)


def test_osters_measures_do_not_depend_on_units(cars):
    twice = cars.assign(wt=cars["wt"] * 1000, hp=cars["hp"] / 7)
    found, before = select(twice, r2_most=0.9), select(cars, r2_most=0.9)

    assert found.delta == pytest.approx(before.delta, rel=1e-9)
    assert found.beta * 1000 == pytest.approx(before.beta, rel=1e-8)


def test_robustness_values_agree_with_the_paper_and_sensemakr():
    found = robustness(*OWN)

    assert found.value == pytest.approx(DARFUR["published"]["value"], abs=5e-4)
    assert found.value_at_alpha == pytest.approx(DARFUR["value_at_alpha"], abs=5e-7)
    assert found.partial_r2 == pytest.approx(DARFUR["partial_r2"], rel=1e-10)


def test_bounds_agree_with_sensemakr():
    found = bound_by_benchmark(
        *OWN, r2_exposure=DARFUR["r2_exposure"], r2_outcome=DARFUR["r2_outcome"]
    )
    for bound, expected in zip(found, DARFUR["bounds"], strict=True):
        values = (
            bound.r2_exposure, bound.r2_outcome, bound.estimate, bound.std_error, bound.statistic,
        )  # fmt: skip
        assert values == pytest.approx(expected, rel=1e-9)


def test_a_confounder_at_the_robustness_value_takes_the_whole_estimate():
    """Cinelli & Hazlett (2020), equation 9: bias = se root(df R2y R2d / (1 - R2d))."""
    value = robustness(*OWN).value
    bias = OWN[1] * np.sqrt(OWN[2] * value * value / (1 - value))

    assert bias == pytest.approx(OWN[0], rel=1e-12)


def test_leaving_a_control_out_moves_the_estimate_by_no_more_than_its_own_bound():
    """The bound is exact for a confounder that is like the benchmark in strength."""
    rng = np.random.default_rng(2)
    n = 400
    z, w = rng.standard_normal((2, n))
    x = 0.5 * z + 0.5 * w + rng.standard_normal(n)
    y = 0.3 * x + 0.5 * z + 0.5 * w + rng.standard_normal(n)
    y, x, z, w = (v - v.mean() for v in (y, x, z, w))
    _, (bound,) = benchmark_bounds(y, x, z[:, None], ["z"], benchmarks=["z"], times=[1.0])
    with_both = np.linalg.lstsq(np.column_stack([x, z, w]), y)[0][0]

    assert bound.estimate == pytest.approx(with_both, abs=0.05)


def test_weak_estimates_have_no_robustness_left():
    assert robustness(0.01, 0.02, 100).value_at_alpha == 0.0


def test_what_makes_no_sense_is_refused(cars):
    with pytest.raises(DesignError, match=r"must lie above 0\.835"):
        select(cars, r2_most=0.5)
    with pytest.raises(DesignError, match="hold all there is"):
        proportional_selection(
            cars["mpg"].to_numpy(), cars["wt"].to_numpy(), cars[["wt"]].to_numpy(), r2_most=0.95
        )
    with pytest.raises(UsageError, match="no control"):
        benchmark_bounds(
            cars["mpg"].to_numpy(), cars["wt"].to_numpy(), cars[["hp"]].to_numpy(), ["hp"],
            benchmarks=["qsec"],
        )  # fmt: skip
    with pytest.raises(UsageError, match="positive standard error"):
        robustness(1.0, 0.0, 100)
    with pytest.raises(DesignError, match="ask for fewer times"):
        bound_by_benchmark(1.0, 0.1, 100, r2_exposure=0.4, r2_outcome=0.1)


def test_a_panels_robustness_is_that_of_its_regression_with_dummies():
    """Estimate and usual standard error from statsmodels' OLS with dummies of units and years."""
    frame = made_frame(np.random.default_rng(2), states=7, years=8, effect=0.4)
    frame["y"] += 0.3 * frame["w"]
    panel = Panel.from_frame(frame, unit="unit", year="year")
    found = panel_confounding(panel, outcome="y", exposure="x", controls=["w"], times=[1.0])
    dummies = pd.get_dummies(frame[["unit", "year"]].astype(str), drop_first=True, dtype=float)
    design = sm.add_constant(pd.concat([frame[["x", "w"]], dummies], axis=1))
    oracle = sm.OLS(frame["y"], design).fit()
    by_hand = robustness(oracle.params["x"], oracle.bse["x"], oracle.df_resid)

    assert found.robustness.value == pytest.approx(by_hand.value, rel=1e-8)
    assert found.robustness.std_error == pytest.approx(oracle.bse["x"], rel=1e-8)
    assert [bound.benchmark for bound in found.bounds] == ["w"]
    assert "Status: shown, does not decide." in found.summary()
    with pytest.raises(UsageError, match="at least one control"):
        panel_confounding(panel, outcome="y", exposure="x", controls=[])
