"""Arms transfers in SIPRI trend-indicator values: a table of totals and two trade registers.

A TIV measures the military worth of what changed hands, not what was paid. Delivery years and
numbers in a register are often SIPRI's estimates; licensed production counts as delivery.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, directed_dyad
from analysis.sources.rows import Row, locate, read_rows

TABLE_2022 = "sipri_arms/tiv_dyads_1950_2021_v2022-07.csv"
REGISTER_2026 = "sipri_arms/trade_register_1995_2025_v2026-02.csv.gz"
REGISTER_SUMS_2025 = "sipri_arms/tiv_dyads_from_register_2000_2023_v2025-01.csv"

STATES = {"Russia": "RUS", "Soviet Union": "RUS", "China": "CHN"}
FIRST_YEAR = 1990
REGISTER_COLUMNS = ("supplier", "recipient", "order_date", "delivery_year", "tiv_delivery_values")
# The register holds what was delivered from 1995 to 2024, so orders before 1995 are incomplete.
# Of what China ordered from Russia in 1995-2015, 98 percent by value belonged to a deal with its
# first delivery within four years, though only 71 percent had been delivered by then: whether
# there was an order is known to 2020, and its size in late years is a lower bound.
ORDERS_COVERED = range(1995, 2021)


def read_tiv_table(raw: Path) -> Iterator[Observation]:
    """Yearly deliveries from Russia to China as the TIV table of July 2022 states them."""
    for row in read_rows(raw, TABLE_2022, ("supplier", "recipient", "year", "tiv_m")):
        if _is_russia_to_china(row) and row.whole("year") >= FIRST_YEAR:
            year = row.whole("year")
            yield Observation(
                unit=directed_dyad("RUS", "CHN", year),
                year=year,
                variable="arms_transfers_tiv",
                value=row.number("tiv_m"),
                status="reported",
                source="sipri-2022-07",
                locator=row.locate("supplier", "recipient", "year", column="tiv_m"),
            )


def read_register_sums(raw: Path) -> Iterator[Observation]:
    """Yearly deliveries summed over the register of January 2025, as that copy gives them."""
    columns = ("supplier", "recipient", "year", "tiv_m", "n_rows")
    for row in read_rows(raw, REGISTER_SUMS_2025, columns):
        if _is_russia_to_china(row):
            year = row.whole("year")
            yield Observation(
                unit=directed_dyad("RUS", "CHN", year),
                year=year,
                variable="arms_transfers_tiv",
                value=row.number("tiv_m"),
                status="computed",
                source="sipri-2025-01",
                locator=row.locate("supplier", "recipient", "year", column="tiv_m"),
                note=f"sum of {row.whole('n_rows')} register rows",
            )


def read_register(raw: Path) -> Iterator[Observation]:
    """Deliveries by year of delivery and by year of order, summed over the register of 2026."""
    rows = [
        row for row in read_rows(raw, REGISTER_2026, REGISTER_COLUMNS) if _is_russia_to_china(row)
    ]
    yield from _sum_by(rows, "delivery_year", "arms_transfers_tiv")
    yield from _sum_by(
        [row for row in rows if row.whole("order_date") in ORDERS_COVERED],
        "order_date",
        "arms_orders_tiv",
    )
    yield from _years_without_order(rows)


def _sum_by(rows: list[Row], column: str, variable: str) -> Iterator[Observation]:
    by_year: defaultdict[int, list[float]] = defaultdict(list)
    for row in rows:
        by_year[row.whole(column)].append(row.number("tiv_delivery_values") or 0.0)
    for year, values in by_year.items():
        yield Observation(
            unit=directed_dyad("RUS", "CHN", year),
            year=year,
            variable=variable,
            value=sum(values),
            status="computed",
            source="sipri-2026-02",
            locator=_locate(column, year),
            note=f"sum of {len(values)} register rows",
        )


def _years_without_order(rows: list[Row]) -> Iterator[Observation]:
    ordered = {row.whole("order_date") for row in rows}
    for year in ORDERS_COVERED:
        if year not in ordered:
            yield Observation(
                unit=directed_dyad("RUS", "CHN", year),
                year=year,
                variable="arms_orders_tiv",
                value=0.0,
                status="computed",
                source="sipri-2026-02",
                locator=_locate("order_date", year),
                note="none found",
            )


def _is_russia_to_china(row: Row) -> bool:
    return (STATES.get(row.text("supplier")), STATES.get(row.text("recipient"))) == ("RUS", "CHN")


def _locate(column: str, year: int) -> str:
    keys: dict[str, str | int] = {"supplier": "Russia", "recipient": "China", column: year}
    return locate(REGISTER_2026, keys, "sum of tiv_delivery_values")
