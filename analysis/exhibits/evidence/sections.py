"""What the page shows of one claim, part by part: titles, lists and tables of printed text.

The page places these as they are; a part that says "series", "paths", "cells" or "declaration" is
drawn there from the data beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.exhibits.claim_numbers import DIRECTIONS, interval_names
from analysis.exhibits.evidence.robustness import show_flip, show_gap, show_looks
from analysis.exhibits.evidence.shapes import Part, Texts, Verdict, given, make_table
from analysis.exhibits.evidence.words import CONDITIONS, DESIGNS, ERRORS, USUAL, plain
from analysis.exhibits.finding_words import explain_findings
from analysis.exhibits.formats import (
    ABSENT,
    format_decimal,
    format_percent,
)
from analysis.exhibits.number import Number, look_up

MEANT = (
    "No finding needs all of them: each of supported, contradicted and negligible has its own. "
    "Effects are on the scale of the model, positive as claimed."
)
HELD = {True: "✓ held", False: "✗ did not hold", None: ABSENT}
HOW_SURE = (
    ("size", "False positives where nothing happened"),
    ("size_mc_error", "Monte Carlo error of that"),
    ("size_ends", "At the two ends of the interval of ρ"),
    ("size_series", "Simulated series"),
    ("coverage", "Coverage of the interval"),
    ("power", "Power at the smallest effect that matters"),
    ("power_at_claim", "Power at the claimed effect"),
    ("power_rule", "Power after correction for the family"),
    ("minimum_detectable_effect", "Effect found four times in five"),
)
TESTED = (
    ("p_value", "p-value"),
    ("p_adjusted", "p-value corrected in the family"),
    ("p_maximised", "p-value, largest over the interval of ρ"),
    ("p_shift", "p-value by shifting the dates"),
    ("statistic", "Test statistic"),
    ("n_obs", "Observations"),
    ("years", "Years"),
    ("scale", "Scale"),
    ("method", "Method"),
)


def lay_out_claim(
    verdict: Verdict, numbers: Mapping[str, Number], curve: Mapping[str, Any] | None = None
) -> list[Part]:
    """Give the parts of one claim in reading order; what the record does not hold is left out.

    Args:
        verdict: As in `verdicts.json`.
        numbers: `numbers.json`, which has the printed text.
        curve: Of this claim as `juncture calibrate` measured it: power by effect.
    """

    def text(name: str) -> str:
        return look_up(numbers, f"{verdict['id']}.{name}")

    parts = [
        _claimed(verdict, text),
        _estimate(verdict, text, explain_findings([verdict], verdict["alpha"], numbers)),
        _readings(verdict),
        {"title": "Figure", "kind": "series"},
        _conditions(verdict),
        _how_sure(verdict, text, curve),
        show_looks(verdict, text),
        {"title": "Every path", "kind": "paths"},
        show_flip(verdict),
        show_gap(verdict),
        {"title": "Cells", "kind": "cells"},
        {"title": "Declaration", "kind": "declaration"},
    ]
    return [part for part in parts if part is not None]


def _claimed(verdict: Verdict, text: Texts) -> Part:
    rows = [
        ("Claimed in", text("claimed_in")),
        ("Outcome", text("outcome")),
        ("Units", text("units")),
        ("Term", text("term")),
        ("Expected", DIRECTIONS.get(verdict["alternative"], "")),
        ("Smallest effect that matters", _with_unit(text("smallest_effect"), text)),
        ("Claimed effect", _with_unit(text("claimed_effect"), text)),
        ("Design", DESIGNS.get(verdict["design"], plain(str(verdict["design"])))),
        ("Transform", verdict.get("transform") if verdict["outcome"] else ""),
        ("Trend", verdict.get("trend") if verdict["junctures"] else ""),
        ("Junctures", ", ".join(map(plain, verdict["junctures"]))),
        ("Role", text("role")),
        ("Family", text("family")),
    ]
    shown = rows if verdict["outcome"] else [row for row in rows if row[0] not in ESTIMATED]
    return {"title": "What is claimed", "list": given(shown), "wide": True}


ESTIMATED = (
    "Outcome", "Units", "Term", "Expected", "Smallest effect that matters", "Claimed effect",
)  # fmt: skip


def _with_unit(number: str, text: Texts) -> str:
    return f"{number} {text('effect_unit')}" if number != ABSENT else ""


def _estimate(verdict: Verdict, text: Texts, explained: Sequence[str]) -> Part | None:
    if verdict.get("n_obs") is None:
        return None
    tested = given((label, text(name)) for name, label in TESTED)
    model = verdict.get("error_model") or {}
    for name, label in ERRORS.items():
        if model.get(name) is not None:
            within = text(f"{name}_interval")
            interval = "" if within == ABSENT else f" (interval {within})"
            tested.append([label, text(name) + interval])
    if verdict.get("estimate") is None:
        return {"title": "Estimate", "note": "No estimate is shown.", "list": tested}
    outer, inner = interval_names(verdict["alpha"])
    head, scales = ["", text("effect_unit")], [""]
    if text("effect_unit") != text("outcome_unit"):
        head.append(text("outcome_unit"))
        scales.append("_outcome")
    names = (
        ("estimate", "Estimate"),
        ("std_error", "Standard error"),
        ("interval", f"{outer} % interval"),
        ("inner_interval", f"{inner} % interval"),
    )
    rows = [[label, *(text(f"{name}{scale}") for scale in scales)] for name, label in names]
    table = {"caption": "Estimate and intervals", "head": head, "rows": rows}
    part: Part = {"title": "Estimate", "table": table, "list": tested}
    return part | ({"note": " ".join(explained)} if explained else {})


def _readings(verdict: Verdict) -> Part | None:
    fact = verdict.get("fact")
    if not fact:
        return None
    about = given(
        [
            ("Statement", fact["statement"]),
            ("Asked of the data", plain(fact["operation"])),
            ("Expected", fact["expected"]),
            ("Observed", fact["observed"]),
            ("Would need", fact["needs"]),
            ("Note", fact["note"]),
            ("Seeds", ", ".join(fact["seeds"])),
        ]
    )
    rows = [
        [r["name"], r["observed"], plain(str(r["answer"])), str(r["recalled"]), str(r["estimated"])]
        for r in fact["readings"]
    ]
    head = ["Reading", "Observed", "Answer", "Recalled values", "Estimated values"]
    part: Part = {"title": "What the data say", "list": about}
    return part | (make_table("Readings of the statement", head, rows) if rows else {})


def _conditions(verdict: Verdict) -> Part | None:
    rows = [
        [
            CONDITIONS.get(each["name"], each["name"]),
            str(each["bound"]),
            format_decimal(each["value"], 3),
            HELD[each["holds"]],
        ]
        for each in verdict.get("conditions") or []
    ]
    if not rows:
        return None
    head = ["Condition", "Asked for", "Found", "Held"]
    part: Part = {"title": "Conditions of the rule", "note": MEANT}
    return part | make_table("Conditions of the rule, with what was found", head, rows)


def _how_sure(verdict: Verdict, text: Texts, curve: Mapping[str, Any] | None) -> Part | None:
    if verdict.get("size") is None:
        return None
    part: Part = {"title": "How sure one can be"}
    part["list"] = given((label, text(name)) for name, label in HOW_SURE)
    usual = verdict.get("usual_sizes") or {}
    rows = [["This test", text("size")]]
    rows += [
        [USUAL.get(name, plain(name)), format_percent(rate, 1)]
        for name, rate in sorted(usual.items())
    ]
    part |= make_table(
        "How often each test finds something where nothing happened, on these very years and dates",
        ["Test", "False positives"],
        rows if usual else [],
    )
    if curve is not None:
        powers = [
            [format_decimal(row["effect"], 2), format_percent(row["rate"], 1)]
            for row in curve["power"]
        ]
        part["more"] = make_table("Power by effect, in sd", ["Effect", "Power"], powers)["table"]
    return part
