"""Instrument an exposure over a panel, and say how weak the instruments are.

Two-stage least squares by linearmodels' IV2SLS, effects taken out beforehand. A weak instrument
makes its t-values wrong: the first stage's F with robust errors, and with one instrument the
effective F of Montiel Olea & Pflueger (2013, J. Bus. Econ. Stat. 31, 358-369,
doi:10.1080/00401706.2013.806694), stand beside it, and the test of Anderson & Rubin (1949, Ann.
Math. Stat. 20, 46-63), which holds however weak the instruments are: an effect b0 is kept if the
instruments say nothing about y - b0 x.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from linearmodels.iv import IV2SLS
from numpy.typing import NDArray
from scipy import stats

from analysis.design.dyad_panel import DyadPanel, dyad_panel
from analysis.errors import EstimationError, UsageError
from analysis.estimation.panel_effects import EFFECTS, check_effects, effects_of, refuse_constant
from analysis.estimation.panel_errors import Errors, describe_covariance, panel_covariance
from analysis.estimation.regression_result import RegressionResult
from analysis.kernel.panel_covariance import WithinFit, fit_within
from analysis.kernel.two_way import Effects, residualise
from analysis.panel.panel import Panel
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
STRONG = 10.0  # first-stage F below which Staiger & Stock (1997) call instruments weak
REACH = 40.0  # standard errors to either side over which the Anderson-Rubin set is looked for
STEPS = 4_001


def instrumented_regression(
    panel: Panel,
    *,
    outcome: str,
    exposure: str,
    instruments: Sequence[str],
    units: Sequence[str] | None = None,
    effects: Sequence[str] = EFFECTS,
    controls: Sequence[str] = (),
    transform: str = "none",
    exposure_transform: str = "none",
    carry: Mapping[str, str] | None = None,
    period: tuple[int, int] | None = None,
    errors: Errors = "dyadic",
    level: float = 0.95,
) -> RegressionResult:
    """Estimate the effect of an exposure by two-stage least squares.

    `facts` of the result holds the first stage's F and p, Anderson and Rubin's F and p of no
    effect, and the ends of their interval (nan where the set of effects not rejected is not one
    interval within reach).

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        exposure: The endogenous variable.
        instruments: Variables that move the exposure and are taken to touch the outcome in no
            other way; no test can show that.
        units: Units of the panel; None for all that have everything.
        effects: "unit", "year", both or none.
        controls: Further variables, in both stages.
        transform: Of the outcome.
        exposure_transform: Of the exposure.
        carry: How variables of states become those of dyads; see `dyad_panel`.
        period: First and last year.
        errors: "dyadic", "clustered" or "driscoll-kraay".
        level: Of the intervals.

    Raises:
        DesignError: The data cannot answer the question.
        EstimationError: The instruments are collinear, or errors cannot be estimated.
        UsageError: No instrument is named, or a word is not known.
    """
    if not instruments:
        raise UsageError("Name at least one instrument.")
    design = dyad_panel(
        panel,
        outcome=outcome,
        exposure=exposure,
        units=units,
        controls=[*controls, *instruments],
        transform=transform,
        exposure_transform=exposure_transform,
        carry=carry,
        period=period,
    )
    return fit_instrumented(design, len(instruments), effects=effects, errors=errors, level=level)


def fit_instrumented(
    design: DyadPanel,
    n_instruments: int,
    *,
    effects: Sequence[str] = EFFECTS,
    errors: Errors = "dyadic",
    level: float = 0.95,
) -> RegressionResult:
    """Two-stage least squares; the last `n_instruments` regressors are the instruments."""
    names = check_effects(effects)
    rows = np.arange(len(design.y))
    refuse_constant(design, names, rows)
    taken = effects_of(design, names, rows)
    left = residualise(np.column_stack([design.y, design.x]), taken)
    cut = left.shape[1] - n_instruments
    y, exposure, controls, z = left[:, 0], left[:, 1], left[:, 2:cut], left[:, cut:]
    fitted = IV2SLS(
        pd.Series(y),
        pd.DataFrame(controls) if controls.size else None,
        pd.DataFrame(exposure),
        pd.DataFrame(z),
    ).fit(cov_type="unadjusted")
    by_place = fitted.params.to_numpy()
    estimates = np.concatenate([by_place[-1:], by_place[:-1]])  # the exposure first
    x = np.column_stack([exposure, controls])
    exogenous = np.column_stack([controls, z])
    projected = exogenous @ np.linalg.lstsq(exogenous, x)[0]
    second = WithinFit(
        estimates=estimates,
        regressors=projected,
        residuals=y - x @ estimates,
        bread=np.linalg.inv(projected.T @ projected),
        effects=taken,
    )
    covariance = panel_covariance(second, design, rows, errors)
    first_f, first_p, _ = _joint(design, rows, taken, exposure, exogenous, n_instruments, errors)
    anderson, p, interval = _anderson_rubin(
        design, rows, taken, y, exposure, exogenous, n_instruments, errors, level,
        centre=float(estimates[0]), width=float(covariance.std_errors[0]),
    )  # fmt: skip
    notes = [f"Instruments: {join_words(design.names[-n_instruments:])}."]
    if first_f < STRONG:
        notes.append(
            f"The first stage's F is {first_f:.2g}, below {STRONG:g}: the instruments are weak, "
            "read Anderson and Rubin's interval."
        )
    if not np.isfinite(interval).all():
        notes.append("Anderson and Rubin's set is not one interval within reach.")
    return RegressionResult(
        model="two-stage least squares",
        outcome=design.outcome,
        measured_in=design.measured_in,
        names=design.names[: len(estimates)],
        estimates=estimates,
        covariance_matrix=covariance.matrix,
        df=float(covariance.df),
        level=level,
        n_obs=len(rows),
        n_units=len(design.units),
        years=design.years,
        effects=names,
        covariance=describe_covariance(covariance, len(design.units)),
        facts={
            "first-stage F": first_f,
            "first-stage p": first_p,
            "Anderson-Rubin F": anderson,
            "Anderson-Rubin p": p,
            "Anderson-Rubin low": interval[0],
            "Anderson-Rubin high": interval[1],
        },
        notes=tuple(notes),
    )


def _joint(
    design: DyadPanel,
    rows: NDArray[np.intp],
    taken: Effects,
    left_side: FloatArray,
    exogenous: FloatArray,
    count: int,
    errors: Errors,
) -> tuple[float, float, int]:
    """F that the last `count` columns say nothing about the left side, p, and df."""
    fit = fit_within(left_side, exogenous, taken)
    covariance = panel_covariance(fit, design, rows, errors)
    part, spread = fit.estimates[-count:], covariance.matrix[-count:, -count:]
    if np.linalg.matrix_rank(spread) < count:
        raise EstimationError(
            f"The covariance of {count} instruments has not full rank; there are too few clusters "
            "for it, choose other errors or fewer instruments."
        )
    f = float(part @ np.linalg.solve(spread, part)) / count
    return f, float(stats.f.sf(f, count, covariance.df)), covariance.df


def _anderson_rubin(
    design: DyadPanel,
    rows: NDArray[np.intp],
    taken: Effects,
    y: FloatArray,
    exposure: FloatArray,
    exogenous: FloatArray,
    count: int,
    errors: Errors,
    level: float,
    *,
    centre: float,
    width: float,
) -> tuple[float, float, tuple[float, float]]:
    """F and p of no effect, and the interval of effects not rejected.

    The estimates of y - b0 x and their covariance are polynomials of b0 of degree one and two, so
    that three fits give them at every b0.
    """

    def at(effect: float) -> tuple[FloatArray, FloatArray, int]:
        fit = fit_within(y - effect * exposure, exogenous, taken)
        covariance = panel_covariance(fit, design, rows, errors)
        return fit.estimates[-count:], covariance.matrix[-count:, -count:], covariance.df

    (low_b, low_v, df), (mid_b, mid_v, _), (high_b, high_v, _) = (
        at(centre + step * width) for step in (-1.0, 0.0, 1.0)
    )
    slope_b = (high_b - low_b) / 2
    slope_v, bend_v = (high_v - low_v) / 2, (high_v + low_v) / 2 - mid_v
    steps = np.linspace(-REACH, REACH, STEPS)
    f = np.empty(STEPS)
    for place, step in enumerate(steps):
        part = mid_b + step * slope_b
        spread = mid_v + step * slope_v + step * step * bend_v
        f[place] = part @ np.linalg.pinv(spread, hermitian=True) @ part / count
    kept = f <= stats.f.ppf(level, count, df)
    found, p, _ = _joint(design, rows, taken, y, exogenous, count, errors)
    inside = np.flatnonzero(kept)
    whole = len(inside) > 0 and bool(kept[inside[0] : inside[-1] + 1].all())
    if not whole or kept[0] or kept[-1]:
        return found, p, (float("nan"), float("nan"))
    ends = centre + width * steps[[inside[0], inside[-1]]]
    return found, p, (float(ends[0]), float(ends[1]))
