"""Lay out bends of the trend in one unit's yearly series.

With onsets o_1 < ... < o_J, last year T::

    y_t = a + b t + sum_j g_j z_j(t) + u_t,   z_j(t) = max(t - o_j + 1, 0) / (T - o_j + 1)

The onset is the first year counted as after, so the rise from o_j - 1 to o_j is the first on the
new slope and the lines meet in o_j - 1: max(t - o_j, 0) would leave the first year after on the old
line and read a claim "since 2012" as "since 2013". g_j is the extra change by the last year, in the
unit of the outcome and so comparable with a step, as slopes are not (Perron & Zhu 2005, J.
Econometrics 129, 65-119, doi:10.1016/j.jeconom.2004.09.004, for breaks of trend).

Terms, all changes in the unit of the outcome:

* each juncture: g_j;
* total: the sum of the g_j, what all bends together add by the last year;
* change_before: change along the line from the first year to the year before the first onset;
* change_after: change along the line from the year before the last onset to the last year.

A claim that a series rises "since" a juncture needs both a bend and change_after; a claim that a
decline stopped needs change_before below zero and a bend upwards.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.steps import steps_design
from analysis.design.terms import TermsDesign, lay_out_terms, second_half
from analysis.errors import DesignError

FloatArray = NDArray[np.float64]
TAKEN = ("change_before", "change_after")


def kink_design(
    series: pd.Series,
    onsets: Mapping[str, int],
    *,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1-constant",
) -> TermsDesign:
    """Lay out `series` with a bend at each onset, or say why that cannot be answered.

    Args:
        series: Transformed outcome indexed by year; missing years are absent or nan.
        onsets: First year on the new slope, by juncture.
        name: What the series is called in messages.
        trend: "linear", or "quadratic" as a look at a rise that bends by itself.
        controls: Further regressors by year; years where one is missing are left out.
        error_model: "ar1-constant", or "ar1", whose innovation sd may change at half the values.

    Raises:
        DesignError: One of the conditions of a single-series design does not hold.
    """
    if trend == "none":
        raise DesignError("A bend is a change of slope; declare a linear or quadratic trend.")
    for juncture in onsets:
        if juncture in TAKEN:
            raise DesignError(f"A juncture cannot be called {juncture}: it is a term of a bend.")
    base = steps_design(
        series, onsets, name=name, trend=trend, controls=controls, error_model=error_model
    )
    first, last = int(base.years[0]), int(base.years[-1])
    columns = pd.DataFrame(
        {juncture: bend(base.years, onset) for juncture, onset in base.onsets.items()},
        index=base.series.index,
    )
    weights: dict[str, dict[str, float]] = {juncture: {juncture: 1.0} for juncture in base.onsets}
    weights["total"] = dict.fromkeys(base.onsets, 1.0)
    if trend == "linear":
        turn = max(base.onsets.values()) - 1
        weights["change_before"] = {"trend_1": (base.first_onset - 1 - first) / 10}
        weights["change_after"] = {"trend_1": (last - turn) / 10} | {
            juncture: (last - turn) / (last - onset + 1) for juncture, onset in base.onsets.items()
        }
    return lay_out_terms(
        base,
        columns,
        weights,
        asked_together=tuple(base.onsets),
        split=second_half(base.years),
        words=f"{len(base.onsets)} bend{'s' if len(base.onsets) > 1 else ''} of the trend",
    )


def bend(years: NDArray[np.int64], onset: int) -> FloatArray:
    """z(t): 0 up to the year before the onset, then straight to 1 in the last year.

    >>> bend(np.array([2009, 2010, 2011, 2012, 2013]), 2011).round(3).tolist()
    [0.0, 0.0, 0.333, 0.667, 1.0]
    """
    risen: FloatArray = np.maximum(years - onset + 1, 0) / (years[-1] - onset + 1)
    return risen
