"""Sandwich t statistics as R's sandwich package computes them, for many series at once.

With scores V_t = x_t e_t of OLS and lag weights w_j, the variance of b is::

    (X'X)^-1 D (sum_j w_j sum_t V_t V'_(t-j)) D' (X'X)^-1 * n / (n - k)

D = (I - A)^-1 where the scores were first freed of a VAR(1) with matrix A, else the identity.
Quadratic spectral weights with the bandwidth of Andrews (1991, Econometrica 59, 817-858,
doi:10.2307/2938229; prewhitened: Andrews & Monahan 1992, Econometrica 60, 953-966,
doi:10.2307/2951574); Bartlett weights with the bandwidth of Newey & West (1994, Rev. Econ. Stud.
61, 631-653, doi:10.2307/2297912). The constant does not enter into the choice of a bandwidth. As in
Zeileis (2004, J. Stat. Software 11(10), doi:10.18637/jss.v011.i10). Shown with their measured size,
never used for a verdict.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Kernel = Literal["quadratic-spectral", "bartlett"]
BLOCK = 2_000  # series at a time: the scores are k numbers a year


@dataclass(frozen=True, eq=False)
class HacFits:
    """OLS contrasts of many series with sandwich standard errors.

    Attributes:
        bandwidth: Chosen from each series, shape (m,).
        estimates: Contrasts of the OLS coefficients, shape (m, c).
        std_errors: Shape (m, c).
    """

    bandwidth: FloatArray
    estimates: FloatArray
    std_errors: FloatArray

    @property
    def statistics(self) -> FloatArray:
        """t values, shape (m, c)."""
        return self.estimates / self.std_errors


def fit_hac(
    series: FloatArray,
    regressors: FloatArray,
    contrasts: FloatArray,
    *,
    kernel: Kernel,
    prewhitened: bool,
    corrected: bool = True,
) -> HacFits:
    """OLS with a bandwidth chosen from the scores of each series.

    Args:
        series: Consecutive years, shape (m, n).
        regressors: X, a constant among its columns, shape (n, k).
        contrasts: Rows R of which R b is estimated, shape (c, k).
        kernel: "quadratic-spectral" with Andrews' bandwidth, as `kernHAC`, or "bartlett" with that
            of Newey and West, rounded down to a lag, as `NeweyWest`.
        prewhitened: Whether the scores are first freed of a VAR(1).
        corrected: Whether the variance is multiplied by n / (n - k).
    """
    blocks = [
        _fit_block(series[at : at + BLOCK], regressors, contrasts, kernel, prewhitened, corrected)
        for at in range(0, max(1, len(series)), BLOCK)
    ]
    return HacFits(
        np.concatenate([block.bandwidth for block in blocks]),
        np.concatenate([block.estimates for block in blocks]),
        np.concatenate([block.std_errors for block in blocks]),
    )


def robust_errors(
    series: FloatArray,
    regressors: FloatArray,
    contrasts: FloatArray,
    kind: Literal["HC0", "HC1", "HC3"],
) -> FloatArray:
    """Heteroskedasticity-consistent standard errors of OLS, shape (m, c).

    White (1980, Econometrica 48, 817-838, doi:10.2307/1912934); HC3: MacKinnon & White (1985,
    J. Econometrics 29, 305-325, doi:10.1016/0304-4076(85)90158-7).
    """
    n, k = regressors.shape
    q, _ = np.linalg.qr(regressors)
    squares = (series - (series @ q) @ q.T) ** 2
    if kind == "HC3":
        squares = squares / (1 - (q * q).sum(axis=1)) ** 2
    scale = n / (n - k) if kind == "HC1" else 1.0
    influence = contrasts @ np.linalg.pinv(regressors)
    errors: FloatArray = np.sqrt(scale * squares @ (influence**2).T)
    return errors


def _fit_block(
    series: FloatArray,
    regressors: FloatArray,
    contrasts: FloatArray,
    kernel: Kernel,
    prewhitened: bool,
    corrected: bool,
) -> HacFits:
    n, k = regressors.shape
    q, _ = np.linalg.qr(regressors)
    scores = (series - (series @ q) @ q.T)[:, :, None] * regressors
    rays = np.broadcast_to(
        (np.linalg.inv(regressors.T @ regressors) @ contrasts.T)[None],
        (len(series), k, len(contrasts)),
    )
    if prewhitened:
        scores, recolour = _whiten(scores)
        rays = np.einsum("mab,mac->mbc", recolour, rays)
    chosen = (np.ptp(regressors, axis=0) > 0).astype(float)
    if kernel == "bartlett":
        bandwidth = _newey_west_bandwidth(scores, chosen, n, prewhitened)
        weights = _bartlett_weights(bandwidth, scores.shape[1])
    else:
        bandwidth = _andrews_bandwidth(scores, chosen)
        weights = _spectral_weights(bandwidth, scores.shape[1])
    projected = np.einsum("mtk,mkc->mct", scores, rays)
    variance = _weighted_sums(projected, weights) * (n / (n - k) if corrected else 1.0)
    estimates = series @ (contrasts @ np.linalg.pinv(regressors)).T
    return HacFits(bandwidth, estimates, np.sqrt(variance))


def _whiten(scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Residuals of a VAR(1) without constant in the scores, and D = (I - A)^-1."""
    now, before = scores[:, 1:], scores[:, :-1]
    crossed = np.einsum("mta,mtb->mab", before, now)
    square = np.einsum("mta,mtb->mab", before, before)
    transposed = np.linalg.solve(square, crossed)  # A'
    remaining = np.eye(scores.shape[2]) - transposed.transpose(0, 2, 1)
    return now - before @ transposed, np.linalg.inv(remaining).astype(np.float64)


def _andrews_bandwidth(scores: FloatArray, chosen: FloatArray) -> FloatArray:
    """1.3221 (n alpha(2))^(1/5), alpha from an AR(1) with constant in each column of the scores."""
    now, before = scores[:, 1:], scores[:, :-1]
    now = now - now.mean(axis=1, keepdims=True)
    before = before - before.mean(axis=1, keepdims=True)
    rho = (now * before).sum(axis=1) / (before * before).sum(axis=1)
    fourth = ((now - rho[:, None] * before) ** 2).mean(axis=1) ** 2
    above = (chosen * 4 * rho**2 * fourth / (1 - rho) ** 8).sum(axis=1)
    below = (chosen * fourth / (1 - rho) ** 4).sum(axis=1)
    bandwidth: FloatArray = 1.3221 * (scores.shape[1] * above / below) ** 0.2
    return bandwidth


def _newey_west_bandwidth(
    scores: FloatArray, chosen: FloatArray, n_obs: int, prewhitened: bool
) -> FloatArray:
    n = scores.shape[1]
    lags = int((3 if prewhitened else 4) * (n / 100) ** (2 / 9))
    summed = scores @ chosen
    moments = np.stack(
        [(summed[:, : n - lag] * summed[:, lag:]).sum(axis=1) / n for lag in range(lags + 1)]
    )
    zeroth = moments[0] + 2 * moments[1:].sum(axis=0)
    first = 2 * (np.arange(1, lags + 1)[:, None] * moments[1:]).sum(axis=0)
    bandwidth: FloatArray = 1.1447 * ((first / zeroth) ** 2 * n_obs) ** (1 / 3)
    return bandwidth


def _bartlett_weights(bandwidth: FloatArray, n_obs: int) -> FloatArray:
    lags = np.floor(bandwidth)[:, None]
    weights: FloatArray = np.maximum(1 - np.arange(n_obs) / (lags + 1), 0.0)
    return weights


def _spectral_weights(bandwidth: FloatArray, n_obs: int) -> FloatArray:
    place = np.arange(n_obs) / bandwidth[:, None]
    angle = 6 * np.pi * place[:, 1:] / 5
    later = 3 / angle**2 * (np.sin(angle) / angle - np.cos(angle))
    return np.concatenate([np.ones((len(bandwidth), 1)), later], axis=1)


def _weighted_sums(projected: FloatArray, weights: FloatArray) -> FloatArray:
    """sum over all pairs of years of w_|s-t| p_s p_t, shape (m, c)."""
    n = projected.shape[2]
    total: FloatArray = (projected**2).sum(axis=2)
    for lag in range(1, n):
        product = (projected[:, :, lag:] * projected[:, :, : n - lag]).sum(axis=2)
        total += 2 * weights[:, lag, None] * product
    return total
