"""From a printed number back to the cells it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import UsageError
from analysis.exhibits.record import read_json
from analysis.exhibits.screen_words import unit_of_field
from analysis.panel.assemble import assemble_panel
from analysis.panel.digest import digest_cells
from analysis.panel.panel import Panel
from analysis.paths import StudyPaths
from analysis.records.claims import claims_of
from analysis.records.hypothesis import Hypothesis
from analysis.records.study import Study, read_study
from analysis.records.words import suggest
from analysis.verdict.cells import cells_behind, distinct_cells
from analysis.verdict.docket import judged
from analysis.verdict.fact import check_fact

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


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """A number and the cells behind it.

    Attributes:
        id: The claim.
        field: Which number of it; empty for the claim as a whole.
        value: As in `numbers.json`; None for the claim as a whole.
        text: As printed.
        unit: What the number is measured in; empty for p-values, counts and the like.
        beside: The same effect in the outcome's own unit, where the number is in another.
        method: How the number was made, in words.
        cells: One row a cell: unit, year, variable, value as stored, status, source, its version,
            place in the source, note, and line in observations.csv.
        current: Whether the cells are still those the number was made from.
    """

    id: str
    field: str
    value: Any
    text: str
    unit: str
    beside: str
    method: str
    cells: pd.DataFrame
    current: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "field": self.field,
            "value": self.value,
            "text": self.text,
            "unit": self.unit,
            "method": self.method,
            "current": self.current,
            "cells": self.cells.to_dict(orient="records"),
        }

    @property
    def said(self) -> str:
        """The number with its unit."""
        words = f"{self.text} {self.unit}".rstrip()
        return f"{words}, that is {self.beside}" if self.beside else words

    def to_frame(self) -> pd.DataFrame:
        """A copy of the cells."""
        return self.cells.copy()

    def __repr__(self) -> str:
        return f"{self._heading()}\n{self._shown().to_string(index=False)}"

    def _repr_html_(self) -> str:
        table = self._shown().to_html(index=False)
        return f"<p>{escape(self._heading())}</p>{table}<p><small>{escape(self.method)}</small></p>"

    def _heading(self) -> str:
        name = f"{self.id}.{self.field}" if self.field else self.id
        state = "as they were" if self.current else "changed since"
        return f"{name} = {self.said}; {len(self.cells)} cells behind it, {state}"

    def _shown(self) -> pd.DataFrame:
        """What leads to the source."""
        kept = ["unit", "year", "variable", "stored", "status", "source", "version", "locator"]
        return self.cells[kept]


def trace(root: Path, name: str) -> Trace:
    """Follow a claim, or one of its numbers such as "J-20.orders.estimate", to its cells.

    Raises:
        DataError: The study has faults.
        UsageError: There is no such claim or number, or no record.
    """
    study = read_study(root)
    return trace_in(study, assemble_panel(study), name)


def trace_in(study: Study, panel: Panel, name: str) -> Trace:
    """The same for a study that has been read, with its panel."""
    paths = StudyPaths(study.root)
    verdicts = {v["id"]: v for v in read_json(paths.verdicts)["verdicts"]}
    claim, field = split_name(name, list(verdicts))
    verdict = verdicts[claim]
    value, text, unit, beside = None, str(verdict["finding"]), "", ""
    if field:
        numbers = read_json(paths.numbers)["numbers"]
        value, text = _number(numbers, name, claim)
        unit, beside = unit_of_field(verdict, field), _beside(verdict, numbers, field)
    if claim not in study.hypotheses:
        raise UsageError(f"{claim} is in the record but no longer declared; run the study again.")
    read = verdict["cells"]["n"] > 0
    hypothesis = study.hypotheses[claim]
    cells = _cells(hypothesis, study, panel) if read else panel.cells.iloc[:0]
    versions = {key: source.version for key, source in study.sources.items()}
    table = cells.reset_index().assign(version=lambda frame: frame["source"].map(versions))
    return Trace(
        id=claim,
        field=field,
        value=value,
        text=text,
        unit=unit,
        beside=beside,
        method=str(verdict.get("method") or verdict["reason"]),
        cells=table[list(COLUMNS)],
        current=digest_cells(cells)["sha256"] == verdict["cells"]["sha256"],
    )


def _cells(hypothesis: Hypothesis, study: Study, panel: Panel) -> pd.DataFrame:
    """What a claim reads: of a fact its values and events, of others their parts' cells too."""
    if hypothesis.design == "fact":
        claim = claims_of(study.claims)[str(hypothesis.options["claim"])]
        found = check_fact(claim, panel, study.events).trace
        return found.assign(note="").set_index(["unit", "year", "variable"])
    period = study.settings.period
    parts = [hypothesis, *(study.hypotheses[name] for name in judged(hypothesis))]
    return distinct_cells(pd.concat([cells_behind(each, panel, period) for each in parts]))


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


def _number(numbers: Mapping[str, Any], name: str, claim: str) -> tuple[Any, str]:
    if name not in numbers:
        fields = [key[len(claim) + 1 :] for key in numbers if key.startswith(f"{claim}.")]
        wanted = name[len(claim) + 1 :]
        raise UsageError(f"{claim} has no number {wanted}; {suggest(wanted, fields)}")
    return numbers[name]["value"], numbers[name]["text"]


def _beside(verdict: Mapping[str, Any], numbers: Mapping[str, Any], field: str) -> str:
    """The number in the outcome's own unit, where it is in another and this one is stored."""
    unit, own = unit_of_field(verdict, field), unit_of_field(verdict, f"{field}_outcome")
    number = numbers.get(f"{verdict['id']}.{field}_outcome")
    if number is None or unit == own or verdict["estimate"] is None:
        return ""
    return f"{number['text']} {own}"
