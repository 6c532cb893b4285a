"""Feasible GLS and sandwich errors: as written out step by step, as statsmodels and as R."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.kernel.feasible import fit_cochrane_orcutt, fit_glsar, fit_prais_winsten
from analysis.kernel.hac import fit_hac, robust_errors
from analysis.kernel.layout import Layout
from tests.dense import dense_fit

REFERENCE = Path(__file__).parent / "reference"
SANDWICH = json.loads((REFERENCE / "hac.json").read_text(encoding="utf-8"))
CLOSE = SANDWICH["relative_tolerance"]
REFCASES = os.environ.get("JUNCTURE_REFCASES")


def made_data() -> tuple[np.ndarray, np.ndarray]:
    """Thirty years of an outcome with AR(1) errors and three regressors."""
    rng = np.random.default_rng(19)
    x = np.column_stack([np.ones(30), rng.standard_normal((30, 3)).cumsum(axis=0)])
    errors = rng.standard_normal(30)
    for year in range(1, 30):
        errors[year] += 0.5 * errors[year - 1]
    return x @ np.array([1.0, 0.5, 0.0, -0.5]) + errors, x


def cochrane_orcutt(y: np.ndarray, x: np.ndarray) -> dict[str, object]:
    """Cochrane and Orcutt's rounds written out with ordinary least squares."""
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    rho = 0.0
    for _ in range(500):
        errors = y - x @ beta
        rho = float(errors[1:] @ errors[:-1] / (errors[:-1] @ errors[:-1]))
        fit = sm.OLS(y[1:] - rho * y[:-1], x[1:] - rho * x[:-1]).fit()
        beta = fit.params
    return {"rho": rho, "coef": fit.params, "se": fit.bse, "close": 1e-7}


def cochrane_orcutt_cases() -> list:
    """A made case, and the one of R's orcutt where the folder of reference cases is given."""
    y, x = made_data()
    cases = [pytest.param(y, x, cochrane_orcutt(y, x), id="made")]
    if REFCASES:
        folder = Path(REFCASES) / "19_cochrane_orcutt_icecream"
        table = pd.read_csv(folder / "input.csv")
        case = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        known = {key: case["expected"][key] for key in ("rho", "coef", "se")}
        known |= {key: list(known[key].values()) for key in ("coef", "se")}
        known["close"] = case["default_rel_tol"]
        x = np.column_stack([np.ones(30), table[["price", "income", "temp"]]])
        cases.append(pytest.param(table["cons"].to_numpy(), x, known, id="orcutt"))
    return cases


@pytest.mark.parametrize(("y", "x", "expected"), cochrane_orcutt_cases())
def test_cochrane_orcutt_agrees_with_its_rounds_written_out_and_with_r(y, x, expected):
    """R 4.2.2, orcutt 2.3: cochrane.orcutt(lm(cons ~ price + income + temp))."""
    fit = fit_cochrane_orcutt(y[None, :], Layout(np.arange(len(y)), x), np.eye(4))

    close = expected["close"]
    assert fit.rho[0] == pytest.approx(expected["rho"], rel=close)
    assert fit.estimates[0] == pytest.approx(expected["coef"], rel=close)
    assert fit.std_errors[0] == pytest.approx(expected["se"], rel=close)
    assert fit.df_resid == len(y) - 1 - 4


@pytest.mark.parametrize("gone", [[], [7, 15, 16]], ids=["every year", "gaps"])
def test_prais_winsten_is_gls_at_its_own_rho(gone):
    """rho solves sum e e_before = rho sum e_before^2 over neighbours, e by full-matrix GLS."""
    y, x = made_data()
    years = np.delete(np.arange(1990, 2020), gone)
    y, x = np.delete(y, gone), np.delete(x, gone, axis=0)
    fit = fit_prais_winsten(y[None, :], Layout(years, x), np.eye(4))

    rho = float(fit.rho[0])
    dense = dense_fit(y, x, years, rho)
    errors = y - x @ dense.beta
    neighbours = np.diff(years) == 1
    now, before = errors[1:][neighbours], errors[:-1][neighbours]
    assert rho == pytest.approx(now @ before / (before @ before), abs=1e-8)
    assert fit.estimates[0] == pytest.approx(dense.beta)
    assert fit.std_errors[0] == pytest.approx(np.sqrt(np.diag(dense.covariance)))
    assert fit.df_resid == len(y) - 4


def test_cochrane_orcutt_leaves_out_the_first_year_after_a_gap():
    y, x = made_data()
    years = np.delete(np.arange(30), 12)
    y, x = np.delete(y, 12), np.delete(x, 12, axis=0)
    fit = fit_cochrane_orcutt(y[None, :], Layout(years, x), np.eye(4))

    rho, kept = float(fit.rho[0]), np.delete(np.arange(1, 29), 11)
    plain = sm.OLS((y[1:] - rho * y[:-1])[kept - 1], (x[1:] - rho * x[:-1])[kept - 1]).fit()
    assert fit.estimates[0] == pytest.approx(plain.params)
    assert fit.std_errors[0] == pytest.approx(plain.bse)
    assert fit.df_resid == plain.df_resid == 23


def test_glsar_agrees_with_statsmodels_first_year_dropped():
    y, x = made_data()
    many = np.stack([y, np.random.default_rng(7).standard_normal(30).cumsum(), y + x[:, 2]])
    fit = fit_glsar(many, Layout(np.arange(30), x), np.eye(4))

    theirs = [sm.GLSAR(row, x, 1).iterative_fit() for row in many]
    assert fit.estimates == pytest.approx(np.stack([each.params for each in theirs]))
    assert fit.std_errors == pytest.approx(np.stack([each.bse for each in theirs]))
    assert fit.rho == pytest.approx([float(each.model.rho[0]) for each in theirs])
    assert fit.df_resid == theirs[0].df_resid == 25


@pytest.mark.parametrize("fitted", [fit_prais_winsten, fit_cochrane_orcutt, fit_glsar])
def test_a_series_is_fitted_alike_alone_and_among_others_and_in_another_unit(fitted):
    y, x = made_data()
    layout = Layout(np.arange(30), x)
    other = np.random.default_rng(1).standard_normal((5, 30)).cumsum(axis=1)

    alone = fitted(y[None, :], layout, np.eye(4))
    among = fitted(np.vstack([other, 1000 * y]), layout, np.eye(4))
    assert among.statistics[-1] == pytest.approx(alone.statistics[0])
    assert among.rho[-1] == pytest.approx(alone.rho[0])


def investment() -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(REFERENCE / "investment.csv").dropna()
    x = np.column_stack([np.ones(len(table)), table["RealGNP"], table["RealInt"]])
    return table["RealInv"].to_numpy()[None, :], x


@pytest.mark.parametrize(
    ("kernel", "prewhitened", "corrected", "errors", "bandwidth"),
    [
        ("bartlett", True, False, "se_NW_auto_prewhite", "bw_NW_auto"),
        ("bartlett", False, False, None, "bw_NW_auto_noprewhite"),
        ("quadratic-spectral", True, True, "se_QS_Andrews_prewhite", None),
        ("quadratic-spectral", False, True, "se_QS_Andrews_noprewhite", "bw_Andrews_noprewhite"),
    ],
)
def test_hac_errors_and_bandwidths_agree_with_sandwich(
    kernel, prewhitened, corrected, errors, bandwidth
):
    """R calls and versions in reference/hac.json."""
    y, x = investment()
    fit = fit_hac(y, x, np.eye(3), kernel=kernel, prewhitened=prewhitened, corrected=corrected)

    assert fit.estimates[0] == pytest.approx(list(SANDWICH["coef"].values()), rel=CLOSE)
    if errors:
        assert fit.std_errors[0] == pytest.approx(list(SANDWICH[errors].values()), rel=CLOSE)
    if bandwidth:
        assert fit.bandwidth[0] == pytest.approx(SANDWICH[bandwidth], rel=CLOSE)


def test_the_bandwidth_weighs_the_columns_as_andrews_does():
    """(6.4) of Andrews (1991) with an AR(1) with constant in each column, by least squares."""
    y, x = made_data()
    scores = sm.OLS(y, x).fit().resid[:, None] * x
    above = below = 0.0
    for column in scores.T[1:]:
        fit = sm.OLS(column[1:], sm.add_constant(column[:-1])).fit()
        rho, fourth = fit.params[1], np.mean(fit.resid**2) ** 2
        above += 4 * rho**2 * fourth / (1 - rho) ** 8
        below += fourth / (1 - rho) ** 4

    ours = fit_hac(
        y[None, :], x, np.eye(4), kernel="quadratic-spectral", prewhitened=False
    ).bandwidth
    assert ours[0] == pytest.approx(1.3221 * (30 * above / below) ** 0.2)


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC3"])
def test_heteroskedastic_errors_agree_with_sandwich(kind):
    y, x = investment()

    ours = robust_errors(y, x, np.eye(3), kind)[0]
    assert ours == pytest.approx(list(SANDWICH[f"se_{kind}"].values()), rel=CLOSE)


def test_hac_of_a_series_is_the_same_alone_and_in_the_second_block():
    y, x = investment()
    many = np.repeat(y, 2_001, axis=0) + np.random.default_rng(0).standard_normal((2_001, 19))

    options = {"kernel": "quadratic-spectral", "prewhitened": True}
    whole = fit_hac(many, x, np.eye(3), **options)
    alone = fit_hac(many[-1:], x, np.eye(3), **options)
    assert whole.statistics[-1] == pytest.approx(alone.statistics[0])
