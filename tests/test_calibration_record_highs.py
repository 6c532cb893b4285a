"""Records among exchangeable values: exact laws by enumeration."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.record_highs import count_records, measure_records
from analysis.errors import DesignError
from analysis.kernel.record_law import difference_law, record_highs, record_law


def test_the_laws_are_those_of_all_orders_of_six_values():
    orders = np.array(list(permutations(range(6))), dtype=float)
    highs, lows = record_highs(orders), record_highs(-orders)

    late = np.bincount(highs[:, 3:].sum(axis=1), minlength=4) / 720
    difference = np.bincount(highs.sum(axis=1) - lows.sum(axis=1) + 5, minlength=11) / 720

    assert record_law([4, 5, 6]) == pytest.approx(late)
    assert difference_law(range(2, 7)) == pytest.approx(difference)


def test_records_after_a_juncture_by_hand():
    """Before 2013: 5 7 6 7; then 8 (record, 1/5), 8 (a tie is none, 1/6), 9 (record, 1/7).

    P(2 or more) = 1/5 1/6 6/7 + 1/5 5/6 1/7 + 4/5 1/6 1/7 + 1/5 1/6 1/7 = 16/210.
    """
    series = pd.Series([5, 7, 6, 7, 8, 8, 9, 9.5, 9.7], index=range(2009, 2018), dtype=float)

    reading = count_records(series.loc[:2015], 2013)

    assert reading.records == (2013, 2015)
    assert reading.values == 3
    assert reading.expected == pytest.approx(1 / 5 + 1 / 6 + 1 / 7)
    assert reading.p_value == pytest.approx(16 / 210)
    assert reading.smallest_p == pytest.approx(1 / 210)
    assert reading.difference == 3  # 7 too is a record high, and nothing is lower than the first
    assert reading.to_frame().loc["records", "count"] == 2


def test_lows_are_highs_of_the_negated_series():
    series = pd.Series(np.random.default_rng(3).standard_normal(30), index=range(1990, 2020))

    high = count_records(series, 2005)
    low = count_records(-series, 2005, alternative="less")

    assert low == high


def test_missing_years_and_the_unit_do_not_matter():
    series = pd.Series(np.random.default_rng(4).standard_normal(30), index=range(1990, 2020))
    holed = series.copy()
    holed.loc[[1993, 2010]] = np.nan

    assert count_records(holed, 2005) == count_records(100 * holed.dropna() + 3, 2005)


def test_what_no_number_of_records_can_show_is_refused():
    series = pd.Series([1.0, 2.0, 3.0], index=[2010, 2011, 2012], name="exercises")

    with pytest.raises(DesignError, match=r"2 values before 2012 and 1 from then on: .* be 0.333"):
        count_records(series, 2012)
    with pytest.raises(DesignError, match="exercises has no value from 2013 on that others came"):
        count_records(series, 2013)
    with pytest.raises(DesignError, match="sideways is no alternative"):
        count_records(series, 2012, alternative="sideways")


def test_exchangeable_values_are_seldom_found_and_trends_often():
    rates = measure_records(31, 20, seed=1, series=4000)["rate"]

    exact = record_law(range(21, 32))
    tail = np.cumsum(exact[::-1])[::-1]
    attained = float(tail[tail <= 0.05].max())
    assert rates[0.0, 0.0] == pytest.approx(attained, abs=4 * np.sqrt(attained / 4000))
    assert rates[0.8, 0.0] > 0.05
    assert rates[0.0, 3.0] > 0.2
