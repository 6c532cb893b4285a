"""A claim that several things hold together: supported only if each of them is (T-IUT).

Effects are measured in multiples of each part's own S. The estimate is the smallest of them; as it
is picked by the data, its interval is at the Bonferroni level over the parts. p is the largest of
the parts (intersection-union: Berger 1982, Technometrics 24, 295-300, doi:10.2307/1267823), so that
the size is at most the largest size of a part. That a part of S or more is missing is tested part
by part, by Bonferroni. Power is the product of theirs, as if the parts were independent, which is
too small where they stand or fall together. Gates, looks, placebos and comparison units of a part
have to agree for the whole as they have for the part (`run`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.keys import key_of
from analysis.calibration.measure import Gauge
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.errors import DesignError
from analysis.verdict.effect import EffectUnit
from analysis.verdict.trial import Trial

METHOD = "all-of-1"
TERM = "all"
UNIT = EffectUnit(
    "multiple", "multiples of S", 1.0, "multiples of each part's smallest effect that matters"
)


@dataclass(frozen=True, eq=False)
class AllOfTest:
    """Parts that must all hold.

    Attributes:
        parts: Their trials, by id.
        gauge: Measures the parts.
    """

    parts: Mapping[str, Trial]
    gauge: Gauge

    @property
    def terms(self) -> tuple[str, ...]:
        return (TERM,)

    @property
    def years(self) -> NDArray[np.int64]:
        """Years that every part uses."""
        shared = set.intersection(*(set(part.test.years.tolist()) for part in self._trials))
        return np.array(sorted(shared), dtype=np.int64)

    @property
    def method(self) -> str:
        return f"largest p of {', '.join(self.parts)} (intersection-union)"

    @property
    def error_model(self) -> dict[str, object]:
        return {"kind": "parts", "parts": list(self.parts), "weakest": self.weakest}

    @property
    def marginal_sd(self) -> float:
        return 1.0

    @property
    def smallest_sd(self) -> float:
        return 1.0

    @property
    def smallest_p(self) -> float:
        return max(part.test.smallest_p for part in self._trials)

    @property
    def note(self) -> str:
        return f"The part that holds least is {self.weakest}."

    @property
    def weakest(self) -> str:
        """The part with the largest p."""
        return max(self.parts, key=lambda name: self.parts[name].reading.p_value)

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """The smallest effect in multiples of S, and the largest p."""
        smallest = min(self._trials, key=lambda part: part.estimate / part.smallest_effect)
        readings = [part.reading for part in self._trials]
        s = smallest.smallest_effect
        picked = smallest.test.read(
            smallest.term,
            alternative=smallest.hypothesis.alternative,
            alpha=alpha / len(self.parts),
        )

        def in_s(interval: tuple[float, float]) -> tuple[float, float]:
            low, high = smallest.turned(interval)
            return low / s, high / s

        return TermReading(
            estimate=smallest.estimate / s,
            std_error=smallest.reading.std_error / s,
            statistic=smallest.reading.statistic,
            p_value=max(each.p_value for each in readings),
            p_maximised=max(each.p_maximised for each in readings),
            p_shift=max(each.p_shift for each in readings),
            wide=in_s(picked.wide),
            narrow=in_s(picked.narrow),
        )

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        """p of "every part is S or more", the smallest by Bonferroni."""
        return min(1.0, len(self.parts) * min(part.p_size for part in self._trials))

    def key(self, question: Question, *, seed: int, series: int) -> str:
        keys = [
            self.gauge.key(part.test, part.question(question.strict_alpha)) for part in self._trials
        ]
        text = "|".join((METHOD, *keys))
        return key_of(text)

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Largest size and product of powers of the parts."""
        gauge = self.gauge.aside()  # the parts keep what is measured at their own levels only
        rates = [
            gauge.measure(part.test, part.question(question.strict_alpha)) for part in self._trials
        ]
        largest = max(rates, key=lambda each: each.size)
        return Measured(
            series=min(each.series for each in rates),
            size=largest.size,
            size_mc_error=largest.size_mc_error,
            size_ends=(
                max(each.size_ends[0] for each in rates),
                max(each.size_ends[1] for each in rates),
            ),
            coverage=float("nan"),
            power=math.prod(each.power for each in rates),
            power_at_claim=math.prod(each.power_at_claim for each in rates),
            power_rule=math.prod(each.power_rule for each in rates),
            detectable=float("nan"),
            usual={},
        )

    @property
    def _trials(self) -> Sequence[Trial]:
        return tuple(self.parts.values())


def join_parts(members: Mapping[str, Trial | str], gauge: Gauge) -> AllOfTest:
    """Put the trials of the parts together.

    Raises:
        DesignError: A part cannot be tested.
    """
    trials: dict[str, Trial] = {}
    for name, member in members.items():
        if isinstance(member, str):
            raise DesignError(f"Its part {name} cannot be tested: {member}")
        trials[name] = member
    return AllOfTest(trials, gauge)
