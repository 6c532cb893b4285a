"""What a record was made with: Python, and the version of each package that makes numbers."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from analysis.exhibits.record import read_json
from analysis.records.files import write_json
from analysis.version import VERSION

FORMAT = 1
FILE = "environment.json"  # beside the record, and no part of what has to be equal
PACKAGES = (  # those that make numbers or the report; the lock has all
    "arch", "joblib", "linearmodels", "matplotlib", "numpy", "pandas", "scipy", "statsmodels",
    "threadpoolctl", "typst",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unlike:
    """One thing that is not as it was when the record was made; empty if it was not there."""

    name: str
    recorded: str
    here: str


def describe_environment() -> dict[str, Any]:
    """Versions and platform of this very process; no path, name or time is among them."""
    return {
        "format": FORMAT,
        "toolkit": VERSION,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": _versions(),
    }


def write_environment(build: Path) -> None:
    """Say in the folder of the record what it was made with."""
    write_json(build / FILE, describe_environment())


def read_environment(build: Path) -> dict[str, Any] | None:
    """What a record was made with; None where it does not say."""
    path = build / FILE
    return read_json(path) if path.exists() else None


def compare_environments(recorded: Mapping[str, Any], here: Mapping[str, Any]) -> list[Unlike]:
    """Everything that differs, in order of name.

    >>> before = {"python": "CPython 3.11.7", "packages": {"numpy": "2.4.6"}}
    >>> compare_environments(before, before | {"packages": {"numpy": "2.4.7"}})
    [Unlike(name='numpy', recorded='2.4.6', here='2.4.7')]
    """
    before, after = _flat(recorded), _flat(here)
    return [
        Unlike(name, before.get(name, ""), after.get(name, ""))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def _flat(environment: Mapping[str, Any]) -> dict[str, str]:
    named = {name: environment.get(name, "") for name in ("toolkit", "python", "platform")}
    found = {**named, **environment.get("packages", {})}
    return {name: str(version) for name, version in found.items() if version}


def _versions() -> dict[str, str]:
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # as in an installation without the report
            continue
    return versions
