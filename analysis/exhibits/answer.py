"""The answer in words: what was found, in the words of the verdicts, and what would decide.

Written in pieces, so that no digit is typed here; and no finding is named that no verdict has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.exhibits.finding_words import BY_SIGN, BY_SIZE, way_of
from analysis.exhibits.number import Number
from analysis.exhibits.pieces import Pieces, count_out, join_and, read_pieces
from analysis.exhibits.study_numbers import FINDINGS

Claim = Mapping[str, Any]

SIZED = ("supported", "contradicted", "negligible")  # findings about the size of an effect
MAIN = "primary"
MOST_NAMED = 24  # claims named in one paragraph; more are counted
MEANING = {
    "supported": "Supported",
    BY_SIGN: "Contradicted by sign: the interval lies wholly on the opposite side",
    BY_SIZE: "Contradicted by size: effects large enough to matter are rejected",
    "contradicted": "Contradicted",
    "negligible": "Too small to matter (negligible)",
    "inconclusive": "Not to be told from these data (inconclusive)",
    "untestable": "Untestable with these data",
}


def write_answer(
    claims: Sequence[Claim], numbers: Mapping[str, Number], *, with_facts: bool = False
) -> list[Pieces]:
    """Give the paragraphs of the summary: counts, the main claims, statements of fact, power.

    Args:
        claims: Verdicts that decide a claim.
        numbers: Those of the record, whose counts give the grammar.
        with_facts: Whether statements of fact were checked.
    """
    if not claims:
        return [read_pieces("No claim is declared.")]
    noun = "claim" if len(claims) == 1 else "claims"
    text = f"Of {{study.n_claims}} {noun}, {_count_findings(claims, 'study')}."
    main = [claim for claim in claims if claim["role"] == MAIN]
    if main and len(main) < len(claims):
        text += _say_main(main)
    named = list_findings(main or claims, leave_out=("untestable",) if main else ())
    paragraphs = [read_pieces(text), *named]
    if with_facts:
        paragraphs.append(read_pieces(_say_facts(numbers)))
    paragraphs.append(read_pieces(_say_power(claims, with_sizes=_hold_sizes(named))))
    return paragraphs


def list_findings(claims: Sequence[Claim], leave_out: Sequence[str] = ()) -> list[Pieces]:
    """Name the claims finding by finding, with the effect where the finding is about its size.

    Claims contradicted by sign and those contradicted by size are named apart.
    """
    paragraphs = []
    for shown, meaning in MEANING.items():
        members = [claim for claim in claims if way_of(claim) == shown]
        if members and shown not in leave_out:
            with_size = members[0]["finding"] in SIZED
            named = [_name_claim(c["id"], c, with_size) for c in members[:MOST_NAMED]]
            if len(members) > MOST_NAMED:
                named.append("and others, listed in the appendix")
            pieces: Pieces = [{"strong": f"{meaning}."}, " "]
            paragraphs.append([*pieces, *read_pieces("; ".join(named) + ".")])
    return paragraphs


def _count_findings(claims: Sequence[Claim], group: str) -> str:
    found = [claim["finding"] for claim in claims]
    counts = [f"{{{group}.n_{each}}} {each}" for each in FINDINGS if each in found]
    first = next(each for each in FINDINGS if each in found)
    verb = "is" if found.count(first) == 1 else "are"
    return join_and(counts).replace(" ", f" {verb} ", 1)


def _say_main(main: Sequence[Claim]) -> str:
    if len(main) == 1:
        return f" The main one among them is {main[0]['finding']}."
    counted = _count_findings(main, "role.primary")
    return f" Of the {{role.primary.n}} main ones among them, {counted}."


def _name_claim(key: str, claim: Claim, with_size: bool) -> str:
    label = f"{{{key}.register}}, {{{key}.title}}" if "." in key else f"{{{key}.label}}"
    if not with_size or claim.get("estimate") is None:
        return label
    return f"{label} ({{{key}.estimate}} {{{key}.effect_unit}}, {{{key}.interval}})"


def _hold_sizes(paragraphs: Sequence[Pieces]) -> bool:
    """Whether a claim is named with its effect and interval in brackets."""
    return any(
        isinstance(piece, dict) and piece.get("n", "").endswith(".interval")
        for pieces in paragraphs
        for piece in pieces
    )


def _say_facts(numbers: Mapping[str, Number]) -> str:
    n_open = numbers["facts.all.n_inconclusive"]["value"]
    still_open = {0: "", 1: ", and on the other the data are open"}.get(
        n_open, ", and on the others the data are open"
    )
    return f"{say_checked(numbers, 'facts.all', 'with the data at hand')}{still_open}."


def say_checked(numbers: Mapping[str, Number], name: str, how: str = "") -> str:
    """Say how many statements of fact can be checked, and how many hold; without a full stop."""
    noun = "statement" if numbers[f"{name}.n"]["value"] == 1 else "statements"
    checked = numbers[f"{name}.n_checked"]["value"]
    opening = f"Of {{{name}.n}} {noun} of fact, "
    if not checked:
        return f"{opening}none can be checked {how}".rstrip()
    held = count_out(
        numbers,
        [
            (f"{name}.n_supported", "{n} holds", "{n} hold"),
            (f"{name}.n_contradicted", "{n} does not", "{n} do not"),
        ],
        "none holds",
    )
    if not numbers[f"{name}.n_supported"]["value"] and held != "none holds":
        held = f"none holds, {held}"
    checked_words = f"{{{name}.n_checked}} can be checked {how}".rstrip()
    return f"{opening}{checked_words}: {held}"


def _say_power(claims: Sequence[Claim], *, with_sizes: bool) -> str:
    tested = [claim for claim in claims if claim["finding"] != "untestable"]
    power = [claim for claim in tested if claim.get("power_at_claim") is not None]
    if not power:
        return "No claim could be tested."
    text = "In brackets: the effect and its {study.level} interval. " if with_sizes else ""
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
