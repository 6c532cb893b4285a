"""The record of a run as the report reads it: verdicts, numbers, calibration, curves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import UsageError
from analysis.exhibits.number import Number


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """The content of `reports/build/`.

    Attributes:
        verdicts: `verdicts.json`.
        numbers: The numbers of `numbers.json`, by name.
        calibration: `calibration.json`.
        curves: `curves.json`, by claim; a claim that could not be tested may have none.
        paths: `paths.json`, by claim; none in a record made before there were any.
    """

    verdicts: Mapping[str, Any]
    numbers: Mapping[str, Number]
    calibration: Mapping[str, Any]
    curves: Mapping[str, Any]
    paths: Mapping[str, Any] = field(default_factory=dict)


PLACEBO = "placebo"
PATHS = "paths.json"


def claims_of(verdicts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The verdicts that decide claims: no placebos, and nothing that is only shown beside them."""
    return [v for v in verdicts["verdicts"] if v["role"] != PLACEBO and not v.get("beside")]


def parts_of(verdicts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The verdicts shown beside those that decide a claim."""
    return [v for v in verdicts["verdicts"] if v["role"] != PLACEBO and v.get("beside")]


def placebos_of(verdicts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The verdicts on claims in the role of a placebo."""
    return [verdict for verdict in verdicts["verdicts"] if verdict["role"] == PLACEBO]


def counted_placebos(verdicts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The placebos that are counted: what no theory expects to be found.

    A claim in the role of a placebo that has parts of its own, such as declared dates against other
    acts, is none of them, and neither are its parts; the members of a set of placebos are.
    """
    every = {verdict["id"]: verdict for verdict in verdicts["verdicts"]}
    with_parts = {verdict.get("beside") for verdict in every.values()} - {"", None}
    sets = {name for name, verdict in every.items() if verdict["design"] == "placebo_set"}
    return [
        verdict
        for name, verdict in every.items()
        if verdict["role"] == PLACEBO
        and name not in with_parts | sets
        and (not verdict.get("beside") or verdict["beside"] in sets)
    ]


def read_record(build: Path) -> Record:
    """Read the record in the folder `build`.

    Raises:
        UsageError: A file is missing or is not JSON.
    """
    return Record(
        verdicts=read_json(build / "verdicts.json"),
        numbers=read_json(build / "numbers.json")["numbers"],
        calibration=read_json(build / "calibration.json"),
        curves=read_json(build / "curves.json"),
        paths=read_json(build / PATHS) if (build / PATHS).exists() else {},
    )


def read_json(path: Path) -> dict[str, Any]:
    """Read one file of the record.

    Raises:
        UsageError: It is missing or is not JSON.
    """
    place = f"reports/build/{path.name}"
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{place} is missing; make the record with `juncture run`.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{place} is not JSON ({error}); restore it, or make it again with `juncture run`."
        ) from None
    return content
