"""Find where the restricted likelihood of many series peaks; see `kernel.reml_grid` for S.

Every product is taken of series side by side, and every other step series by series: a series
gets the same bits alone and in a block of any size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.layout import Layout
from analysis.kernel.reml_grid import REACH

FloatArray = NDArray[np.float64]
FINENESS = (
    2.0**22
)  # artanh(rho) is a multiple of 1/FINENESS, so that the last bits of a processor's
# arithmetic, which the flat top of the profile magnifies ten thousandfold, do not reach the results
TILE = 4_000  # series whose profiles are held at a time: they stay in the cache
CLOSE = 3e-4  # steps of the grid; a series whose step of Newton's was longer takes more:
# the error left is about the square of the last step
MOST_STEPS = 30


@dataclass(frozen=True, eq=False)
class Moments:
    """What the profile of a series depends on.

    Attributes:
        directions: z = U'u of the least-squares residuals u, shape (z, m).
        scalars: u'u and, for every different gap, u'L_d u and u'D_d u, shape (1 + 2 d, m).
    """

    directions: FloatArray
    scalars: FloatArray


def tiles(series: int) -> list[slice]:
    """So many series in parts of `TILE`, in order; none are one empty part."""
    return [slice(at, min(at + TILE, series)) for at in range(0, max(1, series), TILE)]


def take_moments(residuals: FloatArray, layout: Layout) -> Moments:
    """Moments of least-squares residuals given as columns, shape (n, m)."""
    now, before = residuals[1:], residuals[:-1]
    scalars = [np.einsum("tm,tm->m", residuals, residuals)]
    for steps in layout.steps:
        if steps.all():
            ends = residuals[[0, -1]]
            bounding = 2 * scalars[0] - np.einsum("tm,tm->m", ends, ends)
            between = np.einsum("tm,tm->m", now, before)
        else:
            sides = now[steps], before[steps]
            bounding = sum(np.einsum("tm,tm->m", side, side) for side in sides)
            between = np.einsum("tm,tm->m", *sides)
        scalars += [bounding - 2 * between, bounding]
    return Moments(layout.grid.directions @ residuals, np.stack(scalars))


def join_moments(parts: list[Moments]) -> Moments:
    """Moments of several parts of the series as those of all."""
    if len(parts) == 1:
        return parts[0]
    return Moments(
        np.concatenate([part.directions for part in parts], axis=1),
        np.concatenate([part.scalars for part in parts], axis=1),
    )


def most_likely(moments: Moments, layout: Layout) -> FloatArray:
    """rho at which the restricted likelihood peaks, shape (m,).

    It is the lowest point of the polynomial around the lowest node of S, away from the peak by some
    1e-7 on the artanh scale in designs of 20 to 120 years and by 1e-5 where eleven years bear six
    terms; the likelihood there is the highest there is to ten digits.
    """
    grid, m = layout.grid, moments.directions.shape[1]
    node, slopes = np.empty(m, dtype=np.intp), np.empty((2 * REACH, m))
    for part in tiles(m):
        _search_grid(moments, layout, part, node[part], slopes[:, part])
    lowest = grid.artanh[REACH + node] + grid.step * _lowest_between(slopes)
    settled = np.clip(np.round(lowest * FINENESS) / FINENESS, *grid.ends)
    rho: FloatArray = np.tanh(settled)
    return rho


def _search_grid(
    moments: Moments, layout: Layout, part: slice, node: NDArray[np.intp], slopes: FloatArray
) -> None:
    """Write the lowest node of some series, and the polynomial's derivative around it."""
    grid, directions = layout.grid, moments.directions[:, part]
    z, m = directions.shape
    products = np.empty((grid.form.shape[1], m))
    at = 0
    for i in range(z):
        np.multiply(directions[i:], directions[i], out=products[at : at + z - i])
        at += z - i
    products[at:] = moments.scalars[:, part]
    profile = products.T @ grid.form.T
    nodes = profile.shape[1]
    np.argmin(profile, axis=1, out=node)
    node -= REACH
    outside = np.flatnonzero((node < 0) | (node >= nodes - 2 * REACH))
    node[outside] = np.argmin(profile[outside, REACH:-REACH], axis=1)
    first, values = np.arange(0, m * nodes, nodes) + node, profile.ravel()
    nearby = np.empty((2 * REACH + 1, m))
    for offset, row in enumerate(nearby):
        values[offset:].take(first, out=row, mode="clip")
    np.matmul(grid.slopes, nearby, out=slopes)


def _lowest_between(slopes: FloatArray) -> FloatArray:
    """Where polynomials with these derivatives at 0 are lowest, from -1 to 1, shape (m,).

    The root of the derivative is guessed by turning its series round to the third order, and
    improved by Newton's method until a step is short. Where the polynomial is concave the way is a
    step downhill.
    """
    convex = slopes[1] > 0
    inverse = 1 / np.where(convex, slopes[1], 1.0)
    first, second, third = (slopes[order] * inverse for order in (0, 2, 3))
    turned = -first * (1 + first * (second + first * (2 * second * second - third)))
    before = np.clip(np.where(convex, turned, -np.sign(slopes[0])), -1.0, 1.0)
    place = _newton(slopes, before)
    going = np.flatnonzero(np.abs(place - before) > CLOSE)
    for _ in range(MOST_STEPS):
        if not len(going):
            break
        before = place[going]
        place[going] = _newton(slopes[:, going], before)
        going = going[np.abs(place[going] - before) > CLOSE]
    return place


def _newton(slopes: FloatArray, place: FloatArray) -> FloatArray:
    value, bend = slopes[-1].copy(), np.zeros_like(place)
    for coefficient in slopes[-2::-1]:
        bend *= place
        bend += value
        value *= place
        value += coefficient
    convex = bend > 0
    moved = place - np.where(convex, value / np.where(convex, bend, 1.0), np.sign(value))
    nearer: FloatArray = np.clip(moved, -1.0, 1.0)
    return nearer
