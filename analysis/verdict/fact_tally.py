"""How many statements the data can check, and how many they cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from analysis.records.operations import NOT_CHECKED
from analysis.verdict.fact import FactFinding
from analysis.verdict.rule import Finding


@dataclass(frozen=True, slots=True)
class FactTally:
    """Counts of the table of claims and of the collected statements that it takes up.

    A statement with several parts has several rows, and rows with several statements merge
    duplicates, so that the two differ.

    Attributes:
        rows: Rows of the table.
        checked: Rows with an operation.
        not_checked: Rows that say what would be needed instead.
        findings: Rows by finding.
        statements: Different collected statements.
        statements_checked: Those of them with a row that is checked.
        statements_not_checked: Those without one.
        merged: Rows that stand for several statements, with their names.
    """

    rows: int
    checked: int
    not_checked: int
    findings: Mapping[str, int]
    statements: int
    statements_checked: int
    statements_not_checked: int
    merged: Mapping[str, tuple[str, ...]]

    def to_dict(self) -> dict[str, Any]:
        merged = {name: list(seeds) for name, seeds in self.merged.items()}
        return asdict(self) | {"findings": dict(self.findings), "merged": merged}


def tally_facts(findings: Mapping[str, FactFinding]) -> FactTally:
    """Count rows and statements of both kinds."""
    rows = list(findings.values())
    checked = [row for row in rows if row.operation != NOT_CHECKED]
    counted = Counter(row.finding for row in rows)
    every = {seed for row in rows for seed in row.seeds}
    with_check = {seed for row in checked for seed in row.seeds}
    return FactTally(
        rows=len(rows),
        checked=len(checked),
        not_checked=len(rows) - len(checked),
        findings={finding.value: counted[finding] for finding in Finding if counted[finding]},
        statements=len(every),
        statements_checked=len(with_check),
        statements_not_checked=len(every - with_check),
        merged={name: row.seeds for name, row in findings.items() if len(row.seeds) > 1},
    )
