"""The t statistics people use today, for many series at once, to measure what they would find.

OLS, and OLS with Newey & West (1987, Econometrica 55, 703-708) standard errors: Bartlett weights,
L = floor(4 (n / 100)^(2/9)) lags, the n / (n - k) correction and a t reference. Shown, never used
for a verdict.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]


def newey_west_lags(n_obs: int) -> int:
    return int(np.floor(4 * (n_obs / 100) ** (2 / 9)))


def ols_statistics(series: FloatArray, regressors: FloatArray, contrasts: FloatArray) -> FloatArray:
    """OLS t values of the contrasts, shape (m, c)."""
    influence, residuals = _influence(series, regressors, contrasts)
    spare = len(regressors) - regressors.shape[1]
    variance = (residuals**2).sum(axis=1)[:, None] / spare * (influence**2).sum(axis=1)
    t: FloatArray = (series @ influence.T) / np.sqrt(variance)
    return t


def newey_west_statistics(
    series: FloatArray, regressors: FloatArray, contrasts: FloatArray
) -> FloatArray:
    """OLS estimates over Newey-West standard errors, shape (m, c)."""
    influence, residuals = _influence(series, regressors, contrasts)
    n, k = regressors.shape
    lags = newey_west_lags(n)
    variance = np.empty((len(series), len(contrasts)))
    for column, weights in enumerate(influence):
        scores = residuals * weights
        total = (scores**2).sum(axis=1)
        for lag in range(1, lags + 1):
            product = (scores[:, lag:] * scores[:, :-lag]).sum(axis=1)
            total += 2 * (1 - lag / (lags + 1)) * product
        variance[:, column] = total * n / (n - k)
    t: FloatArray = (series @ influence.T) / np.sqrt(variance)
    return t


def critical_t(n_obs: int, n_terms: int, share: float) -> float:
    """What a t variable with n - k degrees of freedom exceeds in a share of cases."""
    return float(stats.t.isf(share, n_obs - n_terms))


def _influence(
    series: FloatArray, regressors: FloatArray, contrasts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weights of the years in each estimate, shape (c, n), and OLS residuals, shape (m, n)."""
    influence = contrasts @ np.linalg.pinv(regressors)
    q, _ = np.linalg.qr(regressors)
    return influence, series - (series @ q) @ q.T
