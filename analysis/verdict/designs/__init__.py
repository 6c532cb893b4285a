"""One maker a design: the only place that knows which design is tested how."""

from collections.abc import Mapping

from analysis.verdict.designs.made import Made, Maker
from analysis.verdict.designs.series import make_kink, make_lags, make_steps

MAKERS: Mapping[str, Maker] = {
    "steps": make_steps,
    "kink": make_kink,
    "lags": make_lags,
}
STEPWISE = ("steps",)  # designs that are dated steps of one series

__all__ = ["MAKERS", "STEPWISE", "Made", "Maker"]
