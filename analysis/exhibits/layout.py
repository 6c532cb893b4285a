"""What goes where in the report: names of numbers and figures, in order, for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.exhibits.answer import Pieces, read_pieces, write_answer
from analysis.exhibits.calibration_numbers import cell_name
from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.figure_style import Drawing
from analysis.exhibits.figures import claims_by_outcome, ordered_claims
from analysis.exhibits.figures_data import coverage_names, page_names
from analysis.exhibits.record import Record, placebos_of


def lay_out(record: Record, facts: StudyFacts, drawings: Mapping[str, Drawing]) -> dict[str, Any]:
    """Give the data of the template: every number's text, and what to place in which order."""
    claims = ordered_claims(record, facts)
    return {
        "numbers": {name: number["text"] for name, number in record.numbers.items()},
        "authors": list(facts.authors),
        "answer": write_answer(claims),
        "passages": _passages(facts),
        "junctures": [juncture.key for juncture in facts.junctures],
        "more": facts.n_series_left_out > 0,
        "series": [f"series.{series.variable}.{series.unit}" for series in facts.series],
        "figures": {
            name: {"file": f"{name}.svg", "alt": drawing.alt} for name, drawing in drawings.items()
        },
        "claims": [claim["id"] for claim in claims],
        "outcomes": [_outcome(group, drawings) for group in claims_by_outcome(record, facts)],
        "methods": list(dict.fromkeys(c["id"] for c in claims if c.get("method")))[:1],
        "placebos": [verdict["id"] for verdict in placebos_of(record.verdicts)],
        "worlds": [f"world.{row['world']}" for row in record.calibration.get("study_wide") or []],
        "size": _size_table(record.calibration.get("size_table") or [], record.numbers),
        "sources": [f"source.{source.key}" for source in facts.sources],
        "coverage": coverage_names(len(facts.data.coverage)) if facts.data else [],
        "constructs": _constructs(facts),
        "references": [f"reference.{key}" for key in sorted(facts.citations)],
    }


def _constructs(facts: StudyFacts) -> list[dict[str, Any]]:
    """Give the constructs of the data appendix with their pages of figures."""
    if facts.data is None:
        return []
    return [
        {"name": f"data.{construct}", "figures": page_names(construct, len(series))}
        for construct, series in facts.data.groups.items()
    ]


def _passages(facts: StudyFacts) -> dict[str, list[Pieces]]:
    return {
        name: [read_pieces(text, f"data/passages/{name}.txt") for text in paragraphs]
        for name, paragraphs in facts.passages.items()
    }


def _outcome(
    claims: Sequence[Mapping[str, Any]], drawings: Mapping[str, Drawing]
) -> dict[str, Any]:
    name = "outcome-" + str(claims[0]["outcome"]).replace("_", "-")
    return {
        "figure": name if name in drawings else None,
        "tested": any(claim.get("n_obs") is not None for claim in claims),
        "claims": [claim["id"] for claim in claims],
        "looks": _looks(claims),
    }


def _looks(claims: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give one line for each look, with a cell for each claim; none where a claim lacks it."""
    cells: dict[str, dict[str, str]] = {}
    for claim in claims:
        looks = (claim.get("robustness") or {}).get("looks") or []
        for place, look in enumerate(looks, start=1):
            cells.setdefault(look["name"], {})[claim["id"]] = f"{claim['id']}.look_{place}"
    return [
        {
            "name": next(iter(own.values())) + ".name",
            "cells": [own.get(claim["id"]) for claim in claims],
        }
        for own in cells.values()
    ]


def _size_table(
    rows: Sequence[Mapping[str, Any]], numbers: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Give the size table as rows of years and term, columns of sd ratio and rho."""
    if not rows:
        return None
    cells = {cell_name(row): row for row in rows}
    columns = sorted({(row["sd_ratio"], row["rho"]) for row in rows})
    lines: dict[tuple[int, str], dict[tuple[float, float], str]] = {}
    for name, row in cells.items():
        line = lines.setdefault((row["years"], row.get("term") or "step"), {})
        line[(row["sd_ratio"], row["rho"])] = name
    heads = {(row["sd_ratio"], row["rho"]): name for name, row in cells.items()}
    groups = list(dict.fromkeys(ratio for ratio, _ in columns))
    return {
        "groups": [
            {
                "ratio": heads[next(c for c in columns if c[0] == ratio)] + ".sd_ratio",
                "width": sum(c[0] == ratio for c in columns),
            }
            for ratio in groups
        ],
        "rhos": [heads[column] + ".rho" for column in columns],
        "rows": [
            {
                "years": next(iter(line.values())) + ".years",
                "term": _term_name(term, next(iter(line.values())), numbers),
                "cells": [line[c] + ".rate" if c in line else None for c in columns],
            }
            for (_, term), line in lines.items()
        ],
    }


def _term_name(term: str, cell: str, numbers: Mapping[str, Any]) -> str:
    name = f"juncture.{term}.short"
    return name if name in numbers else f"{cell}.term"
