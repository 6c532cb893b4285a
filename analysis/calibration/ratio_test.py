"""Read steps in counts or shares as a verdict needs them.

p is that of the stabilised series, the effect that of quasi-likelihood. For counts the effect is
the log of the rate ratio. For shares it is the change of the share in the years from the first
onset of the term on, averaged over them: the mean of expit(x_t'b + d) less that of expit(x_t'b), b
as fitted and x without the term; it rises with d, so that intervals of d carry over. Error rates
are counted in events drawn anew with the latent process matched to the series (`latent`), at its
autocorrelation and at both ends of the interval of that of the stabilised series.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import expit

from analysis.calibration.keys import key_of
from analysis.calibration.latent import HIGHEST_RHO, Latent
from analysis.calibration.rates import RatesTest, margins_of
from analysis.calibration.reach import monte_carlo_error, reach_of_steps
from analysis.calibration.search import smallest_by_halving
from analysis.calibration.store import METHOD as LAW_METHOD
from analysis.calibration.store import layout_key
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.errors import DesignError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.glm import fit_glm
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
METHOD = "ratio-2"
LARGEST = 4.0  # log ratio; one beyond is not sought
HALVINGS = 8
SERIES = 4_000  # of events behind each rate


@dataclass(frozen=True, eq=False)
class RatioTest:
    """Steps in one series of counts or shares.

    Attributes:
        rates: Both fits and their laws.
        seed: Of all drawn events.
    """

    rates: RatesTest
    seed: int

    @property
    def terms(self) -> tuple[str, ...]:
        return self.rates.stabilised.terms

    @property
    def years(self) -> NDArray[np.int64]:
        return self.rates.stabilised.years

    @property
    def method(self) -> str:
        root = "root of y + 3/8" if self._counts else "arcsine of the root of the share"
        model = "quasi-Poisson" if self._counts else "quasi-binomial"
        return (
            f"p from the {root}: {self.rates.stabilised.method}; {self.rates.measured_in} and "
            f"interval from {model} regression, {len(self.rates.fitted.off):,} series drawn with a "
            "latent AR(1)"
        )

    @property
    def error_model(self) -> dict[str, object]:
        return {
            **self.rates.stabilised.error_model,
            "dispersion": self.rates.dispersion,
            "latent_sd": self.rates.latent_sd,
            "latent_rho": self.rates.latent_rho,
        }

    @property
    def marginal_sd(self) -> float:
        return float("nan")

    @property
    def smallest_sd(self) -> float:
        return float("nan")

    @property
    def smallest_p(self) -> float:
        return self.rates.stabilised.smallest_p

    @property
    def note(self) -> str:
        return self.rates.stabilised.note

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """p of the stabilised series, effect and intervals of quasi-likelihood.

        Raises:
            DesignError: The term is "joint".
        """
        self._refuse_joint(term)
        certain = self.rates.stabilised.read(term, alternative=alternative, alpha=alpha)
        at, fitted = self.terms.index(term), self.rates.fitted
        log_ratio = float(fitted.fit.estimates[0, at])
        error = float(fitted.fit.quasi_errors[0, at])
        effect = self._effects(term)

        def interval(share: float) -> tuple[float, float]:
            margin = float(margins_of(fitted.off, share)[at]) * error
            return effect(log_ratio - margin), effect(log_ratio + margin)

        return replace(
            certain,
            estimate=effect(log_ratio),
            std_error=error if self._counts else float("nan"),
            wide=interval(alpha),
            narrow=interval(2 * alpha),
        )

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        """p of an effect of `bound` or more in the claimed direction."""
        self._refuse_joint(term)
        at, fitted = self.terms.index(term), self.rates.fitted
        sign = -1.0 if alternative == "less" else 1.0
        asked = self._log_ratio(term, sign * bound)
        error = float(fitted.fit.quasi_errors[0, at])
        statistic = sign * (float(fitted.fit.estimates[0, at]) - asked) / error
        drawn = sign * fitted.off[:, at]
        return float((1 + (drawn <= statistic).sum()) / (1 + len(drawn)))

    def key(self, question: Question, *, seed: int, series: int) -> str:
        fitted = self.rates.fitted
        numbers = (
            *(fitted.latent.sd, fitted.latent.rho, *self.rates.stabilised.rho_interval),
            *(question.alpha, question.strict_alpha),
            *(question.smallest_effect, question.claimed_effect),
            *fitted.null,
            *fitted.events.size,
        )
        layout = layout_key(fitted.design.layout)
        law = f"{LAW_METHOD} {self.rates.stabilised.law.extent}"
        words = (METHOD, law, layout, fitted.events.family, question.term, question.alternative)
        text = "|".join((*words, str(self.seed), *(f"{number:.8g}" for number in numbers)))
        return key_of(text)

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Rates in events drawn anew, rho and kappa of the stabilised series estimated in each."""
        latent, ends = self.rates.fitted.latent, self.rates.stabilised.rho_interval
        found, strict = self._found(question, question.alpha), question.strict_alpha
        size = found(0.0, latent)
        low, high = (found(0.0, replace(latent, rho=_within(end))) for end in ends)
        sign = -1.0 if question.alternative == "less" else 1.0
        claimed = self._log_ratio(question.term, sign * question.claimed_effect)
        smallest = self._log_ratio(question.term, sign * question.smallest_effect)
        at = self.terms.index(question.term)
        row = self.rates.rows[at]
        return Measured(
            series=SERIES,
            size=size,
            size_mc_error=monte_carlo_error(size, SERIES),
            size_ends=(low, high),
            coverage=float("nan"),
            power=found(smallest, latent),
            power_at_claim=found(claimed, latent),
            power_rule=self._found(question, strict, at_least=abs(smallest) / 2)(claimed, latent),
            detectable=self._detectable(question, found, latent),
            usual={"quasi-likelihood": row.size_quasi, "plain": row.size_plain},
        )

    @property
    def _counts(self) -> bool:
        return self.rates.fitted.events.family == "poisson"

    def _refuse_joint(self, term: str) -> None:
        if term == "joint":
            raise DesignError(f"The joint F of {self.rates.name} has no ratio; ask for one step.")

    def _effects(self, term: str) -> Callable[[float], float]:
        """From log ratio to effect: itself for counts, change of the share for shares."""
        if self._counts:
            return lambda log_ratio: log_ratio
        after, rest = self._after(term)

        def change(log_ratio: float) -> float:
            return float((expit(rest + log_ratio) - expit(rest))[after].mean())

        return change

    def _after(self, term: str) -> tuple[NDArray[np.bool_], FloatArray]:
        """Years from the onset on, and the predictor without the term."""
        fitted = self.rates.fitted
        design = fitted.design
        names = list(design.onsets) if term == "total" else [term]
        after = self.years >= min(design.onsets[name] for name in names)
        rest = fitted.predictor.copy()
        for name in names:
            step = float(fitted.fit.estimates[0, self.terms.index(name)])
            rest = rest - step * (self.years >= design.onsets[name])
        return after, rest

    def _log_ratio(self, term: str, effect: float) -> float:
        """The log ratio that has this effect; at the limit where none has."""
        if self._counts:
            return effect
        change = self._effects(term)
        reach = 20.0
        if not change(-reach) < effect < change(reach):
            return float(np.sign(effect)) * reach
        return float(optimize.brentq(lambda d: change(d) - effect, -reach, reach, xtol=1e-10))

    def _shape(self, term: str) -> FloatArray:
        """A log ratio of one: at the onset, or spread evenly over the onsets for the total."""
        onsets = self.rates.fitted.design.onsets
        names = list(onsets) if term == "total" else [term]
        steps = np.stack([self.years >= onsets[name] for name in names])
        shape: FloatArray = steps.mean(axis=0)
        return shape

    def _found(
        self, question: Question, alpha: float, *, at_least: float = 0.0
    ) -> Callable[[float, Latent], float]:
        """Share of drawn series in which a step of a given log ratio is found at alpha."""
        fitted, test = self.rates.fitted, self.rates.stabilised
        design, at = fitted.design, self.terms.index(question.term)
        shape = self._shape(question.term)
        stream = f"ratio:{layout_key(design.layout)}"
        sign = -1.0 if question.alternative == "less" else 1.0

        def found(log_ratio: float, latent: Latent) -> float:
            with one_thread():
                drawn = fitted.events.draw(
                    fitted.null + log_ratio * shape,
                    latent,
                    seed=self.seed,
                    stream=stream,
                    series=SERIES,
                )
                stable = fitted.events.stabilise(drawn)
                fits = fit_ar1(stable, design.layout, design.contrasts, design.joint)
                reach = reach_of_steps(
                    fits, test.law, contrast=at, alternative=question.alternative, alpha=alpha
                )
                moved = np.abs(reach.statistics) if reach.two_sided else reach.statistics
                passed = moved >= reach.critical
                if at_least > 0:
                    events = fitted.events
                    ratios = fit_glm(
                        drawn, design.layout.regressors, design.contrasts, events.family,
                        events.size,
                    ).estimates[:, at]  # fmt: skip
                    large = np.abs(ratios) if reach.two_sided else sign * ratios
                    passed &= large >= at_least
            return float(passed.mean())

        return found

    def _detectable(
        self, question: Question, found: Callable[[float, Latent], float], latent: Latent
    ) -> float:
        """Effect found four times in five; nan if none is up to `LARGEST`."""
        sign = -1.0 if question.alternative == "less" else 1.0
        log_ratio = smallest_by_halving(
            lambda effect: found(sign * effect, latent), LARGEST, HALVINGS
        )
        return abs(self._effects(question.term)(sign * log_ratio))


def _within(rho: float) -> float:
    """Autocorrelation of a latent process, which is taken not to be negative."""
    return float(np.clip(rho, 0.0, HIGHEST_RHO))
