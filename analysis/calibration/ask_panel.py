"""Ask in words whether an exposure goes with an outcome over all dyads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.calibration.ask import ALTERNATIVES
from analysis.calibration.panel_build import SEED, panel_test
from analysis.calibration.panel_test import PanelTest
from analysis.calibration.tested import Question
from analysis.errors import UsageError
from analysis.estimation.panel_result import PanelResult
from analysis.estimation.result import COLUMNS
from analysis.panel.panel import Panel
from analysis.records.words import join_words

SERIES = 2_000


def across_dyads(
    panel: Panel,
    *,
    outcome: str,
    exposure: str,
    units: Sequence[str] | None = None,
    effects: Sequence[str] = ("unit", "year"),
    lags: int = 0,
    model: str = "ols",
    moderator: str = "",
    controls: Sequence[str] = (),
    transform: str = "none",
    exposure_transform: str = "none",
    carry: Mapping[str, str] | None = None,
    period: tuple[int, int] | None = None,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    draws: int = 1_999,
    series: int = SERIES,
    seed: int = SEED,
) -> PanelResult:
    """Test an exposure over all dyads, with p-values calibrated on this very panel.

    Each term is read for a rise of the exposure by its sd within dyads and years; size and the
    detectable effect are measured in outcomes simulated on the panel.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of dyads.
        exposure: A variable of dyads, or of states with `carry`.
        units: Dyads; None for all.
        effects: "unit" and "year"; for "difference" "year" is enough.
        lags: The exposure enters at 0 to `lags` years earlier.
        model: "ols", "difference" or "poisson".
        moderator: Enters itself and times the exposure, both centred; "" for none.
        controls: Further variables.
        transform: Of the outcome.
        exposure_transform: Of the exposure.
        carry: How variables of states become those of dyads; see `dyad_panel`.
        period: First and last year of the outcome.
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        draws: Simulated outcomes behind each p-value.
        series: Simulated outcomes behind each false-positive rate.
        seed: Of all draws.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: A variable, unit or word is not known.
    """
    if alternative not in ALTERNATIVES:
        known = join_words(ALTERNATIVES)
        raise UsageError(f'There is no alternative "{alternative}"; known are {known}.')
    if not 0 < alpha < 0.5:
        raise UsageError(f"alpha is {alpha:g}; it must lie between 0 and 0.5.")
    test = panel_test(
        panel,
        outcome=outcome,
        exposure=exposure,
        units=units,
        effects=effects,
        lags=lags,
        model=model,
        moderator=moderator,
        controls=controls,
        transform=transform,
        exposure_transform=exposure_transform,
        carry=carry,
        period=period,
        draws=draws,
        seed=seed,
    )
    rows = {term: _row(test, term, alternative, alpha, seed, series) for term in test.terms}
    design = test.design
    return PanelResult(
        outcome=outcome,
        unit=f"{len(design.units)} dyads",
        measured_in=f"log({design.measured_in})" if model == "poisson" else design.measured_in,
        table=pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis(
            "term"
        ),
        n_obs=len(design.y),
        years=design.years,
        alternative=alternative,
        level=1 - alpha,
        error_model={**test.error_model, "sd": test.marginal_sd},
        method=f"{test.method}. {test.note}",
    )


def _row(
    test: PanelTest, term: str, alternative: str, alpha: float, seed: int, series: int
) -> tuple[float, ...]:
    reading = test.read(term, alternative=alternative, alpha=alpha)
    question = Question(
        term=term,
        alternative=alternative,
        alpha=alpha,
        strict_alpha=alpha,
        smallest_effect=test.marginal_sd,
        claimed_effect=test.marginal_sd,
    )
    measured = test.measure(question, seed=seed, series=series)
    return (
        reading.estimate,
        reading.std_error,
        reading.statistic,
        reading.p_value,
        *reading.wide,
        measured.size,
        measured.detectable,
    )
