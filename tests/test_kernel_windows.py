"""Events in windows, for all placements: the recursion against an enumeration."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from analysis.kernel.windows import count_law, count_windows, events_inside


@pytest.mark.parametrize(("months", "windows", "length"), [(14, 3, 3), (15, 2, 5), (9, 1, 4)])
def test_the_law_is_that_of_the_placements_counted_one_by_one(months, windows, length):
    events = np.random.default_rng(3).poisson(0.5, (4, months))
    starts = [
        each
        for each in combinations(range(months - length + 1), windows)
        if all(b - a >= length for a, b in pairwise(each))
    ]
    inside = np.stack([events_inside(events, np.array(each), length) for each in starts])

    law = count_law(events, windows, length)

    assert len(starts) == count_windows(months, windows, length)
    for series in range(4):
        expected = np.bincount(inside[:, series], minlength=law.shape[1]) / len(starts)
        assert law[series] == pytest.approx(expected)


def test_three_windows_of_a_year_in_thirty_one_years_have_six_million_placements():
    """339 * 338 * 337 / 6: each window is one of the 372 - 3 * 11 months that remain, C(339, 3)."""
    assert count_windows(372, 3, 12) == 339 * 338 * 337 // 6


def test_events_are_counted_from_the_first_month_of_a_window_to_the_last():
    events = np.array([[1, 10, 100, 1000, 10_000]])

    assert events_inside(events, np.array([1]), 2)[0] == 110
    assert events_inside(events, np.array([0, 3]), 2)[0] == 11_011


def test_windows_that_do_not_fit_have_no_placement():
    assert count_windows(10, 3, 4) == 0
