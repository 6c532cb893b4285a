"""Turn effects declared in one unit into the unit the estimator works in, and back.

The estimator works on the transformed outcome. `sd` is the marginal standard deviation of the
fitted error process of that series, `points` are percentage points of a share, `rate_ratio` is
the factor by which a logged outcome is multiplied, `outcome` the transformed outcome itself.
"""

from dataclasses import dataclass

import numpy as np

from analysis.errors import DesignError

LOGARITHMS = ("log", "log1p")
LEAST_FOR_RATIO = 10.0  # below it log(1 + y) is a tenth or more away from log(y)


@dataclass(frozen=True, slots=True)
class EffectUnit:
    """The declared unit of effects for one fitted series.

    Attributes:
        name: "outcome", "sd", "rate_ratio" or "points".
        outcome: What the transformed outcome is measured in.
        width: How much of the transformed outcome one unit is; 1 for rate ratios.
        words: The conversion, in words a reader can check.
    """

    name: str
    outcome: str
    width: float
    words: str

    def to_outcome(self, effect: float) -> float:
        """A declared effect as a difference of the transformed outcome."""
        return float(np.log(effect)) if self.name == "rate_ratio" else effect * self.width

    def from_outcome(self, difference: float) -> float:
        """A difference of the transformed outcome in the declared unit."""
        if self.name == "rate_ratio":
            return float(np.exp(difference))
        return difference / self.width

    def error_from_outcome(self, std_error: float) -> float:
        """A standard error in the declared unit; for rate ratios that of their logarithm."""
        return std_error / self.width


def effect_unit(
    name: str, *, transform: str, outcome_unit: str, marginal_sd: float, smallest_value: float
) -> EffectUnit:
    """The unit `name` for a series with this transform, error sd and smallest observed value.

    Raises:
        DesignError: The unit says nothing about an outcome transformed in this way.
    """
    if name == "sd":
        words = f"1 sd = {marginal_sd:.3g} {outcome_unit}, the marginal sd of the fitted errors"
        return EffectUnit(name, outcome_unit, marginal_sd, words)
    if name == "outcome":
        return EffectUnit(name, outcome_unit, 1.0, f"in {outcome_unit}")
    if name == "rate_ratio":
        if transform not in LOGARITHMS:
            raise DesignError(
                f"A rate ratio needs a logged outcome, but the transform is {transform}."
            )
        if transform == "log1p" and smallest_value < LEAST_FOR_RATIO:
            raise DesignError(
                f"A rate ratio is no ratio on log(1 + y) where y comes down to {smallest_value:g}; "
                f"every value has to be {LEAST_FOR_RATIO:g} or more."
            )
        return EffectUnit(
            name,
            outcome_unit,
            1.0,
            f"1 = no change; the ratio is exp of the step in {outcome_unit}",
        )
    if transform != "none":
        raise DesignError(f"Points need an untransformed share, but the transform is {transform}.")
    return EffectUnit(name, outcome_unit, 0.01, "percentage points")
