"""Read a set of dates as a verdict needs it: p, the step a date, and what either is worth.

The estimate is the weighted sum of the changes at the dates, less its mean over all placements, a
weight: the step that every date would have in common. Its interval inverts the permutation test:
steps d at all dates are kept that are not rejected when the staircase d is taken out of the series
(Lehmann & Romano 2005, Testing Statistical Hypotheses, 3rd ed., section 5.14).

p_maximised is the largest share, over worlds in which no date is special (a straight line at the
fitted rho and at the ends of its interval, curves fitted to the series), of series whose p is as
small. It decides where the rate in any of these worlds is above .075 (correction 4 of the method's
simulations: S-curves and growth can pass for a set of dates).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.date_set import exact_p, exact_p_along, rank_date_set
from analysis.calibration.date_set_rates import DateSetWorld, errors_at_dates, share_at_most
from analysis.calibration.keys import key_of
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import LawShelf, layout_key
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.design.date_set import DateSetDesign
from analysis.errors import UsageError

FloatArray = NDArray[np.float64]
METHOD = "date-set-1"
TERM = "dates"
SEARCHED = 12.0  # marginal sds to either side; a step beyond is not sought
POINTS = 481  # of the search for the ends of the interval: to a twentieth of an sd
WORDS = {
    "sum": "changes from the year before",
    "window": "means of two years on either side",
    "lag": "larger change of the year and the next",
    "local": "changes beyond those of the years around",
}


@dataclass(frozen=True, eq=False)
class DateSetTest:
    """A set of dates ranked among all placements, with the worlds it is held against.

    Attributes:
        design: Series, dates and statistic.
        errors: Steps at the dates and a trend, which say how the errors behave.
        world: Series drawn on the design.
    """

    design: DateSetDesign
    errors: StepsTest
    world: DateSetWorld

    @property
    def terms(self) -> tuple[str, ...]:
        return (TERM,)

    @property
    def years(self) -> NDArray[np.int64]:
        return self.design.years

    @property
    def method(self) -> str:
        return (
            f"permutation of the set of {len(self.design.onsets)} dates over "
            f"{len(self.design.placements):,} placements at least {self.design.min_spacing} years "
            f"apart; statistic: {WORDS[self.design.statistic]}"
        )

    @property
    def error_model(self) -> dict[str, object]:
        """Errors of the model with steps and trend, from which the rates are simulated."""
        return {**self.errors.error_model, "placements": len(self.design.placements)}

    @property
    def marginal_sd(self) -> float:
        return self.errors.marginal_sd

    @property
    def smallest_sd(self) -> float:
        return self.errors.smallest_sd

    @property
    def smallest_p(self) -> float:
        return self.design.smallest_p

    @property
    def note(self) -> str:
        curves = ", ".join(
            f"{name.replace('s_curve', 'S-curve')} {rate:.1%}"
            for name, rate in self._smooth_rates.items()
        )
        return (
            "It says that change is larger at these dates, not that each of them did its part; "
            f"around curves fitted to the series it finds something in: {curves}."
        )

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """Step a date, permutation p and its maximum over worlds in which no date is special.

        Raises:
            UsageError: The alternative is not that of the design.
        """
        if alternative != self.design.alternative:
            raise UsageError(f"The dates of {self.design.name} were laid out the other way.")
        ranked = rank_date_set(self.design)
        return TermReading(
            estimate=self.estimate,
            std_error=float("nan"),
            statistic=ranked.statistic,
            p_value=ranked.p_value,
            p_maximised=self.p_maximised(ranked.p_value),
            p_shift=ranked.p_value,
            wide=self._interval(alpha),
            narrow=self._interval(2 * alpha),
        )

    @cached_property
    def estimate(self) -> float:
        """The common step at the dates, with its sign."""
        ranked = rank_date_set(self.design)
        return (ranked.statistic - ranked.usual) / sum(map(abs, self.design.weights))

    @property
    def _sign(self) -> float:
        """-1 where a fall is claimed, so that the staircase of the world goes down."""
        return -1.0 if self.design.alternative == "less" else 1.0

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        """p of "every date has a step of `bound` or more in the claimed direction"."""
        if alternative == "two-sided":
            return 1.0
        without = self.design.values - bound * self.world.staircase
        return float(exact_p(without[None, :], self._turned)[0])

    def key(self, question: Question, *, seed: int, series: int) -> str:
        design = self.design
        parts = (
            *(METHOD, layout_key(self.errors.design.layout), design.statistic, design.alternative),
            *(str(weight) for weight in design.weights),
            *(str(design.min_spacing), str(self.world.series), str(seed)),
            *(f"{value:.8g}" for value in design.values),
            *(f"{value:.8g}" for value in (self.errors.rho, self.errors.kappa)),
            *(f"{value:.8g}" for value in self.errors.rho_interval),
            *(f"{value:.8g}" for value in (question.alpha, question.strict_alpha)),
            *(f"{value:.8g}" for value in (question.smallest_effect, question.claimed_effect)),
        )
        return key_of("|".join(parts))

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Rates with p, size over all worlds in which no date is special."""
        world, alpha = self.world, question.alpha
        size = share_at_most(self._straight[0], alpha)
        others = [*self._straight[1:], *self._smooth.values()]
        rates = [share_at_most(p, alpha) for p in others]
        return Measured(
            series=world.series,
            size=size,
            size_mc_error=monte_carlo_error(size, world.series),
            size_ends=(min(rates), max(rates)),
            coverage=float("nan"),
            power=world.power(question.smallest_effect, alpha),
            power_at_claim=world.power(question.claimed_effect, alpha),
            power_rule=world.power(question.claimed_effect, question.strict_alpha),
            detectable=world.detectable(alpha),
            usual={f"curve {name}": rate for name, rate in self._smooth_rates.items()},
        )

    @cached_property
    def _straight(self) -> list[FloatArray]:
        return [
            exact_p(self.world.errors(rho), self.design)
            for rho in (self.errors.rho, *self.errors.rho_interval)
        ]

    @cached_property
    def _smooth(self) -> dict[str, FloatArray]:
        return {
            curve.name: exact_p(self.world.around(curve), self.design)
            for curve in self.world.curves
        }

    @property
    def _smooth_rates(self) -> dict[str, float]:
        return {name: share_at_most(p, 0.05) for name, p in self._smooth.items()}

    def p_maximised(self, observed: float) -> float:
        """Largest share, over worlds in which no date is special, of series whose p is as small.

        The p itself where no series of these worlds are simulated.
        """
        if not self.world.series:
            return observed
        worlds = [*self._straight, *self._smooth.values()]
        reached = [(1 + int((p <= observed * (1 + 1e-9)).sum())) / (1 + len(p)) for p in worlds]
        return max(observed, *reached)

    @cached_property
    def _turned(self) -> DateSetDesign:
        opposite = {"greater": "less", "less": "greater"}[self.design.alternative]
        return self.design.towards(opposite)

    @cached_property
    def _common_steps(self) -> tuple[FloatArray, tuple[FloatArray, FloatArray]]:
        """Common steps around the estimate, and p of the series without each, on either side."""
        steps = self.estimate + np.linspace(-SEARCHED, SEARCHED, POINTS) * self.marginal_sd
        rising = self._sign * self.world.staircase
        up, down = (
            exact_p_along(self.design.towards(side), rising, steps) for side in ("greater", "less")
        )
        return steps, (up, down)

    def _interval(self, share: float) -> tuple[float, float]:
        """Common steps not rejected at `share`, half on each side; nan where no end is reached."""
        steps, (up, down) = self._common_steps
        kept = np.flatnonzero((up > share / 2) & (down > share / 2))
        if not len(kept):
            return float("nan"), float("nan")
        low = float("nan") if kept[0] == 0 else float(steps[kept[0]])
        high = float("nan") if kept[-1] == POINTS - 1 else float(steps[kept[-1]])
        return low, high


def calibrate_date_set(design: DateSetDesign, shelf: LawShelf, *, series: int) -> DateSetTest:
    """Rank the dates and lay out the worlds they are held against.

    Args:
        design: From `date_set_design`, directed.
        shelf: Null laws and seed.
        series: Simulated series behind each rate and behind the maximised p; 0, there are none.

    Raises:
        EstimationError: The series is fitted without error by steps and a trend.
    """
    errors = errors_at_dates(design, shelf)
    return DateSetTest(design, errors, DateSetWorld(design, errors, shelf, series))
