"""Turn the template and its data into a PDF: tagged, with its fonts inside, always alike."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import typst

from analysis.errors import JunctureError
from analysis.exhibits.figure_style import Drawing
from analysis.exhibits.number import missing_number

TEMPLATE = Path(__file__).parent / "template"
MAIN = "report.typ"
STANDARDS: Final = ("a-3a", "ua-1")  # archived with its attachments, and accessible

_MISSING = re.compile(r"missing number: (.+?)\"?$")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the document.

    Attributes:
        name: As readers see it.
        content: Its bytes.
        mime: Its kind, such as "text/csv".
        words: What it is.
        relationship: "data", "source" or "supplement".
    """

    name: str
    content: bytes
    mime: str
    words: str
    relationship: str = "data"


class TypesetError(JunctureError):
    """The report could not be set; says what the typesetter said."""


def typeset(
    layout: Mapping[str, Any],
    drawings: Mapping[str, Drawing],
    dated: date,
    main: str = MAIN,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """Give the PDF of the template with its data.

    The data reach the template as JSON and are never read as markup.

    Args:
        layout: Data of the template, see `layout.lay_out`.
        drawings: Figures the layout names.
        dated: Date written into the file, so that it does not tell when it was made.
        main: File of the template that says what stands where.
        attachments: Files put inside.

    Raises:
        UsageError: The template prints a number that does not exist.
        TypesetError: The typesetter failed or warned.
    """
    with tempfile.TemporaryDirectory(prefix="juncture-") as scratch:
        folder = Path(scratch)
        for part in sorted(TEMPLATE.glob("*.typ")):
            (folder / part.name).write_bytes(part.read_bytes())
        for drawing in drawings.values():
            (folder / f"{drawing.name}.svg").write_text(drawing.svg, encoding="utf-8")
        for each in attachments:
            (folder / each.name).write_bytes(each.content)
        listed = [
            {"path": a.name, "mime": a.mime, "words": a.words, "relationship": a.relationship}
            for a in attachments
        ]
        content = json.dumps({**layout, "attachments": listed}, ensure_ascii=False)
        (folder / "data.json").write_text(content, encoding="utf-8")
        return _compile(folder / main, folder, dated)


def _compile(source: Path, root: Path, dated: date) -> bytes:
    moment = datetime(dated.year, dated.month, dated.day, tzinfo=UTC)
    try:
        pdf, warnings = typst.compile_with_warnings(
            str(source),
            root=str(root),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=list(STANDARDS),
            timestamp=moment,
        )
    except typst.TypstError as error:
        said = str(error)
        if missing := _MISSING.search(said):
            raise missing_number(missing[1]) from None
        raise TypesetError(f"The report could not be set: {_explain(error)}") from error
    if warnings:
        said = "; ".join(_explain(warning) for warning in warnings)
        raise TypesetError(f"The report was set with warnings: {said}")
    return pdf


def _explain(problem: Any) -> str:
    """Give what the typesetter says, where, and its hints."""
    parts = [str(problem), str(getattr(problem, "diagnostic", "")), *getattr(problem, "hints", [])]
    return " ".join(part.strip() for part in parts if part.strip())
