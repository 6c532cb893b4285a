"""One page for each paper: which of its claims stand, fall, cannot be told, and what would decide.

What the paper says is a passage of the study (`data/passages/<key>.txt`); the rest is made of the
findings and numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.exhibits.answer import Pieces, list_findings, read_pieces
from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.number import Number

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
        "counts": read_pieces(_say_counts(paper)),
        "findings": list_findings(own, leave_out=("untestable",)),
        "untestable": [claim["id"] for claim in own if claim["finding"] == "untestable"],
        "facts": read_pieces(_say_facts(paper)) if f"facts.{paper}.n" in numbers else None,
        "decide": [c["id"] for c in own if _is_open(c, numbers)],
        "outlook": _say_outlook(paper) if f"paper.{paper}.n_open" in numbers else None,
    }


def _say_counts(paper: str) -> str:
    name = f"paper.{paper}"
    return (
        f"{{{name}.n}} claims of the paper are on trial, of which {{{name}.n_tested}} could be "
        f"tested. {{{name}.n_supported}} stand; {{{name}.n_contradicted}} are contradicted and "
        f"{{{name}.n_negligible}} too small to matter; for {{{name}.n_inconclusive}} these data "
        f"cannot tell; {{{name}.n_untestable}} no data at hand can test."
    )


def _say_facts(paper: str) -> str:
    name = f"facts.{paper}"
    return (
        f"Of {{{name}.n}} statements of fact, {{{name}.n_checked}} can be checked: "
        f"{{{name}.n_supported}} hold, {{{name}.n_contradicted}} do not, and for "
        f"{{{name}.n_inconclusive}} the sources or readings disagree."
    )


def _say_outlook(paper: str) -> Pieces:
    name = f"paper.{paper}"
    return read_pieces(
        f"Of the {{{name}.n_open}} inconclusive claims whose size was claimed, more years of the "
        f"same series would decide {{{name}.n_by_years}}, taken alone and were the effects as "
        f"large as claimed; for the median claim it would take {{{name}.series_median}} "
        "independent series like the one at hand."
    )


def _is_open(claim: Claim, numbers: Mapping[str, Number]) -> bool:
    key = claim["id"]
    return (
        claim["finding"] == "inconclusive" and numbers[f"{key}.series_needed"]["value"] is not None
    )
