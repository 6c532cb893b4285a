"""Tests that hold one yearly series against others: exposures, moderators, mediators, rivals."""

from collections.abc import Sequence
from dataclasses import replace

from analysis.calibration.bounds import calibrate_bounds
from analysis.calibration.mediation import calibrate_mediation
from analysis.calibration.nonnested import calibrate_nonnested
from analysis.calibration.relation import calibrate_relation
from analysis.design.asymmetry import asymmetry_design, common_instrument
from analysis.design.bounds import bounds_design
from analysis.design.mediation import mediation_design
from analysis.design.moderation import INTERACTION, moderation_design
from analysis.design.relation import EXPOSURE, RelationDesign, relation_design
from analysis.design.steps import StepsDesign
from analysis.errors import DesignError
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.cells import source_of
from analysis.verdict.designs.made import Made
from analysis.verdict.effect import EffectUnit
from analysis.verdict.ground import Ground


def levels(hypothesis: Hypothesis, ground: Ground, *, gap: bool) -> StepsDesign:
    """The level regression of a relation, whose p decides where its companions agree."""
    return _relation(hypothesis, ground, gap=gap, direction="forward").level


def make_relation(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-REL: does the outcome move with the exposure, by three methods?"""
    term = hypothesis.term or EXPOSURE
    direction = str(hypothesis.options["direction"])
    design = _relation(hypothesis, ground, gap=gap, direction=direction)
    if term == EXPOSURE:  # the reverse has to be possible, but nobody reads it here
        design = replace(design, reverse=None)
    return Made(calibrate_relation(design, ground.shelf, draws=ground.draws), term=term)


def _relation(
    hypothesis: Hypothesis, ground: Ground, *, gap: bool, direction: str
) -> RelationDesign:
    return relation_design(
        ground.series(hypothesis, gap=gap),
        ground.other(hypothesis, hypothesis.exposure),
        lags=_lags(hypothesis),
        direction=direction,
        name=ground.name_of(hypothesis),
        trend=hypothesis.trend,
        controls=ground.controls(hypothesis),
        error_model=str(hypothesis.options.get("error_model", "ar1-constant")),
    )


def make_bounds(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-ARDL: does the outcome return to a level that the exposure sets?"""
    design = bounds_design(
        ground.series(hypothesis, gap=gap),
        ground.other(hypothesis, hypothesis.exposure),
        lags=_lags(hypothesis),
        name=ground.name_of(hypothesis),
        trend=hypothesis.trend,
        controls=ground.controls(hypothesis),
    )
    test = calibrate_bounds(design, ground.shelf, draws=min(ground.draws, 9_999))
    return Made(test, term=hypothesis.term or test.terms[0])


def make_moderation(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-MOD: does the exposure matter more where the moderator is high?"""
    design = moderation_design(
        ground.series(hypothesis, gap=gap),
        ground.other(hypothesis, hypothesis.exposure),
        ground.other(hypothesis, str(hypothesis.options["moderator"])),
        lag=_one_lag(hypothesis),
        name=ground.name_of(hypothesis),
        trend=hypothesis.trend,
        controls=ground.controls(hypothesis),
        error_model=str(hypothesis.options.get("error_model", "ar1-constant")),
    )
    return Made(ground.test_terms(design.level), term=hypothesis.term or INTERACTION)


def make_nonnested(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-NN: does one exposure explain what its rival does not, and not the other way round?"""
    test = calibrate_nonnested(
        ground.series(hypothesis, gap=gap),
        ground.other(hypothesis, hypothesis.exposure),
        ground.other(hypothesis, str(hypothesis.options["rival_exposure"])),
        ground.shelf,
        draws=ground.draws,
        lag=_one_lag(hypothesis),
        name=ground.name_of(hypothesis),
        trend=hypothesis.trend,
        controls=ground.controls(hypothesis),
    )
    return Made(test, term=test.terms[0])


def make_mediation(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-MED: does a juncture work through the mediator? At most `consistent`."""
    design = mediation_design(
        ground.series(hypothesis, gap=gap),
        ground.other(hypothesis, str(hypothesis.options["mediator"])),
        ground.onsets(hypothesis),
        lag=_one_lag(hypothesis),
        name=ground.name_of(hypothesis),
        trend=hypothesis.trend,
        controls=ground.controls(hypothesis),
    )
    test = calibrate_mediation(design, ground.shelf, draws=ground.draws)
    return Made(test, term=hypothesis.term or test.terms[0])


def sides(hypothesis: Hypothesis, ground: Ground, *, gap: bool) -> StepsDesign:
    """The difference of two units' standardised perceptions with a step at each juncture.

    Raises:
        DesignError: There is no common instrument, or the data cannot answer.
    """
    if gap:
        raise DesignError("The difference of two units has no comparison units.")
    if len(hypothesis.units) != 2:
        raise DesignError("The design asymmetry compares two units; name both.")
    first, second = hypothesis.units
    if ground.panel.codebook[hypothesis.outcome].derived_from:
        raise DesignError(
            f"There is no common instrument: {hypothesis.outcome} is made of other series, which "
            "are not the same for both units."
        )
    one, two = common_instrument(
        ground.panel, hypothesis.outcome, (first, second), source=source_of(hypothesis)
    )
    start, end = ground.period_of(hypothesis)
    one, two = (each.loc[(each.index >= start) & (each.index <= end)] for each in (one, two))
    return asymmetry_design(
        one,
        two,
        ground.onsets(hypothesis),
        name=f"{hypothesis.outcome}, {first} less {second}",
        trend=hypothesis.trend,
        controls=ground.controls(hypothesis),
        error_model=str(hypothesis.options.get("error_model", "ar1")),
    )


def make_asymmetry(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-ASYM: did one unit's perception gain on the other's?"""
    test = ground.test(sides(hypothesis, ground, gap=gap))
    words = "standardised difference of the two units"
    unit = EffectUnit(
        "sd",
        words,
        test.marginal_sd,
        f"1 sd = {test.marginal_sd:.3g} in the {words}, the marginal sd of the fitted errors",
    )
    if hypothesis.effect_unit != "sd":
        raise DesignError('A difference of standardised perceptions is measured in "sd".')
    return Made(test, unit=unit, one_series=False)


def _lags(hypothesis: Hypothesis) -> int | Sequence[int]:
    declared = hypothesis.options.get("lags", 0)
    return tuple(map(int, declared)) if isinstance(declared, tuple) else int(str(declared))


def _one_lag(hypothesis: Hypothesis) -> int:
    lags = _lags(hypothesis)
    if not isinstance(lags, int):
        raise DesignError(f"The design {hypothesis.design} takes one lag, a whole number.")
    return lags
