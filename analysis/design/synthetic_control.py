"""Lay out one treated unit, its donors and the predictors on which they are to be alike.

A predictor is a variable averaged over years before the onset, one number for each unit, as in
Abadie, Diamond & Hainmueller (2010), J. Am. Stat. Assoc. 105, 493-505,
doi:10.1198/jasa.2009.ap08746. An average over other years in one unit than in another would compare
years and not units, so every unit needs values in the same ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.steps import MIN_BEFORE
from analysis.errors import DesignError, UsageError
from analysis.panel.panel import Panel
from analysis.panel.transform import transform_series
from analysis.records.words import join_words

MIN_DONORS = 2
ALIKE = 1e-12  # spread of a predictor against its size that is none
Predictor = str | tuple[str, int, int]
Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class SyntheticControlDesign:
    """One treated unit with its donors: outcomes by year, and predictors.

    Attributes:
        unit: The treated unit.
        outcome: Transformed outcome, index year, the treated unit in the first column and one
            column for each donor, shape (n, 1 + J); no missing values.
        predictors: Averages before the onset, one row for each predictor, the same columns, shape
            (p, 1 + J); each in the unit of its variable.
        onset: First year counted as after.
        matched: First and last year of the outcome that the weights are to come close to.
    """

    unit: str
    outcome: pd.DataFrame
    predictors: pd.DataFrame
    onset: int
    matched: Span

    @property
    def donors(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self.outcome.columns[1:])

    @property
    def before(self) -> NDArray[np.bool_]:
        """Which years lie before the onset, shape (n,)."""
        return np.asarray(self.outcome.index < self.onset)

    @property
    def is_matched(self) -> NDArray[np.bool_]:
        """Which years the weights are chosen on, shape (n,)."""
        years = self.outcome.index
        return np.asarray((years >= self.matched[0]) & (years <= self.matched[1]))


def synthetic_control_design(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    donors: Sequence[str],
    onset: int,
    predictors: Sequence[Predictor],
    matched: Span | None = None,
    transform: str = "none",
    period: Span | None = None,
    source: str | None = None,
) -> SyntheticControlDesign:
    """Lay out a synthetic control that matches predictors, or say why it cannot be.

    The words are those of `synthetic_control`.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable, unit or source.
    """
    _check_units(unit, donors)
    units = (unit, *donors)
    values = _values(panel, outcome, units, transform, period, source)
    name = f"{outcome} of {unit}"
    before = values.index < onset
    if before.sum() < MIN_BEFORE or before.all():
        raise DesignError(
            f"{name} has {int(before.sum())} values before {onset} and {int((~before).sum())} from "
            f"it on; {MIN_BEFORE} are needed before it, to weight donors, and one after."
        )
    span = _matched(matched, values.index[before], onset, name)
    found = _predictors(panel, predictors, units, onset, values, outcome)
    _check_spread(found, unit)
    return SyntheticControlDesign(unit, values, found, onset, span)


def _check_units(unit: str, donors: Sequence[str]) -> None:
    if unit in donors:
        raise DesignError(f"{unit} is the treated unit and cannot be one of its own donors.")
    twice = sorted({name for name in donors if list(donors).count(name) > 1})
    if twice:
        raise DesignError(f"{join_words(twice)} stands more than once among the donors.")
    if len(donors) < MIN_DONORS:
        raise DesignError(
            f"{unit} has {len(donors)} donors; a synthetic control needs {MIN_DONORS} or more."
        )


def _values(
    panel: Panel,
    outcome: str,
    units: Sequence[str],
    transform: str,
    period: Span | None,
    source: str | None,
) -> pd.DataFrame:
    """The outcome of every unit in the years of the treated one."""
    table = pd.DataFrame({name: panel.series(outcome, name, source=source) for name in units})
    own = table[units[0]].dropna().index
    if period is not None:
        own = own[(own >= period[0]) & (own <= period[1])]
    if own.empty:
        raise DesignError(f"There are no data: {outcome} of {units[0]} has no value in the period.")
    table = table.reindex(own.sort_values())
    lacking = table.columns[table.isna().any()]
    if len(lacking):
        first = table.index[table[lacking[0]].isna()][0]
        raise DesignError(
            f"{outcome} has values of {units[0]} in {len(table)} years from {table.index[0]} to "
            f"{table.index[-1]} and lacks some of {join_words(map(str, lacking))}, the first of "
            f"{lacking[0]} in {first}; choose another period or other donors."
        )
    moved = {
        name: transform_series(table[name].rename(outcome), transform, unit=name)
        for name in table.columns
    }
    return pd.DataFrame(moved).rename_axis("year")


def _matched(matched: Span | None, before: pd.Index, onset: int, name: str) -> Span:
    if matched is None:
        return int(before[0]), int(before[-1])
    many = int(((before >= matched[0]) & (before <= matched[1])).sum())
    if matched[1] >= onset or many < MIN_BEFORE:
        raise DesignError(
            f"Weights are to be chosen on {matched[0]}-{matched[1]}, where {name} has {many} "
            f"values before {onset}; choose years before {onset} with {MIN_BEFORE} values or more."
        )
    return matched


def _predictors(
    panel: Panel,
    asked: Sequence[Predictor],
    units: Sequence[str],
    onset: int,
    values: pd.DataFrame,
    outcome: str,
) -> pd.DataFrame:
    if not asked:
        raise UsageError(
            "No predictor is named; without predictors gap(..., weighting='synthetic') weights "
            "donors on the outcome alone."
        )
    rows: dict[str, pd.Series] = {}
    first = int(values.index[0])
    for each in asked:
        variable, *span = (each,) if isinstance(each, str) else each
        start, end = (span[0], span[1]) if span else (first, onset - 1)
        label = f"{variable} {start}-{end}" if span else variable
        if label in rows:
            raise UsageError(f"{label} stands more than once among the predictors.")
        if not start <= end < onset:
            raise DesignError(
                f"{variable} is to be averaged over {start}-{end}; a predictor is an average over "
                f"years before {onset}, or it could hold part of the effect."
            )
        if variable == outcome:
            table = values
        else:
            table = pd.DataFrame({name: panel.series(variable, name) for name in units})
        rows[label] = _average(table.loc[(table.index >= start) & (table.index <= end)], label)
    return pd.DataFrame(rows, index=list(units)).T.rename_axis("predictor")


def _average(table: pd.DataFrame, label: str) -> pd.Series:
    """Mean by unit, over years in which all have a value."""
    empty = table.columns[table.notna().sum() == 0]
    if len(empty):
        raise DesignError(
            f"{label} has no value for {join_words(map(str, empty))} in the years it is averaged "
            "over; choose other years, or leave the predictor or the unit out."
        )
    some = table.notna().any(axis=1)
    lacking = table.columns[table[some].isna().any()]
    if len(lacking):
        year = table.index[some & table[lacking[0]].isna()][0]
        raise DesignError(
            f"{label} has no value for {lacking[0]} in {year}, where other units have one; "
            "averages over different years cannot be compared, choose years that all have."
        )
    return table[some].mean()


def _check_spread(predictors: pd.DataFrame, unit: str) -> None:
    donors = predictors.to_numpy(dtype=float)[:, 1:]
    alike = np.ptp(donors, axis=1) <= ALIKE * np.maximum(1e-300, np.abs(donors).max(axis=1))
    if alike.any():
        label = predictors.index[alike][0]
        raise DesignError(
            f"{label} is the same in all donors, so that no weights can bring them nearer to "
            f"{unit} in it; leave it out."
        )
