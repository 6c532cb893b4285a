"""Distance of two states on the scale that underlies their votes in the General Assembly.

The scale is estimated from votes on final passage (Bailey, Strezhnev and Voeten); it has mean 0
and standard deviation about 1 over states, and shifts a little between releases.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from analysis.sources.observations import Observation, dyad
from analysis.sources.rows import locate, read_rows
from analysis.sources.selection import STATES, is_studied

FILE = "unga/idealpoints_1990_2024_v2025-07.csv"


def read_distances(raw: Path) -> Iterator[Observation]:
    """Absolute difference of two ideal points, for every pair in the study."""
    by_year: dict[int, dict[str, float]] = {}
    for row in read_rows(raw, FILE, ("iso3c", "year", "idealpointfp")):
        point = row.number("idealpointfp")
        if row.text("iso3c") in STATES and point is not None:
            by_year.setdefault(row.whole("year"), {})[row.text("iso3c")] = point
    for year, points in by_year.items():
        for side_a, side_b in combinations(sorted(points), 2):
            if is_studied(side_a, side_b):
                yield _measure(year, side_a, side_b, points)


def _measure(year: int, side_a: str, side_b: str, points: dict[str, float]) -> Observation:
    return Observation(
        unit=dyad(side_a, side_b, year),
        year=year,
        variable="un_ideal_point_distance",
        value=abs(points[side_a] - points[side_b]),
        status="computed",
        source="idealpoints-2025-07",
        locator=locate(
            FILE, {"iso3c": f"{side_a} or {side_b}", "year": year}, "difference of idealpointfp"
        ),
    )
