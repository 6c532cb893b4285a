"""The row of `sources.csv` that a newer vintage needs, made from that of the one held."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

from analysis.errors import UsageError
from analysis.paths import SOURCES
from analysis.sources.rows import read_rows

COLUMNS = (
    "source",
    "producer",
    "title",
    "version",
    "url",
    "licence",
    "accessed",
    "file",
    "sha256",
)


def read_source(study: Path, source: str) -> dict[str, str]:
    """Give the row of a source.

    Raises:
        UsageError: The study does not list it.
    """
    for row in read_rows(study, SOURCES, COLUMNS):
        if row.text("source") == source:
            return {name: row.text(name) for name in COLUMNS}
    raise UsageError(f"{SOURCES} has no row {source}; the study holds no vintage to compare with.")


def describe_vintage(
    held: Mapping[str, str],
    *,
    source: str,
    version: str,
    accessed: str,
    file: str,
    content: bytes,
) -> str:
    """Write the row of a new vintage, with what stays the same taken from the one held."""
    row = {
        **held,
        "source": source,
        "version": version,
        "accessed": accessed,
        "file": file,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([row[name] for name in COLUMNS])
    return text.getvalue()
