"""The numbers of the calibration: how often the tests find a step where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.exhibits.formats import format_decimal, format_percent
from analysis.exhibits.number import Number, Numbers, count, words

Row = Mapping[str, Any]


def number_calibration(calibration: Mapping[str, Any]) -> Numbers:
    """Give the numbers of the size table and of the comparison with usual tests."""
    size_table = calibration.get("size_table") or []
    comparisons = calibration.get("comparisons") or []
    numbers = _summary("size", size_table) | _summary("comparison", comparisons)
    for row in size_table:
        numbers |= _cell(cell_name(row), row)
    for row in calibration.get("study_wide") or []:
        numbers |= _world(row)
    for joined in (False, True):
        for name, rows in departures_in(calibration, joined=joined).items():
            numbers |= _departure(departure_name(name, joined=joined), rows)
    for row in comparisons:
        name = comparison_name(row)
        numbers[f"{name}.rate"] = Number(value=row["rate"], text=format_percent(row["rate"], 1))
        numbers[f"{name}.label"] = words(row["label"])
    return numbers


def departures_in(calibration: Mapping[str, Any], *, joined: bool = False) -> dict[str, list[Row]]:
    """The false-positive rates measured under each departure from the model, by its key.

    With `joined` those of tests several parts of which have to agree, else those of all others.
    """
    entries = calibration.get("departures") or {}
    found: dict[str, list[Row]] = {}
    for entry in entries.values():
        if bool(entry.get("joined")) is joined:
            found.setdefault(str(entry["departure"]), []).append(entry)
    return dict(sorted(found.items()))


def departure_name(name: str, *, joined: bool = False) -> str:
    """Name the rates under one departure."""
    return f"departure.joined.{name}" if joined else f"departure.{name}"


def _departure(name: str, rows: list[Row]) -> Numbers:
    rates = sorted(float(row["size"]["rate"]) for row in rows)
    errors = [float(row["size"]["mc_error"]) for row in rows]
    worst = max(rows, key=lambda row: (row["size"]["rate"], row["claim"]))
    numbers = {
        "median": rates[len(rates) // 2],
        "largest": rates[-1],
        "mc_error": max(errors),
    }
    return {
        f"{name}.words": words(rows[0]["words"]),
        f"{name}.n": count(len(rows)),
        f"{name}.worst": words(str(worst["claim"])),
        **{
            f"{name}.{field}": Number(value=value, text=format_percent(value, 1))
            for field, value in numbers.items()
        },
    }


def cell_name(row: Row) -> str:
    """Name one cell of the size table, as in `size.T31.rho0.6.sd2.pivot`."""
    design = f"T{row['years']}.rho{row['rho']:g}.sd{row['sd_ratio']:g}"
    return f"size.{design}.{row.get('term') or 'step'}"


def comparison_name(row: Row) -> str:
    """Name one cell of the comparison by claim and method."""
    return f"comparison.{row['claim']}.{row['method']}"


def _cell(name: str, row: Row) -> Numbers:
    ratio, term = float(row["sd_ratio"]), row.get("term") or "step"
    return {
        f"{name}.rate": Number(value=row["rate"], text=format_percent(row["rate"], decimals=1)),
        f"{name}.rho": Number(value=row["rho"], text=format_decimal(row["rho"], 1)),
        f"{name}.years": count(row["years"]),
        f"{name}.sd_ratio": Number(value=ratio, text=f"{ratio:g}"),
        f"{name}.term": words(term),
    }


def _world(row: Row) -> Numbers:
    """What whole studies find in one world in which nothing happens."""
    name = f"world.{row['world']}"
    numbers = {
        f"{name}.{field}": Number(value=row[field], text=format_percent(row[field], 1))
        for field in ("supported", "mc_error", "largest_size")
    }
    return numbers | {
        f"{name}.words": words(row["words"]),
        f"{name}.studies": count(row["studies"]),
    }


def _summary(name: str, rows: list[Row]) -> Numbers:
    if not rows:
        return {}
    rates = [row["rate"] for row in rows]
    errors = [row["mc_error"] for row in rows]
    n_series = min(row["n_series"] for row in rows)
    return {
        f"{name}.rate_smallest": Number(value=min(rates), text=format_percent(min(rates), 1)),
        f"{name}.rate_largest": Number(value=max(rates), text=format_percent(max(rates), 1)),
        f"{name}.mc_error_largest": Number(value=max(errors), text=format_percent(max(errors), 1)),
        f"{name}.n_series": count(n_series),
    }
