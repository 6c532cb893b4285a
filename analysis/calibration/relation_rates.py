"""Count how often a level regression and its companions find a relation, the exposure as observed.

Outcomes are drawn on the years of the design with the errors of the level regression. An effect
moves the level estimate without touching rho or the standard error, so that one fit of the null
outcomes serves every effect; the companions are fitted anew.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.companions import both_agree, fit_changes, p_of_t
from analysis.calibration.law import simulate_errors
from analysis.calibration.reach import Reach, reach_of_steps
from analysis.calibration.search import LARGEST_SEARCHED, smallest_found
from analysis.calibration.store import layout_key
from analysis.calibration.terms import TermsTest
from analysis.design.relation import RelationDesign
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.threads import one_thread
from analysis.kernel.toda_yamamoto import fit_causality
from analysis.kernel.usual import critical_t, newey_west_statistics, ols_statistics

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Simulated:
    """Outcomes in which nothing happens, on the years of one relation, and their level fits.

    Attributes:
        design: Exposure and lags.
        level: The calibrated level regression.
        errors: Simulated outcomes, innovation sd one, shape (m, n).
        fits: Their level regressions.
    """

    design: RelationDesign
    level: TermsTest
    errors: FloatArray
    fits: Fits

    @classmethod
    def draw(
        cls, design: RelationDesign, level: TermsTest, rho: float, *, seed: int, series: int
    ) -> "Simulated":
        """Draw outcomes at this rho and fit each."""
        layout = design.level.layout
        errors = simulate_errors(
            layout,
            rho=rho,
            kappa=level.kappa,
            seed=seed,
            stream=f"reach:{layout_key(layout)}",
            series=series,
        )
        return cls(design, level, errors, fit_ar1(errors, layout, level.design.contrasts, None))

    def reach(self, alternative: str, alpha: float) -> Reach:
        """The level regressions against their critical values."""
        return reach_of_steps(
            self.fits, self.level.law, contrast=0, alternative=alternative, alpha=alpha
        )

    def found(
        self, effect: float, alternative: str, alpha: float, path: FloatArray | None = None
    ) -> BoolArray:
        """In which series level regression and companions agree that there is an effect."""
        shape = self.design.even_path if path is None else path
        reach = self.reach(alternative, alpha)
        moved = reach.statistics + effect / reach.std_errors
        reached = np.abs(moved) if reach.two_sided else moved
        sign = -1.0 if alternative == "less" else 1.0
        series = self.errors + sign * effect * shape
        claimed = np.sign(moved) if reach.two_sided else sign
        agree: BoolArray = (reached >= reach.critical) & both_agree(
            series, self.design, claimed, alternative
        )
        return agree

    def large(self, effect: float, least: float, alternative: str) -> BoolArray:
        """In which series the estimate in the claimed direction is at least so large."""
        reach = self.reach(alternative, 0.05)
        moved = reach.statistics * reach.std_errors + effect
        enough: BoolArray = (np.abs(moved) if reach.two_sided else moved) >= least
        return enough

    def detectable(self, alternative: str, alpha: float) -> float:
        """Smallest effect found four times in five, in innovation sds; nan if there is none."""
        rho = self.level.rho
        return smallest_found(
            lambda effect: float(self.found(effect, alternative, alpha).mean()),
            LARGEST_SEARCHED / np.sqrt(1 - rho * rho),
        )

    def alone(self, alternative: str, alpha: float) -> dict[str, float]:
        """False-positive rate of each part, and of the usual tests in levels."""
        level = self.design.level
        x, row = level.regressors.to_numpy(), level.contrasts[:1]
        two_sided = alternative == "two-sided"
        sign = -1.0 if alternative == "less" else 1.0
        bound = critical_t(len(x), x.shape[1], alpha / 2 if two_sided else alpha)
        rates = {}
        for name, statistics in (("ols", ols_statistics), ("newey_west", newey_west_statistics)):
            with one_thread():
                t = sign * statistics(self.errors, x, row)[:, 0]
            rates[name] = float(((np.abs(t) if two_sided else t) >= bound).mean())
        _, t = fit_changes(self.errors, self.design)
        p = p_of_t(np.abs(t) if two_sided else sign * t, self.design, alternative)
        past = fit_causality(self.errors, self.design.deciding)
        return rates | {
            "level": self.reach(alternative, alpha).found(),
            "differences": float((p <= alpha).mean()),
            "toda_yamamoto": float((past.p_values <= alpha).mean()),
        }
