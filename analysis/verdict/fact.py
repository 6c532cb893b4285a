"""Check statements of fact: what the cells and events say, and in how many ways they say it.

A statement on series is read from the values as the panel assembles them and from every single
source that has all the years, recalled values left out; one on events with and without those that
are recalled. What the readings mean is decided in `fact_rule`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.errors import DesignError
from analysis.panel.digest import CellsDigest, digest_cells
from analysis.panel.panel import Panel
from analysis.records.claims import Claim
from analysis.records.operations import NOT_CHECKED
from analysis.verdict.fact_measures import (
    measure_events,
    measure_series,
    select_events,
    take_values,
)
from analysis.verdict.fact_rule import (
    Answer,
    FactEvidence,
    compare,
    decide_fact,
    reverse,
)
from analysis.verdict.fact_words import give_reason, say_expected, say_observed
from analysis.verdict.rule import Finding

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


@dataclass(frozen=True, slots=True)
class FactFinding:
    """What the data say of a statement of fact.

    Attributes:
        finding: Never `negligible`, since nothing is estimated.
        reason: One sentence a reader can check.
        observed: The result of the first reading; "" where there is none.
        expected: What the statement needs, in words.
        because: The condition of the rule that decided.
        readings: The first is the one of the values as assembled.
        cells: How many values and events were read, how many of them recalled, and their digest.
        trace: One row for each of them, with its place in the source.
    """

    claim: str
    paper: str
    locator: str
    statement: str
    operation: str
    finding: Finding
    reason: str
    observed: str
    expected: str
    because: str
    needs: str
    seeds: tuple[str, ...]
    readings: tuple[FactReading, ...]
    cells: CellsDigest
    trace: pd.DataFrame = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the trace, as plain values."""
        names = ("claim", "paper", "locator", "statement", "operation", "reason", "observed")
        more = ("expected", "because", "needs")
        return {
            **{name: getattr(self, name) for name in (*names, *more)},
            "finding": self.finding.value,
            "seeds": list(self.seeds),
            "cells": dict(self.cells),
            "readings": [
                {
                    "name": reading.name,
                    "observed": reading.observed,
                    "low": reading.low,
                    "high": reading.high,
                    "answer": reading.answer.value,
                    "recalled": reading.recalled,
                    "estimated": reading.estimated,
                }
                for reading in self.readings
            ],
        }


def check_facts(
    claims: Mapping[str, Claim], panel: Panel, events: pd.DataFrame
) -> dict[str, FactFinding]:
    """Check every statement.

    Args:
        claims: By key, as `claims_of(study.claims)` gives them.
        panel: With all sources, so that each can be asked by itself.
        events: `Study.events`.
    """
    return {name: check_fact(claims[name], panel, events) for name in sorted(claims)}


def check_fact(claim: Claim, panel: Panel, events: pd.DataFrame) -> FactFinding:
    """Check one statement."""
    refusal: str | None = None
    readings: list[FactReading] = []
    used = _no_cells()
    try:
        if claim.operation == NOT_CHECKED:
            refusal = f"The data cannot check it: {claim.needs}."
        elif claim.how.reads == "series":
            readings, used = _read_series(claim, panel)
        else:
            readings, used = _read_events(claim, events)
    except DesignError as error:
        refusal = str(error)
    evidence = FactEvidence(
        refusal=refusal,
        answers=tuple(reading.answer for reading in readings),
        without_recalled=any(not reading.recalled for reading in readings),
        estimates_bounded=claim.tolerance > 0 or any(not r.estimated for r in readings),
    )
    decision = decide_fact(evidence)
    shown = [(reading.name, reading.observed, reading.answer) for reading in readings]
    return FactFinding(
        claim=claim.claim,
        paper=claim.paper,
        locator=claim.locator,
        statement=claim.statement,
        operation=claim.operation,
        finding=decision.finding,
        reason=refusal or give_reason(claim, decision, shown),
        observed=readings[0].observed if readings else "",
        expected=say_expected(claim),
        because=decision.because,
        needs=claim.needs,
        seeds=claim.seeds,
        readings=tuple(readings),
        cells=digest_cells(used.set_index(PLACE[:3])),
        trace=used,
    )


def _read_series(claim: Claim, panel: Panel) -> tuple[list[FactReading], pd.DataFrame]:
    readings: list[FactReading] = []
    parts: list[pd.DataFrame] = []
    for variable in claim.series:
        best, every = _cells_of(claim, variable, panel)
        found = []
        if not claim.source:
            found.append((ASSEMBLED, best))
        alone = set(best["source"]) if len(set(best["source"])) == 1 else set()
        spared = alone if not claim.source and not best["status"].eq("recalled").any() else set()
        for source in claim.source or sorted(set(every["source"]) - spared):
            mine = every[every["source"].eq(source)]
            found.append((source, mine if claim.source else mine[mine["status"] != "recalled"]))
        for place, (name, cells) in enumerate(found):
            label = name if len(claim.series) == 1 else f"{variable}, {name}"
            try:
                readings.append(_read_cells(claim, variable, label, cells))
            except DesignError:
                if place == 0 or claim.source:
                    raise
                continue
            parts.append(cells)
    used = pd.concat(parts).drop_duplicates(PLACE).sort_values(PLACE)
    return readings, used[TRACED].reset_index(drop=True)


def _cells_of(claim: Claim, variable: str, panel: Panel) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows a claim reads of a variable: the preferred ones, and those of every source."""
    if variable not in panel.variables:
        raise DesignError(f"There are no data: {variable} has no value.")
    rows = []
    for cells in (panel.cells, panel.observations):
        every = panel.cells if cells is None else cells
        mine = every[every.index.get_level_values("variable") == variable].reset_index()
        years = [mine["year"].between(first, last) for first, last in claim.periods]
        inside = pd.concat(years, axis=1).any(axis=1)
        rows.append(mine[mine["unit"].isin(claim.units) & inside])
    return rows[0], rows[1]


def _read_cells(claim: Claim, variable: str, name: str, cells: pd.DataFrame) -> FactReading:
    blocks = []
    for unit in claim.units:
        mine = cells[cells["unit"].eq(unit)]
        values = dict(zip(mine["year"].astype(int), mine["value"].astype(float), strict=True))
        title = f"{variable} of {unit}"
        blocks.append([take_values(values, period, title) for period in claim.periods])
    result = measure_series(claim.operation, blocks)
    return _reading(claim, name, (result, result), cells)


def _read_events(claim: Claim, events: pd.DataFrame) -> tuple[list[FactReading], pd.DataFrame]:
    chosen = select_events(events, claim)
    seen = chosen[chosen["status"] != "recalled"]
    readings = [_reading(claim, EVERY_EVENT, measure_events(claim, chosen), chosen)]
    if len(seen) < len(chosen):
        try:
            readings.append(_reading(claim, SEEN_EVENTS, measure_events(claim, seen), seen))
        except DesignError:
            pass  # nothing is left without the recalled events, which the rule asks about
    return readings, _as_cells(chosen)


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


def _as_cells(chosen: pd.DataFrame) -> pd.DataFrame:
    """Events as rows of a trace: the event in the place of the variable, its date as stored."""
    dates = chosen["date"].map(lambda day: day.isoformat()) + " " + chosen["date_precision"]
    stored = [
        f"{date} {value}".strip() for date, value in zip(dates, chosen["stored"], strict=True)
    ]
    rows = chosen.assign(variable=chosen["event"], stored=stored)
    return rows[TRACED].sort_values(PLACE).reset_index(drop=True)


def _no_cells() -> pd.DataFrame:
    return pd.DataFrame(columns=TRACED)
