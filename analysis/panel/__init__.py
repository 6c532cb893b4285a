"""The panel: values by unit and year, with their sources, transforms and lags."""

from analysis.panel.assemble import assemble_panel
from analysis.panel.composite import (
    Index,
    Scores,
    Weightings,
    combine_by_first_component,
    combine_equally,
    score_members,
    weigh_at_random,
)
from analysis.panel.composite_rows import (
    append_composites,
    composite_codebook_rows,
    make_observations,
    plan_indices,
    tabulate_indices,
)
from analysis.panel.digest import CellsDigest, digest_cells
from analysis.panel.panel import Cell, Panel
from analysis.panel.reliability import Reliability, measure_reliability
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
    "Index",
    "Panel",
    "Reliability",
    "Scores",
    "Transform",
    "Weightings",
    "append_composites",
    "assemble_panel",
    "back_transform",
    "combine_by_first_component",
    "combine_equally",
    "composite_codebook_rows",
    "difference",
    "digest_cells",
    "lag",
    "make_observations",
    "measure_reliability",
    "plan_indices",
    "save_panel",
    "score_members",
    "tabulate_indices",
    "transform_series",
    "weigh_at_random",
]
