"""Turn declared hypotheses and a panel into verdicts: the only place that knows all stages."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.date_set_test import DateSetTest
from analysis.calibration.measure import Gauge
from analysis.errors import DesignError
from analysis.kernel.forks import side_by_side
from analysis.panel.digest import digest_cells
from analysis.panel.left_out import with_values, without_recalled
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.cells import cells_behind, distinct_cells, variables_beside
from analysis.verdict.docket import (
    Docket,
    Notice,
    awaited,
    decision_order,
    judged,
    needed_by,
    p_used,
    try_all,
)
from analysis.verdict.fact import FactFinding, check_fact
from analysis.verdict.flip import Again, Bench, Flip, find_flip, find_flip_of_either
from analysis.verdict.flip_shelf import FlipShelf, flip_key
from analysis.verdict.ground import Ground
from analysis.verdict.looks import GapSeen, LookNumbers, share
from analysis.verdict.placebos import TOO_MANY, count_placebos
from analysis.verdict.placebos import UNIT as PLACEBO_UNIT
from analysis.verdict.reasons import reason
from analysis.verdict.record import Verdict
from analysis.verdict.rule import (
    LARGEST_SIZE,
    PLACEBO_LEVEL,
    Decision,
    Evidence,
    Finding,
    conditions,
    decide,
)
from analysis.verdict.trial import Trial, try_hypothesis
from analysis.verdict.view_shelf import ViewShelf
from analysis.verdict.views import Views, view_all

FloatArray = NDArray[np.float64]
TOO_COSTLY = ("event_study", "panel")  # to be tested again without each year
MOST_PLACEMENTS = 3_000  # of a set of dates that is tested again for every altered value
CAPPED_ROLES = ("rival",)
CAPPED_DESIGNS = ("mediation", "nonnested")
DECISIVE = (Finding.SUPPORTED, Finding.CONTRADICTED, Finding.NEGLIGIBLE)


def reach_verdicts(
    hypotheses: Mapping[str, Hypothesis],
    ground: Ground,
    gauge: Gauge,
    *,
    multiplicity: str = "holm",
    notice: Notice = lambda _: None,
    flips: FlipShelf | None = None,
    views: ViewShelf | None = None,
) -> dict[str, Verdict]:
    """Decide every hypothesis, gates and placebos before those that wait for them.

    Args:
        hypotheses: By id; gates and placebos of each must be among them.
        ground: Panel, junctures and null laws.
        gauge: Measures size and power.
        multiplicity: "none", "holm" or "maxt" (minP over joint draws), within family.
        notice: Called with a line on each step.
        flips: What turned findings earlier, and where what is found now is kept.
        views: What was seen beside the main tests earlier, likewise.
    """
    shelf = views or ViewShelf()
    found = _decide_all(hypotheses, ground, gauge, multiplicity, notice, shelf)
    found.verdicts.update(_search_flips(found, ground, notice, flips or FlipShelf()))
    recalled = _reading_recalled(hypotheses, ground)
    leaning = [
        name
        for name, verdict in found.verdicts.items()
        if verdict.decision.finding in DECISIVE
        and verdict.fact is None  # whose own rule asks for a reading without recalled values
        and any(each in recalled for each in needed_by([name], hypotheses))
    ]
    if not leaning:
        return found.in_order()
    notice("leaving out recalled values")
    again = {name: hypotheses[name] for name in sorted(needed_by(leaning, hypotheses))}
    seen = replace(ground, panel=without_recalled(ground.panel), events=_seen(ground.events))
    same = found.without(recalled & set(again))
    asked = _awaited_by(leaning, hypotheses)
    without = _decide_all(again, seen, gauge, multiplicity, notice, shelf, same, asked).verdicts
    return found.in_order() | {
        name: _unless_recalled(found.verdicts[name], without[name]) for name in leaning
    }


def _decide_all(
    hypotheses: Mapping[str, Hypothesis],
    ground: Ground,
    gauge: Gauge,
    multiplicity: str,
    notice: Notice,
    shelf: ViewShelf,
    known: Docket | None = None,
    asked: Collection[str] | None = None,
) -> Docket:
    """Try all, see and decide those asked for; what is `known` is taken over."""
    claims, events = ground.claims, ground.events
    facts = {
        name: check_fact(claims[str(hypothesis.options["claim"])], ground.panel, events)
        for name, hypothesis in hypotheses.items()
        if hypothesis.design == "fact"
    }
    docket = Docket(hypotheses, multiplicity, facts)
    try_all(docket, ground, gauge, notice, known)
    chosen = [name for name in decision_order(hypotheses) if asked is None or name in asked]
    fresh = [name for name in chosen if known is None or name not in known.views]
    trials = {name: docket.trials[name] for name in docket.trials if name in fresh}
    docket.views.update(_see(trials, ground, shelf, notice))
    if known is not None:
        docket.views.update({n: known.views[n] for n in docket.trials if n in known.views})
    for name in chosen:
        notice(f"deciding {name}")
        docket.verdicts[name] = _reach(name, docket, ground, gauge)
    return docket


def _see(
    trials: Mapping[str, Trial], ground: Ground, shelf: ViewShelf, notice: Notice
) -> dict[str, Views]:
    """What is seen of claims beside their main tests, now or earlier."""
    keys = shelf.keys({name: trial.hypothesis for name, trial in trials.items()}, ground)
    taken = {name: shelf.take_over(key) for name, key in keys.items()}
    found = {name: views for name, views in taken.items() if views is not None}
    rest = {name: trial for name, trial in trials.items() if name not in found}
    new = view_all(rest, ground, jobs=ground.shelf.jobs, notice=notice)
    shelf.enter({keys[name]: views for name, views in new.items() if name in keys})
    return found | new


def _awaited_by(names: Iterable[str], hypotheses: Mapping[str, Hypothesis]) -> set[str]:
    """Claims and all they wait for."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += awaited(hypotheses[name])
    return found


def _reading_recalled(hypotheses: Mapping[str, Hypothesis], ground: Ground) -> set[str]:
    """Claims that read, themselves or in a look, a variable of which a source is recalled."""
    every = ground.panel.cells if ground.panel.observations is None else ground.panel.observations
    recalled = every[every["status"] == "recalled"].index
    of_variables = set(zip(*map(recalled.get_level_values, ("variable", "unit")), strict=True))
    variables = {variable for variable, _ in of_variables}
    events = len(_seen(ground.events)) < len(ground.events)

    def reads(each: Hypothesis) -> bool:
        beside = {*variables_beside(each)}
        beside |= {name for look in each.looks for name in look.controls or ()}
        outcomes = {(each.outcome, unit) for unit in (*each.units, *each.comparison)}
        return bool(outcomes & of_variables or beside & variables)

    found = set()
    for name, hypothesis in hypotheses.items():
        parts = [hypothesis, *(hypotheses[part] for part in judged(hypothesis))]
        counted = any(each.design == "firsts" for each in parts)
        if events if counted else any(map(reads, parts)):
            found.add(name)
    return found


def _seen(events: pd.DataFrame) -> pd.DataFrame:
    """Events without those entered from memory."""
    return events[events["status"] != "recalled"] if len(events) else events


def _unless_recalled(verdict: Verdict, without: Verdict) -> Verdict:
    """Take a finding back that does not stand when values entered from memory are left out."""
    if verdict.finding not in DECISIVE or verdict.finding == without.finding:
        return verdict
    reason = (
        f"With recalled values the claim would be {verdict.finding}; without them it is "
        f"{without.finding}. {without.reason}"
    )
    decision = Decision(Finding.INCONCLUSIVE, None, "stands without recalled values")
    return replace(verdict, decision=decision, reason=reason, flip=None)


def _reach(name: str, docket: Docket, ground: Ground, gauge: Gauge) -> Verdict:
    hypothesis = docket.hypotheses[name]
    if hypothesis.design == "fact":
        return _state_fact(hypothesis, docket.facts[name])
    if hypothesis.design == "placebo_set":
        _count_placebos(hypothesis, docket, ground, gauge)
    trial, measured = docket.trials.get(name), docket.measured.get(name)
    views = docket.views.get(name, Views())
    glances, gap = views.glances, views.gap
    evidence = _evidence(name, docket)
    decision = decide(evidence)
    return Verdict(
        hypothesis=hypothesis,
        trial=trial,
        measured=measured,
        decision=decision,
        conditions=conditions(evidence),
        reason=reason(decision, evidence, trial, measured),
        p_adjusted=evidence.p_adjusted if trial is not None else None,
        glances=glances,
        gap=gap,
        cells=digest_cells(_cells(hypothesis, trial, ground)),
        paths=views.paths,
    )


def _search_flips(
    docket: Docket, ground: Ground, notice: Notice, shelf: FlipShelf
) -> dict[str, Verdict]:
    """Verdicts with what turns them, of claims that decide; those shown beside are not searched."""
    verdicts = docket.verdicts
    names = [
        name
        for name, trial in docket.trials.items()
        if not trial.hypothesis.beside and verdicts[name].decision.finding is not Finding.UNTESTABLE
    ]
    jobs = ground.shelf.jobs
    seen = ground.of_one_process if jobs > 1 else ground
    searches = {name: _search_of(name, docket, ground) for name in names}
    keys = {name: flip_key(*search, ground) for name, search in searches.items()}
    waiting = [name for name in names if keys[name] not in shelf.known]
    found = {
        name: replace(verdicts[name], flip=shelf.take_over(keys[name]))
        for name in names
        if name not in waiting
    }

    def search(name: str) -> Flip | None:
        bench, _, onset, _ = searches[name]
        glances = verdicts[name].glances
        sources = {each.name: each.numbers for each in glances if each.numbers is not None}
        finding, hypothesis = verdicts[name].decision.finding, bench.trial.hypothesis
        if hypothesis.design == "asymmetry":
            used = bench.trial.test.years
            units = {
                unit: (ground.values(hypothesis, unit).reindex(used), _test_again(bench, seen, at))
                for at, unit in enumerate(hypothesis.units)
            }
            return find_flip_of_either(bench, finding, onset, sources, units)
        return find_flip(bench, finding, onset, sources, _test_again(bench, seen))

    for name, flip in zip(waiting, side_by_side(search, waiting, jobs=jobs), strict=True):
        notice(f"turning {name}")
        found[name] = replace(verdicts[name], flip=shelf.enter(keys[name], flip))
    return found


def _search_of(name: str, docket: Docket, ground: Ground) -> tuple[Bench, str, int | None, str]:
    """The claim ready to be decided again, its finding, its onset and the digest of its cells."""
    trial, measured, verdict = docket.trials[name], docket.measured[name], docket.verdicts[name]
    others, outcome = docket.others_of(name), trial.hypothesis.outcome
    bench = Bench(
        trial=trial,
        evidence=_evidence(name, docket),
        others={each: p_used(docket.trials[each], docket.measured[each]) for each in others},
        others_size={each: docket.trials[each].p_size for each in others},
        gate_p=_gate_p(trial.hypothesis, docket),
        corrected=docket.corrects(trial.hypothesis),
        guarded=measured.worst_size > LARGEST_SIZE,
        counts=bool(outcome) and _is_count(outcome, ground),
    )
    onsets = ground.onsets(trial.hypothesis)
    onset = onsets.get(trial.term, min(onsets.values())) if onsets else None
    return bench, verdict.finding, onset, str(verdict.cells["sha256"])


def _is_count(outcome: str, ground: Ground) -> bool:
    return outcome in ground.panel.codebook and ground.panel.codebook[outcome].scale == "count"


def _test_again(bench: Bench, ground: Ground, unit: int = 0) -> Again:
    """Test a claim on other values of the outcome of a unit, fully or from fewer draws."""
    hypothesis = bench.trial.hypothesis
    where = (hypothesis.outcome, hypothesis.units[unit]) if hypothesis.units else ("", "")

    def on(base: Ground, outcome: pd.Series) -> Finding:
        panel = with_values(ground.panel, *where, outcome)
        tried = try_hypothesis(hypothesis, replace(base, panel=panel, _tests={}))
        if isinstance(tried, str):
            return Finding.UNTESTABLE
        return bench.decide_look(LookNumbers.of(tried, guarded=bench.guarded))

    def possible(values: FloatArray) -> bool:
        variable = ground.panel.codebook[hypothesis.outcome]
        low, high = variable.lower_bound, variable.upper_bound
        inside: bool = not (
            (low is not None and values.min() < low) or (high is not None and values.max() > high)
        )
        return inside

    test = bench.trial.test
    placed = len(test.design.placements) if isinstance(test, DateSetTest) else 0
    costly = hypothesis.design in TOO_COSTLY or placed > MOST_PLACEMENTS
    return Again(
        fully=lambda outcome: on(ground, outcome),
        roughly=None if costly else lambda outcome: on(ground.of_looks, outcome),
        possible=possible,
        often=hypothesis.design != "break_date",  # whose dates have a null law each
    )


def _state_fact(hypothesis: Hypothesis, fact: FactFinding) -> Verdict:
    """The verdict on a statement of fact, which its own rule has given."""
    return Verdict(
        hypothesis=hypothesis,
        trial=None,
        measured=None,
        decision=Decision(fact.finding, None, fact.because),
        conditions=(),
        reason=fact.reason,
        p_adjusted=None,
        glances=(),
        gap=None,
        cells=fact.cells,
        fact=fact,
    )


def _count_placebos(hypothesis: Hypothesis, docket: Docket, ground: Ground, gauge: Gauge) -> None:
    """Enter the count of supported placebos, which are decided by now, as a trial."""
    name = hypothesis.id
    findings = {each: docket.verdicts[each].decision.finding for each in judged(hypothesis)}
    try:
        test = count_placebos(findings, ground.period)
    except DesignError as refusal:
        docket.refusals[name] = str(refusal)
        return
    trial = Trial(
        hypothesis=hypothesis,
        term=test.terms[0],
        test=test,
        reading=test.read(test.terms[0], alternative="greater", alpha=hypothesis.alpha),
        unit=PLACEBO_UNIT,
        raw=pd.Series(dtype=float),
        smallest=TOO_MANY - PLACEBO_LEVEL,
    )
    docket.trials[name] = trial
    docket.measured[name] = gauge.measure(test, trial.question(hypothesis.alpha))
    docket.p_adjusted[name] = trial.reading.p_value
    docket.p_size_adjusted[name] = trial.p_size


def _evidence(name: str, docket: Docket) -> Evidence:
    hypothesis, trial = docket.hypotheses[name], docket.trials.get(name)
    if trial is None:
        return Evidence(refusal=docket.refusals[name])
    measured = docket.measured[name]
    every = _decided_together(hypothesis, docket)
    views = [docket.views.get(each.id, Views()) for each in every]
    agreeing = [share(each.glances, "agrees") for each in views]
    denied = min(every, key=lambda each: docket.trials[each.id].p_size)
    gaps = [seen for each in views if (seen := _gap(each.gap)) is not None]
    return Evidence(
        directed=hypothesis.alternative != "two-sided",
        alpha=hypothesis.alpha,
        smallest_effect=trial.smallest_effect,
        rejected_effect=trial.rejected_effect,
        estimate=trial.estimate,
        wide=trial.turned(trial.reading.wide),
        narrow=trial.turned(trial.reading.narrow),
        p_adjusted=max(docket.p_adjusted[name], *(_gate_p(each, docket) for each in every)),
        p_size_adjusted=docket.p_size_adjusted[name],
        power_at_claim=measured.power_at_claim,
        looks_agree=min((each for each in agreeing if each is not None), default=None),
        looks_below=share(docket.views.get(denied.id, Views()).glances, "below"),
        placebos=_placebos(every, docket),
        gap=max(gaps, key=_disagreement, default=None),
        p_maximised=trial.reading.p_maximised,
        p_shift=trial.reading.p_shift,
        capped=any(each.role in CAPPED_ROLES or each.design in CAPPED_DESIGNS for each in every),
    )


def _decided_together(hypothesis: Hypothesis, docket: Docket) -> list[Hypothesis]:
    """The claim, and the parts without each of which it does not hold."""
    parts = judged(hypothesis) if hypothesis.design == "all_of" else ()
    tried = [docket.hypotheses[name] for name in parts if name in docket.trials]
    return [*tried, hypothesis]


def _disagreement(gap: tuple[float, float]) -> tuple[bool, float]:
    """Ranks gaps: those without the claimed sign last, the others by p."""
    estimate, p = gap
    return not estimate > 0, p


def _gate_p(hypothesis: Hypothesis, docket: Docket) -> float:
    """Corrected p of the gate; 1 where the gate is untestable, 0 without a gate."""
    if not hypothesis.gate:
        return 0.0
    gate = docket.verdicts[hypothesis.gate]
    untestable = gate.decision.finding is Finding.UNTESTABLE
    return 1.0 if untestable or gate.p_adjusted is None else gate.p_adjusted


def _gap(gap: GapSeen | None) -> tuple[float, float] | None:
    """Estimate and p of the gap; one that was declared and could not be tested does not agree."""
    return None if gap is None else (gap.estimate, gap.p_value)


def _placebos(every: Sequence[Hypothesis], docket: Docket) -> tuple[int, int] | None:
    names = dict.fromkeys(name for each in every for name in each.placebos)
    found = [docket.verdicts[name].decision.finding for name in names]
    tested = [finding for finding in found if finding is not Finding.UNTESTABLE]
    if not tested:
        return None
    return len(tested), sum(finding is Finding.SUPPORTED for finding in tested)


def _cells(hypothesis: Hypothesis, trial: Trial | None, ground: Ground) -> pd.DataFrame:
    """What was read, by the parts of the claim too; nothing where the design was refused."""
    if trial is None:
        return ground.panel.cells.iloc[:0]
    parts = [ground.hypotheses[name] for name in judged(hypothesis)]
    read = [cells_behind(each, ground.panel, ground.period) for each in (hypothesis, *parts)]
    return distinct_cells(pd.concat(read))
