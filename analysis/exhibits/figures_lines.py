"""Series by year on one pair of axes, with junctures marked as in every figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.errors import UsageError
from analysis.exhibits.facts import JunctureFacts, shorten_label
from analysis.exhibits.figure_style import (
    BLACK,
    BLUE,
    GREEN,
    TEXT_WIDTH,
    VERMILION,
    Drawing,
    figure_style,
    finish_figure,
    leave_headroom,
    mark_junctures,
)
from analysis.exhibits.figures_series import with_gaps, write_ticks

HEIGHT = 2.3  # inches
LABEL_WIDTH = 44  # letters
LINES = ((BLACK, "o", "-"), (BLUE, "s", "--"), (VERMILION, "^", "-."), (GREEN, "D", ":"))


def plot_lines(
    series: pd.Series | Mapping[str, pd.Series],
    *,
    measured_in: str = "",
    junctures: Mapping[str, int] | None = None,
    name: str = "lines",
) -> Drawing:
    """Draw one to four series by year; years without a value are gaps.

    Args:
        series: Values by year, or several by what they are called.
        measured_in: Unit of the vertical axis.
        junctures: First year counted as after, by name.
        name: File name without ending.

    Raises:
        UsageError: There are no values, or more than four series.
    """
    drawn = {str(series.name): series} if isinstance(series, pd.Series) else dict(series)
    drawn = {label: values.dropna() for label, values in drawn.items() if values.notna().any()}
    if not 0 < len(drawn) <= len(LINES):
        raise UsageError(f"{len(drawn)} series have values; draw 1 to {len(LINES)}.")
    marks = [
        JunctureFacts(key, shorten_label(key, ""), key, onset, date(onset, 1, 1), "")
        for key, onset in (junctures or {}).items()
    ]
    with figure_style():
        figure = Figure(figsize=(TEXT_WIDTH, HEIGHT), layout="constrained")
        axes = figure.subplots()
        for (label, values), (colour, marker, dash) in zip(drawn.items(), LINES, strict=False):
            years, shown = with_gaps([int(year) for year in values.index], list(values))
            axes.plot(
                years, shown, label=label, color=colour, marker=marker, linestyle=dash, markersize=2
            )
        axes.set_ylabel(fill(measured_in, LABEL_WIDTH))
        axes.set_xlabel("year")
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        mark_junctures(axes, marks)
        write_ticks(axes)
        if len(drawn) > 1:
            axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        figure.draw_without_rendering()
        every = np.concatenate([values.to_numpy(dtype=float) for values in drawn.values()])
        leave_headroom(axes, float(every.min()), float(every.max()), len(marks))
        return finish_figure(figure, name, _describe(drawn, measured_in, junctures or {}))


def _describe(
    drawn: Mapping[str, pd.Series], measured_in: str, junctures: Mapping[str, int]
) -> str:
    said = [
        f"{label}: from {values.iloc[0]:.4g} in {values.index[0]} to {values.iloc[-1]:.4g} in "
        f"{values.index[-1]}, highest {values.max():.4g} in {values.idxmax()}"
        for label, values in drawn.items()
    ]
    marked = [f"{name} {onset}" for name, onset in junctures.items()]
    parts = [f"Line chart by year{f', in {measured_in}' if measured_in else ''}", *said]
    if marked:
        parts.append(f"Marked: {', '.join(marked)}")
    return ". ".join(parts) + "."
