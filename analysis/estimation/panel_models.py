"""Regress an outcome on an exposure over all dyads and years, in words.

    y_dt = b x_dt + a_d + c_t + u_dt

with effects of dyads and years taken out (Frisch & Waugh 1933; Lovell 1963); `model="difference"`
regresses changes over a year on changes, which takes the dyads out; `model="poisson"` is Poisson
pseudo-likelihood for flows and counts with zeros (Santos Silva & Tenreyro 2006, Rev. Econ. Stat.
88, 641-658, doi:10.1162/rest.88.4.641). "between" and "random" compare dyads with each other and
come from linearmodels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.design.dyad_panel import DyadPanel, dyad_panel
from analysis.errors import EstimationError, UsageError
from analysis.estimation.engines import (
    ENGINES,
    POISSON_ENGINES,
    check_engine,
    fit_least_squares,
    fit_poisson_by,
)
from analysis.estimation.panel_between import fit_between, fit_random
from analysis.estimation.panel_effects import EFFECTS, check_effects, effects_of, refuse_constant
from analysis.estimation.panel_errors import (
    ERRORS,
    Errors,
    describe_covariance,
    panel_covariance,
    smaller_than_by_dyad,
)
from analysis.estimation.poisson_panel import informative_rows
from analysis.estimation.regression_result import RegressionResult
from analysis.kernel.dyadic import FEWEST_MEMBERS
from analysis.kernel.panel_covariance import Covariance, WithinFit
from analysis.panel.panel import Panel
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
Model = Literal["ols", "difference", "poisson", "between", "random"]
MODELS = ("ols", "difference", "poisson", "between", "random")
TITLES = {
    ("unit", "year"): "two-way fixed effects",
    ("unit",): "unit fixed effects",
    ("year",): "year fixed effects",
    (): "pooled least squares",
}


def panel_regression(
    panel: Panel,
    *,
    outcome: str,
    exposure: str,
    units: Sequence[str] | None = None,
    effects: Sequence[str] = EFFECTS,
    lags: int = 0,
    model: Model = "ols",
    moderator: str = "",
    controls: Sequence[str] = (),
    transform: str = "none",
    exposure_transform: str = "none",
    carry: Mapping[str, str] | None = None,
    period: tuple[int, int] | None = None,
    errors: Errors = "dyadic",
    level: float = 0.95,
    engine: str = "kernel",
) -> RegressionResult:
    """Regress the outcome on the exposure over units and years.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel; for "poisson" of 0 or more, untransformed.
        exposure: A variable of the panel.
        units: Units of the panel; None for all dyads that have outcome and regressors.
        effects: "unit", "year", both or none; "difference" has no unit effects, "between" none.
        lags: The exposure enters at 0 to `lags` years earlier.
        model: "ols", "difference", "poisson", "between" or "random".
        moderator: Enters itself and times the exposure, both centred; "" for none.
        controls: Further variables.
        transform: Of the outcome.
        exposure_transform: Of the exposure.
        carry: How variables of states become those of dyads; see `dyad_panel`.
        period: First and last year of the outcome.
        errors: "dyadic" lets errors of dyads with a common member be correlated, "clustered"
            those of one unit, "driscoll-kraay" those of all units in neighbouring years; "between"
            and "random" know "clustered" alone.
        level: Of the intervals.
        engine: "kernel", the absorbing regression of this project; "pyfixest" (of the extra
            `large`), whose estimates are the same to some 1e-8; or, but for Poisson,
            "linearmodels". Standard errors are this project's own. "between" and "random" come
            from linearmodels and know no other.

    Raises:
        DesignError: The data cannot answer the question.
        EstimationError: The regressors are collinear, or the errors cannot be estimated.
        UsageError: A variable, unit or word is not known, or the engine is not installed.
    """
    if model not in MODELS:
        raise UsageError(f'There is no model "{model}"; known are {join_words(MODELS)}.')
    _check_engine(model, engine)
    if model == "poisson" and transform != "none":
        raise UsageError("A Poisson model has the logarithm in it; leave transform at none.")
    design = dyad_panel(
        panel,
        outcome=outcome,
        exposure=exposure,
        units=units,
        lags=lags,
        moderator=moderator,
        controls=controls,
        transform=transform,
        exposure_transform=exposure_transform,
        carry=carry,
        differenced=model == "difference",
        period=period,
    )
    return fit_panel(
        design, model=model, effects=effects, errors=errors, level=level, engine=engine
    )


def fit_panel(
    design: DyadPanel,
    *,
    model: Model = "ols",
    effects: Sequence[str] = EFFECTS,
    errors: Errors = "dyadic",
    level: float = 0.95,
    engine: str = "kernel",
) -> RegressionResult:
    """Fit one model to a panel that is laid out; the words are those of `panel_regression`."""
    names = check_effects(effects)
    if errors not in ERRORS:
        raise UsageError(f'There are no errors "{errors}"; known are {join_words(ERRORS)}.')
    if not 0 < level < 1:
        raise UsageError(f"level is {level:g}; it must lie between 0 and 1.")
    if model == "between":
        return fit_between(design, level=level)
    if model == "random":
        return fit_random(design, effects=names, level=level)
    if model == "difference":
        names = tuple(name for name in names if name != "unit")
    rows = np.arange(len(design.y))
    if model == "poisson":
        rows = informative_rows(design, names)
    fit = fit_rows(design, names, rows, poisson=model == "poisson", engine=engine)
    covariance = panel_covariance(fit, design, rows, errors)
    words = TITLES[names]
    if model == "difference":
        words = "first differences" + (", year effects" if names else "")
    if model == "poisson":
        words = f"Poisson pseudo-likelihood, {words}"
    return RegressionResult(
        model=words,
        outcome=design.outcome,
        measured_in=design.measured_in,
        names=design.names,
        estimates=fit.estimates,
        covariance_matrix=covariance.matrix,
        df=float(covariance.df),
        level=level,
        n_obs=len(rows),
        n_units=len(np.unique(design.unit[rows])),
        years=(int(design.year[rows].min()), int(design.year[rows].max())),
        effects=names,
        covariance=describe_covariance(covariance, len(np.unique(design.unit[rows]))),
        r2s=_poisson_r2(design, fit, rows) if model == "poisson" else _r2s(design, fit),
        notes=(*_notes(design, fit, rows, covariance), *_engine_note(engine)),
    )


def fit_rows(
    design: DyadPanel,
    names: tuple[str, ...],
    rows: NDArray[np.intp],
    *,
    poisson: bool = False,
    engine: str = "kernel",
) -> WithinFit:
    """Least squares, or Poisson pseudo-likelihood, with these effects over some rows.

    Raises:
        DesignError: A regressor does not vary within what the effects leave.
    """
    y, x = design.y[rows], design.x[rows]
    refuse_constant(design, names, rows)
    if poisson:
        return fit_poisson_by(
            y, x, lambda weights: effects_of(design, names, rows, weights), engine
        )
    return fit_least_squares(y, x, effects_of(design, names, rows), engine)


def _check_engine(model: Model, engine: str) -> None:
    if model in ("between", "random"):
        if engine != "kernel":
            raise UsageError(
                f'The model "{model}" comes from linearmodels alone; leave engine as it is.'
            )
        return
    check_engine(engine, POISSON_ENGINES if model == "poisson" else ENGINES)


def _engine_note(engine: str) -> tuple[str, ...]:
    if engine == "kernel":
        return ()
    return (f"Estimates by {engine}; standard errors are this project's own.",)


def _r2s(design: DyadPanel, fit: WithinFit) -> dict[str, float]:
    within = fit.residuals + fit.regressors @ fit.estimates
    left = float(fit.residuals @ fit.residuals)
    total = float(((design.y - design.y.mean()) ** 2).sum())
    explained = float(within @ within)
    if explained == 0 or left <= 1e-20 * total:
        raise EstimationError(f"{design.outcome} is fitted without an error; nothing can be said.")
    return {"R2": 1 - left / total, "within R2": 1 - left / explained}


def _poisson_r2(design: DyadPanel, fit: WithinFit, rows: NDArray[np.intp]) -> dict[str, float]:
    """Squared correlation of outcome and fitted mean."""
    assert fit.effects.weights is not None
    return {
        "squared correlation": float(np.corrcoef(design.y[rows], fit.effects.weights)[0, 1] ** 2)
    }


def _notes(
    design: DyadPanel, fit: WithinFit, rows: NDArray[np.intp], covariance: Covariance
) -> tuple[str, ...]:
    notes = []
    left_out = len(design.y) - len(rows)
    if design.dropped:
        notes.append(f"{design.dropped} unit-years with an outcome lack a regressor.")
    if left_out:
        notes.append(f"{left_out} rows of units or years in which the outcome is always 0.")
    if design.interaction:
        notes.append("Exposure and moderator are centred at their means.")
    if covariance.kind == "dyadic" and covariance.n_clusters < FEWEST_MEMBERS:
        notes.append(
            f"Dyadic errors over fewer than {FEWEST_MEMBERS} states are known to be too small."
        )
    if covariance.kind == "dyadic":
        notes += smaller_than_by_dyad(design, fit, rows, covariance)
    if covariance.n_negative:
        notes.append("A negative part of the covariance was set to zero.")
    return tuple(notes)
