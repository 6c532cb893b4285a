"""Sources of values, and the bibliography that cites them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analysis.errors import Fault
from analysis.paths import REFERENCES
from analysis.records.files import read_text
from analysis.records.table import Table
from analysis.records.words import first_day, quote, split_list

SHA256 = re.compile(r"[0-9a-f]{64}")
ENTRY = re.compile(r"^[ \t]*@([A-Za-z]+)[ \t]*[{(][ \t]*([^\s,{}()\"#%']*)[ \t]*(,?)", re.MULTILINE)
NOT_ENTRIES = {"comment", "string", "preamble"}


@dataclass(frozen=True, slots=True)
class Source:
    """One published version of something values were taken from."""

    source: str
    producer: str
    title: str
    version: str
    url: str
    licence: str
    accessed: date | None
    file: str
    sha256: str


def read_references(root: Path) -> tuple[frozenset[str] | None, list[Fault]]:
    """Read the keys of the bibliography, with its faults; None where it cannot be read."""
    text, faults = read_text(root, REFERENCES)
    if text is None:
        return None, faults
    rows = dict[str, int]()
    for match in ENTRY.finditer(text):
        kind, key, comma = match.groups()
        if kind.lower() in NOT_ENTRIES:
            continue
        row = text.count("\n", 0, match.start()) + 1
        if not key or not comma:
            what = f"the entry @{kind} has no key"
            faults.append(Fault(REFERENCES, row, key, what, "write @type{key, and its fields"))
        elif rows.setdefault(key, row) != row:
            what = f"the key {quote(key)} stands already in row {rows[key]}"
            faults.append(Fault(REFERENCES, row, key, what, "keep one entry for each key"))
    faults.extend(_find_open_braces(text, rows))
    return frozenset(rows), faults


def find_source_faults(table: Table) -> Iterator[Fault]:
    """Addresses and check sums that cannot be right."""
    for row, text in table.bad_cells("url", lambda url: not url or _is_address(url)):
        what = f"{quote(text)} is not a web address"
        yield table.fault(row, "url", what, "begin it with https:// or http://, or leave it blank")
    for row, text in table.bad_cells("sha256", lambda cell: _are_sums(cell)):
        what = f"{quote(text)} is not a SHA-256 sum"
        yield table.fault(row, "sha256", what, "write its 64 digits 0-9 and a-f")
    if table.has("file", "sha256"):
        for row, file, sums in table.frame[["file", "sha256"]].itertuples(name=None):
            if len(split_list(file)) != len(split_list(sums)):
                what = f"{len(split_list(file))} files, but {len(split_list(sums))} sums"
                yield table.fault(int(row), "sha256", what, "give one sum for each file named")


def build_sources(table: Table) -> dict[str, Source]:
    """Make the sources of a table without faults."""
    sources = {}
    for row in table.records().values():
        accessed = first_day(row["accessed"]) if row["accessed"] else None
        cells: dict[str, Any] = {**row, "accessed": accessed}
        sources[row["source"]] = Source(**cells)
    return sources


def _find_open_braces(text: str, rows: dict[str, int]) -> Iterator[Fault]:
    """The last entry before which braces no longer match, if any."""
    if text.count("{") != text.count("}"):
        what = f"{text.count('{')} braces open, {text.count('}')} close"
        yield Fault(REFERENCES, None, "", what, "close each entry and each field")


def _is_address(url: str) -> bool:
    return re.fullmatch(r"https?://[^\s/]+\S*", url) is not None


def _are_sums(cell: str) -> bool:
    return all(SHA256.fullmatch(item) for item in split_list(cell))
