"""Equivalence: R's numbers, and the rate of error at the bound."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.equivalence import (
    calibrate_equivalence,
    equivalent_share,
    student_equivalence,
    two_sample_detectable,
    two_sample_power,
    welch_equivalence,
)
from analysis.calibration.law import simulate_fits
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import steps_design
from analysis.errors import DesignError, UsageError

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "equivalence.json").read_text(encoding="utf-8"))
CLOSE = R["relative_tolerance"]
SHELF = LawShelf(seed=51, series=4_000)
YEARS = np.arange(1992, 2023)


@pytest.fixture(scope="module")
def test() -> StepsTest:
    """A step of 1 at 2012 in white noise, calibrated."""
    values = np.random.default_rng(2).standard_normal(31) + (YEARS >= 2012)
    design = steps_design(
        pd.Series(values, YEARS, name="made"), {"pivot": 2012}, error_model="ar1-constant"
    )
    return calibrate_steps(design, SHELF, draws=1_999)


def test_welch_agrees_with_r():
    """R calls and versions in reference/equivalence.json."""
    sleep = pd.read_csv(REFERENCE / "sleep.csv")
    first, second = (sleep.loc[sleep["group"] == g, "extra"].to_numpy() for g in (1, 2))
    found = welch_equivalence(first, second, (-3.0, 3.0))

    assert found.p_low == pytest.approx(R["tost_lower_p"], rel=CLOSE)
    assert found.p_high == pytest.approx(R["tost_upper_p"], rel=CLOSE)
    assert found.p_value == pytest.approx(R["tost_p"], rel=CLOSE)
    assert found.interval == pytest.approx(R["ci90"], rel=CLOSE)
    assert not found.equivalent


def test_a_coefficient_agrees_with_r():
    case = R["coef_tost_investment"]
    found = student_equivalence(case["est"], case["se"], case["df"], tuple(case["bounds"]))

    assert found.p_low == pytest.approx(case["p_lower"], rel=1e-4)  # p of 4e-13 from 12 digits
    assert found.p_high == pytest.approx(case["p_upper"], rel=CLOSE)
    assert found.equivalent


def test_power_and_detectable_difference_agree_with_r():
    detectable = two_sample_detectable(12)

    assert two_sample_power(1.0, 12) == pytest.approx(R["power_n12_d1"], rel=CLOSE)
    assert detectable == pytest.approx(R["mde_n12_80"], rel=R["relative_tolerance_mde"])
    assert two_sample_power(detectable, 12) == pytest.approx(0.8, rel=1e-9)
    assert two_sample_detectable(12, sd=5.0) == pytest.approx(5 * detectable)


def test_equivalence_is_the_narrow_interval_lying_inside(test):
    low, high = test.read("pivot").narrow

    inside = calibrate_equivalence(test, "pivot", (low - 0.01, high + 0.01))
    assert inside.interval == (low, high)
    assert inside.equivalent
    assert not calibrate_equivalence(test, "pivot", (low + 0.05, high + 1)).equivalent
    assert not calibrate_equivalence(test, "pivot", (low - 1, high - 0.05)).equivalent


def test_an_estimate_beyond_a_bound_speaks_for_that_side(test):
    """The step of about 1.4 lies above a bound of 1: p of its being 1 or more is over a half."""
    found = calibrate_equivalence(test, "pivot", (-4.0, 1.0))

    assert found.p_high > 0.5
    assert found.p_low < 0.05


def test_both_sides_agree_within_error_with_the_p_that_verdicts_read(test):
    found = calibrate_equivalence(test, "pivot", (-1.5, 1.5))

    # These are counted on one side only; three standard errors of a share of .45 in 1,999 draws.
    assert found.p_high == pytest.approx(test.p_below("pivot", 1.5), abs=0.033)
    assert found.p_low == pytest.approx(test.p_below("pivot", 1.5, alternative="less"), abs=0.033)


def test_turning_the_series_upside_down_swaps_the_sides(test):
    down = calibrate_steps(
        steps_design(-test.design.series, {"pivot": 2012}, error_model="ar1-constant"),
        SHELF,
        draws=1_999,
    )

    up, turned = (calibrate_equivalence(each, "pivot", (-2.0, 2.0)) for each in (test, down))
    assert (turned.p_low, turned.p_high) == pytest.approx((up.p_high, up.p_low))


@pytest.mark.parametrize("rho", [0.3, 0.6])
def test_an_effect_at_the_bound_is_called_negligible_about_once_in_twenty(test, rho):
    """10,000 series: .05 to .06 in an earlier study; more than that only by Monte Carlo error."""
    design = test.design
    fits = simulate_fits(
        design.layout, design.contrasts, design.joint,
        rho=rho, kappa=1.0, seed=3, stream="bound", series=10_000,
    )  # fmt: skip
    options = {"contrast": 0, "bounds": (-20.0, 20.0), "alpha": 0.05}

    at_bound = equivalent_share(fits, test.law, effect=20.0, **options)
    assert 0.035 < at_bound < 0.06 + 3 * monte_carlo_error(0.06, 10_000)
    assert equivalent_share(fits, test.law, effect=0.0, **options) > 0.99
    assert equivalent_share(fits, test.law, effect=22.0, **options) < 0.01


def test_what_has_no_bounds_is_refused(test):
    with pytest.raises(DesignError, match="the joint F has no bounds"):
        calibrate_equivalence(test, "joint", (-1.0, 1.0))
    with pytest.raises(UsageError, match=r'made has no term "thaad"; its terms are pivot and'):
        calibrate_equivalence(test, "thaad", (-1.0, 1.0))
    with pytest.raises(UsageError, match="equivalence are 1 and 1; the first must be the smaller"):
        calibrate_equivalence(test, "pivot", (1.0, 1.0))


def test_the_table_says_whether_it_is_equivalent():
    row = student_equivalence(0.0, 1.0, 10, (-2.0, 2.0), name="gap").to_frame().loc["gap"]

    assert row["p_value"] == pytest.approx(0.0367, abs=5e-5)
    assert row["equivalent"]
