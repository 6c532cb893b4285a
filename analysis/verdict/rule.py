"""Decide what an estimate means for a claim: one rule for all claims, in one place.

Everything is measured in the claimed direction: a claim of "less" is turned round before it gets
here, so that positive means "as claimed". S is the smallest effect that matters.
"""

from dataclasses import dataclass
from enum import StrEnum

from scipy import stats

LEAST_POWER = 0.10
LARGEST_SIZE = 0.075
MOST_LOOKS = 0.75
LOOK_P = 0.10
PLACEBO_LEVEL = 0.05


class Finding(StrEnum):
    """What the evidence means for a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    NEGLIGIBLE = "negligible"
    INCONCLUSIVE = "inconclusive"
    UNTESTABLE = "untestable"


class Strength(StrEnum):
    STRONG = "strong"
    NORMAL = "normal"
    CONSISTENT = "consistent"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the rule looks at. None means that nothing was declared and nothing checked.

    Attributes:
        refusal: Why no estimate may be shown; None if one may.
        directed: False for a two-sided claim, which cannot be contradicted.
        alpha: Level of the test.
        smallest_effect: S.
        rejected_effect: S where a finding says that effects of S are ruled out. Where S is declared
            in sd it is the smallest that the interval of rho allows; else it is S.
        estimate: In the claimed direction, in the unit of S.
        wide: Interval at 1 - alpha, same direction and unit.
        narrow: Interval at 1 - 2 alpha, same direction and unit.
        p_adjusted: Corrected p of "no effect"; from the maximised p where the size is too large.
        p_size_adjusted: Corrected p of "an effect of S or more".
        power_at_claim: Share of series with the claimed effect in which it is found.
        looks_agree: Share of counted looks that agree.
        looks_below: Share of counted looks whose estimate lies below S.
        placebos: Number of placebos of the same design and outcome, and how many are supported.
        gap: Estimate and p of the gap to the comparison units, in the claimed direction.
        p_maximised: Largest p over the interval of rho.
        p_shift: p of the circular shift.
        capped: Whether mechanism or rival theory caps the strength at `consistent`.
    """

    refusal: str | None = None
    directed: bool = True
    alpha: float = 0.05
    smallest_effect: float = 1.0
    rejected_effect: float | None = None
    estimate: float = float("nan")
    wide: tuple[float, float] = (float("nan"), float("nan"))
    narrow: tuple[float, float] = (float("nan"), float("nan"))
    p_adjusted: float = 1.0
    p_size_adjusted: float = 1.0
    power_at_claim: float = 0.0
    looks_agree: float | None = None
    looks_below: float | None = None
    placebos: tuple[int, int] | None = None
    gap: tuple[float, float] | None = None
    p_maximised: float = 1.0
    p_shift: float = 1.0
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the rule: whether it holds, and the number and bound that say so."""

    name: str
    holds: bool
    value: float | None
    bound: str


@dataclass(frozen=True, slots=True)
class Decision:
    finding: Finding
    strength: Strength | None
    because: str


def decide(evidence: Evidence) -> Decision:
    """Say what the evidence means for the claim: the first rule that holds."""
    holds = {condition.name: condition.holds for condition in conditions(evidence)}
    if not holds["design answers"]:
        return Decision(Finding.UNTESTABLE, None, "design answers")
    if holds["other side of zero"]:
        return Decision(Finding.CONTRADICTED, None, "other side of zero")
    if not holds["power at claim"]:
        return Decision(Finding.UNTESTABLE, None, "power at claim")
    if holds["smaller than matters"]:
        return Decision(Finding.NEGLIGIBLE, None, "smaller than matters")
    if all(holds[name] for name in SUPPORT):
        return Decision(Finding.SUPPORTED, strength(evidence), "all of support")
    if holds["effect of S rejected"] and holds["looks below S"]:
        return Decision(Finding.CONTRADICTED, None, "effect of S rejected")
    return Decision(Finding.INCONCLUSIVE, None, next(n for n in SUPPORT if not holds[n]))


SUPPORT = ("corrected p", "large enough", "looks agree", "placebos pass", "gap agrees")


def conditions(evidence: Evidence) -> tuple[Condition, ...]:
    """Every condition of the rule with its number and bound, for `decide` and `explain`."""
    e, s, level = evidence, evidence.smallest_effect, f"at most {evidence.alpha:g}"
    ruled_out = s if e.rejected_effect is None else e.rejected_effect
    if e.refusal is not None:
        return (Condition("design answers", False, None, e.refusal),)
    return (
        Condition("design answers", True, None, "no condition of the design is violated"),
        Condition("other side of zero", e.directed and e.wide[1] < 0, e.wide[1], "below 0"),
        Condition(
            "power at claim",
            e.power_at_claim >= LEAST_POWER,
            e.power_at_claim,
            f"at least {LEAST_POWER:g}",
        ),
        Condition(
            "smaller than matters",
            -ruled_out < e.narrow[0] and e.narrow[1] < ruled_out,
            max(-e.narrow[0], e.narrow[1]),
            f"below {ruled_out:.4g}",
        ),
        Condition("corrected p", e.p_adjusted <= e.alpha, e.p_adjusted, level),
        Condition("large enough", e.estimate >= s / 2, e.estimate, f"at least {s / 2:.4g}"),
        Condition(
            "looks agree", _at_least(e.looks_agree), e.looks_agree, f"{MOST_LOOKS:g} or more"
        ),
        Condition("placebos pass", *_placebos(e)),
        Condition("gap agrees", *_gap(e)),
        Condition(
            "effect of S rejected",
            e.directed and e.p_size_adjusted <= e.alpha,
            e.p_size_adjusted,
            level,
        ),
        Condition(
            "looks below S", _at_least(e.looks_below), e.looks_below, f"{MOST_LOOKS:g} or more"
        ),
    )


def strength(evidence: Evidence) -> Strength:
    """How strongly a supported claim is supported."""
    if evidence.capped:
        return Strength.CONSISTENT
    firm = max(evidence.p_maximised, evidence.p_shift) <= evidence.alpha
    return Strength.STRONG if firm else Strength.NORMAL


def _at_least(share: float | None) -> bool:
    return share is None or share >= MOST_LOOKS


def _placebos(evidence: Evidence) -> tuple[bool, float | None, str]:
    if evidence.placebos is None:
        return True, None, "none declared"
    number, supported = evidence.placebos
    p = float(stats.binom.sf(supported - 1, number, evidence.alpha))
    return p > PLACEBO_LEVEL, p, f"above {PLACEBO_LEVEL:g}"


def _gap(evidence: Evidence) -> tuple[bool, float | None, str]:
    if evidence.gap is None:
        return True, None, "none declared"
    estimate, p = evidence.gap
    return estimate > 0 and p <= LOOK_P, p, f"same sign and at most {LOOK_P:g}"
