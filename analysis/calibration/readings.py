"""Read one test of a study in many outcomes at once, simulated or altered.

The p-values are those that a verdict reads, taken from the tabulated null law at the rho and kappa
estimated anew in each outcome instead of from draws made for each. Exposures, controls and
mediators are held as observed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.break_date_test import ExpectedDateTest
from analysis.calibration.break_law import scan_series, towards
from analysis.calibration.companions import both_agree
from analysis.calibration.date_set import exact_p, rank_date_set
from analysis.calibration.date_set_test import DateSetTest
from analysis.calibration.gap import GapTest
from analysis.calibration.guard import HIGH_RHO, maximised_p_values
from analysis.calibration.kink_test import KinkTest
from analysis.calibration.mediation import SIDES, MediationTest
from analysis.calibration.nonnested import NOT_REJECTED, NonnestedTest
from analysis.calibration.null_law import NullLaw, Place
from analysis.calibration.order import Contest
from analysis.calibration.order_test import OrderTest
from analysis.calibration.ratio_test import RatioTest
from analysis.calibration.relation import RelationTest
from analysis.calibration.steps import BERGER_BOOS, MAXIMISED_OVER, StepsTest
from analysis.calibration.tested import SelfMeasuring
from analysis.design.relation import REVERSE
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.glm import fit_glm
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Rows = NDArray[np.intp]
TINY = 1e-9  # effect, right in sign only, where p is too large for its size to matter
ASKED = 0.05  # p above it is not maximised: what follows could only be larger


@dataclass(frozen=True, eq=False)
class Readings:
    """What one test reads in m outcomes.

    Attributes:
        p_values: For the alternative asked, shape (m,).
        estimates: With their sign; nan where the design gives none, shape (m,).
        marginal_sd: One "sd", shape (m,).
        narrow: Interval at 1 - 2 alpha, shape (2, m).
        beyond: Whether the interval at 1 - alpha lies wholly against the claim, shape (m,).
        smallest_sd: Of some outcomes, the smallest sd that their interval of rho allows.
        maximised: Of some outcomes, the largest p over the interval of rho.
        p_below: p of an effect of so much or more in the claimed direction, by outcome; None where
            the design's own is not of this kind.
    """

    p_values: FloatArray
    estimates: FloatArray
    marginal_sd: FloatArray
    narrow: FloatArray
    beyond: BoolArray
    smallest_sd: Callable[[Rows], FloatArray]
    maximised: Callable[[Rows], FloatArray]
    p_below: Callable[[FloatArray], FloatArray] | None = None


def read_outcomes(
    test: StepsTest | SelfMeasuring, term: str, rows: FloatArray, alternative: str, alpha: float
) -> Readings | None:
    """Read a term in every row, on the years of the test; None for designs not read here.

    Args:
        test: Of the study as it is, whose layout and null law serve every outcome.
        term: What is read.
        rows: Transformed outcomes; counts for a test of counts, shape (m, n).
        alternative: "greater", "less" or "two-sided".
        alpha: Level.
    """
    if isinstance(test, GapTest):
        return None if test.simulator else read_steps(test.inner, term, rows, alternative, alpha)
    if isinstance(test, StepsTest):
        return read_steps(test, term, rows, alternative, alpha)
    if isinstance(test, KinkTest):
        return _kink(test, term, rows, alternative, alpha)
    if isinstance(test, RelationTest):
        return None if term == REVERSE else _relation(test, rows, alternative, alpha)
    if isinstance(test, NonnestedTest):
        return _nonnested(test, term, rows, alternative, alpha)
    if isinstance(test, MediationTest):
        return _mediation(test, term, rows, alternative, alpha)
    if isinstance(test, OrderTest):
        return _order(test, rows, alternative, alpha)
    if isinstance(test, DateSetTest):
        return _date_set(test, rows)
    if isinstance(test, ExpectedDateTest):
        return _break_date(test, rows)
    if isinstance(test, RatioTest) and test.rates.measured_in == "rate ratio":
        return _counts(test, term, rows, alternative, alpha)
    return None


def read_steps(
    test: StepsTest, term: str, rows: FloatArray, alternative: str, alpha: float
) -> Readings:
    """Dated steps and whatever else is a contrast of one regression."""
    design, law = test.design, test.law
    fits = fit_ar1(rows, design.layout, design.contrasts, design.joint)
    place = law.place(fits)
    if term == "joint":
        p = law.joint_exceedance(fits.joint, place)
        steps = np.abs(fits.estimates[:, : len(design.onsets)]).max(axis=1)
        none = np.full(len(p), np.nan)
        return _made(test, fits, p, steps, none, none > 0, place.kappa, "joint", alternative)
    at = design.terms.index(term)
    t = fits.statistics[:, at]
    if alternative == "two-sided":
        p = np.minimum(1.0, 2 * law.exceedance(np.abs(t), at, place))
    else:
        p = law.exceedance(-t if alternative == "less" else t, at, place)
    kappa = place.kappa
    margin = law.critical(2 * alpha, at, place) * fits.std_errors[:, at]
    turned = t if alternative == "less" else -t
    beyond = (alternative != "two-sided") & (turned > law.critical(alpha, at, place))
    made = _made(test, fits, p, fits.estimates[:, at], margin, beyond, kappa, term, alternative)
    sign = -1.0 if alternative == "less" else 1.0

    def p_below(bounds: FloatArray) -> FloatArray:
        distance = (bounds - sign * fits.estimates[:, at]) / fits.std_errors[:, at]
        return law.exceedance(distance, at, place)

    return replace(made, p_below=p_below)


def _made(
    test: StepsTest,
    fits: Fits,
    p: FloatArray,
    estimates: FloatArray,
    margin: FloatArray,
    beyond: BoolArray,
    kappa: FloatArray,
    term: str,
    alternative: str,
) -> Readings:
    law = test.law

    def smallest_sd(rows: Rows) -> FloatArray:
        low, _ = rho_intervals(law, fits.rho[rows], kappa[rows])
        return np.asarray(
            fits.innovation_sd[rows] / np.sqrt(1 - np.maximum(np.tanh(low), 0.0) ** 2)
        )

    def maximised(rows: Rows) -> FloatArray:
        if term == "joint":
            return worst_joint(law, fits.joint[rows], fits.rho[rows], kappa[rows])
        return maximised_p_values(
            law, test.design.terms.index(term), take_fits(fits, rows), alternative
        )

    return Readings(
        p_values=p,
        estimates=estimates,
        marginal_sd=fits.marginal_sd,
        narrow=np.stack([estimates - margin, estimates + margin]),
        beyond=beyond,
        smallest_sd=smallest_sd,
        maximised=maximised,
    )


def rho_intervals(
    law: NullLaw, rho: FloatArray, log_kappa: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Ends of the interval of rho of each fit, as artanh."""
    ends = [law.rho_interval(float(r), float(k)) for r, k in zip(rho, log_kappa, strict=True)]
    low, high = np.arctanh(np.array(ends).reshape(-1, 2)).T
    return low, high


def worst_joint(
    law: NullLaw, statistics: FloatArray, rho: FloatArray, log_kappa: FloatArray
) -> FloatArray:
    """Largest p of a joint statistic over the interval of rho of each fit."""
    low, high = rho_intervals(law, rho, log_kappa)
    worst = np.zeros(len(statistics))
    for share in np.linspace(0, 1, MAXIMISED_OVER):
        there = Place(low + share * (high - low), log_kappa)
        reached = law.first.joint_exceedance(statistics, there)
        worst = np.maximum(worst, reached)
    largest: FloatArray = np.minimum(1.0, worst + BERGER_BOOS)
    return largest


def take_fits(fits: Fits, rows: Rows) -> Fits:
    """The fits of some series."""
    return Fits(
        rho=fits.rho[rows],
        kappa=fits.kappa[rows],
        innovation_sd=fits.innovation_sd[rows],
        estimates=fits.estimates[rows],
        std_errors=fits.std_errors[rows],
        joint=fits.joint[rows],
    )


def _with_p(readings: Readings, p: FloatArray, kept: BoolArray | None = None) -> Readings:
    """The same with other p-values; where not kept, the maximised p is that p."""

    def maximised(rows: Rows) -> FloatArray:
        largest = np.maximum(readings.maximised(rows), p[rows])
        return largest if kept is None else np.where(kept[rows], largest, p[rows])

    return replace(readings, p_values=p, maximised=maximised)


def _kink(test: KinkTest, term: str, rows: FloatArray, alternative: str, alpha: float) -> Readings:
    """Bends; from a rho of .5 on the maximised p decides."""
    plain = read_steps(test.bends, term, rows, alternative, alpha)
    layout, design = test.bends.design.layout, test.bends.design
    rho, _ = test.bends.law.unbias(fit_ar1(rows, layout, design.contrasts, design.joint))
    guarded = np.flatnonzero((np.tanh(rho) > HIGH_RHO) & (plain.p_values <= 2 * ASKED))
    p = plain.p_values.copy()
    if len(guarded):
        p[guarded] = np.maximum(p[guarded], plain.maximised(guarded))
    return _with_p(plain, p)


def _relation(test: RelationTest, rows: FloatArray, alternative: str, alpha: float) -> Readings:
    """The level regression where both companions agree; else nothing is found."""
    level = read_steps(test.level, test.level.terms[0], rows, alternative, alpha)
    sign: FloatArray | float = -1.0 if alternative == "less" else 1.0
    if alternative == "two-sided":
        sign = np.where(level.estimates < 0, -1.0, 1.0)
    agree = both_agree(rows, test.design, sign, alternative)
    return _with_p(level, np.where(agree, level.p_values, 1.0), agree)


def _nonnested(
    test: NonnestedTest, term: str, rows: FloatArray, alternative: str, alpha: float
) -> Readings:
    """One exposure given the other, unless the model without the other is rejected."""
    own = read_steps(test.both, term, rows, alternative, alpha)
    other = next(each for each in test.terms if each != term)
    kept = read_steps(test.both, other, rows, "two-sided", alpha).p_values > NOT_REJECTED
    return _with_p(own, np.where(kept, own.p_values, 1.0), kept)


def _mediation(
    test: MediationTest, term: str, rows: FloatArray, alternative: str, alpha: float
) -> Readings:
    """The second path in each outcome; the mediator, and with it the first path, as observed."""
    sides = SIDES[alternative]
    first = test.first.read(term, alternative=sides[0], alpha=alpha)
    second = read_steps(test.second, test.second.terms[0], rows, sides[1], alpha)
    made = _with_p(second, np.maximum(second.p_values, first.p_value))
    return replace(
        made,
        estimates=first.estimate * second.estimates,
        narrow=np.full((2, len(rows)), np.nan),
        beyond=np.zeros(len(rows), dtype=bool),
        maximised=lambda some: np.maximum(made.maximised(some), first.p_maximised),
        p_below=None,
    )


def _order(test: OrderTest, rows: FloatArray, alternative: str, alpha: float) -> Readings:
    """The largest p of the steps where a staircase wins; else nothing is found."""
    design = test.steps.design
    each = [read_steps(test.steps, name, rows, alternative, alpha) for name in design.onsets]
    sign = -1.0 if alternative == "less" else 1.0
    turned = np.stack([sign * reading.estimates for reading in each])
    weakest = turned.argmin(axis=0)
    p = np.max([reading.p_values for reading in each], axis=0)
    asked = np.flatnonzero(p <= ASKED)
    won = np.zeros(len(rows), dtype=bool)
    if len(asked):
        won[asked] = Contest.of(design).steps_win(rows[asked])
    places = np.arange(len(rows))
    smallest = Readings(
        p_values=p,
        estimates=np.stack([reading.estimates for reading in each])[weakest, places],
        marginal_sd=each[0].marginal_sd,
        narrow=np.stack([reading.narrow for reading in each])[weakest, :, places].T,
        beyond=np.stack([reading.beyond for reading in each])[weakest, places],
        smallest_sd=each[0].smallest_sd,
        maximised=lambda some: np.max([reading.maximised(some) for reading in each], axis=0),
    )
    return _with_p(smallest, np.where(won, p, 1.0), won)


def _date_set(test: DateSetTest, rows: FloatArray) -> Readings:
    """The permutation of dates; the sd of an outcome is that of its model with steps."""
    design = test.design
    p = exact_p(rows, design)
    sign = -1.0 if design.alternative == "less" else 1.0
    estimates, sd = sign * np.where(p < 0.5, TINY, -TINY), np.full(len(rows), np.nan)
    inner = test.errors.design
    fits = fit_ar1(rows, inner.layout, inner.contrasts, inner.joint)
    _, kappa = test.errors.law.unbias(fits)
    for row in np.flatnonzero(p <= ASKED):
        ranked = rank_date_set(design.with_series(_like(test, rows[row])))
        size = (ranked.statistic - ranked.usual) / sum(map(abs, design.weights))
        estimates[row], sd[row] = size, fits.marginal_sd[row]

    def maximised(some: Rows) -> FloatArray:
        # Over the worlds of the study as it is: curves fitted anew to each outcome cost too much.
        return np.array([test.p_maximised(float(each)) for each in p[some]], dtype=float)

    def smallest_sd(some: Rows) -> FloatArray:
        low, _ = rho_intervals(test.errors.law, fits.rho[some], kappa[some])
        return np.asarray(
            fits.innovation_sd[some] / np.sqrt(1 - np.maximum(np.tanh(low), 0.0) ** 2)
        )

    nothing = np.full((2, len(rows)), np.nan)
    return Readings(p, estimates, sd, nothing, nothing[0] > 0, smallest_sd, maximised)


def _like(test: DateSetTest, row: FloatArray) -> pd.Series:
    return pd.Series(row, index=test.design.series.index, name=test.design.series.name)


def _break_date(test: ExpectedDateTest, rows: FloatArray) -> Readings:
    """The largest likelihood ratio where its date is one expected; else nothing is found."""
    scan, law = test.found.design.scan, test.found.law.of(test.alternative)
    scanned = scan_series(rows, scan)
    roots = towards(scanned.dates.roots, test.alternative)
    best = roots.argmax(axis=1)
    place = law.place(scanned.reml)
    largest = roots.max(axis=1)
    years = test.found.design.onsets[best]
    placed = (years >= test.expected[0]) & (years <= test.expected[1])
    p = np.where(placed, law.joint_exceedance(largest, place), 1.0)
    sign = -1.0 if test.alternative == "less" else 1.0
    estimates, sd = sign * np.sign(largest) * TINY, np.full(len(rows), np.nan)
    for year in np.unique(years[p <= ASKED]):
        here = (years == year) & (p <= ASKED)
        layout = test.found.design.layout_with(int(year))
        fits = fit_ar1(rows[here], layout, np.eye(layout.n_terms)[-1:])
        estimates[here], sd[here] = fits.estimates[:, 0], fits.marginal_sd

    def maximised(some: Rows) -> FloatArray:
        worst = worst_joint(law, largest[some], scanned.reml.rho[some], place.kappa[some])
        return np.where(placed[some], worst, 1.0)

    nothing = np.full((2, len(rows)), np.nan)
    return Readings(p, estimates, sd, nothing, nothing[0] > 0, lambda some: sd[some], maximised)


def _counts(
    test: RatioTest, term: str, rows: FloatArray, alternative: str, alpha: float
) -> Readings:
    """p of the roots, effect of quasi-Poisson regression; regimes without events are refused."""
    fitted, at = test.rates.fitted, test.terms.index(term)
    root = read_steps(
        test.rates.stabilised, term, fitted.events.stabilise(rows), alternative, alpha
    )
    starts = [0, *(int(np.searchsorted(test.years, o)) for o in fitted.design.onsets.values())]
    empty = (np.add.reduceat(rows, starts, axis=1) == 0).any(axis=1)
    asked = np.flatnonzero((root.p_values <= ASKED) & ~empty)
    estimates = np.sign(root.estimates) * TINY
    if len(asked):
        with one_thread():
            x = fitted.design.layout.regressors
            fits = fit_glm(rows[asked], x, fitted.design.contrasts, "poisson", fitted.events.size)
        estimates[asked] = fits.estimates[:, at]
    made = _with_p(root, np.where(empty, 1.0, root.p_values), ~empty)
    nothing = np.full((2, len(rows)), np.nan)
    return replace(made, estimates=estimates, narrow=nothing, p_below=None)
