"""What a design could find, and what habits find where nothing is, asked in words."""

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.ask_plan import (
    NEWEY_WEST,
    OLS,
    THIS,
    false_positives,
    plan,
    second_opinions,
)
from analysis.calibration.asked import Asked
from analysis.calibration.plan import plan_steps
from analysis.calibration.second_opinions import tabulate_opinions
from analysis.calibration.steps import calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import steps_design
from analysis.errors import DesignError, UsageError
from analysis.panel.panel import Panel

YEARS = (1992, 2022)
ONSETS = {"one": 2004, "two": 2013}


def test_a_plan_is_what_the_planning_measures():
    prospects = plan_steps(YEARS, ONSETS, (0.4,), shelf=LawShelf(seed=3, series=300), series=500)

    outlook = plan(
        years=YEARS, junctures=ONSETS, rho=(0.4,), effect=2.0, series=500, law=300, seed=3
    )

    table = outlook.to_frame()
    for one in prospects:
        row = table.loc[(0.4, one.term)]
        assert row["size"] == one.size
        assert row["power 2 sd"] == one.power[2.0]
        assert row["detectable"] == one.detectable
    assert "decided from" in outlook._repr_html_()
    assert outlook.to_dict()["rows"][0]["rho"] == 0.4
    bare = plan(years=YEARS, junctures=ONSETS, rho=(0.4,), series=500, law=300, seed=3)
    pd.testing.assert_frame_equal(bare.to_frame(), table.drop(columns="decided from"))
    assert repr(outlook).startswith("Steps in 2004 and 2013, 1992-2022")


def test_least_squares_keeps_its_level_without_autocorrelation_and_loses_it_with():
    table = false_positives(
        years=YEARS, junctures=ONSETS, rho=(0.0, 0.8), series=4_000, law=1_000
    ).to_frame()

    # 4,000 series: four Monte Carlo errors of .05 are .014
    assert table.loc[0.0, OLS].between(0.036, 0.064).all()
    assert (table.loc[0.8, OLS] > 0.12).all()
    assert (table.loc[0.0, NEWEY_WEST] > 0.064).all()  # too sure of itself in 31 years, even so
    assert table[THIS].between(0.03, 0.08).all()  # a law of 1,000 series a node adds its own error


def test_second_opinions_are_those_of_the_table(monkeypatch):
    shelf = LawShelf(seed=5, series=300)
    monkeypatch.setattr(Asked, "shelf", shelf)
    years = np.arange(1992, 2023)
    values = pd.Series(np.random.default_rng(4).standard_normal(31), index=years)
    panel = Panel.from_frame(
        pd.DataFrame({"state": "A", "year": years, "calm": values.to_numpy()}),
        unit="state",
        year="year",
    )
    test = calibrate_steps(steps_design(values, ONSETS, name="calm of A"), shelf, draws=199)

    found = second_opinions(
        panel, outcome="calm", unit="A", junctures=ONSETS, draws=199, series=200
    )

    same = tabulate_opinions(test, "one", shelf, series=200)
    pd.testing.assert_frame_equal(found.to_frame(), same.to_frame())
    assert "<td>decides</td>" in found._repr_html_()
    assert "one in calm of A, p against two-sided" in repr(found)


@pytest.mark.parametrize("ask", [plan, false_positives])
@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"rho": ()}, UsageError, "give at least one"),
        ({"rho": (1.0,)}, UsageError, "within -0.6 and 0.98"),
        ({"alternative": "up"}, UsageError, 'alternative "up"'),
        ({"junctures": {"late": 2021}}, DesignError, "2 from 2021 on; 5 and 4 are needed"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_words(ask, changes, error, words):
    asked = {"years": YEARS, "junctures": ONSETS, "rho": (0.4,), "series": 100, "law": 100}
    with pytest.raises(error, match=words):
        ask(**(asked | changes))
