"""Jonckheere-Terpstra, against R and against all assignments."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from analysis.kernel.orders import jonckheere, jonckheere_law, rank_order

R = json.loads(
    (Path(__file__).parent / "reference" / "jonckheere.json").read_text(encoding="utf-8")
)


def pooled(case: str) -> tuple[np.ndarray, np.ndarray]:
    groups = R[case]["groups"]
    labels = [number for number, group in enumerate(groups) for _ in group]
    return np.array([value for group in groups for value in group], float), np.array(labels)


def test_tie_free_groups_as_in_r():
    """clinfun 1.1.5: groups of 5, 4, 5 and 4; exact law."""
    found = rank_order(*pooled("no_ties"))

    assert found.statistic == R["no_ties"]["statistic"]
    assert found.p_exact == pytest.approx(R["no_ties"]["p_exact"], rel=1e-9)


def test_groups_with_ties_as_in_r():
    """clinfun 1.1.5: normal law, and 200,000 permutations, whose error is .0003."""
    expected = R["hollander_wolfe"]
    found = rank_order(*pooled("hollander_wolfe"))

    assert found.statistic == expected["statistic"]
    assert found.p_normal == pytest.approx(expected["p_normal"], rel=1e-9)
    assert found.p_exact == pytest.approx(expected["p_permuted"], rel=0.03)


@pytest.mark.parametrize(
    "values",
    [[3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.6], [3.0, 1.0, 3.0, 1.0, 5.0, 3.0, 2.0], [1.0] * 7],
)
def test_the_law_is_that_of_all_orders(values):
    groups = np.array([0, 0, 0, 1, 1, 2, 2])
    drawn = [jonckheere(np.array(order), groups) for order in permutations(values)]

    law = jonckheere_law(np.array(values), (3, 2, 2))

    assert law == pytest.approx(np.bincount((2 * np.array(drawn)).astype(int), minlength=33) / 5040)


def test_only_ranks_matter_and_the_opposite_order_mirrors():
    values, groups = pooled("no_ties")

    there = rank_order(np.exp(values), groups)
    back = rank_order(-values, groups)

    assert there == rank_order(values, groups)
    pairs = 5 * 4 + 5 * 5 + 5 * 4 + 4 * 5 + 4 * 4 + 5 * 4
    assert back.statistic == pairs - there.statistic


def test_many_observations_are_read_against_the_normal_law():
    values = np.random.default_rng(1).standard_normal(200)

    found = rank_order(values, np.repeat([0, 1, 2, 3], 50))

    assert np.isnan(found.p_exact)
    assert 0 < found.p_normal < 1
