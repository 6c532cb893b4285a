"""Where everything in a study folder lies; every path is written here, once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SETTINGS = "study.toml"
SOURCES = "data/sources.csv"
REFERENCES = "data/references.bib"
UNITS = "data/units.csv"
CODEBOOK = "data/codebook.csv"
OBSERVATIONS = "data/observations.csv"
EVENTS = "data/events.csv"
JUNCTURES = "data/junctures.csv"
HYPOTHESES = "data/hypotheses.toml"
CLAIMS = "data/claims.csv"
COMPOSITES = "data/composites.csv"


@dataclass(frozen=True, slots=True)
class StudyPaths:
    """The files and folders of the study at `root`.

    >>> StudyPaths(Path("study")).observations.as_posix()
    'study/data/observations.csv'
    """

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / SETTINGS

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def sources(self) -> Path:
        return self.root / SOURCES

    @property
    def references(self) -> Path:
        return self.root / REFERENCES

    @property
    def units(self) -> Path:
        return self.root / UNITS

    @property
    def codebook(self) -> Path:
        return self.root / CODEBOOK

    @property
    def observations(self) -> Path:
        return self.root / OBSERVATIONS

    @property
    def events(self) -> Path:
        return self.root / EVENTS

    @property
    def junctures(self) -> Path:
        return self.root / JUNCTURES

    @property
    def hypotheses(self) -> Path:
        return self.root / HYPOTHESES

    @property
    def claims(self) -> Path:
        return self.root / CLAIMS

    @property
    def composites(self) -> Path:
        return self.root / COMPOSITES

    @property
    def derived(self) -> Path:
        return self.data / "derived"

    @property
    def measured(self) -> Path:
        """What a run under way has measured so far; gone when it is done."""
        return self.derived / "measured.json"

    @property
    def stamp(self) -> Path:
        """What the record that was made here last was made from, as a digest."""
        return self.derived / "run.json"

    @property
    def seen(self) -> Path:
        """What a run under way has seen beside the main tests so far; gone when it is done."""
        return self.derived / "seen.json"

    @property
    def panel(self) -> Path:
        return self.derived / "panel.csv"

    @property
    def panel_log(self) -> Path:
        return self.derived / "panel.log"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def build(self) -> Path:
        return self.reports / "build"

    @property
    def verdicts(self) -> Path:
        return self.build / "verdicts.json"

    @property
    def numbers(self) -> Path:
        return self.build / "numbers.json"

    @property
    def calibration(self) -> Path:
        return self.build / "calibration.json"

    @property
    def curves(self) -> Path:
        return self.build / "curves.json"

    @property
    def views(self) -> Path:
        """What is seen of claims beside their main tests, by key."""
        return self.build / "views.json"

    @property
    def paths(self) -> Path:
        return self.build / "paths.json"

    @property
    def figures(self) -> Path:
        return self.build / "figures"

    @property
    def evidence(self) -> Path:
        return self.reports / "evidence.html"

    @property
    def report(self) -> Path:
        return self.reports / "report.pdf"
