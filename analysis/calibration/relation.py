"""Test whether one yearly series moves with another, and say so only where three methods agree.

p is that of the level regression with trend by PB-REML, as for steps: its null law is simulated on
this very design, with the exposure as observed. Two companions have to agree (`analysis.design.
relation` has their equations):

* first differences: least squares, t in the claimed direction, p of at most .10;
* the lag-augmented equation of Toda and Yamamoto, p = d = 1, with the trend of the level
  regression: F, two-sided p of at most .10, and the lagged exposure with the claimed sign.

Where both agree, p_value is the p of the level regression; where one does not, the larger of that
and of the companion's p (1 if its sign is the opposite one), which is above .10 and supports
nothing at the levels in use. Never below the level p, it is as valid as that, and errs less often.

The price is power. Toda and Yamamoto's test asks for precedence: that the past of the exposure
helps to predict the outcome beyond the outcome's own past. An effect that is over within the year
is not supported, however large. With the timing "same-year", for claims that two things go
together, the equation holds the exposure of the same year too, and F is that of both. The one that
does not decide is shown. `measure` counts size and power of the conjunction, the effect spread
evenly over the lags.

False positives at 5 % in unrelated series of 30 years, lags 0 and 1, 40 exposures of each kind with
400 outcomes each; power, one-sided, of an effect of one marginal sd, of one innovation sd for
random walks::

                          stationary      around a trend   random walk
    rho                 .3    .6    .8      .6    .8       1   1, drift
    OLS, two-sided    .091  .184  .298    .192  .312    .392  .470
    level, two-sided  .053  .055  .051    .052  .053    .051  .059
    differences       .054  .049  .046    .042  .048    .050  .049
    Toda-Yamamoto     .054  .054  .062    .056  .061    .066  .069
    conjunction       .013  .018  .016    .015  .018    .018  .018
      one-sided       .011  .015  .016    .014  .016    .018  .018
    power: level       .96   .98   .99     .98   .99     .77   .71
      spread evenly    .51   .62   .65     .62   .69     .40   .37
      in the same year .03   .05   .05     .04   .06     .07   .06
      a year later     .93   .98   .99     .98   .99     .75   .69
    timing "same-year", 24 exposures of each kind
      one-sided       .016  .021  .023    .020           .021  .022
      spread evenly    .83   .91   .95     .90            .61   .58
      in the same year .93   .94   .90     .95            .64   .61
      a year later     .93   .98   .99     .98            .74   .71
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.companions import (
    COMPANION_ALPHA,
    Companion,
    read_companions,
    read_timing,
)
from analysis.calibration.keys import key_of
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.relation_rates import Simulated
from analysis.calibration.store import LawShelf
from analysis.calibration.terms import TermsTest, calibrate_terms
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.design.relation import EXPOSURE, REVERSE, RelationDesign
from analysis.errors import UsageError
from analysis.records.words import join_words


@dataclass(frozen=True, eq=False)
class RelationTest:
    """A relation in one unit: the calibrated level regression and its companions.

    Attributes:
        design: Outcome, exposure and lags.
        level: The level regression; single lags can be read there.
        shelf_key: Names the null law of the level regression.
        reverse: The same test with outcome and exposure exchanged; None if not asked.
    """

    design: RelationDesign
    level: TermsTest
    shelf_key: str
    reverse: "RelationTest | None" = None

    @property
    def terms(self) -> tuple[str, ...]:
        """The sum over the lags, "exposure", and "reverse" if that is asked as well."""
        return (EXPOSURE,) if self.reverse is None else (EXPOSURE, REVERSE)

    @property
    def years(self) -> NDArray[np.int64]:
        return self.level.years

    @property
    def method(self) -> str:
        year = ", with the exposure of the same year" if self.design.timing == "same-year" else ""
        return (
            f"{self.level.method}; the sum over the lags, for one sd of the exposure around its "
            f"trend; p is raised above {COMPANION_ALPHA:g} unless first differences and the "
            f"lag-augmented equation of Toda and Yamamoto (F, p = d = 1{year}) agree"
        )

    @property
    def error_model(self) -> dict[str, object]:
        """That of the level regression, and the sd of the exposure in its own unit."""
        return self.level.error_model | {"exposure_sd": self.design.exposure_sd}

    @property
    def marginal_sd(self) -> float:
        return self.level.marginal_sd

    @property
    def smallest_sd(self) -> float:
        return self.level.smallest_sd

    @property
    def smallest_p(self) -> float:
        return self.level.smallest_p

    @property
    def note(self) -> str:
        """What the note of the level regression says, and what the estimate is for."""
        sd = self.design.exposure_sd
        unit = f"The estimate is for one sd of the exposure around its trend, {sd:.3g}."
        return f"{self.level.note} {unit}".strip()

    def companions(self, alternative: str) -> tuple[Companion, Companion]:
        """What first differences and the lag-augmented equation say."""
        return read_companions(self.level.series, self.design, self._sign(alternative), alternative)

    def other_timing(self, alternative: str) -> Companion:
        """The lag-augmented equation that decides nothing here: with the same year, or without."""
        other = "same-year" if self.design.timing == "earlier" else "earlier"
        return read_timing(self.level.series, self.design, self._sign(alternative), other)

    def _sign(self, alternative: str) -> float:
        estimate = float(self.level.fit.estimates[0, 0])
        opposed = estimate < 0 if alternative == "two-sided" else alternative == "less"
        return -1.0 if opposed else 1.0

    def read(
        self, term: str, *, alternative: str = "two-sided", alpha: float = 0.05
    ) -> TermReading:
        """The sum over the lags; p-values but `p_shift` are those of the conjunction."""
        if term == REVERSE and self.reverse is not None:
            return self.reverse.read(EXPOSURE, alternative=alternative, alpha=alpha)
        _require(term, self.terms)
        reading = self.level.read(EXPOSURE, alternative=alternative, alpha=alpha)
        against = [each.p_value for each in self.companions(alternative) if not each.agrees]
        return replace(
            reading,
            p_value=max([reading.p_value, *against]),
            p_maximised=max([reading.p_maximised, *against]),
        )

    def p_below(self, term: str, bound: float, *, alternative: str = "greater") -> float:
        """p of "the sum in the claimed direction is `bound` or more", by the level regression."""
        if term == REVERSE and self.reverse is not None:
            return self.reverse.p_below(EXPOSURE, bound, alternative=alternative)
        _require(term, self.terms)
        return self.level.p_below(EXPOSURE, bound, alternative=alternative)

    def key(self, question: Question, *, seed: int, series: int) -> str:
        """What `measure` depends on, as one digest."""
        if question.term == REVERSE and self.reverse is not None:
            return self.reverse.key(replace(question, term=EXPOSURE), seed=seed, series=series)
        test, causality = self.level, self.design.deciding
        numbers = (
            *(test.rho, test.kappa, *test.rho_interval),
            test.in_first_sd(question.smallest_effect),
            test.in_first_sd(question.claimed_effect),
            test.in_first_sd(1.0),
            *(question.alpha, question.strict_alpha),
            *np.column_stack([causality.tested, causality.others]).ravel(),
            *causality.rows,
        )
        words = (
            "relation-1",
            self.design.timing,
            self.shelf_key,
            question.alternative,
            str(seed),
            str(series),
        )
        text = "|".join((*words, *(f"{number + 0.0:.8g}" for number in numbers)))
        return key_of(text)

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Size, power and coverage of the conjunction, the exposure held as observed.

        The effect is spread evenly over the lags. `usual` holds the false-positive rate of each
        part alone, beside OLS and Newey-West in levels. `detectable` is nan if no effect up to
        `LARGEST_SEARCHED` sd is found four times in five.
        """
        if question.term == REVERSE and self.reverse is not None:
            return self.reverse.measure(replace(question, term=EXPOSURE), seed=seed, series=series)
        _require(question.term, self.terms)
        middle, low, high = (
            Simulated.draw(self.design, self.level, rho, seed=seed, series=series)
            for rho in (self.level.rho, *self.level.rho_interval)
        )
        ask = question.alternative
        size = float(middle.found(0.0, ask, question.alpha).mean())
        smallest = self.level.in_first_sd(question.smallest_effect)
        claimed = self.level.in_first_sd(question.claimed_effect)
        passed = middle.found(claimed, ask, question.strict_alpha) & middle.large(
            claimed, smallest / 2, ask
        )
        return Measured(
            series=series,
            size=size,
            size_mc_error=monte_carlo_error(size, series),
            size_ends=(
                float(low.found(0.0, ask, question.alpha).mean()),
                float(high.found(0.0, ask, question.alpha).mean()),
            ),
            coverage=1 - middle.reach("two-sided", question.alpha).found(),
            power=float(middle.found(smallest, ask, question.alpha).mean()),
            power_at_claim=float(middle.found(claimed, ask, question.alpha).mean()),
            power_rule=float(passed.mean()),
            detectable=self.level.from_first_sd(middle.detectable(ask, question.alpha)),
            usual=middle.alone(ask, question.alpha),
        )

    def power_by_lag(
        self, effect: float, *, alternative: str, alpha: float, seed: int, series: int
    ) -> dict[int, float]:
        """Power if the whole effect, in the transformed outcome, arrives with one lag."""
        drawn = Simulated.draw(self.design, self.level, self.level.rho, seed=seed, series=series)
        size = self.level.in_first_sd(effect)
        return {
            lag: float(drawn.found(size, alternative, alpha, self.design.path({lag: 1.0})).mean())
            for lag in self.design.lags
        }


def calibrate_relation(design: RelationDesign, shelf: LawShelf, *, draws: int) -> RelationTest:
    """Fit the level regression and simulate its null law; see `calibrate_steps`.

    Args:
        design: From `relation_design`.
        shelf: Null laws and seed.
        draws: Null series behind the p-value.

    Raises:
        EstimationError: The outcome is fitted without error.
    """
    level = calibrate_terms(design.level, shelf, draws=draws)
    return RelationTest(
        design=design,
        level=level,
        shelf_key=shelf.key(design.level.layout, design.level.contrasts),
        reverse=(
            None
            if design.reverse is None
            else calibrate_relation(design.reverse, shelf, draws=draws)
        ),
    )


def _require(term: str, terms: tuple[str, ...]) -> None:
    if term not in terms:
        raise UsageError(f'There is no term "{term}" here; there are {join_words(terms)}.')
