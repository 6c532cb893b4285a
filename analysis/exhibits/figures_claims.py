"""What was found for one claim: the series, the fitted line, and the line without the step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis.exhibits.alt_text import describe_claim
from analysis.exhibits.facts import JunctureFacts, SeriesFacts, StudyFacts
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
    shorten_unit,
)
from analysis.exhibits.figures_series import with_gaps, write_ticks
from analysis.exhibits.number import Number, look_up

COLUMNS = 3
MOST_PANELS = 6  # two rows; parts beyond are tabulated only
PANEL_HEIGHT, SMALL_HEIGHT = 2.2, 2.1  # inches
LABEL_WIDTH = 34
BAND_ROOM = 0.45  # how far a band may widen the axes beyond the lines, as a share of their range
KEY_ROOM = 0.16  # inches below the panels, for the names of the lines
KEY_START, KEY_LINE, KEY_STRIDE = 0.06, 16, 44  # a share of the width; points
TITLE_WIDTH = 34  # letters in a line of a title
TITLE_PAD = 24  # points, room for two lines below the title

Claim = Mapping[str, Any]


def plot_claim(
    claim: Claim,
    parts: Sequence[Claim],
    curves: Mapping[str, Any],
    facts: StudyFacts,
    numbers: Mapping[str, Number],
) -> Drawing | None:
    """Draw a claim, its exposure if it has one, and those parts beside it that have a fitted line.

    Args:
        claim: The verdict that decides.
        parts: Verdicts shown beside it.
        curves: The content of `curves.json`; a claim without a curve shows its series alone.

    Returns:
        None where neither the claim nor a part has a series to draw.
    """
    chosen = choose_panels(claim, parts, curves, facts)
    curves, shown, exposure, count = chosen.curves, chosen.shown, chosen.exposure, chosen.count
    if not shown:
        return None
    rows, columns = -(-count // COLUMNS), min(count, COLUMNS)
    with figure_style():
        height = (PANEL_HEIGHT if rows == 1 else SMALL_HEIGHT) * rows
        named = count > 1 and any(_is_fitted(each, curves) for each in shown)
        height += KEY_ROOM if named else 0.0
        width = TEXT_WIDTH * (1 if columns > 1 else 0.7)
        figure = Figure(figsize=(width, height), layout="constrained")
        if count == 1:  # room for the names at the ends of the lines
            figure.set_layout_engine("constrained", rect=(0, 0, 0.82, 1))
        if named:
            foot = KEY_ROOM / height
            figure.set_layout_engine("constrained", rect=(0, foot, 1, 1 - foot))
        grid = list(figure.subplots(rows, columns, squeeze=False).flat)
        panels = [
            _plot_panel(axes, each, curves.get(each["id"]), facts, numbers)
            for axes, each in zip(grid, shown, strict=False)
        ]
        if exposure is not None:
            panels.append(_plot_exposure(grid[len(shown)], exposure, facts))
        for axes in grid[count:]:
            axes.remove()
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # laid out once
        for axes, panel in zip(grid, panels, strict=False):
            _fit_axes(axes, panel, len(panel.marked))
        if named:
            _name_lines(figure)
        elif count == 1 and _is_fitted(shown[0], curves):
            _name_ends(grid[0], curves[shown[0]["id"]])
        alt = describe_claim(shown, numbers, with_exposure=exposure is not None)
        return finish_figure(figure, figure_name(claim["id"]), alt)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the figure of a claim shows.

    Attributes:
        shown: The verdict that decides, if it has a series, and parts with a fitted line.
        exposure: Series of the exposure, in a panel of its own.
        curves: Curves of one series, by claim.
    """

    shown: tuple[Claim, ...]
    exposure: SeriesFacts | None
    curves: Mapping[str, Any]

    @property
    def count(self) -> int:
        """Number of panels; none where there is nothing to show."""
        return len(self.shown) + (self.exposure is not None) if self.shown else 0

    @property
    def banded(self) -> bool:
        """Whether a panel shows the line without the step with its interval."""
        fitted = [self.curves[each["id"]] for each in self.shown if _is_fitted(each, self.curves)]
        return any(
            end is not None
            for curve in fitted
            for end in (*curve["counterfactual_low"], *curve["counterfactual_high"])
        )


def choose_panels(
    claim: Claim, parts: Sequence[Claim], curves: Mapping[str, Any], facts: StudyFacts
) -> Chosen:
    """Choose what the figure of a claim shows; parts beyond `MOST_PANELS` are tabulated only."""
    curves = {key: curve for key, curve in curves.items() if curve["observed"]}  # of one series
    exposure = _exposure(claim, facts)
    own = [claim] if _has_series(claim, curves, facts) else []
    room = MOST_PANELS - len(own) - (exposure is not None)
    fitted = [part for part in parts if _is_fitted(part, curves)]
    return Chosen((*own, *fitted[:room]), exposure, curves)


def _is_fitted(claim: Claim, curves: Mapping[str, Any]) -> bool:
    return claim["id"] in curves and claim.get("estimate") is not None


def figure_name(key: str) -> str:
    """Name the figure of a claim.

    >>> figure_name("J-01.arms_transfers>at pivot")
    'claim-J-01.arms-transfers-at-pivot'
    """
    return "claim-" + re.sub(r"[^\w.-]|_", "-", key)


def _has_series(claim: Claim, curves: Mapping[str, Any], facts: StudyFacts) -> bool:
    if claim["id"] in curves:
        return True
    return bool(claim["units"]) and facts.series_of(claim["outcome"], claim["units"][0]) is not None


def _exposure(claim: Claim, facts: StudyFacts) -> SeriesFacts | None:
    variable = claim.get("exposure") or ""
    return facts.series_of(variable, claim.get("exposure_unit") or "") if variable else None


def _axis_label(claim: Claim, curve: Mapping[str, Any] | None, facts: StudyFacts) -> str:
    """Give the outcome with its unit, explanations left out."""
    series = facts.series_of(claim["outcome"], claim["units"][0])
    if series is not None:
        return f"{series.label} ({shorten_unit(series.measured_in)})"
    return str(curve["axis_label"]) if curve else str(claim["outcome"])


@dataclass(frozen=True, slots=True)
class Panel:
    """What a panel shows: points of its lines, values of its band, junctures it marks."""

    points: list[tuple[float, float]]
    band: list[float]
    marked: tuple[JunctureFacts, ...]


def _fit_axes(axes: Axes, panel: Panel, n_flags: int) -> None:
    """Let the axes hold every line, and as much of the band as leaves the lines legible."""
    if not panel.points:
        return
    years, values = zip(*panel.points, strict=True)
    low, high = min(values), max(values)
    room = BAND_ROOM * ((high - low) or 1.0)
    lowest, highest = min([low, *panel.band]), max([high, *panel.band])
    leave_headroom(axes, max(lowest, low - room), min(highest, high + room), n_flags)
    axes.set_xlim(min(years) - 0.8, max(years) + 0.8)


def _plot_panel(
    axes: Axes,
    claim: Claim,
    curve: Mapping[str, Any] | None,
    facts: StudyFacts,
    numbers: Mapping[str, Number],
) -> Panel:
    axes.set_title(fill(look_up(numbers, f"{claim['id']}.name"), TITLE_WIDTH), pad=TITLE_PAD)
    marked = facts.marked_for(claim)
    _prepare(axes, marked, tested=claim["term"], label=_axis_label(claim, curve, facts))
    _write_result(axes, claim["id"], numbers)
    panel = Panel(_plot_observed(axes, claim, curve, facts), [], marked)
    if curve and claim.get("estimate") is not None:
        _plot_fit(axes, curve, panel)
    return panel


def _plot_exposure(axes: Axes, series: SeriesFacts, facts: StudyFacts) -> Panel:
    axes.set_title(fill(f"Exposure: {series.label}, {series.unit_name}", TITLE_WIDTH))
    label = f"{series.label} ({shorten_unit(series.measured_in)})"
    _prepare(axes, facts.marked, tested="", label=label)
    years, values = with_gaps(list(series.values), list(series.values.values()))
    axes.plot(years, values, color=BLACK, marker="o", markersize=2.0, linewidth=0.5, zorder=2)
    return Panel(_points(years, values), [], facts.marked)


def _prepare(axes: Axes, marked: Sequence[JunctureFacts], *, tested: str, label: str) -> None:
    axes.set_xlabel("year")
    axes.set_ylabel(fill(label, LABEL_WIDTH))
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    write_ticks(axes)
    mark_junctures(axes, marked, tested=tested)


def _plot_observed(
    axes: Axes, claim: Claim, curve: Mapping[str, Any] | None, facts: StudyFacts
) -> list[tuple[float, float]]:
    series = facts.series_of(claim["outcome"], claim["units"][0]) if claim["units"] else None
    known = dict(series.values) if series else {}
    if curve:
        known = dict(zip(curve["years"], curve["observed"], strict=True))
    if not known:
        return []
    years, values = with_gaps(list(known), list(known.values()))
    axes.plot(years, values, color=BLACK, marker="o", markersize=2.0, linewidth=0.5, zorder=2)
    return _points(years, values)


def _plot_fit(axes: Axes, curve: Mapping[str, Any], panel: Panel) -> None:
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
    panel.points.extend(_points(years, fitted) + _points(years, without))
    panel.band.extend(float(v) for v in np.concatenate([low, high]) if np.isfinite(v))


def _points(years: np.ndarray, values: np.ndarray) -> list[tuple[float, float]]:
    pairs = zip(years, values, strict=True)
    return [(float(year), float(value)) for year, value in pairs if np.isfinite(value)]


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


def _name_ends(axes: Axes, curve: Mapping[str, Any]) -> None:
    """Name the two lines at their right ends, moved apart where the names would touch."""
    lines = (("fitted", "fitted", BLUE), ("counterfactual", "without\nthe step", VERMILION))
    ends = [(curve[name][-1], text, colour) for name, text, colour in lines]
    known = sorted((end for end in ends if end[0] is not None), key=lambda end: float(end[0]))
    low, high = axes.get_ylim()
    least, at = 0.14 * (high - low), -np.inf
    for value, text, colour in known:
        at = max(float(value), at + least)
        axes.annotate(text, (1, at), (4, 0), xycoords=("axes fraction", "data"), color=colour,
                      textcoords="offset points", va="center", linespacing=0.95,
                      annotation_clip=False)  # fmt: skip


def _name_lines(figure: Figure) -> None:
    """Name the two lines, in their colour and dash, below the panels."""
    figure_width, figure_height = (72 * inches for inches in figure.get_size_inches())
    at, height = KEY_START, 0.4 * KEY_ROOM * 72 / figure_height
    names: tuple[tuple[str, str, Any], ...] = (
        ("fitted", BLUE, "-"),
        ("without the step", VERMILION, (0, (3, 1.2))),
    )
    for text, colour, dashes in names:
        end = at + KEY_LINE / figure_width
        line = Line2D([at, end], [height] * 2, transform=figure.transFigure, color=colour,
                      linestyle=dashes, linewidth=1.6, solid_capstyle="butt")  # fmt: skip
        figure.add_artist(line)
        figure.text(end + 4 / figure_width, height, text, color=colour, va="center")
        at = end + KEY_STRIDE / figure_width


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
        estimate, unit = look_up(numbers, f"{key}.estimate"), look_up(numbers, f"{key}.short_unit")
        step = f"{estimate} {unit}".strip()
        text = f"{step} ({look_up(numbers, f'{key}.interval')})\n{finding}"
    axes.text(0, 1.03, text, transform=axes.transAxes, ha="left", va="bottom", linespacing=1.25)
