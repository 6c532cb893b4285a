"""A comma-separated table as text, with the line number of each row and the faults of its shape."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

from analysis.errors import Fault
from analysis.records.files import read_text
from analysis.records.words import closest, is_year, join_words, quote, suggest


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The cells of a table, as text.

    Attributes:
        file: Path relative to the study.
        frame: One column of text per known column, indexed by line number in the file.
        ragged_keys: First cell of each row that was left out because its cells do not fit.
        complete: Whether the file was read to its end.
    """

    file: str
    frame: pd.DataFrame
    ragged_keys: frozenset[str]
    complete: bool

    def has(self, *columns: str) -> bool:
        return set(columns) <= set(self.frame.columns)

    def names(self, column: str) -> frozenset[str] | None:
        """Everything `column` names; None where that cannot be known."""
        if not self.complete or not self.has(column):
            return None
        return frozenset(self.frame[column]) | self.ragged_keys

    def bad_cells(self, column: str, is_good: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
        """Line number and text of each cell of `column` that is not good; each text asked once."""
        if not self.has(column):
            return
        cells = self.frame[column]
        bad = [text for text in pd.unique(cells) if not is_good(text)]
        if bad:
            chosen = cells[cells.isin(bad)]
            yield from ((int(row), text) for row, text in zip(chosen.index, chosen, strict=True))

    def records(self) -> dict[int, dict[str, str]]:
        """The cells of each row by column, under the row's line number."""
        columns = [str(name) for name in self.frame.columns]
        return {
            int(row): dict(zip(columns, cells, strict=True))
            for row, *cells in self.frame.itertuples(name=None)
        }

    def fault(self, row: int | None, column: str, fault: str, remedy: str) -> Fault:
        return Fault(self.file, row, column, fault, remedy)


def read_table(
    root: Path, file: str, columns: tuple[str, ...], optional: frozenset[str] = frozenset()
) -> tuple[Table | None, list[Fault]]:
    """Read a table that should have `columns`, with the faults of its encoding and its shape.

    Those of them that are `optional` are blank where the table does without them.
    """
    text, faults = read_text(root, file)
    if text is None:
        return None, faults
    if not text.endswith("\n"):
        last = text.count("\n") + 1
        what = "the last line has no line end; the file may have been cut off"
        faults.append(Fault(file, last, "", what, "restore the rest or end it with a line feed"))
    header, rows, broken = _parse(file, text)
    faults += broken + list(_find_header_faults(file, header, columns, optional))
    faults += [
        _ragged(file, row, cells, header) for row, cells in rows if len(cells) != len(header)
    ]
    whole = {row: cells for row, cells in rows if len(cells) == len(header)}
    frame = pd.DataFrame(
        list(whole.values()), index=list(whole), columns=pd.RangeIndex(len(header)), dtype=object
    )
    places = {name: header.index(name) for name in columns if name in header}
    shown = frame[list(places.values())].set_axis(list(places), axis=1)
    if spared := [name for name in columns if name in optional and name not in header]:
        shown = shown.assign(**dict.fromkeys(spared, ""))
    return (
        Table(
            file=file,
            frame=shown,
            ragged_keys=frozenset(cells[0] for row, cells in rows if cells and row not in whole),
            complete=not broken,
        ),
        faults,
    )


def _parse(file: str, text: str) -> tuple[list[str], list[tuple[int, list[str]]], list[Fault]]:
    """Give the header, the rows with their line numbers, and the fault that stopped the reading."""
    lines = csv.reader(io.StringIO(text), strict=True)
    rows: list[tuple[int, list[str]]] = []
    first_line = 1
    try:
        for cells in lines:
            rows.append((first_line, cells))
            first_line = lines.line_num + 1
    except csv.Error as error:
        fault = Fault(
            file,
            first_line,
            "",
            f"the quotation marks do not match ({error})",
            'put a cell that holds commas or quotation marks in ", and double each " inside it',
        )
        return (rows[0][1] if rows else []), rows[1:], [fault]
    return rows[0][1], rows[1:], []


def _find_header_faults(
    file: str, header: list[str], columns: tuple[str, ...], optional: frozenset[str]
) -> Iterator[Fault]:
    lacking = [name for name in columns if name not in header and name not in optional]
    absent = list(lacking)
    needed = [name for name in columns if name not in optional]
    present = tuple(name for name in columns if name in header)
    for name in dict.fromkeys(header):
        if name not in columns:
            meant = closest(name, absent)  # which is then not missing as well
            if meant:
                absent.remove(meant)
            hint = f"did you mean {meant}?" if meant else suggest(name, columns)
            yield Fault(file, 1, name, f"there is no column {quote(name)} here", hint)
        elif header.count(name) > 1:
            yield Fault(file, 1, name, f"the column {name} stands twice", "keep one of them")
    for name in absent:
        yield Fault(
            file,
            1,
            name,
            f"the column {name} is missing",
            f"add it; needed are {join_words(needed)}",
        )
    if not lacking and sorted(header) == sorted(present) and tuple(header) != present:
        yield Fault(file, 1, "", "the columns are in another order", f"write {','.join(present)}")


def _ragged(file: str, row: int, cells: list[str], header: list[str]) -> Fault:
    if not any(cells):
        return Fault(file, row, "", "the line is blank", "delete it")
    return Fault(
        file,
        row,
        "",
        f"the row has {len(cells)} cells, the header {len(header)}",
        _find_decimal_comma(cells, header)
        or "fill or remove cells; put a cell that holds a comma in quotation marks",
    )


def _find_decimal_comma(cells: list[str], header: list[str]) -> str:
    """What to write if a number with a decimal comma made two cells of one; else nothing."""
    if len(cells) != len(header) + 1:
        return ""
    for whole, part in pairwise(cells):
        both_years = is_year(whole) and is_year(part)
        if re.fullmatch(r"-?[0-9]+", whole) and re.fullmatch(r"[0-9]+", part) and not both_years:
            return f"if {whole},{part} is one number, write it with a point, {whole}.{part}"
    return ""
