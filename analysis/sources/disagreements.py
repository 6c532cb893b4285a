"""Where two sources have the same cell, and by how much they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from statistics import median

import pandas as pd


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources of one variable, over the cells that both have.

    Attributes:
        n_cells: Cells with a value in both.
        n_equal: Of them, with the same value.
        n_zero: Of them, with zero in one source only; these have no ratio.
        median_ratio: Median of |other / preferred - 1| over cells without a zero, in percent.
        largest_ratio: Its largest value, in percent.
        where: Unit and year of the largest.
    """

    variable: str
    preferred: str
    other: str
    n_cells: int
    n_equal: int
    n_zero: int
    median_ratio: float
    largest_ratio: float
    where: str


def tabulate_disagreements(observations: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Compare the preferred source of each variable with each of the others.

    Args:
        observations: As `read_observations` gives it.
        codebook: With `variable` and `sources`, in order of preference.
    """
    rows = [row for row in _compare_all(observations, codebook) if row.n_cells]
    return pd.DataFrame(
        [asdict(row) for row in rows], columns=[field.name for field in fields(Disagreement)]
    )


def _compare_all(observations: pd.DataFrame, codebook: pd.DataFrame) -> Iterator[Disagreement]:
    for variable, listed in zip(codebook["variable"], codebook["sources"], strict=True):
        first, *others = str(listed).split(";")
        held = observations[(observations["variable"] == variable) & (observations["value"] != "")]
        preferred = _read_cells(held, first) if others else {}
        for other in others:
            yield _compare(str(variable), (first, preferred), (other, _read_cells(held, other)))


def _read_cells(held: pd.DataFrame, source: str) -> dict[tuple[str, int], float]:
    rows = held.loc[held["source"] == source, ["unit", "year", "value"]]
    return {
        (str(unit), int(year)): float(value) for unit, year, value in rows.itertuples(index=False)
    }


def _compare(
    variable: str,
    preferred: tuple[str, dict[tuple[str, int], float]],
    other: tuple[str, dict[tuple[str, int], float]],
) -> Disagreement:
    (first, left), (second, right) = preferred, other
    shared = sorted(left.keys() & right.keys())
    ratios = {
        key: 100 * abs(right[key] / left[key] - 1) for key in shared if left[key] and right[key]
    }
    largest = max(ratios, key=ratios.__getitem__, default=("", 0))
    return Disagreement(
        variable=variable,
        preferred=first,
        other=second,
        n_cells=len(shared),
        n_equal=sum(left[key] == right[key] for key in shared),
        n_zero=sum((left[key] == 0) != (right[key] == 0) for key in shared),
        median_ratio=median(ratios.values()) if ratios else float("nan"),
        largest_ratio=ratios.get(largest, float("nan")),
        where=f"{largest[0]} {largest[1]}" if ratios else "",
    )
