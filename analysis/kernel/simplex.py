"""Least squares over the unit simplex for many targets at once: the weights of synthetic controls.

    minimise |y - D w|^2 + ridge |w|^2   subject to   w >= 0,  sum w = 1

Because the weights sum to one, y - D w = (y 1' - D) w, and the problem is to find the point of a
convex hull that lies nearest to zero. With H = (y 1' - D)'(y 1' - D) + ridge I it has the same
solution, up to a factor, as the complementarity problem [1]_::

    v >= 0,   (H + s 1 1') v - 1 >= 0,   v'((H + s 1 1') v - 1) = 0,   w = v / sum v   (any s > 0)

whose matrix is positive definite. Whole blocks of variables are exchanged between the zero and
the positive ones until no sign is wrong [2]_, for all targets at once; the few targets for which
that does not settle, mostly such as lie inside the hull of more donors than years, are solved by
active sets [3]_. What comes out is certified by the Karush-Kuhn-Tucker conditions.

.. [1] Wolfe (1976), Mathematical Programming 11, 128-149, doi:10.1007/BF01580381.
.. [2] Portugal, Judice & Vicente (1994), Mathematics of Computation 63, 625-643,
   doi:10.2307/2153286; Kim & Park (2011), SIAM J. Scientific Computing 33, 3261-3281,
   doi:10.1137/110821172.
.. [3] Lawson & Hanson (1974), Solving Least Squares Problems, chapter 23.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from analysis.errors import EstimationError
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]
TIE_BREAK = 1e-9  # ridge in units of the mean of H's diagonal: with more donors than years many
# weights can fit alike; of these the most even ones are taken
START = 5  # donors
MOST_ROUNDS = 30  # of block exchanges; with 40 donors eight to twelve are usual
BLOCK = 500  # targets solved at a time: their matrices stay in the cache
SLACK = 1e-11  # of the order of rounding
KKT_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class SimplexFits:
    """Weights of many targets.

    Attributes:
        weights: Not negative, each row sums to one, shape (m, J).
        kkt: Largest violation of the optimality conditions, in units of the mean of H's diagonal,
            shape (m,); rounding alone leaves about 1e-12.
    """

    weights: FloatArray
    kkt: FloatArray


def fit_simplex(
    targets: FloatArray,
    donors: FloatArray,
    *,
    allowed: BoolArray | None = None,
    ridge: float = 0.0,
) -> SimplexFits:
    """Weight the columns of `donors` to come closest to each row of `targets`.

    Args:
        targets: Shape (m, T).
        donors: Common to all targets, shape (T, J).
        allowed: Which donors each target may use, shape (m, J); all if None.
        ridge: Added to H's diagonal, in squared units of the targets, as in synthetic
            difference-in-differences. `TIE_BREAK` comes on top.

    Raises:
        EstimationError: A target may use no donor, or a solution is not certified.

    >>> fit_simplex(np.array([[1.0, 2.0]]), np.array([[0.0, 2.0], [0.0, 4.0]])).weights.round(6)
    array([[0.5, 0.5]])
    """
    many, width = len(targets), donors.shape[1]
    usable = np.ones((many, width), dtype=bool) if allowed is None else allowed
    if not usable.any(axis=1).all():
        raise EstimationError("A synthetic control needs at least one donor; there is none.")
    level = donors.mean(axis=1)  # weights sum to one: taking it off everywhere changes nothing
    y, d = targets - level, donors - level[:, None]
    weights, kkt = np.empty((many, width)), np.empty(many)
    with one_thread():
        for start in range(0, many, BLOCK):
            part = slice(start, start + BLOCK)
            hulls = _Hulls.of(y[part], d, usable[part], ridge)
            weights[part] = _solve(hulls)
            kkt[part] = hulls.violation(weights[part])
    if not (kkt <= KKT_TOLERANCE).all():
        raise EstimationError(
            "The weights of a synthetic control could not be found to "
            f"{KKT_TOLERANCE:g}; the donors' values differ too much in size."
        )
    return SimplexFits(weights, kkt)


@dataclass(frozen=True, eq=False)
class _Hulls:
    """The problems of one block, H in units of the mean of its diagonal over the usable donors.

    H itself, J by J for each target, is never formed: solutions hold few donors.

    Attributes:
        y: Targets, shape (m, T).
        d: Donors, shape (T, J).
        usable: Shape (m, J).
        alone: Diagonal of H, how far each donor alone is off, shape (m, J).
        size: Unit of H, shape (m,).
        ridge: In that unit, with the tie-break, shape (m,).
    """

    y: FloatArray
    d: FloatArray
    usable: BoolArray
    alone: FloatArray
    size: FloatArray
    ridge: FloatArray

    @classmethod
    def of(cls, y: FloatArray, d: FloatArray, usable: BoolArray, ridge: float) -> "_Hulls":
        square = np.einsum("mt,mt->m", y, y)[:, None] + np.einsum("tj,tj->j", d, d)
        alone = np.maximum(square - 2 * y @ d, 0.0) + ridge
        size = np.where(usable, alone, 0.0).sum(axis=1) / usable.sum(axis=1)
        size = np.where(size > 0, size, 1.0)
        return cls(y, d, usable, alone, size, ridge / size + TIE_BREAK)

    def part(self, rows: IntArray) -> "_Hulls":
        """Some of the problems."""
        return _Hulls(
            *(self.y[rows], self.d, self.usable[rows], self.alone[rows]),
            *(self.size[rows], self.ridge[rows]),
        )

    def nearest(self) -> BoolArray:
        """The few donors that alone come closest, of which solutions are mostly made."""
        alone = np.where(self.usable, self.alone, np.inf)
        if alone.shape[1] <= START:
            return self.usable.copy()
        near: BoolArray = alone <= np.partition(alone, START - 1, axis=1)[:, START - 1 : START]
        return near & self.usable

    def on_support(self, positive: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Solve M v = 1, M = H + 1 1', on the positive variables; v and the slack M v - 1."""
        many, width = positive.shape
        count = positive.sum(axis=1)
        k = int(count.max())
        order = np.argsort(~positive, axis=1, kind="stable")[:, :k]  # the positive ones first
        live = np.arange(k) < count[:, None]
        off = (self.y[:, None, :] - self.d.T[order]) / np.sqrt(self.size)[:, None, None]
        matrix = off @ off.transpose(0, 2, 1) + 1.0
        matrix = np.where(live[:, :, None] & live[:, None, :], matrix, 0.0)
        at = np.arange(k)
        matrix[:, at, at] += np.where(live, self.ridge[:, None], 1.0)
        solved = np.linalg.solve(matrix, live.astype(float)[:, :, None])[:, :, 0]
        v = np.zeros((many, width))
        np.put_along_axis(v, order, solved, axis=1)
        v[~positive] = 0.0
        return v, self.gradient(v) + v.sum(axis=1, keepdims=True) - 1.0

    def gradient(self, v: FloatArray) -> FloatArray:
        """H v, shape (m, J)."""
        off = self.y * v.sum(axis=1, keepdims=True) - v @ self.d.T
        along = np.einsum("mt,mt->m", self.y, off)[:, None] - off @ self.d
        gradient: FloatArray = along / self.size[:, None] + self.ridge[:, None] * v
        return gradient

    def active_set(self, row: int) -> FloatArray:
        """v of one problem by Lawson and Hanson's method: |A v - b|^2 with A'A = M, A'b = 1."""
        use = self.usable[row]
        many = int(use.sum())
        off = (self.y[row][:, None] - self.d[:, use]) / np.sqrt(self.size[row])
        rows = np.vstack([off, np.sqrt(self.ridge[row]) * np.eye(many), np.ones(many)])
        target = np.append(np.zeros(len(rows) - 1), 1.0)
        v = np.zeros(len(use))
        v[use] = nnls(rows, target, maxiter=30 * many)[0]
        return v

    def violation(self, weights: FloatArray) -> FloatArray:
        """How far the gradient on the used donors is above the smallest one on the usable."""
        gradient = self.gradient(weights)
        value = np.einsum("mj,mj->m", gradient, weights)
        below = np.where(self.usable, value[:, None] - gradient, -np.inf).max(axis=1)
        violation: FloatArray = np.maximum(below, 0.0)
        return violation


def _solve(hulls: _Hulls) -> FloatArray:
    many, width = hulls.usable.shape
    positive = hulls.nearest()
    v = np.zeros((many, width))
    at_work = np.arange(many)
    for _ in range(MOST_ROUNDS):
        working = hulls.part(at_work)
        v[at_work], slack = working.on_support(positive[at_work])
        short = (slack < -SLACK) & working.usable
        wrong = np.where(positive[at_work], v[at_work] < 0, short)
        going = wrong.any(axis=1)
        at_work = at_work[going]
        if not len(at_work):
            break
        positive[at_work] ^= wrong[going]
    for row in at_work.tolist():
        v[row] = hulls.active_set(row)
    v = np.maximum(v, 0.0)
    weights: FloatArray = v / v.sum(axis=1, keepdims=True)
    return weights
