"""Claims: statements of fact, with what would check them as separate fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.errors import Fault
from analysis.records.table import Table
from analysis.records.words import quote, split_list

YEARS = re.compile(r"[12][0-9]{3}([:-][12][0-9]{3})?")


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of fact that a paper makes; lists as in the table, divided by semicolons."""

    claim: str
    paper: str
    locator: str
    statement: str
    operation: str
    series: tuple[str, ...]
    units: tuple[str, ...]
    years: tuple[str, ...]
    comparison: str
    bound: str
    expected: str
    source: tuple[str, ...]


def find_claim_faults(table: Table) -> Iterator[Fault]:
    """Years that cannot be read, or that run backwards."""
    for row, text in table.bad_cells("years", _are_years):
        what = f"{quote(text)} is not a list of years"
        yield table.fault(row, "years", what, "write 2012, 2005:2012, or several divided by ;")


def build_claims(table: Table) -> tuple[dict[str, Claim], pd.DataFrame]:
    """Make the claims of a table without faults, by key and as a frame of text."""
    lists = ("series", "units", "years", "source")
    claims = {}
    for row in table.records().values():
        cells: dict[str, Any] = {**row, **{name: split_list(row[name]) for name in lists}}
        claims[row["claim"]] = Claim(**cells)
    frame = table.frame.copy()
    frame["row"] = frame.index
    return claims, frame.reset_index(drop=True)


def _are_years(text: str) -> bool:
    for item in split_list(text.strip()):
        if not YEARS.fullmatch(item):
            return False
        first, *rest = re.split("[:-]", item)
        if rest and rest[0] < first:
            return False
    return True
