"""Test for a long-run relation by three bounds tests that must all reject.

F of both lagged levels, t of the outcome's own and t of the exposure's (F of it, if the claim is
two-sided), of the error-correction form in `analysis.design.bounds`, each against its own null law
simulated on this very design (`bounds_law`): the exposure is held as observed, so that there is one
law and no band between I(0) and I(1) in which nothing can be said. p is the largest of the three,
which rejects at alpha only where each does (Berger 1982, Technometrics 24, 295-300). F alone finds
a "relation" of any stationary outcome to anything.

The estimate is the long-run multiplier for one sd of the exposure; its interval holds every value m
with g + m f not told from zero by Student's t (Fieller 1954, J. R. Stat. Soc. B 16, 175-185), and
is unbounded where the outcome's return is not established: where the second test does not reject.

False positives at 5 % in 400 pairs of unrelated series of 31 years, orders 1 and 1, the three tests
two-sided (their standard error is .011)::

                      stationary          around a trend   random walk
    rho            .3     .6     .8            .6            1   1, drift
    no trend in the model
      F alone    .855   .332   .100          .125         .040    .028
      F and t    .840   .325   .090          .122         .028    .020
      all three  .055   .055   .020          .060         .022    .012
    linear trend
      F alone    .670   .225   .092          .220         .032    .060
      F and t    .652   .212   .090          .208         .025    .050
      all three  .030   .035   .025          .025         .010    .020

Power, one-sided with a trend, of long-run multipliers of .5, 1 and 2 sd of the gap (15 stationary
exposures with rho .6, 1,000 outcomes each; random walks give about the same): .38, .86 and 1.00
where 70 % of a gap close in a year, .12, .31 and .75 where 40 % do, .03, .06 and .16 where 20 % do.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.bounds_law import (
    FASTEST,
    RHO_NODES,
    SLOWEST,
    BoundsLaw,
    Motion,
    Seen,
    draw_outcomes,
    fit_motion,
    look_at,
    simulate_bounds_law,
)
from analysis.calibration.keys import key_of
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.search import LARGEST_SEARCHED, smallest_found
from analysis.calibration.steps import BERGER_BOOS, shifted_p
from analysis.calibration.store import LawShelf
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.design.bounds import BoundsDesign
from analysis.errors import EstimationError, UsageError
from analysis.kernel.bounds import ASYMPTOTIC_F, BoundsFits, fit_bounds_of_pairs, simulate_bounds
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
LONG_RUN = "long_run"
LARGEST_RHO = 0.98  # for the unit "sd", which has no end at a random walk
EXACT = 1e-10
UNBOUNDED = (float("-inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class ThreeTests:
    """The statistics of the three tests and what they are held against.

    Attributes:
        f: F of both levels.
        t_own: t of the outcome's own level.
        t_level: t of the exposure's level.
        p_values: Of each, on this design.
        f_bounds: Simulated 5 % bounds of F in series of this length, I(0) and I(1).
        t_bounds: The same for the t of the outcome's own level.
    """

    f: float
    t_own: float
    t_level: float
    p_values: tuple[float, float, float]
    f_bounds: tuple[float, float]
    t_bounds: tuple[float, float]


@dataclass(frozen=True, eq=False)
class BoundsTest:
    """A long-run relation tested on one design.

    Attributes:
        design: Outcome, exposure and orders.
        seen: The fit, one row.
        law: Null laws.
        seed: Of all draws.
    """

    design: BoundsDesign
    seen: Seen
    law: BoundsLaw
    seed: int

    @property
    def terms(self) -> tuple[str, ...]:
        return (LONG_RUN,)

    @property
    def years(self) -> NDArray[np.int64]:
        """Years explained; those before serve as lags."""
        return self.design.years[self.design.rows]

    @property
    def method(self) -> str:
        p, q = self.design.order
        trend = "no trend" if self.design.trend == "none" else "linear trend"
        return (
            f"error-correction form of the ARDL({p}, {q}), {trend}; largest p of F of both lagged "
            f"levels, t of the outcome's and t of the exposure's, each from {len(self.law.f):,} "
            "simulated series of this design; long-run multiplier for one sd of the exposure "
            "around its trend, interval by Fieller"
        )

    @property
    def error_model(self) -> dict[str, object]:
        """The rho of the outcome alone, 1 + f with g = 0, and the sd of the exposure."""
        low, high = self.rho_interval
        return {
            "kind": "error-correction",
            "rho": self.rho,
            "rho_interval": [low, high],
            "kappa": 1.0,
            "exposure_sd": self.design.exposure_sd,
        }

    @property
    def rho(self) -> float:
        """Median-unbiased 1 + f of the outcome without the exposure's level."""
        return float(self.law.unbias(self.seen.rho)[0])

    @property
    def rho_interval(self) -> tuple[float, float]:
        return self.law.interval(float(self.seen.rho[0]))

    @property
    def marginal_sd(self) -> float:
        """Sd of the gap between the outcome and its long-run level, at the fitted speed."""
        rho = float(np.clip(1 + self.fits.speed[0], 0.0, LARGEST_RHO))
        return self.shock_sd / float(np.sqrt(1 - rho * rho))

    @property
    def smallest_sd(self) -> float:
        """The same if the gap closed within the year."""
        return self.shock_sd

    @property
    def smallest_p(self) -> float:
        return 1 / (1 + len(self.law.f))

    @property
    def note(self) -> str:
        """What the estimate is for, and whether the outcome returns at all."""
        sd = self.design.exposure_sd
        unit = f"The estimate is for one sd of the exposure around its trend, {sd:.3g}."
        if self.fits.speed[0] < 0:
            return unit
        return (
            f"{unit} The outcome does not return to any level, so that there is none to estimate."
        )

    @property
    def fits(self) -> BoundsFits:
        return self.seen.fits

    @property
    def shock_sd(self) -> float:
        return float(self.fits.residual_sd[0])

    def three_tests(self, alternative: str = "two-sided") -> ThreeTests:
        """The three tests one by one."""
        p = [float(each[0]) for each in self.law.p_values(self.seen, alternative)]
        n, series = len(self.design.rows), len(self.law.f)
        normals = standard_normals(self.seed, "bounds", 0, series, 2 * (n + 1))
        f_bounds, t_bounds = simulate_bounds(normals.reshape(series, n + 1, 2), self.design.trend)
        fits = self.fits
        return ThreeTests(
            f=float(fits.f[0]),
            t_own=float(fits.t_own[0]),
            t_level=float(fits.t_level[0]),
            p_values=(p[0], p[1], p[2]),
            f_bounds=f_bounds,
            t_bounds=t_bounds,
        )

    def read(
        self, term: str, *, alternative: str = "two-sided", alpha: float = 0.05
    ) -> TermReading:
        """The long-run multiplier; the statistic is F of both levels."""
        _require(term)
        f, own, level = (float(each[0]) for each in self.law.p_values(self.seen, alternative))
        return TermReading(
            estimate=float(self.fits.multiplier[0]),
            std_error=float(self.fits.multiplier_error[0]),
            statistic=float(self.fits.f[0]),
            p_value=max(f, own, level),
            p_maximised=min(1.0, max(f, own, self._worst_level(alternative) + BERGER_BOOS)),
            p_shift=max(f, own, self._shift_p(alternative)),
            wide=_fieller(self.fits, alpha) if own <= alpha else UNBOUNDED,
            narrow=_fieller(self.fits, 2 * alpha) if own <= 2 * alpha else UNBOUNDED,
        )

    def p_below(self, term: str, bound: float, *, alternative: str = "greater") -> float:
        """p of "the multiplier in the claimed direction is `bound` or more".

        1 for two-sided claims; never below the p of the outcome's own return, without which there
        is no multiplier.
        """
        _require(term)
        if alternative == "two-sided":
            return 1.0
        sign = -1.0 if alternative == "less" else 1.0
        t = sign * float(self.fits.distance(sign * bound)[0])
        _, own, _ = self.law.p_values(self.seen, alternative)
        return max(float(stats.t.cdf(t, self.fits.df)), float(own[0]))

    def key(self, question: Question, *, seed: int, series: int) -> str:
        """What `measure` depends on, as one digest."""
        design, (null, related) = self.design, self._motions
        numbers = (
            *(question.alpha, question.strict_alpha, self.rho, *self.rho_interval),
            *(question.smallest_effect / self.shock_sd, question.claimed_effect / self.shock_sd),
            *(self.shock_sd, self._speed, len(self.law.f), self.seed),
            *np.concatenate([null.drive, null.earlier, related.drive, related.earlier]),
            *np.column_stack([design.level, design.others]).ravel(),
            *(*design.order, *design.years),
        )
        words = ("bounds-1", question.term, question.alternative, str(seed), str(series))
        text = "|".join((*words, *(f"{number + 0.0:.8g}" for number in numbers)))
        return key_of(text)

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Size, power and coverage of the three tests together, the exposure held as observed.

        `size` is counted where the outcome returns to its own level at the estimated rho,
        `size_ends` at the lower end of the interval of rho and in random walks. Power is that at
        the fitted speed of return, with the fitted short run. `usual` holds the false-positive
        rates, at the estimated rho, of F beyond the asymptotic upper bound and of F beyond the
        simulated one together with t.
        """
        _require(question.term)
        ask, sd = question.alternative, self.shock_sd
        sign = -1.0 if ask == "less" else 1.0
        null, related = self._motions

        def draw(motion: Motion, speed: float, effect: float) -> Seen:
            outcomes = draw_outcomes(
                self.design, motion, speed=speed, multiplier=effect,
                seed=seed, stream="bounds:reach", series=series,
            )  # fmt: skip
            return look_at(outcomes, self.design)

        def found(effect: float, alpha: float = question.alpha) -> float:
            seen = draw(related, self._speed, sign * effect / sd)
            return float((self._largest_p(seen, ask) <= alpha).mean())

        middle = draw(null, self.rho - 1, 0.0)
        ends = [draw(null, rho - 1, 0.0) for rho in (self.rho_interval[0], float(RHO_NODES[-1]))]
        size, low, high = (
            float((self._largest_p(seen, ask) <= question.alpha).mean()) for seen in (middle, *ends)
        )
        claimed = draw(related, self._speed, sign * question.claimed_effect / sd)
        large = sign * claimed.fits.multiplier >= question.smallest_effect / sd / 2
        passed = (self._largest_p(claimed, ask) <= question.strict_alpha) & large
        distance = claimed.fits.distance(sign * question.claimed_effect / sd)
        reached = stats.t.isf(question.alpha / 2, self.fits.df)
        unknown = self.law.p_values(claimed, ask)[1] > question.alpha
        return Measured(
            series=series,
            size=size,
            size_mc_error=monte_carlo_error(size, series),
            size_ends=(low, high),
            coverage=float(((np.abs(distance) <= reached) | unknown).mean()),
            power=found(question.smallest_effect),
            power_at_claim=found(question.claimed_effect),
            power_rule=float(passed.mean()),
            detectable=smallest_found(found, LARGEST_SEARCHED * self.marginal_sd),
            usual=self._usual(middle, ask),
        )

    @cached_property
    def _motions(self) -> tuple[Motion, Motion]:
        """The short run without and with a long-run relation."""
        return fit_motion(self.design, with_level=False), fit_motion(self.design, with_level=True)

    @property
    def _speed(self) -> float:
        return float(np.clip(self.fits.speed[0], FASTEST, SLOWEST))

    def _largest_p(self, seen: Seen, alternative: str) -> FloatArray:
        largest: FloatArray = np.maximum.reduce(self.law.p_values(seen, alternative))
        return largest

    def _worst_level(self, alternative: str) -> float:
        low, high = self.rho_interval
        nodes = [low, *(node for node in RHO_NODES.tolist() if low < node < high), high]
        return max(
            float(self.law.p_values(self.seen, alternative, np.array([rho]))[2][0]) for rho in nodes
        )

    def _shift_p(self, alternative: str) -> float:
        """Share of circular shifts of the exposure, the identity among them, that do as well."""
        statistic = float(self.fits.t_level[0])
        return shifted_p(statistic, _shifted_t(self.design), alternative)

    def _usual(self, seen: Seen, alternative: str) -> dict[str, float]:
        tests, fits = self.three_tests(alternative), seen.fits
        upper = fits.f >= ASYMPTOTIC_F[self.design.trend][1]
        both = (fits.f >= tests.f_bounds[1]) & (fits.t_own <= tests.t_bounds[1])
        return {"f_asymptotic": float(upper.mean()), "f_and_t": float(both.mean())}


def calibrate_bounds(design: BoundsDesign, shelf: LawShelf, *, draws: int) -> BoundsTest:
    """Fit the error-correction form and simulate the null laws of its tests.

    Args:
        design: From `bounds_design`.
        shelf: Its seed is the seed of all draws.
        draws: Null series of each law.

    Raises:
        EstimationError: The outcome is fitted without error.
    """
    row = design.outcome.to_numpy(dtype=float)[None, :]
    seen = look_at(row, design)
    if not seen.fits.residual_sd[0] > EXACT * max(1.0, float(np.abs(row).max())):
        raise EstimationError(
            f"{design.name} is fitted without error; there is nothing to compare a relation with."
        )
    law = simulate_bounds_law(
        design,
        fit_motion(design, with_level=False),
        seed=shelf.seed,
        stream="bounds:law",
        series=draws,
    )
    return BoundsTest(design, seen, law, shelf.seed)


def _fieller(fits: BoundsFits, alpha: float) -> tuple[float, float]:
    """Multipliers not rejected at alpha; unbounded if t does not tell the speed from zero."""
    q = float(stats.t.isf(alpha / 2, fits.df)) ** 2
    f, g = float(fits.speed[0]), float(fits.pull[0])
    spread = fits.covariance[0]
    square = f * f - q * spread[0, 0]
    if square <= 0:
        return UNBOUNDED
    middle = -(f * g - q * spread[0, 1]) / square
    width = np.sqrt(max(0.0, middle**2 - (g * g - q * spread[1, 1]) / square))
    return float(middle - width), float(middle + width)


def _shifted_t(design: BoundsDesign) -> FloatArray:
    """t of the exposure's level after each circular shift of the exposure around its trend."""
    x = design.exposure.to_numpy(dtype=float)
    if design.trend == "linear":
        time = np.column_stack([np.ones(len(x)), np.arange(len(x)) - len(x) / 2])
        q, _ = np.linalg.qr(time)
        x = x - q @ (q.T @ x)
    shifts = np.stack([np.roll(x, by) for by in range(len(x))])
    rows, lags = design.rows, design.order[1]
    own = design.own(np.repeat(design.outcome.to_numpy(dtype=float)[None, :], len(x), axis=0))
    moved = [shifts[:, rows - 1]]
    moved += [shifts[:, rows - j] - shifts[:, rows - j - 1] for j in range(lags)]
    kept = 1 if design.trend == "none" else 2
    others = np.delete(design.others, np.arange(kept, kept + lags), axis=1)
    changes = np.repeat(design.changes(design.outcome.to_numpy(dtype=float)[None, :]), len(x), 0)
    return fit_bounds_of_pairs(changes, own, np.stack(moved, axis=2), others).t_level


def _require(term: str) -> None:
    if term != LONG_RUN:
        raise UsageError(f'There is no term "{term}" here; there is {LONG_RUN}.')
