"""Read "too small to matter" as a verdict needs it: by how much the effect stays inside the bounds.

The claim is that an effect lies inside -S and S. What is estimated is the room left, S - |effect|:
above zero as claimed, below zero if the effect is larger. p is that of two one-sided tests
(`equivalence`), the interval of the room follows from that of the effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.equivalence import calibrate_equivalence, equivalent_share
from analysis.calibration.keys import key_of
from analysis.calibration.law import simulate_fits
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import LawShelf, layout_key
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.errors import DesignError
from analysis.kernel.ar1 import Fits

METHOD = "equivalence-1"
TERM = "room"


@dataclass(frozen=True, eq=False)
class EquivalenceTest:
    """One effect and the bounds inside which it does not matter.

    Attributes:
        test: The calibrated effect.
        effect: Its term.
        bound: S, on the transformed outcome, positive; where S is in sd, the smallest it may be.
        shelf: Null laws and seed.
        denied: S as it has to be exceeded for the claim to be denied; `bound` if None.
    """

    test: StepsTest
    effect: str
    bound: float
    shelf: LawShelf
    denied: float | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        return (TERM,)

    @property
    def years(self) -> NDArray[np.int64]:
        return self.test.years

    @property
    def method(self) -> str:
        return (
            f"two one-sided tests of {self.effect} against -+{self.bound:.3g}; {self.test.method}"
        )

    @property
    def error_model(self) -> Mapping[str, object]:
        return self.test.error_model

    @property
    def marginal_sd(self) -> float:
        return self.test.marginal_sd

    @property
    def smallest_sd(self) -> float:
        return self.test.smallest_sd

    @property
    def smallest_p(self) -> float:
        return self.test.smallest_p

    @property
    def note(self) -> str:
        return self.test.note

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """The room left, S - |effect|, and the larger p of the two tests.

        Raises:
            DesignError: The claim is not that there is room.
        """
        if alternative != "greater":
            raise DesignError('A claim of "too small to matter" is declared with "greater".')
        bounds = (-self.bound, self.bound)
        tested = calibrate_equivalence(self.test, self.effect, bounds, alpha=alpha)
        effect = self.test.read(self.effect, alternative="two-sided", alpha=alpha)
        return TermReading(
            estimate=self.bound - abs(effect.estimate),
            std_error=effect.std_error,
            statistic=(self.bound - abs(effect.estimate)) / effect.std_error,
            p_value=tested.p_value,
            p_maximised=max(tested.p_value, self._maximised()),
            p_shift=tested.p_value,
            wide=self._room(effect.wide),
            narrow=self._room(effect.narrow),
        )

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        """p of "the effect lies inside the bounds": both sides, by Bonferroni."""
        outer = self._outer
        greater = self.test.p_below(self.effect, -outer, alternative="greater")
        less = self.test.p_below(self.effect, -outer, alternative="less")
        return min(1.0, 2 * min(greater, less))

    def key(self, question: Question, *, seed: int, series: int) -> str:
        numbers = (
            *(self.test.rho, self.test.kappa, *self.test.rho_interval),
            *(self.test.in_first_sd(self.bound), question.alpha, question.strict_alpha),
        )
        law = self.shelf.key(self.test.design.layout, self.test.design.contrasts)
        words = (METHOD, law, self.effect, str(series), str(seed))
        text = "|".join((*words, *(f"{number:.8g}" for number in numbers)))
        return key_of(text)

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Error with the effect at the bound, power with no effect at all.

        The claimed size of "too small to matter" is nothing; so is what power is stated at.
        """
        ends = (self.test.rho, *self.test.rho_interval)
        middle, low, high = (self._fits(rho, series) for rho in ends)
        size = self._share(middle, self.bound, question.alpha)
        power = self._share(middle, 0.0, question.alpha)
        return Measured(
            series=series,
            size=size,
            size_mc_error=monte_carlo_error(size, series),
            size_ends=(
                self._share(low, self.bound, question.alpha),
                self._share(high, self.bound, question.alpha),
            ),
            coverage=float("nan"),
            power=power,
            power_at_claim=power,
            power_rule=self._share(middle, 0.0, question.strict_alpha),
            detectable=float("nan"),
            usual={},
        )

    def _maximised(self) -> float:
        """The larger p of the two tests, each the largest over the interval of rho."""
        at = self.test.terms.index(self.effect)
        estimate = float(self.test.fit.estimates[0, at])
        error = float(self.test.fit.std_errors[0, at])
        inside = ((estimate + self.bound) / error, (self.bound - estimate) / error)
        return max(self.test.maximised_p(each, at, "greater") for each in inside)

    def _room(self, interval: tuple[float, float]) -> tuple[float, float]:
        low, high = interval
        nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        return self.bound - max(abs(low), abs(high)), self._outer - nearest

    @property
    def _outer(self) -> float:
        return self.bound if self.denied is None else max(self.bound, self.denied)

    def _share(self, fits: Fits, effect: float, alpha: float) -> float:
        bound = self.test.in_first_sd(self.bound)
        return equivalent_share(
            fits,
            self.test.law,
            contrast=self.test.terms.index(self.effect),
            effect=self.test.in_first_sd(effect),
            bounds=(-bound, bound),
            alpha=alpha,
        )

    def _fits(self, rho: float, series: int) -> Fits:
        design = self.test.design
        return simulate_fits(
            design.layout,
            design.contrasts,
            design.joint,
            rho=rho,
            kappa=self.test.kappa,
            seed=self.shelf.seed,
            stream=f"reach:{layout_key(design.layout)}",
            series=series,
        )
