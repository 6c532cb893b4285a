"""Trade of a state with the whole world (Correlates of War, totals of its trade data)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation
from analysis.sources.pair_tables import read_codes
from analysis.sources.rows import read_rows
from analysis.sources.selection import STATES, WIDE_FROM

FILE = "cow_trade/cow_trade_v4_state_totals_1990_2014.csv"


def read_totals(raw: Path) -> Iterator[Observation]:
    """Imports and exports together, in current dollars."""
    codes = read_codes(raw)
    for row in read_rows(raw, FILE, ("ccode", "year", "imports", "exports")):
        code, year = codes.get(row.text("ccode")), row.whole("year")
        imports, exports = row.number("imports"), row.number("exports")
        if code not in STATES or year < WIDE_FROM or imports is None or exports is None:
            continue
        yield Observation(
            unit=code,
            year=year,
            variable="trade_world_usd",
            value=imports + exports,
            status="computed",
            source="cow-trade-v4-totals",
            locator=row.locate("ccode", "year", column="imports + exports"),
        )
