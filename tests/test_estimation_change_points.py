"""Exploratory search for changes: as changepoint has it, best of all cuts, refusals."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DesignError
from analysis.estimation.change_points import find_changes

REFERENCE = Path(__file__).parent / "reference"
CASE = json.loads((REFERENCE / "change_points.json").read_text(encoding="utf-8"))
NILE = pd.read_csv(REFERENCE / "nile.csv").set_index("year")["flow"].astype(float)


def numbered(values: list[float]) -> pd.Series:
    return pd.Series(values, range(1, len(values) + 1), dtype=float)


@pytest.fixture
def discoveries() -> pd.Series:
    return numbered(CASE["discoveries"])


def test_counts_and_means_change_where_r_says(discoveries):
    """R 4.2.2, changepoint 2.3, PELT: datasets::discoveries and a made series of 25."""
    made = numbered(CASE["x25"])

    assert find_changes(discoveries, cost="rate", penalty="bic") == CASE["discoveries_poisson_BIC"]
    assert find_changes(made, penalty="bic") == CASE["x25_mean_BIC"]
    assert find_changes(made, penalty=3 * np.log(25)) == [CASE["x25_mean_3log25"]]


def test_the_nile_changes_where_r_says():
    """R 4.2.2, changepoint 2.3: cpt.mean(Nile / sd(Nile)) and cpt.meanvar(Nile), MBIC."""
    nile = numbered(NILE.to_list())

    assert find_changes(nile / nile.std()) == [CASE["nile_scaled_mean_MBIC"]]
    assert find_changes(nile, cost="mean and variance") == CASE["nile_meanvar_MBIC"]


def test_no_other_cut_is_cheaper():
    """All 2048 cuts of 12 values, costs summed by hand."""
    values = np.random.default_rng(3).standard_normal(12) + 2.5 * (np.arange(12) >= 7)

    def price(ends: tuple[int, ...]) -> float:
        parts = np.split(values, ends)
        return sum(float(((part - part.mean()) ** 2).sum()) for part in parts) + 3.0 * len(ends)

    cuts = [cut for many in range(12) for cut in combinations(range(1, 12), many)]

    assert find_changes(numbered(values.tolist()), penalty=3.0) == list(min(cuts, key=price))


def test_persistence_is_taken_for_change():
    """In white noise hardly ever, in an AR(.8) of sd 1 in every third series."""
    drawn = np.random.default_rng(6).standard_normal((200, 31))
    persistent = drawn.copy()
    for year in range(1, 31):
        persistent[:, year] = 0.8 * persistent[:, year - 1] + 0.6 * drawn[:, year]

    white, red = (
        np.mean([bool(find_changes(numbered(list(row)))) for row in rows])
        for rows in (drawn, persistent)
    )

    assert white < 0.06
    assert red > 0.25


def test_what_cannot_be_searched_is_refused():
    with pytest.raises(DesignError, match='no cost "trend"'):
        find_changes(NILE, cost="trend")
    with pytest.raises(DesignError, match='no penalty "aic"'):
        find_changes(NILE, penalty="aic")
    with pytest.raises(DesignError, match="value is missing"):
        find_changes(NILE.where(NILE.index != 1900))
    with pytest.raises(DesignError, match="not negative"):
        find_changes(-NILE, cost="rate")
