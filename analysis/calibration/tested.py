"""What a verdict asks of a test, whatever the design: a reading, its error rates, its facts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TermReading:
    """What the test says about one term, in the unit of the transformed outcome.

    Attributes:
        estimate: Step or total; nan for tests without a single effect, such as the joint F.
        std_error: Its standard error; nan where there is none.
        statistic: t, F or whatever the test ranks.
        p_value: Calibrated, for the alternative asked.
        p_maximised: Largest p over the interval of rho, plus `BERGER_BOOS`; p_value where the law
            of the statistic depends on nothing estimated.
        p_shift: p of the circular shift of the null model's residuals; p_value for tests that are
            permutations themselves.
        wide: Interval at 1 - alpha.
        narrow: Interval at 1 - 2 alpha.
    """

    estimate: float
    std_error: float
    statistic: float
    p_value: float
    p_maximised: float
    p_shift: float
    wide: tuple[float, float]
    narrow: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one term, in units of the transformed outcome.

    Attributes:
        term: A term of the test, such as a juncture, "total" or "joint".
        alternative: "greater", "less" or "two-sided".
        alpha: Level of the test, uncorrected.
        strict_alpha: Level of the strictest step of the correction within the family.
        smallest_effect: S, positive.
        claimed_effect: The size the claim's words claim, positive.
    """

    term: str
    alternative: str
    alpha: float
    strict_alpha: float
    smallest_effect: float
    claimed_effect: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Operating characteristics of one test on one design; effects in the transformed outcome.

    Attributes:
        series: Simulated series behind each rate.
        size: False-positive rate at alpha at the estimated (rho, kappa).
        size_mc_error: Its Monte Carlo standard error.
        size_ends: The same rate at the lower and the upper end of the interval of rho.
        coverage: Share of series whose 1 - alpha interval covers the true effect.
        power: Power at S, uncorrected.
        power_at_claim: Power at the claimed size, uncorrected.
        power_rule: Share of series with the claimed effect that pass the strictest corrected level
            and reach S / 2.
        detectable: Effect found four times in five, uncorrected.
        usual: False-positive rate of the usual tests in the same series, by name.
    """

    series: int
    size: float
    size_mc_error: float
    size_ends: tuple[float, float]
    coverage: float
    power: float
    power_at_claim: float
    power_rule: float
    detectable: float
    usual: Mapping[str, float]

    @property
    def worst_size(self) -> float:
        return max(self.size, *self.size_ends)

    def to_dict(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> "Measured":
        values: dict[str, object] = dict(stored)
        ends = values["size_ends"]
        assert isinstance(ends, list | tuple)
        values["size_ends"] = (float(ends[0]), float(ends[1]))
        for name in ("coverage", "detectable"):  # unknown for tests without a single effect
            values[name] = float("nan") if values[name] is None else values[name]
        return cls(**values)  # type: ignore[arg-type]


class Tested(Protocol):
    """A test that has been made on one design, ready to be read.

    Attributes:
        terms: What can be asked, by name.
        years: Years used, ascending.
        method: Estimator, law of the statistic and correction, worded for a table note.
        error_model: What was assumed and estimated of the errors, as it is stored; the keys
            `kind`, `rho`, `rho_interval` and `kappa` where there is such a thing.
        marginal_sd: The unit "sd" on the transformed outcome; nan where there is none.
        smallest_sd: The smallest it may be, for findings that rule effects out.
        smallest_p: The smallest p that the test can give.
        note: A sentence that a reader of any finding has to know, or "".
    """

    @property
    def terms(self) -> tuple[str, ...]: ...
    @property
    def years(self) -> NDArray[np.int64]: ...
    @property
    def method(self) -> str: ...
    @property
    def error_model(self) -> Mapping[str, object]: ...
    @property
    def marginal_sd(self) -> float: ...
    @property
    def smallest_sd(self) -> float: ...
    @property
    def smallest_p(self) -> float: ...
    @property
    def note(self) -> str: ...

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """Estimate, p-values and intervals of a term."""

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        """p of "the effect in the claimed direction is `bound` or more"; 1 if none can be told."""


class SelfMeasuring(Tested, Protocol):
    """A test that counts its own error rates instead of leaving that to `Gauge`."""

    def key(self, question: Question, *, seed: int, series: int) -> str:
        """Everything `measure` depends on, as one digest of 16 characters."""

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Size, power and coverage on this design in simulated data, re-estimated in each."""
