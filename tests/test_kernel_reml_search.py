"""Where the restricted likelihood peaks: against its own values on a fine grid, at the ends too."""

import numpy as np
import pytest

from analysis.calibration.law import simulate_errors
from analysis.calibration.size_table import null_design
from analysis.kernel import reml_search
from analysis.kernel.ar1 import fit_ar1, reml_profile
from analysis.kernel.layout import RHO_HIGHEST, RHO_LOWEST, Layout
from analysis.kernel.reml_grid import precision_weights
from tests.dense import ar1_covariance

GAPPY = np.delete(np.arange(1992, 2023), [4, 9, 10, 17, 26])  # gaps of one, two and three years
SHORT = np.arange(2008, 2019)


def layout_of(years: np.ndarray, *onsets: int, bent: bool = False) -> Layout:
    since = (years - 2012) / 10
    columns = [np.ones(len(years)), since, *(years >= onset for onset in onsets)]
    return Layout(
        years, np.column_stack([*columns, since**2] if bent else columns).astype(float), onsets[0]
    )


LAYOUTS = {
    "thirty years, three steps": null_design(1992).layout,
    "gaps": layout_of(GAPPY, 2012, 2017),
    "eleven years, six terms": layout_of(SHORT, 2012, 2014, 2017, bent=True),
}


@pytest.mark.parametrize("years", [GAPPY, SHORT], ids=["gaps", "every year"])
@pytest.mark.parametrize("rho", [-0.9, 0.0, 0.6, 0.985])
def test_the_pieces_make_up_the_inverse_of_the_covariance_matrix(years, rho):
    """The quadratic form in residuals, from z and the scalars, is that of the full matrix."""
    layout = layout_of(years, 2012)
    q, grid = layout.basis[0], layout.grid
    y = np.random.default_rng(1).standard_normal(len(years))
    residuals = y - q @ (q.T @ y)
    moments = reml_search.take_moments(residuals[:, None], layout)
    precision = np.linalg.inv(ar1_covariance(years, rho))

    weights = precision_weights(np.array([rho]), layout.distances)[:, 0]

    gram = np.einsum("p,pab->ab", weights, grid.gram)
    across = np.einsum("p,pkz,z->k", weights[1:], grid.lift, moments.directions[:, 0])
    assert weights @ moments.scalars[:, 0] == pytest.approx(residuals @ precision @ residuals)
    assert gram == pytest.approx(q.T @ precision @ q)
    assert across == pytest.approx(q.T @ precision @ residuals, abs=1e-12)


@pytest.mark.parametrize("rho", [-0.6, 0.3, 0.98])
@pytest.mark.parametrize("name", LAYOUTS)
def test_hardly_any_rho_has_a_higher_likelihood_than_the_one_found(name, rho):
    """Between two peaks of the same height, less than 1e-3 apart, the nodes may choose wrongly."""
    layout = LAYOUTS[name]
    series = simulate_errors(layout, rho=rho, kappa=2.0, seed=3, stream="peak", series=150)
    found = fit_ar1(series, layout, np.eye(layout.n_terms)).rho
    everywhere = np.tanh(np.linspace(np.arctanh(RHO_LOWEST), np.arctanh(RHO_HIGHEST), 1_500))

    lost = np.array(
        [
            reml_profile(y, layout, everywhere).max() - reml_profile(y, layout, rho[None])[0]
            for y, rho in zip(series, found, strict=True)
        ]
    )

    assert ((found >= RHO_LOWEST - 1e-9) & (found <= RHO_HIGHEST + 1e-9)).all()
    assert (lost > 1e-8).sum() <= 1
    assert lost.max() < 1e-3


def test_a_polynomial_is_lowest_where_it_was_built_to_be():
    """(x - a)^2 (1 + x/4): one minimum in reach, at a; a falling line ends at the end."""
    a = np.linspace(-0.9, 0.9, 7)
    slopes = np.zeros((8, 8))
    slopes[0, :7], slopes[1, :7] = -2 * a + a**2 / 4, 2 - a
    slopes[2, :7], slopes[0, 7] = 0.75, -1.0

    assert reml_search._lowest_between(slopes) == pytest.approx([*a, 1.0], abs=1e-7)
