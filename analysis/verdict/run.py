"""Turn declared hypotheses and a panel into verdicts: the only place that knows all stages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from analysis.calibration.measure import Gauge
from analysis.calibration.tested import Measured
from analysis.errors import DataError, Fault, UsageError
from analysis.panel.digest import digest_cells
from analysis.panel.recalled import without_recalled
from analysis.paths import HYPOTHESES
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.cells import cells_behind
from analysis.verdict.ground import Ground
from analysis.verdict.looks import Glance, glance, share
from analysis.verdict.multiplicity import adjust_holm
from analysis.verdict.reasons import reason
from analysis.verdict.record import Verdict
from analysis.verdict.rule import (
    LARGEST_SIZE,
    LEAST_POWER,
    Decision,
    Evidence,
    Finding,
    conditions,
    decide,
)
from analysis.verdict.trial import DESIGNS, Trial, try_gap, try_hypothesis

UNCORRECTED_ROLES = ("placebo", "descriptive")
CAPPED_ROLES = ("rival",)
CAPPED_DESIGNS = ("mediation",)
CORRECTIONS = ("none", "holm")
DECISIVE = (Finding.SUPPORTED, Finding.CONTRADICTED, Finding.NEGLIGIBLE)
Notice = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Docket:
    """Hypotheses under way: what was tried and measured so far, by id."""

    hypotheses: Mapping[str, Hypothesis]
    multiplicity: str
    trials: dict[str, Trial] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    measured: dict[str, Measured] = field(default_factory=dict)
    p_adjusted: dict[str, float] = field(default_factory=dict)
    p_size_adjusted: dict[str, float] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)


def reach_verdicts(
    hypotheses: Mapping[str, Hypothesis],
    ground: Ground,
    gauge: Gauge,
    *,
    multiplicity: str = "holm",
    notice: Notice = lambda _: None,
) -> dict[str, Verdict]:
    """Decide every hypothesis, gates and placebos before those that wait for them.

    Args:
        hypotheses: By id; gates and placebos of each must be among them.
        ground: Panel, junctures and null laws.
        gauge: Measures size and power.
        multiplicity: "none" or "holm", within family.
        notice: Called with a line on each step.

    Raises:
        DataError: A hypothesis declares a design that this version does not have.
        UsageError: The correction is not part of this version.
    """
    _check_version(hypotheses, multiplicity)
    found = _decide_all(hypotheses, ground, gauge, multiplicity, notice)
    decisive = any(verdict.finding in DECISIVE for verdict in found.values())
    if not decisive or not _reads_recalled(hypotheses, ground):
        return found
    notice("leaving out recalled values")
    seen = replace(ground, panel=without_recalled(ground.panel), _tests={})
    without = _decide_all(hypotheses, seen, gauge, multiplicity, notice)
    return {name: _unless_recalled(verdict, without[name]) for name, verdict in found.items()}


def _decide_all(
    hypotheses: Mapping[str, Hypothesis],
    ground: Ground,
    gauge: Gauge,
    multiplicity: str,
    notice: Notice,
) -> dict[str, Verdict]:
    docket = Docket(hypotheses, multiplicity)
    for hypothesis in hypotheses.values():
        notice(f"testing {hypothesis.id}")
        tried = try_hypothesis(hypothesis, ground)
        if isinstance(tried, Trial):
            docket.trials[hypothesis.id] = tried
        else:
            docket.refusals[hypothesis.id] = tried
    _refuse_unreachable(docket)
    for name, trial in docket.trials.items():
        notice(f"measuring {name}")
        strict = trial.hypothesis.alpha / _family_size(docket, trial.hypothesis)
        docket.measured[name] = gauge.measure(trial.test, trial.question(strict))
    _correct(docket)
    for name in decision_order(hypotheses):
        notice(f"deciding {name}")
        docket.verdicts[name] = _reach(name, docket, ground)
    return {name: docket.verdicts[name] for name in sorted(docket.verdicts)}


def decision_order(hypotheses: Mapping[str, Hypothesis]) -> list[str]:
    """Ids in an order in which each comes after its gate and its placebos."""
    ordered: list[str] = []

    def visit(name: str) -> None:
        if name in ordered:
            return
        hypothesis = hypotheses[name]
        for before in (hypothesis.gate, *hypothesis.placebos):
            if before:
                visit(before)
        ordered.append(name)

    for name in sorted(hypotheses):
        visit(name)
    return ordered


def needed_by(names: Iterable[str], hypotheses: Mapping[str, Hypothesis]) -> set[str]:
    """The ids whose trial the verdicts on `names` rest on: families, gates, placebos."""
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        hypothesis = hypotheses[name]
        family = [h.id for h in hypotheses.values() if h.family == hypothesis.family]
        waiting += [*family, *hypothesis.placebos, *filter(None, [hypothesis.gate])]
    return needed


def _reads_recalled(hypotheses: Mapping[str, Hypothesis], ground: Ground) -> bool:
    """Whether any source of any variable the claims read, looks too, holds recalled values."""
    every = ground.panel.cells if ground.panel.observations is None else ground.panel.observations
    recalled = every[every["status"] == "recalled"]
    controls = {name for h in hypotheses.values() for name in h.controls}
    controls |= {
        name for h in hypotheses.values() for look in h.looks for name in look.controls or ()
    }
    units = {unit for h in hypotheses.values() for unit in (*h.units, *h.comparison)}
    variables = recalled.index.get_level_values("variable")
    outcomes = variables.isin({h.outcome for h in hypotheses.values()})
    of_units = recalled.index.get_level_values("unit").isin(units)
    return bool((outcomes & of_units | variables.isin(controls)).any())


def _unless_recalled(verdict: Verdict, without: Verdict) -> Verdict:
    """Take a finding back that does not stand when values entered from memory are left out."""
    if verdict.finding not in DECISIVE or verdict.finding == without.finding:
        return verdict
    reason = (
        f"With recalled values the claim would be {verdict.finding}; without them it is "
        f"{without.finding}. {without.reason}"
    )
    decision = Decision(Finding.INCONCLUSIVE, None, "stands without recalled values")
    return replace(verdict, decision=decision, reason=reason)


def _check_version(hypotheses: Mapping[str, Hypothesis], multiplicity: str) -> None:
    if multiplicity not in CORRECTIONS:
        raise UsageError(
            f'study.toml asks for multiplicity = "{multiplicity}", which this version does not '
            'have; use "holm" or "none".'
        )
    faults = [
        Fault(
            HYPOTHESES,
            None,
            f"{hypothesis.id}.design",
            f"the design {hypothesis.design} is not part of this version",
            f"use {' or '.join(DESIGNS)}, or leave the hypothesis out",
        )
        for hypothesis in hypotheses.values()
        if hypothesis.design not in DESIGNS
    ]
    if faults:
        raise DataError(faults)


def _family_size(docket: Docket, hypothesis: Hypothesis) -> int:
    members = [
        trial
        for trial in docket.trials.values()
        if trial.hypothesis.family == hypothesis.family
        and trial.hypothesis.role not in UNCORRECTED_ROLES
    ]
    return max(1, len(members)) if docket.multiplicity != "none" else 1


def _refuse_unreachable(docket: Docket) -> None:
    """Refuse what no number of simulated series could show to be below the corrected level."""
    levels = {
        name: trial.hypothesis.alpha / _family_size(docket, trial.hypothesis)
        for name, trial in docket.trials.items()
    }
    for name, strictest in levels.items():
        trial = docket.trials[name]
        if trial.test.smallest_p > strictest:
            docket.refusals[name] = (
                f"The smallest p that can be reached, {trial.test.smallest_p:.2g}, is above the "
                f"corrected level {strictest:.2g}."
            )
            del docket.trials[name]


def _correct(docket: Docket) -> None:
    """Correct p of no effect and p of an effect of S within each family."""
    testable = {
        name: trial for name, trial in docket.trials.items() if _is_testable(name, trial, docket)
    }
    for name, trial in docket.trials.items():
        docket.p_adjusted[name] = _p_used(trial, docket.measured[name])
        docket.p_size_adjusted[name] = trial.p_size
    if docket.multiplicity == "none":
        return
    for family in sorted({trial.hypothesis.family for trial in testable.values()}):
        members = [n for n, trial in testable.items() if trial.hypothesis.family == family]
        for p_values in (docket.p_adjusted, docket.p_size_adjusted):
            corrected = adjust_holm(pd.Series({name: p_values[name] for name in members}))
            p_values.update({str(name): float(p) for name, p in corrected.items()})


def _is_testable(name: str, trial: Trial, docket: Docket) -> bool:
    if trial.hypothesis.role in UNCORRECTED_ROLES:
        return False
    powerful = docket.measured[name].power_at_claim >= LEAST_POWER
    return powerful or _lies_beyond_zero(trial)


def _lies_beyond_zero(trial: Trial) -> bool:
    directed = trial.hypothesis.alternative != "two-sided"
    return directed and trial.turned(trial.reading.wide)[1] < 0


def _p_used(trial: Trial, measured: Measured) -> float:
    oversized = measured.worst_size > LARGEST_SIZE
    return trial.reading.p_maximised if oversized else trial.reading.p_value


def _reach(name: str, docket: Docket, ground: Ground) -> Verdict:
    hypothesis = docket.hypotheses[name]
    trial, measured = docket.trials.get(name), docket.measured.get(name)
    glances: tuple[Glance, ...] = ()
    gap: Trial | str | None = None
    if trial is not None:
        seen, direction = ground.of_looks, trial.direction
        glances = tuple(glance(hypothesis, look, seen, direction) for look in hypothesis.looks)
        gap = try_gap(hypothesis, ground, direction) if hypothesis.comparison else None
    evidence = _evidence(name, docket, glances, gap)
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
        gap=gap if isinstance(gap, Trial) else None,
        cells=digest_cells(_cells(hypothesis, trial, ground)),
    )


def _evidence(
    name: str, docket: Docket, glances: tuple[Glance, ...], gap: Trial | str | None
) -> Evidence:
    hypothesis, trial = docket.hypotheses[name], docket.trials.get(name)
    if trial is None:
        return Evidence(refusal=docket.refusals[name])
    measured = docket.measured[name]
    return Evidence(
        directed=hypothesis.alternative != "two-sided",
        alpha=hypothesis.alpha,
        smallest_effect=trial.smallest_effect,
        rejected_effect=trial.rejected_effect,
        estimate=trial.estimate,
        wide=trial.turned(trial.reading.wide),
        narrow=trial.turned(trial.reading.narrow),
        p_adjusted=max(docket.p_adjusted[name], _gate_p(hypothesis, docket)),
        p_size_adjusted=docket.p_size_adjusted[name],
        power_at_claim=measured.power_at_claim,
        looks_agree=share(glances, "agrees"),
        looks_below=share(glances, "below"),
        placebos=_placebos(hypothesis, docket),
        gap=_gap(gap),
        p_maximised=trial.reading.p_maximised,
        p_shift=trial.reading.p_shift,
        capped=hypothesis.role in CAPPED_ROLES or hypothesis.design in CAPPED_DESIGNS,
    )


def _gate_p(hypothesis: Hypothesis, docket: Docket) -> float:
    """Corrected p of the gate; 1 where the gate is untestable, 0 without a gate."""
    if not hypothesis.gate:
        return 0.0
    gate = docket.verdicts[hypothesis.gate]
    untestable = gate.decision.finding is Finding.UNTESTABLE
    return 1.0 if untestable or gate.p_adjusted is None else gate.p_adjusted


def _gap(gap: Trial | str | None) -> tuple[float, float] | None:
    """Estimate and p of the gap; one that was declared and could not be tested does not agree."""
    if isinstance(gap, str):
        return float("nan"), 1.0
    return None if gap is None else (gap.estimate, gap.reading.p_value)


def _placebos(hypothesis: Hypothesis, docket: Docket) -> tuple[int, int] | None:
    found = [docket.verdicts[name].decision.finding for name in hypothesis.placebos]
    tested = [finding for finding in found if finding is not Finding.UNTESTABLE]
    if not tested:
        return None
    return len(tested), sum(finding is Finding.SUPPORTED for finding in tested)


def _cells(hypothesis: Hypothesis, trial: Trial | None, ground: Ground) -> pd.DataFrame:
    """What was read; nothing where the design was refused."""
    if trial is None:
        return ground.panel.cells.iloc[:0]
    return cells_behind(hypothesis, ground.panel, ground.period)
