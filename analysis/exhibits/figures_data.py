"""The data appendix in pictures: a heat map of coverage, and every series in a small panel."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from textwrap import fill, shorten

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.exhibits.facts import CoverageRow, DataFacts, SeriesFacts, StudyFacts
from analysis.exhibits.figure_style import (
    BLACK,
    GREY,
    PALE,
    TEXT_WIDTH,
    Drawing,
    figure_style,
    finish_figure,
    shorten_unit,
)
from analysis.exhibits.figures_series import with_gaps, write_ticks
from analysis.exhibits.number import Number, look_up

COLUMNS, ROWS = 4, 9  # panels on a page
ROW_HEIGHT = 1.04  # inches
LABEL_WIDTH, UNIT_WIDTH = 32, 44  # letters in a line of a panel's title, and of its unit
UNIT_LINE = 7.5  # points of the line of the unit, which stands between title and panel
BETWEEN = {"hspace": 0.72, "wspace": 0.28}  # as shares of a panel, for titles and labels
SMALLEST = 4.6  # points
STEPS = (1, 2, 10, 100)  # units from which a cell is darker
SHADES = ("#f2f2f2", "#bcd9ea", "#5b9fca", "#0072B2", "#00344f")
LINE, LINES = 0.112, 60  # inches of one variable in the heat map, and variables on a page


def plot_data(data: DataFacts, facts: StudyFacts, numbers: Mapping[str, Number]) -> list[Drawing]:
    """Draw the appendix: coverage first, then the pages of each construct."""
    pages = zip(coverage_names(len(data.coverage)), _pages(data.coverage), strict=True)
    drawings = [plot_coverage(name, rows, facts, numbers) for name, rows in pages]
    for construct, series in data.groups.items():
        for page, name in enumerate(page_names(construct, len(series))):
            chosen = series[page * COLUMNS * ROWS : (page + 1) * COLUMNS * ROWS]
            drawings.append(_plot_page(name, construct, chosen, facts, numbers))
    return drawings


def page_names(construct: str, n_series: int) -> list[str]:
    """Name the figures of one construct, one a page.

    >>> page_names("threat", 40)
    ['data-threat-1', 'data-threat-2']
    """
    pages = math.ceil(n_series / (COLUMNS * ROWS))
    return [f"data-{construct}-{page + 1}" for page in range(pages)]


def _pages(rows: Sequence[CoverageRow]) -> list[Sequence[CoverageRow]]:
    return [rows[start : start + LINES] for start in range(0, len(rows), LINES)]


def coverage_names(n_variables: int) -> list[str]:
    """Name the pages of the heat map.

    >>> coverage_names(70)
    ['data-coverage-1', 'data-coverage-2']
    """
    return [f"data-coverage-{page + 1}" for page in range(math.ceil(n_variables / LINES))]


def plot_coverage(
    name: str,
    rows: Sequence[CoverageRow],
    facts: StudyFacts,
    numbers: Mapping[str, Number],
) -> Drawing:
    """Draw one line for each variable, one column for each year, darker with more units."""
    first, last = facts.period
    years = np.arange(first, last + 1)
    cells = np.array([[row.units.get(int(year), 0) for year in years] for row in rows])
    with figure_style():
        height = LINE * len(rows) + 0.5
        figure = Figure(figsize=(TEXT_WIDTH, height))
        axes = figure.add_axes((0.4, 0.3 / height, 0.585, 1 - 0.5 / height))
        norm = BoundaryNorm([0, *STEPS, max(1_000, cells.max() + 1)], len(SHADES))
        edges = np.arange(len(years) + 1) + first - 0.5
        axes.pcolormesh(
            edges,
            np.arange(len(rows) + 1) - 0.5,
            cells,
            cmap=ListedColormap(SHADES),
            norm=norm,
            edgecolors="white",
            linewidth=0.3,
        )
        axes.invert_yaxis()
        axes.set_yticks(range(len(rows)), [shorten(r.label, 68, placeholder="…") for r in rows])
        axes.tick_params(axis="y", labelsize=SMALLEST, length=0)
        axes.tick_params(axis="x", top=True, labeltop=True)
        axes.set_xlabel("year")
        for juncture in facts.marked:
            axes.axvline(juncture.onset - 0.5, color=BLACK, linewidth=0.6, linestyle=(0, (2, 2)))
        _name_constructs(axes, rows)
        return finish_figure(figure, name, _describe_coverage(numbers))


def _name_constructs(axes: Axes, rows: Sequence[CoverageRow]) -> None:
    line = 0
    for construct, group in groupby(rows, key=lambda row: row.construct):
        size = len(list(group))
        if line:
            axes.axhline(line - 0.5, color=GREY, linewidth=0.6)
        axes.annotate(
            construct or "other",
            (-0.665, line + (size - 1) / 2),
            xycoords=("axes fraction", "data"),
            rotation=90,
            ha="center",
            va="center",
            fontsize=5.5,
            fontweight="bold",
        )
        line += size


def _plot_page(
    name: str,
    construct: str,
    series: Sequence[SeriesFacts],
    facts: StudyFacts,
    numbers: Mapping[str, Number],
) -> Drawing:
    rows = math.ceil(len(series) / COLUMNS)
    with figure_style():
        height = ROW_HEIGHT * rows + 0.1
        figure = Figure(figsize=(TEXT_WIDTH, height))
        room = {"left": 0.05, "right": 0.995, "top": 1 - 0.3 / height, "bottom": 0.17 / height}
        grid = figure.subplots(rows, COLUMNS, squeeze=False, gridspec_kw={**room, **BETWEEN})
        for axes, each in zip(grid.flat, series, strict=False):
            _plot_panel(axes, each, facts)
        for axes in list(grid.flat)[len(series) :]:
            axes.remove()
        return finish_figure(figure, name, _describe_page(construct, series, facts, numbers))


def _plot_panel(axes: Axes, series: SeriesFacts, facts: StudyFacts) -> None:
    title = fill(f"{series.label}: {series.unit_name}", LABEL_WIDTH)
    axes.set_title(title, fontsize=SMALLEST, pad=UNIT_LINE, linespacing=1.0)
    unit = shorten(shorten_unit(series.measured_in), UNIT_WIDTH, placeholder="…")
    axes.annotate(unit, (0, 1), (0, 2), xycoords="axes fraction", textcoords="offset points",
                  ha="left", va="bottom", fontsize=SMALLEST - 0.2, color=GREY)  # fmt: skip
    axes.set_xlim(facts.period[0] - 0.8, facts.period[1] + 0.8)
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.tick_params(labelsize=SMALLEST, labelbottom=True, pad=1)
    for juncture in facts.marked:
        axes.axvline(juncture.onset - 0.5, color=GREY, linewidth=0.5, linestyle=(0, (1.5, 1.5)))
    for vintage in series.vintages[1:]:
        years, values = with_gaps(list(vintage.values), list(vintage.values.values()))
        axes.plot(years, values, color=PALE, linewidth=1.6, zorder=1)
    years, values = with_gaps(list(series.values), list(series.values.values()))
    axes.plot(years, values, color=BLACK, marker="o", markersize=0.9, linewidth=0.7, zorder=2)
    write_ticks(axes)
    axes.yaxis.set_major_locator(MaxNLocator(3))


def _describe_coverage(numbers: Mapping[str, Number]) -> str:
    return (
        f"Heat map of {look_up(numbers, 'data.n_variables')} variables by year, "
        f"{look_up(numbers, 'data.years')}; darker cells have values of more units, "
        f"{look_up(numbers, 'data.most_units')} at the most; white cells have none."
    )


def _describe_page(
    construct: str,
    series: Sequence[SeriesFacts],
    facts: StudyFacts,
    numbers: Mapping[str, Number],
) -> str:
    marks = ", ".join(look_up(numbers, f"juncture.{j.key}.mark") for j in facts.marked)
    names = "; ".join(f"{s.label}, {s.unit_name}, {s.measured_in}" for s in series)
    what = f"Small line charts of yearly series on {construct}, with vertical lines at {marks}"
    return f"{what}: {names}."
