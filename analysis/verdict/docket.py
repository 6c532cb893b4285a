"""Hypotheses under way: which wait for which, what was tried, and which are corrected together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from analysis.calibration.joint_draws import Claimed, joint_statistics
from analysis.calibration.measure import Gauge
from analysis.calibration.multiverse import Multiverse
from analysis.calibration.steps import StepsTest
from analysis.calibration.tested import Measured
from analysis.errors import DesignError
from analysis.kernel.forks import can_fork, side_by_side
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.all_of import UNIT as PARTS_UNIT
from analysis.verdict.all_of import AllOfTest, join_parts
from analysis.verdict.effect import EffectUnit
from analysis.verdict.fact import FactFinding
from analysis.verdict.ground import Ground
from analysis.verdict.multiplicity import adjust_holm
from analysis.verdict.parcels import Post
from analysis.verdict.paths import ask_paths
from analysis.verdict.record import Verdict
from analysis.verdict.rule import LARGEST_SIZE, LEAST_POWER
from analysis.verdict.signs import UNIT as PATHS_UNIT
from analysis.verdict.signs import SignsTest, join_paths
from analysis.verdict.step_down import adjust_minp
from analysis.verdict.trial import Trial, law_wanted, scan_wanted, try_hypothesis
from analysis.verdict.views import Views

UNCORRECTED_ROLES = ("placebo", "descriptive")
JOINING = ("all_of", "multiverse")  # designs made of the tests of other claims
SLOW = ("date_set", "mediation", "event_study", "equivalence", "panel", "order", "break_date")
MOST_JOINT = 9_999  # joint draws behind a step-down correction
COUNTED_LATER = ("fact", "placebo_set")  # designs without a p of their own before others are done
Notice = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Docket:
    """What was tried and measured so far, by id."""

    hypotheses: Mapping[str, Hypothesis]
    multiplicity: str
    facts: Mapping[str, FactFinding] = field(default_factory=dict)
    trials: dict[str, Trial] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    measured: dict[str, Measured] = field(default_factory=dict)
    p_adjusted: dict[str, float] = field(default_factory=dict)
    p_size_adjusted: dict[str, float] = field(default_factory=dict)
    views: dict[str, Views] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def in_order(self) -> dict[str, Verdict]:
        """The verdicts by id."""
        return {name: self.verdicts[name] for name in sorted(self.verdicts)}

    def without(self, names: Iterable[str]) -> "Docket":
        """What was tried, seen and refused of all other claims."""
        left_out = {*names}
        left_out |= {n for n, h in self.hypotheses.items() if left_out & {*judged(h)}}
        kept = Docket(self.hypotheses, self.multiplicity)
        kept.trials.update({n: t for n, t in self.trials.items() if n not in left_out})
        kept.refusals.update({n: t for n, t in self.refusals.items() if n not in left_out})
        kept.views.update({n: v for n, v in self.views.items() if n not in left_out})
        return kept

    def corrects(self, hypothesis: Hypothesis) -> bool:
        """Whether p of this claim is corrected for others."""
        return self.multiplicity != "none" and hypothesis.role not in UNCORRECTED_ROLES

    def others_of(self, name: str) -> list[str]:
        """The other claims corrected together with this one."""
        group = group_of(self.hypotheses[name])
        return [
            each
            for each, trial in self.trials.items()
            if each != name
            and self.corrects(trial.hypothesis)
            and group_of(trial.hypothesis) == group
            and _counts(each, trial, self)
        ]

    def enter(self, name: str, tried: Trial | str) -> None:
        """Enter a trial, or the reason why there is none."""
        if isinstance(tried, Trial):
            self.trials[name] = tried
        else:
            self.refusals[name] = tried

    def tried(self, name: str) -> Trial | str:
        """The trial of a hypothesis, or why there is none."""
        return self.trials[name] if name in self.trials else self.refusals[name]


def decision_order(hypotheses: Mapping[str, Hypothesis]) -> list[str]:
    """Ids in an order in which each comes after what it waits for."""
    ordered: list[str] = []

    def visit(name: str) -> None:
        if name in ordered:
            return
        for before in awaited(hypotheses[name]):
            visit(before)
        ordered.append(name)

    for name in sorted(hypotheses):
        visit(name)
    return ordered


def awaited(hypothesis: Hypothesis) -> tuple[str, ...]:
    """Ids that have to be decided before: gate, placebos, and what it judges."""
    return tuple(filter(None, (hypothesis.gate, *hypothesis.placebos, *judged(hypothesis))))


def judged(hypothesis: Hypothesis) -> tuple[str, ...]:
    """The hypotheses that one without an estimate of its own is about."""
    members = hypothesis.options.get("members", ())
    of = hypothesis.options.get("of", "")
    return (*(members if isinstance(members, tuple) else ()), *([str(of)] if of else []))


def needed_by(names: Iterable[str], hypotheses: Mapping[str, Hypothesis]) -> set[str]:
    """The ids whose trial the verdicts on `names` rest on: families and what they wait for."""

    def needed(name: str) -> list[str]:
        group = group_of(hypotheses[name])
        together = [each.id for each in hypotheses.values() if group_of(each) == group]
        return [*together, *awaited(hypotheses[name])]

    return _reached_from(names, needed)


def awaited_by(names: Iterable[str], hypotheses: Mapping[str, Hypothesis]) -> set[str]:
    """The ids themselves and all they wait for."""
    return _reached_from(names, lambda name: awaited(hypotheses[name]))


def _reached_from(names: Iterable[str], further: Callable[[str], Iterable[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += further(name)
    return reached


def group_of(hypothesis: Hypothesis) -> tuple[str, bool]:
    """What is corrected together: the parts of a family that decide, and those shown beside."""
    return hypothesis.family, bool(hypothesis.beside)


def try_all(
    docket: Docket, ground: Ground, gauge: Gauge, notice: Notice, known: Docket | None = None
) -> None:
    """Make every test that needs no verdict of others, and measure its error rates.

    Tests that are `known` are taken over.
    """
    waiting = []
    for name in decision_order(docket.hypotheses):
        if known is not None and name in known.trials:
            docket.trials[name] = known.trials[name]
        elif known is not None and name in known.refusals:
            docket.refusals[name] = known.refusals[name]
        elif docket.hypotheses[name].design not in COUNTED_LATER:
            waiting.append(name)
    alone = [name for name in waiting if docket.hypotheses[name].design not in JOINING]
    for name, tried in _try_alone(alone, docket.hypotheses, ground, notice):
        docket.enter(name, tried)
    for name in waiting:
        if name not in alone:
            notice(f"testing {name}")
            docket.enter(name, _try_joining(docket.hypotheses[name], docket, ground, gauge))
    _refuse_unreachable(docket)
    asked = {
        name: (trial.test, trial.question(strictest(name, docket)))
        for name, trial in docket.trials.items()
    }
    for name, measured in gauge.measure_all(asked, jobs=ground.shelf.jobs):
        notice(f"measuring {name}")
        docket.measured[name] = measured
    _correct(docket, ground)


def strictest(name: str, docket: Docket) -> float:
    """Level of the strictest step of the correction within the group."""
    hypothesis = docket.hypotheses[name]
    if docket.multiplicity == "none" or hypothesis.role in UNCORRECTED_ROLES:
        return hypothesis.alpha
    together = [
        trial
        for trial in docket.trials.values()
        if group_of(trial.hypothesis) == group_of(hypothesis)
        and trial.hypothesis.role not in UNCORRECTED_ROLES
    ]
    return hypothesis.alpha / max(1, len(together))


def _try_alone(
    names: Sequence[str], hypotheses: Mapping[str, Hypothesis], ground: Ground, notice: Notice
) -> Iterator[tuple[str, Trial | str]]:
    """Try claims that are about no other, side by side."""
    jobs = ground.shelf.jobs
    if jobs == 1 or not can_fork():
        for name in names:
            notice(f"testing {name}")
            yield name, try_hypothesis(hypotheses[name], ground)
        return
    notice("simulating null laws")
    ground.shelf.fill(filter(None, (law_wanted(hypotheses[name], ground) for name in names)))
    ground.date_shelf.fill(filter(None, (scan_wanted(hypotheses[name], ground) for name in names)))
    theirs = ground.of_one_process
    post = Post(ground, theirs)

    def packed(group: Sequence[str]) -> list[bytes]:
        return [post.pack(_ready(try_hypothesis(hypotheses[name], theirs))) for name in group]

    groups = _grouped(names, hypotheses)
    tried: dict[str, Trial | str] = {}
    for group, parcels in zip(groups, side_by_side(packed, groups, jobs=jobs), strict=True):
        notice(f"testing {group[0]}")
        tried |= {name: post.unpack(each) for name, each in zip(group, parcels, strict=True)}
    yield from ((name, tried[name]) for name in names)


def _grouped(names: Sequence[str], hypotheses: Mapping[str, Hypothesis]) -> list[list[str]]:
    """Claims for one process each: the slow ones alone and first, those on one series together."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for name in names:
        each = hypotheses[name]
        alone = name if each.design in SLOW else ""
        groups.setdefault((each.outcome, each.units, alone), []).append(name)
    return sorted(groups.values(), key=lambda names: hypotheses[names[0]].design not in SLOW)


def _ready(tried: Trial | str) -> Trial | str:
    """A trial with what is simulated when it is first asked for."""
    if isinstance(tried, Trial):
        _ = tried.p_size
    return tried


def _try_joining(
    hypothesis: Hypothesis, docket: Docket, ground: Ground, gauge: Gauge
) -> Trial | str:
    try:
        test, unit, smallest = _join(hypothesis, docket, ground, gauge)
    except DesignError as refusal:
        return str(refusal)
    return Trial(
        hypothesis=hypothesis,
        term=test.terms[0],
        test=test,
        reading=test.read(test.terms[0], alternative="greater", alpha=hypothesis.alpha),
        unit=unit,
        raw=pd.Series(dtype=float),
        smallest=smallest,
    )


def _join(
    hypothesis: Hypothesis, docket: Docket, ground: Ground, gauge: Gauge
) -> tuple[AllOfTest | SignsTest, EffectUnit, float]:
    """The test over other claims, what it is measured in, and its S."""
    members = {name: docket.tried(name) for name in judged(hypothesis)}
    if hypothesis.design == "all_of":
        return join_parts(members, gauge), PARTS_UNIT, 1.0
    jobs = ground.shelf.jobs
    inner = ground.of_one_process if jobs > 1 else ground

    def ask(name: str) -> Multiverse | None:
        trial = members[name]
        if isinstance(trial, str):
            return None
        return ask_paths(docket.hypotheses[name], trial, inner, draws=ground.path_draws)

    paths = dict(zip(members, side_by_side(ask, [*members], jobs=jobs), strict=True))
    return join_paths(paths, members, gauge), PATHS_UNIT, 0.0


def _refuse_unreachable(docket: Docket) -> None:
    """Refuse what no number of simulated series could show to be below the corrected level."""
    levels = {name: strictest(name, docket) for name in docket.trials}
    for name, level in levels.items():
        smallest = docket.trials[name].test.smallest_p
        if smallest > level:
            docket.refusals[name] = (
                f"The smallest p that can be reached, {smallest:.2g}, is above the corrected "
                f"level {level:.2g}."
            )
            del docket.trials[name]


def _correct(docket: Docket, ground: Ground) -> None:
    """Correct p of no effect and p of an effect of S within each group."""
    for name, trial in docket.trials.items():
        docket.p_adjusted[name] = p_used(trial, docket.measured[name])
        docket.p_size_adjusted[name] = trial.p_size
    if docket.multiplicity == "none":
        return
    testable = [name for name, trial in docket.trials.items() if _counts(name, trial, docket)]
    for group in sorted({group_of(docket.hypotheses[name]) for name in testable}):
        members = [name for name in testable if group_of(docket.hypotheses[name]) == group]
        p_values = pd.Series({name: docket.p_adjusted[name] for name in members})
        p_sizes = pd.Series({name: docket.p_size_adjusted[name] for name in members})
        corrected = _step_down(p_values, docket, ground)
        docket.p_adjusted.update({str(name): float(p) for name, p in corrected.items()})
        docket.p_size_adjusted.update({str(k): float(p) for k, p in adjust_holm(p_sizes).items()})


def _step_down(p_values: pd.Series, docket: Docket, ground: Ground) -> pd.Series:
    """Holm, or with `maxt` minP over joint draws for the tests of one series that have them.

    Where a group holds both kinds, its level is split between them by their number.
    """
    if docket.multiplicity == "holm":
        return adjust_holm(p_values)
    claims: dict[str, Claimed] = {}
    for name in map(str, p_values.index):
        trial = docket.trials[name]
        if isinstance(trial.test, StepsTest) and trial.term in trial.test.terms:
            claims[name] = Claimed(trial.test, trial.term, trial.hypothesis.alternative)
    if len(claims) < 2:
        return adjust_holm(p_values)
    together = p_values[list(claims)]
    drawn = joint_statistics(claims, seed=ground.shelf.seed, series=min(ground.draws, MOST_JOINT))
    parts = [adjust_minp(together, drawn) * len(p_values) / len(together)]
    apart = p_values.drop(together.index)
    if len(apart):
        parts.append(adjust_holm(apart) * len(p_values) / len(apart))
    corrected: pd.Series = pd.concat(parts).clip(upper=1.0)
    return corrected


def _counts(name: str, trial: Trial, docket: Docket) -> bool:
    if trial.hypothesis.role in UNCORRECTED_ROLES:
        return False
    powerful = docket.measured[name].power_at_claim >= LEAST_POWER
    return powerful or _lies_beyond_zero(trial)


def _lies_beyond_zero(trial: Trial) -> bool:
    directed = trial.hypothesis.alternative != "two-sided"
    return directed and trial.turned(trial.reading.wide)[1] < 0


def p_used(trial: Trial, measured: Measured) -> float:
    """The p that decides: the maximised one where the measured size is too large."""
    oversized = measured.worst_size > LARGEST_SIZE
    reading = trial.reading
    return max(reading.p_maximised, reading.p_value) if oversized else reading.p_value
