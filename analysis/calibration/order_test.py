"""Read an order of stages as a verdict needs it: every stage a step, and a staircase, not a ramp.

p is the largest of the one-sided p-values of the steps (intersection-union) where the steps have
the lowest AICc of the five means compared, and 1 where another mean describes the series better.
The estimate is the smallest of the steps, with its interval at the Bonferroni level.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.keys import key_of
from analysis.calibration.order import OrderReading, judge_order
from analysis.calibration.order_rates import measure_order
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import LawShelf, layout_key
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.errors import DesignError

METHOD = "order-2"
TERM = "order"
WORDS = {
    "null": "a constant",
    "trend": "a straight line",
    "quadratic": "a parabola",
    "kink": "a line bent at the first juncture",
    "steps": "the staircase",
}


@dataclass(frozen=True, eq=False)
class OrderTest:
    """Steps at all junctures of one series, and the contest of means.

    Attributes:
        steps: The calibrated steps with a linear trend.
        judged: Contest, steps and regimes.
        shelf: Null laws and seed.
        alternative: "greater" or "less".
        series: Simulated series behind each rate.
    """

    steps: StepsTest
    judged: OrderReading
    shelf: LawShelf
    alternative: str
    series: int

    @property
    def terms(self) -> tuple[str, ...]:
        return (TERM,)

    @property
    def years(self) -> NDArray[np.int64]:
        return self.steps.years

    @property
    def method(self) -> str:
        return (
            "largest p of all steps, and AICc of a staircase against a constant, a straight line, "
            f"a parabola and a bent line; {self.steps.method}"
        )

    @property
    def error_model(self) -> dict[str, object]:
        return {
            **self.steps.error_model,
            "lowest_aicc": self.judged.winner,
            "aicc_lead_of_steps": self.judged.lead,
        }

    @property
    def marginal_sd(self) -> float:
        return self.steps.marginal_sd

    @property
    def smallest_sd(self) -> float:
        return self.steps.smallest_sd

    @property
    def smallest_p(self) -> float:
        return self.steps.smallest_p

    @property
    def note(self) -> str:
        if self.judged.winner == "steps":
            return self.steps.note
        return (
            f"By AICc {WORDS[self.judged.winner]} describes the series better than the staircase, "
            f"by {-self.judged.lead:.1f}, so that no order can be supported."
        )

    @cached_property
    def smallest_step(self) -> str:
        """The juncture whose step is smallest in the claimed direction."""
        sign = -1.0 if self.alternative == "less" else 1.0
        return str((sign * self.judged.steps["estimate"]).idxmin())

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """The smallest step, with the p of the whole order."""
        # The smallest of k steps is picked by the data: its interval is that of all k at once.
        level = alpha / len(self.judged.steps)
        smallest = self.steps.read(self.smallest_step, alternative=alternative, alpha=level)
        every = [
            self.steps.read(name, alternative=alternative, alpha=alpha)
            for name in self.judged.steps.index
        ]
        lost = self.judged.winner != "steps"
        return TermReading(
            estimate=smallest.estimate,
            std_error=smallest.std_error,
            statistic=smallest.statistic,
            p_value=1.0 if lost else max(each.p_value for each in every),
            p_maximised=1.0 if lost else max(each.p_maximised for each in every),
            p_shift=1.0 if lost else max(each.p_shift for each in every),
            wide=smallest.wide,
            narrow=smallest.narrow,
        )

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        """p of "every step is `bound` or more": the smallest p of the steps, by Bonferroni."""
        names = list(self.judged.steps.index)
        p = [self.steps.p_below(name, bound, alternative=alternative) for name in names]
        return min(1.0, len(names) * min(p))

    def key(self, question: Question, *, seed: int, series: int) -> str:
        steps = self.steps
        parts = (
            *(METHOD, layout_key(steps.design.layout), self.alternative, str(self.series)),
            *(str(seed), self.shelf.key(steps.design.layout, steps.design.contrasts)),
            *(f"{value:.8g}" for value in steps.design.series.to_numpy(dtype=float)),
            *(f"{value:.8g}" for value in (steps.rho, steps.kappa, *steps.rho_interval)),
            *(f"{value:.8g}" for value in (question.alpha, question.strict_alpha)),
            *(f"{value:.8g}" for value in (question.smallest_effect, question.claimed_effect)),
        )
        return key_of("|".join(parts))

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """How often the whole order is found: around smooth curves, and with all steps there."""
        rates, strict = (
            measure_order(
                self.steps,
                self.shelf,
                smallest_effect=question.smallest_effect,
                claimed_effect=question.claimed_effect,
                alternative=self.alternative,
                alpha=alpha,
                series=self.series,
            )
            for alpha in (question.alpha, question.strict_alpha)
        )
        sizes = [each.both for each in rates.smooth.values()]
        line = rates.smooth["line"].both
        return Measured(
            series=self.series,
            size=line,
            size_mc_error=monte_carlo_error(line, self.series),
            size_ends=(min(sizes), max(*sizes, rates.one_step.both)),
            coverage=float("nan"),
            power=rates.at_smallest.both,
            power_at_claim=rates.at_claim.both,
            power_rule=strict.at_claim.both,
            detectable=float("nan"),
            usual={},
        )


def calibrate_order(
    steps: StepsTest, shelf: LawShelf, *, alternative: str, series: int
) -> OrderTest:
    """Judge the order of the stages of calibrated steps.

    Raises:
        DesignError: No direction is claimed, one juncture orders nothing, or there is no trend.
    """
    if alternative == "two-sided":
        raise DesignError(f"An order of stages in {steps.design.name} goes up or down; claim one.")
    judged = judge_order(steps, alternative=alternative)
    return OrderTest(steps, judged, shelf, alternative, series)
