"""Lay out a yearly series on exposures that claim to explain it, alone or side by side.

    y_t = a + b t + sum_k g_k z_kt + controls + u_t,   z_kt = (x_kt - mean) / sd over the years used

A coefficient is the change of the outcome that goes with one standard deviation of the exposure.
"""

import numpy as np
import pandas as pd

from analysis.design.steps import MIN_VALUES, steps_design
from analysis.design.terms import TermsDesign, lay_out_terms, second_half
from analysis.errors import DesignError
from analysis.records.words import join_words

MIDDLE = "second half"  # stands for an onset, which a regression on exposures does not have


def exposures_design(
    series: pd.Series,
    exposures: pd.DataFrame,
    *,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1-constant",
) -> TermsDesign:
    """Lay out `series` on every column of `exposures`, one term each.

    Years in which the series, an exposure or a control is missing are left out.

    Args:
        series: Transformed outcome indexed by year.
        exposures: By year, one column an exposure, in any unit.
        name: What the series is called in messages.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year.
        error_model: "ar1-constant", or "ar1" for an innovation sd that may change at half time.

    Raises:
        DesignError: Fewer than 20 years are left, an exposure does not vary in them, or the
            regressors are collinear (condition number above 30 after centring).
    """
    label = name or str(series.name)
    known, columns = series_and_exposures(series, exposures, controls, name=label)
    middle = second_half(known.index.to_numpy(dtype=np.int64))
    base = steps_design(
        known, {MIDDLE: middle}, name=label, trend=trend, controls=controls, error_model=error_model
    )
    names = [str(column) for column in columns]
    shown = columns.set_axis(names, axis=1)
    return lay_out_terms(
        base,
        (shown - shown.mean()) / shown.std(),
        {each: {each: 1.0} for each in names},
        asked_together=tuple(names),
        split=middle,
        words=join_words(names),
    )


def series_and_exposures(
    series: pd.Series,
    exposures: pd.DataFrame,
    controls: pd.DataFrame | None = None,
    *,
    name: str = "",
) -> tuple[pd.Series, pd.DataFrame]:
    """The outcome and the exposures in the years that have all of them.

    Raises:
        DesignError: Fewer than 20 years are left, or an exposure does not vary in them.
    """
    label = name or str(series.name)
    frames = [series.to_frame("outcome"), exposures, *([] if controls is None else [controls])]
    together = pd.concat(frames, axis=1, join="inner").dropna().sort_index()
    names = [str(column) for column in exposures]
    if len(together) < MIN_VALUES:
        raise DesignError(
            f"{len(together)} years have {label} and {join_words(names)}; {MIN_VALUES} are needed."
        )
    used = exposures.loc[together.index]
    flat = [str(column) for column in used if used[column].std() == 0]
    if flat:
        raise DesignError(
            f"{join_words(flat)} does not vary in the {len(together)} years that have {label}; "
            "choose an exposure or a period in which it does."
        )
    return series.loc[together.index], used
