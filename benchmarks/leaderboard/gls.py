"""GLS with AR(1) errors, each of many series at its own autocorrelation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solved:
    """With V the correlation of the errors scaled to an innovation sd of one.

    Attributes:
        beta: Coefficients, shape (m, k).
        gram: X'V^-1 X, shape (m, k, k).
        rss: (y - X b)'V^-1 (y - X b), shape (m,).
    """

    beta: FloatArray
    gram: FloatArray
    rss: FloatArray


def solve_at(series: FloatArray, regressors: FloatArray, rho: FloatArray) -> Solved:
    """GLS of every row of `series`, consecutive years, shape (m, n), at `rho`, shape (m,)."""
    first = np.sqrt(1 - rho**2)[:, None]
    y = np.concatenate([first * series[:, :1], series[:, 1:] - rho[:, None] * series[:, :-1]], 1)
    later = regressors[1:][None] - rho[:, None, None] * regressors[:-1][None]
    x = np.concatenate([first[:, :, None] * regressors[:1][None], later], axis=1)
    gram = np.einsum("mta,mtb->mab", x, x)
    moment = np.einsum("mta,mt->ma", x, y)
    beta = np.linalg.solve(gram, moment[:, :, None])[:, :, 0]
    rss = np.einsum("mt,mt->m", y, y) - np.einsum("ma,ma->m", moment, beta)
    return Solved(beta, gram, rss)
