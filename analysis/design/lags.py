"""Lay out effects that arrive over several years: finite distributed lags.

For a juncture with onset o, and for an exposure x::

    y_t = a + b t + sum_l g_l 1[t >= o + l] + u_t        y_t = a + b t + sum_l g_l x_(t-l) + u_t

with l = 0 ... L. g_l is the part of the step that arrives l years after the onset, or the response
l years after a unit of x; their sum is the whole effect, sum l g_l / sum g_l the mean lag.

Smoothness: the g_l lie on a polynomial in l of low degree (Almon 1965, Econometrica 33, 178-196,
doi:10.2307/1911894), a straight line unless declared otherwise. A line has two free coefficients
and the data two things to say, how much and how late. In 31 years with the onset in the nineteenth,
a step that arrives in one of the years 0 to 3 is read 7 % too small or too large and .1 years early
or late at most; a parabola reads the size to half a percent and the lag no better, at the price of
a coefficient. Single g_l should not be read off a line. Degree L leaves them free. A linear
restriction, unlike a penalty, leaves the model linear, and so the simulated law exact.

Terms: "whole" (sum of the g_l), "at_once" (g_0), "later" (all others) and lag_0 ... lag_L.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.steps import MIN_AFTER, MIN_VALUES, StepsDesign, steps_design
from analysis.design.terms import TermsDesign, lay_out_terms, second_half
from analysis.errors import DesignError
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
MAX_LAG, DEGREE = 3, 1
EXPOSURE = "exposure"
LAG = "lag_"  # terms of the single responses


def step_lags_design(
    series: pd.Series,
    onset: Mapping[str, int],
    *,
    other_onsets: Mapping[str, int] | None = None,
    max_lag: int = MAX_LAG,
    degree: int = DEGREE,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1",
) -> TermsDesign:
    """Lay out `series` with one step that arrives over `max_lag` years.

    Args:
        series: Transformed outcome indexed by year; missing years are absent or nan.
        onset: The juncture and its first year after.
        other_onsets: Junctures at which the series may step at once.
        max_lag: L.
        degree: Of the polynomial in the lag.
        name: What the series is called in messages.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year.
        error_model: "ar1", whose innovation sd may change at the first onset, or "ar1-constant".

    Raises:
        DesignError: Too few years would be left, another onset falls among the lags, or a condition
            of a single-series design does not hold.
    """
    ((juncture, first),) = onset.items()
    others = dict(other_onsets or {})
    label = name or str(series.name)
    _check_shape(max_lag, degree)
    for other, year in others.items():
        if first < year <= first + max_lag:
            raise DesignError(
                f"{other} begins in {year}, within {max_lag} years of {juncture} in {first}; its "
                f"step in {label} cannot be told from a late part of that of {juncture}."
            )
    base = steps_design(
        series,
        {juncture: first, **others},
        name=label,
        trend=trend,
        controls=controls,
        error_model=error_model,
    )
    _check_room(len(base.series), max_lag, label)
    arrived = int((base.years >= first + max_lag).sum())
    if arrived < MIN_AFTER:
        raise DesignError(
            f"{label} has {arrived} values from {first + max_lag} on, when the last of the effect "
            f"of {juncture} has arrived; {MIN_AFTER} are needed."
        )
    missing = {*range(first - 1, first + max_lag + 1)} - set(base.years.tolist())
    if missing:
        raise DesignError(
            f"{label} has no value in {join_words(map(str, sorted(missing)))}; the years from "
            f"{first - 1} to {first + max_lag} are those in which the effect arrives."
        )
    arrivals = (base.years[:, None] >= first + np.arange(max_lag + 1)).astype(float)
    steps = {other: (base.years >= year).astype(float) for other, year in others.items()}
    return _lay_out(base, arrivals, steps, degree)


def exposure_lags_design(
    series: pd.Series,
    exposure: pd.Series,
    *,
    max_lag: int = MAX_LAG,
    degree: int = DEGREE,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1-constant",
) -> TermsDesign:
    """Lay out `series` on this year's exposure and that of `max_lag` years before.

    Years of which an exposure is missing are left out. The innovation sd is constant, or with
    error model "ar1" may change at half the values.

    Raises:
        DesignError: Fewer than 20 years are left, or a condition of a single series does not hold.
    """
    label = name or str(series.name)
    _check_shape(max_lag, degree)
    known = series.dropna().sort_index()
    lagged = pd.DataFrame(
        {lag: exposure.reindex(known.index - lag).to_numpy() for lag in range(max_lag + 1)},
        index=known.index,
    ).dropna()
    known = known.loc[lagged.index]
    if controls is not None:
        known = known.loc[controls.reindex(known.index).dropna().index]
    if len(known) < MIN_VALUES:
        raise DesignError(
            f"{len(known)} years have {label} and its exposure up to {max_lag} years before; "
            f"{MIN_VALUES} are needed."
        )
    middle = second_half(known.index.to_numpy(dtype=np.int64))
    base = steps_design(
        known,
        {EXPOSURE: middle},
        name=label,
        trend=trend,
        controls=controls,
        error_model=error_model,
    )
    values = lagged.loc[base.series.index].to_numpy(dtype=float)
    return _lay_out(base, values, {}, degree, split=middle)


def powers(max_lag: int, degree: int) -> FloatArray:
    """Polynomials in the lag, orthonormal over the lags, shape (max_lag + 1, degree + 1)."""
    lags = np.arange(max_lag + 1) - max_lag / 2
    q, r = np.linalg.qr(np.vander(lags, degree + 1, increasing=True))
    basis: FloatArray = q * np.sign(np.diag(r))
    return basis


def _lay_out(
    base: StepsDesign,
    by_lag: FloatArray,
    others: Mapping[str, FloatArray],
    degree: int,
    *,
    split: int | None = None,
) -> TermsDesign:
    shapes = powers(by_lag.shape[1] - 1, degree)
    on_shapes = by_lag @ shapes
    columns = {f"shape_{q}": on_shapes[:, q] for q in range(degree + 1)} | dict(others)
    single = {f"{LAG}{lag}": row for lag, row in enumerate(shapes)}
    sums = {"whole": shapes.sum(axis=0), "at_once": shapes[0], "later": shapes[1:].sum(axis=0)}
    weights = {
        term: {f"shape_{q}": float(value) for q, value in enumerate(row)}
        for term, row in (sums | single).items()
    }
    return lay_out_terms(
        base,
        pd.DataFrame(columns, index=base.series.index),
        weights,
        asked_together=tuple(single)[: degree + 1],
        split=split,
        words=f"responses over {by_lag.shape[1] - 1} years on a polynomial of degree {degree}",
    )


def _check_shape(max_lag: int, degree: int) -> None:
    if max_lag < 1:
        raise DesignError("Lags need at least one year; without them declare the design steps.")
    if not 0 <= degree <= max_lag:
        raise DesignError(
            f"The responses over {max_lag} years cannot lie on a polynomial of degree {degree}; "
            f"the degree is 0 to {max_lag}."
        )


def _check_room(values: int, max_lag: int, label: str) -> None:
    if values - max_lag < MIN_VALUES:
        raise DesignError(
            f"{label} has {values} values, less {max_lag} years of lags {values - max_lag}; "
            f"{MIN_VALUES} are needed."
        )
