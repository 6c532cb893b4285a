"""Composite indices of the study: threat by target and component, and cooperation.

An index has a value in the years in which every
member has one: a year that lacks a member is missing, not filled. Each index is made with equal
weights and, as another source of the same variable, as first principal component, so that a
claim can be run on either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sources.composite_members import INDICES, THREATS, Index, Member
from analysis.sources.indices import (
    Matrix,
    average,
    draw_indices,
    estimate_alpha,
    estimate_omega,
    find_first_component,
)
from analysis.sources.observations import Observation

EQUAL, PRINCIPAL = "composite-equal", "composite-pca"
Value = Mapping[tuple[str, int, str, str], float]

N_DRAWS, SEED = 500, 2022
MIN_YEARS = 10  # a standardised index over fewer years says little


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far the members of an index go together over its years.

    Attributes:
        component: Correlation of the index with equal weights and the first component.
        weights: Correlation with the former that nine in ten of the drawn indices exceed.
    """

    variable: str
    unit: str
    n_members: int
    first_year: int
    last_year: int
    alpha: float
    omega: float
    component: float
    weights: float


def compose(observations: Iterable[Observation]) -> Iterator[Observation]:
    """Give every index with either weighting, and the threat to both."""
    values = {
        (row.unit, row.year, row.variable, row.source): row.value
        for row in observations
        if row.value is not None
    }
    for index in INDICES:
        yield from _compose(index, values)
    yield from _join_threats(values)


def assess_indices(observations: pd.DataFrame) -> Iterator[Reliability]:
    """Say of every index how far its members go together and whether its weights matter."""
    valued = observations[observations["value"] != ""]
    values = {
        (str(unit), int(year), str(variable), str(source)): float(value)
        for unit, year, variable, source, value in valued[
            ["unit", "year", "variable", "source", "value"]
        ].itertuples(index=False)
    }
    for index in INDICES:
        years, matrix = assemble_members(index.members, values)
        equal, (principal, _, _) = average_components(index, matrix), find_first_component(matrix)
        drawn = draw_indices(matrix, N_DRAWS, np.random.default_rng(SEED))
        likeness = [np.corrcoef(equal, other)[0, 1] for other in drawn]
        yield Reliability(
            variable=index.variable,
            unit=index.unit,
            n_members=matrix.shape[1],
            first_year=years[0],
            last_year=years[-1],
            alpha=estimate_alpha(matrix),
            omega=estimate_omega(matrix),
            component=float(np.corrcoef(equal, principal)[0, 1]),
            weights=float(np.quantile(likeness, 0.1)),
        )


def assemble_members(members: tuple[Member, ...], values: Value) -> tuple[list[int], Matrix]:
    """The years in which every member has a value, and the values, one column a member."""
    columns = [_read_member(member, values) for member in members]
    years = sorted(set.intersection(*(set(column) for column in columns)))
    return years, np.array([[column[year] for column in columns] for year in years])


def average_components(index: Index, matrix: Matrix) -> Matrix:
    """The mean of the components, each the mean of its members, all standardised."""
    ends = np.cumsum([len(members) for members in index.components.values()])
    parts = np.split(matrix, ends[:-1], axis=1)
    return average(np.column_stack([average(part) for part in parts]))


def _read_member(member: Member, values: Value) -> dict[int, float]:
    found: dict[int, float] = {}
    for (unit, year, variable, source), value in values.items():
        if (unit, variable) == (member.unit, member.variable) and source in member.sources:
            rank = member.sources.index(source)
            earlier = member.sources[:rank]
            if not any((unit, year, variable, other) in values for other in earlier):
                found[year] = member.scale(value)
    return found


def _compose(index: Index, values: Value) -> Iterator[Observation]:
    years, matrix = assemble_members(index.members, values)
    if len(years) < MIN_YEARS:
        return
    names = ", ".join(f"{member.variable} of {member.unit}" for member in index.members)
    principal, _, _ = find_first_component(matrix)
    for source, scores in ((EQUAL, average_components(index, matrix)), (PRINCIPAL, principal)):
        for year, score in zip(years, scores, strict=True):
            yield _observe(index.unit, year, index.variable, float(score), source, names)


def _join_threats(values: Value) -> Iterator[Observation]:
    """Threat to both: the mean of the two indices, in the years that both have."""
    wholes = {
        (row.source, row.unit, row.year): row
        for index in THREATS
        for row in _compose(index, values)
    }
    for source in (EQUAL, PRINCIPAL):
        sides = [
            {year: row for (s, unit, year), row in wholes.items() if (s, unit) == (source, side)}
            for side in ("CHN", "RUS")
        ]
        years = sorted(set(sides[0]) & set(sides[1]))
        if len(years) < MIN_YEARS:
            continue
        pairs = np.array([[side[year].value for side in sides] for year in years], dtype=float)
        for year, score in zip(years, average(pairs), strict=True):
            names = "threat_index of CHN, threat_index of RUS"
            yield _observe("CHN-RUS", year, "threat_index", float(score), source, names)


def _observe(
    unit: str, year: int, variable: str, value: float, source: str, names: str
) -> Observation:
    return Observation(
        unit=unit,
        year=year,
        variable=variable,
        value=value,
        status="computed",
        source=source,
        locator=f"computed from {names}",
    )
