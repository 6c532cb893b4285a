"""Tests of one yearly series: dated steps, bends, effects that arrive late, what is left of one."""

import numpy as np

from analysis.calibration.equivalence_test import EquivalenceTest
from analysis.calibration.kink_test import KinkTest
from analysis.design.carry_over import carry_over_design
from analysis.design.kink import kink_design
from analysis.design.lags import exposure_lags_design, step_lags_design
from analysis.design.steps import StepsDesign, steps_design
from analysis.design.terms import TermsDesign
from analysis.errors import DesignError
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.designs.made import Made
from analysis.verdict.ground import Ground


def dated_steps(hypothesis: Hypothesis, ground: Ground, *, gap: bool) -> StepsDesign:
    """The series with a step at each juncture of the claim.

    Raises:
        DesignError: The data cannot answer.
    """
    return steps_design(
        ground.series(hypothesis, gap=gap),
        ground.onsets(hypothesis),
        name=ground.name_of(hypothesis),
        trend=hypothesis.trend,
        controls=ground.controls(hypothesis),
        error_model=str(hypothesis.options.get("error_model", "ar1")),
    )


def make_steps(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-ITS1 and T-ITS3; for the joint F the largest step stands for the estimate."""
    test = ground.test(dated_steps(hypothesis, ground, gap=gap))
    if hypothesis.term != "joint":
        return Made(test)
    return Made(test, strongest=float(np.abs(test.fit.estimates[0, :-1]).max()))


def bends(hypothesis: Hypothesis, ground: Ground, *, gap: bool) -> TermsDesign:
    """The series with a change of slope at each juncture of the claim.

    Raises:
        DesignError: The data cannot answer.
    """
    return kink_design(
        ground.series(hypothesis, gap=gap),
        ground.onsets(hypothesis),
        name=ground.name_of(hypothesis),
        trend=hypothesis.trend,
        controls=ground.controls(hypothesis),
        error_model=str(hypothesis.options.get("error_model", "ar1-constant")),
    )


def make_kink(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-TREND: a change of the slope at each juncture."""
    return Made(KinkTest(ground.test_terms(bends(hypothesis, ground, gap=gap)), ground.shelf))


def make_equivalence(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-EQ: is the effect of a juncture, or what is left of it, too small to matter?

    With the term "moved" it is asked whether the series stayed where it was, trend and all.

    Raises:
        DesignError: The data cannot answer, or the unit of S is not that of a step.
    """
    until = hypothesis.options.get("until")
    if until is None:
        test = ground.test(dated_steps(hypothesis, ground, gap=gap))
        effect = hypothesis.term or test.terms[0]
    else:
        onsets = ground.onsets(hypothesis)
        first = next(iter(onsets))
        design = carry_over_design(
            ground.series(hypothesis, gap=gap),
            {first: onsets.pop(first)},
            _last_year(until, ground),
            other_onsets=onsets,
            name=ground.name_of(hypothesis),
            trend=hypothesis.trend,
            controls=ground.controls(hypothesis),
        )
        test = ground.test_terms(design)
        effect = hypothesis.term if hypothesis.term == "moved" else "left"
    if hypothesis.effect_unit not in ("sd", "outcome"):
        raise DesignError("Bounds of equivalence are declared in sd or in the outcome's unit.")
    # Small by the smallest sd that S may be, and too large by the sd as estimated.
    in_sd = hypothesis.effect_unit == "sd"
    bound, denied = (
        hypothesis.smallest_effect * (width if in_sd else 1.0)
        for width in (test.smallest_sd, test.marginal_sd)
    )
    room = EquivalenceTest(test, effect, bound, ground.shelf, denied)
    return Made(room, term="room", smallest=0.0)


def _last_year(until: object, ground: Ground) -> int:
    """The year itself, or the one before the onset of a juncture."""
    if isinstance(until, str):
        return ground.junctures[until].onset - 1
    return int(str(until))


def late_effects(hypothesis: Hypothesis, ground: Ground, *, gap: bool) -> TermsDesign:
    """The series with a step, or the response to an exposure, that arrives over several years.

    Raises:
        DesignError: The data cannot answer.
    """
    most = int(str(hypothesis.options["max_lag"]))
    series, name = ground.series(hypothesis, gap=gap), ground.name_of(hypothesis)
    controls = ground.controls(hypothesis)
    if hypothesis.exposure:
        return exposure_lags_design(
            series,
            ground.other(hypothesis, hypothesis.exposure),
            max_lag=most,
            name=name,
            trend=hypothesis.trend,
            controls=controls,
        )
    onsets = ground.onsets(hypothesis)
    # The juncture the claim is about comes first; the others step at once.
    first = hypothesis.term if hypothesis.term in onsets else next(iter(onsets))
    return step_lags_design(
        series,
        {first: onsets.pop(first)},
        other_onsets=onsets,
        max_lag=most,
        name=name,
        trend=hypothesis.trend,
        controls=controls,
    )


def make_lags(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-LAG: an effect that arrives over several years."""
    test = ground.test_terms(late_effects(hypothesis, ground, gap=gap))
    return Made(test, term=_lag_term(hypothesis))


def _lag_term(hypothesis: Hypothesis) -> str:
    """The term of the claim; a juncture or an exposure means the whole effect."""
    own = ("", *hypothesis.junctures, hypothesis.exposure, "total")
    if hypothesis.term == "joint":
        raise DesignError("Responses over several years have no joint F here; ask for `whole`.")
    return "whole" if hypothesis.term in own else hypothesis.term
