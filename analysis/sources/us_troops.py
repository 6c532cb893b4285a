"""US military personnel abroad, by host and summed over two regions.

From 2008 on sailors afloat are counted with their home port, which lifts Japan by a fifth and
lowers Germany: a break of definition, not of policy. Units that rotate through eastern Europe are
mostly not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, directed_dyad
from analysis.sources.pair_tables import read_codes
from analysis.sources.rows import locate, read_rows
from analysis.sources.selection import STATES, is_studied

FILE = "troopdata/us_troops_v1_1990_2023.csv"
WEST_GERMANY = "260"
# fmt: off
EUROPE = frozenset(
    {
        "ALB", "AUT", "BEL", "BGR", "BIH", "CHE", "CYP", "CZE", "DEU", "DNK",
        "ESP", "EST", "FIN", "FRA", "GBR", "GRC", "HRV", "HUN", "IRL", "ISL",
        "ITA", "LTU", "LUX", "LVA", "MKD", "MLT", "MNE", "NLD", "NOR", "POL",
        "PRT", "ROU", "SRB", "SVK", "SVN", "SWE",
    }
)
# fmt: on
ASIA_PACIFIC = frozenset({"AUS", "JPN", "KOR", "NZL", "PHL", "SGP", "THA", "TWN"})
REGIONS = {"us_troops_europe_count": EUROPE, "us_troops_asia_pacific_count": ASIA_PACIFIC}


def read_troops(raw: Path) -> Iterator[Observation]:
    """Persons in each large state and, under the United States, in Europe and Asia-Pacific."""
    persons, numbers = _read_persons(raw)
    for (host, year), number in persons.items():
        if host in STATES and is_studied("USA", host, year):
            unit = directed_dyad("USA", host, year)
            yield _observe(unit, year, "us_troops_count", number, numbers[host])
    for variable, hosts in REGIONS.items():
        for year in sorted({year for _, year in persons}):
            held = [persons[host, year] for host in hosts if (host, year) in persons]
            places = " or ".join(sorted(numbers[host] for host in hosts if host in numbers))
            yield _observe("USA", year, variable, sum(held), places)


def _read_persons(raw: Path) -> tuple[dict[tuple[str, int], float], dict[str, str]]:
    """Persons by host and year, and the numbers by which the file names each host.

    The ISO codes of the file are blank in 2022 and 2023, so the numbers of the Correlates of War
    project are read. Germany of 1990 stands in two rows.
    """
    codes = {number.removesuffix(".0"): code for number, code in read_codes(raw).items()}
    codes[WEST_GERMANY] = "DEU"
    persons: dict[tuple[str, int], float] = {}
    numbers: dict[str, str] = {}
    for row in read_rows(raw, FILE, ("ccode", "year", "troops")):
        number, year = row.text("ccode"), row.whole("year")
        code = codes.get(number)
        if code is not None:
            persons[code, year] = persons.get((code, year), 0.0) + (row.number("troops") or 0.0)
            numbers[code] = "255 or 260" if code == "DEU" else number
    return persons, numbers


def _observe(unit: str, year: int, variable: str, value: float, numbers: str) -> Observation:
    return Observation(
        unit=unit,
        year=year,
        variable=variable,
        value=value,
        status="computed",
        source="troopdata-v1",
        locator=locate(FILE, {"ccode": numbers, "year": year}, "sum of troops"),
    )
