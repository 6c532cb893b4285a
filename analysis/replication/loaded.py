"""A study as notebooks use it: panel, hypotheses, and the verdicts of its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import UsageError
from analysis.exhibits.record import read_json
from analysis.panel.assemble import assemble_panel
from analysis.panel.panel import Panel
from analysis.paths import SETTINGS, StudyPaths
from analysis.records.hypothesis import Hypothesis
from analysis.records.study import Study, read_study
from analysis.records.words import suggest
from analysis.replication.trace import Trace, trace_in

SHOWN = (
    "finding", "estimate", "interval", "effect_unit", "p_value", "p_adjusted", "size",
    "power_at_claim", "minimum_detectable_effect",
)  # fmt: skip
TEXTS = (*SHOWN, "method", "power", "reason", "term", "units", "years")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RecordedVerdict:
    """One verdict of the record; its fields are those of `verdicts.json`.

    Attributes:
        fields: As in `verdicts.json`.
        texts: The same as printed in the report, by field.
    """

    fields: Mapping[str, Any]
    texts: Mapping[str, str]

    @property
    def finding(self) -> str:
        return str(self.fields["finding"])

    @property
    def reason(self) -> str:
        return str(self.fields["reason"])

    def to_dict(self) -> dict[str, Any]:
        return dict(self.fields)

    def to_frame(self) -> pd.DataFrame:
        """What the report prints, one row a field."""
        rows = {name: self.texts.get(name, "") for name in SHOWN}
        return pd.DataFrame({str(self.fields["id"]): rows})

    def conditions(self) -> pd.DataFrame:
        """Every condition of the rule, with its number and bound; what is blank was not checked."""
        rows = self.fields.get("conditions") or []
        frame = pd.DataFrame(rows, columns=["name", "holds", "value", "bound"])
        return frame.set_index("name").rename_axis("condition")

    def looks(self) -> pd.DataFrame:
        """The declared alternative paths, one row each: what they change and what they say."""
        rows = (self.fields.get("robustness") or {}).get("looks") or []
        columns = ["name", "changes", "estimate", "p_value", "agrees", "counted", "reason"]
        frame = pd.DataFrame([{key: row.get(key) for key in columns} for row in rows])
        frame = frame.reindex(columns=columns)
        frame["changes"] = [", ".join(changes or ()) for changes in frame["changes"]]
        return frame.set_index("name").rename_axis("look")

    def __repr__(self) -> str:
        return f"{self.fields['id']}: {self.finding}. {self.fields['claim']} {self.reason}"

    def _repr_html_(self) -> str:
        heading = f"<p><b>{escape(self.finding)}</b>: {escape(str(self.fields['claim']))}</p>"
        return f"{heading}{self.to_frame().to_html()}<p>{escape(self.reason)}</p>"


@dataclass(frozen=True, eq=False, repr=False)
class LoadedStudy:
    """A study that has been read and checked."""

    study: Study

    @cached_property
    def panel(self) -> Panel:
        return assemble_panel(self.study)

    @property
    def hypotheses(self) -> Mapping[str, Hypothesis]:
        return self.study.hypotheses

    @property
    def junctures(self) -> dict[str, int]:
        """First year counted as after, by juncture."""
        return {name: juncture.onset for name, juncture in self.study.junctures.items()}

    @property
    def dates(self) -> dict[str, date]:
        """The day of each juncture."""
        return {name: juncture.date for name, juncture in self.study.junctures.items()}

    @property
    def events(self) -> pd.DataFrame:
        """Dated happenings, as in `events.csv`."""
        return self.study.events.copy()

    def verdict(self, name: str) -> RecordedVerdict:
        """The recorded verdict on one claim.

        Raises:
            UsageError: There is no record, or no such claim in it.
        """
        verdicts, texts = self._record
        if name not in verdicts:
            raise UsageError(f"There is no verdict on {name}; {suggest(name, verdicts)}")
        fields = verdicts[name]
        return RecordedVerdict(fields, {key: texts.get(f"{name}.{key}", "") for key in TEXTS})

    def verdicts(self) -> pd.DataFrame:
        """What the report prints of every claim that has a verdict, one row a claim."""
        verdicts, _ = self._record
        rows = [self.verdict(name).to_frame().T for name in self.hypotheses if name in verdicts]
        if not rows:
            return pd.DataFrame(columns=list(SHOWN)).rename_axis("claim")
        return pd.concat(rows).rename_axis("claim")

    def trace(self, name: str) -> Trace:
        """The cells behind a claim, or behind one of its numbers, such as "J-20.orders.p_value".

        Raises:
            UsageError: There is no record, or no such claim or number in it.
        """
        return trace_in(self.study, self.panel, name)

    def multiverse(self, name: str) -> pd.DataFrame:
        """Every path that the looks of a claim make, one row each: estimate, t, p, observations.

        Raises:
            UsageError: There is no record of paths, or none of this claim.
        """
        every = read_json(StudyPaths(self.study.root).paths)
        if name not in every:
            raise UsageError(f"There are no paths of {name}; {suggest(name, every)}")
        found = every[name]
        return pd.DataFrame.from_dict(
            found["paths"], orient="index", columns=list(found["columns"])
        ).rename_axis("path")

    @cached_property
    def _record(self) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
        """Verdicts by id, and the printed text of every number."""
        paths = StudyPaths(self.study.root)
        verdicts = {each["id"]: each for each in read_json(paths.verdicts)["verdicts"]}
        numbers = read_json(paths.numbers)["numbers"]
        return verdicts, {key: entry["text"] for key, entry in numbers.items()}

    def __repr__(self) -> str:
        first, last = self.study.settings.period
        return (
            f"{self.study.settings.title} {first}-{last}: {len(self.hypotheses)} claims, "
            f"{len(self.study.variables)} variables, {len(self.study.observations)} observations"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(each.label)}</td><td>{each.date}</td><td>{each.onset}</td></tr>"
            for each in self.study.junctures.values()
            if each.role == "claimed"
        )
        head = "<tr><th>claimed juncture</th><th>date</th><th>first year after</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{rows}</table>"


def load_study(path: str | Path | None = None) -> LoadedStudy:
    """Read and check the study in a folder.

    Args:
        path: Study folder; None for the one the working folder lies in.

    Raises:
        DataError: The study has faults; carries every one.
        UsageError: There is no study there.
    """
    return LoadedStudy(read_study(_find_study() if path is None else Path(path)))


def _find_study() -> Path:
    """The working folder or the nearest one above it that holds a study."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SETTINGS).exists():
            return folder
    raise UsageError(f"No study here: neither {here} nor a folder above it holds {SETTINGS}.")
