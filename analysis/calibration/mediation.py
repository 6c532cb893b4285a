"""Test whether a juncture works through a mediator (T-MED): both paths, and how fragile they are.

    first path    M_t = a_0 + a' t + sum_j a_j 1[t >= o_j] + e_t
    second path   Y_t = c_0 + c' t + sum_j c_j 1[t >= o_j] + b M_(t-l) + u_t

The indirect effect of a juncture, a_j b, is found if both paths are: p is the larger of the two
calibrated p-values (joint significance, MacKinnon et al. 2002, Psychol. Methods 7, 83-104,
doi:10.1037/1082-989X.7.1.83; as an intersection-union test never above its level, Berger 1982,
Technometrics 24, 295-300). Its interval is that of products of draws from the two simulated laws
(MacKinnon, Lockwood & Williams 2004, Multivar. Behav. Res. 39, 99-128).

All of this holds only if nothing unobserved moves mediator and outcome in the same years.
`sensitivity` shows the effect by the correlation of their errors, in years whitened by the second
path's autocorrelation. Full procedure, one-sided at 5 %, 25 years, rho 0 to .8, 250 series each:

====================================  =========
step of 2 sd, no second path          .01-.04
no step, second path of 1             .06-.08
step of 2 sd, second path of 1/2      .39-.58
step of 2 sd, second path of 1        .57-.84
step of 2 sd, no second path, but
a shock shared makes half of each     .46-.64
====================================  =========

The last row is why the claim is never more than `consistent` with the data; how often a shared
shock alone makes a second path on this very design, the note says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.keys import key_of
from analysis.calibration.mediation_rates import PathFits, simulate_paths
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.sensitivity import PathSds, path_sds
from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.calibration.terms import TermsTest, calibrate_terms
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.design.mediation import MediationDesign
from analysis.errors import DesignError
from analysis.kernel.likelihood import whiten

FloatArray = NDArray[np.float64]
METHOD = "mediation-1"  # raised whenever a change of method changes measured numbers
SHARED = 0.5  # correlation of errors of which a common shock makes half of the variance
NOTE_SERIES = 4_000
SIDES: Mapping[str, tuple[str, str]] = {
    "greater": ("greater", "greater"),
    "less": ("greater", "less"),
    "two-sided": ("two-sided", "two-sided"),
}


@dataclass(frozen=True, eq=False)
class MediationTest:
    """Both paths calibrated.

    Attributes:
        first: Steps of the mediator; its terms are the junctures and "total".
        second: Outcome on steps and mediator; its one term is the mediator.
        shelf: Null laws and seed.
    """

    first: StepsTest
    second: TermsTest
    shelf: LawShelf

    @property
    def terms(self) -> tuple[str, ...]:
        return self.first.terms

    @property
    def years(self) -> NDArray[np.int64]:
        return self.second.years

    @property
    def method(self) -> str:
        return (
            f"first path: {self.first.method}; second path: {self.second.method}; p is the larger "
            "of the two, the interval that of products of draws from both laws"
        )

    @property
    def error_model(self) -> dict[str, object]:
        """That of the second path, with that of the first beside it."""
        return self.second.error_model | {"first_path": self.first.error_model}

    @property
    def marginal_sd(self) -> float:
        return self.second.marginal_sd

    @property
    def smallest_sd(self) -> float:
        return self.second.smallest_sd

    @property
    def smallest_p(self) -> float:
        return max(self.first.smallest_p, self.second.smallest_p)

    @cached_property
    def note(self) -> str:
        """At which correlation the effect is gone, and what a shared shock alone would find."""
        return (
            "The indirect effect is gone if the errors of mediator and outcome correlate at "
            f"{self.sds.correlation:.2f}. If a shock that both share makes half of the variance "
            "of each, a second path that does not exist is found in "
            f"{100 * self.found_by_confounding():.0f} % of series, and with it an indirect effect "
            "wherever the juncture moves the mediator: the claim is at most consistent with the "
            "data."
        )

    @cached_property
    def sds(self) -> PathSds:
        """Sds of mediator and outcome at REML's rho of the second path, for the curve."""
        regressors, layout = self.second.design.regressors, self.second.design.layout
        mediator = self.second.terms[0]
        columns = np.column_stack(
            [
                regressors.drop(columns=[mediator]).to_numpy(dtype=float),
                regressors[mediator].to_numpy(dtype=float),
                self.second.series,
            ]
        )
        white = whiten(columns, layout, np.array([self.second.rho_reml]))[0]
        return path_sds(white[:, -2], white[:, -1], white[:, :-2])

    def paths(
        self, term: str, *, alternative: str = "greater", alpha: float = 0.05
    ) -> tuple[TermReading, TermReading]:
        """The first and the second path, each against its own side of the claim."""
        self._check(term)
        first, second = SIDES[alternative]
        return (
            self.first.read(term, alternative=first, alpha=alpha),
            self.second.read(self.second.terms[0], alternative=second, alpha=alpha),
        )

    def read(self, term: str, *, alternative: str = "greater", alpha: float = 0.05) -> TermReading:
        """The indirect effect of one juncture, or of their total, in the outcome's unit.

        "greater" claims that the juncture raises the mediator and the mediator the outcome,
        "less" that the juncture raises the mediator and the mediator lowers the outcome.
        The statistic is the t nearer to zero.
        """
        first, second = self.paths(term, alternative=alternative, alpha=alpha)
        drawn = self._products(term, np.zeros(1))[0]
        return TermReading(
            estimate=first.estimate * second.estimate,
            std_error=float(drawn.std()),
            statistic=min(first.statistic, second.statistic, key=abs),
            p_value=max(first.p_value, second.p_value),
            p_maximised=max(first.p_maximised, second.p_maximised),
            p_shift=max(first.p_shift, second.p_shift),
            wide=_interval(drawn, alpha),
            narrow=_interval(drawn, 2 * alpha),
        )

    def p_below(self, term: str, bound: float, *, alternative: str = "greater") -> float:
        """p of "the indirect effect in the claimed direction is `bound` or more"."""
        self._check(term)
        sign = -1.0 if alternative == "less" else 1.0
        drawn = sign * self._products(term, np.zeros(1))[0]
        return float((1 + (drawn >= bound).sum()) / (1 + len(drawn)))

    def sensitivity(
        self, term: str, *, alpha: float = 0.05, correlations: FloatArray | None = None
    ) -> pd.DataFrame:
        """The indirect effect by correlation of the errors, with intervals at 1 - alpha.

        Args:
            term: A juncture or "total".
            alpha: Level.
            correlations: Between -1 and 1; -.9 to .9 in steps of .05 if None.

        Returns:
            Index correlation; estimate, conf_low and conf_high in the outcome's unit.
        """
        self._check(term)
        rho = np.arange(-18, 19) / 20 if correlations is None else correlations
        a = float(self.first.fit.estimates[0, self.terms.index(term)])
        b = float(self.second.fit.estimates[0, 0]) - self.sds.shift(rho)
        bounds = [_interval(drawn, alpha) for drawn in self._products(term, rho)]
        frame = pd.DataFrame(bounds, columns=["conf_low", "conf_high"])
        frame.insert(0, "estimate", a * b)
        return frame.set_axis(pd.Index(rho, name="correlation"))

    def found_by_confounding(
        self, *, alpha: float = 0.05, correlation: float = SHARED, series: int = NOTE_SERIES
    ) -> float:
        """Share of series without a second path in which one is found, errors correlated so.

        The mediator is held as observed, and its errors carry over to the outcome.
        """
        shift = float(self.sds.shift(np.array([correlation]))[0])
        rhos = (self.first.rho, self.second.rho)
        fits = simulate_paths(self.first, self.second, rhos, seed=self.shelf.seed, series=series)
        reach = fits.against("total", SIDES["greater"], alpha).second
        return reach.found(self.second.in_first_sd(shift))

    def key(self, question: Question, *, seed: int, series: int) -> str:
        """Everything `measure` depends on."""
        numbers = [question.alpha, question.strict_alpha]
        numbers += [question.smallest_effect, question.claimed_effect]
        words = [METHOD, question.term, question.alternative, str(seed), str(series)]
        for test in (self.first, self.second):
            numbers += [test.rho, test.kappa, *test.rho_interval, test.marginal_sd]
            numbers += [test.in_first_sd(1.0), *map(float, test.fit.estimates[0])]
            words.append(self.shelf.key(test.design.layout, test.design.contrasts))
        text = "|".join((*words, *(f"{number:.8g}" for number in numbers)))
        return key_of(text)

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Size, power and coverage of "both paths are found"; mediator and steps as observed.

        Size is the larger of two rates: with the first path as estimated and no second, and with
        the second as estimated and no first. An effect of x marginal sds is made of a first path
        of root x sds of the mediator and a second of root x sds of the outcome a sd of the
        mediator.
        """
        term, sides = question.term, SIDES[question.alternative]
        self._check(term)
        first, second = self.first, self.second
        a = first.in_first_sd(abs(float(first.fit.estimates[0, self.terms.index(term)])))
        b = second.in_first_sd(abs(float(second.fit.estimates[0, 0])))

        def fits(rhos: tuple[float, float]) -> PathFits:
            return simulate_paths(first, second, rhos, seed=seed, series=series)

        def size(at: PathFits) -> float:
            reach = at.against(term, sides, question.alpha)
            return max(reach.found(a, 0.0), reach.found(0.0, b))

        middle = fits((first.rho, second.rho))
        ends = tuple(zip(first.rho_interval, second.rho_interval, strict=True))
        reach = middle.against(term, sides, question.alpha)
        units = self.units
        smallest, claimed = (
            tuple((effect / self.marginal_sd) ** 0.5 * unit for unit in units)
            for effect in (question.smallest_effect, question.claimed_effect)
        )
        floor = question.smallest_effect / 2 * first.in_first_sd(1.0) * second.in_first_sd(1.0)
        rate = size(middle)
        return Measured(
            series=series,
            size=rate,
            size_mc_error=monte_carlo_error(rate, series),
            size_ends=(size(fits(ends[0])), size(fits(ends[1]))),
            coverage=middle.coverage(term, a, b, question.alpha),
            power=reach.found(*smallest),
            power_at_claim=reach.found(*claimed),
            power_rule=middle.against(term, sides, question.strict_alpha).found(
                *claimed, at_least=floor
            ),
            detectable=reach.detectable(*units) * self.marginal_sd,
            usual={},
        )

    @property
    def units(self) -> tuple[float, float]:
        """One sd of the mediator, and one sd of the outcome a sd of the mediator."""
        first, second = self.first, self.second
        of_mediator = first.marginal_sd
        return first.in_first_sd(of_mediator), second.in_first_sd(self.marginal_sd / of_mediator)

    def _products(self, term: str, rho: FloatArray) -> FloatArray:
        """Draws of a b by correlation of the errors, shape (r, B)."""
        contrast = self.terms.index(term)
        parts = []
        for test, at in ((self.first, contrast), (self.second, 0)):
            estimate, std_error = test.fit.estimates[0, at], test.fit.std_errors[0, at]
            parts.append(estimate - test.draws.statistics[:, at] * std_error)
        drawn_sd = self.second.draws.innovation_sd
        spread = self.second.typical_sd / drawn_sd  # the sd that the draw, read as data, stands for
        products: FloatArray = parts[0] * (parts[1] - self.sds.shift(rho)[:, None] * spread)
        return products

    def _check(self, term: str) -> None:
        if term not in self.terms:
            raise DesignError(
                f"{term} has no indirect effect; ask for one of {', '.join(self.terms)}."
            )


def calibrate_mediation(design: MediationDesign, shelf: LawShelf, *, draws: int) -> MediationTest:
    """Fit both paths and simulate their null laws.

    Args:
        design: From `mediation_design`.
        shelf: Null laws; its seed is the seed of all draws.
        draws: Null series behind each p-value.

    Raises:
        EstimationError: A path is fitted without error.
    """
    first = calibrate_steps(design.first, shelf, draws=draws)
    return MediationTest(first, calibrate_terms(design.second, shelf, draws=draws), shelf)


def _interval(drawn: FloatArray, share: float) -> tuple[float, float]:
    low, high = np.quantile(drawn, [share / 2, 1 - share / 2])
    return float(low), float(high)
