"""The gap of one treated unit: weights, years, donors left out, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.design.gap import GapDesign, gap_design
from analysis.errors import DesignError, UsageError

YEARS = np.arange(1990, 2020)
ONSETS = {"shock": 2008}


def made_units(donors: int = 8, seed: int = 1) -> tuple[pd.Series, pd.DataFrame]:
    """A treated unit and donors that share a factor, 1990-2019."""
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal(30).cumsum()
    values = factor[:, None] * rng.uniform(0.5, 1.5, donors + 1)
    values += 0.5 * rng.standard_normal((30, donors + 1))
    names = [f"D{number:02}" for number in range(donors)]
    treated = pd.Series(values[:, 0], index=YEARS, name="score")
    return treated, pd.DataFrame(values[:, 1:], index=YEARS, columns=names)


def laid_out(treated: pd.Series, donors: pd.DataFrame, **options) -> GapDesign:
    return gap_design(treated, donors, ONSETS, unit="A-B", outcome="score", **options)


def test_the_gap_to_the_mean_is_the_difference_by_year():
    treated, donors = made_units()

    design = laid_out(treated, donors)

    by_hand = treated - donors.sum(axis=1) / 8
    pd.testing.assert_series_equal(design.steps.series, by_hand, check_names=False)
    assert design.weights.tolist() == [1 / 8] * 8
    assert design.steps.terms == ("shock", "total")


def test_synthetic_weights_give_the_closest_mixture_before_the_onset_and_see_nothing_after():
    treated, donors = made_units()
    disturbed = treated.where(treated.index < 2008, 99.0 + treated)

    design = laid_out(treated, donors, weighting="synthetic")

    before = treated.index < 2008
    fit = ((treated - donors @ design.weights)[before] ** 2).sum()
    for mixture in np.random.default_rng(3).dirichlet(np.ones(8), 300):
        assert fit <= ((treated - donors @ mixture)[before] ** 2).sum()
    moved = laid_out(disturbed, donors, weighting="synthetic").weights
    pd.testing.assert_series_equal(moved, design.weights)


def test_demeaned_weights_and_gap_do_not_know_the_levels_of_donors():
    treated, donors = made_units()

    design = laid_out(treated, donors, weighting="demeaned")
    raised = laid_out(treated, donors + np.arange(8) * 5.0, weighting="demeaned")

    assert raised.weights.to_numpy() == pytest.approx(design.weights.to_numpy(), abs=1e-8)
    apart = (treated - design.counterfactual)[treated.index < 2008]
    assert apart.mean() == pytest.approx(0.0, abs=1e-12)
    assert raised.counterfactual.to_numpy() == pytest.approx(
        design.counterfactual.to_numpy(), abs=1e-6
    )


def test_detrended_weights_do_not_know_the_trends_of_units():
    treated, donors = made_units()
    line = pd.Series(np.arange(30.0), index=YEARS)
    own = pd.DataFrame({name: line * k for k, name in enumerate(donors)}, index=YEARS)

    weights = laid_out(treated, donors, weighting="detrended").weights
    turned = laid_out(treated - 2 * line, donors + own, weighting="detrended").weights

    assert turned.to_numpy() == pytest.approx(weights.to_numpy(), abs=1e-7)
    demeaned = laid_out(treated - 2 * line, donors + own, weighting="demeaned").weights
    assert np.abs(demeaned - weights).max() > 0.1


def test_what_moves_all_units_alike_is_no_part_of_the_gap():
    treated, donors = made_units()
    common = pd.Series(np.random.default_rng(5).standard_normal(30).cumsum() * 9, index=YEARS)

    for weighting in ("mean", "demeaned", "detrended", "synthetic"):
        there = laid_out(treated, donors, weighting=weighting).steps.series
        moved = laid_out(treated + common, donors.add(common, axis=0), weighting=weighting)
        assert moved.steps.series.to_numpy() == pytest.approx(there.to_numpy(), abs=1e-6)


def test_donors_without_a_value_in_some_year_are_left_out_and_named():
    treated, donors = made_units()
    donors.loc[2001, "D03"] = np.nan
    donors.loc[:1995, "D06"] = np.nan

    design = laid_out(treated, donors)

    assert design.dropped == ("D03", "D06")
    assert list(design.donors) == ["D00", "D01", "D02", "D04", "D05", "D07"]
    by_hand = treated - donors[list(design.donors)].mean(axis=1)
    assert design.steps.series.to_numpy() == pytest.approx(by_hand.to_numpy())


def test_a_year_that_the_treated_unit_lacks_costs_no_donor():
    treated, donors = made_units()
    donors.loc[2001, "D03"] = np.nan

    design = laid_out(treated.drop(2001), donors)

    assert design.dropped == ()
    assert 2001 not in design.steps.years


def test_years_at_the_end_that_most_donors_lack_are_left_out():
    treated, donors = made_units()
    donors.loc[2018:, "D01":"D07"] = np.nan

    design = laid_out(treated, donors)

    assert design.steps.years[-1] == 2017
    assert design.dropped == ()


def test_weights_are_chosen_anew_for_each_series_put_in_place_of_the_treated():
    treated, donors = made_units()
    design = laid_out(treated, donors, weighting="synthetic")
    other = donors["D02"].to_numpy() * 0.5 + donors["D05"].to_numpy() * 0.5

    gaps = design.gaps_of(np.stack([treated.to_numpy(), other]))

    assert gaps[0] == pytest.approx(design.steps.series.to_numpy())
    assert gaps[1] == pytest.approx(np.zeros(30), abs=1e-6)


def test_the_weighting_is_worded_for_a_table():
    treated, donors = made_units()

    words = laid_out(treated, donors, weighting="demeaned").weighting_in_words

    assert words == "gap to a demeaned synthetic control of 8 donors, weighted on 1990-2007"
    assert laid_out(treated, donors).weighting_in_words == "gap to the mean of 8 donors"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d[[]], "no comparison unit with which A-B could be compared"),
        (lambda d: d.rename(columns={"D00": "A-B"}), "A-B is the treated unit"),
        (lambda d: d.rename(columns={"D00": "D01"}), "D01 stands more than once"),
        (lambda d: d * np.nan, "no donor of score of A-B has a value"),
        (lambda d: d.drop(2000), "0 donors have a value in each of the 30 years"),
        (
            lambda d: d.loc[:2007],
            "values from 1990 to 2007 only; the onset of shock, 2008, lies outside",
        ),
    ],
)
def test_donors_that_cannot_be_compared_with_are_refused(change, words):
    treated, donors = made_units()

    with pytest.raises(DesignError, match=words):
        laid_out(treated, change(donors))


def test_a_synthetic_control_needs_two_donors():
    treated, donors = made_units()

    with pytest.raises(DesignError, match="the weighting synthetic needs 2"):
        laid_out(treated, donors[["D00"]], weighting="synthetic")


def test_a_synthetic_control_needs_years_before_the_onset():
    treated, donors = made_units()

    with pytest.raises(DesignError, match="3 values before the first onset; 5 are needed to weigh"):
        gap_design(
            treated, donors, {"early": 1993}, unit="A-B", outcome="score", weighting="demeaned"
        )


def test_a_treated_unit_that_its_donors_reproduce_exactly_is_refused():
    treated, donors = made_units()
    mixture = donors["D01"] * 0.5 + donors["D04"] * 0.5
    exact = treated.where(treated.index >= 2008, mixture)

    with pytest.raises(DesignError, match="reproduce score of A-B before 2008 without error"):
        laid_out(exact, donors, weighting="synthetic")


def test_a_line_that_detrended_weights_leave_is_no_error_to_judge_by():
    """Donors that give the treated unit but for a line: the gap before holds nothing else."""
    treated, donors = made_units()
    mixture = donors["D01"] * 0.5 + donors["D04"] * 0.5 + 0.3 * (donors.index - 2000)
    exact = treated.where(treated.index >= 2008, mixture)

    with pytest.raises(DesignError, match="reproduce score of A-B before 2008 without error"):
        laid_out(exact, donors, weighting="detrended")


def test_conditions_of_a_single_series_hold_for_the_gap():
    treated, donors = made_units()

    with pytest.raises(DesignError, match="gap of score of A-B has 15 values; a single series"):
        laid_out(treated.loc[2000:2014], donors)


def test_there_is_no_other_weighting():
    treated, donors = made_units()

    with pytest.raises(UsageError, match='no weighting "elastic"'):
        laid_out(treated, donors, weighting="elastic")
