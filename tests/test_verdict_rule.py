"""The rule: every finding, the order of the conditions, and both sides of every boundary.

All evidence is made by hand; S is 1 and alpha .05 unless a test says otherwise.
"""

from dataclasses import replace
from math import comb

import pytest

from analysis.verdict.rule import Evidence, Finding, Strength, conditions, decide

JUST = 1e-9

SUPPORTED = Evidence(
    smallest_effect=1.0, estimate=2.0, wide=(0.6, 3.4), narrow=(0.9, 3.1),
    p_adjusted=0.01, p_size_adjusted=0.9, power_at_claim=0.8, p_maximised=0.2, p_shift=0.2,
)  # fmt: skip
OPEN = Evidence(
    smallest_effect=1.0, estimate=0.8, wide=(-0.9, 2.5), narrow=(-0.6, 2.2),
    p_adjusted=0.3, p_size_adjusted=0.4, power_at_claim=0.5,
)  # fmt: skip
OPPOSITE = replace(OPEN, estimate=-2.0, wide=(-3.5, -0.5), narrow=(-3.2, -0.8), p_adjusted=1.0)
SMALL = replace(OPEN, estimate=0.1, wide=(-1.05, 1.2), narrow=(-0.7, 0.9), p_adjusted=0.8)
REJECTED = replace(OPEN, estimate=-0.3, wide=(-1.6, 1.0), narrow=(-1.4, 0.8), p_size_adjusted=0.01)


def finding(evidence: Evidence, **changes: object) -> str:
    return decide(replace(evidence, **changes)).finding.value


def because(evidence: Evidence, **changes: object) -> str:
    return decide(replace(evidence, **changes)).because


def test_a_refused_design_is_untestable():
    decision = decide(Evidence(refusal="There are no data."))

    assert decision.finding is Finding.UNTESTABLE
    assert decision.strength is None
    assert conditions(Evidence(refusal="There are no data."))[0].bound == "There are no data."


def test_an_interval_on_the_other_side_of_zero_contradicts():
    assert finding(OPPOSITE) == "contradicted"
    assert because(OPPOSITE) == "other side of zero"


def test_an_interval_that_touches_zero_does_not_contradict():
    assert finding(OPPOSITE, wide=(-3.5, -JUST)) == "contradicted"
    assert finding(OPPOSITE, wide=(-3.5, 0.0)) == "inconclusive"


def test_too_little_power_at_the_claimed_size_is_untestable():
    assert finding(SUPPORTED, power_at_claim=0.10) == "supported"
    assert finding(SUPPORTED, power_at_claim=0.10 - JUST) == "untestable"
    assert because(SUPPORTED, power_at_claim=0.05) == "power at claim"


def test_an_interval_within_the_smallest_effect_is_negligible():
    assert finding(SMALL) == "negligible"
    assert finding(SMALL, narrow=(-1.0 + JUST, 1.0 - JUST)) == "negligible"
    assert finding(SMALL, narrow=(-1.0, 0.9)) == "inconclusive"
    assert finding(SMALL, narrow=(-0.7, 1.0)) == "inconclusive"


def test_effects_are_ruled_out_by_the_smallest_size_they_may_have():
    """With S in sd the smallest that rho allows is the bound; support still asks for half of S."""
    assert finding(SMALL, rejected_effect=0.95) == "negligible"
    assert finding(SMALL, rejected_effect=0.8) == "inconclusive"
    assert finding(SUPPORTED, rejected_effect=0.8, estimate=0.5 - JUST) == "inconclusive"


def test_all_conditions_together_support():
    assert finding(SUPPORTED) == "supported"
    assert because(SUPPORTED) == "all of support"


def test_a_corrected_p_of_exactly_alpha_supports():
    assert finding(SUPPORTED, p_adjusted=0.05) == "supported"
    assert finding(SUPPORTED, p_adjusted=0.05 + JUST) == "inconclusive"
    assert finding(SUPPORTED, p_adjusted=0.05, alpha=0.01) == "inconclusive"
    assert because(SUPPORTED, p_adjusted=0.06) == "corrected p"


def test_an_estimate_of_exactly_half_the_smallest_effect_supports():
    assert finding(SUPPORTED, estimate=0.5) == "supported"
    assert finding(SUPPORTED, estimate=0.5 - JUST) == "inconclusive"
    assert finding(SUPPORTED, estimate=0.5, smallest_effect=1.1) == "inconclusive"
    assert because(SUPPORTED, estimate=0.4) == "large enough"


def test_three_quarters_of_the_looks_are_enough():
    assert finding(SUPPORTED, looks_agree=0.75) == "supported"
    assert finding(SUPPORTED, looks_agree=0.75 - JUST) == "inconclusive"
    assert finding(SUPPORTED, looks_agree=None) == "supported"
    assert because(SUPPORTED, looks_agree=2 / 3) == "looks agree"


def test_the_gap_must_have_the_same_sign_with_p_of_at_most_one_tenth():
    assert finding(SUPPORTED, gap=(0.1, 0.10)) == "supported"
    assert finding(SUPPORTED, gap=(0.1, 0.10 + JUST)) == "inconclusive"
    assert finding(SUPPORTED, gap=(-0.1, 0.01)) == "inconclusive"
    assert finding(SUPPORTED, gap=(0.0, 0.01)) == "inconclusive"
    assert because(SUPPORTED, gap=(-1.0, 0.01)) == "gap agrees"


def binomial_tail(number: int, supported: int, alpha: float) -> float:
    """P(at least `supported` of `number`), summed term by term."""
    return sum(
        comb(number, k) * alpha**k * (1 - alpha) ** (number - k)
        for k in range(supported, number + 1)
    )


@pytest.mark.parametrize(
    ("number", "supported", "passes"),
    [
        (20, 0, True),
        (20, 3, True),  # P(3 or more of 20) = .0755
        (20, 4, False),  # P(4 or more of 20) = .0159
        (3, 1, True),  # P(1 or more of 3) = .1426
        (2, 1, True),  # P(1 or more of 2) = .0975
        (3, 2, False),  # P(2 or more of 3) = .0073
    ],
)
def test_placebos_are_judged_by_the_exact_binomial(number, supported, passes):
    evidence = replace(SUPPORTED, placebos=(number, supported))
    condition = {each.name: each for each in conditions(evidence)}["placebos pass"]

    assert (finding(evidence) == "supported") == passes
    assert condition.value == pytest.approx(binomial_tail(number, supported, 0.05))
    assert because(SUPPORTED, placebos=(20, 4)) == "placebos pass"


def test_the_placebos_are_held_against_the_level_of_the_claim():
    """P(2 or more of 20) is .264 at a level of .05 and .017 at .01."""
    assert finding(SUPPORTED, placebos=(20, 2)) == "supported"
    assert finding(SUPPORTED, placebos=(20, 2), p_adjusted=0.001, alpha=0.01) == "inconclusive"


def test_a_single_placebo_that_is_supported_rejects_at_exactly_alpha():
    """P(1 of 1) = .05: comparisons of p are "at most"."""
    assert finding(SUPPORTED, placebos=(1, 0)) == "supported"
    assert finding(SUPPORTED, placebos=(1, 1)) == "inconclusive"


def test_effects_of_the_smallest_size_rejected_contradict():
    assert finding(REJECTED) == "contradicted"
    assert because(REJECTED) == "effect of S rejected"
    assert finding(REJECTED, p_size_adjusted=0.05) == "contradicted"
    assert finding(REJECTED, p_size_adjusted=0.05 + JUST) == "inconclusive"


def test_three_quarters_of_the_looks_must_lie_below_the_smallest_effect():
    assert finding(REJECTED, looks_below=0.75) == "contradicted"
    assert finding(REJECTED, looks_below=0.75 - JUST) == "inconclusive"


def test_otherwise_it_is_inconclusive():
    assert finding(OPEN) == "inconclusive"


@pytest.mark.parametrize("evidence", [OPPOSITE, REJECTED], ids=["by sign", "by size"])
def test_a_two_sided_claim_is_never_contradicted(evidence):
    assert finding(evidence) == "contradicted"
    assert finding(evidence, directed=False) == "inconclusive"


def test_the_first_condition_that_holds_decides():
    everything = replace(
        SUPPORTED, refusal="no data", wide=(-2.0, -1.0), narrow=(-0.1, 0.1), power_at_claim=0.01,
        p_size_adjusted=0.001,
    )  # fmt: skip

    assert because(everything) == "design answers"
    assert because(everything, refusal=None) == "other side of zero"
    upwards = replace(everything, refusal=None, wide=(-1.0, 2.0))
    assert because(upwards) == "power at claim"
    assert because(upwards, power_at_claim=0.5) == "smaller than matters"
    assert because(upwards, power_at_claim=0.5, narrow=(-0.1, 1.1)) == "all of support"
    last = replace(upwards, power_at_claim=0.5, narrow=(-0.1, 1.1), p_adjusted=0.5)
    assert because(last) == "effect of S rejected"
    assert because(last, p_size_adjusted=0.5) == "corrected p"


def test_sign_contradicts_even_where_power_is_too_low():
    assert finding(OPPOSITE, power_at_claim=0.01) == "contradicted"


@pytest.mark.parametrize(
    ("p_maximised", "p_shift", "strength"),
    [
        (0.05, 0.05, Strength.STRONG),
        (0.05 + JUST, 0.01, Strength.NORMAL),
        (0.01, 0.05 + JUST, Strength.NORMAL),
    ],
)
def test_support_is_strong_if_both_further_p_are_at_most_alpha(p_maximised, p_shift, strength):
    evidence = replace(SUPPORTED, p_maximised=p_maximised, p_shift=p_shift)

    assert decide(evidence).strength is strength


def test_mechanisms_and_rivals_are_at_most_consistent():
    evidence = replace(SUPPORTED, p_maximised=0.001, p_shift=0.001, capped=True)

    assert decide(evidence).strength is Strength.CONSISTENT


@pytest.mark.parametrize("evidence", [OPPOSITE, SMALL, OPEN, REJECTED])
def test_only_support_has_a_strength(evidence):
    assert decide(replace(evidence, p_maximised=0.001, p_shift=0.001)).strength is None


def test_nothing_declared_is_nothing_against_the_claim():
    """All three at once: no looks, no placebos, no comparison units."""
    named = {each.name: each for each in conditions(SUPPORTED)}

    for name in ("looks agree", "placebos pass", "gap agrees"):
        assert named[name].holds
        assert named[name].value is None
