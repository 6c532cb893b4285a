"""Operations: the closed list of ways to check a statement of fact, and what each one reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

NOT_CHECKED = "none"
COMPARISONS = (">", ">=", "<", "<=", "=", "within")
SPANS = ("=", "within")  # comparisons with a bound that may be two ends
EXPECTED = ("true", "false")


@dataclass(frozen=True, slots=True)
class Operation:
    """What an operation reads and what comes out.

    Attributes:
        reads: The panel, the events, or nothing.
        gives: Whether the result is a number or a date.
        what: The result in words; `{series}`, `{unit}`, `{others}`, `{years}`, `{first}`, `{last}`
            and `{events}` stand for what is read.
        units: Fewest and most units; None for any number.
        periods: Fewest and most periods.
        length: Fewest years of each period.
        events: How many events must be named; None where a filter may choose them instead.
    """

    reads: Literal["series", "events", "nothing"]
    gives: Literal["number", "date"]
    what: str
    units: tuple[int, int | None] = (1, 1)
    periods: tuple[int, int | None] = (1, 1)
    length: int = 1
    events: int | None = None


OPERATIONS: Mapping[str, Operation] = {
    "value": Operation("series", "number", "{series} of {unit} in {years}"),
    "minimum": Operation(
        "series", "number", "the smallest {series} of {unit} in {years}", periods=(1, None)
    ),
    "maximum": Operation(
        "series", "number", "the largest {series} of {unit} in {years}", periods=(1, None)
    ),
    "trend": Operation(
        "series", "number", "the slope a year of {series} of {unit} in {years}", length=3
    ),
    "smallest_change": Operation(
        "series",
        "number",
        "the smallest change from one year to the next of {series} of {unit} in {years}",
        length=2,
    ),
    "before_after": Operation(
        "series",
        "number",
        "the mean of {series} of {unit} in {last} less that in {first}",
        periods=(2, 2),
    ),
    "ratio": Operation(
        "series",
        "number",
        "the mean of {series} of {unit} in {last} over that in {first}",
        periods=(2, 2),
    ),
    "stages": Operation(
        "series",
        "number",
        "the smallest rise of the mean of {series} of {unit} through {years}",
        periods=(3, None),
    ),
    "excess": Operation(
        "series",
        "number",
        "the mean of {series} of {unit} in {last} less the largest mean in {first}",
        periods=(2, None),
    ),
    "record": Operation(
        "series",
        "number",
        "the largest {series} of {unit} in {last} less the largest in {first}",
        periods=(2, None),
    ),
    "share": Operation(
        "series",
        "number",
        "the share of {unit} in the sum of {series} with {others} over {years}",
        units=(2, None),
    ),
    "lead": Operation(
        "series",
        "number",
        "the smallest lead in {series} of {unit} over {others} in any year of {years}",
        units=(2, None),
    ),
    "count": Operation(
        "events", "number", "the number of {events}", units=(0, None), periods=(0, None)
    ),
    "date": Operation("events", "date", "the date of {events}", units=(0, None), periods=(0, None)),
    "first_date": Operation(
        "events", "date", "the first date of {events}", units=(0, None), periods=(0, None)
    ),
    "date_order": Operation(
        "events",
        "number",
        "the number of days between {events}",
        units=(0, 0),
        periods=(0, 0),
        events=2,
    ),
    "event_value": Operation(
        "events", "number", "the value of {events}", units=(0, 0), periods=(0, 0), events=1
    ),
    NOT_CHECKED: Operation("nothing", "number", "", units=(0, 0), periods=(0, 0)),
}
