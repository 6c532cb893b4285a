"""The overview: one row a claim, parts that only stand beside it under it, as HTML."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from analysis.exhibits.claim_numbers import interval_names
from analysis.exhibits.evidence.words import DESIGNS, plain
from analysis.exhibits.figures_overview import WIDEST, in_smallest_effects
from analysis.exhibits.finding_words import mark_partings
from analysis.exhibits.formats import format_decimal, format_interval
from analysis.exhibits.number import Number, look_up
from analysis.exhibits.record import PLACEBO

Verdict = Mapping[str, Any]
WIDTH, HEIGHT, EDGE = 240.0, 22.0, 8.0
MIDDLE = HEIGHT / 2
MULTIPLES = "multiples of S"  # what claims that judge other claims are measured in
MARKS = {  # shapes of the report's overview; filled where the finding says something
    "supported": '<circle cx="6" cy="6" r="5"/>',
    "contradicted": '<path d="M1 1.5h10l-5 9.5z"/>',
    "negligible": '<path d="M1.5 1.5h9v9h-9z"/>',
    "inconclusive": '<circle cx="6" cy="6" r="4.2"/>',
    "untestable": '<path d="M2 2l8 8M10 2l-8 8"/>',
}
FILTERS = ("paper", "family", "role", "design")


def order_claims(verdicts: Sequence[Verdict]) -> list[tuple[Verdict, bool]]:
    """Give deciding claims by role and id, each followed by the parts beside it, which are marked.

    A part whose deciding claim is not in the record stands by itself.
    """
    known = {str(verdict["id"]) for verdict in verdicts}
    beside: dict[str, list[Verdict]] = {}
    for verdict in sorted(verdicts, key=lambda each: str(each["id"])):
        if verdict.get("beside") in known - {verdict["id"]}:
            beside.setdefault(str(verdict["beside"]), []).append(verdict)
    parts = {str(each["id"]) for own in beside.values() for each in own}
    deciding = [verdict for verdict in verdicts if verdict["id"] not in parts]
    ordered: list[tuple[Verdict, bool]] = []
    for verdict in sorted(deciding, key=lambda each: (each["role"] == PLACEBO, str(each["id"]))):
        ordered.append((verdict, False))
        ordered += [(part, True) for part in beside.get(str(verdict["id"]), [])]
    shown = {str(verdict["id"]) for verdict, _ in ordered}  # parts of parts, if there are any
    return ordered + [(each, False) for each in verdicts if str(each["id"]) not in shown]


def write_rows(verdicts: Sequence[Verdict], numbers: Mapping[str, Number]) -> str:
    """Give the body of the table of all claims."""
    limit = find_limit(verdicts)
    marks = mark_partings(verdicts, verdicts[0]["alpha"]) if verdicts else {}
    ordered = order_claims(verdicts)
    n_parts = {
        str(verdict["id"]): sum(
            part and str(each["beside"]) == str(verdict["id"]) for each, part in ordered
        )
        for verdict, _ in ordered
    }
    return "\n".join(
        _write_row(
            verdict,
            numbers,
            limit,
            is_part=is_part,
            n_parts=n_parts[str(verdict["id"])],
            mark=marks.get(str(verdict["id"]), ""),
        )
        for verdict, is_part in ordered
    )


def write_choices(verdicts: Sequence[Verdict], key: str) -> str:
    """Give the options of one filter."""
    values = sorted({str(verdict[key]) for verdict in verdicts} - {""})
    words = {value: _word(key, value) for value in values}
    return "".join(
        f'<option value="{escape(value)}">{escape(word)}</option>' for value, word in words.items()
    )


def write_mark(finding: str) -> str:
    """Give the mark of a finding, which a screen reader passes over: the word stands beside it."""
    return (
        f'<svg class="mark" viewBox="0 0 12 12" aria-hidden="true">{MARKS.get(finding, "")}</svg>'
    )


def find_limit(verdicts: Sequence[Verdict]) -> float:
    """How far the bars reach, in smallest effects; a longer interval ends in an arrow."""
    ends = [abs(end) for v in verdicts if _has_bar(v) for end in _ends(v, 0) if math.isfinite(end)]
    return min(max([2.0, *ends]) * 1.05, WIDEST)


def _has_bar(verdict: Verdict) -> bool:
    estimate, smallest = verdict.get("estimate"), verdict.get("smallest_effect")
    if estimate is None or not verdict.get("intervals"):
        return False
    if verdict.get("outcome_unit") == MULTIPLES:
        return True
    if not smallest:
        return False
    return verdict["effect_unit"] != "rate_ratio" or (estimate > 0 and smallest not in (0, 1))


def _scaled(value: float, verdict: Verdict) -> float:
    multiples = verdict.get("outcome_unit") == MULTIPLES
    return value if multiples else in_smallest_effects(value, verdict)


def _ends(verdict: Verdict, which: int) -> tuple[float, float]:
    """One of the two intervals in smallest effects; an end that does not exist is infinite."""
    low, high = verdict["intervals"][interval_names(verdict["alpha"])[which]]
    ends = [
        math.copysign(math.inf, side)
        if end is None or (verdict["effect_unit"] == "rate_ratio" and end <= 0)
        else _scaled(end, verdict)
        for end, side in ((low, -1), (high, 1))
    ]
    return min(ends), max(ends)


def _write_row(
    verdict: Verdict,
    numbers: Mapping[str, Number],
    limit: float,
    *,
    is_part: bool,
    n_parts: int,
    mark: str,
) -> str:
    name = str(verdict["id"])

    def text(field: str) -> str:
        return look_up(numbers, f"{name}.{field}")

    finding = str(verdict["finding"])
    meta = [text("claimed_in"), text("outcome") if verdict["outcome"] else ""]
    bar, value = _draw_bar(verdict, limit)
    if value is None and verdict.get("estimate") is not None:
        bar = f'<span class="meta">{escape(text("estimate"))} {escape(text("effect_unit"))}</span>'
    data = "".join(
        f' data-{key}="{escape(str(shown))}"'
        for key, shown in {
            "id": name,
            "finding": finding,
            **{key: verdict[key] for key in FILTERS},
            "beside": verdict["beside"] if is_part else "",
            "estimate": "" if value is None else f"{value:.8g}",
            "power": "" if verdict["power_at_claim"] is None else verdict["power_at_claim"],
            "p": "" if verdict["p_adjusted"] is None else verdict["p_adjusted"],
        }.items()
    )
    words = ", ".join(part for part in meta if part)
    fold = (
        f'<button type="button" class="fold" aria-expanded="false" hidden>'
        f"{n_parts} part{'s' if n_parts > 1 else ''} beside</button>"
        if n_parts
        else ""
    )
    kind = ' class="part"' if is_part else ""
    return f"""<tr role="row"{kind}{data}>
<th role="rowheader" scope="row"><a href="#{quote(name, safe="")}">{escape(name)}</a>{fold}</th>
<td role="cell" class="sentence">{escape(str(verdict["claim"]))} <span class="meta">{escape(words)}</span></td>
<td role="cell" class="found {escape(finding)}">{write_mark(finding)}{escape(text("finding_word"))}</td>
<td role="cell" class="bar">{bar}</td>
<td role="cell" class="number" data-label="power at claim">{escape(text("power_at_claim"))}</td>
<td role="cell" class="number" data-label="p corrected">{escape(text("p_adjusted") + mark)}</td>
</tr>"""  # noqa: E501


def _draw_bar(verdict: Verdict, limit: float) -> tuple[str, float | None]:
    """Estimate with both intervals, in smallest effects, and the estimate as a number."""
    if not _has_bar(verdict):
        return '<span class="meta">no estimate</span>', None
    value = _scaled(verdict["estimate"], verdict)
    outer, inner = _ends(verdict, 0), _ends(verdict, 1)
    told = f"{format_decimal(value)} ({format_interval(_finite(outer[0]), _finite(outer[1]), 2)})"
    at = max(-limit, min(limit, value))
    shapes = [
        f'<rect class="small" x="{_x(-1, limit)}" y="0" '
        f'width="{2 * (WIDTH / 2 - EDGE) / limit:.1f}" height="{HEIGHT:g}"/>',
        f'<path class="zero" d="M{_x(0, limit)} 0V{HEIGHT:g}"/>',
        _interval(outer, limit, "outer"),
        _interval(inner, limit, "inner"),
        f'<g transform="translate({float(_x(at, limit)) - 6:.1f} {MIDDLE - 6:g})">'
        f"{MARKS.get(str(verdict['finding']), '')}</g>",
    ]
    label = f"{told} smallest effects"
    drawn = (
        f'<svg class="bar-of {escape(str(verdict["finding"]))}" role="img" '
        f'aria-label="{escape(label)}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}">{"".join(shapes)}</svg>'
        f'<span class="told" aria-hidden="true">{escape(told)}</span>'
    )
    return drawn, value


def _interval(ends: tuple[float, float], limit: float, name: str) -> str:
    low, high = max(ends[0], -limit), min(ends[1], limit)
    path = f"M{_x(low, limit)} {MIDDLE:g}H{_x(high, limit)}"
    if name == "outer":
        for end, drawn, way in ((ends[0], low, 1), (ends[1], high, -1)):
            if abs(end) > limit:
                tail = float(_x(drawn, limit)) + 4 * way
                path += f"M{tail:.1f} {MIDDLE - 4:g}l{-4 * way} 4l{4 * way} 4"
    return f'<path class="{name}" d="{path}"/>'


def _x(value: float, limit: float) -> str:
    return f"{WIDTH / 2 + value / limit * (WIDTH / 2 - EDGE):.1f}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _word(key: str, value: str) -> str:
    return DESIGNS.get(value, plain(value)) if key == "design" else value
