"""Diagnostics of a regression: as in R, rejections where nothing and where something is wrong."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.errors import DesignError
from analysis.estimation.regression_diagnostics import diagnose_regression, measure_influence

REFERENCE = Path(__file__).parent / "reference"
CASE = json.loads((REFERENCE / "regression_diagnostics.json").read_text(encoding="utf-8"))
NAMES = {
    "Durbin-Watson": "dw",
    "Breusch-Godfrey, 1 lag": "bg1",
    "Ljung-Box, 2 lags": "ljung2",
    "RESET, powers 2 and 3": "reset23",
    "Harvey-Collier": "harvey_collier",
    "rainbow": "rainbow",
    "Breusch-Pagan": "bp_studentized",
    "Goldfeld-Quandt": "gq",
    "Shapiro-Wilk": "shapiro",
    "Jarque-Bera": "jb",
}


def longley() -> tuple[pd.Series, pd.DataFrame]:
    data = sm.datasets.longley.load_pandas().data.set_index("YEAR")
    columns = {"intercept": 1.0, "GNP": data["GNP"] / 1e3, "Unemployed": data["UNEMP"] / 10}
    return data["TOTEMP"] / 1e3, pd.DataFrame(columns).assign(forces=data["ARMED"] / 10)


def investment() -> tuple[pd.Series, pd.DataFrame]:
    data = pd.read_csv(REFERENCE / "investment.csv").dropna().set_index("year")
    return data["RealInv"], data[["RealGNP", "RealInt"]].assign(intercept=1.0)


@pytest.mark.parametrize("name", ["longley", "investment"])
def test_statistics_and_p_values_are_those_of_r(name):
    """R 4.2.2, lmtest 0.9.40: datasets::longley and sandwich::Investment."""
    table = diagnose_regression(*{"longley": longley, "investment": investment}[name]())

    assert set(table.index) == set(NAMES)
    for test, known in NAMES.items():
        statistic, p_value = CASE[name][known]
        row = table.loc[test]
        assert abs(row["statistic"]) == pytest.approx(statistic, rel=1e-7), test
        assert row["p_value"] == pytest.approx(p_value, rel=1e-6), test


@pytest.mark.parametrize("name", ["longley", "investment"])
def test_influence_is_that_of_r(name):
    """R 4.2.2: cooks.distance, dfbetas, hatvalues, sum of squares left out."""
    table = measure_influence(*{"longley": longley, "investment": investment}[name]())
    known = CASE[name]

    assert table["cooks_distance"].max() == pytest.approx(known["cook_max"], rel=1e-8)
    assert table["leverage"].max() == pytest.approx(known["hat_max"], rel=1e-8)
    assert table.filter(like="dfbetas_").abs().max().max() == pytest.approx(
        known["dfbetas_max"], rel=1e-8
    )
    assert (table["left_out"] ** 2).sum() == pytest.approx(known["press"], rel=1e-8)


def made(rows: int = 120, years: int = 30) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(5)
    x = pd.DataFrame({"intercept": 1.0, "x": rng.standard_normal(years)}, index=range(years))
    return x, rng.standard_normal((rows, years)) + 0.5 * x["x"].to_numpy()


def test_in_a_right_model_each_rejects_about_one_time_in_twenty():
    x, rows = made()
    p = pd.DataFrame([diagnose_regression(pd.Series(y, x.index), x)["p_value"] for y in rows])

    shares = (p <= 0.05).mean()

    assert shares.max() < 0.125  # .05 and 3.75 standard errors of 120
    assert 0.02 < shares.mean() < 0.08


def test_each_fault_is_seen_by_those_that_look_for_it():
    x, rows = made(rows=1, years=60)
    noise = rows[0]
    persistent = np.convolve(noise, 0.8 ** np.arange(20))[:60]
    faults = {
        "Durbin-Watson": persistent,
        "Breusch-Godfrey, 1 lag": persistent,
        "Ljung-Box, 2 lags": persistent,
        "RESET, powers 2 and 3": noise + 2 * x["x"] + x["x"] ** 2,
        "Harvey-Collier": noise + 0.004 * np.arange(60.0) ** 2,
        "Goldfeld-Quandt": noise * np.where(np.arange(60) < 30, 1, 4),
        "Shapiro-Wilk": noise**3,
        "Jarque-Bera": noise**3,
    }
    for test, values in faults.items():
        table = diagnose_regression(pd.Series(np.asarray(values), x.index), x)
        assert table.loc[test, "p_value"] < 0.01, test


def test_what_cannot_be_looked_at_is_refused():
    y, x = longley()

    with pytest.raises(DesignError, match="not on the same years"):
        diagnose_regression(y, x.iloc[1:])
    with pytest.raises(DesignError, match="value is missing"):
        diagnose_regression(y.where(y.index > 1950), x)
    with pytest.raises(DesignError, match="collinear"):
        diagnose_regression(y, x.assign(twice=2 * x["GNP"]))
    with pytest.raises(DesignError, match="8 years are too few for 4 columns"):
        diagnose_regression(y.iloc[:8], x.iloc[:8])
