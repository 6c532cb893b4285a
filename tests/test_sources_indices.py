"""Composite indices: the arithmetic against R, and what the declared ones claim of themselves."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DesignError
from analysis.sources.composite_members import COOPERATION, Index, Member
from analysis.sources.composites import (
    assemble_members,
    assess_indices,
    average_components,
    compose,
)
from analysis.sources.indices import (
    average,
    draw_indices,
    estimate_alpha,
    estimate_omega,
    find_first_component,
    fit_one_factor,
    standardise,
)
from analysis.sources.observations import Observation, read_observations

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "tests" / "reference"
R = json.loads((REFERENCE / "composite.json").read_text())["expected"]
ATTITUDE = pd.read_csv(REFERENCE / "attitude.csv")
ARRESTS = pd.read_csv(REFERENCE / "usarrests.csv")
RNG = np.random.default_rng(1)


def test_the_first_component_agrees_with_r():
    """R 4.2.2: prcomp(USArrests, scale. = TRUE); signs of loadings are arbitrary."""
    _, loadings, share = find_first_component(ARRESTS.to_numpy(float))
    variances = np.square(R["usarrests_sdev"])

    assert np.abs(loadings) == pytest.approx(np.abs(list(R["usarrests_loadings_pc1"].values())))
    assert share == pytest.approx(variances[0] / variances.sum())


def test_alpha_agrees_with_r():
    """R 4.2.2, psych 2.2.9: alpha(attitude), standardised."""
    assert estimate_alpha(ATTITUDE.to_numpy(float)) == pytest.approx(R["attitude_alpha_std"])


def test_the_common_factor_agrees_with_r():
    """R 4.2.2: factanal(attitude, 1), which stops at a looser tolerance."""
    loadings = fit_one_factor(ATTITUDE.to_numpy(float))

    assert loadings == pytest.approx(list(R["factanal_loadings"].values()), abs=1e-4)


def test_omega_is_what_it_is_by_hand():
    """Three members, each .8 factor: (3 x .8)^2 over that and 3 x (1 - .64), which is .842."""
    rng = np.random.default_rng(5)
    factor = rng.standard_normal(200_000)
    noise = rng.standard_normal((200_000, 3))
    members = 0.8 * factor[:, None] + 0.6 * noise

    assert estimate_omega(members) == pytest.approx(5.76 / (5.76 + 1.08), abs=0.005)  # sampling


def test_an_index_does_not_depend_on_units_of_measure_or_order_of_members():
    members = ATTITUDE.to_numpy(float)
    other = (members * [1, 10, 0.5, 2, 3, 1, 7] + 4)[:, ::-1]

    assert average(other) == pytest.approx(average(members))
    assert find_first_component(other)[0] == pytest.approx(find_first_component(members)[0])


def test_an_index_has_mean_zero_and_standard_deviation_one():
    for index in (
        average(ATTITUDE.to_numpy(float)),
        *draw_indices(ARRESTS.to_numpy(float), 5, RNG),
    ):
        assert index.mean() == pytest.approx(0, abs=1e-12)
        assert index.std(ddof=1) == pytest.approx(1)


def test_drawn_weights_are_the_same_with_the_same_seed_and_differ_with_another():
    members = ARRESTS.to_numpy(float)
    one, same, other = (draw_indices(members, 3, np.random.default_rng(s)) for s in (1, 1, 2))

    assert np.array_equal(one, same)
    assert not np.allclose(one, other)


def test_a_member_that_never_changes_is_refused():
    members = np.column_stack([np.arange(5.0), np.ones(5)])

    with pytest.raises(DesignError, match="Member 2 of the index never changes"):
        standardise(members)


def test_an_index_has_only_years_in_which_every_member_has_a_value():
    index = (Member("A", "x", ("one", "two")), Member("A", "y", ("one",)))
    values = {
        ("A", 2000, "x", "one"): 1.0,
        ("A", 2000, "x", "two"): 9.0,
        ("A", 2000, "y", "one"): 5.0,
        ("A", 2001, "x", "two"): 2.0,
        ("A", 2001, "y", "one"): 6.0,
        ("A", 2002, "x", "one"): 3.0,
    }

    years, matrix = assemble_members(index, values)

    assert years == [2000, 2001]
    assert matrix.tolist() == [[1.0, 5.0], [2.0, 6.0]]  # the first source that has the year


def test_a_component_weighs_the_same_however_many_members_it_has():
    members = ATTITUDE.to_numpy(float)[:, :3]
    one = Member("A", "x", ("one",))
    index = Index("x_index", "A", {"single": (one,), "double": (one, one)})
    by_hand = average(np.column_stack([members[:, 0], average(members[:, 1:])]))

    assert average_components(index, members) == pytest.approx(by_hand)


def test_too_few_years_make_no_index():
    rows = [
        Observation(m.unit, year, m.variable, year % 7 + 1.0, "reported", m.sources[0], "made")
        for m in COOPERATION.members
        for year in range(2000, 2009)
    ]

    assert list(compose(rows)) == []


def test_the_codebook_states_the_reliability_the_indices_have():
    observations = read_observations(ROOT / "data" / "observations.csv")
    notes = pd.read_csv(ROOT / "data" / "codebook.csv", index_col="variable")["note"]

    for row in assess_indices(observations):
        said = notes[row.variable]
        assert f"{row.alpha:.2f}".replace("0.", ".") in said
        assert f"{row.component:.2f}".replace("0.", ".") in said
