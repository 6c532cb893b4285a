"""Bilateral trade of the Correlates of War project, as the importing side reports it.

A flow is what one state imports from the other, in current dollars, cost and freight included;
the total is the sum of the two imports. Where a state has not reported, the project has taken
the partner's word, and the file does not say where.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, directed_dyad, dyad
from analysis.sources.rows import Row, read_rows
from analysis.sources.selection import is_studied

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
            yield Observation(
                unit=directed_dyad(exporter, importer, year),
                year=year,
                variable="trade_flow_usd",
                value=row.number(column),
                status="reported",
                source="cow-trade-v4",
                locator=row.locate("iso3_1", "iso3_2", "year", column=column),
            )
    imports = [row.number("flow1"), row.number("flow2")]
    if None not in imports:
        yield Observation(
            unit=dyad(first, second, year),
            year=year,
            variable="trade_total_usd",
            value=sum(value for value in imports if value is not None),
            status="computed",
            source="cow-trade-v4",
            locator=row.locate("iso3_1", "iso3_2", "year", column="flow1 + flow2"),
        )
