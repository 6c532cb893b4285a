"""What people in one state think of another (Pew Global Attitudes).

The share of all who were asked that holds a very or somewhat favourable view. China was surveyed
to 2016, Russia to 2019.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, directed_dyad
from analysis.sources.rows import read_rows
from analysis.sources.selection import is_central

FILE = "pew/pew_favorability_country_year_2002_2023.csv"
PERCENT = 0.01
# In this copy the answers of 2013 on China are those to another question: 39 percent of Chinese
# would like China, and 84 percent of Americans.
WRONG = {("CHN", 2013)}


def read_views(raw: Path) -> Iterator[Observation]:
    """Favourable share by respondents and target, for pairs with a state of the centre."""
    columns = ("year", "survey_country", "target", "pct_favorable", "n")
    for row in read_rows(raw, FILE, columns):
        asked, target, year = row.text("survey_country"), row.text("target"), row.whole("year")
        value = row.number("pct_favorable")
        if not is_central(asked, target, year) or (target, year) in WRONG or value is None:
            continue
        yield Observation(
            unit=directed_dyad(asked, target, year),
            year=year,
            variable="favourable_view_share",
            value=value * PERCENT,
            status="reported",
            source="pew",
            locator=row.locate("survey_country", "target", "year", column="0.01 x pct_favorable"),
            note=f"{row.whole('n')} respondents",
        )
