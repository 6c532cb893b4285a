"""Events: dated happenings, the primary list behind counts."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.errors import Fault
from analysis.records.table import Table
from analysis.records.units import RUSSIA_FROM, sides_of
from analysis.records.words import first_day, is_number, is_partial_date, is_year, quote

PARTS_OF_DATE = {"day": 3, "month": 2, "year": 1}


def find_event_faults(table: Table, units: Table | None) -> Iterator[Fault]:
    """Dates coarser than stated, values without unit, and units that did not exist."""
    if table.has("date", "date_precision"):
        yield from _find_precision_faults(table)
    if table.has("value", "unit_of_value", "status"):
        yield from _find_value_faults(table)
    if table.has("unit", "date"):
        yield from _find_unit_year_faults(table, units)


def build_events(table: Table) -> pd.DataFrame:
    """Make the frame of a table without faults; `date` is the first day the cell may mean."""
    frame = table.frame.copy()
    frame["stored"] = frame["value"]
    frame["value"] = [float(text) if text else float("nan") for text in frame["value"]]
    frame["year"] = [first_day(text).year for text in frame["date"]]
    frame["date"] = [first_day(text) for text in frame["date"]]
    frame["row"] = frame.index
    return frame.reset_index(drop=True)


def _find_precision_faults(table: Table) -> Iterator[Fault]:
    cells = table.frame[["date", "date_precision"]]
    for row, text, precision in cells.itertuples(name=None):
        parts = PARTS_OF_DATE.get(precision, 0)
        if is_partial_date(text) and len(text.split("-")) < parts:
            what = f"{quote(text)} is not known to the {precision}"
            yield table.fault(int(row), "date", what, "write more of the date, or its precision")


def _find_value_faults(table: Table) -> Iterator[Fault]:
    cells = table.frame[["value", "unit_of_value", "status"]]
    for row, value, unit_of_value, status in cells.itertuples(name=None):
        if is_number(value) and not unit_of_value:
            what = f"the value {value} has no unit"
            yield table.fault(int(row), "unit_of_value", what, "write what it counts or measures")
        if value and status == "missing":
            what = f"{quote(value)} stands in a row with status missing"
            yield table.fault(int(row), "value", what, "leave the value blank, or give its status")


def _find_unit_year_faults(table: Table, units: Table | None) -> Iterator[Fault]:
    limits = _limits(units)
    for row, unit, text in table.frame[["unit", "date"]].itertuples(name=None):
        if not is_partial_date(text):
            continue
        year, (first, last) = first_day(text).year, limits.get(unit, (None, None))
        if (first is not None and year < first) or (last is not None and year > last):
            what = f"{unit} lasts from {first or '...'} to {last or '...'}, this is of {year}"
            yield table.fault(int(row), "date", what, "correct the date or the unit")
        elif year < RUSSIA_FROM and "RUS" in sides_of(unit):
            what = f"{unit} in {year}: RUS is SUN before {RUSSIA_FROM}"
            yield table.fault(int(row), "unit", what, "use the unit with SUN")
        elif year >= RUSSIA_FROM and "SUN" in sides_of(unit):
            what = f"{unit} in {year}: SUN is RUS from {RUSSIA_FROM}"
            yield table.fault(int(row), "unit", what, "use the unit with RUS")


def _limits(units: Table | None) -> dict[str, tuple[int | None, int | None]]:
    if units is None or not units.has("unit", "first_year", "last_year"):
        return {}
    return {
        unit: (int(first) if is_year(first) else None, int(last) if is_year(last) else None)
        for unit, first, last in units.frame[["unit", "first_year", "last_year"]].itertuples(
            index=False, name=None
        )
    }
