"""Tables with one row for each state and year: the same reading for many providers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.sources.observations import Observation, Status
from analysis.sources.rows import Row, read_rows
from analysis.sources.selection import FIRST_YEAR, WIDE_FROM


@dataclass(frozen=True, slots=True)
class Measure:
    """A column as a variable; `factor` turns the provider's unit into that of the codebook."""

    variable: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class StateTable:
    """Where a provider has yearly figures of states.

    Attributes:
        state_column: The column that names the state.
        codes: ISO3 code by the name in that column, for the states wanted.
        measures: What each column becomes.
    """

    file: str
    source: str
    state_column: str
    codes: Mapping[str, str]
    measures: Mapping[str, Measure]
    status: Status = "reported"
    year_column: str = "year"


def read_states(raw: Path, table: StateTable) -> Iterator[Observation]:
    """Give every figure of a wanted state; a blank gives none.

    Providers differ on what they call Russia before 1992 (the USSR, or the republic) and Germany
    in 1990 (one state, the other, or both), and some have the republics of the USSR before they
    were states: these are taken from 1992 on.
    """
    columns = (table.state_column, table.year_column, *table.measures)
    for row in read_rows(raw, table.file, columns):
        code = table.codes.get(row.text(table.state_column))
        if code is not None and row.whole(table.year_column) >= _first_year(code):
            for column, measure in table.measures.items():
                yield from _observe(table, row, code, column, measure)


def _first_year(code: str) -> int:
    return WIDE_FROM if code in {"RUS", "DEU", "KAZ", "UKR"} else FIRST_YEAR


def _observe(
    table: StateTable, row: Row, code: str, column: str, measure: Measure
) -> Iterator[Observation]:
    value = row.number(column)
    if value is None:
        return
    scaled = column if measure.factor == 1 else f"{measure.factor:g} x {column}"
    yield Observation(
        unit=code,
        year=row.whole(table.year_column),
        variable=measure.variable,
        value=value * measure.factor,
        status=table.status,
        source=table.source,
        locator=row.locate(table.state_column, table.year_column, column=scaled),
    )
