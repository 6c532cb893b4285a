"""Observations: one value per unit, year, variable and source, checked against the codebook.

The rules work on whole columns, so that a table of 300,000 rows is checked in seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.errors import Fault
from analysis.records.codebook import bounds_of
from analysis.records.table import Table
from analysis.records.units import RUSSIA_FROM, sides_of
from analysis.records.words import is_number, is_year, quote, split_list

NO_LOCATOR_NEEDED = ("recalled", "missing")


def find_observation_faults(
    table: Table, codebook: Table | None, units: Table | None
) -> Iterator[Fault]:
    """Values that contradict their status, their variable, their source or their unit."""
    if table.has("value", "status"):
        yield from _find_status_faults(table)
    if table.has("unit", "year"):
        yield from _find_unit_year_faults(table, units)
        yield from _find_russia_faults(table, units)
    if codebook is not None and table.has("variable"):
        yield from _find_value_faults(table, codebook)
        yield from _find_coverage_faults(table, codebook)
        yield from _find_source_faults(table, codebook)


def build_observations(table: Table) -> pd.DataFrame:
    """Make the frame of a table without faults: `value` as number, `stored` as in the file."""
    frame = table.frame
    return pd.DataFrame(
        {
            "unit": frame["unit"],
            "year": frame["year"].astype("int64"),
            "variable": frame["variable"],
            "value": _numbers(frame["value"]),
            "stored": frame["value"],
            "status": frame["status"],
            "source": frame["source"],
            "locator": frame["locator"],
            "note": frame["note"],
            "row": frame.index.astype("int64"),
        }
    ).reset_index(drop=True)


def _numbers(cells: pd.Series) -> pd.Series:
    """The numbers that stand in cells of text, NaN where none does."""
    read = {text: float(text) if is_number(text) else float("nan") for text in pd.unique(cells)}
    return cells.map(read).astype("float64")


def _years(cells: pd.Series) -> pd.Series:
    """The years that stand in cells of text, NaN where none does."""
    read = {text: float(text) if is_year(text) else float("nan") for text in pd.unique(cells)}
    return cells.map(read).astype("float64")


def _find_status_faults(table: Table) -> Iterator[Fault]:
    value, status = table.frame["value"], table.frame["status"]
    blank, missing = value.eq(""), status.eq("missing")
    for row, text in _rows(~blank & missing, value):
        what = f"{quote(text)} stands in a row with status missing"
        yield table.fault(row, "value", what, "leave the value blank, or give its status")
    for row, text in _rows(blank & ~missing, status):
        what = f"the value is blank, but its status is {quote(text)}"
        yield table.fault(row, "value", what, "enter the value, or write status missing")
    if table.has("locator"):
        placed = table.frame["locator"].ne("") | status.isin(NO_LOCATOR_NEEDED)
        for row, _ in _rows(~placed, status):
            what = "the cell is blank, so the value cannot be found again"
            remedy = "write the place in the source, such as a page, table or row"
            yield table.fault(row, "locator", what, remedy)


def _find_unit_year_faults(table: Table, units: Table | None) -> Iterator[Fault]:
    if units is None or not units.has("unit", "first_year", "last_year"):
        return
    unit, year = table.frame["unit"], _years(table.frame["year"])
    known = units.frame.drop_duplicates("unit").set_index("unit")
    for column, word in (("first_year", "begins"), ("last_year", "ends")):
        limit = unit.map(_years(known[column]))
        wrong = year < limit if column == "first_year" else year > limit
        for row, name, bound, of in _rows(wrong, unit, limit, year):
            what = f"{name} {word} in {bound:.0f}, this value is of {of:.0f}"
            yield table.fault(row, "year", what, f"correct the year, or {column} in units.csv")


def _find_russia_faults(table: Table, units: Table | None) -> Iterator[Fault]:
    """SUN and RUS in each other's years, where the units' own years do not say so already."""
    unit, year = table.frame["unit"], _years(table.frame["year"])
    for code, other, side, column, wrong in (
        ("RUS", "SUN", "before", "first_year", year < RUSSIA_FROM),
        ("SUN", "RUS", "from", "last_year", year >= RUSSIA_FROM),
    ):
        concerned = {name for name in pd.unique(unit) if code in sides_of(name)}
        open_ended = concerned - _units_with(units, column)
        for row, name, of in _rows(wrong & unit.isin(open_ended), unit, year):
            what = f"{name} in {of:.0f}: {code} is {other} {side} {RUSSIA_FROM}"
            yield table.fault(row, "unit", what, f"use the unit with {other}")


def _units_with(units: Table | None, column: str) -> set[str]:
    if units is None or not units.has("unit", column):
        return set()
    return set(units.frame.loc[units.frame[column].map(is_year).astype(bool), "unit"])


def _find_value_faults(table: Table, codebook: Table) -> Iterator[Fault]:
    if not table.has("value") or not codebook.has("scale", "lower_bound", "upper_bound"):
        return
    text, variable = table.frame["value"], table.frame["variable"]
    value = _numbers(text)
    known = codebook.frame.drop_duplicates("variable").set_index("variable")
    for side, bounds in zip(("lower", "upper"), _bounds(known), strict=True):
        bound = variable.map(bounds)
        beyond = value < bound if side == "lower" else value > bound
        for row, cell, limit, name in _rows(beyond, text, bound, variable):
            word = "below" if side == "lower" else "above"
            what = f"{cell} is {word} {limit:g}, the {side} bound of {name}"
            remedy = "enter the value of the source, or mark it missing"
            yield table.fault(row, "value", what, remedy)
    whole = variable.isin(known.index[known["scale"].isin(["count", "binary"])])
    for row, cell, name in _rows(whole & (value % 1).gt(0), text, variable):
        what = f"{cell} is not a whole number, as {name} must be"
        remedy = "enter the value of the source, or change the scale in codebook.csv"
        yield table.fault(row, "value", what, remedy)


def _bounds(known: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Lower and upper bound by variable, NaN where there is none."""
    cells = zip(known["scale"], known["lower_bound"], known["upper_bound"], strict=True)
    bounds = [bounds_of(*each) for each in cells]
    return (
        pd.Series([lower for lower, _ in bounds], index=known.index, dtype="float64"),
        pd.Series([upper for _, upper in bounds], index=known.index, dtype="float64"),
    )


def _find_coverage_faults(table: Table, codebook: Table) -> Iterator[Fault]:
    if not table.has("year", "value") or not codebook.has("coverage_first", "coverage_last"):
        return
    known = codebook.frame.drop_duplicates("variable").set_index("variable")
    year, variable = _years(table.frame["year"]), table.frame["variable"]
    first = variable.map(_years(known["coverage_first"]))
    last = variable.map(_years(known["coverage_last"]))
    spans = known["coverage_first"] + " to " + known["coverage_last"]
    outside = (year.lt(first) | year.gt(last)) & table.frame["value"].ne("")
    for row, of, name, span in _rows(outside, year, variable, variable.map(spans)):
        what = f"{of:.0f} lies outside the coverage of {name}, {span.strip()}"
        remedy = "delete the row or mark it missing, or correct the coverage in codebook.csv"
        yield table.fault(row, "year", what, remedy)


def _find_source_faults(table: Table, codebook: Table) -> Iterator[Fault]:
    """Sources that the codebook does not rank for the variable."""
    if not table.has("source") or not codebook.has("sources", "derived_from"):
        return
    ranked = {
        str(variable): split_list(str(sources))
        for variable, sources, origins in codebook.frame[
            ["variable", "sources", "derived_from"]
        ].itertuples(index=False, name=None)
        if sources or not origins
    }
    pairs = table.frame[["variable", "source"]].drop_duplicates()
    wrong = [
        (variable, source)
        for variable, source in pairs.itertuples(index=False, name=None)
        if variable in ranked and source and source not in ranked[variable]
    ]
    for variable, source in wrong:
        here = table.frame["variable"].eq(variable) & table.frame["source"].eq(source)
        for row, _ in _rows(here, table.frame["source"]):
            what = f"the codebook does not name {quote(source)} as a source of {variable}"
            remedy = f"correct it, or add it to the sources of {variable} in codebook.csv"
            yield table.fault(row, "source", what, remedy)


def _rows(chosen: pd.Series, *columns: pd.Series) -> Iterator[Any]:
    """Line number and cells of the rows chosen."""
    lines = chosen.index[chosen].astype("int64").tolist()
    return zip(lines, *(column[chosen].tolist() for column in columns), strict=True)
