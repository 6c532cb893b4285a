"""What each figure shows, in words, for those who do not see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.exhibits.calibration_numbers import comparison_name
from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.number import Number, look_up

DATED = ("steps", "counts", "shares", "gap")


def describe_series(facts: StudyFacts, numbers: Mapping[str, Number]) -> str:
    """Say what the small panels show: span, range and last value of every series."""
    parts = []
    for series in facts.drawn:
        name = f"series.{series.variable}.{series.unit}"
        years, n = look_up(numbers, f"{name}.years"), look_up(numbers, f"{name}.n")
        low, high = look_up(numbers, f"{name}.smallest"), look_up(numbers, f"{name}.largest")
        parts.append(
            f"{series.label}, {series.measured_in}, {years}: {n} values between {low} and {high}"
        )
    marks = ", ".join(look_up(numbers, f"juncture.{j.key}.mark") for j in facts.marked)
    return (
        f"Line charts of {len(facts.drawn)} yearly series, with vertical lines at {marks}. "
        + "; ".join(parts)
        + "."
    )


def describe_claim(
    claims: Sequence[Mapping[str, Any]], numbers: Mapping[str, Number], *, with_exposure: bool
) -> str:
    """Say what the panels of a claim and its parts show: each effect, its interval, its finding."""
    panels = []
    for claim in claims:
        key = claim["id"]
        outcome, years = look_up(numbers, f"{key}.outcome"), look_up(numbers, f"{key}.years")
        panels.append(f"{outcome}, {years}, {_describe_effect(claim, numbers)}")
    text = (
        "Line charts of observed values and, where a step was fitted, the fitted line and the line "
        f"without the step with its interval. {'; '.join(panels)}."
    )
    if with_exposure:
        exposure = look_up(numbers, f"{claims[0]['id']}.exposure")
        text += f" Beside them the exposure, {exposure}."
    return text


def describe_overview(claims: Sequence[Mapping[str, Any]], numbers: Mapping[str, Number]) -> str:
    """Say what the overview shows: every claim with estimate, interval and finding."""
    tested = [claim for claim in claims if claim["finding"] != "untestable"]
    told = "; ".join(
        f"{look_up(numbers, claim['id'] + '.register')}, {_describe_effect(claim, numbers)}"
        for claim in tested
    )
    others = [claim["id"] for claim in claims if claim["finding"] == "untestable"]
    names = ", ".join(look_up(numbers, f"{key}.register") for key in others)
    return (
        "Estimate of every claim with its intervals, in units of the smallest effect that "
        "matters, and the region too small to matter shaded; findings and power at the right. "
        + (f"{told}. " if told else "")
        + (f"Untestable: {names}." if names else "")
    ).strip()


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
        "Share of series without an effect in which one is found, for the design of every claim, "
        f"with the nominal level as a line. {'; '.join(parts)}."
    )


def describe_paths(key: str, numbers: Mapping[str, Number]) -> str:
    """Say what a specification curve shows."""
    of = {
        field: look_up(numbers, f"{key}.paths_{field}")
        for field in ("n", "same_sign", "found", "smallest", "largest")
    }
    return (
        f"Specification curve: estimates along {of['n']} paths, from {of['smallest']} to "
        f"{of['largest']} sd in the claimed direction, in order of size, above a table of which "
        f"looks each path takes. {of['same_sign']} of the paths have the claimed sign and "
        f"{of['found']} a p-value at most that asked of looks. The main path is marked."
    )


def _describe_effect(claim: Mapping[str, Any], numbers: Mapping[str, Number]) -> str:
    key = claim["id"]
    name = look_up(numbers, f"{key}.term")
    finding = look_up(numbers, f"{key}.finding_word")
    if numbers[f"{key}.estimate"]["value"] is None:
        return f"{name}: no estimate, {finding}"
    word = "step" if claim["design"] in DATED else "estimate"
    estimate, interval = look_up(numbers, f"{key}.estimate"), look_up(numbers, f"{key}.interval")
    unit, level = look_up(numbers, f"{key}.effect_unit"), look_up(numbers, "study.level")
    return f"{name}: {word} {estimate} {unit}, {level} interval {interval}, {finding}"
