"""Observations to panel: one source for each cell, the others kept beside it.

A value is never filled in. Where the preferred source of a variable has no value for a unit and
year, the next source of the codebook that has one gives it; where none has, the cell is missing.
Values outside the coverage the codebook states are missing, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.errors import UsageError
from analysis.panel.cells import KEY, ORIGIN, widen
from analysis.panel.panel import Panel
from analysis.records.codebook import Variable
from analysis.records.study import Study
from analysis.records.words import quote, suggest


def assemble_panel(study: Study, source: str | None = None) -> Panel:
    """Assemble the panel of a study.

    Args:
        study: As read.
        source: If given, variables that have this source use it alone; the others keep theirs.

    Raises:
        UsageError: No variable has the source.
    """
    found = _within_coverage(study.observations[study.observations["status"] != "missing"], study)
    found = found.assign(rank=_ranks(found, study.variables)).sort_values([*KEY, "rank"])
    observations = found.set_index(KEY)[["value", *ORIGIN]]
    if source is not None:
        found = _only(found, source)
    cells = found.drop_duplicates(KEY).set_index(KEY)[["value", *ORIGIN]]
    return Panel(widen(cells), cells, study.variables, observations)


def _ranks(observations: pd.DataFrame, variables: Mapping[str, Variable]) -> list[int]:
    """Place of each row's source in the order the codebook prefers."""
    order = {
        (name, source): rank
        for name, variable in variables.items()
        for rank, source in enumerate(variable.sources)
    }
    pairs = zip(observations["variable"], observations["source"], strict=True)
    return [order.get(pair, 0) for pair in pairs]


def _within_coverage(observations: pd.DataFrame, study: Study) -> pd.DataFrame:
    names, year = observations["variable"], observations["year"]
    first = names.map({name: each.coverage_first for name, each in study.variables.items()})
    last = names.map({name: each.coverage_last for name, each in study.variables.items()})
    return observations[~(year < first.astype(float)) & ~(year > last.astype(float))]


def _only(found: pd.DataFrame, source: str) -> pd.DataFrame:
    having = set(found.loc[found["source"] == source, "variable"])
    if not having:
        hint = suggest(source, set(found["source"]))
        raise UsageError(f"No variable has the source {quote(source)}; {hint}")
    return found[~found["variable"].isin(having) | found["source"].eq(source)]
