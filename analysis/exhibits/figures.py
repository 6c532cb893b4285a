"""Every figure of the report, drawn from the record."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from analysis.exhibits.facts import StudyFacts, join_declaration
from analysis.exhibits.figure_style import Drawing
from analysis.exhibits.figures_claims import plot_outcome
from analysis.exhibits.figures_data import plot_data
from analysis.exhibits.figures_overview import plot_overview
from analysis.exhibits.figures_series import plot_series
from analysis.exhibits.figures_size import plot_comparison
from analysis.exhibits.record import Record, claims_of


def plot_figures(record: Record, facts: StudyFacts) -> dict[str, Drawing]:
    """Draw all figures of the report, by name: `series`, `overview`, `outcome-...`, `comparison`.

    A figure that has nothing to show is left out.
    """
    drawings = [plot_series(facts, record.numbers)] if facts.series else []
    claims = ordered_claims(record, facts)
    if claims:
        drawings.append(plot_overview(claims, record.verdicts["alpha"], record.numbers))
    for group in claims_by_outcome(record, facts):
        if not group[0]["outcome"]:
            continue
        drawings.append(plot_outcome(group, record.curves, facts, record.numbers))
    shown = {claim["id"] for claim in claims}
    rows = record.calibration.get("comparisons") or []
    comparisons = [row for row in rows if row["claim"] in shown]
    if comparisons:
        alpha = record.verdicts["alpha"]
        drawings.append(plot_comparison(comparisons, claims, alpha, record.numbers))
    if facts.data is not None:
        drawings += plot_data(facts.data, facts, record.numbers)
    return {drawing.name: drawing for drawing in drawings}


def ordered_claims(record: Record, facts: StudyFacts) -> list[dict[str, Any]]:
    """Give the claims in reading order: by outcome as the series stand, then by onset."""
    series = {s.variable: place for place, s in enumerate(facts.series)}
    onsets = {juncture.key: juncture.onset for juncture in facts.junctures}
    return sorted(
        (join_declaration(verdict, facts) for verdict in claims_of(record.verdicts)),
        key=lambda claim: (
            series.get(claim["outcome"], len(series)),
            claim["outcome"],
            onsets.get(claim["term"], 9999),
            claim["id"],
        ),
    )


def claims_by_outcome(record: Record, facts: StudyFacts) -> list[list[dict[str, Any]]]:
    """Give the claims of each outcome together, in reading order."""
    ordered = ordered_claims(record, facts)
    return [list(group) for _, group in groupby(ordered, key=lambda claim: claim["outcome"])]
