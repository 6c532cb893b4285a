"""The AR(1) model with its full covariance matrix, as in the textbook: slow and plain to see."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class DenseFit:
    """GLS at one autocorrelation, every matrix written out."""

    beta: FloatArray
    covariance: FloatArray  # of beta
    innovation_sd: float
    log_likelihood: float  # restricted, with the constant of R's nlme::gls
    whitened: FloatArray  # residuals over their standard deviation given the past, times s


def ar1_covariance(years: NDArray[np.int64], rho: float) -> FloatArray:
    """V with cov(u_s, u_t) = rho^|s - t| / (1 - rho^2): innovations of unit variance."""
    return rho ** np.abs(np.subtract.outer(years, years)) / (1 - rho**2)


def dense_fit(y: FloatArray, x: FloatArray, years: NDArray[np.int64], rho: float) -> DenseFit:
    """Generalised least squares with the covariance of an AR(1) at this rho."""
    v = ar1_covariance(years, rho)
    inverse = np.linalg.inv(v)
    gram = x.T @ inverse @ x
    beta = np.linalg.solve(gram, x.T @ inverse @ y)
    errors = y - x @ beta
    spare = len(y) - x.shape[1]
    variance = float(errors @ inverse @ errors) / spare
    log_likelihood = -0.5 * (
        spare * (np.log(2 * np.pi * variance) + 1)
        + np.linalg.slogdet(v)[1]
        + np.linalg.slogdet(gram)[1]
    )
    return DenseFit(
        beta=beta,
        covariance=variance * np.linalg.inv(gram),
        innovation_sd=float(np.sqrt(variance)),
        log_likelihood=float(log_likelihood),
        whitened=np.linalg.solve(np.linalg.cholesky(v), errors),
    )


def dense_rho(y: FloatArray, x: FloatArray, years: NDArray[np.int64]) -> float:
    """The rho with the highest restricted likelihood, by a search that knows no grid."""
    found = minimize_scalar(
        lambda rho: -dense_fit(y, x, years, rho).log_likelihood,
        bounds=(-0.95, 0.99),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return float(found.x)
