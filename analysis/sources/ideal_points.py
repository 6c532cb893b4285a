"""Distance of two states on the scale that underlies their votes in the General Assembly.

The scale is estimated from votes on final passage (Bailey, Strezhnev and Voeten); it has mean 0
and standard deviation about 1 over states, and shifts a little between releases.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from analysis.sources.observations import Observation, dyad, state
from analysis.sources.rows import locate, read_rows
from analysis.sources.selection import CENTRE, FIRST_YEAR, STATES, WIDE_FROM, is_central

FILE = "unga/idealpoints_1990_2024_v2025-07.csv"


def read_points(raw: Path) -> Iterator[Observation]:
    """The ideal point of every state in the study; before 1992 of those at its centre."""
    for year, points in _read_by_year(raw).items():
        for code in sorted(points if year >= WIDE_FROM else CENTRE & points.keys()):
            yield Observation(
                unit=state(code, year),
                year=year,
                variable="un_ideal_point_index",
                value=points[code],
                status="reported",
                source="idealpoints-2025-07",
                locator=locate(FILE, {"iso3c": code, "year": year}, "idealpointfp"),
            )


def read_distances(raw: Path) -> Iterator[Observation]:
    """Absolute difference of two ideal points, for pairs with a state of the centre."""
    for year, points in _read_by_year(raw).items():
        for side_a, side_b in combinations(sorted(points), 2):
            if is_central(side_a, side_b, year):
                yield _measure(year, side_a, side_b, points)


def _read_by_year(raw: Path) -> dict[int, dict[str, float]]:
    by_year: dict[int, dict[str, float]] = {}
    for row in read_rows(raw, FILE, ("iso3c", "year", "idealpointfp")):
        point, year = row.number("idealpointfp"), row.whole("year")
        if row.text("iso3c") in STATES and point is not None and year >= FIRST_YEAR:
            by_year.setdefault(year, {})[row.text("iso3c")] = point
    return by_year


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
