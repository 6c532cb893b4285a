"""All claims at once: each effect in units of the smallest effect that matters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.exhibits.alt_text import describe_overview
from analysis.exhibits.claim_numbers import interval_names
from analysis.exhibits.figure_rows import name_rows, place_rows, split_pages
from analysis.exhibits.figure_style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    PALE,
    SHADE,
    TEXT_WIDTH,
    VERMILION,
    Drawing,
    figure_style,
    finish_figure,
)
from analysis.exhibits.number import Number, look_up

ROW_HEIGHT = 0.16  # inches
LEFT, WIDTH = 0.455, 0.32  # of the axes, as shares of the figure's width
FINDING_AT, POWER_AT = 1.03, (1 - LEFT) / WIDTH - 0.005  # shares of the width of the axes
WIDEST = 8.0  # in smallest effects; an interval that goes on ends in an arrow

Claim = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """How a finding is drawn: told apart by shape, by filling and by colour."""

    shape: str
    colour: str
    filled: bool


MARKS = {
    "supported": Mark("o", BLUE, filled=True),
    "contradicted": Mark("v", VERMILION, filled=True),
    "negligible": Mark("s", GREEN, filled=True),
    "inconclusive": Mark("o", GREY, filled=False),
    "untestable": Mark("x", GREY, filled=False),
}


def plot_overview(
    claims: Sequence[Claim], alpha: float, numbers: Mapping[str, Number], name: str = "overview"
) -> Drawing:
    """Draw estimate, both intervals, finding and power of every claim, one line each."""
    with figure_style():
        rows = place_rows(claims, numbers)
        height = ROW_HEIGHT * (rows.depth + 0.6) + 0.66
        figure = Figure(figsize=(TEXT_WIDTH, height))
        axes = figure.add_axes((LEFT, 0.46 / height, WIDTH, 1 - 0.66 / height))
        limit = _limit(claims, alpha)
        _prepare(axes, limit, rows.depth)
        name_rows(axes, rows, claims, numbers, left=-LEFT / WIDTH)
        for row, claim in zip(rows.heights, claims, strict=True):
            _draw_claim(axes, row, claim, alpha, limit, numbers)
        _head_columns(axes)
        return finish_figure(figure, name, describe_overview(claims, numbers))


def plot_overviews(
    claims: Sequence[Claim], alpha: float, numbers: Mapping[str, Number]
) -> list[Drawing]:
    """Draw the overview on as many pages as it needs: `overview`, `overview-2` ..."""
    return [
        plot_overview(page, alpha, numbers, "overview" if place == 1 else f"overview-{place}")
        for place, page in enumerate(split_pages(claims, numbers), start=1)
    ]


def in_smallest_effects(value: float, claim: Claim) -> float:
    """Give a value in units of the smallest effect, positive in the claimed direction.

    Ratios are measured on the log scale, where no effect is zero. Where a design sets its own
    smallest effect, that is the unit; NaN where there is none.

    >>> claim = {"effect_unit": "sd", "smallest_effect": 0.5, "alternative": "less"}
    >>> in_smallest_effects(-1.0, claim)
    2.0
    """
    sign = -1.0 if claim["alternative"] == "less" else 1.0
    smallest = _smallest(claim)
    if smallest is None:
        return math.nan
    if claim["effect_unit"] == "rate_ratio":
        return sign * math.log(value) / abs(math.log(smallest)) if value > 0 else math.nan
    return sign * value / smallest


def is_drawn(claim: Claim) -> bool:
    """Whether the claim has an estimate that can stand among the others."""
    estimate = claim.get("estimate")
    return estimate is not None and math.isfinite(in_smallest_effects(estimate, claim))


def _smallest(claim: Claim) -> float | None:
    """The smallest effect that matters, in the unit of the estimate."""
    if claim.get("smallest_effect"):
        return float(claim["smallest_effect"])
    if claim.get("outcome_unit") == "multiples of S":
        return 1.0
    rejected = claim.get("rejected_effect")
    return abs(float(rejected)) if rejected else None


def _ends(claim: Claim, level: str) -> tuple[float, float] | None:
    """Give an interval in smallest effects; one end may be infinite, None where both are absent."""
    low, high = (claim.get("intervals") or {}).get(level) or (None, None)
    if low is None and high is None:
        return None
    less = claim["alternative"] == "less"
    ends = [
        math.copysign(math.inf, -side if less else side)
        if end is None
        else in_smallest_effects(end, claim)
        for end, side in ((low, -1), (high, 1))
    ]
    ends = [-math.inf if math.isnan(end) else end for end in ends]  # a ratio of zero
    return min(ends), max(ends)


def _limit(claims: Sequence[Claim], alpha: float) -> float:
    outer, _ = interval_names(alpha)
    intervals = [_ends(claim, outer) for claim in claims if is_drawn(claim)]
    ends = [abs(end) for pair in intervals if pair for end in pair if math.isfinite(end)]
    return min(max([2.0, *ends]) * 1.05, WIDEST)


def _prepare(axes: Axes, limit: float, bottom: float) -> None:
    axes.set_xlim(-limit, limit)
    axes.set_ylim(bottom, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    axes.axvspan(-1, 1, color=SHADE, zorder=0)
    axes.axvline(0, color=GREY, linewidth=0.7, zorder=0.5)
    for side in (-1, 1):
        axes.axvline(side, color=PALE, linewidth=0.7, linestyle=(0, (1.5, 1.5)), zorder=0.5)
    axes.set_xlabel(
        "estimate, in smallest effects that matter\n(positive: in the claimed direction)"
    )


def _draw_claim(
    axes: Axes, row: float, claim: Claim, alpha: float, limit: float, numbers: Mapping[str, Number]
) -> None:
    key = claim["id"]
    if is_drawn(claim):
        _draw_estimate(axes, row, claim, alpha, limit)
    elif claim.get("estimate") is not None:
        axes.text(0, row, "not on this scale", ha="center", va="center", color=GREY)
    _write(axes, FINDING_AT, row, look_up(numbers, f"{key}.finding_word"), "left")
    _write(axes, POWER_AT, row, look_up(numbers, f"{key}.power_at_claim"), "right")


def _draw_estimate(axes: Axes, row: float, claim: Claim, alpha: float, limit: float) -> None:
    mark = MARKS[claim["finding"]]
    for level, width in zip(interval_names(alpha), (0.9, 2.4), strict=True):
        ends = _ends(claim, level)
        if ends is not None:
            _draw_interval(axes, row, ends, limit, mark.colour, width)
    axes.plot(
        [max(-limit, min(limit, in_smallest_effects(claim["estimate"], claim)))],
        [row],
        marker=mark.shape,
        markersize=5,
        markerfacecolor=mark.colour if mark.filled else "white",
        markeredgecolor=mark.colour,
        markeredgewidth=1.1,
        linestyle="none",
        clip_on=False,
        zorder=4,
    )


def _draw_interval(
    axes: Axes, row: float, ends: tuple[float, float], limit: float, colour: str, width: float
) -> None:
    low, high = max(ends[0], -limit), min(ends[1], limit)
    axes.plot([low, high], [row, row], color=colour, linewidth=width, zorder=2,
              solid_capstyle="butt")  # fmt: skip
    for end, drawn, shape in ((ends[0], low, "<"), (ends[1], high, ">")):
        if abs(end) > limit:
            axes.plot([drawn], [row], marker=shape, markersize=3.5, color=colour, clip_on=False)


def _head_columns(axes: Axes) -> None:
    for place, text, side in ((FINDING_AT, "finding", "left"), (POWER_AT, "power", "right")):
        axes.annotate(text, xy=(place, 1), xycoords="axes fraction", xytext=(0, 2),
                      textcoords="offset points", ha=side, va="bottom", color=GREY)  # fmt: skip
    axes.annotate("too small to matter", xy=(0, 1), xycoords=axes.get_xaxis_transform(),
                  xytext=(0, 2), textcoords="offset points", ha="center", va="bottom",
                  color=GREY)  # fmt: skip


def _write(axes: Axes, place: float, row: float, text: str, side: str) -> None:
    axes.text(place, row, text, transform=axes.get_yaxis_transform(), ha=side, va="center",
              color=BLACK)  # fmt: skip
