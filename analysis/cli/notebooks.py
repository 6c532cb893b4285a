"""Run notebooks from top to bottom in a fresh kernel, side by side, and make pages of them.

A notebook whose inputs have not changed since it last ran need not run again: its text, the code of
the toolkit, the data and declarations of its study and the record. What ran is kept, as a digest of
these, beside the derived data, which are never committed.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from analysis.errors import EstimationError
from analysis.paths import StudyPaths
from analysis.records.files import write_json
from analysis.replication.stamps import digest_files, read_stamps, study_files

TIMEOUT = 300  # seconds a cell may take
STAMPS = "notebooks.json"
SHOWN_PAGES = "notebooks"  # below reports/
STYLE = """
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a;
       font: 16px/1.5 system-ui, sans-serif; }
.jp-InputPrompt, .jp-OutputPrompt, .anchor-link { display: none; }
pre { overflow-x: auto; padding: .6rem; background: #f6f6f6; font-size: 13px; }
table { border-collapse: collapse; font-size: 13px; display: block; overflow-x: auto; }
th, td { padding: .15rem .6rem; border-bottom: 1px solid #ddd; text-align: right; }
th { text-align: left; }
img { max-width: 100%; }
"""


def run_notebooks(folder: Path, *, jobs: int = 1) -> list[Path]:
    """Run every notebook of `folder` in its folder; nothing is stored.

    Raises:
        EstimationError: A cell failed; says which notebook and what the cell said.
    """
    return [path for path, _ in _execute_all(sorted(folder.glob("*.ipynb")), jobs)]


def run_changed_notebooks(root: Path, *, jobs: int = 1, full: bool = False) -> list[Path]:
    """Run the notebooks of the study at `root` whose inputs have changed since they last ran.

    Args:
        root: Study folder.
        jobs: Notebooks that run side by side.
        full: Whether to run those that have not changed, too.

    Returns:
        Those that ran.

    Raises:
        EstimationError: A cell failed; those that ran to their end are not run again.
    """
    paths = StudyPaths(root)
    notebooks = sorted(paths.notebooks.glob("*.ipynb"))
    store = paths.derived / STAMPS
    known = {} if full else read_stamps(store)
    common = digest_files(study_files(paths), root=paths.root)
    now = {path.name: digest_files([path], common) for path in notebooks}
    waiting = [path for path in notebooks if known.get(path.name) != now[path.name]]
    kept = {name: stamp for name, stamp in known.items() if now.get(name) == stamp}
    ran = []
    try:
        for path, _ in _execute_all(waiting, jobs):
            ran.append(path)
            kept[path.name] = now[path.name]
    finally:
        if ran:
            paths.derived.mkdir(parents=True, exist_ok=True)
            write_json(store, dict(sorted(kept.items())))
    return ran


def render_notebooks(root: Path, *, jobs: int = 1) -> list[Path]:
    """Run every notebook of the study at `root` and write a page of each below its reports.

    The pages need no network and are the same bytes on every run.

    Raises:
        EstimationError: A cell failed.
    """
    paths = StudyPaths(root)
    executed = _execute_all(sorted(paths.notebooks.glob("*.ipynb")), jobs)
    pages = []
    for path, notebook in executed:
        page = paths.reports / SHOWN_PAGES / f"{path.stem}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        beside = page.with_suffix(".part")
        beside.write_text(_to_html(path.stem, notebook), encoding="utf-8")
        beside.replace(page)
        pages.append(page)
    return pages


def _execute_all(
    notebooks: Iterable[Path], jobs: int
) -> Iterator[tuple[Path, nbformat.NotebookNode]]:
    """Each notebook with its output, in order."""
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        running = [(path, pool.submit(_execute, path)) for path in notebooks]
        try:
            for path, future in running:
                yield path, future.result()
        finally:
            for _, future in running:
                future.cancel()  # those that have not begun, if one has failed


def _execute(path: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--IPKernelApp.log_level=40"],  # errors only
    )
    try:
        asyncio.run(client.async_execute())  # a loop of its own, closed after it
    except CellExecutionError as error:
        said = f"{error.ename}: {error.evalue}"
        raise EstimationError(f"notebooks/{path.name} does not run: {said}") from error
    return notebook


def _to_html(title: str, notebook: nbformat.NotebookNode) -> str:
    from nbconvert import HTMLExporter  # here: slow to import, and only pages need them

    exporter = HTMLExporter(template_name="basic")  # type: ignore[no-untyped-call]
    body, resources = exporter.from_notebook_node(notebook)
    colours = "\n".join(resources["inlining"]["css"])  # of highlighted code
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(_heading(notebook) or title)}</title>\n"
        f"<style>{STYLE}{colours}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        "</body>\n</html>\n"
    )


def _heading(notebook: nbformat.NotebookNode) -> str:
    first = str(notebook.cells[0].source) if notebook.cells else ""
    return first.split("\n", 1)[0].removeprefix("# ")


def main() -> None:
    """Make the pages: `python -m analysis.cli.notebooks`."""
    parser = argparse.ArgumentParser(description="Run the notebooks and make pages of them.")
    parser.add_argument("--study", type=Path, default=Path(), metavar="DIR")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    asked = parser.parse_args()
    try:
        pages = render_notebooks(asked.study, jobs=asked.jobs)
    except EstimationError as error:
        sys.exit(str(error))
    for page in pages:
        sys.stdout.write(f"{page}\n")


if __name__ == "__main__":
    main()
