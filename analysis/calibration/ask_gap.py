"""Ask in words whether one unit parted from others at dated junctures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from analysis.calibration.ask import ALTERNATIVES, MIN_DRAWS, SEED
from analysis.calibration.gap import GapTest, calibrate_gap
from analysis.calibration.gap_opinions import GapOpinions, tabulate_gap_opinions
from analysis.calibration.shelves import shared_shelf
from analysis.calibration.tested import Question
from analysis.design.gap import GapDesign, gap_design
from analysis.errors import UsageError
from analysis.estimation.result import COLUMNS, Result
from analysis.panel.panel import Panel
from analysis.panel.transform import outcome_unit, transform_series
from analysis.records.words import join_words

MEASURE_SERIES = 5_000  # simulated gaps behind size and detectable effect
SHOWN_WEIGHT = 0.005


@dataclass(frozen=True, eq=False, repr=False)
class GapResult(Result):
    """Steps of the gap between one unit and its donors, and what other methods say of it.

    Attributes:
        weights: Weight of each donor, the largest first.
        dropped: Donors left out because they lack some of the years.
        path: Treated unit, weighted donors and gap by year.
        opinions: Other methods on the same gap; they do not decide.
        onsets: First year counted as after, by juncture.
    """

    weights: pd.Series
    dropped: tuple[str, ...]
    path: pd.DataFrame
    opinions: GapOpinions
    onsets: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return super().to_dict() | {
            "weights": {str(donor): float(weight) for donor, weight in self.weights.items()},
            "dropped": list(self.dropped),
            "onsets": dict(self.onsets),
            "path": {
                str(name): dict(zip(self.path.index.tolist(), column.tolist(), strict=True))
                for name, column in self.path.items()
            },
            "opinions": self.opinions.to_dict(),
        }

    def summary(self) -> str:
        """What, how many and how; the table, the donors, and what other methods say."""
        opinions = self.opinions.to_frame().drop(columns="note")
        left = self.opinions.left_out
        parts = [
            super().summary(),
            self._donors_in_words(),
            f"Other methods on {self.opinions.term}; none of them decides:",
            opinions.to_string(float_format="{:.3f}".format, index_names=False),
            *(f"{row.method}: {row.note}." for row in self.opinions.rows if row.note),
        ]
        if len(left):
            parts.append(
                f"Without one donor each the estimate of {self.opinions.term} lies between "
                f"{left.min():.3f} (without {left.idxmin()}) and {left.max():.3f} (without "
                f"{left.idxmax()})."
            )
        return "\n".join(part.replace("..", ".") for part in parts)

    def _repr_html_(self) -> str:
        opinions = self.opinions.to_frame().to_html(float_format="{:.3f}".format)
        return f"{super()._repr_html_()}<p>{escape(self._donors_in_words())}</p>{opinions}"

    def _donors_in_words(self) -> str:
        shown = self.weights[self.weights > SHOWN_WEIGHT]
        out = (
            f" Left out for want of some years: {join_words(self.dropped)}." if self.dropped else ""
        )
        if self.weights.nunique() == 1:
            return f"{len(self.weights)} donors of equal weight.{out}"
        named = ", ".join(f"{donor} {weight:.2f}" for donor, weight in shown.items())
        return f"Weights: {named}; {len(self.weights) - len(shown)} donors have none.{out}"


def gap(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    comparison: Sequence[str],
    junctures: Mapping[str, int],
    weighting: str = "mean",
    transform: str = "none",
    trend: str = "linear",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    source: str | None = None,
    term: str = "",
    draws: int = 19_999,
    seed: int = SEED,
) -> GapResult:
    """Estimate how far a unit parted from its comparison units at each juncture.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        unit: The unit that the junctures are about, such as "CHN-RUS".
        comparison: Units that should not show it.
        junctures: First year counted as after, by name.
        weighting: "mean" gives comparison units equal weight; "synthetic", "demeaned" and
            "detrended" weight them to follow the unit before the first juncture, in level, but for
            a constant, or but for a straight line. With the first two, detrended weights have to
            find the same step.
        transform: "none", "log", "log1p", "asinh", "sqrt38", "logit", "arcsine", "standardise".
        trend: Of the gap: "none", "linear" or "quadratic".
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        source: One source of the outcome; None for the preferred ones.
        term: What other methods are asked about: a juncture or "total"; by default the only
            juncture, or the total of several.
        draws: Null series behind each p-value.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable, unit or source, or an option has a value
            that there is not.
    """
    _check_question(alternative, alpha, draws)

    def values(name: str) -> pd.Series:
        found = panel.series(outcome, name, source=source)
        if period is not None:
            found = found.loc[(found.index >= period[0]) & (found.index <= period[1])]
        return transform_series(found, transform, unit=name)

    donors = {name: values(name) for name in comparison}
    design = gap_design(
        values(unit),
        pd.DataFrame(donors, columns=list(comparison)),
        junctures,
        unit=unit,
        outcome=outcome,
        weighting=weighting,
        trend=trend,
    )
    test = calibrate_gap(design, shared_shelf(seed), draws=draws)
    asked = term or (next(iter(junctures)) if len(junctures) == 1 else "total")
    rows = {name: _row(test, name, alternative, alpha, seed) for name in test.terms}
    return GapResult(
        outcome=outcome,
        unit=unit,
        measured_in=outcome_unit(transform, panel.codebook[outcome].measured_in or outcome),
        table=pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis(
            "term"
        ),
        n_obs=len(test.years),
        years=(int(test.years[0]), int(test.years[-1])),
        alternative=alternative,
        level=1 - alpha,
        error_model={**test.error_model, "sd": test.marginal_sd},
        method=test.method,
        weights=design.weights.sort_values(ascending=False, kind="stable"),
        dropped=design.dropped,
        path=_path(design),
        opinions=tabulate_gap_opinions(design, asked, alternative=alternative, alpha=alpha),
        onsets=dict(design.steps.onsets),
    )


def _path(design: GapDesign) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "treated": design.treated,
            "donors": design.counterfactual,
            "gap": design.treated - design.counterfactual,
        }
    ).rename_axis("year")


def _row(test: GapTest, term: str, alternative: str, alpha: float, seed: int) -> tuple[float, ...]:
    """Reading, size, and effect found four times in five."""
    reading = test.read(term, alternative=alternative, alpha=alpha)
    one_sd = Question(
        term=term,
        alternative=alternative,
        alpha=alpha,
        strict_alpha=alpha,
        smallest_effect=test.marginal_sd,
        claimed_effect=test.marginal_sd,
    )
    measured = test.measure(one_sd, seed=seed, series=MEASURE_SERIES)
    return (
        reading.estimate,
        reading.std_error,
        reading.statistic,
        reading.p_value,
        *reading.wide,
        measured.size,
        measured.detectable,
    )


def _check_question(alternative: str, alpha: float, draws: int) -> None:
    if alternative not in ALTERNATIVES:
        known = join_words(ALTERNATIVES)
        raise UsageError(f'There is no alternative "{alternative}"; known are {known}.')
    if not 0 < alpha < 0.5:
        raise UsageError(f"alpha is {alpha:g}; it must lie between 0 and 0.5.")
    if draws < MIN_DRAWS:
        raise UsageError(f"{draws} draws are too few for a p-value; use {MIN_DRAWS} or more.")
