"""What one column of a table may hold, and the faults of cells, keys and order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from analysis.errors import Fault
from analysis.records.table import Table
from analysis.records.words import (
    is_code,
    is_day,
    is_number,
    is_partial_date,
    is_year,
    quote,
    split_list,
    suggest,
)

Holds = Literal["text", "code", "number", "year", "day", "date"]

READ: Mapping[Holds, tuple[Callable[[str], bool], str, str]] = {
    "text": (bool, "text", "write it"),
    "code": (is_code, "a code", "write letters, digits, and -, _, . or : inside"),
    "number": (is_number, "a number", "write digits with a decimal point, such as 12 or 0.5"),
    "year": (is_year, "a year", "write four digits, such as 2012"),
    "day": (is_day, "a date", "write a day of the calendar as YYYY-MM-DD"),
    "date": (is_partial_date, "a date", "write YYYY-MM-DD, YYYY-MM or YYYY"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """What a column may hold.

    Attributes:
        name: As in the header.
        holds: How a cell is read.
        blank: Whether a cell may be empty.
        choices: The words allowed, if they are closed.
        names: The kinds of thing whose keys the cell must name, such as `unit`.
        several: Whether the cell may hold several, divided by semicolons.
        optional: Whether a table may do without the column, which is then blank throughout.
    """

    name: str
    holds: Holds = "text"
    blank: bool = False
    choices: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    several: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """The columns of a table, in order, and those of them that make its key.

    A study may do without an `optional` table.
    """

    file: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    may_be_empty: bool = False
    optional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def optional_names(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns if column.optional)


Known = Mapping[str, Collection[str] | None]  # keys by kind of thing; None where not known


def find_cell_faults(table: Table, form: Form, known: Known) -> Iterator[Fault]:
    """Every cell that breaks the rule of its column."""
    for column in form.columns:
        yield from _find_spaces(table, column)
        yield from _find_blanks(table, column)
        yield from _find_unreadable(table, column)
        yield from _find_repeated_items(table, column)
        yield from _find_other_words(table, column)
        yield from _find_unknown_names(table, column, known)


def find_key_faults(table: Table, form: Form) -> Iterator[Fault]:
    """Every row whose key stands already, and the first that is out of order."""
    if table.frame.empty and not form.may_be_empty:
        yield table.fault(None, "", "the table has no rows", "write at least one")
    if table.frame.empty or not table.has(*form.key):
        return
    keys = list(zip(*(table.frame[name] for name in form.key), strict=True))
    rows = [int(row) for row in table.frame.index]
    label, first = ", ".join(form.key), dict[tuple[str, ...], int]()
    for row, key in zip(rows, keys, strict=True):
        if first.setdefault(key, row) != row:
            yield table.fault(
                row,
                label,
                f"the key {quote(', '.join(key))} stands already in row {first[key]}",
                "keep one row for each key",
            )
    # A key that cannot be read is a fault of its own and has no place in the order.
    unreadable = _unreadable_rows(table, form)
    told = [(row, key) for row, key in zip(rows, keys, strict=True) if row not in unreadable]
    late = [(one, other) for one, other in pairwise(told) if other[1] < one[1]]
    if late:
        more = f", and {len(late) - 1} more rows likewise" if len(late) > 1 else ""
        (_, before), (row, key) = late[0]
        yield table.fault(
            row,
            label,
            f"{quote(', '.join(key))} comes after {quote(', '.join(before))}{more}",
            f"sort the rows by {label}",
        )


def _unreadable_rows(table: Table, form: Form) -> set[int]:
    """Rows of which a cell of the key cannot be what its column holds."""
    return {
        row
        for column in form.columns
        if column.name in form.key
        for row, _ in table.bad_cells(column.name, READ[column.holds][0])
    }


def _find_spaces(table: Table, column: Column) -> Iterator[Fault]:
    for row, text in table.bad_cells(column.name, lambda text: text == text.strip()):
        what = f"{quote(text)} begins or ends with a space"
        yield table.fault(row, column.name, what, f"write {quote(text.strip())}")


def _find_blanks(table: Table, column: Column) -> Iterator[Fault]:
    if column.blank:
        return
    for row, _ in table.bad_cells(column.name, lambda text: bool(text.strip())):
        yield table.fault(row, column.name, "the cell is blank", f"{column.name} must be given")


def _find_unreadable(table: Table, column: Column) -> Iterator[Fault]:
    is_good, what, remedy = READ[column.holds]
    hint = f"{remedy}, or leave it blank" if column.blank else remedy
    for row, text in table.bad_cells(
        column.name, lambda text: not text.strip() or is_good(text.strip())
    ):
        yield table.fault(row, column.name, f"{quote(text)} is not {what}", hint)


def _find_repeated_items(table: Table, column: Column) -> Iterator[Fault]:
    if not column.several:
        return
    for row, text in table.bad_cells(
        column.name, lambda text: "" not in split_list(text) and _all_differ(split_list(text))
    ):
        what = f"{quote(text)} repeats an item or has an empty one"
        yield table.fault(row, column.name, what, "write each once, divided by semicolons")


def _find_other_words(table: Table, column: Column) -> Iterator[Fault]:
    if not column.choices:
        return
    for row, text in table.bad_cells(
        column.name, lambda text: not text.strip() or text.strip() in column.choices
    ):
        what = f"{quote(text)} is not a {column.name.replace('_', ' ')}"
        yield table.fault(row, column.name, what, suggest(text, column.choices))


def _find_unknown_names(table: Table, column: Column, known: Known) -> Iterator[Fault]:
    lists = [known[kind] for kind in column.names]
    if not lists or any(names is None for names in lists):
        return
    names = frozenset(name for each in lists for name in each or ())
    kinds = " or ".join(column.names)
    items = split_list if column.several else lambda text: (text.strip(),)
    for row, text in table.bad_cells(
        column.name, lambda text: not text.strip() or names.issuperset(items(text))
    ):
        for item in items(text):
            if item and item not in names:
                what = f"the {kinds} {quote(item)} is not listed"
                yield table.fault(row, column.name, what, suggest(item, names))


def _all_differ(items: tuple[str, ...]) -> bool:
    return len(set(items)) == len(items)
