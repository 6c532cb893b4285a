"""Split many series into segments with their own regressions, at the least sum of squares.

The sum of squared residuals of every admissible segment is computed once; the best partition
into any number of segments then follows by dynamic programming: the best one that ends at j with
b breaks is, for some i, the best one that ends at i with b - 1 breaks and the segment i + 1 .. j
(Bai & Perron 2003, J. Appl. Econometrics 18, 1-22, doi:10.1002/jae.659).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Partitions:
    """Best partitions of m series into 1 to b + 1 segments.

    Attributes:
        ssr: Sum of squared residuals by number of breaks, shape (b + 1, m).
        ends: ends[r, s] is the last observation of segment s in the partition with r breaks,
            -1 beyond them, shape (b + 1, b, m).
    """

    ssr: FloatArray
    ends: IntArray


def segment_ssr(series: FloatArray, regressors: FloatArray, shortest: int) -> FloatArray:
    """Sum of squared residuals of the regression on observations i to j, shape (n, n, m).

    Infinite where the segment has fewer than `shortest` observations.

    Args:
        series: Shape (m, n).
        regressors: X, of full column rank in every admissible segment, shape (n, k).
        shortest: Observations that a segment needs, at least k.
    """
    n, columns = series.shape[1], np.ascontiguousarray(series.T)
    whole, _ = np.linalg.qr(regressors)
    columns = columns - whole @ (whole.T @ columns)
    squares = np.vstack([np.zeros(columns.shape[1]), np.cumsum(columns**2, axis=0)])
    table = np.full((n, n, columns.shape[1]), np.inf)
    for i in range(n - shortest + 1):
        for j in range(i + shortest - 1, n):
            q, _ = np.linalg.qr(regressors[i : j + 1])
            explained = q.T @ columns[i : j + 1]
            left = squares[j + 1] - squares[i] - np.einsum("km,km->m", explained, explained)
            table[i, j] = np.maximum(left, 0.0)
    return table


def best_partitions(ssr: FloatArray, breaks: int) -> Partitions:
    """Best partitions with 0 to `breaks` breaks, from the table of `segment_ssr`."""
    n, m = ssr.shape[1:]
    series = np.arange(m)
    best = [ssr[0]]  # best[r][j]: r breaks, the last segment ending at j
    before: list[IntArray] = []
    for _ in range(breaks):
        last, place = np.full((n, m), np.inf), np.zeros((n, m), dtype=np.intp)
        for j in range(1, n):
            joined = best[-1][:j] + ssr[1 : j + 1, j]
            place[j] = np.argmin(joined, axis=0)
            last[j] = joined[place[j], series]
        best.append(last)
        before.append(place)
    ends = np.full((breaks + 1, breaks, m), -1, dtype=np.intp)
    for r in range(1, breaks + 1):
        end = np.full(m, n - 1, dtype=np.intp)
        for s in range(r, 0, -1):
            end = before[s - 1][end, series]
            ends[r, s - 1] = end
    return Partitions(ssr=np.stack([row[n - 1] for row in best]), ends=ends)


def best_split(ssr: FloatArray, first: IntArray, last: IntArray) -> FloatArray:
    """Least sum of squares of two segments that together run from `first` to `last`, shape (m,).

    Infinite where no admissible split exists.
    """
    n, m = ssr.shape[1:]
    series, least = np.arange(m), np.full(m, np.inf)
    for middle in range(n - 1):
        inside = (middle >= first) & (middle < last)
        after = np.minimum(middle + 1, last)
        joined = ssr[np.minimum(first, middle), middle, series] + ssr[after, last, series]
        least = np.where(inside, np.minimum(least, joined), least)
    return least


def chow_path(ssr: FloatArray, regressors: int, first: int, last: int) -> FloatArray:
    """F times k of a change in all k coefficients after each of observations first to last.

    (RSS - RSS_1 - RSS_2) / ((RSS_1 + RSS_2) / (n - 2 k)), shape (m, last - first + 1).

    Args:
        ssr: From `segment_ssr`.
        regressors: k.
        first: Index of the last observation of the first segment, to begin with.
        last: The same, to end with.
    """
    n = ssr.shape[1]
    split = np.stack([ssr[0, j] + ssr[j + 1, n - 1] for j in range(first, last + 1)])
    path: FloatArray = ((ssr[0, n - 1] - split) / (split / (n - 2 * regressors))).T
    return path


def penalised_partition(ssr: FloatArray, penalty: float) -> list[int]:
    """Last observations of all segments but the last that minimise SSR + penalty * breaks.

    For one series. The answer is that of PELT (Killick, Fearnhead & Eckley 2012, J. Am. Stat.
    Assoc. 107, 1590-1598, doi:10.1080/01621459.2012.737745), which only prunes the search.
    """
    table = ssr[..., 0]
    best, before = [0.0], [0]
    for j in range(len(table)):
        totals = [best[i] + table[i, j] + (penalty if i else 0.0) for i in range(j + 1)]
        before.append(int(np.argmin(totals)))
        best.append(float(min(totals)))
    ends: list[int] = []
    at = before[len(table)]
    while at:
        ends.insert(0, at - 1)
        at = before[at]
    return ends
