"""Make a replication archive: study, record, toolkit and lock in one zip, the same bytes twice."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import UsageError
from analysis.paths import StudyPaths
from analysis.records.files import write_bytes_atomically
from analysis.records.study import Study, read_study
from analysis.replication.crate import METADATA, describe_crate
from analysis.replication.documents import Documents
from analysis.replication.measured import (
    Measurement,
    measure_replication,
    read_measurement,
    write_measurement,
)
from analysis.replication.outcome import Notice
from analysis.replication.package_readme import write_readme
from analysis.replication.package_toolkit import collect_toolkit
from analysis.replication.record import is_of, read_record

README, SUMS = "README.md", "SHA256SUMS"
LEFT_OUT = ("derived", "__pycache__", ".ipynb_checkpoints")
# The zip format cannot say less than this; a file's time is no fact about a study.
MOMENT = (1980, 1, 1, 0, 0, 0)
MODE = 0o644 << 16
UNIX = 3


@dataclass(frozen=True, slots=True)
class Archive:
    """What was packaged.

    Attributes:
        path: The zip.
        files: How many are in it.
        sha256: Of the zip.
        measured: What a full replication took.
    """

    path: Path
    files: int
    sha256: str
    measured: Measurement


def make_package(
    root: Path,
    out: Path,
    *,
    jobs: int = 2,
    again: bool = False,
    notice: Notice = lambda _: None,
) -> Archive:
    """Write the replication archive of the study at `root` to the file `out`.

    The study is first replicated in full, which is measured, unless that was done for the same
    data, declarations and toolkit before. With the same record and measurement, the same bytes.

    Args:
        root: Study folder, with its record.
        out: The zip; replaced if it is there.
        jobs: Processes for the replication.
        again: Whether to measure although there is a measurement.
        notice: Called with a line on each step.

    Raises:
        DataError: The study has faults.
        UsageError: There is no record, it is of other data or declarations, or it does not come out
            again.
    """
    study, record = read_study(root), read_record(StudyPaths(root))
    if not is_of(record, study):
        raise UsageError(
            "The record is not of these data and declarations; run the study again before it is "
            "packaged."
        )
    measured = None if again else read_measurement(study)
    if measured is None:
        measured = measure_replication(study, jobs=jobs, notice=notice)
        write_measurement(study, measured)
    notice("packing")
    content = pack(lay_out_archive(study, record, measured))
    write_bytes_atomically(out, content)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        files = len(packed.namelist())
    return Archive(out, files, hashlib.sha256(content).hexdigest(), measured)


def lay_out_archive(study: Study, record: Documents, measured: Measurement) -> dict[str, bytes]:
    """Every file of the archive by its name in it."""
    toolkit = collect_toolkit(study.root)
    files = {f"study/{name}": content for name, content in _collect_study(study.root).items()}
    files |= toolkit.files
    size = sum(map(len, files.values()))
    files[README] = write_readme(study, record, measured, toolkit, files, size).encode()
    described = describe_crate(study, record, {name: len(files[name]) for name in files})
    files[METADATA] = described.encode()
    files[SUMS] = _sum(files).encode()
    return files


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip with sorted names, one moment and one mode, whatever those of the files are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, MOMENT)
            member.external_attr, member.create_system = MODE, UNIX
            archive.writestr(member, files[name], zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def _collect_study(root: Path) -> dict[str, bytes]:
    """Declarations, data, notebooks, raw files and everything that came out."""
    paths = StudyPaths(root)
    found = {paths.settings.name: paths.settings.read_bytes()}
    for name in ("README.md", "LICENSE", "CITATION.cff"):
        if (root / name).is_file():
            found[name] = (root / name).read_bytes()
    for folder in (paths.data, paths.notebooks, paths.reports, root / "raw"):
        for path in _walk(folder):
            found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found


def _walk(folder: Path) -> Iterable[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in LEFT_OUT for part in parts)
        if path.is_file() and not hidden and path.suffix != ".zip":
            yield path


def _sum(files: Mapping[str, bytes]) -> str:
    """What `sha256sum --check` reads."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
