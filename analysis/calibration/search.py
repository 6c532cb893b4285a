"""Find the smallest effect that is found often enough, where no formula gives it."""

from collections.abc import Callable

import numpy as np

POWER_WANTED = 0.8
LARGEST_SEARCHED = 12.0  # marginal sds; an effect beyond is not sought
TRIED = 8  # effects from a fortieth of the largest up, before the search between two of them
HALVINGS = 9


def smallest_found(
    power: Callable[[float], float], largest: float, *, wanted: float = POWER_WANTED
) -> float:
    """Smallest effect with the wanted power; nan if none up to `largest` has it.

    Args:
        power: Share of series in which an effect of a size is found.
        largest: The largest effect to try.
        wanted: Share of series.

    >>> round(smallest_found(lambda effect: effect / 2, 12.0), 2)
    1.6
    >>> smallest_found(lambda effect: 0.7, 12.0)
    nan
    """
    low = 0.0
    for high in np.geomspace(largest / 40, largest, TRIED).tolist():
        if power(high) >= wanted:
            break
        low = high
    else:
        return float("nan")
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if power(middle) >= wanted:
            high = middle
        else:
            low = middle
    return float(high)
