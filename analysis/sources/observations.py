"""What every reader of a provider file hands on, and the one place that sorts and writes it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pandas as pd

from analysis.errors import DataError, Fault
from analysis.records.files import write_text_atomically

Status = Literal["reported", "estimated", "computed", "interpolated", "recalled", "missing"]

KEY = ("unit", "year", "variable", "source")
SOVIET_UNION_LAST_YEAR = 1991


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one variable for one unit and year, as one source has it.

    Attributes:
        value: None if the source says that there is none (`status` is then `missing`).
        locator: Leads a reader to the cell: file of the provider, then the key of its row.
    """

    unit: str
    year: int
    variable: str
    value: float | None
    status: Status
    source: str
    locator: str
    note: str = ""


COLUMNS = tuple(field.name for field in fields(Observation))


def state(iso3: str, year: int) -> str:
    """Name the state that existed under a code in a year.

    >>> state("RUS", 1991), state("RUS", 1992), state("CHN", 1991)
    ('SUN', 'RUS', 'CHN')
    """
    return "SUN" if iso3 == "RUS" and year <= SOVIET_UNION_LAST_YEAR else iso3


def dyad(side_a: str, side_b: str, year: int) -> str:
    """Name a pair of states whose order does not matter.

    >>> dyad("RUS", "CHN", 2000), dyad("RUS", "CHN", 1990)
    ('CHN-RUS', 'CHN-SUN')
    """
    return "-".join(sorted((state(side_a, year), state(side_b, year))))


def directed_dyad(sender: str, receiver: str, year: int) -> str:
    """Name what goes from one state to another.

    >>> directed_dyad("RUS", "CHN", 2000)
    'RUS>CHN'
    """
    return f"{state(sender, year)}>{state(receiver, year)}"


def tabulate_observations(observations: Iterable[Observation]) -> pd.DataFrame:
    """Give the rows of `observations.csv`, sorted by key, every cell as the text to be stored.

    Raises:
        DataError: Two observations have the same unit, year, variable and source.
    """
    rows = sorted(observations, key=_key)
    _check_unique(rows)
    table = pd.DataFrame([astuple(row) for row in rows], columns=list(COLUMNS))
    values = [format_value(row.value) for row in rows]
    return table.assign(year=table["year"].astype(int), value=pd.Series(values, dtype="str"))


def format_value(value: float | None) -> str:
    """Write a number with ten significant digits and no ornament.

    >>> format_value(1023.0), format_value(0.7125), format_value(None)
    ('1023', '0.7125', '')
    """
    if value is None:
        return ""
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    text = f"{round(value, 9 - magnitude):.{max(0, 9 - magnitude)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_observations(table: pd.DataFrame, path: Path) -> None:
    """Save a table of `tabulate_observations` as the study stores it."""
    write_text_atomically(path, table.to_csv(index=False, lineterminator="\n"))


def read_observations(path: Path) -> pd.DataFrame:
    """Read a stored table with every cell as the text it is, only the year as a number."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    return table.assign(year=table["year"].astype(int))


def _key(row: Observation) -> tuple[str, int, str, str]:
    return (row.unit, row.year, row.variable, row.source)


def _check_unique(rows: list[Observation]) -> None:
    faults = [
        Fault(
            file="data/observations.csv",
            row=None,
            column="",
            fault=f"{row.variable} of {row.unit} in {row.year} comes twice from {row.source}",
            remedy=f"keep one of: {before.locator} | {row.locator}",
        )
        for before, row in pairwise(rows)
        if _key(before) == _key(row)
    ]
    if faults:
        raise DataError(faults)
