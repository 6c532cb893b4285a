"""The stored leaderboard is complete, and a few of its cells come out again in new series."""

import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.store import LawShelf
from analysis.kernel.ar1 import fit_ar1
from benchmarks.leaderboard.grid import ALPHA, QUESTIONS, RHOS, SEED, Question
from benchmarks.leaderboard.habits import HABITS
from benchmarks.leaderboard.ours import measure_date_sets, measure_steps
from benchmarks.leaderboard.packages import compare_statsmodels
from benchmarks.leaderboard.page import PAGE, compose_page
from benchmarks.leaderboard.picture import PICTURE, draw_leaderboard
from benchmarks.leaderboard.posterior import Contrast, probability_above_zero
from benchmarks.leaderboard.rates import measure_habit
from benchmarks.leaderboard.satterthwaite import satterthwaite_df
from benchmarks.leaderboard.table import AGREEMENT, TURNER, read_rates, read_table
from benchmarks.leaderboard.turner import LENGTHS, measure_length, segmented

ROOT = Path(__file__).parent.parent
STORED = read_rates(ROOT / "reports/leaderboard/rates.csv")
BY_CELL = {(row.method, row.package, *row.cell, row.measure): row for row in STORED}
STREAM = "leaderboard-test"  # other innovations than those of the stored rates
FAR = 4.5  # standard errors of a difference; some four hundred are looked at


def assert_near_the_stored(rows, *, law_series=0):
    """Within Monte Carlo error of both; a small law adds that of its own 5 % point."""
    assert rows
    for row in rows:
        stored = BY_CELL[(row.method, row.package, *row.cell, row.measure)]
        law = monte_carlo_error(max(row.rate, ALPHA), law_series) if law_series else 0.0
        floor = 1 / row.series  # where nothing was found the error counts as zero
        bound = FAR * np.sqrt(row.mc_error**2 + stored.mc_error**2 + law**2) + floor
        assert abs(row.rate - stored.rate) <= bound, (row, stored)


def test_the_stored_table_has_every_cell_of_every_method_once():
    cells = {(q.trend, q.steps, q.length, rho) for q, rho in product(QUESTIONS, RHOS)}
    wanted = {("PB-REML-V", "juncture", *cell) for cell in cells}
    wanted |= {("T-JDP", "juncture", *cell) for cell in cells if cell[1] == 3}
    for habit in HABITS:
        offered = [question for question in QUESTIONS if habit.offers(question)]
        wanted |= {
            (habit.method, habit.package, q.trend, q.steps, q.length, rho)
            for q, rho in product(offered, RHOS)
        }

    assert len(STORED) == len(BY_CELL)
    assert set(BY_CELL) == {(*key, m) for key in wanted for m in ("false_positive", "power")}


def test_every_stored_rate_says_how_sure_it_is():
    for row in STORED:
        assert 0 <= row.rate <= 1
        assert row.mc_error == pytest.approx(monte_carlo_error(row.rate, row.series), rel=1e-4)
        assert row.series >= 2_000


def test_fifteen_years_are_marked_as_refused_in_our_tests_and_nowhere_else():
    refused = {(row.package, row.T) for row in STORED if row.refused == "yes"}

    assert refused == {("juncture", 15)}
    assert "15 values; a single series needs 20" in Question(15, "none", 1).refusal
    assert Question(20, "linear", 3).refusal == ""


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: f"{habit.package}, {habit.method}")
def test_methods_of_today_err_again_as_often_as_stored(habit):
    for question in (Question(20, "linear", 1), Question(31, "none", 3)):
        if habit.offers(question):
            assert_near_the_stored(list(measure_habit(habit, "", question, 500, STREAM)))


def test_our_test_errs_again_as_often_as_stored():
    shelf = LawShelf(seed=SEED + 1, series=1_000)

    rows = list(measure_steps(Question(25, "linear", 1), shelf, 500, STREAM))

    assert_near_the_stored(rows, law_series=1_000)


def test_the_permutation_of_dates_errs_again_as_often_as_stored():
    assert_near_the_stored(list(measure_date_sets(Question(20, "none", 3), 500, STREAM)))


def test_a_wrong_rate_would_be_noticed():
    habit = next(habit for habit in HABITS if habit.method == "OLS")
    rows = list(measure_habit(habit, "", Question(20, "linear", 1), 500, STREAM))
    high = [row for row in rows if row.rho == 0.8 and row.measure == "false_positive"]
    at_the_level = [type(row)(*(*_values(row)[:8], ALPHA, *_values(row)[9:])) for row in high]

    with pytest.raises(AssertionError):
        assert_near_the_stored(at_the_level)


def _values(row):
    return [getattr(row, name) for name in row.__slots__]


def test_formulas_agree_with_the_packages():
    """Their p-values were written down by the packages themselves, run in their environment."""
    rows = {(row["method"], row["package"]): row for row in read_table(ROOT / AGREEMENT)}

    assert set(rows) == {(habit.method, habit.package) for habit in HABITS}
    for (method, package), row in rows.items():
        if "PyMC" in method:  # 4,000 draws, fewer effective ones
            assert float(row["largest_difference"]) < 0.1, row
        elif method == "SARIMAX":  # it may climb to the lower of two peaks
            assert float(row["median_difference"]) < 1e-4, row
            assert int(row["decisions_differ"]) <= 0.02 * int(row["series"]), row
        else:
            assert float(row["largest_difference"]) < 1e-5, row
        stored = {
            rate.version for rate in STORED if (rate.method, rate.package) == (method, package)
        }
        assert stored == {row["version"]}


def test_formulas_agree_with_the_statsmodels_installed_here():
    for row in compare_statsmodels([Question(15, "linear", 3), Question(31, "none", 1)]):
        assert row.median_difference < (1e-4 if row.method == "SARIMAX" else 1e-9), row
        assert row.decisions_differ == 0, row


def test_the_posterior_is_that_of_a_sum_over_all_values():
    """Intercept only, four values: coefficient and sd on a grid, as in the docstring's model."""
    y = np.array([0.4, 1.3, -0.2, 0.9])
    b, s = np.linspace(-8, 8, 4001)[:, None], np.linspace(0.02, 6, 600)[None, :]
    log = stats.norm.logpdf(b, 0, 50) + stats.halfnorm.logpdf(s)
    log = log + sum(stats.norm.logpdf(value, b, s) for value in y)
    weights = np.exp(log - log.max())
    expected = weights[b[:, 0] > 0].sum() / weights.sum()

    found = probability_above_zero(y[None], np.ones((4, 1)), Contrast(np.ones(1)))

    assert found[0] == pytest.approx(expected, abs=2e-3)


def test_satterthwaite_is_the_formula_on_the_dense_likelihood():
    """Variance and restricted likelihood with V as a matrix, differentiated by hand in (s^2, r)."""
    design = segmented(24)
    x, row = design.layout.regressors, design.contrasts[:1]
    y = np.random.default_rng(3).standard_normal(24).cumsum() * 0.5
    n, k = x.shape
    rho = fit_ar1(y[None], design.layout, row).rho[0]

    def parts(variance, r):
        v = variance * r ** np.abs(np.subtract.outer(np.arange(n), np.arange(n))) / (1 - r**2)
        inner = x.T @ np.linalg.solve(v, x)
        error = y - x @ np.linalg.solve(inner, x.T @ np.linalg.solve(v, y))
        likelihood = -0.5 * (
            np.linalg.slogdet(v).logabsdet
            + np.linalg.slogdet(inner).logabsdet
            + error @ np.linalg.solve(v, error)
        )
        return likelihood, (row @ np.linalg.solve(inner, row.T))[0, 0]

    unit = rho ** np.abs(np.subtract.outer(np.arange(n), np.arange(n))) / (1 - rho**2)
    beta = np.linalg.solve(x.T @ np.linalg.solve(unit, x), x.T @ np.linalg.solve(unit, y))
    variance = (y - x @ beta) @ np.linalg.solve(unit, y - x @ beta) / (n - k)
    at, h = np.array([variance, rho]), np.array([1e-4 * variance, 1e-4])
    gradient = np.array(
        [(parts(*(at + h * e))[1] - parts(*(at - h * e))[1]) / (2 * h @ e) for e in np.eye(2)]
    )
    hessian = np.empty((2, 2))
    for i, j in product(range(2), range(2)):
        corners = [
            si * sj * parts(*(at + si * h * np.eye(2)[i] + sj * h * np.eye(2)[j]))[0]
            for si, sj in product((1, -1), (1, -1))
        ]
        hessian[i, j] = sum(corners) / (4 * h[i] * h[j])
    expected = 2 * parts(*at)[1] ** 2 / (gradient @ np.linalg.solve(-hessian, gradient))

    found = satterthwaite_df(y[None], x, row, np.array([rho]))

    assert found[0, 0] == pytest.approx(expected, rel=1e-3)


def test_the_design_of_turner_et_al_comes_out_again():
    rows = read_table(ROOT / TURNER)
    stored = {
        (row["method"], float(row["rho"]), row["effect"]): row
        for row in rows
        if row["measure"] == "coverage" and row["length"] == "12"
    }

    shelf = LawShelf(seed=SEED + 1, series=1_000)
    again = measure_length(12, shelf, 500, STREAM)
    compared = [row for row in again if row.measure == "coverage"]

    assert {int(row["length"]) for row in rows} == set(LENGTHS)
    assert len(compared) == 70
    for row in compared:
        before = stored[row.method, row.rho, row.effect]
        error = np.hypot(row.mc_error, float(before["mc_error"]))
        law = monte_carlo_error(0.95, 1_000) if row.method == "PB-REML-V" else 0.0
        assert abs(row.value - float(before["value"])) <= FAR * np.hypot(error, law), row


def test_the_page_is_that_of_the_stored_tables():
    assert (ROOT / PAGE).read_text(encoding="utf-8") == compose_page()


def test_the_picture_comes_out_the_same_twice_and_says_what_is_seen():
    first, second = draw_leaderboard(STORED), draw_leaderboard(STORED)
    described = re.compile("<desc>.+?</desc>", re.DOTALL)

    assert first == second
    stored = (ROOT / PICTURE).read_text(encoding="utf-8")
    assert described.search(stored)[0] == described.search(first)[0]
