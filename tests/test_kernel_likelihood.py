"""Maximum likelihood with AR(1) errors, against full covariance matrices."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from analysis.kernel import likelihood as module
from analysis.kernel.layout import Layout
from analysis.kernel.likelihood import gls_mean, ml_peaks
from tests.dense import ar1_covariance, dense_fit

CONSECUTIVE = np.arange(1992, 2023)
HOLED = np.setdiff1d(CONSECUTIVE, [1995, 2003, 2004])


def regressors(years: np.ndarray) -> np.ndarray:
    t = (years - years.mean()) / 10
    return np.column_stack([np.ones(len(years)), t, (years >= 2012).astype(float)])


def dense_likelihood(y: np.ndarray, x: np.ndarray, years: np.ndarray, rho: float) -> float:
    """Gaussian log-density of y at the GLS mean and the variance that maximises it."""
    v = ar1_covariance(years, rho)
    errors = y - x @ dense_fit(y, x, years, rho).beta
    variance = errors @ np.linalg.solve(v, errors) / len(y)
    logdet = np.linalg.slogdet(2 * np.pi * variance * v)[1]
    return float(-0.5 * (logdet + len(y)))


@pytest.mark.parametrize("years", [CONSECUTIVE, HOLED], ids=["consecutive", "with gaps"])
def test_the_peak_is_that_of_a_search_with_full_matrices(years):
    x = regressors(years)
    series = np.random.default_rng(2).standard_normal((6, len(years))).cumsum(axis=1)
    series[:3] = np.random.default_rng(3).standard_normal((3, len(years)))

    peaks = ml_peaks(series, Layout(years, x))

    for row, y in enumerate(series):
        found = minimize_scalar(
            lambda rho, y=y: -dense_likelihood(y, x, years, rho),
            bounds=(-0.95, 0.99),
            method="bounded",
            options={"xatol": 1e-8},
        )
        # The vertex of a parabola through nodes .06 apart in artanh(rho): AICc to .002.
        assert peaks.log_likelihood[row] == pytest.approx(-found.fun, abs=1e-3)
        assert peaks.rho[row] == pytest.approx(found.x, abs=5e-3)


def test_the_mean_is_the_generalised_least_squares_line():
    x = regressors(HOLED)
    y = np.random.default_rng(5).standard_normal(len(HOLED))

    mean = gls_mean(y, Layout(HOLED, x), 0.6)

    assert mean == pytest.approx(x @ dense_fit(y, x, HOLED, 0.6).beta)


def test_blocks_do_not_change_the_peaks(monkeypatch):
    layout = Layout(CONSECUTIVE, regressors(CONSECUTIVE))
    series = np.random.default_rng(6).standard_normal((23, 31))
    whole = ml_peaks(series, layout)
    monkeypatch.setattr(module, "BLOCK", 7)

    parts = ml_peaks(series, layout)

    assert parts.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-9)
    assert parts.rho == pytest.approx(whole.rho, abs=1e-9)


def test_a_smaller_unit_adds_its_logarithm_for_every_year():
    layout = Layout(CONSECUTIVE, regressors(CONSECUTIVE))
    series = np.random.default_rng(7).standard_normal((4, 31))

    one, thousand = ml_peaks(series, layout), ml_peaks(1000 * series + 5, layout)

    assert thousand.rho == pytest.approx(one.rho, abs=1e-7)
    shift = one.log_likelihood - thousand.log_likelihood
    assert shift == pytest.approx(np.full(4, 31 * np.log(1000)))
