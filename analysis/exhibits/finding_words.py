"""What tables say beside a finding: which way a claim is contradicted, and why p and interval part.

The finding itself is one word of the rule and stays as it is stored; this is how it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from analysis.exhibits.number import Number
from analysis.exhibits.pieces import read_pieces, write_pieces
from analysis.verdict.rule import LARGEST_SIZE

Verdict = Mapping[str, Any]

BY_SIGN, BY_SIZE = "contradicted by sign", "contradicted by size"
WAYS = {"other side of zero": BY_SIGN, "effect of S rejected": BY_SIZE}  # the first that holds
MEANT: Final = {
    BY_SIGN: "Contradicted by sign: the {study.level} interval lies wholly on the side opposite to "
    "the claim.",
    BY_SIZE: "Contradicted by size: effects as large as the smallest that matters are rejected; "
    "there may be none at all, or a smaller one.",
}

# Why p may exceed alpha although the interval leaves out "no effect", each with its mark.
NOTES: Final = {
    "opposite": (
        "*",
        "The interval lies on the side opposite to the claim; p asks for the side claimed.",
    ),
    "corrected": (
        "†",
        "The interval is of this test taken alone, whose own p is at most {study.alpha}; corrected "
        "with the tests decided together, or by the test at its gate, p is larger.",
    ),
    "maximised": (
        "‡",
        "The false-positive rate of this test was too large, so that p is the largest over the "
        "plausible autocorrelations; the interval is at the estimated one.",
    ),
    "agree": (
        "§",
        "p is of several tests that have to agree, the largest of theirs; the interval is of one.",
    ),
    "dated": (
        "¶",
        "p is of the best date among all, and large where that lies outside the years claimed; the "
        "interval takes the date as known.",
    ),
    "other": (
        "‖",
        "p and interval come from two statistics or answer two questions, as the method of the "
        "verdict says.",
    ),
}
AGREEING = ("relation", "bounds", "order", "all_of", "mediation")  # p is the largest of several


def way_of(verdict: Verdict) -> str:
    """Give the finding as it is shown: a contradicted claim with the way it is contradicted.

    >>> way_of({"finding": "supported"})
    'supported'
    >>> held = [{"name": "effect of S rejected", "holds": True}]
    >>> way_of({"finding": "contradicted", "conditions": held})
    'contradicted by size'
    """
    finding = str(verdict["finding"])
    if finding != "contradicted":
        return finding
    held = {each["name"] for each in verdict.get("conditions") or () if each["holds"]}
    return next((word for name, word in WAYS.items() if name in held), finding)


def parting_of(verdict: Verdict, alpha: float) -> str:
    """Say why p exceeds alpha where the interval leaves out no effect; empty where it need not.

    Returns:
        A key of `NOTES`.
    """
    alpha = float(verdict.get("alpha") or alpha)  # a claim may declare its own
    corrected, side = verdict.get("p_adjusted"), _side(verdict, alpha)
    if not side or corrected is None or corrected <= alpha:
        return ""
    if side == {"greater": -1, "less": 1}.get(str(verdict["alternative"])):
        return "opposite"
    alone = verdict.get("p_value")
    if alone is not None and alone <= alpha:
        worst = max((each for each in _sizes(verdict) if each is not None), default=0.0)
        too_large = worst > LARGEST_SIZE and (verdict.get("p_maximised") or 0.0) > alpha
        return "maximised" if too_large else "corrected"
    if verdict["design"] in AGREEING:
        return "agree"
    return "dated" if verdict["design"] == "break_date" else "other"


def mark_partings(verdicts: Iterable[Verdict], alpha: float) -> dict[str, str]:
    """Give the mark to set behind p, by id, for the verdicts that need one."""
    parted = {str(verdict["id"]): parting_of(verdict, alpha) for verdict in verdicts}
    return {key: NOTES[why][0] for key, why in parted.items() if why}


def explain_findings(
    verdicts: Sequence[Verdict], alpha: float, numbers: Mapping[str, Number]
) -> list[str]:
    """Say what the marks and ways among these verdicts mean, each once, in order."""
    parted = {parting_of(verdict, alpha) for verdict in verdicts}
    shown = {way_of(verdict) for verdict in verdicts}
    marks = [f"{mark} {text}" for why, (mark, text) in NOTES.items() if why in parted]
    ways = [text for way, text in MEANT.items() if way in shown]
    return [write_pieces(read_pieces(text), numbers) for text in (*marks, *ways)]


def lay_out_notes() -> dict[str, list[dict[str, Any]]]:
    """Give each mark and each way to be contradicted with what it means, in order."""
    return {
        "marks": [{"mark": mark, "words": read_pieces(text)} for mark, text in NOTES.values()],
        "ways": [{"way": way, "words": read_pieces(text)} for way, text in MEANT.items()],
    }


def _sizes(verdict: Verdict) -> list[float | None]:
    return [verdict.get("size"), *(verdict.get("size_ends") or ())]


def _side(verdict: Verdict, alpha: float) -> int:
    """Say on which side of "no effect" the outer interval lies wholly; 0 if it holds it."""
    low, high = (verdict.get("intervals") or {}).get(f"{100 * (1 - alpha):g}") or (None, None)
    none = 1.0 if verdict.get("effect_unit") == "rate_ratio" else 0.0
    if (-math.inf if low is None else low) > none:
        return 1
    return -1 if (math.inf if high is None else high) < none else 0
