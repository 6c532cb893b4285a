"""Lay out local projections: where a series stands h years after a juncture.

    y_t = a + b t + g_h 1[t >= o + h] + steps + u_t     on all years but o ... o + h - 1

One regression for each horizon h (Jorda 2005, Am. Econ. Rev. 95, 161-182,
doi:10.1257/0002828053828518): y_(s+h) on the step in s, laid out in the year of the outcome. Years
between the onset and the horizon are neither before nor after and are left out (as clean controls
in Dube, Girardi, Jorda & Taylor 2025, J. Appl. Econometrics, doi:10.1002/jae.70000); left in as
"before" they would pull every g_h of a step that stays towards zero. So each horizon costs a year,
and a horizon is refused where fewer than 20 are left. g_h is the level from h years after the
juncture on, against the line before.
"""

from collections.abc import Mapping

import pandas as pd

from analysis.design.steps import MIN_VALUES, StepsDesign, steps_design
from analysis.errors import DesignError


def projection_design(
    series: pd.Series,
    onset: Mapping[str, int],
    horizon: int,
    *,
    other_onsets: Mapping[str, int] | None = None,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1",
) -> StepsDesign:
    """Lay out the level of `series` from `horizon` years after the onset on.

    Args:
        series: Transformed outcome indexed by year; missing years are absent or nan.
        onset: The juncture and its first year after.
        horizon: h, 0 or more.
        other_onsets: Other junctures at which the series may step, none among the years left out.
        name: What the series is called in messages.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year.
        error_model: "ar1", whose innovation sd may change at the first onset, or "ar1-constant".

    Raises:
        DesignError: Another onset is reached, fewer than 20 values are left, or a condition of a
            single-series design does not hold.
    """
    ((juncture, first),) = onset.items()
    label = name or str(series.name)
    others = dict(other_onsets or {})
    if horizon < 0:
        raise DesignError(f"A horizon of {horizon} years lies before {juncture}; it is 0 or more.")
    for other, year in others.items():
        if first < year <= first + horizon:
            raise DesignError(
                f"{other} begins in {year}, within {horizon} years of {juncture} in {first}; from "
                f"then on the level of {label} is not that of {juncture} alone."
            )
    known = series.dropna()
    left = known.loc[(known.index < first) | (known.index >= first + horizon)]
    if len(left) < MIN_VALUES <= len(known):
        raise DesignError(
            f"{horizon} years after {juncture} {len(left)} of {len(known)} values of {label} are "
            f"left; {MIN_VALUES} are needed."
        )
    return steps_design(
        left,
        {juncture: first + horizon, **others},
        name=f"{label}, {horizon} years after {juncture}",
        trend=trend,
        controls=controls,
        error_model=error_model,
    )
