"""Count how often both paths of a mediation are found in simulated pairs of series."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.law import simulate_errors
from analysis.calibration.reach import POWER_WANTED, Reach, reach_of_steps
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import layout_key
from analysis.kernel.ar1 import Fits, fit_ar1

FloatArray = NDArray[np.float64]
LARGEST_SEARCHED = 64.0  # product of standardised paths; 8 sd each
HALVINGS = 14  # of the search for the detectable product: to .004
COVERED_SERIES = 2_000  # series whose interval is made, from as many products as
COVERED_DRAWS = 500


@dataclass(frozen=True, eq=False)
class PathsReach:
    """How far each simulated pair of series is from having both paths found.

    Effects are in the claimed direction, in units of the innovation sd before the onset.
    """

    first: Reach
    second: Reach

    def found(self, a: float, b: float, *, at_least: float = -np.inf) -> float:
        """Share of pairs in which both paths are found and their product is large enough."""
        products = np.ones(len(self.first.statistics))
        both = np.ones(len(products), dtype=bool)
        for reach, effect in ((self.first, a), (self.second, b)):
            moved = reach.statistics + effect / reach.std_errors
            both &= (np.abs(moved) if reach.two_sided else moved) >= reach.critical
            products *= moved * reach.std_errors
        return float((both & (products >= at_least)).mean())

    def detectable(self, a_unit: float, b_unit: float, share: float = POWER_WANTED) -> float:
        """Smallest x with paths of root(x) units found in this share; nan if there is none."""
        low, high = 0.0, LARGEST_SEARCHED
        if self.found(high**0.5 * a_unit, high**0.5 * b_unit) < share:
            return float("nan")
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            reached = self.found(middle**0.5 * a_unit, middle**0.5 * b_unit) >= share
            low, high = (low, middle) if reached else (middle, high)
        return high


@dataclass(frozen=True, eq=False)
class PathFits:
    """Null fits of both paths, independent of each other, and what they are read against."""

    first: StepsTest
    second: StepsTest
    first_fits: Fits
    second_fits: Fits

    def against(self, term: str, sides: tuple[str, str], alpha: float) -> PathsReach:
        """Lay the fits against the critical values of one term."""
        return PathsReach(
            reach_of_steps(
                self.first_fits,
                self.first.law,
                contrast=self.first.terms.index(term),
                alternative=sides[0],
                alpha=alpha,
            ),
            reach_of_steps(
                self.second_fits, self.second.law, contrast=0, alternative=sides[1], alpha=alpha
            ),
        )

    def coverage(self, term: str, a: float, b: float, alpha: float) -> float:
        """Share of pairs whose interval of the product holds a b."""
        contrast = self.first.terms.index(term)
        parts = []
        for test, fits, at, effect in (
            (self.first, self.first_fits, contrast, a),
            (self.second, self.second_fits, 0, b),
        ):
            estimates = fits.estimates[:COVERED_SERIES, at] + effect
            drawn = test.draws.statistics[:COVERED_DRAWS, at]
            parts.append(estimates[:, None] - drawn * fits.std_errors[:COVERED_SERIES, at, None])
        low, high = np.quantile(parts[0] * parts[1], [alpha / 2, 1 - alpha / 2], axis=1)
        return float(((low <= a * b) & (a * b <= high)).mean())


def simulate_paths(
    first: StepsTest, second: StepsTest, rhos: tuple[float, float], *, seed: int, series: int
) -> PathFits:
    """Fit pairs of series without effects, their errors independent.

    Args:
        first: Steps of the mediator.
        second: Outcome on steps and mediator, the mediator held as observed.
        rhos: Autocorrelation in each.
        seed: Of all draws.
        series: Number of pairs.
    """
    fits = [
        fit_ar1(
            simulate_errors(
                test.design.layout,
                rho=rho,
                kappa=test.kappa,
                seed=seed,
                stream=f"mediation:{layout_key(test.design.layout)}",
                series=series,
            ),
            test.design.layout,
            test.design.contrasts,
        )
        for test, rho in ((first, rhos[0]), (second, rhos[1]))
    ]
    return PathFits(first, second, *fits)
