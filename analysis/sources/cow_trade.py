"""Bilateral trade of the Correlates of War project, as the importing side reports it.

A flow is what one state imports from the other, in current dollars, cost and freight included;
the total is the sum of the two imports. Where a state has not reported, the project has taken
the partner's word, and the file does not say where. Nor does it tell no trade from none reported:
Russia and Ukraine have 0 in 1992 and 1993. A zero is therefore taken as missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, directed_dyad, dyad
from analysis.sources.rows import Row, read_rows
from analysis.sources.selection import is_studied

ZERO = "0 in the source, which has it for unreported trade too"
FILE = "cow_trade/cow_trade_v4_directed_core_1990_2014.csv.gz"


def read_trade(raw: Path) -> Iterator[Observation]:
    """Imports of both sides together for every pair, and each for pairs with China or Russia."""
    columns = ("iso3_1", "iso3_2", "year", "flow1", "flow2")
    for row in read_rows(raw, FILE, columns):
        # The file has each pair in both orders, with the same two flows.
        first, second = row.text("iso3_1"), row.text("iso3_2")
        if first < second and is_studied(first, second, row.whole("year")):
            yield from _observe(row, first, second)


def _is_close(first: str, second: str, year: int) -> bool:
    return is_studied(first, second, year) and not {"CHN", "RUS"}.isdisjoint((first, second))


def _observe(row: Row, first: str, second: str) -> Iterator[Observation]:
    year = row.whole("year")
    flows = {"flow1": (second, first), "flow2": (first, second)}
    for column, (exporter, importer) in flows.items():
        if row.number(column) is not None and _is_close(first, second, year):
            value = row.number(column) or None
            yield Observation(
                unit=directed_dyad(exporter, importer, year),
                year=year,
                variable="trade_flow_usd",
                value=value,
                status="reported" if value else "missing",
                source="cow-trade-v4",
                locator=row.locate("iso3_1", "iso3_2", "year", column=column),
                note="" if value else ZERO,
            )
    imports = [row.number("flow1"), row.number("flow2")]
    if None not in imports:
        total = None if 0 in imports else sum(value for value in imports if value is not None)
        yield Observation(
            unit=dyad(first, second, year),
            year=year,
            variable="trade_total_usd",
            value=total,
            status="computed" if total else "missing",
            source="cow-trade-v4",
            locator=row.locate("iso3_1", "iso3_2", "year", column="flow1 + flow2"),
            note="" if total else ZERO,
        )
