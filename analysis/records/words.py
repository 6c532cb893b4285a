"""How cells of text are understood: numbers, years, dates, lists, and names that nearly match."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterable
from datetime import date

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
YEAR = re.compile(r"[12][0-9]{3}")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]*")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PARTIAL_DATE = re.compile(r"([0-9]{4})(-[0-9]{2})?(-[0-9]{2})?")
SHOWN = 60  # characters of a cell repeated in a message


def is_number(text: str) -> bool:
    """Whether the cell is a finite decimal number.

    >>> [is_number(text) for text in ("-4.0", "1e3", "1,5", "nan", "1e999")]
    [True, True, False, False, False]
    """
    return NUMBER.fullmatch(text) is not None and math.isfinite(float(text))


def is_code(text: str) -> bool:
    """Whether the cell can name something elsewhere: no spaces, quotes, commas or brackets."""
    return CODE.fullmatch(text) is not None


def is_year(text: str) -> bool:
    return YEAR.fullmatch(text) is not None


def is_day(text: str) -> bool:
    """Whether the cell is a day of the calendar written YYYY-MM-DD."""
    return DAY.fullmatch(text) is not None and is_partial_date(text)


def is_partial_date(text: str) -> bool:
    """Whether the cell is YYYY-MM-DD, YYYY-MM or YYYY, and in the calendar."""
    try:
        first_day(text)
    except ValueError:
        return False
    return True


def first_day(text: str) -> date:
    """The first day that YYYY-MM-DD, YYYY-MM or YYYY may mean.

    >>> first_day("2012-04")
    datetime.date(2012, 4, 1)
    """
    match = PARTIAL_DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is not a date")
    year, month, day = match.groups()
    return date(int(year), int((month or "-01")[1:]), int((day or "-01")[1:]))


def split_list(text: str) -> tuple[str, ...]:
    """The items of a cell that holds several, divided by semicolons.

    >>> split_list("CHN; RUS")
    ('CHN', 'RUS')
    """
    return tuple(item.strip() for item in text.split(";")) if text else ()


def quote(value: object) -> str:
    """Show what stands in a cell, shortened where it is long."""
    text = str(value)
    return f'"{text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."}"'


def closest(text: str, known: Collection[str]) -> str:
    """The known name that `text` nearly is; empty if there is none.

    >>> closest("locater", ["source", "locator"]), closest("x", ["source"])
    ('locator', '')
    """
    folded = sorted(name for name in known if name.casefold() == text.casefold())
    return next(iter(folded or difflib.get_close_matches(text, sorted(known), n=1)), "")


def suggest(text: str, known: Collection[str]) -> str:
    """Say what would be right instead of `text`: the closest known name, or all of a few.

    >>> suggest("CNH", {"CHN", "RUS"})
    'did you mean CHN?'
    """
    if close := closest(text, known):
        return f"did you mean {close}?"
    if not known:
        return "none is listed yet"
    if len(known) <= 12:
        return f"known are {join_words(sorted(known))}"
    return f"{len(known)} are known, none of them close"


def join_words(words: Iterable[str]) -> str:
    """Join for a sentence.

    >>> join_words(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = list(words)
    return f"{', '.join(most)} and {last}" if most else last
