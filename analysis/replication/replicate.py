"""Run a study afresh in a scratch folder and compare it with its record."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.exhibits.gather import LOCK
from analysis.panel.composite_rows import append_composites
from analysis.paths import StudyPaths
from analysis.records.study import Study, read_study
from analysis.replication.compare import Difference, compare_records
from analysis.replication.documents import Documents, make_documents, write_documents
from analysis.replication.environment import (
    Unlike,
    compare_environments,
    describe_environment,
    read_environment,
)
from analysis.replication.outcome import Effort, Notice, Outcome, run_study
from analysis.replication.record import read_record
from analysis.replication.service import Entry, lay_out_service, measure_orders, still_fitting
from analysis.sources.raw_folder import Extraction, write_extraction

SAMPLED = 4  # of the calibration entries, one in this many is measured again


@dataclass(frozen=True, eq=False)
class Replication:
    """A study run afresh, against its record.

    Attributes:
        recorded: The record.
        differences: Every number of record and run, with its class.
        unlike: What of Python, packages and platform is not as it was; None where the record does
            not say what it was made with.
        extraction: What the providers' files gave, where the run started from them.
    """

    study: Study
    recorded: Documents
    differences: list[Difference]
    unlike: list[Unlike] | None
    extraction: Extraction | None = None


def replicate(
    root: Path,
    *,
    full: bool = False,
    jobs: int = 1,
    notice: Notice = lambda _: None,
) -> list[Difference]:
    """Run the study in a scratch copy and give every number of record and run with its class.

    See `replicate_study`.
    """
    return replicate_study(root, full=full, jobs=jobs, notice=notice).differences


def replicate_study(
    root: Path,
    *,
    full: bool = False,
    jobs: int = 1,
    raw: Path | None = None,
    notice: Notice = lambda _: None,
) -> Replication:
    """Run the study in a scratch copy and compare with the record, which is left alone.

    Of the calibration, and of what `juncture calibrate` measured, every fourth entry is measured
    again, with `full` every one; the others are taken over from the record where their key is the
    same.

    Args:
        root: Study folder, with its record.
        full: Whether to measure all calibration again.
        jobs: Processes; the result does not depend on it.
        raw: Folder of the providers' files, from which the observations are then made anew.
        notice: Called with a line on each step.

    Raises:
        DataError: The study has faults, or a provider's file is absent or altered.
        UsageError: There is no record.
    """
    recorded = read_record(StudyPaths(root))
    environment = read_environment(StudyPaths(root).build)
    effort = Effort(**recorded.calibration["effort"])
    with tempfile.TemporaryDirectory(prefix="juncture-") as folder:
        scratch = Path(folder) / "study"
        copy_study(root, scratch)
        extraction = None
        if raw is not None:
            notice("reading the providers' files")
            extraction = write_extraction(raw, scratch, lambda table: _extend(table, scratch))
        outcome = run_study(
            scratch,
            jobs=jobs,
            known={} if full else _taken_over(recorded.calibration["entries"]),
            known_flips={} if full else _taken_over(recorded.calibration.get("flips", {})),
            effort=effort,
            notice=notice,
        )
        measured = _measured_again(recorded, outcome, effort, full=full, jobs=jobs)
        documents = make_documents(outcome, effort, measured=measured)
        write_documents(documents, StudyPaths(scratch))
        differences = compare_records(recorded, read_record(StudyPaths(scratch)))
    unlike = (
        None if environment is None else compare_environments(environment, describe_environment())
    )
    return Replication(outcome.study, recorded, differences, unlike, extraction)


def copy_study(root: Path, to: Path) -> None:
    """Copy what a study is made of, and nothing that was made from it."""
    paths, copies = StudyPaths(root), StudyPaths(to)
    shutil.copytree(paths.data, copies.data, ignore=shutil.ignore_patterns("derived"))
    shutil.copy2(paths.settings, copies.settings)
    if (root / LOCK).is_file():  # the report prints versions that it pins
        shutil.copy2(root / LOCK, to / LOCK)
    for part in ("size", "passages"):
        if (paths.reports / part).is_dir():
            shutil.copytree(paths.reports / part, copies.reports / part)


def _extend(table: pd.DataFrame, study: Path) -> pd.DataFrame:
    """Add the indices that a study declares to what was extracted for it."""
    declared = StudyPaths(study).composites.exists()
    return append_composites(table, read_study(study)) if declared else table


def _taken_over(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    return {
        key: entry for place, (key, entry) in enumerate(sorted(entries.items())) if place % SAMPLED
    }


def _measured_again(
    recorded: Documents, outcome: Outcome, effort: Effort, *, full: bool, jobs: int
) -> dict[str, dict[str, Entry]]:
    """What `juncture calibrate` put into the record, as far as it fits the study."""
    fitting = still_fitting(recorded.calibration, outcome.study, outcome.ground, effort)
    keys = {key for entries in fitting.values() for key in entries}
    known = {} if full else {part: _taken_over(entries) for part, entries in fitting.items()}
    service = lay_out_service(outcome.study, outcome.ground, effort)
    asked = [order for order in service.orders if order.key in keys]
    again = measure_orders(asked, service, outcome.ground, effort, known=known, jobs=jobs)
    return again.parts
