"""An event study as people of the field know it: effects by years since each juncture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.estimation.event_study_result import EventStudyResult, JuncturePath
from analysis.exhibits.facts import JunctureFacts
from analysis.exhibits.figure_style import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    SHADE,
    SMALL,
    TEXT_WIDTH,
    Drawing,
    figure_style,
    finish_figure,
    leave_headroom,
    mark_junctures,
)
from analysis.exhibits.figures_series import write_ticks
from analysis.exhibits.formats import MINUS
from analysis.records.words import join_words

COLUMNS = 3
ROW_HEIGHT = 2.3  # inches
LABEL_WIDTH = 40  # letters
TICKS = 5.5  # points


def plot_event_study(
    result: EventStudyResult, junctures: Mapping[str, JunctureFacts] | None = None
) -> Drawing:
    """Draw effects with their intervals by years since the onset, one panel for each juncture.

    The reference is hollow, binned ends are written with a sign, the average effect after the onset
    is a bar across its years, and onsets of other junctures in the window are flagged as in every
    figure.

    Args:
        result: From `event_study`.
        junctures: How each juncture is called in flags; None for its name in the result.
    """
    known = junctures or {}
    columns = min(COLUMNS, len(result.paths))
    rows = math.ceil(len(result.paths) / columns)
    with figure_style():
        size = (TEXT_WIDTH * columns / COLUMNS, ROW_HEIGHT * rows)
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(rows, columns, sharey=True, squeeze=False)
        for axes, path in zip(grid.flat, result.paths, strict=False):
            _plot_path(axes, path, result, known)
        for axes in list(grid.flat)[len(result.paths) :]:
            axes.remove()
        for row in grid:
            row[0].set_ylabel(fill(f"effect, {result.measured_in}", LABEL_WIDTH))
        figure.supxlabel(_note(result), fontsize=SMALL, color=GREY)
        figure.draw_without_rendering()
        most = max(len(path.also_inside) for path in result.paths) + 1
        low, high = _extent(result)
        for axes, _ in zip(grid.flat, result.paths, strict=False):
            leave_headroom(axes, low, high, most)
        return finish_figure(figure, f"event_study_{result.outcome}", _describe(result))


def _plot_path(
    axes: Axes,
    path: JuncturePath,
    result: EventStudyResult,
    known: Mapping[str, JunctureFacts],
) -> None:
    table = path.table
    onset = _origin(path)
    years = onset + table.index.to_numpy(dtype=float)
    times = table.index.to_numpy(dtype=int)
    is_reference = times == result.reference
    axes.axvspan(years[0] - 0.6, onset - 0.5, color=SHADE, zorder=0, linewidth=0)
    axes.axhline(0, color=GREY, linewidth=0.6, zorder=0.6)
    inner = times[(times >= 0) & ~_is_binned_end(times, result)]
    span = inner if len(inner) else times[times >= 0]
    ends = [onset + span.min() - 0.4, onset + span.max() + 0.4]
    average = path.average
    axes.fill_between(ends, average["conf_low"], average["conf_high"], color=PALE, alpha=0.45,
                      linewidth=0, zorder=1)  # fmt: skip
    axes.plot(ends, [average["estimate"]] * 2, color=BLUE, linewidth=1.0, zorder=1.5)
    estimated = ~is_reference
    margins = np.vstack(
        [
            (table["estimate"] - table["conf_low"])[estimated],
            (table["conf_high"] - table["estimate"])[estimated],
        ]
    )
    axes.errorbar(years[estimated], table["estimate"][estimated], yerr=margins, color=BLACK,
                  fmt="o", markersize=2.6, elinewidth=0.8, capsize=1.4, zorder=2)  # fmt: skip
    axes.plot(years[is_reference], [0.0] * int(is_reference.sum()), marker="o", markersize=2.8,
              markerfacecolor="white", color=BLACK, linestyle="none", zorder=2.2)  # fmt: skip
    axes.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    axes.set_xticks(years, [_write_time(int(time), result) for time in times], fontsize=TICKS)
    axes.set_xlabel("years since the onset")
    write_ticks(axes)
    mark_junctures(axes, _flags(path, result, known), tested=path.juncture)


def _origin(path: JuncturePath) -> int:
    """The onset that event times are counted from; 0 where units have different ones."""
    onsets = {onset for each in path.onsets.values() for onset in each}
    return onsets.pop() if len(onsets) == 1 else 0


def _flags(
    path: JuncturePath, result: EventStudyResult, known: Mapping[str, JunctureFacts]
) -> list[JunctureFacts]:
    origins = {each.juncture: _origin(each) for each in result.paths}
    shown = [path.juncture, *(name for name in path.also_inside if origins.get(name))]
    return [
        JunctureFacts(
            key=name,
            short=known[name].short if name in known else name,
            label=known[name].label if name in known else name,
            onset=origins[name],
            date=date(max(origins[name], 1), 1, 1),
            rationale="",
        )
        for name in shown
    ]


def _is_binned_end(times: np.ndarray, result: EventStudyResult) -> np.ndarray:
    if result.ends != "binned":
        return np.zeros(len(times), dtype=bool)
    return np.isin(times, result.window)


def _write_time(time: int, result: EventStudyResult) -> str:
    text = f"{time}".replace("-", MINUS)
    if result.ends == "binned" and time == result.window[0]:
        return f"≤{text}"
    if result.ends == "binned" and time == result.window[1]:
        return f"≥{text}"
    return text


def _note(result: EventStudyResult) -> str:
    """What the intervals are, and how often their tests reject where nothing happened."""
    kinds = join_words(sorted({path.errors for path in result.paths}))
    rates = [float(path.average["size"]) for path in result.paths]
    text = f"{100 * result.level:g} % intervals, {kinds} errors"
    if np.isfinite(rates).all():
        low, high = min(rates), max(rates)
        span = f"{low:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"{low:.2f} to {high:.2f}"
        text += f"; without an effect their tests reject {span} of the time"
    return text if result.decides else f"{text}; shown, do not decide"


def _extent(result: EventStudyResult) -> tuple[float, float]:
    low = min(float(path.table["conf_low"].min()) for path in result.paths)
    high = max(float(path.table["conf_high"].max()) for path in result.paths)
    return min(low, 0.0), max(high, 0.0)


def _describe(result: EventStudyResult) -> str:
    parts = []
    for path in result.paths:
        average = path.average
        parts.append(
            f"{path.juncture}: {average['estimate']:.2f} on average after the onset, "
            f"{100 * result.level:g} % interval {average['conf_low']:.2f} to "
            f"{average['conf_high']:.2f}; before the onset together p = "
            f"{path.pre_trends.p_value:.3f}"
        )
    deciding = "" if result.decides else " The intervals are shown and do not decide."
    return (
        f"Event study of {result.outcome} of {join_words(result.treated)} against "
        f"{len(result.comparison)} comparison units, effects by years since each onset. "
        f"{'. '.join(parts)}.{deciding}"
    )
