"""Laws of the number of records among exchangeable values without ties.

The k-th value is the largest so far with probability 1/k, whatever came before (Foster & Stuart
1954, J. R. Stat. Soc. B 16, 1-22, doi:10.1111/j.2517-6161.1954.tb00143.x); the lowest so far with
the same probability, and for k > 1 not both. Sums over k are sums of independent steps.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def record_highs(series: FloatArray) -> BoolArray:
    """Which values exceed all before them, the first left out, shape of `series` (b, n)."""
    highest = np.maximum.accumulate(series, axis=1)
    records = np.zeros(series.shape, dtype=bool)
    records[:, 1:] = series[:, 1:] > highest[:, :-1]
    return records


def record_law(places: Iterable[int]) -> FloatArray:
    """Share with 0, 1, ... records among the values at these places (1 is the first).

    >>> record_law([2, 3]).round(4).tolist()
    [0.3333, 0.5, 0.1667]
    """
    law = np.ones(1)
    for place in places:
        law = np.convolve(law, [1 - 1 / place, 1 / place])
    return law


def difference_law(places: Iterable[int]) -> FloatArray:
    """Share with each number of highs less lows, from minus to plus the number of places.

    >>> difference_law([2]).tolist()
    [0.5, 0.0, 0.5]
    """
    law = np.ones(1)
    for place in places:
        law = np.convolve(law, [1 / place, 1 - 2 / place, 1 / place])
    return law
