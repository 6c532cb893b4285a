"""Simulate outcomes of a panel of dyads in which the exposure does nothing.

    u_dt = s_d [ root(1 - c) e_dt + root(c / 2) (f_at + f_bt) ],   d the dyad of a and b,

e of each dyad and f of each state AR(1) with the same rho and variance 1. The law of t over
(rho, c) is kept on a grid; estimates of rho and c are made median-unbiased by inverting their
simulated medians (Andrews 1993, Econometrica 61, 139-165, doi:10.2307/2951781).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.dyad_grid import DyadGrid, GridFits
from analysis.kernel.streams import standard_normals
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
RHOS = (-0.5, -0.2, 0.1, 0.4, 0.6, 0.75, 0.87, 0.95, 0.99)
SHARES = (0.0, 0.2, 0.5, 0.9)
FINE = 20  # steps between neighbouring points of the grid
BATCH = 50  # outcomes held at once
SCALE_DRAWS = 100
SMALLEST_SCALE = 1e-3  # of the pooled sd; a dyad whose outcome never moves has a sd of 0
LAW_DRAWS = 200  # at each point of the grid, the same numbers everywhere


@dataclass(frozen=True, eq=False)
class PanelWorld:
    """Errors on one grid with given scales.

    Attributes:
        grid: Cells, regressors and members.
        scale: s_d, shape (D,).
        seed: Of all draws.
    """

    grid: DyadGrid
    scale: FloatArray
    seed: int

    def draw(self, rho: float, share: float, stream: str, start: int, stop: int) -> FloatArray:
        """Errors of draws `start` to `stop`, shape (stop - start, D, T)."""
        d, t, s = self.grid.n_units, self.grid.n_years, self.grid.n_states
        normals = standard_normals(self.seed, stream, start, stop, (d + s) * t)
        walks = normals.reshape(stop - start, d + s, t).copy()
        for year in range(1, t):
            walks[:, :, year] *= np.sqrt(1 - rho * rho)
            walks[:, :, year] += rho * walks[:, :, year - 1]
        states = np.einsum("bst,ds->bdt", walks[:, d:], self.grid.membership, optimize=True)
        mixed = np.sqrt(1 - share) * walks[:, :d] + np.sqrt(share / 2) * states
        return np.asarray(mixed * self.scale[:, None])

    def pooled(self, scale: FloatArray) -> FloatArray:
        """Root mean square over all cells of sds by unit, shape (b, D) to (b,)."""
        counts = self.grid.cells.sum(axis=1)
        return np.asarray(np.sqrt((scale**2 @ counts) / counts.sum()))

    def fits(self, rho: float, share: float, stream: str, draws: int) -> GridFits:
        """The regression in `draws` outcomes without an effect."""
        return _fits(self, rho, share, stream, draws)


@lru_cache(maxsize=4)  # the terms of one test are measured in the same outcomes
def _fits(world: PanelWorld, rho: float, share: float, stream: str, draws: int) -> GridFits:
    parts = []
    with one_thread():
        for start in range(0, draws, BATCH):  # whole batches, as products of fewer round apart
            parts.append(world.grid.fit(world.draw(rho, share, stream, start, start + BATCH)))
    names = GridFits.__dataclass_fields__
    return GridFits(
        **{name: np.concatenate([getattr(p, name) for p in parts])[:draws] for name in names}
    )


@dataclass(frozen=True, eq=False)
class PanelLaw:
    """How estimates of rho and share, and t, are distributed over the grid.

    Attributes:
        world: What was simulated.
        rho_medians: Median estimate of rho, shape (rhos, shares).
        share_medians: Median estimate of share.
        kept: Median pooled sd of residuals over that of the errors, shape (rhos, shares).
        rho_quantiles: 2.5 and 97.5 % quantiles of the estimate of rho, shape (2, rhos, shares).
        critical: 95 % quantile of |t| of each contrast, a surface of second order in (rho, share)
            fitted to the points so that their noise evens out, shape (c, rhos, shares).
    """

    world: PanelWorld
    rho_medians: FloatArray
    share_medians: FloatArray
    kept: FloatArray
    rho_quantiles: FloatArray
    critical: FloatArray

    @cached_property
    def fine_rhos(self) -> FloatArray:
        return _refine(np.array(RHOS))

    @cached_property
    def fine_shares(self) -> FloatArray:
        return _refine(np.array(SHARES))

    def unbiased(self, rho: FloatArray, share: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The (rho, share) at which these estimates would be the medians, shape (b,) each."""
        rhos, shares = (self._surface(m) for m in (self.rho_medians, self.share_medians))
        found = np.empty((2, len(rho)))
        for place, (r, s) in enumerate(zip(rho, share, strict=True)):
            distance = (rhos - r) ** 2 + (shares - s) ** 2
            i, j = np.unravel_index(int(distance.argmin()), distance.shape)
            found[:, place] = self.fine_rhos[i], self.fine_shares[j]
        return found[0], found[1]

    def rho_interval(self, estimate: float, share: float) -> tuple[float, float]:
        """Every rho at which the estimate lies between the 2.5 and 97.5 % quantiles."""
        column = int(np.abs(self.fine_shares - share).argmin())
        low, high = (self._surface(quantile)[:, column] for quantile in self.rho_quantiles)
        inside = self.fine_rhos[(low <= estimate) & (estimate <= high)]
        if len(inside) == 0:
            nearest = float(self.fine_rhos[np.abs((low + high) / 2 - estimate).argmin()])
            return nearest, nearest
        return float(inside[0]), float(inside[-1])

    def kept_at(self, rho: float, share: float) -> float:
        """How much of the errors' sd is left in residuals."""
        return float(_interpolate(self.kept, np.array([rho]), np.array([share]))[0])

    def critical_at(self, contrast: int, rho: FloatArray, share: FloatArray) -> FloatArray:
        """95 % quantile of |t| at given (rho, share), shape of the arguments."""
        return _interpolate(self.critical[contrast], np.asarray(rho), np.asarray(share))

    def _surface(self, values: FloatArray) -> FloatArray:
        rhos, shares = np.meshgrid(self.fine_rhos, self.fine_shares, indexing="ij")
        return _interpolate(values, rhos, shares)


def steady_scales(grid: DyadGrid, fit: GridFits, seed: int) -> FloatArray:
    """Sds of the dyads without the spread that their estimation adds, shape (D,).

    Logarithms of estimated sds vary more over dyads than those of the sds themselves. They are
    drawn in to their mean so that their variance loses what equal sds show in simulation. With
    ten states and twelve years a nominal 5 % came out as .054 without this, as .049 to .050 with.
    """
    pooled = PanelWorld(grid, fit.scale[0], seed).pooled(fit.scale[:1])[0]
    logs = np.log(np.maximum(fit.scale[0], SMALLEST_SCALE * pooled))
    equal = PanelWorld(grid, np.ones(grid.n_units), seed)
    rho, share = (
        float(np.clip(value[0], points[0], points[-1]))
        for value, points in ((fit.rho, RHOS), (fit.share, SHARES))
    )
    drawn = equal.fits(rho, share, "panel scales", SCALE_DRAWS).scale
    by_chance = float(np.var(np.log(np.maximum(drawn, SMALLEST_SCALE)), axis=1).mean())
    spread = float(np.var(logs))
    kept = np.sqrt(max(0.0, 1 - by_chance / spread)) if spread > 0 else 0.0
    return np.asarray(np.exp(logs.mean() + kept * (logs - logs.mean())))


def panel_law(world: PanelWorld, draws: int = LAW_DRAWS) -> PanelLaw:
    """Simulate over the grid, with the same numbers at every point."""
    fits = [[world.fits(rho, share, "panel law", draws) for share in SHARES] for rho in RHOS]

    def over(read: object) -> FloatArray:
        assert callable(read)
        return np.array([[read(fit) for fit in row] for row in fits])

    truth = world.pooled(world.scale[None])[0]
    critical = over(lambda fit: np.quantile(np.abs(fit.statistics), 0.95, axis=0))
    return PanelLaw(
        world=world,
        rho_medians=over(lambda fit: np.median(fit.rho)),
        share_medians=over(lambda fit: np.median(fit.share)),
        kept=over(lambda fit: np.median(world.pooled(fit.scale)) / truth),
        rho_quantiles=np.moveaxis(over(lambda fit: np.quantile(fit.rho, [0.025, 0.975])), 2, 0),
        critical=np.moveaxis(_smooth(critical), 2, 0),
    )


def _smooth(values: FloatArray) -> FloatArray:
    """Least-squares surface of second order through values of shape (rhos, shares, c)."""
    rho, share = (axis.ravel() for axis in np.meshgrid(RHOS, SHARES, indexing="ij"))
    terms = np.column_stack([np.ones(rho.size), rho, share, rho * rho, share * share, rho * share])
    flat = values.reshape(rho.size, -1)
    return np.asarray(terms @ np.linalg.lstsq(terms, flat)[0]).reshape(values.shape)


def _refine(points: FloatArray) -> FloatArray:
    places = np.arange((len(points) - 1) * FINE + 1) / FINE
    return np.asarray(np.interp(places, np.arange(len(points)), points))


def _interpolate(values: FloatArray, rho: FloatArray, share: FloatArray) -> FloatArray:
    """Bilinear interpolation over the grid."""
    i, a = _place(np.array(RHOS), rho)
    j, b = _place(np.array(SHARES), share)
    below = (1 - b) * values[i, j] + b * values[i, j + 1]
    above = (1 - b) * values[i + 1, j] + b * values[i + 1, j + 1]
    return np.asarray((1 - a) * below + a * above)


def _place(points: FloatArray, at: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    inside = np.clip(at, points[0], points[-1])
    left = np.clip(np.searchsorted(points, inside, side="right") - 1, 0, len(points) - 2)
    return left, np.asarray((inside - points[left]) / (points[left + 1] - points[left]))
