"""Ask in words which of two rival explanations holds, and through what a juncture works."""

from collections.abc import Mapping

import pandas as pd

from analysis.calibration.ask import SEED
from analysis.calibration.asked import Asked
from analysis.calibration.mediation import MediationTest, calibrate_mediation
from analysis.calibration.nonnested import NonnestedTest, calibrate_nonnested
from analysis.calibration.rival_fits import compare_fits
from analysis.calibration.shelves import shared_shelf
from analysis.calibration.tested import Measured, Question, SelfMeasuring, TermReading, Tested
from analysis.design.mediation import mediation_design
from analysis.estimation.detailed_result import DetailedResult
from analysis.estimation.result import COLUMNS
from analysis.panel.panel import Panel

DRAWS = 19_999
MEASURE_SERIES = 20_000
FITS, CURVE, PATHS = "fit and forecast", "sensitivity", "paths"


def nonnested(
    panel: Panel,
    *,
    outcome: str,
    exposure: str,
    rival_exposure: str,
    unit: str,
    exposure_unit: str | None = None,
    rival_unit: str | None = None,
    lag: int = 0,
    trend: str = "linear",
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    exposure_transform: str = "none",
    rival_transform: str = "none",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> DetailedResult:
    """Hold two rival exposures of one outcome against each other.

    Each row is the effect of one sd of an exposure around its trend, given the other; its p is that
    of the J test of "the other alone is enough". Size and detectable effect are of "this exposure
    is favoured and the other is not".

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        exposure: The first explanation.
        rival_exposure: The second.
        unit: Whose outcome, such as "CHN-RUS".
        exposure_unit: Whose exposure; that of the outcome if None.
        rival_unit: Whose rival exposure; that of the outcome if None.
        lag: Years from exposures to outcome.
        trend: "none", "linear" or "quadratic".
        controls: Unit by variable, such as {"oil_price_constant_usd": "WLD"}.
        transform: Of the outcome.
        exposure_transform: Of the exposure.
        rival_transform: Of the rival exposure.
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        draws: Null series behind each p-value.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, alternative, alpha, period, draws, seed)
    first, second = exposure_unit or unit, rival_unit or unit
    test = calibrate_nonnested(
        asked.series(outcome, unit, transform),
        asked.series(exposure, first, exposure_transform).rename(f"{exposure} of {first}"),
        asked.series(rival_exposure, second, rival_transform).rename(
            f"{rival_exposure} of {second}"
        ),
        shared_shelf(seed),
        draws=draws,
        lag=lag,
        name=f"{outcome} of {unit}",
        trend=trend,
        controls=asked.controls(controls),
    )
    rows = {term: _row(test, asked, term, j_of=test) for term in test.terms}
    return result_of(asked, test, rows, test.note, {FITS: compare_fits(test.both)})


def mediation(
    panel: Panel,
    *,
    outcome: str,
    mediator: str,
    unit: str,
    junctures: Mapping[str, int],
    mediator_unit: str | None = None,
    lag: int = 0,
    trend: str = "linear",
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    mediator_transform: str = "none",
    alternative: str = "greater",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> DetailedResult:
    """Test whether junctures work on the outcome through a mediator, such as perceived threat.

    Each row is the indirect effect of a juncture; its p is the larger of those of the two paths.
    The table "sensitivity" shows the effect of the total by correlation of the errors. The answer
    holds the p of the reverse as well, the outcome as mediator: a small one speaks for neither.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        mediator: What the junctures are said to work through.
        unit: Whose outcome, such as "CHN-RUS".
        junctures: First year counted as after, by name.
        mediator_unit: Whose mediator; that of the outcome if None.
        lag: Years from mediator to outcome.
        trend: "none", "linear" or "quadratic", in both paths.
        controls: Unit by variable, in both paths.
        transform: Of the outcome.
        mediator_transform: Of the mediator.
        alternative: "greater": the juncture raises the mediator, the mediator the outcome; "less":
            the juncture raises the mediator, the mediator lowers the outcome; or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        draws: Null series behind each p-value.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, alternative, alpha, period, draws, seed)
    other = mediator_unit or unit
    pair = (
        asked.series(outcome, unit, transform).rename(f"{outcome} of {unit}"),
        asked.series(mediator, other, mediator_transform).rename(f"{mediator} of {other}"),
    )
    further, shelf = asked.controls(controls), shared_shelf(seed)

    def calibrate(later: pd.Series, earlier: pd.Series) -> MediationTest:
        design = mediation_design(later, earlier, junctures, lag=lag, trend=trend, controls=further)
        return calibrate_mediation(design, shelf, draws=draws)

    test, exchanged = calibrate(*pair), calibrate(*reversed(pair))
    p_exchanged = exchanged.read("total", alternative=alternative, alpha=alpha).p_value
    answer = (
        f"{test.note} With the roles exchanged, {pair[0].name} as the mediator, the total has "
        f"p = {p_exchanged:.3f}."
    )
    rows = {term: _row(test, asked, term) for term in test.terms}
    tables = {PATHS: _paths(test, asked), CURVE: test.sensitivity("total", alpha=alpha)}
    return result_of(asked, test, rows, answer, tables)


def _row(
    test: SelfMeasuring, asked: Asked, term: str, *, j_of: NonnestedTest | None = None
) -> tuple[float, ...]:
    """One term with its size and the effect it could find; p is J's own, where it is a J test."""
    read_from: Tested = j_of.both if j_of else test
    reading = read_from.read(term, alternative=asked.alternative, alpha=asked.alpha)
    question = question_of(test, asked, term)
    return cells_of(reading, test.measure(question, seed=asked.seed, series=MEASURE_SERIES))


def question_of(test: Tested, asked: Asked, term: str) -> Question:
    """Size and power against one marginal sd."""
    sd, alpha = test.marginal_sd, asked.alpha
    return Question(term, asked.alternative, alpha, alpha, sd, sd)


def cells_of(reading: TermReading, measured: Measured) -> tuple[float, ...]:
    """One row of a result, in the order of `COLUMNS`."""
    return (
        *(reading.estimate, reading.std_error, reading.statistic, reading.p_value),
        *(*reading.wide, measured.size, measured.detectable),
    )


def _paths(test: MediationTest, asked: Asked) -> pd.DataFrame:
    """Both paths of each juncture."""
    rows = {}
    for term in test.terms:
        both = test.paths(term, alternative=asked.alternative, alpha=asked.alpha)
        for path, reading in zip(("first", "second"), both, strict=True):
            rows[term, path] = (reading.estimate, reading.p_value, *reading.wide)
    columns = ["estimate", "p_value", "conf_low", "conf_high"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return frame.set_axis(pd.MultiIndex.from_tuples(rows, names=["term", "path"]))


def result_of(
    asked: Asked,
    test: Tested,
    rows: dict[str, tuple[float, ...]],
    answer: str,
    tables: Mapping[str, pd.DataFrame],
) -> DetailedResult:
    """Rows, answer and further tables in the form that tables and notebooks read."""
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
    return DetailedResult(
        outcome=asked.outcome,
        unit=asked.unit,
        measured_in=asked.measured_in,
        table=table.rename_axis("term"),
        n_obs=len(test.years),
        years=(int(test.years[0]), int(test.years[-1])),
        alternative=asked.alternative,
        level=1 - asked.alpha,
        error_model={**test.error_model, "sd": test.marginal_sd},
        method=test.method,
        answer=answer,
        tables=tables,
    )
