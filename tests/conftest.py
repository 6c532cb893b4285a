"""The toy study and its panel, legible at a glance; see `toy.py`."""

from pathlib import Path

import pytest

from analysis.panel import Panel, assemble_panel
from analysis.records import read_study
from tests.toy import write_toy_study


@pytest.fixture
def toy_study(tmp_path: Path) -> Path:
    """The folder of a complete study without faults."""
    return write_toy_study(tmp_path / "toy")


@pytest.fixture
def toy_panel(toy_study: Path) -> Panel:
    """The panel of the toy study."""
    return assemble_panel(read_study(toy_study))
