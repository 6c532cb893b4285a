"""Degrees of freedom of a GLS contrast by Satterthwaite, AR(1) errors, many series at once.

With V = s^2 g(r) the variance of a contrast, A the inverse of the REML information of (s^2, r)::

    df = 2 V^2 / (grad V' A grad V)

Fai & Cornelius (1996, J. Stat. Comput. Simul. 54, 363-378, doi:10.1080/00949659608811740) for
contrasts of mixed models. The information is the observed one, by differences in r.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.leaderboard.gls import solve_at

FloatArray = NDArray[np.float64]
STEP = 1e-3  # of r
LARGEST = 1e6
BLOCK = 1_000


def satterthwaite_df(
    series: FloatArray, regressors: FloatArray, rows: FloatArray, rho: FloatArray
) -> FloatArray:
    """Degrees of freedom of each contrast in each series, shape (m, c).

    Where the likelihood has no peak at rho, which happens at the bounds of REML's rho, they are
    n - k.

    Args:
        series: Consecutive years, shape (m, n).
        regressors: X, shape (n, k).
        rows: Contrasts, shape (c, k).
        rho: REML's autocorrelation of each series, shape (m,).
    """
    blocks = [
        _one_block(series[at : at + BLOCK], regressors, rows, rho[at : at + BLOCK])
        for at in range(0, len(series), BLOCK)
    ]
    return np.concatenate(blocks)


def _one_block(
    series: FloatArray, regressors: FloatArray, rows: FloatArray, rho: FloatArray
) -> FloatArray:
    spare = regressors.shape[0] - regressors.shape[1]
    low, middle, high = (_parts(series, regressors, rows, rho + h) for h in (-STEP, 0.0, STEP))
    (rss, g, c), (below, above) = middle, (low, high)
    variance = rss / spare
    rss_1 = (above[0] - below[0]) / (2 * STEP)
    rss_2 = (above[0] - 2 * rss + below[0]) / STEP**2
    c_2 = (above[2] - 2 * c + below[2]) / STEP**2
    g_1 = (above[1] - below[1]) / (2 * STEP)
    first = spare / (2 * variance**2)
    crossed = -rss_1 / (2 * variance**2)
    second = rss_2 / (2 * variance) - c_2
    determinant = first * second - crossed**2
    along, across = g, variance[:, None] * g_1
    spread = (
        second[:, None] * along**2
        - 2 * crossed[:, None] * along * across
        + first[:, None] * across**2
    ) / determinant[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        df = 2 * (variance[:, None] * g) ** 2 / spread
    peaked = (determinant > 0) & (second > 0)
    return np.where(peaked[:, None], np.clip(df, 1.0, LARGEST), float(spare))


def _parts(
    series: FloatArray, regressors: FloatArray, rows: FloatArray, rho: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """RSS (m,), variances of the contrasts at s = 1 (m, c), and the rest of the likelihood (m,)."""
    solved = solve_at(series, regressors, rho)
    g = np.einsum("ca,mab,cb->mc", rows, np.linalg.inv(solved.gram), rows)
    rest = 0.5 * np.log(1 - rho**2) - 0.5 * np.linalg.slogdet(solved.gram).logabsdet
    return solved.rss, g, rest
