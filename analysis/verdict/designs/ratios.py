"""Tests of counts and shares: p from the stabilised series, size as a ratio or in points."""

from dataclasses import replace

import pandas as pd

from analysis.calibration.rates import calibrate_rates, calibrate_shares
from analysis.calibration.ratio_test import RatioTest
from analysis.design.steps import StepsDesign
from analysis.errors import DesignError
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.designs.made import Made
from analysis.verdict.designs.series import dated_steps, make_steps
from analysis.verdict.effect import EffectUnit
from analysis.verdict.ground import Ground

MOST_DRAWS = 9_999  # of the interval of a ratio; each draw is an iterated fit
RATE = EffectUnit("rate_ratio", "log rate ratio", 1.0, "1 = no change; ratio of the yearly rates")
ROOTS = EffectUnit("outcome", "root of the count", 1.0, "in roots of the count")
POINTS = EffectUnit("points", "share", 0.01, "percentage points of the share, years after the step")


def make_counts(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-CNT: steps of a yearly count; the gap to others is tested in roots."""
    _refuse(hypothesis)
    if gap:
        return Made(ground.test(roots(hypothesis, ground, gap=True)), unit=ROOTS)
    rates = calibrate_rates(
        ground.values(hypothesis),
        ground.onsets(hypothesis),
        ground.shelf,
        name=ground.name_of(hypothesis),
        trend=hypothesis.trend,
        alternative=hypothesis.alternative,
        alpha=hypothesis.alpha,
        draws=min(ground.draws, MOST_DRAWS),
    )
    return Made(RatioTest(rates, ground.shelf.seed), unit=RATE)


def roots(hypothesis: Hypothesis, ground: Ground, *, gap: bool) -> StepsDesign:
    """Steps of the root of a count, whose spread hardly depends on its level."""
    return dated_steps(replace(hypothesis, transform="sqrt38"), ground, gap=gap)


def make_shares(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-SHARE: steps of a yearly share whose denominator is known."""
    _refuse(hypothesis)
    if gap:
        return make_steps(replace(hypothesis, transform="arcsine"), ground, True)
    cases = ground.other(hypothesis, str(hypothesis.options["denominator"]))
    rates = calibrate_shares(
        _successes(hypothesis, ground, cases),
        cases,
        ground.onsets(hypothesis),
        ground.shelf,
        name=ground.name_of(hypothesis),
        trend=hypothesis.trend,
        alternative=hypothesis.alternative,
        alpha=hypothesis.alpha,
        draws=min(ground.draws, MOST_DRAWS),
    )
    return Made(RatioTest(rates, ground.shelf.seed), unit=POINTS)


def _successes(hypothesis: Hypothesis, ground: Ground, cases: pd.Series) -> pd.Series:
    """The outcome as a number of cases: as it is, or as a share of them."""
    values = ground.values(hypothesis)
    values = values.loc[values.index.intersection(cases.index)]
    if ground.panel.codebook[hypothesis.outcome].scale != "share":
        return values
    numbers: pd.Series = (values * cases.reindex(values.index)).round()
    return numbers


def _refuse(hypothesis: Hypothesis) -> None:
    if len(hypothesis.units) > 1:
        raise DesignError(
            f"The design {hypothesis.design} tests one series; declare a claim for each unit."
        )
    if hypothesis.controls:
        raise DesignError(
            f"The design {hypothesis.design} takes no controls; declare steps of the root."
        )
