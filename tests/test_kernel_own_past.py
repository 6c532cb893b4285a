"""Regressions on own past: Granger's F and bounds tests against R, statsmodels and tables."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.tsa.api import UECM, VAR

from analysis.kernel.bounds import fit_bounds, simulate_bounds, simulate_outcomes
from analysis.kernel.own_past import fit_own_past
from analysis.kernel.streams import standard_normals
from analysis.kernel.toda_yamamoto import CausalityFits, fit_causality, lay_out_causality

REFERENCE = Path(__file__).parent / "reference"
EGGS = json.loads((REFERENCE / "granger_chickegg.json").read_text())
DENMARK = json.loads((REFERENCE / "ardl_denmark.json").read_text())
NARAYAN = json.loads((REFERENCE / "bounds_narayan.json").read_text())


def causality(cause: str, effect: str, *, lags: int, extra: int, first: int = 1) -> CausalityFits:
    y = np.array(EGGS[effect])
    years = EGGS["first_year"] + np.arange(len(y))
    layout = lay_out_causality(
        years, years, np.array(EGGS[cause]), np.ones((len(y), 1)),
        lags=lags, extra=extra, first=first,
    )  # fmt: skip
    return fit_causality(y[None, :], layout)


def lagged(names: dict[str, list[int]]) -> tuple[pd.Series, pd.DataFrame]:
    """Chickens and the lags named, for statsmodels."""
    frame = pd.DataFrame({name: EGGS[name] for name in ("chicken", "egg")})
    columns = {
        f"{name}{lag}": frame[name].shift(lag) for name, lags in names.items() for lag in lags
    }
    x = sm.add_constant(pd.DataFrame(columns).dropna())
    return frame["chicken"].loc[x.index], x


@pytest.mark.parametrize("lags", [1, 2, 3, 4])
@pytest.mark.parametrize(("cause", "effect"), [("egg", "chicken"), ("chicken", "egg")])
def test_granger_causality_agrees_with_r(cause, effect, lags):
    """R 4.2.2, lmtest 0.9.40: grangertest on ChickEgg."""
    expected = EGGS["expected"][f"{cause}_causes_{effect}_lag{lags}"]

    found = causality(cause, effect, lags=lags, extra=0)

    assert found.f[0] == pytest.approx(expected["F"], rel=1e-9)
    assert found.p_values[0] == pytest.approx(expected["p"], rel=1e-9)


def test_the_lag_augmented_f_agrees_with_statsmodels():
    y, x = lagged({"chicken": [1, 2, 3], "egg": [1, 2, 3]})
    model = sm.OLS(y, x).fit()
    expected = model.f_test("egg1 = 0, egg2 = 0")

    found = causality("egg", "chicken", lags=2, extra=1)

    assert found.f[0] == pytest.approx(expected.fvalue, rel=1e-8)
    assert found.p_values[0] == pytest.approx(expected.pvalue, rel=1e-8)
    assert found.sums[0] == pytest.approx(model.params[["egg1", "egg2"]].sum(), rel=1e-8)


def test_without_extra_lags_it_is_the_equation_of_a_vector_autoregression():
    frame = pd.DataFrame({name: EGGS[name] for name in ("chicken", "egg")})
    expected = VAR(frame).fit(3).test_causality("chicken", "egg", kind="f")

    assert causality("egg", "chicken", lags=3, extra=0).f[0] == pytest.approx(
        expected.test_statistic, rel=1e-6
    )


def test_the_same_year_can_be_asked_about_too():
    y, x = lagged({"chicken": [1, 2], "egg": [0, 1, 2]})
    expected = sm.OLS(y, x).fit().f_test("egg0 = 0, egg1 = 0")

    found = causality("egg", "chicken", lags=1, extra=1, first=0)

    assert found.f[0] == pytest.approx(expected.fvalue, rel=1e-8)


def test_a_lag_does_not_reach_across_a_missing_year():
    years = np.array([2000, 2001, 2002, 2004, 2005, 2006])
    layout = lay_out_causality(years, years, np.arange(6.0), np.ones((6, 1)))

    assert years[layout.rows].tolist() == [2002, 2006]
    assert years[layout.own].tolist() == [[2001, 2000], [2005, 2004]]
    assert layout.tested[:, 0].tolist() == [1.0, 4.0]


def test_many_series_are_fitted_as_each_alone():
    normals = standard_normals(1, "own past", 0, 4_100, 20 * 4).reshape(4_100, 20, 4)
    asked, others = normals[0, :, 2:3], np.column_stack([np.ones(20), np.arange(20.0)])

    together = fit_own_past(normals[:, :, 0], normals[:, :, 1:2], asked, others)
    alone = fit_own_past(normals[4_000:4_001, :, 0], normals[4_000:4_001, :, 1:2], asked, others)
    model = sm.OLS(
        normals[4_000, :, 0], np.column_stack([normals[4_000, :, 1], asked, others])
    ).fit()

    assert together.statistics[4_000] == pytest.approx(alone.statistics[0], rel=1e-12)
    assert alone.statistics[0] == pytest.approx(model.tvalues[:2], rel=1e-9)
    assert alone.df == model.df_resid


def test_the_bounds_statistics_agree_with_r():
    """R 4.2.2, ARDL 0.2.4: ARDL(3, 1, 3, 2) of Danish money, case III."""
    data = {name: np.array(values) for name, values in DENMARK["data"].items()}
    y, x = data["LRM"], np.column_stack([data[name] for name in ("LRY", "IBO", "IDE")])
    rows = np.arange(3, len(y))
    own = np.column_stack([y[rows - 1], *(y[rows - i] - y[rows - i - 1] for i in (1, 2))])
    changes = [
        x[rows - j, k] - x[rows - j - 1, k]
        for k, order in enumerate((1, 3, 2))
        for j in range(order)
    ]
    expected = DENMARK["expected"]

    fits = fit_bounds(
        (y[rows] - y[rows - 1])[None, :],
        own[None, :, :],
        x[rows - 1],
        np.column_stack([np.ones(len(rows)), *changes]),
    )

    assert len(rows) == expected["nobs"]
    assert fits.f[0] == pytest.approx(expected["F_case3"], rel=1e-8)
    assert fits.t_own[0] == pytest.approx(expected["t_case3"], rel=1e-8)
    assert fits.multiplier[0] == pytest.approx(expected["long_run"]["LRY"], rel=1e-8)
    assert fits.multiplier_error[0] == pytest.approx(expected["long_run_se"]["LRY"], rel=1e-8)


def test_the_bounds_f_agrees_with_statsmodels_with_a_trend():
    normals = standard_normals(2, "uecm", 0, 1, 80).reshape(40, 2)
    y, x = np.cumsum(normals[:, 0]), np.cumsum(normals[:, 1])
    frame = pd.DataFrame({"y": y, "x": x})
    expected = UECM(frame["y"], 1, frame[["x"]], {"x": 1}, trend="ct").fit().bounds_test(case=5)
    rows = np.arange(1, 40)

    fits = fit_bounds(
        np.diff(y)[None, :],
        y[rows - 1][None, :, None],
        x[rows - 1][:, None],
        np.column_stack([np.ones(39), np.arange(39) / 10, np.diff(x)]),
    )

    assert fits.f[0] == pytest.approx(expected.statistic, rel=1e-8)


@pytest.mark.parametrize(("trend", "case"), [("none", "case3"), ("linear", "case5")])
@pytest.mark.parametrize("level", [0.10, 0.05, 0.01])
def test_simulated_bounds_in_thirty_years_agree_with_narayan(trend, case, level):
    """R's dynamac::pssbounds; both are simulated, and 20,000 draws err by 1 %, in the tail 2 %."""
    shocks = standard_normals(1, "narayan", 0, 20_000, 62).reshape(20_000, 31, 2)

    bounds, _ = simulate_bounds(shocks, trend, level=level)

    tolerance = 0.04 if level == 0.01 else 0.025
    assert bounds == pytest.approx(NARAYAN[case][f"p{round(100 * level):02d}"], rel=tolerance)


def test_an_outcome_settles_at_its_long_run_level():
    """dy = -.5 (y - 2 x) with x = 3 and no shocks comes to rest at 6."""
    drive = np.full(40, 0.5 * 2 * 3.0)

    path = simulate_outcomes(
        np.zeros((1, 40)), np.zeros(1), drive, speed=-0.5, earlier=np.array([0.1])
    )

    assert path[0, 0] == 0.0
    assert path[0, 1] == 3.0
    assert path[0, -1] == pytest.approx(6.0, abs=1e-6)
