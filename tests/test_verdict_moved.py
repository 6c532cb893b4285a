"""A claim that a series hardly moved is about its whole change, trend and all."""

import numpy as np
import pytest

from tests.made_study import EXPORTS, YEARS, claim, noise, verdicts_on

ASKED = {
    "design": "equivalence", "junctures": ["treaty"], "until": 2013, "alternative": "greater",
    "effect_unit": "outcome", "smallest_effect": 8.0, "claimed_effect": 8.0,
}  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_searched(monkeypatch):
    """What turns a finding has tests of its own."""
    monkeypatch.setattr("analysis.verdict.run.search_flips", lambda *_: {})


@pytest.mark.parametrize(
    ("term", "finding"), [("moved", "contradicted"), ("left", "supported")], ids=["moved", "left"]
)
def test_on_a_steep_line_a_series_moves_though_nothing_is_left_beyond_the_line(
    tmp_path, term, finding
):
    """5 a year make 15 from 2010 to 2013, far above 8; beyond the line there is nothing."""
    climb = noise(sd=0.5) + 5.0 * (YEARS - YEARS[0])
    (verdict,) = verdicts_on(tmp_path, {EXPORTS: climb}, claim(term=term, **ASKED)).values()

    assert verdict.finding == finding, verdict.reason
    assert np.isfinite(verdict.to_dict()["estimate"])
