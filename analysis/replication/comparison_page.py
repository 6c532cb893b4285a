"""One page on a replication: what came out again, what did not, and what was different."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from analysis.exhibits.record import claims_of
from analysis.exhibits.typeset import typeset
from analysis.replication.compare import HARMLESS, Class, Difference, count_classes, is_replicated
from analysis.replication.replicate import Replication

MAIN = "comparison.typ"
MOST_ROWS, MOST_UNLIKE, WIDEST = 18, 8, 44  # what fits on the page
ORDER = (Class.DECISION, Class.NUMERIC, Class.MISSING, Class.NEW)


def set_comparison(replication: Replication) -> bytes:
    """Give the page as a PDF: tagged, the same bytes for the same replication.

    Raises:
        TypesetError: The typesetter failed or warned.
    """
    declared = max(each.declared for each in replication.study.hypotheses.values())
    return typeset(lay_out_comparison(replication), {}, declared, MAIN)


def lay_out_comparison(replication: Replication) -> dict[str, Any]:
    """What the template prints, all of it text."""
    study, record = replication.study, replication.recorded
    differences, counts = replication.differences, count_classes(replication.differences)
    wrong = sort_differences(differences)
    same = is_replicated(differences)
    n_decisions = counts[Class.DECISION.value]
    return {
        "kicker": "Replication",
        "title": study.settings.title,
        "authors": list(study.settings.authors),
        "outcome": "Replicated." if same else "Not replicated.",
        "summary": (
            f"Of {len(differences):,} numbers behind {len(claims_of(record.verdicts)):,} verdicts "
            f"{counts['equal'] + counts['rounding']:,} came out the same in every printed digit"
            + ("." if same else f"; {_say_decisions(n_decisions)}.")
        ),
        "classes": [{"kind": kind, "number": f"{number:,}"} for kind, number in counts.items()],
        "differences": [_row(each) for each in wrong[:MOST_ROWS]],
        "more": f"and {len(wrong) - MOST_ROWS:,} more." if len(wrong) > MOST_ROWS else "",
        "environment": say_environment(replication),
        "unlike": [
            {"name": each.name, "recorded": each.recorded or "–", "here": each.here or "–"}
            for each in (replication.unlike or [])[:MOST_UNLIKE]
        ],
        "raw": say_extraction(replication),
        "digests": [
            {"name": "Data of the record", "sha256": record.data},
            {"name": "Data of the fresh run", "sha256": study.data_sha256},
            {"name": "Declarations of the record", "sha256": record.declarations},
            {"name": "Declarations of the fresh run", "sha256": study.declarations_sha256},
        ],
    }


def sort_differences(differences: list[Difference]) -> list[Difference]:
    """Those that are not harmless: findings first, and printed numbers before what is behind."""
    wrong = [each for each in differences if each.kind not in HARMLESS]
    behind = ("calibration.", "curves.", "paths.", "verdicts.")
    return sorted(
        wrong, key=lambda each: (ORDER.index(each.kind), each.name.startswith(behind), each.name)
    )


def say_environment(replication: Replication) -> str:
    """In one sentence: whether the record was made with the same versions."""
    unlike = replication.unlike
    if unlike is None:
        return "The record does not say with which versions it was made."
    if not unlike:
        return "Python, packages and platform are those the record was made with."
    left_out = len(unlike) - MOST_UNLIKE
    more = f" The first {MOST_UNLIKE} are shown." if left_out > 0 else ""
    plural = "things differ" if len(unlike) > 1 else "thing differs"
    return f"{len(unlike)} {plural} from what the record was made with.{more}"


def say_extraction(replication: Replication) -> str:
    """What the providers' files gave; empty where the run did not start from them."""
    extraction = replication.extraction
    if extraction is None:
        return ""
    rows = (
        f"The observations were made anew from the providers’ files: {len(extraction.table):,} rows"
    )
    if extraction.same_bytes:
        return f"{rows}, the same bytes as stored."
    n = len(extraction.differences or ())
    return (
        f"{rows}, of which {n:,} cells or rows are not as stored." if n else f"{rows}, reordered."
    )


def _say_decisions(number: int) -> str:
    if number == 0:
        return "no finding is another"
    return f"{number} finding{' is' if number == 1 else 's are'} another"


def _row(difference: Difference) -> Mapping[str, str]:
    return {
        "kind": difference.kind.value,
        "name": _shorten(difference.name),
        "recorded": _shorten(difference.recorded),
        "fresh": _shorten(difference.fresh),
    }


def _shorten(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
