"""The numbers of the statements of fact: what was read, what was asked for, and how many hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.exhibits.claim_numbers import cite
from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.formats import ABSENT, MINUS, format_digest
from analysis.exhibits.number import Number, Numbers, count, words

FINDINGS = ("supported", "contradicted", "inconclusive", "untestable")  # nothing is estimated
NOT_CHECKED = "none"  # the operation of a statement that no data here check
EVERY = "all"

Fact = Mapping[str, Any]


def number_facts(findings: Sequence[Fact], facts: StudyFacts) -> Numbers:
    """Give each statement's numbers, and counts by paper and in all.

    Args:
        findings: `facts` of `verdicts.json`.
        facts: What the tables of the study say.
    """
    numbers = _tally(EVERY, list(findings))
    for paper in dict.fromkeys(str(each["paper"]) for each in findings):
        numbers |= _tally(paper, [each for each in findings if each["paper"] == paper])
        numbers[f"facts.{paper}.name"] = words(cite(paper, facts))
    for each in findings:
        numbers |= _statement(each)
    return numbers


def _tally(name: str, findings: Sequence[Fact]) -> Numbers:
    """Count rows by finding, and statements of the collection, of which a row may merge several."""
    counted = Counter(str(each["finding"]) for each in findings)
    checked = [each for each in findings if each["operation"] != NOT_CHECKED]
    seeds = {seed for each in findings for seed in each["seeds"]}
    with_check = {seed for each in checked for seed in each["seeds"]}
    numbers = {
        "n": len(findings),
        "n_checked": len(checked),
        "n_not_checked": len(findings) - len(checked),
        "n_statements": len(seeds),
        "n_statements_checked": len(with_check),
        "n_statements_not_checked": len(seeds - with_check),
        "n_merged": sum(len(each["seeds"]) > 1 for each in findings),
    }
    numbers |= {f"n_{finding}": counted[finding] for finding in FINDINGS}
    return {f"facts.{name}.{field}": count(number) for field, number in numbers.items()}


def _statement(fact: Fact) -> Numbers:
    name = f"fact.{fact['claim']}"
    cells = fact.get("cells") or {}
    texts = {
        "id": fact["claim"],
        "statement": fact["statement"],
        "locator": fact["locator"],
        "operation": str(fact["operation"]).replace("_", " "),
        "expected": _signed(fact["expected"]) or ABSENT,
        "observed": _signed(fact["observed"]) or ABSENT,
        "finding": fact["finding"],
        "reason": fact["reason"],
        "needs": fact["needs"] or ABSENT,
        "note": fact["note"],
        "seeds": ", ".join(fact["seeds"]) or ABSENT,
    }
    return {f"{name}.{field}": words(str(text)) for field, text in texts.items()} | {
        f"{name}.cells_n": count(cells.get("n")),
        f"{name}.cells_recalled": count(cells.get("recalled")),
        f"{name}.cells_sha256": Number(
            value=cells.get("sha256"), text=format_digest(cells.get("sha256"))
        ),
    }


def _signed(text: str) -> str:
    """Give a printed result with a true minus sign.

    >>> _signed("below -0.5"), _signed("2016-07-08"), _signed("-3 to -1")
    ('below −0.5', '2016-07-08', '−3 to −1')
    """
    parts = [MINUS + part[1:] if part.startswith("-") else part for part in text.split(" ")]
    return " ".join(parts)
