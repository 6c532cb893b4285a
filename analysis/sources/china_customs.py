"""China's trade with Russia in the words of Chinese customs, as quoted in the press."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, directed_dyad, dyad
from analysis.sources.rows import Row, read_rows

FILE = "china_customs_news/china_customs_russia_trade_news_values.csv"
MILLIONS_IN_BILLION = 1000.0
FLOWS = {"china_exports_to_russia": ("CHN", "RUS"), "china_imports_from_russia": ("RUS", "CHN")}


def read_trade(raw: Path) -> Iterator[Observation]:
    """The totals, and for 2022 the two flows, that a news item gives for a whole year."""
    for row in read_rows(raw, FILE, ("year", "flow", "usd_bn", "note", "url")):
        value = row.number("usd_bn")
        if value is not None:
            yield _observe(row, value * MILLIONS_IN_BILLION)


def _observe(row: Row, value: float) -> Observation:
    year, flow = row.whole("year"), row.text("flow")
    is_approximate = "approx" in row.text("note")
    is_total = flow == "total"
    return Observation(
        unit=dyad("CHN", "RUS", year) if is_total else directed_dyad(*FLOWS[flow], year),
        year=year,
        variable="trade_total_usd" if is_total else "trade_flow_usd",
        value=value,
        status="estimated" if is_approximate else "reported",
        source="china-customs-press",
        locator=row.locate("url", "year", "flow", column="1000 x usd_bn"),
        note="round figure of the Russian side" if is_approximate else "",
    )
