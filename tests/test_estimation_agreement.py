"""Scores of agreement in votes: as psych has them, by hand, symmetric, refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DesignError
from analysis.estimation.agreement import score_agreement, score_by_year

CASE = json.loads(
    (Path(__file__).parent / "reference" / "vote_agreement.json").read_text(encoding="utf-8")
)


def test_scores_are_those_of_r():
    """R 4.2.2, psych::cohen.kappa and base R, on the 60 votes of reference/vote_agreement.json."""
    score = score_agreement(CASE["first"], CASE["second"])

    for name, known in {
        "share": "agreement",
        "half": "agreement_half_for_abstain",
        "s_score": "S_score_absolute",
        "kappa": "cohen_kappa",
        "kappa_squared": "cohen_kappa_weighted_quadratic",
        "pi": "scott_pi",
        "pi_squared": "pi_squared_distance",
    }.items():
        assert score.to_dict()[name] == pytest.approx(CASE[known], rel=1e-9), name


def test_by_hand():
    """Votes 1 1 3 3 and 1 3 3 1: half agree, S = 1 - 2 x 4 / (4 x 2) = 0; by chance half too."""
    score = score_agreement([1, 1, 3, 3], [1, 3, 3, 1])

    assert (score.share, score.half, score.s_score) == (0.5, 0.5, 0.0)
    assert (score.kappa, score.pi, score.pi_squared) == (0.0, 0.0, 0.0)


def test_absent_votes_do_not_count_and_the_order_of_states_does_not_matter():
    first = [*CASE["first"], np.nan, 1.0]
    second = [*CASE["second"], 3.0, np.nan]

    score = score_agreement(first, second)

    assert score.votes == 60
    assert score == score_agreement(CASE["first"], CASE["second"])
    assert score.to_dict() == pytest.approx(score_agreement(second, first).to_dict())


def test_states_that_vote_at_random_agree_no_more_than_by_chance():
    first, second = np.random.default_rng(4).choice([1, 2, 3], (2, 40_000), p=[0.7, 0.2, 0.1])

    score = score_agreement(first, second)

    assert score.share == pytest.approx(0.54, abs=0.01)
    for each in (score.kappa, score.kappa_squared, score.pi, score.pi_squared):
        assert each == pytest.approx(0.0, abs=0.02)


def test_where_all_votes_are_alike_chance_leaves_nothing():
    assert np.isnan(score_agreement([1, 1], [1, 1]).kappa)


def test_each_year_is_scored_by_itself():
    votes = pd.DataFrame(
        {"CHN": [1, 1, 3, 2], "RUS": [1, 3, 3, 2]}, index=pd.Index([2001, 2001, 2002, 2002])
    )

    assert score_by_year(votes, "CHN", "RUS")["share"].to_dict() == {2001: 0.5, 2002: 1.0}


def test_what_are_no_joint_votes_is_refused():
    with pytest.raises(DesignError, match="no vote in common"):
        score_agreement([1, np.nan], [np.nan, 1])
    with pytest.raises(DesignError, match="Votes are 1 for yes"):
        score_agreement([1, 8], [1, 1])
    with pytest.raises(DesignError, match="2 votes of one state and 1 of the other"):
        score_agreement([1, 1], [1])
