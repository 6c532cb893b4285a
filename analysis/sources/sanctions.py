"""Sanctions of the United States and the European Union in force against China and Russia.

A case of the Global Sanctions Database counts from the year it begins to the year it ends; the
database ends in 2022. Cases differ in weight, and one act may stand in several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from analysis.sources.observations import Observation, directed_dyad
from analysis.sources.rows import Row, locate, read_rows

FILE = "sanctions/gsdb_v3_cases_1949_2022.csv"
COVERED = range(1992, 2023)
SENDERS = {"USA": frozenset({"United States", "G7"}), "EU": frozenset({"EU", "EEC"})}
TARGETS = {"CHN": "China", "RUS": "Russia"}
KINDS: dict[str, Callable[[Row], bool]] = {
    "sanctions_in_force_count": lambda case: True,
    "sanctions_trade_in_force_count": lambda case: case.text("trade") == "1",
    "sanctions_financial_in_force_count": lambda case: case.text("financial") == "1",
}


def read_sanctions(raw: Path) -> Iterator[Observation]:
    """Cases in force by sender, target and year, of all kinds, on trade and on finance."""
    columns = ("case_id", "sanctioned_state", "sanctioning_state", "begin", "end")
    cases = list(read_rows(raw, FILE, (*columns, "trade", "financial")))
    for sender, names in SENDERS.items():
        for target, name in TARGETS.items():
            against = [
                case
                for case in cases
                if name in _split(case, "sanctioned_state")
                and names & _split(case, "sanctioning_state")
            ]
            for variable, is_of_kind in KINDS.items():
                counted = [case for case in against if is_of_kind(case)]
                yield from _count(directed_dyad(sender, target, COVERED[0]), variable, counted)


def _split(case: Row, column: str) -> set[str]:
    return {name.strip() for name in case.text(column).split(",")}


def _count(unit: str, variable: str, cases: list[Row]) -> Iterator[Observation]:
    for year in COVERED:
        found = [case for case in cases if case.whole("begin") <= year <= case.whole("end")]
        names = " or ".join(case.text("case_id") for case in found)
        yield Observation(
            unit=unit,
            year=year,
            variable=variable,
            value=float(len(found)),
            status="computed",
            source="gsdb-3",
            locator=locate(FILE, {"case_id": names or "none"}, "count of case_id"),
            note="" if found else "none found",
        )
