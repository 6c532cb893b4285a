"""Poisson and binomial regressions of many series at once, by iterated weighted least squares.

    counts: log E y_t = o_t + x_t'b,           var y_t = phi E y_t
    shares: logit E y_t / n_t = x_t'b,         var y_t = phi n_t p_t (1 - p_t)

phi = 1 gives the usual standard errors; quasi-likelihood estimates phi by Pearson's statistic over
n - k (Wedderburn 1974, Biometrika 61, 439-447, doi:10.1093/biomet/61.3.439).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from analysis.kernel.triangles import Triangle, backward, cholesky, forward

FloatArray = NDArray[np.float64]
Family = Literal["poisson", "binomial"]
ROUNDS = 60
SETTLED = 1e-10  # largest move of the linear predictor
ETA_BOUND = 30.0  # where events are all or nothing the predictor runs away and is held here


@dataclass(frozen=True, eq=False)
class GlmFits:
    """Fits of many series.

    Attributes:
        estimates: Contrasts of the coefficients, shape (m, c).
        std_errors: Their standard errors with phi = 1, shape (m, c).
        dispersion: phi, shape (m,).
        mean: Fitted E y_t, shape (m, n).
    """

    estimates: FloatArray
    std_errors: FloatArray
    dispersion: FloatArray
    mean: FloatArray

    @property
    def statistics(self) -> FloatArray:
        """z values with phi = 1, shape (m, c)."""
        return self.estimates / self.std_errors

    @property
    def quasi_errors(self) -> FloatArray:
        """Standard errors with the estimated phi, shape (m, c)."""
        return self.std_errors * np.sqrt(self.dispersion)[:, None]

    @property
    def quasi_statistics(self) -> FloatArray:
        """t values with the estimated phi, n - k degrees of freedom, shape (m, c)."""
        return self.estimates / self.quasi_errors


def fit_glm(
    outcomes: FloatArray,
    regressors: FloatArray,
    contrasts: FloatArray,
    family: Family,
    size: FloatArray,
) -> GlmFits:
    """Fit each row of `outcomes`.

    Args:
        outcomes: Counts of events, shape (m, n).
        regressors: X, shape (n, k).
        contrasts: Rows R of which R b is estimated, shape (c, k).
        family: "poisson" with log link or "binomial" with logit link.
        size: Exposure e^o of each year, or number of trials, shape (n,).
    """
    q, triangle = np.linalg.qr(regressors)
    squares = (q[:, :, None] * q[:, None, :]).reshape(len(q), -1)
    eta = _start(outcomes, family, size)
    going = np.arange(len(outcomes))
    for _ in range(ROUNDS):
        mean, weights = _moments(eta[going], family, size)
        working = weights * eta[going] + (outcomes[going] - mean)
        factor = _factor(weights, squares, q.shape[1])
        beta = backward(factor, forward(factor, (working @ q).T))
        fresh = np.clip(beta.T @ q.T, -ETA_BOUND, ETA_BOUND)
        moved = np.abs(fresh - eta[going]).max(axis=1) > SETTLED
        eta[going] = fresh
        going = going[moved]
        if not len(going):
            break
    mean, weights = _moments(eta, family, size)
    factor = _factor(weights, squares, q.shape[1])
    rotated = np.linalg.solve(triangle.T, contrasts.T)
    rays = [forward(factor, np.repeat(row[:, None], len(outcomes), axis=1)) for row in rotated.T]
    pearson = ((outcomes - mean) ** 2 / weights).sum(axis=1)
    return GlmFits(
        estimates=eta @ q @ rotated,
        std_errors=np.sqrt(np.stack([(ray * ray).sum(axis=0) for ray in rays], axis=1)),
        dispersion=pearson / (len(q) - q.shape[1]),
        mean=mean,
    )


def mean_of(eta: FloatArray, family: Family, size: FloatArray) -> FloatArray:
    """E y_t at a linear predictor without offset."""
    mean: FloatArray = size * (np.exp(eta) if family == "poisson" else expit(eta))
    return mean


def _start(outcomes: FloatArray, family: Family, size: FloatArray) -> FloatArray:
    start = (
        np.log((outcomes + 0.375) / size)
        if family == "poisson"
        else logit((outcomes + 0.5) / (size + 1))
    )
    return np.asarray(start, dtype=np.float64)


def _moments(eta: FloatArray, family: Family, size: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and variance at phi = 1; with canonical links the latter is the weight."""
    mean = mean_of(eta, family, size)
    variance = mean if family == "poisson" else mean * expit(-eta)
    return mean, np.asarray(variance, dtype=np.float64)


def _factor(weights: FloatArray, squares: FloatArray, k: int) -> Triangle:
    return cholesky((weights @ squares).T.reshape(k, k, -1), k)
