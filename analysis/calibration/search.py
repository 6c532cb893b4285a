"""Find the smallest effect that is found often enough, where no formula gives it."""

from collections.abc import Callable

import numpy as np

from analysis.calibration.reach import POWER_WANTED

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
    return _halve(power, low, high, HALVINGS, wanted)


def smallest_by_halving(power: Callable[[float], float], largest: float, halvings: int) -> float:
    """Smallest effect found often enough, where power rises with the effect; nan if none is.

    One `power` is asked for less than in `smallest_found`, which also serves where power falls
    again beyond an effect.

    Args:
        power: Share of series in which an effect of a size is found.
        largest: The largest effect to try.
        halvings: Of the way from nothing to the largest.

    >>> smallest_by_halving(lambda effect: effect / 2, 12.0, 9)
    1.6171875
    >>> smallest_by_halving(lambda effect: 0.7, 12.0, 9)
    nan
    """
    if power(largest) < POWER_WANTED:
        return float("nan")
    return _halve(power, 0.0, largest, halvings, POWER_WANTED)


def _halve(
    power: Callable[[float], float], low: float, high: float, halvings: int, wanted: float
) -> float:
    for _ in range(halvings):
        middle = (low + high) / 2
        if power(middle) >= wanted:
            high = middle
        else:
            low = middle
    return float(high)
