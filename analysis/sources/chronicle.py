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
from analysis.sources.observations import Observation, Status
from analysis.sources.rows import Row, read_rows

SOURCE = "chronology"
SEEN = "chronology-seen"  # the same list without what is recalled
COLUMNS = ("event", "unit", "date", "kind", "domain", "first_of_kind", "value", "status")
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Count:
    """A variable that counts events by year.

    Attributes:
        years: Those the list was compiled for.
        counted: Tells whether an event counts.
        has_sources: Whether the list names sources for such events; if all are recalled, a count
            of those with a source would say none where there were some.
    """

    variable: str
    unit: str
    years: range
    counted: Callable[[Row], bool]
    has_sources: bool = True


def _of_kind(*kinds: str) -> Callable[[Row], bool]:
    return lambda event: event.text("kind") in kinds


def _of_domain(*domains: str) -> Callable[[Row], bool]:
    return lambda event: _is_exercise(event) and event.text("domain") in domains


def _is_exercise(event: Row) -> bool:
    return event.text("kind") in {"exercise_bilateral", "exercise_multilateral"}


def _is_agreement_on(*domains: str) -> Callable[[Row], bool]:
    return lambda event: event.text("kind") == "agreement" and event.text("domain") in domains


def _is_threat_to(target: str, component: str = "") -> Callable[[Row], bool]:
    return lambda event: (
        event.text("kind").startswith("threat_")
        and target in event.text("unit").split("-")
        and component in ("", event.text("domain"))
    )


def _is_missile_defence_against(target: str) -> Callable[[Row], bool]:
    return lambda event: (
        event.text("kind") in {"threat_missile_defence", "threat_thaad"}
        and target in event.text("unit").split("-")
    )


def _is_change_of_leader(state: str) -> Callable[[Row], bool]:
    return lambda event: event.text("kind") == "leader_takes_office" and event.text("unit") == state


EXERCISES = range(2003, 2023)
AGREEMENTS = range(1992, 2023)
THREATS = range(1993, 2023)
XI_AND_PUTIN = range(2013, 2023)  # earlier meetings are listed incompletely

COUNTS = (
    Count("joint_exercises_count", "CHN-RUS", EXERCISES, _is_exercise),
    Count("joint_exercises_bilateral_count", "CHN-RUS", EXERCISES, _of_kind("exercise_bilateral")),
    Count(
        "joint_exercises_multilateral_count",
        "CHN-RUS",
        EXERCISES,
        _of_kind("exercise_multilateral"),
    ),
    Count("joint_exercises_land_count", "CHN-RUS", EXERCISES, _of_domain("land", "joint")),
    Count(
        "joint_exercises_naval_count", "CHN-RUS", EXERCISES, _of_domain("naval", "naval_distant")
    ),
    Count("joint_exercises_distant_count", "CHN-RUS", EXERCISES, _of_domain("naval_distant")),
    Count("joint_exercises_air_count", "CHN-RUS", EXERCISES, _of_domain("air")),
    Count(
        "joint_exercises_missile_defence_count",
        "CHN-RUS",
        EXERCISES,
        _of_domain("missile_defence"),
    ),
    Count(
        "joint_exercises_first_of_kind_count",
        "CHN-RUS",
        EXERCISES,
        lambda event: _is_exercise(event) and event.text("first_of_kind") == "yes",
    ),
    Count("joint_police_exercises_count", "CHN-RUS", EXERCISES, _of_kind("exercise_police")),
    Count("agreements_count", "CHN-RUS", AGREEMENTS, _of_kind("agreement")),
    Count(
        "agreements_security_count",
        "CHN-RUS",
        AGREEMENTS,
        _is_agreement_on("arms", "defence", "space"),
    ),
    Count("agreements_energy_count", "CHN-RUS", AGREEMENTS, _is_agreement_on("energy")),
    Count("agreements_political_count", "CHN-RUS", AGREEMENTS, _is_agreement_on("political")),
    Count(
        "leaders_meetings_count",
        "CHN-RUS",
        XI_AND_PUTIN,
        lambda event: (
            event.text("kind") == "leaders_meeting" and event.text("domain") == "in_person"
        ),
    ),
    Count(
        "leaders_meetings_with_video_count", "CHN-RUS", XI_AND_PUTIN, _of_kind("leaders_meeting")
    ),
    *(
        Count(f"threat_events{part}_count", target, THREATS, _is_threat_to(target, component))
        for target in ("CHN", "RUS")
        for part, component in (
            ("", ""),
            ("_aggregate_power", "aggregate_power"),
            ("_proximity", "proximity"),
            ("_offensive_capability", "offensive_capability"),
            ("_aggressive_intention", "aggressive_intention"),
        )
    ),
    *(
        Count("missile_defence_steps_count", target, THREATS, _is_missile_defence_against(target))
        for target in ("CHN", "RUS")
    ),
    *(
        Count("leader_changes_count", state, AGREEMENTS, _is_change_of_leader(state), False)
        for state in ("CHN", "RUS", "USA")
    ),
)


def count_events(study: Path) -> Iterator[Observation]:
    """Give every yearly count that `COUNTS` declares, from the events of the study folder.

    Each is made twice: of all events, and of those whose source was seen, so that what rests on
    memory can be left out without losing the year.
    """
    events = list(read_rows(study, EVENTS, COLUMNS))
    seen = [event for event in events if event.text("status") != "recalled"]
    for count in COUNTS:
        for source, listed in ((SOURCE, events), (SEEN, seen)):
            if source == SEEN and not count.has_sources:
                continue
            counted = [event for event in listed if count.counted(event)]
            for year in count.years:
                of_year = [event for event in counted if _year(event) == year]
                yield _count_year(count, year, of_year, source)


def _count_year(count: Count, year: int, events: list[Row], source: str) -> Observation:
    recalled = sum(event.text("status") == "recalled" for event in events)
    return Observation(
        unit=count.unit,
        year=year,
        variable=count.variable,
        value=float(len(events)),
        status=_status(recalled),
        source=source,
        locator=_locate(events, year),
        note=_describe(len(events), recalled, source),
    )


def _status(recalled: int) -> Status:
    """A count that would be another without recalled events is itself recalled."""
    return "recalled" if recalled else "computed"


def _locate(events: list[Row], year: int) -> str:
    names = [event.text("event") for event in events]
    shown = ", ".join(names[:MOST_NAMED]) or f"no row of {year}"
    more = f" and {len(names) - MOST_NAMED} more of {year}" if len(names) > MOST_NAMED else ""
    return f"events.csv, {shown}{more}"


def _describe(n_events: int, recalled: int, source: str) -> str:
    if n_events == 0:
        return "none found" if source == SOURCE else "none found with a source"
    return f"{recalled} of {n_events} recalled" if recalled else ""


def _year(event: Row) -> int:
    return int(event.text("date")[:4])
