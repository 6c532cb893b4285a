"""Lay out a new study: one that runs as it stands, or one from a table of the user's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from analysis.errors import UsageError
from analysis.records.words import join_words, quote
from analysis.replication.new_example import write_example
from analysis.replication.new_files import write_from_table
from analysis.replication.new_table import read_wide_table


def make_example_study(folder: Path) -> Path:
    """Write a small study of made-up states, for which it is known what is true.

    Args:
        folder: Is made; it must not exist, or be empty.

    Raises:
        UsageError: There is something in the folder already.
    """
    with _Scratch(folder) as scratch:
        write_example(scratch)
    return folder


def make_study_from_table(
    folder: Path,
    file: Path,
    *,
    unit: str,
    year: str,
    variables: Iterable[str] = (),
    declared: date,
    tell: Callable[[str], None] = lambda _: None,
) -> Path:
    """Write the tables of a study from a table with one row for each unit and year.

    Args:
        folder: Is made; it must not exist, or be empty.
        file: A csv, dta, xlsx or parquet table.
        unit: Its column that names the unit.
        year: Its column with whole years.
        variables: Columns to take; none means every other column that has a number.
        declared: The day written into the example of a claim.
        tell: Called with a sentence on columns that were left out.

    Raises:
        DataError: Cells of the table cannot be used; carries every fault.
        UsageError: The table cannot be read or lacks a column, or the folder is not empty.
    """
    with _Scratch(folder) as scratch:
        table = read_wide_table(file, unit=unit, year=year, variables=tuple(variables))
        write_from_table(scratch, table, declared=declared)
    if table.left_out:
        names = join_words(map(quote, table.left_out))
        tell(f"Left out, as none of its cells is a number: {names}.")
    return folder


class _Scratch:
    """A folder beside the one asked for, which takes its place when all of it is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Path:
        if self._folder.exists() and (not self._folder.is_dir() or any(self._folder.iterdir())):
            raise UsageError(
                f"{self._folder} is there and is not an empty folder; name one that is not there."
            )
        parent = self._folder.resolve().parent
        parent.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(tempfile.mkdtemp(prefix=".juncture-", dir=parent))
        return self._scratch

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            shutil.rmtree(self._scratch)
            return
        self._scratch.chmod(0o755)
        if self._folder.exists():
            self._folder.rmdir()
        self._scratch.replace(self._folder)
