"""The documentation site: built without network, whole, and true where it can be run."""

import os
import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import analysis
from analysis.cli.examples import EXAMPLES
from analysis.records.study import check_study
from analysis.replication.new import make_example_study
from analysis.replication.outcome import run_study
from tests.made_study import SMALL

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
# A socket that goes anywhere ends the build.
NO_NETWORK = """\
import runpy, socket, sys
def refuse(*_, **__):
    raise OSError("the build asked the network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
sys.argv = ["mkdocs", *sys.argv[1:]]
runpy.run_module("mkdocs", run_name="__main__")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built with warnings as errors and no network."""
    folder = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


class Links(HTMLParser):
    """What a page loads, where it leads, and the names it can be linked by."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.names: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if name := given.get("id"):
            self.names.add(name)
        if source := given.get("src"):
            self.loads.append(source)
        if target := given.get("href"):
            (self.loads if tag == "link" else self.leads).append(target)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Links]:
    return {page: Links(page) for page in sorted(site.rglob("*.html")) if page.name != "404.html"}


def test_every_page_of_docs_is_in_the_site(site):
    for page in DOCS.rglob("*.md"):
        assert (site / page.relative_to(DOCS)).with_suffix(".html").is_file(), page
    assert (site / "contributing.html").is_file()


def test_pages_load_nothing_from_elsewhere_and_only_what_is_there(site, pages):
    for page, links in pages.items():
        for source in links.loads:
            assert not urlsplit(source).netloc, f"{page.name} loads {source}"
            if not source.startswith("data:"):
                assert (page.parent / unquote(urlsplit(source).path)).is_file(), (page, source)
    styles = "".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    assert not re.findall(r"(?:@import|url\()[\"' ]*(?:https?:)?//", styles)


def test_every_link_within_the_site_leads_to_a_page_and_a_heading(pages):
    for page, links in pages.items():
        for target in links.leads:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            aim = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if aim.suffix == "" or aim.name == "404.html":
                aim = aim / "index.html"
            assert aim in pages, f"{page.name}: {target}"
            name = unquote(parts.fragment)
            assert not name or name.startswith("__") or name in pages[aim].names, (page, target)


def test_the_reference_has_every_name_of_the_package_with_its_first_line(site):
    text = (site / "reference" / "python.html").read_text(encoding="utf-8")
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))

    for name in analysis.__all__:
        thing = getattr(analysis, name)
        assert f'id="{thing.__module__}.{thing.__qualname__}"' in text, name
    assert "Panel" in plain
    assert "Values by unit and year, one column for each variable." in plain


def test_the_reference_has_the_help_of_every_command(site):
    text = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    plain = re.sub(r"<[^>]+>", "", text).replace("&gt;", ">")

    for name, calls in EXAMPLES.items():
        assert f"Usage: juncture {name}" in plain
        assert all(call in plain for call in calls)


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return [code for kind, code in FENCE.findall(text) if kind == language]


def test_the_hypothesis_of_the_how_to_is_added_by_toml_alone_and_decided(tmp_path, monkeypatch):
    """Trade steps up by 35 from about 130: a ratio of about 1.27."""
    monkeypatch.setattr("analysis.verdict.turning.find_flip", lambda *_: None)
    study = make_example_study(tmp_path / "first-study")
    (toml,) = blocks("how-to/add-a-hypothesis.md", "toml")
    with (study / "data" / "hypotheses.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{toml}")

    assert check_study(study) == ()
    verdicts = run_study(study, only=("B-1.trade-ratio",), effort=SMALL).verdicts
    verdict = verdicts["B-1.trade-ratio"].to_dict()
    assert verdict["finding"] == "supported"
    low, high = verdict["intervals"]["95"]
    assert low < 1.27 < high
    assert [look["name"] for look in verdict["robustness"]["looks"]] == ["no trend"]


def test_the_python_of_the_how_to_prints_its_results(capsys):
    scope: dict[str, object] = {}
    shown = []
    for code in blocks("how-to/own-study.md", "python"):
        exec(code, scope)
        shown.append(capsys.readouterr().out)

    steps, control = shown
    assert "treaty" in steps
    assert "visits of D00" in control


def test_the_python_of_the_readme_prints_its_result():
    """Not run here: it reads the whole first study, which other tests do."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = [code for kind, code in FENCE.findall(readme) if kind == "python"]

    compile(code, "README.md", "exec")
    assert code.endswith("print(result)\n")


def test_every_command_the_pages_show_exists():
    known = {name: re.compile(rf"juncture {name}\b") for name in EXAMPLES}
    shown = [
        line.split("#")[0].strip()
        for page in DOCS.rglob("*.md")
        for kind, code in FENCE.findall(page.read_text(encoding="utf-8"))
        if kind == ""
        for line in code.splitlines()
        if line.startswith("juncture ")
    ]

    assert len(shown) > 10
    assert [line for line in shown if not any(each.match(line) for each in known.values())] == []


def test_make_docs_and_the_extra_are_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert any(
        line.startswith("mkdocs-material") for line in project["optional-dependencies"]["docs"]
    )
    assert re.search(r"^docs: setup .*\n\t@\$\(RUN\) mkdocs build", makefile, flags=re.MULTILINE)
    assert "\nbuild/\n" in (ROOT / ".gitignore").read_text(encoding="utf-8")
