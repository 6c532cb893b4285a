"""Keep what was seen of claims beside their main tests, by a key of everything it depended on.

Unlike rates and flips, views are not part of the record: they lie with the derived data of the
machine that made them, at full precision, and whoever takes a study over sees everything anew.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from analysis.calibration.keys import key_of
from analysis.calibration.multiverse import Multiverse
from analysis.panel.panel import Panel
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.ground import Ground
from analysis.verdict.looks import GapSeen, Glance, LookNumbers
from analysis.verdict.views import Views

Stored = Mapping[str, Any]
READ = ["value", "source", "status"]


@dataclass(frozen=True, eq=False)
class ViewShelf:
    """What was seen earlier, and what this run saw or took over.

    Attributes:
        made_by: Digest of code, versions and settings; "", nothing is kept.
        known: Earlier views by key.
        used: Those of this run.
        keep: Called with all of them whenever some are new, so that a run that is killed need not
            see them again.
    """

    made_by: str = ""
    known: Mapping[str, Stored] = field(default_factory=dict)
    used: dict[str, Stored] = field(default_factory=dict)
    keep: Callable[[Mapping[str, Stored]], None] | None = None

    def take_over(self, key: str) -> Views | None:
        """What was seen earlier; None where nothing was, or it cannot be read."""
        if key not in self.known:
            return None
        try:
            views = read_views(self.known[key])
        except (KeyError, TypeError, ValueError):
            return None
        self.used[key] = self.known[key]
        return views

    def enter(self, seen: Mapping[str, Views]) -> None:
        """Keep views by their keys."""
        if self.made_by and seen:
            self.used.update({key: plain_views(views) for key, views in seen.items()})
            if self.keep:
                self.keep(self.used)

    def keys(self, hypotheses: Mapping[str, Hypothesis], ground: Ground) -> dict[str, str]:
        """Everything the views of each claim depend on, as a digest by id; none if not kept."""
        if not self.made_by:
            return {}
        told = [
            self.made_by,
            _digest_panel(ground.panel),
            hashlib.sha256(ground.events.to_csv().encode()).hexdigest(),
            repr(sorted((name, each.onset, each.date) for name, each in ground.junctures.items())),
            repr(sorted(ground.panel.codebook.items())),
            repr((ground.period, ground.shelf.seed, ground.draws, ground.look_draws)),
            repr((ground.rate_series, ground.path_draws)),
            repr([(each.series, each.again) for each in (ground.shelf, ground.look_shelf)]),
        ]
        same = "|".join(told)
        return {
            name: key_of(f"{same}|{hypothesis!r}|{ground.hypotheses.get(_judged(hypothesis))!r}")
            for name, hypothesis in hypotheses.items()
        }


def plain_views(views: Views) -> Stored:
    """Views as JSON holds them, every float to its last digit."""
    paths = views.paths
    return {
        "glances": [
            {**asdict(each), "numbers": None if each.numbers is None else asdict(each.numbers)}
            for each in views.glances
        ],
        "gap": None if views.gap is None else asdict(views.gap),
        "paths": None
        if paths is None
        else {
            "columns": list(paths.table.columns),
            "index": list(paths.table.index),
            "rows": paths.table.to_numpy(dtype=object).tolist(),
            "joint_statistic": paths.joint_statistic,
            "joint_p": paths.joint_p,
            "draws": paths.draws,
            "refused": dict(paths.refused),
        },
    }


def read_views(stored: Stored) -> Views:
    """The same back from JSON.

    Raises:
        KeyError, TypeError, ValueError: It is not of this form.
    """
    gap, paths = stored["gap"], stored["paths"]
    return Views(
        glances=tuple(_glance(each) for each in stored["glances"]),
        gap=None if gap is None else GapSeen(**{**gap, "units": tuple(gap["units"])}),
        paths=None if paths is None else _paths(paths),
    )


def dump_views(used: Mapping[str, Stored]) -> str:
    """All views of a run as text."""
    return json.dumps({key: used[key] for key in sorted(used)}, default=_number)


def _number(value: Any) -> Any:
    return value.item()  # of NumPy; what is no number either has no such method


def _glance(stored: Stored) -> Glance:
    numbers = stored["numbers"]
    if numbers is not None:
        ends = {name: tuple(numbers[name]) for name in ("wide", "narrow")}
        numbers = LookNumbers(**{**numbers, **ends})
    return Glance(**{**stored, "changes": tuple(stored["changes"]), "numbers": numbers})


def _paths(stored: Stored) -> Multiverse:
    index = pd.Index(stored["index"], name="path")
    table = pd.DataFrame(stored["rows"], index=index, columns=stored["columns"])
    return Multiverse(
        table=table,
        joint_statistic=stored["joint_statistic"],
        joint_p=stored["joint_p"],
        draws=stored["draws"],
        refused=stored["refused"],
    )


def _judged(hypothesis: Hypothesis) -> str:
    return str(hypothesis.options.get("of", ""))


def _digest_panel(panel: Panel) -> str:
    every = panel.cells if panel.observations is None else panel.observations
    rows = pd.util.hash_pandas_object(every[READ]).to_numpy()
    return hashlib.sha256(rows.tobytes()).hexdigest()
