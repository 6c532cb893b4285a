"""Military exercises in which both China and Russia took part, of any number of states.

Multinational Military Exercises, version 7, 1990-2010, coded from the press; a year without such
an exercise is a zero of that list, marked as none found.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, dyad
from analysis.sources.rows import locate, read_rows

FILE = "exercises/mme_v7_long_1990_2010.csv.gz"
COVERED = range(1992, 2011)
BOTH = {"China", "Russia"}


def read_exercises(raw: Path) -> Iterator[Observation]:
    """Exercises by the year in which they began."""
    taking_part: dict[tuple[int, str], set[str]] = {}
    for row in read_rows(raw, FILE, ("MMEID", "country", "year")):
        if row.text("country") in BOTH:
            key = (row.whole("year"), row.text("MMEID"))
            taking_part.setdefault(key, set()).add(row.text("country"))
    for year in COVERED:
        found = sorted(name for (y, name), who in taking_part.items() if y == year and who == BOTH)
        keys = {"country": "China", "MMEID": " or ".join(found) or "none"}
        yield Observation(
            unit=dyad("CHN", "RUS", year),
            year=year,
            variable="multinational_exercises_count",
            value=float(len(found)),
            status="computed",
            source="mme-7",
            locator=locate(FILE, keys, "count of MMEID"),
            note="" if found else "none found",
        )
