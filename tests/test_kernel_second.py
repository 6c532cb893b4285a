"""Second statistics: R's numbers, arithmetic written out, and what must not move."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.kernel import har, second
from analysis.kernel.layout import Layout

REFERENCE = Path(__file__).parent / "reference"


def stored(name: str) -> dict:
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


def investment() -> tuple[np.ndarray, Layout]:
    table = pd.read_csv(REFERENCE / "investment.csv").dropna()
    x = np.column_stack([np.ones(len(table)), table["RealGNP"], table["RealInt"]])
    return table["RealInv"].to_numpy()[None, :], Layout(table["year"].to_numpy(), x)


def nile() -> np.ndarray:
    table = pd.read_csv(REFERENCE / "nile.csv").set_index("year")
    return table.loc[1884:1913, "flow"].to_numpy(dtype=float)[None, :]


LINE = np.column_stack([np.ones(30), np.arange(30.0)])
STEP = (np.arange(30) >= 15).astype(float)
SHIFTS = stored("circular_shift_family")


def share_reaching(statistics: np.ndarray, observed: float) -> float:
    return float((np.abs(statistics) >= abs(observed) - 1e-9).mean())


def test_ewc_agrees_with_r():
    """R call and versions in reference/ewc_fixed_b.json."""
    expected, (y, layout) = stored("ewc_fixed_b"), investment()
    close = expected["relative_tolerance"]

    terms = har.ewc_terms(19)
    t = har.ewc_statistics(y, layout, np.eye(3))[0]
    assert terms == expected["nu"]
    assert har.ewc_errors(y, layout, np.eye(3))[0] == pytest.approx(
        list(expected["ewc_se"].values()), rel=close
    )
    assert t == pytest.approx(list(expected["ewc_t"].values()), rel=close)
    assert 2 * stats.t.sf(np.abs(t), terms) == pytest.approx(
        list(expected["ewc_p"].values()), rel=close
    )


def test_the_long_run_variance_of_the_nile_agrees_with_r():
    expected, flow = stored("ewc_fixed_b"), nile()
    layout = Layout(np.arange(1884, 1914), np.ones((30, 1)))

    error = har.ewc_errors(flow, layout, np.eye(1))[0, 0]
    close = expected["relative_tolerance"]
    assert error == pytest.approx(expected["nile_se_mean"], rel=close)
    assert 30 * error**2 == pytest.approx(expected["nile_lrv_ewc"], rel=close)


def test_the_wide_window_agrees_with_r():
    expected, (y, layout) = stored("ewc_fixed_b"), investment()

    close = expected["relative_tolerance"]
    assert har.window_width(19) == pytest.approx(expected["nw_S"], rel=close)
    assert har.wide_window_errors(y, layout, np.eye(3))[0] == pytest.approx(
        list(expected["nw_se"].values()), rel=close
    )
    assert har.kiefer_vogelsang_critical(expected["nw_b"]) == pytest.approx(
        expected["kv_fixedb_cv05"], rel=close
    )


@pytest.mark.parametrize("b", [0.1, 0.25, 0.5])
def test_simulated_fixed_b_law_has_the_quantile_of_the_cubic(b):
    """Within 3 %, the tolerance of the reference case: 2.236 against 2.261 at b = .1."""
    drawn = np.abs(har.draw_fixed_b(b, seed=1, series=10_000))

    assert np.quantile(drawn, 0.95) == pytest.approx(har.kiefer_vogelsang_critical(b), rel=0.03)


def test_a_year_without_value_counts_as_a_zero_score():
    """Scores written out on the calendar, with 0 in 2003, by the formulas of the module."""
    years = np.array([2000, 2001, 2002, 2004, 2005, 2006, 2007, 2008])
    y = np.random.default_rng(2).standard_normal(8)
    layout = Layout(years, np.ones((8, 1)))
    scores = np.insert((y - y.mean()) / 8, 3, 0.0)

    place = np.arange(1, 10)
    terms = har.ewc_terms(8)
    sums = [scores @ np.cos(np.pi * j * (place - 0.5) / 9) for j in range(1, terms + 1)]
    ewc = np.sqrt(2 / terms * np.sum(np.square(sums)))
    assert har.ewc_errors(y[None, :], layout, np.eye(1))[0, 0] == pytest.approx(ewc)

    width = 1.3 * np.sqrt(8)
    total = sum(
        max(0, 1 - abs(s - t) / width) * scores[s] * scores[t] for s in range(9) for t in range(9)
    )
    window = har.wide_window_errors(y[None, :], layout, np.eye(1))[0, 0]
    assert window == pytest.approx(np.sqrt(total))


def test_differences_equal_least_squares_on_differences():
    """statsmodels on diff(y) and diff(X) without the constant column, which vanishes."""
    years = np.arange(1998, 2023)
    x = np.column_stack([np.ones(25), years - 2010, years >= 2012]).astype(float)
    many = np.random.default_rng(4).standard_normal((3, 25)).cumsum(axis=1)

    t, df = second.difference_statistics(many, Layout(years, x), np.eye(3)[1:])
    fits = [sm.OLS(np.diff(y), np.diff(x[:, 1:], axis=0)).fit() for y in many]
    assert t == pytest.approx(np.stack([fit.tvalues for fit in fits]))
    assert df == fits[0].df_resid == 22


def test_a_difference_over_a_gap_is_weighted_as_under_a_random_walk():
    """By hand: y rises by 2 over a year, by 6 over four: 2 and 3, against slopes of 1 and 2."""
    layout = Layout(np.array([2000, 2001, 2005]), np.array([[1.0, 0], [1, 1], [1, 5]]))

    t, df = second.difference_statistics(np.array([[0.0, 2, 8]]), layout, np.array([[0.0, 1]]))
    # b = (1 2 + 2 3) / 5 = 1.6, residuals .4 and -.2, variance .2, se root(.2 / 5) = .2
    assert df == 1
    assert t[0, 0] == pytest.approx(1.6 / 0.2)


def test_the_level_is_unknown_to_differences():
    years = np.arange(1998, 2023)
    layout = Layout(years, np.column_stack([np.ones(25), years >= 2012]).astype(float))

    t, _ = second.difference_statistics(np.ones((1, 25)) + years % 3, layout, np.eye(2))
    assert np.isnan(t[0, 0])
    assert np.isfinite(t[0, 1])


def test_block_t_agrees_with_r():
    """R call and versions in reference/block_t.json."""
    expected = stored("block_t")
    y = pd.read_csv(REFERENCE / "block_t.csv")["y"].to_numpy()[None, :]

    t, df = second.block_statistics(y, np.arange(12), np.arange(12, 24), 3)
    means = second.block_means(y, np.arange(24), 6)[0]
    alone = stats.ttest_1samp(means, 0.0)
    close = expected["relative_tolerance"]
    assert means == pytest.approx(expected["block_means"], rel=close)
    assert (t[0], df) == (pytest.approx(expected["t"], rel=close), expected["df_conservative"])
    assert 2 * stats.t.sf(t[0], df) == pytest.approx(expected["p"], rel=close)
    assert alone.statistic == pytest.approx(expected["one_sample_t"], rel=close)
    assert alone.pvalue == pytest.approx(expected["one_sample_p"], rel=close)


@pytest.mark.parametrize(
    ("others", "name"), [(LINE[:, :1], "no_trend"), (LINE, "trend")], ids=["level", "line"]
)
def test_turning_the_step_round_agrees_with_r(others, name):
    """R call and versions in reference/circular_shift_family.json."""
    t = second.added_column_statistics(nile(), others, second.turned(STEP))[0]

    close = SHIFTS["relative_tolerance"]
    assert abs(t[0]) == pytest.approx(SHIFTS[f"t_obs_{name}"], rel=close)
    assert share_reaching(t, t[0]) == pytest.approx(SHIFTS[f"p_shift_dummy_{name}"], rel=close)


def test_turning_the_residuals_round_agrees_with_r():
    x = np.column_stack([LINE, STEP])
    t = second.turned_residual_statistics(nile(), x, np.array([0.0, 0, 1]), np.array([0, 1]))[0]

    close = SHIFTS["relative_tolerance"]
    assert abs(t[0]) == pytest.approx(SHIFTS["t_obs_trend"], rel=close)
    assert share_reaching(t, t[0]) == pytest.approx(
        SHIFTS["p_shift_residuals_freedman_lane"], rel=close
    )


def test_placebo_dates_agree_with_r():
    steps = np.stack([(np.arange(30) >= first).astype(float) for first in range(5, 26)])
    t = second.added_column_statistics(nile(), LINE, steps)[0]

    assert np.abs(t) == pytest.approx(
        SHIFTS["date_perm_stats"], rel=SHIFTS["relative_tolerance_dates"]
    )
    assert share_reaching(t, t[10]) == pytest.approx(SHIFTS["date_perm_p"])


def test_each_turned_series_is_refitted_as_statsmodels_does():
    """Three of the thirty shifts, and a sum of two coefficients."""
    later = (np.arange(30) >= 22).astype(float)
    x = np.column_stack([LINE, STEP, later])
    y = nile()
    total = np.array([0.0, 0, 1, 1])

    ours = second.turned_residual_statistics(y, x, total, np.array([0, 1]))[0]
    residuals = sm.OLS(y[0], LINE).fit().resid
    for by in (0, 7, 29):
        theirs = sm.OLS(np.roll(residuals, by), x).fit().t_test(total)
        assert ours[by] == pytest.approx(float(theirs.tvalue.item()))


@pytest.mark.parametrize("statistics", [har.ewc_statistics, har.wide_window_statistics])
def test_scale_and_what_the_model_holds_leave_the_statistic_alone(statistics):
    y, layout = investment()
    moved = 7 * y + layout.regressors[:, 0] * 40

    step = np.eye(3)[1:]
    assert statistics(moved, layout, step) == pytest.approx(statistics(y, layout, step))
