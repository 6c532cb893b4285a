"""Tests about another claim of the study: what rivals leave of it, and all its paths together."""

from dataclasses import replace

from analysis.calibration.absorbed import HALF, calibrate_absorbed
from analysis.errors import DesignError
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.designs.made import Made
from analysis.verdict.designs.series import dated_steps
from analysis.verdict.effect import EffectUnit
from analysis.verdict.ground import Ground

SHARE = EffectUnit("points", "share of the effect", 0.01, "percentage points of the effect")


def make_sensitivity(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-SENS: is half of a claim's effect gone once rival variables are held?"""
    if gap:
        raise DesignError("What rivals take away is asked of the series itself.")
    of = ground.hypotheses[str(hypothesis.options.get("of", ""))]
    if of.design not in ("steps", "counts"):
        raise DesignError(
            f"What is lost of {of.id} cannot be told: its design is {of.design}, not steps."
        )
    if not hypothesis.controls:
        raise DesignError("No rival variables are declared as controls.")
    base = replace(of, transform="sqrt38") if of.design == "counts" else of
    wide = replace(
        base,
        controls=(*base.controls, *hypothesis.controls),
        unit_of={**base.unit_of, **hypothesis.unit_of},
        transform_of={**base.transform_of, **hypothesis.transform_of},
    )
    wider = dated_steps(wide, ground, gap=False)
    plain = dated_steps(base, ground, gap=False)
    shared = replace(
        plain,
        series=plain.series.loc[wider.series.index],
        controls=plain.controls.loc[wider.series.index],
    )
    test = calibrate_absorbed(
        ground.test(shared),
        wider,
        effect=base.term,
        alternative=base.alternative,
        shelf=ground.shelf,
        draws=min(ground.draws, 9_999),
    )
    return Made(test, term=test.terms[0], unit=SHARE, smallest=HALF, one_series=False)
