"""Take fixed effects out of the columns of a panel, whatever its size.

To regress y on X with effects of units and years is to regress the residuals of y on the residuals
of X, each left by a regression on the effects alone [1]_. Two ways to those residuals:

* two sets of effects, one of them small (years): units are swept out by their means, and the years'
  effects solve the small system that is left [2]_. Exact, whatever cells are missing;
* otherwise symmetric alternating projections on one set of means after another, sped up by
  conjugate gradients [3]_, until a step moves no column by more than `tolerance` of its length.

Both cost a number of passes over the rows that does not grow with the rows.

.. [1] Frisch & Waugh (1933), Econometrica 1, 387-401; Lovell (1963), JASA 58, 993-1010.
.. [2] Wansbeek & Kapteyn (1989), J. Econometrics 41, 341-361.
.. [3] Guimarães & Portugal (2010), Stata J. 10, 628-649; Correia (2017), "Linear models with
   high-dimensional fixed effects", the transform "symmetric Kaczmarz".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from analysis.errors import EstimationError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
TOLERANCE = 1e-10
MOST_SWEEPS = 2_000
SMALL = 1_000  # levels up to which a set of effects is solved for exactly
SINGULAR = 1e-11  # eigenvalues below this share of the largest are zeros that were rounded


@dataclass(frozen=True, eq=False)
class Effects:
    """Sets of fixed effects: for each, the level of every row as a code from 0.

    Attributes:
        codes: One array of shape (n,) for each set, levels numbered without gaps.
        weights: Weight of each row, shape (n,), positive; None for equal weights.
    """

    codes: tuple[IntArray, ...]
    weights: FloatArray | None = None

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """Number of levels of each set."""
        return tuple(int(codes.max()) + 1 for codes in self.codes)

    @cached_property
    def totals(self) -> tuple[FloatArray, ...]:
        """Sum of the weights of each level."""
        return tuple(
            np.bincount(codes, weights=self.weights, minlength=n).astype(np.float64)
            for codes, n in zip(self.codes, self.levels, strict=True)
        )

    @cached_property
    def n_absorbed(self) -> int:
        """Rank of the effects, an intercept included.

        Exact for one and two sets: levels less the connected parts of the graph that joins levels
        seen together (Abowd, Creecy & Kramarz 2002). For more sets one less for each further set,
        which may count too many.
        """
        if len(self.codes) == 1:
            return self.levels[0]
        return sum(self.levels) - self._parts - (len(self.codes) - 2)

    @property
    def _parts(self) -> int:
        first, second = self.codes[:2]
        n_first, n_second = self.levels[:2]
        size = n_first + n_second
        joined = sparse.coo_matrix(
            (np.ones(len(first), dtype=np.int8), (first, second + n_first)), shape=(size, size)
        )
        return int(connected_components(joined, directed=False)[0])

    def nested_in(self, clusters: IntArray) -> tuple[bool, ...]:
        """Which sets have every level inside one cluster."""
        return tuple(
            _is_constant_within(codes, clusters, n)
            for codes, n in zip(self.codes, self.levels, strict=True)
        )


def number_levels(*labels: Sequence[object] | NDArray[np.generic]) -> tuple[IntArray, ...]:
    """Codes from 0 without gaps for each array of labels, in the order of the sorted labels.

    >>> number_levels(["b", "a", "b"])[0].tolist()
    [1, 0, 1]
    """
    return tuple(np.unique(np.asarray(each), return_inverse=True)[1] for each in labels)


def residualise(columns: FloatArray, effects: Effects, tolerance: float = TOLERANCE) -> FloatArray:
    """Residuals of each column on the effects.

    Args:
        columns: Shape (n, k) or (n,).
        effects: From `Effects`; the codes number the levels without gaps.
        tolerance: Largest move of a column in one step, relative to its length, at which
            alternating projections stop. Not used where the solution is exact.

    Raises:
        EstimationError: The projections do not settle in `MOST_SWEEPS` sweeps.
    """
    if columns.ndim == 1:
        return residualise(columns[:, None], effects, tolerance)[:, 0]
    out = np.empty_like(columns, dtype=np.float64, order="F")
    solve = _YearSystem(effects) if _is_small(effects) else None
    for j in range(columns.shape[1]):
        column = np.ascontiguousarray(columns[:, j], dtype=np.float64)
        if len(effects.codes) == 1:
            out[:, j] = _demean(column, effects, 0)
        elif solve is not None:
            out[:, j] = solve.residuals(column)
        else:
            out[:, j] = _project(column, effects, tolerance)
    return out


def _is_small(effects: Effects) -> bool:
    return len(effects.codes) == 2 and min(effects.levels) <= SMALL


def _demean(column: FloatArray, effects: Effects, which: int) -> FloatArray:
    left: FloatArray = column - _means(column, effects, which)[effects.codes[which]]
    return left


def _means(column: FloatArray, effects: Effects, which: int) -> FloatArray:
    weighted = column if effects.weights is None else column * effects.weights
    sums = np.bincount(effects.codes[which], weights=weighted, minlength=effects.levels[which])
    means: FloatArray = sums / effects.totals[which]
    return means


class _YearSystem:
    """The normal equations of the smaller set of effects once the larger is swept out."""

    def __init__(self, effects: Effects) -> None:
        self.effects = effects
        self.small = int(np.argmin(effects.levels))
        self.large = 1 - self.small
        rows, cols = effects.codes[self.large], effects.codes[self.small]
        shape = (effects.levels[self.large], effects.levels[self.small])
        weights = np.ones(len(rows)) if effects.weights is None else effects.weights
        together = sparse.coo_matrix((weights, (rows, cols)), shape=shape).tocsr()
        shares = sparse.diags_array(1 / effects.totals[self.large]) @ together
        gram = np.diag(effects.totals[self.small]) - (together.T @ shares).toarray()
        # singular: each connected part of the panel leaves one constant free
        self.inverse = np.linalg.pinv(gram, rcond=SINGULAR, hermitian=True)

    def residuals(self, column: FloatArray) -> FloatArray:
        within = _demean(column, self.effects, self.large)
        right = _means(within, self.effects, self.small) * self.effects.totals[self.small]
        shift = (self.inverse @ right)[self.effects.codes[self.small]]
        return _demean(column - shift, self.effects, self.large)


def _project(column: FloatArray, effects: Effects, tolerance: float) -> FloatArray:
    """Conjugate gradients on what a symmetric sweep takes away."""
    length = float(np.linalg.norm(column)) or 1.0
    left = column.copy()
    residual = _swept(left, effects)
    direction = residual.copy()
    squared = float(residual @ residual)
    for _ in range(MOST_SWEEPS):
        if np.sqrt(squared) <= tolerance * length:
            for which in range(len(effects.codes)):
                left = _demean(left, effects, which)
            return left
        image = _swept(direction, effects)
        step = squared / float(direction @ image)
        left -= step * direction
        residual -= step * image
        previous, squared = squared, float(residual @ residual)
        direction = residual + (squared / previous) * direction
    raise EstimationError(
        f"The fixed effects did not settle within {MOST_SWEEPS:,} sweeps at a tolerance of "
        f"{tolerance:g}; the panel may hang together by a few rows only."
    )


def _swept(column: FloatArray, effects: Effects) -> FloatArray:
    """What a sweep through all sets, and back through them, takes away."""
    left = column
    n = len(effects.codes)
    for which in [*range(n), *range(n - 2, -1, -1)]:
        left = _demean(left, effects, which)
    taken: FloatArray = column - left
    return taken


def _is_constant_within(codes: IntArray, clusters: IntArray, n_levels: int) -> bool:
    cluster_of = np.zeros(n_levels, dtype=np.intp)
    cluster_of[codes] = clusters
    return bool((cluster_of[codes] == clusters).all())
