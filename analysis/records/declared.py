"""A TOML file as declared: its contents, the line of each key, and keys that should not be."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from analysis.errors import Fault
from analysis.records.files import read_text
from analysis.records.words import closest, is_day, quote, suggest

Place = tuple[str | int, ...]  # ("hypothesis", 0, "look", 1, "source")
HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\- ]+?)\s*\]")
KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
DAY_VALUE = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=\s*(\d{4}-\d{2}-\d{2})\s*(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class Declared:
    """The contents of a TOML file, and the line on which each key stands."""

    file: str
    content: Mapping[str, object]
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int | None:
        """The line of `place`, or of the nearest table around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)

    def fault(self, place: Place, fault: str, remedy: str) -> Fault:
        names = [part for part in place if isinstance(part, str)]
        return Fault(self.file, self.line(place), names[-1] if names else "", fault, remedy)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be: a test, the words for what passes it, and an example of it.

    Where the choice is closed, `choices` has all there is and no example is needed.
    """

    holds: Callable[[object], bool]
    words: str
    example: str = ""
    choices: tuple[str, ...] = ()

    def remedy(self, value: object) -> str:
        """What to write instead of a value that does not pass."""
        if self.choices:
            close = closest(str(value), self.choices)
            return f"did you mean {close}?" if close else "write one of these"
        return f"write it as in {self.example}"


def read_toml(root: Path, file: str) -> tuple[Declared | None, list[Fault]]:
    """Read a TOML file of the study at `root`, with the faults of its encoding and syntax."""
    text, faults = read_text(root, file)
    if text is None:
        return None, faults
    declared, of_syntax = read_declared(file, text)
    return declared, faults + of_syntax


def read_declared(file: str, text: str) -> tuple[Declared | None, list[Fault]]:
    """Read TOML that is at hand, with the faults of its syntax; `file` is what faults call it."""
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return None, [_syntax_fault(file, text, str(error))]
    return Declared(file, content, _find_lines(text)), []


def find_key_faults(
    declared: Declared,
    place: Place,
    table: Mapping[str, object],
    kinds: Mapping[str, Kind],
    required: tuple[str, ...],
) -> Iterator[Fault]:
    """Unknown keys, missing keys, and values of another kind than `kinds` asks for.

    A missing key whose name is misspelt is one fault, not two.
    """
    absent = [key for key in required if key not in table]
    for key, value in table.items():
        if key not in kinds:
            what = f"there is no key {quote(key)} here"
            meant = closest(key, absent)
            if meant:
                absent.remove(meant)
            hint = f"did you mean {meant}?" if meant else suggest(key, kinds)
            yield declared.fault((*place, key), what, hint)
        elif not kinds[key].holds(value):
            what = f"{show(value)} is not {kinds[key].words}"
            yield declared.fault((*place, key), what, kinds[key].remedy(value))
    for key in absent:
        fault = declared.fault(place, f"the key {key} is missing", f"add {key} = ...")
        yield Fault(fault.file, fault.row, key, fault.fault, fault.remedy)


def show(value: object) -> str:
    """Show a value as TOML would, nearly."""
    if isinstance(value, bool):
        return str(value).lower()
    return quote(value)


def is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_period(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(is_whole(year) and 1000 <= year <= 2999 for year in value)
        and value[0] <= value[1]
    )


def is_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(is_text, value)) and len(set(value)) == len(value)


def is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def is_level(value: object) -> bool:
    return is_number(value) and isinstance(value, int | float) and 0 < value < 1


TEXT = Kind(is_text, "text in quotation marks", '"some text"')
TEXT_OR_BLANK = Kind(
    lambda value: isinstance(value, str), 'text in quotation marks, or ""', '"some text"'
)
NUMBER = Kind(is_number, "a number", "1.5")
SIZE = Kind(lambda value: is_number(value) and value >= 0, "a number of 0 or more", "0.5")  # type: ignore[operator]
WHOLE = Kind(lambda value: is_whole(value) and value >= 0, "a whole number of 0 or more", "3")  # type: ignore[operator]
LEVEL = Kind(is_level, "a number between 0 and 1", "0.05")
PERIOD = Kind(is_period, "two years in order", "[1992, 2022]")
TEXTS = Kind(is_texts, "a list of different names", '["CHN", "RUS"]')
SOME_TEXTS = Kind(
    lambda value: is_texts(value) and bool(value), "a list of one name or more", '["CHN"]'
)
DATE = Kind(is_date, "a date without quotation marks", "2026-11-21")


def one_of(*words: str) -> Kind:
    """A closed choice of words."""
    return Kind(
        lambda value: isinstance(value, str) and value in words,
        "one of " + ", ".join(f'"{word}"' for word in words),
        choices=words,
    )


def _syntax_fault(file: str, text: str, message: str) -> Fault:
    at = re.search(r"\(at line (\d+), column (\d+)\)", message)
    row = int(at.group(1)) if at else text.rstrip("\n").count("\n") + 1
    line = text.split("\n")[row - 1]
    day_value = DAY_VALUE.match(line)
    if day_value and not is_day(day_value.group(2)):
        key, day = day_value.groups()
        return Fault(file, row, key, f"{day} is not a day of the calendar", "write one that is")
    what = re.sub(r"\s*\(at .*\)$", "", message)
    column = f" at column {at.group(2)}" if at else ""
    return Fault(
        file,
        row,
        "",
        f"this is not TOML{column}: {what[:1].lower()}{what[1:]}",
        'write key = "text", key = 1.5 or key = ["a", "b"], each key once, all brackets closed',
    )


def _find_lines(text: str) -> dict[Place, int]:
    """The line of each table and key; a key inside a longer text may be taken for one."""
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    here: Place = ()
    for number, line in enumerate(text.split("\n"), 1):
        header, key = HEADER.match(line), KEY.match(line)
        if header:
            here = _enter(header.group(2), header.group(1) == "[[", counts)
            lines.setdefault(here, number)
        elif key:
            lines.setdefault((*here, key.group(1)), number)
    return lines


def _enter(name: str, repeated: bool, counts: dict[Place, int]) -> Place:
    """The place of the table `name`: the newest of each repeated table on the way to it."""
    *outer, last = (part.strip() for part in name.split("."))
    place: Place = ()
    for part in outer:
        place = (*place, part)
        if place in counts:
            place = (*place, counts[place])
    place = (*place, last)
    if repeated:
        counts[place] = counts.get(place, -1) + 1
        place = (*place, counts[place])
    return place
