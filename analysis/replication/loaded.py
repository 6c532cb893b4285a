"""A study as notebooks use it: panel, hypotheses, and the verdicts of its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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

SHOWN = (
    "finding", "estimate", "interval", "effect_unit", "p_value", "p_adjusted", "size",
    "power_at_claim", "minimum_detectable_effect",
)  # fmt: skip


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
        rows = {name: self.texts[name] for name in SHOWN}
        return pd.DataFrame({str(self.fields["id"]): rows})

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

    def verdict(self, name: str) -> RecordedVerdict:
        """The recorded verdict on one claim.

        Raises:
            UsageError: There is no record, or no such claim in it.
        """
        paths = StudyPaths(self.study.root)
        verdicts = {each["id"]: each for each in read_json(paths.verdicts)["verdicts"]}
        if name not in verdicts:
            raise UsageError(f"There is no verdict on {name}; {suggest(name, verdicts)}")
        numbers = read_json(paths.numbers)["numbers"]
        texts = {
            key.removeprefix(f"{name}."): entry["text"]
            for key, entry in numbers.items()
            if key.startswith(f"{name}.")
        }
        return RecordedVerdict(verdicts[name], texts)

    def verdicts(self) -> pd.DataFrame:
        """What the report prints of every claim, one row a claim."""
        rows = [self.verdict(name).to_frame().T for name in self.hypotheses]
        return pd.concat(rows).rename_axis("claim")

    def __repr__(self) -> str:
        first, last = self.study.settings.period
        return (
            f"{self.study.settings.title} {first}-{last}: {len(self.hypotheses)} claims, "
            f"{len(self.study.variables)} variables, {len(self.study.observations)} observations"
        )


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
