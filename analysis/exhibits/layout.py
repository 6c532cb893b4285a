"""What goes where in the report: names of numbers and figures, in order, for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from analysis.exhibits.answer import write_answer
from analysis.exhibits.calibration_numbers import departure_name, departures_in
from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.figure_rows import split_pages
from analysis.exhibits.figure_style import Drawing
from analysis.exhibits.figures import main_claims, order_of, ordered_claims, parts_by_claim
from analysis.exhibits.figures_claims import choose_panels, figure_name
from analysis.exhibits.figures_data import coverage_names, page_names
from analysis.exhibits.figures_paths import paths_name
from analysis.exhibits.finding_words import lay_out_notes, mark_partings
from analysis.exhibits.layout_size import lay_out_size
from analysis.exhibits.method_words import lay_out_methods, works_of, write_model
from analysis.exhibits.number import Number
from analysis.exhibits.paper_words import lay_out_papers
from analysis.exhibits.pieces import Pieces, count_out, read_pieces
from analysis.exhibits.record import Record, placebos_of

Claim = Mapping[str, Any]


def lay_out(record: Record, facts: StudyFacts, drawings: Mapping[str, Drawing]) -> dict[str, Any]:
    """Give the data of the template: every number's text, and what to place in which order."""
    claims = ordered_claims(record, facts)
    parts = parts_by_claim(record, facts)
    methods = lay_out_methods(verdict["design"] for verdict in record.verdicts["verdicts"])
    model = write_model()
    size_rows = record.calibration.get("size_table") or []
    checked = record.verdicts.get("facts") or []
    return {
        "numbers": {name: number["text"] for name, number in record.numbers.items()},
        "authors": list(facts.authors),
        "answer": write_answer(claims, record.numbers, with_facts=bool(checked)),
        "passages": _passages(facts),
        "marks": mark_partings(record.verdicts["verdicts"], record.verdicts["alpha"]),
        "notes": lay_out_notes(),
        "papers": lay_out_papers(claims, facts, record.numbers),
        "model": model,
        "methods": methods,
        "junctures": [juncture.key for juncture in facts.junctures],
        "more": facts.n_series_left_out > 0,
        "drawn": len(facts.drawn),
        "series": [f"series.{series.variable}.{series.unit}" for series in facts.series],
        "figures": {
            name: {"file": f"{name}.svg", "alt": drawing.alt} for name, drawing in drawings.items()
        },
        "overviews": _pages("overview", drawings),
        "pages": _claims_by_page(claims, _pages("overview", drawings), record.numbers),
        "comparisons": _pages("comparison", drawings),
        "claims": [claim["id"] for claim in claims],
        "families": _families(claims, parts),
        "tally": [f"family.{key}" for key in dict.fromkeys(claim["family"] for claim in claims)],
        "named": [claim["id"] for claim in main_claims(record, facts)],
        "mains": [
            _main(claim, parts.get(claim["id"], []), record, facts, drawings)
            for claim in main_claims(record, facts)
        ],
        "walked": [c["id"] for c in claims if (c.get("robustness") or {}).get("paths")],
        "placebos": [v["id"] for v in _by_id(placebos_of(record.verdicts))],
        "facts": _statements(facts, checked, record.numbers),
        "departures": [departure_name(name) for name in departures_in(record.calibration)],
        "departures_joined": [
            departure_name(name, joined=True)
            for name in departures_in(record.calibration, joined=True)
        ],
        "worlds": [f"world.{row['world']}" for row in record.calibration.get("study_wide") or []],
        "size": lay_out_size(size_rows, record.numbers),
        "sources": [f"source.{source.key}" for source in facts.sources],
        "vintages": [f"source.{source.key}" for source in facts.all_sources],
        "environment": [f"environment.{name}" for name in facts.environment],
        "coverage": coverage_names(len(facts.data.coverage)) if facts.data else [],
        "constructs": _constructs(facts),
        "references": _references(facts, record, [*methods, *_as_methods(model)]),
    }


def _pages(name: str, drawings: Mapping[str, Drawing]) -> list[str]:
    """Name the pages of a figure that may have several."""
    return [key for key in drawings if key == name or key.startswith(f"{name}-")]


def _by_id(verdicts: Sequence[Claim]) -> list[Claim]:
    return sorted(verdicts, key=lambda verdict: order_of(verdict["id"]))


def _claims_by_page(
    claims: Sequence[Claim], names: Sequence[str], numbers: Mapping[str, Number]
) -> dict[str, list[str]]:
    """Say which claims stand on each page of the overview."""
    pages = split_pages(claims, numbers)
    return {name: [c["id"] for c in page] for name, page in zip(names, pages, strict=True)}


def _main(
    claim: Claim,
    parts: Sequence[Claim],
    record: Record,
    facts: StudyFacts,
    drawings: Mapping[str, Drawing],
) -> dict[str, Any]:
    """Give the page of one main claim."""
    key = claim["id"]
    looks = (claim.get("robustness") or {}).get("looks") or []
    figures = {"figure": figure_name(key), "paths": paths_name(key)}
    panels = choose_panels(claim, parts, record.curves, facts)
    return {
        "id": key,
        **{name: figure if figure in drawings else None for name, figure in figures.items()},
        "banded": panels.banded,
        "several": panels.count > 1,
        "parts": [part["id"] for part in parts if part["finding"] != "untestable"],
        "refused": [part["id"] for part in parts if part["finding"] == "untestable"],
        "looks": [f"{key}.look_{place}" for place in range(1, len(looks) + 1)],
        "dated": claim["design"] in ("steps", "counts", "shares", "gap", "kink", "lags"),
        "open": claim["finding"] == "inconclusive",
    }


def _families(
    claims: Sequence[Claim], parts: Mapping[str, Sequence[Claim]]
) -> list[dict[str, Any]]:
    """Give the families with their claims and what is shown beside each."""
    return [
        {
            "name": f"family.{family}.name",
            "claims": [
                {"id": claim["id"], "parts": [part["id"] for part in parts.get(claim["id"], [])]}
                for claim in group
            ],
        }
        for family, group in groupby(claims, key=lambda claim: claim["family"])
    ]


def _statements(
    facts: StudyFacts, checked: Sequence[Mapping[str, Any]], numbers: Mapping[str, Number]
) -> list[dict[str, Any]]:
    """Give the statements of fact of each paper, those checked before those that cannot be."""
    findings = {each["claim"]: each for each in checked}
    known = [each for each in facts.statements if each.key in findings]
    return [
        {
            "paper": f"facts.{paper}",
            "said": _say_statements(f"facts.{paper}", numbers),
            "checked": [
                f"fact.{each.key}" for each in group if findings[each.key]["operation"] != "none"
            ],
            "others": [
                f"fact.{each.key}" for each in group if findings[each.key]["operation"] == "none"
            ],
        }
        for paper, group in ((paper, list(own)) for paper, own in groupby(known, lambda s: s.paper))
    ]


def _say_statements(name: str, numbers: Mapping[str, Number]) -> Pieces:
    """Say how the statements of a paper that could be checked came out."""
    noun = "row" if numbers[f"{name}.n"]["value"] == 1 else "rows"
    n_checked = numbers[f"{name}.n_checked"]["value"]
    opening = f"Of {{{name}.n}} {noun} "
    if not n_checked:
        return read_pieces(f"{opening}none is checked.")
    came_out = count_out(
        numbers,
        [
            (f"{name}.n_supported", "{n} holds", "{n} hold"),
            (f"{name}.n_contradicted", "{n} does not", "{n} do not"),
            (f"{name}.n_inconclusive", "{n} is open", "{n} are open"),
        ],
        "none holds",
    )
    verb = "is" if n_checked == 1 else "are"
    return read_pieces(f"{opening}{{{name}.n_checked}} {verb} checked: {came_out}.")


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


def _as_methods(model: Mapping[str, Pieces]) -> list[dict[str, Any]]:
    return [{"pieces": pieces} for pieces in model.values()]


def _references(
    facts: StudyFacts, record: Record, methods: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Name the works cited: those the claims are from, and those texts and methods name."""
    cited = {str(verdict["paper"]) for verdict in record.verdicts["verdicts"]}
    for paragraphs in _passages(facts).values():
        for pieces in paragraphs:
            cited |= works_of(pieces)
    for method in methods:
        cited |= works_of(method["pieces"])
    shorts = {key: facts.citations[key].short for key in facts.citations}
    rationales = " ".join(str(record.numbers[n]["text"]) for n in _rationales(facts, record))
    cited |= {key for key, short in shorts.items() if short in rationales}
    return [f"reference.{key}" for key in sorted(cited & set(facts.citations))]


def _rationales(facts: StudyFacts, record: Record) -> list[str]:
    names = [f"juncture.{juncture.key}.rationale" for juncture in facts.junctures]
    return [name for name in names if name in record.numbers]
