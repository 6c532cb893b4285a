"""Lay out whether one variable moves the outcome more where another is high, in one unit.

    y_t = a + b t + g x_(t-l) + h m_(t-l) + k x_(t-l) m_(t-l) + controls + u_t

x and m are centred at their means over the years used, and measured in their own sd around the
trend, so that g is the effect of x at the mean of m, and k by how much it grows with one sd of m
(Friedrich 1982, Am. J. Pol. Sci. 26, 797-833; Brambor, Clark & Golder 2006, Political Analysis 14,
63-82, doi:10.1093/pan/mpi014). In one unit's thirty years x, m and their product often move
together with time; where they cannot be told apart the question is refused.

Terms: "interaction" (k), "at_mean" (g), "at_low" and "at_high" (g - k and g + k: the effect of x
where m lies one sd below and above its mean).
"""

from dataclasses import dataclass

import pandas as pd

from analysis.design.relation import base_design, check_moves, sd_around_trend
from analysis.design.terms import TermsDesign, lay_out_terms

INTERACTION, AT_MEAN, AT_LOW, AT_HIGH = "interaction", "at_mean", "at_low", "at_high"


@dataclass(frozen=True, eq=False)
class ModerationDesign:
    """An interaction, and the units of its two sides.

    Attributes:
        level: Ready for `calibrate_terms`.
        exposure_sd: Sd of the exposure around the trend, in its own unit.
        moderator_sd: The same of the moderator.
    """

    level: TermsDesign
    exposure_sd: float
    moderator_sd: float


def moderation_design(
    outcome: pd.Series,
    exposure: pd.Series,
    moderator: pd.Series,
    *,
    lag: int = 0,
    name: str = "",
    exposure_name: str = "",
    moderator_name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1-constant",
) -> ModerationDesign:
    """Lay out `outcome` on an exposure, a moderator and their product.

    Args:
        outcome: Transformed outcome by year; missing years are absent or nan.
        exposure: x by year.
        moderator: m by year.
        lag: Years by which x and m precede the outcome.
        name: What the outcome is called in messages.
        exposure_name: What x is called.
        moderator_name: What m is called.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year.
        error_model: "ar1-constant", or "ar1" whose innovation sd may change at half the values.

    Raises:
        DesignError: Fewer than 20 years have all of them, one does not move, or the condition
            number of the regressors is above 30 after centring.
    """
    names = (exposure_name or str(exposure.name), moderator_name or str(moderator.name))
    base = base_design(
        outcome,
        dict(zip(names, (exposure, moderator), strict=True)),
        shifts=(lag, lag),
        name=name or str(outcome.name),
        trend=trend,
        controls=controls,
        error_model=error_model,
    )
    sides, sds = {}, []
    for key, label, series in zip(
        ("exposure", "moderator"), names, (exposure, moderator), strict=True
    ):
        used = series.astype(float).reindex(base.years - lag)
        sd = sd_around_trend(used, trend)
        check_moves(used, sd, label)
        sides[key] = (used.to_numpy() - used.mean()) / sd
        sds.append(sd)
    columns = pd.DataFrame(sides, index=base.series.index)
    columns["product"] = columns["exposure"] * columns["moderator"]
    weights = {
        INTERACTION: {"product": 1.0},
        AT_MEAN: {"exposure": 1.0},
        AT_LOW: {"exposure": 1.0, "product": -1.0},
        AT_HIGH: {"exposure": 1.0, "product": 1.0},
    }
    level = lay_out_terms(
        base,
        columns,
        weights,
        split=base.first_onset,
        words=f"{names[0]}, {names[1]} and their product",
    )
    return ModerationDesign(level, sds[0], sds[1])
