"""The answer in words: what was found, in the words of the verdicts, and what would decide.

A text is a list of pieces; a piece is a string, a string to stress, `{"strong": text}`, or the name
of a number, `{"n": name}`, which the report looks up. So no digit is typed here, and no finding is
named that no verdict has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.errors import UsageError
from analysis.exhibits.study_numbers import FINDINGS

Pieces = list[str | dict[str, str]]
Claim = Mapping[str, Any]

SIZED = ("supported", "contradicted", "negligible")  # findings about the size of an effect
MAIN = "primary"
MOST_NAMED = 24  # claims named in one paragraph; more are counted
MEANING = {
    "supported": "Supported",
    "contradicted": "Contradicted",
    "negligible": "Too small to matter (negligible)",
    "inconclusive": "Not to be told from these data (inconclusive)",
    "untestable": "Untestable with these data",
}

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


def write_answer(claims: Sequence[Claim], *, with_facts: bool = False) -> list[Pieces]:
    """Give the paragraphs of the summary: counts, the main claims, statements of fact, power.

    Args:
        claims: Verdicts that decide a claim.
        with_facts: Whether statements of fact were checked.
    """
    if not claims:
        return [read_pieces("No claim is declared.")]
    texts = [f"Of {{study.n_claims}} claims, {_count_findings(claims, 'study')}."]
    main = [claim for claim in claims if claim["role"] == MAIN]
    if main and len(main) < len(claims):
        texts[0] += (
            f" Of the {{role.primary.n}} main ones among them, "
            f"{_count_findings(main, 'role.primary')}."
        )
    paragraphs = [read_pieces(text) for text in texts]
    paragraphs += list_findings(main or claims, leave_out=("untestable",) if main else ())
    if with_facts:
        paragraphs.append(read_pieces(_say_facts("all")))
    paragraphs.append(read_pieces(_say_power(claims)))
    return paragraphs


def list_findings(claims: Sequence[Claim], leave_out: Sequence[str] = ()) -> list[Pieces]:
    """Name the claims finding by finding, with the effect where the finding is about its size."""
    paragraphs = []
    for finding in FINDINGS:
        members = [claim for claim in claims if claim["finding"] == finding]
        if members and finding not in leave_out:
            named = [_name_claim(c["id"], c, finding in SIZED) for c in members[:MOST_NAMED]]
            if len(members) > MOST_NAMED:
                named.append("and others, listed in the appendix")
            pieces: Pieces = [{"strong": f"{MEANING[finding]}."}, " "]
            paragraphs.append([*pieces, *read_pieces("; ".join(named) + ".")])
    return paragraphs


def _count_findings(claims: Sequence[Claim], group: str) -> str:
    found = [claim["finding"] for claim in claims]
    counts = [f"{{{group}.n_{each}}} {each}" for each in FINDINGS if each in found]
    first = next(each for each in FINDINGS if each in found)
    verb = "is" if found.count(first) == 1 else "are"
    return _join(counts).replace(" ", f" {verb} ", 1)


def _name_claim(key: str, claim: Claim, with_size: bool) -> str:
    label = f"{{{key}.register}}, {{{key}.title}}" if "." in key else f"{{{key}.label}}"
    if not with_size or claim.get("estimate") is None:
        return label
    return f"{label} ({{{key}.estimate}} {{{key}.effect_unit}}, {{{key}.interval}})"


def _say_facts(paper: str) -> str:
    name = f"facts.{paper}"
    return (
        f"Of {{{name}.n}} statements of fact, {{{name}.n_checked}} can be checked with the data at "
        f"hand: {{{name}.n_supported}} hold, {{{name}.n_contradicted}} do not, and on the others "
        "the data are open."
    )


def _say_power(claims: Sequence[Claim]) -> str:
    tested = [claim for claim in claims if claim["finding"] != "untestable"]
    power = [claim for claim in tested if claim.get("power_at_claim") is not None]
    if not power:
        return "No claim could be tested."
    text = ""
    if any(claim["finding"] in SIZED and claim.get("estimate") is not None for claim in claims):
        text = "In brackets: the effect and its {study.level} interval. "
    text += (
        "Were the effects as large as claimed, a test taken alone would find them with probability "
        "between {study.power_at_claim_smallest} and {study.power_at_claim_largest}, and after "
        "correction with {study.power_rule_smallest} to {study.power_rule_largest}"
    )
    if any(claim["power_at_claim"] < 0.5 for claim in power):
        text += (
            "; for {study.n_low_power} of {study.n_powered} claims the former is below "
            "{study.low_power}"
        )
    text += "."
    if any(claim["finding"] == "inconclusive" for claim in claims):
        text += " Inconclusive means that these data cannot tell, not that nothing happened."
    return text


def _join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
