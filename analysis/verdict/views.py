"""What is seen of a claim beside its main test: looks, comparison units, every path of its looks.

Nothing here depends on other claims, so claims are seen side by side in several processes; the
result does not depend on their number.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.calibration.multiverse import Multiverse
from analysis.calibration.store import Wanted
from analysis.kernel.forks import side_by_side
from analysis.records.hypothesis import Hypothesis, apply_look
from analysis.verdict.ground import Ground
from analysis.verdict.looks import GapSeen, Glance, glance, see_gap
from analysis.verdict.paths import ask_paths
from analysis.verdict.trial import Trial, law_wanted

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
    """See every claim, by id."""
    names, found = [*trials], {}
    seen = ground.of_one_process if jobs > 1 else ground
    if jobs > 1:
        notice("simulating null laws of the looks")
        seen.of_looks.shelf.fill(_laws_wanted([trials[name].hypothesis for name in names], seen))

    def look(name: str) -> tuple[str, Views]:
        return name, view(trials[name].hypothesis, trials[name], seen)

    for name, views in side_by_side(look, _neighbours(names, trials), jobs=jobs, chunk=CHUNK):
        notice(f"looking at {name}")
        found[name] = views
    return found


def _laws_wanted(hypotheses: Sequence[Hypothesis], ground: Ground) -> Iterator[Wanted]:
    """Null laws of looks whose years and dates other claims may share."""
    for hypothesis in hypotheses:
        for look in hypothesis.looks:
            wanted = law_wanted(apply_look(hypothesis, look), ground)
            if wanted is not None:
                yield wanted


def has_views(hypothesis: Hypothesis) -> bool:
    """Whether there is something to see of a claim beside its main test."""
    return bool(hypothesis.looks or hypothesis.comparison)


def _neighbours(names: Sequence[str], trials: Mapping[str, Trial]) -> list[str]:
    """Claims on one outcome next to each other."""
    return sorted(names, key=lambda name: (trials[name].hypothesis.outcome, name))
