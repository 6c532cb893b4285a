"""One maker a design: the only place that knows which design is tested how."""

from collections.abc import Mapping

from analysis.verdict.designs.dates import (
    make_break_date,
    make_date_set,
    make_firsts,
    make_order,
    scanned_dates,
)
from analysis.verdict.designs.dyads import make_event_study, make_gap, make_panel
from analysis.verdict.designs.judges import make_sensitivity
from analysis.verdict.designs.made import Layer, Made, Maker
from analysis.verdict.designs.ratios import make_counts, make_shares, roots
from analysis.verdict.designs.relations import (
    levels,
    make_asymmetry,
    make_bounds,
    make_mediation,
    make_moderation,
    make_nonnested,
    make_relation,
    sides,
)
from analysis.verdict.designs.series import (
    bends,
    dated_steps,
    late_effects,
    make_equivalence,
    make_kink,
    make_lags,
    make_steps,
)

MAKERS: Mapping[str, Maker] = {
    "steps": make_steps,
    "kink": make_kink,
    "lags": make_lags,
    "equivalence": make_equivalence,
    "date_set": make_date_set,
    "break_date": make_break_date,
    "firsts": make_firsts,
    "order": make_order,
    "counts": make_counts,
    "shares": make_shares,
    "gap": make_gap,
    "event_study": make_event_study,
    "panel": make_panel,
    "relation": make_relation,
    "bounds": make_bounds,
    "moderation": make_moderation,
    "nonnested": make_nonnested,
    "mediation": make_mediation,
    "asymmetry": make_asymmetry,
    "sensitivity": make_sensitivity,
}
# How the one series of a design is laid out, for paths that are fitted side by side.
LAYERS: Mapping[str, Layer] = {
    "steps": dated_steps,
    "kink": bends,
    "lags": late_effects,
    "counts": roots,
    "asymmetry": sides,
    "relation": levels,
}
STEPWISE = ("steps",)  # designs that are dated steps of one series

__all__ = ["LAYERS", "MAKERS", "STEPWISE", "Layer", "Made", "Maker", "scanned_dates"]
