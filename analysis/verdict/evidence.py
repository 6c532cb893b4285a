"""Gather what the rule weighs of a claim from all that was tried with it."""

from collections.abc import Sequence

from analysis.records.hypothesis import Hypothesis
from analysis.verdict.docket import Docket, judged
from analysis.verdict.looks import GapSeen, share
from analysis.verdict.rule import Evidence, Finding
from analysis.verdict.views import Views

CAPPED_ROLES = ("rival",)
CAPPED_DESIGNS = ("mediation", "nonnested")


def evidence_of(name: str, docket: Docket) -> Evidence:
    """What the rule weighs of a claim whose gate and placebos have been decided."""
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
        p_adjusted=max(docket.p_adjusted[name], *(gate_p(each, docket) for each in every)),
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


def gate_p(hypothesis: Hypothesis, docket: Docket) -> float:
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
