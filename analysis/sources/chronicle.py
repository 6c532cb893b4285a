"""Yearly counts of what the study's own list of events holds.

The list is hand-coded and stands in `events.csv`, each row with the page it was read on or marked
as recalled. A count is made for the years the list was compiled for, and only for those: zero
means that nothing was found, not that nothing happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.paths import EVENTS
from analysis.sources.observations import Observation, Status, dyad
from analysis.sources.rows import Row, read_rows

SOURCE = "chronology"
COLUMNS = ("event", "unit", "date", "kind", "domain", "first_of_kind", "value", "status")
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Count:
    """A variable that counts events by year.

    Attributes:
        unit: Gives the unit a count belongs to in a year.
        years: Those the list was compiled for.
        counted: Tells whether an event counts.
    """

    variable: str
    unit: Callable[[int], str]
    years: range
    counted: Callable[[Row], bool]


def _china_russia(year: int) -> str:
    return dyad("CHN", "RUS", year)


def _is_armed_forces_exercise(event: Row) -> bool:
    return event.text("kind") in {"exercise_bilateral", "exercise_multilateral"}


COUNTS = (
    Count("joint_exercises_count", _china_russia, range(2003, 2023), _is_armed_forces_exercise),
)


def count_events(study: Path) -> Iterator[Observation]:
    """Give every yearly count that `COUNTS` declares, from the events of the study folder."""
    events = list(read_rows(study, EVENTS, COLUMNS))
    for count in COUNTS:
        counted = [event for event in events if count.counted(event)]
        for year in count.years:
            yield _count_year(count, year, [event for event in counted if _year(event) == year])


def _count_year(count: Count, year: int, events: list[Row]) -> Observation:
    recalled = sum(event.text("status") == "recalled" for event in events)
    return Observation(
        unit=count.unit(year),
        year=year,
        variable=count.variable,
        value=float(len(events)),
        status=_status(recalled),
        source=SOURCE,
        locator=_locate(events, year),
        note=_describe(len(events), recalled),
    )


def _status(recalled: int) -> Status:
    """A count that would be another without recalled events is itself recalled."""
    return "recalled" if recalled else "computed"


def _locate(events: list[Row], year: int) -> str:
    names = [event.text("event") for event in events]
    shown = ", ".join(names[:MOST_NAMED]) or f"no row of {year}"
    more = f" and {len(names) - MOST_NAMED} more of {year}" if len(names) > MOST_NAMED else ""
    return f"events.csv, {shown}{more}"


def _describe(n_events: int, recalled: int) -> str:
    if n_events == 0:
        return "none found"
    return f"{recalled} of {n_events} recalled" if recalled else ""


def _year(event: Row) -> int:
    return int(event.text("date")[:4])
