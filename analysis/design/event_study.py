"""Lay out leads and lags around junctures over treated and comparison units.

With effects of units and years, and onset o_i of unit i::

    y_it = a_i + g_t + sum_(k != reference) theta_k 1[t - o_i = k] + u_it,

event times beyond the window are counted with its ends ("binned", Schmidheiny & Siegloch 2023,
J. Appl. Econometrics 38, 695-713) or those years of treated units are left out ("trimmed"). Where
units have different onsets each cohort of onsets gets its own dummies, and theta_k is their mean
by the cohorts' shares of treated units at k (Sun & Abraham 2021, J. Econometrics 225, 175-199);
with one cohort this is the plain two-way regression. Several junctures of the same units are laid
out each by itself, or in one regression with a path each, or with one path that all share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.event_study_checks import (
    Onsets,
    Rows,
    check_collinear,
    check_coverage,
    check_options,
    check_reference,
    check_units,
    number_rows,
)
from analysis.errors import DesignError
from analysis.kernel.dyadic import Members, number_members
from analysis.kernel.two_way import Effects, IntArray, number_levels

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Path:
    """The event times of one juncture, or of several that share a path.

    Attributes:
        name: Of the juncture.
        event_times: Ascending, without the reference; binned ends count as their first year.
        mean_times: Mean event time of the treated unit-years of each; differs for binned ends.
        weights: Treated unit-years at each, shape (m,).
        is_bin: Which are binned ends that hold more than one event time.
        aggregation: Each event time as a combination of the regressors, shape (m, k).
    """

    name: str
    event_times: tuple[int, ...]
    mean_times: FloatArray
    weights: FloatArray
    is_bin: NDArray[np.bool_]
    aggregation: FloatArray

    @property
    def average_post(self) -> FloatArray:
        """Weights of the average effect over event times from 0 on, binned end left out."""
        chosen = (np.array(self.event_times) >= 0) & ~self.is_bin
        if not chosen.any():
            chosen = np.array(self.event_times) >= 0
        weights = np.where(chosen, self.weights, 0.0)
        average: FloatArray = weights / weights.sum()
        return average


@dataclass(frozen=True, eq=False)
class EventStudyDesign:
    """A panel, its dummies and who is compared with whom.

    Attributes:
        name: What the outcome is called in messages.
        outcome: Shape (n,).
        unit_codes: Place of each row's unit in `units`.
        year_codes: Place of each row's year in `years`.
        units: Names, sorted; treated and comparison units.
        years: Ascending.
        treated: Units with an onset.
        regressors: Dummies of cohorts and event times, shape (n, k).
        paths: One for each juncture asked about.
        reference: Event time whose effect is zero by construction.
        n_cohorts: Different onsets within a path, the most there are.
    """

    name: str
    outcome: FloatArray
    unit_codes: IntArray
    year_codes: IntArray
    units: tuple[str, ...]
    years: tuple[int, ...]
    treated: tuple[str, ...]
    regressors: FloatArray
    paths: tuple[Path, ...]
    reference: int
    n_cohorts: int

    @property
    def effects(self) -> Effects:
        return Effects((self.unit_codes, self.year_codes))

    @property
    def comparison(self) -> tuple[str, ...]:
        return tuple(unit for unit in self.units if unit not in self.treated)

    @property
    def are_dyads(self) -> bool:
        """Whether every unit is named by its two members."""
        return all(len(_sides(unit)) == 2 for unit in self.units)

    @property
    def members_of_units(self) -> Members:
        """Both members of each unit.

        Raises:
            DesignError: A unit is not a dyad.
        """
        for unit in self.units:
            if len(_sides(unit)) != 2:
                raise DesignError(
                    f"{unit} is not a dyad such as CHN-RUS; dyadic standard errors need the two "
                    "members of every unit. Use clustered ones."
                )
        sides = np.array([_sides(unit) for unit in self.units])
        return number_members(sides[:, 0], sides[:, 1])

    @property
    def members(self) -> Members:
        """Both members of each row's dyad; refused as `members_of_units`."""
        units = self.members_of_units
        codes = self.unit_codes
        return Members(units.first[codes], units.second[codes], units.n_members)


def _sides(unit: str) -> list[str]:
    return unit.replace(">", "-").split("-")


def event_study_design(
    outcome: pd.Series,
    paths: Mapping[str, Onsets],
    *,
    comparison: Sequence[str],
    name: str = "the outcome",
    window: tuple[int, int] = (-5, 5),
    reference: int = -1,
    ends: str = "binned",
    estimator: str = "interaction-weighted",
    controls: pd.DataFrame | None = None,
) -> EventStudyDesign:
    """Lay out the dummies, or say why the question cannot be answered.

    Args:
        outcome: Transformed outcome, index (unit, year); missing values are absent or nan.
        paths: For each path of effects the onsets of each treated unit; one onset a unit, or
            several that share the path.
        comparison: Units without an onset.
        name: Of the outcome, for messages.
        window: First and last event time shown.
        reference: Event time before 0 within the window, left out.
        ends: "binned" or "trimmed".
        estimator: "interaction-weighted" or "two-way"; they differ only with several cohorts.
        controls: Further regressors by (unit, year); rows where one is missing are left out.

    Raises:
        DesignError: There are no comparison units, the window is not covered, or event times of
            different junctures cannot be told apart.
        UsageError: An option has a value that there is not.
    """
    check_options(window, reference, ends, estimator)
    treated = tuple(sorted({unit for onsets in paths.values() for unit in onsets}))
    check_units(treated, comparison, name)
    values = outcome.dropna()
    if controls is not None:
        values = values[controls.reindex(values.index).notna().all(axis=1)]
    units_of = values.index.get_level_values(0)
    values = values[units_of.isin([*treated, *comparison])].sort_index()
    rows = number_rows(values)
    if ends == "trimmed":
        values = values[_inside(rows, paths, window)]
        rows = number_rows(values)
    check_coverage(rows, paths, comparison, window, name)
    check_reference(rows, paths, window, reference, name)
    columns: list[FloatArray] = []
    labels: list[str] = []
    laid: list[tuple[str, list[int], list[_Cells]]] = []
    for juncture, onsets in paths.items():
        cells = _cells(rows, onsets, window, reference, estimator)
        laid.append((juncture, list(range(len(columns), len(columns) + len(cells))), cells))
        columns += [cell.column for cell in cells]
        labels += [f"{juncture} {cell.event_time:+d}" for cell in cells]
    if controls is not None:
        columns += list(controls.reindex(values.index).to_numpy(dtype=float).T)
        labels += [str(control) for control in controls.columns]
    regressors = np.column_stack(columns)
    (year_codes,) = number_levels(rows.years)
    check_collinear(regressors, labels, Effects((rows.unit_codes, year_codes)), name)
    return EventStudyDesign(
        name=name,
        outcome=values.to_numpy(dtype=float),
        unit_codes=rows.unit_codes,
        year_codes=year_codes,
        units=tuple(str(unit) for unit in rows.units),
        years=tuple(int(year) for year in np.unique(rows.years)),
        treated=treated,
        regressors=regressors,
        paths=tuple(_path(each, places, cells, len(columns)) for each, places, cells in laid),
        reference=reference,
        n_cohorts=max(len(set(onsets.values())) for onsets in paths.values()),
    )


@dataclass(frozen=True, eq=False)
class _Cells:
    """One dummy: the unit-years of a cohort at an event time."""

    event_time: int
    column: FloatArray
    mean_time: float
    spans: bool


def _cells(
    rows: Rows, onsets: Onsets, window: tuple[int, int], reference: int, estimator: str
) -> list[_Cells]:
    one_each = all(len(each) == 1 for each in onsets.values())
    if estimator == "interaction-weighted" and one_each:
        cohorts = [
            {unit: each for unit, each in onsets.items() if each == cohort}
            for cohort in sorted(set(onsets.values()))
        ]
    else:
        cohorts = [dict(onsets)]
    cells = []
    for cohort in cohorts:
        raw = rows.event_times(cohort)
        clipped = np.clip(raw, *window)
        for event_time in range(window[0], window[1] + 1):
            at = clipped == event_time
            if event_time != reference and at.any():
                times = raw[at]
                spans = bool(times.min() < times.max())
                column = at.sum(axis=1).astype(float)
                cells.append(_Cells(event_time, column, float(times.mean()), spans))
    return cells


def _path(name: str, places: list[int], cells: list[_Cells], n_columns: int) -> Path:
    times = sorted({cell.event_time for cell in cells})
    weights, means = np.zeros(len(times)), np.zeros(len(times))
    aggregation = np.zeros((len(times), n_columns))
    spans = np.zeros(len(times), dtype=bool)
    for place, cell in zip(places, cells, strict=True):
        row, size = times.index(cell.event_time), float(cell.column.sum())
        aggregation[row, place] = size
        weights[row] += size
        means[row] += size * cell.mean_time
        spans[row] |= cell.spans
    return Path(
        name=name,
        event_times=tuple(times),
        mean_times=means / weights,
        weights=weights,
        is_bin=spans,
        aggregation=aggregation / weights[:, None],
    )


def _inside(rows: Rows, paths: Mapping[str, Onsets], window: tuple[int, int]) -> NDArray[np.bool_]:
    """Rows of comparison units, and of treated units inside a window."""
    is_treated = np.zeros(len(rows.years), dtype=bool)
    inside = np.zeros(len(rows.years), dtype=bool)
    for onsets in paths.values():
        times = rows.event_times(onsets)
        is_treated |= ~np.isnan(times[:, 0])
        inside |= ((window[0] <= times) & (times <= window[1])).any(axis=1)
    kept: NDArray[np.bool_] = ~is_treated | inside
    return kept
