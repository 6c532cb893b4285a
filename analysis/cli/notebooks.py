"""Run notebooks from top to bottom in a fresh kernel."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from analysis.errors import EstimationError

TIMEOUT = 300  # seconds a cell may take


def run_notebooks(folder: Path) -> list[Path]:
    """Run every notebook of `folder` in its folder; nothing is stored.

    Raises:
        EstimationError: A cell failed; says which notebook and what the cell said.
    """
    notebooks = sorted(folder.glob("*.ipynb"))
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            resources={"metadata": {"path": str(folder)}},
            extra_arguments=["--IPKernelApp.log_level=40"],  # errors only
        )
        try:
            client.execute()
        except CellExecutionError as error:
            said = f"{error.ename}: {error.evalue}"
            raise EstimationError(f"notebooks/{path.name} does not run: {said}") from error
    return notebooks
