"""What changed between two vintages of a source, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pandas as pd

from analysis.sources.observations import Observation, format_value

Cell = tuple[str, int, str]


class Change(StrEnum):
    EQUAL = "equal"
    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell in one vintage against the same cell in the other.

    Attributes:
        before: The value as stored, empty if there was none.
        after: The value as it would be stored, empty if there is none any more.
        relative: |after / before - 1|; None where a value is absent or `before` is zero.
    """

    unit: str
    year: int
    variable: str
    kind: Change
    before: str
    after: str
    relative: float | None


def compare_vintages(
    stored: pd.DataFrame, fresh: Iterable[Observation], *, source: str, file: str
) -> list[CellChange]:
    """Compare what `observations.csv` holds of a file with what a newer vintage says.

    Only values that stand in a row of the file are compared: sums over members of NATO and what
    is computed from several sources follow from them.

    Args:
        stored: As `read_observations` gives it.
        fresh: Read from the newer vintage.
        source: Key of the vintage held.
        file: Its path in the raw folder.
    """
    rows = stored[stored["source"] == source]
    direct = rows["locator"].str.startswith(f"{Path(file).name}, ") & ~rows["locator"].str.endswith(
        "over members"
    )
    before: dict[Cell, str] = {
        (str(unit), int(year), str(variable)): str(value)
        for unit, year, variable, value in rows.loc[
            direct, ["unit", "year", "variable", "value"]
        ].itertuples(index=False)
    }
    after: dict[Cell, str] = {
        (row.unit, row.year, row.variable): format_value(row.value) for row in fresh
    }
    return [
        _compare(cell, before.get(cell, ""), after.get(cell, ""))
        for cell in sorted(before.keys() | after.keys(), key=_by_variable)
        if before.get(cell) or after.get(cell)
    ]


def count_changes(changes: Iterable[CellChange]) -> pd.DataFrame:
    """Cells of each kind by variable, with the median and the largest relative change."""
    table = pd.DataFrame(
        [(c.variable, c.kind.value, c.relative) for c in changes],
        columns=["variable", "kind", "relative"],
    )
    counts = pd.crosstab(table["variable"], table["kind"])
    counts = counts.reindex(columns=[kind.value for kind in Change], fill_value=0)
    changed = table[table["kind"] == Change.CHANGED].astype({"relative": float})
    sizes = changed.groupby("variable")["relative"]
    return counts.assign(median=sizes.median(), largest=sizes.max()).reset_index()


def find_largest(changes: Iterable[CellChange], most: int) -> list[CellChange]:
    """The changed cells whose value moved most in relation to itself, largest first."""
    moved = [change for change in changes if change.kind is Change.CHANGED]
    return sorted(moved, key=lambda c: (-_size(c), _by_variable((c.unit, c.year, c.variable))))[
        :most
    ]


def _size(change: CellChange) -> float:
    """What was zero and is not any more comes first."""
    return float("inf") if change.relative is None else change.relative


def _by_variable(cell: Cell) -> tuple[str, str, int]:
    unit, year, variable = cell
    return variable, unit, year


def _compare(cell: Cell, before: str, after: str) -> CellChange:
    if before == after:
        kind = Change.EQUAL
    elif not before:
        kind = Change.NEW
    elif not after:
        kind = Change.GONE
    else:
        kind = Change.CHANGED
    has_ratio = before and after and float(before) != 0
    relative = abs(float(after) / float(before) - 1) if has_ratio else None
    return CellChange(*cell, kind, before, after, relative)
