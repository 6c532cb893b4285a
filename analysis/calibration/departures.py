"""Departures from the model under which the size of every primary test is measured.

The model is normal AR(1) errors around a mean without steps, with one change of the innovation sd
at the first juncture. Each departure breaks one part of it and has no step anywhere, so that
whatever a test finds is a false positive. Dates are those of the design at hand: a mean bends near
its junctures, where it does most harm. The rates are shown; they decide nothing.

Everything else is as fitted: median-unbiased rho and kappa, the years and gaps of the series. Bends
are in marginal sds of the errors before the first juncture, 1 / root(1 - rho^2), rho at most .99.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.latent import Events, match_latent
from analysis.calibration.store import layout_key
from analysis.calibration.worlds import NEAR_ONE, WORLDS
from analysis.design.steps import StepsDesign
from analysis.design.terms import TermsDesign
from analysis.kernel.glm import fit_glm
from analysis.kernel.processes import ar2_errors, ma1_errors, random_walk_errors
from analysis.kernel.streams import standard_normals
from analysis.panel.transform import back_transform

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Process = Callable[[FloatArray, IntArray, FloatArray, float], FloatArray]  # the last is rho
ByYear = Callable[[FloatArray, StepsDesign], FloatArray]
COUNTS = "counts"
SECOND = 0.3  # weight of the year before last
MOVING = 0.6  # gives a first autocorrelation of .44, near the .5 that MA(1) can have
RISE = 4.0  # sd
TREND = 3.0
WHOLE = 1e-6


class Fitted(Protocol):
    """How the errors of one series behave, and the years and dates it is drawn on."""

    @property
    def design(self) -> StepsDesign: ...
    @property
    def rho(self) -> float: ...
    @property
    def kappa(self) -> float: ...


def _ar1(shocks: FloatArray, years: IntArray, sd: FloatArray, rho: float) -> FloatArray:
    return ar2_errors(shocks, years, sd, rho, 0.0)


def _ar2(shocks: FloatArray, years: IntArray, sd: FloatArray, rho: float) -> FloatArray:
    return ar2_errors(shocks, years, sd, rho, SECOND)


def _ar2_back(shocks: FloatArray, years: IntArray, sd: FloatArray, rho: float) -> FloatArray:
    return ar2_errors(shocks, years, sd, rho, -SECOND)


def _ma1(shocks: FloatArray, years: IntArray, sd: FloatArray, _: float) -> FloatArray:
    return ma1_errors(shocks, years, sd, MOVING)


def _random_walk(shocks: FloatArray, years: IntArray, sd: FloatArray, _: float) -> FloatArray:
    return random_walk_errors(shocks, years, sd)


def _level(years: FloatArray, _: StepsDesign) -> FloatArray:
    return np.zeros_like(years)


def _steady(years: FloatArray, _: StepsDesign) -> FloatArray:
    return np.ones_like(years)


def _doubled_midway(years: FloatArray, _: StepsDesign) -> FloatArray:
    return np.where(years >= years[len(years) // 2], np.sqrt(2.0), 1.0)


def _spread_doubled(years: FloatArray, design: StepsDesign) -> FloatArray:
    return np.where(years >= design.first_onset, 2.0, 1.0)


def _line(years: FloatArray, _: StepsDesign) -> FloatArray:
    return TREND * _place(years)


def _parabola(years: FloatArray, _: StepsDesign) -> FloatArray:
    return TREND * _place(years) ** 2


def _s_curve(years: FloatArray, design: StepsDesign) -> FloatArray:
    onsets = list(design.onsets.values())
    rise: FloatArray = RISE / (1 + np.exp(-(years - onsets[(len(onsets) - 1) // 2]) / 2))
    return rise


def _kink(years: FloatArray, design: StepsDesign) -> FloatArray:
    turn = design.first_onset - 2
    turned: FloatArray = RISE * np.maximum(years - turn, 0) / (years[-1] - turn)
    return turned


def _place(years: FloatArray) -> FloatArray:
    """From 0 in the first year to 1 in the last."""
    place: FloatArray = (years - years[0]) / (years[-1] - years[0])
    return place


@dataclass(frozen=True, slots=True)
class Departure:
    """One way in which the model does not hold and nothing happens.

    Attributes:
        words: What it is, for a table.
        shocks: From standard normals to shocks of mean 0 and variance 1.
        process: From shocks, years, sds and rho to errors.
        spread: Multiplies the sd of the shocks by calendar year.
        mean: By year, in marginal sds.
        within: Trends of a design that hold this mean, where it is none.
    """

    words: str
    shocks: Callable[[FloatArray], FloatArray] = np.asarray
    process: Process = _ar1
    spread: ByYear = _steady
    mean: ByYear = _level
    within: tuple[str, ...] = ()


DEPARTURES: Mapping[str, Departure] = {
    "student": Departure(WORLDS["student"].words, shocks=WORLDS["student"].shocks),
    "skewed": Departure(WORLDS["skewed"].words, shocks=WORLDS["skewed"].shocks),
    "ar2": Departure("AR(2): .3 of the year before last", process=_ar2),
    "ar2_back": Departure("AR(2): -.3 of the year before last", process=_ar2_back),
    "ma1": Departure("MA(1): .6 of last year's shock", process=_ma1),
    "random_walk": Departure("random walk", process=_random_walk),
    "variance": Departure("variance of the shocks doubles midway", spread=_doubled_midway),
    "spread": Departure(
        "spread of the shocks doubles again at the first juncture", spread=_spread_doubled
    ),
    "line": Departure("linear trend of 3 sd", mean=_line, within=("linear", "quadratic")),
    "parabola": Departure("parabola of 3 sd", mean=_parabola, within=("quadratic",)),
    "s_curve": Departure("rise by 4 sd in an S around the middle juncture", mean=_s_curve),
    "kink": Departure(
        "mean turns two years before the first juncture: 4 sd by the end", mean=_kink
    ),
    COUNTS: Departure("counts whose rate follows a latent AR(1), without steps"),
}


def departures_of(design: StepsDesign, transform: str) -> tuple[str, ...]:
    """The departures that a design can meet, in the order of `DEPARTURES`.

    A trend that is in the model is none; counts are for roots of whole numbers.
    """
    return departures_from(design.trend, counts=_are_counts(design, transform))


def departures_from(trend: str, *, counts: bool) -> tuple[str, ...]:
    """The same for a trend in the model, and an outcome that is a root of whole numbers or not."""
    return tuple(
        name
        for name, departure in DEPARTURES.items()
        if (counts if name == COUNTS else trend not in departure.within)
    )


def draw_departure(name: str, test: Fitted, *, seed: int, series: int) -> FloatArray:
    """Series of one departure on the years of a test, shape (series, n).

    All departures of a design see the same normals; the innovation sd is one before the first
    juncture, except that counts come on the scale of the root.
    """
    layout = test.design.layout
    stream = f"departure:{layout_key(layout)}"
    if name == COUNTS:
        return _draw_counts(test, seed=seed, stream=stream, series=series)
    departure = DEPARTURES[name]
    span = np.arange(layout.years[0], layout.years[-1] + 1).astype(float)
    normals = standard_normals(seed, stream, 0, series, len(span) + 1)
    changed = test.design.first_onset if layout.onset is None else layout.onset
    sd = np.where(span >= changed, test.kappa, 1.0)
    errors = departure.process(
        departure.shocks(normals), layout.years, sd * departure.spread(span, test.design), test.rho
    )
    marginal_sd = 1 / np.sqrt(1 - min(abs(test.rho), NEAR_ONE) ** 2)
    bend = departure.mean(layout.years.astype(float), test.design)
    drawn: FloatArray = errors + marginal_sd * bend
    return drawn


def _draw_counts(test: Fitted, *, seed: int, stream: str, series: int) -> FloatArray:
    """Roots of counts around the fitted log-linear mean without steps."""
    design = test.design
    counts = _counts(design)[None, :]
    events = Events(design.layout, "poisson", np.ones(counts.shape[1]))
    asked = design.columns if isinstance(design, TermsDesign) else design.onsets
    plain = design.regressors.drop(columns=list(asked)).to_numpy()
    fit = fit_glm(counts, plain, np.eye(plain.shape[1]), events.family, events.size)
    latent = match_latent(events, counts[0], seed=seed, stream=f"{stream}:latent")
    drawn = events.draw(np.log(fit.mean[0]), latent, seed=seed, stream=stream, series=series)
    return events.stabilise(drawn)


def _are_counts(design: StepsDesign, transform: str) -> bool:
    if transform != "sqrt38":
        return False
    return are_whole(back_transform(design.series.to_numpy(dtype=float), transform))


def are_whole(values: FloatArray) -> bool:
    """Whether values are whole numbers, but for rounding."""
    return bool((np.abs(values - np.round(values)) < WHOLE).all())


def _counts(design: StepsDesign) -> FloatArray:
    counts: FloatArray = np.round(back_transform(design.series.to_numpy(dtype=float), "sqrt38"))
    return counts
