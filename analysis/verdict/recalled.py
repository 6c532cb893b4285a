"""Which claims read values entered from memory, and what is left of a finding without them."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from analysis.panel.left_out import without_recalled
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.cells import variables_beside
from analysis.verdict.docket import judged
from analysis.verdict.ground import Ground
from analysis.verdict.record import Verdict
from analysis.verdict.rule import Decision, Finding

DECISIVE = (Finding.SUPPORTED, Finding.CONTRADICTED, Finding.NEGLIGIBLE)


def ground_without_recalled(ground: Ground) -> Ground:
    """The same ground without what was entered from memory."""
    return replace(ground, panel=without_recalled(ground.panel), events=_seen(ground.events))


def reading_recalled(hypotheses: Mapping[str, Hypothesis], ground: Ground) -> set[str]:
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


def unless_recalled(verdict: Verdict, without: Verdict) -> Verdict:
    """Take a finding back that does not stand when values entered from memory are left out."""
    if verdict.finding not in DECISIVE or verdict.finding == without.finding:
        return verdict
    reason = (
        f"With recalled values the claim would be {verdict.finding}; without them it is "
        f"{without.finding}. {without.reason}"
    )
    decision = Decision(Finding.INCONCLUSIVE, None, "stands without recalled values")
    return replace(verdict, decision=decision, reason=reason, flip=None)


def _seen(events: pd.DataFrame) -> pd.DataFrame:
    """Events without those entered from memory."""
    return events[events["status"] != "recalled"] if len(events) else events
