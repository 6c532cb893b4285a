"""The panel without some of its values; the next source takes their place, if there is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from analysis.panel.cells import widen
from analysis.panel.panel import Panel


def without_recalled(panel: Panel) -> Panel:
    """Leave out every cell with the status `recalled`, that is, entered from memory."""
    every = _every(panel)
    return _keeping(panel, every[every["status"] != "recalled"])


def without_years(panel: Panel, variable: str, unit: str, years: Iterable[int]) -> Panel:
    """Leave out what every source says of a variable of a unit in these years."""
    every = _every(panel)
    index = every.index
    there = (index.get_level_values("variable") == variable) & (
        index.get_level_values("unit") == unit
    )
    return _keeping(panel, every[~(there & index.get_level_values("year").isin([*years]))])


def with_values(panel: Panel, variable: str, unit: str, values: pd.Series) -> Panel:
    """Let every source say these values of a variable of a unit, by year; nan leaves a year out."""
    missing = values.index[values.isna()]
    if len(missing):
        panel = without_years(panel, variable, unit, missing)
    return panel.revalued(variable, unit, values.dropna())


def _every(panel: Panel) -> pd.DataFrame:
    return panel.cells if panel.observations is None else panel.observations


def _keeping(panel: Panel, kept: pd.DataFrame) -> Panel:
    cells = kept[~kept.index.duplicated(keep="first")]
    frame = widen(cells).reindex(columns=panel.frame.columns)
    observations = None if panel.observations is None else kept
    return replace(panel, frame=frame, cells=cells, observations=observations)
