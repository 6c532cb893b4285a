"""Steps in one series: what is laid out, and every refusal with its words."""

import numpy as np
import pandas as pd
import pytest

from analysis.design.steps import StepsDesign, condition_number, steps_design
from analysis.errors import DesignError

YEARS = range(1998, 2023)
ONSETS = {"pivot": 2012, "ukraine": 2014, "thaad": 2017}


def zigzag(years=YEARS, name: str = "arms of RUS>CHN") -> pd.Series:
    """Noise without meaning, the same every time."""
    values = np.random.default_rng(6).standard_normal(len(years))
    return pd.Series(values, index=list(years), name=name)


def without(*years: int) -> pd.Series:
    return zigzag().drop(list(years))


def test_each_step_is_one_from_its_onset_on():
    design = steps_design(zigzag(), ONSETS)

    for juncture, onset in ONSETS.items():
        column = design.regressors[juncture]
        assert (column.loc[: onset - 1] == 0).all()
        assert (column.loc[onset:] == 1).all()


def test_the_terms_are_the_steps_in_order_of_time_and_their_total():
    design = steps_design(zigzag(), {"thaad": 2017, "pivot": 2012})
    beta = pd.Series({"intercept": 9.0, "trend_1": 8.0, "pivot": 1.5, "thaad": 2.0})

    assert design.terms == ("pivot", "thaad", "total")
    assert list(design.regressors) == list(beta.index)
    assert (design.contrasts @ beta.to_numpy()).tolist() == [1.5, 2.0, 3.5]
    assert (design.joint @ beta.to_numpy()).tolist() == [1.5, 2.0]


@pytest.mark.parametrize(("trend", "powers"), [("none", 0), ("linear", 1), ("quadratic", 2)])
def test_the_trend_is_counted_in_decades_from_the_middle(trend, powers):
    x = steps_design(zigzag(), {"pivot": 2012}, trend=trend).regressors

    assert [name for name in x if name.startswith("trend")] == ["trend_1", "trend_2"][:powers]
    for power in range(1, powers + 1):  # the middle is 2010
        assert x.loc[2022, f"trend_{power}"] == pytest.approx(1.2**power)
        assert x.loc[2000, f"trend_{power}"] == pytest.approx((-1.0) ** power)


def test_missing_years_are_left_out_and_not_filled():
    gappy = without(2001, 2002)
    gappy[2005] = np.nan

    design = steps_design(gappy, ONSETS)

    assert sorted(set(YEARS) - set(design.years)) == [2001, 2002, 2005]
    assert design.layout.n_obs == 22


def test_years_in_any_order_make_the_same_design():
    shuffled = zigzag().sample(frac=1, random_state=1)

    assert steps_design(shuffled, ONSETS).series.equals(zigzag().astype(float))


def test_years_in_which_a_control_is_missing_are_left_out():
    control = pd.DataFrame({"oil": np.arange(24.0) ** 2}, index=range(1999, 2023))
    control.loc[2003] = np.nan

    design = steps_design(zigzag(), {"pivot": 2012}, controls=control)

    assert sorted(set(YEARS) - set(design.years)) == [1998, 2003]
    assert design.regressors["oil"].mean() == pytest.approx(0)
    assert design.regressors["oil"].std() == pytest.approx(1)


@pytest.mark.parametrize(("error_model", "onset"), [("ar1", 2012), ("ar1-constant", None)])
def test_the_innovation_sd_may_change_at_the_first_onset_only_if_so_asked(error_model, onset):
    assert steps_design(zigzag(), ONSETS, error_model=error_model).layout.onset == onset


def test_twenty_values_five_before_and_four_after_are_enough():
    assert len(steps_design(zigzag(range(2003, 2023)), {"pivot": 2012}).years) == 20
    assert steps_design(zigzag(), {"early": 2003}).first_onset == 2003
    assert steps_design(zigzag(), {"late": 2019}).first_onset == 2019


REFUSED = {
    "no values": (zigzag() * np.nan, {"pivot": 2012}, "There are no data: arms of RUS>CHN has no"),
    "onset in the first year": (
        zigzag(), {"pivot": 1998},
        "The onset of pivot, 1998, lies outside the values of arms of RUS>CHN, which run from "
        "1998 to 2022.",
    ),
    "onset after the last year": (
        zigzag(), {"pivot": 2012, "war": 2023}, "The onset of war, 2023, lies outside the values",
    ),
    "onset before the first year": (
        zigzag(), {"fall": 1992}, "The onset of fall, 1992, lies outside the values",
    ),
    "no value between two onsets": (
        without(2012, 2013), ONSETS,
        "arms of RUS>CHN has no value from 2012 to 2013, so the step of pivot cannot be told from "
        "that of ukraine.",
    ),
    "two onsets in one year": (
        zigzag(), {"pivot": 2012, "rebalance": 2012},
        "pivot and rebalance have the same onset, 2012; their steps in arms of RUS>CHN cannot be "
        "told apart.",
    ),
    "no onset": (zigzag(), {}, "No juncture is given at which arms of RUS>CHN might have stepped."),
    "nineteen values": (
        zigzag(range(2004, 2023)), {"pivot": 2012},
        "arms of RUS>CHN has 19 values; a single series needs 20.",
    ),
    "four before": (
        zigzag(), {"early": 2002},
        "arms of RUS>CHN has 4 values before 2002 and 21 from 2002 on; 5 and 4 are needed.",
    ),
    "three after": (
        zigzag(), {"pivot": 2012, "late": 2020},
        "arms of RUS>CHN has 14 values before 2012 and 3 from 2020 on; 5 and 4 are needed.",
    ),
    "constant": (
        zigzag() * 0 + 7, {"pivot": 2012},
        "arms of RUS>CHN never changes; a constant series cannot be tested.",
    ),
    "taken name": (
        zigzag(), {"total": 2012},
        "A juncture or control cannot be called total: the name is taken in this model.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("series", "onsets", "words"), REFUSED.values(), ids=REFUSED)
def test_a_question_the_data_cannot_answer_is_refused_in_words(series, onsets, words):
    with pytest.raises(DesignError) as refused:
        steps_design(series, onsets)

    assert str(refused.value).startswith(words)


@pytest.mark.parametrize(
    ("control", "condition"),
    [
        (np.array([float(year >= 2012) for year in YEARS]), r"\d{6,}"),
        (np.array([year / 7.0 for year in YEARS]), r"\d{6,}"),
        (np.full(25, 3.0), "inf"),
    ],
    ids=["the step again", "the trend again", "a constant"],
)
def test_collinear_regressors_are_refused(control, condition):
    controls = pd.DataFrame({"oil": control}, index=list(YEARS))

    with pytest.raises(
        DesignError,
        match=rf"regressors of arms of RUS>CHN are collinear: condition number {condition} after "
        r"centring, at most 30 is allowed\.",
    ):
        steps_design(zigzag(), {"pivot": 2012}, controls=controls)


def test_a_control_named_like_a_juncture_is_refused():
    control = pd.DataFrame({"pivot": zigzag()})

    with pytest.raises(DesignError, match="cannot be called pivot: the name is taken"):
        steps_design(zigzag(), {"pivot": 2012}, controls=control)


def test_unknown_words_are_refused_with_the_known_ones():
    with pytest.raises(DesignError, match=r"cubic is no trend; there are none, linear, quadratic"):
        steps_design(zigzag(), ONSETS, trend="cubic")
    with pytest.raises(DesignError, match=r"ar2 is no error model; there are ar1, ar1-constant"):
        steps_design(zigzag(), ONSETS, error_model="ar2")


def test_the_condition_number_by_hand():
    """Unit columns at 60 degrees have singular values root(1.5) and root(.5)."""
    basis = np.array([[1, -1, 0, 0], [0, 0, 1, -1]]) / np.sqrt(2)
    first, second = basis[0], 0.5 * basis[0] + np.sqrt(0.75) * basis[1]

    pair = pd.DataFrame({"a": 5 + 3 * first, "b": 700 - 0.1 * second})

    assert condition_number(pair) == pytest.approx(np.sqrt(3))


def test_moving_all_years_moves_nothing():
    """Regressors, contrasts and gaps do not know the calendar."""
    later = pd.Series(zigzag().to_numpy(), index=[year + 50 for year in YEARS], name="later")
    here: StepsDesign = steps_design(zigzag(), ONSETS)
    there = steps_design(later, {name: onset + 50 for name, onset in ONSETS.items()})

    assert there.regressors.to_numpy() == pytest.approx(here.regressors.to_numpy())
    assert (there.contrasts == here.contrasts).all()
    assert (there.layout.gaps == here.layout.gaps).all()
