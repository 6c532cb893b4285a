"""Run a study and keep its record: read the one there is, write the new one."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analysis.errors import UsageError
from analysis.exhibits.gather import LOCK
from analysis.exhibits.record import read_json
from analysis.panel.save import save_panel
from analysis.paths import StudyPaths
from analysis.records.files import write_json
from analysis.records.study import Study
from analysis.replication.documents import Documents, make_documents, write_documents
from analysis.replication.environment import describe_environment, write_environment
from analysis.replication.outcome import Effort, Notice, Outcome, run_study
from analysis.replication.service import still_fitting
from analysis.replication.stamps import digest_files, read_stamps, study_files, toolkit_files
from analysis.verdict.view_shelf import ViewShelf

UNCHANGED = (
    "Nothing has changed since this record was made here, so nothing was computed; --full makes "
    "every test again."
)
CHANGED = "The declarations have changed since the last results were recorded."


def run_and_record(
    root: Path,
    *,
    only: tuple[str, ...] = (),
    jobs: int = 1,
    effort: Effort | None = None,
    full: bool = False,
    notice: Notice = lambda _: None,
    warn: Notice = lambda _: None,
    tell: Notice = lambda _: None,
) -> Documents:
    """Run the study, write panel and record, and give what was written.

    With `only`, the other verdicts of the record are kept, provided that it was made from the
    same data and declarations. A record that was made here from the very same data, declarations,
    code and versions stands as it is, unless `full` asks for it again; `tell` is called then.
    `warn` is called where declarations changed after results.

    Raises:
        DataError: The study has faults.
        UsageError: `only` names an unknown id, or there is no record to keep the others of.
    """
    effort = effort or Effort()
    paths = StudyPaths(root)
    if not (only or full) and _stands(paths, effort):
        tell(UNCHANGED)
        return read_record(paths)
    calibration, earlier = _calibration(paths), _earlier(paths, needed=bool(only))
    outcome = run_study(
        root,
        only=only,
        jobs=jobs,
        known={**calibration.get("entries", {}), **_unfinished(paths)},
        known_flips=calibration.get("flips", {}),
        views=_view_shelf(paths, full=full),
        effort=effort,
        notice=notice,
        keep=lambda measured: write_json(paths.measured, measured),
    )
    if earlier and earlier.declarations != outcome.study.declarations_sha256:
        warn(CHANGED)
    kept = _kept(earlier, outcome) if only else None
    measured = still_fitting(calibration, outcome.study, outcome.ground, effort)
    documents = make_documents(outcome, effort, kept, measured, calibration)
    save_panel(outcome.ground.panel, paths)
    write_documents(documents, paths)
    write_environment(paths.build)
    paths.measured.unlink(missing_ok=True)
    paths.seen.unlink(missing_ok=True)
    if only:
        paths.stamp.unlink(missing_ok=True)
    else:
        write_json(paths.stamp, {"record": _stamp(paths, effort)})
    return documents


def _view_shelf(paths: StudyPaths, *, full: bool) -> ViewShelf:
    """What the record holds, and a run that did not come to its end; with `full` none of it.

    What the latter saw is taken over by the very same code alone.
    """
    code = digest_files(toolkit_files())
    known = {} if full else {**read_stamps(paths.views), **read_stamps(paths.seen).get(code, {})}
    return ViewShelf(known=known, keep=lambda used: write_json(paths.seen, {code: used}))


def _stands(paths: StudyPaths, effort: Effort) -> bool:
    """Whether the record was made here, from all that there is now, and has not been touched."""
    made = read_stamps(paths.stamp).get("record")
    return bool(made) and paths.panel.exists() and made == _stamp(paths, effort)


def _stamp(paths: StudyPaths, effort: Effort) -> str:
    beside = [path for path in (paths.reports / "size").rglob("*") if path.is_file()]
    lock = [path for path in [paths.root / LOCK] if path.is_file()]
    start = json.dumps([asdict(effort), describe_environment()], sort_keys=True)
    made = [path for path in [paths.panel] if path.is_file()]
    files = [*study_files(paths), *sorted(beside), *lock, *made]
    return digest_files(files, start, root=paths.root)


def read_record(paths: StudyPaths) -> Documents:
    """Read the six files of the record; one from before there were paths or views has none.

    Raises:
        UsageError: One is missing or is not JSON.
    """
    return Documents(
        verdicts=read_json(paths.verdicts),
        calibration=read_json(paths.calibration),
        numbers=read_json(paths.numbers),
        curves=read_json(paths.curves),
        paths=read_json(paths.paths) if paths.paths.exists() else {},
        views=read_json(paths.views) if paths.views.exists() else {},
    )


def is_of(record: Documents, study: Study) -> bool:
    """Whether a record was made from the data and declarations of a study as they are now."""
    now = (study.data_sha256, study.declarations_sha256)
    return (record.data, record.declarations) == now


def _earlier(paths: StudyPaths, *, needed: bool) -> Documents | None:
    """The record there is; one that is not whole is as none where nothing of it is needed."""
    try:
        return read_record(paths) if paths.verdicts.exists() else None
    except UsageError:
        if needed:
            raise
        return None


def _kept(earlier: Documents | None, outcome: Outcome) -> Documents:
    if earlier is None or not is_of(earlier, outcome.study):
        raise UsageError(
            "The record is not of these data and declarations, so the verdicts left out by --only "
            "cannot be kept; run without --only first."
        )
    return earlier


def _unfinished(paths: StudyPaths) -> dict[str, Any]:
    """What a run that did not come to its end had measured, by key."""
    return read_json(paths.measured) if paths.measured.exists() else {}


def _calibration(paths: StudyPaths) -> dict[str, Any]:
    return read_json(paths.calibration) if paths.calibration.exists() else {}
