"""Texts made of words and of numbers looked up by name.

A text is a list of pieces; a piece is a string, a string to stress, `{"strong": text}`, or the name
of a number, `{"n": name}`, which the report looks up. So no digit is typed in a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from analysis.errors import UsageError
from analysis.exhibits.number import Number, look_up

Pieces = list[str | dict[str, str]]

_NAME = re.compile(r"\{([^{}]+)\}")


def read_pieces(text: str, place: str = "") -> Pieces:
    """Split a text into strings and the numbers named in braces.

    Raises:
        UsageError: The text types a digit instead of naming a number.

    >>> read_pieces("Of {study.n_claims} claims")
    ['Of ', {'n': 'study.n_claims'}, ' claims']
    """
    pieces: Pieces = []
    for at, part in enumerate(_NAME.split(text)):
        if at % 2:
            pieces.append({"n": part})
        elif re.search(r"\d", part):
            raise UsageError(
                f"{place} types a number in '{part.strip()}'; "
                "name it in braces instead, as in {study.n_claims}."
            )
        elif part:
            pieces.append(part)
    return pieces


def write_pieces(pieces: Pieces, numbers: Mapping[str, Number]) -> str:
    """Give a text with its numbers looked up, where nothing can be stressed or linked."""
    return "".join(
        piece
        if isinstance(piece, str)
        else look_up(numbers, piece["n"])
        if "n" in piece
        else piece["strong"]
        for piece in pieces
    )


def count_out(
    numbers: Mapping[str, Number], parts: Sequence[tuple[str, str, str]], none: str
) -> str:
    """Say each count with its words, those that are zero left out.

    Args:
        numbers: Those of the record.
        parts: Name of the count, its words for one, and for several; "{n}" stands for the count.
        none: What to say where all are zero.

    >>> numbers = {"a": {"value": 1, "text": "1"}, "b": {"value": 0, "text": "0"}}
    >>> count_out(numbers, [("a", "{n} stands", "{n} stand"), ("b", "", "")], "none stands")
    '{a} stands'
    """
    counts = [(name, numbers[name]["value"], one, many) for name, one, many in parts]
    said = [
        (one if how_many == 1 else many).replace("{n}", f"{{{name}}}")
        for name, how_many, one, many in counts
        if how_many
    ]
    return join_and(said) if said else none


def join_and(parts: Sequence[str]) -> str:
    """Join parts of a sentence.

    >>> join_and(["a", "b", "c"])
    'a, b and c'
    """
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
