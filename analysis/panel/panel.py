"""The panel: one value for each unit, year and variable, and where each comes from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import UsageError
from analysis.panel.cells import KEY, ORIGIN
from analysis.panel.wide import lengthen
from analysis.records.codebook import Variable
from analysis.records.words import quote, suggest

MOST_UNITS_SHOWN = 4
MOST_ROWS_SHOWN = 20
PLACES = ("_preferred", "_sourced", "_rows_of", "units", "variables")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value and its place in the source; `row` is the line of observations.csv."""

    unit: str
    year: int
    variable: str
    value: float
    stored: str
    status: str
    source: str
    locator: str
    note: str
    row: int


@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """Values by unit and year, one column for each variable.

    Attributes:
        frame: Index (unit, year), one column for each variable; NaN where there is no value.
        cells: Index (unit, year, variable), one row for each value of `frame`: value, source,
            status, locator, note, stored (the text in the file) and row (its line).
        codebook: What each variable measures.
        observations: The same as `cells` for every source there is, the preferred one first;
            None where `cells` is all there is.
    """

    frame: pd.DataFrame
    cells: pd.DataFrame
    codebook: Mapping[str, Variable]
    observations: pd.DataFrame | None = None
    _read: dict[tuple[str, str, str | None], pd.Series] = field(init=False, default_factory=dict)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, unit: str, year: str) -> Self:
        """Make a panel of a table with one row for each unit and year.

        Args:
            frame: Any numeric columns beside `unit` and `year` become variables.
            unit: The column that names the unit.
            year: The column with whole years.

        Raises:
            DataError: A unit and year stand twice, or a cell is not a number.
            UsageError: A column is not there.
        """
        return cls(*lengthen(frame, unit, year))

    @cached_property
    def variables(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self.frame.columns)

    @cached_property
    def units(self) -> tuple[str, ...]:
        return tuple(self.frame.index.unique("unit"))

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted(int(year) for year in self.frame.index.unique("year")))

    def series(self, variable: str, unit: str, source: str | None = None) -> pd.Series:
        """The values of `variable` for `unit` by year; years without a value are absent.

        Where a source is named, only its values are used.
        """
        key = (variable, unit, source)
        if key not in self._read:
            cells = self._cells_of_series(variable, unit, source)
            years = pd.Index(cells.index.get_level_values("year").astype("int64"), name="year")
            values = cells["value"].to_numpy(dtype=float)
            self._read[key] = pd.Series(values, index=years, name=variable)
        return self._read[key].copy()

    def cells_for(
        self,
        variables: Sequence[str],
        units: Sequence[str],
        *,
        years: Collection[int] | None = None,
        source: str | None = None,
    ) -> pd.DataFrame:
        """The rows of `cells` behind these variables, units and years (all, if None).

        A named source is used for those variables that have it, alone; at least one must. The
        others keep their preferred sources.
        """
        self._require(variables, units)
        if source is None:
            rows = [self._rows_of[name] for name in set(variables) if name in self._rows_of]
            cells = self.cells.iloc[np.sort(np.concatenate(rows)) if rows else []]
        else:
            cells = self._cells_of(source, variables)
        unit, year, variable = (cells.index.get_level_values(name) for name in KEY)
        chosen = unit.isin(list(units)) & variable.isin(list(variables))
        if years is not None:
            chosen &= year.isin(list(years))
        return cells[chosen]

    @cached_property
    def _rows_of(self) -> dict[str, NDArray[np.intp]]:
        """Places of the cells of each variable, ascending."""
        found = self.cells.groupby(level="variable", sort=False).indices
        return {str(name): np.sort(places) for name, places in found.items()}

    def trace(self, unit: str, year: int, variable: str, source: str | None = None) -> Cell:
        """Where the value of `variable` for `unit` in `year` comes from."""
        cells = self.cells_for([variable], [unit], years=[year], source=source)
        if cells.empty:
            having = self.cells_for([variable], [unit], source=source)
            years = sorted(having.index.get_level_values("year"))
            span = f"it has values from {years[0]} to {years[-1]}" if years else "it has none"
            raise UsageError(f"{variable} of {unit} has no value in {year}; {span}.")
        row = cells.iloc[0]
        return Cell(
            unit=unit,
            year=year,
            variable=variable,
            value=float(row["value"]),
            **{name: str(row[name]) for name in ORIGIN if name != "row"},
            row=int(row["row"]),
        )

    def revalued(self, variable: str, unit: str, values: pd.Series) -> Panel:
        """The same panel where every source says these values, by year; others stay as they are.

        What is known of the places of values is shared, so that it costs little.
        """
        told = dict(zip(map(int, values.index), map(float, values), strict=True))
        sources = self._sourced if self.observations is not None else {}
        everywhere = [
            place
            for (_, name), units in sources.items()
            if name == variable
            for place in units.get(unit, [])
        ]
        frame = self.frame
        there = frame.index.isin([(unit, year) for year in told])
        years = pd.Series(frame.index.get_level_values("year")[there])
        column = frame[variable].to_numpy(dtype=float, copy=True)
        known = ~np.isnan(column[there])
        column[np.flatnonzero(there)[known]] = years.map(told).to_numpy(dtype=float)[known]
        altered = replace(
            self,
            frame=frame.assign(**{variable: column}),
            cells=_retold(self.cells, self._preferred.get((variable, unit), []), told),
            observations=None
            if self.observations is None
            else _retold(self.observations, everywhere, told),
        )
        altered.__dict__.update({name: getattr(self, name) for name in PLACES})
        return altered

    def __repr__(self) -> str:
        units = ", ".join(self.units[:MOST_UNITS_SHOWN])
        more = len(self.units) - MOST_UNITS_SHOWN
        shown = f"{units} and {more} more" if more > 0 else units
        years = f"{self.years[0]}-{self.years[-1]}" if self.years else "no years"
        title = f"Panel: {shown}; {years}; {len(self.cells)} values"
        return f"{title}\n{self._shown().to_string(index=False)}{self._left_out()}"

    def _repr_html_(self) -> str:
        title = escape(repr(self).split("\n", 1)[0])
        left_out = f"<p>{escape(self._left_out().strip())}</p>" if self._left_out() else ""
        return f"<p>{title}</p>{self._shown().to_html(index=False)}{left_out}"

    def _shown(self) -> pd.DataFrame:
        """The coverage; where that is long, one row for each of the first variables."""
        coverage = self.coverage()
        if len(coverage) <= MOST_ROWS_SHOWN:
            return coverage
        groups = coverage.groupby("variable", sort=True)
        return (
            groups.agg(units=("unit", "size"), n=("n", "sum"), first=("first", "min"),
                       last=("last", "max"))
            .reset_index()
            .head(MOST_ROWS_SHOWN)
        )  # fmt: skip

    def _left_out(self) -> str:
        more = len(self._shown_variables) - MOST_ROWS_SHOWN
        if len(self.coverage()) <= MOST_ROWS_SHOWN or more <= 0:
            return ""
        return f"\nand {more} more variables; coverage() has all of them, unit by unit."

    @property
    def _shown_variables(self) -> pd.Index:
        return self.cells.index.unique("variable")

    def coverage(self) -> pd.DataFrame:
        """One row for each variable and unit: how many values, from when to when, which sources."""
        cells = self.cells.reset_index()
        if cells.empty:
            return pd.DataFrame(columns=["variable", "unit", "n", "first", "last", "sources"])
        groups = cells.groupby(["variable", "unit"], sort=True)
        return groups.agg(
            n=("year", "size"),
            first=("year", "min"),
            last=("year", "max"),
            sources=("source", lambda names: ", ".join(sorted(set(names)))),
        ).reset_index()

    def _cells_of_series(self, variable: str, unit: str, source: str | None) -> pd.DataFrame:
        """The rows of one series, found without reading all of them."""
        if source is not None and (source, variable) in self._sourced:
            of_source = self._sourced[source, variable].get(unit, [])
            every = self.cells if self.observations is None else self.observations
            if unit in self.units:
                return every.iloc[of_source].sort_index()
        elif source is None and (variable, unit) in self._preferred:
            return self.cells.iloc[self._preferred[variable, unit]]
        return self.cells_for([variable], [unit], source=source)

    @cached_property
    def _preferred(self) -> dict[tuple[str, str], list[int]]:
        """Places in `cells` by variable and unit."""
        index = self.cells.index
        places: dict[tuple[str, str], list[int]] = {}
        pairs = zip(index.get_level_values("variable"), index.get_level_values("unit"), strict=True)
        for place, pair in enumerate(pairs):
            places.setdefault(pair, []).append(place)
        return places

    @cached_property
    def _sourced(self) -> Mapping[tuple[str, str], dict[str, list[int]]]:
        """Places in `observations` by source and variable, then by unit."""
        every = self.cells if self.observations is None else self.observations
        units, variables = (every.index.get_level_values(name) for name in ("unit", "variable"))
        places: dict[tuple[str, str], dict[str, list[int]]] = {}
        rows = zip(every["source"], variables, units, strict=True)
        for place, (source, variable, unit) in enumerate(rows):
            places.setdefault((source, variable), {}).setdefault(unit, []).append(place)
        return places

    def _require(self, variables: Sequence[str], units: Sequence[str]) -> None:
        for what, names, known in (
            ("variable", variables, self.variables),
            ("unit", units, self.units),
        ):
            for name in names:
                if name not in known:
                    hint = suggest(name, known)
                    raise UsageError(f"The panel has no {what} {quote(name)}; {hint}")

    def _cells_of(self, source: str, variables: Sequence[str]) -> pd.DataFrame:
        every = self.cells if self.observations is None else self.observations
        mine = every["source"].eq(source)
        having = set(every.index[mine].get_level_values("variable"))
        if not having & set(variables):
            named = every.index.get_level_values("variable").isin(list(variables))
            hint = suggest(source, set(every.loc[named, "source"]))
            raise UsageError(f"{', '.join(variables)} has no source {quote(source)}; {hint}")
        others = ~self.cells.index.get_level_values("variable").isin(list(having))
        return pd.concat([every[mine], self.cells[others]]).sort_index()


def _retold(rows: pd.DataFrame, places: Sequence[int], told: Mapping[int, float]) -> pd.DataFrame:
    values = rows["value"].to_numpy(dtype=float, copy=True)
    years = rows.index.get_level_values("year")[list(places)]
    for place, year in zip(places, years, strict=True):
        values[place] = told.get(int(year), values[place])
    return rows.assign(value=values)
