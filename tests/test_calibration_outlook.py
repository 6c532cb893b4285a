"""What more data would decide: closed forms by hand, and the years that simulation gives."""

import math

import pytest

from analysis.calibration.outlook import (
    Situation,
    count_deciding_series,
    find_deciding_year,
    term_error,
)
from analysis.calibration.plan import first_deciding_year, plan_steps
from analysis.calibration.store import LawShelf


def test_without_trend_and_autocorrelation_the_error_is_that_of_two_means():
    """Difference of means of 10 and 15 independent values of sd one: sqrt(1/10 + 1/15)."""
    before_and_after = Situation((2001, 2025), {"j": 2011}, "j", rho=0.0, trend="none")

    assert term_error(before_and_after, 2025) == pytest.approx(math.sqrt(1 / 10 + 1 / 15))


def test_a_larger_spread_after_the_onset_counts_only_after_it():
    """Difference of means by hand: sqrt(1/10 + 2^2/15)."""
    wider = Situation((2001, 2025), {"j": 2011}, "j", rho=0.0, kappa=2.0, trend="none")

    assert term_error(wider, 2025) == pytest.approx(math.sqrt(1 / 10 + 4 / 15))


def test_the_total_is_the_level_after_the_last_juncture_against_that_before_the_first():
    """Steps of 2011 and 2016 together: the means of 10 and of the last 10 values."""
    both = Situation((2001, 2025), {"a": 2011, "b": 2016}, "total", rho=0.0, trend="none")

    assert term_error(both, 2025) == pytest.approx(math.sqrt(1 / 10 + 1 / 10))


def test_years_needed_follow_from_the_error_of_two_means():
    """By hand, at the critical value of the normal law, 2.486 se.

    1.5 sqrt(1/10 + 1/n) <= sqrt(1/10 + 1/5) from 1/n <= .0333 on: n = 30, the year 2040.
    """
    early = Situation((2001, 2015), {"j": 2011}, "j", rho=0.0, trend="none")

    def year(detectable: float) -> int | None:
        error = detectable / (1.6449 + 0.8416)
        return find_deciding_year(early, detectable=detectable, std_error=error, effect=1.0)

    assert year(1.5) == 2040
    assert year(1.0) == 2015
    assert year(2.0) is None  # 2 sqrt(1/10) > .5477


def test_a_step_between_two_near_junctures_does_not_become_clear_with_the_years_after():
    between = Situation((1992, 2022), {"a": 2012, "b": 2014}, "a", rho=0.4)

    assert find_deciding_year(between, detectable=2.0, std_error=0.7, effect=1.0) is None


def test_four_times_the_series_halve_the_detectable_effect():
    assert count_deciding_series(detectable=1.0, effect=1.0) == 1
    assert count_deciding_series(detectable=0.4, effect=1.0) == 1
    assert count_deciding_series(detectable=2.1, effect=1.0) == 5


@pytest.mark.parametrize(("trend", "effect"), [("linear", 1.5), ("linear", 2.0), ("none", 1.5)])
def test_years_agree_with_those_found_by_simulating_each_design(trend, effect):
    """A step in 2014 at rho .3: scaled from the design of 2020, and every design simulated."""
    shelf = LawShelf(seed=7, series=600)
    years, onsets, rho = (1996, 2020), {"j": 2014}, 0.3
    now = plan_steps(years, onsets, [rho], trend=trend, shelf=shelf, series=3_000)[0]
    simulated = first_deciding_year(
        1996, onsets, rho, effect=effect, trend=trend, shelf=shelf, series=3_000
    )["j"]
    situation = Situation(years, onsets, "j", rho, trend=trend)
    error = term_error(situation, 2020) * math.sqrt(1 - rho**2)  # in marginal sds

    scaled = find_deciding_year(
        situation, detectable=now.detectable, std_error=error, effect=effect
    )

    assert simulated is not None
    assert scaled == pytest.approx(simulated, abs=4)
