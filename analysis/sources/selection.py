"""Which states and pairs the study holds; what a provider has on others is left with it."""

from __future__ import annotations

from itertools import combinations, permutations

FIRST_YEAR = 1990

STATES: dict[str, str] = {
    "CHN": "China",
    "RUS": "Russia",
    "USA": "United States",
}

DYADS: frozenset[frozenset[str]] = frozenset(
    frozenset(pair) for pair in combinations(sorted(STATES), 2)
)
DIRECTED_DYADS: frozenset[tuple[str, str]] = frozenset(permutations(sorted(STATES), 2))


def is_studied(side_a: str, side_b: str) -> bool:
    """Tell whether a pair of ISO3 codes, in either order, is in the study.

    >>> is_studied("RUS", "CHN"), is_studied("RUS", "RUS")
    (True, False)
    """
    return frozenset((side_a, side_b)) in DYADS
