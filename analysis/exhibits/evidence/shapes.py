"""The shapes that parts of the page are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from analysis.exhibits.formats import ABSENT

Verdict = Mapping[str, Any]
Part = dict[str, Any]
Texts = Callable[[str], str]  # the printed text of a number of the claim


def given(rows: Iterable[tuple[str, Any]]) -> list[list[str]]:
    """Give the rows that say something."""
    return [[label, str(value)] for label, value in rows if value not in (None, "", ABSENT)]


def make_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Part:
    """Give a table, or nothing where it has no rows."""
    if not rows:
        return {}
    return {"table": {"caption": caption, "head": list(head), "rows": [list(r) for r in rows]}}
