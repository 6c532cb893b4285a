"""Null laws that questions asked in one session share."""

import numpy as np
import pandas as pd

from analysis.calibration.ask import steps
from analysis.calibration.shelves import MOST_LAWS, RecentLaws, shared_shelf
from analysis.calibration.store import LawShelf
from analysis.panel.panel import Panel


def test_the_least_recently_used_law_makes_room():
    laws = RecentLaws()
    for name in range(MOST_LAWS):
        laws[str(name)] = f"law {name}"
    assert laws["0"] == "law 0"  # the most recent now

    laws["new"] = "law new"

    assert set(laws) == {"0", "new", *(str(name) for name in range(2, MOST_LAWS))}


def test_questions_with_one_seed_share_a_shelf():
    assert shared_shelf(101) is shared_shelf(101)
    assert shared_shelf(102) is not shared_shelf(101)


def test_a_shared_law_gives_the_answer_of_a_fresh_one(monkeypatch):
    """Another outcome on the same years and dates takes over the law and finds its own answer."""
    years = np.arange(1992, 2023)
    noise = np.random.default_rng(8).standard_normal((2, len(years)))
    table = pd.DataFrame({"state": "A", "year": years, "one": noise[0], "two": noise[1]})
    panel = Panel.from_frame(table, unit="state", year="year")
    asked = {"unit": "A", "junctures": {"turn": 2010}, "draws": 199, "seed": 103}
    kept = LawShelf(seed=103, series=200, _laws=RecentLaws())
    monkeypatch.setattr("analysis.calibration.ask.shared_shelf", lambda seed: kept)
    steps(panel, outcome="one", **asked)

    shared = steps(panel, outcome="two", **asked)

    assert len(kept._laws) == 1
    fresh = LawShelf(seed=103, series=200)
    monkeypatch.setattr("analysis.calibration.ask.shared_shelf", lambda seed: fresh)
    pd.testing.assert_frame_equal(
        shared.to_frame(), steps(panel, outcome="two", **asked).to_frame(), check_exact=True
    )
