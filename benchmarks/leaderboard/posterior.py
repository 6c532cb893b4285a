"""The posterior of CausalPy's default linear regression, by quadrature instead of sampling.

    y ~ N(X b, s^2),   b ~ N(0, 50^2),   s ~ half-normal(1),   years independent

Given s the posterior of b is normal, and with the singular values of X its moments and the
likelihood of s are sums over k + 1 numbers a series. The probability that a contrast of b is above
zero is then a sum over nodes of s, where the package draws some thousand values; both give the
same up to the noise of the draws.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]
PRIOR_SD = 50.0  # of each coefficient
NODES = np.exp(np.linspace(np.log(0.05), np.log(8.0), 240))  # of s
BLOCK = 2_000


@dataclass(frozen=True, eq=False)
class Contrast:
    """weights' b, or shift - weights' b, about which the posterior is asked."""

    weights: FloatArray  # (k,)
    shift: FloatArray | None = None  # (m,)


def probability_above_zero(
    series: FloatArray, regressors: FloatArray, contrast: Contrast
) -> FloatArray:
    """Posterior probability that the contrast is above zero, shape (m,).

    Args:
        series: What the model is fitted to, shape (m, n).
        regressors: X, shape (n, k).
        contrast: Of the coefficients.
    """
    blocks = []
    for at in range(0, len(series), BLOCK):
        part = slice(at, at + BLOCK)
        shift = None if contrast.shift is None else contrast.shift[part]
        blocks.append(_one_block(series[part], regressors, Contrast(contrast.weights, shift)))
    return np.concatenate(blocks)


def _one_block(series: FloatArray, regressors: FloatArray, contrast: Contrast) -> FloatArray:
    left, singular, right = np.linalg.svd(regressors, full_matrices=False)
    n, k = regressors.shape
    along = series @ left  # (m, k)
    rss = (series * series).sum(axis=1) - (along * along).sum(axis=1)
    sd = NODES[:, None]
    wide = sd**2 + (PRIOR_SD * singular) ** 2  # marginal variance along each direction, (g, k)
    log_density = (
        -(n - k) * np.log(sd)
        - 0.5 * rss / sd**2
        - 0.5 * np.log(wide).sum(axis=1, keepdims=True)
        - 0.5 * (1 / wide) @ (along * along).T
        - 0.5 * sd**2  # the half-normal prior
        + np.log(sd)  # nodes are even in log s
    )
    weights = np.exp(log_density - log_density.max(axis=0))
    weights /= weights.sum(axis=0)
    seen = right @ contrast.weights  # (k,)
    shrunk = PRIOR_SD**2 * singular / wide  # (g, k)
    mean = (shrunk * seen) @ along.T  # (g, m)
    spread = np.sqrt((PRIOR_SD**2 * sd**2 / wide) @ (seen * seen))[:, None]
    if contrast.shift is not None:
        mean = contrast.shift - mean
    probability: FloatArray = (weights * stats.norm.cdf(mean / spread)).sum(axis=0)
    return probability
