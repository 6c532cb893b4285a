"""Fit one regression to many simulated outcomes of a panel of dyads at once.

Units and years form a grid of D by T cells, some of them empty. Outcomes change from draw to draw,
regressors do not; so everything that depends on the regressors is worked out once:

    R b = sum of g_dt y_dt,    residuals e = y - unit means - Q Q'y,

with Q a basis of the years, controls and regressors after unit means. The variance of R b is the
larger of two: dyadic-cluster-robust (Aronow, Samii & Assenova 2015, Political Analysis 23, 564-577,
doi:10.1093/pan/mpv018), which may come out negative where states are few, and clustered by dyad
("max-se", MacKinnon, Nielsen & Webb 2024, arXiv:2406.08880).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.errors import EstimationError

FloatArray = NDArray[np.float64]
RANK = 1e-9  # relative size below which a direction is taken as none


@dataclass(frozen=True, eq=False)
class GridFits:
    """Estimates in b outcomes.

    Attributes:
        estimates: R b of each contrast, shape (b, c).
        std_errors: By the larger of the two variances, shape (b, c).
        clustered: Standard errors clustered by dyad, shape (b, c).
        dyadic: Dyadic standard errors, nan where the variance is negative, shape (b, c).
        plain: Standard errors of least squares, shape (b, c).
        scale: Residual sd of each unit, shape (b, D).
        rho: Pooled first autocorrelation of residuals over their unit's sd, shape (b,).
        share: Twice the mean product of such residuals of one year over dyads that share a
            member: the share of variance that members have in common, shape (b,).
    """

    estimates: FloatArray
    std_errors: FloatArray
    clustered: FloatArray
    dyadic: FloatArray
    plain: FloatArray
    scale: FloatArray
    rho: FloatArray
    share: FloatArray

    @property
    def statistics(self) -> FloatArray:
        return np.asarray(self.estimates / self.std_errors)


@dataclass(frozen=True, eq=False)
class DyadGrid:
    """A panel's regressors on the grid, ready for any outcome.

    Attributes:
        weights: Weight of each cell, 0 where there is none, shape (D, T).
        regressors: Shape (k, D, T), 0 in empty cells.
        contrasts: Combinations of the first regressors that are read, shape (c, k).
        members: Places of each unit's two members, shape (D, 2).
        n_states: Number of members.
        unit_effects: Whether units have effects; years always have.
    """

    weights: FloatArray
    regressors: FloatArray
    contrasts: FloatArray
    members: NDArray[np.int64]
    n_states: int
    unit_effects: bool

    @property
    def cells(self) -> NDArray[np.bool_]:
        return self.weights > 0

    @cached_property
    def membership(self) -> FloatArray:
        """1 where a state is a member of a unit, shape (D, S)."""
        table = np.zeros((len(self.members), self.n_states))
        for side in (0, 1):
            table[np.arange(len(self.members)), self.members[:, side]] = 1.0
        return table

    @cached_property
    def pairing(self) -> FloatArray:
        """1 where a unit is of an undirected dyad, shape (D, dyads)."""
        low, high = self.members.min(axis=1), self.members.max(axis=1)
        codes = np.unique(low * self.n_states + high, return_inverse=True)[1]
        return np.eye(int(codes.max()) + 1)[codes]

    @cached_property
    def basis(self) -> FloatArray:
        """Orthonormal columns, times root weights, of years, and regressors, shape (D T, q)."""
        columns = np.concatenate([self._years, self.regressors])
        return _orthonormal(self._rooted(self._centred(columns)))

    @cached_property
    def reading(self) -> FloatArray:
        """g of each contrast, times root weights, shape (c, D T)."""
        within = self.within
        gram = within @ within.T
        return np.asarray(self.contrasts @ np.linalg.solve(gram, within))

    @cached_property
    def within(self) -> FloatArray:
        """Regressors with all effects taken out, times root weights, shape (k, D T).

        Raises:
            EstimationError: A regressor is a combination of effects and other regressors.
        """
        out = _orthonormal(self._rooted(self._centred(self._years)))
        columns = self._rooted(self._centred(self.regressors))
        within = columns - (columns @ out) @ out.T
        values = np.linalg.svd(within / np.linalg.norm(columns, axis=1)[:, None], compute_uv=False)
        if values[-1] < 1e-6:  # four digits above what rounding leaves of a column taken out
            raise EstimationError(
                "The regressors are collinear with each other or with the fixed effects; "
                "leave one of them out."
            )
        return np.asarray(within)

    @property
    def _years(self) -> FloatArray:
        """A dummy of each year, shape (T, D, T)."""
        dummies = np.eye(self.n_years)[:, None, :]
        return np.broadcast_to(dummies, (self.n_years, self.n_units, self.n_years))

    @property
    def n_units(self) -> int:
        return int(self.weights.shape[0])

    @property
    def n_years(self) -> int:
        return int(self.weights.shape[1])

    @cached_property
    def factor(self) -> float:
        """S/(S - 1) (n - 1)/(n - K), K with one for all effects of dyads."""
        n = int(self.cells.sum())
        spare = n - self.basis.shape[1] - self.unit_effects
        return float(self.n_states / (self.n_states - 1) * (n - 1) / spare)

    def fit(self, outcomes: FloatArray) -> GridFits:
        """Fit to outcomes of shape (b, D, T); what stands in empty cells is not read."""
        rooted = self._rooted(self._centred(np.where(self.cells, outcomes, 0.0)))
        left = rooted - (rooted @ self.basis) @ self.basis.T
        estimates = rooted @ self.reading.T
        shape = (len(outcomes), self.n_units, self.n_years)
        errors = left.reshape(shape)
        variances = [self._variances(errors, g.reshape(shape[1:])) for g in self.reading]
        dyadic, clustered = (np.stack(kind, axis=1) for kind in zip(*variances, strict=True))
        n = int(self.cells.sum())
        absorbed = self.basis.shape[1] + self.n_units * self.unit_effects
        plain = np.sqrt((left**2).sum(axis=1) / (n - absorbed))
        residuals = errors / np.sqrt(np.where(self.cells, self.weights, 1.0))
        scale, rho, share = self._dependence(residuals)
        return GridFits(
            estimates=estimates,
            std_errors=np.sqrt(np.maximum(dyadic, clustered)),
            clustered=np.sqrt(clustered),
            dyadic=np.sqrt(np.where(dyadic > 0, dyadic, np.nan)),
            plain=plain[:, None] * np.linalg.norm(self.reading, axis=1),
            scale=scale,
            rho=rho,
            share=share,
        )

    def residuals(self, outcome: FloatArray, without: int = 0) -> FloatArray:
        """Residuals of one outcome on effects and regressors from `without` on, shape (D, T)."""
        kept = DyadGrid(
            self.weights, self.regressors[without:], self.contrasts[:0, without:], self.members,
            self.n_states, self.unit_effects,
        )  # fmt: skip
        rooted = kept._rooted(kept._centred(np.where(self.cells, outcome, 0.0)[None]))
        left = (rooted - (rooted @ kept.basis) @ kept.basis.T).reshape(self.weights.shape)
        return np.asarray(left / np.sqrt(np.where(self.cells, self.weights, 1.0)))

    def _variances(self, errors: FloatArray, g: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Dyadic and dyad-clustered variances of one contrast, shape (b,) each."""
        by_unit = np.einsum("bdt,dt->bd", errors, g)
        by_dyad = ((by_unit @ self.pairing) ** 2).sum(axis=1)
        by_state = ((by_unit @ self.membership) ** 2).sum(axis=1)
        return self.factor * (by_state - by_dyad), self.factor * by_dyad

    def _dependence(self, errors: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Sd by unit, autocorrelation and shared part of residuals."""
        cells = self.cells
        scale = np.sqrt((errors**2).sum(axis=2) / cells.sum(axis=1).clip(1))
        standard = errors / np.where(scale > 0, scale, 1.0)[:, :, None]
        total = (standard**2).sum(axis=(1, 2)) / cells.sum()
        beside = int((cells[:, 1:] & cells[:, :-1]).sum())
        rho = np.einsum("bdt,bdt->b", standard[:, :, 1:], standard[:, :, :-1]) / beside / total
        sums = np.einsum("bdt,ds->bts", standard, self.membership, optimize=True)
        counts = self.membership.T @ cells
        pairs = float((counts**2).sum() - 2 * cells.sum())
        shared = (sums**2).sum(axis=(1, 2)) - 2 * (standard**2).sum(axis=(1, 2))
        return scale, rho, 2 * shared / max(pairs, 1.0) / total

    def _centred(self, columns: FloatArray) -> FloatArray:
        """Columns of shape (m, D, T) less their units' weighted means; 0 in empty cells."""
        if not self.unit_effects:
            return np.where(self.cells, columns, 0.0)
        totals = self.weights.sum(axis=1)
        means = np.einsum("mdt,dt->md", columns, self.weights) / np.where(totals > 0, totals, 1.0)
        return np.where(self.cells, columns - means[:, :, None], 0.0)

    def _rooted(self, columns: FloatArray) -> FloatArray:
        return np.asarray((columns * np.sqrt(self.weights)).reshape(len(columns), -1))


def _orthonormal(columns: FloatArray) -> FloatArray:
    """Orthonormal basis of the span of rows, as columns, shape (n, rank)."""
    length = np.linalg.norm(columns, axis=1)
    scaled = columns / np.where(length > 0, length, 1.0)[:, None]
    values, vectors = np.linalg.eigh(scaled @ scaled.T)
    kept = values > RANK * values[-1]
    return np.asarray(scaled.T @ (vectors[:, kept] / np.sqrt(values[kept])))
