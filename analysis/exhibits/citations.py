"""Read `references.bib` as far as a report needs it: who, when, what, where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^,\s]+)\s*,")
_FIELD = re.compile(r"(\w+)\s*=\s*")


@dataclass(frozen=True, slots=True)
class Citation:
    """One entry of a bibliography.

    Attributes:
        short: Authors and year as in running text.
        full: One line for the list of references.
    """

    key: str
    short: str
    full: str


def read_citations(path: Path) -> dict[str, Citation]:
    """Read every entry of a .bib file, by key; no file, no citations."""
    if not path.exists():
        return {}
    return {citation.key: citation for citation in parse_citations(path.read_text("utf-8"))}


def parse_citations(text: str) -> Iterator[Citation]:
    r"""Give the citations of a .bib text in the order of the text.

    >>> entry = "@article{walt1987, author = {Walt, Stephen M.}, year = 1987, title = {Alliances}}"
    >>> next(parse_citations(entry))
    Citation(key='walt1987', short='Walt 1987', full='Walt, Stephen M. 1987. Alliances.')
    """
    for entry in _ENTRY.finditer(text):
        if entry[1].lower() in {"comment", "string", "preamble"}:
            continue
        fields = _read_fields(text, entry.end())
        yield Citation(entry[2], _cite_short(entry[2], fields), _cite_full(entry[2], fields))


def name_works(text: str, citations: Mapping[str, Citation]) -> str:
    """Give a text with the keys of works it cites replaced by authors and year."""
    for key, citation in citations.items():
        text = re.sub(rf"(?<!\w){re.escape(key)}(?!\w)", citation.short, text)
    return text


def _read_fields(text: str, start: int) -> dict[str, str]:
    fields: dict[str, str] = {}
    position = start
    while match := _FIELD.search(text, position):
        if "@" in text[position : match.start()]:
            break
        value, position = _read_value(text, match.end())
        plain = value.replace("{", "").replace("}", "").replace("--", "\N{EN DASH}")
        fields[match[1].lower()] = " ".join(plain.split())
    return fields


def _read_value(text: str, start: int) -> tuple[str, int]:
    """Give the value that begins at `start`, and where it ends."""
    if text[start : start + 1] not in {"{", '"'}:
        end = min((at for at in (text.find(mark, start) for mark in ",}\n") if at >= 0), default=-1)
        end = len(text) if end < 0 else end
        return text[start:end], end
    if text[start] == '"':
        end = text.find('"', start + 1)
        end = len(text) if end < 0 else end
        return text[start + 1 : end], end + 1
    depth = 0
    for end in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if depth == 0:
            return text[start + 1 : end], end + 1
    return text[start + 1 :], len(text)


def _cite_short(key: str, fields: dict[str, str]) -> str:
    names = [_family_name(name) for name in _authors(fields)]
    if not names or "year" not in fields:
        return key
    if len(names) > 3:
        names = [f"{names[0]} et al."]
    joined = ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]
    return f"{joined} {fields['year']}"


def _cite_full(key: str, fields: dict[str, str]) -> str:
    authors = "; ".join(_authors(fields)) or key
    where = next((fields[k] for k in ("journal", "booktitle", "publisher") if k in fields), "")
    volume = fields.get("volume", "")
    if volume and "number" in fields:
        volume += f"({fields['number']})"
    place = " ".join(part for part in (where, volume) if part)
    if "pages" in fields and place:
        place += ": " + fields["pages"]
    link = "https://doi.org/" + fields["doi"] if "doi" in fields else fields.get("url", "")
    parts = (authors, fields.get("year", ""), fields.get("title", ""), place, link)
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def _authors(fields: dict[str, str]) -> list[str]:
    return [name.strip() for name in fields.get("author", "").split(" and ") if name.strip()]


def _family_name(name: str) -> str:
    return name.split(",")[0] if "," in name else name
