"""The answer in one paragraph: what was found, in the words of the verdicts.

A text is a list of pieces; a piece is a string, a string to stress, `{"strong": text}`, or the name
of a number, `{"n": name}`, which the report looks up. So no digit is typed here, and no finding is
named that no verdict has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from analysis.errors import UsageError
from analysis.exhibits.study_numbers import FINDINGS

Pieces = list[str | dict[str, str]]

SIZED = ("supported", "contradicted", "negligible")  # findings about the size of a step

_NAME = re.compile(r"\{([^{}]+)\}")


def read_pieces(text: str, place: str = "") -> Pieces:
    """Split a text into strings and the numbers named in braces.

    Raises:
        UsageError: The text types a digit instead of naming a number.

    >>> read_pieces("Of {study.n_claims} claims")
    ['Of ', {'n': 'study.n_claims'}, ' claims']
    """
    pieces: Pieces = []
    for at, part in enumerate(_NAME.split(text)):
        if at % 2:
            pieces.append({"n": part})
        elif re.search(r"\d", part):
            raise UsageError(
                f"{place} types a number in '{part.strip()}'; "
                "name it in braces instead, as in {study.n_claims}."
            )
        elif part:
            pieces.append(part)
    return pieces


def write_answer(claims: Sequence[Mapping[str, Any]]) -> list[Pieces]:
    """Give the paragraphs of the answer: the count, each finding in turn, what power there was."""
    by_finding = {
        finding: [claim for claim in claims if claim["finding"] == finding] for finding in FINDINGS
    }
    found = {finding: members for finding, members in by_finding.items() if members}
    counts = _join([f"{{study.n_{finding}}} {finding}" for finding in found])
    paragraphs = [f"Of {{study.n_claims}} claims on {{study.n_outcomes}} series, {counts}."]
    paragraphs += [_list_members(finding, members) for finding, members in found.items()]
    texts = [*paragraphs, _say_power(claims, found)]
    return [_stress_findings(read_pieces(text)) for text in texts]


def _stress_findings(pieces: Pieces) -> Pieces:
    """Set the finding that opens a paragraph apart from the rest."""
    opening, *rest = pieces
    if not isinstance(opening, str):
        return pieces
    word, dot, more = opening.partition(". ")
    if dot and word.lower() in FINDINGS:
        return [{"strong": word + "."}, " " + more, *rest]
    return pieces


def _list_members(finding: str, members: Sequence[Mapping[str, Any]]) -> str:
    """Name the claims by outcome and term, with the step where the finding is about its size."""
    with_size = finding in SIZED
    outcomes = []
    for _, group in groupby(members, key=lambda claim: claim["outcome"]):
        keys = [claim["id"] for claim in group]
        terms = ", ".join(_name_term(key, with_size=with_size) for key in keys)
        outcomes.append(f"{{{keys[0]}.outcome}}: {terms}")
    return f"{finding.capitalize()}. {'; '.join(outcomes)}."


def _name_term(key: str, *, with_size: bool) -> str:
    size = f" ({{{key}.estimate}} {{{key}.effect_unit}}, {{{key}.interval}})" if with_size else ""
    return f"{{{key}.term}}{size}"


def _say_power(claims: Sequence[Mapping[str, Any]], found: Mapping[str, Any]) -> str:
    power = [claim for claim in claims if claim.get("power_at_claim") is not None]
    if not power:
        return "No claim could be tested."
    text = "In brackets: the step and its {study.level} interval. " if _has_sizes(found) else ""
    text += (
        "Were the effects as large as claimed, a test taken alone would find them with probability "
        "between {study.power_at_claim_smallest} and {study.power_at_claim_largest}, and after "
        "correction with {study.power_rule_smallest} to {study.power_rule_largest}"
    )
    if any(claim["power_at_claim"] < 0.5 for claim in power):
        text += (
            "; for {study.n_low_power} of {study.n_tested} claims the former is below "
            "{study.low_power}"
        )
    text += "."
    if "inconclusive" in found:
        text += " Inconclusive means that these data cannot tell, not that nothing happened."
    return text


def _has_sizes(found: Mapping[str, Any]) -> bool:
    return any(finding in SIZED for finding in found)


def _join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
