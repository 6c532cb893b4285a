"""Every figure of the report, drawn from the record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from analysis.exhibits.facts import StudyFacts, join_declaration
from analysis.exhibits.figure_rows import split_pages
from analysis.exhibits.figure_style import Drawing
from analysis.exhibits.figures_claims import plot_claim
from analysis.exhibits.figures_data import plot_data
from analysis.exhibits.figures_overview import plot_overviews
from analysis.exhibits.figures_paths import plot_paths
from analysis.exhibits.figures_series import plot_series
from analysis.exhibits.figures_size import plot_comparison
from analysis.exhibits.record import Record, claims_of, parts_of

MAIN = "primary"
LAST_FAMILIES = ("D", "P")  # descriptive claims and placebos come after those numbered


def plot_figures(record: Record, facts: StudyFacts) -> dict[str, Drawing]:
    """Draw all figures of the report, by name.

    `series`, `overview`, `overview-2` ..., `claim-...` and `paths-...` for every main claim,
    `comparison`, `data-...`. A figure that has nothing to show is left out.
    """
    drawings = [plot_series(facts, record.numbers)] if facts.drawn else []
    claims, alpha = ordered_claims(record, facts), record.verdicts["alpha"]
    drawings += plot_overviews(claims, alpha, record.numbers)
    parts = parts_by_claim(record, facts)
    for claim in main_claims(record, facts):
        drawn = plot_claim(claim, parts.get(claim["id"], []), record.curves, facts, record.numbers)
        drawings += [] if drawn is None else [drawn]
        if claim["id"] in record.paths:
            drawings.append(plot_paths(claim["id"], record.paths[claim["id"]], record.numbers))
    drawings += _plot_comparisons(record, claims, alpha)
    if facts.data is not None:
        drawings += plot_data(facts.data, facts, record.numbers)
    return {drawing.name: drawing for drawing in drawings}


def ordered_claims(record: Record, facts: StudyFacts) -> list[dict[str, Any]]:
    """Give the claims in reading order: by family, and by number within it."""
    return _in_order(claims_of(record.verdicts), facts)


def main_claims(record: Record, facts: StudyFacts) -> list[dict[str, Any]]:
    """Give the claims that get a page: the main ones that could be tested."""
    claims = ordered_claims(record, facts)
    return [c for c in claims if c["role"] == MAIN and c["finding"] != "untestable"]


def parts_by_claim(record: Record, facts: StudyFacts) -> dict[str, list[dict[str, Any]]]:
    """Give what is shown beside each claim, in order of name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for part in _in_order(parts_of(record.verdicts), facts):
        found.setdefault(str(part["beside"]), []).append(part)
    return found


def _in_order(verdicts: list[Mapping[str, Any]], facts: StudyFacts) -> list[dict[str, Any]]:
    joined = [join_declaration(verdict, facts) for verdict in verdicts]
    return sorted(joined, key=lambda v: (order_of(v["family"]), order_of(v["id"])))


def order_of(text: str) -> tuple[bool, tuple[tuple[int, str], ...]]:
    """Give a key that puts F10 after F2, and descriptive families last.

    >>> sorted(["D", "F10", "F2"], key=order_of)
    ['F2', 'F10', 'D']
    """
    parts = re.findall(r"\d+|\D+", text)
    numbered = tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)
    return text in LAST_FAMILIES, numbered


def _plot_comparisons(record: Record, claims: list[dict[str, Any]], alpha: float) -> list[Drawing]:
    """Draw the usual tests beside this one, on as many pages as that needs."""
    rows = record.calibration.get("comparisons") or []
    several = {row["claim"] for row in rows if row["method"] != "juncture"}
    shown = [claim for claim in claims if claim["id"] in several]
    drawings = []
    for place, page in enumerate(split_pages(shown, record.numbers), start=1):
        names = {claim["id"] for claim in page}
        own = [row for row in rows if row["claim"] in names]
        name = "comparison" if place == 1 else f"comparison-{place}"
        drawings.append(plot_comparison(own, page, alpha, record.numbers, name))
    return drawings
