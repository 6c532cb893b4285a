"""Call the command in this process, as the shell would."""

import sys
from unittest import mock

import pytest

from analysis.cli import app as command


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `juncture` with these arguments."""
    with (
        mock.patch.object(sys, "argv", ["juncture", *map(str, arguments)]),
        pytest.raises(SystemExit) as ended,
    ):
        command.main()
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err
