"""What is seen of a claim beside its main test: looks, comparison units, every path of its looks.

Nothing here depends on other claims, so claims are seen side by side in several processes where
the system can share memory with them (fork); the result does not depend on their number.
"""

import multiprocessing
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.calibration.multiverse import Multiverse
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.ground import Ground
from analysis.verdict.looks import GapSeen, Glance, glance, see_gap
from analysis.verdict.paths import ask_paths
from analysis.verdict.trial import Trial

Notice = Callable[[str], None]
CHUNK = 2  # claims handed to a process at a time; neighbours share null laws


@dataclass(frozen=True, eq=False)
class Views:
    """What is seen of one claim.

    Attributes:
        glances: Its looks.
        gap: The distance to its comparison units; None if none are declared.
        paths: Every path of its looks; None without looks, or where they share no series.
    """

    glances: tuple[Glance, ...] = ()
    gap: GapSeen | None = None
    paths: Multiverse | None = None


def view(hypothesis: Hypothesis, trial: Trial, ground: Ground) -> Views:
    """See one claim."""
    seen, direction = ground.of_looks, trial.direction
    return Views(
        glances=tuple(
            # A trial holds its null series, which nobody asks for again.
            replace(glance(hypothesis, look, seen, direction), trial=None)
            for look in hypothesis.looks
        ),
        gap=see_gap(hypothesis, trial, ground, direction) if hypothesis.comparison else None,
        paths=(
            ask_paths(hypothesis, trial, ground, draws=ground.path_draws)
            if hypothesis.looks
            else None
        ),
    )


def view_all(
    trials: Mapping[str, Trial], ground: Ground, *, jobs: int, notice: Notice
) -> dict[str, Views]:
    """See every claim that was tried, by id."""
    names = [name for name, trial in trials.items() if _has_views(trial.hypothesis)]
    plain = {name: Views() for name in trials}
    if jobs == 1 or len(names) < 2 or not sys.platform.startswith("linux"):
        for name in names:
            notice(f"looking at {name}")
            plain[name] = view(trials[name].hypothesis, trials[name], ground)
        return plain
    _Shared.trials = trials
    _Shared.ground = replace(
        ground,
        shelf=replace(ground.shelf, jobs=1),
        look_shelf=replace(ground.look_shelf, jobs=1),
    )
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        for name, views in pool.imap(_view_one, _neighbours(names, trials), chunksize=CHUNK):
            notice(f"looking at {name}")
            plain[name] = views
    return plain


class _Shared:
    """What forked processes find in their memory instead of being sent it."""

    trials: Mapping[str, Trial]
    ground: Ground


def _view_one(name: str) -> tuple[str, Views]:
    trial = _Shared.trials[name]
    return name, view(trial.hypothesis, trial, _Shared.ground)


def _has_views(hypothesis: Hypothesis) -> bool:
    return bool(hypothesis.looks or hypothesis.comparison)


def _neighbours(names: Sequence[str], trials: Mapping[str, Trial]) -> list[str]:
    """Claims on one outcome next to each other."""
    return sorted(names, key=lambda name: (trials[name].hypothesis.outcome, name))
