"""A specification curve: a claim along every path of its declared looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.exhibits.alt_text import describe_paths
from analysis.exhibits.figure_style import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    TEXT_WIDTH,
    VERMILION,
    Drawing,
    figure_style,
    finish_figure,
)
from analysis.exhibits.number import Number
from analysis.verdict.rule import LOOK_P

MAIN = "main"
BETWEEN = "; "  # between the looks in the name of a path
MOST_DRAWN = 300  # evenly chosen where there are more
CURVE, LINE = 1.1, 0.12  # inches of the curve, and of each look below it
LEFT = 0.25  # of the axes, as a share of the figure's width


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths in order of their estimates."""

    names: tuple[str, ...]
    estimates: np.ndarray
    p_values: np.ndarray

    @property
    def looks(self) -> list[str]:
        """Every look that some path takes, in order of name."""
        return sorted({look for name in self.names if name != MAIN for look in name.split(BETWEEN)})


def plot_paths(key: str, walked: Mapping[str, Any], numbers: Mapping[str, Number]) -> Drawing:
    """Draw the estimates in order, and below each the looks its path takes.

    Args:
        key: Id of the claim.
        walked: Its entry in `paths.json`.
    """
    paths = thin_out(order_paths(walked))
    looks = paths.looks
    with figure_style():
        below = LINE * (len(looks) + 1)
        height = CURVE + below + 0.35
        figure = Figure(figsize=(TEXT_WIDTH, height))
        upper = figure.add_axes((LEFT, (below + 0.2) / height, 0.985 - LEFT, CURVE / height))
        lower = figure.add_axes((LEFT, 0.12 / height, 0.985 - LEFT, below / height))
        _plot_curve(upper, paths)
        _plot_looks(lower, paths, looks)
        return finish_figure(figure, paths_name(key), describe_paths(key, numbers))


def paths_name(key: str) -> str:
    """Name the figure of the paths of a claim."""
    return "paths-" + "".join(c if c.isalnum() or c in ".-" else "-" for c in key)


def order_paths(walked: Mapping[str, Any]) -> Paths:
    """Give the paths in order of estimate; those without one are left out."""
    columns = list(walked["columns"])
    estimate, p_value = columns.index("estimate"), columns.index("p_value")
    rows = sorted(
        (float(row[estimate]), name, 1.0 if row[p_value] is None else float(row[p_value]))
        for name, row in walked["paths"].items()
        if row[estimate] is not None
    )
    return Paths(
        tuple(name for _, name, _ in rows),
        np.array([value for value, _, _ in rows]),
        np.array([p for _, _, p in rows]),
    )


def thin_out(paths: Paths, most: int = MOST_DRAWN) -> Paths:
    """Give at most `most` of the paths, evenly chosen by rank, the main one among them."""
    n = len(paths.names)
    if n <= most:
        return paths
    chosen = set(np.linspace(0, n - 1, most).round().astype(int).tolist())
    chosen |= {place for place, name in enumerate(paths.names) if name == MAIN}
    kept = sorted(chosen)
    names = tuple(paths.names[place] for place in kept)
    return Paths(names, paths.estimates[kept], paths.p_values[kept])


def _plot_curve(axes: Axes, paths: Paths) -> None:
    places = np.arange(len(paths.names))
    found = paths.p_values <= LOOK_P
    axes.axhline(0, color=GREY, linewidth=0.7, zorder=0.5)
    size = 3.2 if len(places) < 80 else 1.8
    for chosen, colour, filled in ((found, BLUE, True), (~found, GREY, False)):
        axes.plot(places[chosen], paths.estimates[chosen], linestyle="none", marker="o",
                  markersize=size, markeredgewidth=0.6, color=colour,
                  markerfacecolor=colour if filled else "white", zorder=2)  # fmt: skip
    for place in np.flatnonzero([name == MAIN for name in paths.names]):
        axes.plot([place], [paths.estimates[place]], marker="D", markersize=4.5, color=VERMILION,
                  linestyle="none", zorder=4)  # fmt: skip
        axes.annotate("main", (place, paths.estimates[place]), xytext=(0, 6), color=VERMILION,
                      textcoords="offset points", ha="center", fontweight="bold",
                      zorder=5)  # fmt: skip
    axes.set_xlim(-1, len(places))
    axes.margins(y=0.18)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_ylabel("estimate (sd,\nclaimed direction)")
    axes.annotate(f"filled: p ≤ {LOOK_P:g}; open: larger p", (0, 1), (2, -1), color=BLACK,
                  xycoords="axes fraction", textcoords="offset points", va="top")  # fmt: skip


def _plot_looks(axes: Axes, paths: Paths, looks: Sequence[str]) -> None:
    taken = [set(name.split(BETWEEN)) for name in paths.names]
    for row, look in enumerate(looks):
        own = [place for place, chosen in enumerate(taken) if look in chosen]
        axes.hlines(row, -1, len(taken), color=PALE, linewidth=0.3, zorder=0)
        axes.vlines(own, row - 0.36, row + 0.36, color=BLACK, linewidth=0.9, zorder=2)
    axes.set_xlim(-1, len(taken))
    axes.set_ylim(len(looks) - 0.4, -0.6)
    axes.set_xticks([])
    axes.set_yticks(range(len(looks)), looks)
    axes.tick_params(axis="y", length=0, labelsize=6)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
