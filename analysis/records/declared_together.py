"""The declared hypotheses as a whole: each id once, and gates, members and placebos that hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.errors import Fault
from analysis.records.codebook import reach
from analysis.records.columns import Known
from analysis.records.declarations import find_hypothesis_faults
from analysis.records.declared import Declared, show
from analysis.records.words import quote, suggest


def find_declaration_faults(
    declared: Declared, known: Known, ranked: Mapping[str, tuple[str, ...]]
) -> Iterator[Fault]:
    """Every fault of `hypotheses.toml`; see `find_hypothesis_faults` for the arguments."""
    for key in declared.content:
        if key != "hypothesis":
            what = f"there is no key {quote(key)} here"
            yield declared.fault((key,), what, suggest(key, ["hypothesis"]))
    tables = declared.content.get("hypothesis", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        what = f"{show(tables)} is not a list of hypotheses"
        yield declared.fault(("hypothesis",), what, "begin each with [[hypothesis]]")
        return
    if not tables:
        what = "no hypothesis is declared"
        yield declared.fault((), what, "begin one with [[hypothesis]]")
    known = {**known, "hypothesis": _ids(tables)}
    for index, table in enumerate(tables):
        yield from find_hypothesis_faults(declared, index, table, known, ranked)
    yield from _find_repeated_ids(declared, tables)
    yield from _find_circles(declared, tables, ("gate",))
    yield from _find_circles(declared, tables, ("of", "members"))
    yield from _find_false_placebos(declared, tables)


def _ids(tables: list[dict[str, Any]]) -> list[str]:
    return [table["id"] for table in tables if isinstance(table.get("id"), str)]


def _find_repeated_ids(declared: Declared, tables: list[dict[str, Any]]) -> Iterator[Fault]:
    first = dict[str, int]()
    for index, table in enumerate(tables):
        name = table.get("id")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            row = declared.line(("hypothesis", first[name], "id"))
            what = f"the id {quote(name)} stands already in row {row}"
            yield declared.fault(("hypothesis", index, "id"), what, "give each its own id")


def _find_circles(
    declared: Declared, tables: list[dict[str, Any]], keys: tuple[str, ...]
) -> Iterator[Fault]:
    steps = {
        table["id"]: tuple(name for key in keys for name in _names(table.get(key)))
        for table in tables
        if isinstance(table.get("id"), str)
    }
    for index, table in enumerate(tables):
        name = table.get("id")
        if isinstance(name, str) and name in reach(steps, name):
            key = next(key for key in keys if _names(table.get(key)))
            what = f"{name} waits for itself in a circle through {', '.join(steps[name])}"
            yield declared.fault(("hypothesis", index, key), what, "take one of them out")


def _find_false_placebos(declared: Declared, tables: list[dict[str, Any]]) -> Iterator[Fault]:
    roles = {table["id"]: table.get("role") for table in tables if isinstance(table.get("id"), str)}
    for index, table in enumerate(tables):
        for name in _names(table.get("placebos")):
            if name in roles and roles[name] != "placebo":
                what = f"{name} does not have the role placebo"
                remedy = f'give {name} role = "placebo", or name another hypothesis'
                yield declared.fault(("hypothesis", index, "placebos"), what, remedy)


def _names(value: object) -> tuple[str, ...]:
    names = value if isinstance(value, list) else [value]
    return tuple(name for name in names if isinstance(name, str) and name)
