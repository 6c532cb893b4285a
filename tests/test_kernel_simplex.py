"""Weights on the unit simplex: by hand, against other solvers, certified, and many at once."""

import numpy as np
import pytest
from scipy.optimize import minimize, nnls

from analysis.errors import EstimationError
from analysis.kernel.simplex import fit_simplex
from analysis.kernel.synthetic import (
    fit_synthetic_did,
    placebo_gaps,
    placebo_synthetic_did,
    weigh_donors,
)


def made_panel(donors: int, years: int, targets: int, seed: int = 1):
    """One common factor with unequal loadings, and noise."""
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal(years).cumsum()
    pool = factor[:, None] * rng.uniform(0.5, 1.5, donors) + rng.standard_normal((years, donors))
    return factor + rng.standard_normal((targets, years)), pool


def penalised_nnls(target: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """SciPy's non-negative least squares with a heavy row for the sum of the weights."""
    rows = np.vstack([donors, np.full(donors.shape[1], 1e4)])
    weights, _ = nnls(rows, np.append(target, 1e4), maxiter=10_000)
    return weights / weights.sum()


def test_two_donors_share_a_target_by_projection():
    """The point of the segment from (0, 0) to (2, 4) nearest to (2, 1): 2 * 2 + 1 * 4 over 20."""
    weights = fit_simplex(np.array([[2.0, 1.0]]), np.array([[0.0, 2.0], [0.0, 4.0]])).weights

    assert weights == pytest.approx(np.array([[0.6, 0.4]]), abs=1e-7)


def test_a_target_beyond_all_donors_takes_the_nearest():
    weights = fit_simplex(np.array([[9.0, 9.0]]), np.array([[0.0, 1.0, 2.0], [0.0, 3.0, 1.0]]))

    assert weights.weights == pytest.approx(np.array([[0.0, 1.0, 0.0]]))


@pytest.mark.parametrize(("donors", "years"), [(3, 15), (19, 14), (40, 20)])
def test_weights_are_those_of_another_solver(donors, years):
    targets, pool = made_panel(donors, years, 12)

    weights = fit_simplex(targets, pool).weights

    for target, found in zip(targets, weights, strict=True):
        # the penalty of the other solver holds the sum to 1e-7 only
        assert found == pytest.approx(penalised_nnls(target, pool), abs=2e-6)


def test_weights_meet_the_optimality_conditions_of_the_problem_as_posed():
    """2 D'(D w - y) is the same for all donors used and not lower for any other."""
    targets, pool = made_panel(25, 20, 200)

    fits = fit_simplex(targets, pool)

    gradient = (fits.weights @ pool.T - targets) @ pool
    level = (gradient * fits.weights).sum(axis=1, keepdims=True)
    scale = np.einsum("tj,tj->", pool, pool) / 25
    assert (fits.weights >= 0).all()
    assert fits.weights.sum(axis=1) == pytest.approx(1.0)
    assert ((gradient - level) / scale > -1e-8).all()
    assert np.abs((gradient - level)[fits.weights > 1e-9] / scale).max() < 1e-8
    assert fits.kkt.max() < 1e-12


def test_weights_do_not_know_the_unit_the_level_or_the_order_of_donors():
    targets, pool = made_panel(10, 15, 5)
    common = np.linspace(100, 200, 15)
    order = np.random.default_rng(2).permutation(10)

    weights = fit_simplex(targets, pool).weights

    raised = fit_simplex(3 * (targets + common), 3 * (pool + common[:, None])).weights
    assert raised == pytest.approx(weights, abs=1e-8)
    shuffled = fit_simplex(targets, pool[:, order]).weights
    assert shuffled == pytest.approx(weights[:, order], abs=1e-8)


def test_a_target_has_the_same_weights_alone_and_among_thousands():
    targets, pool = made_panel(19, 14, 3000)

    together = fit_simplex(targets, pool).weights
    alone = fit_simplex(targets[2500:2501], pool).weights

    assert together[2500] == pytest.approx(alone[0], abs=1e-12)


def test_of_weights_that_fit_alike_the_even_ones_are_taken():
    """Four donors at the corners of a square, its centre wanted: any balanced mixture fits."""
    corners = np.array([[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0]])

    weights = fit_simplex(np.array([[0.0, 0.0]]), corners).weights

    assert weights == pytest.approx(np.full((1, 4), 0.25))


def test_donors_not_allowed_have_no_weight_and_do_not_matter():
    targets, pool = made_panel(12, 15, 4)
    allowed = np.ones((4, 12), dtype=bool)
    allowed[:, [0, 5, 7]] = False

    weights = fit_simplex(targets, pool, allowed=allowed).weights
    without = fit_simplex(targets, np.delete(pool, [0, 5, 7], axis=1)).weights

    assert (weights[:, [0, 5, 7]] == 0).all()
    assert np.delete(weights, [0, 5, 7], axis=1) == pytest.approx(without, abs=1e-6)


def test_a_target_without_donors_is_refused():
    with pytest.raises(EstimationError, match="needs at least one donor"):
        fit_simplex(np.zeros((1, 3)), np.zeros((3, 2)), allowed=np.zeros((1, 2), dtype=bool))


def test_a_heavy_ridge_spreads_the_weights():
    targets, pool = made_panel(8, 15, 1)

    weights = fit_simplex(targets, pool, ridge=1e9).weights

    assert weights == pytest.approx(np.full((1, 8), 1 / 8), abs=1e-5)


def test_uncorrelated_donors_are_weighted_by_their_inverse_squares():
    """Donors off by 1, root 2 and 2 in years of their own: weights as 1, 1/2 and 1/4."""
    donors = np.diag([1.0, np.sqrt(2.0), 2.0])

    weights = fit_simplex(np.zeros((1, 3)), donors).weights

    assert weights[0] == pytest.approx(np.array([4, 2, 1]) / 7, rel=1e-7)


def test_each_placebo_is_weighted_without_itself():
    _, pool = made_panel(9, 20, 1)
    before = np.arange(20) < 12

    gaps = placebo_gaps(pool, before, "demeaned")

    others = np.delete(pool, 4, axis=1)
    weights = weigh_donors(pool[:, 4][None], others, before, "demeaned")
    assert gaps[4] == pytest.approx(pool[:, 4] - others @ weights[0], abs=1e-6)
    assert placebo_gaps(pool, before, "mean")[2] == pytest.approx(
        pool[:, 2] - np.delete(pool, 2, axis=1).mean(axis=1)
    )


def test_demeaned_weights_do_not_know_the_levels_of_units():
    targets, pool = made_panel(9, 20, 1)
    before = np.arange(20) < 12

    weights = weigh_donors(targets, pool, before, "demeaned")
    moved = weigh_donors(targets + 50, pool + np.arange(9) * 10.0, before, "demeaned")

    assert moved == pytest.approx(weights, abs=1e-8)


def test_synthetic_did_minimises_what_its_paper_states():
    """Both weightings of Arkhangelsky et al. (2021), (4) and (6), by SciPy's SLSQP."""
    targets, pool = made_panel(6, 16, 1, seed=3)
    treated, before = targets[0], np.arange(16) < 10
    early, late = pool[before], pool[~before]
    noise = np.diff(early, axis=0).std(ddof=1)

    def search(loss, many):
        start = np.append(0.0, np.full(many, 1 / many))
        bounds = [(None, None), *[(0, 1)] * many]
        whole = {"type": "eq", "fun": lambda w: w[1:].sum() - 1}
        options = {"ftol": 1e-14, "maxiter": 500}
        found = minimize(loss, start, bounds=bounds, constraints=whole, options=options)
        return found.x[1:]

    ridge = 10 * (6**0.25 * noise) ** 2
    units = search(
        lambda w: (
            ((w[0] + early @ w[1:] - treated[before]) ** 2).sum() + ridge * (w[1:] ** 2).sum()
        ),
        6,
    )
    years = search(lambda w: ((w[0] + early.T @ w[1:] - late.mean(axis=0)) ** 2).sum(), 10)
    fit = fit_synthetic_did(treated, pool, before)

    assert fit.unit_weights == pytest.approx(units, abs=1e-4)
    gap = treated - pool @ units
    assert fit.estimate == pytest.approx(gap[~before].mean() - years @ gap[before], abs=2e-3)


def test_synthetic_did_moves_with_the_effect_and_with_nothing_else():
    targets, pool = made_panel(8, 16, 1)
    before = np.arange(16) < 10

    there = fit_synthetic_did(targets[0], pool, before).estimate
    moved = fit_synthetic_did(targets[0] + 7 + 2.5 * ~before, pool - 3, before).estimate

    assert moved - there == pytest.approx(2.5, abs=1e-5)


def test_placebo_synthetic_did_treats_each_donor_in_turn():
    _, pool = made_panel(5, 16, 1)
    before = np.arange(16) < 10

    placebos = placebo_synthetic_did(pool, before)

    third = fit_synthetic_did(pool[:, 2], np.delete(pool, 2, axis=1), before).estimate
    assert placebos.shape == (5,)
    assert placebos[2] == pytest.approx(third)
