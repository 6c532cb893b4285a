"""What the data can reach, seen without reading a value as a number: years, bounds, correction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.records.declared import Declared
from analysis.records.settings import declared_period
from analysis.records.table import Table
from analysis.records.words import is_number, is_year


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known of the data before any is read as a number.

    Attributes:
        years: Years with a value, by variable and unit, of what is declared as an outcome.
        bounds: Smallest and largest value, by variable, where the codebook has both.
        period: First and last year of the study; None if not known.
        corrected: Whether p-values are corrected within a family.
    """

    years: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    period: tuple[int, int] | None = None
    corrected: bool = True


def reach_of(
    settings: Declared | None,
    hypotheses: Declared,
    observations: Table | None,
    codebook: Table | None,
) -> Reach:
    """Gather it from what could be read of the study; what could not is not known."""
    content = settings.content if settings is not None else {}
    return Reach(
        years=_years(hypotheses, observations),
        bounds=_bounds(codebook),
        period=declared_period(settings),
        corrected=content.get("multiplicity") != "none",
    )


def _years(hypotheses: Declared, table: Table | None) -> dict[tuple[str, str], frozenset[int]]:
    if table is None or not table.has("variable", "unit", "year", "value"):
        return {}
    declared = hypotheses.content.get("hypothesis", [])
    each = declared if isinstance(declared, list) else []
    outcomes = {str(one.get("outcome")) for one in each if isinstance(one, dict)}
    rows = table.frame[table.frame["variable"].isin(outcomes)]
    rows = rows[rows["value"].map(is_number).astype(bool) & rows["year"].map(is_year).astype(bool)]
    years: dict[tuple[str, str], set[int]] = {}
    columns = rows[["variable", "unit", "year"]].itertuples(index=False, name=None)
    for variable, unit, year in columns:
        years.setdefault((variable, unit), set()).add(int(year))
    return {series: frozenset(found) for series, found in years.items()}


def _bounds(table: Table | None) -> dict[str, tuple[float, float]]:
    columns = ["variable", "lower_bound", "upper_bound"]
    if table is None or not table.has(*columns):
        return {}
    rows = table.frame[columns].itertuples(index=False, name=None)
    return {
        str(name): (float(low), float(high))
        for name, low, high in rows
        if is_number(low) and is_number(high)
    }
