"""The public names of `analysis`: all there, all typed, and imported only when asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import analysis

SOURCE = Path(analysis.__file__).read_text(encoding="utf-8")


def names_for_type_checkers() -> dict[str, str]:
    """Module by name, as written under TYPE_CHECKING."""
    block = next(node for node in ast.parse(SOURCE).body if isinstance(node, ast.If))
    return {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("name", analysis.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name):
    assert getattr(analysis, name).__doc__


def test_type_checkers_see_the_names_that_are_there():
    assert names_for_type_checkers() == analysis.MODULES


def test_importing_the_package_imports_nothing_slow():
    code = "import sys, analysis; print(*sorted({'numpy', 'pandas', 'scipy'} & set(sys.modules)))"

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == ""


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'step'"):
        _ = analysis.step


def test_the_names_can_be_listed():
    assert dir(analysis) == sorted(analysis.__all__)
    assert len(set(analysis.__all__)) == len(analysis.__all__)


DESIGNS = (
    "steps", "date_set", "break_date", "kink", "lags", "equivalence", "counts", "shares", "order",
    "gap", "event_study", "across_dyads", "relation", "bounds", "moderation", "nonnested",
    "mediation", "asymmetry", "components", "synthetic_control",
)  # fmt: skip


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_takes_a_panel_and_words(name):
    first, *others = getattr(analysis, name).__code__.co_varnames[
        : getattr(analysis, name).__code__.co_argcount
    ]

    assert first == "panel"
    assert not others  # everything else is named
