"""Gather what the report says about a study from its tables."""

from __future__ import annotations

import re
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
    StatementFacts,
    StudyFacts,
    Vintage,
    shorten_label,
)
from analysis.exhibits.gather_data import gather_data
from analysis.exhibits.record import PLACEBO
from analysis.exhibits.shown import choose_series, unit_of_exposure
from analysis.paths import StudyPaths
from analysis.records.study import Study

PASSAGES = "passages"  # folder below data/
FAMILIES = "families.list"  # in it; one family a line, as "F1: words"
TITLES = "titles.list"  # likewise of claims, as "J-05: words"
CLAIMED = "claimed"  # role of the junctures that figures of all series mark
LOCK = "requirements.lock"
NAMED = ("numpy", "scipy", "pandas", "statsmodels", "matplotlib", "typst")  # in the report
METHODS = Path(__file__).parent / "template" / "methods.bib"

_PINNED = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)


def gather_facts(study: Study) -> StudyFacts:
    """Give the facts of a study that has been read and checked."""
    chosen = choose_series(study)
    by_key = dict(tuple(study.observations.groupby(["variable", "unit"], sort=False)))
    series = tuple(_gather_series(study, by_key[key], *key) for key in chosen.keys)
    n_values = _count_values(study)
    passages = StudyPaths(study.root).data / PASSAGES
    return StudyFacts(
        title=study.settings.title,
        authors=study.settings.authors,
        period=study.settings.period,
        seed=study.settings.seed,
        declared=max(hypothesis.declared for hypothesis in study.hypotheses.values()),
        junctures=_gather_junctures(study),
        series=series,
        sources=_gather_sources(study, series),
        all_sources=tuple(_describe_source(study, key, n) for key, n in n_values.items()),
        claims=_gather_claims(study),
        n_series_left_out=chosen.n_left_out,
        n_drawn=chosen.n_drawn,
        citations=_gather_citations(study),
        data=gather_data(study, _gather_series),
        passages=read_passages(passages),
        statements=_gather_statements(study),
        labels={key: variable.label for key, variable in study.variables.items()},
        families=read_names(passages / FAMILIES),
        titles=read_names(passages / TITLES),
        environment=read_pins(study.root / LOCK),
    )


def read_passages(folder: Path) -> dict[str, tuple[str, ...]]:
    """Read the study's own text: each file a passage, paragraphs parted by blank lines."""
    passages = {}
    for path in sorted(folder.glob("*.txt")):
        paragraphs = path.read_text("utf-8").split("\n\n")
        passages[path.stem] = tuple(" ".join(part.split()) for part in paragraphs if part.strip())
    return passages


def read_names(path: Path) -> dict[str, str]:
    """Read names in words, one a line after its key and a colon; no file, no names."""
    if not path.exists():
        return {}
    lines = [line.partition(":") for line in path.read_text("utf-8").splitlines()]
    return {key.strip(): words.strip() for key, _, words in lines if words.strip()}


def read_pins(path: Path) -> dict[str, str]:
    """Read the versions a lock file pins of the packages that numbers and pages rest on."""
    if not path.exists():
        return {}
    pins = dict(_PINNED.findall(path.read_text("utf-8")))
    return {name: pins[name] for name in NAMED if name in pins}


def _gather_statements(study: Study) -> tuple[StatementFacts, ...]:
    """Give the statements of fact by paper and place, sections in order of their numbers."""
    rows = study.claims.to_dict("records")
    chosen = [
        StatementFacts(*(str(row[name]) for name in ("claim", "paper", "locator", "statement")))
        for row in rows
    ]
    return tuple(sorted(chosen, key=lambda each: (each.paper, _in_order(each.locator), each.key)))


def _in_order(locator: str) -> tuple[tuple[int, str], ...]:
    """Give a key that puts section 10 after section 2."""
    parts = re.findall(r"\d+|[^\d]+", locator)
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)


def _gather_junctures(study: Study) -> tuple[JunctureFacts, ...]:
    """Give the junctures that claims name, by onset."""
    claims = [each for each in study.hypotheses.values() if each.role != PLACEBO]
    named = {key for hypothesis in claims for key in hypothesis.junctures}
    chosen = [study.junctures[key] for key in named]
    any_claimed = any(juncture.role == CLAIMED for juncture in chosen)
    return tuple(
        JunctureFacts(
            key=juncture.juncture,
            short=shorten_label(juncture.juncture, juncture.label),
            label=juncture.label,
            onset=juncture.onset,
            date=juncture.date,
            rationale=juncture.rationale,
            is_marked=juncture.role == CLAIMED or not any_claimed,
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
            exposure=hypothesis.exposure,
            exposure_unit=unit_of_exposure(hypothesis),
        )
        for key, hypothesis in study.hypotheses.items()
    }


def _gather_series(study: Study, rows: pd.DataFrame, variable: str, unit: str) -> SeriesFacts:
    own = rows[(rows["variable"] == variable) & (rows["unit"] == unit)]
    own = own.dropna(subset=["value"])
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
    chosen = sorted(key for key in study.sources if key in n_values)
    return tuple(_describe_source(study, key, n_values[key]) for key in chosen)


def _count_values(study: Study) -> dict[str, int]:
    """Give every source with values in the period, and how many it gives."""
    rows = study.observations.dropna(subset=["value"])
    counts = rows[rows["year"].between(*study.settings.period)]["source"].value_counts()
    return {str(key): int(counts[key]) for key in sorted(counts.index) if key in study.sources}


def _describe_source(study: Study, key: str, n_values: int) -> SourceFacts:
    source = study.sources[key]
    return SourceFacts(
        key=key,
        producer=source.producer,
        title=source.title,
        version=source.version,
        url=source.url,
        licence=source.licence,
        n_values=n_values,
        accessed="" if source.accessed is None else source.accessed.isoformat(),
        sha256=source.sha256,
    )


def _gather_citations(study: Study) -> dict[str, Citation]:
    """Give the works cited, those on methods among them; sources have their own table."""
    entries = read_citations(METHODS) | read_citations(StudyPaths(study.root).references)
    return {key: entry for key, entry in entries.items() if key not in study.sources}
