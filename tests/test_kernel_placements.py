"""All placements of a set of dates: enumerated by hand, by R, and against published rates."""

import json
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import rankdata

from analysis.kernel import placements as module
from analysis.kernel.placements import (
    candidate_years,
    changes,
    count_placements,
    place_all,
    placement_p,
)

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "exact_permutation.json").read_text(encoding="utf-8"))
TWELVE = np.arange(2001, 2013)
TOY = np.array([[3.0, 1.0, 2.0, 6.0, 5.0, 5.5, 4.0, 9.0, 9.5, 8.0, 12.0, 11.0]])


def change_at(values: dict[int, float], year: int, statistic: str, sign: float) -> float:
    """The definitions of the docstring, one year at a time."""
    y = {each: sign * value for each, value in values.items()}

    def rise(when: int) -> float:
        return y[when] - y[when - 1]

    if statistic == "sum":
        return rise(year)
    if statistic == "window":
        return (y[year] + y[year + 1]) / 2 - (y[year - 1] + y[year - 2]) / 2
    if statistic == "lag":
        return max(rise(year), rise(year + 1))
    around = [year + by for by in (-2, -1, 1, 2)]
    there = [rise(each) for each in around if each in y and each - 1 in y]
    return rise(year) - sum(there) / len(there)


def enumerated_p(
    values: dict[int, float],
    dates: list[int],
    statistic: str,
    weights: list[float],
    candidates: list[int],
) -> float:
    """Every set of dates two years apart, one at a time."""

    def total(placed: tuple[int, ...]) -> float:
        return sum(
            abs(w) * change_at(values, t, statistic, 1.0 if w > 0 else -1.0)
            for w, t in zip(weights, placed, strict=True)
        )

    sets = [
        each
        for each in combinations(candidates, len(dates))
        if all(b - a >= 2 for a, b in pairwise(each))
    ]
    reached = [total(each) >= total(tuple(dates)) - 1e-9 for each in sets]
    return sum(reached) / len(sets)


@pytest.mark.parametrize(("years", "expected"), [(25, 1140), (31, 2600)])
def test_three_dates_have_as_many_placements_as_the_methods_say(years, expected):
    span = np.arange(1992, 1992 + years)
    candidates = candidate_years(span, "sum")

    placed = place_all(candidates, candidates[[10, 12, 15]], 2)

    assert len(placed) == expected == count_placements(len(candidates), 3, 2)
    assert candidates[placed.where[placed.declared]].tolist() == candidates[[10, 12, 15]].tolist()


@pytest.mark.parametrize(("dates", "spacing"), [(1, 2), (2, 1), (2, 3), (3, 2), (4, 2)])
def test_the_placements_are_those_of_an_enumeration(dates, spacing):
    """Candidates with a gap, so that spacing is counted in years and not in places."""
    candidates = np.array([2001, 2002, 2003, 2004, 2007, 2008, 2009, 2010, 2012, 2013])
    apart = [
        each
        for each in combinations(candidates.tolist(), dates)
        if all(b - a >= spacing for a, b in pairwise(each))
    ]

    placed = place_all(candidates, np.array(apart[-1]), spacing)

    assert sorted(map(tuple, candidates[placed.where].tolist())) == apart


@pytest.mark.parametrize("statistic", ["sum", "window", "lag", "local"])
@pytest.mark.parametrize("weights", [[1.0, 1.0], [1.0, -2.0], [-1.0, 0.5]])
def test_p_on_twelve_points_is_that_of_the_sets_counted_one_by_one(statistic, weights):
    dates = [2004, 2008]
    candidates = list(range(2003, 2012))

    p = placement_p(
        TOY,
        TWELVE,
        place_all(np.array(candidates), np.array(dates), 2),
        statistic=statistic,
        weights=np.array(weights),
    )

    values = dict(zip(TWELVE.tolist(), TOY[0].tolist(), strict=True))
    assert candidate_years(TWELVE, statistic).tolist() == candidates
    assert p[0] == pytest.approx(enumerated_p(values, dates, statistic, weights, candidates))


def test_the_two_largest_rises_of_the_toy_are_one_in_twenty_eight():
    """Rises from 2004 on: 4, -1, .5, -1.5, 5, .5, -1.5, 4.

    5 + 4 is reached by 2004 and 2008 and by 2008 and 2011, out of C(8, 2) = 28 pairs of the nine
    years that are two apart.
    """
    placed = place_all(np.arange(2003, 2012), np.array([2004, 2008]), 2)

    p = placement_p(TOY, TWELVE, placed, statistic="sum", weights=np.ones(2))

    assert len(placed) == 28
    assert p[0] == pytest.approx(2 / 28)


def test_a_year_whose_change_is_not_known_is_no_candidate():
    without_2006 = TWELVE[TWELVE != 2006]

    assert candidate_years(without_2006, "sum").tolist() == [
        2003, 2004, 2005, 2008, 2009, 2010, 2011,
    ]  # fmt: skip
    assert candidate_years(without_2006, "window").tolist() == [2003, 2004, 2009, 2010, 2011]


@pytest.mark.parametrize("statistic", ["sum", "window", "lag", "local"])
def test_missing_years_are_left_out_of_the_enumeration(statistic):
    observed = TWELVE != 2006
    years, dates = TWELVE[observed], [2003, 2010]
    candidates = candidate_years(years, statistic)

    p = placement_p(
        TOY[:, observed],
        years,
        place_all(candidates, np.array(dates), 2),
        statistic=statistic,
        weights=np.ones(2),
    )

    values = dict(zip(years.tolist(), TOY[0, observed].tolist(), strict=True))
    expected = enumerated_p(values, dates, statistic, [1.0, 1.0], candidates.tolist())
    assert p[0] == pytest.approx(expected)


@pytest.mark.parametrize("statistic", ["sum", "window", "lag", "local"])
def test_level_trend_and_unit_do_not_move_p(statistic):
    years = np.arange(1992, 2023)
    series = np.random.default_rng(4).standard_normal((50, 31)).cumsum(axis=1)
    placed = place_all(candidate_years(years, statistic), np.array([2012, 2014, 2017]), 2)

    def p(values: np.ndarray) -> np.ndarray:
        return placement_p(values, years, placed, statistic=statistic, weights=np.ones(3))

    assert p(1000 * series + 3.3 * years - 7).tolist() == p(series).tolist()


def test_equal_changes_all_count_in_spite_of_rounding():
    """A straight line of tenths: every set of dates has the same sum."""
    years = np.arange(1992, 2023)
    line = (0.1 * np.arange(31) + 1e6)[None, :]
    placed = place_all(candidate_years(years, "sum"), np.array([2012, 2014, 2017]), 2)

    assert placement_p(line, years, placed, statistic="sum", weights=np.ones(3))[0] == 1.0


def test_the_block_size_does_not_change_p(monkeypatch):
    years = np.arange(1998, 2023)
    series = np.random.default_rng(5).standard_normal((70, 25))
    placed = place_all(candidate_years(years, "lag"), np.array([2012, 2014, 2017]), 2)

    def p() -> list[float]:
        found: list[float] = placement_p(
            series, years, placed, statistic="lag", weights=np.array([1.0, -1.0, 2.0])
        ).tolist()
        return found

    whole = p()
    monkeypatch.setattr(module, "CELLS", 7 * len(placed))

    assert p() == whole


def test_exact_two_sample_permutation_as_in_r():
    """coin 1.4.2: sleep data, means and mid-ranks; ten of twenty placed in all 184,756 ways."""
    pooled = np.array(R["first"] + R["second"])
    placed = place_all(np.arange(20), np.arange(10, 20), 1)
    assert len(placed) == 184_756

    for scores, expected in ((pooled, "oneway_p"), (rankdata(pooled), "wilcoxon_p")):
        row = (scores - scores.mean())[None, :]
        up = placed.exceedance(row, -row, np.ones(10))[0]
        down = placed.exceedance(-row, row, np.ones(10))[0]
        assert 2 * min(up, down) == pytest.approx(R[expected])  # the law is symmetric


def test_exact_sign_flips_as_in_r():
    """coin 1.4.2: of 1,024 signs of the ten differences of sleep, four are as far out."""
    differences = np.array(R["second"]) - np.array(R["first"])
    row = differences[None, :]
    ways = 0.0
    for kept in range(1, 11):  # sets of this many differences that keep their sign
        placed = place_all(np.arange(10), np.arange(kept), 1)
        sums = differences[placed.where].sum(axis=1)
        ways += (np.abs(2 * sums - row.sum()) >= row.sum() - 1e-9).sum()
    ways += 1  # all flipped

    assert ways / 1024 == pytest.approx(R["sign_flip_p"])


def ar1(rho: float, series: int) -> np.ndarray:
    """AR(1) of marginal sd 1 over 25 years; a random walk of unit steps for rho 1."""
    drawn = np.random.default_rng(11).standard_normal((series, 25))
    if rho == 1:
        return drawn.cumsum(axis=1)
    drawn[:, 1:] *= np.sqrt(1 - rho**2)
    for year in range(1, 25):
        drawn[:, year] += rho * drawn[:, year - 1]
    return drawn


YEARS = np.arange(1998, 2023)
STAIRS = sum((onset <= YEARS).astype(float) for onset in (2012, 2014, 2017))
LATE = sum((onset + 1 <= YEARS).astype(float) for onset in (2012, 2014, 2017))
PARABOLA = 3 * (np.arange(25) / 24) ** 2


@pytest.mark.parametrize(
    ("rho", "mean", "rates"),
    [
        (0.0, 0 * STAIRS, {"sum": 0.043, "window": 0.013}),
        (0.0, STAIRS, {"sum": 0.271, "window": 0.332}),
        (0.0, 2 * STAIRS, {"sum": 0.684, "window": 0.876}),
        (0.3, 0 * STAIRS, {"sum": 0.037, "window": 0.018, "lag": 0.032}),
        (0.3, 2 * LATE, {"sum": 0.018, "window": 0.242, "lag": 0.573}),
        (0.6, 0 * STAIRS, {"sum": 0.034, "window": 0.025, "lag": 0.033}),
        (0.6, STAIRS, {"sum": 0.517, "window": 0.432}),
        (0.6, 2 * STAIRS, {"sum": 0.957, "window": 0.924, "lag": 0.813}),
        (0.8, PARABOLA, {"sum": 0.051, "window": 0.057}),
        (1.0, 0 * STAIRS, {"sum": 0.048, "window": 0.061}),
    ],
)
def test_rates_of_the_methods_come_back(rho, mean, rates):
    """METHODS 3.7, 25 years, nominal 5 %: 4 standard errors of 4,000 runs here and 1,000 there."""
    series = ar1(rho, 4000) + mean
    for statistic, expected in rates.items():
        placed = place_all(candidate_years(YEARS, statistic), np.array([2012, 2014, 2017]), 2)
        p = placement_p(series, YEARS, placed, statistic=statistic, weights=np.ones(3))
        error = np.sqrt(expected * (1 - expected) * (1 / 4000 + 1 / 1000))
        assert (p <= 0.05).mean() == pytest.approx(expected, abs=4 * error)


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_the_local_form_keeps_its_size_where_change_is_steep_but_smooth(rho):
    """An S-curve of 8 sd around 2014, two-year scale: the sum has .13 and more, the window .4."""
    curve = 8 / (1 + np.exp(-(YEARS - 2014) / 2))
    series = ar1(rho, 3000) + curve
    found = {}
    for statistic in ("sum", "window", "local"):
        placed = place_all(candidate_years(YEARS, statistic), np.array([2012, 2014, 2017]), 2)
        p = placement_p(series, YEARS, placed, statistic=statistic, weights=np.ones(3))
        found[statistic] = float((p <= 0.05).mean())

    assert found["local"] <= 0.065
    assert found["sum"] >= 0.1
    assert found["window"] >= 0.3


def test_the_change_of_each_form_by_hand():
    """2008 of the toy: 9 after 4 and 5.5, then 9.5.

    The changes around it are .5, -1.5, .5 and -1.5.
    """
    at = np.array([2008])
    by_form = {name: changes(TOY, TWELVE, at, name)[0, 0] for name in module.STATISTICS}

    assert by_form == {"sum": 5.0, "window": 9.25 - 4.75, "lag": 5.0, "local": 5.5}


def test_dates_that_are_no_candidates_are_not_placed():
    with pytest.raises(ValueError, match="not among the placements"):
        place_all(np.arange(2003, 2012), np.array([2002, 2008]), 2)
