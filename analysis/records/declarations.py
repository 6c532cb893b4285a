"""The declared hypotheses, one by one: keys, names, terms, effects and looks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.errors import Fault
from analysis.records.columns import Known
from analysis.records.declared import Declared, Place, find_key_faults, show
from analysis.records.designs import (
    ALWAYS,
    DESIGNS,
    LOOK,
    LOOSE_TERMS,
    TRANSFORMS,
    DesignKeys,
    keys_of,
    required_keys,
)
from analysis.records.hypothesis import term_of
from analysis.records.words import join_words, quote, suggest

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9][A-Za-z0-9_-]*)?")
NAMED: Mapping[str, str] = {
    "paper": "reference",
    "outcome": "variable",
    "exposure": "variable",
    "rival_exposure": "variable",
    "moderator": "variable",
    "mediator": "variable",
    "denominator": "variable",
    "controls": "variable",
    "units": "unit",
    "comparison": "unit",
    "junctures": "juncture",
    "source": "source",
    "gate": "hypothesis",
    "beside": "hypothesis",
    "of": "hypothesis",
    "members": "hypothesis",
    "placebos": "hypothesis",
}
OWN_TERMS: Mapping[str, tuple[str, ...]] = {
    "event_study": ("leads", "after"),
    "kink": ("change_before", "change_after"),
    "lags": ("whole", "at_once", "later"),
    "equivalence": ("left", "moved"),
}
OUTCOMES = ("outcome", "exposure", "rival_exposure", "moderator", "mediator", "denominator")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table of the file: where it stands, and its values that are of the right kind."""

    declared: Declared
    place: Place
    good: Mapping[str, Any]

    def fault(self, key: str, fault: str, remedy: str) -> Fault:
        found = self.declared.fault((*self.place, key), fault, remedy)
        return Fault(found.file, found.row, key, found.fault, found.remedy)


def find_hypothesis_faults(
    declared: Declared,
    index: int,
    table: Mapping[str, Any],
    known: Known,
    ranked: Mapping[str, tuple[str, ...]],
) -> Iterator[Fault]:
    """Every fault of one hypothesis that can be seen without looking at the others.

    Args:
        declared: The file.
        index: Which of its hypotheses this is.
        table: What it says.
        known: Everything a key may name.
        ranked: The sources of each variable, or the variables it is derived from.
    """
    place: Place = ("hypothesis", index)
    design = table.get("design")
    keys = DESIGNS.get(design) if isinstance(design, str) else None
    kinds = keys_of(str(design)) if keys else _every_kind()
    required = required_keys(str(design)) if keys else tuple(ALWAYS)
    yield from find_key_faults(declared, place, table, kinds, required)
    good = {key: table[key] for key in table if key in kinds and kinds[key].holds(table[key])}
    here = Table(declared, place, good)
    if isinstance(design, str) and keys is None:
        yield here.fault("design", f"there is no design {quote(design)}", suggest(design, DESIGNS))
    if "id" in good and not ID.fullmatch(good["id"]):
        what = f"{quote(good['id'])} is not an id"
        yield here.fault("id", what, "write letters, digits, - and _, with at most one dot inside")
    yield from _find_unknown_names(here, known)
    if keys is not None:
        yield from _find_design_faults(here, keys, known)
        yield from _find_effect_faults(here)
        looks = good.get("look", [])
        for number, look in enumerate(looks):
            yield from _find_look_faults(here, keys, number, look, known, ranked)
        yield from _find_repeated_looks(here, looks)


def _every_kind() -> dict[str, Any]:
    kinds: dict[str, Any] = {}
    for design in DESIGNS:
        kinds |= keys_of(design)
    return kinds


def _find_unknown_names(here: Table, known: Known) -> Iterator[Fault]:
    for key, value in here.good.items():
        kind = NAMED.get(key)
        if kind is not None:
            yield from _unknown(here, key, value, kind, known[kind])
    if here.good.get("design") == "fact" and "claim" in here.good:
        yield from _unknown(here, "claim", here.good["claim"], "claim", known["claim"])
    if isinstance(here.good.get("until"), str):
        yield from _unknown(here, "until", here.good["until"], "juncture", known["juncture"])


def _unknown(here: Table, key: str, value: Any, kind: str, names: Any) -> Iterator[Fault]:
    if names is None:
        return
    for item in [value] if isinstance(value, str) else value:
        if item and item not in names:
            what = f"the {kind} {quote(item)} is not listed"
            yield here.fault(key, what, suggest(item, names))


def _find_design_faults(here: Table, keys: DesignKeys, known: Known) -> Iterator[Fault]:
    """Keys the design needs and does not get, or gets and does not read."""
    good, design = here.good, here.good["design"]
    for key in keys.needs:
        if key in good and good[key] in ("", []):
            yield here.fault(key, f"{key} is blank", f"the design {design} needs it")
    if keys.either and not any(good.get(key) for key in keys.either):
        what = f"the design {design} needs {' or '.join(keys.either)}"
        yield here.fault(keys.either[0], what, "give one of them")
    if keys.estimates:
        for key in ("junctures", "exposure", "controls", "term", "trend", "comparison"):
            if good.get(key) and not keys.uses(key):
                what = f"the design {design} does not read {key}"
                yield here.fault(key, what, "leave it blank, or choose another design")
    yield from _find_term_faults(here)
    for unit in sorted(set(good.get("units", [])) & set(good.get("comparison", []))):
        what = f"{unit} is among both units and comparison"
        yield here.fault("comparison", what, "a unit cannot be compared with itself")
    yield from _find_special_faults(here, known)


def _find_term_faults(here: Table) -> Iterator[Fault]:
    good = here.good
    own = OWN_TERMS.get(str(good.get("design")), ())
    allowed = (*good.get("junctures", []), *LOOSE_TERMS, *own)
    if good.get("junctures") and good.get("term") and good["term"] not in allowed:
        what = f"the term {quote(good['term'])} is not one of this hypothesis's junctures"
        hint = suggest(good["term"], allowed)
        yield here.fault("term", what, f"{hint} It may be {join_words(allowed)}")


def _find_special_faults(here: Table, known: Known) -> Iterator[Fault]:
    good, design = here.good, here.good["design"]
    if design == "asymmetry" and "units" in good and len(good["units"]) != 2:
        what = f"{len(good['units'])} units are named"
        yield here.fault("units", what, "the design asymmetry compares two, [first, second]")
    if design == "equivalence" and not good.get("of") and not good.get("until"):
        yield here.fault("until", "until is missing", "say up to which juncture or year")
    if "search" in good and "expected" in good:
        (first, last), (early, late) = good["search"], good["expected"]
        if early < first or late > last:
            what = f"[{early}, {late}] is not inside search, [{first}, {last}]"
            yield here.fault("expected", what, "widen search, or correct expected")
    yield from _find_further_faults(here, known)
    weights = good.get("weights")
    if isinstance(weights, list) and len(weights) != len(good.get("junctures", weights)):
        what = f"{len(weights)} weights for {len(good['junctures'])} junctures"
        yield here.fault("weights", what, "give one weight for each juncture")


def _find_further_faults(here: Table, known: Known) -> Iterator[Fault]:
    """Units and transforms of variables beside the outcome."""
    good = here.good
    beside = {good.get(key) for key in OUTCOMES[1:]} | set(good.get("controls", []))
    beside |= {name for look in good.get("look", []) for name in _controls(look)}
    for key, kind in (("unit_of", "unit"), ("transform_of", "transform")):
        names = TRANSFORMS if kind == "transform" else known[kind]
        for variable, value in good.get(key, {}).items():
            if variable not in beside:
                what = f"{quote(variable)} is no exposure, control or the like of this hypothesis"
                yield here.fault(key, what, "name one of them, or delete it")
            yield from _unknown(here, key, value, kind, names)


def _controls(look: object) -> list[str]:
    controls = look.get("controls", []) if isinstance(look, dict) else []
    return [name for name in controls if isinstance(name, str)]


def _find_effect_faults(here: Table) -> Iterator[Fault]:
    good = here.good
    least, words = (1.0, "1, no change") if good.get("effect_unit") == "rate_ratio" else (0.0, "0")
    if "smallest_effect" in good and good["smallest_effect"] <= least:
        what = f"{good['smallest_effect']} is not above {words}"
        remedy = "write the size below which nobody would care, without a sign"
        yield here.fault("smallest_effect", what, remedy)


def _find_look_faults(
    here: Table,
    keys: DesignKeys,
    number: int,
    look: object,
    known: Known,
    ranked: Mapping[str, tuple[str, ...]],
) -> Iterator[Fault]:
    place: Place = (*here.place, "look", number)
    if not isinstance(look, dict):
        what = f"{show(look)} is not a look"
        yield here.fault("look", what, "write it as a table under [[hypothesis.look]]")
        return
    yield from find_key_faults(here.declared, place, look, LOOK, ("name",))
    good = {key: look[key] for key in look if key in LOOK and LOOK[key].holds(look[key])}
    view = Table(here.declared, place, good)
    if set(look) <= {"name"}:
        what = "the look changes nothing"
        yield view.fault("name", what, f"override {join_words([*LOOK][1:-1])} or {[*LOOK][-1]}")
    yield from _find_unknown_names(view, known)
    derived = bool(here.good.get("outcome")) and not ranked.get(here.good["outcome"], ("",))
    for key in good:
        free = key in ("source", "transform", "period") or (key == "weights" and derived)
        if key != "name" and not (keys.estimates and (free or keys.uses(key))):
            what = f"the design {here.good['design']} cannot use {key}"
            yield view.fault(key, what, "delete the override, or the look")
    yield from _find_source_faults(view, here, known, ranked)
    yield from _find_lost_terms(view, here)


def _find_source_faults(
    view: Table, here: Table, known: Known, ranked: Mapping[str, tuple[str, ...]]
) -> Iterator[Fault]:
    source = view.good.get("source")
    variables = [here.good[key] for key in OUTCOMES if here.good.get(key)]
    variables += here.good.get("controls", [])
    if source is None or source not in (known["source"] or ()) or not set(variables) <= set(ranked):
        return
    sources = [name for variable in variables for name in ranked[variable]]
    if sources and source not in sources:
        what = f"{quote(source)} is no source of {join_words(variables)}"
        yield view.fault("source", what, suggest(source, sources))


def _find_lost_terms(view: Table, here: Table) -> Iterator[Fault]:
    term, junctures = here.good.get("term", ""), tuple(here.good.get("junctures", ()))
    others = view.good.get("junctures")
    if term and others is not None and not term_of(term, junctures, tuple(others)):
        what = f"the term {term} is not among the junctures of the look"
        yield view.fault("junctures", what, f"name {term}, or one juncture in place of each")


def _find_repeated_looks(here: Table, looks: list[object]) -> Iterator[Fault]:
    names = [look.get("name") for look in looks if isinstance(look, dict)]
    for number, name in enumerate(names):
        if isinstance(name, str) and name in names[:number]:
            view = Table(here.declared, (*here.place, "look", number), {})
            what = f"the look {quote(name)} stands already in this hypothesis"
            yield view.fault("name", what, "give each look its own name")
