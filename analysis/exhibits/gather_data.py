"""Gather the data appendix: coverage of all variables, series of the units a study asks for."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from analysis.errors import UsageError
from analysis.exhibits.facts import CoverageRow, DataFacts, SeriesFacts
from analysis.paths import StudyPaths
from analysis.records.study import Study
from analysis.records.words import suggest

UNITS = "passages/appendix.list"  # below data/
CONSTRUCTS = ("cooperation", "confrontation", "threat", "perception", "energy", "control")

Gather = Callable[[Study, pd.DataFrame, str, str], SeriesFacts]


def gather_data(study: Study, gather: Gather) -> DataFacts | None:
    """Give the appendix, or None where `data/passages/appendix.list` names no units.

    Args:
        study: As read.
        gather: Makes the facts of one series of the rows given.

    Raises:
        UsageError: The list names a unit that is not declared.
    """
    units = _read_units(study)
    if not units:
        return None
    rows = study.observations.dropna(subset=["value"])
    rows = rows[rows["year"].between(*study.settings.period)]
    return DataFacts(_gather_coverage(study, rows), _gather_groups(study, rows, units, gather))


def _read_units(study: Study) -> list[str]:
    path = StudyPaths(study.root).data / UNITS
    units = path.read_text("utf-8").split() if path.exists() else []
    for unit in units:
        if unit not in study.units:
            raise UsageError(f"data/{UNITS} names the unit {unit}; {suggest(unit, study.units)}")
    return units


def _gather_coverage(study: Study, rows: pd.DataFrame) -> tuple[CoverageRow, ...]:
    counts = rows.groupby(["variable", "year"])["unit"].nunique()
    by_variable = {str(name): own.droplevel(0) for name, own in counts.groupby(level="variable")}
    ordered = sorted(study.variables.values(), key=lambda v: (_rank(v.construct), v.variable))
    found = []
    for variable in ordered:
        if variable.variable in by_variable:
            pairs = zip(
                by_variable[variable.variable].index, by_variable[variable.variable], strict=True
            )
            years = {int(year): int(n) for year, n in pairs}
            row = CoverageRow(variable.construct, variable.variable, variable.label, years)
            found.append(row)
    return tuple(found)


def _gather_groups(
    study: Study, rows: pd.DataFrame, units: list[str], gather: Gather
) -> dict[str, tuple[SeriesFacts, ...]]:
    own = rows[rows["unit"].isin(units)]
    present = set(zip(own["variable"], own["unit"], strict=True))
    groups: dict[str, tuple[SeriesFacts, ...]] = {}
    for construct in CONSTRUCTS:
        variables = sorted(v.variable for v in study.variables.values() if v.construct == construct)
        keys = [(name, unit) for name in variables for unit in units if (name, unit) in present]
        if keys:
            groups[construct] = tuple(
                gather(study, own[own["variable"] == name], name, unit) for name, unit in keys
            )
    return groups


def _rank(construct: str) -> int:
    return CONSTRUCTS.index(construct) if construct in CONSTRUCTS else len(CONSTRUCTS)
