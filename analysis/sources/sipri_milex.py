"""Military expenditure of states, from the SIPRI database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, state
from analysis.sources.rows import read_rows
from analysis.sources.selection import FIRST_YEAR

FILE = "sipri_milex/sipri_milex_1988_2025_v1.2-2026.csv"
UNITED_STATES = "United States of America"


def read_us_expenditure(raw: Path) -> Iterator[Observation]:
    """Expenditure of the United States in constant dollars."""
    for row in read_rows(raw, FILE, ("country", "year", "milex_const2024_usd_m")):
        value = row.number("milex_const2024_usd_m")
        year = row.whole("year")
        if row.text("country") == UNITED_STATES and year >= FIRST_YEAR and value is not None:
            yield Observation(
                unit=state("USA", year),
                year=year,
                variable="us_military_expenditure_usd",
                value=value,
                status="reported",
                source="sipri-milex-2026",
                locator=row.locate("country", "year", column="milex_const2024_usd_m"),
            )
