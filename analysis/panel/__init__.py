"""The panel: values by unit and year, with their sources, transforms and lags."""

from analysis.panel.assemble import assemble_panel
from analysis.panel.digest import CellsDigest, digest_cells
from analysis.panel.panel import Cell, Panel
from analysis.panel.save import save_panel
from analysis.panel.transform import (
    TRANSFORMS,
    Transform,
    back_transform,
    difference,
    lag,
    transform_series,
)

__all__ = [
    "TRANSFORMS",
    "Cell",
    "CellsDigest",
    "Panel",
    "Transform",
    "assemble_panel",
    "back_transform",
    "difference",
    "digest_cells",
    "lag",
    "save_panel",
    "transform_series",
]
