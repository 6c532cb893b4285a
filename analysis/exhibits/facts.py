"""What the report says about a study besides its verdicts: series, junctures, sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from analysis.exhibits.citations import Citation


@dataclass(frozen=True, slots=True)
class Vintage:
    """The values one source gives for one series; a year without a value is absent."""

    source: str
    values: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """One variable of one unit, as observed.

    Attributes:
        values: The value used in each year: that of the first source in order of preference.
        vintages: All sources, in order of preference.
        upper_bound: The largest value the codebook allows, if there is one.
        n_missing: Years between the first and the last value that have none.
    """

    variable: str
    unit: str
    unit_name: str
    label: str
    measured_in: str
    values: Mapping[int, float]
    vintages: tuple[Vintage, ...]
    upper_bound: float | None = None

    @property
    def n_missing(self) -> int:
        return max(self.values) - min(self.values) + 1 - len(self.values) if self.values else 0


@dataclass(frozen=True, slots=True)
class JunctureFacts:
    """One turning point that claims name; `short` labels it in figures.

    Attributes:
        is_marked: Whether figures of all series mark it; the others stand in those of their claims.
    """

    key: str
    short: str
    label: str
    onset: int
    date: date
    rationale: str
    is_marked: bool = True


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source, its terms, and how many values it gives."""

    key: str
    producer: str
    title: str
    version: str
    url: str
    licence: str
    n_values: int
    accessed: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What a claim declares that its verdict does not repeat."""

    paper: str
    locator: str
    transform: str
    effect_unit: str
    smallest_effect: float
    claimed_effect: float
    exposure: str = ""
    exposure_unit: str = ""


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """One statement of fact that a paper makes, before it is checked."""

    key: str
    paper: str
    locator: str
    statement: str


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One variable and how many units have a value in each year; years without any are absent."""

    construct: str
    variable: str
    label: str
    units: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class DataFacts:
    """The appendix.

    Attributes:
        coverage: All variables with a value, by construct.
        groups: Series of the chosen units, by construct.
    """

    coverage: tuple[CoverageRow, ...]
    groups: Mapping[str, tuple[SeriesFacts, ...]]


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """Everything the report prints that is neither a verdict nor a calibration.

    Attributes:
        declared: The last day on which a claim was declared; dates the document.
        series: The series shown, those with claims first.
        n_drawn: How many of them, from the first, the figure of all series draws.
        all_sources: Every source with values in the period, with how many it gives.
        statements: Statements of fact, by paper and place.
        labels: Names of variables in words.
        families: Names of families in words.
        titles: What claims say in a few words, by their number in the register.
        environment: Versions the lock file pins, by package.
        n_series_left_out: Series in the data that are not shown.
        claims: Declarations by id.
        passages: Text written by the study's authors, by name, as paragraphs.
        data: The appendix on the data; None where the study asks for none.
    """

    title: str
    authors: tuple[str, ...]
    period: tuple[int, int]
    seed: int
    declared: date
    junctures: tuple[JunctureFacts, ...]
    series: tuple[SeriesFacts, ...]
    sources: tuple[SourceFacts, ...]
    claims: Mapping[str, ClaimFacts] = field(default_factory=dict)
    n_series_left_out: int = 0
    citations: Mapping[str, Citation] = field(default_factory=dict)
    passages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    data: DataFacts | None = None
    n_drawn: int | None = None
    all_sources: tuple[SourceFacts, ...] = ()
    statements: tuple[StatementFacts, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    families: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def drawn(self) -> tuple[SeriesFacts, ...]:
        """The series of the figure of all series."""
        return self.series[: self.n_drawn]

    @property
    def marked(self) -> tuple[JunctureFacts, ...]:
        """The junctures that figures of all series mark."""
        return tuple(juncture for juncture in self.junctures if juncture.is_marked)

    def marked_for(self, claim: Mapping[str, Any]) -> tuple[JunctureFacts, ...]:
        """The junctures a claim names, or those of all figures where it names none."""
        named = claim.get("junctures") or ()
        own = tuple(juncture for juncture in self.junctures if juncture.key in named)
        return own or self.marked

    def series_of(self, variable: str, unit: str) -> SeriesFacts | None:
        """Give the observed series of `variable` in `unit`, if there is one."""
        for series in self.series:
            if (series.variable, series.unit) == (variable, unit):
                return series
        return None


def join_declaration(verdict: Mapping[str, Any], facts: StudyFacts) -> dict[str, Any]:
    """Give a verdict together with what its claim declared."""
    declared = facts.claims.get(verdict["id"])
    return (asdict(declared) if declared else {}) | dict(verdict)


def shorten_label(key: str, label: str) -> str:
    """Give the word of a juncture's label that its key abbreviates, else the key as words; no year.

    >>> shorten_label("thaad", "Deployment of THAAD in South Korea")
    'THAAD'
    >>> shorten_label("pivot", "US Pivot to Asia"), shorten_label("nato_2004", "NATO enlarged")
    ('Pivot', 'NATO')
    >>> shorten_label("nato_enlargement", "NATO enlargement of 2004")
    'NATO enlargement'
    """
    stem = key.rstrip("0123456789").rstrip("_") or key
    capitals = {word.casefold(): word for word in label.replace(",", " ").split() if word.isupper()}
    words = " ".join(capitals.get(part, part) for part in stem.casefold().split("_"))
    return words[:1].upper() + words[1:]
