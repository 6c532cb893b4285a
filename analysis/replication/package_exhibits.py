"""Which program and which claims each table and figure of a report comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from analysis.exhibits.record import claims_of, placebos_of
from analysis.records.study import Study
from analysis.replication.documents import Documents
from analysis.verdict.designs import MAKERS

FIGURES = "study/reports/build/figures/"
TABLES = "study/reports/tables/"
EXHIBITS = Path(__file__).parent.parent / "exhibits"
DRAWS = "analysis/exhibits/figures.py"
AUTHORS = "analysis/exhibits/export_tables.py"  # tables as LaTeX and Markdown
OTHERS = "analysis/verdict/run.py"  # designs that judge other claims or facts


def list_exhibits(study: Study, record: Documents, files: Mapping[str, bytes]) -> Iterator[str]:
    """Rows of the table of tables and figures: what, program, claims, file."""
    verdicts = claims_of(record.verdicts)
    if "study/reports/report.pdf" in files:
        everyone, placebos = "all claims", "all placebos"
        report = "`study/reports/report.pdf`"
        yield f"| Tables of findings | `analysis/verdict/run.py` | {everyone} | {report} |"
        yield f"| Table of placebos | `analysis/verdict/placebos.py` | {placebos} | {report} |"
        yield f"| Rates of error | `analysis/calibration/measure.py` | {everyone} | {report} |"
    for name in sorted(files):
        if name.startswith(TABLES):
            yield f"| Table {PurePosixPath(name).name} | `{AUTHORS}` | all claims | `{name}` |"
    for name in sorted(files):
        if name.startswith(FIGURES) and name.endswith(".svg"):
            figure = name.removeprefix(FIGURES).removesuffix(".svg")
            program = find_program(figure)
            yield f"| Figure {figure} | `{program}` | {_claims_in(figure, verdicts)} | `{name}` |"
    for verdict in [*verdicts, *placebos_of(record.verdicts)]:
        name, program = verdict["id"], program_of(verdict["design"])
        what, file = f"Verdict `{name}`: {verdict['finding']}", "study/reports/build/verdicts.json"
        yield f"| {what} | `{program}` | `{name}` | `{file}` |"


def program_of(design: str) -> str:
    """The module that makes the test of a design.

    >>> program_of("steps"), program_of("fact")
    ('analysis/verdict/designs/series.py', 'analysis/verdict/run.py')
    """
    maker = MAKERS.get(design)
    return f"{maker.__module__.replace('.', '/')}.py" if maker else OTHERS


def find_program(figure: str) -> str:
    """The module whose code names a figure, or names its kind: the longest beginning found.

    >>> find_program("overview")
    'analysis/exhibits/figures_overview.py'
    """
    found: dict[str, str] = {}
    for path in sorted(EXHIBITS.glob("figures_*.py")):
        for name in re.findall(r'"([a-z][a-z-]+)(?:\{[^"]*)?"', path.read_text("utf-8")):
            if figure == name or (name.endswith("-") and figure.startswith(name)):
                found.setdefault(name, f"analysis/exhibits/{path.name}")
    return found[max(found, key=len)] if found else DRAWS


def _claims_in(figure: str, verdicts: list[Mapping[str, Any]]) -> str:
    """The claims a figure shows: the one it is named after, or those of the outcome it names."""
    named = [verdict["id"] for verdict in verdicts if figure.endswith(f"-{verdict['id']}")]
    if named:
        return f"`{max(named, key=len)}`"
    outcomes = {str(verdict["outcome"]).replace("_", "-") for verdict in verdicts}
    fitting = [name for name in outcomes if name and figure.endswith(name)]
    if not fitting:
        return "data only" if figure.startswith(("data", "series")) else "all claims"
    outcome = max(fitting, key=len)
    ids = [v["id"] for v in verdicts if str(v["outcome"]).replace("_", "-") == outcome]
    return ", ".join(f"`{each}`" for each in ids)
