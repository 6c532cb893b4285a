"""Worlds in which nothing happens at the junctures, but not as the model has it.

Each world departs in one way from normal AR(1) errors around a straight line. What a test finds
in it is a false positive; the rates are printed and decide nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.steps import StepsTest
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
Shape = Callable[[FloatArray], FloatArray]
NEAR_ONE = 0.99


@dataclass(frozen=True, slots=True)
class World:
    """One way in which nothing happens.

    Attributes:
        words: What it is, for a table.
        shocks: From standard normals to shocks of mean 0 and variance 1.
        mean: From calendar years to a mean in marginal sds; nothing jumps in it.
        rho: Replaces the fitted autocorrelation if given.
        spread: Multiplies the fitted kappa.
    """

    words: str
    shocks: Shape = np.asarray
    mean: Shape = np.zeros_like
    rho: float | None = None
    spread: float = 1.0


def draw_world(world: World, test: StepsTest, *, seed: int, stream: str, series: int) -> FloatArray:
    """Series of one world on the years of a test, innovation sd one before the onset."""
    layout = test.design.layout
    span = int(layout.years[-1] - layout.years[0]) + 1
    normals = standard_normals(seed, stream, 0, series, span)
    rho = test.rho if world.rho is None else world.rho
    kappa = test.kappa * world.spread
    errors = ar1_errors(world.shocks(normals), layout.years, rho, kappa, layout.onset)
    sd = 1 / np.sqrt(1 - min(abs(test.rho), NEAR_ONE) ** 2)
    drawn: FloatArray = errors + sd * world.mean(layout.years.astype(float))
    return drawn


def _student(normals: FloatArray) -> FloatArray:
    drawn: FloatArray = stats.t.ppf(stats.norm.cdf(normals), 5) / np.sqrt(5 / 3)
    return drawn


def _skewed(normals: FloatArray) -> FloatArray:
    drawn: FloatArray = (stats.chi2.ppf(stats.norm.cdf(normals), 3) - 3) / np.sqrt(6)
    return drawn


def _parabola(years: FloatArray) -> FloatArray:
    place: FloatArray = (years - years[0]) / (years[-1] - years[0])
    return 3 * place**2


def _s_curve(years: FloatArray) -> FloatArray:
    rise: FloatArray = 4 / (1 + np.exp(-(years - 2014) / 2))
    return rise


def _kink(years: FloatArray) -> FloatArray:
    turned: FloatArray = 4 * np.maximum(years - 2010, 0) / max(years[-1] - 2010, 1)
    return turned


WORLDS: Mapping[str, World] = {
    "fitted": World("as fitted"),
    "student": World("heavy-tailed shocks (t, 5 df)", shocks=_student),
    "skewed": World("skewed shocks (chi-square, 3 df)", shocks=_skewed),
    "persistent": World("close to a random walk (rho .99)", rho=NEAR_ONE),
    "spread": World("spread of the shocks doubled again at the first juncture", spread=2.0),
    "parabola": World("mean bends: parabola of 3 sd", mean=_parabola),
    "kink": World("mean turns in 2010: 4 sd by the end", mean=_kink),
    "s_curve": World("mean rises by 4 sd in an S around 2014", mean=_s_curve),
}
