"""Claims as lines of a figure, grouped under their family, as many as a page holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from matplotlib import patheffects
from matplotlib.axes import Axes

from analysis.exhibits.figure_style import BLACK
from analysis.exhibits.number import Number, look_up

AIR = 0.25  # lines left free above a new family
MOST_LINES = 54  # of claims and families on a page
LABEL_LENGTH, LABEL_SIZE = 64, 6.3  # letters in a line of a claim's name, and points
SECOND_LINE = 0.75  # height of each further line of a name

Claim = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the lines of a figure stand, counted downwards from zero.

    Attributes:
        heights: One for each claim, in order.
        heads: Height of the line that names a family, and the family.
        depth: Height below the last line.
    """

    heights: tuple[float, ...]
    heads: tuple[tuple[float, str], ...]

    depth: float


def place_rows(claims: Sequence[Claim], numbers: Mapping[str, Number]) -> Rows:
    """Give each claim a line, or as many as its name needs, and each family one above its first."""
    heights: list[float] = []
    heads: list[tuple[float, str]] = []
    at, family = 0.0, None
    for claim in claims:
        if claim["family"] != family:
            at += AIR if heights else 0.0
            heads.append((at, str(claim["family"])))
            family, at = claim["family"], at + 1
        more = SECOND_LINE * (len(name_claim(claim["id"], numbers).split("\n")) - 1)
        heights.append(at + more / 2)
        at += 1 + more
    return Rows(tuple(heights), tuple(heads), at - 0.4)


def split_pages(claims: Sequence[Claim], numbers: Mapping[str, Number]) -> list[list[Claim]]:
    """Split claims into pages of about equal length, none with more than `MOST_LINES` lines."""
    if not claims:
        return []
    lines = place_rows(claims, numbers).depth
    pages = -(-int(lines) // MOST_LINES)
    share = lines / pages
    split: list[list[Claim]] = [[]]
    for claim in claims:
        own = place_rows([*split[-1], claim], numbers).depth
        if split[-1] and own > min(share + 2, MOST_LINES + 1):
            split.append([])
        split[-1].append(claim)
    return split


def name_rows(
    axes: Axes,
    rows: Rows,
    claims: Sequence[Claim],
    numbers: Mapping[str, Number],
    left: float,
) -> None:
    """Write the families and, below each, the claims by number and name.

    Args:
        left: Where the names begin, as a share of the width of the axes; negative.
    """
    transform = axes.get_yaxis_transform()
    for height, family in rows.heads:
        name = look_up(numbers, f"family.{family}.name")
        head = axes.text(left, height, name, transform=transform,
                         va="center", fontweight="bold", color=BLACK, zorder=5)  # fmt: skip
        head.set_path_effects([patheffects.withStroke(linewidth=2, foreground="white")])
    for height, claim in zip(rows.heights, claims, strict=True):
        axes.text(left + 0.02, height, name_claim(claim["id"], numbers),
                  transform=transform, va="center", fontsize=LABEL_SIZE, linespacing=1.0,
                  color=BLACK)  # fmt: skip


def name_claim(key: str, numbers: Mapping[str, Number]) -> str:
    """Give a claim's number and name, in as many lines as they need."""
    register, name = look_up(numbers, f"{key}.register"), look_up(numbers, f"{key}.title")
    if name == register:
        return register
    head, *rest = wrap(f"{register}  {name}", LABEL_LENGTH)
    return "\n".join([head, *(" " * 9 + line for line in rest)])
