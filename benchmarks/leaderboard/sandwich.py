"""OLS with Newey and West's standard errors at a given lag, as packages differ in them.

Bartlett weights 1 - l / (L + 1) on the scores of OLS. Packages differ in L, in whether the variance
is multiplied by n / (n - k), and in the law the ratio is held against.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def fit_newey_west(
    series: FloatArray, regressors: FloatArray, row: FloatArray, lags: int
) -> tuple[FloatArray, FloatArray]:
    """Estimates and uncorrected standard errors of one contrast, each of shape (m,).

    Args:
        series: Consecutive years, shape (m, n).
        regressors: X, shape (n, k).
        row: The contrast, shape (1, k).
        lags: L; zero gives White's HC0.
    """
    influence = (row @ np.linalg.pinv(regressors))[0]
    q, _ = np.linalg.qr(regressors)
    scores = (series - (series @ q) @ q.T) * influence
    variance = (scores * scores).sum(axis=1)
    for lag in range(1, lags + 1):
        products = (scores[:, lag:] * scores[:, :-lag]).sum(axis=1)
        variance += 2 * (1 - lag / (lags + 1)) * products
    # Bartlett weights keep it from falling below zero, but not above: rounding does that.
    return series @ influence, np.sqrt(np.maximum(variance, 0.0))
