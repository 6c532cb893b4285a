"""Unit-root and trend diagnostics: R's numbers, and a p that autocorrelation does not fool."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.calibration.diagnostics import describe_monotone_trend, describe_unit_root
from analysis.calibration.store import LawShelf
from analysis.errors import DesignError
from analysis.kernel.pairs import median_slope, pair_variance, rising_pairs
from analysis.kernel.simulate import ar1_errors

REFERENCE = Path(__file__).parent / "reference"
URCA = json.loads((REFERENCE / "unit_roots.json").read_text(encoding="utf-8"))
GNP = pd.read_csv(REFERENCE / "nporg.csv").set_index("year")["lgnp"]
SHELF = LawShelf(seed=5, series=2_000)


@pytest.mark.parametrize(("part", "years"), [("full", 62), ("last", 27)])
@pytest.mark.parametrize(("trend", "word"), [("none", "const"), ("linear", "trend")])
def test_unit_root_statistics_agree_with_urca(part, years, trend, word):
    """R calls and versions in reference/unit_roots.json."""
    expected = URCA[part]
    found = describe_unit_root(GNP.iloc[-years:], trend=trend).to_frame()["statistic"]

    drift = "trend" if trend == "linear" else "drift"
    level = "tau" if trend == "linear" else "mu"
    close = URCA["relative_tolerance"]
    assert found["ADF"] == pytest.approx(expected[f"adf_{drift}_lag1"]["stat"][0], rel=close)
    assert found["KPSS"] == pytest.approx(expected[f"kpss_{level}_short"], rel=close)
    assert found["DF-GLS"] == pytest.approx(expected[f"dfgls_{word}_lag1"], rel=close)


def z_tau_with_a_level(series: np.ndarray, lags: int, spread_of: str) -> float:
    """Phillips and Perron's Z-tau written out; `spread_of` is what stands under the last root."""
    y, before = series[1:], series[:-1]
    x = np.column_stack([np.ones(len(y)), before])
    errors = y - x @ np.linalg.solve(x.T @ x, x.T @ y)
    slope = np.linalg.solve(x.T @ x, x.T @ y)[1]
    short = errors @ errors / len(y)
    t = (slope - 1) / np.sqrt(errors @ errors / (len(y) - 2) * np.linalg.inv(x.T @ x)[1, 1])
    tail = [(1 - j / (lags + 1)) * (errors[j:] @ errors[:-j]) for j in range(1, lags + 1)]
    long = short + 2 * sum(tail) / len(y)
    spread = {"before": before, "now": y}[spread_of]
    under = np.sqrt(((spread - spread.mean()) ** 2).sum() / len(y) ** 2 * long)
    return float(np.sqrt(short / long) * t - 0.5 * (long - short) / under)


@pytest.mark.parametrize(("part", "years", "lags"), [("full", 62, 3), ("last", 27, 2)])
def test_phillips_and_perron_use_the_spread_of_the_lagged_values_and_urca_that_of_the_others(
    part, years, lags
):
    """The only difference from R, so that each is reproduced to all digits."""
    series = GNP.iloc[-years:]
    ours = describe_unit_root(series, trend="none").to_frame().loc["Phillips-Perron", "statistic"]
    values = series.to_numpy()

    assert ours == pytest.approx(z_tau_with_a_level(values, lags, "before"), rel=1e-9)
    assert URCA[part]["pp_tau_const_short"] == pytest.approx(
        z_tau_with_a_level(values, lags, "now"), rel=1e-9
    )


@pytest.mark.parametrize(("part", "years"), [("full", 62), ("last", 27)])
def test_phillips_and_perron_with_a_line_are_close_to_urca(part, years):
    found = describe_unit_root(GNP.iloc[-years:]).to_frame().loc["Phillips-Perron", "statistic"]

    assert found == pytest.approx(
        URCA[part]["pp_tau_trend_short"], rel=URCA["relative_tolerance_pp"]
    )


def test_two_lags_are_two_lags():
    found = describe_unit_root(GNP, trend="none", lags=2).to_frame().loc["ADF"]

    assert found["statistic"] == pytest.approx(
        URCA["full"]["adf_drift_lag2"]["stat"][0], rel=URCA["relative_tolerance"]
    )
    assert found["lags"] == 2


def test_the_window_of_kpss_is_the_short_one_of_urca():
    assert describe_unit_root(GNP).to_frame().loc["KPSS", "lags"] == URCA["full"]["kpss_lag_short"]


def test_what_a_small_p_speaks_against_is_said():
    nulls = describe_unit_root(GNP).to_frame()["null"].to_dict()

    assert nulls == {
        "ADF": "unit root",
        "DF-GLS": "unit root",
        "Phillips-Perron": "unit root",
        "KPSS": "stationary",
    }


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (GNP.drop([1920, 1921]), {}, r"lgnp has no value in 1920 and 1921; unit-root tests need"),
        (GNP.iloc[:14], {}, r"lgnp has 14 values; a diagnostic needs 15"),
        (GNP * 0 + 3, {}, r"lgnp never changes"),
        (GNP, {"trend": "cubic"}, r"cubic is no trend here; there are none and linear"),
        (GNP.iloc[:20], {"lags": 6}, r"6 lags are asked for with 20 values of lgnp; 0 to 5"),
    ],
)
def test_what_cannot_be_diagnosed_is_refused(series, options, words):
    with pytest.raises(DesignError, match=words):
        describe_unit_root(series, **options)


def test_the_score_is_kendalls():
    """scipy.stats.kendalltau against time, without ties: tau = S / (n (n - 1) / 2)."""
    many = np.random.default_rng(3).standard_normal((5, 25))

    theirs = [stats.kendalltau(np.arange(25), row).statistic * 300 for row in many]
    assert rising_pairs(many) == pytest.approx(theirs)


def test_ties_lower_the_variance_as_in_kendall():
    """By hand, 1 1 2 3: (4 3 13 - 2 1 9) / 18 = 138 / 18."""
    assert pair_variance(np.array([1.0, 1.0, 2.0, 3.0])) == pytest.approx(138 / 18)


def test_the_slope_is_sens():
    values = np.array([1.0, 2.0, 2.5, 9.0])
    years = np.array([2000, 2001, 2003, 2004])

    theirs = stats.theilslopes(values, years).slope
    assert median_slope(values, years) == pytest.approx(theirs)


def test_a_monotone_transform_and_a_shift_leave_the_score_alone():
    assert np.array_equal(
        rising_pairs(GNP.to_numpy()[None, :]), rising_pairs(np.exp(3 + GNP.to_numpy())[None, :])
    )


def test_a_planted_trend_is_found_and_its_absence_too():
    noise = np.random.default_rng(8).standard_normal(25)
    years = pd.Index(range(1998, 2023))
    rising = pd.Series(noise + 0.3 * np.arange(25), years, name="rising")
    flat = pd.Series(noise, years, name="flat")

    found = describe_monotone_trend(rising.drop([2003, 2004]), SHELF, draws=999)
    assert found.p_value < 0.02
    assert found.n_obs == 23
    assert found.slope == pytest.approx(0.3, abs=0.1)
    assert describe_monotone_trend(flat, SHELF, draws=999).p_value > 0.1


def test_autocorrelation_fools_the_usual_p_and_hardly_the_simulated_one():
    """600 trendless series at rho .6: the usual p is small in one of four or more.

    Three standard errors of a share of .05 in 600 are .027.
    """
    shelf = LawShelf(seed=5, series=4_000)
    years = np.arange(1998, 2023)
    rng = np.random.default_rng(12)
    many = ar1_errors(rng.standard_normal((600, 25)), years, 0.6, 1.0, None)

    found = [describe_monotone_trend(pd.Series(row, years), shelf, draws=199) for row in many]
    usual = np.mean([one.p_independent <= 0.05 for one in found])
    calibrated = np.mean([one.p_value <= 0.05 for one in found])
    assert usual > 0.2
    assert calibrated < 0.077


def test_the_trend_of_a_short_series_is_refused():
    with pytest.raises(DesignError, match=r"lgnp has 10 values; a diagnostic needs 15"):
        describe_monotone_trend(GNP.iloc[:10], SHELF)
