"""Poisson pseudo-likelihood with unit and year effects.

E y_dt = exp(b x_dt + a_d + c_t), by iterated weighted least squares with the effects taken out of
each step (Correia, Guimaraes & Zylkin 2020, Stata J. 20, 95-115, doi:10.1177/1536867X20909691).
Units and years in which the outcome is always 0 say nothing about b and have no finite effect;
they are left out (Santos Silva & Tenreyro 2010, Economics Letters 107, 310-312).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.design.dyad_panel import DyadPanel
from analysis.errors import DesignError, EstimationError
from analysis.kernel.panel_covariance import WithinFit, fit_within
from analysis.kernel.two_way import Effects, residualise

FloatArray = NDArray[np.float64]
ROUNDS = 100
SETTLED = 1e-10  # relative change of the deviance
STEEPEST = 30.0  # of the linear predictor from one round to the next; beyond it exp runs away


def informative_rows(design: DyadPanel, effects: tuple[str, ...]) -> NDArray[np.intp]:
    """Rows of units and years with an outcome above 0.

    Raises:
        DesignError: An outcome is negative, or none is above 0.
    """
    if design.y.min() < 0:
        raise DesignError(
            f"{design.outcome} comes down to {design.y.min():g}; a Poisson model needs 0 or more."
        )
    keep = np.ones(len(design.y), dtype=bool)
    codes = {"unit": design.unit, "year": design.year}
    while True:
        before = int(keep.sum())
        for name in effects:
            positive = np.unique(codes[name][keep & (design.y > 0)])
            keep &= np.isin(codes[name], positive)
        if int(keep.sum()) == before:
            break
    if not keep.any() or design.y.max() == 0:
        raise DesignError(f"{design.outcome} is 0 throughout.")
    return np.flatnonzero(keep)


def fit_poisson(
    y: FloatArray, x: FloatArray, effects: Callable[[FloatArray], Effects]
) -> WithinFit:
    """Estimate by iterated weighted least squares.

    The last weighted step is given as a `WithinFit`: its weights are the fitted means, its
    residuals (y - mean) / mean, so that weight times residual is the score.

    Args:
        y: 0 or more, shape (n,).
        x: Shape (n, k).
        effects: Makes the effects with given weights.

    Raises:
        EstimationError: The steps do not settle.
    """
    mean = (y + y.mean()) / 2
    eta = np.log(mean)
    deviance = _deviance(y, mean)
    for _ in range(ROUNDS):
        response = eta + (y - mean) / mean
        fit = _step(response, x, effects(mean))
        eta = np.clip(response - fit.residuals, -STEEPEST, STEEPEST + np.log(y.max() + 1))
        mean = np.exp(eta)
        latest = _deviance(y, mean)
        if abs(deviance - latest) <= SETTLED * (abs(latest) + 0.1):
            return last_step(y, x, mean, fit.estimates, effects)
        deviance = latest
    raise EstimationError(
        f"The Poisson estimates did not settle in {ROUNDS} rounds; a regressor may tell exactly "
        "where the outcome is 0."
    )


def last_step(
    y: FloatArray,
    x: FloatArray,
    mean: FloatArray,
    estimates: FloatArray,
    effects: Callable[[FloatArray], Effects],
) -> WithinFit:
    """The weighted step at given means, shape (n,), with the estimates they were made by."""
    residuals = (y - mean) / mean
    step = _step(residuals, x, effects(mean))
    return WithinFit(estimates, step.regressors, residuals, step.bread, step.effects)


def _step(response: FloatArray, x: FloatArray, effects: Effects) -> WithinFit:
    """One weighted regression; of the effects alone where there are no regressors."""
    if x.shape[1] > 0:
        return fit_within(response, x, effects)
    none = np.empty(0)
    return WithinFit(none, x, residualise(response, effects), np.empty((0, 0)), effects)


def _deviance(y: FloatArray, mean: FloatArray) -> float:
    logged = np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0) / mean), 0.0)
    return float(2 * (logged - (y - mean)).sum())
