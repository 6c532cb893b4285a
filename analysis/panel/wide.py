"""A wide table of the user's own as a panel, with the faults of its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from analysis.errors import DataError, Fault, UsageError
from analysis.panel.cells import KEY, ORIGIN, widen
from analysis.records.codebook import Variable
from analysis.records.words import quote, suggest

FILE, SOURCE = "frame", "frame"


def lengthen(
    frame: pd.DataFrame, unit: str, year: str
) -> tuple[pd.DataFrame, pd.DataFrame, Mapping[str, Variable], pd.DataFrame]:
    """Give what a `Panel` is made of; see `Panel.from_frame`."""
    for name in (unit, year):
        if name not in frame.columns:
            hint = suggest(name, [str(column) for column in frame.columns])
            raise UsageError(f"The frame has no column {quote(name)}; {hint}")
    table = frame.reset_index(drop=True)
    names = [column for column in table.columns if column not in (unit, year)]
    faults = [*_find_key_faults(table, unit, year), *_find_cell_faults(table, names)]
    if faults:
        raise DataError(faults)
    long = pd.concat([_cells(table, unit, year, name) for name in names], ignore_index=True)
    cells = long.sort_values(KEY).set_index(KEY)[["value", *ORIGIN]]
    index = pd.MultiIndex.from_arrays(
        [table[unit].astype(str), table[year].astype("int64")], names=["unit", "year"]
    ).sort_values()
    wide = widen(cells).reindex(index=index, columns=sorted(map(str, names)))
    codebook = {str(name): _variable(str(name)) for name in names}
    return wide, cells, codebook, cells


def _cells(table: pd.DataFrame, unit: str, year: str, name: str) -> pd.DataFrame:
    present = table[table[name].notna()]
    values = present[name].astype("float64")
    return pd.DataFrame(
        {
            "unit": present[unit].astype(str),
            "year": present[year].astype("int64"),
            "variable": str(name),
            "value": values,
            "source": SOURCE,
            "status": "reported",
            "locator": [f"row {row}, column {name}" for row in present.index + 1],
            "note": "",
            "stored": [repr(float(value)) for value in values],
            "row": present.index + 1,
        }
    )


def _find_key_faults(table: pd.DataFrame, unit: str, year: str) -> Iterator[Fault]:
    years = pd.to_numeric(table[year], errors="coerce")
    for row in table.index[table[unit].isna()]:
        yield Fault(FILE, int(row) + 1, unit, "the unit is missing", "name it")
    for row in table.index[~years.mod(1).eq(0)]:
        what = f"{quote(table.at[row, year])} is not a year"
        yield Fault(FILE, int(row) + 1, year, what, "write a whole number, such as 2012")
    for row in table.index[table.duplicated([unit, year])]:
        what = f"{table.at[row, unit]!s} in {table.at[row, year]!s} stands twice"
        yield Fault(FILE, int(row) + 1, unit, what, "keep one row for each unit and year")


def _find_cell_faults(table: pd.DataFrame, names: list[str]) -> Iterator[Fault]:
    for name in names:
        numbers = pd.to_numeric(table[name], errors="coerce").astype("float64")
        is_text = table[name].map(lambda cell: isinstance(cell, str)).astype(bool)
        wrong = table[name].notna() & (is_text | ~np.isfinite(numbers))
        for row in table.index[wrong]:
            what = f"{quote(table.at[row, name])} is not a number"
            yield Fault(FILE, int(row) + 1, str(name), what, "convert the column, or leave it out")


def _variable(name: str) -> Variable:
    """What can be said of a variable that no codebook describes."""
    return Variable(
        variable=name,
        label=name,
        construct="",
        component="",
        measured_in="",
        scale="amount",
        higher_means="",
        lower_bound=None,
        upper_bound=None,
        sources=(SOURCE,),
        coverage_first=None,
        coverage_last=None,
        derived_from=(),
        note="",
    )
