"""Make the report of a study: figures as SVG, the PDF that places them, a brief, and tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.exhibits.evidence.page import write_evidence
from analysis.exhibits.export_tables import export_tables
from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.figure_style import Drawing
from analysis.exhibits.figures import plot_figures
from analysis.exhibits.gather import LOCK, gather_facts
from analysis.exhibits.layout import lay_out
from analysis.exhibits.record import Record, read_record
from analysis.exhibits.typeset import Attachment, typeset
from analysis.paths import StudyPaths
from analysis.records.files import write_bytes_atomically, write_text_atomically
from analysis.records.study import read_study

REPORT, BRIEF = "report.pdf", "brief.pdf"
BRIEF_MAIN = "brief.typ"
TABLES = "tables"
FIGURES = "build/figures"


def build_report(study_root: Path, out_dir: Path) -> Path:
    """Write figures, report and evidence page of a study, and give the report's path.

    Args:
        study_root: The study; its record is read from `reports/build/`.
        out_dir: Gets `report.pdf`, `evidence.html` and `build/figures/*.svg`; usually the study's
            `reports/`.

    Raises:
        UsageError: The record is missing, or lacks a number the report prints.
    """
    record = read_record(StudyPaths(study_root).build)
    study = read_study(study_root)
    attachments = gather_attachments(study_root)
    report = write_report(record, gather_facts(study), out_dir, attachments)
    write_evidence(study, out_dir)
    return report


def write_report(
    record: Record, facts: StudyFacts, out_dir: Path, attachments: Sequence[Attachment] = ()
) -> Path:
    """Write all from what has been read already; nothing is written on failure."""
    drawings = plot_figures(record, facts)
    layout = lay_out(record, facts, drawings)
    pdf = typeset(layout, drawings, facts.declared, attachments=attachments)
    brief = typeset(layout, {}, facts.declared, BRIEF_MAIN)
    tables = export_tables(layout, record.numbers)
    _write_figures(drawings, out_dir / FIGURES)
    for name, text in tables.items():
        write_text_atomically(out_dir / TABLES / name, text)
    write_bytes_atomically(out_dir / BRIEF, brief)
    report = out_dir / REPORT
    write_bytes_atomically(report, pdf)
    return report


def gather_attachments(study_root: Path) -> list[Attachment]:
    """Read the files that belong inside the report: record, observations, lock file if any."""
    paths = StudyPaths(study_root)
    asked = (
        (paths.verdicts, "application/json", "every verdict with its numbers", "data"),
        (paths.numbers, "application/json", "every number printed, by name", "data"),
        (paths.observations, "text/csv", "every value with source and place", "source"),
        (study_root / LOCK, "text/plain", "versions the numbers rest on", "supplement"),
    )
    return [
        Attachment(path.name, path.read_bytes(), mime, words, relationship)
        for path, mime, words, relationship in asked
        if path.exists()
    ]


def _write_figures(drawings: dict[str, Drawing], folder: Path) -> None:
    """Write the figures, and remove those of an earlier report that are no longer made."""
    for drawing in drawings.values():
        write_text_atomically(folder / f"{drawing.name}.svg", drawing.svg)
    for stale in sorted(folder.glob("*.svg")):
        if stale.stem not in drawings:
            stale.unlink()
