"""Processes that wander when a regression is not stable, for many series at once.

With w the recursive residuals, e those of least squares on n years, k coefficients and b_i the
estimates from the first i years::

    recursive CUSUM   sum_{s<=t} w_s / (sd(w) sqrt(n - k)),  against  1 + 2 (share of the way)
    OLS CUSUM         sum_{s<=t} e_s / (s sqrt(n))
    OLS MOSUM         sum of h n successive e_s / (s sqrt(n))
    RE                i / (s sqrt(n)) (X_i'X_i / i)^(1/2) (b_i - b_n)

Each statistic is the largest absolute value, over years and, for RE, coefficients.

References: Brown, Durbin & Evans (1975), J. Royal Stat. Soc. B 37, 149-192; Ploberger & Kraemer
(1992), Econometrica 60, 271-285, doi:10.2307/2951597; Chu, Hornik & Kuan (1995), Biometrika 82,
603-617, doi:10.1093/biomet/82.3.603; Ploberger, Kraemer & Kontrus (1989), J. Econometrics 40,
307-318, doi:10.1016/0304-4076(89)90087-0.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def recursive_residuals(series: FloatArray, regressors: FloatArray) -> FloatArray:
    """Standardised one-step-ahead errors, shape (m, n - r), r the first years of full rank."""
    residuals: FloatArray = series @ recursive_weights(regressors)
    return residuals


def recursive_weights(regressors: FloatArray) -> FloatArray:
    """Columns that turn series into their recursive residuals, shape (n, n - r)."""
    n = len(regressors)
    start = first_full_rank(regressors)
    weights = np.zeros((n, n - start))
    for t in range(start, n):
        earlier, now = regressors[:t], regressors[t]
        inner = np.linalg.solve(earlier.T @ earlier, now)
        scale = 1 / np.sqrt(1 + now @ inner)
        weights[:t, t - start] = -scale * (earlier @ inner)
        weights[t, t - start] = scale
    return weights


def first_full_rank(regressors: FloatArray) -> int:
    """How many of the first years it takes to estimate every coefficient."""
    k = regressors.shape[1]
    return next(
        r for r in range(k, len(regressors) + 1) if np.linalg.matrix_rank(regressors[:r]) == k
    )


def recursive_cusum(series: FloatArray, regressors: FloatArray) -> FloatArray:
    """Largest recursive CUSUM over its line 1 + 2 t, shape (m,)."""
    residuals = recursive_residuals(series, regressors)
    steps = residuals.shape[1]
    process = np.cumsum(residuals, axis=1)
    process /= residuals.std(axis=1, ddof=1)[:, None] * np.sqrt(steps)
    line = 1 + 2 * np.arange(1, steps + 1) / steps
    largest: FloatArray = np.abs(process / line).max(axis=1)
    return largest


def ols_cusum(series: FloatArray, regressors: FloatArray) -> FloatArray:
    """Largest OLS CUSUM, shape (m,)."""
    largest: FloatArray = np.abs(_scaled_sums(series, regressors)).max(axis=1)
    return largest


def ols_mosum(series: FloatArray, regressors: FloatArray, share: float) -> FloatArray:
    """Largest OLS MOSUM of windows of a share of the years, shape (m,)."""
    sums = _scaled_sums(series, regressors)
    sums = np.hstack([np.zeros((len(sums), 1)), sums])
    width = int(np.floor(sums.shape[1] * share - share + 1e-9))
    largest: FloatArray = np.abs(sums[:, width:] - sums[:, :-width]).max(axis=1)
    return largest


def recursive_estimates(series: FloatArray, regressors: FloatArray) -> FloatArray:
    """Largest fluctuation of recursive estimates, shape (m,).

    Depends on how the regressors are written, as every coefficient is looked at alone.
    """
    n = len(regressors)
    whole = np.linalg.pinv(regressors)
    sd = _ols_residuals(series, regressors)[1]
    largest = np.zeros(len(series))
    for i in range(first_full_rank(regressors), n):
        part = regressors[:i]
        values, vectors = np.linalg.eigh(part.T @ part)
        root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T / np.sqrt(i)
        weights = -whole.copy()
        weights[:, :i] += np.linalg.pinv(part)
        process = np.abs(series @ (root @ weights).T).max(axis=1)
        largest = np.maximum(largest, process * i / (sd * np.sqrt(n)))
    return largest


def _scaled_sums(series: FloatArray, regressors: FloatArray) -> FloatArray:
    residuals, sd = _ols_residuals(series, regressors)
    sums: FloatArray = np.cumsum(residuals, axis=1) / (sd * np.sqrt(series.shape[1]))[:, None]
    return sums


def _ols_residuals(series: FloatArray, regressors: FloatArray) -> tuple[FloatArray, FloatArray]:
    n, k = regressors.shape
    q, _ = np.linalg.qr(regressors)
    residuals = series - (series @ q) @ q.T
    return residuals, np.sqrt((residuals**2).sum(axis=1) / (n - k))
