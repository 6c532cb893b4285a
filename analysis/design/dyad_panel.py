"""Lay a wide panel out for regression: outcome, regressors, units, years and member states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import DesignError, UsageError
from analysis.panel.panel import Panel
from analysis.panel.transform import difference, lag, outcome_unit, transform_series
from analysis.records.units import sides_of
from analysis.records.words import join_words, quote, suggest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MIN_OBS = 30
CARRIED = ("first", "second", "sum", "smaller", "larger", "product", "difference", "pair")


@dataclass(frozen=True, eq=False)
class DyadPanel:
    """One row for each unit and year in which outcome and regressors are known, by unit and year.

    Attributes:
        outcome: Name in the codebook.
        measured_in: Unit of the outcome, transform and differences included.
        y: Transformed outcome, shape (n,).
        names: Regressors in order: exposure and its lags, moderator, interaction, controls.
        x: Regressors, shape (n, k).
        exposures: How many of the regressors are the exposure and its lags.
        interaction: Name of the product of exposure and moderator, or "".
        units: Names, shape (n_units,).
        unit: Place of each row's unit in `units`, shape (n,).
        year: Calendar years, shape (n,).
        states: Members of the units, by name.
        members: Places of the first and second member of each unit in `states`; the same twice
            for a unit that is no dyad, shape (n_units, 2).
        differenced: Whether outcome and regressors are changes over a year.
        dropped: Rows with an outcome that lack a regressor.
    """

    outcome: str
    measured_in: str
    y: FloatArray
    names: tuple[str, ...]
    x: FloatArray
    exposures: int
    interaction: str
    units: tuple[str, ...]
    unit: IntArray
    year: IntArray
    states: tuple[str, ...]
    members: IntArray
    differenced: bool
    dropped: int

    @property
    def years(self) -> tuple[int, int]:
        return int(self.year.min()), int(self.year.max())

    @property
    def row_members(self) -> IntArray:
        """Places of the members of each row's unit, shape (n, 2)."""
        return self.members[self.unit]

    def to_frame(self) -> pd.DataFrame:
        """Outcome and regressors, index (unit, year)."""
        index = pd.MultiIndex.from_arrays(
            [np.array(self.units)[self.unit], self.year], names=["unit", "year"]
        )
        columns = [self.outcome, *self.names]
        return pd.DataFrame(np.column_stack([self.y, self.x]), index=index, columns=columns)


def dyad_panel(
    panel: Panel,
    *,
    outcome: str,
    exposure: str,
    units: Sequence[str] | None = None,
    lags: int = 0,
    moderator: str = "",
    controls: Sequence[str] = (),
    transform: str = "none",
    exposure_transform: str = "none",
    carry: Mapping[str, str] | None = None,
    differenced: bool = False,
    period: tuple[int, int] | None = None,
) -> DyadPanel:
    """Bring outcome and regressors of many units together.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        exposure: A variable of the panel.
        units: Units of the panel; None for all that have outcome and regressors.
        lags: The exposure enters at 0 to `lags` years earlier.
        moderator: Enters itself and times the exposure, both centred at their means over the rows;
            "" for none.
        controls: Further variables.
        transform: Of the outcome.
        exposure_transform: Of the exposure.
        carry: How a variable of states becomes one of dyads, by variable: the value of the "first"
            or "second" member (sender and receiver of a directed dyad), or their "sum",
            "smaller", "larger", "product" or "difference"; "pair" gives a directed dyad the value
            of the two states' undirected one.
        differenced: Take changes over a year of outcome and regressors.
        period: First and last year of the outcome; None for all.

    Raises:
        DesignError: Too little is left, or a value has no transform.
        UsageError: A variable, unit or word is not known.
    """
    if lags < 0:
        raise UsageError(f"lags is {lags}; it must be 0 or more.")
    if moderator and lags:
        raise UsageError("A moderator goes with the exposure of the same year; leave lags at 0.")
    ways = _check_ways(carry or {}, (outcome, exposure, moderator, *controls))
    names = list(dict.fromkeys(name for name in (outcome, exposure, moderator, *controls) if name))
    if len(names) < 2 + bool(moderator) + len(controls):
        raise UsageError(f"A variable stands twice among {join_words(names)}; name each once.")
    chosen = _choose_units(panel, outcome, units)
    wide = pd.DataFrame(
        {name: _values(panel, name, chosen, ways.get(name, "")) for name in names}
    ).dropna(subset=[outcome])
    wide[outcome] = transform_series(wide[outcome], transform)
    wide[exposure] = transform_series(wide[exposure], exposure_transform)
    regressors = _regressors(wide, exposure, lags, moderator, controls)
    y = wide[outcome]
    if differenced:
        y, regressors = difference(y), regressors.apply(difference)
    if period is not None:
        years = y.index.get_level_values("year")
        inside = (years >= period[0]) & (years <= period[1])
        y, regressors = y[inside], regressors[inside]
    complete = y.notna() & regressors.notna().all(axis=1)
    dropped = int((y.notna() & ~complete).sum())
    interaction = f"{exposure} x {moderator}" if moderator else ""
    table = regressors[complete].copy()
    if interaction and not differenced and len(table):
        table = _centred_product(table, exposure, moderator, interaction)
    return _lay_out(
        y[complete],
        table,
        outcome=outcome,
        measured_in=_unit_words(panel, outcome, transform, differenced),
        exposures=lags + 1,
        interaction=interaction,
        differenced=differenced,
        dropped=dropped,
    )


def _check_ways(carry: Mapping[str, str], names: Sequence[str]) -> Mapping[str, str]:
    for name, way in carry.items():
        if way not in CARRIED:
            raise UsageError(f"{name} cannot be carried by {quote(way)}; {suggest(way, CARRIED)}")
        if name not in names:
            raise UsageError(f"{quote(name)} in carry is none of the variables asked for.")
    return carry


def _choose_units(panel: Panel, outcome: str, units: Sequence[str] | None) -> list[str]:
    if units is not None:
        panel.cells_for([outcome], list(units))  # refuses unknown names
        return sorted(dict.fromkeys(units))
    if outcome not in panel.variables:
        raise UsageError(
            f"The panel has no variable {quote(outcome)}; {suggest(outcome, panel.variables)}"
        )
    held = panel.frame[outcome].dropna().index.unique("unit")
    dyads = sorted(str(unit) for unit in held if len(sides_of(str(unit))) == 2)
    return dyads or sorted(map(str, held))


def _values(panel: Panel, name: str, units: list[str], way: str) -> pd.Series:
    """A variable by unit and year, for these units."""
    if name not in panel.variables:
        raise UsageError(
            f"The panel has no variable {quote(name)}; {suggest(name, panel.variables)}"
        )
    column = panel.frame[name].dropna()
    if not way:
        return column[column.index.get_level_values("unit").isin(units)]
    held = column.unstack("year")
    sides = [sides_of(unit) for unit in units]
    if way == "pair":
        of_pair = held.reindex(["-".join(sorted(pair)) for pair in sides]).set_axis(units)
        return _lengthen(of_pair, name)
    first, second = (held.reindex([pair[at] for pair in sides]).set_axis(units) for at in (0, -1))
    both = {
        "first": lambda: first,
        "second": lambda: second,
        "sum": lambda: first + second,
        "smaller": lambda: first.where(first <= second, second).where(first.notna()),
        "larger": lambda: first.where(first >= second, second).where(first.notna()),
        "product": lambda: first * second,
        "difference": lambda: first - second,
    }[way]()
    return _lengthen(both, name)


def _lengthen(held: pd.DataFrame, name: str) -> pd.Series:
    """Units by years as one column, index (unit, year)."""
    column = held.rename_axis("unit").stack()
    assert isinstance(column, pd.Series)
    return column.dropna().rename(name)


def _regressors(
    wide: pd.DataFrame, exposure: str, lags: int, moderator: str, controls: Sequence[str]
) -> pd.DataFrame:
    columns = {exposure: wide[exposure]}
    for years in range(1, lags + 1):
        columns[f"{exposure}, {years} earlier"] = lag(wide[exposure], years)
    if moderator:
        columns[moderator] = wide[moderator]
        centred = [wide[name] - wide[name].mean() for name in (exposure, moderator)]
        columns[f"{exposure} x {moderator}"] = centred[0] * centred[1]
    columns |= {name: wide[name] for name in controls}
    return pd.DataFrame(columns)


def _centred_product(
    table: pd.DataFrame, exposure: str, moderator: str, interaction: str
) -> pd.DataFrame:
    """Centre at the means of the rows used, so that main effects are those at the mean."""
    centred = [table[name] - table[name].mean() for name in (exposure, moderator)]
    return table.assign(**{interaction: centred[0] * centred[1]})


def _unit_words(panel: Panel, outcome: str, transform: str, differenced: bool) -> str:
    unit = outcome_unit(transform, panel.codebook[outcome].measured_in or outcome)
    return f"change over a year of {unit}" if differenced else unit


def _lay_out(
    y: pd.Series,
    table: pd.DataFrame,
    *,
    outcome: str,
    measured_in: str,
    exposures: int,
    interaction: str,
    differenced: bool,
    dropped: int,
) -> DyadPanel:
    if len(y) < MIN_OBS:
        raise DesignError(
            f"{outcome} and {join_words(map(str, table.columns))} are known together in {len(y)} "
            f"unit-years; a panel regression needs {MIN_OBS}."
        )
    y = y.sort_index()
    table = table.loc[y.index]
    unit_of = y.index.get_level_values("unit")
    units = tuple(sorted(map(str, unit_of.unique())))
    places = {unit: place for place, unit in enumerate(units)}
    states = tuple(sorted({side for unit in units for side in sides_of(unit)}))
    pairs = [(sides_of(unit)[0], sides_of(unit)[-1]) for unit in units]
    return DyadPanel(
        outcome=outcome,
        measured_in=measured_in,
        y=y.to_numpy(dtype=float),
        names=tuple(map(str, table.columns)),
        x=table.to_numpy(dtype=float),
        exposures=exposures,
        interaction=interaction,
        units=units,
        unit=np.array([places[str(unit)] for unit in unit_of], dtype=np.int64),
        year=y.index.get_level_values("year").to_numpy(dtype=np.int64),
        states=states,
        members=np.array([[states.index(a), states.index(b)] for a, b in pairs], dtype=np.int64),
        differenced=differenced,
        dropped=dropped,
    )
