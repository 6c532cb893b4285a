"""Make the report of a study: figures as SVG, and the PDF that places them."""

from __future__ import annotations

from pathlib import Path

from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.figure_style import Drawing
from analysis.exhibits.figures import plot_figures
from analysis.exhibits.gather import gather_facts
from analysis.exhibits.layout import lay_out
from analysis.exhibits.record import Record, read_record
from analysis.exhibits.typeset import typeset
from analysis.paths import StudyPaths
from analysis.records.files import write_bytes_atomically, write_text_atomically
from analysis.records.study import read_study

REPORT = "report.pdf"
FIGURES = "build/figures"


def build_report(study_root: Path, out_dir: Path) -> Path:
    """Write the figures and the report of the study at `study_root`, and give the report's path.

    Args:
        study_root: The study; its record is read from `reports/build/`.
        out_dir: Gets `report.pdf` and `build/figures/*.svg`; usually the study's `reports/`.

    Raises:
        UsageError: The record is missing, or lacks a number the report prints.
    """
    record = read_record(StudyPaths(study_root).build)
    facts = gather_facts(read_study(study_root))
    return write_report(record, facts, out_dir)


def write_report(record: Record, facts: StudyFacts, out_dir: Path) -> Path:
    """Write figures and report from what has been read already; nothing is written on failure."""
    drawings = plot_figures(record, facts)
    pdf = typeset(lay_out(record, facts, drawings), drawings, facts.declared)
    _write_figures(drawings, out_dir / FIGURES)
    report = out_dir / REPORT
    write_bytes_atomically(report, pdf)
    return report


def _write_figures(drawings: dict[str, Drawing], folder: Path) -> None:
    """Write the figures, and remove those of an earlier report that are no longer made."""
    for drawing in drawings.values():
        write_text_atomically(folder / f"{drawing.name}.svg", drawing.svg)
    for stale in sorted(folder.glob("*.svg")):
        if stale.stem not in drawings:
            stale.unlink()
