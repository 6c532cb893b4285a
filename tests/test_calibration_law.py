"""The null law: recovers what was simulated, interpolates as by hand, and never depends on jobs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.law import simulate_fits, simulate_law
from analysis.calibration.null_law import Medians, NullLaw, Place
from analysis.calibration.size_table import null_design
from analysis.calibration.store import LawShelf
from analysis.design.steps import StepsDesign, steps_design
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

SERIES = 3000


@pytest.fixture(scope="module")
def design() -> StepsDesign:
    """Three steps and a trend in 1998-2022."""
    return null_design(1998)


@pytest.fixture(scope="module")
def law(design) -> NullLaw:
    return LawShelf(seed=1, series=4000).law(design.layout, design.contrasts, design.joint)


def null_fits(design: StepsDesign, rho: float, kappa: float) -> Fits:
    """Fits of series in which nothing happens, from another seed than the law."""
    return simulate_fits(
        design.layout, design.contrasts, design.joint,
        rho=rho, kappa=kappa, seed=2, stream="truth", series=SERIES,
    )  # fmt: skip


def fits_with(rho: list[float], kappa: list[float]) -> Fits:
    """Fits that show nothing but these raw estimates."""
    nothing = np.full((len(rho), 1), np.nan)
    return Fits(np.array(rho), np.array(kappa), nothing[:, 0], nothing, nothing, nothing[:, 0])


@pytest.fixture
def small_law() -> NullLaw:
    """By hand: artanh(rho) at 0 and 1, log(kappa) at 0 and 1, four null statistics a node.

    The medians of REML's rho and of the raw ratio lie .1 and .2 below the truth everywhere.
    """
    shift = np.array([[0.0, 10.0], [20.0, 30.0]])
    magnitudes = shift[:, :, None, None] + np.array([1.0, 2.0, 3.0, 4.0])
    rho, kappa = np.array([0.0, 1.0]), np.array([0.0, 1.0])
    flat = np.ones((2, 2))
    return NullLaw(
        rho=rho,
        kappa=kappa,
        medians=Medians((rho - 0.1)[:, None] * flat, (kappa - 0.2)[None, :] * flat),
        rho_bounds=np.stack([(rho - 0.6)[:, None] * flat, (rho + 0.4)[:, None] * flat]),
        sd_median=flat,
        magnitudes=magnitudes,
        joint=magnitudes[:, :, 0],
    )


@pytest.mark.parametrize(("rho", "kappa"), [(0.3, 1.0), (0.5, 0.5), (0.5, 2.0)])
def test_the_typical_sd_is_the_median_of_the_estimated_one(design, law, rho, kappa):
    """The innovation sd is one before the onset; halfway between nodes the law is mixed."""
    expected = np.median(null_fits(design, rho, kappa).innovation_sd)

    assert law.typical_sd(np.log(kappa), rho) == pytest.approx(expected, rel=0.025)


@pytest.mark.parametrize("kappa", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6, 0.8])
def test_the_unbiased_pair_has_the_truth_as_its_median(design, law, rho, kappa):
    found_rho, found_kappa = law.unbias(null_fits(design, rho, kappa))

    # A median of 3,000 estimates has an error of about .008; nodes lie .1 to .2 apart.
    assert np.tanh(np.median(found_rho)) == pytest.approx(rho, abs=0.035)
    assert np.exp(np.median(found_kappa)) == pytest.approx(kappa, rel=0.05)


def test_the_raw_estimates_need_that_correction(design):
    """With three steps REML's rho and the raw ratio are too low by more than they may be above."""
    fits = null_fits(design, 0.8, 2.0)

    assert np.median(fits.rho) < 0.8 - 0.05
    assert np.median(fits.kappa) < 2.0 * 0.9


@pytest.mark.parametrize(("rho", "kappa"), [(0.0, 1.0), (0.3, 2.0), (0.6, 1.0), (0.8, 1.0)])
def test_the_interval_of_rho_covers_it_in_nineteen_series_of_twenty(design, law, rho, kappa):
    fits = null_fits(design, rho, kappa)
    _, log_kappa = law.unbias(fits)

    pairs = zip(fits.rho[:1500], log_kappa[:1500], strict=True)
    ends = np.array([law.rho_interval(float(seen), float(each)) for seen, each in pairs])
    covered = ((ends[:, 0] <= rho) & (rho <= ends[:, 1])).mean()

    # Four standard errors of a share are .023; kappa, estimated too, costs up to .02 more.
    assert 0.915 <= covered <= 0.99


def test_an_estimate_at_the_largest_rho_leaves_every_rho_that_can_give_it(small_law):
    """The upper bound is flat from artanh(rho) = .5 on: the interval begins there."""
    bounds = np.stack([np.zeros((3, 1)), np.array([[1.0], [2.0], [2.0]])])
    law = NullLaw(
        rho=np.array([0.0, 0.5, 1.0]),
        kappa=np.array([0.0]),
        medians=Medians(np.zeros((3, 1)), np.zeros((3, 1))),
        rho_bounds=bounds,
        sd_median=np.ones((3, 1)),
        magnitudes=small_law.magnitudes,
        joint=small_law.joint,
    )

    low, high = law.rho_interval(float(np.tanh(2.0)), 0.0)

    assert np.arctanh(low) == pytest.approx(0.5)
    assert np.arctanh(high) == pytest.approx(1.0)


def test_unbiasing_adds_what_the_medians_lack(small_law):
    rho, kappa = small_law.unbias(fits_with([np.tanh(0.3)], [np.exp(0.5)]))

    assert rho == pytest.approx([0.4])  # .3 + .1
    assert kappa == pytest.approx([0.7])  # .5 + .2


def test_estimates_beyond_the_nodes_are_held_at_the_outermost(small_law):
    rho, kappa = small_law.unbias(fits_with([np.tanh(3.0), -0.9], [np.exp(9.0), np.exp(-9.0)]))

    assert rho == pytest.approx([1.0, 0.0])
    assert kappa == pytest.approx([1.0, 0.0])


def test_the_interval_of_rho_inverts_both_bounds(small_law):
    """Seen .5: the upper bound rho + .4 reaches it at .1, the lower bound rho - .6 at 1 (held)."""
    low, high = small_law.rho_interval(float(np.tanh(0.5)), 0.0)

    assert np.arctanh([low, high]) == pytest.approx([0.1, 1.0])


def test_exceedance_counts_by_hand(small_law):
    """At the first node 2 of 4 reach 2.5: (1 + 2) / (4 + 1), half of it on each side."""
    here, first = Place(np.zeros(3), np.zeros(3)), Place(np.zeros(1), np.zeros(1))

    p = small_law.exceedance(np.array([2.5, -2.5, 9.0]), 0, here)

    assert p == pytest.approx([0.3, 0.7, 0.1])
    assert small_law.joint_exceedance(np.array([2.5]), first) == pytest.approx([0.6])


def test_between_nodes_the_law_is_mixed_by_distance(small_law):
    """A quarter of the way in rho and half of the way in kappa: weights 3/8, 3/8, 1/8, 1/8."""
    place = Place(np.array([0.25]), np.array([0.5]))

    # The critical values of a share of 2/5 are 3, 13, 23 and 33 at the four nodes.
    critical = small_law.critical(0.4, 0, place)
    assert critical == pytest.approx([(3 * 3 + 3 * 13 + 23 + 33) / 8])
    assert small_law.joint_critical(0.4, place) == pytest.approx(critical)
    # 12.5 is reached by 0, 2, 4 and 4 of the four null statistics.
    p = small_law.exceedance(np.array([12.5]), 0, place)
    assert p == pytest.approx([0.5 * (3 * 1 + 3 * 3 + 5 + 5) / (8 * 5)])


def test_a_p_is_read_at_the_larger_pair_and_ranked_at_the_unbiased_one(small_law):
    """Lower quantiles lie .6 below the truth: at estimates of -.6 the pair is (0, 0), else higher.

    With one null series a node, of t 2.5, 12.5, 22.5 and 32.5, estimates as at the first node:
    p is read there, (1 + 2) / 5 for the first and 1 / 5 for the others.
    """
    lower = Medians(np.array([[-0.6, -0.6], [0.4, 0.4]]), np.array([[-0.6, 0.4], [-0.6, 0.4]]))
    law = replace(small_law, lower=lower)
    cautious = law.first_place(fits_with([np.tanh(-0.1)], [np.exp(-0.1)]))
    assert (cautious.rho, cautious.kappa) == (pytest.approx([0.5]), pytest.approx([0.5]))
    drawn = [
        replace(
            fits_with([np.tanh(-0.6)], [np.exp(-0.6)]),
            estimates=np.array([[t]]), std_errors=np.ones((1, 1)), joint=np.array([t]),
        )
        for t in (2.5, 12.5, 22.5, 32.5)
    ]  # fmt: skip

    again = law.read_again(drawn)

    assert again.again.ravel() == pytest.approx([0.6, 0.2, 0.2, 0.2])
    assert again.joint_again.ravel() == pytest.approx([0.6, 0.2, 0.2, 0.2])
    # t = 2.5 has p .6 at (0, 0), and at the node (0, 0) one of one is at most .6: rank 2 of 2.
    here = Place(np.zeros(1), np.zeros(1), Place(np.zeros(1), np.zeros(1)))
    assert again.exceedance(np.array([2.5]), 0, here) == pytest.approx([0.5])
    # 3.5 has p .4, below the one there is: rank 1 of 2.
    assert again.exceedance(np.array([3.5]), 0, here) == pytest.approx([0.25])
    assert again.first.exceedance(np.array([3.5]), 0, here) == pytest.approx([0.2])


def test_the_law_is_the_same_whatever_the_number_of_jobs(design):
    one, two = (
        simulate_law(
            design.layout, design.contrasts, design.joint,
            seed=4, stream="jobs", series=60, jobs=jobs,
        )
        for jobs in (1, 2)
    )  # fmt: skip

    assert one.medians.rho.tobytes() == two.medians.rho.tobytes()
    assert one.medians.kappa.tobytes() == two.medians.kappa.tobytes()
    for name in ("rho_bounds", "magnitudes", "joint"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()


def test_null_fits_are_the_same_whatever_block_they_are_computed_in(design):
    layout, years = design.layout, 25
    whole = simulate_fits(
        layout, design.contrasts, design.joint,
        rho=0.5, kappa=1.5, seed=3, stream="blocks", series=700,
    )  # fmt: skip

    for start, stop in [(0, 10), (490, 520), (699, 700)]:
        normals = standard_normals(3, "blocks", start, stop, years)
        errors = ar1_errors(normals, layout.years, 0.5, 1.5, layout.onset)
        block = fit_ar1(errors, layout, design.contrasts, design.joint)
        assert block.statistics == pytest.approx(whole.statistics[start:stop], rel=1e-9)
        assert block.joint == pytest.approx(whole.joint[start:stop], rel=1e-9)


def test_without_a_change_of_variance_kappa_is_one():
    years = range(1998, 2023)
    zigzag = pd.Series([float(year % 2) for year in years], index=years, name="zigzag")
    design = steps_design(zigzag, {"pivot": 2012}, error_model="ar1-constant")

    law = LawShelf(seed=1, series=200).law(design.layout, design.contrasts, design.joint)
    rho, kappa = law.unbias(null_fits(design, 0.4, 1.0))

    assert np.exp(law.kappa) == pytest.approx([1.0])
    assert (kappa == 0).all()
    assert np.tanh(np.median(rho)) == pytest.approx(0.4, abs=0.06)  # 200 series a node only
