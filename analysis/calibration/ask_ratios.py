"""Ask in words whether a yearly count or a yearly share stepped at dated junctures."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.calibration.ask import SEED
from analysis.calibration.ask_rivals import result_of
from analysis.calibration.asked import Asked
from analysis.calibration.measure import Gauge
from analysis.calibration.rates import calibrate_rates, calibrate_shares
from analysis.calibration.ratio_test import RatioTest
from analysis.calibration.read_rows import rows_of
from analysis.estimation.detailed_result import DetailedResult
from analysis.panel.panel import Panel

DRAWS = 9_999
DOUBLED = float(np.log(2))
TEN_POINTS = 0.10


def counts(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    junctures: Mapping[str, int],
    trend: str = "linear",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> DetailedResult:
    """Estimate by what ratio the yearly number of events changed at each juncture.

    Estimates are logs of rate ratios by quasi-Poisson regression, p is that of steps in the root;
    the table "as ratios" has the ratios.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of whole numbers of 0 or more.
        unit: A unit of the panel, such as "CHN-RUS".
        junctures: First year counted as after, by name.
        trend: "none", "linear" or "quadratic", of the log rate and of the root alike.
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        draws: Series behind each p-value and interval.
        seed: Of all simulated series.

    Raises:
        DesignError: Values are no counts, or the data cannot answer the question.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, "none", alternative, alpha, period, draws, seed)
    shelf = asked.shelf
    rates = calibrate_rates(
        asked.series(outcome, unit),
        junctures,
        shelf,
        name=f"{outcome} of {unit}",
        trend=trend,
        alternative=alternative,
        alpha=alpha,
        draws=draws,
    )
    test = RatioTest(rates, seed)
    rows = rows_of(test, asked, Gauge(shelf), smallest=DOUBLED)
    ratios = pd.DataFrame(
        [np.exp([row[0], row[4], row[5], row[7]]) for row in rows.values()],
        index=pd.Index(list(rows), name="term"),
        columns=["ratio", "conf_low", "conf_high", "detectable"],
    )
    found = result_of(asked, test, rows, test.note, {"as ratios": ratios})
    return replace(found, measured_in="log rate ratio")


def shares(
    panel: Panel,
    *,
    outcome: str,
    denominator: str,
    unit: str,
    junctures: Mapping[str, int],
    trend: str = "linear",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> DetailedResult:
    """Estimate by how much a yearly share of known cases changed at each juncture.

    Estimates are changes of the share in the years after, by quasi-binomial regression; p is that
    of steps in the arcsine of the root.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A share of the cases, or the number of those with the property.
        denominator: The variable that holds the number of cases.
        unit: A unit of the panel, which has both.
        junctures: First year counted as after, by name.
        trend: "none", "linear" or "quadratic", of the logit and of the arcsine alike.
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        draws: Series behind each p-value and interval.
        seed: Of all simulated series.

    Raises:
        DesignError: Values are no shares or counts, or the data cannot answer the question.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, "none", alternative, alpha, period, draws, seed)
    shelf = asked.shelf
    cases = asked.series(denominator, unit)
    values = asked.series(outcome, unit)
    values = values.loc[values.index.intersection(cases.index)]
    if panel.codebook[outcome].scale == "share" or _is_share(values):
        values = (values * cases.reindex(values.index)).round()
    rates = calibrate_shares(
        values,
        cases.reindex(values.index),
        junctures,
        shelf,
        name=f"{outcome} of {unit}",
        trend=trend,
        alternative=alternative,
        alpha=alpha,
        draws=draws,
    )
    test = RatioTest(rates, seed)
    rows = rows_of(test, asked, Gauge(shelf), smallest=TEN_POINTS)
    found = result_of(asked, test, rows, test.note, {})
    return replace(found, measured_in="share, years after the step")


def _is_share(values: pd.Series) -> bool:
    """Whether the values are fractions of 0 to 1 and not numbers of cases."""
    return bool(values.between(0, 1).all() and (values % 1 != 0).any())
