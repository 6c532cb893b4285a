"""Smooth curves fitted to a series: the planted curve comes back."""

import numpy as np
import pytest

from analysis.calibration.curves import CURVES, fit_curves
from analysis.calibration.store import LawShelf

YEARS = np.arange(1992, 2023)
T = np.arange(31)
NOISE = 0.2 * np.random.default_rng(1).standard_normal(31)


@pytest.fixture(scope="module")
def shelf() -> LawShelf:
    return LawShelf(seed=3, series=500)


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("parabola", 1 + 0.1 * T + 0.02 * T**2),
        ("kink", 5 - 0.1 * T + 0.6 * np.maximum(YEARS - 2008, 0)),
        ("s_curve", 2 + 9 / (1 + np.exp(-(YEARS - 2011) / 3))),
    ],
)
def test_the_mean_of_the_planted_family_comes_back(name, truth, shelf):
    curve = fit_curves(YEARS, truth + NOISE, shelf)[name]

    assert curve.mean == pytest.approx(truth, abs=0.35)
    assert curve.innovation_sd == pytest.approx(0.2, abs=0.07)
    assert not curve.multiplicative


def test_growth_is_fitted_on_the_log_scale_where_all_values_are_positive(shelf):
    log = 1 + np.log(20) * T / 30 + NOISE / 2

    curve = fit_curves(YEARS, np.exp(log), shelf)["growth"]
    drawn = curve.draw(kappa=1.0, onset=2012, seed=1, stream="curve", series=4000)

    assert curve.multiplicative
    assert curve.mean == pytest.approx(1 + np.log(20) * T / 30, abs=0.15)
    assert np.median(drawn, axis=0) == pytest.approx(np.exp(curve.mean), rel=0.05)


def test_growth_with_values_below_zero_is_an_exponential_on_top_of_a_level(shelf):
    truth = -3 + 0.5 * np.exp(0.1 * T)

    curve = fit_curves(YEARS, truth + NOISE, shelf)["growth"]

    assert not curve.multiplicative
    assert curve.mean == pytest.approx(truth, abs=0.35)


def test_series_are_drawn_with_the_fitted_spread_and_its_change(shelf):
    curve = fit_curves(YEARS, NOISE + 0.1 * T, shelf)["parabola"]

    drawn = curve.draw(kappa=2.0, onset=2008, seed=1, stream="curve", series=20_000)
    errors = drawn - curve.mean
    innovations = errors[:, 1:] - curve.rho * errors[:, :-1]
    spread = innovations.std(axis=0)

    assert spread[20:].mean() / spread[:10].mean() == pytest.approx(2.0, rel=0.02)
    pooled = np.sqrt((16 * spread[:10].mean() ** 2 + 15 * spread[20:].mean() ** 2) / 31)
    assert pooled == pytest.approx(curve.innovation_sd, rel=0.02)


def test_missing_years_are_left_out(shelf):
    kept = ~np.isin(YEARS, [1999, 2010])
    truth = 1 + 0.1 * T + 0.02 * T**2

    curves = fit_curves(YEARS[kept], (truth + NOISE)[kept], shelf)

    assert list(curves) == list(CURVES)
    assert curves["parabola"].mean == pytest.approx(truth[kept], abs=0.35)
    drawn = curves["parabola"].draw(kappa=1.0, onset=2012, seed=1, stream="c", series=3)
    assert drawn.shape == (3, 29)
