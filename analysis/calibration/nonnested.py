"""Hold two rival exposures of one outcome against each other (T-NN).

    M1:  y_t = a + b t + g_1 z_1t + u_t          M2:  y_t = a + b t + g_2 z_2t + u_t

with AR(1) errors and z in its own sd around the trend. Davidson & MacKinnon's J test (1981,
Econometrica 49, 781-793, doi:10.2307/1911522) of "M2 is enough" adds M1's fitted values to M2 and
tests their coefficient. The fitted values of M1 add to M2 nothing but z_1: with one column each,
|J| is the |t| of z_1 in the model with both, and its square the encompassing F (Mizon & Richard
1986, Econometrica 54, 657-678, doi:10.2307/1911313). That t does not depend on g_2, so that its law
is simulated exactly, with the median-unbiased rho of the model with both (`steps`): the parametric
bootstrap of J that Davidson & MacKinnon (2002, J. Econometrics 109, 167-193) advise, with rho alone
to be estimated. By least squares J rejects a true model in 14 to 16 % of series with AR(.6) errors.

Four outcomes, each J two-sided: the first is favoured if M2 is rejected at alpha and M1 not at
`NOT_REJECTED`; the second likewise; both are rejected; or neither can be told, which is what
happens mostly where the two exposures go together.

The claim "z_1 matters beyond z_2, and not the reverse" takes p = p of J of M2 in the claimed
direction, and p = 1 where J of M1 is rejected at `NOT_REJECTED`: a p so raised is never too small.
The condition is that something is not rejected, so that it holds by want of power too: how often
the exposure is favoured where both are needed is counted on the design and said in the note.
Exposures that correlate at .5 or .9, effects of 1 sd, 25 or 31 years, rho 0 to .8:

==========================================  ==========  ==========
                                            at .5       at .9
==========================================  ==========  ==========
true model rejected by J, two-sided         .05-.06     .05-.06
false claim, only the rival matters         .00-.02     .04-.06
outcome is the exposure, which is the truth .77-.91     .25-.73
outcome is the rival, which is wrong        .00-.01     .02
claim though both are needed                .00-.10     .10-.38
==========================================  ==========  ==========
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.keys import key_of
from analysis.calibration.nonnested_rates import Race, lay_race, simulate_both
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.store import LawShelf
from analysis.calibration.terms import TermsTest, calibrate_terms
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.design.rivals import exposures_design
from analysis.errors import DesignError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.layout import Layout

FloatArray = NDArray[np.float64]
METHOD = "nonnested-1"  # raised whenever a change of method changes measured numbers
NOT_REJECTED = 0.10  # the exposure's own model must have a J with p above this
NOTE_SERIES = 4_000
OUTCOMES = ("first favoured", "second favoured", "both rejected", "undecided")


@dataclass(frozen=True, eq=False)
class NonnestedTest:
    """Two rival exposures, calibrated in the model that holds both.

    Attributes:
        both: The model with both exposures; its terms are theirs, the first one the claim's.
        alone: Estimate of each exposure in the model without the other, by exposure.
        shelf: Null laws and seed.
    """

    both: TermsTest
    alone: Mapping[str, float]
    shelf: LawShelf

    @property
    def terms(self) -> tuple[str, ...]:
        return self.both.terms

    @property
    def years(self) -> NDArray[np.int64]:
        return self.both.years

    @property
    def method(self) -> str:
        first, second = self.terms
        return (
            f"J test of {first} against {second}, each with the other's fitted values added; "
            f"{self.both.method}; p is set to 1 where the exposure's own model is rejected at "
            f"{NOT_REJECTED:g}"
        )

    @property
    def error_model(self) -> dict[str, object]:
        return self.both.error_model

    @property
    def marginal_sd(self) -> float:
        return self.both.marginal_sd

    @property
    def smallest_sd(self) -> float:
        return self.both.smallest_sd

    @property
    def smallest_p(self) -> float:
        return self.both.smallest_p

    @cached_property
    def note(self) -> str:
        """The outcome, and how often it comes about where both exposures matter."""
        first, _ = self.terms
        return (
            f"{self.outcome_in_words()} Were both needed, each as much as estimated, {first} would "
            f"be favoured in {100 * self.favoured_where_both_matter:.0f} % of series."
        )

    def j_p(self, term: str) -> float:
        """Two-sided p of J of "the model without this exposure is enough"."""
        return self.both.read(term).p_value

    def outcome(self, alpha: float = 0.05) -> str:
        """One of `OUTCOMES`."""
        first, second = (self.j_p(term) for term in self.terms)
        if first <= alpha and second <= alpha:
            return OUTCOMES[2]
        if first <= alpha and second > NOT_REJECTED:
            return OUTCOMES[0]
        if second <= alpha and first > NOT_REJECTED:
            return OUTCOMES[1]
        return OUTCOMES[3]

    def outcome_in_words(self, alpha: float = 0.05) -> str:
        """The outcome as a sentence with the two p-values."""
        first, second = self.terms
        said = {
            OUTCOMES[0]: f"{first} is favoured over {second}",
            OUTCOMES[1]: f"{second} is favoured over {first}",
            OUTCOMES[2]: f"Both models are rejected: neither {first} nor {second} is enough",
            OUTCOMES[3]: f"{first} and {second} cannot be told apart",
        }[self.outcome(alpha)]
        return (
            f"{said} (J of the model without {first}: p = {self.j_p(first):.3f}; without {second}: "
            f"p = {self.j_p(second):.3f})."
        )

    def read(
        self, term: str, *, alternative: str = "two-sided", alpha: float = 0.05
    ) -> TermReading:
        """Effect of one exposure given the other; p of "it is favoured", see the module."""
        reading = self.both.read(term, alternative=alternative, alpha=alpha)
        own = self.both.read(self._other(term))
        kept = own.p_value > NOT_REJECTED
        return TermReading(
            estimate=reading.estimate,
            std_error=reading.std_error,
            statistic=reading.statistic,
            p_value=reading.p_value if kept else 1.0,
            p_maximised=reading.p_maximised if kept else 1.0,
            p_shift=reading.p_shift if kept else 1.0,
            wide=reading.wide,
            narrow=reading.narrow,
        )

    def p_below(self, term: str, bound: float, *, alternative: str = "greater") -> float:
        """p of "the effect given the other exposure is `bound` or more"."""
        return self.both.p_below(term, bound, alternative=alternative)

    def key(self, question: Question, *, seed: int, series: int) -> str:
        """Everything `measure` depends on."""
        both = self.both
        numbers = (
            *(both.rho, *both.rho_interval, both.marginal_sd, both.in_first_sd(1.0)),
            *(question.alpha, question.strict_alpha),
            *(question.smallest_effect, question.claimed_effect),
            *self.alone.values(),
        )
        law = self.shelf.key(both.design.layout, both.design.contrasts)
        words = (METHOD, law, question.term, question.alternative, str(seed), str(series))
        text = "|".join((*words, *(f"{number:.8g}" for number in numbers)))
        return key_of(text)

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Size, power and coverage of "the exposure is favoured".

        Size is the larger of two rates: where only the rival matters, as much as it is estimated
        alone, and where nothing does. Power is where only the exposure matters.
        """
        rival = self.both.in_first_sd(self.alone[self._other(question.term)])

        def race(rho: float, alpha: float) -> Race:
            return self._race(question, rho, alpha, seed=seed, series=series)

        def size(rho: float) -> float:
            here = race(rho, question.alpha)
            return max(here.found(), here.found(rival=rival))

        here = race(self.both.rho, question.alpha)
        strict = race(self.both.rho, question.strict_alpha)
        smallest = self.both.in_first_sd(question.smallest_effect)
        claimed = self.both.in_first_sd(question.claimed_effect)
        low, high = self.both.rho_interval
        rate = size(self.both.rho)
        return Measured(
            series=series,
            size=rate,
            size_mc_error=monte_carlo_error(rate, series),
            size_ends=(size(low), size(high)),
            coverage=here.coverage,
            power=here.found(smallest),
            power_at_claim=here.found(claimed),
            power_rule=strict.found(claimed, at_least=smallest / 2),
            detectable=self.both.from_first_sd(here.detectable()),
            usual={},
        )

    @cached_property
    def favoured_where_both_matter(self) -> float:
        """Share of series in which the first is favoured though both matter as estimated."""
        first, second = (self.both.read(term).estimate for term in self.terms)
        side = "less" if first < 0 else "greater"
        question = Question(self.terms[0], side, 0.05, 0.05, 1.0, 1.0)
        race = self._race(question, self.both.rho, 0.05, seed=self.shelf.seed, series=NOTE_SERIES)
        return race.found(self.both.in_first_sd(abs(first)), rival=self.both.in_first_sd(second))

    def _other(self, term: str) -> str:
        first, second = self.terms
        if term not in self.terms:
            raise DesignError(f"{term} is neither of the two exposures, {first} and {second}.")
        return second if term == first else first

    def _race(
        self, question: Question, rho: float, alpha: float, *, seed: int, series: int
    ) -> Race:
        terms = (question.term, self._other(question.term))
        fits = simulate_both(self.both, rho, seed=seed, series=series)
        return lay_race(
            self.both, fits, terms, question.alternative, alpha, not_rejected=NOT_REJECTED
        )


def calibrate_nonnested(
    series: pd.Series,
    exposure: pd.Series,
    rival: pd.Series,
    shelf: LawShelf,
    *,
    draws: int,
    lag: int = 0,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
) -> NonnestedTest:
    """Fit the two rival models and the one with both, and simulate its null law.

    Args:
        series: Transformed outcome by year.
        exposure: The claim's; its name is the first term.
        rival: The other; its name is the second term.
        shelf: Null laws; its seed is the seed of all draws.
        draws: Null series behind each p-value.
        lag: Years from both exposures to the outcome.
        name: What the series is called in messages.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year, in both models.

    Raises:
        DesignError: Too few years, an exposure that does not leave its trend, or exposures so alike
            that the model with both is collinear.
        EstimationError: The series is fitted without error.
    """
    if exposure.name == rival.name:
        raise DesignError(
            f"Both exposures are called {exposure.name}; rivals need two different names."
        )
    pair = pd.concat([exposure, rival], axis=1, join="inner")
    design = exposures_design(series, pair, lag=lag, name=name, trend=trend, controls=controls)
    both = calibrate_terms(design, shelf, draws=draws)
    return NonnestedTest(both, {term: _alone(both, term) for term in both.terms}, shelf)


def _alone(both: TermsTest, term: str) -> float:
    """Estimate of one exposure in the model without the other."""
    regressors = both.design.regressors.drop(columns=[t for t in both.terms if t != term])
    pick = (regressors.columns == term).astype(float)[None, :]
    layout = Layout(both.design.years, regressors.to_numpy())
    return float(fit_ar1(both.series[None, :], layout, pick).estimates[0, 0])
