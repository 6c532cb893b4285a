"""Read first-of-kind events as a verdict needs them: the rate after junctures over that elsewhere.

Estimates are logs of the rate ratio, each with half an event added on both sides so that none is
infinite. There is no interval: that of independent events is too narrow where they come in groups,
and the placements give none; so a claim can be supported, denied by size, or left open. A ratio of
r or more is denied where as few events inside would be rare with r times the rate inside, whether
they come alone or in pairs.

p_maximised is the largest share, over events that fall evenly, in pairs, or by their own smoothed
rate, of histories with a p as small.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.firsts import FirstsReading, rank_firsts
from analysis.calibration.firsts_rates import FirstsMeasured, measure_firsts, power_of_firsts
from analysis.calibration.keys import key_of
from analysis.calibration.search import smallest_by_halving
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.design.firsts import FirstsDesign
from analysis.errors import UsageError

METHOD = "firsts-1"
TERM = "windows"
SERIES = 1_000  # histories behind each rate
HALF = 0.5
LARGEST_RATIO = 30.0
HALVINGS = 7


@dataclass(frozen=True, eq=False)
class FirstsTest:
    """Events and windows, ranked among all placements of the windows.

    Attributes:
        design: Events by month and windows.
        seed: Of all drawn histories.
        series: Histories behind each rate.
    """

    design: FirstsDesign
    seed: int
    series: int = SERIES

    @property
    def terms(self) -> tuple[str, ...]:
        return (TERM,)

    @property
    def years(self) -> NDArray[np.int64]:
        first, last = self.design.period
        return np.arange(first, last + 1, dtype=np.int64)

    @property
    def method(self) -> str:
        return (
            f"{self.reading.events} events, {self.reading.inside} of them within "
            f"{self.design.window_months} months after {len(self.design.starts)} junctures, ranked "
            f"among all {self.reading.placements:,} placements of windows of that length"
        )

    @property
    def error_model(self) -> Mapping[str, object]:
        low, high = self.reading.interval
        return {
            "kind": "placements",
            "events": self.reading.events,
            "inside": self.reading.inside,
            "expected": self.reading.expected,
            "rate_ratio_if_independent": [low, high if np.isfinite(high) else None],
            "p_before": None if np.isnan(self.reading.lead_p) else self.reading.lead_p,
        }

    @property
    def marginal_sd(self) -> float:
        return float("nan")

    @property
    def smallest_sd(self) -> float:
        return float("nan")

    @property
    def smallest_p(self) -> float:
        return self.design.smallest_p

    @property
    def note(self) -> str:
        lead = self.reading.lead_p
        if np.isnan(lead) or lead > 0.10:
            return ""
        return (
            f"In windows as long before the junctures there are {self.reading.lead_inside:g} "
            f"events too (p {lead:.3f})."
        )

    @cached_property
    def reading(self) -> FirstsReading:
        return rank_firsts(self.design)

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """Log rate ratio and exact p.

        Raises:
            UsageError: The alternative is not that of the design.
        """
        if alternative != self.design.alternative:
            raise UsageError(f"{self.design.name} were laid out for the other direction.")
        nothing = (float("nan"), float("nan"))
        p = self.reading.p_value
        return TermReading(
            estimate=self.log_ratio,
            std_error=float("nan"),
            statistic=float(self.reading.inside),
            p_value=p,
            p_maximised=max(p, self._rates(2.0, 2.0, alpha).p_maximised),
            p_shift=p,
            wide=nothing,
            narrow=nothing,
        )

    @property
    def log_ratio(self) -> float:
        """Log of the rate ratio with half an event added inside and outside."""
        inside, outside = self.reading.inside, self.reading.events - self.reading.inside
        share = self.design.share
        return float(np.log((inside + HALF) / share * (1 - share) / (outside + HALF)))

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        """p of a rate ratio of exp(bound) or more, of independent events or pairs of them.

        The larger of the two: pairs are half as many, rounded against the denial.
        """
        share, events = self.design.share, self.reading.events
        sign = -1.0 if alternative == "less" else 1.0
        odds = share / (1 - share) * np.exp(sign * bound)
        inside = odds / (1 + odds)
        here = self.reading.inside
        if alternative == "less":
            counts = ((here, events), (here // 2, (events + 1) // 2))
            return max(float(stats.binom.sf(seen - 1, n, inside)) for seen, n in counts)
        counts = ((here, events), ((here + 1) // 2, events // 2))
        return max(float(stats.binom.cdf(seen, n, inside)) for seen, n in counts)

    def key(self, question: Question, *, seed: int, series: int) -> str:
        parts = (
            *(METHOD, self.design.alternative, str(self.series), str(seed)),
            *map(str, (*self.design.period, self.design.window_months)),
            ",".join(map(str, self.design.window_starts)),
            ",".join(map(str, np.flatnonzero(self.design.events))),
            ",".join(map(str, self.design.events[self.design.events > 0])),
            *(f"{value:.8g}" for value in (question.alpha, question.strict_alpha)),
            *(f"{value:.8g}" for value in (question.smallest_effect, question.claimed_effect)),
        )
        return key_of("|".join(parts))

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Rates with as many events thrown anew; the worst world counts as size."""
        ratios = self._ratio(question.smallest_effect), self._ratio(question.claimed_effect)
        rates = self._rates(*ratios, question.alpha)
        strict = self._rates(*ratios, question.strict_alpha)
        sizes = rates.sizes
        return Measured(
            series=self.series,
            size=sizes["even"],
            size_mc_error=rates.mc_error,
            size_ends=(min(sizes.values()), max(sizes.values())),
            coverage=float("nan"),
            power=rates.power,
            power_at_claim=rates.power_at_claim,
            power_rule=strict.power_at_claim,
            detectable=self._detectable(question.alpha),
            usual={f"Poisson comparison, {k}": v for k, v in rates.binomial_sizes.items()},
        )

    def _ratio(self, effect: float) -> float:
        return float(np.exp(-effect if self.design.alternative == "less" else effect))

    def _rates(self, smallest: float, claimed: float, alpha: float) -> FirstsMeasured:
        return measure_firsts(
            self.design,
            smallest_ratio=smallest,
            claimed_ratio=claimed,
            seed=self.seed,
            alpha=alpha,
            series=self.series,
        )

    def _detectable(self, alpha: float) -> float:
        """Log of the rate ratio found four times in five; nan if none is up to `LARGEST_RATIO`."""
        largest = float(np.log(LARGEST_RATIO))
        return smallest_by_halving(lambda effect: self._power(effect, alpha), largest, HALVINGS)

    def _power(self, effect: float, alpha: float) -> float:
        return power_of_firsts(
            self.design, self._ratio(effect), seed=self.seed, alpha=alpha, series=self.series
        )
