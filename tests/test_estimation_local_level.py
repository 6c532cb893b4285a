"""The local level model: as R has it, truth recovered, gaps bridged, refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DesignError
from analysis.estimation.local_level import fit_local_level

REFERENCE = Path(__file__).parent / "reference"
CASE = json.loads((REFERENCE / "local_level.json").read_text(encoding="utf-8"))
NILE = pd.read_csv(REFERENCE / "nile.csv").set_index("year")["flow"].astype(float)


def test_the_nile_has_the_levels_and_variances_of_r():
    """R 4.2.2: StructTS(Nile, "level"), tsSmooth."""
    fit = fit_local_level(NILE)

    assert fit.noise == pytest.approx(CASE["var_eps"], rel=1e-3)
    assert fit.drift == pytest.approx(CASE["var_level"], rel=1e-3)
    for year in (1871, 1899, 1970):
        known = CASE[f"smoothed_{year}"]
        assert fit.levels.loc[year, "smoothed"] == pytest.approx(known, rel=1e-5)
    assert fit.levels.loc[1970, "filtered"] == pytest.approx(CASE["filtered_1970"], rel=1e-5)


def test_variances_and_the_level_are_recovered():
    rng = np.random.default_rng(5)
    level = np.cumsum(rng.standard_normal(600))
    fit = fit_local_level(pd.Series(level + 3 * rng.standard_normal(600), range(1, 601)))

    assert fit.noise == pytest.approx(9.0, rel=0.2)
    assert fit.drift == pytest.approx(1.0, rel=0.4)
    inside = (fit.levels["conf_low"] <= level) & (level <= fit.levels["conf_high"])
    assert inside.mean() == pytest.approx(0.95, abs=0.03)


def test_unit_and_origin_do_not_matter():
    plain, moved = fit_local_level(NILE), fit_local_level(1e6 + NILE / 1e4)

    assert moved.signal_to_noise == pytest.approx(plain.signal_to_noise, rel=1e-3)


def test_missing_years_are_bridged_with_more_doubt():
    fit = fit_local_level(NILE.drop(range(1900, 1910)))
    width = fit.levels["conf_high"] - fit.levels["conf_low"]

    assert 1905 in fit.levels.index
    assert width[1905] > 1.2 * width[1920]


def test_what_cannot_be_split_is_refused():
    with pytest.raises(DesignError, match="9 values; 10 are needed"):
        fit_local_level(NILE.iloc[:9])
    with pytest.raises(DesignError, match="never changes"):
        fit_local_level(0 * NILE)
