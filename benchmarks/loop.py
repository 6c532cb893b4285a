"""The alternative: one series at a time, REML profile by a scalar search, OLS by statsmodels."""

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

FloatArray = NDArray[np.float64]


def fit_one(series: FloatArray, regressors: FloatArray) -> tuple[float, FloatArray]:
    """REML's rho and the t values of all coefficients of one series without missing years."""
    found = minimize_scalar(
        _deviance, args=(series, regressors), bounds=(-0.95, 0.99), method="bounded"
    )
    fit = sm.OLS(_whiten(series, found.x), _whiten(regressors, found.x)).fit()
    return float(found.x), np.asarray(fit.tvalues)


def _deviance(rho: float, y: FloatArray, x: FloatArray) -> float:
    y, x = _whiten(y, rho), _whiten(x, rho)
    _, (rss,), _, _ = np.linalg.lstsq(x, y)
    log_det = np.linalg.slogdet(x.T @ x).logabsdet
    return float((len(y) - x.shape[1]) * np.log(rss) + log_det - np.log(1 - rho**2))


def _whiten(rows: FloatArray, rho: float) -> FloatArray:
    white = rows - rho * np.roll(rows, 1, axis=0)
    white[0] = np.sqrt(1 - rho**2) * rows[0]
    return white
