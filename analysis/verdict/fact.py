"""Check statements of fact: what the cells and events say of each, and what that means for it.

How a statement is read off the data stands in `fact_readings`, what its readings mean in
`fact_rule`.
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
from analysis.verdict.fact_readings import (
    PLACE,
    FactReading,
    Tables,
    no_cells,
    read_events,
    read_series,
    tabulate_variables,
)
from analysis.verdict.fact_rule import FactEvidence, decide_fact
from analysis.verdict.fact_words import give_reason, say_expected
from analysis.verdict.rule import Finding


@dataclass(frozen=True, slots=True)
class FactFinding:
    """What the data say of a statement of fact.

    Attributes:
        finding: Never `negligible`, since nothing is estimated.
        reason: One sentence a reader can check.
        observed: The result of the first reading; "" where there is none.
        expected: What the statement asks for, in words.
        because: The condition of the rule that decided.
        readings: The first is that of the values as assembled, or of every event.
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
    note: str
    seeds: tuple[str, ...]
    readings: tuple[FactReading, ...]
    cells: CellsDigest
    trace: pd.DataFrame = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the trace, as plain values."""
        names = (
            "claim", "paper", "locator", "statement", "operation", "reason", "observed",
            "expected", "because", "needs", "note",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
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
    tables = tabulate_variables(claims.values(), panel)
    return {name: check_read(claims[name], tables, events) for name in sorted(claims)}


def check_fact(claim: Claim, panel: Panel, events: pd.DataFrame) -> FactFinding:
    """Check one statement; arguments as for `check_facts`."""
    return check_read(claim, tabulate_variables([claim], panel), events)


def check_read(claim: Claim, tables: Tables, events: pd.DataFrame) -> FactFinding:
    """Check one statement on the rows of its variables, as `tabulate_variables` gives them."""
    refusal: str | None = None
    readings: list[FactReading] = []
    used = no_cells()
    try:
        if claim.operation == NOT_CHECKED:
            refusal = f"No data here check it; that would need {claim.needs}."
        elif claim.how.reads == "series":
            readings, used = read_series(claim, tables)
        else:
            readings, used = read_events(claim, events)
    except DesignError as error:
        refusal, readings = str(error), []
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
        note=claim.note,
        seeds=claim.seeds,
        readings=tuple(readings),
        cells=digest_cells(used.set_index(PLACE[:3])),
        trace=used,
    )
