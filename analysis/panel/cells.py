"""Cells: one row for each unit, year and variable, with the value and its place in the source."""

from __future__ import annotations

import pandas as pd

KEY = ["unit", "year", "variable"]
ORIGIN = ["source", "status", "locator", "note", "stored", "row"]


def widen(cells: pd.DataFrame) -> pd.DataFrame:
    """One row for each unit and year, one column for each variable, NaN where there is no cell."""
    frame = cells["value"].unstack("variable").sort_index().sort_index(axis=1)
    return frame.rename_axis(columns=None)
