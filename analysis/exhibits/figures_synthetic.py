"""A synthetic control that matches predictors: both paths by year, and the gap among placebos."""

from __future__ import annotations

from datetime import date
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes

from analysis.estimation.synthetic_control_result import SyntheticControlResult
from analysis.exhibits.facts import JunctureFacts
from analysis.exhibits.figure_pair import UNIT_WIDTH, frame_years, leave_room, make_pair
from analysis.exhibits.figure_style import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    SMALL,
    Drawing,
    figure_style,
    finish_figure,
    shorten_unit,
)
from analysis.exhibits.figures_series import with_gaps

LABEL_ROOM = 0.22  # of the years drawn, to the right of the last one
LINE_SPACE = 7.5  # points between two labels
FAINT = 0.5  # points, of a placebo's line


def plot_synthetic_control(result: SyntheticControlResult, *, juncture: str = "") -> Drawing:
    """Draw the treated unit beside its synthetic control, and its gap among those of placebos.

    Args:
        result: From `synthetic_control`.
        juncture: What the onset is called in its flag; by default "onset".
    """
    path = result.path
    levels, gaps = path[["treated", "synthetic"]], path["gap"].to_numpy(dtype=float)
    placebos = result.placebo_gaps.to_numpy(dtype=float)
    with figure_style():
        figure, left, right = make_pair()
        _plot_paths(left, result)
        _plot_gaps(right, result)
        first, last = int(path.index[0]), int(path.index[-1])
        flags = [_flag(result, juncture or "onset")]
        for axes in (left, right):
            frame_years(axes, (first, last), flags, tested="onset", label_room=LABEL_ROOM)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # laid out once
        left.set_xticks([year for year in left.get_xticks() if first <= year <= last])
        leave_room(left, levels.to_numpy(dtype=float), len(flags))
        leave_room(right, np.column_stack([gaps, placebos]), len(flags))
        ends = levels.iloc[-1]
        _label_ends(
            left,
            last,
            {result.unit: (float(ends["treated"]), BLACK), "synthetic": (ends["synthetic"], BLUE)},
        )
        middle = float(np.median(placebos[-1]))
        _label_ends(right, last, {result.unit: (gaps[-1], BLACK), "placebos": (middle, GREY)})
        return finish_figure(figure, f"synthetic_{result.outcome}", describe_synthetic(result))


def describe_synthetic(result: SyntheticControlResult) -> str:
    """Say what is seen: both lines, the gap before and after, and its place among placebos."""
    path, onset = result.path, result.onset
    before, after = (
        float(path.loc[part, "gap"].mean()) for part in (path.index < onset, path.index >= onset)
    )
    p = "no p-value, for want of placebos" if result.note else f"p = {result.p_value:.3f}"
    return (
        f"Two line charts of {result.outcome} in {result.measured_in}, {path.index[0]}-"
        f"{path.index[-1]}, onset {onset}. Left: {result.unit} and its synthetic control. Right: "
        f"the gap between them, on average {before:.3g} before {onset} and {after:.3g} from then "
        f"on, before the gaps of {len(result.placebos)} placebos in grey. The ratio of errors "
        f"after to before is number {result.rank} of {1 + len(result.placebos)}; {p}. Shown, does "
        "not decide."
    )


def _plot_paths(axes: Axes, result: SyntheticControlResult) -> None:
    for name, colour, dash in (("synthetic", BLUE, (0, (4, 1.5))), ("treated", BLACK, "-")):
        years, values = with_gaps(list(result.path.index), list(result.path[name]))
        axes.plot(years, values, color=colour, linestyle=dash)
    axes.set_title(f"{result.unit} and its synthetic control")
    axes.set_ylabel(fill(shorten_unit(result.measured_in), UNIT_WIDTH))


def _plot_gaps(axes: Axes, result: SyntheticControlResult) -> None:
    years = list(result.path.index)
    for donor in result.placebo_gaps:
        axes.plot(*with_gaps(years, list(result.placebo_gaps[donor])), color=PALE,
                  linewidth=FAINT, zorder=1)  # fmt: skip
    axes.axhline(0.0, color=GREY, linewidth=0.6, zorder=1.2)
    axes.plot(*with_gaps(years, list(result.path["gap"])), color=BLACK, zorder=2)
    axes.set_title("Gap, and those of placebos")


def _flag(result: SyntheticControlResult, name: str) -> JunctureFacts:
    return JunctureFacts("onset", name, name, result.onset, date(result.onset, 1, 1), "")


def _label_ends(axes: Axes, last: int, ends: dict[str, tuple[float, str]]) -> None:
    """Write what each of two lines is called beside its last value, and not on each other."""
    upper, lower = sorted(ends.items(), key=lambda end: -end[1][0])
    place = axes.transData.transform
    figure = axes.get_figure(root=True)
    assert figure is not None
    apart = float(place((0, upper[1][0]))[1] - place((0, lower[1][0]))[1]) * 72 / figure.dpi
    push = max(0.0, LINE_SPACE - apart) / 2
    for (name, (value, colour)), off in ((upper, push), (lower, -push)):
        axes.annotate(name, (last, value), xytext=(3, off), textcoords="offset points", va="center",
                      fontsize=SMALL, color=colour)  # fmt: skip
