"""Tell whether something made before would come out the same: digests of all it was made from.

Stamps lie beside the derived data, which are never committed, so that whoever takes a study over
computes it. A record altered by hand does not bear its stamp.
"""

import hashlib
import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analysis.paths import StudyPaths

PACKAGE = Path(__file__).parent.parent


def toolkit_files() -> list[Path]:
    """The toolkit's code."""
    return sorted(PACKAGE.rglob("*.py"))


def study_files(paths: StudyPaths) -> list[Path]:
    """The toolkit's code, and everything a study declares, holds and has on record."""
    study = [path for path in paths.data.rglob("*") if paths.derived not in path.parents]
    record = paths.build.glob("*.json")
    files = (paths.settings, *toolkit_files(), *study, *record)
    return sorted(path for path in files if path.is_file())


def digest_files(files: Iterable[Path], start: str = "", *, root: Path | None = None) -> str:
    """Names and contents of files, and the version of Python, as 32 hexadecimal digits.

    Files below `root` or the package are named by their place there, others by their name alone.
    """
    digest = hashlib.sha256(f"{start}|{platform.python_version()}".encode())
    for path in files:
        digest.update(_place(path, (root, PACKAGE)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _place(path: Path, folders: Iterable[Path | None]) -> str:
    for folder in folders:
        if folder is not None and path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.name


def read_stamps(store: Path) -> dict[str, Any]:
    """What was made here, by name; nothing where there is no such file or it cannot be read."""
    try:
        stamps = json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}
