"""The set-up says one thing: pyproject.toml, requirements.lock and environment.yml agree."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENVIRONMENT = (ROOT / "environment.yml").read_text(encoding="utf-8")

CONDA_NAMES = {"arch-py": "arch", "matplotlib-base": "matplotlib", "typst-py": "typst"}
# Modules whose package has another name; the rest are named alike.
PACKAGES = {"IPython": "ipykernel"}
# Of conda's own making; nothing the package declares.
CONDA_ONLY = {"python", "pip"}


def direct_dependencies() -> dict[str, Requirement]:
    extras = PROJECT["optional-dependencies"]
    declared = map(Requirement, [*PROJECT["dependencies"], *extras["dev"], *extras["docs"]])
    return {canonicalize_name(requirement.name): requirement for requirement in declared}


def lock_blocks() -> dict[str, str]:
    """Every requirement of the lock with the lines that belong to it, by name."""
    blocks = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    return {canonicalize_name(re.split(r"[=\[ ]", block, maxsplit=1)[0]): block for block in blocks}


def locked_version(block: str) -> str:
    found = re.match(r"[A-Za-z0-9_.\[\],-]+==([^ ;]+)", block)
    assert found, f"not pinned to one version: {block.splitlines()[0]}"
    return found[1]


def conda_versions() -> dict[str, str]:
    """Versions by name; those that conda hands on to pip stand one step further in."""
    pins = re.findall(r"^  - ([a-z0-9-]+)=([^=\s]+)$", ENVIRONMENT, flags=re.MULTILINE)
    by_pip = re.findall(r"^      - ([a-z0-9-]+)==([^=\s]+)$", ENVIRONMENT, flags=re.MULTILINE)
    assert not {name for name, _ in pins} & {name for name, _ in by_pip}
    return {CONDA_NAMES.get(name, name): version for name, version in [*pins, *by_pip]}


def test_every_direct_dependency_is_locked_at_a_version_pyproject_allows():
    blocks = lock_blocks()

    for name, requirement in direct_dependencies().items():
        assert name in blocks, f"{name} is not in requirements.lock; run make lock"
        assert requirement.specifier.contains(locked_version(blocks[name])), name


def test_environment_and_lock_name_the_same_versions_of_the_direct_dependencies():
    blocks = lock_blocks()
    locked = {name: locked_version(blocks[name]) for name in direct_dependencies()}

    assert conda_versions() == locked


def test_environment_holds_nothing_that_is_not_declared():
    entry = r"^(?:  |      )- ([a-z][a-z0-9-]*)[<>=\d.]*$"
    listed = set(re.findall(entry, ENVIRONMENT, flags=re.MULTILINE))

    channels = {"conda-forge", "nodefaults"}
    assert {CONDA_NAMES.get(name, name) for name in listed - channels - CONDA_ONLY} == set(
        direct_dependencies()
    )


def test_every_locked_requirement_carries_hashes_and_nothing_else():
    lines_of_hashes = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")

    for name, block in lock_blocks().items():
        _, *rest = [line for line in block.splitlines() if not line.lstrip().startswith("#")]
        assert rest, f"{name} has no hash"
        assert all(lines_of_hashes.match(line) for line in rest), name


def test_the_lock_is_made_for_more_than_one_platform():
    """numpy 2.4 has wheels for Linux, macOS and Windows, each for several Pythons."""
    assert lock_blocks()["numpy"].count("--hash=") > 20


@pytest.mark.parametrize("trace", ["://", "file:", " @ ", "--index", "--find-links", "-e ", " /"])
def test_the_lock_holds_no_address_and_no_path(trace):
    assert trace not in LOCK


def test_the_build_backend_is_locked_so_that_installing_fetches_nothing_unpinned():
    blocks = lock_blocks()

    for line in PYPROJECT["build-system"]["requires"]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(locked_version(blocks[requirement.name]))


def test_one_version_of_python_is_asked_for_everywhere():
    conda_python = re.search(r"^  - python(\S+)$", ENVIRONMENT, flags=re.MULTILINE)

    assert SpecifierSet(PROJECT["requires-python"]) == SpecifierSet(">=3.11")
    assert conda_python
    assert conda_python[1] == PROJECT["requires-python"]
    assert PYPROJECT["tool"]["mypy"]["python_version"] == "3.11"
    assert PYPROJECT["tool"]["ruff"]["target-version"] == "py311"


def test_no_locked_package_is_kept_from_a_python_we_support():
    """A marker may set aside a platform or an old Python's backport, never 3.12 or 3.13 alone."""
    for name in direct_dependencies():
        first = lock_blocks()[name].splitlines()[0].removesuffix("\\")
        marker = first.partition(";")[2].strip()
        for version in ("3.11", "3.12", "3.13"):
            environment = {"python_version": version, "python_full_version": f"{version}.0"}
            assert not marker or Marker(marker).evaluate(environment), (name, version)


def imported_packages(folder: Path) -> set[str]:
    modules = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    ours = {"analysis", "tests", "benchmarks"}
    others = modules - ours - set(sys.stdlib_module_names)
    return {canonicalize_name(PACKAGES.get(module, module)) for module in others}


def test_the_package_imports_only_what_it_declares():
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *extras["cluster"], *extras["large"], *extras["parquet"]]
    declared = {canonicalize_name(Requirement(line).name) for line in lines}

    assert imported_packages(ROOT / "analysis") <= declared


def test_version_is_the_same_in_package_citation_and_changelog():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"\nversion: {PROJECT['version']}\n" in citation
    assert f"\n## [{PROJECT['version']}]" in changelog
    assert metadata.version("juncture") == PROJECT["version"]


def test_console_command_is_the_module_the_package_declares():
    (command,) = metadata.entry_points(group="console_scripts", name="juncture")

    assert command.value == PROJECT["scripts"]["juncture"]


@pytest.mark.parametrize("script", [".ci/run", ".ci/setup"])
def test_scripts_may_be_executed(script):
    assert os.access(ROOT / script, os.X_OK)


def run_setup(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the set-up script in `folder`, which has nothing to install from."""
    for name in ("requirements.lock", "pyproject.toml"):
        (folder / name).write_text("", encoding="utf-8")
    script = folder / ".ci" / "setup"
    script.parent.mkdir()
    script.write_bytes((ROOT / ".ci" / "setup").read_bytes())
    return subprocess.run(
        ["/bin/sh", str(script)],
        env={"PATH": "/usr/bin:/bin", "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_is_too_old_is_refused_with_a_remedy(tmp_path):
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)

    done = run_setup(tmp_path, str(old))

    assert done.returncode == 2
    assert "does not run, is older than 3.11, or lacks venv" in done.stderr
    assert "PYTHON=python3.12 make test" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_make_lists_its_targets():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)

    for target in ("reproduce", "test", "check", "lock", "notebooks", "size", "bench", "clean"):
        assert re.search(rf"make {target} +\w", listed.stdout), target
