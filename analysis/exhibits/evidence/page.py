"""Build the evidence page of a study from its record, its tables and its declarations.

The page is one file that asks nothing of any other: style and program stand in it, the data as JSON
that is never read as a program. A policy in its head forbids everything else, so that no text of a
study can be executed or fetched, whatever it says. All that changes on the page is made of text
nodes; nothing is parsed as HTML.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from analysis.exhibits.evidence.cells import pack_cells, read_cells
from analysis.exhibits.evidence.declarations import split_declarations
from analysis.exhibits.evidence.robustness import count_paths
from analysis.exhibits.evidence.rows import (
    FILTERS,
    order_claims,
    write_choices,
    write_mark,
    write_rows,
)
from analysis.exhibits.evidence.sections import lay_out_claim
from analysis.exhibits.finding_words import explain_findings
from analysis.exhibits.record import Record, read_record
from analysis.exhibits.study_numbers import FINDINGS
from analysis.panel.assemble import assemble_panel
from analysis.panel.panel import Panel
from analysis.paths import StudyPaths
from analysis.records.files import write_text_atomically
from analysis.records.study import Study

FOLDER = Path(__file__).parent
UNDECLARED: Mapping[str, Any] = {"beside": "", "junctures": []}  # where a record tells of none
FIELD = re.compile(r"\{\{(\w+)\}\}")


def write_evidence(study: Study, out_dir: Path) -> Path:
    """Write `evidence.html` of a study that has a record, and give its path.

    Args:
        study: As read; its record is read from `reports/build/`.
        out_dir: Gets the page; usually the study's `reports/`.

    Raises:
        UsageError: The record is missing, or is of claims that are no longer declared.
    """
    paths = StudyPaths(study.root)
    page = build_evidence(study, assemble_panel(study), read_record(paths.build))
    path = out_dir / paths.evidence.name
    write_text_atomically(path, page)
    return path


def build_evidence(study: Study, panel: Panel, record: Record) -> str:
    """Give the page as text; the same record and tables give the same text.

    Args:
        study: As read.
        panel: Of the study.
        record: Of the study.

    Raises:
        UsageError: A claim of the record is no longer declared, or lacks a number.
    """
    alpha = record.verdicts["alpha"]
    verdicts = [{"alpha": alpha, **UNDECLARED, **each} for each in record.verdicts["verdicts"]]
    data = _gather(study, panel, record, verdicts)
    style, program = _read("page.css"), _read("page.js")
    fields = {
        "title": escape(str(record.verdicts["study"])),
        "policy": escape(
            "default-src 'none'; base-uri 'none'; form-action 'none'; "
            f"script-src '{_fingerprint(program)}'; style-src '{_fingerprint(style)}'"
        ),
        "style": style,
        "program": program,
        "data": write_script_json(data),
        "rows": write_rows(verdicts, record.numbers),
        "findings": "".join(_finding_button(finding) for finding in FINDINGS),
        "toolkit": escape(str(record.verdicts["toolkit"])),
        "data_sha256": escape(str(record.verdicts["data_sha256"])),
        "declarations_sha256": escape(str(record.verdicts["declarations_sha256"])),
        "counted": _count(verdicts),
        "notes": "".join(
            f'\n<p class="meta">{escape(text)}</p>'
            for text in explain_findings(verdicts, alpha, record.numbers)
        ),
        **{f"{key}_choices": write_choices(verdicts, key) for key in FILTERS},
    }
    return FIELD.sub(lambda found: fields[found[1]], _read("page.html"))


def write_script_json(value: object) -> str:
    r"""Write JSON that can stand in a script element: nothing in it ends or opens one.

    >>> print(write_script_json({"a": "</script><!--"}))
    {"a":"\u003c/script\u003e\u003c!--"}
    """
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    )
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _gather(
    study: Study,
    panel: Panel,
    record: Record,
    verdicts: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    cells = read_cells(verdicts, study, panel)
    packed, places = pack_cells(cells)
    texts = split_declarations(StudyPaths(study.root).hypotheses.read_text("utf-8"))
    powers = {entry["claim"]: entry for entry in (record.calibration.get("curves") or {}).values()}
    named = {str(part[key]) for part in packed["series"] for key in ("variable", "source", "unit")}
    claims = []
    for verdict, _ in order_claims(verdicts):
        name = str(verdict["id"])
        paths = record.paths.get(name)
        claim = {
            "id": name,
            "claim": verdict["claim"],
            "finding": verdict["finding"],
            "word": record.numbers[f"{name}.finding_word"]["text"],
            "reason": verdict["reason"],
            "parts": lay_out_claim(verdict, record.numbers, powers.get(name)),
            "near": _near(verdict, verdicts, study),
            "outcome": verdict["outcome"],
            "units": verdict["units"],
            "n_cells": verdict["cells"]["n"],
            "digest": verdict["cells"]["sha256"],
            "current": cells[name].current,
            "cells": places[name],
            "declared": texts.get(name, ""),
            "curve": _curve(record.curves.get(name)),
            "onsets": _onsets(verdict, study),
            "paths": None if paths is None else _pack_paths(paths, name, study, verdict),
        }
        claims.append({key: value for key, value in claim.items() if value not in (None, "", [])})
    return {
        "claims": claims,
        "cells": packed["series"],
        "variables": {
            key: [variable.label, variable.measured_in]
            for key, variable in study.variables.items()
            if key in named or key in {str(verdict["outcome"]) for verdict in verdicts}
        },
        "units": {key: unit.name for key, unit in study.units.items() if key in named},
        "sources": {
            key: [source.version, f"{source.producer}: {source.title}"]
            for key, source in study.sources.items()
            if key in named
        },
    }


def _count(verdicts: Sequence[Mapping[str, Any]]) -> str:
    """How many claims are decided, and how many parts stand beside them."""
    n_parts = sum(is_part for _, is_part in order_claims(verdicts))
    n_claims = len(verdicts) - n_parts
    claims = f"{n_claims} claim{'s' if n_claims != 1 else ''}"
    return claims + (f", and {n_parts} part{'s' if n_parts != 1 else ''} beside" if n_parts else "")


def _near(
    verdict: Mapping[str, Any], verdicts: Sequence[Mapping[str, Any]], study: Study
) -> list[list[str]]:
    """Claims that belong to this one, with how."""
    known = {str(each["id"]) for each in verdicts}
    name = str(verdict["id"])
    hypothesis = study.hypotheses[name]
    members = hypothesis.options.get("members", ())
    near = [("decided by", str(verdict.get("beside") or "")), ("gate", str(verdict["gate"]))]
    near += [("part beside", str(v["id"])) for v in verdicts if v.get("beside") == name]
    near += [("member", str(each)) for each in (members if isinstance(members, tuple) else ())]
    near += [("about", str(hypothesis.options.get("of", "")))]
    near += [("placebo", each) for each in hypothesis.placebos]
    return [[how, each] for how, each in near if each in known]


def _onsets(verdict: Mapping[str, Any], study: Study) -> list[list[Any]]:
    """Junctures of the claim with their onset, the one it is about marked."""
    named = [key for key in verdict["junctures"] if key in study.junctures]
    return [[key, study.junctures[key].onset, key == verdict["term"]] for key in named]


def _curve(curve: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the figure draws."""
    if curve is None:
        return None
    names = ("years", "observed", "fitted", "counterfactual", "counterfactual_low")
    return {name: curve[name] for name in (*names, "counterfactual_high", "onset")}


def _pack_paths(
    walked: Mapping[str, Any], name: str, study: Study, verdict: Mapping[str, Any]
) -> dict[str, Any]:
    """Paths with their looks by place in a list, in the order of their estimates."""
    looks = [look.name for look in study.hypotheses[name].looks]
    rows = []
    for path, values in walked["paths"].items():
        steps = [] if path == "main" else path.split("; ")
        if not set(steps) <= set(looks):
            steps = [path]  # the record is of other looks, or a name holds the sign between them
            looks += [path] if path not in looks else []
        rows.append([*values, [looks.index(step) for step in steps]])
    return {
        "looks": looks,
        "rows": sorted(rows, key=lambda row: (row[0], row[-1])),
        "list": count_paths(verdict, walked),
        "refused": sorted([path, reason] for path, reason in walked["refused"].items()),
    }


def _finding_button(finding: str) -> str:
    return (
        f'<button type="button" class="chip found {finding}" data-finding="{finding}" '
        f'aria-pressed="false">{write_mark(finding)}{finding} <span class="count">0</span></button>'
    )


def _read(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def _fingerprint(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
