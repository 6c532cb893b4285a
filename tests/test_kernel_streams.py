"""Simulated draws: the same whatever the block, different by name, and of the right law."""

import numpy as np
import pytest

from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import CHUNK, standard_normals


def test_a_series_is_the_same_whatever_block_it_is_drawn_in():
    whole = standard_normals(3, "law", 0, 3 * CHUNK, years=25)

    for start, stop in [(0, 1), (7, 8), (CHUNK - 1, CHUNK + 1), (100, 2 * CHUNK + 3)]:
        block = standard_normals(3, "law", start, stop, years=25)
        assert (block == whole[start:stop]).all()


def test_another_seed_or_name_gives_other_draws():
    base = standard_normals(3, "law", 0, 50, years=25)

    for seed, name in [(4, "law"), (3, "draws"), (31, ":law"), (3, "law ")]:
        other = standard_normals(seed, name, 0, 50, years=25)
        assert not np.isin(other, base).any()


def test_no_two_chunks_share_a_draw():
    whole = standard_normals(3, "law", 0, 4 * CHUNK, years=31)

    assert len(np.unique(whole)) == whole.size


def test_draws_are_standard_normal():
    """Moments of 310,000 draws, each within four of its standard errors."""
    draws = standard_normals(3, "moments", 0, 10_000, years=31).ravel()

    error = 1 / np.sqrt(len(draws))
    assert abs(draws.mean()) < 4 * error
    assert abs(draws.var() - 1) < 4 * np.sqrt(2) * error
    assert abs((draws**3).mean()) < 4 * np.sqrt(15) * error
    assert abs((draws**4).mean() - 3) < 4 * np.sqrt(96) * error


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.6, 0.9])
def test_simulated_errors_have_the_variance_and_autocorrelation_of_an_ar1(rho):
    """var u_t = 1 / (1 - rho^2) and corr(u_t, u_(t-h)) = rho^h from the first year on."""
    years = np.arange(2000, 2012)
    errors = ar1_errors(standard_normals(1, "var", 0, 40_000, 12), years, rho, 1.0, None)

    variance = 1 / (1 - rho**2)
    bound = 4 * np.sqrt(2 / 40_000)  # four standard errors of a variance
    assert errors.var(axis=0) == pytest.approx(np.full(12, variance), rel=bound)
    for lag in (1, 2, 5):
        product = (errors[:, lag:] * errors[:, :-lag]).mean(axis=0)
        assert product / variance == pytest.approx(np.full(12 - lag, rho**lag), abs=bound)


def test_errors_follow_the_recursion_written_out_by_hand():
    """rho = .5, kappa = 3 from 2002: u = 2/root(.75), then .5 u + e, then .5 u + 3 e."""
    normals = np.array([[2.0, 1.0, -1.0, 0.5]])
    first = 2 / np.sqrt(0.75)
    second = 0.5 * first + 1
    third = 0.5 * second - 3
    fourth = 0.5 * third + 1.5

    errors = ar1_errors(normals, np.array([2000, 2001, 2002, 2003]), 0.5, 3.0, 2002)

    assert errors == pytest.approx(np.array([[first, second, third, fourth]]))


def test_kappa_scales_innovations_from_the_onset_on():
    years = np.arange(2000, 2020)
    normals = standard_normals(1, "kappa", 0, 20_000, 20)

    errors = ar1_errors(normals, years, 0.6, 2.0, 2010)

    innovations = errors[:, 1:] - 0.6 * errors[:, :-1]
    sd = innovations.std(axis=0)
    assert sd[:9] == pytest.approx(np.ones(9), rel=0.02)  # 2001-2009
    assert sd[9:] == pytest.approx(np.full(10, 2.0), rel=0.02)  # 2010-2019


def test_a_missing_year_is_simulated_and_left_out():
    normals = standard_normals(1, "gaps", 0, 30, 10)
    whole = np.arange(2000, 2010)
    observed = np.array([2000, 2001, 2004, 2005, 2009])

    every_year = ar1_errors(normals, whole, 0.7, 1.5, 2004)

    assert (ar1_errors(normals, observed, 0.7, 1.5, 2004) == every_year[:, observed - 2000]).all()


@pytest.mark.parametrize("series", [1, 5])
def test_simulating_leaves_the_draws_as_they_were(series):
    normals = standard_normals(1, "kept", 0, series, 10)
    before = normals.copy()

    ar1_errors(normals, np.arange(2000, 2010), 0.7, 1.5, 2004)

    assert (normals == before).all()


def test_draws_taken_in_parts_are_those_taken_at_once():
    """Chunks are kept for those who take them in parts; what was handed out is theirs to change."""
    whole = standard_normals(2, "parts", 0, 1000, years=7)
    first = standard_normals(2, "parts", 0, 50, years=7)
    first[:] = 0.0

    parts = [standard_normals(2, "parts", at, at + 50, years=7) for at in range(0, 1000, 50)]

    assert (np.concatenate(parts) == whole).all()
