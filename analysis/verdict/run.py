"""Turn declared hypotheses and a panel into verdicts: the only place that knows all stages."""

from collections.abc import Collection, Mapping

import pandas as pd

from analysis.calibration.measure import Gauge
from analysis.errors import DesignError
from analysis.panel.digest import digest_cells
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.cells import cells_behind, distinct_cells
from analysis.verdict.docket import (
    Docket,
    Notice,
    awaited_by,
    decision_order,
    judged,
    needed_by,
    try_all,
)
from analysis.verdict.evidence import evidence_of
from analysis.verdict.fact import FactFinding, check_fact
from analysis.verdict.flip_shelf import FlipShelf
from analysis.verdict.ground import Ground
from analysis.verdict.placebos import TOO_MANY, count_placebos
from analysis.verdict.placebos import UNIT as PLACEBO_UNIT
from analysis.verdict.reasons import reason
from analysis.verdict.recalled import (
    DECISIVE,
    ground_without_recalled,
    reading_recalled,
    unless_recalled,
)
from analysis.verdict.record import Verdict
from analysis.verdict.rule import PLACEBO_LEVEL, Decision, conditions, decide
from analysis.verdict.trial import Trial
from analysis.verdict.turning import search_flips
from analysis.verdict.view_shelf import ViewShelf
from analysis.verdict.views import Views, has_views, view_all


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
    found.verdicts.update(search_flips(found, ground, notice, flips or FlipShelf()))
    recalled = reading_recalled(hypotheses, ground)
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
    seen = ground_without_recalled(ground)
    same = found.without(recalled & set(again))
    asked = awaited_by(leaning, hypotheses)
    without = _decide_all(again, seen, gauge, multiplicity, notice, shelf, same, asked).verdicts
    return found.in_order() | {
        name: unless_recalled(found.verdicts[name], without[name]) for name in leaning
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
    seen = {name: trial for name, trial in trials.items() if has_views(trial.hypothesis)}
    keys = shelf.keys({name: trial.hypothesis for name, trial in seen.items()}, ground)
    taken = {name: shelf.take_over(key) for name, key in keys.items()}
    found = {name: views for name, views in taken.items() if views is not None}
    rest = {name: trial for name, trial in seen.items() if name not in found}
    new = view_all(rest, ground, jobs=ground.shelf.jobs, notice=notice)
    stored = shelf.enter({keys[name]: views for name, views in new.items()})
    return found | {name: stored[keys[name]] for name in new}


def _reach(name: str, docket: Docket, ground: Ground, gauge: Gauge) -> Verdict:
    hypothesis = docket.hypotheses[name]
    if hypothesis.design == "fact":
        return _state_fact(hypothesis, docket.facts[name])
    if hypothesis.design == "placebo_set":
        _count_placebos(hypothesis, docket, ground, gauge)
    trial, measured = docket.trials.get(name), docket.measured.get(name)
    views = docket.views.get(name, Views())
    glances, gap = views.glances, views.gap
    evidence = evidence_of(name, docket)
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


def _cells(hypothesis: Hypothesis, trial: Trial | None, ground: Ground) -> pd.DataFrame:
    """What was read, by the parts of the claim too; nothing where the design was refused."""
    if trial is None:
        return ground.panel.cells.iloc[:0]
    parts = [ground.hypotheses[name] for name in judged(hypothesis)]
    read = [cells_behind(each, ground.panel, ground.period) for each in (hypothesis, *parts)]
    return distinct_cells(pd.concat(read))
