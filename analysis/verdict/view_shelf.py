"""Keep what was seen of claims beside their main tests, by a key of everything it depended on.

Like rates and flips, views are part of the record: a run takes over those whose key is the same,
and whoever doubts them has them seen anew (`run --full`, `replicate`). Main tests are made in every
run. Views are given as they read when they have been stored, so that no run differs from the next.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pandas as pd

from analysis.calibration.keys import key_of
from analysis.calibration.methods import METHODS
from analysis.calibration.multiverse import Multiverse
from analysis.panel.digest import digest_cells
from analysis.records.files import format_json
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.ground import Ground
from analysis.verdict.looks import GapSeen, Glance, LookNumbers
from analysis.verdict.views import Views

Stored = Mapping[str, Any]
METHOD = "views-1"  # raised whenever a change of method changes what is seen
SHOWN = tuple(each.name for each in fields(Glance) if each.name not in ("numbers", "trial"))


@dataclass(frozen=True, eq=False)
class ViewShelf:
    """What was seen earlier, and what this run saw or took over.

    Attributes:
        known: Earlier views by key.
        used: Those of this run.
        keep: Called with all of them whenever some are new, so that a run that is killed need not
            see them again.
    """

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

    def enter(self, seen: Mapping[str, Views]) -> dict[str, Views]:
        """Keep views by their keys, and give them as they read when they have been stored."""
        stored = {key: store_views(views) for key, views in seen.items()}
        self.used.update(stored)
        if self.keep and stored:
            self.keep(self.used)
        return {key: read_views(each) for key, each in stored.items()}

    def keys(self, hypotheses: Mapping[str, Hypothesis], ground: Ground) -> dict[str, str]:
        """Everything the views of each claim depend on, as a digest by id."""
        panel = ground.panel
        every = panel.cells if panel.observations is None else panel.observations
        told = [
            METHOD,
            *METHODS,
            repr(digest_cells(every)),
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


def store_views(views: Views) -> Stored:
    """Views as the record holds them."""
    paths = views.paths
    plain = {
        "glances": [
            {
                **{name: getattr(each, name) for name in SHOWN},
                "numbers": None if each.numbers is None else asdict(each.numbers),
            }
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
    stored: Stored = json.loads(format_json(plain))
    return stored


def read_views(stored: Stored) -> Views:
    """The same back from JSON.

    Raises:
        KeyError, TypeError, ValueError: It is not of this form.
    """
    gap, paths = stored["gap"], stored["paths"]
    return Views(
        glances=tuple(_glance(each) for each in stored["glances"]),
        gap=None if gap is None else _gap(gap),
        paths=None if paths is None else _paths(paths),
    )


def _glance(stored: Stored) -> Glance:
    numbers = stored["numbers"]
    told = {**stored, "changes": tuple(stored["changes"])}
    return Glance(**{**told, "numbers": None if numbers is None else _numbers(numbers)})


def _numbers(stored: Stored) -> LookNumbers:
    told: dict[str, Any] = {
        name: tuple(map(_number, value)) if isinstance(value, list) else _number(value)
        for name, value in stored.items()
    }
    return LookNumbers(**told)


def _gap(stored: Stored) -> GapSeen:
    told = {name: _number(stored[name]) for name in ("effect", "estimate", "p_value")}
    return GapSeen(units=tuple(stored["units"]), reason=stored["reason"], **told)


def _paths(stored: Stored) -> Multiverse:
    index = pd.Index(stored["index"], name="path")
    table = pd.DataFrame(stored["rows"], index=index, columns=stored["columns"])
    return Multiverse(
        table=table,
        joint_statistic=_number(stored["joint_statistic"]),
        joint_p=_number(stored["joint_p"]),
        draws=stored["draws"],
        refused=stored["refused"],
    )


def _number(stored: float | None) -> float:
    """JSON has no nan: null is written for what is not a number."""
    return float("nan") if stored is None else float(stored)


def _judged(hypothesis: Hypothesis) -> str:
    return str(hypothesis.options.get("of", ""))
