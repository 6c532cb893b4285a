"""Gather what the report says about a study from its tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from analysis.exhibits.citations import Citation, read_citations
from analysis.exhibits.facts import (
    ClaimFacts,
    JunctureFacts,
    SeriesFacts,
    SourceFacts,
    StudyFacts,
    Vintage,
    shorten_label,
)
from analysis.exhibits.gather_data import gather_data
from analysis.exhibits.record import PLACEBO
from analysis.exhibits.shown import choose_series
from analysis.paths import StudyPaths
from analysis.records.study import Study

PASSAGES = "passages"  # folder below data/


def gather_facts(study: Study) -> StudyFacts:
    """Give the facts of a study that has been read and checked."""
    shown, n_left_out = choose_series(study)
    rows = study.observations
    series = tuple(_gather_series(study, rows, variable, unit) for variable, unit in shown)
    return StudyFacts(
        title=study.settings.title,
        authors=study.settings.authors,
        period=study.settings.period,
        seed=study.settings.seed,
        declared=max(hypothesis.declared for hypothesis in study.hypotheses.values()),
        junctures=_gather_junctures(study),
        series=series,
        sources=_gather_sources(study, series),
        claims=_gather_claims(study),
        n_series_left_out=n_left_out,
        citations=_gather_citations(study),
        data=gather_data(study, _gather_series),
        passages=read_passages(StudyPaths(study.root).data / PASSAGES),
    )


def read_passages(folder: Path) -> dict[str, tuple[str, ...]]:
    """Read the study's own text: each file a passage, paragraphs parted by blank lines."""
    passages = {}
    for path in sorted(folder.glob("*.txt")):
        paragraphs = path.read_text("utf-8").split("\n\n")
        passages[path.stem] = tuple(" ".join(part.split()) for part in paragraphs if part.strip())
    return passages


def _gather_junctures(study: Study) -> tuple[JunctureFacts, ...]:
    """Give the junctures that claims name, by onset."""
    claims = [each for each in study.hypotheses.values() if each.role != PLACEBO]
    named = {key for hypothesis in claims for key in hypothesis.junctures}
    chosen = [study.junctures[key] for key in named]
    return tuple(
        JunctureFacts(
            key=juncture.juncture,
            short=shorten_label(juncture.juncture, juncture.label),
            label=juncture.label,
            onset=juncture.onset,
            date=juncture.date,
            rationale=juncture.rationale,
        )
        for juncture in sorted(chosen, key=lambda juncture: (juncture.onset, juncture.juncture))
    )


def _gather_claims(study: Study) -> dict[str, ClaimFacts]:
    return {
        key: ClaimFacts(
            paper=hypothesis.paper,
            locator=hypothesis.locator,
            transform=hypothesis.transform,
            effect_unit=hypothesis.effect_unit,
            smallest_effect=hypothesis.smallest_effect,
            claimed_effect=hypothesis.claimed_effect,
        )
        for key, hypothesis in study.hypotheses.items()
    }


def _gather_series(study: Study, rows: pd.DataFrame, variable: str, unit: str) -> SeriesFacts:
    own = rows[(rows["variable"] == variable) & (rows["unit"] == unit)].dropna(subset=["value"])
    own = own[own["year"].between(*study.settings.period)]
    described = study.variables[variable]
    ranked = dict.fromkeys([*described.sources, *sorted(set(own["source"]))])
    vintages = tuple(_gather_vintages(own, ranked))
    values: dict[int, float] = {}
    for vintage in reversed(vintages):
        values |= vintage.values
    return SeriesFacts(
        variable=variable,
        unit=unit,
        unit_name=study.units[unit].name,
        label=described.label,
        measured_in=described.measured_in,
        values=dict(sorted(values.items())),
        vintages=vintages,
        upper_bound=described.upper_bound,
    )


def _gather_vintages(rows: pd.DataFrame, sources: Iterable[str]) -> Iterable[Vintage]:
    for source in sources:
        own = rows[rows["source"] == source].sort_values("year")
        if len(own):
            pairs = zip(own["year"], own["value"], strict=True)
            yield Vintage(source, {int(year): float(value) for year, value in pairs})


def _gather_sources(study: Study, series: Iterable[SeriesFacts]) -> tuple[SourceFacts, ...]:
    """Give the sources of the series shown, with the number of values each gives them."""
    n_values: Counter[str] = Counter()
    for shown in series:
        for vintage in shown.vintages:
            n_values[vintage.source] += len(vintage.values)
    return tuple(
        SourceFacts(
            key=key,
            producer=source.producer,
            title=source.title,
            version=source.version,
            url=source.url,
            licence=source.licence,
            n_values=n_values[key],
        )
        for key, source in sorted(study.sources.items())
        if key in n_values
    )


def _gather_citations(study: Study) -> dict[str, Citation]:
    """Give the works cited; sources have their own table."""
    entries = read_citations(StudyPaths(study.root).references)
    return {key: entry for key, entry in entries.items() if key not in study.sources}
