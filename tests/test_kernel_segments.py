"""Partitions: against every partition tried, R, and hand arithmetic."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.kernel.segments import (
    best_partitions,
    best_split,
    chow_path,
    penalised_partition,
    segment_ssr,
)

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "unknown_dates.json").read_text(encoding="utf-8"))
NILE = pd.read_csv(REFERENCE / "nile.csv", index_col="year")["flow"].to_numpy(float)[None, :]


def plain_ssr(y: np.ndarray, x: np.ndarray) -> float:
    return float(((y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2).sum())


def trending(many: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    series = np.random.default_rng(4).standard_normal((many, n)).cumsum(axis=1) + 100
    return series, np.column_stack([np.ones(n), np.arange(n)])


def test_partitions_of_the_nile_agree_with_strucchange():
    """R call in reference/unknown_dates.json."""
    expected = R["breakpoints_nile"]["RSS_by_m"]

    best = best_partitions(segment_ssr(NILE, np.ones((100, 1)), 15), 5)

    assert best.ssr[:, 0] == pytest.approx(list(expected.values()), rel=1e-6)
    assert best.ends[1, 0, 0] == 1898 - 1871


def test_f_of_the_nile_agrees_with_strucchange():
    """R call in reference/unknown_dates.json."""
    expected = R["sup_f_nile"]

    path = chow_path(segment_ssr(NILE, np.ones((100, 1)), 15), 1, 14, 84)[0]

    assert len(path) == expected["n_F"]
    assert path[0] == pytest.approx(expected["F_first"], rel=1e-6)
    assert path[-1] == pytest.approx(expected["F_last"], rel=1e-6)
    assert path.max() == pytest.approx(expected["supF"], rel=1e-6)
    assert path.mean() == pytest.approx(expected["aveF"], rel=1e-6)
    assert np.log(np.exp(path / 2).mean()) == pytest.approx(expected["expF"], rel=1e-6)


def test_segments_of_a_trend_have_the_squares_of_their_own_regressions():
    series, x = trending(3, 14)

    table = segment_ssr(series, x, 4)

    for first, last in [(0, 13), (0, 3), (5, 11), (9, 13)]:
        inside = slice(first, last + 1)
        squares = [plain_ssr(y[inside], x[inside]) for y in series]
        assert table[first, last] == pytest.approx(squares, rel=1e-8)
    assert np.isinf(table[0, 2]).all()


def test_no_partition_is_better_than_the_one_found():
    series, x = trending(4, 16)
    table = segment_ssr(series, x, 3)

    best = best_partitions(table, 3)

    for number in range(4):
        for row in range(4):
            totals = {
                ends: sum(
                    table[first, last, row]
                    for first, last in zip(
                        (0, *(end + 1 for end in ends)), (*ends, 15), strict=True
                    )
                )
                for ends in combinations(range(15), number)
            }
            least = min(totals, key=totals.__getitem__)
            assert best.ssr[number, row] == pytest.approx(totals[least])
            assert tuple(best.ends[number, :number, row]) == least


def test_a_segment_is_split_where_it_gains_most():
    y = np.array([[0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 9.0, 9.0]])
    table = segment_ssr(y, np.ones((8, 1)), 1)

    assert best_split(table, np.array([0]), np.array([5]))[0] == pytest.approx(0.0, abs=1e-9)
    assert best_split(table, np.array([2]), np.array([7]))[0] == pytest.approx(18.75)
    assert np.isinf(best_split(table, np.array([3]), np.array([3]))[0])


def test_penalised_segments_agree_with_changepoint():
    """R calls in reference/unknown_dates.json; means, errors of variance one."""
    case = R["cpt_mean"]
    table = segment_ssr(np.array([case["x25"]]), np.ones((25, 1)), 1)

    by_bic = penalised_partition(table, 2 * np.log(25))
    by_more = penalised_partition(table, 3 * np.log(25))

    assert [end + 1 for end in by_bic] == case["x25_mean_BIC"]
    assert [end + 1 for end in by_more] == [case["x25_mean_3log25"]]
