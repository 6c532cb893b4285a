"""Units of effects: from the declared unit to the estimator's and back."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.steps import calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import steps_design
from analysis.errors import DesignError
from analysis.verdict.effect import EffectUnit, effect_unit

REFERENCE = Path(__file__).parent / "reference"


def unit_of(name: str, **changes: object) -> EffectUnit:
    known = {
        "transform": "none", "outcome_unit": "million USD", "marginal_sd": 4.0,
        "smallest_value": 20.0,
    }  # fmt: skip
    return effect_unit(name, **(known | changes))


def test_one_sd_is_the_sigma_that_nlme_reports():
    """R: gls(flow ~ t + step, AR(1), REML) on the Nile 1884-1913, sigma 155.17."""
    nlme = json.loads((REFERENCE / "gls_ar1_reml.json").read_text(encoding="utf-8"))["window"]
    flow = pd.read_csv(REFERENCE / "nile.csv", index_col="year").loc[1884:1913, "flow"]
    test = calibrate_steps(steps_design(flow, {"dam": 1899}), LawShelf(seed=1, series=20), draws=19)

    unit = unit_of("sd", marginal_sd=test.marginal_sd, outcome_unit="10^8 m3")

    assert unit.to_outcome(1.0) == pytest.approx(nlme["sigma"], rel=2e-4)
    assert unit.from_outcome(nlme["coef"]["step"]) == pytest.approx(
        nlme["coef"]["step"] / nlme["sigma"], rel=2e-4
    )
    assert unit.words == "1 sd = 155 10^8 m3, the marginal sd of the fitted errors"


@pytest.mark.parametrize(
    ("name", "transform", "effect", "difference"),
    [
        ("outcome", "asinh", 2.5, 2.5),
        ("sd", "sqrt38", 1.5, 6.0),  # of 4 each
        ("rate_ratio", "log", 1.5, np.log(1.5)),
        ("rate_ratio", "log1p", 0.5, np.log(0.5)),
        ("points", "none", 10.0, 0.10),
    ],
)
def test_an_effect_goes_there_and_back(name, transform, effect, difference):
    unit = unit_of(name, transform=transform)

    assert unit.to_outcome(effect) == pytest.approx(difference)
    assert unit.from_outcome(difference) == pytest.approx(effect)


def test_a_standard_error_is_divided_by_the_unit_and_that_of_a_ratio_left_as_a_logarithm():
    assert unit_of("sd").error_from_outcome(2.0) == pytest.approx(0.5)
    assert unit_of("points").error_from_outcome(0.02) == pytest.approx(2.0)
    assert unit_of("rate_ratio", transform="log").error_from_outcome(0.3) == pytest.approx(0.3)


@pytest.mark.parametrize("transform", ["none", "sqrt38", "asinh", "logit"])
def test_a_rate_ratio_needs_a_logarithm(transform):
    with pytest.raises(
        DesignError, match=f"rate ratio needs a logged outcome, but the transform is {transform}"
    ):
        unit_of("rate_ratio", transform=transform)


@pytest.mark.parametrize("transform", ["log", "logit", "arcsine"])
def test_points_need_an_untransformed_share(transform):
    with pytest.raises(
        DesignError, match=f"Points need an untransformed share, but the transform is {transform}"
    ):
        unit_of("points", transform=transform)


def test_a_rate_ratio_of_small_numbers_plus_one_is_refused():
    """log(1 + y) is not log(y) where y is small."""
    assert unit_of("rate_ratio", transform="log", smallest_value=0.1).width == 1.0
    assert unit_of("rate_ratio", transform="log1p", smallest_value=10.0).width == 1.0
    with pytest.raises(DesignError, match=r"comes down to 9\.5; every value has to be 10 or more"):
        unit_of("rate_ratio", transform="log1p", smallest_value=9.5)
