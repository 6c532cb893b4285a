"""The panel without some of its values; the next source takes their place, if there is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.panel.cells import widen
from analysis.panel.panel import Panel


def without_recalled(panel: Panel) -> Panel:
    """Leave out every cell with the status `recalled`, that is, entered from memory."""
    every = _every(panel)
    return _keeping(panel, every[every["status"] != "recalled"])


def without_year(panel: Panel, variable: str, unit: str, year: int) -> Panel:
    """Leave out what every source says of a variable of a unit in one year."""
    every = _every(panel)
    places = {"variable": variable, "unit": unit, "year": year}
    there = [every.index.get_level_values(name) == value for name, value in places.items()]
    return _keeping(panel, every[~np.logical_and.reduce(there)])


def _every(panel: Panel) -> pd.DataFrame:
    return panel.cells if panel.observations is None else panel.observations


def _keeping(panel: Panel, kept: pd.DataFrame) -> Panel:
    cells = kept[~kept.index.duplicated(keep="first")]
    frame = widen(cells).reindex(columns=panel.frame.columns)
    observations = None if panel.observations is None else kept
    return replace(panel, frame=frame, cells=cells, observations=observations)
