"""Compare two records number by number."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from analysis.records.files import format_json
from analysis.replication.documents import Documents

DECIDING = ("finding", "strength")
LAST_DIGITS = 2e-7  # numbers without a printed text differ by rounding below this share


class Class(StrEnum):
    EQUAL = "equal"
    ROUNDING = "rounding"
    NUMERIC = "numeric"
    DECISION = "decision"
    MISSING = "missing"
    NEW = "new"


HARMLESS = (Class.EQUAL, Class.ROUNDING)


@dataclass(frozen=True, slots=True)
class Difference:
    """One number of the record against the same number computed afresh.

    Attributes:
        name: E.g. "J-20.orders.estimate".
        kind: Its class.
        recorded: As the record has it; None where it is new.
        fresh: As computed; None where it is missing.
    """

    name: str
    kind: Class
    recorded: Any
    fresh: Any


def compare_records(recorded: Documents, fresh: Documents) -> list[Difference]:
    """Every number of either record, in order of name."""
    before, after = _numbers(recorded), _numbers(fresh)
    return [
        Difference(
            name, _classify(name, before.get(name), after.get(name)), *_shown(before, after, name)
        )
        for name in sorted(before.keys() | after.keys())
    ]


def count_classes(differences: list[Difference]) -> dict[str, int]:
    """How many numbers are in each class, all classes listed."""
    counts = Counter(difference.kind for difference in differences)
    return {kind.value: counts.get(kind, 0) for kind in Class}


def is_replicated(differences: list[Difference]) -> bool:
    return all(difference.kind in HARMLESS for difference in differences)


@dataclass(frozen=True, slots=True)
class _Number:
    value: Any
    text: str | None


def _numbers(documents: Documents) -> dict[str, _Number]:
    numbers = {
        name: _Number(entry.get("value"), entry.get("text"))
        for name, entry in documents.numbers["numbers"].items()
    }
    numbers |= {f"verdicts.{name}": _Number(v, None) for name, v in _verdict_leaves(documents)}
    for part in ("calibration", "curves", "paths", "views"):
        leaves = _leaves(getattr(documents, part))
        numbers |= {f"{part}.{name}": _Number(v, None) for name, v in leaves}
    return numbers


def _verdict_leaves(documents: Documents) -> Iterator[tuple[str, Any]]:
    for key, value in documents.verdicts.items():
        if key != "verdicts":
            yield key, value
    for verdict in documents.verdicts["verdicts"]:
        for name, value in _leaves(verdict):
            yield f"{verdict['id']}.{name}", value


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _leaves(item, f"{name}[{place}]")
    else:
        yield name, value


def _classify(name: str, before: _Number | None, after: _Number | None) -> Class:
    if before is None:
        return Class.NEW
    if after is None:
        return Class.MISSING
    same_text = before.text == after.text
    if same_text and format_json(before.value) == format_json(after.value):
        return Class.EQUAL
    if name.rsplit(".", 1)[-1] in DECIDING:
        return Class.DECISION
    if before.text is None:
        return Class.ROUNDING if _close(before.value, after.value) else Class.NUMERIC
    return Class.ROUNDING if same_text else Class.NUMERIC


def _close(before: Any, after: Any) -> bool:
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (before, after))
    return numbers and abs(before - after) <= LAST_DIGITS * max(abs(before), abs(after))


def _shown(
    before: Mapping[str, _Number], after: Mapping[str, _Number], name: str
) -> tuple[Any, Any]:
    pair = [side.get(name) for side in (before, after)]
    recorded, fresh = (None if each is None else (each.text or each.value) for each in pair)
    return recorded, fresh
