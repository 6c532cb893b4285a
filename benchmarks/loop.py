"""The alternatives: one series at a time, as one would write it for a single series."""

from itertools import combinations, pairwise

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

FloatArray = NDArray[np.float64]


def fit_one(series: FloatArray, regressors: FloatArray) -> tuple[float, FloatArray]:
    """REML's rho by a scalar search, and the t values of all coefficients by statsmodels."""
    found = minimize_scalar(
        _deviance, args=(series, regressors), bounds=(-0.95, 0.99), method="bounded"
    )
    fit = sm.OLS(_whiten(series, found.x), _whiten(regressors, found.x)).fit()
    return float(found.x), np.asarray(fit.tvalues)


def bootstrap_one(generator: np.random.Generator, rho: float, regressors: FloatArray) -> FloatArray:
    """t values of one series drawn from an AR(1) in which nothing happens."""
    errors = generator.standard_normal(len(regressors))
    errors[0] /= np.sqrt(1 - rho**2)
    for year in range(1, len(errors)):
        errors[year] += rho * errors[year - 1]
    return fit_one(errors, regressors)[1]


def permute_one(
    series: FloatArray, candidates: list[int], dates: list[int], spacing: int
) -> tuple[float, int]:
    """p of the sum of changes at `dates` (positions in the series) among all placements."""
    change = {at: float(series[at] - series[at - 1]) for at in candidates}
    declared = sum(change[at] for at in dates)
    reached = total = 0
    for placed in combinations(candidates, len(dates)):
        if all(b - a >= spacing for a, b in pairwise(placed)):
            total += 1
            reached += sum(change[at] for at in placed) >= declared - 1e-9
    return reached / total, total


def permute_one_by_numpy(series: FloatArray, where: NDArray[np.int64], declared: int) -> float:
    """The same with the placements enumerated once, shape (p, dates), and arrays over them."""
    placed = (series[where] - series[where - 1]).sum(axis=1)
    return float((placed >= placed[declared] - 1e-9).mean())


def _deviance(rho: float, y: FloatArray, x: FloatArray) -> float:
    y, x = _whiten(y, rho), _whiten(x, rho)
    _, (rss,), _, _ = np.linalg.lstsq(x, y)
    log_det = np.linalg.slogdet(x.T @ x).logabsdet
    return float((len(y) - x.shape[1]) * np.log(rss) + log_det - np.log(1 - rho**2))


def _whiten(rows: FloatArray, rho: float) -> FloatArray:
    white = rows - rho * np.roll(rows, 1, axis=0)
    white[0] = np.sqrt(1 - rho**2) * rows[0]
    return white
