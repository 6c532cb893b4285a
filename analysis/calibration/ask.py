"""Ask one question of a panel in words."""

from collections.abc import Mapping

import pandas as pd

from analysis.calibration.measure import Gauge
from analysis.calibration.shelves import shared_shelf
from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.tested import Measured, Question
from analysis.design.steps import steps_design
from analysis.errors import UsageError
from analysis.estimation.result import COLUMNS, Result
from analysis.panel.panel import Panel
from analysis.panel.transform import outcome_unit, transform_series
from analysis.records.words import join_words

SEED = 20261121
ALTERNATIVES = ("greater", "less", "two-sided")
MIN_DRAWS = 19  # the fewest with which p can be .05


def steps(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    junctures: Mapping[str, int],
    transform: str = "none",
    trend: str = "linear",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    source: str | None = None,
    draws: int = 19_999,
    seed: int = SEED,
) -> Result:
    """Estimate a step of the level at each juncture, with p-values calibrated on this design.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        unit: A unit of the panel, such as "CHN-RUS".
        junctures: First year counted as after, by name.
        transform: "none", "log", "log1p", "asinh", "sqrt38", "logit", "arcsine", "standardise".
        trend: "none", "linear" or "quadratic".
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        source: One source of the outcome; None for the preferred ones.
        draws: Null series behind each p-value.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable, unit or source, or an option has a value
            that there is not.
    """
    _check_question(alternative, alpha, draws)
    values = panel.series(outcome, unit, source=source)
    first, last = period or (int(values.index.min()), int(values.index.max()))
    values = values.loc[(values.index >= first) & (values.index <= last)]
    design = steps_design(
        transform_series(values, transform, unit=unit),
        junctures,
        name=f"{outcome} of {unit}",
        trend=trend,
    )
    shelf = shared_shelf(seed)
    test = calibrate_steps(design, shelf, draws=draws)
    gauge = Gauge(shelf)
    rows = {term: _row(test, gauge, term, alternative, alpha) for term in design.terms}
    return Result(
        outcome=outcome,
        unit=unit,
        measured_in=outcome_unit(transform, panel.codebook[outcome].measured_in or outcome),
        table=pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis(
            "term"
        ),
        n_obs=len(design.years),
        years=(int(design.years[0]), int(design.years[-1])),
        alternative=alternative,
        level=1 - alpha,
        error_model={
            "kind": design.error_model,
            "rho": test.rho,
            "rho_interval": test.rho_interval,
            "kappa": test.kappa,
            "sd": test.marginal_sd,
        },
        method=test.method,
    )


def _check_question(alternative: str, alpha: float, draws: int) -> None:
    if alternative not in ALTERNATIVES:
        known = join_words(ALTERNATIVES)
        raise UsageError(f'There is no alternative "{alternative}"; known are {known}.')
    if not 0 < alpha < 0.5:
        raise UsageError(f"alpha is {alpha:g}; it must lie between 0 and 0.5.")
    if draws < MIN_DRAWS:
        raise UsageError(f"{draws} draws are too few for a p-value; use {MIN_DRAWS} or more.")


def _row(
    test: StepsTest, gauge: Gauge, term: str, alternative: str, alpha: float
) -> tuple[float, ...]:
    reading = test.read(term, alternative=alternative, alpha=alpha)
    measured = _measure(test, gauge, term, alternative, alpha)
    return (
        reading.estimate,
        reading.std_error,
        reading.statistic,
        reading.p_value,
        *reading.wide,
        measured.size,
        measured.detectable,
    )


def _measure(test: StepsTest, gauge: Gauge, term: str, alternative: str, alpha: float) -> Measured:
    """Size and power against one marginal sd."""
    question = Question(
        term=term,
        alternative=alternative,
        alpha=alpha,
        strict_alpha=alpha,
        smallest_effect=test.marginal_sd,
        claimed_effect=test.marginal_sd,
    )
    return gauge.measure(test, question)
