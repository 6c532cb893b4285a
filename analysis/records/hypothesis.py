"""Hypotheses: declared claims and how each is to be decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from html import escape
from typing import Any

from analysis.records.claims import Claim
from analysis.records.designs import ALWAYS, ESTIMATING, PERHAPS


@dataclass(frozen=True, slots=True)
class Look:
    """A declared alternative path: what is not None replaces what the hypothesis says."""

    name: str
    junctures: tuple[str, ...] | None = None
    period: tuple[int, int] | None = None
    transform: str | None = None
    source: str | None = None
    weights: str | tuple[float, ...] | None = None
    error_model: str | None = None
    comparison: tuple[str, ...] | None = None
    controls: tuple[str, ...] | None = None
    trend: str | None = None

    def overrides(self) -> dict[str, object]:
        """What this look replaces, by key."""
        pairs = {each.name: getattr(self, each.name) for each in fields(self)}
        return {key: value for key, value in pairs.items() if key != "name" and value is not None}


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A claim, the design that decides it, and what was declared before any estimate.

    Designs that estimate nothing themselves (`fact`, `none`, `all_of` ...) may leave the fields
    of an estimate blank: `outcome`, `alternative` and `effect_unit` are then empty and the
    effects NaN.

    Attributes:
        beside: The part that decides the claim, where this one is only shown beside it.
        unit_of: The unit of a further variable, such as an exposure, where it is not plain.
        transform_of: The transform of such a variable; none where it is not named.
        options: Keys that only the design knows, such as `statistic`, `max_lag` or `members`.
    """

    id: str
    claim: str
    paper: str
    locator: str
    design: str
    outcome: str
    transform: str
    units: tuple[str, ...]
    comparison: tuple[str, ...]
    junctures: tuple[str, ...]
    exposure: str
    controls: tuple[str, ...]
    term: str
    alternative: str
    alpha: float
    effect_unit: str
    smallest_effect: float
    claimed_effect: float
    family: str
    gate: str
    placebos: tuple[str, ...]
    role: str
    declared: date
    trend: str = "linear"
    period: tuple[int, int] | None = None
    looks: tuple[Look, ...] = ()
    beside: str = ""
    unit_of: Mapping[str, str] = field(default_factory=dict, hash=False)
    transform_of: Mapping[str, str] = field(default_factory=dict, hash=False)
    options: Mapping[str, object] = field(default_factory=dict, hash=False)

    def to_dict(self) -> dict[str, object]:
        """What was declared, by key; what was left blank is left out."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        options, looks = named.pop("options"), named.pop("looks")
        declared = {key: value for key, value in named.items() if _is_said(value)}
        if looks:
            declared["looks"] = {look.name: look.overrides() for look in looks}
        return declared | dict(options)

    def _repr_html_(self) -> str:
        """The claim and its declaration as a table, for notebooks."""
        said = self.to_dict()
        heading = f"<p><b>{escape(self.id)}</b>: {escape(self.claim)}</p>"
        rows = "".join(
            f"<tr><th>{escape(key)}</th><td>{escape(_show(value))}</td></tr>"
            for key, value in said.items()
            if key not in ("id", "claim")
        )
        return f"{heading}<table>{rows}</table>"


def _is_said(value: object) -> bool:
    return value is not None and value not in ("", (), {}) and value == value  # nan is not itself


def _show(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_show(each)}" for key, each in value.items())
    if isinstance(value, tuple):
        return ", ".join(map(_show, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def apply_look(hypothesis: Hypothesis, look: Look) -> Hypothesis:
    """Give the hypothesis as `look` sees it.

    `source`, `weights` and `error_model` go to `options`. Where the look names other junctures
    and the term is not among them, the term becomes the juncture in its place.
    """
    overrides: dict[str, Any] = look.overrides()
    options: dict[str, object] = dict(hypothesis.options)
    for name in ("source", "weights", "error_model"):
        if name in overrides:
            options[name] = overrides.pop(name)
    term = term_of(hypothesis.term, hypothesis.junctures, overrides.get("junctures"))
    return replace(hypothesis, **overrides, term=term, options=options, looks=())


def term_of(term: str, junctures: tuple[str, ...], others: tuple[str, ...] | None) -> str:
    """Which of `others` stands for `term`: itself, or the juncture in its place; else "".

    >>> term_of("pivot", ("pivot", "thaad"), ("pivot-2011", "thaad"))
    'pivot-2011'
    """
    if others is None or term in others or term not in junctures:
        return term
    return others[junctures.index(term)] if len(others) == len(junctures) else ""


def build_hypothesis(
    table: Mapping[str, Any], alpha: float, claims: Mapping[str, Claim]
) -> Hypothesis:
    """Make a hypothesis of a table without faults; `alpha` is that of the study."""
    blank: dict[str, Any] = {
        "outcome": "", "transform": "none", "units": [], "comparison": [], "junctures": [],
        "exposure": "", "controls": [], "term": "", "alternative": "", "alpha": alpha,
        "effect_unit": "", "smallest_effect": float("nan"), "claimed_effect": float("nan"),
    }  # fmt: skip
    common = blank | {key: value for key, value in table.items() if _is_common(key)}
    numbers = {key: float(common[key]) for key in ("alpha", "smallest_effect", "claimed_effect")}
    options = {key: _freeze(value) for key, value in table.items() if not _is_common(key)}
    if table["design"] == "fact":
        options["claim"] = table["claim"]
        common["claim"] = claims[table["claim"]].statement
    looks = tuple(Look(**_freeze_all(look)) for look in common.pop("look", []))
    return Hypothesis(**_freeze_all({**common, **numbers}), looks=looks, options=options)


def _is_common(key: str) -> bool:
    return key in ALWAYS or key in ESTIMATING or key in PERHAPS


def _freeze_all(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _freeze(value) for key, value in table.items()}


def _freeze(value: object) -> object:
    return tuple(_freeze(item) for item in value) if isinstance(value, list) else value
