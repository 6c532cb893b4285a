"""t statistics with long-run variances of few degrees of freedom, for many series at once.

With influence w_t of year t on an OLS estimate and residuals e_t, the scores are s_t = w_t e_t.
Equally weighted cosines (EWC) and Newey-West with a wide window, as recommended by Lazarus, Lewis,
Stock & Watson (2018, J. Bus. Econ. Stat. 36, 541-559, doi:10.1080/07350015.2018.1506926)::

    EWC:  var = 2/v sum_(j<=v) (sum_t s_t cos(pi j (t - 1/2) / T))^2,   v = floor(.4 T^(2/3))
    NW:   var = sum_(s,t) (1 - |s - t| / S)+ s_s s_t,                   S = 1.3 root(T)

Both hold for stationary regressors: beside a step or a trend their laws are others, and are to be
simulated. In a missing year the score is zero (amplitude modulation: Parzen 1963, Sankhya A 25,
383-392), so that years keep their distance.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.layout import Layout
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
FIXED_B_STEPS = 400  # values of the white noise that stands for a Wiener process
FIXED_B_BLOCK = 2_000


def ewc_terms(n_obs: int) -> int:
    """Number of cosines v, which are the degrees of freedom.

    >>> [ewc_terms(years) for years in (19, 25, 30, 31)]
    [2, 3, 3, 3]
    """
    return max(1, int(np.floor(0.4 * n_obs ** (2 / 3))))


def ewc_errors(series: FloatArray, layout: Layout, contrasts: FloatArray) -> FloatArray:
    """EWC standard errors of the OLS contrasts, shape (m, c)."""
    influence, residuals = _influence(series, layout, contrasts)
    terms = ewc_terms(layout.n_obs)
    place = layout.years - layout.years[0]
    angles = np.pi * np.outer(np.arange(1, terms + 1), place + 0.5) / (place[-1] + 1)
    weights = influence[:, None, :] * np.cos(angles)
    sums = (residuals @ weights.reshape(-1, layout.n_obs).T).reshape(len(series), -1, terms)
    errors: FloatArray = np.sqrt(2 / terms * (sums**2).sum(axis=2))
    return errors


def window_width(n_obs: int) -> float:
    """S = 1.3 root(T), not rounded."""
    return float(1.3 * np.sqrt(n_obs))


def wide_window_errors(series: FloatArray, layout: Layout, contrasts: FloatArray) -> FloatArray:
    """Newey-West standard errors with the window S = 1.3 root(T), shape (m, c)."""
    influence, residuals = _influence(series, layout, contrasts)
    kernel = bartlett(layout.years, window_width(layout.n_obs))
    columns = [_quadratic(residuals * weights, kernel) for weights in influence]
    errors: FloatArray = np.sqrt(np.stack(columns, axis=1))
    return errors


def ewc_statistics(series: FloatArray, layout: Layout, contrasts: FloatArray) -> FloatArray:
    """OLS estimates over `ewc_errors`, shape (m, c)."""
    return _estimates(series, layout, contrasts) / ewc_errors(series, layout, contrasts)


def wide_window_statistics(series: FloatArray, layout: Layout, contrasts: FloatArray) -> FloatArray:
    """OLS estimates over `wide_window_errors`, shape (m, c)."""
    return _estimates(series, layout, contrasts) / wide_window_errors(series, layout, contrasts)


def bartlett(years: NDArray[np.int64], width: float) -> FloatArray:
    """Weights (1 - |s - t| / S)+ of every pair of years, shape (n, n)."""
    apart = np.abs(np.subtract.outer(years, years))
    weights: FloatArray = np.maximum(1 - apart / width, 0.0)
    return weights


def kiefer_vogelsang_critical(b: float) -> float:
    """What |t| exceeds in 5 % with a Bartlett window of b T years and stationary regressors.

    The cubic of Kiefer & Vogelsang (2005, Econometric Theory 21, 1130-1164,
    doi:10.1017/S0266466605050565) for the 97.5 % quantile.
    """
    return 1.96 + 2.9694 * b + 0.416 * b**2 - 0.5324 * b**3


def draw_fixed_b(b: float, *, seed: int, series: int) -> FloatArray:
    """Draws from the law behind that cubic: t of the mean of long white noise, shape (series,)."""
    kernel = bartlett(np.arange(FIXED_B_STEPS), b * FIXED_B_STEPS)
    parts = []
    for start in range(0, series, FIXED_B_BLOCK):
        stop = min(start + FIXED_B_BLOCK, series)
        noise = standard_normals(seed, "fixed-b", start, stop, FIXED_B_STEPS)
        spread = np.sqrt(_quadratic(noise - noise.mean(axis=1, keepdims=True), kernel))
        parts.append(noise.sum(axis=1) / spread)
    return np.concatenate(parts)


def _quadratic(scores: FloatArray, kernel: FloatArray) -> FloatArray:
    total: FloatArray = np.einsum("mt,mt->m", scores @ kernel, scores)
    return total


def _estimates(series: FloatArray, layout: Layout, contrasts: FloatArray) -> FloatArray:
    estimates: FloatArray = series @ (contrasts @ np.linalg.pinv(layout.regressors)).T
    return estimates


def _influence(
    series: FloatArray, layout: Layout, contrasts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weights of the years in each estimate, shape (c, n), and OLS residuals, shape (m, n)."""
    q = layout.basis[0]
    return contrasts @ np.linalg.pinv(layout.regressors), series - (series @ q) @ q.T
