"""A declared rule that no value of the data could make fire is refused, and says why."""

from math import comb

import pytest

from analysis.design.date_set import MIN_SPACING
from analysis.kernel.placements import count_placements
from analysis.kernel.windows import count_windows
from analysis.records import check_study
from analysis.records.never import SPACING, count_date_sets, count_window_sets
from tests.made_study import EXPORTS, YEARS, claim, noise, write_made_study

BOTH = ["treaty", "accord"]
DATES = {"design": "date_set", "junctures": ["quiet", *BOTH], "statistic": "sum", "term": ""}
FIRSTS = {
    "design": "firsts", "junctures": ["treaty"], "term": "", "window_months": 12,
    "events": {"kind": ["visit"]}, "effect_unit": "rate_ratio", "smallest_effect": 1.5,
}  # fmt: skip
CANNOT = {"id": "M-2", "design": "none", "reason": "Nothing measures it.", "family": "N"}
FACT = {"id": "M-2", "design": "fact", "claim": "C01", "family": "N"}
JUDGE = {"id": "M-9", "family": "W"}


def judging(design, **changes):
    """A claim about others: without the keys of an estimate."""
    plain = ("id", "claim", "paper", "locator", "gate", "placebos", "role", "declared", "family")
    whole = claim(**JUDGE)
    return {key: whole[key] for key in plain} | {"design": design} | changes


def without_test(table):
    plain = ("claim", "paper", "locator", "gate", "placebos", "role", "declared")
    whole = claim()
    return {key: whole[key] for key in plain} | table


def faults(tmp_path, *claims, values=None, **options):
    write_made_study(tmp_path, values or {EXPORTS: noise()}, claims, **options)
    return [(fault.column, fault.fault) for fault in check_study(tmp_path)]


@pytest.mark.parametrize(
    ("claims", "key", "words"),
    [
        ([claim(gate="M-2"), without_test(CANNOT)], "gate", "the gate M-2 has the design none"),
        ([claim(gate="M-2"), without_test(FACT)], "gate", "the gate M-2 has the design fact"),
        ([claim(), without_test(CANNOT), judging("all_of", members=["M-1.exports", "M-2"])],
         "members", "its part M-2 has the design none and no test"),
        ([claim(), without_test(FACT), judging("all_of", members=["M-1.exports", "M-2"])],
         "members", "its part M-2 has the design fact and no test"),
        ([without_test(CANNOT), judging("multiverse", of="M-2")],
         "of", "its part M-2 has the design none"),
        ([without_test(CANNOT), judging("placebo_set", members=["M-2"])],
         "members", "none of its placebos can be tested"),
        ([without_test(CANNOT), judging("sensitivity", of="M-2", controls=["visits_count"])],
         "of", "M-2 has no test and no effect"),
        ([claim(), judging("sensitivity", of="M-1.exports")], "of", "no rival is named"),
        ([claim(claimed_effect=0.0)], "claimed_effect", "is no effect"),
        ([claim(effect_unit="rate_ratio", transform="log", smallest_effect=1.5,
                claimed_effect=1.0)], "claimed_effect", "1 is no effect"),
        ([claim(outcome="votes_agreement_share", units=["JPN-USA"], effect_unit="points",
                smallest_effect=250.0)], "smallest_effect", "can move, from 0 to 1"),
        ([claim(design="equivalence", until=2015, alternative="two-sided")],
         "alternative", "no direction of a claim of too small to matter"),
        ([claim(**DATES, period=[1996, 2022], alpha=0.0005)],
         "junctures", "there are 1,540 such sets of dates in these years, so that p is 0.00065"),
        ([claim(**FIRSTS, period=[2009, 2011], alpha=0.03)], "junctures", "there are 25 such sets"),
    ],
)  # fmt: skip
def test_a_rule_that_can_never_fire_is_refused(tmp_path, claims, key, words):
    found = faults(tmp_path, *claims)

    assert any(column == key and words in fault for column, fault in found), found


def test_claims_corrected_together_move_what_p_can_reach(tmp_path):
    """1,540 sets reach .00065; .05 over 70 is .00071, over 80 it is .00063."""
    for number, refused in ((70, 0), (80, 80)):
        claims = [claim(id=f"M-{n}", **DATES, period=[1996, 2022]) for n in range(number)]
        assert len(faults(tmp_path / str(number), *claims)) == refused


@pytest.mark.parametrize(
    "changes",
    [{"multiplicity": "none"}, {"role": "placebo"}, {"apart": True}, {"untested": True}],
)
def test_what_is_not_corrected_together_does_not_count(tmp_path, changes):
    many = [claim(id=f"M-{n}", **DATES, period=[1996, 2022]) for n in range(80)]
    if "role" in changes:
        many = [each | {"role": "placebo"} for each in many]
    if "apart" in changes:
        many = [each | {"family": f"F{place % 2}"} for place, each in enumerate(many)]
    if "untested" in changes:
        none = [without_test(CANNOT | {"id": f"M-{n}", "family": "M"}) for n in range(60, 80)]
        many = [*many[:60], *none]

    assert faults(tmp_path, *many, multiplicity=changes.get("multiplicity", "holm")) == []


def test_years_without_a_value_are_no_dates(tmp_path):
    """27 years leave 22 choose 3 sets, 22 years 17 choose 3: p of at least .00147."""
    short = noise().where(YEARS >= 2001).dropna()
    changes = DATES | {"period": [1996, 2022], "alpha": 0.001}
    long = faults(tmp_path / "long", claim(**changes))
    found = faults(tmp_path / "short", claim(**changes), values={EXPORTS: short})

    assert long == []
    (words,) = (fault for column, fault in found if column == "junctures")
    assert f"there are {comb(17, 3)} such sets" in words


@pytest.mark.parametrize("dates", [1, 2, 3, 5])
def test_sets_of_dates_are_as_many_as_the_test_itself_counts(dates):
    assert SPACING == MIN_SPACING
    years = frozenset(range(1992, 2023))
    candidates = len(years) - 3  # two years at the beginning and one at the end are none

    assert count_date_sets(years, dates) == count_placements(candidates, dates, SPACING)


@pytest.mark.parametrize(("months", "windows", "length"), [(240, 3, 12), (36, 1, 12), (6, 2, 2)])
def test_sets_of_windows_are_as_many_as_the_test_itself_counts(months, windows, length):
    assert count_window_sets(months, windows, length) == count_windows(months, windows, length)


def test_no_rule_is_refused_that_some_data_would_make_fire(tmp_path):
    claims = [
        claim(gate="M-8"),
        claim(id="M-8", **DATES),
        claim(id="M-3", smallest_effect=3.0),  # above the claimed one, which the data may exceed
        judging("all_of", members=["M-1.exports", "M-8"]),
        judging("placebo_set", id="M-7", members=["M-2", "M-8"]),
        without_test(CANNOT | {"gate": "M-8"}),
    ]

    assert faults(tmp_path, *claims) == []
