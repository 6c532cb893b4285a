"""Claims as lines of a figure: grouped under their outcome, one line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import patheffects
from matplotlib.axes import Axes

from analysis.exhibits.figure_style import BLACK
from analysis.exhibits.number import Number, look_up

AIR = 0.25  # lines left free above a new outcome


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the lines of a figure stand, counted downwards from zero.

    Attributes:
        heights: One for each claim, in order.
        heads: Height of the line that names an outcome, and the first claim below it.
        depth: Height below the last line.
    """

    heights: tuple[float, ...]
    heads: tuple[tuple[float, str], ...]

    @property
    def depth(self) -> float:
        return self.heights[-1] + 0.6


def place_rows(claims: Sequence[Mapping[str, Any]]) -> Rows:
    """Give each claim a line, and each outcome a line above its first claim."""
    heights: list[float] = []
    heads: list[tuple[float, str]] = []
    at, outcome = 0.0, None
    for claim in claims:
        if claim["outcome"] != outcome:
            at += AIR if heights else 0.0
            heads.append((at, claim["id"]))
            outcome, at = claim["outcome"], at + 1
        heights.append(at)
        at += 1
    return Rows(tuple(heights), tuple(heads))


def name_rows(
    axes: Axes,
    rows: Rows,
    claims: Sequence[Mapping[str, Any]],
    numbers: Mapping[str, Number],
    left: float,
) -> None:
    """Write the outcomes and, below each, the terms of its claims.

    Args:
        left: Where the names begin, as a share of the width of the axes; negative.
    """
    transform = axes.get_yaxis_transform()
    for height, key in rows.heads:
        head = axes.text(left, height, look_up(numbers, f"{key}.outcome"), transform=transform,
                         va="center", fontweight="bold", color=BLACK, zorder=5)  # fmt: skip
        head.set_path_effects([patheffects.withStroke(linewidth=2, foreground="white")])
    for height, claim in zip(rows.heights, claims, strict=True):
        axes.text(left + 0.02, height, look_up(numbers, f"{claim['id']}.term"),
                  transform=transform, va="center", color=BLACK)  # fmt: skip
