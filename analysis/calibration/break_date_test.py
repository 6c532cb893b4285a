"""Read a step at an unknown date as a verdict needs it: is there one, and in the years claimed?

The claim is a step of the claimed sign whose first year lies in the years expected. p is that of
the largest likelihood ratio over all dates searched where the likeliest of them is expected, and 1
where it is not: the step found is then another one. The claim is denied where a step is found and
none of the years expected can be its date (`BreakDateTest.date_set`).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.break_date import BreakDateTest, DateReading, calibrate_break_date
from analysis.calibration.break_law import DateShelf, Scanned, scan_key, scan_series, towards
from analysis.calibration.keys import key_of
from analysis.calibration.law import simulate_errors
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.search import smallest_by_halving
from analysis.calibration.steps import HIGHEST_RHO, LOWEST_RHO
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.design.unknown_date import UnknownDateDesign
from analysis.errors import DesignError, UsageError

FloatArray = NDArray[np.float64]
METHOD = "break-date-1"
TERM = "step"
LARGEST = 8.0  # marginal sds; a step beyond is not sought
HALVINGS = 8


@dataclass(frozen=True, eq=False)
class ExpectedDateTest:
    """A step at an unknown date, and the years in which it is claimed to begin.

    Attributes:
        found: The scan over all dates.
        expected: First and last year in which the step is claimed to begin.
        alternative: "greater" or "less".
    """

    found: BreakDateTest
    expected: tuple[int, int]
    alternative: str

    @property
    def terms(self) -> tuple[str, ...]:
        return (TERM,)

    @property
    def years(self) -> NDArray[np.int64]:
        return self.found.design.years

    @property
    def method(self) -> str:
        onsets = self.found.design.onsets
        return (
            f"largest likelihood ratio of a step with first year from {onsets[0]} to {onsets[-1]}, "
            f"AR(1) errors by ML; p from {len(self.found.drawn):,} simulated series of this design "
            "with median-unbiased autocorrelation; dates by inversion of the likelihood ratio"
        )

    @property
    def error_model(self) -> dict[str, object]:
        low, high = self.found.rho_interval
        return {
            "kind": "ar1-constant",
            "rho": self.found.rho,
            "rho_interval": [low, high],
            "rho_interval_open": [bool(low <= LOWEST_RHO), bool(high >= HIGHEST_RHO)],
            "kappa": self.found.kappa,
            "likeliest_year": self.reading.onset,
            "years_not_rejected": self.dates,
        }

    @property
    def marginal_sd(self) -> float:
        """Marginal sd of the errors with the step at its likeliest date."""
        _, _, fit = self.found.step_at(self.reading.onset)
        return float(fit.marginal_sd[0])

    @property
    def smallest_sd(self) -> float:
        _, _, fit = self.found.step_at(self.reading.onset)
        rho = max(self.found.rho_interval[0], 0.0)
        return float(fit.innovation_sd[0] / np.sqrt(1 - rho * rho))

    @property
    def smallest_p(self) -> float:
        return 1 / (1 + len(self.found.drawn))

    @property
    def note(self) -> str:
        first, last = self.expected
        where = "within" if self._is_expected(self.reading.onset) else "outside"
        kept = f"{self.dates[0]} to {self.dates[-1]}" if self.dates else "none"
        return (
            f"The likeliest first year of a step is {self.reading.onset}, {where} the years "
            f"claimed, {first} to {last}; years that the data allow for it: {kept}."
        )

    @cached_property
    def reading(self) -> DateReading:
        """The largest likelihood ratio in the claimed direction."""
        return self.found.read(alternative=self.alternative)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every year searched with its p as the first year of the step."""
        return self.found.date_set()

    @property
    def dates(self) -> list[int]:
        """Years not rejected at 5 % as first year of the step."""
        table = self.table
        return [int(year) for year in table.index[table["in_set"]]]

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """Step at the likeliest date, and p of one in the years expected.

        The interval is that of a step at the likeliest date as if it had been known; it is shown
        and, as the date was searched for, too narrow to deny anything: it is widened to the
        Bonferroni level over the dates searched.

        Raises:
            UsageError: The alternative is not that of the test.
        """
        if alternative != self.alternative:
            raise UsageError("The scan was made for the other direction.")
        reading, outside = self.reading, not self._is_expected(self.reading.onset)
        return TermReading(
            estimate=reading.estimate,
            std_error=reading.std_error,
            statistic=reading.statistic,
            p_value=1.0 if outside else reading.p_value,
            p_maximised=1.0 if outside else reading.p_maximised,
            p_shift=1.0 if outside else reading.p_value,
            wide=self._interval(alpha),
            narrow=self._interval(2 * alpha),
        )

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        """p of "there is a step, and it begins in a year expected", whatever its size.

        Small where a step is found and no year expected can be its first.
        """
        inside = [int(year) for year in self.found.design.onsets if self._is_expected(int(year))]
        return max(self.reading.p_value, *self.found.p_of_dates(inside), 0.0)

    def key(self, question: Question, *, seed: int, series: int) -> str:
        parts = (
            *(METHOD, scan_key(self.found.design.scan), self.alternative, str(series), str(seed)),
            *map(str, self.expected),
            *(f"{value:.8g}" for value in (self.found.rho, self.found.kappa)),
            *(f"{value:.8g}" for value in self.found.rho_interval),
            *(f"{value:.8g}" for value in (question.alpha, question.strict_alpha)),
            *(f"{self._in_sd(value):.8g}" for value in _effects(question)),
        )
        return key_of("|".join(parts))

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Rates of finding a step in the years expected; power with one in their middle."""
        low, high = (self._rate(rho, series, question.alpha) for rho in self.found.rho_interval)
        errors = self._errors(self.found.rho, series)
        size = self._found(errors, question.alpha)
        shape = self._shape()

        def power(effect: float, alpha: float = question.alpha) -> float:
            return self._found(errors + self._in_sd(effect) * shape, alpha)

        return Measured(
            series=series,
            size=size,
            size_mc_error=monte_carlo_error(size, series),
            size_ends=(low, high),
            coverage=float("nan"),
            power=power(question.smallest_effect),
            power_at_claim=power(question.claimed_effect),
            power_rule=power(question.claimed_effect, question.strict_alpha),
            detectable=self._detectable(errors, question.alpha),
            usual={},
        )

    def _interval(self, alpha: float) -> tuple[float, float]:
        reading, design = self.reading, self.found.design
        spare = len(design.years) - design.layout.n_terms - 1
        quantile = float(stats.t.isf(alpha / 2 / len(design.onsets), spare))
        margin = quantile * reading.std_error
        return reading.estimate - margin, reading.estimate + margin

    def _is_expected(self, year: int) -> bool:
        return self.expected[0] <= year <= self.expected[1]

    def _in_sd(self, effect: float) -> float:
        """An effect on the transformed outcome in marginal sds of the errors."""
        return effect / self.marginal_sd

    def _shape(self) -> FloatArray:
        """A step of one marginal sd as claimed, in the middle of the years expected."""
        inside = [int(year) for year in self.found.design.onsets if self._is_expected(int(year))]
        middle = inside[len(inside) // 2]
        sign = -1.0 if self.alternative == "less" else 1.0
        step: FloatArray = (self.years >= middle) / np.sqrt(1 - self.found.rho**2)
        return sign * step

    def _rate(self, rho: float, series: int, alpha: float) -> float:
        return self._found(self._errors(rho, series), alpha)

    def _errors(self, rho: float, series: int) -> FloatArray:
        return simulate_errors(
            self.found.design.layout,
            rho=rho,
            kappa=self.found.kappa,
            seed=self.found.seed,
            stream=f"date-reach:{scan_key(self.found.design.scan)}",
            series=series,
        )

    def _found(self, series: FloatArray, alpha: float) -> float:
        scanned = scan_series(series, self.found.design.scan)
        return float((self._significant(scanned, alpha) & self._placed(scanned)).mean())

    def _significant(self, scanned: Scanned, alpha: float) -> NDArray[np.bool_]:
        null = self.found.law.of(self.alternative)
        critical = null.joint_critical(alpha, null.place(scanned.reml))
        reached = towards(scanned.dates.roots, self.alternative).max(axis=1)
        return np.asarray(reached >= critical)

    def _placed(self, scanned: Scanned) -> NDArray[np.bool_]:
        best = towards(scanned.dates.roots, self.alternative).argmax(axis=1)
        years = self.found.design.onsets[best]
        return np.asarray((years >= self.expected[0]) & (years <= self.expected[1]))

    def _detectable(self, errors: FloatArray, alpha: float) -> float:
        shape = self._shape()

        def found(effect: float) -> float:
            return self._found(errors + effect * shape, alpha)

        return smallest_by_halving(found, LARGEST, HALVINGS) * self.marginal_sd


def _effects(question: Question) -> tuple[float, float]:
    return question.smallest_effect, question.claimed_effect


def calibrate_expected_date(
    design: UnknownDateDesign,
    shelf: DateShelf,
    *,
    expected: tuple[int, int],
    alternative: str,
    draws: int,
) -> ExpectedDateTest:
    """Scan the series over its dates, with the years in which the step is claimed to begin.

    Args:
        design: From `unknown_date_design`.
        shelf: Where null laws are kept.
        expected: First and last year in which the step is claimed to begin.
        alternative: "greater" or "less".
        draws: Null series behind the p-value.

    Raises:
        DesignError: None of the years expected can be searched, or no direction is claimed.
        EstimationError: The series lies on the regressors without error.
    """
    if alternative == "two-sided":
        raise DesignError(f"A step in {design.name} at an unknown date is claimed up or down.")
    first, last = expected
    if not ((design.onsets >= first) & (design.onsets <= last)).any():
        raise DesignError(
            f"No year from {first} to {last} can be the first of a step in {design.name}; those "
            f"that can run from {design.onsets[0]} to {design.onsets[-1]}."
        )
    return ExpectedDateTest(calibrate_break_date(design, shelf, draws=draws), expected, alternative)
