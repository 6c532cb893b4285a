"""Lags, carry-over and projections as designs: exact series give their own numbers back."""

import numpy as np
import pandas as pd
import pytest

from analysis.design.carry_over import carry_over_design
from analysis.design.lags import exposure_lags_design, powers, step_lags_design
from analysis.design.projection import projection_design
from analysis.design.steps import StepsDesign
from analysis.errors import DesignError

YEARS = np.arange(1992, 2023)
TREND = 0.5 * (YEARS - 1992)


def estimates(design: StepsDesign) -> dict[str, float]:
    """Terms by ordinary least squares, exact where the series lies on the model."""
    beta = np.linalg.lstsq(design.regressors.to_numpy(), design.series.to_numpy())[0]
    return dict(zip(design.terms, design.contrasts @ beta, strict=True))


def series_of(values: np.ndarray) -> pd.Series:
    return pd.Series(values, YEARS, name="made")


def arriving(parts: list[float], onset: int = 2010) -> pd.Series:
    """A trend and a step whose parts arrive year by year."""
    return series_of(TREND + sum(g * (YEARS - onset >= lag) for lag, g in enumerate(parts)))


def mean_lag(found: dict[str, float], longest: int = 3) -> float:
    return sum(lag * found[f"lag_{lag}"] for lag in range(longest + 1)) / found["whole"]


def test_free_responses_are_recovered_one_by_one():
    found = estimates(step_lags_design(arriving([1.0, 4.0, -2.0, 3.0]), {"treaty": 2010}, degree=3))

    assert [found[f"lag_{lag}"] for lag in range(4)] == pytest.approx([1.0, 4.0, -2.0, 3.0])
    assert (found["whole"], found["at_once"], found["later"]) == pytest.approx((6.0, 1.0, 5.0))


def test_responses_on_a_line_are_recovered_by_the_smooth_form():
    found = estimates(step_lags_design(arriving([1.0, 2.0, 3.0, 4.0]), {"treaty": 2010}))

    assert [found[f"lag_{lag}"] for lag in range(4)] == pytest.approx([1.0, 2.0, 3.0, 4.0])
    assert mean_lag(found) == pytest.approx(2.0)


@pytest.mark.parametrize("late", [0, 1, 2, 3])
def test_a_line_reads_how_much_and_how_late_nearly_right_also_of_arrival_in_one_year(late):
    parts = [6.0 * (lag == late) for lag in range(4)]

    line = estimates(step_lags_design(arriving(parts), {"treaty": 2010}))
    parabola = estimates(step_lags_design(arriving(parts), {"treaty": 2010}, degree=2))

    assert line["whole"] == pytest.approx(6.0, rel=0.07)
    assert parabola["whole"] == pytest.approx(6.0, rel=0.005)
    assert mean_lag(line) == pytest.approx(late, abs=0.1)


def test_responses_to_an_exposure_are_recovered():
    x = pd.Series(np.random.default_rng(4).standard_normal(40), np.arange(1983, 2023))
    response = sum(g * x.reindex(YEARS - lag).to_numpy() for lag, g in enumerate([4, 3, 2, 1]))

    found = estimates(exposure_lags_design(series_of(TREND + response), x))

    assert [found[f"lag_{lag}"] for lag in range(4)] == pytest.approx([4.0, 3.0, 2.0, 1.0])


def test_years_without_the_exposure_of_years_before_are_left_out():
    x = pd.Series(np.random.default_rng(4).standard_normal(31), YEARS).drop(2005)

    design = exposure_lags_design(series_of(TREND + np.sin(YEARS)), x)

    assert sorted({*YEARS} - {*design.years}) == [1992, 1993, 1994, 2005, 2006, 2007, 2008]


def test_polynomials_of_the_lag_are_orthonormal():
    assert powers(3, 2).T @ powers(3, 2) == pytest.approx(np.eye(3))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_lag": 0}, "declare the design steps"),
        ({"degree": 4}, "polynomial of degree 4; the degree is 0 to 3"),
        ({"other_onsets": {"late": 2012}}, "late begins in 2012, within 3 years of treaty in 2010"),
        ({"series": arriving([1.0]).loc[2001:]}, "22 values, less 3 years of lags 19; 20 are"),
        ({"series": arriving([1.0]).drop(2012)}, "has no value in 2012; the years from 2009 to"),
        ({"series": arriving([1.0]).loc[:2015]}, "3 values from 2013 on, when the last of the"),
    ],
)
def test_lags_that_cannot_be_told_are_refused(options, words):
    with pytest.raises(DesignError, match=words):
        step_lags_design(**({"series": arriving([1.0]), "onset": {"treaty": 2010}} | options))


def test_an_exposure_known_for_too_few_years_is_refused():
    x = pd.Series(1.0, np.arange(2001, 2023))

    with pytest.raises(DesignError, match="19 years have made and its exposure up to 3 years"):
        exposure_lags_design(series_of(TREND), x)


def test_what_arrived_and_what_is_left_are_read_against_the_line_before():
    """A step of 6 in 2010 falls by 1 a year to 2 in 2014; in 2015 the next adds 5."""
    effect = np.where((YEARS >= 2010) & (YEARS <= 2014), 6.0 - (YEARS - 2010), 0.0)
    series = series_of(TREND + effect + 7.0 * (YEARS >= 2015))

    design = carry_over_design(series, {"treaty": 2010}, 2014, other_onsets={"summit": 2015})

    assert estimates(design) == pytest.approx(
        {"left": 2.0, "arrived": 6.0, "lost": -4.0, "moved": -4.0 + 4 * 0.5}
    )


def test_what_is_left_needs_no_next_juncture():
    series = series_of(TREND + np.where(YEARS >= 2012, 6.0 - 0.3 * (YEARS - 2012), 0.0))

    found = estimates(carry_over_design(series, {"treaty": 2012}, 2022))

    assert found["left"] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("until", "options", "words"),
    [
        (2011, {}, "2 values from 2010 to 2011; 3 are needed to tell what is left of treaty"),
        (2014, {"other_onsets": {"summit": 2013}}, "summit begins in 2013, while the effect of"),
        (2014, {"series": series_of(TREND).drop(2014)}, "no value in 2014, one of the two years"),
        (2020, {}, "2 values after 2020; ask about the last year or leave 4"),
        (2014, {"onset": {"left": 2010}}, "cannot be called left: it is a term here"),
    ],
)
def test_a_carry_over_that_cannot_be_told_is_refused(until, options, words):
    given = {"series": series_of(TREND + np.sin(YEARS)), "onset": {"treaty": 2010}} | options

    with pytest.raises(DesignError, match=words):
        carry_over_design(until=until, **given)


def test_years_on_the_way_to_the_horizon_are_neither_before_nor_after():
    design = projection_design(arriving([0.0, 0.0, 5.0]), {"treaty": 2010}, 2)

    assert sorted({*YEARS} - {*design.years}) == [2010, 2011]
    assert estimates(design)["treaty"] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("horizon", "options", "words"),
    [
        (-1, {}, "-1 years lies before treaty"),
        (2, {"other_onsets": {"late": 2012}}, "late begins in 2012, within 2 years of treaty"),
        (3, {"series": arriving([1.0]).loc[2001:]}, "19 of 22 values of made are left; 20 are"),
        (0, {"series": arriving([1.0]).loc[2004:]}, "has 19 values; a single series needs 20"),
    ],
)
def test_a_horizon_that_cannot_be_answered_is_refused(horizon, options, words):
    given = {"series": arriving([1.0]), "onset": {"treaty": 2010}} | options

    with pytest.raises(DesignError, match=words):
        projection_design(horizon=horizon, **given)
