"""The text of each declaration, as it stands in the file."""

from __future__ import annotations

import re
import tomllib

from analysis.paths import HYPOTHESES

OPENING = re.compile(r"^\[\[\s*hypothesis\s*\]\]", re.MULTILINE)
APART = f"This declaration cannot be told apart from its neighbours; see {HYPOTHESES}."


def split_declarations(text: str) -> dict[str, str]:
    r"""Give the text of each hypothesis of a file, by id.

    A text is given only if, read alone, it says what the whole file says of that hypothesis.

    >>> split_declarations('[[hypothesis]]\nid = "A-1"\n\n# more\n[[hypothesis]]\nid = "B-2"\n')
    {'A-1': '[[hypothesis]]\nid = "A-1"', 'B-2': '[[hypothesis]]\nid = "B-2"'}
    """
    declared = tomllib.loads(text).get("hypothesis", [])
    starts = [found.start() for found in OPENING.finditer(text)]
    texts = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    if len(texts) != len(declared):
        return {str(table["id"]): APART for table in declared}
    pairs = zip(map(_trimmed, texts), declared, strict=True)
    return {str(table["id"]): own if _says(own, table) else APART for own, table in pairs}


def _says(text: str, table: object) -> bool:
    try:
        return bool(tomllib.loads(text)["hypothesis"] == [table])
    except (tomllib.TOMLDecodeError, KeyError):
        return False


def _trimmed(text: str) -> str:
    """Without the comment that introduces the next declaration."""
    lines = text.rstrip().split("\n")
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return "\n".join(lines)
