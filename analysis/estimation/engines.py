"""Least squares and Poisson regressions with fixed effects, by the engine that is asked for.

"kernel" is this project's own absorbing regression; "linearmodels" is `PanelOLS` of that package;
"pyfixest" is `feols` and `fepois` of that one, after R's fixest. They estimate the same numbers.
Residualised regressors and their (X'X)^-1, of which standard errors are made, come from the
kernel whatever the engine, so that one convention holds throughout; the errors are those of the
engine's residuals.

Formulas are made of the names y, x0, x1, ..., e0, e1 that are given here, never of names in data.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import EstimationError, UsageError
from analysis.estimation.poisson_panel import fit_poisson, last_step
from analysis.kernel.panel_covariance import WithinFit, fit_within
from analysis.kernel.two_way import Effects
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
ENGINES = ("linearmodels", "kernel", "pyfixest")
POISSON_ENGINES = ("kernel", "pyfixest")
LARGE = "The engine pyfixest needs pyfixest: pip install 'juncture[large]'."
TOLERANCE = 1e-12  # relative, at which pyfixest's least squares on the effects stop
SETTLED = 1e-12  # of pyfixest's Poisson deviance
ROUNDS = 200
UNSETTLED = (
    f"The Poisson estimates of pyfixest did not settle in {ROUNDS} rounds; a regressor may tell "
    "exactly where the outcome is 0."
)


def check_engine(engine: str, known: tuple[str, ...] = ENGINES) -> None:
    """Refuse an engine there is not, or that is not installed.

    Raises:
        UsageError: The engine is not among `known`, or its package is missing.
    """
    if engine not in known:
        raise UsageError(f'There is no engine "{engine}" here; known are {join_words(known)}.')
    if engine == "pyfixest":
        _load_pyfixest()


def fit_least_squares(y: FloatArray, x: FloatArray, effects: Effects, engine: str) -> WithinFit:
    """Regress y on x with one or two sets of fixed effects.

    Args:
        y: Shape (n,).
        x: Shape (n, k); without an intercept, which the effects hold.
        effects: Sets of effects, without weights; rows must be in one cell of two sets once.
        engine: One of `ENGINES`.

    Raises:
        EstimationError: The regressors are collinear, or the engine found no estimates.
        UsageError: There is no such engine, or it is not installed.
    """
    check_engine(engine)
    fit = fit_within(y, x, effects)
    if engine == "kernel":
        return fit
    if engine == "pyfixest":
        model = _feols(y, x, effects)
        return replace(fit, estimates=_slopes(model, x), residuals=np.asarray(model.resid()))
    estimates = _panel_ols(y, x, effects)
    residuals = fit.residuals + fit.regressors @ (fit.estimates - estimates)
    return replace(fit, estimates=estimates, residuals=residuals)


def fit_poisson_by(
    y: FloatArray, x: FloatArray, effects: Callable[[FloatArray | None], Effects], engine: str
) -> WithinFit:
    """Estimate Poisson pseudo-likelihood; the fit is the last weighted step of `fit_poisson`.

    Args:
        y: 0 or more, shape (n,); rows that say nothing are left out by `informative_rows`.
        x: Shape (n, k).
        effects: Makes the effects with given weights; None for equal ones.
        engine: One of `POISSON_ENGINES`.

    Raises:
        EstimationError: The steps do not settle.
        UsageError: There is no such engine, or it is not installed.
    """
    check_engine(engine, POISSON_ENGINES)
    if engine == "kernel":
        return fit_poisson(y, x, effects)
    model = _fepois(y, x, effects(None))
    if not model.convergence:
        raise EstimationError(UNSETTLED)
    mean = np.asarray(model.predict(type="response"), dtype=float)
    return last_step(y, x, mean, _slopes(model, x), effects)


def _load_pyfixest() -> ModuleType:
    try:
        import pyfixest  # it takes a second to load what it needs
    except ImportError as error:
        raise UsageError(LARGE) from error
    return pyfixest


@contextmanager
def _quiet() -> Iterator[None]:
    """Without pandas' notes to pyfixest's authors on what later versions will not have."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.Pandas4Warning)
        yield


def _feols(y: FloatArray, x: FloatArray, effects: Effects) -> Any:
    pyfixest = _load_pyfixest()
    frame, formula = _tabulate(y, x, effects)
    try:
        with _quiet():
            return pyfixest.feols(
                formula,
                data=frame,
                vcov="iid",
                fixef_rm="none",
                demeaner=_demeaner(pyfixest),
                copy_data=False,
                store_data=False,
            )
    except ValueError as error:  # its word for effects that do not settle
        raise EstimationError(f"pyfixest could not take the effects out: {error}") from error


def _fepois(y: FloatArray, x: FloatArray, effects: Effects) -> Any:
    pyfixest = _load_pyfixest()
    frame, formula = _tabulate(y, x, effects)
    try:
        with _quiet():
            return pyfixest.fepois(
                formula,
                data=frame,
                vcov="iid",
                fixef_rm="none",
                iwls_tol=SETTLED,
                iwls_maxiter=ROUNDS,
                separation_check=[],  # `informative_rows` has left out what is separated
                demeaner=_demeaner(pyfixest),
            )
    except (pyfixest.errors.NonConvergenceError, np.linalg.LinAlgError, ValueError) as error:
        raise EstimationError(UNSETTLED) from error


def _demeaner(pyfixest: ModuleType) -> Any:
    return pyfixest.LsmrDemeaner(fixef_atol=TOLERANCE, fixef_btol=TOLERANCE)


def _tabulate(y: FloatArray, x: FloatArray, effects: Effects) -> tuple[pd.DataFrame, str]:
    """A table with names of our own, and the formula of its columns."""
    regressors = [f"x{place}" for place in range(x.shape[1])]
    sets = [f"e{place}" for place in range(len(effects.codes))]
    columns = {
        "y": y,
        **dict(zip(regressors, x.T, strict=True)),
        **dict(zip(sets, effects.codes, strict=True)),
    }
    return pd.DataFrame(columns), f"y ~ {' + '.join(regressors)} | {' + '.join(sets)}"


def _slopes(model: Any, x: FloatArray) -> FloatArray:
    names = [f"x{place}" for place in range(x.shape[1])]
    found = model.coef().reindex(names).to_numpy(dtype=float)
    if not np.isfinite(found).all():
        raise EstimationError("The regressors are collinear to pyfixest; leave one of them out.")
    slopes: FloatArray = found
    return slopes


def _panel_ols(y: FloatArray, x: FloatArray, effects: Effects) -> FloatArray:
    from linearmodels.panel import PanelOLS  # it takes a second to load

    first, *others = effects.codes
    second = others[0] if others else np.arange(len(y))
    index = pd.MultiIndex.from_arrays([first, second], names=["e0", "e1"])
    columns = [f"x{place}" for place in range(x.shape[1])]
    model = PanelOLS(
        pd.Series(y, index=index, name="y"),
        pd.DataFrame(x, index=index, columns=columns),
        entity_effects=True,
        time_effects=bool(others),
    )
    estimates: FloatArray = model.fit().params.to_numpy(dtype=float)
    return estimates
