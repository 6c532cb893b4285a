"""Tests over many units: one against comparison units, and an exposure over all dyads."""

import pandas as pd

from analysis.calibration.gap import calibrate_gap
from analysis.calibration.panel_build import panel_test
from analysis.design.gap import gap_design
from analysis.design.leads import AFTER, LEADS, leads_design
from analysis.errors import DesignError
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.designs.made import Made
from analysis.verdict.ground import Ground

MOST_DRAWS = 4_999  # of designs whose every draw refits weights or a whole panel


def make_gap(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """T-GAP: steps of the distance to comparison units, weighed as declared."""
    if gap:
        raise DesignError("The design gap is held against its comparison units already.")
    weighting = str(hypothesis.options["weighting"])
    donors = {unit: ground.transformed(hypothesis, unit) for unit in hypothesis.comparison}
    design = gap_design(
        ground.series(hypothesis),
        pd.DataFrame(donors),
        ground.onsets(hypothesis),
        unit=hypothesis.units[0],
        outcome=hypothesis.outcome,
        weighting=weighting,
        trend=hypothesis.trend,
        controls=ground.controls(hypothesis),
        error_model=str(hypothesis.options.get("error_model", "ar1")),
    )
    draws = ground.draws if weighting == "mean" else min(ground.draws, MOST_DRAWS)
    return Made(calibrate_gap(design, ground.shelf, draws=draws))


def make_event_study(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """Part D for one treated unit: leads and years after in its distance to comparison units.

    The clustered t of an event study over dyads is no test where one dyad is treated; it is shown
    by `analysis.event_study`, with its measured false-positive rate, and decides nothing.
    """
    if len(hypothesis.units) > 1:
        raise DesignError("An event study of a claim follows one unit; declare one for each.")
    onsets = ground.onsets(hypothesis)
    named = hypothesis.term if hypothesis.term in onsets else next(iter(onsets))
    window = hypothesis.options["window"]
    assert isinstance(window, tuple)  # two whole numbers, by the check of the declarations
    design = leads_design(
        ground.series(hypothesis, gap=bool(hypothesis.comparison)),
        {named: onsets.pop(named)},
        (int(window[0]), int(window[1])),
        other_onsets=onsets,
        name=ground.name_of(hypothesis),
        trend=hypothesis.trend,
        controls=ground.controls(hypothesis),
    )
    term = LEADS if hypothesis.role == "placebo" or hypothesis.term == LEADS else AFTER
    return Made(ground.test_terms(design), term=term)


def make_panel(hypothesis: Hypothesis, ground: Ground, gap: bool) -> Made:
    """Part D: an exposure over all dyads, or over those named beside the claim's own."""
    if gap:
        raise DesignError("The design panel holds its comparison units already.")
    options = hypothesis.options
    carry = options.get("carry", {})
    test = panel_test(
        ground.panel,
        outcome=hypothesis.outcome,
        exposure=hypothesis.exposure,
        units=[*hypothesis.units, *hypothesis.comparison] if hypothesis.comparison else None,
        effects=_texts(options.get("effects", ("unit", "year"))),
        lags=int(str(options.get("lags", 0))),
        model=str(options["model"]),
        moderator=str(options.get("moderator", "")),
        controls=hypothesis.controls,
        transform=hypothesis.transform,
        exposure_transform=hypothesis.transform_of.get(hypothesis.exposure, "none"),
        carry={str(k): str(v) for k, v in carry.items()} if isinstance(carry, dict) else None,
        period=ground.period_of(hypothesis),
        draws=min(ground.draws, MOST_DRAWS),
        seed=ground.shelf.seed,
    )
    default = "interaction" if options.get("moderator") else test.terms[0]
    return Made(test, term=hypothesis.term or default, one_series=False)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple | list) else (str(value),)
