"""Likelihood ratios over dates: against full matrices, and against themselves turned round."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from analysis.kernel import ml_profile
from analysis.kernel.layout import Layout
from analysis.kernel.ml_profile import DateScan, scan_dates
from tests.dense import ar1_covariance

WHOLE = np.arange(1992, 2017)
GAPPY = np.delete(np.arange(1992, 2020), [5, 6, 15])


def scan_of(years: np.ndarray) -> DateScan:
    x = np.column_stack([np.ones(len(years)), (years - years.mean()) / 10])
    return DateScan(Layout(years, x), years[4:-3])


def series_of(years: np.ndarray, many: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    span = np.arange(years[0], years[-1] + 1)
    rho = rng.uniform(-0.4, 0.9, size=many)
    errors = rng.standard_normal((many, len(span)))
    for year in range(1, len(span)):
        errors[:, year] += rho * errors[:, year - 1]
    errors[: many // 2] += 3.0 * (span >= 2005)
    return (errors + 0.1 * (span - 2000))[:, years - years[0]]


def dense_maximum(y: np.ndarray, x: np.ndarray, years: np.ndarray) -> tuple[float, float]:
    """Highest log-likelihood up to a constant, and its rho, with V written out."""

    def likelihood(artanh: float) -> float:
        v = ar1_covariance(years, np.tanh(artanh))
        inverse = np.linalg.inv(v)
        errors = y - x @ np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)
        return float(-len(y) / 2 * np.log(errors @ inverse @ errors) - np.linalg.slogdet(v)[1] / 2)

    nodes = np.linspace(np.arctanh(-0.95), np.arctanh(0.99), 41)
    best = int(np.argmax([likelihood(node) for node in nodes]))
    found = minimize_scalar(
        lambda artanh: -likelihood(artanh),
        bounds=(nodes[max(best - 1, 0)], nodes[min(best + 1, 40)]),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return -float(found.fun), float(np.tanh(found.x))


@pytest.mark.parametrize("years", [WHOLE, GAPPY], ids=["whole", "gappy"])
def test_likelihood_ratios_agree_with_full_matrices(years):
    scan, series = scan_of(years), series_of(years, 6)
    found, x = scan_dates(series, scan), scan.layout.regressors

    for row, y in enumerate(series):
        null, rho = dense_maximum(y, x, years)
        assert found.rho[row] == pytest.approx(rho, abs=1e-3)
        for column in range(0, len(scan.onsets), 4):
            step = (years >= scan.onsets[column]).astype(float)
            likelihood, rho = dense_maximum(y, np.column_stack([x, step]), years)
            ratio = found.likelihood_ratios[row, column]
            assert ratio == pytest.approx(2 * (likelihood - null), abs=1e-3)
            assert found.rho_step[row, column] == pytest.approx(rho, abs=1e-3)


def test_scale_location_and_trend_do_not_move_the_roots():
    scan, series = scan_of(GAPPY), series_of(GAPPY, 5)

    moved = scan_dates(1000 * series - 7 + 3 * (GAPPY - 1992), scan)

    assert moved.roots == pytest.approx(scan_dates(series, scan).roots, abs=1e-6)


def test_a_series_upside_down_has_its_roots_with_the_other_sign():
    scan, series = scan_of(WHOLE), series_of(WHOLE, 5)

    assert scan_dates(-series, scan).roots == pytest.approx(-scan_dates(series, scan).roots)


def test_time_turned_round_turns_dates_and_signs_round():
    years = WHOLE
    x = np.column_stack([np.ones(25), (years - years.mean()) / 10])
    scan = DateScan(Layout(years, x), years[5:-4])
    series = series_of(years, 5)

    turned = scan_dates(series[:, ::-1], scan)

    assert turned.roots == pytest.approx(-scan_dates(series, scan).roots[:, ::-1], abs=1e-6)


def test_blocks_do_not_change_the_roots(monkeypatch):
    scan, series = scan_of(WHOLE), series_of(WHOLE, 40)
    whole = scan_dates(series, scan)

    monkeypatch.setattr(ml_profile, "BLOCK", 7)

    assert scan_dates(series, scan).roots == pytest.approx(whole.roots, abs=1e-9)


def test_a_planted_step_has_the_largest_root_at_its_date_and_of_its_sign():
    scan = scan_of(WHOLE)
    errors = np.random.default_rng(1).standard_normal((200, 25))

    roots = scan_dates(errors - 5.0 * (WHOLE >= 2006), scan).roots

    assert (scan.onsets[np.abs(roots).argmax(axis=1)] == 2006).mean() > 0.97
    assert (roots[:, list(scan.onsets).index(2006)] < 0).all()
