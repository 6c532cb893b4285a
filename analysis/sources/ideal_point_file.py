"""Ideal points as published: one row a state and calendar year (releases from July 2025 on)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.sources.reshaped import Reshaped, unknown_layout
from analysis.sources.selection import FIRST_YEAR
from analysis.sources.un_roll_calls import read_separated

WHAT = "The table of ideal points"
NEEDED = ("iso3c", "year", "idealpointfp")
KEPT = ("ccode", "countryname", *NEEDED, "idealpointall", "idealpointlegacy", "nvotesfp")


def reshape_ideal_points(path: Path) -> Reshaped:
    """Keep the years from 1990 on and the columns in use; cells stay as they are written."""
    table = read_separated(path, NEEDED, WHAT)
    years = pd.to_numeric(table["year"], errors="coerce")
    if years.isna().any():
        raise unknown_layout(WHAT, f"has {table['year'][years.isna()].iloc[0]!r} for a year")
    kept = table.loc[years >= FIRST_YEAR, [name for name in KEPT if name in table.columns]]
    if kept.empty:
        raise unknown_layout(WHAT, f"has no year from {FIRST_YEAR} on")
    return Reshaped(kept.reset_index(drop=True))
