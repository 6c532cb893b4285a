"""Regress several outcomes on the same exposure at once, and compare the coefficients.

Seemingly unrelated regressions (Zellner 1962, J. Am. Stat. Assoc. 57, 348-368, doi:10.2307/2281644)
by linearmodels, effects taken out beforehand. Where every equation has the same regressors the
estimates are those of least squares; what the system adds is how the estimates vary together, and
with that tests across equations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from linearmodels.system import SUR
from numpy.typing import NDArray
from scipy import stats

from analysis.design.dyad_panel import DyadPanel, dyad_panel
from analysis.errors import DesignError, UsageError
from analysis.estimation.panel_effects import EFFECTS, check_effects, effects_of, refuse_constant
from analysis.estimation.panel_errors import Errors, describe_covariance, panel_covariance
from analysis.estimation.regression_result import SHOWN, RegressionResult
from analysis.kernel.panel_covariance import WithinFit
from analysis.kernel.two_way import residualise
from analysis.panel.panel import Panel

FloatArray = NDArray[np.float64]
MIN_ROWS = 30


@dataclass(frozen=True, eq=False, repr=False)
class SystemResult:
    """One equation for each outcome, estimated together.

    Attributes:
        equations: By outcome.
        exposure: The regressor that is compared.
        covariance_matrix: Of the exposure's coefficients, in the order of `equations`.
        correlations: Of the equations' residuals, index and columns by outcome.
        tests: Cross-equation Wald tests, one row each: statistic (F), df, df_resid, p_value.
    """

    equations: Mapping[str, RegressionResult]
    exposure: str
    covariance_matrix: FloatArray
    correlations: pd.DataFrame
    tests: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """One row for each outcome and term."""
        frames = {name: result.to_frame() for name, result in self.equations.items()}
        return pd.concat(frames, names=["outcome", "term"])

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "exposure": self.exposure,
            "equations": {name: result.to_dict() for name, result in self.equations.items()},
            "correlations": self.correlations.to_dict(),
            "tests": self.tests.to_dict(orient="index"),
            "status": SHOWN,
        }

    def summary(self) -> str:
        """Coefficients, residual correlations and tests; the same on every run."""
        parts = [frame.map(_write).to_string() for frame in (self.to_frame(), self.tests)]
        correlations = "Correlations of residuals:\n" + self.correlations.map(_write).to_string()
        first = next(iter(self.equations.values()))
        return "\n".join(
            [parts[0], correlations, parts[1], f"Standard errors: {first.covariance}.",
             f"Status: {SHOWN}."]
        )  # fmt: skip

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        first = next(iter(self.equations.values()))
        tables = (self.to_frame(), self.correlations, self.tests)
        shown = "".join(table.map(_write).to_html() for table in tables)
        return f"{shown}<p><small>{escape(first.covariance)}. {SHOWN}.</small></p>"


def panel_system(
    panel: Panel,
    *,
    outcomes: Sequence[str],
    exposure: str,
    units: Sequence[str] | None = None,
    effects: Sequence[str] = EFFECTS,
    controls: Sequence[str] = (),
    transforms: Mapping[str, str] | None = None,
    exposure_transform: str = "none",
    carry: Mapping[str, str] | None = None,
    standardise: bool = True,
    period: tuple[int, int] | None = None,
    errors: Errors = "dyadic",
    level: float = 0.95,
) -> SystemResult:
    """Regress several outcomes on one exposure over the unit-years in which all are known.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcomes: Two variables or more.
        exposure: A variable of the panel.
        units: Units of the panel; None for all that have everything.
        effects: "unit", "year", both or none.
        controls: Further variables, in every equation.
        transforms: Of the outcomes, by name; "none" where none is given.
        exposure_transform: Of the exposure.
        carry: How variables of states become those of dyads; see `dyad_panel`.
        standardise: Divide each outcome by its sd within the effects, so that coefficients can be
            compared between outcomes in different units.
        period: First and last year.
        errors: "dyadic", "clustered" or "driscoll-kraay".
        level: Of the intervals.

    Raises:
        DesignError: Too few unit-years have everything.
        UsageError: Fewer than two outcomes, or a word that is not known.
    """
    if len(set(outcomes)) < 2:
        raise UsageError("A system needs two outcomes or more; for one use panel_regression.")
    transforms = transforms or {}
    for name in transforms:
        if name not in outcomes:
            raise UsageError(f"{name} in transforms is none of the outcomes.")
    designs = [
        dyad_panel(
            panel,
            outcome=outcome,
            exposure=exposure,
            units=units,
            controls=controls,
            transform=transforms.get(outcome, "none"),
            exposure_transform=exposure_transform,
            carry=carry,
            period=period,
        )
        for outcome in outcomes
    ]
    return fit_system(_in_common(designs), effects, standardise, errors, level)


def fit_system(
    designs: Sequence[DyadPanel],
    effects: Sequence[str],
    standardise: bool,
    errors: Errors,
    level: float,
) -> SystemResult:
    """Fit equations that are laid out on the same rows with the same regressors."""
    names = check_effects(effects)
    first = designs[0]
    rows = np.arange(len(first.y))
    refuse_constant(first, names, rows)
    taken = effects_of(first, names, rows)
    x = residualise(first.x, taken)
    y = residualise(np.column_stack([design.y for design in designs]), taken)
    if standardise:
        y = y / y.std(axis=0)
    equations = {
        design.outcome: {
            "dependent": pd.DataFrame({design.outcome: y[:, place]}),
            "exog": pd.DataFrame(x, columns=list(first.names)),
        }
        for place, design in enumerate(designs)
    }
    fitted = SUR(equations).fit(cov_type="unadjusted")
    k = len(first.names)
    estimates = fitted.params.to_numpy().reshape(len(designs), k)
    left = y - x @ estimates.T
    bread = np.linalg.inv(x.T @ x)
    stacked = WithinFit(
        estimates=estimates[0],  # K of the small-sample convention is that of one equation
        regressors=np.hstack([x * left[:, [place]] for place in range(len(designs))]),
        residuals=np.ones(len(rows)),  # the scores stand in `regressors`
        bread=np.kron(np.eye(len(designs)), bread),
        effects=taken,
    )
    whole = panel_covariance(stacked, first, rows, errors)
    words = describe_covariance(whole, len(first.units))
    results = {}
    for place, design in enumerate(designs):
        own = slice(place * k, (place + 1) * k)
        results[design.outcome] = RegressionResult(
            model="seemingly unrelated regressions",
            outcome=design.outcome,
            measured_in="sd within effects" if standardise else design.measured_in,
            names=first.names,
            estimates=estimates[place],
            covariance_matrix=whole.matrix[own, own],
            df=float(whole.df),
            level=level,
            n_obs=len(rows),
            n_units=len(first.units),
            years=first.years,
            effects=names,
            covariance=words,
            r2s={
                "within R2": float(
                    1 - left[:, place] @ left[:, place] / (y[:, place] @ y[:, place])
                )
            },
        )
    chosen = np.arange(len(designs)) * k
    matrix = whole.matrix[np.ix_(chosen, chosen)]
    outcomes = [design.outcome for design in designs]
    return SystemResult(
        equations=results,
        exposure=first.names[0],
        covariance_matrix=matrix,
        correlations=pd.DataFrame(np.corrcoef(left.T), index=outcomes, columns=outcomes),
        tests=_tests(estimates[:, 0], matrix, whole.df),
    )


def _tests(estimates: FloatArray, matrix: FloatArray, df: int) -> pd.DataFrame:
    """Are all coefficients zero; are they equal?"""
    count = len(estimates)
    differences = np.eye(count)[1:] - np.eye(count)[0]
    rows = {}
    for name, contrasts in (("all are zero", np.eye(count)), ("all are equal", differences)):
        gap = contrasts @ estimates
        spread = contrasts @ matrix @ contrasts.T
        f = float(gap @ np.linalg.pinv(spread, hermitian=True) @ gap) / len(contrasts)
        rows[name] = {
            "statistic": f,
            "df": len(contrasts),
            "df_resid": df,
            "p_value": float(stats.f.sf(f, len(contrasts), df)),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("hypothesis")


def _in_common(designs: Sequence[DyadPanel]) -> list[DyadPanel]:
    """The designs on the unit-years that all of them have."""
    keys = [pd.MultiIndex.from_arrays([np.array(d.units)[d.unit], d.year]) for d in designs]
    common = keys[0]
    for other in keys[1:]:
        common = common.intersection(other)
    if len(common) < MIN_ROWS:
        raise DesignError(
            f"All outcomes are known together in {len(common)} unit-years; a system needs "
            f"{MIN_ROWS}."
        )
    out = []
    for design, key in zip(designs, keys, strict=True):
        rows = np.flatnonzero(key.isin(common))
        kept = np.unique(design.unit[rows])
        out.append(
            replace(
                design,
                y=design.y[rows],
                x=design.x[rows],
                units=tuple(design.units[place] for place in kept),
                unit=np.searchsorted(kept, design.unit[rows]).astype(np.int64),
                year=design.year[rows],
                members=design.members[kept],
            )
        )
    return out


def _write(value: float) -> str:
    return f"{value:.4g}"
