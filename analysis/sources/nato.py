"""NATO as a unit: its members, what they spend and command, and those that border Russia.

Members are counted from the dates of accession; sums run over those that are members on 31
December. Iceland has no armed forces and no expenditure in the sources, and is left out of sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from analysis.sources.observations import Observation
from analysis.sources.rows import locate, read_rows
from analysis.sources.selection import CODES, FIRST_YEAR, WIDE_FROM

FILE = "nato/nato_accession_dates_handcoded.csv"
EXPENDITURE = "sipri_milex/sipri_milex_1988_2025_v1.2-2026.csv"
CAPABILITIES = "cow_peacesciencer/nmc_1990_2022.csv"
BORDERS = "cow_peacesciencer/contiguity_direct_v3.2.csv"
LAST_YEAR = 2024
RUSSIA = "365"
LAND = 1
WITHOUT_FORCES = "ISL"
MEMBERS_BY_NAME = {
    **CODES,
    "Albania": "ALB",
    "Belgium": "BEL",
    "Bulgaria": "BGR",
    "Croatia": "HRV",
    "Czechia": "CZE",
    "Denmark": "DNK",
    "Estonia": "EST",
    "Finland": "FIN",
    "Greece": "GRC",
    "Hungary": "HUN",
    "Latvia": "LVA",
    "Lithuania": "LTU",
    "Luxembourg": "LUX",
    "Montenegro": "MNE",
    "Netherlands": "NLD",
    "North Macedonia": "MKD",
    "Norway": "NOR",
    "Portugal": "PRT",
    "Romania": "ROU",
    "Slovakia": "SVK",
    "Slovenia": "SVN",
    "Sweden": "SWE",
}


def read_members(raw: Path) -> Iterator[Observation]:
    """Number of members on 31 December of each year."""
    joined = _read_accessions(raw)
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        yield Observation(
            unit="NATO",
            year=year,
            variable="nato_members_count",
            value=float(len(_members(joined, year))),
            status="computed",
            source="nato-accession",
            locator=locate(FILE, {"accession_date": f"to {year}-12-31"}, "count of iso3"),
        )


def read_expenditure(raw: Path) -> Iterator[Observation]:
    """Military expenditure of all members together, in constant dollars."""
    values: dict[tuple[str, int], float] = {}
    for row in read_rows(raw, EXPENDITURE, ("country", "year", "milex_const2024_usd_m")):
        code, value = MEMBERS_BY_NAME.get(row.text("country")), row.number("milex_const2024_usd_m")
        if code is not None and value is not None:
            values[code, row.whole("year")] = value
    yield from _sum_members(
        raw,
        values,
        ("military_expenditure_usd", "sipri-milex-2026", EXPENDITURE, "milex_const2024_usd_m"),
    )


def read_capabilities(raw: Path) -> Iterator[Observation]:
    """Share of the world's material capabilities that all members hold together."""
    values: dict[tuple[str, int], float] = {}
    for row in read_rows(raw, CAPABILITIES, ("iso3", "year", "cinc")):
        value = row.number("cinc")
        # Germany of 1990 stands in two rows; sums begin with the comparison states, in 1992.
        if value is not None and row.whole("year") >= WIDE_FROM:
            values[row.text("iso3"), row.whole("year")] = value
    yield from _sum_members(
        raw, values, ("capabilities_cinc_share", "cow-nmc-7", CAPABILITIES, "cinc")
    )


def read_borders(raw: Path) -> Iterator[Observation]:
    """Members with a land border with Russia; borders are those of the last spell in the file."""
    neighbours = {
        row.text("ccode2").removesuffix(".0")
        for row in read_rows(raw, BORDERS, ("ccode1", "ccode2", "conttype", "enddate"))
        if row.text("ccode1").removesuffix(".0") == RUSSIA
        and row.whole("conttype") == LAND
        and row.text("enddate") >= str(WIDE_FROM)
    }
    numbers = {
        row.text("iso3"): row.text("ccode").removesuffix(".0")
        for row in read_rows(raw, CAPABILITIES, ("ccode", "iso3", "year"))
        if row.whole("year") >= WIDE_FROM
    }
    joined = _read_accessions(raw)
    for year in range(WIDE_FROM, LAST_YEAR + 1):
        bordering = sorted(m for m in _members(joined, year) if numbers.get(m) in neighbours)
        yield Observation(
            unit="RUS",
            year=year,
            variable="nato_members_bordering_count",
            value=float(len(bordering)),
            status="computed",
            source="cow-contiguity-3-2",
            locator=locate(BORDERS, {"ccode1": RUSSIA, "conttype": LAND}, "ccode2")
            + f"; {Path(FILE).name}, accession_date to {year}-12-31",
            note=", ".join(bordering),
        )


def _read_accessions(raw: Path) -> dict[str, date]:
    return {
        row.text("iso3"): date.fromisoformat(row.text("accession_date"))
        for row in read_rows(raw, FILE, ("iso3", "accession_date"))
    }


def _members(joined: dict[str, date], year: int) -> list[str]:
    return [code for code, day in joined.items() if day.year <= year]


def _sum_members(
    raw: Path, values: dict[tuple[str, int], float], what: tuple[str, str, str, str]
) -> Iterator[Observation]:
    variable, source, file, column = what
    joined = _read_accessions(raw)
    for year in sorted({year for _, year in values if FIRST_YEAR <= year <= LAST_YEAR}):
        members = [code for code in _members(joined, year) if code != WITHOUT_FORCES]
        absent = sorted(code for code in members if (code, year) not in values)
        if not absent:
            yield Observation(
                unit="NATO",
                year=year,
                variable=variable,
                value=sum(values[code, year] for code in members),
                status="computed",
                source=source,
                locator=locate(file, {"year": year}, f"sum of {column} over members"),
                note=f"{len(members)} members",
            )
