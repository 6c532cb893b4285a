"""Junctures: dated turning points and the first year counted as after."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analysis.errors import Fault
from analysis.records.table import Table
from analysis.records.words import first_day, is_day, is_partial_date, is_year, split_list

MIDYEAR = (7, 1)  # a juncture before 1 July is felt in its own year


@dataclass(frozen=True, slots=True)
class Juncture:
    """A turning point; `onset` is the first year counted as after."""

    juncture: str
    label: str
    role: str
    date: datetime.date
    onset: int
    end: datetime.date | None
    target: tuple[str, ...]
    source: str
    rationale: str


def onset_by_rule(day: datetime.date) -> int:
    """The year of `day` if that lies before 1 July, else the next.

    >>> onset_by_rule(datetime.date(2016, 7, 8))
    2017
    """
    return day.year if (day.month, day.day) < MIDYEAR else day.year + 1


def find_juncture_faults(
    table: Table, period: tuple[int, int] | None, observed: tuple[int, int] | None
) -> Iterator[Fault]:
    """Onsets against the rule without a reason or outside the data, and ends before their start.

    Args:
        table: The junctures.
        period: First and last year of the study, if known.
        observed: First and last year with a value, if known.
    """
    if table.has("date", "onset", "rationale"):
        yield from _find_rule_faults(table)
    if table.has("onset"):
        yield from _find_onsets_outside(table, period, "the study's period")
        yield from _find_onsets_outside(table, observed, "the observations")
    if table.has("date", "end"):
        yield from _find_end_faults(table)


def build_junctures(table: Table) -> dict[str, Juncture]:
    """Make the junctures of a table without faults."""
    junctures = {}
    for row in table.records().values():
        cells: dict[str, Any] = dict(row)
        cells["date"] = first_day(row["date"])
        cells["onset"] = int(row["onset"])
        cells["end"] = last_day(row["end"]) if row["end"] else None
        cells["target"] = split_list(row["target"])
        junctures[row["juncture"]] = Juncture(**cells)
    return junctures


def last_day(text: str) -> datetime.date:
    """The last day that YYYY-MM-DD, YYYY-MM or YYYY may mean.

    >>> last_day("2016-02")
    datetime.date(2016, 2, 29)
    """
    day = first_day(text)
    if len(text) == len("2016"):
        return datetime.date(day.year, 12, 31)
    if len(text) == len("2016-02"):
        following = day.replace(day=28) + datetime.timedelta(days=4)
        return following - datetime.timedelta(days=following.day)
    return day


def _find_rule_faults(table: Table) -> Iterator[Fault]:
    cells = table.frame[["date", "onset", "rationale"]]
    for row, day, onset, rationale in cells.itertuples(name=None):
        if not (is_day(day) and is_year(onset)) or rationale.strip():
            continue
        right = onset_by_rule(first_day(day))
        if int(onset) != right:
            what = f"the onset {onset} does not follow from the date {day}"
            remedy = f"write {right} (the year of a date before 1 July, else the next), or explain"
            yield table.fault(int(row), "onset", what, f"{remedy} the exception in rationale")


def _find_onsets_outside(
    table: Table, years: tuple[int, int] | None, what_years: str
) -> Iterator[Fault]:
    if years is None:
        return
    first, last = years
    for row, text in table.bad_cells(
        "onset", lambda text: not is_year(text) or first < int(text) <= last
    ):
        what = (
            f"the juncture lies outside the data: its onset {text} splits no year of {what_years}"
        )
        remedy = f"an onset from {first + 1} to {last} has a year before it and one after"
        yield table.fault(row, "onset", what, remedy)


def _find_end_faults(table: Table) -> Iterator[Fault]:
    for row, day, end in table.frame[["date", "end"]].itertuples(name=None):
        if is_day(day) and is_partial_date(end) and last_day(end) < first_day(day):
            what = f"the end {end} lies before the date {day}"
            yield table.fault(int(row), "end", what, "correct one of them, or leave the end blank")
