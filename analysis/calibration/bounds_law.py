"""Simulate the null laws of the three bounds tests on one design, the exposure as observed.

The three nulls:

* nothing holds the outcome: f = g = 0, a random walk. The laws of F and of the t of f are
  simulated there; with one lag and a trend in the model they depend on nothing estimated;
* the outcome returns to a level that x does not set: g = 0, f < 0. The law of the t of g depends on
  rho = 1 + f, and is simulated on a grid of rho up to 1. Least squares takes rho for too low; the
  value at which the simulated median equals the estimate replaces it, as for steps.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.design.bounds import BoundsDesign
from analysis.kernel.bounds import BoundsFits, fit_bounds, simulate_outcomes
from analysis.kernel.own_past import fit_own_past
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
RHO_NODES = np.array([-0.3, 0.0, 0.2, 0.4, 0.55, 0.7, 0.8, 0.88, 0.94, 1.0])
FASTEST, SLOWEST = -1.3, -0.05  # speeds at which a relation is simulated


@dataclass(frozen=True, eq=False)
class Seen:
    """What is read off each of m outcomes.

    Attributes:
        fits: Error-correction forms.
        rho: 1 + f, estimated with g = 0, shape (m,).
    """

    fits: BoundsFits
    rho: FloatArray


@dataclass(frozen=True, eq=False)
class Motion:
    """How outcomes move from year to year apart from the long-run relation, shocks of sd one.

    Attributes:
        drive: Short-run effects of exposure and controls by year, shape (n,).
        earlier: Effects of the outcome's own earlier changes, shape (p - 1,).
    """

    drive: FloatArray
    earlier: FloatArray


@dataclass(frozen=True, eq=False)
class BoundsLaw:
    """Simulated null laws of one design.

    Attributes:
        f: F of both levels in random walks, ascending, shape (m,).
        t_own: t of the outcome's own level in random walks, ascending, shape (m,).
        t_level: t of the exposure's level at each node of rho, ascending, shape (g, m).
        rho: Quantiles 2.5, 50 and 97.5 % of the estimated rho at each node, shape (3, g).
    """

    f: FloatArray
    t_own: FloatArray
    t_level: FloatArray
    rho: FloatArray

    @cached_property
    def magnitudes(self) -> FloatArray:
        """|t| of the exposure's level at each node, ascending, shape (g, m)."""
        return np.sort(np.abs(self.t_level), axis=1)

    def unbias(self, rho: FloatArray) -> FloatArray:
        """The rho at which the median estimate is the one seen, shape (m,)."""
        return _invert(self.rho[1], rho)

    def interval(self, rho: float) -> tuple[float, float]:
        """Every rho that a two-sided 5 % test of the estimate does not reject."""
        seen = np.array([rho])
        return float(_invert(self.rho[2], seen)[0]), float(_invert(self.rho[0], seen)[0])

    def p_values(
        self, seen: Seen, alternative: str, rho: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """p of F, of the t of f and of the t of g, each of shape (m,).

        Args:
            seen: Outcomes that were fitted.
            alternative: Of the long-run multiplier: "greater", "less" or "two-sided".
            rho: At which the third is read; the median-unbiased one if None.
        """
        fits = seen.fits
        place = self.unbias(seen.rho) if rho is None else rho
        level, law = {
            "greater": (fits.t_level, self.t_level),
            "less": (-fits.t_level, -self.t_level[:, ::-1]),
            "two-sided": (np.abs(fits.t_level), self.magnitudes),
        }[alternative]
        low, weight = _locate(place)
        third = np.zeros(len(place))
        for node in np.unique(low):
            here = low == node
            lower, upper = (_tail(law[each], level[here]) for each in (node, node + 1))
            third[here] = (1 - weight[here]) * lower + weight[here] * upper
        return _tail(self.f, fits.f), _tail(-self.t_own[::-1], -fits.t_own), third


def simulate_bounds_law(
    design: BoundsDesign, motion: Motion, *, seed: int, stream: str, series: int
) -> BoundsLaw:
    """Simulate `series` outcomes at each node of rho, with the same shocks at every node."""
    levels, quantiles, last = [], [], None
    for rho in RHO_NODES:
        outcomes = draw_outcomes(
            design, motion, speed=float(rho) - 1, multiplier=0.0,
            seed=seed, stream=stream, series=series,
        )  # fmt: skip
        last = look_at(outcomes, design)
        levels.append(np.sort(last.fits.t_level))
        quantiles.append(np.quantile(last.rho, [0.025, 0.5, 0.975]))
    assert last is not None
    return BoundsLaw(
        f=np.sort(last.fits.f),
        t_own=np.sort(last.fits.t_own),
        t_level=np.stack(levels),
        rho=np.maximum.accumulate(np.stack(quantiles, axis=1), axis=1),
    )


def draw_outcomes(
    design: BoundsDesign,
    motion: Motion,
    *,
    speed: float,
    multiplier: float,
    seed: int,
    stream: str,
    series: int,
) -> FloatArray:
    """Draw outcomes with this speed and long-run multiplier, shocks of sd one, shape (m, n)."""
    n = len(design.outcome)
    normals = standard_normals(seed, stream, 0, series, n)
    exposure = design.exposure.to_numpy(dtype=float)
    drive = motion.drive.copy()
    drive[1:] -= speed * multiplier * exposure[:-1]
    rho = 1 + speed
    spread = 0.0 if rho >= 1 else 1 / np.sqrt(1 - min(rho * rho, 0.95))
    return simulate_outcomes(
        normals,
        multiplier * exposure[0] + spread * normals[:, 0],
        drive,
        speed=speed,
        earlier=motion.earlier,
    )


def look_at(outcomes: FloatArray, design: BoundsDesign) -> Seen:
    """Fit outcomes, shape (m, n), with and without the exposure's level."""
    changes, own, others = design.changes(outcomes), design.own(outcomes), design.others
    without = fit_own_past(changes, own, np.zeros((len(others), 0)), others)
    return Seen(fit_bounds(changes, own, design.level, others), 1 + without.coefficients[:, 0])


def fit_motion(design: BoundsDesign, *, with_level: bool) -> Motion:
    """The short run as estimated, with or without a long-run relation, in units of its shocks."""
    row = design.outcome.to_numpy(dtype=float)[None, :]
    level = [design.level] if with_level else []
    x = np.column_stack([design.own(row)[0], *level, design.others])
    y = design.changes(row)[0]
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    sd = float(np.sqrt(((y - x @ beta) ** 2).sum() / (len(y) - x.shape[1])))
    short = design.others.shape[1] - (1 if design.trend == "none" else 2)
    drive = np.zeros(len(design.outcome))
    drive[design.rows] = design.others[:, -short:] @ beta[-short:] / sd
    return Motion(drive=drive, earlier=beta[1 : design.order[0]])


def _tail(ascending: FloatArray, statistics: FloatArray) -> FloatArray:
    """(1 + number at least as large) / (m + 1)."""
    reached = len(ascending) - np.searchsorted(ascending, statistics, side="left")
    tail: FloatArray = (1 + reached) / (1 + len(ascending))
    return tail


def _locate(rho: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    low = np.clip(np.searchsorted(RHO_NODES, rho, side="right") - 1, 0, len(RHO_NODES) - 2)
    width = RHO_NODES[low + 1] - RHO_NODES[low]
    return low, np.clip((rho - RHO_NODES[low]) / width, 0.0, 1.0)


def _invert(rising: FloatArray, values: FloatArray) -> FloatArray:
    """Where the curve over the nodes reaches each value, held at the outermost nodes."""
    found: FloatArray = np.interp(values, rising + 1e-12 * np.arange(len(rising)), RHO_NODES)
    return found
