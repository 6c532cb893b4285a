"""Draw how often each method finds a step where there is none: `leaderboard.svg`."""

from collections.abc import Mapping, Sequence
from statistics import median

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.exhibits.figure_style import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    SHADE,
    SMALL,
    TEXT_WIDTH,
    VERMILION,
    figure_style,
    finish_figure,
)
from analysis.records.files import write_text_atomically
from benchmarks.leaderboard.grid import ALPHA
from benchmarks.leaderboard.table import FALSE_POSITIVE, FOLDER, Rate, read_rates

PICTURE = FOLDER / "leaderboard.svg"
OWN = "juncture"
ROW_HEIGHT = 0.19  # inches
LEFT, GAP, TOP, BOTTOM = 0.245, 0.03, 0.42, 0.42  # shares of the width, then inches
ROOM = 119  # per cent, with a place for words beyond 100
TITLES = {1: "One step", 3: "Total of three steps"}


def write_picture() -> None:
    """Draw the stored rates."""
    write_text_atomically(PICTURE, draw_leaderboard(read_rates()))


def draw_leaderboard(rates: Sequence[Rate]) -> str:
    """One line a method: every cell a tick, the median a mark, the worst in words."""
    shown = [rate for rate in rates if rate.measure == FALSE_POSITIVE]
    methods = order_methods(shown)
    height = ROW_HEIGHT * len(methods) + TOP + BOTTOM
    width = (0.99 - LEFT - GAP) / 2
    with figure_style():
        figure = Figure(figsize=(TEXT_WIDTH, height))
        for place, steps in enumerate(TITLES):
            left = LEFT + place * (width + GAP)
            axes = figure.add_axes((left, BOTTOM / height, width, 1 - (TOP + BOTTOM) / height))
            part = [rate for rate in shown if rate.steps == steps]
            _draw_panel(axes, part, methods, names=place == 0)
            axes.set_title(TITLES[steps], pad=14)
        return finish_figure(figure, "leaderboard", describe(shown, methods)).svg


def order_methods(rates: Sequence[Rate]) -> dict[tuple[str, str], list[Rate]]:
    """Rates by (package, method): this project's first, then by median."""
    found: dict[tuple[str, str], list[Rate]] = {}
    for rate in rates:
        found.setdefault((rate.package, rate.method), []).append(rate)
    names = sorted(found, key=lambda name: (name[0] != OWN, _median(found[name]), name))
    return {name: found[name] for name in names}


def describe(rates: Sequence[Rate], methods: Mapping[tuple[str, str], list[Rate]]) -> str:
    """The picture in words."""
    parts = [
        f"{name} ({package}) median {_percent(_median(rows))}, "
        f"largest {_percent(max(row.rate for row in _allowed(rows)))}"
        for (package, name), rows in methods.items()
    ]
    return (
        "Share of series without a step in which each method finds one, over all lengths, "
        f"autocorrelations and trends, at a nominal {_percent(ALPHA)}: {'; '.join(parts)}."
    )


def _draw_panel(
    axes: Axes,
    rates: Sequence[Rate],
    methods: Mapping[tuple[str, str], list[Rate]],
    *,
    names: bool,
) -> None:
    axes.set_xlim(0, ROOM)
    axes.set_xticks(range(0, 101, 20))
    axes.spines["bottom"].set_bounds(0, 100)
    axes.set_ylim(len(methods) - 0.4, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.axvline(100 * ALPHA, color=GREY, linewidth=0.8, linestyle=(0, (1.5, 1.5)), zorder=0.5)
    axes.set_xlabel("series without a step in which one is found (%)")
    axes.annotate(
        f"nominal {100 * ALPHA:g} %",
        (100 * ALPHA, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        color=GREY,
        fontsize=SMALL,
    )
    known = {(rate.package, rate.method) for rate in rates}
    offered = [line for line, name in enumerate(methods) if name in known]
    for line, (package, method) in enumerate(methods):
        rows = [rate for rate in rates if (rate.package, rate.method) == (package, method)]
        own = package == OWN
        if names:
            axes.annotate(
                f"{method}  ·  {package}",
                (0, line),
                xycoords=("axes fraction", "data"),
                xytext=(-4, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                color=BLUE if own else BLACK,
                fontweight="bold" if own else "normal",
            )
        _draw_line(axes, rows, line, own=own, first_line=offered[0])


def _draw_line(axes: Axes, rows: Sequence[Rate], line: int, *, own: bool, first_line: int) -> None:
    axes.axhline(line, color=SHADE, linewidth=0.7, zorder=0)
    if not rows:
        why = "asks about several dates" if own else "not offered"
        axes.annotate(why, (100 * ALPHA + 3, line), va="center", color=GREY,
                      fontsize=SMALL)  # fmt: skip
        return
    allowed = _allowed(rows)
    colour = BLUE if own else VERMILION
    values = [100 * row.rate for row in allowed]
    axes.plot([min(values), max(values)], [line, line], color=PALE, linewidth=2.2, zorder=1)
    axes.vlines(values, line - 0.22, line + 0.22, color=colour, linewidth=0.6, zorder=2)
    refused = [100 * row.rate for row in rows if row.refused == "yes"]
    axes.plot(refused, [line + 0.3] * len(refused), "x", color=GREY, markersize=2, zorder=2,
              markeredgewidth=0.5)  # fmt: skip
    axes.plot(
        [100 * _median(rows)],
        [line],
        marker="o" if own else "s",
        markersize=5,
        markerfacecolor=colour if own else "white",
        markeredgecolor=colour,
        linestyle="none",
        zorder=3,
    )
    word = "median " if line == first_line else ""
    axes.annotate(
        f"{word}{100 * _median(rows):.0f}, worst {max(values):.0f}",
        (max(values), line),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        color=colour,
    )


def _allowed(rows: Sequence[Rate]) -> list[Rate]:
    """Rows of designs that the method takes on."""
    return [row for row in rows if row.refused == "no"]


def _median(rows: Sequence[Rate]) -> float:
    return median(row.rate for row in _allowed(rows))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
