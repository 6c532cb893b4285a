"""Lay out a yearly series on exposures that claim to explain it, alone or side by side.

    y_t = a + b t + sum_k g_k z_k,t-l + controls + u_t

z_k is the exposure in its own sd around the trend over the years used, so that coefficients compare
and are those of `analysis.design.relation`.
"""

import pandas as pd

from analysis.design.relation import base_design, check_moves, sd_around_trend
from analysis.design.terms import TermsDesign, lay_out_terms, second_half
from analysis.records.words import join_words


def exposures_design(
    series: pd.Series,
    exposures: pd.DataFrame,
    *,
    lag: int = 0,
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
        lag: Years from exposures to outcome, l.
        name: What the series is called in messages.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year.
        error_model: "ar1-constant", or "ar1" for an innovation sd that may change at half time.

    Raises:
        DesignError: Fewer than 20 years are left, an exposure does not leave its trend in them, or
            the regressors are collinear (condition number above 30 after centring).
    """
    columns = {str(column): exposures[column] for column in exposures}
    base = base_design(
        series,
        columns,
        shifts=[lag] * len(columns),
        name=name or str(series.name),
        trend=trend,
        controls=controls,
        error_model=error_model,
    )
    scaled = {}
    for label, values in columns.items():
        used = values.reindex(base.years - lag)
        sd = sd_around_trend(used, trend)
        check_moves(used, sd, label)
        scaled[label] = ((used - used.mean()) / sd).to_numpy(dtype=float)
    return lay_out_terms(
        base,
        pd.DataFrame(scaled, index=base.series.index),
        {label: {label: 1.0} for label in columns},
        asked_together=tuple(columns),
        split=second_half(base.years),
        words=join_words(columns) + (f" {lag} years before" if lag else ""),
    )
