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
from analysis.sources.selection import CODES, FIRST_YEAR, WIDE_FROM, is_studied

TABLE_2022 = "sipri_arms/tiv_dyads_1950_2021_v2022-07.csv"
REGISTER_2026 = "sipri_arms/trade_register_1995_2025_v2026-02.csv.gz"
REGISTER_SUMS_2025 = "sipri_arms/tiv_dyads_from_register_2000_2023_v2025-01.csv"

EXTRA_PAIR = ("USA", "TWN")  # US arms for Taiwan stand among the threats to China
REGISTER_COLUMNS = ("supplier", "recipient", "order_date", "delivery_year", "tiv_delivery_values")
# The register holds what was delivered from 1995 to 2024, so orders before 1995 are incomplete.
# Of what China ordered from Russia in 1995-2015, 98 percent by value belonged to a deal with its
# first delivery within four years, though only 71 percent had been delivered by then: whether
# there was an order is known to 2020, and its size in late years is a lower bound.
ORDERS_COVERED = range(1995, 2021)
DELIVERIES_COVERED = range(1995, 2025)

Pair = tuple[str, str]


def read_tiv_table(raw: Path) -> Iterator[Observation]:
    """Yearly deliveries from Russia or to China as the TIV table of July 2022 states them."""
    for row in read_rows(raw, TABLE_2022, ("supplier", "recipient", "year", "tiv_m")):
        pair, year = _find_pair(row), row.whole("year")
        if pair is not None and year >= FIRST_YEAR and _is_close(pair, year):
            value = row.number("tiv_m")
            yield Observation(
                unit=directed_dyad(*pair, year),
                year=year,
                variable="arms_transfers_tiv",
                value=value,
                status="reported",
                source="sipri-2022-07",
                locator=row.locate("supplier", "recipient", "year", column="tiv_m"),
                note="under half a million" if value == 0 else "",
            )


def read_register_sums(raw: Path) -> Iterator[Observation]:
    """Yearly deliveries summed over the register of January 2025, as that copy gives them."""
    columns = ("supplier", "recipient", "year", "tiv_m", "n_rows")
    for row in read_rows(raw, REGISTER_SUMS_2025, columns):
        pair, year = _find_pair(row), row.whole("year")
        if pair is not None and _is_close(pair, year):
            yield Observation(
                unit=directed_dyad(*pair, year),
                year=year,
                variable="arms_transfers_tiv",
                value=row.number("tiv_m"),
                status="computed",
                source="sipri-2025-01",
                locator=row.locate("supplier", "recipient", "year", column="tiv_m"),
                note=f"sum of {row.whole('n_rows')} register rows",
            )


def read_register(raw: Path) -> Iterator[Observation]:
    """Deliveries by year of delivery and by year of order, summed over the register of 2026.

    The register is complete for the years it covers: a pair that stands in it at all has a zero,
    marked as none found, in years without a delivery.
    """
    by_pair: defaultdict[Pair, list[Row]] = defaultdict(list)
    for row in read_rows(raw, REGISTER_2026, REGISTER_COLUMNS):
        pair = _find_pair(row)
        if pair is not None and _is_held(pair, WIDE_FROM):
            by_pair[pair].append(row)
    for pair, rows in by_pair.items():
        yield from _sum_by(pair, rows, "delivery_year", DELIVERIES_COVERED)
        if _is_close(pair, WIDE_FROM):
            yield from _sum_by(pair, rows, "order_date", ORDERS_COVERED)


def _sum_by(pair: Pair, rows: list[Row], column: str, years: range) -> Iterator[Observation]:
    by_year: dict[int, list[float]] = {year: [] for year in years}
    for row in rows:
        if row.whole(column) in by_year:
            by_year[row.whole(column)].append(row.number("tiv_delivery_values") or 0.0)
    first = rows[0]
    ends = {name: first.text(name) for name in ("supplier", "recipient")}
    for year, values in by_year.items():
        yield Observation(
            unit=directed_dyad(*pair, year),
            year=year,
            variable="arms_transfers_tiv" if column == "delivery_year" else "arms_orders_tiv",
            value=sum(values),
            status="computed",
            source="sipri-2026-02",
            locator=locate(REGISTER_2026, {**ends, column: year}, "sum of tiv_delivery_values"),
            note=f"sum of {len(values)} register rows" if values else "none found",
        )


def _find_pair(row: Row) -> Pair | None:
    supplier, recipient = CODES.get(row.text("supplier")), CODES.get(row.text("recipient"))
    return (supplier, recipient) if supplier and recipient else None


def _is_held(pair: Pair, year: int) -> bool:
    return is_studied(*pair, year) or pair == EXTRA_PAIR


def _is_close(pair: Pair, year: int) -> bool:
    return _is_held(pair, year) and (pair[0] == "RUS" or pair[1] == "CHN" or pair == EXTRA_PAIR)
