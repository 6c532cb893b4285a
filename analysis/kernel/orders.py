"""Count pairs in order between groups, with the exact law of the count, ties included.

Jonckheere (1954, Biometrika 41, 133-145, doi:10.2307/2333011): JT is the number of pairs of
observations from two groups in which the one from the later group is larger, ties counted as half.
If the observations are exchangeable, every assignment of the pooled values to groups of the given
sizes is equally likely. The law is built value by value: a state is how many of each group have
been placed, and t tied values are shared out among the groups in every possible way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import erfc, factorial, prod, sqrt

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MAX_STATES = 20_000  # beyond, the normal law is used: there are then some sixty observations
Placed = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Jonckheere-Terpstra against an increase from group to group.

    Attributes:
        statistic: JT.
        p_exact: Share of assignments with JT at least as large; nan for too many observations.
        p_normal: The same by the normal law, whose variance takes no account of ties.
    """

    statistic: float
    p_exact: float
    p_normal: float


def rank_order(values: FloatArray, groups: IntArray) -> Ordered:
    """Test for an increase from group to group; groups are numbered in the order claimed.

    >>> rank_order(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 1, 2, 2])).p_exact
    0.16666666666666666
    """
    sizes = tuple(int((groups == group).sum()) for group in np.unique(groups))
    statistic = jonckheere(values, groups)
    exact = float("nan")
    if prod(size + 1 for size in sizes) <= MAX_STATES:
        law = jonckheere_law(values, sizes)
        exact = float(law[round(2 * statistic) :].sum())
    return Ordered(statistic, exact, _normal_p(statistic, sizes))


def jonckheere(values: FloatArray, groups: IntArray) -> float:
    """Pairs in the claimed order, ties counted as half."""
    total = 0.0
    for low, high in combinations(np.unique(groups), 2):
        difference = values[groups == high][:, None] - values[groups == low]
        total += float((difference > 0).sum() + 0.5 * (difference == 0).sum())
    return total


def jonckheere_law(values: FloatArray, sizes: Placed) -> FloatArray:
    """Share of assignments with each value of 2 JT, from 0 on."""
    most = 2 * sum(a * b for a, b in combinations(sizes, 2))
    _, ties = np.unique(values, return_counts=True)
    ways: dict[Placed, FloatArray] = {(0,) * len(sizes): np.eye(1, most + 1)[0]}
    for tied in map(int, ties):
        following: dict[Placed, FloatArray] = {}
        for placed, law in ways.items():
            room = tuple(size - used for size, used in zip(sizes, placed, strict=True))
            for added in _shared_out(tied, room):
                moved = _moved(law, _gained(placed, added), _labellings(added))
                after = tuple(used + more for used, more in zip(placed, added, strict=True))
                following[after] = following[after] + moved if after in following else moved
        ways = following
    total = ways[sizes]
    share: FloatArray = total / total.sum()
    return share


def _shared_out(tied: int, room: Placed) -> Iterator[Placed]:
    """Every way to give tied values to groups with this much room."""
    if len(room) == 1:
        if tied <= room[0]:
            yield (tied,)
        return
    for here in range(min(tied, room[0]) + 1):
        for rest in _shared_out(tied - here, room[1:]):
            yield (here, *rest)


def _gained(placed: Placed, added: Placed) -> int:
    """2 JT that equal values add, given how many smaller ones each group has."""
    return sum(
        added[high] * (2 * placed[low] + added[low])
        for low, high in combinations(range(len(placed)), 2)
    )


def _labellings(added: Placed) -> int:
    """In how many ways the tied values can be told which group each goes to."""
    return factorial(sum(added)) // prod(map(factorial, added))


def _moved(law: FloatArray, by: int, times: int) -> FloatArray:
    moved = np.zeros_like(law)
    moved[by:] = times * law[: len(law) - by]
    return moved


def _normal_p(statistic: float, sizes: Placed) -> float:
    n = sum(sizes)
    mean = (n * n - sum(size * size for size in sizes)) / 4
    spread = n * n * (2 * n + 3) - sum(size * size * (2 * size + 3) for size in sizes)
    return 0.5 * erfc((statistic - mean) / sqrt(spread / 72) / sqrt(2))
