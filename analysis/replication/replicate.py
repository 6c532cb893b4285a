"""Run a study afresh in a scratch folder and compare it with its record."""

import shutil
import tempfile
from pathlib import Path

from analysis.paths import StudyPaths
from analysis.replication.compare import Difference, compare_records
from analysis.replication.documents import Documents, make_documents, write_documents
from analysis.replication.outcome import Effort, Notice, run_study
from analysis.replication.record import read_record

SAMPLED = 4  # of the calibration entries, one in this many is measured again


def replicate(
    root: Path,
    *,
    full: bool = False,
    jobs: int = 1,
    notice: Notice = lambda _: None,
) -> list[Difference]:
    """Run the study in a scratch copy and give every number of record and run with its class.

    The record is left alone. Of the calibration every fourth entry is measured again, with `full`
    every one; the others are taken over from the record where their key is the same.

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
            known={} if full else _taken_over(recorded),
            effort=effort,
            notice=notice,
        )
        documents = make_documents(outcome, effort)
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


def _taken_over(recorded: Documents) -> dict[str, dict[str, object]]:
    entries = recorded.calibration["entries"]
    return {
        key: entry for place, (key, entry) in enumerate(sorted(entries.items())) if place % SAMPLED
    }
