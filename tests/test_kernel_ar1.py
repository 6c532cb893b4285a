"""REML with AR(1) errors: against R, against full matrices, and against itself turned round."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.kernel.ar1 import fit_ar1, reml_profile
from analysis.kernel.layout import RHO_HIGHEST, RHO_LOWEST, Layout
from tests.dense import ar1_covariance, dense_fit, dense_rho

REFERENCE = Path(__file__).parent / "reference"
NLME = json.loads((REFERENCE / "gls_ar1_reml.json").read_text(encoding="utf-8"))
NILE = pd.read_csv(REFERENCE / "nile.csv", index_col="year")

WHOLE = np.arange(1992, 2023)
GAPPY = np.delete(WHOLE, [4, 9, 10, 17, 26])  # gaps of one, two and three years


def nile_case(case: str) -> tuple[pd.Series, pd.DataFrame]:
    """Flow and regressors as the R call has them."""
    table = NILE if case == "full" else NILE.loc[1884:1913]
    x = pd.DataFrame({"(Intercept)": 1.0, "step": table["step"].astype(float)}, index=table.index)
    if case == "window":
        x.insert(1, "t", np.arange(30.0))
    return table["flow"].astype(float), x


def steps_layout(years: np.ndarray, onset: int | None = 2012) -> Layout:
    """Intercept, trend and steps in 2012 and 2017."""
    x = np.column_stack(
        [np.ones(len(years)), (years - 2007) / 10, years >= 2012, years >= 2017]
    ).astype(float)
    return Layout(years, x, onset)


def series_of(years: np.ndarray, many: int = 1, seed: int = 5) -> np.ndarray:
    """Trending series with AR(1) errors of various rho, shape (many, n)."""
    rng = np.random.default_rng(seed)
    span = np.arange(years[0], years[-1] + 1)
    rho = rng.uniform(-0.4, 0.9, size=many)
    errors = rng.standard_normal((many, len(span)))
    for year in range(1, len(span)):
        errors[:, year] += rho * errors[:, year - 1]
    return (errors + 0.1 * (span - 2000))[:, years - years[0]]


@pytest.mark.parametrize("case", ["full", "window"])
def test_reml_agrees_with_nlme_gls(case):
    """R call, versions and tolerances in reference/gls_ar1_reml.json."""
    flow, x = nile_case(case)
    expected, close = NLME[case], NLME["relative_tolerance"]

    layout = Layout(flow.index.to_numpy(), x.to_numpy())
    fit = fit_ar1(flow.to_numpy()[None, :], layout, np.eye(x.shape[1]))

    assert dict(zip(x, fit.estimates[0], strict=True)) == pytest.approx(expected["coef"], rel=close)
    assert dict(zip(x, fit.std_errors[0], strict=True)) == pytest.approx(expected["se"], rel=close)
    assert dict(zip(x, fit.statistics[0], strict=True)) == pytest.approx(expected["t"], rel=close)
    assert fit.rho[0] == pytest.approx(expected["rho"], abs=NLME["tolerance_rho"])
    assert fit.marginal_sd[0] == pytest.approx(expected["sigma"], rel=close)
    profile = reml_profile(flow.to_numpy(), layout, fit.rho)
    assert profile[0] == pytest.approx(expected["logLik"], rel=close)


@pytest.mark.parametrize("years", [WHOLE, GAPPY], ids=["every year", "gaps of 2 and 3 years"])
def test_the_profile_equals_the_likelihood_of_the_full_covariance_matrix(years):
    layout, y = steps_layout(years), series_of(years)[0]
    rho = np.array([-0.9, -0.5, -0.1, 0.0, 0.3, 0.7, 0.95])

    full = [dense_fit(y, layout.regressors, years, each).log_likelihood for each in rho]

    assert reml_profile(y, layout, rho) == pytest.approx(full, rel=1e-10)


@pytest.mark.parametrize("years", [WHOLE, GAPPY], ids=["every year", "gaps of 2 and 3 years"])
def test_estimates_equal_those_of_the_full_covariance_matrix(years):
    layout = steps_layout(years)
    many = series_of(years, many=12)
    picked = np.array([[0, 0, 1, 0], [0, 0, 1, 1]], dtype=float)

    fits = fit_ar1(many, layout, picked)

    for row, y in enumerate(many):
        rho = dense_rho(y, layout.regressors, years)
        dense = dense_fit(y, layout.regressors, years, rho)
        errors = np.sqrt(np.diag(picked @ dense.covariance @ picked.T))
        later = layout.years >= 2012
        ratio = np.sqrt((dense.whitened[later] ** 2).mean() / (dense.whitened[~later] ** 2).mean())
        assert fits.rho[row] == pytest.approx(rho, abs=1e-5)
        # rho is searched to about 1e-6, which the rest inherits.
        assert fits.estimates[row] == pytest.approx(picked @ dense.beta, rel=1e-4, abs=1e-5)
        assert fits.std_errors[row] == pytest.approx(errors, rel=1e-4)
        assert fits.innovation_sd[row] == pytest.approx(dense.innovation_sd, rel=1e-5)
        assert fits.kappa[row] == pytest.approx(ratio, rel=1e-4)


def test_no_rho_has_a_higher_likelihood_than_the_fitted_one():
    layout, many = steps_layout(GAPPY), series_of(GAPPY, many=300)
    fits = fit_ar1(many, layout, np.eye(4))
    everywhere = np.linspace(RHO_LOWEST, RHO_HIGHEST, 400)

    for y, rho in zip(many, fits.rho, strict=True):
        reached = reml_profile(y, layout, np.array([rho]))[0]
        assert reml_profile(y, layout, everywhere).max() <= reached + 1e-8


def test_a_series_fitted_in_a_batch_is_fitted_as_if_alone():
    layout, many = steps_layout(GAPPY), series_of(GAPPY, many=40)
    contrasts, joint = np.eye(4), np.eye(4)[2:]

    together = fit_ar1(many, layout, contrasts, joint)

    for row in range(len(many)):
        alone = fit_ar1(many[[row]], layout, contrasts, joint)
        for name in ("rho", "kappa", "innovation_sd", "estimates", "std_errors", "joint"):
            expected = getattr(together, name)[row]
            assert getattr(alone, name)[0] == pytest.approx(expected, rel=1e-8, abs=1e-10)


def test_another_unit_and_another_trend_move_only_what_they_should():
    """1000 - 50 y + 3 t: steps and errors times 50, t values turned, rho and kappa as they were."""
    layout, y = steps_layout(WHOLE), series_of(WHOLE, many=5)
    steps = np.eye(4)[2:]
    plain = fit_ar1(y, layout, steps, steps)
    moved = fit_ar1(1000 - 50 * y + 3.0 * (WHOLE - 1990), layout, steps, steps)

    assert moved.rho == pytest.approx(plain.rho, abs=1e-7)
    assert moved.kappa == pytest.approx(plain.kappa, rel=1e-6)
    assert moved.estimates == pytest.approx(-50 * plain.estimates, rel=1e-6)
    assert moved.std_errors == pytest.approx(50 * plain.std_errors, rel=1e-6)
    assert moved.statistics == pytest.approx(-plain.statistics, rel=1e-6)
    assert moved.joint == pytest.approx(plain.joint, rel=1e-6)


def test_order_and_unit_of_the_regressors_do_not_matter():
    layout, y = steps_layout(GAPPY), series_of(GAPPY, many=5)
    order, units = [3, 0, 2, 1], np.array([1.0, 1000.0, 0.5, 60.0])
    other = Layout(GAPPY, layout.regressors[:, order] * units, 2012)
    steps = np.eye(4)[2:]
    same_steps = np.zeros((2, 4))
    same_steps[0, 2], same_steps[1, 0] = 0.5, 1.0  # 2012 is third, in halves; 2017 is first

    plain, turned = fit_ar1(y, layout, steps, steps), fit_ar1(y, other, same_steps, same_steps)

    assert turned.rho == pytest.approx(plain.rho, abs=1e-7)
    assert turned.estimates == pytest.approx(plain.estimates, rel=1e-7)
    assert turned.std_errors == pytest.approx(plain.std_errors, rel=1e-7)
    assert turned.joint == pytest.approx(plain.joint, rel=1e-7)


def test_a_step_added_to_the_series_is_added_to_its_estimate_and_to_nothing_else():
    layout, y = steps_layout(WHOLE), series_of(WHOLE, many=5)
    steps = np.eye(4)[2:]

    plain = fit_ar1(y, layout, steps)
    raised = fit_ar1(y + 7.5 * (WHOLE >= 2017), layout, steps)

    assert raised.estimates - plain.estimates == pytest.approx(np.tile([0.0, 7.5], (5, 1)))
    assert raised.std_errors == pytest.approx(plain.std_errors, rel=1e-6)


def test_the_joint_f_is_the_textbook_quadratic_form():
    """F = (R b)' [R cov(b) R']^-1 (R b) / q, with full matrices."""
    layout, y = steps_layout(GAPPY), series_of(GAPPY)[0]
    r = np.eye(4)[2:]

    fit = fit_ar1(y[None, :], layout, r, r)

    dense = dense_fit(y, layout.regressors, GAPPY, float(fit.rho[0]))
    rb = r @ dense.beta
    by_hand = rb @ np.linalg.inv(r @ dense.covariance @ r.T) @ rb / 2
    assert fit.joint[0] == pytest.approx(by_hand, rel=1e-8)


def test_one_joint_row_gives_the_square_of_its_t():
    layout, y = steps_layout(WHOLE), series_of(WHOLE, many=3)
    row = np.eye(4)[[2]]

    fit = fit_ar1(y, layout, row, row)

    assert fit.joint == pytest.approx(fit.statistics[:, 0] ** 2)


def test_statsmodels_gls_at_the_fitted_rho_gives_the_same_estimates_and_errors():
    layout, y = steps_layout(GAPPY), series_of(GAPPY)[0]

    fit = fit_ar1(y[None, :], layout, np.eye(4))

    covariance = ar1_covariance(GAPPY, float(fit.rho[0]))
    theirs = sm.GLS(y, layout.regressors, sigma=covariance).fit()
    assert fit.estimates[0] == pytest.approx(theirs.params, rel=1e-8)
    assert fit.std_errors[0] == pytest.approx(theirs.bse, rel=1e-8)


def test_without_an_onset_there_is_no_ratio_of_innovation_sds():
    layout, y = steps_layout(WHOLE, onset=None), series_of(WHOLE)

    assert np.isnan(fit_ar1(y, layout, np.eye(4)).kappa).all()


def test_a_gap_of_three_years_is_bridged_by_the_third_power_of_rho():
    """By hand: with three values in 2000, 2001 and 2004, V^-1 of the last pair has rho^3."""
    years, rho = np.array([2000, 2001, 2004]), 0.5
    layout = Layout(years, np.ones((3, 1)))
    y = np.array([1.0, 3.0, 2.0])

    covariance = np.array([[1, 0.5, 0.0625], [0.5, 1, 0.125], [0.0625, 0.125, 1]]) / 0.75
    inverse = np.linalg.inv(covariance)
    mean = inverse.sum(axis=0) @ y / inverse.sum()
    rss = (y - mean) @ inverse @ (y - mean)
    by_hand = -0.5 * (
        2 * (np.log(2 * np.pi * rss / 2) + 1)
        + np.log(np.linalg.det(covariance))
        + np.log(inverse.sum())
    )

    assert reml_profile(y, layout, np.array([rho]))[0] == pytest.approx(by_hand)
