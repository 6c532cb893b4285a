"""Standing facts about pairs: distance, alliances, shared organisations, disputes, rivalries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, dyad
from analysis.sources.rows import Row, locate, read_rows
from analysis.sources.selection import FIRST_YEAR, WIDE_FROM, is_central, is_studied

FOLDER = "cow_peacesciencer"
DISTANCE = f"{FOLDER}/mindist_core_1990_2019.csv.gz"
ALLIANCES = f"{FOLDER}/atop_directed_dyads_1990_2018.csv.gz"
ORGANISATIONS = f"{FOLDER}/igo_joint_core_1990_2014.csv.gz"
DISPUTES = f"{FOLDER}/gml_mid_directed_1990_2010.csv"
RIVALRIES = f"{FOLDER}/rivalries_tss.csv"
STATES_OF_COW = f"{FOLDER}/nmc_1990_2022.csv"
ALLIANCES_COVERED = range(FIRST_YEAR, 2019)
DISPUTES_COVERED = range(FIRST_YEAR, 2011)
RIVALRIES_COVERED = range(FIRST_YEAR, 2021)
OBLIGATIONS = {
    "atop_defense": "alliance_defence_binary",
    "atop_nonagg": "alliance_nonaggression_binary",
    "atop_consul": "alliance_consultation_binary",
}


def read_codes(raw: Path) -> dict[str, str]:
    """ISO3 code by the number that the Correlates of War project gives a state."""
    rows = read_rows(raw, STATES_OF_COW, ("ccode", "iso3", "year"))
    return {row.text("ccode"): row.text("iso3") for row in rows if row.whole("year") >= WIDE_FROM}


def read_distances(raw: Path) -> Iterator[Observation]:
    """Smallest distance between the territories of each pair on 1 January."""
    seen: set[tuple[str, int]] = set()  # some pairs stand in the file in both orders
    for row in read_rows(raw, DISTANCE, ("iso3_a", "iso3_b", "year", "mindist")):
        side_a, side_b, year = row.text("iso3_a"), row.text("iso3_b"), row.whole("year")
        value, key = row.number("mindist"), (dyad(side_a, side_b, year), year)
        if is_studied(side_a, side_b, year) and value is not None and key not in seen:
            seen.add(key)
            yield Observation(
                unit=key[0],
                year=year,
                variable="distance_minimum_km",
                value=value,
                status="reported",
                source="cow-mindist",
                locator=row.locate("iso3_a", "iso3_b", "year", column="mindist"),
            )


def read_alliances(raw: Path) -> Iterator[Observation]:
    """Obligations of the centre's states with others; a pair that is not in the file has none."""
    allied: dict[tuple[str, str, int], Row] = {}
    for row in read_rows(raw, ALLIANCES, ("iso3_1", "iso3_2", "year", *OBLIGATIONS)):
        allied[row.text("iso3_1"), row.text("iso3_2"), row.whole("year")] = row
    numbers = _read_numbers(raw)
    for year in ALLIANCES_COVERED:
        for first, second in _central_pairs(numbers, year):
            found = allied.get((first, second, year), allied.get((second, first, year)))
            for column, variable in OBLIGATIONS.items():
                if found is not None:
                    yield _observe(found, (first, second, year), column, variable, "atop-5-1")
                else:
                    yield _observe_no_alliance(first, second, year, column)


def read_organisations(raw: Path) -> Iterator[Observation]:
    """Memberships that the centre's states share with others."""
    codes = read_codes(raw)
    for row in read_rows(raw, ORGANISATIONS, ("ccode1", "ccode2", "year", "dyadigos")):
        first, second = codes.get(row.text("ccode1"), ""), codes.get(row.text("ccode2"), "")
        year = row.whole("year")
        if is_central(first, second, year) and row.number("dyadigos") is not None:
            keys = (first, second, year)
            yield _observe(row, keys, "dyadigos", "organisations_joint_count", "cow-igo-3")


def read_disputes(raw: Path) -> Iterator[Observation]:
    """Militarised disputes that began in a year between the centre's states and others."""
    columns = ("ccode1", "ccode2", "year", "midonset", "dispnum")
    codes, numbers = read_codes(raw), _read_numbers(raw)
    begun: dict[tuple[str, str, int], set[str]] = {}
    for row in read_rows(raw, DISPUTES, columns):
        first, second = codes.get(row.text("ccode1"), ""), codes.get(row.text("ccode2"), "")
        if row.whole("midonset") == 1 and first < second:
            begun.setdefault((first, second, row.whole("year")), set()).add(row.text("dispnum"))
    for year in DISPUTES_COVERED:
        for first, second in _central_pairs(numbers, year):
            found = begun.get((first, second, year), set())
            keys: dict[str, str | int] = {
                "ccode1": numbers[first],
                "ccode2": numbers[second],
                "year": year,
                "midonset": 1,
            }
            yield Observation(
                unit=dyad(first, second, year),
                year=year,
                variable="dispute_onsets_count",
                value=float(len(found)),
                status="computed",
                source="gml-mid-2-2-1",
                locator=locate(DISPUTES, keys, "count of dispnum"),
                note="" if found else "none found",
            )


def read_rivalries(raw: Path) -> Iterator[Observation]:
    """Whether two states are strategic rivals, for the centre's states and others."""
    codes, numbers = read_codes(raw), _read_numbers(raw)
    spells: dict[frozenset[str], list[Row]] = {}
    for row in read_rows(raw, RIVALRIES, ("tssr_id", "ccode1", "ccode2", "start", "end")):
        pair = frozenset((codes.get(row.text("ccode1"), ""), codes.get(row.text("ccode2"), "")))
        spells.setdefault(pair, []).append(row)
    for year in RIVALRIES_COVERED:
        for first, second in _central_pairs(numbers, year):
            found = [
                row
                for row in spells.get(frozenset((first, second)), [])
                if row.whole("start") <= year <= row.whole("end")
            ]
            names = " or ".join(row.text("tssr_id") for row in found)
            keys = {"tssr_id": names} if names else {"ccode1": numbers[first]}
            yield Observation(
                unit=dyad(first, second, year),
                year=year,
                variable="rivalry_binary",
                value=float(bool(found)),
                status="computed",
                source="tss-rivalries",
                locator=locate(RIVALRIES, keys, "present"),
                note="" if found else "none found",
            )


def _observe_no_alliance(first: str, second: str, year: int, column: str) -> Observation:
    return Observation(
        unit=dyad(first, second, year),
        year=year,
        variable=OBLIGATIONS[column],
        value=0.0,
        status="computed",
        source="atop-5-1",
        locator=locate(ALLIANCES, {"iso3_1": first, "iso3_2": second, "year": year}, column),
        note="none found",
    )


def _observe(
    row: Row, keys: tuple[str, str, int], column: str, variable: str, source: str
) -> Observation:
    first, second, year = keys
    names = ("iso3_1", "iso3_2") if "iso3_1" in row.cells else ("ccode1", "ccode2")
    return Observation(
        unit=dyad(first, second, year),
        year=year,
        variable=variable,
        value=row.number(column),
        status="reported",
        source=source,
        locator=row.locate(*names, "year", column=column),
    )


def _read_numbers(raw: Path) -> dict[str, str]:
    return {code: number for number, code in read_codes(raw).items()}


def _central_pairs(numbers: dict[str, str], year: int) -> list[tuple[str, str]]:
    codes = sorted(numbers)
    return [(a, b) for a in codes for b in codes if a < b and is_central(a, b, year)]
