"""Whether placebos are found more often than the level allows (T-PLA)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.keys import key_of
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.errors import DesignError
from analysis.verdict.effect import EffectUnit
from analysis.verdict.rule import PLACEBO_LEVEL, Finding

METHOD = "placebos-1"
TERM = "placebos"
TOO_MANY = 0.20  # share of placebos supported at which a rule would be worthless
UNIT = EffectUnit("points", "share of placebos", 0.01, "percentage points above the level")


@dataclass(frozen=True, eq=False)
class PlaceboSetTest:
    """The findings of placebos that could be tested.

    Attributes:
        findings: By id, those that are not `untestable`.
        period: First and last year of the study.
    """

    findings: Mapping[str, Finding]
    period: tuple[int, int]

    @property
    def number(self) -> int:
        return len(self.findings)

    @property
    def supported(self) -> int:
        return sum(finding is Finding.SUPPORTED for finding in self.findings.values())

    @property
    def terms(self) -> tuple[str, ...]:
        return (TERM,)

    @property
    def years(self) -> NDArray[np.int64]:
        return np.arange(self.period[0], self.period[1] + 1, dtype=np.int64)

    @property
    def method(self) -> str:
        return (
            f"exact binomial test that {self.supported} of {self.number} placebos supported is "
            f"more than {PLACEBO_LEVEL:.0%} gives"
        )

    @property
    def error_model(self) -> dict[str, object]:
        return {"kind": "binomial", "placebos": self.number, "supported": self.supported}

    @property
    def marginal_sd(self) -> float:
        return float("nan")

    @property
    def smallest_sd(self) -> float:
        return float("nan")

    @property
    def smallest_p(self) -> float:
        return float(PLACEBO_LEVEL**self.number)

    @property
    def note(self) -> str:
        return f"{self.supported} of {self.number} placebos are supported by the rule."

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """Share above the level, exact binomial p and Clopper-Pearson intervals."""
        p = self._p(self.supported, PLACEBO_LEVEL)
        return TermReading(
            estimate=self.supported / self.number - PLACEBO_LEVEL,
            std_error=float("nan"),
            statistic=float(self.supported),
            p_value=p,
            p_maximised=p,
            p_shift=p,
            wide=self._interval(alpha),
            narrow=self._interval(2 * alpha),
        )

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        """p of a share of placebos supported that lies `bound` or more above the level."""
        share = min(1.0, PLACEBO_LEVEL + bound)
        return float(stats.binom.cdf(self.supported, self.number, share))

    def key(self, question: Question, *, seed: int, series: int) -> str:
        text = f"{METHOD}|{self.number}|{question.alpha:.8g}|{question.strict_alpha:.8g}"
        return key_of(text)

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Exact rates of the binomial test."""
        size = self._found(PLACEBO_LEVEL, question.alpha)
        power = self._found(TOO_MANY, question.alpha)
        shares = np.linspace(PLACEBO_LEVEL, 1, 951)
        enough = [share for share in shares if self._found(share, question.alpha) >= 0.8]
        return Measured(
            series=0,
            size=size,
            size_mc_error=0.0,
            size_ends=(size, size),
            coverage=float("nan"),
            power=power,
            power_at_claim=power,
            power_rule=self._found(TOO_MANY, question.strict_alpha),
            detectable=float(enough[0]) - PLACEBO_LEVEL if enough else float("nan"),
            usual={},
        )

    def _p(self, supported: int, share: float) -> float:
        return float(stats.binom.sf(supported - 1, self.number, share))

    def _found(self, share: float, alpha: float) -> float:
        """Chance that the test finds something if each placebo is supported with this chance."""
        counts = np.arange(self.number + 1)
        found = stats.binom.sf(counts - 1, self.number, PLACEBO_LEVEL) <= alpha
        return float(stats.binom.pmf(counts, self.number, share)[found].sum())

    def _interval(self, alpha: float) -> tuple[float, float]:
        exact = stats.binomtest(self.supported, self.number).proportion_ci(1 - alpha)
        return float(exact.low) - PLACEBO_LEVEL, float(exact.high) - PLACEBO_LEVEL


def count_placebos(findings: Mapping[str, Finding], period: tuple[int, int]) -> PlaceboSetTest:
    """Lay out the placebos that could be tested.

    Raises:
        DesignError: None could.
    """
    tested = {name: each for name, each in findings.items() if each is not Finding.UNTESTABLE}
    if not tested:
        raise DesignError("None of its placebos could be tested.")
    return PlaceboSetTest(tested, period)
