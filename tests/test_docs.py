"""The documents can be relied on: links lead somewhere, and what they name exists."""

import re
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from analysis.records.designs import (
    ALTERNATIVES,
    ALWAYS,
    DESIGNS,
    EFFECT_UNITS,
    ESTIMATING,
    PERHAPS,
    ROLES,
    TRANSFORMS,
    TRENDS,
)
from analysis.records.forms import FORMS, SCALES

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
STUDY = (ROOT / "docs" / "study.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```.*?^```$", flags=re.DOTALL | re.MULTILINE)


def without_code(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def relative_links(page: Path) -> list[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", without_code(page))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """The names a page's headings can be linked by."""
    headings = re.findall(r"^#+ +(.+)$", without_code(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in headings}


def section(title: str) -> str:
    """The text of docs/study.md below a heading, up to the next of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(title)}\n", STUDY, flags=re.MULTILINE)
    assert found, f"docs/study.md has no heading {title!r}"
    rest = STUDY[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", FENCE.sub(lambda m: " " * len(m[0]), rest), re.M)
    return rest[: end.start()] if end else rest


def commands_of_this_version() -> list[str]:
    """First words of the rows `juncture NAME ...` in the table of commands."""
    return re.findall(r"^\| `juncture (\w+)", section("Commands"), flags=re.MULTILINE)


def test_the_pages_are_found():
    assert {"README.md", "study.md", "index.md"} <= {page.name for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_to_a_file_and_a_heading(page):
    for link in relative_links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert target.is_relative_to(ROOT), f"{page.name}: {link} leaves the repository"
        assert not anchor or anchor in anchors(target), f"{page.name}: no heading for {link}"


def test_the_index_lists_every_decision():
    listed = relative_links(ROOT / "docs" / "index.md")

    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        assert f"decisions/{page.name}" in listed


def test_every_decision_says_what_was_not_chosen():
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
        assert text.startswith(f"# {page.name[:4]}: "), page.name
        assert headings == ["Context", "Choice", "What follows", "What was not chosen"], page.name


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = project["dependencies"] + extras["dev"] + extras["docs"]
    page = (ROOT / "docs" / "decisions" / "0003-dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?) \|", page, flags=re.MULTILINE)

    explained = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert sorted(explained) == sorted(re.split(r"[<>=~!]", line)[0] for line in declared)


def test_the_command_table_and_the_command_name_the_same_commands():
    from analysis.cli.app import app

    offered = set(typer.main.get_group(app).commands)

    assert set(commands_of_this_version()) == offered


@pytest.mark.parametrize("command", commands_of_this_version())
def test_each_command_knows_the_options_its_row_names(command):
    from analysis.cli.app import app

    row = re.search(rf"^\| `juncture {command}\b.*$", section("Commands"), flags=re.MULTILINE)
    assert row
    reads_a_study = {"--study"} if command not in ("new", "plan") else set()
    options = {*reads_a_study, *re.findall(r"`(--[a-z-]+)", row[0])}
    known = {
        name
        for parameter in typer.main.get_group(app).commands[command].params
        for name in parameter.opts
    }

    assert options <= known


def test_help_of_the_command_names_every_command_of_the_table():
    from analysis.cli.app import app

    shown = CliRunner().invoke(app, ["--help"]).output

    assert [command for command in commands_of_this_version() if command not in shown] == []


def test_the_page_gives_the_columns_and_keys_of_every_table():
    rows = re.findall(r"^\| `(\w+\.csv)` \| (.+?) \| (.+?) \|$", section("Tables"), flags=re.M)

    written = {table: (columns.split(", "), key.split(", ")) for table, columns, key in rows}
    assert written == {Path(form.file).name: (list(form.names), list(form.key)) for form in FORMS}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.file)
def test_the_page_says_which_cells_may_be_blank(form):
    rows = re.findall(r"^\| (\w+) \| (may be)? ?\| .+ \|$", section(Path(form.file).name), re.M)

    assert rows == [(column.name, "may be" if column.blank else "") for column in form.columns]


@pytest.mark.parametrize("words", [TRANSFORMS, TRENDS, ALTERNATIVES, EFFECT_UNITS, ROLES, SCALES])
def test_the_page_names_every_word_of_a_closed_choice(words):
    assert [word for word in words if f"`{word}`" not in STUDY] == []


def test_the_page_names_every_design_and_its_keys():
    rows = {
        design: row
        for row in re.findall(r"^\| `.+\|$", section("Designs"), flags=re.MULTILINE)
        for design in re.findall(r"`(\w+)`", row.split("|")[1])
    }

    assert set(rows) == set(DESIGNS)
    for design, keys in DESIGNS.items():
        assert [key for key in keys.own if f"`{key}`" not in rows[design]] == [], design


def test_the_page_explains_every_key_of_a_hypothesis():
    rows = re.findall(r"^\| (`.+?) \|", section("hypotheses.toml"), flags=re.MULTILINE)
    explained = {name for row in rows for name in re.findall(r"`(\w+)`", row)}

    assert explained == {*ALWAYS, *ESTIMATING, *PERHAPS} - {"look"}


def test_readme_opens_with_the_two_commands():
    first_block = FENCE.search((ROOT / "README.md").read_text(encoding="utf-8"))

    assert first_block
    calls = [line.split("#")[0].strip() for line in first_block[0].splitlines()[1:-1]]
    assert calls == ["make reproduce", "make test"]
