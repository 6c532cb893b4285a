"""What all series of one design share: years, regressors and the pieces of the precision matrix.

V(r)^-1 of an AR(1) is tridiagonal, so Q'V^-1 Q and Q'V^-1 y are, for every r, combinations of a
few matrices and moments with the coefficients (1 - r^2) for the first observation and, for every
different gap d, f, -f r^d and f r^(2 d) with f = (1 - r^2) / (1 - r^(2 d)).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.reml_grid import RemlGrid

FloatArray = NDArray[np.float64]

RHO_LOWEST, RHO_HIGHEST = -0.95, 0.99


@dataclass(frozen=True, eq=False)
class Layout:
    """The part of a fit that all series of one design share.

    Attributes:
        years: Observed years in order, shape (n,).
        regressors: Right-hand side X, full column rank, shape (n, k).
        onset: First year whose innovations count as "after" in the sd ratio kappa; None if none.
    """

    years: NDArray[np.int64]
    regressors: FloatArray
    onset: int | None = None

    @property
    def n_obs(self) -> int:
        return len(self.years)

    @property
    def n_terms(self) -> int:
        return int(self.regressors.shape[1])

    @cached_property
    def basis(self) -> tuple[FloatArray, FloatArray]:
        """Orthonormal columns Q and triangle R with X = Q R."""
        q, r = np.linalg.qr(self.regressors)
        return q, r

    @cached_property
    def gaps(self) -> NDArray[np.int64]:
        """Years from one observation to the next, shape (n - 1,)."""
        return np.diff(self.years)

    @cached_property
    def distances(self) -> NDArray[np.int64]:
        """The different gaps, ascending."""
        return np.unique(self.gaps)

    @cached_property
    def after(self) -> NDArray[np.bool_]:
        if self.onset is None:
            return np.zeros(self.n_obs, dtype=bool)
        return self.years >= self.onset

    @cached_property
    def grid(self) -> RemlGrid:
        return RemlGrid.of(self, float(np.arctanh(RHO_LOWEST)), float(np.arctanh(RHO_HIGHEST)))

    @cached_property
    def gram_parts(self) -> FloatArray:
        """Pieces of Q'V^-1 Q by coefficient of `_coefficients`, shape (1 + 3 d, k, k)."""
        q = self.basis[0]
        parts = [np.outer(q[0], q[0])]
        for steps in self.steps:
            now, before = q[1:][steps], q[:-1][steps]
            cross = now.T @ before
            parts += [now.T @ now, cross + cross.T, before.T @ before]
        return np.stack(parts)

    @cached_property
    def moment_weights(self) -> FloatArray:
        """Columns that turn series into the pieces of Q'V^-1 y, shape (n, (1 + 3 d) k)."""
        q, n, k = self.basis[0], self.n_obs, self.n_terms
        columns = np.zeros((1 + 3 * len(self.distances), n, k))
        columns[0, 0] = q[0]
        for position, steps in enumerate(self.steps):
            where = np.flatnonzero(steps)
            at = 1 + 3 * position
            columns[at, where + 1] += q[where + 1]
            columns[at + 1, where] += q[where + 1]
            columns[at + 1, where + 1] += q[where]
            columns[at + 2, where] += q[where]
        return np.ascontiguousarray(columns.transpose(1, 0, 2).reshape(n, -1))

    @cached_property
    def steps(self) -> list[NDArray[np.bool_]]:
        """Which gaps have each distance."""
        return [self.gaps == distance for distance in self.distances]

    def coefficients(self, rho: FloatArray) -> FloatArray:
        """Weights of the pieces of V^-1 at each rho, shape (1 + 3 d, ...)."""
        square = rho * rho
        rows = [1 - square]
        for distance in self.distances:
            power = rho**distance
            scale = np.ones_like(rho) if distance == 1 else (1 - square) / (1 - power * power)
            rows += [scale, -scale * power, scale * power * power]
        return np.stack(rows)

    def log_det_precision(self, rho: FloatArray) -> FloatArray:
        """log|V^-1| for innovations of unit variance."""
        total = np.log1p(-rho * rho)
        for distance in self.distances[self.distances > 1]:
            times = int((self.gaps == distance).sum())
            total = total + times * (np.log1p(-rho * rho) - np.log1p(-(rho ** (2 * distance))))
        return total
