"""Simulate yearly errors that do not follow AR(1), on the observed years.

Each takes shocks with one column more than there are calendar years, since the moving average
needs the shock of the year before the first, and the sd of every year's shock.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def ar2_errors(
    shocks: FloatArray, years: IntArray, sd: FloatArray, rho: float, second: float
) -> FloatArray:
    """u_t = a u_(t-1) + b u_(t-2) + e_t with first autocorrelation rho, so that a = rho (1 - b).

    The first two years are drawn from the stationary law; b = 0 gives AR(1).

    Args:
        shocks: Mean 0 and variance 1, shape (m, span + 1).
        years: Observed years in order, shape (n,).
        sd: Of the shock of each calendar year, shape (span,).
        rho: First autocorrelation, below one in absolute value.
        second: b, below one in absolute value.
    """
    errors = _scaled(shocks, sd)
    apart = np.sqrt(1 - second * second)
    errors[0] /= apart * np.sqrt(1 - rho * rho)
    if len(errors) > 1:
        errors[1] = rho * errors[0] + errors[1] / apart
    for year in range(2, len(errors)):
        errors[year] += rho * (1 - second) * errors[year - 1] + second * errors[year - 2]
    return _observed(errors, years)


def ma1_errors(
    shocks: FloatArray, years: IntArray, sd: FloatArray, coefficient: float
) -> FloatArray:
    """u_t = e_t + c e_(t-1), whose autocorrelation c / (1 + c^2) ends after one year."""
    scaled = _scaled(shocks, sd)
    before = np.vstack([shocks[:, 0] * sd[0], scaled[:-1]])
    return _observed(scaled + coefficient * before, years)


def random_walk_errors(shocks: FloatArray, years: IntArray, sd: FloatArray) -> FloatArray:
    """u_t = u_(t-1) + e_t; the level of the first year is taken up by the intercept."""
    return _observed(np.cumsum(_scaled(shocks, sd), axis=0), years)


def _scaled(shocks: FloatArray, sd: FloatArray) -> FloatArray:
    scaled: FloatArray = np.array(shocks[:, 1:].T, order="C") * sd[:, None]
    return scaled


def _observed(errors: FloatArray, years: IntArray) -> FloatArray:
    return np.ascontiguousarray(errors[years - years[0]].T)
