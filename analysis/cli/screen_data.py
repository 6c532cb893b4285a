"""What `extract` and `refresh` print."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from analysis.cli import screen
from analysis.paths import OBSERVATIONS, REFERENCES, SOURCES
from analysis.sources.raw_folder import Extraction, Kind
from analysis.sources.refresh import Refreshed
from analysis.sources.vintage import CellChange, Change, count_changes, find_largest

MOST_LARGEST = 10
VERIFIED = "It has the checksum expected."
UNVERIFIED = "It came unverified: no checksum was known before; --checksum HEX insists on one."


def print_extraction(extraction: Extraction, *, written: bool) -> None:
    """How many cells differ, in which way, and each of the first of them."""
    console = screen.output()
    console.print(Text(_say_extracted(extraction, written=written)))
    differences = extraction.differences or ()
    if not differences:
        return
    table = _make_table("difference", "unit", "year", "variable", "source", "column")
    for heading in ("stored", "extracted"):
        table.add_column(heading, overflow="fold")
    for each in differences[: screen.MOST_ROWS]:
        table.add_row(*(Text(str(cell)) for cell in asdict(each).values()))
    console.print(table)
    _say_more(len(differences) - screen.MOST_ROWS)


def extraction_as_dict(extraction: Extraction, *, written: bool) -> dict[str, Any]:
    return {
        "rows": len(extraction.table),
        "written": written,
        "same_bytes": extraction.same_bytes,
        "counts": None if extraction.differences is None else _count(extraction),
        "differences": [asdict(each) for each in extraction.differences or ()],
    }


def print_refreshed(refreshed: Refreshed) -> None:
    """What the newer vintage changes, and what is left to do with it."""
    console = screen.output()
    console.print(Text(f"{refreshed.source} and the vintage {refreshed.vintage}", style="bold"))
    console.print(Text(f"{refreshed.origin}\nSHA-256 {refreshed.sha256}"), soft_wrap=True)
    console.print(Text(VERIFIED if refreshed.verified else UNVERIFIED))
    if refreshed.note:
        console.print(Text(refreshed.note, style="bold"))
    _print_counts(refreshed.changes)
    _print_cells("Largest relative changes", find_largest(refreshed.changes, MOST_LARGEST))
    gone = [change for change in refreshed.changes if change.kind is Change.GONE]
    _print_cells("Gone", gone[: screen.MOST_ROWS])
    _say_more(len(gone) - screen.MOST_ROWS)
    for line in say_next(refreshed):
        console.print(Text(line), soft_wrap=True)


def refreshed_as_dict(refreshed: Refreshed) -> dict[str, Any]:
    changes = [change for change in refreshed.changes if change.kind is not Change.EQUAL]
    return {
        **{name: getattr(refreshed, name) for name in _PLAIN},
        "files": list(refreshed.files),
        "counts": count_changes(refreshed.changes).to_dict(orient="records"),
        "changes": [asdict(change) for change in changes],
        "next": say_next(refreshed),
    }


def say_next(refreshed: Refreshed) -> list[str]:
    """What a person has to do: a new vintage is a new source, and the old one stays."""
    original, table = refreshed.files
    if not refreshed.stored:
        return [f"Nothing was stored. With --apply --raw DIR, DIR gains {original} and {table}."]
    return [
        f"Stored in the raw folder: {original} and {table}. The files of {refreshed.source} stay.",
        f"Still to do by hand, so that both vintages can be had by name: add this row to {SOURCES}",
        refreshed.row,
        f"and its citation to {REFERENCES}; read the new file in analysis/sources under the new "
        f"key; rank the key in data/codebook.csv, and extend the coverage there; then run "
        "`juncture extract` and `juncture check`.",
    ]


_PLAIN = ("source", "vintage", "origin", "sha256", "verified", "note", "stored", "row")


def _say_extracted(extraction: Extraction, *, written: bool) -> str:
    rows = f"{len(extraction.table)} rows" + (f" written to {OBSERVATIONS}" if written else "")
    if extraction.differences is None:
        return f"{rows}; there was no table that could be read to compare with."
    if extraction.differences:
        counts = ", ".join(f"{kind} {number}" for kind, number in _count(extraction).items())
        return f"{rows}; against what was stored: {counts}."
    if extraction.same_bytes:
        return f"{rows}; equal to what was stored."
    return f"{rows}; equal in every cell, but stored in another order or form."


def _count(extraction: Extraction) -> dict[str, int]:
    counts = Counter(difference.kind for difference in extraction.differences or ())
    return {kind.value: counts[kind] for kind in Kind}


def _print_counts(changes: list[CellChange]) -> None:
    table = _make_table("variable")
    for heading in (*(kind.value for kind in Change), "median change", "largest"):
        table.add_column(heading, justify="right")
    for row in count_changes(changes).itertuples(index=False):
        *cells, median, largest = row
        table.add_row(*(Text(str(cell)) for cell in (*cells, _percent(median), _percent(largest))))
    screen.output().print(table)


def _print_cells(title: str, changes: list[CellChange]) -> None:
    if not changes:
        return
    table = _make_table("variable", "unit", "year", "before", "after", "change")
    for each in changes:
        cells = (each.variable, each.unit, each.year, each.before, each.after)
        table.add_row(*(Text(str(cell)) for cell in cells), Text(_percent(each.relative)))
    screen.output().print(Text(title, style="bold"))
    screen.output().print(table)


def _percent(share: Any) -> str:
    """A share in percent; empty where there is none (not a number is unequal to itself).

    >>> _percent(0.1234), _percent(None)
    ('12.3 %', '')
    """
    return "" if share is None or share != share else f"{100 * share:.3g} %"


def _make_table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _say_more(number: int) -> None:
    if number > 0:
        screen.output().print(Text(f"and {number} more; --json lists them all"))
