"""Lay out the question whether a series changes more at a set of dates than at any other.

The declared dates are compared with all sets of as many years that keep the same least distance.
Nothing but the series itself is needed: neither a model of its errors nor a trend. What the
answer says is that change is larger at these dates, never that each of them did its part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.steps import MIN_AFTER, MIN_BEFORE, MIN_VALUES
from analysis.errors import DesignError
from analysis.kernel.placements import (
    STATISTICS,
    Placements,
    candidate_years,
    count_placements,
    place_all,
    smallest_gap,
)

FloatArray = NDArray[np.float64]
MIN_PLACEMENTS = 20  # with fewer, 5 % can never be reached
MAX_PLACEMENTS = 500_000
MIN_SPACING = 2
ALTERNATIVES = ("greater", "less", "two-sided")


@dataclass(frozen=True, eq=False)
class DateSetDesign:
    """A series, a set of dates, and what is compared between sets of dates.

    Attributes:
        name: What the series is called in messages.
        series: Transformed outcome by year, ascending, no missing values, shape (n,).
        onsets: First year after each juncture, in order of time.
        weights: One a juncture, in the order of `onsets`; negative where a fall is claimed.
        statistic: "sum" of changes from the year before, "window" of two years on either side,
            "lag", the larger of the changes in the onset and the year after, or "local", the
            change beyond those of the years around.
        min_spacing: Fewest years between two dates of a set.
        alternative: "greater" if the weighted changes are claimed to be large, "less" if small.
    """

    name: str
    series: pd.Series
    onsets: Mapping[str, int]
    weights: tuple[float, ...]
    statistic: str
    min_spacing: int
    alternative: str

    @property
    def years(self) -> NDArray[np.int64]:
        return self.series.index.to_numpy(dtype=np.int64)

    @property
    def values(self) -> FloatArray:
        return self.series.to_numpy(dtype=float)

    @property
    def dates(self) -> NDArray[np.int64]:
        return np.array(list(self.onsets.values()), dtype=np.int64)

    @cached_property
    def candidates(self) -> NDArray[np.int64]:
        return candidate_years(self.years, self.statistic)

    @cached_property
    def placements(self) -> Placements:
        return _placed(tuple(self.candidates), tuple(self.dates), self.min_spacing)

    @property
    def signs(self) -> tuple[FloatArray, ...]:
        """The weights as each one-sided test uses them: one test, or two if two-sided."""
        up = np.array(self.weights)
        return {"greater": (up,), "less": (-up,), "two-sided": (up, -up)}[self.alternative]

    @property
    def smallest_p(self) -> float:
        """The smallest p that the number of placements allows."""
        return len(self.signs) / len(self.placements)

    def towards(self, alternative: str) -> "DateSetDesign":
        """The same dates with another alternative."""
        return replace(self, alternative=alternative)

    def with_series(self, series: pd.Series) -> "DateSetDesign":
        """The same question of another series on the same years."""
        return replace(self, series=series)


@lru_cache(maxsize=16)  # a claim asks for the same ones for each side and each altered series
def _placed(candidates: tuple[int, ...], dates: tuple[int, ...], spacing: int) -> Placements:
    years, declared = (np.array(each, dtype=np.int64) for each in (candidates, dates))
    return place_all(years, declared, spacing)


def date_set_design(
    series: pd.Series,
    onsets: Mapping[str, int],
    *,
    name: str = "",
    statistic: str = "sum",
    weights: Mapping[str, float] | None = None,
    min_spacing: int = MIN_SPACING,
    alternative: str = "greater",
) -> DateSetDesign:
    """Lay out a set of dates in `series`, or say why it cannot be compared with others.

    Args:
        series: Transformed outcome by year; missing years are absent or nan. Amounts and counts
            belong on a scale on which their yearly changes have about the same spread, such as
            the logarithm or the root.
        onsets: First year counted as after, by juncture.
        name: What the series is called in messages.
        statistic: "sum", "window", "lag" or "local".
        weights: By juncture; 1 each if not given.
        min_spacing: Fewest years between two dates of a set.
        alternative: "greater", "less" or "two-sided".

    Raises:
        DesignError: The dates cannot be compared with at least 19 other sets.
    """
    label = name or str(series.name)
    given = series.dropna().sort_index()
    in_time = dict(sorted(onsets.items(), key=lambda item: (item[1], item[0])))
    declared = dict.fromkeys(in_time, 1.0) if weights is None else dict(weights)
    _check_options(label, in_time, declared, statistic, min_spacing, alternative)
    design = DateSetDesign(
        name=label,
        series=given,
        onsets=in_time,
        weights=tuple(float(declared[juncture]) for juncture in in_time),
        statistic=statistic,
        min_spacing=min_spacing,
        alternative=alternative,
    )
    _check_values(design)
    _check_dates(design)
    _check_number(design)
    return design


def _check_options(
    label: str,
    onsets: Mapping[str, int],
    weights: Mapping[str, float],
    statistic: str,
    min_spacing: int,
    alternative: str,
) -> None:
    for given, known, kind in (
        (statistic, STATISTICS, "statistic"),
        (alternative, ALTERNATIVES, "alternative"),
    ):
        if given not in known:
            raise DesignError(f"{given} is no {kind}; there are {', '.join(known)}.")
    if min_spacing < 1:
        raise DesignError(f"The spacing of dates is {min_spacing}; it must be 1 year or more.")
    if not onsets:
        raise DesignError(f"No juncture is given at which {label} might have changed.")
    if set(weights) != set(onsets):
        unmatched = sorted(set(weights) ^ set(onsets))
        raise DesignError(
            f"Weights and junctures do not match: {', '.join(unmatched)}; give one weight for "
            "each juncture."
        )
    for juncture, weight in weights.items():
        if not np.isfinite(weight) or weight == 0:
            raise DesignError(f"The weight of {juncture} is {weight:g}; it must not be zero.")


def _check_values(design: DateSetDesign) -> None:
    number = len(design.series)
    if not number:
        raise DesignError(f"There are no data: {design.name} has no value in the period.")
    before = int((design.years < design.dates[0]).sum())
    after = int((design.years >= design.dates[-1]).sum())
    if number < MIN_VALUES:
        raise DesignError(f"{design.name} has {number} values; a single series needs {MIN_VALUES}.")
    if before < MIN_BEFORE or after < MIN_AFTER:
        raise DesignError(
            f"{design.name} has {before} values before {design.dates[0]} and {after} from "
            f"{design.dates[-1]} on; {MIN_BEFORE} and {MIN_AFTER} are needed."
        )
    if np.ptp(design.values) == 0:
        raise DesignError(f"{design.name} never changes; a constant series cannot be tested.")


def _check_dates(design: DateSetDesign) -> None:
    if smallest_gap(design.dates) < design.min_spacing:
        raise DesignError(
            f"The dates {', '.join(map(str, design.dates))} lie less than {design.min_spacing} "
            f"years apart; sets of dates keep {design.min_spacing} years between two dates."
        )
    for juncture, onset in design.onsets.items():
        if onset not in design.candidates:
            raise DesignError(
                f"{design.name} has no {design.statistic} of changes at the onset of {juncture}, "
                f"{onset}: its values run from {design.years[0]} to {design.years[-1]}, and the "
                "change needs the years around the onset."
            )


def _check_number(design: DateSetDesign) -> None:
    many = count_placements(len(design.candidates), len(design.dates), design.min_spacing)
    if many > MAX_PLACEMENTS:
        raise DesignError(
            f"There are {many:,} sets of {len(design.dates)} dates, more than {MAX_PLACEMENTS:,}; "
            "declare fewer dates or a larger spacing."
        )
    number = len(design.placements)
    if number < MIN_PLACEMENTS:
        raise DesignError(
            f"{design.name} has {number} sets of {len(design.dates)} dates at least "
            f"{design.min_spacing} years apart; {MIN_PLACEMENTS} are needed for a p of 5 %."
        )
    if design.smallest_p > 0.05:
        raise DesignError(
            f"The smallest p of {number} sets of dates tested on two sides is "
            f"{design.smallest_p:.3f}, above 5 %; claim a direction."
        )
