"""How much of an effect a rival explanation takes away, and whether chance would take as much.

The effect is estimated without and with the rival's variables on the same years; what is lost is
1 - with / without. The statistic is the fall of the estimate over the innovation sd of the fit
without them. Its law where the rivals explain nothing of the outcome is simulated: series with the
effect as estimated and AR(1) errors at the median-unbiased (rho, kappa), both models refitted in
each. So p asks whether variables as persistent and as alike to the steps as these would take as
much away by chance (omitted-variable comparison: Clogg, Petkova & Haritou 1995, Am. J. Sociology
100, 1261-1293, doi:10.1086/230638, whose standard error assumes independent errors).

The effect itself is estimated, too, so what is said of the share inverts tests of "a share w is
lost": fall less w times the estimate without the rivals, over the same sd, among the same errors of
simulated series (Fieller 1954, J. R. Stat. Soc. B 16, 175-185).

An effect that is not there cannot be explained away, so one with p above .10 is refused. What is
found in this way is larger than it is where it is weak, and the share lost looks smaller. So the
share is judged among those simulated series alone in which the effect would have been found, too;
their p depends on how large the effect truly is, and the largest counts over all effects from the
smallest that is likely, none at the least, to one that is found in any case (after Fithian, Sun &
Taylor 2014, arXiv:1410.2597, for inference after selection; Berger & Boos 1994, J. Am. Stat. Assoc.
89, 1012-1016, for the range, whose cost holds before selection).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.keys import key_of
from analysis.calibration.law import simulate_errors
from analysis.calibration.reach import POWER_WANTED, monte_carlo_error
from analysis.calibration.steps import BERGER_BOOS, StepsTest
from analysis.calibration.store import LawShelf, layout_key
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.design.steps import StepsDesign
from analysis.errors import DesignError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
METHOD = "absorbed-3"
TERM = "lost"
HALF = 0.5  # share of the effect that a rival is said to take away
THERE = 0.10  # p from which on there is no effect to explain
SHARES = np.linspace(-5, 5, 1_001)  # lost, at which the ends of an interval are sought
LIKELY = 0.999  # how surely the true effect is no smaller than the smallest that is considered
EFFECTS = 6  # true effects among which the least favourable is sought


@dataclass(frozen=True, eq=False)
class _Law:
    """Simulated series with the effect as estimated, in which the rivals explain nothing.

    Attributes:
        fall: The statistic, shape (m,).
        off: By how much the estimate without the rivals is off, over its sd, shape (m,).
        weights: By true effect, the largest last, of each series: even where the effect would be
            found, shape (e, m).
    """

    fall: FloatArray
    off: FloatArray
    weights: FloatArray


@dataclass(frozen=True, eq=False)
class AbsorbedTest:
    """One effect without and with rival variables.

    Attributes:
        without: The calibrated effect.
        wider: The same series and steps with the rivals as controls.
        effect: The term.
        alternative: Direction of the effect.
        shelf: Seed of all draws.
        draws: Simulated series.
    """

    without: StepsTest
    wider: StepsDesign
    effect: str
    alternative: str
    shelf: LawShelf
    draws: int

    @property
    def terms(self) -> tuple[str, ...]:
        return (TERM,)

    @property
    def years(self) -> NDArray[np.int64]:
        return self.without.years

    @property
    def method(self) -> str:
        rivals = ", ".join(map(str, self.wider.controls.columns))
        return (
            f"share of the effect of {self.effect} lost when {rivals} enter; p from {self.draws:,} "
            f"simulated series in which they explain nothing; {self.without.method}"
        )

    @property
    def error_model(self) -> Mapping[str, object]:
        return {
            **self.without.error_model,
            "effect_without": self._both[0],
            "effect_with": self._both[1],
        }

    @property
    def marginal_sd(self) -> float:
        return 1.0

    @property
    def smallest_sd(self) -> float:
        return 1.0

    @property
    def smallest_p(self) -> float:
        return 1 / (1 + self.draws)

    @property
    def note(self) -> str:
        return self.without.note

    def read(self, term: str, *, alternative: str, alpha: float) -> TermReading:
        """Share lost, p of as large a fall by chance, and intervals of the share."""
        p = self._p(self._simulated)
        ends = (self._p(self._draw(rho, "absorbed:ends")) for rho in self.without.rho_interval)
        return TermReading(
            estimate=self.lost,
            std_error=float(self._simulated.std() * self._per_share),
            statistic=self._observed,
            p_value=p,
            p_maximised=min(1.0, max(p, *ends) + BERGER_BOOS),
            p_shift=p,
            wide=self._interval(alpha),
            narrow=self._interval(2 * alpha),
        )

    @property
    def lost(self) -> float:
        """1 - effect with over effect without the rivals."""
        before, after = self._both
        return 1 - after / before

    def p_below(self, term: str, bound: float, *, alternative: str) -> float:
        """p of "a share of `bound` or more is lost", at the least favourable true effect."""
        drawn, seen = self._less(bound)
        return float(self._largest_share(drawn <= seen))

    def key(self, question: Question, *, seed: int, series: int) -> str:
        numbers = (
            *(self.without.rho, self.without.kappa, *self.without.rho_interval),
            *(self._per_share, question.alpha, question.strict_alpha),
        )
        layouts = (layout_key(self.without.design.layout), layout_key(self.wider.layout))
        words = (METHOD, *layouts, self.effect, self.alternative, str(self.draws), str(seed))
        text = "|".join((*words, *(f"{number:.8g}" for number in numbers)))
        return key_of(text)

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Rates against the critical value at the estimated rho, also at the ends of its interval.

        The claimed size is that half of the effect is lost.
        """
        ends = [self._draw(rho, "absorbed:ends") for rho in self.without.rho_interval]
        fresh = self._draw(self.without.rho, "absorbed:rates")

        def found(drawn: FloatArray, share: float, alpha: float = question.alpha) -> float:
            critical = np.quantile(self._simulated, 1 - alpha)
            return float((drawn + share / self._per_share >= critical).mean())

        size = found(fresh, 0.0)
        shares = np.linspace(0, 3, 301)
        enough = [share for share in shares if found(fresh, share) >= POWER_WANTED]
        return Measured(
            series=self.draws,
            size=size,
            size_mc_error=monte_carlo_error(size, self.draws),
            size_ends=(found(ends[0], 0.0), found(ends[1], 0.0)),
            coverage=float("nan"),
            power=found(fresh, HALF),
            power_at_claim=found(fresh, HALF),
            power_rule=found(fresh, HALF, question.strict_alpha),
            detectable=float(enough[0]) if enough else float("nan"),
            usual={},
        )

    @property
    def _sign(self) -> float:
        return -1.0 if self.alternative == "less" else 1.0

    @cached_property
    def _both(self) -> tuple[float, float]:
        values = self.without.design.series.to_numpy(dtype=float)[None, :]
        before, after, *_ = self._estimates(values)
        return float(before[0]), float(after[0])

    @cached_property
    def _observed(self) -> float:
        values = self.without.design.series.to_numpy(dtype=float)[None, :]
        return float(self._fall(values)[0])

    @property
    def _per_share(self) -> float:
        """Share of the effect that one unit of the statistic is."""
        return float(self.without.fit.innovation_sd[0]) / abs(self._both[0])

    @property
    def _simulated(self) -> FloatArray:
        return self._law.fall

    @cached_property
    def _law(self) -> "_Law":
        before, after, std_error, sd = self._estimates(
            self._series(self.without.rho, "absorbed:law")
        )
        off = self._sign * (before - self._both[0])
        t_none = off / std_error
        estimated = abs(self._both[0])
        smallest = max(0.0, estimated - float(np.quantile(off, LIKELY)))
        t_all = t_none + np.linspace(smallest, estimated, EFFECTS)[:, None] / std_error
        found = t_all >= np.quantile(t_none, 1 - THERE)
        found = np.concatenate([found, np.ones_like(found[:1])])  # an effect found in any case
        return _Law(
            self._sign * (before - after) / sd, off / sd, found / found.sum(axis=1)[:, None]
        )

    def _less(self, share: float) -> tuple[FloatArray, float]:
        """Fall less a share of the effect, over the sd: in simulated series and in the data."""
        drawn = self._law.fall - share * self._law.off
        return drawn, self._observed - share / self._per_share

    def _largest_share(self, reached: NDArray[np.bool_]) -> float:
        """Largest p over true effects; the data count as one of the series."""
        shares = self._law.weights @ reached
        p = (1 + shares.max() * self.draws) / (1 + self.draws)
        return min(1.0, float(p) + 1 - LIKELY)

    def _p(self, drawn: FloatArray) -> float:
        return float((1 + (drawn >= self._observed).sum()) / (1 + self.draws))

    def _draw(self, rho: float, stream: str) -> FloatArray:
        """The statistic in series with the effect in which the rivals explain nothing."""
        return self._fall(self._series(rho, stream))

    def _series(self, rho: float, stream: str) -> FloatArray:
        test = self.without
        errors = simulate_errors(
            test.design.layout,
            rho=rho,
            kappa=test.kappa,
            seed=self.shelf.seed,
            stream=f"{stream}:{layout_key(self.wider.layout)}",
            series=self.draws,
        )
        drawn: FloatArray = test.fitted + test.from_first_sd(1.0) * errors
        return drawn

    def _fall(self, series: FloatArray) -> FloatArray:
        before, after, _, sd = self._estimates(series)
        fall: FloatArray = self._sign * (before - after) / sd
        return fall

    def _estimates(
        self, series: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Effect without and with the rivals, and without them its standard error and the sd."""
        at = self.without.terms.index(self.effect)
        with one_thread():
            before = fit_ar1(series, self.without.design.layout, self.without.design.contrasts)
            after = fit_ar1(series, self.wider.layout, self.wider.contrasts)
        errors = before.std_errors[:, at]
        return before.estimates[:, at], after.estimates[:, at], errors, before.innovation_sd

    def _interval(self, alpha: float) -> tuple[float, float]:
        """Shares not rejected, half of alpha on each side; nan where no end is reached."""
        kept = []
        for share in SHARES:
            drawn, seen = self._less(float(share))
            sides = (self._largest_share(each) for each in (drawn <= seen, drawn >= seen))
            if min(sides) > alpha / 2:
                kept.append(float(share))
        low = float("nan") if not kept or kept[0] == SHARES[0] else kept[0]
        high = float("nan") if not kept or kept[-1] == SHARES[-1] else kept[-1]
        return low, high


def calibrate_absorbed(
    without: StepsTest,
    wider: StepsDesign,
    *,
    effect: str,
    alternative: str,
    shelf: LawShelf,
    draws: int,
) -> AbsorbedTest:
    """Hold an effect without rivals against the one with them, on the same years.

    Args:
        without: The calibrated effect on the years on which the rivals are known.
        wider: The same with the rivals among the controls.
        effect: A term of both.
        alternative: Direction claimed of the effect: "greater" or "less".
        shelf: Its seed is the seed of all draws.
        draws: Simulated series.

    Raises:
        DesignError: The effect is not there, so that nothing can take it away, or it has no
            direction.
    """
    if alternative not in ("greater", "less"):
        raise DesignError(f"What is lost of {effect} is asked of an effect with a direction.")
    found = without.read(effect, alternative=alternative, alpha=0.05)
    sign = -1.0 if alternative == "less" else 1.0
    if found.p_value > THERE or sign * found.estimate <= 0:
        raise DesignError(
            f"The effect of {effect} on {without.design.name} is not found in the first place (p "
            f"{found.p_value:.3f}, above {THERE:g}), so that nothing can take it away."
        )
    return AbsorbedTest(without, wider, effect, alternative, shelf, draws)
