"""The toy study and its panel, legible at a glance; see `toy.py`."""

import math
import shutil
from pathlib import Path

import pytest

from analysis.cli import screen
from analysis.panel import Panel, assemble_panel
from analysis.records import read_study
from analysis.replication.record import run_and_record
from tests.made_study import SMALL
from tests.toy import write_toy_study


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print no lines on how far a command has come, which depend on how busy the machine is."""
    monkeypatch.setattr(screen, "SOON", math.inf)


@pytest.fixture
def toy_study(tmp_path: Path) -> Path:
    """The folder of a complete study without faults."""
    return write_toy_study(tmp_path / "toy")


@pytest.fixture
def toy_panel(toy_study: Path) -> Panel:
    """The panel of the toy study."""
    return assemble_panel(read_study(toy_study))


@pytest.fixture(scope="session")
def toy_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy study with its record, made once; to be read only."""
    root = write_toy_study(tmp_path_factory.mktemp("record") / "toy")
    run_and_record(root, effort=SMALL)
    return root


@pytest.fixture
def recorded_toy(toy_record: Path, tmp_path: Path) -> Path:
    """A copy of the toy study with its record, to be changed at will."""
    return Path(shutil.copytree(toy_record, tmp_path / "recorded"))
