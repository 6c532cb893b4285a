"""What was found for one outcome: the series, the fitted line, and the line without the step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.exhibits.alt_text import describe_outcome
from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.figure_style import (
    BLACK,
    BLUE,
    TEXT_WIDTH,
    VERMILION,
    Drawing,
    figure_style,
    finish_figure,
    leave_headroom,
    mark_junctures,
)
from analysis.exhibits.figures_series import with_gaps, write_ticks
from analysis.exhibits.number import Number, look_up

COLUMNS = 3
PANEL_HEIGHT = 2.7  # inches
LABEL_WIDTH = 38
TITLE_PAD = 24  # points, room for two lines below the title

Claim = Mapping[str, Any]


def plot_outcome(
    claims: Sequence[Claim],
    curves: Mapping[str, Any],
    facts: StudyFacts,
    numbers: Mapping[str, Number],
) -> Drawing:
    """Draw one panel for each claim on an outcome, all on the same axes.

    Args:
        claims: Verdicts on one outcome.
        curves: The content of `curves.json`; a claim without a curve shows its series alone.
    """
    rows = -(-len(claims) // COLUMNS)
    columns = min(len(claims), COLUMNS)
    with figure_style():
        width = TEXT_WIDTH * (1 if columns > 1 else 0.62)
        figure = Figure(figsize=(width, PANEL_HEIGHT * rows), layout="constrained")
        grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        drawn: list[float] = []
        for axes, claim in zip(grid.flat, claims, strict=False):
            drawn += _plot_panel(axes, claim, curves.get(claim["id"]), facts, numbers)
        _name_lines(grid.flat, claims, curves)
        for axes in list(grid.flat)[len(claims) :]:
            axes.remove()
        if drawn:
            leave_headroom(grid[0, 0], min(drawn), max(drawn), share=0.15)
        for axes in grid[:, 0]:
            axes.set_ylabel(fill(_axis_label(claims, curves, facts), LABEL_WIDTH))
        name = "outcome-" + claims[0]["outcome"].replace("_", "-")
        return finish_figure(figure, name, describe_outcome(claims, numbers))


def _axis_label(claims: Sequence[Claim], curves: Mapping[str, Any], facts: StudyFacts) -> str:
    for claim in claims:
        if claim["id"] in curves:
            return str(curves[claim["id"]]["axis_label"])
    series = facts.series_of(claims[0]["outcome"], claims[0]["units"][0])
    return f"{series.label} ({series.measured_in})" if series else str(claims[0]["outcome"])


def _plot_panel(
    axes: Axes,
    claim: Claim,
    curve: Mapping[str, Any] | None,
    facts: StudyFacts,
    numbers: Mapping[str, Number],
) -> list[float]:
    """Draw one claim, and give the values its vertical axis has to hold."""
    axes.set_title(look_up(numbers, f"{claim['id']}.term"), pad=TITLE_PAD)
    axes.set_xlabel("year")
    axes.set_xlim(facts.period[0] - 0.8, facts.period[1] + 0.8)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.tick_params(labelbottom=True)
    write_ticks(axes)
    mark_junctures(axes, facts.junctures, tested=claim["term"])
    _write_result(axes, claim["id"], numbers)
    drawn = _plot_observed(axes, claim, curve, facts)
    is_tested = claim.get("estimate") is not None
    return drawn + (_plot_fit(axes, curve) if curve and is_tested else [])


def _plot_observed(
    axes: Axes, claim: Claim, curve: Mapping[str, Any] | None, facts: StudyFacts
) -> list[float]:
    series = facts.series_of(claim["outcome"], claim["units"][0])
    known = dict(series.values) if series else {}
    if curve:
        known = dict(zip(curve["years"], curve["observed"], strict=True))
    if not known:
        return []
    years, values = with_gaps(list(known), list(known.values()))
    axes.plot(years, values, color=BLACK, marker="o", markersize=2.0, linewidth=0.5, zorder=2)
    return [float(value) for value in values if np.isfinite(value)]


def _plot_fit(axes: Axes, curve: Mapping[str, Any]) -> list[float]:
    """Draw the fitted line, the line without the step with its band, and the step itself."""
    years = np.array(curve["years"])
    fitted, without, low, high = (
        np.array([np.nan if value is None else value for value in curve[name]], dtype=float)
        for name in ("fitted", "counterfactual", "counterfactual_low", "counterfactual_high")
    )
    onsets = sorted(curve["junctures"].values())
    axes.fill_between(years, low, high, color=VERMILION, alpha=0.16, linewidth=0, zorder=1)
    _draw_in_pieces(axes, years, without, onsets, VERMILION, (0, (3, 1.2)))
    _draw_in_pieces(axes, years, fitted, onsets, BLUE, "-")
    at = np.flatnonzero((years >= curve["onset"]) & np.isfinite(without) & np.isfinite(fitted))
    if at.size:
        _draw_step(axes, float(years[at[0]]), float(without[at[0]]), float(fitted[at[0]]))
    return [float(v) for v in np.concatenate([fitted, without, low, high]) if np.isfinite(v)]


def _draw_in_pieces(
    axes: Axes,
    years: np.ndarray,
    values: np.ndarray,
    onsets: Sequence[int],
    colour: str,
    dashes: Any,
) -> None:
    """Draw a line that is strong between junctures and thin where it steps."""
    axes.plot(years, values, color=colour, linewidth=0.5, zorder=3)
    for piece in np.split(np.arange(len(years)), np.searchsorted(years, onsets)):
        axes.plot(years[piece], values[piece], color=colour, linestyle=dashes, linewidth=1.6,
                  solid_capstyle="butt", zorder=3)  # fmt: skip


def _name_lines(panels: Iterable[Axes], claims: Sequence[Claim], curves: Mapping[str, Any]) -> None:
    """Name the two lines, in their colour and dash, in the first panel that has them."""
    for axes, claim in zip(panels, claims, strict=False):
        if claim["id"] not in curves or claim.get("estimate") is None:
            continue
        for height, text, colour, dashes in (
            (0.12, "fitted", BLUE, "-"),
            (0.05, "without the step", VERMILION, (0, (3, 1.2))),
        ):
            axes.plot([0.9, 0.98], [height] * 2, transform=axes.transAxes, color=colour,
                      linestyle=dashes, linewidth=1.6, solid_capstyle="butt", zorder=6)  # fmt: skip
            label = axes.text(0.88, height, text, transform=axes.transAxes, color=colour,
                              ha="right", va="center", zorder=6)  # fmt: skip
            label.set_path_effects([patheffects.withStroke(linewidth=1.8, foreground="white")])
        return


def _draw_step(axes: Axes, year: float, start: float, end: float) -> None:
    axes.annotate(
        "",
        xy=(year, end),
        xytext=(year, start),
        arrowprops={"arrowstyle": "-|>", "color": BLACK, "linewidth": 1.1, "shrinkA": 0,
                    "shrinkB": 0, "mutation_scale": 6},
        zorder=5,
    )  # fmt: skip


def _write_result(axes: Axes, key: str, numbers: Mapping[str, Number]) -> None:
    finding = look_up(numbers, f"{key}.finding_word")
    if numbers[f"{key}.estimate"]["value"] is None:
        text = f"no estimate\n{finding}"
    else:
        estimate, unit = look_up(numbers, f"{key}.estimate"), look_up(numbers, f"{key}.effect_unit")
        text = f"{estimate} {unit} ({look_up(numbers, f'{key}.interval')})\n{finding}"
    axes.text(0, 1.03, text, transform=axes.transAxes, ha="left", va="bottom", linespacing=1.25)
