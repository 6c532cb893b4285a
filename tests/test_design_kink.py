"""Bends of the trend: what each coefficient means, by hand, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.design.kink import bend, kink_design
from analysis.design.terms import TermsDesign
from analysis.errors import DesignError

YEARS = np.arange(1998, 2023)


def line_through(years: np.ndarray, corners: dict[int, float]) -> pd.Series:
    """Straight between the corners."""
    return pd.Series(np.interp(years, list(corners), list(corners.values())), years, name="made")


def estimates(design: TermsDesign) -> dict[str, float]:
    """Terms by ordinary least squares, exact where the series lies on the model."""
    beta = np.linalg.lstsq(design.regressors.to_numpy(), design.series.to_numpy())[0]
    return dict(zip(design.terms, design.contrasts @ beta, strict=True))


def test_the_onset_is_the_first_year_on_the_new_slope():
    assert bend(np.array([2010, 2011, 2012, 2013]), 2012).tolist() == [0.0, 0.0, 0.5, 1.0]


def test_terms_are_changes_in_the_unit_of_the_outcome():
    """Up 3 a year from 1998 to 2011, then 5 a year: 13 x 3, 11 x 5, and 11 x (5 - 3) extra."""
    series = line_through(YEARS, {1998: 7.0, 2011: 7.0 + 39.0, 2022: 7.0 + 39.0 + 55.0})

    found = estimates(kink_design(series, {"pivot": 2012}))

    assert found == pytest.approx(
        {"pivot": 22.0, "total": 22.0, "change_before": 39.0, "change_after": 55.0}
    )


def test_two_bends_add_up():
    """Slopes 0, 2 from 2006 on, -1 from 2015 on; by 2022: 17 x 2, 8 x (-3), together 10."""
    series = line_through(YEARS, {1998: 1.0, 2005: 1.0, 2014: 19.0, 2022: 11.0})

    found = estimates(kink_design(series, {"early": 2006, "late": 2015}))

    assert found == pytest.approx(
        {"early": 34.0, "late": -24.0, "total": 10.0, "change_before": 0.0, "change_after": -8.0}
    )


def test_a_decline_that_stops_is_a_fall_before_and_a_bend_upwards():
    series = line_through(YEARS, {1998: 10.0, 2011: -16.0, 2022: -16.0})

    found = estimates(kink_design(series, {"pivot": 2012}))

    assert found["change_before"] == pytest.approx(-26.0)
    assert found["pivot"] == pytest.approx(22.0)
    assert found["change_after"] == pytest.approx(0.0)


def test_missing_years_are_left_out_and_change_nothing():
    series = line_through(YEARS, {1998: 7.0, 2011: 46.0, 2022: 101.0})

    found = estimates(kink_design(series.drop([2003, 2012, 2016]), {"pivot": 2012}))

    assert found["pivot"] == pytest.approx(22.0)


def test_the_innovation_sd_is_constant_unless_a_split_at_half_the_values_is_declared():
    series = line_through(YEARS, {1998: 0.0, 2022: 1.0})

    assert kink_design(series, {"pivot": 2012}).layout.onset is None
    assert kink_design(series, {"pivot": 2012}, error_model="ar1").layout.onset == 2010


def test_a_curved_trend_leaves_the_bends_without_lines():
    series = line_through(YEARS, {1998: 0.0, 2022: 1.0})

    assert kink_design(series, {"pivot": 2012}, trend="quadratic").terms == ("pivot", "total")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"onsets": {"pivot": 2012}, "trend": "none"}, "change of slope; declare a linear or"),
        ({"onsets": {"change_after": 2012}}, "change_after: it is a term of a bend"),
        ({"onsets": {"pivot": 2021}}, "2 from 2021 on; 5 and 4 are needed"),
        ({"onsets": {"a": 2012, "b": 2013, "c": 2014}}, "are collinear: condition number"),
        ({"onsets": {"trend_1": 2012}}, "the name is taken"),
    ],
)
def test_bends_that_cannot_be_told_are_refused(options, words):
    series = line_through(YEARS, {1998: 0.0, 2022: 1.0})

    with pytest.raises(DesignError, match=words):
        kink_design(series, **options)
