"""Imports run one way: a stage knows the stages before it, never those after."""

import ast
from pathlib import Path

import pytest

STAGES = [
    "records", "sources", "panel", "kernel", "design", "estimation", "calibration", "verdict",
    "exhibits", "replication", "cli",
]  # fmt: skip
FOR_ALL = ["errors", "paths", "version"]
PACKAGE = Path(__file__).parent.parent / "analysis"
MODULES = sorted(path for stage in STAGES for path in PACKAGE.glob(f"{stage}/**/*.py"))


def imported_stages(code: str) -> set[str]:
    """The stages of `analysis` that a module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    parts = {tuple(name.split(".")) for name in names}
    return {part[1] for part in parts if part[0] == "analysis" and len(part) > 1}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_its_own_stage_and_those_before_it(module):
    stage = module.relative_to(PACKAGE).parts[0]
    before = STAGES[: STAGES.index(stage) + 1]

    assert imported_stages(module.read_text()) <= {*FOR_ALL, *before}


@pytest.mark.parametrize("name", FOR_ALL)
def test_what_every_stage_may_import_imports_nothing_of_the_package(name):
    assert imported_stages((PACKAGE / f"{name}.py").read_text()) == set()


def test_no_folder_of_the_package_is_left_out():
    folders = {path.parent.relative_to(PACKAGE).parts[0] for path in PACKAGE.glob("*/**/*.py")}

    assert folders <= set(STAGES)


def test_an_import_inside_a_function_is_seen():
    code = "def f():\n    from analysis.verdict import rule\n    import analysis.cli.app"

    assert imported_stages(code) == {"verdict", "cli"}
