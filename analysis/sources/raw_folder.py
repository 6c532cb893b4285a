"""The folder of the providers' files: checked before it is read, added to without overwriting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from analysis.errors import DataError, Fault, UsageError
from analysis.paths import OBSERVATIONS, SOURCES
from analysis.records.files import write_bytes_atomically
from analysis.records.words import split_list
from analysis.sources.extract import check_files, compare, extract
from analysis.sources.observations import COLUMNS, read_observations, write_observations
from analysis.sources.rows import read_rows

Extend = Callable[[pd.DataFrame], pd.DataFrame]


def _as_it_is(table: pd.DataFrame) -> pd.DataFrame:
    return table


class Kind(StrEnum):
    CHANGED = "changed"
    MISSING = "missing"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class CellDifference:
    """A cell, or a whole row, of `observations.csv` that extraction gives otherwise.

    Attributes:
        kind: `missing` if the row is stored and not extracted, `new` if the reverse.
        column: Empty for a whole row.
    """

    kind: Kind
    unit: str
    year: int
    variable: str
    source: str
    column: str
    stored: str
    extracted: str


@dataclass(frozen=True, slots=True, eq=False)
class Extraction:
    """The table that the raw folder gives, against the one stored.

    Attributes:
        differences: Cell by cell; None where there is no table to compare with.
        same_bytes: Whether the stored file is what would be written.
    """

    table: pd.DataFrame
    differences: tuple[CellDifference, ...] | None
    same_bytes: bool


def check_extraction(raw: Path, study: Path, extend: Extend = _as_it_is) -> Extraction:
    """Compare what the raw folder gives with what is stored; write nothing.

    Args:
        raw: Folder of the providers' files.
        study: Study folder.
        extend: Adds to the extracted table what later stages make of it, such as indices.

    Raises:
        DataError: A file is absent or altered, or does not hold what its reader expects.
        UsageError: `raw` is not a folder, or there is no table to compare with.
    """
    check_raw_folder(raw)
    stored = read_stored(study)
    return _compare(extend(_extract(raw, study)), stored, study)


def write_extraction(raw: Path, study: Path, extend: Extend = _as_it_is) -> Extraction:
    """Write `observations.csv`, and say what changed against the one there was.

    See `check_extraction` for the arguments.

    Raises:
        DataError: A file is absent or altered, or does not hold what its reader expects.
        UsageError: `raw` is not a folder.
    """
    check_raw_folder(raw)
    table = extend(_extract(raw, study))
    try:
        extraction = _compare(table, read_stored(study), study)
    except UsageError:
        extraction = Extraction(table, None, False)
    write_observations(table, study / OBSERVATIONS)
    return extraction


def check_raw_folder(raw: Path) -> None:
    """Raise unless `raw` is a folder."""
    if not raw.is_dir():
        raise UsageError(
            f"{raw} is not a folder; give the one that holds the providers' files with --raw DIR."
        )


def check_raw_files(raw: Path, study: Path) -> None:
    """Raise unless every file that `sources.csv` names is there and is the one named.

    Raises:
        DataError: One fault for each file that is absent or altered.
    """
    try:
        faults = check_files(raw, study)
    except ValueError as error:
        what = "file and sha256 do not list the same number of files in some row"
        remedy = "`juncture check` says in which"
        raise DataError([Fault(SOURCES, None, "sha256", what, remedy)]) from error
    if faults:
        expected = _list_expected(study)
        raise DataError({_explain(fault, raw, *expected[fault.file]) for fault in faults})


def read_stored(study: Path) -> pd.DataFrame:
    """Read `observations.csv`.

    Raises:
        UsageError: It is missing, or is not a table of observations.
    """
    try:
        table = read_observations(study / OBSERVATIONS)
    except FileNotFoundError:
        raise UsageError(
            f"{OBSERVATIONS} is missing; `juncture extract --raw DIR` makes it."
        ) from None
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(
            f"{OBSERVATIONS} cannot be read ({error}); `juncture check` says more, and "
            "`juncture extract --raw DIR` makes it anew."
        ) from None
    if tuple(table.columns) != COLUMNS:
        raise UsageError(
            f"{OBSERVATIONS} has the columns {', '.join(table.columns)}; it needs "
            f"{', '.join(COLUMNS)}."
        )
    return table


def add_files(raw: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Add files to the raw folder: all of them, or none.

    Raises:
        UsageError: Another file has one of the names, or one cannot be written.
    """
    paths = {raw / file: content for file, content in contents.items()}
    for path, content in paths.items():
        if path.exists() and path.read_bytes() != content:
            raise UsageError(
                f"{path} is there and is another file; move it away if the new one is to be "
                "stored. Nothing was stored."
            )
    added: list[Path] = []
    try:
        for path, content in paths.items():
            if not path.exists():
                write_bytes_atomically(path, content)
                added.append(path)
    except OSError as error:
        for path in added:
            path.unlink()
        raise UsageError(
            f"{raw} cannot be written to ({error.strerror}). Nothing was stored."
        ) from error
    return tuple(paths)


def _extract(raw: Path, study: Path) -> pd.DataFrame:
    check_raw_files(raw, study)
    return extract(raw, study)


def _compare(table: pd.DataFrame, stored: pd.DataFrame, study: Path) -> Extraction:
    differences = tuple(
        _classify(*(str(cell) for cell in row))
        for row in compare(table, stored).itertuples(index=False, name=None)
    )
    return Extraction(table, differences, _same_bytes(table, study / OBSERVATIONS))


def _classify(
    unit: str, year: str, variable: str, source: str, column: str, stored: str, extracted: str
) -> CellDifference:
    kind = Kind.CHANGED if column else Kind.NEW if stored == "no row" else Kind.MISSING
    return CellDifference(kind, unit, int(year), variable, source, column, stored, extracted)


def _same_bytes(table: pd.DataFrame, stored: Path) -> bool:
    with TemporaryDirectory(prefix="juncture-") as scratch:
        written = Path(scratch) / "observations.csv"
        write_observations(table, written)
        return written.read_bytes() == stored.read_bytes()


def _list_expected(study: Path) -> dict[str, tuple[str, str]]:
    """Source and checksum of each file that `sources.csv` names."""
    return {
        file: (row.text("source"), sha256)
        for row in read_rows(study, SOURCES, ("source", "file", "sha256"))
        for file, sha256 in zip(
            split_list(row.text("file")), split_list(row.text("sha256")), strict=True
        )
    }


def _explain(fault: Fault, raw: Path, source: str, sha256: str) -> Fault:
    """Say of a file that is absent which one is wanted, too."""
    if (raw / fault.file).is_file():
        return fault
    remedy = (
        f"put the file with SHA-256 {sha256[:12]}... there; the row {source} of {SOURCES} says "
        "where it can be had"
    )
    return replace(fault, remedy=remedy)
