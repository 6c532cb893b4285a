"""Transforms can be undone, refuse what they cannot take, and lags do not reach across gaps."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from analysis.errors import DesignError, UsageError
from analysis.panel import TRANSFORMS, back_transform, difference, lag, transform_series
from analysis.records.designs import TRANSFORMS as DECLARABLE

# Worked out by hand with a pocket calculator; the value of 4 (of 0.25 for shares).
BY_HAND = {
    "none": (4.0, 4.0),
    "log": (4.0, 1.386294),
    "log1p": (4.0, 1.609438),
    "asinh": (4.0, 2.094713),
    "sqrt38": (4.0, 2.091650),
    "logit": (0.25, -1.098612),
    "arcsine": (0.25, 0.523599),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_a_transform_gives_the_value_worked_out_by_hand(name):
    value, expected = BY_HAND[name]

    assert transform_series(pd.Series([value]), name)[0] == pytest.approx(expected, abs=1e-6)


def test_standardised_values_have_mean_zero_and_sd_one():
    """Mean of 2, 4, 9 is 5, their sum of squares 26, the sd root 13."""
    series = pd.Series([2.0, 4.0, 9.0])

    assert_allclose(transform_series(series, "standardise"), [-0.8320503, -0.2773501, 1.1094004])


def test_every_transform_that_can_be_declared_is_there():
    assert tuple(TRANSFORMS) == DECLARABLE


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_can_be_undone(name):
    series = pd.Series([0.1, 0.4, np.nan, 0.95], index=range(1990, 1994))
    there = transform_series(series, name)

    assert_allclose(back_transform(there, name, series), series, rtol=1e-12)


@pytest.mark.parametrize(("name", "value", "words"), [
    ("log", 0.0, "exports of A-B, 1992: 0 has no log, which needs values above 0."),
    ("log1p", -1.0, "-1 has no log1p, which needs values above -1."),
    ("sqrt38", -1.0, "-1 has no sqrt38, which needs values of 0 or more."),
    ("logit", 1.0, "1 has no logit, which needs values between 0 and 1"),
    ("logit", 0.0, "0 has no logit"),
    ("arcsine", 1.5, "1.5 has no arcsine, which needs values from 0 to 1."),
    ("none", np.inf, "inf has no none"),
])  # fmt: skip
def test_a_value_without_a_transform_is_named(name, value, words):
    series = pd.Series([0.5, value], index=[1991, 1992], name="exports")

    with pytest.raises(DesignError) as caught:
        transform_series(series, name, unit="A-B")

    assert words in str(caught.value)


def test_the_unit_and_year_are_named_from_the_index():
    index = pd.MultiIndex.from_tuples([("A", 1991), ("B", 1992)])

    with pytest.raises(DesignError, match="exports, B in 1992: 0 has no log"):
        transform_series(pd.Series([1.0, 0.0], index=index, name="exports"), "log")


def test_a_series_that_does_not_vary_cannot_be_standardised():
    with pytest.raises(DesignError, match="visits of A-B does not vary"):
        transform_series(pd.Series([2.0, 2.0], name="visits"), "standardise", unit="A-B")


def test_what_no_value_is_transformed_to_comes_back_as_the_nearest_value():
    assert back_transform([-1.0], "sqrt38").tolist() == [0.0]
    assert back_transform([-0.1, 2.0], "arcsine").tolist() == [0.0, 1.0]


def test_an_unknown_transform_is_bad_usage():
    with pytest.raises(UsageError, match=r'no transform "log10"; did you mean log'):
        transform_series(pd.Series([1.0]), "log10")


def test_a_lag_does_not_reach_across_a_missing_year(toy_panel):
    visits = toy_panel.series("visits_count", "JPN-USA")  # none in 2020

    assert np.isnan(lag(visits).loc[2021])
    assert lag(visits).loc[2022] == visits.loc[2021]
    assert lag(visits, 2).loc[2021] == visits.loc[2019]


def test_a_lag_stays_within_its_unit():
    index = pd.MultiIndex.from_tuples([("A", 2000), ("A", 2001), ("B", 2001)])
    exports = pd.Series([1.0, 2.0, 5.0], index=index)

    assert_allclose(lag(exports), [np.nan, 1.0, np.nan])
    assert_allclose(difference(exports), [np.nan, 1.0, np.nan])


def test_a_difference_is_blank_after_a_gap():
    exports = pd.Series({2000: 1.0, 2001: 3.0, 2003: 4.0, 2004: 9.0})

    assert_allclose(difference(exports), [np.nan, 2.0, np.nan, 5.0])
