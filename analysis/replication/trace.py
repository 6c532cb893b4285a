"""From a printed number back to the cells it rests on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import UsageError
from analysis.exhibits.record import read_json
from analysis.panel.assemble import assemble_panel
from analysis.panel.digest import digest_cells
from analysis.paths import StudyPaths
from analysis.records.study import read_study
from analysis.records.words import suggest
from analysis.verdict.cells import cells_behind

COLUMNS = (
    "unit",
    "year",
    "variable",
    "stored",
    "status",
    "source",
    "version",
    "locator",
    "note",
    "row",
)


@dataclass(frozen=True, eq=False)
class Trace:
    """A number and the cells behind it.

    Attributes:
        id: The claim.
        field: Which number of it; empty for the claim as a whole.
        value: As in `numbers.json`; None for the claim as a whole.
        text: As printed.
        method: How the number was made, in words.
        cells: One row a cell: unit, year, variable, value as stored, status, source, its version,
            place in the source, note, and line in observations.csv.
        current: Whether the cells are still those the number was made from.
    """

    id: str
    field: str
    value: Any
    text: str
    method: str
    cells: pd.DataFrame
    current: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "field": self.field,
            "value": self.value,
            "text": self.text,
            "method": self.method,
            "current": self.current,
            "cells": self.cells.to_dict(orient="records"),
        }


def trace(root: Path, name: str) -> Trace:
    """Follow a claim, or one of its numbers such as "J-20.orders.estimate", to its cells.

    Raises:
        DataError: The study has faults.
        UsageError: There is no such claim or number, or no record.
    """
    study = read_study(root)
    verdicts = {v["id"]: v for v in read_json(StudyPaths(root).verdicts)["verdicts"]}
    claim, field = split_name(name, list(verdicts))
    verdict = verdicts[claim]
    value, text = None, str(verdict["finding"])
    if field:
        value, text = _number(StudyPaths(root), name, claim)
    panel = assemble_panel(study)
    if claim not in study.hypotheses:
        raise UsageError(f"{claim} is in the record but no longer declared; run the study again.")
    read = verdict["cells"]["n"] > 0
    hypothesis, period = study.hypotheses[claim], study.settings.period
    cells = cells_behind(hypothesis, panel, period) if read else panel.cells.iloc[:0]
    versions = {key: source.version for key, source in study.sources.items()}
    table = cells.reset_index().assign(version=lambda frame: frame["source"].map(versions))
    return Trace(
        id=claim,
        field=field,
        value=value,
        text=text,
        method=str(verdict.get("method") or verdict["reason"]),
        cells=table[list(COLUMNS)],
        current=digest_cells(cells)["sha256"] == verdict["cells"]["sha256"],
    )


def split_name(name: str, ids: list[str]) -> tuple[str, str]:
    """Split "ID" or "ID.field" by the longest id that fits.

    >>> split_name("J-20.orders.p_value", ["J-20", "J-20.orders"])
    ('J-20.orders', 'p_value')

    Raises:
        UsageError: No id fits.
    """
    fitting = [each for each in ids if name == each or name.startswith(f"{each}.")]
    if not fitting:
        raise UsageError(f"There is no claim {name}; {suggest(name, ids)}")
    claim = max(fitting, key=len)
    return claim, name[len(claim) + 1 :]


def _number(paths: StudyPaths, name: str, claim: str) -> tuple[Any, str]:
    numbers = read_json(paths.numbers)["numbers"]
    if name not in numbers:
        fields = [key[len(claim) + 1 :] for key in numbers if key.startswith(f"{claim}.")]
        wanted = name[len(claim) + 1 :]
        raise UsageError(f"{claim} has no number {wanted}; {suggest(wanted, fields)}")
    return numbers[name]["value"], numbers[name]["text"]
