"""Lay out what is left of a step some years after it: permanent, or a pulse that dies away.

Between the onset o and the year e, for which "until" is asked, the effect of the juncture may move
along a straight line; after e nothing is said about it::

    y_t = a + b t + p (1 - w_t) 1[o <= t <= e] + q w_t 1[o <= t <= e] + r 1[t > e] + steps + u_t

with w_t = (t - o) / (e - o). p is the effect in its first year, q what is left of it in year e,
both against the line before. With the next onset at e + 1, r holds what is left and the next step
in one, so that no claim about the next juncture enters. With e the last year there is no r.

Terms, in the unit of the outcome:

* arrived: p; left: q;
* lost: q - p, the change from o to e beyond the trend;
* moved: b (e - o) / 10 + q - p with b a decade's trend, the whole change of the mean from o to e.

"left" above zero says that the effect is still there; "left" inside +-S that the series is back on
its line, and "moved" inside +-S that it stayed where it was.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.design.steps import MIN_AFTER, steps_design
from analysis.design.terms import TermsDesign, lay_out_terms
from analysis.errors import DesignError

MIN_BETWEEN = 3  # values from the onset to the year asked about
TAKEN = ("arrived", "left", "lost", "moved", "from_then_on")


def carry_over_design(
    series: pd.Series,
    onset: Mapping[str, int],
    until: int,
    *,
    other_onsets: Mapping[str, int] | None = None,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1",
) -> TermsDesign:
    """Lay out what is left of a step in the year `until`, or say why that cannot be answered.

    Args:
        series: Transformed outcome indexed by year; missing years are absent or nan.
        onset: The juncture and its first year after.
        until: Year asked about, commonly the one before the next onset.
        other_onsets: Other junctures at which the series may step, none from `onset` to `until`.
        name: What the series is called in messages.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year.
        error_model: "ar1", whose innovation sd may change at the first onset, or "ar1-constant".

    Raises:
        DesignError: Fewer than three values lie from the onset to `until`, another onset falls
            among them, or a condition of a single-series design does not hold.
    """
    ((juncture, first),) = onset.items()
    label = name or str(series.name)
    others = dict(other_onsets or {})
    for other, year in others.items():
        if first <= year <= until:
            raise DesignError(
                f"{other} begins in {year}, while the effect of {juncture} on {label} is followed "
                f"from {first} to {until}; ask about {year - 1} or an earlier year."
            )
    after = {other: year for other, year in others.items() if year != until + 1}
    base = steps_design(
        series,
        {juncture: first, **others},
        name=label,
        trend=trend,
        controls=controls,
        error_model=error_model,
    )
    for taken in (*base.onsets, *base.controls.columns):
        if taken in TAKEN:
            raise DesignError(f"A juncture or control cannot be called {taken}: it is a term here.")
    years = base.years
    inside = (years >= first) & (years <= until)
    _check_between(label, juncture, first, until, int(inside.sum()), {*years.tolist()})
    share = np.where(inside, (years - first) / (until - first), 0.0)
    columns = {"arrived": np.where(inside, 1 - share, 0.0), "left": share}
    later = years > until
    if later.any():
        _check_rest(label, until, int(later.sum()))
        columns["from_then_on"] = later.astype(float)
    columns |= {other: (years >= year).astype(float) for other, year in after.items()}
    weights: dict[str, dict[str, float]] = {
        "left": {"left": 1.0},
        "arrived": {"arrived": 1.0},
        "lost": {"left": 1.0, "arrived": -1.0},
    }
    if trend == "linear":
        weights["moved"] = {"trend_1": (until - first) / 10, "left": 1.0, "arrived": -1.0}
    elif trend == "none":
        weights["moved"] = dict(weights["lost"])
    return lay_out_terms(
        base,
        pd.DataFrame(columns, index=base.series.index),
        weights,
        asked_together=("arrived", "left"),
    )


def _check_between(
    label: str, juncture: str, first: int, until: int, values: int, years: set[int]
) -> None:
    if values < MIN_BETWEEN:
        raise DesignError(
            f"{label} has {values} values from {first} to {until}; {MIN_BETWEEN} are needed to "
            f"tell what is left of {juncture} from what arrived."
        )
    for year in (first, until):
        if year not in years:
            raise DesignError(
                f"{label} has no value in {year}, one of the two years between which the effect "
                f"of {juncture} is followed."
            )


def _check_rest(label: str, until: int, values: int) -> None:
    if values < MIN_AFTER:
        raise DesignError(
            f"{label} has {values} values after {until}; ask about the last year or leave "
            f"{MIN_AFTER}."
        )
