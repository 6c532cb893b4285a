"""A small study with a record for the evidence page, with a part beside, and one of ill will."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.exhibits.evidence.page import build_evidence
from analysis.exhibits.gather import gather_facts
from analysis.exhibits.numbers import build_numbers, numbers_document
from analysis.exhibits.record import Record
from analysis.panel.assemble import assemble_panel
from analysis.panel.panel import Panel
from analysis.paths import StudyPaths
from analysis.records.files import write_json
from analysis.records.study import Study, read_study
from analysis.replication.record import read_record
from tests.toy import HYPOTHESES

HOSTILE = (
    '</script><script>window.harm=1</script><img src="http://example.org/x" onerror="harm=2">'
    "<!--<script>{{data}} & \u2028 ' \" `${harm=3}` javascript:harm=4"
)
PART, FACT, HOSTILE_LOCATOR = "T-1.late", "T-4.level", "<b onclick=harm=5>table 1</b>"


@dataclass(frozen=True)
class Made:
    """A study with its record, as the page is built from them."""

    study: Study
    panel: Panel
    record: Record

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        verdicts: list[dict[str, Any]] = self.record.verdicts["verdicts"]
        return verdicts

    def build(self) -> str:
        return build_evidence(self.study, self.panel, self.record)

    def with_verdict(self, name: str, **changes: Any) -> Made:
        """The same with one verdict changed."""
        verdicts = [v | changes if v["id"] == name else v for v in self.verdicts]
        content = {**self.record.verdicts, "verdicts": verdicts}
        return replace(self, record=replace(self.record, verdicts=content))


def make_study(toy_record: Path, root: Path) -> Made:
    """Copy the recorded toy study, and declare and record a part that stands beside its first."""
    shutil.copytree(toy_record, root)
    paths = StudyPaths(root)
    blocks = HYPOTHESES.split("[[hypothesis]]\n")
    main = next(block for block in blocks if '"T-1.exports"' in block).split("[[hypothesis.look]]")
    part = main[0].replace('"T-1.exports"', f'"{PART}"\nbeside = "T-1.exports"')
    text = paths.hypotheses.read_text("utf-8")
    text += f"\n[[hypothesis]]\n{part.rstrip()}\n"
    paths.hypotheses.write_text(text, encoding="utf-8", newline="\n")
    study = read_study(root)
    recorded = read_record(paths)
    verdicts = list(recorded.verdicts["verdicts"])
    beside = {"id": PART, "beside": "T-1.exports", "finding": "negligible", "strength": None}
    verdicts.append(verdicts[0] | beside)
    content = {
        **recorded.verdicts,
        "data_sha256": study.data_sha256,
        "declarations_sha256": study.declarations_sha256,
        "verdicts": verdicts,
    }
    numbers = build_numbers(content, recorded.calibration, gather_facts(study))
    write_json(paths.verdicts, content)
    write_json(paths.numbers, numbers_document(numbers))
    record = Record(content, numbers, recorded.calibration, recorded.curves, recorded.paths)
    return Made(study, assemble_panel(study), record)


def made_hostile(made: Made) -> Made:
    """The same study with ill will in every text that a study can hold."""
    first = made.study.hypotheses["T-1.exports"]
    looks = tuple(replace(look, name=f"{look.name} {HOSTILE}") for look in first.looks)
    cells = made.panel.cells.assign(locator=HOSTILE_LOCATOR, note=HOSTILE)
    study = replace(
        made.study,
        hypotheses={**made.study.hypotheses, first.id: replace(first, looks=looks)},
        units={key: replace(unit, name=HOSTILE) for key, unit in made.study.units.items()},
        sources={key: replace(s, version=HOSTILE) for key, s in made.study.sources.items()},
        variables={key: replace(v, label=HOSTILE) for key, v in made.study.variables.items()},
    )
    changed = made.with_verdict(
        first.id, claim=HOSTILE, reason=HOSTILE, paper=HOSTILE, family='"><script>harm=6</script>'
    )
    numbers = {
        name: number | {"text": HOSTILE} if name.endswith((".outcome", ".method")) else number
        for name, number in made.record.numbers.items()
    }
    content = {**changed.record.verdicts, "study": HOSTILE}
    walked = {
        name: {**paths, "refused": {HOSTILE: HOSTILE}} for name, paths in made.record.paths.items()
    }
    return Made(
        study,
        replace(made.panel, cells=cells),
        replace(changed.record, verdicts=content, numbers=numbers, paths=walked),
    )
