"""Sets of dates, unknown dates, orders of stages and first events asked in words."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from analysis.calibration import ask_dates
from analysis.calibration.ask_dates import break_date, date_set, firsts, order
from analysis.calibration.asked import Asked
from analysis.calibration.break_date_test import calibrate_expected_date
from analysis.calibration.break_law import DateShelf
from analysis.calibration.date_set import rank_date_set
from analysis.calibration.firsts import rank_firsts
from analysis.calibration.measure import Gauge
from analysis.calibration.order import judge_order
from analysis.calibration.steps import calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.date_set import date_set_design
from analysis.design.firsts import firsts_design
from analysis.design.steps import steps_design
from analysis.design.unknown_date import unknown_date_design
from analysis.errors import DesignError, UsageError
from analysis.panel.panel import Panel

YEARS = np.arange(1992, 2023)
STAGES = {"one": 2001, "two": 2007, "three": 2014}
SHELF = LawShelf(seed=17, series=400)


@pytest.fixture(autouse=True)
def _few_series(monkeypatch):
    """Sizes counted in fewer series than anyone should report."""
    monkeypatch.setattr(Asked, "shelf", SHELF)
    monkeypatch.setattr(ask_dates, "Gauge", partial(Gauge, series=400))


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Noise, and noise on a staircase of three steps of 4."""
    noise = np.random.default_rng(11).standard_normal(len(YEARS))
    stairs = 4.0 * sum(onset <= YEARS for onset in STAGES.values())
    table = {"state": "A", "year": YEARS, "calm": noise, "stairs": noise + stairs}
    return Panel.from_frame(pd.DataFrame(table), unit="state", year="year")


def test_a_set_of_dates_has_the_exact_p_of_its_placements(panel):
    design = date_set_design(panel.series("stairs", "A"), STAGES, name="stairs of A")

    result = date_set(panel, outcome="stairs", unit="A", junctures=STAGES, series=200)

    ranked = rank_date_set(design)
    assert result.to_frame().loc["dates", "p_value"] == ranked.p_value <= 0.01
    pd.testing.assert_frame_equal(result.tables["changes"], ranked.to_frame())
    assert "not that each of them did its part" in result.answer


def test_dates_at_which_nothing_happens_are_not_found(panel):
    result = date_set(panel, outcome="calm", unit="A", junctures=STAGES, series=200)

    assert result.to_frame().loc["dates", "p_value"] > 0.05


def test_an_unknown_date_is_searched_and_its_years_are_given(panel):
    design = unknown_date_design(
        panel.series("stairs", "A"), name="stairs of A", search=(2004, 2010)
    )
    test = calibrate_expected_date(
        design, DateShelf(20261121, 200), expected=(2006, 2008), alternative="greater", draws=199
    )

    result = break_date(
        panel, outcome="stairs", unit="A", search=(2004, 2010), expected=(2006, 2008), draws=199,
        series=200,
    )  # fmt: skip

    row = result.to_frame().loc["step"]
    reading = test.read("step", alternative="greater", alpha=0.05)
    assert (row["estimate"], row["p_value"]) == (reading.estimate, reading.p_value)
    pd.testing.assert_frame_equal(result.tables["dates"], test.table)
    assert result.tables["dates"].index.tolist() == list(range(2004, 2011))


def test_any_date_searched_is_expected_unless_said(panel):
    result = break_date(panel, outcome="calm", unit="A", draws=199, series=200)

    first, last = result.tables["dates"].index[[0, -1]]
    assert f"within the years claimed, {first} to {last}" in result.answer
    assert result.to_frame().loc["step", "p_value"] < 1


def test_an_order_is_judged_by_its_smallest_stage(panel):
    steps = calibrate_steps(
        steps_design(panel.series("stairs", "A"), STAGES, name="stairs of A"), SHELF, draws=199
    )
    judged = judge_order(steps, alternative="greater")

    result = order(panel, outcome="stairs", unit="A", junctures=STAGES, draws=199, series=200)

    stages = result.tables["stages"]
    assert result.to_frame().loc["order", "p_value"] == judged.p_value
    assert result.to_frame().loc["order", "estimate"] == stages["estimate"].min()
    assert stages.index.tolist() == list(STAGES)


def test_first_events_are_counted_in_windows():
    dates = ["2005-03-02", "2012-02-01", "2012-04-22", "2012-09-30", "2014-05-20", "2014-06-01"]
    table = pd.DataFrame({"event": range(6), "date": dates})
    onsets = {"pivot": "2012-01-05", "ukraine": "2014-03-18"}
    design = firsts_design(dates, onsets, period=(2002, 2022), window_months=12)

    result = firsts(table, junctures=onsets, period=(2002, 2022), series=100)

    reading = rank_firsts(design)
    assert result.to_frame().loc["windows", "p_value"] == reading.p_value
    assert result.tables["windows"].loc["after", "inside"] == reading.inside == 5
    assert "rho" not in result.summary()
    assert repr(firsts(dates, junctures=onsets, period=(2002, 2022), series=100)) == repr(result)


@pytest.mark.parametrize(
    ("ask", "changes", "error", "words"),
    [
        (date_set, {"alternative": "two-sided"}, UsageError, "goes up or down"),
        (break_date, {"alternative": "two-sided"}, UsageError, "goes up or down"),
        (order, {"alternative": "two-sided"}, UsageError, "goes up or down"),
        (order, {"junctures": {"one": 2001}}, DesignError, "one juncture|two"),
        (date_set, {"statistic": "mean"}, DesignError, "mean"),
        (break_date, {"expected": (1980, 1985)}, DesignError, "No year from 1980 to 1985"),
        (date_set, {"outcome": "loud"}, UsageError, 'no variable "loud"'),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(panel, ask, changes, error, words):
    asked = {"outcome": "calm", "unit": "A", "series": 100}
    if ask is not break_date:
        asked["junctures"] = STAGES
    with pytest.raises(error, match=words):
        ask(panel, **(asked | changes))


def test_a_table_of_events_needs_dates():
    with pytest.raises(UsageError, match='needs a column "date"'):
        firsts(pd.DataFrame({"when": ["2012-01"]}), junctures={"a": "2012-01"}, period=(2002, 2022))
