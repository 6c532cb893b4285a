"""One maker a design: the only place that knows which design is tested how."""

from collections.abc import Mapping

from analysis.verdict.designs.dates import (
    make_break_date,
    make_date_set,
    make_firsts,
    make_order,
)
from analysis.verdict.designs.made import Made, Maker
from analysis.verdict.designs.ratios import make_counts, make_shares
from analysis.verdict.designs.series import make_equivalence, make_kink, make_lags, make_steps

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
}
STEPWISE = ("steps",)  # designs that are dated steps of one series

__all__ = ["MAKERS", "STEPWISE", "Made", "Maker"]
