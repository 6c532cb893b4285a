"""What an event study needs of a panel: units to compare with, covered windows, distinct times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import DesignError, UsageError
from analysis.kernel.two_way import Effects, IntArray, residualise
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
ENDS = ("binned", "trimmed")
ESTIMATORS = ("interaction-weighted", "two-way")
MIN_COMPARISON = 2
COLLINEAR = 1e-8
Onsets = Mapping[str, tuple[int, ...]]  # of each treated unit


@dataclass(frozen=True, eq=False)
class Rows:
    """The panel's rows as codes, with the event times of each."""

    units: NDArray[np.generic]
    unit_codes: IntArray
    years: NDArray[np.int64]

    def event_times(self, onsets: Onsets) -> FloatArray:
        """Event time of each row for each of its unit's onsets, nan where none, shape (n, J)."""
        most = max(len(each) for each in onsets.values())
        table = np.full((len(self.units), most), np.nan)
        place = {str(unit): at for at, unit in enumerate(self.units)}
        for unit, each in onsets.items():
            if unit in place:
                table[place[unit], : len(each)] = each
        times: FloatArray = self.years[:, None] - table[self.unit_codes]
        return times


def number_rows(values: pd.Series) -> Rows:
    """Number the units of an outcome indexed by unit and year."""
    codes, units = pd.factorize(values.index.get_level_values(0), sort=True)
    years = values.index.get_level_values(1).to_numpy(dtype=np.int64)
    return Rows(units.to_numpy(dtype=object), codes.astype(np.intp), years)


def check_options(window: tuple[int, int], reference: int, ends: str, estimator: str) -> None:
    """Refuse options that there are not."""
    first, last = window
    if not (first <= reference < 0 <= last) or last - first < 2:
        raise UsageError(
            f"The window runs from {first} to {last} with reference {reference}; it needs a "
            "reference before 0 within it and event times from 0 on."
        )
    for value, known, what in (
        (ends, ENDS, "way with the ends"),
        (estimator, ESTIMATORS, "estimator"),
    ):
        if value not in known:
            raise UsageError(f'There is no {what} "{value}"; known are {join_words(known)}.')


def check_units(treated: Sequence[str], comparison: Sequence[str], name: str) -> None:
    """Refuse a comparison without comparison units."""
    if not treated:
        raise DesignError(f"No unit of {name} has an onset; name the units that were treated.")
    if len(set(comparison)) < MIN_COMPARISON:
        raise DesignError(
            f"{name} has {len(set(comparison))} comparison units; without {MIN_COMPARISON} or more "
            "the effects of years cannot be told from those of the junctures."
        )
    both = sorted(set(treated) & set(comparison))
    if both:
        raise DesignError(f"{join_words(both)} cannot be treated and comparison at once.")


def check_coverage(
    rows: Rows,
    paths: Mapping[str, Onsets],
    comparison: Sequence[str],
    window: tuple[int, int],
    name: str,
) -> None:
    """Refuse a window that a single treated unit does not cover."""
    having = {str(unit) for unit in rows.units}
    absent = sorted({*comparison, *(unit for onsets in paths.values() for unit in onsets)} - having)
    if absent:
        raise DesignError(f"{name} has no values of {join_words(absent)} in the period.")
    others = set(comparison)
    compared = np.array([unit in others for unit in rows.units])[rows.unit_codes]
    has_comparison = np.isin(rows.years, rows.years[compared])
    for juncture, onsets in paths.items():
        if len(onsets) > 1:
            continue
        unit, each = next(iter(onsets.items()))
        for onset in each:
            times = rows.event_times({unit: (onset,)})[:, 0]
            seen = set(np.clip(times[has_comparison], *window).tolist())
            missing = [time for time in range(window[0], window[1] + 1) if time not in seen]
            if missing:
                years = rows.years[~np.isnan(times)]
                raise DesignError(
                    f"The window of {juncture} from {window[0]} to {window[1]} around {onset} has "
                    f"no value of {name} for event time {join_words(map(str, missing))}; "
                    f"{unit} has values from {years.min()} to {years.max()}. "
                    "Choose a narrower window."
                )


def check_reference(
    rows: Rows, paths: Mapping[str, Onsets], window: tuple[int, int], reference: int, name: str
) -> None:
    """Every cohort needs its year of reference, every event time some treated unit."""
    for juncture, onsets in paths.items():
        for onset in sorted({each for several in onsets.values() for each in several}):
            cohort = {unit: (onset,) for unit, each in onsets.items() if onset in each}
            if not (rows.event_times(cohort)[:, 0] == reference).any():
                raise DesignError(
                    f"{name} of {join_words(list(cohort)[:3])} has no value in "
                    f"{onset + reference}, the year of reference of {juncture}."
                )
        seen = np.unique(np.clip(rows.event_times(onsets), *window))
        missing = [time for time in range(window[0], window[1] + 1) if time not in seen]
        if missing:
            raise DesignError(
                f"No treated unit has a value of {name} at event time "
                f"{join_words(map(str, missing))} of {juncture}. Choose a narrower window."
            )


def check_collinear(
    regressors: FloatArray, labels: Sequence[str], effects: Effects, name: str
) -> None:
    """Name the first dummy that is a combination of the effects and the dummies before it."""
    within = residualise(regressors, effects)
    gram = within.T @ within
    lengths = np.linalg.norm(regressors, axis=0)
    gram /= np.outer(lengths, lengths)
    for column in range(len(labels)):  # Cholesky, stopped at the first column with nothing left
        left = gram[column, column]
        place = labels[column]
        if left > COLLINEAR:
            row = gram[column, column + 1 :]
            gram[column + 1 :, column + 1 :] -= np.outer(row, row) / left
            continue
        raise DesignError(
            f"The event times of {name} are collinear from {place} on: the same unit-years belong "
            "to several of them. Ask about the junctures apart, let them share one path, or "
            "choose a narrower window."
        )
