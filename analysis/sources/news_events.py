"""Cooperation and conflict in the news (ICEWS), between China, Russia and the United States.

Counts of coded news items by directed pair and year. They follow the volume of news, which grew,
so a share of conflict is given beside the counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, directed_dyad
from analysis.sources.rows import Row, read_rows
from analysis.sources.selection import CENTRE

FILE = "icews/icews_dyad_year_core_2002_2014.csv.gz"
COUNTS = {
    "verbCoop": "news_cooperation_verbal_count",
    "matlCoop": "news_cooperation_material_count",
    "verbConf": "news_conflict_verbal_count",
    "matlConf": "news_conflict_material_count",
}
CONFLICT = ("verbConf", "matlConf")


def read_news(raw: Path) -> Iterator[Observation]:
    """Four counts and the share of conflict among them for each directed pair of the centre."""
    for row in read_rows(raw, FILE, ("i_iso3c", "j_iso3c", "year", *COUNTS)):
        source, target = row.text("i_iso3c"), row.text("j_iso3c")
        if source != target and {source, target} <= CENTRE:
            for column, variable in COUNTS.items():
                yield _observe(row, variable, row.number(column) or 0.0, column)
            values = {column: row.number(column) or 0.0 for column in COUNTS}
            share = sum(values[name] for name in CONFLICT) / sum(values.values())
            yield _observe(row, "news_conflict_share", share, "conflict / all four")


def _observe(row: Row, variable: str, value: float, column: str) -> Observation:
    return Observation(
        unit=directed_dyad(row.text("i_iso3c"), row.text("j_iso3c"), row.whole("year")),
        year=row.whole("year"),
        variable=variable,
        value=value,
        status="computed" if "/" in column else "reported",
        source="icews",
        locator=row.locate("i_iso3c", "j_iso3c", "year", column=column),
    )
