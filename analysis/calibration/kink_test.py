"""Read a bend of the trend as a verdict needs it: the maximised p decides at high autocorrelation.

A bend and the wandering of a persistent series look alike: at rho .6 to .9 a p of the plain law
finds too much (two-sided .07 to .10 at 5 %), and one that is ranked still a little (.065). From a
median-unbiased rho of .5 on p is therefore the largest over the interval of rho (Dufour 2006; see
`guard` for rates), and size and power are those of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.guard import HIGH_RHO, maximised_p_values
from analysis.calibration.keys import key_of
from analysis.calibration.law import simulate_fits
from analysis.calibration.measure import Gauge
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.search import smallest_by_halving
from analysis.calibration.store import LawShelf, layout_key
from analysis.calibration.terms import TermsTest
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.errors import DesignError
from analysis.kernel.ar1 import Fits

METHOD = "kink-1"
SERIES = 2_000  # behind rates of the maximised p, which is costly
LARGEST = 12.0  # marginal sds; a bend beyond is not sought
HALVINGS = 8


@dataclass(frozen=True, eq=False)
class KinkTest:
    """Bends of the trend of one series.

    Attributes:
        bends: The calibrated bends.
        shelf: Null laws and seed.
    """

    bends: TermsTest
    shelf: LawShelf

    @property
    def guarded(self) -> bool:
        """Whether p is the largest over the interval of rho."""
        return self.bends.rho > HIGH_RHO

    @property
    def terms(self) -> tuple[str, ...]:
        return self.bends.terms

    @property
    def years(self) -> NDArray[np.int64]:
        return self.bends.years

    @property
    def method(self) -> str:
        if not self.guarded:
            return self.bends.method
        return f"{self.bends.method}; p maximised over the interval of the autocorrelation"

    @property
    def error_model(self) -> Mapping[str, object]:
        return self.bends.error_model

    @property
    def marginal_sd(self) -> float:
        return self.bends.marginal_sd

    @property
    def smallest_sd(self) -> float:
        return self.bends.smallest_sd

    @property
    def smallest_p(self) -> float:
        return self.bends.smallest_p

    @property
    def note(self) -> str:
        return self.bends.note

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """One bend, or a line on either side.

        Raises:
            DesignError: The term is "joint", which has no direction.
        """
        if term == "joint":
            raise DesignError("The joint F of several bends has no direction; ask for one bend.")
        reading = self.bends.read(term, alternative=alternative, alpha=alpha)
        if not self.guarded:
            return reading
        return replace(reading, p_value=max(reading.p_value, reading.p_maximised))

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        return self.bends.p_below(term, bound, alternative=alternative)

    def key(self, question: Question, *, seed: int, series: int) -> str:
        plain = Gauge(self.shelf, series=series).key(self.bends, question)
        if not self.guarded:
            return plain
        return key_of(f"{METHOD}|{SERIES}|{plain}")

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Rates of the p that decides."""
        if not self.guarded:
            return Gauge(self.shelf, series=series).measure(self.bends, question)
        test, at = self.bends, self.terms.index(question.term)
        sign = -1.0 if question.alternative == "less" else 1.0
        middle = self._fits(test.rho)

        def found(fits: Fits, effect: float, alpha: float = question.alpha) -> float:
            shift = sign * test.in_first_sd(effect)
            p = maximised_p_values(test.law, at, fits, question.alternative, effect=shift)
            return float((p <= alpha).mean())

        size = found(middle, 0.0)
        low, high = (found(self._fits(rho), 0.0) for rho in test.rho_interval)
        plain = Gauge(self.shelf, series=series).measure(test, question)
        return replace(
            plain,
            series=SERIES,
            size=size,
            size_mc_error=monte_carlo_error(size, SERIES),
            size_ends=(low, high),
            power=found(middle, question.smallest_effect),
            power_at_claim=found(middle, question.claimed_effect),
            power_rule=found(middle, question.claimed_effect, question.strict_alpha),
            detectable=self._detectable(middle, found),
            usual={**plain.usual, "plain p": plain.size},
        )

    def _detectable(self, fits: Fits, found: Callable[[Fits, float], float]) -> float:
        largest = LARGEST * self.marginal_sd
        return smallest_by_halving(lambda effect: found(fits, effect), largest, HALVINGS)

    def _fits(self, rho: float) -> Fits:
        design = self.bends.design
        return simulate_fits(
            design.layout,
            design.contrasts,
            design.joint,
            rho=rho,
            kappa=self.bends.kappa,
            seed=self.shelf.seed,
            stream=f"reach:{layout_key(design.layout)}",
            series=SERIES,
        )
