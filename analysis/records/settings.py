"""The settings of a study: `study.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from analysis.errors import Fault
from analysis.records.declared import (
    LEVEL,
    PERIOD,
    SOME_TEXTS,
    TEXT,
    WHOLE,
    Declared,
    Kind,
    find_key_faults,
    one_of,
)

MULTIPLICITIES = ("none", "holm", "maxt")
KINDS: Mapping[str, Kind] = {
    "title": TEXT,
    "authors": SOME_TEXTS,
    "period": PERIOD,
    "alpha": LEVEL,
    "seed": WHOLE,
    "multiplicity": one_of(*MULTIPLICITIES),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for the whole study; `period` is its first and last year."""

    title: str
    authors: tuple[str, ...]
    period: tuple[int, int]
    alpha: float
    seed: int
    multiplicity: Literal["none", "holm", "maxt"]


def find_settings_faults(declared: Declared) -> Iterator[Fault]:
    """Unknown keys, missing keys and values that cannot be."""
    yield from find_key_faults(declared, (), declared.content, KINDS, tuple(KINDS))


def declared_period(declared: Declared | None) -> tuple[int, int] | None:
    """The period, if one is declared that can be."""
    period: Any = declared.content.get("period") if declared is not None else None
    return (period[0], period[1]) if PERIOD.holds(period) else None


def build_settings(declared: Declared) -> Settings:
    """Make the settings of a file without faults."""
    content: Mapping[str, Any] = declared.content
    return Settings(
        title=content["title"],
        authors=tuple(content["authors"]),
        period=(content["period"][0], content["period"][1]),
        alpha=float(content["alpha"]),
        seed=content["seed"],
        multiplicity=content["multiplicity"],
    )
