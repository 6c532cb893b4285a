"""Count for many series at once in how many pairs of years the later value is the higher one."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def rising_pairs(series: FloatArray) -> FloatArray:
    """Mann and Kendall's S = sum over i < j of sign(y_j - y_i), shape (m,).

    >>> rising_pairs(np.array([[1.0, 3.0, 2.0, 4.0]])).tolist()
    [4.0]
    """
    columns = np.ascontiguousarray(series.T)
    total = np.zeros(columns.shape[1])
    for year in range(1, len(columns)):
        total += np.sign(columns[year] - columns[:year]).sum(axis=0)
    return total


def pair_variance(values: FloatArray) -> float:
    """Variance of S for independent values, ties taken into account."""
    _, ties = np.unique(values, return_counts=True)
    whole, *tied = (n * (n - 1) * (2 * n + 5) for n in (len(values), *map(int, ties)))
    return (whole - sum(tied)) / 18


def median_slope(values: FloatArray, years: NDArray[np.int64]) -> float:
    """Sen's slope: the median rise a year over all pairs of years."""
    later, earlier = np.tril_indices(len(values), -1)
    rises = (values[later] - values[earlier]) / (years[later] - years[earlier])
    return float(np.median(rises))
