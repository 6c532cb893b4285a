"""Ask in words when things change: sets of dates, unknown dates, orders of stages, first events."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from analysis.calibration.ask import SEED
from analysis.calibration.ask_rivals import result_of
from analysis.calibration.asked import Asked
from analysis.calibration.break_date_test import calibrate_expected_date
from analysis.calibration.break_law import DateShelf
from analysis.calibration.date_set import rank_date_set
from analysis.calibration.date_set_test import calibrate_date_set
from analysis.calibration.firsts_test import SERIES as HISTORIES
from analysis.calibration.firsts_test import FirstsTest
from analysis.calibration.measure import Gauge
from analysis.calibration.order_test import calibrate_order
from analysis.calibration.read_rows import Direction, rows_of
from analysis.calibration.steps import calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.date_set import MIN_SPACING, date_set_design
from analysis.design.firsts import firsts_design
from analysis.design.steps import steps_design
from analysis.design.unknown_date import unknown_date_design
from analysis.errors import UsageError
from analysis.estimation.detailed_result import DetailedResult
from analysis.estimation.result import COLUMNS
from analysis.panel.panel import Panel

DRAWS = 19_999
SERIES = 4_000  # simulated series behind each rate
TRIPLED = float(np.log(3))


def date_set(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    junctures: Mapping[str, int],
    statistic: str = "sum",
    weights: Mapping[str, float] | None = None,
    min_spacing: int = MIN_SPACING,
    transform: str = "none",
    alternative: str = "greater",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    series: int = SERIES,
    seed: int = SEED,
) -> DetailedResult:
    """Test whether the outcome changes more at these dates than at any other set of dates.

    p is the exact share of placements of as many dates; it says that change is larger at these
    dates, not that each of them did its part.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        unit: A unit of the panel, such as "CHN-RUS".
        junctures: First year counted as after, by name.
        statistic: "sum" of changes from the year before, "window" of two years on either side,
            "lag", the larger of the changes of the year and the next, or "local", changes beyond
            those of the years around.
        weights: By juncture; 1 each if None.
        min_spacing: Fewest years between two dates of a set.
        transform: Of the outcome; as in `steps`.
        alternative: "greater" or "less".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        series: Simulated series behind each rate.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, alternative, alpha, period, series, seed)
    _claim_direction(alternative, "A set of dates")
    design = date_set_design(
        asked.series(outcome, unit, transform),
        junctures,
        name=f"{outcome} of {unit}",
        statistic=statistic,
        weights=weights,
        min_spacing=min_spacing,
        alternative=alternative,
    )
    shelf = asked.shelf
    test = calibrate_date_set(design, shelf, series=series)
    rows = rows_of(test, asked, Gauge(shelf))
    tables = {"changes": rank_date_set(design).to_frame()}
    return result_of(asked, test, rows, test.note, tables)


def break_date(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    expected: tuple[int, int] | None = None,
    search: tuple[int, int] | None = None,
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    trend: str = "linear",
    alternative: str = "greater",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    series: int = SERIES,
    seed: int = SEED,
) -> DetailedResult:
    """Test whether the outcome steps at some date, and say which dates the data allow.

    The table "dates" has every year searched, its p as the first of the step and whether it is
    among those not rejected; where no step is found these years say nothing.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        unit: A unit of the panel.
        expected: First and last year in which the step is claimed to begin; None for any.
        search: First and last year searched; None for all that the length of the series allows.
        controls: Unit by variable.
        transform: Of the outcome; as in `steps`.
        trend: "none", "linear" or "quadratic".
        alternative: "greater" or "less".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        draws: Null series behind the p-value.
        series: Simulated series at each node of the null law and behind each rate.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, alternative, alpha, period, draws, seed)
    _claim_direction(alternative, "A step at an unknown date")
    design = unknown_date_design(
        asked.series(outcome, unit, transform),
        name=f"{outcome} of {unit}",
        trend=trend,
        controls=asked.controls(controls),
        search=search,
    )
    test = calibrate_expected_date(
        design,
        DateShelf(seed, series),
        expected=expected or (int(design.onsets[0]), int(design.onsets[-1])),
        alternative=alternative,
        draws=draws,
    )
    rows = rows_of(test, asked, Gauge(asked.shelf, series=series))
    return result_of(asked, test, rows, test.note, {"dates": test.table})


def order(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    junctures: Mapping[str, int],
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    alternative: str = "greater",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    series: int = SERIES,
    seed: int = SEED,
) -> DetailedResult:
    """Test whether every stage is a step, and the staircase better than a smooth rise.

    The one term is the smallest of the steps; p is the largest of theirs, and 1 where a line, a
    parabola or a bend describes the series better.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        unit: A unit of the panel.
        junctures: First year counted as after, by name; two or more.
        controls: Unit by variable.
        transform: Of the outcome; as in `steps`.
        alternative: "greater" if the stages rise, "less" if they fall.
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        draws: Null series behind each p-value.
        series: Simulated series behind each rate.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, alternative, alpha, period, draws, seed)
    _claim_direction(alternative, "An order of stages")
    design = steps_design(
        asked.series(outcome, unit, transform),
        junctures,
        name=f"{outcome} of {unit}",
        trend="linear",
        controls=asked.controls(controls),
    )
    shelf = asked.shelf
    steps = calibrate_steps(design, shelf, draws=draws)
    test = calibrate_order(steps, shelf, alternative=alternative, series=series)
    rows = rows_of(test, asked, Gauge(shelf))
    single = {name: steps.read(name, alternative=alternative, alpha=alpha) for name in junctures}
    stages = pd.DataFrame(
        {
            "estimate": {name: reading.estimate for name, reading in single.items()},
            "p_value": {name: reading.p_value for name, reading in single.items()},
        }
    )
    return result_of(asked, test, rows, test.note, {"stages": stages.rename_axis("juncture")})


def firsts(
    events: pd.DataFrame | Sequence[str | date],
    *,
    junctures: Mapping[str, str | date],
    period: tuple[int, int],
    window_months: int = 12,
    name: str = "events",
    alternative: str = "greater",
    alpha: float = 0.05,
    series: int = HISTORIES,
    seed: int = SEED,
) -> DetailedResult:
    """Test whether dated events gather in the months after junctures.

    The estimate is the log of the rate ratio, inside the windows over outside; there is no
    interval. p is the exact share of placements of windows that hold as many events.

    Args:
        events: Dates to the day or month, or a table of events with a column "date".
        junctures: Date of each, likewise.
        period: First and last year in which an event would have been seen.
        window_months: Length of the window after each juncture.
        name: What the events are called.
        alternative: "greater" if events gather in the windows, "less" if they shun them.
        alpha: Level.
        series: Simulated histories behind size and power.
        seed: Of these histories.

    Raises:
        DesignError: The windows overlap or leave the period, or the events are too few for a p of
            5 %.
        UsageError: The table has no column "date".
    """
    if isinstance(events, pd.DataFrame) and "date" not in events:
        raise UsageError('A table of events needs a column "date", to the day or the month.')
    dates = list(events["date"]) if isinstance(events, pd.DataFrame) else list(events)
    design = firsts_design(
        [str(when) for when in dates],
        {juncture: str(when) for juncture, when in junctures.items()},
        period=period,
        window_months=window_months,
        name=name,
        alternative=alternative,
    )
    test = FirstsTest(design, seed=seed, series=series)
    rows = rows_of(test, Direction(alternative, alpha), Gauge(LawShelf(seed)), smallest=TRIPLED)
    return DetailedResult(
        outcome=name,
        unit="all units",
        measured_in="log rate ratio",
        table=pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis(
            "term"
        ),
        n_obs=len(test.years),
        years=period,
        alternative=alternative,
        level=1 - alpha,
        error_model=test.error_model,
        method=test.method,
        answer=test.note,
        tables={"windows": test.reading.to_frame()},
    )


def _claim_direction(alternative: str, what: str) -> None:
    if alternative == "two-sided":
        raise UsageError(f'{what} goes up or down; ask for "greater" or "less".')
