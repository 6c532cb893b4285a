"""Test the steps of the gap between one treated unit and its donors.

With "mean" weights the gap is a series like any other and `steps` tests it. Where weights were
chosen on the years before the onset, the null law repeats that choice (`gap_law`); everything
else, from the median-unbiased rho and kappa to the intervals, is read from it in the same way.
No comparison of donors with one another is needed, so the test does not ask for a number of them.

A step from the first onset on does not touch the weights, so t* does not depend on it, intervals
follow by inversion, and power by adding the step to the simulated gaps. Donors that were chosen
for following the treated unit go their own ways later, so t* is not centred at zero. How far off
it is is known so badly that taking it out does harm: ranked with its sign, t was found at 5 %
two-sided in .09 to .14 of panels without effect, |t| in .03 to .07 (the panels of `gap_law`). So
|t| is compared, and a one-sided p is half of its p.

Demeaned and synthetic weights prefer donors that drifted the treated unit's way before the onset,
and where it has a trend of its own they find a step in that direction too often. The test with
detrended weights does not depend on that trend, and has to agree: the larger p of the two is
reported, and the interval from the lower of both lower ends to the higher of both upper ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.gap_law import GapSimulator
from analysis.calibration.keys import key_of
from analysis.calibration.law import simulate_law
from analysis.calibration.measure import Gauge
from analysis.calibration.null_law import NullLaw
from analysis.calibration.reach import (
    AgreedReach,
    is_joint_found,
    monte_carlo_error,
    reach_of_steps,
)
from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.store import METHOD as LAW_METHOD
from analysis.calibration.store import LawShelf, layout_key
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.design.gap import GapDesign
from analysis.errors import EstimationError
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
LAW_SERIES = 1_000  # at each node; p-values come from the draws at the estimated (rho, kappa)
LAW_AGAIN = 500  # at each node, for the second reading of p in simulated series
GIVEN_SERIES = 2_000  # of the law that takes the weights as given, shown for comparison
METHOD = "gap-3"  # raised whenever a change of method changes simulated numbers


@dataclass(frozen=True, eq=False)
class Drawn:
    """Null gaps to donors weighted in one way, their fits, and the law these are read in.

    Attributes:
        gaps: In units of the innovation sd before the onset, shape (m, n).
        fits: REML fits, m rows.
        law: Null law of gaps weighted so.
    """

    gaps: FloatArray
    fits: Fits
    law: NullLaw


@dataclass(frozen=True, eq=False)
class GapTest:
    """The gap fitted and its null law, as a verdict reads it.

    Attributes:
        design: Treated unit, donors, weights and steps.
        inner: The test of the gap as a series, with the law that holds for these weights.
        shelf: Where laws of given weights are kept.
        simulator: Draws null gaps with weights chosen anew; None for "mean".
        guard: The test with detrended weights that has to agree; None where the design needs none.
    """

    design: GapDesign
    inner: StepsTest
    shelf: LawShelf
    simulator: GapSimulator | None
    guard: "GapTest | None" = None
    _drawn: dict[tuple[float, int], tuple[Drawn, ...]] = field(default_factory=dict)

    @property
    def terms(self) -> tuple[str, ...]:
        return self.inner.terms

    @property
    def years(self) -> NDArray[np.int64]:
        return self.inner.years

    @property
    def method(self) -> str:
        """Weights, estimator and law, worded for a table note."""
        words = self.design.weighting_in_words
        if self.simulator is None:
            return f"{words}; {self.inner.method}"
        steps = self.design.steps
        variance = "constant" if steps.error_model == "ar1-constant" else "one change of"
        return (
            f"{words}; {steps.mean_in_words}, AR(1) errors by REML; p and intervals from "
            f"{len(self.inner.draws.rho):,} simulated series in place of the treated unit's, "
            f"with median-unbiased autocorrelation, {variance} innovation variance and weights "
            "chosen anew in each"
            + ("; the test with detrended weights has to agree" if self.guard else "")
        )

    @property
    def error_model(self) -> dict[str, object]:
        return self.inner.error_model

    @property
    def marginal_sd(self) -> float:
        return self.inner.marginal_sd

    @property
    def smallest_sd(self) -> float:
        return self.inner.smallest_sd

    @property
    def smallest_p(self) -> float:
        return self.inner.smallest_p

    @property
    def note(self) -> str:
        """Which donors were left out, and what the series itself says."""
        out = self.design.dropped
        left = f"Left out for want of some years: {join_words(out)}." if out else ""
        return " ".join(part for part in (left, self.inner.note) if part)

    def read(
        self, term: str, *, alternative: str = "two-sided", alpha: float = 0.05
    ) -> TermReading:
        """Read off one term: a juncture, "total" or "joint".

        The p of the circular shift holds the weights as they are.
        """
        own = self.inner.read(term, alternative=alternative, alpha=alpha)
        if self.guard is None:
            return own
        guard = self.guard.read(term, alternative=alternative, alpha=alpha)
        return hold_both(own, guard, alternative)

    def shift(self, term: str) -> float:
        """Step of the gap to donors chosen like these when nothing happened, at the median.

        In the unit of the transformed outcome. Zero for "mean".
        """
        if self.simulator is None:
            return 0.0
        drawn = self.inner.draws.estimates[:, self.terms.index(term)]
        return self.inner.from_first_sd(float(np.median(drawn)))

    def p_below(self, term: str, bound: float, *, alternative: str = "greater") -> float:
        """p of the hypothesis that the effect in the claimed direction is `bound` or more."""
        own = self.inner.p_below(term, bound, alternative=alternative)
        if self.guard is None:
            return own
        return max(own, self.guard.p_below(term, bound, alternative=alternative))

    def key(self, question: Question, *, seed: int, series: int) -> str:
        """Everything `measure` depends on, as one digest of 16 characters."""
        if self.simulator is None:
            return self._gauge(seed, series).key(self.inner, question)
        design, test = self.design, self.inner
        numbers = (
            *design.treated.to_numpy(dtype=float),
            *design.donors.to_numpy(dtype=float).ravel(),
            *(test.rho, test.kappa, *test.rho_interval),
            *(question.smallest_effect, question.claimed_effect),
            *(question.alpha, question.strict_alpha),
        )
        words = (
            *(METHOD, LAW_METHOD, test.law.extent),
            *(design.weighting, layout_key(design.steps.layout)),
            *(question.term, question.alternative, str(seed), str(self.simulator.seed)),
            str(series),
        )
        text = "|".join((*words, *(f"{number:.8g}" for number in numbers)))
        return key_of(text)

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Size, power and coverage, with rho, kappa and weights found anew in each series."""
        if self.simulator is None:
            return self._gauge(seed, series).measure(self.inner, question)
        middle = self._draw(self.inner.rho, series)
        low, high = (self._draw(rho, series) for rho in self.inner.rho_interval)
        rates = self._joint_rates if question.term == "joint" else self._step_rates
        size = self._size(question, middle)
        given = (replace(middle[0], law=self.given_law),)
        return Measured(
            series=series,
            size=size,
            size_mc_error=monte_carlo_error(size, series),
            size_ends=(self._size(question, low), self._size(question, high)),
            **rates(question, middle),
            usual={"weights_as_given": self._size(question, given)},
        )

    @cached_property
    def given_law(self) -> NullLaw:
        """The law of the gap if its weights had not been chosen on the data, for comparison."""
        if self.simulator is None:
            return self.inner.law
        steps = self.design.steps
        return simulate_law(
            steps.layout,
            steps.contrasts,
            steps.joint,
            seed=self.shelf.seed,
            stream=f"law:{layout_key(steps.layout)}",
            series=min(GIVEN_SERIES, self.shelf.series),
            jobs=self.shelf.jobs,
        )

    def _gauge(self, seed: int, series: int) -> Gauge:
        shelf = self.shelf if seed == self.shelf.seed else LawShelf(seed, self.shelf.series)
        return Gauge(shelf, series)

    def _draw(self, rho: float, series: int) -> tuple[Drawn, ...]:
        """The same null series as this test reads them and, where there is one, as its guard."""
        assert self.simulator is not None
        if (rho, series) not in self._drawn:
            self._drawn[rho, series] = tuple(
                Drawn(gaps, self.simulator.fit_gaps(gaps), test.inner.law)
                for test in (self, self.guard)
                if test is not None
                for gaps in [self._gaps(test.design, rho, series)]
            )
        return self._drawn[rho, series]

    def _gaps(self, design: GapDesign, rho: float, series: int) -> FloatArray:
        assert self.simulator is not None
        return self.simulator.gaps_beside(
            design, rho, self.inner.kappa, stream="reach", series=series
        )

    def _size(self, question: Question, drawn: tuple[Drawn, ...]) -> float:
        if question.term == "joint":
            return _joint_found(drawn, question.alpha)
        return self._reach(question, drawn, question.alternative, question.alpha).found()

    def _reach(
        self, question: Question, drawn: tuple[Drawn, ...], alternative: str, alpha: float
    ) -> AgreedReach:
        contrast = self.terms.index(question.term)
        return AgreedReach(
            tuple(
                reach_of_steps(
                    each.fits, each.law, contrast=contrast, alternative=alternative, alpha=alpha
                )
                for each in drawn
            )
        )

    def _step_rates(self, question: Question, drawn: tuple[Drawn, ...]) -> dict[str, float]:
        here, both, strict = (
            self._reach(question, drawn, alternative, alpha)
            for alternative, alpha in (
                (question.alternative, question.alpha),
                ("two-sided", question.alpha),
                (question.alternative, question.strict_alpha),
            )
        )
        smallest = self.inner.in_first_sd(question.smallest_effect)
        claimed = self.inner.in_first_sd(question.claimed_effect)
        return {
            "coverage": 1 - both.found(),
            "power": here.found(smallest),
            "power_at_claim": here.found(claimed),
            "power_rule": strict.found(claimed, at_least=smallest / 2),
            "detectable": self.inner.from_first_sd(here.detectable()),
        }

    def _joint_rates(self, question: Question, drawn: tuple[Drawn, ...]) -> dict[str, float]:
        """Rates of the joint F; an effect here is a step of that size at every juncture."""
        steps = self.design.steps
        shape = steps.layout.regressors @ steps.joint.sum(axis=0)

        def found(effect: float, alpha: float) -> float:
            added = self.inner.in_first_sd(effect) * shape
            return _joint_found([self._moved(each, added) for each in drawn], alpha)

        return {
            "coverage": float("nan"),
            "power": found(question.smallest_effect, question.alpha),
            "power_at_claim": found(question.claimed_effect, question.alpha),
            "power_rule": found(question.claimed_effect, question.strict_alpha),
            "detectable": float("nan"),
        }

    def _moved(self, drawn: Drawn, added: FloatArray) -> Drawn:
        assert self.simulator is not None
        gaps = drawn.gaps + added
        return Drawn(gaps, self.simulator.fit_gaps(gaps), drawn.law)


def hold_both(own: TermReading, guard: TermReading, alternative: str) -> TermReading:
    """What both readings of a term support; estimate, standard error and t are the first's.

    Two-sided, estimates of different sign exclude nothing: p is 1.
    """
    apart = alternative == "two-sided" and own.estimate * guard.estimate < 0

    def larger(first: float, second: float) -> float:
        return 1.0 if apart else max(first, second)

    return replace(
        own,
        p_value=larger(own.p_value, guard.p_value),
        p_maximised=larger(own.p_maximised, guard.p_maximised),
        p_shift=larger(own.p_shift, guard.p_shift),
        wide=_around(own.wide, guard.wide),
        narrow=_around(own.narrow, guard.narrow),
    )


def _around(first: tuple[float, float], second: tuple[float, float]) -> tuple[float, float]:
    return min(first[0], second[0]), max(first[1], second[1])


def _joint_found(drawn: Sequence[Drawn], alpha: float) -> float:
    found = [is_joint_found(each.fits, each.law, alpha) for each in drawn]
    return float(np.logical_and.reduce(found).mean())


def calibrate_gap(design: GapDesign, shelf: LawShelf, *, draws: int) -> GapTest:
    """Fit the gap and simulate its null law.

    Args:
        design: From `gap_design`.
        shelf: Its seed is the seed of all draws; of laws with chosen weights at most
            `LAW_SERIES` series are simulated at each node.
        draws: Null series behind the p-value.

    Raises:
        DesignError: The gap of the guard is zero before the onset.
        EstimationError: The fit left nothing to explain.
    """
    steps = design.steps
    if design.weighting == "mean":
        return GapTest(design, calibrate_steps(steps, shelf, draws=draws), shelf, None)
    values = steps.series.to_numpy(dtype=float)[None, :]
    fit = fit_ar1(values, steps.layout, steps.contrasts, steps.joint)
    if not np.isfinite(fit.std_errors).all():
        raise EstimationError(
            f"{steps.name} is fitted without error; there is nothing to compare a step with."
        )
    simulator = GapSimulator(design, fit, shelf.seed)
    law = simulator.law(min(shelf.series, LAW_SERIES), again=min(shelf.series, LAW_AGAIN))
    rho, kappa = law.unbias(fit)
    unbiased = float(np.tanh(rho[0])), float(np.exp(kappa[0]))
    inner = StepsTest(
        design=steps,
        fit=fit,
        law=law,
        rho=unbiased[0],
        kappa=unbiased[1],
        rho_interval=law.rho_interval(float(fit.rho[0]), float(kappa[0])),
        draws=simulator.draw(*unbiased, stream="draws", series=draws),
    )
    guard = None if design.guard is None else calibrate_gap(design.guard, shelf, draws=draws)
    return GapTest(design, inner, shelf, simulator, guard)
