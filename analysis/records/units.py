"""Units: states, dyads, directed dyads and groups, and the years in which they exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analysis.errors import Fault
from analysis.records.table import Table
from analysis.records.words import is_year, quote

STATE = re.compile(r"[A-Z]{3}")
MEMBER = re.compile(r"[A-Z][A-Z0-9]{1,7}")  # a side may be a state or a group
CODE = re.compile(r"[A-Z][A-Za-z0-9_]*")
YEARS = ("first_year", "last_year")
SEPARATOR = {"dyad": "-", "directed_dyad": ">"}
RUSSIA_FROM = 1992  # the code is SUN to 1991: the Soviet Union ended in its last week


@dataclass(frozen=True, slots=True)
class Unit:
    """What is followed through time: `CHN`, `CHN-RUS`, `RUS>CHN`, `NATO`."""

    unit: str
    name: str
    kind: str
    side_a: str
    side_b: str
    first_year: int | None
    last_year: int | None
    note: str


def find_unit_faults(table: Table) -> Iterator[Fault]:
    """Codes that do not fit their kind and sides, and years out of order or of the wrong state."""
    if not table.has("unit", "kind", "side_a", "side_b"):
        return
    for row, cells in table.records().items():
        yield from _find_code_faults(table, row, cells)
        if table.has(*YEARS) and cells["unit"]:
            yield from _find_year_faults(table, row, cells)


def build_units(table: Table) -> dict[str, Unit]:
    """Make the units of a table without faults."""
    units = {}
    for row in table.records().values():
        years = {name: int(row[name]) if row[name] else None for name in YEARS}
        cells: dict[str, Any] = {**row, **years}
        units[row["unit"]] = Unit(**cells)
    return units


def sides_of(unit: str) -> tuple[str, ...]:
    """The codes a unit is made of.

    >>> sides_of("RUS>CHN")
    ('RUS', 'CHN')
    """
    return tuple(re.split("[->]", unit))


def _find_code_faults(table: Table, row: int, cells: dict[str, str]) -> Iterator[Fault]:
    unit, kind = cells["unit"], cells["kind"]
    sides = (cells["side_a"], cells["side_b"])
    if kind in SEPARATOR:
        yield from _find_dyad_faults(table, row, unit, kind, sides)
        return
    for column, side in zip(("side_a", "side_b"), sides, strict=True):
        if side and kind in ("state", "group"):
            what = f"a {kind} has no sides, here stands {quote(side)}"
            yield table.fault(row, column, what, "leave the cell blank, or change the kind")
    if kind == "state" and unit and not STATE.fullmatch(unit):
        what = f"{quote(unit)} is not the code of a state"
        yield table.fault(row, "unit", what, "write its ISO code of three capitals, such as CHN")
    if kind == "group" and unit and not CODE.fullmatch(unit):
        what = f"{quote(unit)} is not the code of a group"
        yield table.fault(row, "unit", what, "write capitals and digits, such as NATO")


def _find_dyad_faults(
    table: Table, row: int, unit: str, kind: str, sides: tuple[str, str]
) -> Iterator[Fault]:
    words, mark = kind.replace("_", " "), SEPARATOR[kind]
    malformed = False
    for column, side in zip(("side_a", "side_b"), sides, strict=True):
        if not MEMBER.fullmatch(side):
            malformed = True
            what = f"{quote(side)} is not a side of a {words}" if side else "the side is blank"
            yield table.fault(row, column, what, "write the code of a state or group, such as CHN")
    if malformed:
        return
    if sides[0] == sides[1]:
        yield table.fault(row, "side_b", "both sides are the same", "name two different sides")
        return
    right = mark.join(sorted(sides) if kind == "dyad" else sides)
    if unit != right:
        order = "alphabetical order of its sides" if kind == "dyad" else "its sides, giver first"
        what = f"the {words} {quote(unit)} does not match {order}"
        yield table.fault(row, "unit", what, f"write {right}")
    elif kind == "dyad" and sides[0] > sides[1]:
        what = f"the sides {sides[0]} and {sides[1]} are not in alphabetical order"
        yield table.fault(row, "side_a", what, f"write {sides[1]} first")


def _find_year_faults(table: Table, row: int, cells: dict[str, str]) -> Iterator[Fault]:
    first = int(cells["first_year"]) if is_year(cells["first_year"]) else None
    last = int(cells["last_year"]) if is_year(cells["last_year"]) else None
    if first is not None and last is not None and first > last:
        what = f"the last year {last} lies before the first {first}"
        yield table.fault(row, "last_year", what, "exchange or correct them")
    sides = sides_of(cells["unit"])
    if "RUS" in sides and first is not None and first < RUSSIA_FROM:
        what = f"{cells['unit']} begins in {first}, but RUS is SUN before {RUSSIA_FROM}"
        yield table.fault(row, "first_year", what, f"begin in {RUSSIA_FROM}, or use SUN")
    if "SUN" in sides and last is not None and last >= RUSSIA_FROM:
        what = f"{cells['unit']} ends in {last}, but SUN is RUS from {RUSSIA_FROM} on"
        yield table.fault(row, "last_year", what, f"end in {RUSSIA_FROM - 1}, or use RUS")
