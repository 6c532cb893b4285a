"""One page for each paper: which of its claims stand, fall, cannot be told, and what would decide.

What the paper says is a passage of the study (`data/passages/<key>.txt`); the rest is made of the
findings and numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.exhibits.answer import list_findings, say_checked
from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.number import Number
from analysis.exhibits.pieces import Pieces, count_out, read_pieces

Claim = Mapping[str, Any]

STAND, FALL, OPEN, CLOSED = "stand", "fall", "open", "untestable"
GROUPS = {
    STAND: ("supported",),
    FALL: ("contradicted", "negligible"),
    OPEN: ("inconclusive",),
    CLOSED: ("untestable",),
}


def lay_out_papers(
    claims: Sequence[Claim], facts: StudyFacts, numbers: Mapping[str, Number]
) -> list[dict[str, Any]]:
    """Give each paper's page: those the bibliography or a passage knows, most claims first."""
    keys = dict.fromkeys(str(claim["paper"]) for claim in claims)
    known = [key for key in keys if key in facts.citations or key in facts.passages]
    return [_page(key, claims, facts, numbers) for key in known]


def _page(
    paper: str, claims: Sequence[Claim], facts: StudyFacts, numbers: Mapping[str, Number]
) -> dict[str, Any]:
    own = [claim for claim in claims if claim["paper"] == paper]
    return {
        "key": paper,
        "name": f"paper.{paper}.name",
        "says": [
            read_pieces(text, f"data/passages/{paper}.txt")
            for text in facts.passages.get(paper, ())
        ],
        "counts": read_pieces(_say_counts(paper, numbers)),
        "findings": list_findings(own, leave_out=("untestable",)),
        "untestable": [claim["id"] for claim in own if claim["finding"] == "untestable"],
        "facts": _say_facts(paper, numbers),
        "decide": [c["id"] for c in own if _is_open(c, numbers)],
        "outlook": _say_outlook(paper, numbers),
    }


def _say_counts(paper: str, numbers: Mapping[str, Number]) -> str:
    name = f"paper.{paper}"
    many, tested = (numbers[f"{name}.{field}"]["value"] for field in ("n", "n_tested"))
    noun = "claim of the paper is" if many == 1 else "claims of the paper are"
    opening = f"{{{name}.n}} {noun} on trial, of which {{{name}.n_tested}} could be tested."
    if many == 1 or not tested:
        opening = f"{{{name}.n}} {noun} on trial and could {'' if tested else 'not '}be tested."
    said = {"supported": ("{n} stands", "{n} stand")} | {
        "contradicted": ("{n} is contradicted", "{n} are contradicted"),
        "negligible": ("{n} is too small to matter", "{n} are too small to matter"),
    }
    decided = [(f"{name}.n_{finding}", *both) for finding, both in said.items()]
    rest = {"inconclusive": "for {n} these data cannot tell",
            "untestable": "{n} no data at hand can test"}  # fmt: skip
    parts = [count_out(numbers, decided, "none is decided")] if tested else []
    parts += [
        text.replace("{n}", f"{{{name}.n_{finding}}}")
        for finding, text in rest.items()
        if tested and numbers[f"{name}.n_{finding}"]["value"]
    ]
    if not parts:
        return opening
    first = parts[0][:1].upper() + parts[0][1:]
    return f"{opening} {'; '.join([first, *parts[1:]])}."


def _say_facts(paper: str, numbers: Mapping[str, Number]) -> Pieces | None:
    name = f"facts.{paper}"
    if f"{name}.n" not in numbers:
        return None
    text = say_checked(numbers, name)
    if numbers[f"{name}.n_inconclusive"]["value"]:
        text += f", and for {{{name}.n_inconclusive}} the sources or readings disagree"
    return read_pieces(f"{text}.")


def _say_outlook(paper: str, numbers: Mapping[str, Number]) -> Pieces | None:
    name = f"paper.{paper}"
    if f"{name}.n_open" not in numbers:
        return None
    n_open, by_years = (numbers[f"{name}.{field}"]["value"] for field in ("n_open", "n_by_years"))
    of = f"Of the {{{name}.n_open}} inconclusive claims whose size was claimed, more years"
    if n_open == 1:
        of = "For the one inconclusive claim whose size was claimed, more years"
    decided = f"would decide {{{name}.n_by_years}}" if by_years else "would decide none"
    if n_open == 1:
        decided = "would decide it" if by_years else "would not decide it"
    median = "it would take" if n_open == 1 else "for the median claim it would take"
    return read_pieces(
        f"{of} of the same series {decided}, taken alone and were the effects as large as claimed; "
        f"{median} {{{name}.series_median}} independent series like the one at hand."
    )


def _is_open(claim: Claim, numbers: Mapping[str, Number]) -> bool:
    key = claim["id"]
    return (
        claim["finding"] == "inconclusive" and numbers[f"{key}.series_needed"]["value"] is not None
    )
