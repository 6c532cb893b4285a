"""Rules that can never fire: declared claims that no value of the data could make supported.

Whether a claim is decided should hang on the data. Seen from the declarations and from which years
have a value, some cannot be: what they wait for has no p, a part has no test, p cannot fall to the
level, or the size declared is none or more than the outcome can move. Only what is plain is said
here; that data are too few or too much alike is found when the claim is tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import comb
from typing import Any, TypeGuard

from analysis.errors import Fault
from analysis.records.declared import PERIOD, WHOLE, Declared
from analysis.records.reach import Reach
from analysis.records.words import join_words, quote

WITHOUT_P = ("none", "fact")  # designs that give a gate no p
WITHOUT_TEST = ("none", "fact", "placebo_set")  # designs that cannot be a part of another claim
UNCORRECTED_ROLES = ("placebo", "descriptive")
JOINED = ("all_of", "multiverse")
SPACING = 2  # fewest years between two dates of a set
EDGES = 3  # observed years at the two ends of a series that are no candidates for a date


def find_never_faults(declared: Declared, reach: Reach) -> Iterator[Fault]:
    """Every declared rule that can never fire."""
    found = declared.content.get("hypothesis", [])
    tables = found if isinstance(found, list) else []
    if not all(isinstance(table, dict) for table in tables):
        return
    by_id = {table["id"]: table for table in tables if isinstance(table.get("id"), str)}
    together = _count_together(tables)
    for index, table in enumerate(tables):
        for key, fault, remedy in (
            *_gate(table, by_id),
            *_parts(table, by_id),
            *_sizes(table, reach),
            *_direction(table),
            *_smallest_p(table, reach, together),
        ):
            yield declared.fault(("hypothesis", index, key), fault, remedy)


def count_date_sets(years: frozenset[int], dates: int) -> int:
    """The most sets there can be of so many dates, `SPACING` years apart, in these years.

    >>> count_date_sets(frozenset(range(1992, 2023)), 3)
    2600
    """
    candidates = max(len(years) - EDGES, 0)
    return comb(max(candidates - (dates - 1) * (SPACING - 1), 0), dates)


def count_window_sets(months: int, windows: int, length: int) -> int:
    """How many ways there are to place windows of so many months that do not overlap.

    >>> count_window_sets(6, 2, 2)
    6
    """
    return comb(max(months - windows * (length - 1), 0), windows)


Words = tuple[str, str, str]  # key, fault, remedy


def _gate(table: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> Iterator[Words]:
    gate = table.get("gate")
    design = by_id.get(gate, {}).get("design") if isinstance(gate, str) else None
    if design in WITHOUT_P and table.get("design") not in WITHOUT_P:
        what = f"the gate {gate} has the design {design} and no p, so that it never opens"
        yield "gate", what, 'name a gate that can be tested, or write gate = ""'


def _parts(table: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> Iterator[Words]:
    design = table.get("design")
    of, members = table.get("of"), table.get("members")
    named = [of] if isinstance(of, str) and of else []
    named += [each for each in members if isinstance(each, str)] if _is_list(members) else []
    designs = {name: str(by_id.get(name, {}).get("design")) for name in named}
    key = "members" if "members" in table else "of"
    if design in JOINED:
        for name, its in designs.items():
            if its in WITHOUT_TEST:
                what = f"its part {name} has the design {its} and no test, so that nothing holds"
                yield key, what, f'leave {name} out, or give this claim the design "none"'
    if design == "placebo_set" and designs and set(designs.values()) <= {"none"}:
        what = "none of its placebos can be tested"
        yield key, what, 'name one that can, or give this claim the design "none"'
    if design == "sensitivity" and set(designs.values()) & set(WITHOUT_TEST):
        what = f"{join_words(named)} has no test and no effect that could be taken away"
        yield key, what, "name a claim of steps"
    if design == "sensitivity" and not table.get("controls"):
        what = "no rival is named that could take something away"
        yield key, what, "name the rival's variables under controls"


def _sizes(table: Mapping[str, Any], reach: Reach) -> Iterator[Words]:
    """A claimed size of nothing has no power; an S that cannot be reached is never reached."""
    unit, claimed = table.get("effect_unit"), table.get("claimed_effect")
    nothing = 1.0 if unit == "rate_ratio" else 0.0
    if table.get("design") not in (*WITHOUT_P, "equivalence") and claimed == nothing:
        what = f"the claimed effect {claimed:g} is no effect, which has no power to be found"
        yield "claimed_effect", what, "write the size that the words of the claim amount to"
    smallest, bounds = table.get("smallest_effect"), reach.bounds.get(str(table.get("outcome")))
    if bounds is None or table.get("transform") != "none" or not _is_number(smallest):
        return
    width = {"outcome": 1.0, "points": 0.01}.get(str(unit))
    if width is not None and float(smallest) * width / 2 > bounds[1] - bounds[0]:
        what = (
            f"half of the smallest effect is more than {table['outcome']} can move, from "
            f"{bounds[0]:g} to {bounds[1]:g}"
        )
        yield "smallest_effect", what, "write a size that the outcome can reach"


def _direction(table: Mapping[str, Any]) -> Iterator[Words]:
    if table.get("design") == "equivalence" and table.get("alternative") in ("less", "two-sided"):
        what = f"{quote(table['alternative'])} is no direction of a claim of too small to matter"
        yield "alternative", what, 'write "greater": there is room between the effect and S'


def _smallest_p(
    table: Mapping[str, Any], reach: Reach, together: Mapping[tuple[Any, bool], int]
) -> Iterator[Words]:
    alpha, junctures = table.get("alpha"), table.get("junctures")
    if not _is_number(alpha) or not _is_list(junctures) or not junctures:
        return
    number = _count_sets(table, reach, len(junctures))
    if not number:
        return
    sides = 2 if table.get("alternative") == "two-sided" else 1
    many = together.get(_group(table), 1) if reach.corrected and _is_corrected(table) else 1
    if sides / number > float(alpha) / many:
        among = f", one of {many} corrected together" if many > 1 else ""
        what = (
            f"there are {number:,} such sets of dates in these years, so that p is "
            f"{sides / number:.2g} at the least, above {float(alpha) / many:.2g}{among}"
        )
        remedy = 'use more years, declare fewer claims in the family, or the design "none"'
        yield "junctures", what, remedy


def _count_sets(table: Mapping[str, Any], reach: Reach, junctures: int) -> int:
    """How many sets of dates or windows there are; 0 where that is not known."""
    period = table["period"] if PERIOD.holds(table.get("period")) else reach.period
    if period is None:
        return 0
    first, last = period
    if table.get("design") == "date_set":
        units = table.get("units")
        unit = units[0] if _is_list(units) and units else ""
        years = reach.years.get((str(table.get("outcome")), str(unit)), frozenset())
        return count_date_sets(frozenset(y for y in years if first <= y <= last), junctures)
    if table.get("design") == "firsts" and WHOLE.holds(table.get("window_months")):
        return count_window_sets(12 * (last - first + 1), junctures, table["window_months"])
    return 0


def _count_together(tables: list[dict[str, Any]]) -> dict[tuple[Any, bool], int]:
    """How many claims with a test are corrected with each other, by family and place."""
    counts: dict[tuple[Any, bool], int] = {}
    for table in tables:
        if table.get("design") not in WITHOUT_TEST and _is_corrected(table):
            group = _group(table)
            counts[group] = counts.get(group, 0) + 1
    return counts


def _group(table: Mapping[str, Any]) -> tuple[Any, bool]:
    return str(table.get("family")), bool(table.get("beside"))


def _is_corrected(table: Mapping[str, Any]) -> bool:
    return table.get("role") not in UNCORRECTED_ROLES


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
