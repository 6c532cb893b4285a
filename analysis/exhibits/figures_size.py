"""How often usual tests find an effect where there is none, beside the test used here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.exhibits.alt_text import describe_comparison
from analysis.exhibits.figure_rows import name_rows, place_rows
from analysis.exhibits.figure_style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    PALE,
    SHADE,
    SMALL,
    TEXT_WIDTH,
    VERMILION,
    Drawing,
    figure_style,
    finish_figure,
)
from analysis.exhibits.number import Number, look_up

ROW_HEIGHT = 0.165  # inches
LEFT, WIDTH = 0.455, 0.525  # of the axes, as shares of the figure's width
MARKS = ((BLUE, "o", True), (VERMILION, "s", False), (GREEN, "^", False), (GREY, "D", False),
         (BLACK, "v", False))  # fmt: skip

Row = Mapping[str, Any]
Claim = Mapping[str, Any]


def plot_comparison(
    rows: Sequence[Row],
    claims: Sequence[Claim],
    alpha: float,
    numbers: Mapping[str, Number],
    name: str = "comparison",
) -> Drawing:
    """Draw the false-positive rate of each method on each claim's design.

    Args:
        rows: `comparisons` of `calibration.json`: claim, method, label, rate, mc_error.
        claims: Verdicts, in reading order; those without a row are left out.
    """
    measured = {row["claim"] for row in rows}
    shown = [claim for claim in claims if claim["id"] in measured]
    methods = list(dict.fromkeys(row["method"] for row in rows))
    places = place_rows(shown, numbers)
    with figure_style():
        height = ROW_HEIGHT * (places.depth + 0.6) + 0.62
        figure = Figure(figsize=(TEXT_WIDTH, height))
        axes = figure.add_axes((LEFT, 0.42 / height, WIDTH, 1 - 0.62 / height))
        axes.set_xlim(0, 108 * max(row["rate"] + 2 * row["mc_error"] for row in rows))
        axes.set_ylim(places.depth, -0.6)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.axvline(100 * alpha, color=PALE, linewidth=0.9, linestyle=(0, (1.5, 1.5)), zorder=0.5)
        axes.hlines(places.heights, 0, 100, color=SHADE, linewidth=0.7, zorder=0)
        name_rows(axes, places, shown, numbers, left=-LEFT / WIDTH)
        heights = dict(zip((c["id"] for c in shown), places.heights, strict=True))
        for method, mark in zip(methods, cycle(MARKS), strict=False):
            _plot_method(axes, [row for row in rows if row["method"] == method], heights, mark)
        _name_methods(axes, rows, methods)
        axes.set_xlabel(
            "series without an effect in which one is found (%); "
            f"nominal level {look_up(numbers, 'study.alpha_percent')}"
        )
        return finish_figure(figure, name, describe_comparison(rows, numbers))


def _plot_method(
    axes: Axes, rows: Sequence[Row], heights: Mapping[str, float], mark: tuple[str, str, bool]
) -> None:
    colour, shape, is_filled = mark
    axes.errorbar(
        [100 * row["rate"] for row in rows],
        [heights[row["claim"]] for row in rows],
        xerr=[200 * row["mc_error"] for row in rows],
        color=colour,
        marker=shape,
        markersize=4,
        markerfacecolor=colour if is_filled else "white",
        linestyle="none",
        elinewidth=0.9,
        zorder=3,
    )


def _name_methods(axes: Axes, rows: Sequence[Row], methods: Sequence[str]) -> None:
    """Name each method above its mark in the first line, moved apart where names would touch."""
    first = {row["method"]: row for row in reversed(rows)}
    ordered = sorted(methods, key=lambda method: float(first[method]["rate"]))
    right = axes.get_xlim()[1]
    letter = 0.0175 * right  # about the width of a letter
    free = 0.0
    for method in ordered:
        label = str(first[method]["label"])
        half = 0.5 * letter * len(label)
        middle = max(100 * first[method]["rate"], free + half)
        free = middle + half + 2 * letter
        colour = MARKS[list(methods).index(method) % len(MARKS)][0]
        axes.annotate(
            label,
            xy=(middle, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(0, 2),
            textcoords="offset points",
            color=colour,
            ha="center",
            va="bottom",
            fontsize=SMALL + 0.5,
            fontweight="bold",
        )
