"""What of the toolkit goes into a replication archive: its code, its licence, and the lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from analysis.replication.environment import describe_environment
from analysis.version import VERSION

PACKAGE = Path(__file__).parent.parent
LOCK = "requirements.lock"
WRITTEN = f"""\
[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"

[project]
name = "juncture"
version = "{VERSION}"
requires-python = ">=3.11"

[project.scripts]
juncture = "analysis.cli.app:main"

[tool.setuptools.packages.find]
include = ["analysis*"]

[tool.setuptools.package-data]
"*" = ["*"]
"""


@dataclass(frozen=True, slots=True, eq=False)
class Toolkit:
    """The toolkit as files of the archive.

    Attributes:
        lock: Name of the lock file in the archive.
        hashed: Whether the lock has the hashes of all files; else it has versions only.
    """

    files: Mapping[str, bytes]
    lock: str
    hashed: bool


def collect_toolkit(study: Path) -> Toolkit:
    """Code and lock, from the checkout they run in where there is one.

    The lock is the study's own, else the checkout's, else a list of the versions installed.
    """
    checkout = PACKAGE.parent
    files = {
        f"toolkit/analysis/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes()
        for path in sorted(PACKAGE.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    if (checkout / "pyproject.toml").is_file():
        for name in ("pyproject.toml", "README.md", "LICENSE", "CITATION.cff"):
            files[f"toolkit/{name}"] = (checkout / name).read_bytes()
        files["LICENSE"] = files["toolkit/LICENSE"]
    else:
        files["toolkit/pyproject.toml"] = WRITTEN.encode()
    for folder in (study, checkout):
        if (folder / LOCK).is_file():
            return Toolkit({**files, LOCK: (folder / LOCK).read_bytes()}, LOCK, True)
    versions = _list_installed()
    return Toolkit({**files, "requirements.txt": versions.encode()}, "requirements.txt", False)


def _list_installed() -> str:
    """Every distribution here but the toolkit itself, one a line."""
    found = {
        (dist.name.lower(), dist.version)
        for dist in metadata.distributions()
        if dist.name and dist.name.lower() not in ("juncture", "pip")
    }
    lines = [f"{name}=={version}\n" for name, version in sorted(found)]
    python = describe_environment()["python"]
    return f"# Installed where the archive was made, with {python}; without hashes.\n" + "".join(
        lines
    )
