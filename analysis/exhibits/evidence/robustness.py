"""What the page shows of other looks at a claim, of every path, and of what would turn it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.exhibits.evidence.shapes import Part, Texts, Verdict, given, make_table
from analysis.exhibits.evidence.words import plain
from analysis.exhibits.formats import (
    format_count,
    format_decimal,
    format_estimate,
    format_p,
    format_percent,
)
from analysis.verdict.rule import LOOK_P


def show_looks(verdict: Verdict, text: Texts) -> Part | None:
    """Give the claim as each declared look sees it."""
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
    return part | make_table("The claim as each declared look sees it", head, rows)


def show_flip(verdict: Verdict) -> Part | None:
    """Give the smallest changes that turn the finding."""
    flip = verdict.get("flip")
    if not flip:
        return None
    rows = []
    searched = flip.get("values_altered", True)
    none = "none of ±25 and ±100 %" if flip.get("tested") else "none up to 100 %, either way"
    if flip.get("cell"):
        cell = flip["cell"]
        whose = f" by {cell['source']}" if cell.get("source") else ""
        rows.append(
            [
                f"One value: {cell['variable']} of {cell['unit']} in {cell['year']}{whose}",
                _say_move(cell),
                cell["finding"],
            ]
        )
    elif searched:
        rows.append(["One value", none, ""])
    since = flip.get("since_onset")
    if searched and verdict["junctures"]:
        change = _signed(since["percent"]) if since else none
        whose = f" of {since['unit']}" if since and since.get("unit") else ""
        found = since["finding"] if since else ""
        rows.append([f"All values{whose} since the onset", change, found])
    years = flip.get("years_left_out")
    rows += [
        [f"Without {year}", "left out", found] for year, found in sorted((years or {}).items())
    ]
    if years == {}:
        rows.append(["One year left out", "none turns it", ""])
    events = flip.get("events_left_out")
    rows += [
        [f"Without the event {name}", "left out", found] for name, found in (events or {}).items()
    ]
    if events == {}:
        rows.append(["One event left out", "none turns it", ""])
    if flip.get("one_event_more"):
        rows.append(["One event more of the kind counted", "added", flip["one_event_more"]])
    rows += [
        [f"Look at another source: {name}", "taken instead", found]
        for name, found in sorted((flip.get("sources") or {}).items())
    ]
    part: Part = {"title": "What would turn the finding"}
    head = ["What is changed", "By how much", "Finding then"]
    return part | make_table("The smallest changes that turn the finding", head, rows)


def show_gap(verdict: Verdict) -> Part | None:
    """Give the gap to the comparison units."""
    gap = verdict.get("gap")
    if not gap:
        return None
    rows = [
        ("Comparison units", ", ".join(gap["units"])),
        ("Estimate on the gap", format_estimate(gap["estimate"])),
        ("p-value", format_p(gap["p_value"])),
    ]
    return {"title": "Gap to comparison units", "list": given(rows)}


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
    return given(rows)


def _signed(percent: float) -> str:
    return ("+" if percent > 0 else "") + format_decimal(percent, 1) + " %"


def _say_move(cell: Mapping[str, Any]) -> str:
    ends = f"from {format_estimate(cell['from'])} to {format_estimate(cell['to'])}"
    return ends if cell["percent"] is None else f"{_signed(cell['percent'])} ({ends})"
