"""What the REML profile over rho needs of a design, so that a series costs a few products.

With D_d the diagonal matrix that counts, for each observation, the gaps of d years it bounds, and
L_d the quadratic form of the differences across these gaps, the precision matrix of an AR(1) is ::

    V(r)^-1 = (1 - r^2) I + sum_d f_d r^d (L_d - (1 - r^d) D_d),   f_d = (1 - r^2) / (1 - r^(2 d))

Least-squares residuals u are orthogonal to the regressors Q, so that Q'V^-1 u takes only the pieces
Q'L_d u and Q'D_d u. They have few different directions, z = U'u: five for three steps and a trend
without gaps. The residual sum of squares is then, for every r, a fixed combination of the products
z_i z_j and of the scalars u'u, u'L_d u, u'D_d u, and one matrix product gives the profile at all
nodes of a grid::

    S(r) = RSS(r) (|Q'V^-1 Q| / |V^-1|)^(1 / (n - k)),   l(r) = -(n - k)/2 log S(r) + constant

S is smooth: the polynomial through nine neighbouring nodes stands for it between them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from analysis.kernel.layout import Layout

FloatArray = NDArray[np.float64]
GRID_STEP = 0.08  # in artanh(rho)
REACH = 4  # nodes on each side of the lowest that the polynomial goes through
NEGLIGIBLE = 1e-10  # share of the largest singular value below which a direction is rounding


@dataclass(frozen=True, eq=False)
class RemlGrid:
    """Everything about a rho grid that does not depend on the series.

    With d different gaps, k terms, p = 1 + 2 d pieces of the precision and z directions.

    Attributes:
        artanh: Nodes on the artanh scale, evenly spaced; `REACH` on each side lie outside the range
            of rho and only serve the polynomials, shape (g,).
        gram: Pieces of Q'V^-1 Q, shape (p, k, k).
        directions: U', which turns residuals into z, shape (z, n).
        lift: Turns z into the pieces of Q'V^-1 u but the first, which is zero, shape (p - 1, k, z).
        form: Turns products z_i z_j, i <= j, and the p scalars into S, shape (g, z (z + 1)/2 + p).
        slopes: Turns S at nine neighbouring nodes into the coefficients of the derivative of the
            polynomial through them, in steps from the middle one, shape (8, 9).
    """

    artanh: FloatArray
    gram: FloatArray
    directions: FloatArray
    lift: FloatArray
    form: FloatArray
    slopes: FloatArray

    @property
    def step(self) -> float:
        return float(self.artanh[1] - self.artanh[0])

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest artanh(rho) that a fit can have."""
        return float(self.artanh[REACH]), float(self.artanh[-1 - REACH])

    @classmethod
    def of(cls, layout: "Layout", lowest: float, highest: float) -> "RemlGrid":
        """Lay out the grid from `lowest` to `highest`, on the artanh scale."""
        q, k = layout.basis[0], layout.n_terms
        pieces = _pieces(layout)
        gram = np.stack([np.eye(k), *(q.T @ piece @ q for piece in pieces)])
        across = np.concatenate([piece @ q for piece in pieces], axis=1)
        across -= q @ (q.T @ across)
        u, sizes, v = np.linalg.svd(across, full_matrices=False)
        kept = sizes > NEGLIGIBLE * max(1.0, sizes[0])
        directions = np.ascontiguousarray(u[:, kept].T)
        lift = (v[kept].T * sizes[kept]).reshape(len(pieces), k, -1)

        steps = int(np.ceil((highest - lowest) / GRID_STEP))
        places = np.arange(-REACH, steps + REACH + 1)
        artanh = lowest + (highest - lowest) * places / steps
        rho = np.tanh(artanh)
        weights = precision_weights(rho, layout.distances)
        factor = np.linalg.cholesky(np.einsum("pg,pab->gab", weights, gram))
        projected = np.linalg.solve(factor, np.einsum("pg,pkz->gkz", weights[1:], lift))
        explained = np.einsum("gkz,gky->gzy", projected, projected)
        rows, ends = np.triu_indices(len(directions))
        products = np.where(rows == ends, 1.0, 2.0) * explained[:, rows, ends]
        log_det = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        spare = layout.n_obs - k
        scale = np.exp((log_det - layout.log_det_precision(rho)) / spare)
        form = scale[:, None] * np.concatenate([-products, weights.T], axis=1)
        offsets = np.arange(-REACH, REACH + 1.0)
        polynomial = np.linalg.inv(np.vander(offsets, increasing=True))
        return cls(
            artanh=artanh,
            gram=gram,
            directions=directions,
            lift=lift,
            form=np.ascontiguousarray(form),
            slopes=np.arange(1.0, 2 * REACH + 1)[:, None] * polynomial[1:],
        )


def precision_weights(rho: FloatArray, distances: NDArray[np.int64]) -> FloatArray:
    """Weights of the pieces I, L_1, D_1, ... of V^-1 at each rho, shape (1 + 2 d, ...)."""
    weights = np.empty((1 + 2 * len(distances), *rho.shape))
    weights[0] = 1 - rho * rho
    for at, distance in enumerate(distances):
        power = rho if distance == 1 else rho**distance
        scaled = power if distance == 1 else power * weights[0] / (1 - power * power)
        weights[1 + 2 * at] = scaled
        weights[2 + 2 * at] = scaled * (power - 1)
    return weights


def _pieces(layout: "Layout") -> list[FloatArray]:
    """L_d and D_d of every different gap, each of shape (n, n)."""
    found = []
    for steps in layout.steps:
        differences = np.diff(np.eye(layout.n_obs), axis=0)[steps]
        found += [differences.T @ differences, np.diag(np.abs(differences).sum(axis=0))]
    return found
