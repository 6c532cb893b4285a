"""Lay out what one unit's distance to comparison units does before and after a juncture.

With onset o, leads from o + f to o - 1 and the years from o to o + l::

    gap_t = a + b t + p 1[o + f <= t < o] + q 1[o <= t <= o + l] + r 1[t > o + l] + steps + u_t

p is the mean of the gap in the years before the juncture beyond its trend, and should be nothing
where nobody knew of it ("leads"); q its mean after ("after"). It is an event study of one treated
unit with its event times pooled: a yearly series of thirty values cannot carry a coefficient for
each (Freyaldenhoven, Hansen & Shapiro 2019, Am. Econ. Rev. 109, 3307-3338,
doi:10.1257/aer.20180609, for leads as a test).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.design.steps import steps_design
from analysis.design.terms import TermsDesign, lay_out_terms
from analysis.errors import DesignError

LEADS, AFTER = "leads", "after"


def leads_design(
    series: pd.Series,
    onset: Mapping[str, int],
    window: tuple[int, int],
    *,
    other_onsets: Mapping[str, int] | None = None,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1",
) -> TermsDesign:
    """Lay out leads and the years after one juncture, or say why they cannot be told apart.

    Args:
        series: Distance to the comparison units by year, or the outcome itself.
        onset: The juncture and its first year after.
        window: First lead, negative, and last year after, counted from the onset.
        other_onsets: Other junctures at which the series may step.
        name: What the series is called in messages.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year.
        error_model: "ar1" or "ar1-constant".

    Raises:
        DesignError: The window holds no lead, another onset falls among the leads, a year of them
            is missing, or a condition of a single-series design does not hold.
    """
    ((juncture, first),) = onset.items()
    before, after = window
    label, others = name or str(series.name), dict(other_onsets or {})
    if before >= 0 or after < 0:
        raise DesignError(
            f"The window [{before}, {after}] has no years before the onset, or after."
        )
    for other, year in others.items():
        if first + before <= year < first:
            raise DesignError(
                f"{other} begins in {year}, among the {-before} years before {juncture} in {first};"
                f" its step in {label} cannot be told from what came early."
            )
    base = steps_design(
        series,
        {juncture: first, **others},
        name=label,
        trend=trend,
        controls=controls,
        error_model=error_model,
    )
    years = base.years
    missing = {*range(first + before, first)} - set(years.tolist())
    if missing:
        raise DesignError(f"{label} has no value in {min(missing)}, one of the years before.")
    columns = {
        LEADS: ((years >= first + before) & (years < first)).astype(float),
        AFTER: ((years >= first) & (years <= first + after)).astype(float),
    }
    rest = (years > first + after).astype(float)
    if rest.any():
        columns["from_then_on"] = rest
    for other, year in others.items():
        step = (years >= year).astype(float)
        if not any(np.array_equal(step, column) for column in columns.values()):
            columns[other] = step
    return lay_out_terms(
        base,
        pd.DataFrame(columns, index=base.series.index),
        {LEADS: {LEADS: 1.0}, AFTER: {AFTER: 1.0}},
        split=first + before,
        words=f"{-before} years before {juncture} and {after + 1} after it",
    )
