"""From declared claims to verdicts, on studies made to order."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.measure import Gauge
from analysis.calibration.steps import StepsTest
from analysis.calibration.tested import Measured
from analysis.errors import UsageError
from analysis.records.study import read_study
from analysis.replication.outcome import make_ground, run_study
from analysis.verdict.curves import curves_of
from analysis.verdict.docket import decision_order, needed_by
from analysis.verdict.record import Verdict
from analysis.verdict.trial import try_hypothesis
from tests.made_study import (
    EXPORTS,
    SMALL,
    YEARS,
    claim,
    noise,
    verdicts_on,
    write_made_study,
)

OTHER = ("USA", "exports_usd")
OTHERS = ("JPN", "exports_usd")
RISE, FALL, NOTHING = noise(step=6), noise(step=-6), noise()


@pytest.fixture
def rates(monkeypatch):
    """Fix what is measured: size .05 and power .5 unless told otherwise."""

    def fix(size: float = 0.05, power: float = 0.5) -> None:
        measured = Measured(
            series=1000, size=size, size_mc_error=0.007, size_ends=(size, size / 2),
            coverage=0.95, power=power, power_at_claim=power, power_rule=power, detectable=9.0,
            usual={},
        )  # fmt: skip
        monkeypatch.setattr(Gauge, "measure", lambda *_: measured)

    fix()
    return fix


def only(verdicts: dict[str, Verdict]) -> Verdict:
    (verdict,) = verdicts.values()
    return verdict


def test_a_planted_step_of_six_sd_is_supported(tmp_path):
    verdict = only(verdicts_on(tmp_path, {EXPORTS: RISE}, claim()))

    assert verdict.finding == "supported"
    assert verdict.to_dict()["estimate"] == pytest.approx(6, abs=2)  # sd, about two errors
    assert "The corrected p is below 0.001, at most 0.05" in verdict.reason


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_nothing_was_planted_nothing_is_supported(tmp_path, seed):
    verdict = only(verdicts_on(tmp_path, {EXPORTS: noise(seed)}, claim()))

    assert verdict.finding in {"inconclusive", "negligible"}
    assert verdict.trial.reading.p_value > 0.05


def test_a_fall_supports_less_contradicts_greater_and_supports_a_two_sided_claim(tmp_path):
    verdicts = verdicts_on(
        tmp_path,
        {EXPORTS: FALL},
        claim(id="M-1.greater", family="G"),
        claim(id="M-2.less", family="L", alternative="less"),
        claim(id="M-3.change", family="C", alternative="two-sided"),
    )

    assert verdicts["M-1.greater"].finding == "contradicted"
    assert "other side of no effect" in verdicts["M-1.greater"].reason
    assert verdicts["M-2.less"].finding == "supported"
    assert verdicts["M-3.change"].finding == "supported"
    for verdict in verdicts.values():
        assert verdict.to_dict()["estimate"] == pytest.approx(-6, abs=2)


def test_a_two_sided_claim_is_never_contradicted_by_size_either(tmp_path, rates):
    """Nothing happened and S is five sd, so that effects of S are rejected whatever the sign."""
    asked = {"smallest_effect": 5.0, "claimed_effect": 5.0, "junctures": ["treaty"]}
    verdicts = verdicts_on(
        tmp_path,
        {EXPORTS: noise(sd=3.0)},
        claim(id="M-1", family="G", **asked),
        claim(id="M-2", family="C", alternative="two-sided", **asked),
    )

    assert verdicts["M-1"].finding in {"negligible", "contradicted"}
    assert verdicts["M-2"].finding in {"negligible", "inconclusive"}
    rejected = {c.name: c for c in verdicts["M-2"].conditions}["effect of S rejected"]
    assert not rejected.holds


def test_the_joint_claim_has_a_p_but_neither_estimate_nor_curves(tmp_path):
    asked = claim(term="joint", alternative="two-sided", junctures=["treaty", "accord"])
    write_made_study(tmp_path, {EXPORTS: RISE}, [asked])

    outcome = run_study(tmp_path, effort=SMALL)

    verdict = only(dict(outcome.verdicts))
    assert verdict.finding == "supported"
    assert verdict.to_dict()["p_value"] <= 0.01
    assert np.isnan(verdict.to_dict()["estimate"])
    assert curves_of(verdict, outcome.ground) is None
    assert "nan" not in verdict.reason


def test_an_open_joint_claim_says_so_without_a_detectable_effect(tmp_path):
    verdict = only(
        verdicts_on(tmp_path, {EXPORTS: NOTHING}, claim(term="joint", alternative="two-sided"))
    )

    assert verdict.finding == "inconclusive"
    assert "nan" not in verdict.reason


def test_holm_runs_over_the_testable_members_of_a_family_that_are_no_placebos(tmp_path, rates):
    """Two of five count: one is of another family, one a placebo, one refused."""
    verdicts = verdicts_on(
        tmp_path,
        {EXPORTS: noise(step=1.5), OTHER: noise(2, step=1)},
        claim(id="M-1"),
        claim(id="M-2", units=["USA"]),
        claim(id="M-3", units=["USA"], junctures=["accord"], term="accord", family="N"),
        claim(id="M-4", junctures=["quiet"], term="quiet", role="placebo"),
        claim(id="M-5", period=[2005, 2022]),
    )
    p = {name: verdicts[name].trial.reading.p_value for name in ("M-1", "M-2", "M-3", "M-4")}
    first, second = sorted(("M-1", "M-2"), key=p.__getitem__)

    assert verdicts[first].p_adjusted == pytest.approx(min(1, 2 * p[first]))
    assert verdicts[second].p_adjusted == pytest.approx(max(2 * p[first], p[second]))
    assert verdicts["M-3"].p_adjusted == p["M-3"]
    assert verdicts["M-4"].p_adjusted == p["M-4"]
    assert verdicts["M-5"].finding == "untestable"


def test_a_claim_without_power_does_not_count_in_its_family(tmp_path, monkeypatch):
    """M-2 has power .05 at what it claims; M-1 is then alone."""
    verdicts = verdicts_on(
        tmp_path,
        {EXPORTS: noise(step=1.5), OTHER: noise(2, step=1)},
        claim(id="M-1"),
        claim(id="M-2", units=["USA"], smallest_effect=0.01, claimed_effect=0.01),
    )

    assert verdicts["M-2"].finding == "untestable"
    assert verdicts["M-1"].p_adjusted == verdicts["M-1"].trial.reading.p_value


def test_without_correction_every_claim_stands_alone(tmp_path, rates):
    verdicts = verdicts_on(
        tmp_path,
        {EXPORTS: noise(step=1.5), OTHER: noise(2, step=1)},
        claim(id="M-1"),
        claim(id="M-2", units=["USA"]),
        multiplicity="none",
    )

    for verdict in verdicts.values():
        assert verdict.p_adjusted == verdict.trial.reading.p_value


def test_p_is_not_below_that_of_the_gate(tmp_path, rates):
    verdicts = verdicts_on(
        tmp_path,
        {EXPORTS: RISE, OTHER: NOTHING},
        claim(id="M-1", gate="M-2", family="G"),
        claim(id="M-2", units=["USA"]),
    )

    assert verdicts["M-2"].p_adjusted > 0.05
    assert verdicts["M-1"].p_adjusted == verdicts["M-2"].p_adjusted
    assert verdicts["M-1"].finding == "inconclusive"


def test_an_open_gate_leaves_p_as_it_is(tmp_path, rates):
    verdicts = verdicts_on(
        tmp_path,
        {EXPORTS: noise(step=2.5), OTHER: RISE},
        claim(id="M-1", gate="M-2", family="G"),
        claim(id="M-2", units=["USA"]),
    )

    assert verdicts["M-1"].p_adjusted == max(
        verdicts[name].trial.reading.p_value for name in ("M-1", "M-2")
    )


@pytest.mark.parametrize(
    "gate", [{"period": [2005, 2022]}, {"smallest_effect": 0.01, "claimed_effect": 0.01}],
    ids=["too few values", "too little power"],
)  # fmt: skip
def test_an_untestable_gate_is_closed(tmp_path, gate):
    verdicts = verdicts_on(
        tmp_path,
        {EXPORTS: RISE, OTHER: RISE},
        claim(id="M-1", gate="M-2", family="G"),
        claim(id="M-2", units=["USA"], **gate),
    )

    assert verdicts["M-2"].finding == "untestable"
    assert verdicts["M-1"].p_adjusted == 1.0
    assert verdicts["M-1"].finding == "inconclusive"


def test_the_maximised_p_takes_over_where_the_size_is_above_the_bound(tmp_path, rates):
    def adjusted(size: float) -> tuple[float, StepsTest, str]:
        rates(size=size)
        verdict = only(
            verdicts_on(tmp_path, {EXPORTS: noise(step=2)}, claim(), multiplicity="none")
        )
        return verdict.p_adjusted, verdict.trial.reading, verdict.reason

    p, reading, reason = adjusted(0.075)
    assert p == reading.p_value
    assert "maximised" not in reason
    p, reading, reason = adjusted(0.0751)
    assert p == reading.p_maximised > reading.p_value
    assert "finds 7.5 % where nothing is, so the maximised p took the place of p" in reason


def test_power_just_below_a_tenth_is_untestable_and_shows_no_estimate(tmp_path, rates):
    look = {"name": "no trend", "trend": "none"}
    rates(power=0.0999)
    write_made_study(tmp_path, {EXPORTS: RISE}, [claim(look=[look])])

    outcome = run_study(tmp_path, effort=SMALL)

    verdict = only(dict(outcome.verdicts))
    written = verdict.to_dict()
    assert verdict.finding == "untestable"
    assert written["reason"] == (
        "An effect of the claimed size would be found in 10 % of cases only; 10 % is the least "
        "that makes a test."
    )
    for name in (
        "estimate", "std_error", "intervals", "estimate_outcome", "intervals_outcome", "statistic",
        "p_value", "p_adjusted", "p_maximised", "p_shift", "gap",
    ):  # fmt: skip
        assert written[name] is None, name
    assert written["power_at_claim"] == 0.0999
    assert not [look for look in written["robustness"]["looks"] if look["estimate"] is not None]
    assert {c["name"] for c in written["conditions"]} <= {"design answers", "power at claim"}
    assert curves_of(verdict, outcome.ground) is None


def test_power_of_exactly_a_tenth_is_enough(tmp_path, rates):
    rates(power=0.10)

    assert only(verdicts_on(tmp_path, {EXPORTS: RISE}, claim())).finding == "supported"


def test_what_lies_on_the_other_side_of_zero_contradicts_without_power(tmp_path, rates):
    rates(power=0.01)

    assert only(verdicts_on(tmp_path, {EXPORTS: FALL}, claim())).finding == "contradicted"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"period": [2004, 2022]}, "in 2004-2022 has 19 values; a single series needs 20."),
        ({"units": ["JPN"]}, "There are no data: exports_usd of JPN has no value."),
        ({"effect_unit": "rate_ratio", "smallest_effect": 1.5, "claimed_effect": 2.0},
         "A rate ratio needs a logged outcome, but the transform is none."),
        ({"controls": ["members_count"]}, "There are no data: the control members_count has no"),
        ({"units": ["JPN>USA", "JPN"]}, "The design steps tests one series, but JPN>USA and JPN "
         "are declared; declare a claim for each."),
    ],
    ids=["too few values", "no data", "unit without meaning", "no control", "two units"],
)  # fmt: skip
def test_a_refused_design_is_untestable_in_its_own_words(tmp_path, changes, words):
    verdict = only(verdicts_on(tmp_path, {EXPORTS: RISE}, claim(**changes)))

    assert verdict.finding == "untestable"
    assert words in verdict.reason
    assert verdict.to_dict()["n_obs"] is None
    assert verdict.to_dict()["size"] is None
    assert verdict.cells["n"] == 0


def test_a_p_that_no_number_of_draws_can_reach_is_untestable(tmp_path, rates):
    """With 19 draws the smallest p is .05; two claims in a family need .025 of the smaller."""
    claims = (claim(id="M-1"), claim(id="M-2", units=["USA"]))
    values = {EXPORTS: RISE, OTHER: NOTHING}

    few = verdicts_on(tmp_path / "few", values, *claims, effort=replace(SMALL, draws=19))
    enough = verdicts_on(tmp_path / "enough", values, *claims, effort=replace(SMALL, draws=39))

    for verdict in few.values():
        assert verdict.finding == "untestable"
        assert verdict.reason == (
            "The smallest p that can be reached, 0.05, is above the corrected level 0.025."
        )
    assert enough["M-1"].finding == "supported"


def test_a_placebo_that_is_supported_is_held_against_the_claim(tmp_path, rates):
    """The placebo date 2001 steps too: one of one is more than the level allows."""
    both = noise(step=6) + 20 * (YEARS >= 2001)
    asked = {"junctures": ["quiet", "treaty"]}
    verdicts = verdicts_on(
        tmp_path,
        {EXPORTS: both},
        claim(id="M-1", placebos=["M-2"], **asked),
        claim(id="M-2", term="quiet", role="placebo", family="P", **asked),
    )

    assert verdicts["M-2"].finding == "supported"
    assert verdicts["M-1"].finding == "inconclusive"
    assert verdicts["M-1"].decision.because == "placebos pass"


def test_a_quiet_placebo_is_counted_and_passes(tmp_path, rates):
    verdicts = verdicts_on(
        tmp_path,
        {EXPORTS: RISE, OTHER: NOTHING},
        claim(id="M-1", placebos=["M-2", "M-3"]),
        claim(id="M-2", units=["USA"], junctures=["quiet"], term="quiet", role="placebo"),
        claim(id="M-3", period=[2005, 2022], role="placebo"),
    )
    placebos = {c.name: c for c in verdicts["M-1"].conditions}["placebos pass"]

    assert verdicts["M-1"].finding == "supported"
    assert placebos.value == pytest.approx(1.0)  # none of one: the refused one is not counted
    assert "placebos" not in verdicts["M-1"].reason


def test_comparison_units_that_step_too_take_the_support_away(tmp_path, rates):
    asked = claim(comparison=["JPN", "USA"])
    same = {OTHER: noise(2, step=6), OTHERS: noise(3, step=6)}
    quiet = {OTHER: noise(2), OTHERS: noise(3)}

    stepped = only(verdicts_on(tmp_path / "stepped", {EXPORTS: RISE, **same}, asked))
    still = only(verdicts_on(tmp_path / "still", {EXPORTS: RISE, **quiet}, asked))

    assert still.finding == "supported"
    assert stepped.finding == "inconclusive"
    assert stepped.decision.because == "gap agrees"
    assert still.to_dict()["gap"]["units"] == ["JPN", "USA"]
    assert abs(stepped.gap.estimate) < still.gap.estimate / 2


def test_the_gap_is_the_unit_less_the_mean_of_the_others(tmp_path, rates):
    """By hand: the series itself less the mean of two, laid out in the same way."""
    values = {EXPORTS: RISE, OTHER: noise(2), OTHERS: noise(3).drop(1995)}
    asked = claim(comparison=["JPN", "USA"])
    write_made_study(tmp_path, values, [asked])
    study = read_study(tmp_path)

    gap = make_ground(study, SMALL).series(study.hypotheses["M-1.exports"], gap=True)

    by_hand = RISE - (values[OTHER] + values[OTHERS]) / 2
    pd.testing.assert_series_equal(gap, by_hand.drop(1995), check_names=False)


def test_comparison_units_without_data_do_not_agree(tmp_path, rates):
    verdict = only(verdicts_on(tmp_path, {EXPORTS: RISE}, claim(comparison=["USA"])))

    assert verdict.finding == "inconclusive"
    assert verdict.decision.because == "gap agrees"


LOOKS = [
    {"name": "no trend", "trend": "none"},
    {"name": "to 2018", "period": [1990, 2018]},
    {"name": "short", "period": [2005, 2022]},
    {"name": "two years early", "junctures": ["treaty-announced"]},
    {"name": "constant variance", "error_model": "ar1-constant"},
    {"name": "root", "transform": "sqrt38"},
]


def test_looks_are_tested_as_declared(tmp_path, rates):
    verdict = only(verdicts_on(tmp_path, {EXPORTS: RISE}, claim(look=LOOKS)))
    seen = {each.name: each for each in verdict.glances}

    assert list(seen) == [look["name"] for look in LOOKS]
    assert seen["short"].reason.endswith("has 18 values; a single series needs 20.")
    assert not seen["short"].counted
    assert seen["to 2018"].agrees
    assert verdict.to_dict()["robustness"]["n"] == 5
    assert verdict.to_dict()["robustness"]["agree"] == sum(g.agrees is True for g in seen.values())


def test_a_look_that_changes_the_sample_needs_a_p_of_at_most_a_tenth(tmp_path, rates):
    """Nothing happened: a positive sign agrees where only the trend changes, and not elsewhere."""
    looks = [LOOKS[0], LOOKS[1], LOOKS[4]]
    for seed in range(1, 30):
        verdict = only(verdicts_on(tmp_path, {EXPORTS: noise(seed)}, claim(look=looks)))
        open_ones = [g for g in verdict.glances if g.estimate > 0 and g.p_value > 0.10]
        if len(open_ones) == 3:
            break

    assert [g.agrees for g in verdict.glances] == [True, False, False]


def test_a_look_at_a_date_a_year_off_is_a_profile_and_does_not_count(tmp_path, rates):
    """The year 2010 of the treaty against 2009; 2008 is two years off and counts."""
    write_made_study(
        tmp_path,
        {EXPORTS: RISE},
        [claim(look=[{"name": "near", "junctures": ["eve"]}, LOOKS[3]])],
    )
    dates = tmp_path / "data/junctures.csv"
    row = "eve,Eve of the treaty,alternate,2009-02-01,2009,,,diary,Talks began.\n"
    head, *rows = dates.read_text(encoding="utf-8").splitlines(keepends=True)
    dates.write_text(head + "".join(sorted([*rows, row])), encoding="utf-8")

    verdict = only(dict(run_study(tmp_path, effort=SMALL).verdicts))

    near, far = verdict.glances
    assert (near.counted, far.counted) == (False, True)
    assert near.reason == "date a year off: shown as a profile, not counted"
    assert near.estimate is not None
    assert verdict.to_dict()["robustness"]["n"] == 1


def test_looks_that_disagree_take_the_support_away(tmp_path, rates):
    """A step in 2001 instead of 2010 points down: one look of two agrees."""
    looks = [LOOKS[0], {"name": "far off", "junctures": ["quiet"]}]

    verdict = only(verdicts_on(tmp_path, {EXPORTS: RISE}, claim(look=looks)))

    assert [each.agrees for each in verdict.glances] == [True, False]
    assert verdict.to_dict()["robustness"]["share"] == 0.5
    assert verdict.finding == "inconclusive"
    assert verdict.decision.because == "looks agree"


def test_a_finding_that_rests_on_recalled_values_is_taken_back(tmp_path):
    """All thirteen years from 2010 on are recalled: without them there is no step to see."""
    verdict = only(verdicts_on(tmp_path, {EXPORTS: RISE}, claim(), recalled=range(2010, 2023)))

    assert verdict.cells["recalled"] == 13
    assert verdict.finding == "inconclusive"
    assert "recalled values the claim would be supported; without them it is untestable" in (
        verdict.reason
    )
    assert verdict.decision.strength is None


def test_a_claim_all_of_whose_values_are_recalled_is_taken_back(tmp_path, rates):
    verdicts = verdicts_on(tmp_path, {EXPORTS: RISE}, claim(), recalled=YEARS)

    assert only(verdicts).finding == "inconclusive"
    assert "exports_usd of JPN>USA has no value." in only(verdicts).reason


def test_a_finding_that_stands_without_recalled_values_is_kept(tmp_path):
    verdict = only(verdicts_on(tmp_path, {EXPORTS: RISE}, claim(), recalled=[2003, 2020]))

    assert verdict.cells["recalled"] == 2
    assert verdict.finding == "supported"


def test_a_finding_whose_gate_rests_on_recalled_values_is_taken_back(tmp_path, rates):
    """Without the recalled years the gate is untestable, and so closed."""
    verdicts = verdicts_on(
        tmp_path,
        {EXPORTS: RISE, OTHER: RISE.loc[:2015]},
        claim(id="M-1", gate="M-2", family="G", period=[1990, 2015]),
        claim(id="M-2", units=["USA"]),
        recalled=[],
    )
    assert verdicts["M-1"].finding == "supported"

    recalled = tmp_path / "recalled"
    write_made_study(
        recalled,
        {EXPORTS: RISE, OTHER: RISE.loc[:2015]},
        [
            claim(id="M-1", gate="M-2", family="G", period=[1990, 2015]),
            claim(id="M-2", units=["USA"]),
        ],
    )
    table = recalled / "data/observations.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    late = tuple(f"USA,{year}," for year in range(2010, 2016))
    lines = [
        line.replace("reported", "recalled") if line.startswith(late) else line for line in lines
    ]
    table.write_text("".join(lines), encoding="utf-8")

    assert run_study(recalled, effort=SMALL).verdicts["M-1"].finding == "inconclusive"


def test_the_cells_are_those_of_the_outcome_and_the_controls_in_the_years_used(tmp_path, rates):
    members = pd.Series(24.0 + (YEARS - 1990) // 3 % 5, index=YEARS).drop(1999)
    values = {EXPORTS: RISE.drop(2003), ("OECD", "members_count"): members}

    verdict = only(
        verdicts_on(tmp_path, values, claim(controls=["members_count"], period=[1995, 2022]))
    )

    assert verdict.to_dict()["n_obs"] == 26  # 1995-2022 without 1999 and 2003
    assert verdict.cells["n"] == 52
    assert (verdict.to_dict()["first_year"], verdict.to_dict()["last_year"]) == (1995, 2022)


def test_the_curve_without_the_step_is_the_fitted_one_less_the_estimate(tmp_path, rates):
    write_made_study(tmp_path, {EXPORTS: RISE}, [claim()])
    outcome = run_study(tmp_path, effort=SMALL)
    verdict = only(dict(outcome.verdicts))

    curves = curves_of(verdict, outcome.ground)

    low, high = verdict.trial.reading.wide
    places = [place for place, year in enumerate(curves["years"]) if year >= 2010]
    assert curves["observed"] == RISE.to_list()
    assert curves["counterfactual"][:20] == [None] * 20
    for place in places:
        fitted = curves["fitted"][place]
        for name, effect in (
            ("counterfactual", verdict.trial.reading.estimate),
            ("counterfactual_low", high),
            ("counterfactual_high", low),
        ):
            assert curves[name][place] == pytest.approx(fitted - effect)


def test_stepping_down_over_joint_draws_is_no_stricter_than_holm(tmp_path):
    """Two claims on one series share their noise, which Holm does not know."""
    claims = [
        claim(id="M-1", junctures=["treaty", "accord"], term="treaty"),
        claim(id="M-2", junctures=["treaty", "accord"], term="total"),
    ]
    values = {EXPORTS: noise(step=1.5)}
    holm = verdicts_on(tmp_path / "a", values, *claims)
    maxt = verdicts_on(tmp_path / "b", values, *claims, multiplicity="maxt")

    for name in ("M-1", "M-2"):
        assert maxt[name].trial.reading.p_value == holm[name].trial.reading.p_value
        assert maxt[name].p_adjusted >= holm[name].trial.reading.p_value
        assert maxt[name].p_adjusted <= holm[name].p_adjusted + 0.02  # Monte Carlo error of draws


def test_an_unknown_id_is_refused(tmp_path):
    write_made_study(tmp_path, {EXPORTS: RISE}, [claim()])

    with pytest.raises(UsageError, match=r"no hypothesis M-9 in data/hypotheses\.toml"):
        run_study(tmp_path, only=("M-9",), effort=SMALL)


def test_gates_and_placebos_come_before_the_claims_that_wait_for_them(tmp_path):
    write_made_study(
        tmp_path,
        {EXPORTS: RISE},
        [
            claim(id="M-1", gate="M-3"),
            claim(id="M-2", placebos=["M-4"], family="N"),
            claim(id="M-3", placebos=["M-5"], family="N"),
            claim(id="M-4", role="placebo", family="P"),
            claim(id="M-5", role="placebo", family="P"),
            claim(id="M-6", family="Q"),
        ],
    )
    declared = run_study(tmp_path, only=("M-6",), effort=SMALL).study.hypotheses

    order = decision_order(declared)

    assert sorted(order) == sorted(declared)
    for before, after in (("M-3", "M-1"), ("M-4", "M-2"), ("M-5", "M-3")):
        assert order.index(before) < order.index(after)
    # M-1 waits for its gate, whose family and placebo are tested too, and whose they are.
    assert needed_by(["M-1"], declared) == {"M-1", "M-2", "M-3", "M-4", "M-5"}
    assert needed_by(["M-6"], declared) == {"M-6"}


def test_a_test_shared_by_claims_is_calibrated_once(tmp_path, rates):
    write_made_study(
        tmp_path,
        {EXPORTS: RISE},
        [claim(id=f"M-{n}", junctures=["treaty", "accord"], term=term, alternative="two-sided")
         for n, term in enumerate(("treaty", "accord", "total", "joint"))],
    )  # fmt: skip
    outcome = run_study(tmp_path, effort=SMALL)

    tests = {id(verdict.trial.test) for verdict in outcome.verdicts.values()}

    assert len(tests) == 1
    again = try_hypothesis(outcome.study.hypotheses["M-0"], outcome.ground)
    assert id(again.test) in tests
