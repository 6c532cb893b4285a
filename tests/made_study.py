"""Studies made to order on the toy study: known values of a few series, and claims about them."""

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.replication.outcome import Effort, run_study
from analysis.verdict.record import Verdict
from tests.toy import write_toy_study

SMALL = Effort(draws=999, law=300, again=0, reach=500, look_draws=499, look_law=200, studies=200)
YEARS = np.arange(1990, 2023)
EXPORTS = ("JPN>USA", "exports_usd")
HEADER = ["unit", "year", "variable", "value", "status", "source", "locator", "note"]

CLAIM: dict[str, Any] = {
    "id": "M-1.exports",
    "claim": "After the treaty of 2010 exports stepped up.",
    "paper": "author2021",
    "locator": "section 2",
    "design": "steps",
    "outcome": "exports_usd",
    "transform": "none",
    "units": ["JPN>USA"],
    "comparison": [],
    "junctures": ["treaty"],
    "exposure": "",
    "controls": [],
    "term": "treaty",
    "alternative": "greater",
    "alpha": 0.05,
    "effect_unit": "sd",
    "smallest_effect": 1.0,
    "claimed_effect": 2.0,
    "family": "M",
    "gate": "",
    "placebos": [],
    "role": "primary",
    "declared": date(2026, 1, 31),
}


def claim(**changes: Any) -> dict[str, Any]:
    """A claim that exports of Japan stepped up in 2010, changed as told; `look` holds looks."""
    return CLAIM | changes


def noise(seed: int = 1, step: float = 0.0, onset: int = 2010, sd: float = 3.0) -> pd.Series:
    """Exports of about 100: AR(1) errors with rho .3 and marginal sd `sd`, and a step in sds."""
    rng = np.random.default_rng(seed)
    errors = rng.standard_normal(len(YEARS))
    for year in range(1, len(YEARS)):
        errors[year] = 0.3 * errors[year - 1] + np.sqrt(1 - 0.09) * errors[year]
    return pd.Series(100 + sd * (errors + step * (onset <= YEARS)), index=YEARS).round(6)


def write_made_study(
    path: Path,
    values: Mapping[tuple[str, str], pd.Series],
    claims: Iterable[Mapping[str, Any]],
    *,
    recalled: Iterable[int] = (),
    multiplicity: str = "holm",
) -> Path:
    """Write a study with these values, by unit and variable, and these claims.

    Args:
        recalled: Years in which every value is entered from memory.
        multiplicity: How p is corrected within a family.
    """
    write_toy_study(path)
    write_observations(path, values, set(recalled))
    text = "\n".join(_table("hypothesis", each) for each in claims)
    (path / "data/hypotheses.toml").write_text(text, encoding="utf-8", newline="\n")
    settings = (path / "study.toml").read_text(encoding="utf-8")
    settings = settings.replace('"holm"', f'"{multiplicity}"')
    (path / "study.toml").write_text(settings, encoding="utf-8", newline="\n")
    return path


def write_observations(
    path: Path, values: Mapping[tuple[str, str], pd.Series], recalled: set[int]
) -> None:
    """Write `observations.csv`: one source for each variable, a year without a value left out."""
    rows = [
        [
            unit,
            year,
            variable,
            float(value),
            "recalled" if year in recalled else "reported",
            "atlas-2024" if variable == "exports_usd" else "diary",
            "" if year in recalled else f"table 1, {year}",
            "",
        ]
        for (unit, variable), series in values.items()
        for year, value in series.dropna().items()
    ]
    with (path / "data/observations.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(sorted(rows, key=lambda row: (row[0], row[1], row[2])))


def verdicts_on(
    path: Path,
    values: Mapping[tuple[str, str], pd.Series],
    *claims: Mapping[str, Any],
    effort: Effort = SMALL,
    **options: Any,
) -> dict[str, Verdict]:
    """Write a study to order, run it, and give its verdicts by id."""
    write_made_study(path, values, claims, **options)
    return dict(run_study(path, effort=effort).verdicts)


def _table(name: str, keys: Mapping[str, Any]) -> str:
    plain = {key: value for key, value in keys.items() if key != "look"}
    lines = [f"[[{name}]]", *(f"{key} = {_value(value)}" for key, value in plain.items())]
    looks = [_table("hypothesis.look", look) for look in keys.get("look", ())]
    return "\n".join([*lines, "", *looks])


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    return value.isoformat() if isinstance(value, date) else json.dumps(value)
