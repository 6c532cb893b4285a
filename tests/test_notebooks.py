"""Every notebook runs from top to bottom in a fresh kernel and is stored without output."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from analysis.cli.notebooks import run_notebooks
from analysis.errors import EstimationError

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def write_notebook(folder: Path, name: str, *cells: str) -> None:
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=code), folder / f"{name}.ipynb")


def test_there_is_a_notebook():
    assert NOTEBOOKS


@each_notebook
def test_a_notebook_is_stored_without_output(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@each_notebook
def test_a_notebook_begins_with_its_question_and_ends_with_the_answer(path):
    cells = nbformat.read(path, as_version=4).cells

    assert cells[0].cell_type == "markdown"
    assert "?" in cells[0].source


@each_notebook
def test_a_notebook_defines_nothing_and_names_no_path_of_a_machine(path):
    code = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]

    for source in code:
        lines = [line.strip() for line in source.splitlines()]
        assert not [line for line in lines if line.startswith(("def ", "class "))]
        assert not [line for line in lines if "/home/" in line or "C:\\" in line or "seed(" in line]


@each_notebook
def test_a_notebook_runs_from_top_to_bottom_in_a_fresh_kernel(path):
    notebook = nbformat.read(path, as_version=4)

    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(FOLDER)}}).execute()


def test_a_cell_that_fails_is_named_with_its_notebook_and_what_it_said(tmp_path):
    write_notebook(tmp_path, "01_works", "1 + 1")
    write_notebook(tmp_path, "02_breaks", "year = 2012", "raise ValueError(f'no {year}')")

    with pytest.raises(
        EstimationError, match=r"notebooks/02_breaks\.ipynb does not run: ValueError: no 2012"
    ):
        run_notebooks(tmp_path)


def test_running_stores_nothing_and_gives_the_notebooks_in_order(tmp_path):
    write_notebook(tmp_path, "02_second", "open('here.txt').read()")
    write_notebook(tmp_path, "01_first", "open('here.txt', 'w').write('found')")
    before = {path: path.read_bytes() for path in tmp_path.glob("*.ipynb")}

    ran = run_notebooks(tmp_path)

    assert [path.stem for path in ran] == ["01_first", "02_second"]
    assert (tmp_path / "here.txt").read_text() == "found"  # in the folder of the notebooks
    assert {path: path.read_bytes() for path in ran} == before
