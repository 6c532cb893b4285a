"""Variables: what is measured, on which scale, by which sources, over which years."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.errors import Fault
from analysis.records.table import Table
from analysis.records.words import is_number, is_year, quote, split_list

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# Bounds that follow from the scale where the codebook states none.
SCALE_BOUNDS: Mapping[str, tuple[float | None, float | None]] = {
    "count": (0.0, None),
    "share": (0.0, 1.0),
    "binary": (0.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A row of the codebook; `sources` in order of preference."""

    variable: str
    label: str
    construct: str
    component: str
    measured_in: str
    scale: str
    higher_means: str
    lower_bound: float | None
    upper_bound: float | None
    sources: tuple[str, ...]
    coverage_first: int | None
    coverage_last: int | None
    derived_from: tuple[str, ...]
    note: str

    def allows(self, lowest: float, highest: float) -> bool:
        """Whether values from `lowest` to `highest` lie within the bounds."""
        low, high = self.lower_bound, self.upper_bound
        return not ((low is not None and lowest < low) or (high is not None and highest > high))


def find_codebook_faults(table: Table) -> Iterator[Fault]:
    """Names, bounds, coverage and origins that cannot be right."""
    for row, text in table.bad_cells(
        "variable", lambda name: not name or NAME.fullmatch(name) is not None
    ):
        what = f"{quote(text)} is not the name of a variable"
        yield table.fault(row, "variable", what, "write small letters, digits and single _")
    columns = ("variable", "scale", "lower_bound", "upper_bound", "sources", "derived_from")
    if not table.has(*columns, "coverage_first", "coverage_last"):
        return
    for row, cells in table.records().items():
        yield from _find_bound_faults(table, row, cells)
        yield from _find_coverage_faults(table, row, cells)
        if not cells["sources"] and not cells["derived_from"]:
            what = "neither a source nor a variable it is derived from is named"
            yield table.fault(row, "sources", what, "list its sources, the preferred one first")
    yield from _find_circles(table)


def bounds_of(scale: str, lower: str, upper: str) -> tuple[float | None, float | None]:
    """The bounds the codebook states, else those that follow from the scale.

    >>> bounds_of("count", "", "")
    (0.0, None)
    """
    by_scale = SCALE_BOUNDS.get(scale, (None, None))
    return (
        float(lower) if is_number(lower) else by_scale[0],
        float(upper) if is_number(upper) else by_scale[1],
    )


def build_variables(table: Table) -> dict[str, Variable]:
    """Make the variables of a table without faults."""
    variables = {}
    for row in table.records().values():
        cells: dict[str, Any] = dict(row)
        for name in ("lower_bound", "upper_bound"):
            cells[name] = float(row[name]) if row[name] else None
        for name in ("coverage_first", "coverage_last"):
            cells[name] = int(row[name]) if row[name] else None
        for name in ("sources", "derived_from"):
            cells[name] = split_list(row[name])
        variables[row["variable"]] = Variable(**cells)
    return variables


def _find_bound_faults(table: Table, row: int, cells: dict[str, str]) -> Iterator[Fault]:
    scale, least = cells["scale"], SCALE_BOUNDS.get(cells["scale"], (None, None))[0]
    lower, upper = bounds_of(scale, cells["lower_bound"], cells["upper_bound"])
    if lower is not None and upper is not None and lower >= upper:
        what = f"the upper bound {upper:g} is not above the lower bound {lower:g}"
        yield table.fault(row, "upper_bound", what, "exchange or correct them")
    if lower is not None and least is not None and lower < least:
        what = f"a {scale} cannot go down to {lower:g}"
        yield table.fault(row, "lower_bound", what, f"write {least:g} or more, or change the scale")


def _find_coverage_faults(table: Table, row: int, cells: dict[str, str]) -> Iterator[Fault]:
    first, last = cells["coverage_first"], cells["coverage_last"]
    if not cells["derived_from"]:
        for column in ("coverage_first", "coverage_last"):
            if not cells[column]:
                what = "the cell is blank, so a year without a row could be zero or missing"
                yield table.fault(row, column, what, "write the year the sources reach")
    if is_year(first) and is_year(last) and int(first) > int(last):
        what = f"coverage ends in {last}, before it begins in {first}"
        yield table.fault(row, "coverage_last", what, "exchange or correct them")


def _find_circles(table: Table) -> Iterator[Fault]:
    origins = {
        str(name): split_list(str(cell))
        for name, cell in zip(table.frame["variable"], table.frame["derived_from"], strict=True)
    }
    for row, name in zip(table.frame.index, table.frame["variable"], strict=True):
        if name in reach(origins, str(name)):
            what = f"{name} is derived from itself"
            yield table.fault(int(row), "derived_from", what, "name the variables it is made of")


def reach(steps: Mapping[str, tuple[str, ...]], start: str) -> frozenset[str]:
    """Everything that can be reached from `start` by one step or more.

    >>> sorted(reach({"a": ("b",), "b": ("c",)}, "a"))
    ['b', 'c']
    """
    seen: set[str] = set()
    ahead = list(steps.get(start, ()))
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead.extend(steps.get(name, ()))
    return frozenset(seen)
