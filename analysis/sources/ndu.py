"""China's joint exercises and senior military visits, by partner and year.

The counts are those of the Chinese Military Diplomacy Database (National Defense University,
version 4.98) as published in NBR's Mapping China's Borderlands 1.2. They begin in 2002; a blank
from then on means that the database holds no such contact, before then it means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, dyad
from analysis.sources.rows import Row, read_rows
from analysis.sources.selection import CODES

FILE = "nbr_borderlands/borderlands_v1.2_1999_2024.csv"
FIRST_YEAR = 2002
LEADERS_VISITS_COVERED = range(2010, 2020)
VARIABLES = {
    "sec_04_joint_exercise_ct": "joint_exercises_count",
    "sec_03_military_engagement_ct": "senior_military_visits_count",
}


def read_counts(raw: Path) -> Iterator[Observation]:
    """Joint exercises and senior military contacts of China with each neighbour from 2002."""
    for row in read_rows(raw, FILE, ("year", "recipient", *VARIABLES)):
        if row.text("recipient") in CODES and row.whole("year") >= FIRST_YEAR:
            for column, variable in VARIABLES.items():
                yield _observe(row, column, variable)


def read_leader_visits(raw: Path) -> Iterator[Observation]:
    """Visits of heads of state and government between China and each neighbour (AidData)."""
    column = "civ_03_total_visits_ct"
    for row in read_rows(raw, FILE, ("year", "recipient", column)):
        year, code = row.whole("year"), CODES.get(row.text("recipient"))
        count = row.number(column)
        if code is not None and count is not None and year in LEADERS_VISITS_COVERED:
            yield Observation(
                unit=dyad("CHN", code, year),
                year=year,
                variable="leader_visits_count",
                value=count,
                status="reported",
                source="aiddata-gpd",
                locator=row.locate("year", "recipient", column=column),
            )


def _observe(row: Row, column: str, variable: str) -> Observation:
    year, partner, count = row.whole("year"), row.text("recipient"), row.number(column)
    return Observation(
        unit=dyad("CHN", CODES[partner], year),
        year=year,
        variable=variable,
        value=0.0 if count is None else count,
        status="computed" if count is None else "reported",
        source="ndu",
        locator=row.locate("year", "recipient", column=column),
        note="none found" if count is None else "",
    )
