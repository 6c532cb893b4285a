"""What turns findings that rest on no estimate of a series: statements of fact, and events."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from analysis.calibration.firsts_test import FirstsTest
from analysis.records.claims import Claim
from analysis.records.codebook import Variable
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.bench import Bench
from analysis.verdict.designs.dates import choose_events
from analysis.verdict.fact import FactFinding, check_read
from analysis.verdict.fact_measures import select_events
from analysis.verdict.fact_readings import PLACE, Tables, VariableCells, tabulate_variables
from analysis.verdict.flip import FEW_PERCENTS, Change, Flip, FloatArray, smallest_change
from analysis.verdict.ground import Ground
from analysis.verdict.rule import LARGEST_SIZE, Finding
from analysis.verdict.trial import try_hypothesis

WHOLE = ("binary", "count")  # scales on which a zero may be one
MANY_HALVINGS = 9  # what a check reads off moves one way with each of its values


def flip_of_fact(claim: Claim, found: FactFinding, ground: Ground) -> Flip:
    """The smallest change of one value that turns a statement of fact, or the events that do."""
    tables, events = tabulate_variables([claim], ground.panel), ground.events
    if claim.how.reads == "series":
        changes = sorted(_changes(claim, tables, found.finding, ground), key=_size)
        return Flip(next(iter(changes), None), None, None, {}, tested=True)
    without = {
        str(name): check_read(claim, tables, events[events["event"] != name]).finding
        for name in dict.fromkeys(select_events(events, claim)["event"])
    }
    more = ""
    if claim.operation == "count":
        every = pd.concat([events, pd.DataFrame([_like_counted(claim)])], ignore_index=True)
        more = check_read(claim, tables, every).finding.value
    turning = _turning(without, found.finding)
    return Flip(None, None, None, {}, altered=False, events=turning, one_more=more)


def _like_counted(claim: Claim) -> dict[str, object]:
    """An event of the kind that a statement counts, which no table holds."""
    year = claim.periods[0][0] if claim.periods else 2000
    return {
        "event": "one more", "unit": claim.units[0] if claim.units else "", "year": year,
        "date": date(year, 7, 1), "date_precision": "day", "kind": claim.kinds[0],
        "domain": claim.domains[0] if claim.domains else "", "status": "reported",
        "source": "", "locator": "", "value": float("nan"), "stored": "", "row": 0,
    }  # fmt: skip


def flip_of_firsts(bench: Bench, finding: Finding, ground: Ground) -> Flip:
    """The events without which first events gather after the junctures no more, or do."""
    hypothesis = bench.trial.hypothesis
    events = ground.events
    without = {
        str(name): _find_again(bench, hypothesis, ground, events[events["event"] != name])
        for name in choose_events(events, hypothesis)["event"]
    }
    return Flip(None, None, None, {}, altered=False, events=_turning(without, finding))


def _find_again(
    bench: Bench, hypothesis: Hypothesis, ground: Ground, events: pd.DataFrame
) -> Finding:
    tried = try_hypothesis(hypothesis, replace(ground, events=events, _tests={}))
    if isinstance(tried, str):
        return bench.decide_trial(tried)
    assert isinstance(tried.test, FirstsTest)
    asked = tried.question(hypothesis.alpha)
    measured = tried.test.measure(asked, seed=tried.test.seed, series=tried.test.series)
    evidence = replace(bench.evidence, power_at_claim=measured.power_at_claim)  # of fewer events
    guarded = measured.worst_size > LARGEST_SIZE
    return replace(bench, evidence=evidence, guarded=guarded).decide_trial(tried)


def _turning(without: Mapping[str, Finding], finding: Finding) -> dict[str, str]:
    return {name: each.value for name, each in without.items() if each is not finding}


def _changes(claim: Claim, tables: Tables, finding: Finding, ground: Ground) -> Iterator[Change]:
    """The smallest change of each value that a source says, where one turns the finding."""
    for name in claim.series:
        variable, rows = ground.panel.codebook[name], tables[name].within(claim).every
        several = rows["source"].nunique() > 1
        for _, row in rows.iterrows():
            change = _change(claim, tables, finding, ground.events, (row, variable))
            if change is not None:
                yield replace(change, source=str(row["source"]) if several else "")


def _change(
    claim: Claim,
    tables: Tables,
    finding: Finding,
    events: pd.DataFrame,
    cell: tuple[pd.Series, Variable],
) -> Change | None:
    row, variable = cell
    before = float(row["value"])

    def found_at(value: float) -> Finding:
        if not variable.allows(value, value):
            return finding
        altered = _with_value(tables[variable.variable], row, value)
        return check_read(claim, {**tables, variable.variable: altered}, events).finding

    def moved_by(percent: float) -> float:
        value = before * (1 + percent / 100)
        return float(round(value)) if variable.scale in WHOLE else value

    def turn(percents: FloatArray) -> list[bool]:
        return [found_at(moved_by(float(each))) is not finding for each in percents]

    if before:
        percent = smallest_change(turn, FEW_PERCENTS, MANY_HALVINGS)
        if percent is None:
            return None
        after = moved_by(float(percent))
        percent = 100 * (after - before) / before
    elif variable.scale in WHOLE and found_at(1.0) is not finding:
        percent, after = float("nan"), 1.0
    else:
        return None
    where = int(row["year"]), before, after, str(row["unit"]), variable.variable
    return Change(percent, found_at(after).value, *where)


def _with_value(cells: VariableCells, row: pd.Series, value: float) -> VariableCells:
    """The rows of a variable with another value where this one stands, of its source alone."""

    def told(rows: pd.DataFrame) -> pd.DataFrame:
        here = np.logical_and.reduce([rows[name].eq(row[name]) for name in PLACE])
        return rows.assign(value=rows["value"].where(~here, value))

    return VariableCells(told(cells.best), told(cells.every))


def _size(change: Change) -> tuple[float, int]:
    """By how much, a step from zero after all others; then by year."""
    share = abs(change.percent)
    return (share if share == share else 100.0, change.year or 0)
