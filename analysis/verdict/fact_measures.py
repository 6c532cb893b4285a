"""What an operation makes of series and of events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import DesignError
from analysis.records.claims import Claim, Period, last_day
from analysis.records.words import first_day

Values = NDArray[np.float64]
Blocks = Sequence[Sequence[Values]]  # values by unit and period


def measure_series(operation: str, blocks: Blocks) -> float:
    """The result of an operation on the values of each unit in each period, in order of year."""
    return float(MEASURES[operation](blocks))


def take_values(values: Mapping[int, float], period: Period, name: str) -> Values:
    """The values of every year of a period.

    Raises:
        DesignError: A year has none.
    """
    first, last = period
    missing = [year for year in range(first, last + 1) if year not in values]
    if missing:
        years = ", ".join(map(str, missing[:5])) + (" and others" if len(missing) > 5 else "")
        raise DesignError(f"{name} has no value in {years}; every year of the check needs one.")
    return np.array([values[year] for year in range(first, last + 1)], dtype=np.float64)


def select_events(events: pd.DataFrame, claim: Claim) -> pd.DataFrame:
    """The events that a claim names, in that order, or those that its filters let through."""
    if claim.events:
        chosen = events.set_index("event", drop=False).reindex(list(claim.events))
        return chosen[chosen["kind"].notna()]
    kept = events["kind"].isin(claim.kinds)
    if claim.domains:
        kept &= events["domain"].isin(claim.domains)
    if claim.units:
        kept &= events["unit"].isin(claim.units)
    if claim.periods:
        inside = [events["year"].between(first, last) for first, last in claim.periods]
        kept &= np.logical_or.reduce(inside)
    return events[kept]


def measure_events(claim: Claim, chosen: pd.DataFrame) -> tuple[float, float]:
    """Smallest and largest result that the events allow, as dates are known to the day or not.

    Raises:
        DesignError: There are no events, or too few.
    """
    if claim.operation == "count":
        return float(len(chosen)), float(len(chosen))
    wanted = len(claim.events) or 1
    if len(chosen) < wanted:
        raise DesignError(f"Of {wanted} events that the check needs {len(chosen)} are left.")
    if claim.operation == "event_value":
        value = float(chosen["value"].iloc[0])
        if not np.isfinite(value):
            raise DesignError(f"The event {chosen['event'].iloc[0]} has no value.")
        return value, value
    starts, ends = _limits(chosen)
    if claim.operation == "date_order":
        return starts[1] - ends[0], ends[1] - starts[0]
    if claim.operation == "first_date":
        return min(starts), min(ends)
    return min(starts), max(ends)


def _limits(chosen: pd.DataFrame) -> tuple[list[float], list[float]]:
    """First and last day that each date may mean, as ordinals."""
    length = {"day": 10, "month": 7, "year": 4}
    texts = [
        day.isoformat()[: length[precision]]
        for day, precision in zip(chosen["date"], chosen["date_precision"], strict=True)
    ]
    ends = [float(last_day(text).toordinal()) for text in texts]
    return [float(first_day(text).toordinal()) for text in texts], ends


def _slope(blocks: Blocks) -> float:
    values = blocks[0][0]
    years = np.arange(len(values)) - (len(values) - 1) / 2
    return float(years @ values / (years @ years))


def _means(blocks: Blocks) -> list[float]:
    return [float(values.mean()) for values in blocks[0]]


def _excess(blocks: Blocks) -> float:
    *others, last = _means(blocks)
    return last - max(others)


def _record(blocks: Blocks) -> float:
    *others, last = (float(values.max()) for values in blocks[0])
    return last - max(others)


def _share(blocks: Blocks) -> float:
    sums = [float(np.concatenate(unit).sum()) for unit in blocks]
    if sum(sums) <= 0:
        raise DesignError("The sum of all units is not above zero, so none has a share.")
    return sums[0] / sum(sums)


def _lead(blocks: Blocks) -> float:
    first, *others = (np.concatenate(unit) for unit in blocks)
    return float((first - np.max(others, axis=0)).min())


def _ratio(blocks: Blocks) -> float:
    first, last = _means(blocks)
    if first <= 0:
        raise DesignError("The first mean is not above zero, so nothing is a multiple of it.")
    return last / first


MEASURES: Mapping[str, Callable[[Blocks], float]] = {
    "value": lambda blocks: float(blocks[0][0][0]),
    "minimum": lambda blocks: float(np.concatenate(blocks[0]).min()),
    "maximum": lambda blocks: float(np.concatenate(blocks[0]).max()),
    "trend": _slope,
    "smallest_change": lambda blocks: float(np.diff(blocks[0][0]).min()),
    "before_after": lambda blocks: _means(blocks)[1] - _means(blocks)[0],
    "ratio": _ratio,
    "stages": lambda blocks: float(np.diff(_means(blocks)).min()),
    "excess": _excess,
    "record": _record,
    "share": _share,
    "lead": _lead,
}
