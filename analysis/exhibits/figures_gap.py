"""One unit and its donors by year, and the gap between them with its measured steps."""

from __future__ import annotations

import re
from datetime import date
from textwrap import fill
from typing import Any

from matplotlib.axes import Axes

from analysis.calibration.ask_gap import GapResult
from analysis.exhibits.facts import JunctureFacts, shorten_label
from analysis.exhibits.figure_pair import UNIT_WIDTH, frame_years, leave_room, make_pair
from analysis.exhibits.figure_style import BLACK, BLUE, GREY, Drawing, figure_style, finish_figure
from analysis.exhibits.figures_series import with_gaps


def plot_gap(result: GapResult) -> Drawing:
    """Draw the treated unit beside its weighted donors, and their gap, by year."""
    with figure_style():
        figure, left, right = make_pair()
        junctures = _junctures(result)
        _plot_levels(left, result)
        _plot_difference(right, result)
        for axes in (left, right):
            frame_years(axes, result.years, junctures, tested=result.opinions.term)
        figure.draw_without_rendering()
        leave_room(left, result.path[["treated", "donors"]].to_numpy(), len(junctures))
        leave_room(right, result.path["gap"].to_numpy(), len(junctures))
        left.legend(loc="best", frameon=False, fontsize="small")
        return finish_figure(figure, "gap", describe_gap(result))


def describe_gap(result: GapResult) -> str:
    """Say what is seen: both lines, the gap before and after, and the steps."""
    path, first = result.path, min(result.onsets.values())
    before, after = (
        float(path.loc[part, "gap"].mean()) for part in (path.index < first, path.index >= first)
    )
    estimates = result.table["estimate"].to_dict()
    steps = "; ".join(
        f"step of {estimates[juncture]:.3g} in {onset} ({juncture})"
        for juncture, onset in result.onsets.items()
    )
    return (
        f"Two line charts of {result.outcome} in {result.measured_in}, {result.years[0]}-"
        f"{result.years[1]}. Left: {result.unit} and its {len(result.weights)} donors, weighted. "
        f"Right: the gap between them, on average {before:.3g} before {first} and {after:.3g} from "
        f"then on. Estimated: {steps}."
    )


def _plot_levels(axes: Axes, result: GapResult) -> None:
    path = result.path
    lines: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("donors", "donors, weighted", {"color": BLUE, "linestyle": (0, (4, 1.5))}),
        ("treated", result.unit, {"color": BLACK, "marker": "o", "markersize": 1.7}),
    )
    for name, label, line in lines:
        years, values = with_gaps(list(path.index), list(path[name]))
        axes.plot(years, values, label=label, **line)
    axes.set_title(f"{result.unit} and its donors")
    axes.set_ylabel(fill(_without_asides(result.measured_in), UNIT_WIDTH))


def _plot_difference(axes: Axes, result: GapResult) -> None:
    years, values = with_gaps(list(result.path.index), list(result.path["gap"]))
    axes.axhline(0.0, color=GREY, linewidth=0.6)
    axes.plot(years, values, color=BLACK, marker="o", markersize=1.7)
    axes.set_title("Gap")


def _without_asides(measured_in: str) -> str:
    """Give a unit without explanations in brackets; those of a transform stay.

    >>> _without_asides("root(contacts per year (visits) + 3/8)")
    'root(contacts per year + 3/8)'
    """
    return re.sub(r"\s+\([^()]*\)", "", measured_in)


def _junctures(result: GapResult) -> list[JunctureFacts]:
    return [
        JunctureFacts(
            key=name,
            short=shorten_label(name, ""),
            label=name,
            onset=onset,
            date=date(onset, 1, 1),
            rationale="",
        )
        for name, onset in result.onsets.items()
    ]
