"""Read a wide table of the user's own: one row for each unit and year, with every fault of it."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import DataError, Fault, UsageError
from analysis.records.words import closest, is_number, is_year, quote, suggest

BLANKS = ("", "NA", "NaN", ".")  # how csv files of R, Python and Stata write that there is none
PARQUET = "Reading parquet needs pyarrow: pip install 'juncture[parquet]'."


@dataclass(frozen=True, slots=True, eq=False)
class WideTable:
    """The cells of a table as text, without faults.

    Attributes:
        content: The bytes of the file.
        frame: The columns `unit`, `year` and the variables, as text; blank where there is no value.
        places: Place of each row in the file, in words.
        labels: What the file says of a variable; only Stata's says something.
        left_out: Columns without a number, where no columns were chosen.
    """

    file: Path
    content: bytes
    unit: str
    year: str
    frame: pd.DataFrame
    places: tuple[str, ...]
    labels: Mapping[str, str]
    left_out: tuple[str, ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(name for name in self.frame.columns if name not in (self.unit, self.year))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_wide_table(
    file: Path, *, unit: str, year: str, variables: tuple[str, ...] = ()
) -> WideTable:
    """Read a csv, dta, xlsx or parquet table; see `new.make_study_from_table`.

    Raises:
        DataError: A unit and year stand twice, or a cell is not a number; carries every fault.
        UsageError: The file cannot be read, or lacks a column.
    """
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        raise UsageError(f"{file.name} is none of csv, dta, xlsx and parquet; save it as one.")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    try:
        frame, labels = reader(content)
    except UsageError:
        raise
    except ImportError as error:
        raise UsageError(PARQUET) from error
    except Exception as error:  # each library has its own errors for files that are none
        raise UsageError(f"{file.name} cannot be read as {file.suffix[1:]}: {error}") from error
    frame = _choose(frame, file, (unit, year), variables)
    left_out = () if variables else _find_texts(frame, (unit, year))
    frame = frame.drop(columns=list(left_out))
    if frame.shape[1] == 2:
        raise UsageError(
            f"{file.name} has no column of numbers beside {unit} and {year}; a variable has one "
            "number in each row, or a blank."
        )
    places = _name_places(file.suffix.lower(), len(frame))
    faults = [*_find_key_faults(frame, file.name, unit, year, places)]
    faults += _find_cell_faults(frame, file.name, (unit, year), places)
    if faults:
        raise DataError(faults)
    words = tuple(place.words for place in places)
    return WideTable(file, content, unit, year, frame, words, labels, left_out)


def _read_csv(content: bytes) -> tuple[pd.DataFrame, dict[str, str]]:
    text = content.decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    if not rows:
        raise UsageError("The table is empty; its first line must name the columns.")
    header, *cells = rows
    if len(header) == 1 and ";" in header[0]:
        raise UsageError("The columns are divided by semicolons; save the table with commas.")
    for number, row in enumerate(cells, start=2):
        if len(row) != len(header):
            raise UsageError(
                f"Row {number} has {len(row)} cells, the header {len(header)}; are there commas "
                "in a number?"
            )
    frame = pd.DataFrame(cells, columns=header, dtype=str)
    stripped = frame.map(str.strip)
    return stripped.mask(stripped.isin(BLANKS), ""), {}


def _read_stata(content: bytes) -> tuple[pd.DataFrame, dict[str, str]]:
    frame = pd.read_stata(io.BytesIO(content), convert_categoricals=False, convert_dates=False)
    with pd.read_stata(io.BytesIO(content), iterator=True) as reader:
        return _as_text(frame), dict(reader.variable_labels())


def _read_workbook(content: bytes) -> tuple[pd.DataFrame, dict[str, str]]:
    return _as_text(pd.read_excel(io.BytesIO(content), dtype=object)), {}


def _read_parquet(content: bytes) -> tuple[pd.DataFrame, dict[str, str]]:
    return _as_text(pd.read_parquet(io.BytesIO(content)).reset_index()), {}


_READERS = {
    ".csv": _read_csv,
    ".dta": _read_stata,
    ".xlsx": _read_workbook,
    ".parquet": _read_parquet,
}


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers in the shortest form that gives them back, in the precision they are stored in."""
    text = {str(name): [_cell(value) for value in frame[name].to_numpy()] for name in frame.columns}
    return pd.DataFrame(text, dtype=str)


def _cell(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else str(value).removesuffix(".0")
    return str(value).strip()


def _choose(
    frame: pd.DataFrame, file: Path, keys: tuple[str, str], variables: tuple[str, ...]
) -> pd.DataFrame:
    names = [str(name) for name in frame.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise UsageError(f"{file.name} has several columns {', '.join(map(quote, repeated))}.")
    for option, name in (("--unit", keys[0]), ("--year", keys[1])):
        if name not in names:
            raise UsageError(
                f"{file.name} has no column {quote(name)}; {_propose(frame, name, option, keys)} "
                f"Name the right one with {option} COLUMN."
            )
    numbers = [name for name in names if name not in keys]
    for name in variables:
        if name not in names:
            raise UsageError(
                f"{file.name} has no column {quote(name)} to take with --variable; "
                f"{_end(suggest(name, numbers))}"
            )
    chosen = variables or [name for name in names if name not in keys and name != "index"]
    if not chosen:
        raise UsageError(f"{file.name} has no column beside {keys[0]} and {keys[1]}.")
    if frame.empty:
        raise UsageError(f"{file.name} has a header and no rows.")
    return frame[[*keys, *chosen]]


def _propose(frame: pd.DataFrame, name: str, option: str, keys: tuple[str, str]) -> str:
    """Which column may be meant: by its name, else the only one that could do it by its cells."""
    names = [str(each) for each in frame.columns]
    if close := closest(name, names):
        return f"did you mean {close}?"
    if option == "--year":
        fitting = [each for each in names if len(frame) and frame[each].map(is_year).all()]
    elif keys[1] in names:
        fitting = [each for each in names if _tells_units(frame, each, keys[1])]
    else:
        fitting = []
    return f"did you mean {fitting[0]}?" if len(fitting) == 1 else _end(suggest(name, names))


def _tells_units(frame: pd.DataFrame, name: str, year: str) -> bool:
    """Whether a column holds names, no two rows of one year the same."""
    is_text = len(frame) > 0 and not frame[name].map(is_number).any()
    return is_text and name != year and not frame.duplicated([name, year]).any()


def _end(hint: str) -> str:
    return hint if hint.endswith("?") else f"{hint}."


def _find_texts(frame: pd.DataFrame, keys: tuple[str, str]) -> tuple[str, ...]:
    """Columns that have cells, none of them a number."""
    return tuple(
        str(name)
        for name in frame.columns
        if name not in keys and frame[name].ne("").any() and not frame[name].map(is_number).any()
    )


@dataclass(frozen=True, slots=True)
class _Place:
    row: int
    words: str


def _name_places(ending: str, rows: int) -> list[_Place]:
    """Files with a header count it as row 1; the others begin with the first observation."""
    if ending in (".csv", ".xlsx"):
        return [_Place(number, f"row {number}") for number in range(2, rows + 2)]
    return [_Place(number, f"observation {number}") for number in range(1, rows + 1)]


def _find_key_faults(
    frame: pd.DataFrame, file: str, unit: str, year: str, places: list[_Place]
) -> Iterator[Fault]:
    first: dict[tuple[str, str], int] = {}
    for place, name, of in zip(places, frame[unit], frame[year], strict=True):
        if not name:
            yield Fault(file, place.row, unit, "the unit is blank", "name it")
        if not is_year(of):
            what = f"{quote(of)} is not a year"
            yield Fault(file, place.row, year, what, "write a whole number, such as 2012")
        before = first.setdefault((name, of), place.row)
        if before != place.row and name:
            what = f"{name} in {of} stands already in row {before}"
            yield Fault(file, place.row, unit, what, "keep one row for each unit and year")


def _find_cell_faults(
    frame: pd.DataFrame, file: str, keys: tuple[str, str], places: list[_Place]
) -> Iterator[Fault]:
    """Cells that are no numbers; a column without any number is one fault, not many."""
    for name in frame.columns:
        if name in keys:
            continue
        wrong = [
            (place, cell)
            for place, cell in zip(places, frame[name], strict=True)
            if cell and not is_number(cell)
        ]
        filled = int(frame[name].ne("").sum())
        if wrong and len(wrong) == filled:
            what = f"none of its {filled} cells is a number; the first is {quote(wrong[0][1])}"
            remedy = "leave the column out by naming those to take with --variable"
            yield Fault(file, None, str(name), what, remedy)
            continue
        for place, cell in wrong:
            what = f"{quote(cell)} is not a number"
            remedy = "write digits and a point, or leave the cell blank"
            yield Fault(file, place.row, str(name), what, remedy)
