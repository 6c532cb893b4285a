"""Every design reaches a verdict: what was planted is found, what was not is not."""

import numpy as np
import pandas as pd
import pytest

from analysis.replication.outcome import run_study
from tests.made_study import EXPORTS, SMALL, YEARS, claim, noise, verdicts_on, write_toy_study

VISITS = ("JPN-USA", "visits_count")
VOTES = ("JPN-USA", "votes_agreement_share")
BOTH = ["treaty", "accord"]
THREE_STEPS = noise(step=6) + 18.0 * (YEARS >= 2001) + 18.0 * (YEARS >= 2014)
NOTHING = noise(4)


@pytest.fixture(autouse=True)
def nothing_is_searched(monkeypatch):
    """What turns a finding has tests of its own."""
    monkeypatch.setattr("analysis.verdict.run.search_flips", lambda *_: {})


def counts(before: float, after: float, seed: int = 1) -> pd.Series:
    """Poisson counts whose rate changes in 2010."""
    rng = np.random.default_rng(seed)
    return pd.Series(rng.poisson(np.where(YEARS >= 2010, after, before)), index=YEARS, dtype=float)


def found(tmp_path, values, **changes):
    (verdict,) = verdicts_on(tmp_path, values, claim(**changes)).values()
    assert verdict.to_dict()["design"] == changes.get("design", "steps")
    return verdict


DATE_SET = {
    "design": "date_set", "junctures": ["quiet", *BOTH], "statistic": "sum", "term": "",
}  # fmt: skip
BREAK = {"design": "break_date", "junctures": [], "term": "", "search": [1996, 2018]}
KINK = {"design": "kink", "junctures": ["treaty"], "term": "treaty"}
LAGS = {"design": "lags", "junctures": ["treaty"], "term": "treaty", "max_lag": 2}
ORDER = {"design": "order", "junctures": ["quiet", *BOTH], "term": ""}


@pytest.mark.parametrize(
    ("values", "changes", "finding"),
    [
        (THREE_STEPS, DATE_SET, "supported"),
        (NOTHING, DATE_SET, "inconclusive"),
        (-THREE_STEPS + 300, DATE_SET, "contradicted"),
        (noise(step=6), BREAK | {"expected": [2009, 2011]}, "supported"),
        (noise(step=6), BREAK | {"expected": [1998, 2001]}, "contradicted"),
        (NOTHING, BREAK | {"expected": [2009, 2011]}, "inconclusive"),
        (noise() + 3.0 * np.maximum(YEARS - 2009, 0), KINK, "supported"),
        (noise() - 3.0 * np.maximum(YEARS - 2009, 0), KINK, "contradicted"),
        (noise(step=6, onset=2011), LAGS, "supported"),
        (THREE_STEPS, ORDER, "supported"),
    ],
    ids=[
        "dates", "no dates", "falls at the dates", "break as expected", "break at another time",
        "no break", "bend up", "bend down", "late step", "staircase",
    ],
)  # fmt: skip
def test_what_was_planted_is_found(tmp_path, values, changes, finding):
    verdict = found(tmp_path, {EXPORTS: values}, **changes)

    assert verdict.finding == finding, verdict.reason


def test_a_ramp_is_no_staircase_and_the_reason_says_what_it_is(tmp_path):
    verdict = found(tmp_path, {EXPORTS: noise(5) + 2.0 * (YEARS - 1990)}, **ORDER)

    assert verdict.finding in {"inconclusive", "contradicted"}
    assert "By AICc a straight line describes the series better than the staircase" in (
        verdict.reason
    )


def test_a_set_of_dates_says_how_often_smooth_curves_pass_for_it(tmp_path):
    verdict = found(tmp_path, {EXPORTS: THREE_STEPS}, **DATE_SET)

    usual = verdict.to_dict()["usual_sizes"]
    assert {"curve parabola", "curve kink", "curve s_curve", "curve growth"} == set(usual)
    assert "not that each of them did its part" in verdict.reason


def test_a_break_says_its_likeliest_year_and_those_the_data_allow(tmp_path):
    verdict = found(tmp_path, {EXPORTS: noise(step=6)}, **BREAK, expected=[2009, 2011])

    model = verdict.to_dict()["error_model"]
    assert model["likeliest_year"] in range(2009, 2012)
    assert 2010 in model["years_not_rejected"]


@pytest.mark.parametrize(
    ("after", "alternative", "finding"),
    [(40, "greater", "supported"), (40, "less", "contradicted"), (4, "less", "supported")],
)
def test_a_rate_that_changes_by_a_factor_is_found_as_a_ratio(tmp_path, after, alternative, finding):
    sizes = {"effect_unit": "rate_ratio", "smallest_effect": 1.5, "claimed_effect": 3.0}
    verdict = found(
        tmp_path, {VISITS: counts(12, after)}, design="counts", outcome="visits_count",
        units=["JPN-USA"], alternative=alternative, **sizes,
    )  # fmt: skip

    assert verdict.finding == finding, verdict.reason
    assert verdict.to_dict()["estimate"] == pytest.approx(after / 12, rel=0.35)


def test_a_share_that_rises_is_found_in_points_of_its_denominator(tmp_path):
    rng = np.random.default_rng(2)
    cases = pd.Series(40.0, index=YEARS)
    share = pd.Series(rng.binomial(40, np.where(YEARS >= 2010, 0.7, 0.3)), index=YEARS) / 40
    verdict = found(
        tmp_path, {VISITS: cases, VOTES: share}, design="shares", outcome="votes_agreement_share",
        units=["JPN-USA"], denominator="visits_count", effect_unit="points",
        smallest_effect=10.0, claimed_effect=30.0,
    )  # fmt: skip

    assert verdict.finding == "supported", verdict.reason
    assert verdict.to_dict()["estimate"] == pytest.approx(40, abs=12)


def test_nothing_is_left_of_a_pulse_and_much_of_a_step(tmp_path):
    """After four years a pulse is back on its line: what is left is too small to matter."""
    pulse = noise(sd=1.0) + 9.0 * ((YEARS >= 2010) & (YEARS < 2013))
    asked = {"design": "equivalence", "term": "", "until": 2016, "smallest_effect": 3.0}
    gone = found(tmp_path / "a", {EXPORTS: pulse}, **asked)
    there = found(tmp_path / "b", {EXPORTS: noise(sd=1.0, step=9)}, **asked)

    assert gone.to_dict()["estimate"] > 0
    assert there.finding == "contradicted", there.reason


def test_firsts_after_the_treaty_are_found_from_the_events(tmp_path):
    write_toy_study(tmp_path)
    head = "event,unit,date,date_precision,kind,domain,first_of_kind,value,unit_of_value,status,"
    rows = [f"e{m:02},JPN-USA,2010-{m:02},month,launch,sea,yes,,,reported,diary,p. {m}," for m in
            range(3, 12)]  # fmt: skip
    other = "f1,JPN-USA,1999-05,month,launch,sea,yes,,,reported,diary,p. 1,"
    asked = claim(
        design="firsts", events="launch", window_months=12, term="", outcome="visits_count",
        units=["JPN-USA"], effect_unit="rate_ratio", smallest_effect=1.5, claimed_effect=3.0,
    )  # fmt: skip
    from tests.made_study import write_made_study

    write_made_study(tmp_path, {VISITS: counts(3, 3)}, [asked])
    text = "\n".join([head + "source,locator,note", *rows, other, ""])
    (tmp_path / "data/events.csv").write_text(text, encoding="utf-8")

    (verdict,) = run_study(tmp_path, effort=SMALL).verdicts.values()

    assert verdict.finding == "supported", verdict.reason
    assert verdict.to_dict()["error_model"]["inside"] == 9
    assert verdict.to_dict()["error_model"]["events"] == 10


def all_of(*members, **changes):
    plain = ("outcome", "transform", "units", "comparison", "junctures", "exposure", "controls",
             "term", "alternative", "effect_unit", "smallest_effect", "claimed_effect",
             "alpha")  # fmt: skip
    whole = claim(id="M-9.all", design="all_of", family="W", **changes)
    return {k: v for k, v in whole.items() if k not in plain} | {"members": list(members)}


def test_all_of_holds_only_where_every_part_does(tmp_path):
    rise, fall = claim(id="M-1", family="A"), claim(id="M-2", family="B", alternative="less")
    other = claim(id="M-3", family="C", smallest_effect=0.5)
    up = verdicts_on(
        tmp_path / "a", {EXPORTS: noise(step=6)}, rise, other, all_of("M-1", "M-3")
    )["M-9.all"]  # fmt: skip
    split = verdicts_on(
        tmp_path / "b", {EXPORTS: noise(step=6)}, rise, fall, all_of("M-1", "M-2")
    )["M-9.all"]  # fmt: skip

    assert up.finding == "supported", up.reason
    assert up.to_dict()["p_value"] >= up.to_dict()["error_model"].get("p", 0)
    assert split.finding == "contradicted", split.reason
    assert split.to_dict()["error_model"]["weakest"] == "M-2"


def test_all_of_is_untestable_where_a_part_is_and_says_which(tmp_path):
    late = claim(id="M-2", family="B")
    verdict = verdicts_on(
        tmp_path, {EXPORTS: noise(step=6)}, claim(id="M-1", period=[2008, 2022]), late,
        all_of("M-1", "M-2"),
    )["M-9.all"]  # fmt: skip

    assert verdict.finding == "untestable"
    assert "Its part M-1 cannot be tested" in verdict.reason


def test_placebos_are_counted_after_they_are_decided(tmp_path):
    placebos = [
        claim(id=f"M-{n}", family="P", role="placebo", junctures=["quiet"], term="quiet")
        for n in range(1, 5)
    ]
    counted = all_of(*(f"M-{n}" for n in range(1, 5)), role="placebo") | {
        "id": "M-0.set",
        "design": "placebo_set",
    }
    verdicts = verdicts_on(
        tmp_path, {EXPORTS: noise(step=6, onset=2001)}, *placebos, counted
    )  # fmt: skip

    assert {verdicts[f"M-{n}"].finding for n in range(1, 5)} == {"supported"}
    assert verdicts["M-0.set"].finding == "supported"  # the rule finds too much: four of four
    assert verdicts["M-0.set"].to_dict()["p_value"] == pytest.approx(0.05**4)
    assert "4 of 4 placebos are supported" in verdicts["M-0.set"].reason


def test_parts_shown_beside_are_corrected_among_themselves(tmp_path):
    parts = [claim(id=f"M-1.{n}", beside="M-1.main") for n in "abc"]
    verdicts = verdicts_on(tmp_path, {EXPORTS: noise(step=2.2)}, claim(id="M-1.main"), *parts)

    main, beside = verdicts["M-1.main"], verdicts["M-1.a"]
    assert main.p_adjusted == main.trial.reading.p_value
    assert beside.p_adjusted == pytest.approx(3 * beside.trial.reading.p_value)


def moving(seed: int, share: float) -> tuple[pd.Series, pd.Series]:
    """An exposure that wanders, and an outcome that follows it in the year and the year after."""
    rng = np.random.default_rng(seed)
    exposure = pd.Series(20 + np.cumsum(rng.standard_normal(len(YEARS))), index=YEARS)
    after = exposure.shift(1).fillna(exposure.iloc[0])
    follows = share * (exposure + 2 * after - 60)
    return exposure.abs().round(), noise(seed, sd=1.0) + follows


RELATION = {
    "design": "relation", "junctures": [], "term": "", "exposure": "visits_count", "lags": 1,
    "direction": "forward", "unit_of": {"visits_count": "JPN-USA"}, "smallest_effect": 0.3,
}  # fmt: skip


def test_an_outcome_that_follows_its_exposure_is_related_to_it(tmp_path):
    exposure, outcome = moving(3, 3.0)
    verdict = found(tmp_path, {VISITS: exposure, EXPORTS: outcome}, **RELATION)

    assert verdict.finding == "supported", verdict.reason
    assert verdict.to_dict()["cells"]["n"] == 2 * 33


def test_unrelated_series_are_not_related(tmp_path):
    exposure, _ = moving(3, 0.0)
    verdict = found(tmp_path, {VISITS: exposure, EXPORTS: noise(8)}, **RELATION)

    assert verdict.finding != "supported", verdict.reason


def test_half_of_an_effect_is_lost_to_a_rival_that_makes_it(tmp_path):
    """A step of the rival in 2010 makes the step of exports: held, it leaves nothing."""
    rng = np.random.default_rng(5)
    rival = pd.Series(20 + 3 * rng.standard_normal(len(YEARS)) + 9 * (YEARS >= 2010), index=YEARS)
    rival = rival.round()
    exports = noise(2, sd=1.0) + 0.8 * (rival - 20)
    asked = all_of() | {
        "id": "M-2.lost", "design": "sensitivity", "of": "M-1", "role": "rival",
        "controls": ["visits_count"], "unit_of": {"visits_count": "JPN-USA"},
    }  # fmt: skip
    del asked["members"]
    verdicts = verdicts_on(tmp_path, {EXPORTS: exports, VISITS: rival}, claim(id="M-1"), asked)

    lost = verdicts["M-2.lost"]
    assert verdicts["M-1"].trial.reading.p_value < 0.10
    assert lost.finding == "supported", lost.reason
    assert lost.decision.strength == "consistent"  # a rival reaches no more
    assert lost.to_dict()["estimate"] > 50  # points of the effect


def test_nothing_can_be_lost_of_an_effect_that_is_not_there(tmp_path):
    asked = all_of() | {
        "id": "M-2.lost", "design": "sensitivity", "of": "M-1", "role": "rival",
        "controls": ["visits_count"], "unit_of": {"visits_count": "JPN-USA"},
    }  # fmt: skip
    del asked["members"]
    values = {EXPORTS: NOTHING, VISITS: counts(9, 9)}
    lost = verdicts_on(tmp_path, values, claim(id="M-1"), asked)["M-2.lost"]

    assert lost.finding == "untestable"
    assert "is not found in the first place" in lost.reason


def test_signs_hold_along_every_path_of_a_large_step(tmp_path):
    looks = [
        {"name": "from 1995", "period": [1995, 2022]},
        {"name": "parabola", "trend": "quadratic"},
    ]
    asked = all_of() | {"id": "M-2.signs", "design": "multiverse", "of": "M-1"}
    del asked["members"]
    verdicts = verdicts_on(tmp_path, {EXPORTS: noise(step=6)}, claim(id="M-1", look=looks), asked)

    assert verdicts["M-2.signs"].finding == "supported", verdicts["M-2.signs"].reason
    assert verdicts["M-2.signs"].to_dict()["error_model"]["same_sign"] == {"M-1": 1.0}


LEADS = {"design": "event_study", "junctures": ["treaty"], "window": [-3, 5], "reference": -1}


@pytest.mark.parametrize(
    ("early", "term", "role", "finding"),
    [(7.0, "leads", "placebo", "supported"), (0.0, "leads", "placebo", None),
     (0.0, "after", "primary", "supported")],
)  # fmt: skip
def test_leads_are_found_where_the_unit_moved_before_the_others(
    tmp_path, early, term, role, finding
):
    shared = 5 * np.sin(YEARS / 3)
    own = noise(2, sd=1.0, step=8.0) + shared + early * ((YEARS >= 2007) & (YEARS < 2010))
    others = {(unit, "exports_usd"): noise(seed, sd=1.0) + shared for seed, unit in
              enumerate(["JPN", "USA", "JPN-USA"])}  # fmt: skip
    verdict = found(
        tmp_path, {EXPORTS: own, **others}, **LEADS, term=term, role=role,
        comparison=["JPN", "USA", "JPN-USA"],
    )  # fmt: skip

    if finding is None:
        assert verdict.finding != "supported", verdict.reason
    else:
        assert verdict.finding == finding, verdict.reason
