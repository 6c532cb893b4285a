"""Holm's correction: as R computes it, whatever the order."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.verdict.multiplicity import adjust_holm, adjust_one

HOLM = json.loads((Path(__file__).parent / "reference" / "holm.json").read_text(encoding="utf-8"))


def test_holm_agrees_with_r():
    """R 4.2.2: p.adjust(p, "holm"), ten values in reference/holm.json."""
    adjusted = adjust_holm(pd.Series(HOLM["p"]))

    assert adjusted.to_list() == pytest.approx(HOLM["holm"], rel=1e-8)


def test_holm_does_not_depend_on_the_order():
    names = [f"H{place}" for place in range(10)]
    expected = dict(zip(names, HOLM["holm"], strict=True))
    shuffled = pd.Series(HOLM["p"], index=names).sample(frac=1, random_state=4)

    adjusted = adjust_holm(shuffled)

    assert list(adjusted.index) == list(shuffled.index)
    assert adjusted.to_dict() == pytest.approx(expected)


def test_one_claim_is_not_corrected_and_equal_ones_stay_equal():
    assert adjust_holm(pd.Series({"H1": 0.03})).to_dict() == {"H1": 0.03}
    assert adjust_holm(pd.Series([0.02, 0.02, 0.02])).to_list() == pytest.approx([0.06] * 3)


def test_one_among_others_is_corrected_as_in_the_table_of_all():
    rng = np.random.default_rng(5)
    for _ in range(200):
        p_values = np.round(rng.random(rng.integers(1, 9)) ** 2, 2)  # ties among them
        table = pd.Series(p_values)

        one = adjust_one(float(p_values[0]), list(map(float, p_values[1:])))

        assert one == adjust_holm(table)[0]
