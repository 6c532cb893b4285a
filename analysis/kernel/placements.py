"""Rank dated changes among all placements of as many dates, many series at once.

For dates t_1 < ... < t_m with weights w_j the statistic is S = sum_j |w_j| c_j(t_j), where c is the
change of a series at a year, and of minus the series where w_j is negative::

    sum      c(t) = y_t - y_(t-1)
    window   c(t) = (y_t + y_(t+1)) / 2 - (y_(t-1) + y_(t-2)) / 2
    lag      c(t) = max(y_t - y_(t-1), y_(t+1) - y_t)
    local    c(t) = d_t - mean of d_(t-2), d_(t-1), d_(t+1), d_(t+2) with d_t = y_t - y_(t-1)

p is the share of placements, the declared one among them, whose S is at least the declared one's.
It is exact where the changes are exchangeable over the candidate years; a level and a linear trend
add the same to every placement. The local form also takes out change that is as fast in the years
around a date: smooth curves, however steep over a decade, hardly move it.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import comb

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
STATISTICS = ("sum", "window", "lag", "local")
LINEAR = ("sum", "window", "local")  # whose change of a sum of series is the sum of the changes
NEIGHBOURS = (-2, -1, 1, 2)  # years whose changes the local form compares a date with
CELLS = 2**17  # statistics held at a time: they stay in the cache, some 1 MB
TILE = 2**12  # placements taken together, so that their weights stay there, too
SLACK = 1e-9  # relative: statistics closer than rounding count as equal


@dataclass(frozen=True, eq=False)
class Placements:
    """All placements of some dates on candidate years, and the declared one.

    Attributes:
        candidates: Years at which a date may lie, ascending, shape (c,).
        where: Positions among the candidates, ascending along each row, shape (p, m).
        declared: Row of the declared dates.
    """

    candidates: IntArray
    where: IntArray
    declared: int

    def __len__(self) -> int:
        return len(self.where)

    def _spread(self, weights: FloatArray) -> FloatArray:
        """Weight of each candidate in each placement, shape (c, p)."""
        spread = np.zeros((len(self.candidates), len(self)))
        for date, weight in enumerate(weights):
            spread[self.where[:, date], np.arange(len(self))] = weight
        return spread

    def exceedance(
        self, rising: FloatArray, falling: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Share of placements that reach the declared one, by series, shape (b,)."""
        scores, spread = self._scored(rising, falling, weights)
        bound = np.ascontiguousarray(spread[:, self.declared])
        slack = SLACK * np.abs(weights).sum() * np.abs(scores).max(axis=1)
        block = max(1, CELLS // min(TILE, len(self)))
        reached = np.zeros(len(scores))
        for at in range(0, len(scores), block):
            rows = scores[at : at + block]
            least = (rows @ bound - slack[at : at + block])[:, None]
            for tile in range(0, len(self), TILE):
                above = rows @ spread[:, tile : tile + TILE] >= least
                reached[at : at + block] += np.count_nonzero(above, axis=1)
        return reached / len(self)

    def exceedance_along(
        self, changes: FloatArray, slopes: FloatArray, weights: FloatArray, steps: FloatArray
    ) -> FloatArray:
        """The same for one series less `steps` times another, by step, shape (s,).

        A placement reaches the declared one up to one step or from one on: nothing is ranked anew.

        Args:
            changes: Of the series, shape (c,), in a form that is `LINEAR`.
            slopes: Of the other series, likewise.
            weights: One a date.
            steps: Ascending.
        """
        rows = np.stack([changes, slopes])
        scores, spread = self._scored(rows, -rows, weights)
        placed = scores @ spread
        ahead, slope = placed - placed[:, [self.declared]]
        largest = np.abs(scores).max(axis=1)
        slack = SLACK * np.abs(weights).sum() * largest
        flat = np.abs(slope) <= slack[1]
        always = np.count_nonzero(ahead[flat] >= -slack[0])
        inclined = np.where(flat, 1.0, slope)
        turns = ahead / inclined
        near = (slack[0] + np.abs(turns) * slack[1]) / np.abs(inclined)
        ends = np.sort((turns + near)[~flat & (slope > 0)])
        starts = np.sort((turns - near)[~flat & (slope < 0)])
        until = len(ends) - np.searchsorted(ends, steps, side="left")
        since = np.searchsorted(starts, steps, side="right")
        share: FloatArray = (always + until + since) / len(self)
        return share

    def _scored(
        self, rising: FloatArray, falling: FloatArray, weights: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Changes by candidate, shape (b, r), and their weight in each placement, shape (r, p)."""
        up, down = np.maximum(weights, 0.0), np.maximum(-weights, 0.0)
        if not down.any():
            return rising, self._spread(up)
        spread = np.concatenate([self._spread(up), self._spread(down)])
        return np.concatenate([rising, falling], axis=1), spread


def count_placements(candidates: int, dates: int, min_spacing: int) -> int:
    """How many ways there are to put dates on consecutive candidate years this far apart.

    >>> count_placements(22, 3, 2), count_placements(28, 3, 2)
    (1140, 2600)
    """
    return comb(max(candidates - (dates - 1) * (min_spacing - 1), 0), dates)


def place_all(candidates: IntArray, declared: IntArray, min_spacing: int) -> Placements:
    """Enumerate the placements of as many dates as are declared.

    Args:
        candidates: Years at which a date may lie, ascending.
        declared: The dates, ascending, each a candidate and `min_spacing` apart.
        min_spacing: Fewest years from one date of a placement to the next.
    """
    rows = np.arange(len(candidates))[:, None]
    for _ in range(len(declared) - 1):
        last = candidates[rows[:, -1]]
        first = np.searchsorted(candidates, last + min_spacing)
        room = len(candidates) - first
        ends = np.cumsum(room)
        offsets = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - room, room)
        rows = np.column_stack([np.repeat(rows, room, axis=0), np.repeat(first, room) + offsets])
    wanted = np.searchsorted(candidates, declared)
    found = np.flatnonzero((rows == wanted).all(axis=1))
    if len(found) != 1 or not np.array_equal(candidates[wanted], declared):
        raise ValueError("The declared dates are not among the placements.")
    return Placements(candidates, rows.astype(np.int64), int(found[0]))


def candidate_years(years: IntArray, statistic: str) -> IntArray:
    """Years at which a date may lie: every value the change at it needs is observed.

    Two years at the beginning and one at the end are no candidates whatever the statistic, so
    that the forms are ranked among the same placements.
    """
    needed = {
        "sum": (-1, 0),
        "window": (-2, -1, 0, 1),
        "lag": (-1, 0, 1),
        "local": (-2, -1, 0, 1),  # the changes of the year before and after, at the least
    }[statistic]
    inside = years[(years >= years[0] + 2) & (years <= years[-1] - 1)]
    complete = np.all([np.isin(inside + shift, years) for shift in needed], axis=0)
    candidates: IntArray = inside[complete]
    return candidates


def changes(
    series: FloatArray, years: IntArray, candidates: IntArray, statistic: str
) -> FloatArray:
    """The change c of each series at each candidate year, shape (b, c).

    Args:
        series: Values on `years`, shape (b, n).
        years: Observed years, ascending, shape (n,).
        candidates: From `candidate_years`.
        statistic: One of `STATISTICS`.
    """

    def value(shift: int) -> FloatArray:
        return series[:, np.searchsorted(years, candidates + shift)]

    if statistic == "sum":
        return value(0) - value(-1)
    if statistic == "window":
        return (value(0) + value(1)) / 2 - (value(-1) + value(-2)) / 2
    if statistic == "lag":
        return np.maximum(value(0) - value(-1), value(1) - value(0))
    return value(0) - value(-1) - _around(series, years, candidates)


def _around(series: FloatArray, years: IntArray, candidates: IntArray) -> FloatArray:
    """Mean of the neighbouring changes there are, by candidate, shape (b, c)."""
    total = np.zeros((len(series), len(candidates)))
    number = np.zeros(len(candidates))
    for shift in NEIGHBOURS:
        now, before = candidates + shift, candidates + shift - 1
        there = np.isin(now, years) & np.isin(before, years)
        ends = [np.searchsorted(years, each[there]) for each in (now, before)]
        total[:, there] += series[:, ends[0]] - series[:, ends[1]]
        number += there
    return total / number


def placement_p(
    series: FloatArray,
    years: IntArray,
    placements: Placements,
    *,
    statistic: str,
    weights: FloatArray,
) -> FloatArray:
    """Exact p of each series against "the weighted changes are large at these dates".

    Args:
        series: Values on `years`, shape (b, n).
        years: Observed years, ascending.
        placements: From `place_all`.
        statistic: One of `STATISTICS`.
        weights: One a date, negative where a fall is claimed.
    """
    rising = changes(series, years, placements.candidates, statistic)
    falling = changes(-series, years, placements.candidates, statistic)
    return placements.exceedance(rising, falling, weights)


def smallest_gap(dates: IntArray) -> int:
    """Fewest years between two dates; a large number for one date."""
    return min((int(b - a) for a, b in pairwise(dates)), default=10**6)
