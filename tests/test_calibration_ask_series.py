"""Bends, late effects, effects too small, counts and shares asked of a panel in words."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from analysis.calibration import ask_ratios, ask_series, ratio_test
from analysis.calibration.ask_ratios import counts, shares
from analysis.calibration.ask_series import equivalence, kink, lags
from analysis.calibration.asked import Asked
from analysis.calibration.equivalence_test import EquivalenceTest
from analysis.calibration.kink_test import KinkTest
from analysis.calibration.lags import read_lags
from analysis.calibration.measure import Gauge
from analysis.calibration.rates import calibrate_rates, calibrate_shares
from analysis.calibration.ratio_test import RatioTest
from analysis.calibration.steps import calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.calibration.terms import calibrate_terms
from analysis.design.kink import kink_design
from analysis.design.lags import step_lags_design
from analysis.design.steps import steps_design
from analysis.errors import DesignError, UsageError
from analysis.panel.panel import Panel

YEARS = np.arange(1992, 2023)
SHELF = LawShelf(seed=17, series=400)


@pytest.fixture(autouse=True)
def _few_series(monkeypatch):
    """Sizes counted in fewer series than anyone should report."""
    monkeypatch.setattr(Asked, "shelf", SHELF)
    monkeypatch.setattr(ratio_test, "SERIES", 400)
    for module in (ask_series, ask_ratios):
        monkeypatch.setattr(module, "Gauge", partial(Gauge, series=400))


@pytest.fixture(scope="module")
def panel() -> Panel:
    """A series that turns up by .6 a year in 2007, a count that triples, and a share of cases."""
    rng = np.random.default_rng(7)
    late = np.clip((YEARS - 2009) / 3, 0, 1)
    table = {
        "state": "A",
        "year": YEARS,
        "bent": 0.6 * np.maximum(YEARS - 2006, 0) + rng.standard_normal(len(YEARS)),
        "slow": 6 * late + rng.standard_normal(len(YEARS)),
        "calm": rng.standard_normal(len(YEARS)),
        "drills": rng.poisson(np.where(YEARS >= 2010, 12, 4)),
        "votes": 70,
        "agreed": rng.binomial(70, np.where(YEARS >= 2010, 0.8, 0.5)) / 70,
    }
    return Panel.from_frame(pd.DataFrame(table), unit="state", year="year")


def test_a_bend_is_that_of_the_test_that_decides(panel):
    design = kink_design(panel.series("bent", "A"), {"turn": 2007}, name="bent of A")
    test = KinkTest(calibrate_terms(design, SHELF, draws=199), SHELF)

    result = kink(panel, outcome="bent", unit="A", junctures={"turn": 2007}, draws=199)

    reading = test.read("turn", alternative="two-sided", alpha=0.05)
    row = result.to_frame().loc["turn"]
    assert row["estimate"] == reading.estimate
    assert row["p_value"] == reading.p_value
    assert (row["conf_low"], row["conf_high"]) == reading.wide
    assert row["conf_low"] < 0.6 * 16 < row["conf_high"]  # what the bend adds by 2022
    assert "joint" not in result.to_frame().index


def test_a_late_effect_is_given_with_when_it_comes(panel):
    test = calibrate_terms(
        step_lags_design(panel.series("slow", "A"), {"turn": 2010}, name="slow of A"),
        SHELF,
        draws=199,
    )
    reading = read_lags(test, SHELF, alternative="greater")

    result = lags(
        panel, outcome="slow", unit="A", junctures={"turn": 2010}, alternative="greater", draws=199
    )

    assert result.to_frame().index.tolist() == ["whole", "at_once", "later"]
    assert result.to_frame().loc["whole", "p_value"] == reading.whole.p_value <= 0.01
    pd.testing.assert_frame_equal(result.tables["by lag"], reading.to_frame())
    assert "years after the first on average" in result.answer or "cannot be said" in result.answer


def test_an_exposure_may_come_late_too(panel):
    result = lags(panel, outcome="calm", unit="A", exposure="bent", draws=99)

    assert result.n_obs == len(YEARS) - 3
    assert result.tables["by lag"].index.tolist() == [0, 1, 2, 3]


def test_too_small_to_matter_is_two_one_sided_tests(panel):
    steps = calibrate_steps(
        steps_design(panel.series("calm", "A"), {"turn": 2010}, name="calm of A"), SHELF, draws=199
    )
    room = EquivalenceTest(steps, "turn", 3 * steps.smallest_sd, SHELF)

    result = equivalence(
        panel, outcome="calm", unit="A", junctures={"turn": 2010}, smallest_effect=3.0, draws=199
    )

    reading = room.read("room", alternative="greater", alpha=0.05)
    assert result.to_frame().loc["room", "p_value"] == reading.p_value
    assert result.tables["the effect"].loc["turn", "bound_high"] == room.bound
    effect = steps.read("turn", alternative="two-sided", alpha=0.05)
    assert result.tables["the effect"].loc["turn", "conf_low"] == effect.narrow[0]


def test_what_is_left_later_is_asked_with_until(panel):
    result = equivalence(
        panel, outcome="calm", unit="A", junctures={"turn": 2008}, until=2012, smallest_effect=3.0,
        draws=99,
    )  # fmt: skip

    assert "of left against" in result.method


def test_a_rate_ratio_is_that_of_the_test_that_decides(panel):
    rates = calibrate_rates(
        panel.series("drills", "A"), {"turn": 2010}, SHELF, name="drills of A",
        alternative="greater", draws=199,
    )  # fmt: skip

    result = counts(
        panel, outcome="drills", unit="A", junctures={"turn": 2010}, alternative="greater",
        draws=199,
    )  # fmt: skip

    reading = RatioTest(rates, 20261121).read("turn", alternative="greater", alpha=0.05)
    row = result.to_frame().loc["turn"]
    assert (row["estimate"], row["p_value"]) == (reading.estimate, reading.p_value)
    ratio = result.tables["as ratios"].loc["turn"]
    assert ratio["ratio"] == pytest.approx(np.exp(reading.estimate))
    assert ratio["conf_low"] < 3 < ratio["conf_high"]
    assert result.measured_in == "log rate ratio"


def test_a_share_may_be_given_as_a_share_or_as_cases(panel):
    cases = (panel.frame["agreed"] * 70).round().rename("cases").reset_index()
    both = Panel.from_frame(
        panel.frame.reset_index().merge(cases, on=["unit", "year"]), unit="unit", year="year"
    )
    asked = {"denominator": "votes", "unit": "A", "junctures": {"turn": 2010}, "draws": 199}

    as_share = shares(both, outcome="agreed", **asked)
    as_cases = shares(both, outcome="cases", **asked)

    rates = calibrate_shares(
        both.series("cases", "A"), both.series("votes", "A"), {"turn": 2010}, SHELF, draws=199
    )
    reading = RatioTest(rates, 20261121).read("turn", alternative="two-sided", alpha=0.05)
    pd.testing.assert_frame_equal(as_share.to_frame(), as_cases.to_frame())
    assert as_share.to_frame().loc["turn", "estimate"] == pytest.approx(reading.estimate)
    assert 0.1 < reading.estimate < 0.5  # .8 after .5, trend allowed for


def test_results_have_the_one_form(panel):
    result = kink(panel, outcome="calm", unit="A", junctures={"turn": 2007}, draws=99)

    assert result.to_dict()["terms"]["turn"] == result.to_frame().loc["turn"].to_dict()
    assert result.summary().startswith("calm of A in calm: 31 years, 1992-2022")
    assert "<table" in result._repr_html_()


@pytest.mark.parametrize(
    ("ask", "changes", "error", "words"),
    [
        (lags, {}, UsageError, "either junctures or an exposure"),
        (lags, {"junctures": {"t": 2010}, "exposure": "bent"}, UsageError, "either junctures or"),
        (kink, {"junctures": {"t": 1990}}, DesignError, "lies outside the values"),
        (kink, {"junctures": {"t": 2010}, "alternative": "up"}, UsageError, 'alternative "up"'),
        (counts, {"junctures": {"t": 2010}}, DesignError, "calm of A"),
        (shares, {"junctures": {"t": 2010}, "denominator": "cases"}, UsageError, 'no variable "ca'),
        (
            equivalence,
            {"junctures": {"t": 2010}, "smallest_effect": 0},
            UsageError,
            "must be above zero",
        ),
        (equivalence, {"junctures": {}, "smallest_effect": 1}, UsageError, "at least one juncture"),
        (
            equivalence,
            {"junctures": {"t": 2010}, "smallest_effect": 1, "term": "u"},
            UsageError,
            'no term "u"',
        ),
        (
            equivalence,
            {"junctures": {"t": 2005, "u": 2012}, "smallest_effect": 1, "term": "u", "until": 2010},
            UsageError,
            "asked of the first juncture, t",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(panel, ask, changes, error, words):
    with pytest.raises(error, match=words):
        ask(panel, **{"outcome": "calm", "unit": "A", "draws": 99, **changes})
