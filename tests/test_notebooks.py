"""Every notebook runs from top to bottom in a fresh kernel and is stored without output."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from analysis.cli.notebooks import render_notebooks, run_changed_notebooks, run_notebooks
from analysis.errors import EstimationError

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
JOBS = 2
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def write_notebook(folder: Path, name: str, *cells: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    code = [nbformat.v4.new_code_cell(cell, id=f"cell-{at}") for at, cell in enumerate(cells)]
    nbformat.write(nbformat.v4.new_notebook(cells=code), folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


@pytest.fixture
def toolkit(tmp_path, monkeypatch) -> Path:
    """Code that a notebook's stamp depends on, in place of the toolkit's own."""
    folder = tmp_path / "toolkit"
    folder.mkdir()
    (folder / "module.py").write_text("one = 1\n", encoding="utf-8")
    monkeypatch.setattr("analysis.replication.stamps.PACKAGE", folder)
    return folder


def test_there_are_notebooks_numbered_in_order():
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{at:02d}" for at in range(1, 11)]


@each_notebook
def test_a_notebook_is_stored_without_output(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@each_notebook
def test_a_notebook_begins_with_its_question_and_ends_with_the_answer(path):
    cells = nbformat.read(path, as_version=4).cells

    assert cells[0].cell_type == "markdown"
    assert re.match(r"# .*\?\n", cells[0].source)
    assert cells[-1].cell_type == "code"
    assert "**Answer.**" in cells[-1].source


@each_notebook
def test_a_notebook_defines_nothing_and_names_no_path_of_a_machine(path):
    code = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]

    for source in code:
        lines = [line.strip() for line in source.splitlines()]
        assert not [line for line in lines if line.startswith(("def ", "class "))]
        assert not re.search(r"/home/|/root/|/work/|/tmp/|/Users/|[A-Z]:\\|seed", source)


@each_notebook
def test_the_words_of_a_notebook_hold_no_result(path):
    """Results are said by the cell that computed them; a decimal in a text would be typed."""
    words = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown"]

    assert not [found for text in words for found in re.findall(r"\d*\.\d+", text)]


def test_every_notebook_runs_from_top_to_bottom_in_a_fresh_kernel():
    assert run_notebooks(FOLDER, jobs=JOBS) == NOTEBOOKS


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


def test_only_notebooks_whose_inputs_changed_run_again(tmp_path, toolkit):
    folder = tmp_path / "notebooks"
    write_notebook(folder, "01_one", "open('one', 'a').write('x')")
    write_notebook(folder, "02_two", "open('two', 'a').write('x')")
    (tmp_path / "data").mkdir()

    def ran(**how: object) -> list[str]:
        return [path.stem for path in run_changed_notebooks(tmp_path, jobs=JOBS, **how)]

    assert ran() == ["01_one", "02_two"]
    assert ran() == []
    write_notebook(folder, "02_two", "open('two', 'a').write('y')")
    assert ran() == ["02_two"]
    (tmp_path / "data/units.csv").write_text("unit\n", encoding="utf-8")
    assert ran() == ["01_one", "02_two"]
    (toolkit / "module.py").write_text("one = 2\n", encoding="utf-8")
    assert ran() == ["01_one", "02_two"]
    assert ran(full=True) == ["01_one", "02_two"]
    assert (folder / "two").read_text() == "xyyyy"


@pytest.mark.usefixtures("toolkit")
def test_what_failed_is_run_again_and_what_ran_is_not(tmp_path):
    folder = tmp_path / "notebooks"
    write_notebook(folder, "01_one", "1 + 1")
    write_notebook(folder, "02_two", "raise ValueError('no')")

    with pytest.raises(EstimationError):
        run_changed_notebooks(tmp_path)
    stamps = json.loads((tmp_path / "data/derived/notebooks.json").read_text(encoding="utf-8"))
    write_notebook(folder, "02_two", "1")

    assert list(stamps) == ["01_one.ipynb"]
    assert [path.stem for path in run_changed_notebooks(tmp_path)] == ["02_two"]


def test_a_stamp_that_cannot_be_read_is_no_stamp(tmp_path):
    write_notebook(tmp_path / "notebooks", "01_one", "1")
    (tmp_path / "data/derived").mkdir(parents=True)
    (tmp_path / "data/derived/notebooks.json").write_text("[", encoding="utf-8")

    assert len(run_changed_notebooks(tmp_path)) == 1


def test_pages_are_the_same_bytes_twice_and_need_no_network(tmp_path):
    cell = "from IPython.display import Markdown\nMarkdown('**found** <b>1</b>')"
    write_notebook(tmp_path / "notebooks", "01_one", cell, "print(2 + 3)")

    (page,) = render_notebooks(tmp_path)
    first = page.read_text(encoding="utf-8")
    render_notebooks(tmp_path)

    assert page == tmp_path / "reports/notebooks/01_one.html"
    assert page.read_text(encoding="utf-8") == first
    assert "<strong>found</strong>" in first
    assert ">5" in first.replace("\n", "")
    assert not re.search(r"""(src|href)=["']https?://|@import|url\(http""", first)
