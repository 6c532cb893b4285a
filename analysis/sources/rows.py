"""Reading a provider's table: text stays text until a column is asked for as a number."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from analysis.errors import DataError, Fault

BLANK = frozenset({"", "NA", "NaN", "nan"})


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a provider's table, which knows where it stands."""

    file: str
    line: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """Give a cell without the space around it."""
        return self.cells[column].strip()

    def number(self, column: str) -> float | None:
        """Give a cell as a number, None if it is blank.

        Raises:
            DataError: The cell holds something else.
        """
        text = self.text(column)
        if text in BLANK:
            return None
        try:
            return float(text)
        except ValueError:
            raise self._refuse(column, text, "a number or a blank") from None

    def whole(self, column: str) -> int:
        """Give a cell that must be a whole number, such as a year."""
        value = self.number(column)
        if value is None or value != int(value):
            raise self._refuse(column, self.text(column), "a whole number")
        return int(value)

    def locate(self, *keys: str, column: str) -> str:
        """Say where a value stands: file, the columns that pick out the row, the column."""
        return locate(self.file, {key: self.text(key) for key in keys}, column)

    def _refuse(self, column: str, text: str, wanted: str) -> DataError:
        fault = f"{text!r} is not {wanted}"
        remedy = "compare the file with the provider's, or correct the reader of this source"
        return DataError([Fault(self.file, self.line, column, fault, remedy)])


def read_rows(raw: Path, file: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """Read `raw / file`, a table in comma-separated text, compressed if its name ends in `.gz`.

    Args:
        raw: Folder that holds the providers' files.
        file: Path in that folder.
        columns: What the reader will ask for; others may be there.

    Raises:
        DataError: The file or one of the columns is not there, or it holds no row.
    """
    with _open(raw, file) as stream:
        table = csv.DictReader(stream)
        _check_columns(file, tuple(table.fieldnames or ()), columns)
        line = 1
        for line, cells in enumerate(table, start=2):
            yield Row(file, line, cast("dict[str, str]", cells))
    if line == 1:
        raise DataError([Fault(file, None, "", "the table has no rows", "fetch it again")])


def locate(file: str, keys: Mapping[str, str | int], column: str) -> str:
    """Lead a reader from the provider's file through the key of a row to a column.

    >>> locate("trade/flows.csv", {"exporter": "RUS", "year": "1992.0"}, "usd")
    'flows.csv, exporter=RUS, year=1992, usd'
    """
    picks = (f"{key}={str(text).removesuffix('.0')}" for key, text in keys.items())
    return ", ".join((Path(file).name, *picks, column))


def hash_file(path: Path) -> str:
    """Give the SHA-256 of a file in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _open(raw: Path, file: str) -> IO[str]:
    path = raw / file
    if not path.is_file():
        remedy = "give the folder that holds the providers' files, or fetch this one"
        raise DataError([Fault(file, None, "", "the file is not in the raw folder", remedy)])
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _check_columns(file: str, present: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    faults = [
        Fault(
            file,
            1,
            column,
            "the column is not there",
            f"the reader knows a table with {', '.join(wanted)}; this one has {', '.join(present)}",
        )
        for column in wanted
        if column not in present
    ]
    if faults:
        raise DataError(faults)
