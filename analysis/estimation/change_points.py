"""Search a series for any number of changes: exploratory, never a verdict.

The series is cut into segments so that  sum of costs + penalty x number of changes  is least. With
n of some tens every cut is compared (Jackson et al. 2005, IEEE Signal Process. Lett. 12, 105-108,
doi:10.1109/LSP.2001.838216), which finds the same as PELT (Killick, Fearnhead & Eckley 2012, J. Am.
Stat. Assoc. 107, 1590-1598, doi:10.1080/01621459.2012.737745). The cost of a segment of length m is
twice its negative log-likelihood:

* "mean": independent normal values of sd 1; scale the series first;
* "mean and variance": normal, both new in each segment;
* "rate": Poisson counts.

Penalties: BIC, (k + 1) log n, k the parameters of a segment; MBIC (Zhang & Siegmund 2007,
Biometrics 63, 22-32, doi:10.1111/j.1541-0420.2006.00662.x), (k + 2) log n and log m a segment. All
take values as independent: in a persistent series without any change they find some. Where a date
is to be tested, use the design `break_date`.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import DesignError

FloatArray = NDArray[np.float64]
Sums = tuple[FloatArray, FloatArray, FloatArray]  # length, sum, sum of squares
PENALTIES = ("bic", "mbic")
TINY = 1e-11


def _mean(sums: Sums) -> FloatArray:
    length, total, squares = sums
    cost: FloatArray = squares - total**2 / length
    return cost


def _mean_and_variance(sums: Sums) -> FloatArray:
    length, _, _ = sums
    variance = np.maximum(_mean(sums) / length, TINY)
    cost: FloatArray = length * (np.log(2 * np.pi) + np.log(variance) + 1)
    return cost


def _rate(sums: Sums) -> FloatArray:
    length, total, _ = sums
    cost: FloatArray = 2 * total * (np.log(length) - np.log(np.maximum(total, TINY)))
    return np.where(total > 0, cost, 0.0)


COSTS: Mapping[str, tuple[Callable[[Sums], FloatArray], int, int]] = {  # parameters, shortest
    "mean": (_mean, 1, 1),
    "mean and variance": (_mean_and_variance, 2, 2),
    "rate": (_rate, 1, 1),
}


def find_changes(
    series: pd.Series, *, cost: str = "mean", penalty: str | float = "mbic"
) -> list[int]:
    """Last years of all segments but the last, ascending; empty if no change pays for itself.

    Args:
        series: By year, no missing values.
        cost: "mean", "mean and variance" or "rate".
        penalty: "bic", "mbic" or a number.

    Raises:
        DesignError: A value is missing, a count is negative, or there is no such cost or penalty.

    >>> find_changes(pd.Series([0.0, 0.1, 0.0, 9.0, 9.1, 9.0], range(2000, 2006)))
    [2002]
    """
    if cost not in COSTS:
        raise DesignError(f'There is no cost "{cost}"; known are {", ".join(COSTS)}.')
    if isinstance(penalty, str) and penalty not in PENALTIES:
        raise DesignError(f'There is no penalty "{penalty}"; known are {", ".join(PENALTIES)}.')
    values = series.to_numpy(dtype=float)
    if np.isnan(values).any():
        raise DesignError("A value is missing; a search for changes needs every value.")
    if cost == "rate" and (values < 0).any():
        raise DesignError("A rate is of counts, which are not negative.")
    function, parameters, shortest = COSTS[cost]
    size = np.log(max(len(values), 1))
    price = {"bic": (parameters + 1) * size, "mbic": (parameters + 2) * size}.get(
        str(penalty), penalty
    )
    ends = _cheapest(values, function, float(price), shortest, modified=penalty == "mbic")
    return [int(series.index[end - 1]) for end in ends]


def _cheapest(
    values: FloatArray,
    cost: Callable[[Sums], FloatArray],
    price: float,
    shortest: int,
    *,
    modified: bool,
) -> list[int]:
    """Ends of all segments but the last, counted from one, of the cheapest cut."""
    n = len(values)
    total, squares = (np.concatenate([[0.0], np.cumsum(each)]) for each in (values, values**2))
    best, before = np.full(n + 1, np.inf), np.zeros(n + 1, dtype=np.int64)
    best[0] = -price
    for end in range(shortest, n + 1):
        start = np.arange(end - shortest + 1)
        length = (end - start).astype(float)
        each = cost((length, total[end] - total[start], squares[end] - squares[start]))
        whole = best[start] + each + (np.log(length) if modified else 0.0) + price
        before[end] = int(np.argmin(whole))
        best[end] = whole[before[end]]
    ends, at = [], n
    while before[at] > 0:
        at = int(before[at])
        ends.append(at)
    return ends[::-1]
