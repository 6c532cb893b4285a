"""Transforms of an outcome and their inverses, and lags that do not reach across a gap.

sqrt38 is the root of y + 3/8 (Anscombe 1948, Biometrika 35, 246-254), which makes the variance of
a count nearly constant; arcsine is asin(sqrt(y)), which does so for a share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.errors import DesignError, UsageError
from analysis.records.words import quote, suggest

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Transform:
    """A transform of values given a reference series, which only `standardise` reads.

    Attributes:
        forward: From values and reference to transformed values.
        inverse: Back again. What no value is transformed to (a negative root) gives the value
            nearest to it.
        allows: Which values have a transform.
        domain: The same in words.
    """

    forward: Callable[[Array, Array], Array]
    inverse: Callable[[Array, Array], Array]
    allows: Callable[[Array], NDArray[np.bool_]]
    domain: str


def transform_series(series: pd.Series, name: str, *, unit: str = "") -> pd.Series:
    """Transform values indexed by year, or by unit and year; missing values stay missing.

    Args:
        series: Values; its name is the variable in messages.
        name: One of `TRANSFORMS`.
        unit: The unit, for messages, where the index has years only.

    Raises:
        DesignError: A value has no such transform.

    >>> transform_series(pd.Series([0.0, 3.0], [1992, 1993]), "log1p").round(3).to_dict()
    {1992: 0.0, 1993: 1.386}
    """
    transform = find_transform(name)
    values = series.to_numpy(dtype=float)
    refused = ~np.isnan(values) & ~transform.allows(values)
    if refused.any():
        place = series.index[refused][0]
        where = f"{place[0]} in {place[1]}" if isinstance(place, tuple) else f"{place}"
        of = f" of {unit}" if unit else ""
        raise DesignError(
            f"{_name(series)}{of}, {where}: {values[refused][0]:g} has no {name}, "
            f"which needs {transform.domain}."
        )
    if name == "standardise":
        _require_spread(series, unit)
    return pd.Series(transform.forward(values, values), index=series.index, name=series.name)


def back_transform(values: ArrayLike, name: str, original: ArrayLike = ()) -> Array:
    """Take transformed values back to the unit of the outcome.

    Args:
        values: Transformed values.
        name: The transform that was used.
        original: The values it was used on; needed for `standardise`.

    >>> back_transform([1.0], "sqrt38").tolist()
    [0.625]
    """
    reference = np.asarray(original, dtype=float)
    if name == "standardise" and reference.size == 0:
        raise UsageError("To undo standardise, give the original values.")
    return find_transform(name).inverse(np.asarray(values, dtype=float), reference)


def find_transform(name: str) -> Transform:
    """Give the transform of this name."""
    if name not in TRANSFORMS:
        raise UsageError(f"There is no transform {quote(name)}; {suggest(name, TRANSFORMS)}")
    return TRANSFORMS[name]


def lag(variable: pd.Series, years: int = 1) -> pd.Series:
    """Give each year, or unit-year, the value `years` earlier, blank where that year is absent.

    >>> exports = pd.Series({("A", 2000): 1.0, ("A", 2001): 2.0, ("A", 2003): 4.0})
    >>> lag(exports).to_dict()
    {('A', 2000): nan, ('A', 2001): 1.0, ('A', 2003): nan}
    """
    index = variable.index
    if not isinstance(index, pd.MultiIndex):
        return variable.reindex(index - years).set_axis(index)
    units, years_of = index.get_level_values(0), index.get_level_values(1)
    earlier = pd.MultiIndex.from_arrays([units, years_of - years])
    return variable.reindex(earlier).set_axis(index)


def difference(variable: pd.Series, years: int = 1) -> pd.Series:
    """Give the change since `years` earlier, blank where that year is absent.

    >>> difference(pd.Series({2000: 1.0, 2001: 3.0, 2003: 4.0})).to_dict()
    {2000: nan, 2001: 2.0, 2003: nan}
    """
    return variable - lag(variable, years)


def _require_spread(series: pd.Series, unit: str) -> None:
    values = series.dropna().to_numpy(dtype=float)
    if len(values) < 2 or np.ptp(values) == 0:
        of = f" of {unit}" if unit else ""
        raise DesignError(f"{_name(series)}{of} does not vary, so it cannot be standardised.")


def _name(series: pd.Series) -> str:
    return "The series" if series.name is None else str(series.name)


def _mean(reference: Array) -> float:
    return float(np.nanmean(reference))


def _sd(reference: Array) -> float:
    return float(np.nanstd(reference, ddof=1))


def _logit(values: Array, _: Array) -> Array:
    return np.asarray(np.log(values) - np.log1p(-values))


TRANSFORMS: Mapping[str, Transform] = {
    "none": Transform(
        forward=lambda y, _: y.copy(),
        inverse=lambda z, _: z.copy(),
        allows=np.isfinite,
        domain="a number",
    ),
    "log": Transform(
        forward=lambda y, _: np.log(y),
        inverse=lambda z, _: np.exp(z),
        allows=lambda y: y > 0,
        domain="values above 0",
    ),
    "log1p": Transform(
        forward=lambda y, _: np.log1p(y),
        inverse=lambda z, _: np.expm1(z),
        allows=lambda y: y > -1,
        domain="values above -1",
    ),
    "asinh": Transform(
        forward=lambda y, _: np.arcsinh(y),
        inverse=lambda z, _: np.sinh(z),
        allows=np.isfinite,
        domain="a number",
    ),
    "sqrt38": Transform(
        forward=lambda y, _: np.sqrt(y + 0.375),
        inverse=lambda z, _: np.maximum(np.maximum(z, 0) ** 2 - 0.375, 0),
        allows=lambda y: y >= 0,
        domain="values of 0 or more",
    ),
    "logit": Transform(
        forward=_logit,
        inverse=lambda z, _: 1 / (1 + np.exp(-z)),
        allows=lambda y: (y > 0) & (y < 1),
        domain="values between 0 and 1, both left out",
    ),
    "arcsine": Transform(
        forward=lambda y, _: np.arcsin(np.sqrt(y)),
        inverse=lambda z, _: np.sin(np.clip(z, 0, np.pi / 2)) ** 2,
        allows=lambda y: (y >= 0) & (y <= 1),
        domain="values from 0 to 1",
    ),
    "standardise": Transform(
        forward=lambda y, reference: (y - _mean(reference)) / _sd(reference),
        inverse=lambda z, reference: z * _sd(reference) + _mean(reference),
        allows=np.isfinite,
        domain="a number",
    ),
}


def outcome_unit(transform: str, measured_in: str) -> str:
    """What the transformed outcome is measured in, in words.

    >>> outcome_unit("log1p", "million TIV")
    'log(1 + million TIV)'
    """
    patterns = {
        "none": "{}",
        "log": "log({})",
        "log1p": "log(1 + {})",
        "asinh": "asinh({})",
        "sqrt38": "root({} + 3/8)",
        "logit": "logit({})",
        "arcsine": "arcsine root({})",
        "standardise": "sd of {}",
    }
    return patterns[transform].format(measured_in)
