"""A number of the report: a value with the text that stands for it wherever it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from analysis.errors import UsageError
from analysis.exhibits.formats import format_count


class Number(TypedDict):
    """A value, and how it is printed; for words the two are the same."""

    value: Any
    text: str


Numbers = dict[str, Number]


def words(text: str) -> Number:
    """Give a text as a number of the report."""
    return Number(value=text, text=text)


def count(how_many: int | None) -> Number:
    """Give a whole number as a number of the report."""
    return Number(value=how_many, text=format_count(how_many))


def look_up(numbers: Mapping[str, Number], name: str) -> str:
    """Give the printed text of a number.

    Raises:
        UsageError: There is no number of that name.
    """
    if name not in numbers:
        raise missing_number(name)
    return numbers[name]["text"]


def missing_number(name: str) -> UsageError:
    """Say that the report prints a number the record does not have."""
    return UsageError(
        f"reports/build/numbers.json has no number {name}, which the report prints; "
        "make the record again with `juncture run`."
    )
