"""Lay out whether the gap between two perceptions steps at a juncture.

    D_t = z(first_t) - z(second_t),

each side standardised over the years that both have, and D tested for steps as any series. Only one
instrument applied to both sides can say who felt the larger threat: two polls, or two ways of
counting words, differ in level and spread for reasons of their own. So both sides must be the same
variable of the same source.
"""

from collections.abc import Mapping

import pandas as pd

from analysis.design.steps import MIN_VALUES, StepsDesign, steps_design
from analysis.errors import DesignError
from analysis.panel.panel import Panel
from analysis.records.words import join_words


def common_instrument(
    panel: Panel, variable: str, units: tuple[str, str], *, source: str | None = None
) -> tuple[pd.Series, pd.Series]:
    """The values of both units by one source, years of either.

    Args:
        panel: Values and where each comes from.
        variable: A perception.
        units: First and second.
        source: The instrument; the preferred one if None.

    Raises:
        DesignError: The two are not measured by one source.
        UsageError: The panel has no such variable or unit.
    """
    first, second = units
    if first == second:
        raise DesignError(f"{first} cannot be compared with itself; name two units.")
    used = {}
    for unit in units:
        cells = panel.cells_for([variable], [unit], source=source)
        if source is not None:
            cells = cells[cells["source"].eq(source)]
        if cells.empty:
            by = f" from {source}" if source else ""
            raise DesignError(
                f"There is no common instrument: {variable} of {unit} has no value{by}."
            )
        used[unit] = sorted(set(cells["source"]))
    if len(used[first]) > 1 or used[first] != used[second]:
        raise DesignError(
            f"There is no common instrument: {variable} of {first} comes from "
            f"{join_words(used[first])}, of {second} from {join_words(used[second])}; name one "
            "source that has both."
        )
    return panel.series(variable, first, source), panel.series(variable, second, source)


def asymmetry_design(
    first: pd.Series,
    second: pd.Series,
    onsets: Mapping[str, int],
    *,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1",
) -> StepsDesign:
    """Lay out the gap between two series of one instrument with a step at each onset.

    Args:
        first: By year; a positive step means that it gained on the second.
        second: By year, of the same instrument; see `common_instrument`.
        onsets: First year counted as after, by juncture.
        name: What the gap is called in messages.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year.
        error_model: "ar1", whose innovation sd may change at the first onset, or "ar1-constant".

    Raises:
        DesignError: Fewer than 20 years in common, a side that does not move, or a condition of a
            single-series design does not hold.
    """
    label = name or f"{first.name} less {second.name}"
    return steps_design(
        gap_of_perceptions(first, second, name=label),
        onsets,
        name=label,
        trend=trend,
        controls=controls,
        error_model=error_model,
    )


def gap_of_perceptions(first: pd.Series, second: pd.Series, *, name: str = "") -> pd.Series:
    """z(first) - z(second), each over the years that both have.

    >>> sides = pd.Series({year: year % 7 for year in range(2000, 2021)}, dtype=float)
    >>> float(gap_of_perceptions(sides, 3 * sides + 1).abs().max().round(12))
    0.0
    """
    label = name or f"{first.name} less {second.name}"
    both = pd.concat([first.dropna(), second.dropna()], axis=1, join="inner").sort_index()
    if len(both) < MIN_VALUES:
        raise DesignError(f"{len(both)} years have both sides of {label}; {MIN_VALUES} are needed.")
    spread = both.std().to_numpy(dtype=float)
    if not (spread > 0).all():
        raise DesignError(f"One side of {label} never changes; it cannot be standardised.")
    z = (both.to_numpy(dtype=float) - both.mean().to_numpy(dtype=float)) / spread
    return pd.Series(z[:, 0] - z[:, 1], index=both.index, name=label)
