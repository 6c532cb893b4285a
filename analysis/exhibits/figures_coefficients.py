"""Coefficients of one or several regressions with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.errors import UsageError
from analysis.estimation.regression_result import RegressionResult
from analysis.exhibits.figure_style import (
    BLUE,
    GREEN,
    GREY,
    PALE,
    SKY,
    TEXT_WIDTH,
    VERMILION,
    Drawing,
    figure_style,
    finish_figure,
)
from analysis.exhibits.formats import decimals_for, format_decimal, format_interval
from analysis.records.words import join_words

ROW_HEIGHT = 0.24  # inches for each coefficient of each model
MARGINS = 0.85  # inches above and below
MARKS = (("o", BLUE), ("s", VERMILION), ("^", GREEN), ("D", SKY), ("v", GREY))
SPREAD = 0.6  # share of the distance between terms over which the models lie


def plot_coefficients(
    models: Mapping[str, RegressionResult],
    *,
    terms: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    name: str = "coefficients",
) -> Drawing:
    """Draw estimates and intervals, terms below each other, models by colour and shape.

    Args:
        models: By their name in the legend; at most five.
        terms: Which terms, from the top; None for all but a constant.
        labels: What a term is called.
        name: Of the figure.

    Raises:
        UsageError: There is no model, there are more than five, or a term is in none of them.
    """
    if not 0 < len(models) <= len(MARKS):
        raise UsageError(f"{len(models)} models cannot be drawn; give 1 to {len(MARKS)}.")
    known = list(dict.fromkeys(term for r in models.values() for term in r.names))
    chosen = list(terms) if terms is not None else [term for term in known if term != "constant"]
    for term in chosen:
        if term not in known:
            raise UsageError(f'No model has the term "{term}"; the terms are {join_words(known)}.')
    called = dict(labels or {})
    count = sum(term in result.names for term in chosen for result in models.values())
    with figure_style():
        figure = Figure(
            figsize=(TEXT_WIDTH, ROW_HEIGHT * max(count, 2) + MARGINS), layout="constrained"
        )
        axes = figure.subplots()
        _draw(axes, models, chosen)
        axes.set_yticks(range(len(chosen)), [called.get(term, term) for term in chosen])
        axes.set_ylim(len(chosen) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.set_xlabel(_axis_words(models))
        if len(models) > 1:
            axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        return finish_figure(figure, name, _describe(models, chosen, called))


def _draw(axes: Axes, models: Mapping[str, RegressionResult], terms: Sequence[str]) -> None:
    axes.axvline(0, color=PALE, linewidth=0.8, zorder=0)
    step = SPREAD / max(len(models), 1)
    for place, (head, result) in enumerate(models.items()):
        shape, colour = MARKS[place]
        shift = (place - (len(models) - 1) / 2) * step
        rows = [(row, result.position(t)) for row, t in enumerate(terms) if t in result.names]
        for row, at in rows:
            low, high = result.intervals[at]
            axes.plot([low, high], [row + shift] * 2, color=colour, linewidth=1.3)
        axes.plot(
            [float(result.estimates[at]) for _, at in rows],
            [row + shift for row, _ in rows],
            shape,
            color=colour,
            markersize=4,
            label=head,
        )


def _axis_words(models: Mapping[str, RegressionResult]) -> str:
    units = list(dict.fromkeys(result.measured_in for result in models.values()))
    levels = list(dict.fromkeys(f"{100 * result.level:g} %" for result in models.values()))
    measured = f" in {units[0]}" if len(units) == 1 else ""
    return f"estimate{measured}, interval at {join_words(levels)}"


def _describe(
    models: Mapping[str, RegressionResult], terms: Sequence[str], called: Mapping[str, str]
) -> str:
    """What is seen, in words."""
    sentences = []
    for head, result in models.items():
        for term in terms:
            if term not in result.names:
                continue
            at = result.position(term)
            low, high = map(float, result.intervals[at])
            decimals = decimals_for([float(result.std_errors[at])])
            sentences.append(
                f"{head}, {called.get(term, term)}: "
                f"{format_decimal(float(result.estimates[at]), decimals)}, "
                f"interval {format_interval(low, high, decimals)}."
            )
    return " ".join(sentences)
