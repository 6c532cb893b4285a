"""Figures that the study's own list of events holds as stated, and opinion polls by year.

A figure is one row of `events.csv` for one year; polls of the same question in one year are
averaged. What was entered from memory stays marked as recalled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.paths import EVENTS
from analysis.sources.chronicle import SOURCE
from analysis.sources.observations import Observation, Status
from analysis.sources.rows import Row, read_rows

COLUMNS = ("event", "unit", "date", "kind", "domain", "value", "status", "note")
PERCENT = 0.01
THOUSAND = 1000.0


@dataclass(frozen=True, slots=True)
class Figure:
    """What rows of one kind become; `factor` turns their unit into that of the codebook."""

    kind: str
    variable: str
    factor: float = 1.0


FIGURES = (
    Figure("figure_taiwan_arms_sales", "arms_sales_notified_usd", THOUSAND),
    Figure("figure_taiwan_arms_notifications", "arms_sales_notified_count"),
    Figure("figure_taiwan_strait_transits", "taiwan_strait_transits_count"),
    Figure("figure_fonops", "freedom_of_navigation_operations_count"),
    Figure("figure_trade_total_usd_bn", "trade_total_usd", THOUSAND),
    Figure("figure_china_exports_to_russia_usd_bn", "trade_flow_usd", THOUSAND),
    Figure("figure_china_imports_from_russia_usd_bn", "trade_flow_usd", THOUSAND),
    Figure("figure_crude_russia_to_china_mt", "crude_oil_flow_mt"),
    Figure("figure_china_crude_imports_total_mt", "crude_oil_imports_mt"),
    Figure("figure_gas_pipeline_russia_to_china_bcm", "gas_pipeline_flow_bcm"),
    Figure(
        "figure_china_crude_import_dependence_pct", "crude_oil_import_dependence_share", PERCENT
    ),
)
POLLS = {
    ("poll_levada", "attitude_good"): "good_attitude_share",
    ("poll_levada", "attitude_bad"): "bad_attitude_share",
    ("poll_pew", "favourable"): "favourable_view_share",
}


def read_figures(study: Path) -> Iterator[Observation]:
    """Every figure of `FIGURES` and every yearly mean of `POLLS` in the study's events."""
    events = list(read_rows(study, EVENTS, COLUMNS))
    for figure in FIGURES:
        for event in events:
            if event.text("kind") == figure.kind:
                yield _observe_figure(figure, event)
    yield from _average_polls(events)


def _observe_figure(figure: Figure, event: Row) -> Observation:
    stated = (event.number("value") or 0.0) * figure.factor
    recalled = event.text("status") == "recalled"
    status: Status = "recalled" if recalled else "reported" if stated else "computed"
    return Observation(
        unit=event.text("unit"),
        year=_year(event),
        variable=figure.variable,
        value=stated,
        status=status,
        source=SOURCE,
        locator=f"events.csv, {event.text('event')}",
        note="" if stated else "none found",
    )


def _average_polls(events: list[Row]) -> Iterator[Observation]:
    asked: dict[tuple[str, int, str], list[Row]] = {}
    for event in events:
        variable = POLLS.get((event.text("kind"), event.text("domain")))
        if variable is not None:
            asked.setdefault((event.text("unit"), _year(event), variable), []).append(event)
    for (unit, year, variable), polls in asked.items():
        shares = [(poll.number("value") or 0.0) * PERCENT for poll in polls]
        recalled = any(poll.text("status") == "recalled" for poll in polls)
        yield Observation(
            unit=unit,
            year=year,
            variable=variable,
            value=sum(shares) / len(shares),
            status="recalled" if recalled else "computed",
            source=SOURCE,
            locator="events.csv, " + ", ".join(poll.text("event") for poll in polls),
            note=f"mean of {len(polls)} polls" if len(polls) > 1 else "one poll",
        )


def _year(event: Row) -> int:
    return int(event.text("date")[:4])
