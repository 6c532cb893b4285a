"""Run a study afresh in a scratch folder and compare it with its record."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from analysis.paths import StudyPaths
from analysis.replication.compare import Difference, compare_records
from analysis.replication.documents import Documents, make_documents, write_documents
from analysis.replication.outcome import Effort, Notice, Outcome, run_study
from analysis.replication.record import read_record
from analysis.replication.service import Entry, lay_out_service, measure_orders, still_fitting

SAMPLED = 4  # of the calibration entries, one in this many is measured again


def replicate(
    root: Path,
    *,
    full: bool = False,
    jobs: int = 1,
    notice: Notice = lambda _: None,
) -> list[Difference]:
    """Run the study in a scratch copy and give every number of record and run with its class.

    The record is left alone. Of the calibration, and of what `juncture calibrate` measured, every
    fourth entry is measured again, with `full` every one; the others are taken over from the record
    where their key is the same.

    Raises:
        DataError: The study has faults.
        UsageError: There is no record.
    """
    recorded = read_record(StudyPaths(root))
    effort = Effort(**recorded.calibration["effort"])
    with tempfile.TemporaryDirectory(prefix="juncture-") as folder:
        scratch = Path(folder) / "study"
        copy_study(root, scratch)
        outcome = run_study(
            scratch,
            jobs=jobs,
            known={} if full else _taken_over(recorded.calibration["entries"]),
            effort=effort,
            notice=notice,
        )
        measured = _measured_again(recorded, outcome, effort, full=full, jobs=jobs)
        documents = make_documents(outcome, effort, measured=measured)
        write_documents(documents, StudyPaths(scratch))
        return compare_records(recorded, read_record(StudyPaths(scratch)))


def copy_study(root: Path, to: Path) -> None:
    """Copy what a study is made of, and nothing that was made from it."""
    paths, copies = StudyPaths(root), StudyPaths(to)
    shutil.copytree(paths.data, copies.data, ignore=shutil.ignore_patterns("derived"))
    shutil.copy2(paths.settings, copies.settings)
    for part in ("size", "passages"):
        if (paths.reports / part).is_dir():
            shutil.copytree(paths.reports / part, copies.reports / part)


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
