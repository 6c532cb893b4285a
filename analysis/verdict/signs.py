"""A claim that others hold along every path: their sign, and the joint p of all their paths.

The estimate is the share of paths with the claimed sign less three quarters, the share the rule
asks of looks; p is the joint p of `calibration.multiverse`, of several claims the largest. There is
no interval of a share of paths, which are no sample; so the claim can be supported or left open.
Size and power are those of the main paths, whose joint test was measured to hold its level.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.keys import key_of
from analysis.calibration.measure import Gauge
from analysis.calibration.multiverse import Multiverse
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.errors import DesignError
from analysis.verdict.effect import EffectUnit
from analysis.verdict.rule import MOST_LOOKS
from analysis.verdict.trial import Trial

METHOD = "signs-1"
TERM = "signs"
UNIT = EffectUnit("points", "share of paths", 0.01, "percentage points above three quarters")


@dataclass(frozen=True, eq=False)
class SignsTest:
    """Claims along all their paths.

    Attributes:
        paths: All paths of each claim, by id.
        trials: Their main tests.
        gauge: Measures the main tests.
    """

    paths: Mapping[str, Multiverse]
    trials: Mapping[str, Trial]
    gauge: Gauge

    @property
    def terms(self) -> tuple[str, ...]:
        return (TERM,)

    @property
    def years(self) -> NDArray[np.int64]:
        every = [trial.test.years for trial in self.trials.values()]
        return np.unique(np.concatenate(every)).astype(np.int64)

    @property
    def method(self) -> str:
        number = sum(len(each.table) for each in self.paths.values())
        draws = min(each.draws for each in self.paths.values())
        return (
            f"share of {number} paths of {', '.join(self.paths)} with the claimed sign; joint p of "
            f"the median t from {draws:,} simulated series seen along all paths"
        )

    @property
    def error_model(self) -> dict[str, object]:
        shares = {name: each.same_sign for name, each in self.paths.items()}
        return {"kind": "paths", "same_sign": shares}

    @property
    def marginal_sd(self) -> float:
        return float("nan")

    @property
    def smallest_sd(self) -> float:
        return float("nan")

    @property
    def smallest_p(self) -> float:
        return max(1 / (1 + each.draws) for each in self.paths.values())

    @property
    def note(self) -> str:
        shares = ", ".join(
            f"{k}: {v.same_sign:.0%} of {len(v.table)}" for k, v in self.paths.items()
        )
        return f"Paths with the claimed sign: {shares}."

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """The smallest share of paths with the claimed sign, and the largest joint p."""
        share = min(each.same_sign for each in self.paths.values())
        p = max(each.joint_p for each in self.paths.values())
        nothing = (float("nan"), float("nan"))
        statistic = min(each.joint_statistic for each in self.paths.values())
        return TermReading(
            estimate=share - MOST_LOOKS,
            std_error=float("nan"),
            statistic=statistic,
            p_value=p,
            p_maximised=p,
            p_shift=1.0,  # not made: a joint p at one rho is at most `normal`
            wide=nothing,
            narrow=nothing,
        )

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        """No share of paths is denied by size."""
        return 1.0

    def key(self, question: Question, *, seed: int, series: int) -> str:
        keys = [
            self.gauge.key(each.test, each.question(question.strict_alpha))
            for each in self.trials.values()
        ]
        return key_of("|".join((METHOD, *keys)))

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Rates of the main paths: the largest size, the product of powers."""
        gauge = self.gauge.aside()  # the parts keep what is measured at their own levels only
        rates = [
            gauge.measure(each.test, each.question(question.strict_alpha))
            for each in self.trials.values()
        ]
        largest = max(rates, key=lambda each: each.size)
        return Measured(
            series=min(each.series for each in rates),
            size=largest.size,
            size_mc_error=largest.size_mc_error,
            size_ends=largest.size_ends,
            coverage=float("nan"),
            power=math.prod(each.power for each in rates),
            power_at_claim=math.prod(each.power_at_claim for each in rates),
            power_rule=math.prod(each.power_rule for each in rates),
            detectable=float("nan"),
            usual={},
        )


def join_paths(
    paths: Mapping[str, Multiverse | None], trials: Mapping[str, Trial | str], gauge: Gauge
) -> SignsTest:
    """Put the paths of several claims together.

    Raises:
        DesignError: A claim cannot be tested, or has no paths.
    """
    tried: dict[str, Trial] = {}
    asked: dict[str, Multiverse] = {}
    for name, trial in trials.items():
        every = paths[name]
        if isinstance(trial, str):
            raise DesignError(f"{name} cannot be tested: {trial}")
        if every is None or len(every.table) < 2:
            raise DesignError(f"{name} has no other paths: it declares no looks that change it.")
        tried[name], asked[name] = trial, every
    return SignsTest(asked, tried, gauge)
