"""Search what turns the findings of a study, each claim with what is corrected together with it."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.kernel.forks import side_by_side
from analysis.panel.left_out import with_values
from analysis.verdict.bench import Bench
from analysis.verdict.docket import Docket, Notice, p_used, strictest
from analysis.verdict.evidence import evidence_of, gate_p
from analysis.verdict.flip import Again, Flip, find_flip, find_flip_of_either
from analysis.verdict.flip_facts import flip_of_fact, flip_of_firsts
from analysis.verdict.flip_shelf import FlipShelf, flip_key
from analysis.verdict.ground import Ground
from analysis.verdict.looks import LookNumbers
from analysis.verdict.record import Verdict
from analysis.verdict.rule import LARGEST_SIZE, Finding
from analysis.verdict.trial import Trial, try_hypothesis

FloatArray = NDArray[np.float64]


def search_flips(
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
        bench, _, onset, _, sources = searches[name]
        finding, hypothesis = verdicts[name].decision.finding, bench.trial.hypothesis
        if hypothesis.design == "firsts":
            return flip_of_firsts(bench, finding, seen)
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
    return found | _turned_facts(docket, ground)


def _turned_facts(docket: Docket, ground: Ground) -> dict[str, Verdict]:
    """Verdicts on statements of fact with what turns them; nothing is simulated, nothing kept."""
    found = {}
    for name, fact in docket.facts.items():
        hypothesis, verdict = docket.hypotheses[name], docket.verdicts[name]
        if not hypothesis.beside and fact.finding is not Finding.UNTESTABLE:
            claim = ground.claims[str(hypothesis.options["claim"])]
            found[name] = replace(verdict, flip=flip_of_fact(claim, fact, ground))
    return found


def _search_of(
    name: str, docket: Docket, ground: Ground
) -> tuple[Bench, str, int | None, str, dict[str, LookNumbers]]:
    """The claim ready to be decided again, with its finding, onset, digest of cells and sources."""
    trial, measured, verdict = docket.trials[name], docket.measured[name], docket.verdicts[name]
    others, outcome = docket.others_of(name), trial.hypothesis.outcome
    bench = Bench(
        trial=trial,
        evidence=evidence_of(name, docket),
        others={each: p_used(docket.trials[each], docket.measured[each]) for each in others},
        others_size={each: docket.trials[each].p_size for each in others},
        gate_p=gate_p(trial.hypothesis, docket),
        corrected=docket.corrects(trial.hypothesis),
        guarded=measured.worst_size > LARGEST_SIZE,
        counts=bool(outcome) and _is_count(outcome, ground),
        level=strictest(name, docket),
    )
    onsets = ground.onsets(trial.hypothesis)
    onset = onsets.get(trial.term, min(onsets.values())) if onsets else None
    sources = {each.name: each.numbers for each in verdict.glances if each.numbers is not None}
    return bench, verdict.finding, onset, str(verdict.cells["sha256"]), sources


def _is_count(outcome: str, ground: Ground) -> bool:
    return outcome in ground.panel.codebook and ground.panel.codebook[outcome].scale == "count"


def _test_again(bench: Bench, ground: Ground, unit: int = 0) -> Again:
    """Test a claim on other values of the outcome of a unit, fully or from fewer draws."""
    hypothesis = bench.trial.hypothesis
    where = (hypothesis.outcome, hypothesis.units[unit]) if hypothesis.units else ("", "")
    any_level = replace(bench, level=1.0)  # fewer draws reach no small p

    def on(base: Ground, outcome: pd.Series) -> Trial | str:
        panel = with_values(ground.panel, *where, outcome)
        return try_hypothesis(hypothesis, replace(base, panel=panel, _tests={}))

    def possible(values: FloatArray) -> bool:
        variable = ground.panel.codebook[hypothesis.outcome]
        return variable.allows(float(values.min()), float(values.max()))

    return Again(
        fully=lambda outcome: bench.decide_trial(on(ground, outcome)),
        roughly=lambda outcome: any_level.decide_trial(on(ground.of_looks, outcome)),
        possible=possible,
    )
