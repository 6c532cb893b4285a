"""Count how often one exposure is favoured over another in series simulated on their design."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.law import simulate_errors
from analysis.calibration.reach import POWER_WANTED, Reach, reach_of_steps
from analysis.calibration.store import layout_key
from analysis.calibration.terms import TermsTest
from analysis.kernel.ar1 import Fits, fit_ar1

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Race:
    """Null fits of the model with both, read for one exposure against the other.

    An effect added to a series moves the t of its own exposure and leaves the other's alone.
    """

    forward: Reach
    reverse: Reach
    coverage: float

    def found(self, effect: float = 0.0, *, rival: float = 0.0, at_least: float = -np.inf) -> float:
        """Share of series in which the exposure is favoured and estimated large enough."""
        forward, reverse = self.forward, self.reverse
        moved = forward.statistics + effect / forward.std_errors
        reached = np.abs(moved) if forward.two_sided else moved
        held = np.abs(reverse.statistics + rival / reverse.std_errors) < reverse.critical
        large = reached * forward.std_errors >= at_least
        return float(((reached >= forward.critical) & held & large).mean())

    def detectable(self, share: float = POWER_WANTED) -> float:
        """Smallest effect with which this share is favoured; nan if none is."""
        forward, reverse = self.forward, self.reverse
        needed = (forward.critical - forward.statistics) * forward.std_errors
        lost = np.abs(reverse.statistics) >= reverse.critical
        ordered = np.sort(np.where(lost, np.inf, needed))
        smallest = float(ordered[min(int(np.ceil(share * len(ordered))), len(ordered)) - 1])
        return smallest if np.isfinite(smallest) else float("nan")


def lay_race(
    both: TermsTest,
    fits: Fits,
    terms: tuple[str, str],
    alternative: str,
    alpha: float,
    *,
    not_rejected: float,
) -> Race:
    """Lay null fits of the model with both against the critical values of exposure and rival.

    Args:
        both: The model with both.
        fits: From `simulate_both`.
        terms: The exposure and its rival.
        alternative: Of the exposure.
        alpha: Level at which the exposure is found; coverage is that of the interval at 1 - alpha.
        not_rejected: Level at which the rival must not be.
    """
    exposure, rival = (both.terms.index(term) for term in terms)

    def reach(contrast: int, side: str, level: float) -> Reach:
        return reach_of_steps(fits, both.law, contrast=contrast, alternative=side, alpha=level)

    return Race(
        forward=reach(exposure, alternative, alpha),
        reverse=reach(rival, "two-sided", not_rejected),
        coverage=1 - reach(exposure, "two-sided", alpha).found(),
    )


def simulate_both(both: TermsTest, rho: float, *, seed: int, series: int) -> Fits:
    """Fit the model with both to series in which neither matters."""
    layout = both.design.layout
    errors = simulate_errors(
        layout,
        rho=rho,
        kappa=both.kappa,
        seed=seed,
        stream=f"nonnested:{layout_key(layout)}",
        series=series,
    )
    return fit_ar1(errors, layout, both.design.contrasts)
