"""Read a statement of fact off the data, in every way they allow.

A statement on series is read from the values as the panel assembles them and from every single
source that has all the years, recalled values left out; one on events with and without those that
are recalled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import pandas as pd

from analysis.errors import DesignError
from analysis.panel.panel import Panel
from analysis.records.claims import Claim
from analysis.verdict.fact_measures import (
    measure_events,
    measure_series,
    select_events,
    take_values,
)
from analysis.verdict.fact_rule import Answer, compare, reverse
from analysis.verdict.fact_words import say_observed

ASSEMBLED = "as assembled"
EVERY_EVENT = "every event"
SEEN_EVENTS = "without recalled events"
PLACE = ["unit", "year", "variable", "source"]
TRACED = [*PLACE, "value", "stored", "status", "locator", "row"]


@dataclass(frozen=True, slots=True)
class FactReading:
    """One way to read a statement off the data.

    Attributes:
        name: The source, or how the values were chosen; with several series, after the series.
        low: Smallest result the data allow; an ordinal day for dates.
        high: Largest one; another than `low` only where a date is not known to the day.
        observed: The result in words.
        answer: Whether the statement holds of it.
        recalled: How many of its values were entered from memory.
        estimated: How many of them are estimates of the source.
    """

    name: str
    low: float
    high: float
    observed: str
    answer: Answer
    recalled: int
    estimated: int


@dataclass(frozen=True, slots=True, eq=False)
class VariableCells:
    """The rows of a variable: the preferred one of each place, and those of every source."""

    best: pd.DataFrame
    every: pd.DataFrame

    def within(self, claim: Claim) -> VariableCells:
        """The rows of the units and periods of a claim."""
        return VariableCells(_within(self.best, claim), _within(self.every, claim))


Tables = Mapping[str, VariableCells]
Readings = tuple[list[FactReading], pd.DataFrame]  # and the rows they rest on


def tabulate_variables(claims: Iterable[Claim], panel: Panel) -> Tables:
    """The rows of every variable that claims name, taken from the panel once."""
    names = {name for claim in claims for name in claim.series}
    best = _by_variable(panel.cells, names)
    every = best if panel.observations is None else _by_variable(panel.observations, names)
    return {name: VariableCells(best[name], every[name]) for name in best}


def read_series(claim: Claim, tables: Tables) -> Readings:
    """Read a statement on series.

    Raises:
        DesignError: A value that the check needs is not there.
    """
    readings: list[FactReading] = []
    parts: list[pd.DataFrame] = []
    for variable in claim.series:
        if variable not in tables:
            raise DesignError(f"There are no data: {variable} has no value.")
        for place, (name, cells) in enumerate(_ways(claim, tables[variable].within(claim))):
            label = name if len(claim.series) == 1 else f"{variable}, {name}"
            try:
                readings.append(_read_cells(claim, variable, label, cells))
            except DesignError:
                if place == 0 or claim.source:
                    raise
                continue  # a source that does not have every year says nothing
            parts.append(cells)
    used = pd.concat(parts).drop_duplicates(PLACE).sort_values(PLACE)
    return readings, used[TRACED].reset_index(drop=True)


def read_events(claim: Claim, events: pd.DataFrame) -> Readings:
    """Read a statement on events.

    Raises:
        DesignError: There are no events, or too few.
    """
    chosen = select_events(events, claim)
    seen = chosen[chosen["status"] != "recalled"]
    readings = [_reading(claim, EVERY_EVENT, measure_events(claim, chosen), chosen)]
    if len(seen) < len(chosen):
        with suppress(DesignError):  # nothing may be left, which the rule asks about
            readings.append(_reading(claim, SEEN_EVENTS, measure_events(claim, seen), seen))
    if claim.operation == "count":  # what was searched is told too, also where nothing was found
        chosen = select_events(events, replace(claim, domains=()))
    return readings, _as_cells(chosen)


def no_cells() -> pd.DataFrame:
    return pd.DataFrame(columns=TRACED)


def _ways(claim: Claim, cells: VariableCells) -> list[tuple[str, pd.DataFrame]]:
    """The names of the readings and their rows; a reading that repeats another is left out."""
    every = cells.every
    if claim.source:
        return [(source, every[every["source"].eq(source)]) for source in claim.source]
    seen = every[every["status"] != "recalled"]
    used = set(cells.best["source"])
    repeated = used if len(used) == 1 and not cells.best["status"].eq("recalled").any() else set()
    others = sorted(set(seen["source"]) - repeated)
    return [
        (ASSEMBLED, cells.best),
        *((source, seen[seen["source"].eq(source)]) for source in others),
    ]


def _read_cells(claim: Claim, variable: str, name: str, cells: pd.DataFrame) -> FactReading:
    blocks = []
    for unit in claim.units:
        mine = cells[cells["unit"].eq(unit)]
        values = dict(zip(mine["year"].astype(int), mine["value"].astype(float), strict=True))
        title = f"{variable} of {unit}"
        blocks.append([take_values(values, period, title) for period in claim.periods])
    result = measure_series(claim.operation, blocks)
    return _reading(claim, name, (result, result), cells)


def _reading(
    claim: Claim, name: str, result: tuple[float, float], rows: pd.DataFrame
) -> FactReading:
    answer = compare(result, claim.comparison, claim.span, claim.tolerance)
    return FactReading(
        name=name,
        low=result[0],
        high=result[1],
        observed=say_observed(claim, result),
        answer=answer if claim.expected else reverse(answer),
        recalled=int(rows["status"].eq("recalled").sum()),
        estimated=int(rows["status"].eq("estimated").sum()),
    )


def _by_variable(cells: pd.DataFrame, names: set[str]) -> dict[str, pd.DataFrame]:
    mine = cells[cells.index.get_level_values("variable").isin(names)].reset_index()
    return {str(name): rows for name, rows in mine.groupby("variable")}


def _within(rows: pd.DataFrame, claim: Claim) -> pd.DataFrame:
    years = [rows["year"].between(first, last) for first, last in claim.periods]
    return rows[rows["unit"].isin(claim.units) & pd.concat(years, axis=1).any(axis=1)]


def _as_cells(chosen: pd.DataFrame) -> pd.DataFrame:
    """Events as rows of a trace: the event in the place of the variable, its date as stored."""
    dates = chosen["date"].map(lambda day: day.isoformat()) + " " + chosen["date_precision"]
    stored = [
        f"{date} {value}".strip() for date, value in zip(dates, chosen["stored"], strict=True)
    ]
    rows = chosen.assign(variable=chosen["event"], stored=stored)
    return rows[TRACED].sort_values(PLACE).reset_index(drop=True)
