"""Decide what the data mean for a statement of fact: one rule for all such statements.

Nothing is estimated here. A statement is read off the data in every way they allow: from every
source and vintage, with and without what was recalled. Only where all readings agree, farther from
the bound than the coding error allowed for, is it supported or contradicted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analysis.verdict.rule import Finding

NOISE = 1e-9  # differences of floats that are none, as a share of the bound or of one


class Answer(StrEnum):
    """What one reading says of a statement."""

    HOLDS = "holds"
    DENIED = "does not hold"
    OPEN = "too close to say"


@dataclass(frozen=True, slots=True)
class FactEvidence:
    """What the rule looks at.

    Attributes:
        refusal: Why the data cannot check the statement; None if they can.
        answers: Of every reading.
        without_recalled: Whether a reading is left when recalled values are left out.
        estimates_bounded: Whether a reading does without estimated values, or a tolerance is
            declared for them.
    """

    refusal: str | None = None
    answers: tuple[Answer, ...] = ()
    without_recalled: bool = True
    estimates_bounded: bool = True


@dataclass(frozen=True, slots=True)
class FactDecision:
    finding: Finding
    because: str


def decide_fact(evidence: FactEvidence) -> FactDecision:
    """Say what the readings mean for the statement: the first rule that holds."""
    answers = set(evidence.answers)
    if evidence.refusal is not None or not answers:
        return FactDecision(Finding.UNTESTABLE, "data answer")
    if not evidence.without_recalled:
        return FactDecision(Finding.INCONCLUSIVE, "stands without recalled values")
    if {Answer.HOLDS, Answer.DENIED} <= answers:
        return FactDecision(Finding.INCONCLUSIVE, "readings agree")
    if Answer.OPEN in answers:
        return FactDecision(Finding.INCONCLUSIVE, "outside the tolerance")
    if answers == {Answer.HOLDS}:
        return FactDecision(Finding.SUPPORTED, "readings agree")
    if not evidence.estimates_bounded:
        return FactDecision(Finding.INCONCLUSIVE, "estimates have a tolerance")
    return FactDecision(Finding.CONTRADICTED, "readings agree")


def compare(
    result: tuple[float, float],
    comparison: str,
    bound: tuple[float, float],
    tolerance: float = 0.0,
) -> Answer:
    """Hold a result, known to lie between two ends, against a bound.

    Args:
        result: Smallest and largest value it may have.
        comparison: One of `>`, `>=`, `<`, `<=`, `=` and `within`.
        bound: The two ends of the bound, equal for one number.
        tolerance: What is nearer to the bound than this is too close to say. For `=` and `within`
            what lies in the bound itself holds all the same.

    >>> compare((14.0, 14.0), "=", (25.0, 25.0)).value
    'does not hold'
    >>> compare((0.2, 0.2), ">", (0.0, 0.0), tolerance=0.5).value
    'too close to say'
    """
    noise = NOISE * max(1.0, *(abs(end) for end in bound))
    low, high = (_settle(end, bound, noise) for end in result)
    first, last = bound
    holds, denied = {
        ">": (low - tolerance > last, high + tolerance <= last),
        ">=": (low - tolerance >= first, high + tolerance < first),
        "<": (high + tolerance < first, low - tolerance >= first),
        "<=": (high + tolerance <= last, low - tolerance > last),
    }.get(
        comparison,
        (first <= low and high <= last, high + tolerance < first or low - tolerance > last),
    )
    if holds:
        return Answer.HOLDS
    return Answer.DENIED if denied else Answer.OPEN


def reverse(answer: Answer) -> Answer:
    """The answer to a statement that the comparison does not hold."""
    return {Answer.HOLDS: Answer.DENIED, Answer.DENIED: Answer.HOLDS}.get(answer, answer)


def _settle(value: float, bound: tuple[float, float], noise: float) -> float:
    """The end of the bound that `value` equals but for the noise of floats, or `value`."""
    return next((end for end in bound if abs(value - end) <= noise), value)
