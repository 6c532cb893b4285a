"""Statements of fact in words: what was read, what was asked for, and why it is decided so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from analysis.records.claims import Claim, Period
from analysis.records.words import join_words
from analysis.verdict.fact_rule import Answer, FactDecision
from analysis.verdict.rule import Finding

COMPARED = {
    ">": "above {}",
    ">=": "at least {}",
    "<": "below {}",
    "<=": "at most {}",
    "=": "{}",
    "within": "{}",
}
DATES_COMPARED = COMPARED | {
    ">": "after {}",
    ">=": "{} or later",
    "<": "before {}",
    "<=": "{} or earlier",
    "=": "in {}",
    "within": "in {}",
}
MOST_NAMED = 3

Shown = tuple[str, str, Answer]  # name, observed, answer of a reading


def say_observed(claim: Claim, result: tuple[float, float]) -> str:
    """A result as printed: four significant digits, or a date."""
    low, high = result
    if claim.how.gives == "date":
        first, last = (date.fromordinal(int(end)).isoformat() for end in result)
    else:
        first, last = say_number(low), say_number(high)
    return first if low == high else f"{first} to {last}"


def say_number(value: float) -> str:
    """Four significant digits, whole numbers in full.

    >>> say_number(1057.75), say_number(14.0), say_number(0.02513)
    ('1058', '14', '0.02513')
    """
    return f"{value:.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:.4g}"


def say_expected(claim: Claim) -> str:
    """What the statement asks for; "" where it is not checked."""
    if not claim.comparison:
        return ""
    words = DATES_COMPARED if claim.how.gives == "date" else COMPARED
    text = words[claim.comparison].format(claim.bound)
    if ":" in claim.bound:
        text = "between {} and {}".format(*claim.bound.split(":"))
    return text if claim.expected else f"not {text}"


def say_what(claim: Claim) -> str:
    """What is read off the data, as the subject of a sentence."""
    *earlier, last = claim.periods or ((0, 0),)
    unit, *others = claim.units or ("",)
    return claim.how.what.format(
        series=" or ".join(claim.series),
        unit=unit,
        others=_joined(others),
        years=_joined(_say_period(period) for period in claim.periods),
        first=_joined(_say_period(period) for period in earlier),
        last=_say_period(last),
        events=_say_events(claim),
    )


def give_reason(claim: Claim, decision: FactDecision, readings: Sequence[Shown]) -> str:
    """One sentence a reader can check."""
    what = say_what(claim)
    needs = f"by the statement it is {say_expected(claim)}"
    if claim.tolerance:
        unit = " days" if claim.how.gives == "date" or claim.operation == "date_order" else ""
        needs += f", give or take {say_number(claim.tolerance)}{unit}"
    seen = f"{what[0].upper()}{what[1:]} is {readings[0][1]}; {needs}"
    return f"{seen}; {_say_agreement(decision, readings)}."


def _say_agreement(decision: FactDecision, readings: Sequence[Shown]) -> str:
    n = len(readings)
    if decision.finding is Finding.SUPPORTED:
        return "the one reading agrees" if n == 1 else f"all {n} readings agree"
    if decision.finding is Finding.CONTRADICTED:
        return "the one reading denies it" if n == 1 else f"all {n} readings deny it"
    if decision.because == "stands without recalled values":
        return "without recalled values nothing is left to read"
    if decision.because == "estimates have a tolerance":
        return "it rests on estimates for which no tolerance is declared"
    if n == 1:
        return f"that is {Answer.OPEN.value}"
    return "; ".join(f"{name}: {observed} {answer.value}" for name, observed, answer in readings)


def _say_events(claim: Claim) -> str:
    if claim.events:
        more = len(claim.events) - MOST_NAMED
        shown = claim.events if more <= 0 else (*claim.events[:MOST_NAMED], f"{more} more")
        return _joined(shown)
    parts = [f"events of kind {' or '.join(claim.kinds)}"]
    if claim.domains:
        parts.append(f"on {' or '.join(claim.domains)}")
    if claim.units:
        parts.append(f"of {' or '.join(claim.units)}")
    if claim.periods:
        parts.append(f"in {_joined(_say_period(period) for period in claim.periods)}")
    return " ".join(parts)


def _joined(words: Iterable[str]) -> str:
    return join_words(list(words) or [""])


def _say_period(period: Period) -> str:
    first, last = period
    return str(first) if first == last else f"{first}-{last}"
