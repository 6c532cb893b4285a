"""Ask in words how two yearly series of one unit hang together."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.calibration.ask import SEED
from analysis.calibration.asked import Asked
from analysis.calibration.bounds import calibrate_bounds
from analysis.calibration.measure import Gauge
from analysis.calibration.relation import calibrate_relation
from analysis.calibration.steps import calibrate_steps
from analysis.calibration.terms import calibrate_terms
from analysis.design.asymmetry import asymmetry_design, common_instrument
from analysis.design.bounds import bounds_design
from analysis.design.moderation import moderation_design
from analysis.design.relation import EXPOSURE, relation_design
from analysis.estimation.detailed_result import DetailedResult
from analysis.estimation.result import Result
from analysis.panel.panel import Panel
from analysis.records.words import join_words

DRAWS = 19_999


def relation(
    panel: Panel,
    *,
    outcome: str,
    exposure: str,
    unit: str,
    exposure_unit: str | None = None,
    lags: int | Sequence[int] = 1,
    trend: str = "linear",
    direction: str = "forward",
    timing: str = "earlier",
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    exposure_transform: str = "none",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> DetailedResult:
    """Estimate how the outcome moves with the exposure of the same and earlier years.

    The term is the sum over the lags for one sd of the exposure around its trend, its p that of the
    level regression, raised above .10 where first differences or Toda and Yamamoto's test do not
    agree; size and detectable effect are of that conjunction.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        exposure: What it is related to.
        unit: Whose outcome, such as "CHN-RUS".
        exposure_unit: Whose exposure; that of the outcome if None.
        lags: L for the lags 0 ... L, or the lags themselves.
        trend: "none", "linear" or "quadratic".
        direction: "forward", or "both" for the reverse as well.
        timing: "earlier" if the exposure has to come first, "same-year" if it may come with the
            outcome.
        controls: Unit by variable, such as {"oil_price_constant_usd": "WLD"}.
        transform: Of the outcome.
        exposure_transform: Of the exposure.
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year, of the exposure's lags too; None for all there are.
        draws: Null series behind each p-value.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, alternative, alpha, period, draws, seed)
    other = exposure_unit or unit
    design = relation_design(
        asked.series(outcome, unit, transform),
        asked.series(exposure, other, exposure_transform),
        lags=lags,
        direction=direction,
        timing=timing,
        name=f"{outcome} of {unit}",
        exposure_name=f"{exposure} of {other}",
        trend=trend,
        controls=asked.controls(controls),
    )
    shelf = asked.shelf
    test = calibrate_relation(design, shelf, draws=draws)
    tests = {"": test} if test.reverse is None else {"": test, " of the reverse": test.reverse}
    beside: dict[str, tuple[object, ...]] = {}
    for which, one in tests.items():
        level = one.level.read(EXPOSURE, alternative=alternative, alpha=alpha)
        found = level.p_value <= alpha
        beside[f"level{which}"] = (level.estimate, level.statistic, level.p_value, found)
        for each in (*one.companions(alternative), one.other_timing(alternative)):
            beside[f"{each.name}{which}"] = (
                each.estimate,
                each.statistic,
                each.p_value,
                each.agrees,
            )
    columns = ["estimate", "statistic", "p_value", "agrees"]
    table = pd.DataFrame.from_dict(beside, orient="index", columns=columns)
    opposed = [each.name for each in test.companions(alternative) if not each.agrees]
    words = (
        f"p is raised because {join_words(opposed)} did not agree with the level regression."
        if opposed
        else "p is that of the level regression, with which first differences and Toda-Yamamoto "
        "agreed."
    )
    answer = f"{_one_sd(f'{exposure} of {other}', design.exposure_sd)} {words}"
    return asked.result(test, Gauge(shelf), answer, {"by method": table.rename_axis("method")})


def bounds(
    panel: Panel,
    *,
    outcome: str,
    exposure: str,
    unit: str,
    exposure_unit: str | None = None,
    lags: int | Sequence[int] = 1,
    trend: str = "linear",
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    exposure_transform: str = "none",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> DetailedResult:
    """Test whether the outcome returns to a level that the exposure sets; see `relation`.

    The term is the long-run multiplier for one sd of the exposure, p the largest of three tests.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        exposure: What may set its level.
        unit: Whose outcome.
        exposure_unit: Whose exposure; that of the outcome if None.
        lags: Orders p and q of the distributed lag, one number or two.
        trend: "none" or "linear".
        controls: Unit by variable; they enter by their yearly changes.
        transform: Of the outcome.
        exposure_transform: Of the exposure.
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        draws: Null series of each law.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, alternative, alpha, period, draws, seed)
    other = exposure_unit or unit
    design = bounds_design(
        asked.series(outcome, unit, transform),
        asked.series(exposure, other, exposure_transform),
        lags=lags,
        name=f"{outcome} of {unit}",
        exposure_name=f"{exposure} of {other}",
        trend=trend,
        controls=asked.controls(controls),
    )
    shelf = asked.shelf
    test = calibrate_bounds(design, shelf, draws=draws)
    three = test.three_tests(alternative)
    nothing = (float("nan"), float("nan"))
    rows = {
        "F of both levels": (three.f, three.p_values[0], *three.f_bounds),
        "t of the outcome": (three.t_own, three.p_values[1], *three.t_bounds),
        "t of the exposure": (three.t_level, three.p_values[2], *nothing),
    }
    columns = ["statistic", "p_value", "bound_0", "bound_1"]
    beside = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("test")
    words = _one_sd(f"{exposure} of {other}", design.exposure_sd)
    return asked.result(test, Gauge(shelf), words, {"the three tests": beside})


def moderation(
    panel: Panel,
    *,
    outcome: str,
    exposure: str,
    moderator: str,
    unit: str,
    exposure_unit: str | None = None,
    moderator_unit: str | None = None,
    lag: int = 0,
    trend: str = "linear",
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    exposure_transform: str = "none",
    moderator_transform: str = "none",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> DetailedResult:
    """Estimate whether the exposure moves the outcome more where the moderator is high.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        exposure: What moves it.
        moderator: What the strength of that may depend on.
        unit: Whose outcome.
        exposure_unit: Whose exposure; that of the outcome if None.
        moderator_unit: Whose moderator; that of the outcome if None.
        lag: Years by which exposure and moderator precede the outcome.
        trend: "none", "linear" or "quadratic".
        controls: Unit by variable.
        transform: Of the outcome.
        exposure_transform: Of the exposure.
        moderator_transform: Of the moderator.
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        draws: Null series behind each p-value.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question, as where the three cannot be told apart.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, alternative, alpha, period, draws, seed)
    sides = (exposure_unit or unit, moderator_unit or unit)
    names = (f"{exposure} of {sides[0]}", f"{moderator} of {sides[1]}")
    design = moderation_design(
        asked.series(outcome, unit, transform),
        asked.series(exposure, sides[0], exposure_transform),
        asked.series(moderator, sides[1], moderator_transform),
        lag=lag,
        name=f"{outcome} of {unit}",
        exposure_name=names[0],
        moderator_name=names[1],
        trend=trend,
        controls=asked.controls(controls),
    )
    shelf = asked.shelf
    test = calibrate_terms(design.level, shelf, draws=draws)
    words = f"{_one_sd(names[0], design.exposure_sd)} {_one_sd(names[1], design.moderator_sd)}"
    return asked.result(test, Gauge(shelf), words, {})


def asymmetry(
    panel: Panel,
    *,
    outcome: str,
    units: tuple[str, str],
    junctures: Mapping[str, int],
    source: str | None = None,
    trend: str = "linear",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Result:
    """Estimate steps of the gap between two units' perceptions, measured by one instrument.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A perception that both units have.
        units: First and second; a positive step is a gain of the first on the second.
        junctures: First year counted as after, by name.
        source: The instrument; the preferred one if None.
        trend: "none", "linear" or "quadratic".
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        draws: Null series behind each p-value.
        seed: Of all simulated series.

    Raises:
        DesignError: There is no common instrument, or the data cannot answer the question.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    label = f"{units[0]} less {units[1]}"
    asked = Asked(panel, outcome, label, "none", alternative, alpha, period, draws, seed)
    one, two = map(asked.within, common_instrument(panel, outcome, units, source=source))
    design = asymmetry_design(one, two, junctures, name=f"{outcome}, {label}", trend=trend)
    shelf = asked.shelf
    test = calibrate_steps(design, shelf, draws=draws)
    return Result(
        outcome=outcome,
        unit=label,
        measured_in="sd of each side",
        table=asked.table(test, Gauge(shelf)),
        n_obs=len(test.years),
        years=(int(test.years[0]), int(test.years[-1])),
        alternative=alternative,
        level=1 - alpha,
        error_model={**test.error_model, "sd": test.marginal_sd},
        method=test.method,
    )


def _one_sd(name: str, sd: float) -> str:
    return f"One sd of {name} around its trend is {sd:.3g}."
