"""A unit root beside a break: statistics as in R, size in short series, planted truth, refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.lee_strazicich import break_points, find_breaking_root, lm_statistics
from analysis.errors import DesignError

REFERENCE = Path(__file__).parent / "reference"
CASE = json.loads((REFERENCE / "lee_strazicich.json").read_text(encoding="utf-8"))
GNP = pd.read_csv(REFERENCE / "nporg.csv").set_index("year")["lgnp"]
TABLE = -3.566  # 5 % value of the crash model in Lee and Strazicich's table, for long series
DRAWS = 1_000


@pytest.mark.parametrize("model", ["crash", "break"])
@pytest.mark.parametrize("lags", [0, 2])
def test_statistics_and_breaks_are_those_of_r(model, lags):
    """R 4.2.2, ur.ls on log real GNP 1909-1970; see the note of the file on the fourth."""
    t = lm_statistics(GNP.to_numpy()[None, :], model, lags)[0]
    known = CASE.get(f"{model}_lag{lags}")

    if known is None:
        assert t.min() == pytest.approx(-4.14477, abs=1e-5)  # with lags of the same S throughout
    else:
        assert t.min() == pytest.approx(known["statistic"], rel=1e-8)
        assert break_points(len(t) + 12)[t.argmin()] == known["break"]


def test_in_short_series_the_table_rejects_too_often_and_the_simulated_value_does_not():
    """Random walks of 31 years with a drift and a break of the level, .05 nominal."""
    walks = np.cumsum(0.3 + np.random.default_rng(8).standard_normal((3_000, 31)), axis=1)
    walks += 3 * (np.arange(31) >= 15)
    smallest = lm_statistics(walks, "crash", 0).min(axis=1)
    critical = find_breaking_root(GNP.iloc[-31:], draws=DRAWS).critical

    assert (smallest <= critical).mean() < 0.065
    assert (smallest <= TABLE).mean() > 0.065


def test_a_stationary_series_around_a_broken_level_is_told_from_a_random_walk():
    years = np.arange(1960, 2023)
    noise = np.random.default_rng(2).standard_normal((2, len(years)))
    broken = pd.Series(noise[0] + 6 * (years >= 1990), years)
    walk = pd.Series(np.cumsum(noise[1]), years)

    found = find_breaking_root(broken, draws=DRAWS)

    assert found.p_value < 0.01
    assert abs(found.last_year_before - 1989) <= 1
    assert find_breaking_root(walk, draws=DRAWS).p_value > 0.05


def test_level_trend_and_unit_do_not_matter():
    years = GNP.index.to_numpy()
    here = find_breaking_root(GNP, lags=1, draws=DRAWS)

    there = find_breaking_root(7 + 40 * GNP + 3.0 * (years - 1909), lags=1, draws=DRAWS)

    assert there.statistic == pytest.approx(here.statistic, rel=1e-6)
    assert there.last_year_before == here.last_year_before


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(DesignError, match='no model "both"'):
        find_breaking_root(GNP, model="both")
    with pytest.raises(DesignError, match="21 values; 22 are needed"):
        find_breaking_root(GNP.iloc[:21], lags=2)
    with pytest.raises(DesignError, match="A year is missing"):
        find_breaking_root(GNP.drop(1940))
