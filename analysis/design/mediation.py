"""Lay out a mediator and an outcome around the same junctures.

    M_t = a_0 + a' t + sum_j a_j 1[t - l >= o_j] + e_t
    Y_t = c_0 + c' t + sum_j c_j 1[t >= o_j] + b M_(t-l) + u_t

The second path keeps the steps, so that b is what mediator and outcome have in common apart from
the junctures; both use the same years, the mediator those of l years before.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.design.steps import StepsDesign, steps_design
from analysis.design.terms import TermsDesign, lay_out_terms
from analysis.errors import DesignError


@dataclass(frozen=True, eq=False)
class MediationDesign:
    """Both paths.

    Attributes:
        first: Steps of the mediator.
        second: Outcome on steps and mediator; its one term is the mediator, in its own unit.
    """

    first: StepsDesign
    second: TermsDesign


def mediation_design(
    series: pd.Series,
    mediator: pd.Series,
    onsets: Mapping[str, int],
    *,
    lag: int = 0,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
) -> MediationDesign:
    """Lay out both paths on the years that have outcome, mediator and controls.

    The innovation sd of the mediator may change at the first onset, as in `steps`; that of the
    outcome given the mediator is constant, as in regressions.

    Args:
        series: Transformed outcome by year.
        mediator: Transformed mediator by year; its name is the term of the second path.
        onsets: First year counted as after, by juncture.
        lag: Years from mediator to outcome, l.
        name: What the outcome is called in messages.
        trend: "none", "linear" or "quadratic", in both paths.
        controls: Further regressors of both paths by year of the outcome.

    Raises:
        DesignError: A path does not meet the conditions of a single series, or mediator and steps
            are collinear.
    """
    label, through = name or str(series.name), str(mediator.name)
    if lag < 0:
        raise DesignError(f"The lag is {lag}; a mediator cannot come after its outcome.")
    if through == label:
        raise DesignError(f"{label} cannot be its own mediator.")
    earlier = pd.Series(mediator.to_numpy(), index=mediator.index + lag).dropna()
    extra = pd.DataFrame(index=series.index) if controls is None else controls.dropna()
    years = series.dropna().index.intersection(earlier.index).intersection(extra.index)
    years = years.sort_values()
    base = steps_design(
        series.loc[years],
        onsets,
        name=label,
        trend=trend,
        controls=extra.loc[years],
        error_model="ar1-constant",
    )
    then = years - lag
    first = steps_design(
        pd.Series(earlier.loc[years].to_numpy(), index=then, name=through),
        onsets,
        name=through,
        trend=trend,
        controls=extra.loc[years].set_axis(then),
    )
    columns = pd.DataFrame(
        {juncture: (years >= onset).astype(float) for juncture, onset in base.onsets.items()}
        | {through: earlier.loc[years].to_numpy(dtype=float)},
        index=base.series.index,
    )
    number = len(base.onsets)
    second = lay_out_terms(
        base,
        columns,
        {through: {through: 1.0}},
        words=f"{through} beside {number} step{'s' if number > 1 else ''}",
    )
    return MediationDesign(first, second)
