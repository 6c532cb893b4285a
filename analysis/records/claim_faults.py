"""The faults of the table of claims: checks that cannot be carried out as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from analysis.errors import Fault
from analysis.records.claims import read_periods, span_of
from analysis.records.operations import (
    COMPARISONS,
    EXPECTED,
    NOT_CHECKED,
    OPERATIONS,
    SPANS,
    Operation,
)
from analysis.records.table import Table
from analysis.records.words import is_number, is_year, join_words, quote, split_list, suggest

CHECK = (
    "series", "units", "years", "comparison", "bound", "expected", "source", "tolerance", "events",
    "kinds", "domains",
)  # fmt: skip
FILTERS = {"kinds": "kind", "domains": "domain"}
NEEDED = ("claim", "operation", *CHECK, "needs")

Row = Mapping[str, str]


def find_claim_faults(
    table: Table, codebook: Table | None = None, events: Table | None = None
) -> Iterator[Fault]:
    """Years that cannot be read, and checks that do not fit their operation."""
    for row, text in table.bad_cells("years", lambda text: read_periods(text) is not None):
        what = f"{quote(text)} is not a list of years"
        yield table.fault(row, "years", what, "write 2012, 2005:2012, or several divided by ;")
    if not table.has(*NEEDED):
        return
    for row, cells in table.records().items():
        name = cells["operation"] or NOT_CHECKED
        if name not in OPERATIONS:
            continue  # a fault of the cell
        if name == NOT_CHECKED:
            yield from _find_needless_cells(table, row, cells)
            continue
        yield from _find_missing_cells(table, row, cells, OPERATIONS[name])
        yield from _find_number_faults(table, row, cells, OPERATIONS[name])
        yield from _find_bound_faults(table, row, cells, OPERATIONS[name])
        yield from _find_coverage_faults(table, row, cells, codebook)
        yield from _find_filter_faults(table, row, cells, events)


def _find_needless_cells(table: Table, row: int, cells: Row) -> Iterator[Fault]:
    if not cells["needs"]:
        what = "the statement is not checked, and nothing says why"
        yield table.fault(row, "needs", what, "write what would be needed, or an operation")
    for name in CHECK:
        if cells[name]:
            what = f"{quote(cells[name])} belongs to a check, and there is none"
            yield table.fault(row, name, what, "write the operation, or leave the cell blank")


def _find_missing_cells(
    table: Table, row: int, cells: Row, operation: Operation
) -> Iterator[Fault]:
    if cells["needs"]:
        what = "the statement is checked, so nothing more is needed"
        yield table.fault(row, "needs", what, "leave it blank, or write the operation none")
    needed = ["comparison", "bound", "expected"]
    if operation.reads == "series":
        needed.append("series")
        unfit = ["events", "kinds", "domains"]
    else:
        unfit = ["series"]
        if not (cells["events"] or cells["kinds"]):
            what = "neither events nor kinds of event are named"
            yield table.fault(row, "events", what, "name one of them")
    for name in needed:
        if not cells[name]:
            what = f"the cell is blank, and {cells['operation']} needs it"
            yield table.fault(row, name, what, f"{name} must be given")
    for name in unfit:
        if cells[name]:
            what = f"{cells['operation']} does not read {name}"
            yield table.fault(row, name, what, "leave the cell blank")


def _find_number_faults(
    table: Table, row: int, cells: Row, operation: Operation
) -> Iterator[Fault]:
    """Too few or too many units, periods, years or events."""
    periods = read_periods(cells["years"])
    if periods is None:
        return  # a fault of the cell
    counts = {"units": len(split_list(cells["units"])), "years": len(periods)}
    limits = {"units": operation.units, "years": operation.periods}
    words = {"units": "unit", "years": "period"}
    for name, (least, most) in limits.items():
        if counts[name] < least or (most is not None and counts[name] > most):
            noun = f"{words[name]}s" if (least, most) != (1, 1) else words[name]
            wanted = f"{least}" if least == most else f"{least} or more"
            what = f"{cells['operation']} takes {wanted} {noun}, here are {counts[name]}"
            yield table.fault(row, name, what, "add or remove some")
    for first, last in periods:
        if last - first + 1 < operation.length:
            what = f"{first}:{last} has fewer than {operation.length} years"
            yield table.fault(row, "years", what, f"{cells['operation']} needs more")
    if operation.events is not None and len(split_list(cells["events"])) != operation.events:
        what = f"{cells['operation']} takes {operation.events} named events"
        yield table.fault(row, "events", what, "name as many, in the order of the statement")


def _find_bound_faults(table: Table, row: int, cells: Row, operation: Operation) -> Iterator[Fault]:
    comparison, bound, tolerance = cells["comparison"], cells["bound"], cells["tolerance"]
    if comparison and comparison not in COMPARISONS:
        yield table.fault(
            row,
            "comparison",
            f"{quote(comparison)} is not a comparison",
            f"write {join_words(COMPARISONS[:-1])} or within",
        )
    if cells["expected"] and cells["expected"] not in EXPECTED:
        what = f"{quote(cells['expected'])} does not say whether the comparison should hold"
        yield table.fault(row, "expected", what, "write true or false")
    if tolerance and (not is_number(tolerance) or float(tolerance) < 0):
        what = f"{quote(tolerance)} is not a tolerance"
        yield table.fault(row, "tolerance", what, "write a number that is not below zero")
    if not bound:
        return
    try:
        low, high = span_of(bound, operation.gives)
    except ValueError:
        right = "2012-04 or 2016-07:2016-12" if operation.gives == "date" else "0.5 or 1:6"
        what = f"{quote(bound)} is not a {operation.gives} or a span of two"
        yield table.fault(row, "bound", what, f"write such as {right}")
        return
    if low > high:
        yield table.fault(row, "bound", f"{quote(bound)} runs backwards", "exchange its ends")
    if ":" in bound and comparison not in SPANS:
        what = f"{quote(comparison)} cannot be asked of the two ends {quote(bound)}"
        yield table.fault(row, "bound", what, "write one end, or compare by within")


def _find_coverage_faults(
    table: Table, row: int, cells: Row, codebook: Table | None
) -> Iterator[Fault]:
    """Years that no source reaches, and sources that do not have the variable."""
    if codebook is None or not codebook.has(
        "variable", "coverage_first", "coverage_last", "sources"
    ):
        return
    entries = {entry["variable"]: entry for entry in codebook.records().values()}
    series = [entries[name] for name in split_list(cells["series"]) if name in entries]
    for entry in series:
        first, last = entry["coverage_first"], entry["coverage_last"]
        if not (is_year(first) and is_year(last)):
            continue
        for period in read_periods(cells["years"]) or ():
            if period[0] < int(first) or period[1] > int(last):
                what = f"{period[0]}:{period[1]} goes beyond {entry['variable']}, {first} to {last}"
                yield table.fault(row, "years", what, "shorten it to the years that are covered")
    having = {source for entry in series for source in split_list(entry["sources"])}
    for source in split_list(cells["source"]):
        if series and source not in having:
            what = f"{quote(source)} is not a source of {cells['series']}"
            yield table.fault(row, "source", what, suggest(source, having))


def _find_filter_faults(
    table: Table, row: int, cells: Row, events: Table | None
) -> Iterator[Fault]:
    """Kinds and domains that no event has; a count may look for a domain and find none."""
    if events is None or not events.has("kind", "domain"):
        return
    columns = {"kinds": "kind"} if cells["operation"] == "count" else FILTERS
    for name, column in columns.items():
        known = set(events.frame[column]) - {""}
        for item in split_list(cells[name]):
            if item not in known:
                what = f"no event has the {column} {quote(item)}"
                yield table.fault(row, name, what, suggest(item, known))
