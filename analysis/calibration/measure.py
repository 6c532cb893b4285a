"""Measure size, power and detectable effect of one term's test on the study's own design.

Size is counted in series simulated at the median-unbiased (rho, kappa) and at both ends of the
interval of rho, with rho and kappa estimated anew in each. The tests that people use today are
counted in the same series.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.keys import key_of
from analysis.calibration.law import simulate_errors
from analysis.calibration.reach import Reach, joint_found, monte_carlo_error, reach_of_steps
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import LawShelf, layout_key
from analysis.calibration.tested import Measured, Question, SelfMeasuring
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.forks import side_by_side
from analysis.kernel.threads import one_thread
from analysis.kernel.usual import critical_t, newey_west_statistics, ols_statistics
from analysis.records.files import format_json

FloatArray = NDArray[np.float64]
KEPT_EVERY = 10
Asked = tuple[StepsTest | SelfMeasuring, Question]


@dataclass(frozen=True, eq=False)
class Gauge:
    """Measures tests, each once, and remembers what it measured.

    Attributes:
        shelf: Null laws and seed.
        series: Series simulated at each (rho, kappa).
        known: Earlier measurements by key, taken over where the key is the same.
        keep: Called with everything measured so far, now and then, so that a run that is killed
            need not measure it again.
    """

    shelf: LawShelf
    series: int = 20_000
    known: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    keep: Callable[[Mapping[str, Mapping[str, object]]], None] | None = None
    _used: dict[str, Measured] = field(default_factory=dict)
    _drawn: dict[tuple[str, float, float], "_Drawn"] = field(default_factory=dict)

    def measure(self, test: StepsTest | SelfMeasuring, question: Question) -> Measured:
        """Operating characteristics for this question, from memory where the key is known."""
        key = self.key(test, question)
        if key not in self._used:
            self._take(key, self.known.get(key) or self._measure(test, question).to_dict())
        return self._used[key]

    def _take(self, key: str, measured: Mapping[str, object]) -> None:
        # As it reads when it has been stored, so that a first and a second run agree.
        self._used[key] = Measured.from_dict(json.loads(format_json(measured)))
        if self.keep and key not in self.known and len(self._used) % KEPT_EVERY == 0:
            self.keep(self.used)

    def measure_all(
        self, asked: Mapping[str, Asked], *, jobs: int = 1
    ) -> Iterator[tuple[str, Measured]]:
        """Measure many questions side by side, and give each with its name as it is done."""
        names: dict[str, list[str]] = {}
        for name, each in asked.items():
            names.setdefault(self.key(*each), []).append(name)
        waiting = [key for key in names if key not in self._used and key not in self.known]
        inner = self.aside()
        fresh = side_by_side(lambda key: inner.measure(*asked[names[key][0]]), waiting, jobs=jobs)
        for key in [key for key in names if key not in waiting]:
            yield from ((name, self.measure(*asked[name])) for name in names[key])
        for key, measured in zip(waiting, fresh, strict=True):
            self._take(key, measured.to_dict())
            yield from ((name, self._used[key]) for name in names[key])

    def aside(self) -> "Gauge":
        """A gauge that shares what was drawn, and whose measurements are not kept."""
        return replace(self, keep=None, _used={})

    @property
    def used(self) -> dict[str, dict[str, object]]:
        """Everything asked for so far, by key, as it is stored."""
        return {key: self._used[key].to_dict() for key in sorted(self._used)}

    def key(self, test: StepsTest | SelfMeasuring, question: Question) -> str:
        """What the measurement depends on, as one digest."""
        if not isinstance(test, StepsTest):
            return test.key(question, seed=self.shelf.seed, series=self.series)
        numbers = (
            *(test.rho, test.kappa, *test.rho_interval),
            test.in_first_sd(question.smallest_effect),
            test.in_first_sd(question.claimed_effect),
            test.in_first_sd(1.0),
            *(question.alpha, question.strict_alpha),
        )
        law = self.shelf.key(test.design.layout, test.design.contrasts)
        words = (law, question.term, question.alternative, str(self.series))
        text = "|".join((*words, *(f"{number:.8g}" for number in numbers)))
        return key_of(text)

    def _measure(self, test: StepsTest | SelfMeasuring, question: Question) -> Measured:
        if not isinstance(test, StepsTest):
            return test.measure(question, seed=self.shelf.seed, series=self.series)
        rates = _joint_rates if question.term == "joint" else _step_rates
        middle = self._draw(test, test.rho)
        low, high = (self._draw(test, rho) for rho in test.rho_interval)
        found = rates(test, question, middle)
        return Measured(
            series=self.series,
            size=found.size,
            size_mc_error=monte_carlo_error(found.size, self.series),
            size_ends=(
                rates(test, question, low).size,
                rates(test, question, high).size,
            ),
            coverage=found.coverage,
            power=found.power,
            power_at_claim=found.power_at_claim,
            power_rule=found.power_rule,
            detectable=test.from_first_sd(found.detectable),
            usual=_usual_sizes(test, question, middle.errors),
        )

    def _draw(self, test: StepsTest, rho: float) -> "_Drawn":
        layout = test.design.layout
        key = (self.shelf.key(layout, test.design.contrasts), rho, test.kappa)
        if key not in self._drawn:
            errors = simulate_errors(
                layout,
                rho=rho,
                kappa=test.kappa,
                seed=self.shelf.seed,
                stream=f"reach:{layout_key(layout)}",
                series=self.series,
            )
            self._drawn[key] = _Drawn(errors, _fit(errors, test))
        return self._drawn[key]


@dataclass(frozen=True, eq=False)
class _Drawn:
    errors: FloatArray
    fits: Fits


@dataclass(frozen=True, slots=True)
class _Rates:
    size: float
    coverage: float
    power: float
    power_at_claim: float
    power_rule: float
    detectable: float  # in units of the innovation sd before the onset


def _step_rates(test: StepsTest, question: Question, drawn: _Drawn) -> _Rates:
    contrast = test.design.terms.index(question.term)

    def reach(alternative: str, alpha: float) -> Reach:
        return reach_of_steps(
            drawn.fits, test.law, contrast=contrast, alternative=alternative, alpha=alpha
        )

    here = reach(question.alternative, question.alpha)
    smallest = test.in_first_sd(question.smallest_effect)
    claimed = test.in_first_sd(question.claimed_effect)
    return _Rates(
        size=here.found(),
        coverage=1 - reach("two-sided", question.alpha).found(),
        power=here.found(smallest),
        power_at_claim=here.found(claimed),
        power_rule=reach(question.alternative, question.strict_alpha).found(
            claimed, at_least=smallest / 2
        ),
        detectable=here.detectable(),
    )


def _joint_rates(test: StepsTest, question: Question, drawn: _Drawn) -> _Rates:
    """Rates of the joint F; an effect here is a step of that size at every juncture."""
    layout, joint = test.design.layout, test.design.joint
    shape = layout.regressors @ joint.sum(axis=0)

    def found(effect: float, alpha: float = question.alpha) -> float:
        fits = _fit(drawn.errors + test.in_first_sd(effect) * shape, test)
        return joint_found(fits, test.law, alpha)

    return _Rates(
        size=joint_found(drawn.fits, test.law, question.alpha),
        coverage=float("nan"),
        power=found(question.smallest_effect),
        power_at_claim=found(question.claimed_effect),
        power_rule=found(question.claimed_effect, question.strict_alpha),
        detectable=float("nan"),
    )


def _fit(series: FloatArray, test: StepsTest) -> Fits:
    with one_thread():
        return fit_ar1(series, test.design.layout, test.design.contrasts, test.design.joint)


def _usual_sizes(test: StepsTest, question: Question, errors: FloatArray) -> dict[str, float]:
    """Share of null series in which OLS and Newey-West find the term at alpha."""
    if question.term == "joint":
        return {}
    x = test.design.regressors.to_numpy()
    row = test.design.contrasts[[test.design.terms.index(question.term)]]
    two_sided = question.alternative == "two-sided"
    share = question.alpha / 2 if two_sided else question.alpha
    bound = critical_t(len(x), x.shape[1], share)
    sign = -1.0 if question.alternative == "less" else 1.0
    sizes = {}
    for name, statistics in (("ols", ols_statistics), ("newey_west", newey_west_statistics)):
        with one_thread():
            t = sign * statistics(errors, x, row)[:, 0]
        sizes[name] = float(((np.abs(t) if two_sided else t) >= bound).mean())
    return sizes
