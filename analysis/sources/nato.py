"""Members of NATO, from the dates on which they acceded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from analysis.sources.observations import Observation
from analysis.sources.rows import locate, read_rows
from analysis.sources.selection import FIRST_YEAR

FILE = "nato/nato_accession_dates_handcoded.csv"
LAST_YEAR = 2024


def read_members(raw: Path) -> Iterator[Observation]:
    """Number of members on 31 December of each year."""
    joined = [
        date.fromisoformat(row.text("accession_date"))
        for row in read_rows(raw, FILE, ("iso3", "accession_date"))
    ]
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        yield Observation(
            unit="NATO",
            year=year,
            variable="nato_members_count",
            value=float(sum(day.year <= year for day in joined)),
            status="computed",
            source="nato-accession",
            locator=locate(FILE, {"accession_date": f"to {year}-12-31"}, "count of iso3"),
        )
