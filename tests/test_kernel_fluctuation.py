"""Fluctuation processes: against R, statsmodels and hand arithmetic."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.diagnostic import breaks_cusumolsresid

from analysis.kernel.fluctuation import (
    first_full_rank,
    ols_cusum,
    ols_mosum,
    recursive_cusum,
    recursive_estimates,
    recursive_residuals,
)

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "unknown_dates.json").read_text(encoding="utf-8"))["phillips"]
PHILLIPS = pd.read_csv(REFERENCE / "phillips_curve.csv", index_col="year")
Y = PHILLIPS["dp"].to_numpy()[None, :]
X = np.column_stack([np.ones(40), PHILLIPS["dp1"]])


def test_statistics_of_the_phillips_curve_agree_with_strucchange():
    """R calls in reference/unknown_dates.json."""
    assert recursive_cusum(Y, X)[0] == pytest.approx(R["rec_cusum"]["stat"], rel=1e-6)
    assert ols_cusum(Y, X)[0] == pytest.approx(R["ols_cusum"]["stat"], rel=1e-6)
    assert ols_mosum(Y, X, 0.15)[0] == pytest.approx(R["ols_mosum_h015"]["stat"], rel=1e-6)
    assert recursive_estimates(Y, X)[0] == pytest.approx(R["fluctuation_RE"]["stat"], rel=1e-6)


def test_recursive_residuals_of_the_phillips_curve_agree_with_strucchange():
    """R call in reference/unknown_dates.json."""
    residuals = recursive_residuals(Y, X)[0]

    assert residuals[:5] == pytest.approx(R["recursive_residuals_first5"], rel=1e-6)
    assert (residuals**2).sum() == pytest.approx(R["recursive_resid_ss"], rel=1e-6)


def test_squares_of_recursive_residuals_add_up_to_those_of_least_squares():
    fit = sm.OLS(Y[0], X).fit()

    assert (recursive_residuals(Y, X) ** 2).sum() == pytest.approx(fit.ssr)


def test_the_ols_cusum_agrees_with_statsmodels():
    fit = sm.OLS(Y[0], X).fit()
    statistic, _, _ = breaks_cusumolsresid(fit.resid, ddof=2)

    assert ols_cusum(Y, X)[0] == pytest.approx(statistic)


def test_a_mean_of_four_values_by_hand():
    """1, 1, 3, 3: residuals -1, -1, 1, 1, s^2 = 4/3; the sum of the first two is the largest."""
    y, ones = np.array([[1.0, 1.0, 3.0, 3.0]]), np.ones((4, 1))

    assert recursive_residuals(y, ones)[0] == pytest.approx(
        [0.0, 2 / np.sqrt(3 / 2), (3 - 5 / 3) / np.sqrt(4 / 3)]
    )
    assert ols_cusum(y, ones)[0] == pytest.approx(2 / np.sqrt(4 / 3 * 4))
    assert ols_mosum(y, ones, 0.25)[0] == pytest.approx(1 / np.sqrt(4 / 3 * 4))
    assert recursive_estimates(y, ones)[0] == pytest.approx(2 / np.sqrt(4 / 3 * 4))


def test_unit_of_measure_and_level_do_not_move_the_statistics():
    for statistic in (recursive_cusum, ols_cusum, recursive_estimates):
        assert statistic(100 * Y + 7, X) == pytest.approx(statistic(Y, X))


def test_many_series_have_the_statistics_of_each_alone():
    series = np.random.default_rng(2).standard_normal((5, 40))

    for statistic in (recursive_cusum, ols_cusum, recursive_estimates):
        alone = [statistic(row[None, :], X)[0] for row in series]
        assert statistic(series, X) == pytest.approx(alone)


def test_recursion_begins_when_every_coefficient_can_be_estimated():
    late = np.column_stack([np.ones(10), np.arange(10) >= 4]).astype(float)

    assert first_full_rank(late) == 5
    assert recursive_residuals(np.ones((1, 10)), late).shape == (1, 5)
