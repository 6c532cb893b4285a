"""Vetoes that China and Russia cast together in the UN Security Council.

The columns of the five members are read, not the column that says whether a veto was single: it
is wrong for two joint vetoes, of 19 July 2012 and 5 December 2016. The list ends on 15 September
2022.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, dyad
from analysis.sources.rows import Row, locate, read_rows
from analysis.sources.selection import FIRST_YEAR

FILE = "unsc_vetoes/unsc_vetoes_1946_2022.csv"
LAST_YEAR = 2022


def read_joint_vetoes(raw: Path) -> Iterator[Observation]:
    """Drafts in a year against which both China and Russia, or the USSR, cast a veto."""
    drafts: dict[int, list[str]] = {year: [] for year in range(FIRST_YEAR, LAST_YEAR + 1)}
    for row in read_rows(raw, FILE, ("year", "draft", "China", "Russia", "USSR")):
        if row.whole("year") in drafts and _is_joint(row):
            drafts[row.whole("year")].append(row.text("draft"))
    for year, names in drafts.items():
        until = ", list ends 15 September" if year == LAST_YEAR else ""
        yield Observation(
            unit=dyad("CHN", "RUS", year),
            year=year,
            variable="joint_vetoes_count",
            value=float(len(names)),
            status="computed",
            source="unsc-vetoes",
            locator=locate(FILE, {"year": year, "China": 1, "Russia": 1}, "count of draft"),
            note=(", ".join(names) or "none found") + until,
        )


def _is_joint(row: Row) -> bool:
    return row.whole("China") == 1 and (row.whole("Russia") == 1 or row.whole("USSR") == 1)
