"""Two panels by year: a unit beside what it is compared with, and the gap between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from analysis.exhibits.facts import JunctureFacts
from analysis.exhibits.figure_style import TEXT_WIDTH, leave_headroom, mark_junctures
from analysis.exhibits.figures_series import write_ticks

HEIGHT = 2.3  # inches
UNIT_WIDTH = 44  # letters in a line of an axis


def make_pair() -> tuple[Figure, Axes, Axes]:
    """Give a figure as wide as the text with a left and a right panel."""
    figure = Figure(figsize=(TEXT_WIDTH, HEIGHT), layout="constrained")
    left, right = figure.subplots(1, 2, sharex=True)
    return figure, left, right


def frame_years(
    axes: Axes,
    years: tuple[int, int],
    junctures: Sequence[JunctureFacts],
    *,
    tested: str,
    label_room: float = 0.0,
) -> None:
    """Lay a panel out from the first to the last year, with its junctures and ticks.

    Args:
        axes: The panel.
        years: First and last year drawn.
        junctures: What is flagged.
        tested: Key of the juncture that stands out.
        label_room: Left free after the last year, as a share of the years drawn.
    """
    first, last = years
    axes.set_xlim(first - 0.8, last + 0.8 + label_room * (last - first))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_xlabel("year")
    mark_junctures(axes, junctures, tested=tested)
    write_ticks(axes)


def leave_room(axes: Axes, drawn: NDArray[np.float64], flags: int) -> None:
    """Keep the top of a panel free for flags above all that is drawn; see `leave_headroom`."""
    leave_headroom(axes, float(np.nanmin(drawn)), float(np.nanmax(drawn)), flags)
