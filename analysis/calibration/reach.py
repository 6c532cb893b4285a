"""Measure how often the calibrated test finds something: where nothing is, and where much is.

A step added to a series moves t = R b / se by step / se and leaves rho, kappa and se as they are,
so one simulation of the null at (rho, kappa) gives the false-positive rate, the power at every
effect and the effect found four times in five. In every simulated series rho and kappa are
estimated anew, and the critical value is the one read from the null law at those estimates.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.null_law import NullLaw
from analysis.kernel.ar1 import Fits

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
POWER_WANTED = 0.8


@dataclass(frozen=True, eq=False)
class Reach:
    """How far each of m null series is from being called a finding, for one term.

    Attributes:
        statistics: t in the claimed direction, shape (m,).
        std_errors: Standard errors, in units of the innovation sd before the onset, shape (m,).
        critical: What t must reach in each series, shape (m,).
        two_sided: Whether |t| is compared instead of t.
    """

    statistics: FloatArray
    std_errors: FloatArray
    critical: FloatArray
    two_sided: bool

    def is_found(self, effect: float = 0.0, *, at_least: float = -np.inf) -> BoolArray:
        """In which series an effect of this size is found and estimated large enough."""
        moved = self.statistics + effect / self.std_errors
        reached = np.abs(moved) if self.two_sided else moved
        large = reached * self.std_errors >= at_least
        found: BoolArray = (reached >= self.critical) & large
        return found

    def found(self, effect: float = 0.0, *, at_least: float = -np.inf) -> float:
        """Share of series in which an effect of this size is found and estimated large enough."""
        return float(self.is_found(effect, at_least=at_least).mean())

    def needed(self) -> FloatArray:
        """The effect from which on it is found in each series, shape (m,)."""
        needed: FloatArray = (self.critical - self.statistics) * self.std_errors
        return needed

    def detectable(self, share: float = POWER_WANTED) -> float:
        """Smallest effect found in this share of series."""
        return _found_in(self.needed(), share)


@dataclass(frozen=True, eq=False)
class AgreedReach:
    """The same of several tests of the same m series that all have to find it, with one sign.

    Attributes:
        parts: One for each test; the estimate is that of the first.
    """

    parts: tuple[Reach, ...]

    def found(self, effect: float = 0.0, *, at_least: float = -np.inf) -> float:
        """Share of series in which all find an effect of this size; the first, large enough."""
        first, *others = self.parts
        found = first.is_found(effect, at_least=at_least)
        for other in others:
            found = found & other.is_found(effect)
            if first.two_sided:
                there, here = (each.statistics * each.std_errors for each in (first, other))
                found = found & ((there + effect) * (here + effect) > 0)
        return float(found.mean())

    def detectable(self, share: float = POWER_WANTED) -> float:
        """Smallest effect found in this share of series."""
        return _found_in(np.max([part.needed() for part in self.parts], axis=0), share)


def _found_in(needed: FloatArray, share: float) -> float:
    ascending = np.sort(needed)
    return float(ascending[min(int(np.ceil(share * len(needed))) - 1, len(needed) - 1)])


def reach_of_steps(
    fits: Fits, law: NullLaw, *, contrast: int, alternative: str, alpha: float
) -> Reach:
    """Lay null fits of one design against the critical values of one term.

    Args:
        fits: Null fits from `simulate_fits`.
        law: Null law of the same design.
        contrast: Position of the term among the contrasts.
        alternative: "greater", "less" or "two-sided".
        alpha: Level of the test.
    """
    two_sided = alternative == "two-sided"
    sign = -1.0 if alternative == "less" else 1.0
    share = alpha if two_sided else 2 * alpha
    return Reach(
        statistics=sign * fits.statistics[:, contrast],
        std_errors=fits.std_errors[:, contrast],
        critical=law.critical(share, contrast, law.place(fits)),
        two_sided=two_sided,
    )


def joint_found(fits: Fits, law: NullLaw, alpha: float) -> float:
    """Share of series in which the joint F is found at level alpha."""
    return float(is_joint_found(fits, law, alpha).mean())


def is_joint_found(fits: Fits, law: NullLaw, alpha: float) -> BoolArray:
    """In which series the joint F is found at level alpha."""
    found: BoolArray = fits.joint >= law.joint_critical(alpha, law.place(fits))
    return found


def monte_carlo_error(share: float, series: int) -> float:
    """Standard error of a share counted in this many series.

    >>> round(monte_carlo_error(0.05, 10_000), 5)
    0.00218
    """
    return float(np.sqrt(share * (1 - share) / series))
