"""Oil and gas that flows from Russia to China, and what China takes from all, by year.

A table of flows is printed for the last year of each edition of the Statistical Review (BP to
2022, the Energy Institute since) and never revised, so each year is of its own edition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.sources.observations import Observation, Status, directed_dyad
from analysis.sources.rows import Row, locate, read_rows

OIL = "energy_bp_ei/oil_interarea_movements_2013_2024.csv"
PIPELINE = "energy_bp_ei/gas_pipeline_movements_2014_2024.csv"
LNG = "energy_bp_ei/gas_lng_movements_2014_2024.csv"
PRICE = "energy_bp_ei/crude_price_1985_2024_ei2025.csv"
SOURCE = "bp-ei-flows"
GAS_COVERED = range(2014, 2025)
PRICE_FROM = 1990
PRICES = {"usd_money_of_day": "oil_price_usd", "usd_2024": "oil_price_constant_usd"}


@dataclass(frozen=True, slots=True)
class Gas:
    """How a table names Russia, and what its flow to China is called here."""

    file: str
    russia: str
    variable: str


# The heading of the LNG table is broken over two lines, and only "Russian" of it is left.
PIPELINE_GAS = Gas(PIPELINE, "Russian Federation", "gas_pipeline_flow_bcm")
LIQUID_GAS = Gas(LNG, "Russian", "gas_lng_flow_bcm")


def read_oil(raw: Path) -> Iterator[Observation]:
    """Crude from Russia to China, all crude into China and out of Russia, and the two shares."""
    cells: dict[tuple[str, str, int], Row] = {}
    for row in read_rows(raw, OIL, ("year", "product", "from", "to", "mt")):
        if row.text("product") == "crude":
            cells[row.text("from"), row.text("to"), row.whole("year")] = row
    for (start, end, year), flow in cells.items():
        if (start, end) != ("Russia", "China"):
            continue
        into_china, out_of_russia = (
            cells["Total imports", "China", year],
            cells["Russia", "Total", year],
        )
        unit = directed_dyad("RUS", "CHN", year)
        yield _observe_oil(flow, unit, "crude_oil_flow_mt")
        yield _observe_oil(into_china, "CHN", "crude_oil_imports_mt")
        yield _observe_oil(out_of_russia, "RUS", "crude_oil_exports_mt")
        yield _observe_share(flow, into_china, "CHN", "crude_oil_imports_from_russia_share")
        yield _observe_share(flow, out_of_russia, "RUS", "crude_oil_exports_to_china_share")


def read_gas(raw: Path) -> Iterator[Observation]:
    """Pipeline gas and LNG from Russia to China; an empty cell of the table is none."""
    for gas in (PIPELINE_GAS, LIQUID_GAS):
        rows = {
            row.whole("year"): row
            for row in read_rows(raw, gas.file, ("year", "from", "to", "bcm"))
            if row.text("from") == gas.russia and row.text("to") == "China"
        }
        for year in GAS_COVERED:
            yield _observe_gas(gas, year, rows.get(year))


def read_prices(raw: Path) -> Iterator[Observation]:
    """Price of crude oil, of the day and in dollars of 2024."""
    for row in read_rows(raw, PRICE, ("year", *PRICES)):
        for column, variable in PRICES.items():
            if row.whole("year") >= PRICE_FROM and row.number(column) is not None:
                yield Observation(
                    unit="WLD",
                    year=row.whole("year"),
                    variable=variable,
                    value=row.number(column),
                    status="reported",
                    source="ei-2025",
                    locator=row.locate("year", column=column),
                )


def _observe_oil(row: Row, unit: str, variable: str) -> Observation:
    return Observation(
        unit=unit,
        year=row.whole("year"),
        variable=variable,
        value=row.number("mt"),
        status="reported",
        source=SOURCE,
        locator=row.locate("product", "from", "to", "year", column="mt"),
    )


def _observe_share(part: Row, whole: Row, unit: str, variable: str) -> Observation:
    return Observation(
        unit=unit,
        year=part.whole("year"),
        variable=variable,
        value=(part.number("mt") or 0.0) / (whole.number("mt") or float("nan")),
        status="computed",
        source=SOURCE,
        locator=part.locate("product", "from", "to", "year", column="mt")
        + f" / {whole.text('from')} to {whole.text('to')}",
    )


def _observe_gas(gas: Gas, year: int, row: Row | None) -> Observation:
    status: Status = "computed" if row is None else "reported"
    keys: dict[str, str | int] = {"from": gas.russia, "to": "China", "year": year}
    return Observation(
        unit=directed_dyad("RUS", "CHN", year),
        year=year,
        variable=gas.variable,
        value=0.0 if row is None else row.number("bcm"),
        status=status,
        source=SOURCE,
        locator=locate(gas.file, keys, "bcm"),
        note="none found" if row is None else "",
    )
