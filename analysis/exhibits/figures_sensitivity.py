"""How far a finding leans on what cannot be tested: errors that correlate, weights of an index."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from analysis.exhibits.figure_style import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    SHADE,
    SMALL,
    TEXT_WIDTH,
    VERMILION,
    Drawing,
    figure_style,
    finish_figure,
)

FloatArray = NDArray[np.float64]
CURVE_HEIGHT, WEIGHTS_HEIGHT = 2.3, 1.9  # inches
BINS = 30
SHARED = 0.5  # correlation of errors of which a common shock makes half of the variance


def plot_sensitivity(
    curve: pd.DataFrame, *, name: str, outcome: str, measured_in: str, level: float = 0.95
) -> Drawing:
    """Draw an indirect effect by the correlation of the errors of mediator and outcome.

    Args:
        curve: From `MediationTest.sensitivity`: index correlation; estimate, conf_low, conf_high.
        name: File name without ending.
        outcome: What the effect is on, in words.
        measured_in: Unit of the effect.
        level: Of the intervals.
    """
    correlation = curve.index.to_numpy(dtype=float)
    zero = zero_crossing(correlation, curve["estimate"].to_numpy(dtype=float))
    with figure_style():
        figure = Figure(figsize=(TEXT_WIDTH, CURVE_HEIGHT))
        axes = figure.add_axes((0.09, 0.2, 0.88, 0.72))
        axes.fill_between(
            correlation,
            curve["conf_low"].to_numpy(dtype=float),
            curve["conf_high"].to_numpy(dtype=float),
            color=SHADE,
            linewidth=0,
            zorder=0,
        )
        axes.axhline(0, color=GREY, linewidth=0.6, zorder=1)
        axes.plot(correlation, curve["estimate"], color=BLUE, zorder=3)
        if np.isfinite(zero):
            axes.plot([zero], [0], marker="o", color=VERMILION, markersize=4, zorder=4)
            _name_point(axes, zero, 0.0, f"none left at {zero:.2f}", VERMILION)
        estimate = float(np.interp(0.0, correlation, curve["estimate"]))
        axes.plot([0], [estimate], marker="s", color=BLUE, markersize=3.5, zorder=4)
        _name_point(axes, 0.0, estimate, "as estimated", BLUE)
        for shared in (-SHARED, SHARED):
            axes.axvline(shared, color=PALE, linewidth=0.8, linestyle=(0, (1.5, 1.5)), zorder=0.5)
        axes.annotate(
            "a shared shock makes\nhalf of each series",
            xy=(SHARED, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(3, -2),
            textcoords="offset points",
            fontsize=SMALL,
            color=GREY,
            va="top",
        )
        axes.set_xlim(correlation.min(), correlation.max())
        axes.set_xlabel("correlation of the errors of mediator and outcome")
        axes.set_ylabel(f"effect through the mediator\n({measured_in})")
        return finish_figure(figure, name, _describe_curve(curve, zero, outcome, level))


def plot_weights(
    estimates: FloatArray, marks: pd.Series, *, name: str, index: str, measured_in: str
) -> Drawing:
    """Draw the effects an index has under random weights, and with all or one component.

    Args:
        estimates: One a draw of the weights, shape (d,).
        marks: Estimates to be named below the distribution, by label.
        name: File name without ending.
        index: What the index is called, in words.
        measured_in: Unit of the effect.
    """
    positive = float((estimates > 0).mean())
    labels = [str(label) for label in marks.index]
    height = WEIGHTS_HEIGHT + 0.16 * len(marks)
    with figure_style():
        figure = Figure(figsize=(TEXT_WIDTH, height))
        share = (0.16 * len(marks) + 0.1) / height
        upper = figure.add_axes((0.3, share + 0.42 / height, 0.67, 1 - share - 0.6 / height))
        lower = figure.add_axes((0.3, 0.38 / height, 0.67, share), sharex=upper)
        edges = _bins_with_an_edge_at_zero(estimates)
        heights, _ = np.histogram(estimates, edges)
        colours = [BLUE if left >= 0 else PALE for left in edges[:-1]]
        upper.bar(
            edges[:-1], heights, np.diff(edges), align="edge", color=colours, edgecolor="white",
            zorder=2,
        )  # fmt: skip
        upper.set_ylim(0, 1.25 * heights.max())  # the line above the bars is for their name
        upper.set_yticks([])
        upper.spines["left"].set_visible(False)
        upper.tick_params(labelbottom=False)
        upper.annotate(
            f"positive in {100 * positive:.0f} % of {len(estimates)} draws",
            xy=(0, 1),
            xycoords="axes fraction",
            va="top",
            color=BLUE,
            fontweight="bold",
        )
        places = np.arange(len(marks))
        lower.plot(marks.to_numpy(dtype=float), places, "o", color=BLACK, markersize=3.5, zorder=3)
        lower.hlines(
            places,
            0,
            1,
            transform=lower.get_yaxis_transform(),
            color=SHADE,
            linewidth=0.7,
            zorder=0,
        )
        lower.set_yticks(places, labels)
        lower.set_ylim(len(marks) - 0.4, -0.6)
        lower.tick_params(axis="y", length=0)
        lower.spines["left"].set_visible(False)
        for axes in (upper, lower):
            axes.axvline(0, ymax=0.8 if axes is upper else 1, color=GREY, linewidth=0.6, zorder=1)
        lower.set_xlabel(f"effect of one sd of {index} ({measured_in})")
        return finish_figure(figure, name, _describe_weights(estimates, marks, index))


def zero_crossing(correlation: FloatArray, estimates: FloatArray) -> float:
    """Where a falling or rising curve passes zero, between its points; nan where it does not.

    >>> zero_crossing(np.array([0.0, 0.2, 0.4]), np.array([2.0, 1.0, -1.0])).round(3)
    np.float64(0.3)
    """
    change = np.flatnonzero(np.sign(estimates[:-1]) * np.sign(estimates[1:]) < 0)
    if (estimates == 0).any():
        return np.float64(correlation[np.flatnonzero(estimates == 0)[0]])
    if not len(change):
        return np.float64("nan")
    at = change[0]
    part = estimates[at] / (estimates[at] - estimates[at + 1])
    return np.float64(correlation[at] + part * (correlation[at + 1] - correlation[at]))


def _bins_with_an_edge_at_zero(estimates: FloatArray) -> FloatArray:
    width = max(float(np.ptp(estimates)), 1e-12) / BINS
    first, last = np.floor(estimates.min() / width), np.floor(estimates.max() / width) + 1
    edges: FloatArray = width * np.arange(first, last + 1)
    return edges


def _name_point(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    axes.annotate(
        text,
        xy=(x, y),
        xytext=(5, 5),
        textcoords="offset points",
        color=colour,
        fontsize=SMALL + 0.5,
        fontweight="bold",
        zorder=5,
    )


def _describe_curve(curve: pd.DataFrame, zero: float, outcome: str, level: float) -> str:
    low, high = float(curve.index.min()), float(curve.index.max())
    ends = curve["estimate"].iloc[[0, -1]].to_numpy(dtype=float)
    gone = f"it is zero at {zero:.2f}" if np.isfinite(zero) else "it is nowhere zero"
    return (
        f"Curve of the effect on {outcome} through the mediator by the correlation of the errors "
        f"of mediator and outcome: from {ends[0]:.2f} at {low:g} to {ends[1]:.2f} at {high:g}; "
        f"{gone}. The band holds {100 * level:g} % intervals."
    )


def _describe_weights(estimates: FloatArray, marks: pd.Series, index: str) -> str:
    low, high = np.quantile(estimates, [0.05, 0.95])
    named = "; ".join(f"{label}: {value:.2f}" for label, value in marks.items())
    return (
        f"Distribution of the effect of {index} under {len(estimates)} random weightings: nine in "
        f"ten lie between {low:.2f} and {high:.2f}, {100 * float((estimates > 0).mean()):.0f} % "
        f"are positive. Below, {named}."
    )
