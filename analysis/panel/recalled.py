"""The panel without the values that were entered from memory."""

from __future__ import annotations

from dataclasses import replace

from analysis.panel.cells import widen
from analysis.panel.panel import Panel


def without_recalled(panel: Panel) -> Panel:
    """Leave out every cell with the status `recalled`; the next source takes its place, if any."""
    every = panel.cells if panel.observations is None else panel.observations
    kept = every[every["status"] != "recalled"]
    cells = kept[~kept.index.duplicated(keep="first")]
    frame = widen(cells).reindex(columns=panel.frame.columns)
    observations = None if panel.observations is None else kept
    return replace(panel, frame=frame, cells=cells, observations=observations)
