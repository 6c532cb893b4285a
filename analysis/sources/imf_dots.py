"""Goods trade of Russia with its partners, as Russia reported it to the IMF.

Exports are free on board, imports with cost and freight. Russia stopped reporting in 2022: what
the file has for 2022 and 2023 is an estimate of the Fund, a third below what Chinese customs
counted (127 against 190 billion dollars in 2022), so those years are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, directed_dyad, dyad
from analysis.sources.rows import Row, read_rows
from analysis.sources.selection import CODES, STATES

FILE = "imf_dots/imf_dots_russia_by_partner_2010_2023.csv"
REPORTER = "Russian Federation"
LAST_REPORTED_YEAR = 2021


def read_trade(raw: Path) -> Iterator[Observation]:
    """Russia's exports to and imports from each partner, and their sum."""
    columns = ("reporter", "partner", "flow", "year", "usd_m", "imf_estimated_suspect")
    by_year: dict[tuple[str, int], dict[str, Row]] = {}
    for row in read_rows(raw, FILE, columns):
        if _is_usable(row):
            key = (CODES[row.text("partner")], row.whole("year"))
            by_year.setdefault(key, {})[row.text("flow")] = row
    for (partner, year), flows in by_year.items():
        yield from (_observe_flow(partner, year, row) for row in flows.values())
        if len(flows) == 2:
            yield _observe_total(partner, year, flows)


def _is_usable(row: Row) -> bool:
    return (
        row.text("reporter") == REPORTER
        and CODES.get(row.text("partner")) in STATES
        and row.text("imf_estimated_suspect") == "0"
        and row.whole("year") <= LAST_REPORTED_YEAR
        and row.number("usd_m") is not None
    )


def _observe_flow(partner: str, year: int, row: Row) -> Observation:
    is_export = row.text("flow") == "export_fob"
    ends = ("RUS", partner) if is_export else (partner, "RUS")
    return Observation(
        unit=directed_dyad(*ends, year),
        year=year,
        variable="trade_flow_usd",
        value=row.number("usd_m"),
        status="reported",
        source="imf-dots",
        locator=row.locate("partner", "flow", "year", column="usd_m"),
        note=f"as Russia reported, {'FOB' if is_export else 'CIF'}",
    )


def _observe_total(partner: str, year: int, flows: dict[str, Row]) -> Observation:
    either = next(iter(flows.values()))
    return Observation(
        unit=dyad("RUS", partner, year),
        year=year,
        variable="trade_total_usd",
        value=sum(row.number("usd_m") or 0.0 for row in flows.values()),
        status="computed",
        source="imf-dots",
        locator=either.locate("partner", "year", column="sum of usd_m"),
        note="Russia's exports FOB and imports CIF, as Russia reported",
    )
