"""Count events inside windows, for every placement of the windows at once.

All placements of m windows of w months that do not overlap within M months are equally likely. The
number of placements with c events inside obeys, month by month,

    N(k, e, c) = N(k, e - 1, c) + N(k - 1, e - w, c - x_e)

with e the month up to which windows may reach and x_e the events of the window ending there. It is
exact and needs no enumeration: three windows of a year in thirty years have 6 million placements.
"""

from math import comb

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def count_windows(months: int, windows: int, length: int) -> int:
    """How many placements there are of windows that do not overlap.

    >>> count_windows(6, 2, 2)
    6
    """
    return comb(max(months - windows * (length - 1), 0), windows)


def events_inside(events: IntArray, starts: IntArray, length: int) -> IntArray:
    """Events in the union of the windows, by series of events, shape (b,).

    Args:
        events: Events by month, shape (b, months).
        starts: First month of each window.
        length: Months of a window.
    """
    inside = np.zeros(events.shape[1], dtype=bool)
    for start in starts:
        inside[start : start + length] = True
    counted: IntArray = events[:, inside].sum(axis=1)
    return counted


def count_law(events: IntArray, windows: int, length: int) -> FloatArray:
    """Share of placements with each number of events inside, shape (b, most events + 1).

    Args:
        events: Events by month, shape (b, months).
        windows: Number of windows.
        length: Months of a window.
    """
    batch, months = events.shape
    most = int(events.sum(axis=1).max())
    sums = np.concatenate([np.zeros((batch, 1), dtype=np.int64), events.cumsum(axis=1)], axis=1)
    # reached[k]: by the last months up to e, laid out by e, since e - w is needed.
    reached = np.zeros((months + 1, windows + 1, batch, most + 1))
    reached[:, 0, :, 0] = 1.0
    counts = np.arange(most + 1)
    for end in range(length, months + 1):
        inside = sums[:, end] - sums[:, end - length]
        source = counts[None, :] - inside[:, None]
        earlier = np.take_along_axis(
            reached[end - length, :-1], np.maximum(source, 0)[None, :, :], axis=2
        )
        reached[end, 1:] = reached[end - 1, 1:] + np.where(source >= 0, earlier, 0.0)
    law: FloatArray = reached[-1, -1] / reached[-1, -1].sum(axis=1, keepdims=True)
    return law
