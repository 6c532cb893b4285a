"""How every figure looks, and how it becomes the same bytes on every machine."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import offset_copy

from analysis.exhibits.facts import JunctureFacts

# Okabe and Ito's palette, told apart with any colour vision; shape and dash say the same in grey.
BLACK, BLUE, VERMILION, GREEN, SKY = "#1a1a1a", "#0072B2", "#D55E00", "#009E73", "#56B4E9"
GREY, PALE, SHADE = "#6b6b6b", "#b8b8b8", "#ececec"

TEXT_WIDTH = 6.54  # inches between the margins of the page
SMALL = 6.0  # points
FLAG_HEIGHT = 7.5  # points

STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 7.0,
    "axes.titlesize": 7.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelsize": 6.5,
    "axes.labelcolor": BLACK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.formatter.useoffset": False,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": BLACK,
    "ytick.labelcolor": BLACK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.linewidth": 1.1,
    "lines.solid_capstyle": "round",
    "figure.dpi": 72,
    "svg.fonttype": "path",
    "svg.hashsalt": "juncture",
    "path.simplify": False,
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished figure: a file name without ending, the SVG, and what is seen in words."""

    name: str
    svg: str = field(repr=False)
    alt: str

    def _repr_html_(self) -> str:
        """The picture with what is seen in words, for notebooks."""
        data = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        alt = escape(self.alt, {'"': "&quot;"})
        return f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}" width="100%">'


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw in the one style, whatever the user's own matplotlib settings say."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def finish_figure(figure: Figure, name: str, alt: str) -> Drawing:
    """Turn a figure into SVG text that names itself to a screen reader and carries no date."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": "juncture"})
    svg = buffer.getvalue().decode("utf-8")
    opening = svg.index(">", svg.index("<svg")) + 1
    described = f"\n <title>{escape(name)}</title>\n <desc>{escape(alt)}</desc>"
    return Drawing(name, svg[:opening] + described + svg[opening:], alt)


def mark_junctures(axes: Axes, junctures: Sequence[JunctureFacts], *, tested: str = "") -> None:
    """Draw a line between the last year before each juncture and its onset; flag it by name.

    The flag of an earlier juncture flies lower, and its line ends there, so that no flag crosses
    a line. The tested juncture stands out.
    """
    ordered = sorted(junctures, key=lambda juncture: juncture.onset, reverse=True)
    for place, juncture in enumerate(ordered):
        is_tested = juncture.key == tested
        at, drop = juncture.onset - 0.5, FLAG_HEIGHT * place
        floor = axes.get_xaxis_transform()
        mast = offset_copy(floor, fig=axes.get_figure(root=True), y=-drop, units="points")
        line = {
            "arrowstyle": "-",
            "color": BLACK if is_tested else PALE,
            "linewidth": 0.9 if is_tested else 0.8,
            "linestyle": (0, (4, 1.5)) if is_tested else (0, (1.5, 1.5)),
            "shrinkA": 0,
            "shrinkB": 0,
        }
        axes.annotate("", xy=(at, 0), xycoords=floor, xytext=(at, 1), textcoords=mast,
                      arrowprops=line, zorder=0.5)  # fmt: skip
        axes.annotate(
            f"{juncture.short} {juncture.onset}",
            xy=(at, 1),
            xycoords=floor,
            xytext=(-2, -drop),
            textcoords="offset points",
            fontsize=SMALL,
            fontweight="bold" if is_tested else "normal",
            color=BLACK if is_tested else GREY,
            ha="right",
            va="top",
            zorder=4,
        )


def shorten_unit(measured_in: str) -> str:
    """Give a unit without its explanations in brackets, for an axis.

    >>> shorten_unit("million TIV (trend-indicator values) by year of order")
    'million TIV by year of order'
    """
    return re.sub(r"\s*\([^()]*\)", "", measured_in)


def leave_headroom(
    axes: Axes, lowest: float, highest: float, n_flags: int, upper_bound: float | None = None
) -> None:
    """Keep the top of a panel free for its flags; start at zero where zero is near.

    Ticks above `upper_bound`, where no value can be, are left out. The height of the panel has to
    be known: the figure has been laid out before.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    height = axes.bbox.height * 72 / figure.dpi
    share = min((n_flags + 0.4) * FLAG_HEIGHT / height, 0.6)
    span = (highest - lowest) or abs(highest) or 1.0
    bottom = 0.0 if 0 <= lowest < 0.6 * highest else lowest - 0.06 * span
    axes.set_ylim(bottom, bottom + (highest - bottom) / (1 - share))
    if upper_bound is not None:
        low, high = axes.get_ylim()
        axes.set_yticks([t for t in axes.get_yticks() if low <= t <= min(high, upper_bound)])
