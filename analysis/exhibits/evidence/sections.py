"""What the page shows of one claim, part by part: titles, lists and tables of printed text.

The page places these as they are; a part that says "series", "paths", "cells" or "declaration" is
drawn there from the data beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analysis.exhibits.claim_numbers import DIRECTIONS, interval_names
from analysis.exhibits.evidence.words import CONDITIONS, DESIGNS, ERRORS, USUAL, plain
from analysis.exhibits.formats import (
    ABSENT,
    format_count,
    format_decimal,
    format_estimate,
    format_p,
    format_percent,
)
from analysis.exhibits.number import Number, look_up
from analysis.verdict.rule import LOOK_P

Verdict = Mapping[str, Any]
Part = dict[str, Any]
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
        _estimate(verdict, text),
        _readings(verdict),
        {"title": "Figure", "kind": "series"},
        _conditions(verdict),
        _how_sure(verdict, text, curve),
        _looks(verdict, text),
        {"title": "Every path", "kind": "paths"},
        _flip(verdict),
        _gap(verdict),
        {"title": "Cells", "kind": "cells"},
        {"title": "Declaration", "kind": "declaration"},
    ]
    return [part for part in parts if part is not None]


def _claimed(verdict: Verdict, text: Any) -> Part:
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
    return {"title": "What is claimed", "list": _given(shown), "wide": True}


ESTIMATED = (
    "Outcome", "Units", "Term", "Expected", "Smallest effect that matters", "Claimed effect",
)  # fmt: skip


def _with_unit(number: str, text: Any) -> str:
    return f"{number} {text('effect_unit')}" if number != ABSENT else ""


def _estimate(verdict: Verdict, text: Any) -> Part | None:
    if verdict.get("n_obs") is None:
        return None
    tested = _given((label, text(name)) for name, label in TESTED)
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
    return {"title": "Estimate", "table": table, "list": tested}


def _readings(verdict: Verdict) -> Part | None:
    fact = verdict.get("fact")
    if not fact:
        return None
    about = _given(
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
    return part | (_table("Readings of the statement", head, rows) if rows else {})


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
    return part | _table("Conditions of the rule, with what was found", head, rows)


def _how_sure(verdict: Verdict, text: Any, curve: Mapping[str, Any] | None) -> Part | None:
    if verdict.get("size") is None:
        return None
    part: Part = {"title": "How sure one can be"}
    part["list"] = _given((label, text(name)) for name, label in HOW_SURE)
    usual = verdict.get("usual_sizes") or {}
    rows = [["This test", text("size")]]
    rows += [
        [USUAL.get(name, plain(name)), format_percent(rate, 1)]
        for name, rate in sorted(usual.items())
    ]
    part |= _table(
        "How often each test finds something where nothing happened, on these very years and dates",
        ["Test", "False positives"],
        rows if usual else [],
    )
    if curve is not None:
        powers = [
            [format_decimal(row["effect"], 2), format_percent(row["rate"], 1)]
            for row in curve["power"]
        ]
        part["more"] = _table("Power by effect, in sd", ["Effect", "Power"], powers)["table"]
    return part


def _looks(verdict: Verdict, text: Any) -> Part | None:
    looks = (verdict.get("robustness") or {}).get("looks") or []
    if not looks:
        return None
    rows = [
        [
            text(f"look_{place}.name"),
            ", ".join(map(plain, look.get("changes") or [])),
            text(f"look_{place}.estimate"),
            text(f"look_{place}.p_value"),
            text(f"look_{place}.agrees"),
            look.get("reason") or "",
        ]
        for place, look in enumerate(looks, start=1)
    ]
    head = ["Look", "Changes", "Estimate", "p", "Agrees", "Remark"]
    part: Part = {"title": "Other looks", "note": f"{text('looks')} counted looks agree."}
    return part | _table("The claim as each declared look sees it", head, rows)


def _flip(verdict: Verdict) -> Part | None:
    flip = verdict.get("flip")
    if not flip:
        return None
    rows = []
    if flip.get("cell"):
        cell = flip["cell"]
        rows.append(
            [
                f"One value: {cell['variable']} of {cell['unit']} in {cell['year']}",
                f"{_signed(cell['percent'])} (from {format_estimate(cell['from'])} "
                f"to {format_estimate(cell['to'])})",
                cell["finding"],
            ]
        )
    else:
        rows.append(["One value", "none up to 100 %, either way", ""])
    since = flip.get("since_onset")
    change = _signed(since["percent"]) if since else "none up to 100 %, either way"
    rows.append(["All values since the onset", change, since["finding"] if since else ""])
    years = flip.get("years_left_out") or {}
    rows += [[f"Without {year}", "left out", found] for year, found in sorted(years.items())]
    if not years:
        rows.append(["One year left out", "none turns it", ""])
    rows += [
        [f"Look at another source: {name}", "taken instead", found]
        for name, found in sorted((flip.get("sources") or {}).items())
    ]
    part: Part = {"title": "What would turn the finding"}
    head = ["What is changed", "By how much", "Finding then"]
    return part | _table("The smallest changes that turn the finding", head, rows)


def _gap(verdict: Verdict) -> Part | None:
    gap = verdict.get("gap")
    if not gap:
        return None
    rows = [
        ("Comparison units", ", ".join(gap["units"])),
        ("Estimate on the gap", format_estimate(gap["estimate"])),
        ("p-value", format_p(gap["p_value"])),
    ]
    return {"title": "Gap to comparison units", "list": _given(rows)}


def count_paths(verdict: Verdict, walked: Mapping[str, Any]) -> list[list[str]]:
    """What the paths say together, as label and text."""
    told = (verdict.get("robustness") or {}).get("paths") or {}
    rows = [
        ("Paths", format_count(len(walked["paths"]))),
        ("Paths that cannot be laid out", format_count(len(walked["refused"]))),
        ("With the claimed sign", format_percent(told.get("same_sign"))),
        (f"With p of at most {LOOK_P:g}", format_percent(told.get("found"))),
        ("Joint p of all paths", format_p(walked["joint_p"])),
        ("Null series shared by all paths", format_count(walked["draws"])),
    ]
    return _given(rows)


def _signed(percent: float) -> str:
    return ("+" if percent > 0 else "") + format_decimal(percent, 1) + " %"


def _given(rows: Iterable[tuple[str, Any]]) -> list[list[str]]:
    """Rows that say something."""
    return [[label, str(value)] for label, value in rows if value not in (None, "", ABSENT)]


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Part:
    if not rows:
        return {}
    return {"table": {"caption": caption, "head": list(head), "rows": [list(r) for r in rows]}}
