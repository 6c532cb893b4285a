"""Places of a study that still say "to be filled in", as a study made from a table does at first.

They are no faults: the study can be run. They would be printed, and packed into an archive.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis import paths
from analysis.records.words import join_words

LATER = "to be filled in"
TEXTS = (paths.SETTINGS, paths.REFERENCES)
TABLES = (paths.SOURCES, paths.UNITS, paths.CODEBOOK, paths.JUNCTURES, paths.CLAIMS)
FEW_ROWS = 6  # rows that are listed before the list is cut


@dataclass(frozen=True, slots=True)
class Unfilled:
    """What is to be filled in in one file: rows as an editor counts them, by column or key."""

    file: str
    rows: Mapping[str, tuple[int, ...]]

    @property
    def places(self) -> int:
        return sum(map(len, self.rows.values()))

    def __str__(self) -> str:
        """The file, with its columns or keys and their rows.

        >>> print(Unfilled("data/sources.csv", {"producer": (2,), "licence": (2, 3)}))
        data/sources.csv: producer (row 2), licence (rows 2 and 3)
        """
        said = [f"{name} ({_say_rows(rows)})" for name, rows in self.rows.items()]
        return f"{self.file}: {', '.join(said)}"


def find_unfilled(root: Path) -> tuple[Unfilled, ...]:
    """The files of the study at `root` in which something is to be filled in."""
    found = []
    for file in (*TEXTS, *TABLES):
        try:
            text = (root / file).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # a file that cannot be read is a fault, and reported as one
        if LATER not in text.lower():
            continue
        rows: dict[str, tuple[int, ...]] = {}
        for row, name in (_cells if file in TABLES else _lines)(text):
            rows[name] = (*rows.get(name, ()), row)
        found.append(Unfilled(file, rows))
    return tuple(found)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Row and key of each line that holds the mark."""
    for row, line in enumerate(text.split("\n"), start=1):
        if LATER in line.lower():
            yield row, line.partition("=")[0].strip()


def _cells(text: str) -> Iterator[tuple[int, str]]:
    """Row and column of each cell that holds the mark."""
    lines = csv.reader(io.StringIO(text))
    header: list[str] = []
    first_line = 1
    for cells in lines:
        header = header or cells
        for name, cell in zip(header, cells, strict=False):
            if LATER in cell.lower():
                yield first_line, name
        first_line = lines.line_num + 1


def _say_rows(rows: tuple[int, ...]) -> str:
    if len(rows) == 1:
        return f"row {rows[0]}"
    if len(rows) > FEW_ROWS:
        return f"{len(rows)} rows from {rows[0]} to {rows[-1]}"
    return f"rows {join_words(map(str, rows))}"
