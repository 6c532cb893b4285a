"""What was observed: one small panel for each series, on the years it covers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis.exhibits.alt_text import describe_series
from analysis.exhibits.facts import SeriesFacts, StudyFacts
from analysis.exhibits.figure_style import (
    BLACK,
    GREY,
    PALE,
    SMALL,
    TEXT_WIDTH,
    Drawing,
    figure_style,
    finish_figure,
    leave_headroom,
    mark_junctures,
    shorten_unit,
)
from analysis.exhibits.formats import MINUS
from analysis.exhibits.number import Number

COLUMNS = 3
ROW_HEIGHT = 1.45  # inches
TITLE_WIDTH, UNIT_WIDTH = 28, 40  # letters in a line of a panel's title and of its unit
UNIT_LINE = 8.0  # points of a line of the unit, which stands between title and panel


def plot_series(facts: StudyFacts, numbers: Mapping[str, Number]) -> Drawing:
    """Draw every series by year: the values used, and other sources' values in grey."""
    rows = math.ceil(len(facts.drawn) / COLUMNS)
    with figure_style():
        figure = Figure(figsize=(TEXT_WIDTH, ROW_HEIGHT * rows), layout="constrained")
        grid = figure.subplots(rows, COLUMNS, sharex=True, squeeze=False)
        for place, (axes, series) in enumerate(zip(grid.flat, facts.drawn, strict=False)):
            _plot_panel(axes, series, facts)
            if place + COLUMNS >= len(facts.drawn):  # the lowest of its column
                axes.set_xlabel("year")
        for axes in list(grid.flat)[len(facts.drawn) :]:
            axes.remove()
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # laid out once
        for axes, series in zip(grid.flat, facts.drawn, strict=False):
            drawn = [value for vintage in series.vintages for value in vintage.values.values()]
            if drawn:
                n_flags = len(facts.marked)
                leave_headroom(axes, min(drawn), max(drawn), n_flags, series.upper_bound)
        return finish_figure(figure, "series", describe_series(facts, numbers))


def with_gaps(
    years: Sequence[int], values: Sequence[float | None]
) -> tuple[np.ndarray, np.ndarray]:
    """Give every year from the first to the last, with NaN where there is no value.

    >>> with_gaps([2001, 2003], [4.0, 5.0])
    (array([2001, 2002, 2003]), array([ 4., nan,  5.]))
    """
    known = dict(zip(years, values, strict=True))
    all_years = np.arange(min(years), max(years) + 1)
    filled = [known.get(int(year)) for year in all_years]
    return all_years, np.array([np.nan if v is None else v for v in filled], dtype=float)


def write_ticks(axes: Axes) -> None:
    """Write the numbers of the vertical axis with thousands set off and a true minus sign."""
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(_write_tick))


def _write_tick(value: float, _place: int | None) -> str:
    return f"{value:,.10g}".replace("-", MINUS)


def _plot_panel(axes: Axes, series: SeriesFacts, facts: StudyFacts) -> None:
    unit = fill(shorten_unit(series.measured_in), UNIT_WIDTH)
    room = UNIT_LINE * (unit.count("\n") + 1) + 4
    axes.set_title(fill(series.label, TITLE_WIDTH), pad=room, linespacing=1.0)
    axes.annotate(unit, (0, 1), (0, 3), xycoords="axes fraction", textcoords="offset points",
                  ha="left", va="bottom", fontsize=SMALL + 0.2, color=GREY)  # fmt: skip
    axes.set_xlim(facts.period[0] - 0.8, facts.period[1] + 0.8)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.tick_params(labelbottom=True)
    mark_junctures(axes, facts.marked)
    if not series.values:
        return
    for vintage in series.vintages:
        years, values = with_gaps(list(vintage.values), list(vintage.values.values()))
        axes.plot(years, values, color=PALE, linewidth=2.2, zorder=1)
    years, values = with_gaps(list(series.values), list(series.values.values()))
    axes.plot(years, values, color=BLACK, marker="o", markersize=1.7, linewidth=0.9, zorder=2)
    write_ticks(axes)
