"""Tests of when things change: sets of dates, unknown dates, first events, orders of stages."""

from collections.abc import Mapping

import pandas as pd

from analysis.calibration.break_date_test import calibrate_expected_date
from analysis.calibration.date_set_test import calibrate_date_set
from analysis.calibration.firsts_test import SERIES, FirstsTest
from analysis.calibration.order_test import calibrate_order
from analysis.design.date_set import MIN_SPACING, date_set_design
from analysis.design.firsts import firsts_design
from analysis.design.unknown_date import UnknownDateDesign, unknown_date_design
from analysis.errors import DesignError
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.designs.made import Made
from analysis.verdict.designs.series import dated_steps
from analysis.verdict.effect import EffectUnit
from analysis.verdict.ground import Ground

MOST_PLACED = 25_000_000  # placements of all simulated series of a rate together
FEWEST_SERIES = 200


def make_date_set(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-JDP: is change larger at the declared dates than at any other set of dates?"""
    onsets = ground.onsets(hypothesis)
    design = date_set_design(
        ground.series(hypothesis, gap=gap),
        onsets,
        name=ground.name_of(hypothesis),
        statistic=str(hypothesis.options["statistic"]),
        weights=_weights(hypothesis.options.get("weights"), hypothesis.junctures),
        min_spacing=MIN_SPACING,
        alternative=hypothesis.alternative,
    )
    affordable = MOST_PLACED // len(design.placements)
    series = min(ground.rate_series, max(FEWEST_SERIES, affordable))
    test = calibrate_date_set(design, ground.shelf, series=series if ground.of_main else 0)
    return Made(test, term=test.terms[0])


def make_break_date(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-DATE: is there a step, and does it begin in the years claimed?"""
    test = calibrate_expected_date(
        scanned_dates(hypothesis, ground, gap=gap),
        ground.date_shelf,
        expected=_years(hypothesis.options["expected"]),
        alternative=hypothesis.alternative,
        draws=ground.draws,
    )
    return Made(test, term=test.terms[0])


def scanned_dates(hypothesis: Hypothesis, ground: Ground, *, gap: bool) -> UnknownDateDesign:
    """The series and the dates at which its step may be."""
    return unknown_date_design(
        ground.series(hypothesis, gap=gap),
        name=ground.name_of(hypothesis),
        trend=hypothesis.trend,
        controls=ground.controls(hypothesis),
        search=_years(hypothesis.options["search"]),
    )


def make_firsts(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-FIRST: do first-of-kind events gather after the junctures?"""
    if gap or not len(ground.events):
        raise DesignError("There are no events of comparison units to hold these against.")
    chosen = choose_events(ground.events, hypothesis)
    design = firsts_design(
        list(chosen["date"].astype(str)),
        {name: ground.junctures[name].date.isoformat() for name in hypothesis.junctures},
        period=ground.period_of(hypothesis),
        window_months=int(str(hypothesis.options["window_months"])),
        name=f"events of {', '.join(hypothesis.units)}",
        alternative=hypothesis.alternative,
    )
    unit = EffectUnit(
        "rate_ratio", "log rate ratio", 1.0, "1 = no change; rate in the windows over that outside"
    )
    test = FirstsTest(design, seed=ground.shelf.seed, series=min(ground.rate_series, SERIES))
    return Made(test, term=test.terms[0], unit=unit, one_series=False)


def make_order(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-ORD: is every stage a step, and the staircase better than a smooth rise?"""
    steps = ground.test(dated_steps(hypothesis, ground, gap=gap))
    test = calibrate_order(
        steps, ground.shelf, alternative=hypothesis.alternative, series=ground.rate_series
    )
    return Made(test, term=test.terms[0])


def choose_events(events: pd.DataFrame, hypothesis: Hypothesis) -> pd.DataFrame:
    """The events a claim counts: of its units, of the kinds declared, dated to the month.

    The filter is a kind, a list of kinds, or a table of columns of `events.csv` with a value or a
    list of values each. Where it does not speak of `first_of_kind`, first events are counted.

    Raises:
        DesignError: There are none, the filter names no column, or one of them has no month.
    """
    chosen = events[events["unit"].isin(hypothesis.units)]
    for column, values in _filter(hypothesis.options["events"]).items():
        if column not in events.columns:
            raise DesignError(f"Events have no column {column}; filter by kind or domain.")
        chosen = chosen[chosen[column].isin(values)]
    first, last = hypothesis.period or (chosen["year"].min(), chosen["year"].max())
    chosen = chosen[(chosen["year"] >= first) & (chosen["year"] <= last)]
    coarse = chosen[chosen["date_precision"] == "year"]
    if len(coarse):
        raise DesignError(
            f"The event {coarse['event'].iloc[0]} is known to the year only; windows are counted "
            "in months."
        )
    return chosen


def _filter(declared: object) -> dict[str, list[str]]:
    table = declared if isinstance(declared, Mapping) else {"kind": declared}
    lists = {str(column): _texts(values) for column, values in table.items()}
    return {"first_of_kind": ["yes"]} | lists


def _texts(values: object) -> list[str]:
    return [str(each) for each in values] if isinstance(values, tuple | list) else [str(values)]


def _weights(declared: object, junctures: tuple[str, ...]) -> dict[str, float] | None:
    if declared is None:
        return None
    if not isinstance(declared, tuple) or len(declared) != len(junctures):
        raise DesignError(f"Give one weight for each of {', '.join(junctures)}, in that order.")
    return dict(zip(junctures, map(float, declared), strict=True))


def _years(declared: object) -> tuple[int, int]:
    assert isinstance(declared, tuple)  # two years, by the check of the declarations
    return int(declared[0]), int(declared[1])
