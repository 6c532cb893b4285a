"""Least squares over the unit simplex for many targets at once: the weights of synthetic controls.

    minimise |y - D w|^2 + ridge |w|^2   subject to   w >= 0,  sum w = 1

Because the weights sum to one, y - D w = (y 1' - D) w, and the problem is to find the point of a
convex hull that lies nearest to zero. With H = (y 1' - D)'(y 1' - D) + ridge I it has the same
solution, up to a factor, as the complementarity problem [1]_::

    v >= 0,   (H + s 1 1') v - 1 >= 0,   v'((H + s 1 1') v - 1) = 0,   w = v / sum v   (any s > 0)

whose matrix is positive definite, so that exchanging whole blocks of variables between the zero
and the positive ones, with single exchanges wherever that stops helping, ends after finitely many
rounds at the one solution [2]_. What comes out is certified by the Karush-Kuhn-Tucker conditions
of the problem as it was posed.

.. [1] Wolfe (1976), Mathematical Programming 11, 128-149, doi:10.1007/BF01580381; Lawson & Hanson
   (1974), Solving Least Squares Problems, chapter 23.
.. [2] Portugal, Judice & Vicente (1994), Mathematics of Computation 63, 625-643,
   doi:10.2307/2153286; Kim & Park (2011), SIAM J. Scientific Computing 33, 3261-3281,
   doi:10.1137/110821172.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.errors import EstimationError
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
TIE_BREAK = 1e-9  # ridge in units of the mean of H's diagonal: with more donors than years many
# weights can fit alike; of these the most even ones are taken
START = 5  # donors
PATIENCE = 3  # block exchanges without fewer violations before single ones
MOST_ROUNDS = 2_000
BLOCK_NUMBERS = 100_000  # elements of the matrices solved at a time: they stay in the cache
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
    gram = d.T @ d
    block = max(1, BLOCK_NUMBERS // (width * width))
    weights, kkt = np.empty((many, width)), np.empty(many)
    with one_thread():
        for start in range(0, many, block):
            part = slice(start, start + block)
            fits = minimise_on_simplex(_hessian(y[part], d, gram, ridge), usable[part])
            weights[part], kkt[part] = fits.weights, fits.kkt
    return SimplexFits(weights, kkt)


def minimise_on_simplex(hessians: FloatArray, allowed: BoolArray | None = None) -> SimplexFits:
    """Minimise w'H w over the simplex for each H.

    Args:
        hessians: Symmetric, without negative eigenvalues, shape (m, J, J).
        allowed: Which weights may differ from zero, shape (m, J); all if None.

    Raises:
        EstimationError: A solution is not certified.
    """
    many, width = hessians.shape[:2]
    usable = np.ones((many, width), dtype=bool) if allowed is None else allowed
    scaled = _scaled(hessians, usable)
    weights = _solve(scaled, usable)
    kkt = _violation(scaled, weights, usable)
    if not (kkt <= KKT_TOLERANCE).all():
        raise EstimationError(
            "The weights of a synthetic control could not be found to "
            f"{KKT_TOLERANCE:g}; the donors' values differ too much in size."
        )
    return SimplexFits(weights, kkt)


def _hessian(y: FloatArray, d: FloatArray, gram: FloatArray, ridge: float) -> FloatArray:
    cross = y @ d
    square = np.einsum("mt,mt->m", y, y)
    hessian: FloatArray = gram - cross[:, :, None] - cross[:, None, :] + square[:, None, None]
    at = np.arange(d.shape[1])
    hessian[:, at, at] += ridge
    return hessian


def _scaled(hessians: FloatArray, usable: BoolArray) -> FloatArray:
    """H with a mean diagonal of one over the usable donors, and the tie-break."""
    at = np.arange(usable.shape[1])
    size = np.where(usable, hessians[:, at, at], 0.0).sum(axis=1) / usable.sum(axis=1)
    scaled: FloatArray = hessians / np.where(size > 0, size, 1.0)[:, None, None]
    scaled[:, at, at] += TIE_BREAK
    return scaled


def _solve(hessian: FloatArray, usable: BoolArray) -> FloatArray:
    many, width = usable.shape
    matrix = hessian + 1.0
    positive = _nearest(matrix, usable)
    v = np.zeros((many, width))
    fewest = np.full(many, width + 1)
    patience = np.full(many, PATIENCE)
    at_work = np.arange(many)
    for _ in range(MOST_ROUNDS):
        v[at_work], slack = _on_support(matrix[at_work], positive[at_work])
        wrong = np.where(positive[at_work], v[at_work] < 0, (slack < -1e-11) & usable[at_work])
        count = wrong.sum(axis=1)
        going = count > 0
        at_work, wrong, count = at_work[going], wrong[going], count[going]
        if not len(at_work):
            break
        better = count < fewest[at_work]
        fewest[at_work] = np.where(better, count, fewest[at_work])
        patience[at_work] = np.where(better, PATIENCE, patience[at_work] - 1)
        single = patience[at_work] < 0
        last = width - 1 - np.argmax(wrong[:, ::-1], axis=1)  # Murty's rule cannot cycle
        one = np.zeros_like(wrong)
        one[np.arange(len(wrong)), last] = True
        positive[at_work] ^= np.where(single[:, None], one, wrong)
    v = np.maximum(v, 0.0)
    weights: FloatArray = v / v.sum(axis=1, keepdims=True)
    return weights


def _nearest(matrix: FloatArray, usable: BoolArray) -> BoolArray:
    """The few donors that alone come closest: solutions hold few, so little is left to exchange."""
    alone = np.where(usable, np.einsum("mii->mi", matrix), np.inf)
    if alone.shape[1] <= START:
        return usable.copy()
    near: BoolArray = alone <= np.partition(alone, START - 1, axis=1)[:, START - 1 : START]
    return near & usable


def _on_support(matrix: FloatArray, positive: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Solve M v = 1 on the positive variables, the others zero; v and the slack M v - 1."""
    many, width = positive.shape
    size = positive.sum(axis=1)
    k = int(size.max())
    order = np.argsort(~positive, axis=1, kind="stable")[:, :k]  # the positive ones first
    live = np.arange(k) < size[:, None]
    small = matrix[np.arange(many)[:, None, None], order[:, :, None], order[:, None, :]]
    small = np.where(live[:, :, None] & live[:, None, :], small, 0.0)
    small[:, np.arange(k), np.arange(k)] += ~live
    solved = np.linalg.solve(small, live.astype(float)[:, :, None])[:, :, 0]
    v = np.zeros((many, width))
    np.put_along_axis(v, order, solved, axis=1)
    v[~positive] = 0.0
    slack: FloatArray = np.matmul(matrix, v[:, :, None])[:, :, 0] - 1.0
    return v, slack


def _violation(hessian: FloatArray, weights: FloatArray, usable: BoolArray) -> FloatArray:
    """How far the gradient on the used donors is above the smallest one on the usable."""
    gradient = np.einsum("mij,mj->mi", hessian, weights)
    value = np.einsum("mi,mi->m", gradient, weights)
    below = np.where(usable, value[:, None] - gradient, -np.inf).max(axis=1)
    violation: FloatArray = np.maximum(below, 0.0)
    return violation
