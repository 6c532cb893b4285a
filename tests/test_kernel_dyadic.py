"""Two-way effects and the covariances of panels: R, linearmodels, statsmodels and double loops."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.panel import PanelOLS
from scipy import stats

from analysis.errors import DesignError, EstimationError
from analysis.kernel.dyadic import dyadic_meat, number_members
from analysis.kernel.few_clusters import bias_reduced, joint_degrees, wild_cluster_p
from analysis.kernel.panel_covariance import (
    clustered,
    driscoll_kraay,
    dyadic,
    fit_within,
    multiway_clustered,
    positive_part,
)
from analysis.kernel.two_way import Effects, number_levels, residualise

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "panel_errors.json").read_text(encoding="utf-8"))
TERMS = ["value", "capital"]


@pytest.fixture(scope="module")
def grunfeld() -> pd.DataFrame:
    """plm::Grunfeld, ten firms in twenty years."""
    return pd.read_csv(REFERENCE / "grunfeld.csv")


def fit_grunfeld(frame: pd.DataFrame, *, years: bool = False):
    firm, year = number_levels(frame["firm"], frame["year"])
    effects = Effects((firm, year) if years else (firm,))
    fit = fit_within(
        frame["inv"].to_numpy(dtype=float), frame[TERMS].to_numpy(dtype=float), effects
    )
    return fit, firm, year


def made_panel(*, states: int = 12, years: int = 8, kept: float = 0.8, seed: int = 1):
    """Dyads of made-up states with rows missing at random, and errors shared by a state."""
    rng = np.random.default_rng(seed)
    first, second = np.triu_indices(states, 1)
    frame = pd.DataFrame(
        {
            "first": np.repeat(first, years),
            "second": np.repeat(second, years),
            "year": np.tile(np.arange(years), len(first)),
        }
    )
    frame = frame[rng.random(len(frame)) < kept].reset_index(drop=True)
    shock, exposed = rng.normal(size=(states, years)), rng.normal(size=(states, years))
    at = frame["first"].to_numpy(), frame["second"].to_numpy(), frame["year"].to_numpy()
    frame["x"] = exposed[at[0], at[2]] + exposed[at[1], at[2]] + rng.normal(size=len(frame))
    frame["z"] = rng.normal(size=len(frame))
    errors = shock[at[0], at[2]] + shock[at[1], at[2]] + rng.normal(size=len(frame))
    frame["y"] = 1.5 * frame["x"] + errors
    frame["dyad"] = frame["first"] * 100 + frame["second"]
    return frame


def fit_made(frame: pd.DataFrame):
    codes = number_levels(frame["dyad"], frame["year"])
    x = frame[["x", "z"]].to_numpy()
    return fit_within(frame["y"].to_numpy(), x, Effects(codes)), codes


def dense_residuals(columns: np.ndarray, *labels: pd.Series) -> np.ndarray:
    dummies = pd.concat([pd.get_dummies(label, dtype=float) for label in labels], axis=1).to_numpy()
    return columns - dummies @ np.linalg.lstsq(dummies, columns, rcond=None)[0]


def test_two_way_residuals_are_those_of_a_regression_on_all_dummies():
    frame = made_panel()
    columns = frame[["y", "x"]].to_numpy()

    found = residualise(columns, Effects(number_levels(frame["dyad"], frame["year"])))

    np.testing.assert_allclose(
        found, dense_residuals(columns, frame["dyad"], frame["year"]), atol=1e-10
    )


def test_alternating_projections_settle_at_the_dummy_regression_for_three_effects():
    frame = made_panel(kept=0.6)
    labels = [
        frame["dyad"],
        frame["first"] * 100 + frame["year"],
        frame["second"] * 100 + frame["year"],
    ]

    found = residualise(frame[["y"]].to_numpy(), Effects(number_levels(*labels)))

    np.testing.assert_allclose(found, dense_residuals(frame[["y"]].to_numpy(), *labels), atol=1e-7)


def test_weighted_residuals_solve_the_weighted_dummy_regression():
    frame = made_panel()
    weights = np.random.default_rng(2).uniform(0.5, 3, len(frame))
    root = np.sqrt(weights)[:, None]
    dummies = pd.concat(
        [pd.get_dummies(frame[c], dtype=float) for c in ("dyad", "year")], axis=1
    ).to_numpy()
    y = frame[["y"]].to_numpy()

    found = residualise(y, Effects(number_levels(frame["dyad"], frame["year"]), weights))

    expected = y - dummies @ np.linalg.lstsq(dummies * root, y * root, rcond=None)[0]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_a_panel_in_two_parts_counts_one_effect_less_for_each():
    unit, year = number_levels(["a", "a", "b", "b"], [1, 2, 3, 4])

    assert Effects((unit, year)).n_absorbed == 4  # dummies of rank 4: two units and one year each


def test_estimates_and_errors_agree_with_linearmodels():
    frame = made_panel()
    fit, (dyad, _) = fit_made(frame)
    indexed = frame.set_index(["dyad", "year"])

    model = PanelOLS(indexed["y"], indexed[["x", "z"]], entity_effects=True, time_effects=True)
    theirs = model.fit(cov_type="clustered", cluster_entity=True)

    np.testing.assert_allclose(fit.estimates, theirs.params, rtol=1e-9)
    errors = clustered(fit, dyad, "linearmodels").std_errors
    np.testing.assert_allclose(errors, theirs.std_errors, rtol=1e-9)


def test_errors_with_unit_effects_alone_agree_with_linearmodels(grunfeld):
    """Effects nested in the clusters are not counted by linearmodels."""
    fit, firm, _ = fit_grunfeld(grunfeld)
    indexed = grunfeld.set_index(["firm", "year"])

    model = PanelOLS(indexed["inv"], indexed[TERMS], entity_effects=True)
    theirs = model.fit(cov_type="clustered", cluster_entity=True)

    errors = clustered(fit, firm, "linearmodels").std_errors
    np.testing.assert_allclose(errors, theirs.std_errors, rtol=1e-9)


def test_driscoll_kraay_agrees_with_linearmodels_up_to_its_factor():
    """linearmodels multiplies by n/(n - K) with all effects in K."""
    frame = made_panel()
    fit, (_, year) = fit_made(frame)
    indexed = frame.set_index(["dyad", "year"])

    model = PanelOLS(indexed["y"], indexed[["x", "z"]], entity_effects=True, time_effects=True)
    theirs = model.fit(cov_type="kernel", kernel="bartlett", bandwidth=2)

    plain = driscoll_kraay(fit, year, 2, "none").std_errors
    np.testing.assert_allclose(
        plain * np.sqrt(fit.n_obs / fit.df_resid), theirs.std_errors, rtol=1e-9
    )


def test_one_way_clustered_errors_agree_with_statsmodels(grunfeld):
    """statsmodels: OLS(...).fit(cov_type="cluster"), G/(G-1) (n-1)/(n-k)."""
    y = grunfeld["inv"].to_numpy(dtype=float)
    x = grunfeld[TERMS].to_numpy(dtype=float)
    firm, _ = number_levels(grunfeld["firm"], grunfeld["year"])
    fit = fit_within(y, x, Effects((np.zeros(len(y), dtype=np.intp),)))

    theirs = sm.OLS(y, sm.add_constant(x)).fit(cov_type="cluster", cov_kwds={"groups": firm})

    errors = clustered(fit, firm, "sandwich").std_errors
    np.testing.assert_allclose(errors, theirs.bse[1:], rtol=1e-9)


def test_errors_of_grunfeld_are_those_of_fixest(grunfeld):
    fit, firm, year = fit_grunfeld(grunfeld)
    found = {
        "cluster_firm": clustered(fit, firm),
        "twoway": multiway_clustered(fit, [firm, year]),
        "DK2": driscoll_kraay(fit, year, 2),
    }

    for name, covariance in found.items():
        expected = [R["fixest"][name][term] for term in TERMS]
        np.testing.assert_allclose(covariance.std_errors, expected, rtol=1e-9)


def test_cr2_of_grunfeld_is_that_of_clubsandwich(grunfeld):
    fit, firm, _ = fit_grunfeld(grunfeld)
    found = bias_reduced(fit, firm)
    p = 2 * stats.t.sf(np.abs(fit.estimates / found.std_errors), found.df)

    for mine, theirs in ((found.std_errors, "std_errors"), (found.df, "df"), (p, "p_values")):
        np.testing.assert_allclose(mine, [R["clubSandwich"][theirs][t] for t in TERMS], rtol=1e-8)


def test_the_joint_test_of_grunfeld_is_htz_of_clubsandwich(grunfeld):
    fit, firm, _ = fit_grunfeld(grunfeld)
    v = bias_reduced(fit, firm).matrix
    eta = joint_degrees(fit, firm, np.eye(2))
    f = (eta - 1) / (eta * 2) * fit.estimates @ np.linalg.solve(v, fit.estimates)

    expected = R["clubSandwich"]["joint"]
    assert f == pytest.approx(expected["F"], rel=1e-8)
    assert eta - 1 == pytest.approx(expected["df"], rel=1e-8)
    assert stats.f.sf(f, 2, eta - 1) == pytest.approx(expected["p_value"], rel=1e-8)


def test_the_wild_bootstrap_of_grunfeld_is_the_full_enumeration_of_r(grunfeld):
    firm, _ = number_levels(grunfeld["firm"], grunfeld["year"])
    y, x = grunfeld["inv"].to_numpy(dtype=float), grunfeld[TERMS].to_numpy(dtype=float)

    assert wild_cluster_p(y, x, Effects((firm,)), firm, 0) == R["wild"]["p_value"]


def test_cr2_refuses_a_coefficient_that_one_cluster_identifies():
    frame = made_panel()
    dyad, year = number_levels(frame["dyad"], frame["year"])
    every = [((dyad == 0) & (year == t)).astype(float) for t in range(1, 8)]
    lone = np.column_stack([column for column in every if column.any()][:-1])
    fit = fit_within(frame["y"].to_numpy(), lone, Effects((dyad, year)))
    with pytest.raises(EstimationError, match="One cluster alone identifies a coefficient"):
        bias_reduced(fit, dyad)


@pytest.mark.parametrize("seed", range(3))
def test_the_dyadic_sum_is_that_of_a_double_loop(seed):
    """Every pair of rows is looked at; directed rows and several years of a dyad are among them."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 8, 90)
    second = (first + rng.integers(1, 8, 90)) % 8
    scores = rng.normal(size=(90, 3))

    expected = np.zeros((3, 3))
    for r in range(90):
        for q in range(90):
            if {first[r], second[r]} & {first[q], second[q]}:
                expected += np.outer(scores[r], scores[q])

    np.testing.assert_allclose(
        dyadic_meat(scores, number_members(first, second)), expected, atol=1e-11
    )


def test_the_dyadic_sum_is_that_of_aronow_samii_and_assenova_written_by_clusters():
    """Their decomposition: sum of one-way clusterings by member, less repeated dyads, less HC0s.

    Each member's clustering leaves rows without the member as clusters of their own, which is why
    N - 2 times the heteroskedasticity-robust sum is taken off.
    """
    frame = made_panel(states=7, years=3)
    fit, _ = fit_made(frame)
    scores = fit.scores
    total = np.zeros((2, 2))
    for member in range(7):
        mine = (frame["first"] == member) | (frame["second"] == member)
        inside = scores[mine].sum(axis=0)
        total += np.outer(inside, inside) + scores[~mine].T @ scores[~mine]
    by_dyad = pd.DataFrame(scores).groupby(frame["dyad"]).sum().to_numpy()
    total -= by_dyad.T @ by_dyad + (7 - 2) * scores.T @ scores

    members = number_members(frame["first"].to_numpy(), frame["second"].to_numpy())
    np.testing.assert_allclose(dyadic_meat(scores, members), total, atol=1e-9)


def test_dyadic_errors_do_not_depend_on_the_order_of_rows_or_sides():
    frame = made_panel()
    turned = frame.sample(frac=1, random_state=3)
    turned = turned.rename(columns={"first": "second", "second": "first"})
    errors = [
        dyadic(
            fit_made(each)[0],
            number_members(each["first"].to_numpy(), each["second"].to_numpy()),
        ).std_errors
        for each in (frame, turned)
    ]

    np.testing.assert_allclose(errors[0], errors[1], rtol=1e-10)


def test_dyadic_errors_hold_their_level_where_clustering_by_dyad_does_not():
    """40 states whose regressor and error share member-year shocks; 400 panels, 5 % tests of truth.

    Rates of rejection: dyadic within .03-.10 (few members leave it a little too large, Aronow et
    al., section 5), clustered by dyad above .15.
    """
    rejected = np.zeros(2)
    for seed in range(400):
        frame = made_panel(states=40, years=3, kept=0.9, seed=seed)
        fit, (dyad, _) = fit_made(frame)
        members = number_members(frame["first"].to_numpy(), frame["second"].to_numpy())
        for place, covariance in enumerate((dyadic(fit, members), clustered(fit, dyad))):
            t = (fit.estimates[0] - 1.5) / covariance.std_errors[0]
            rejected[place] += 2 * stats.t.sf(abs(t), covariance.df) < 0.05

    assert 0.03 <= rejected[0] / 400 <= 0.10
    assert rejected[1] / 400 > 0.15


def test_a_matrix_with_a_negative_eigenvalue_is_mended_and_said_so():
    mended, n_negative = positive_part(np.diag([2.0, -1.0]))

    assert n_negative == 1
    np.testing.assert_allclose(mended, np.diag([2.0, 0.0]), atol=1e-12)


def test_a_regressor_that_the_effects_hold_is_refused():
    frame = made_panel()
    codes = number_levels(frame["dyad"], frame["year"])
    within_unit = frame.groupby("dyad")["x"].transform("mean").to_numpy()[:, None]

    with pytest.raises(
        EstimationError, match="collinear with each other or with the fixed effects"
    ):
        fit_within(frame["y"].to_numpy(), within_unit, Effects(codes))


def test_a_state_paired_with_itself_is_refused():
    with pytest.raises(DesignError, match="CHN on both sides"):
        number_members(np.array(["CHN", "CHN"]), np.array(["RUS", "CHN"]))


def test_memory_stays_within_a_few_copies_of_the_panel():
    """Linear in the rows: at most sixteen arrays the size of the outcome for two regressors."""
    frame = made_panel(states=200, years=8)
    y, x = frame["y"].to_numpy(), frame[["x", "z"]].to_numpy()
    codes = number_levels(frame["dyad"], frame["year"])
    members = number_members(frame["first"].to_numpy(), frame["second"].to_numpy())
    tracemalloc.start()
    dyadic(fit_within(y, x, Effects(codes)), members)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 16 * y.nbytes
