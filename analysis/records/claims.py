"""Claims: statements of fact, with what would check them as separate fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analysis.records.operations import NOT_CHECKED, OPERATIONS, Operation
from analysis.records.table import Table
from analysis.records.words import first_day, is_number, is_partial_date, split_list

YEARS = re.compile(r"[12][0-9]{3}([:-][12][0-9]{3})?")
LISTS = ("series", "units", "source", "events", "kinds", "domains", "seeds")

Period = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of fact that a paper makes, and the check of it.

    Attributes:
        operation: A key of `OPERATIONS`; `none` where no data can check the statement.
        series: Variables; several are several measures of the same, which must all agree.
        units: The first is the one the statement is about.
        periods: First and last year of each period.
        comparison: How the result must relate to `bound`; see `COMPARISONS`.
        bound: A number or a date, or the two ends of a span divided by a colon.
        expected: Whether the statement says that the comparison holds.
        source: Sources that are asked; empty for every source of the variables.
        tolerance: A result nearer to the bound than this decides nothing; days for dates.
        events: Events by name; else all of `kinds` and `domains`.
        needs: What would be needed to check the statement, where the operation is `none`.
        seeds: Statements of the collection that this row takes up; two or more are duplicates.
    """

    claim: str
    paper: str
    locator: str
    statement: str
    operation: str
    series: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    periods: tuple[Period, ...] = ()
    comparison: str = ""
    bound: str = ""
    expected: bool = True
    source: tuple[str, ...] = ()
    tolerance: float = 0.0
    events: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    needs: str = ""
    note: str = ""
    seeds: tuple[str, ...] = ()

    @property
    def how(self) -> Operation:
        return OPERATIONS[self.operation]

    @property
    def span(self) -> tuple[float, float]:
        """The two ends of the bound; dates as ordinal days."""
        return span_of(self.bound, self.how.gives)


def build_claims(table: Table) -> tuple[dict[str, Claim], pd.DataFrame]:
    """Make the claims of a table without faults, by key and as a frame of text."""
    frame = table.frame.copy()
    frame["row"] = frame.index
    frame = frame.reset_index(drop=True)
    return claims_of(frame), frame


def claims_of(frame: pd.DataFrame) -> dict[str, Claim]:
    """The claims of a frame of text, such as `Study.claims`, by key."""
    columns = [str(name) for name in frame.columns]
    rows = (dict(zip(columns, cells, strict=True)) for cells in frame.itertuples(index=False))
    return {str(row["claim"]): _build(row) for row in rows}


def read_periods(text: str) -> tuple[Period, ...] | None:
    """First and last year of each period in a cell; None where it cannot be read.

    >>> read_periods("2005:2011; 2012")
    ((2005, 2011), (2012, 2012))
    """
    periods = []
    for item in split_list(text.strip()):
        if not YEARS.fullmatch(item):
            return None
        first, *rest = (int(year) for year in re.split("[:-]", item))
        last = rest[0] if rest else first
        if last < first:
            return None
        periods.append((first, last))
    return tuple(periods)


def span_of(bound: str, gives: str) -> tuple[float, float]:
    """The two ends of a bound, which are the same for a number and differ for a month.

    >>> span_of("1:6", "number")
    (1.0, 6.0)
    >>> [date.fromordinal(int(day)).isoformat() for day in span_of("2016-07", "date")]
    ['2016-07-01', '2016-07-31']

    Raises:
        ValueError: The text is neither.
    """
    first, *rest = bound.split(":")
    last = rest[0] if rest else first
    if len(rest) > 1:
        raise ValueError(f"{bound} has more than two ends")
    if gives == "date":
        if not (is_partial_date(first) and is_partial_date(last)):
            raise ValueError(f"{bound} is no date")
        return float(first_day(first).toordinal()), float(last_day(last).toordinal())
    if not (is_number(first) and is_number(last)):
        raise ValueError(f"{bound} is no number")
    return float(first), float(last)


def last_day(text: str) -> date:
    """The last day that YYYY-MM-DD, YYYY-MM or YYYY may mean.

    >>> last_day("2012-02")
    datetime.date(2012, 2, 29)
    """
    start = first_day(text)
    parts = len(text.split("-"))
    if parts == 3:
        return start
    if parts == 1 or start.month == 12:
        return date(start.year, 12, 31)
    return date.fromordinal(date(start.year, start.month + 1, 1).toordinal() - 1)


def _build(row: Mapping[str, Any]) -> Claim:
    lists = {name: split_list(row.get(name, "")) for name in LISTS}
    return Claim(
        claim=row["claim"],
        paper=row["paper"],
        locator=row["locator"],
        statement=row["statement"],
        operation=row["operation"] or NOT_CHECKED,
        periods=read_periods(row["years"]) or (),
        comparison=row["comparison"],
        bound=row["bound"],
        expected=row["expected"] != "false",
        tolerance=float(row.get("tolerance") or 0),
        needs=row.get("needs", ""),
        note=row.get("note", ""),
        **lists,
    )
