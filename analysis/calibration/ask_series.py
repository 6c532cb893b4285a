"""Ask in words how the trend of a series bends, how late an effect comes, what is too small."""

from collections.abc import Mapping

import pandas as pd

from analysis.calibration.ask import SEED
from analysis.calibration.ask_rivals import result_of
from analysis.calibration.asked import Asked
from analysis.calibration.equivalence_test import EquivalenceTest
from analysis.calibration.kink_test import KinkTest
from analysis.calibration.lags import LagsReading, read_lags
from analysis.calibration.measure import Gauge
from analysis.calibration.read_rows import rows_of
from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.terms import calibrate_terms
from analysis.design.carry_over import carry_over_design
from analysis.design.kink import kink_design
from analysis.design.lags import LAG, MAX_LAG, exposure_lags_design, step_lags_design
from analysis.design.steps import steps_design
from analysis.errors import UsageError
from analysis.estimation.detailed_result import DetailedResult
from analysis.panel.panel import Panel

DRAWS = 19_999
SUMS = ("whole", "at_once", "later")
LEFT = "left"  # the term of `carry_over_design`


def kink(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    junctures: Mapping[str, int],
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    trend: str = "linear",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> DetailedResult:
    """Estimate a bend of the trend at each juncture.

    Each juncture's row is what its bend adds by the last year, so that it compares with a step;
    change_before and change_after are changes along the line on either side. At high
    autocorrelation p is the largest over its interval: a bend and the wandering of a persistent
    series look alike.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        unit: A unit of the panel, such as "CHN-RUS".
        junctures: First year counted as after, by name.
        controls: Unit by variable, such as {"oil_price_constant_usd": "WLD"}.
        transform: Of the outcome; as in `steps`.
        trend: "linear" or "quadratic".
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
    design = kink_design(
        asked.series(outcome, unit, transform),
        junctures,
        name=f"{outcome} of {unit}",
        trend=trend,
        controls=asked.controls(controls),
    )
    shelf = asked.shelf
    test = KinkTest(calibrate_terms(design, shelf, draws=draws), shelf)
    return result_of(asked, test, rows_of(test, asked, Gauge(shelf)), test.note, {})


def lags(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    junctures: Mapping[str, int] | None = None,
    exposure: str = "",
    exposure_unit: str | None = None,
    max_lag: int = MAX_LAG,
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    exposure_transform: str = "none",
    trend: str = "linear",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> DetailedResult:
    """Estimate an effect that arrives over several years, and when it arrives.

    The terms are the whole effect, what comes at once and what comes later; the table "by lag"
    has the years, and the answer the mean lag with the values that the data allow.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        unit: A unit of the panel.
        junctures: First year counted as after, by name; the first arrives late, others at once.
        exposure: A variable whose effect arrives late, in place of junctures.
        exposure_unit: Whose exposure; that of the outcome if None.
        max_lag: Years after the first in which something may still arrive.
        controls: Unit by variable.
        transform: Of the outcome; as in `steps`.
        exposure_transform: Of the exposure.
        trend: "none", "linear" or "quadratic".
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year, of the exposure's lags too; None for all there are.
        draws: Null series behind each p-value.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: Both junctures and an exposure are given, or neither; the panel has no such
            variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, alternative, alpha, period, draws, seed)
    if bool(junctures) == bool(exposure):
        raise UsageError("Give either junctures or an exposure, whose effect arrives late.")
    series = asked.series(outcome, unit, transform)
    name, further = f"{outcome} of {unit}", asked.controls(controls)
    if junctures:
        first, *others = junctures
        design = step_lags_design(
            series,
            {first: junctures[first]},
            other_onsets={other: junctures[other] for other in others},
            max_lag=max_lag,
            name=name,
            trend=trend,
            controls=further,
        )
    else:
        design = exposure_lags_design(
            series,
            asked.series(exposure, exposure_unit or unit, exposure_transform),
            max_lag=max_lag,
            name=name,
            trend=trend,
            controls=further,
        )
    shelf = asked.shelf
    test = calibrate_terms(design, shelf, draws=draws)
    reading = read_lags(test, shelf, alternative=alternative, alpha=alpha)
    terms = [term for term in test.terms if not term.startswith(LAG) and term != "total"]
    shown = [*SUMS, *(term for term in terms if term not in SUMS)]
    rows = rows_of(test, asked, Gauge(shelf), terms=shown)
    return result_of(asked, test, rows, _say_when(reading), {"by lag": reading.to_frame()})


def equivalence(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    junctures: Mapping[str, int],
    smallest_effect: float,
    term: str = "",
    until: int | None = None,
    in_sd: bool = True,
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    trend: str = "linear",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> DetailedResult:
    """Test whether the effect of a juncture, or what is left of it, is too small to matter.

    The one term is the room left between the effect and the bounds; a small p says that the effect
    lies inside them, a large one that this cannot be said.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        unit: A unit of the panel.
        junctures: First year counted as after, by name.
        smallest_effect: The bounds are as much below zero as above.
        term: Which step; the first juncture by default, which it has to be with `until`.
        until: The last year in which something of the first juncture's step might be left; None to
            ask about the step itself.
        in_sd: Whether the bounds are in sd of the errors; else in the unit of the outcome.
        controls: Unit by variable.
        transform: Of the outcome; as in `steps`.
        trend: "none", "linear" or "quadratic".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        draws: Null series behind each p-value.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, "greater", alpha, period, draws, seed)
    if not smallest_effect > 0:
        raise UsageError(f"The smallest effect is {smallest_effect:g}; it must be above zero.")
    if not junctures:
        raise UsageError("Name at least one juncture.")
    first, *others = junctures
    if until is not None and term not in ("", first):
        raise UsageError(f"What is left until {until} is asked of the first juncture, {first}.")
    shelf, series = asked.shelf, asked.series(outcome, unit, transform)
    name, further = f"{outcome} of {unit}", asked.controls(controls)
    test: StepsTest
    if until is None:
        effect = term or first
        steps = steps_design(series, junctures, name=name, trend=trend, controls=further)
        if effect not in steps.terms:
            raise UsageError(f'{name} has no term "{effect}" here; name one of the junctures.')
        test = calibrate_steps(steps, shelf, draws=draws)
    else:
        effect = LEFT
        left = carry_over_design(
            series,
            {first: junctures[first]},
            until,
            other_onsets={other: junctures[other] for other in others},
            name=name,
            trend=trend,
            controls=further,
        )
        test = calibrate_terms(left, shelf, draws=draws)
    bound = smallest_effect * (test.smallest_sd if in_sd else 1.0)
    room = EquivalenceTest(test, effect, bound, shelf)
    rows = rows_of(room, asked, Gauge(shelf), smallest=0.0)
    reading = test.read(effect, alternative="two-sided", alpha=alpha)
    beside = pd.DataFrame(
        {
            "estimate": [reading.estimate],
            "conf_low": [reading.narrow[0]],
            "conf_high": [reading.narrow[1]],
            "bound_low": [-bound],
            "bound_high": [bound],
        },
        index=pd.Index([term or first], name="effect"),
    )
    words = f"The effect and its {100 * (1 - 2 * alpha):g} % interval stand beside the bounds."
    return result_of(asked, room, rows, words, {"the effect": beside})


def _say_when(reading: LagsReading) -> str:
    low, high = reading.mean_lag_set
    if not reading.lag_known:
        return "When it arrives cannot be said: the data do not bound the mean lag on both sides."
    return (
        f"It arrives {reading.mean_lag:.1f} years after the first on average; mean lags from "
        f"{low:.1f} to {high:.1f} are not rejected."
    )
