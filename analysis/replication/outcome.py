"""From a study folder to its verdicts, in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.calibration.measure import Gauge
from analysis.calibration.store import LawShelf
from analysis.errors import UsageError
from analysis.panel.assemble import assemble_panel
from analysis.records.claims import claims_of
from analysis.records.study import Study, read_study
from analysis.verdict.docket import needed_by
from analysis.verdict.flip_shelf import FlipShelf, Stored
from analysis.verdict.ground import Ground
from analysis.verdict.record import Verdict
from analysis.verdict.run import reach_verdicts
from analysis.verdict.view_shelf import ViewShelf

Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is simulated.

    Attributes:
        draws: Null series behind each p-value.
        law: Null series at each node of the null law.
        again: The same for the second reading of p; 0 for none.
        reach: Null series behind each rate of size and power.
        look_draws: Null series behind the p-value of a look.
        look_law: Null series at each node of the null law of a look.
        studies: Simulated studies behind the study-wide rates.
        rates: Simulated series behind each rate of tests that are costly to repeat.
        paths: Null series shared by all paths of a claim.
    """

    draws: int = 49_999
    law: int = 10_000
    again: int = 2_000
    reach: int = 20_000
    look_draws: int = 4_999
    look_law: int = 1_000
    studies: int = 10_000
    rates: int = 4_000
    paths: int = 999


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run gives, before it is written.

    Attributes:
        study: As read.
        verdicts: By id.
        ground: Panel and null laws they rest on.
        gauge: Size and power measured or taken over.
        flips: What turns findings, searched or taken over.
        views: What was seen beside the main tests, or taken over.
    """

    study: Study
    verdicts: Mapping[str, Verdict]
    ground: Ground
    gauge: Gauge
    flips: FlipShelf = field(default_factory=FlipShelf)
    views: ViewShelf = field(default_factory=ViewShelf)


def run_study(
    root: Path,
    *,
    only: tuple[str, ...] = (),
    jobs: int = 1,
    known: Mapping[str, Mapping[str, object]] | None = None,
    known_flips: Mapping[str, Stored | None] | None = None,
    views: ViewShelf | None = None,
    effort: Effort | None = None,
    notice: Notice = lambda _: None,
    keep: Callable[[Mapping[str, Mapping[str, object]]], None] | None = None,
) -> Outcome:
    """Read the study at `root` and reach its verdicts; nothing is written.

    Args:
        root: Study folder.
        only: Ids to decide; none means all. Their families, gates and placebos are tested too.
        jobs: Processes; the result does not depend on it.
        known: Calibration to take over by key.
        known_flips: What turned findings earlier, likewise.
        views: What was seen beside the main tests earlier, and where it is kept.
        effort: How much is simulated.
        notice: Called with a line on each step.
        keep: Called now and then with everything measured so far.

    Raises:
        DataError: The study has faults.
        UsageError: An id is not declared.
    """
    effort = effort or Effort()
    study = read_study(root)
    for name in only:
        if name not in study.hypotheses:
            raise UsageError(f"There is no hypothesis {name} in data/hypotheses.toml.")
    chosen = needed_by(only, study.hypotheses) if only else set(study.hypotheses)
    ground = make_ground(study, effort, jobs)
    gauge = Gauge(ground.shelf, series=effort.reach, known=known or {}, keep=keep)
    flips, views = FlipShelf(known=known_flips or {}), views or ViewShelf()
    verdicts = reach_verdicts(
        {name: study.hypotheses[name] for name in sorted(chosen)},
        ground,
        gauge,
        multiplicity=study.settings.multiplicity,
        notice=notice,
        flips=flips,
        views=views,
    )
    return Outcome(study, verdicts, ground, gauge, flips, views)


def make_ground(study: Study, effort: Effort, jobs: int = 1) -> Ground:
    """Panel, junctures and empty shelves of null laws, for the trials of a study."""
    shelf = LawShelf(seed=study.settings.seed, series=effort.law, jobs=jobs, again=effort.again)
    return Ground(
        panel=assemble_panel(study),
        junctures=study.junctures,
        period=study.settings.period,
        shelf=shelf,
        draws=effort.draws,
        look_shelf=replace(shelf, series=effort.look_law, again=0, _laws={}),
        look_draws=effort.look_draws,
        rate_series=effort.rates,
        path_draws=effort.paths,
        events=study.events,
        claims=claims_of(study.claims),
        hypotheses=study.hypotheses,
    )
