"""How long a study takes and how much memory: measured in another process, on a scratch copy."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analysis.errors import UsageError
from analysis.exhibits.record import read_json
from analysis.paths import StudyPaths
from analysis.records.files import write_json
from analysis.records.study import Study
from analysis.replication.environment import describe_environment
from analysis.replication.outcome import Notice
from analysis.version import VERSION

FILE = "measured.json"  # beside the record, and no part of what has to be equal
KILOBYTE = 1 if platform.system() == "Darwin" else 1024  # unit of ru_maxrss


@dataclass(frozen=True, slots=True)
class Measurement:
    """One full replication of a study, and what it took.

    Attributes:
        seconds: From start to end.
        peak_bytes: Memory of the largest process; 0 where the system does not say.
        jobs: Processes asked for.
        processors: Of the machine.
        classes: Numbers of the record in each class of `juncture replicate`.
    """

    data_sha256: str
    declarations_sha256: str
    toolkit: str
    python: str
    platform: str
    seconds: float
    peak_bytes: int
    jobs: int
    processors: int
    classes: dict[str, int]


def measure_replication(study: Study, *, jobs: int, notice: Notice = lambda _: None) -> Measurement:
    """Replicate a study in full, all calibration included, in a process of its own.

    Raises:
        UsageError: The record does not come out again, or the replication failed.
    """
    notice("replicating in full")
    call = [sys.executable, "-m", "analysis", "replicate", "--full", "--json"]
    call += ["--study", str(study.root.resolve()), "--jobs", str(jobs)]
    done = _run(call)
    if done.code not in (0, 1):
        raise UsageError(f"The study could not be replicated: {done.err.strip()}")
    said = json.loads(done.out)
    if done.code == 1:
        wrong = ", ".join(each["number"] for each in said["differences"][:5])
        raise UsageError(
            f"The record does not come out again (first: {wrong}); make it anew with `juncture "
            "run` and `juncture report`, or see `juncture replicate`. Nothing was packaged."
        )
    here = describe_environment()
    return Measurement(
        data_sha256=study.data_sha256,
        declarations_sha256=study.declarations_sha256,
        toolkit=here["toolkit"],
        python=here["python"],
        platform=here["platform"],
        seconds=round(done.seconds, 1),
        peak_bytes=done.peak_bytes,
        jobs=jobs,
        processors=os.cpu_count() or 1,
        classes=said["classes"],
    )


def read_measurement(study: Study) -> Measurement | None:
    """The stored measurement, if it is of the study and toolkit as they are now."""
    path = StudyPaths(study.root).build / FILE
    if not path.exists():
        return None
    stored: dict[str, Any] = read_json(path)
    now = (study.data_sha256, study.declarations_sha256, VERSION)
    was = tuple(stored.get(name) for name in ("data_sha256", "declarations_sha256", "toolkit"))
    return Measurement(**stored) if was == now else None


def write_measurement(study: Study, measured: Measurement) -> None:
    write_json(StudyPaths(study.root).build / FILE, asdict(measured))


@dataclass(frozen=True, slots=True)
class _Done:
    code: int
    out: str
    err: str
    seconds: float
    peak_bytes: int


def _run(call: list[str]) -> _Done:
    """Run a command and take the memory of the largest process from what the system counted."""
    root = str(Path(__file__).parent.parent.parent)  # where `analysis` can be imported from
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        process = subprocess.Popen(
            call, stdout=out, stderr=err, env={**os.environ, "PYTHONPATH": path}
        )
        if hasattr(os, "wait4"):
            _, status, used = os.wait4(process.pid, 0)
            code, peak = os.waitstatus_to_exitcode(status), int(used.ru_maxrss) * KILOBYTE
            process.returncode = code
        else:
            code, peak = process.wait(), 0
        seconds = time.monotonic() - started
        out.seek(0)
        err.seek(0)
        said = (out.read().decode("utf-8"), err.read().decode("utf-8"))
    return _Done(code, *said, seconds, peak)
