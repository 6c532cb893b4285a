"""Count what the rule finds in whole studies in which nothing happens, and store the table.

The study is taken as it is declared: its claims, looks, families, gates and placebos. Every
outcome is drawn anew (`null_series`), every claim is tested in every simulated study (`readings`),
and the rule is applied to each study: correction within the families, gates, looks, gaps to
comparison units, placebos, and the maximised p where the size measured on the study
as it is lies above .075. Size and power, and the curves behind the maximised p of a set of dates,
are those of the study as it is. What the count leaves out
could only take findings away (values entered from memory are not left out) or is held as it is:
events, designs over all dyads and designs that judge others count in their families and find
nothing; claims that something is negligible are true in these worlds and are left out as well.

Run as `python -m analysis.replication.null_studies`, or `make studies`.
"""

import argparse
import csv
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.measure import Gauge
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.size_page import write_page
from analysis.calibration.store import LawShelf
from analysis.records.hypothesis import Hypothesis
from analysis.records.study import Study, read_study
from analysis.replication.null_claims import ClaimRun, ClaimStudies, nothing_found, run_claim
from analysis.replication.null_series import STUDY_WORLDS, NullOutcomes, fit_models
from analysis.replication.outcome import Effort, make_ground
from analysis.verdict.docket import (
    UNCORRECTED_ROLES,
    decision_order,
    group_of,
    judged,
    needed_by,
)
from analysis.verdict.ground import Ground
from analysis.verdict.rule import LEAST_POWER, PLACEBO_LEVEL
from analysis.verdict.studywide import holm

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
EFFORT = Effort(draws=399, law=1_200, reach=600, look_draws=99, look_law=200, rates=300)
STUDIES = 240
TABLE = Path("reports/size/studies.csv")
NUMBERED = Path("reports/size/studies-first.csv")
FIRST = 4  # studies whose findings are stored one by one, to be counted again by the tests
ESTIMATING_NOTHING = ("none", "fact")
TASKS_EACH = 12  # so that no process waits long for the last one


@dataclass(frozen=True, eq=False)
class StudyFindings:
    """What is supported in every study of one world.

    Attributes:
        supported: By claim that could be tested, shape (m,).
        alone: Whether its own p is at most alpha, whatever the others say, shape (m,).
    """

    supported: Mapping[str, BoolArray]
    alone: Mapping[str, BoolArray]


@dataclass(frozen=True, slots=True)
class Row:
    """One number of the table.

    Attributes:
        world: Key in `STUDY_WORLDS`.
        scope: "family", "beside", "placebos", "study", "staged" or "design".
        name: Of the family or design.
        measure: "any supported" (share of studies), "supported" or "found alone" (share of claims
            and studies), or "stated power" (mean over the claims).
        claims: Claims counted.
        studies: Simulated studies.
        share: The number.
        mc_error: Its Monte Carlo standard error, between studies.
    """

    world: str
    scope: str
    name: str
    measure: str
    claims: int
    studies: int
    share: float
    mc_error: float


def run_studies(
    study: Study,
    *,
    names: Collection[str] = (),
    studies: slice = slice(0, STUDIES),
    worlds: Sequence[str] = tuple(STUDY_WORLDS),
    effort: Effort = EFFORT,
    jobs: int = 1,
) -> tuple[dict[str, ClaimRun], dict[str, StudyFindings]]:
    """Simulate studies and apply the rule to each.

    Args:
        study: As read.
        names: Claims to decide, with whatever they wait for; none means all.
        studies: Numbers of the studies; what one finds does not depend on the others.
        worlds: Keys in `STUDY_WORLDS`.
        effort: How much is simulated behind laws and rates.
        jobs: Processes; the result does not depend on it.

    Returns:
        By claim what it shows alone, by world what is supported.
    """
    chosen = needed_by(names, study.hypotheses) if names else set(study.hypotheses)
    hypotheses = {name: study.hypotheses[name] for name in sorted(chosen)}
    ground = make_ground(study, effort)
    shelf = LawShelf(seed=study.settings.seed, series=effort.law // 2)  # its medians are read
    models = fit_models(hypotheses.values(), ground, shelf)
    outcomes = {
        world: NullOutcomes(models, ground.panel, STUDY_WORLDS[world], study.settings.seed, studies)
        for world in worlds
    }
    tasks = share_out(
        [
            each
            for each in hypotheses.values()
            if each.design not in (*ESTIMATING_NOTHING, "all_of")
        ],
        TASKS_EACH * jobs if jobs > 1 else 1,
    )
    parts = Parallel(n_jobs=jobs, verbose=11 if jobs > 1 else 0)(
        delayed(_run_claims)(task, ground, outcomes, effort) for task in tasks
    )
    runs = {name: run for part in parts for name, run in part.items()}
    for name in decision_order(hypotheses):
        if hypotheses[name].design == "all_of":
            runs[name] = _join(hypotheses[name], runs, worlds)
    runs = {name: runs[name] for name in sorted(runs)}
    return runs, {world: decide_studies(hypotheses, runs, world) for world in worlds}


def share_out(hypotheses: Sequence[Hypothesis], number: int) -> list[list[Hypothesis]]:
    """Claims in at most so many lists, those on one outcome in one list as far as it goes."""
    ordered = sorted(hypotheses, key=lambda each: (each.outcome, each.design, each.id))
    size = max(1, -(-len(ordered) // number))
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]


def _run_claims(
    hypotheses: Sequence[Hypothesis],
    ground: Ground,
    outcomes: Mapping[str, NullOutcomes],
    effort: Effort,
) -> dict[str, ClaimRun]:
    gauge = Gauge(ground.shelf, series=effort.reach)
    return {each.id: run_claim(each, ground, gauge, outcomes) for each in hypotheses}


def _join(hypothesis: Hypothesis, runs: Mapping[str, ClaimRun], worlds: Sequence[str]) -> ClaimRun:
    """A claim that several things hold together: the largest p, the smallest effect."""
    members = [runs.get(name) for name in judged(hypothesis)]
    parts = [each for each in members if each is not None and not each.refusal]
    missing = len(parts) < len(members)
    joined = {}
    for world in worlds:
        seen = [part.worlds[world] for part in parts]
        if missing or not seen:
            continue
        p = np.max([each.p_used for each in seen], axis=0)
        ratio = np.min([each.ratio for each in seen], axis=0)
        large = np.nan_to_num(ratio, nan=-1.0) >= 0.5
        joined[world] = ClaimStudies(p, ratio, large, np.zeros(len(p), dtype=bool))
    number = len(next(iter(next(iter(runs.values())).worlds.values())).p_used)
    return ClaimRun(
        refusal="A part cannot be tested." if missing else "",
        drawn=not missing and all(part.drawn for part in parts),
        power_at_claim=0.0 if missing else float(np.prod([p.power_at_claim for p in parts])),
        stated_power=float("nan"),
        worlds=joined or {world: nothing_found(number) for world in worlds},
    )


def decide_studies(
    hypotheses: Mapping[str, Hypothesis], runs: Mapping[str, ClaimRun], world: str
) -> StudyFindings:
    """Apply the rule to every study of one world."""
    tested = {name: run.worlds[world] for name, run in runs.items() if not run.refusal}
    testable = {
        name: np.full(len(each.p_used), runs[name].power_at_claim >= LEAST_POWER) | each.beyond
        for name, each in tested.items()
    }
    adjusted = _correct(hypotheses, tested, testable)
    supported: dict[str, BoolArray] = {}
    for name in decision_order(hypotheses):
        if name not in tested:
            continue
        hypothesis = hypotheses[name]
        if hypothesis.gate:
            # A gate that cannot be tested has no p that could let a claim through.
            gate = adjusted.get(hypothesis.gate)
            there = testable.get(hypothesis.gate)
            closed = np.ones_like(adjusted[name])
            gate_p = closed if gate is None or there is None else np.where(there, gate, 1.0)
            adjusted[name] = np.maximum(adjusted[name], gate_p)
        supported[name] = (
            runs[name].powerful
            & tested[name].passes
            & (adjusted[name] <= hypothesis.alpha)
            & _placebos_pass(hypothesis, supported, testable)
        )
    alone = {name: each.p_used <= hypotheses[name].alpha for name, each in tested.items()}
    return StudyFindings(supported, alone)


def _correct(
    hypotheses: Mapping[str, Hypothesis],
    tested: Mapping[str, ClaimStudies],
    testable: Mapping[str, BoolArray],
) -> dict[str, FloatArray]:
    """Holm's correction within each group of each study, over the claims testable there."""
    adjusted = {name: each.p_used.copy() for name, each in tested.items()}
    groups: dict[tuple[str, bool], list[str]] = {}
    for name in tested:
        if hypotheses[name].role not in UNCORRECTED_ROLES:
            groups.setdefault(group_of(hypotheses[name]), []).append(name)
    for members in groups.values():
        p = np.stack([tested[name].p_used for name in members])
        counted = np.stack([testable[name] for name in members])
        for pattern in np.unique(counted, axis=1).T:
            here = (counted == pattern[:, None]).all(axis=0)
            if not pattern.any():
                continue
            inside = np.flatnonzero(pattern)
            corrected = holm(p[np.ix_(inside, np.flatnonzero(here))])
            for place, row in zip(inside, corrected, strict=True):
                adjusted[members[place]][here] = row
    return adjusted


def _placebos_pass(
    hypothesis: Hypothesis,
    supported: Mapping[str, BoolArray],
    testable: Mapping[str, BoolArray],
) -> BoolArray:
    known = [name for name in hypothesis.placebos if name in supported]
    if not known:
        return np.True_  # type: ignore[return-value]
    number = np.sum([testable[name] for name in known], axis=0)
    found = np.sum([supported[name] for name in known], axis=0)
    p = stats.binom.sf(found - 1, np.maximum(number, 1), hypothesis.alpha)
    return np.asarray((number == 0) | (p > PLACEBO_LEVEL))


def tabulate(
    hypotheses: Mapping[str, Hypothesis],
    runs: Mapping[str, ClaimRun],
    findings: Mapping[str, StudyFindings],
) -> list[Row]:
    """The table: families, the study as a whole, staged escalation, and designs."""
    return [
        row
        for world, found in findings.items()
        for row in (
            _by_design(world, hypotheses, runs, found)
            if STUDY_WORLDS[world].planted
            else _by_family(world, hypotheses, found)
        )
    ]


def _by_family(
    world: str, hypotheses: Mapping[str, Hypothesis], found: StudyFindings
) -> Iterator[Row]:
    scopes: dict[tuple[str, str], list[str]] = {}
    for name in found.supported:
        hypothesis = hypotheses[name]
        family, beside = group_of(hypothesis)
        if hypothesis.role in UNCORRECTED_ROLES:
            scopes.setdefault(("placebos", family), []).append(name)
            continue
        scopes.setdefault(("beside" if beside else "family", family), []).append(name)
        scopes.setdefault(("study", "with those beside"), []).append(name)
        if not beside:
            scopes.setdefault(("study", "claims that decide"), []).append(name)
        if is_staged(hypothesis, hypotheses):
            scopes.setdefault(("staged", "orders and joint steps"), []).append(name)
    for (scope, family), names in sorted(scopes.items()):
        each = np.stack([found.supported[name] for name in names]).astype(bool)
        if scope != "placebos":
            yield _row(world, scope, family, "any supported", names, np.asarray(each.any(axis=0)))
        yield _row(world, scope, family, "supported", names, each.mean(axis=0))


def _by_design(
    world: str,
    hypotheses: Mapping[str, Hypothesis],
    runs: Mapping[str, ClaimRun],
    found: StudyFindings,
) -> Iterator[Row]:
    designs: dict[str, list[str]] = {}
    for name in found.supported:
        if hypotheses[name].role != "placebo" and runs[name].stated_power >= 0:
            designs.setdefault(hypotheses[name].design, []).append(name)
    for design, names in sorted(designs.items()):
        alone = np.stack([found.alone[name] for name in names]).mean(axis=0)
        supported = np.stack([found.supported[name] for name in names]).mean(axis=0)
        stated = np.full(len(alone), np.mean([runs[name].stated_power for name in names]))
        yield _row(world, "design", design, "stated power", names, stated)
        yield _row(world, "design", design, "found alone", names, alone)
        yield _row(world, "design", design, "supported", names, supported)


def is_staged(hypothesis: Hypothesis, hypotheses: Mapping[str, Hypothesis]) -> bool:
    """Whether a claim says that level followed on level: an order, or several steps together."""
    if hypothesis.design == "all_of":
        parts = [hypotheses[name] for name in judged(hypothesis)]
        return all(each.design in ("steps", "counts") for each in parts)
    return hypothesis.design == "order"


def _row(
    world: str,
    scope: str,
    name: str,
    measure: str,
    names: Sequence[str],
    by_study: NDArray[np.float64] | BoolArray,
) -> Row:
    share, number = float(np.mean(by_study)), len(by_study)
    if by_study.dtype == bool:
        error = monte_carlo_error(share, number)
    else:
        error = float(np.std(by_study, ddof=1) / np.sqrt(number)) if number > 1 else 0.0
    return Row(world, scope, name, measure, len(names), number, share, error)


def first_findings(
    hypotheses: Mapping[str, Hypothesis], findings: Mapping[str, StudyFindings]
) -> list[tuple[str, int, str, int]]:
    """World, study, family and number of claims supported, of the first studies."""
    rows = []
    for world, found in findings.items():
        for study in range(FIRST):
            counts: dict[str, int] = {}
            for name, supported in found.supported.items():
                family = hypotheses[name].family
                counts[family] = counts.get(family, 0) + int(supported[study])
            rows += [(world, study, family, counts[family]) for family in sorted(counts)]
    return rows


def write_rows(header: Sequence[str], rows: Sequence[Sequence[object]], path: Path) -> None:
    """Write a table as text, shares to five digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    with beside.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([_text(value) for value in row])
    beside.replace(path)


def _text(value: object) -> object:
    return f"{value:.5f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def main() -> None:
    parser = argparse.ArgumentParser(description="Simulate whole studies and store what is found.")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--studies", type=int, default=STUDIES)
    asked = parser.parse_args()
    study = read_study(Path())
    runs, findings = run_studies(study, studies=slice(0, asked.studies), jobs=asked.jobs)
    rows = tabulate(study.hypotheses, runs, findings)
    columns = list(Row.__slots__)
    write_rows(columns, [[getattr(row, each) for each in columns] for row in rows], TABLE)
    first = first_findings(study.hypotheses, findings)
    write_rows(["world", "study", "family", "supported"], first, NUMBERED)
    write_page()
    for row in rows:
        if row.scope == "study" and row.measure == "any supported":
            sys.stdout.write(f"{row.world}, {row.name}: {row.share:.3f} +- {row.mc_error:.3f}\n")


if __name__ == "__main__":
    main()
