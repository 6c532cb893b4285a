"""The panel as a table, with a log beside it that shows a change of data in review."""

from __future__ import annotations

import csv
import hashlib
import io

import pandas as pd

from analysis.panel.panel import Panel
from analysis.paths import StudyPaths
from analysis.records.files import write_text_atomically

SUMMARIES = ("n", "first", "last", "min", "mean", "max")


def save_panel(panel: Panel, paths: StudyPaths) -> None:
    """Write `panel.csv` and `panel.log` into the folder of derived tables."""
    text = format_panel(panel)
    write_text_atomically(paths.panel, text)
    write_text_atomically(paths.panel_log, format_log(panel, text))


def format_panel(panel: Panel) -> str:
    """One row for each unit and year; values as stored, blank where missing."""
    stored = panel.cells["stored"].unstack("variable").reindex(panel.frame.index)
    stored = stored.reindex(columns=list(panel.variables)).fillna("")
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["unit", "year", *panel.variables])
    writer.writerows([*key, *cells] for key, *cells in stored.itertuples(name=None))
    return lines.getvalue()


def format_log(panel: Panel, text: str) -> str:
    """Keys, rows and SHA-256 of the table, and a summary of each variable."""
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    title = f"panel.csv   keys: unit, year   rows: {len(panel.frame)}   sha256: {digest}\n"
    rows = [["variable", *SUMMARIES]]
    rows += [[name, *_summarise(panel.frame[name].dropna())] for name in panel.variables]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return title + "\n".join(lines) + "\n"


def _summarise(values: pd.Series) -> list[str]:
    if values.empty:
        return ["0", *[""] * (len(SUMMARIES) - 1)]
    years = values.index.get_level_values("year")
    numbers = (values.min(), values.mean(), values.max())
    return [
        *(str(len(values)), str(years.min()), str(years.max())),
        *(format(number, ".6g") for number in numbers),
    ]
