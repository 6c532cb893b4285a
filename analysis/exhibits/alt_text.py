"""What each figure shows, in words, for those who do not see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.exhibits.calibration_numbers import comparison_name
from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.number import Number, look_up


def describe_series(facts: StudyFacts, numbers: Mapping[str, Number]) -> str:
    """Say what the small panels show: span, range and last value of every series."""
    parts = []
    for series in facts.series:
        name = f"series.{series.variable}.{series.unit}"
        years, n = look_up(numbers, f"{name}.years"), look_up(numbers, f"{name}.n")
        low, high = look_up(numbers, f"{name}.smallest"), look_up(numbers, f"{name}.largest")
        parts.append(
            f"{series.label}, {series.measured_in}, {years}: {n} values between {low} and {high}"
        )
    marks = ", ".join(look_up(numbers, f"juncture.{j.key}.mark") for j in facts.junctures)
    return (
        f"Line charts of {len(facts.series)} yearly series, with vertical lines at {marks}. "
        + "; ".join(parts)
        + "."
    )


def describe_outcome(claims: Sequence[Mapping[str, Any]], numbers: Mapping[str, Number]) -> str:
    """Say what the panels of one outcome show: each step, its interval and its finding."""
    outcome = look_up(numbers, f"{claims[0]['id']}.outcome")
    years = next(
        (look_up(numbers, f"{c['id']}.years") for c in claims if c.get("n_obs")), "no years"
    )
    steps = "; ".join(_describe_step(claim["id"], numbers) for claim in claims)
    return (
        f"{outcome}, {years}: observed values, fitted line, and the line without the step "
        f"with its interval, one panel for each juncture. {steps}."
    )


def describe_overview(claims: Sequence[Mapping[str, Any]], numbers: Mapping[str, Number]) -> str:
    """Say what the overview shows: every claim with estimate, interval and finding."""
    steps = "; ".join(
        f"{look_up(numbers, claim['id'] + '.outcome')}, {_describe_step(claim['id'], numbers)}"
        for claim in claims
    )
    return (
        "Estimated step of every claim with its intervals, in units of the smallest effect that "
        f"matters, and the region too small to matter shaded. {steps}."
    )


def describe_comparison(rows: Sequence[Mapping[str, Any]], numbers: Mapping[str, Number]) -> str:
    """Say what the comparison shows: the least and the greatest rate of each method."""
    parts = []
    for method in dict.fromkeys(row["method"] for row in rows):
        own = sorted((row for row in rows if row["method"] == method), key=lambda row: row["rate"])
        least, most = (
            look_up(numbers, comparison_name(row) + ".rate") for row in (own[0], own[-1])
        )
        parts.append(f"{own[0]['label']}: {least} to {most}")
    return (
        "Share of series without a step in which a step is found, for the design of every claim, "
        f"with the nominal level as a line. {'; '.join(parts)}."
    )


def _describe_step(key: str, numbers: Mapping[str, Number]) -> str:
    term, finding = look_up(numbers, f"{key}.term"), look_up(numbers, f"{key}.finding")
    if numbers[f"{key}.estimate"]["value"] is None:
        return f"{term}: no estimate, {finding}"
    estimate, interval = look_up(numbers, f"{key}.estimate"), look_up(numbers, f"{key}.interval")
    unit, level = look_up(numbers, f"{key}.effect_unit"), look_up(numbers, "study.level")
    return f"{term}: step {estimate} {unit}, {level} interval {interval}, {finding}"
