"""What `mkdocs build` does beside its own: links out of `docs/`, the repository's pages, reference.

Pages in `docs/` are written to be read in the repository, where they link to files beside `docs/`.
Here those that are pages or pictures come along; others are named without a link.
"""

import re
import sys
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent.parent
PAGES = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
PICTURES = (".svg", ".png")
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"(^```.*?^```$)", flags=re.DOTALL | re.MULTILINE)

sys.path.insert(0, str(ROOT))  # `analysis`, whether it is installed or not


def on_config(config: Any) -> Any:
    """List the decisions in the menu, each by its title."""
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    for entry in config.nav:
        if "Decisions" in entry:
            entry["Decisions"] = [
                {_title(page): page.relative_to(ROOT / "docs").as_posix()} for page in pages
            ]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages of the repository, and every picture that a page shows from outside."""
    for name, place in PAGES.items():
        content = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, place, content=content))
    for file in list(files.documentation_pages()):
        for bang, _, target, _ in LINK.findall(FENCE.sub("", file.content_string)):
            path = _outside(file.src_uri, target)
            place = _place(path) if path and bang and path.suffix in PICTURES else None
            if path and place and not files.get_file_from_path(place):
                files.append(File.generated(config, place, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links out of `docs/` to where their targets are in the site; fill the reference."""
    here = page.file.src_uri

    def rewrite(match: re.Match[str]) -> str:
        bang, words, target, anchor = match.groups()
        path = _outside(here, target)
        if path is None:
            return match[0]
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("docs/"):
            return f"{bang}[{words}]({_relative(here, name[5:])}{anchor or ''})"
        if name in PAGES:
            return f"[{words}]({_relative(here, PAGES[name])}{anchor or ''})"
        if bang and path.suffix in PICTURES:
            return f"![{words}]({_relative(here, _place(path))})"
        return f"{words} (`{name}`)"

    parts = FENCE.split(markdown)
    text = "".join(part if part.startswith("```") else LINK.sub(rewrite, part) for part in parts)
    if "<!-- commands -->" in text:
        text = text.replace("<!-- commands -->", describe_commands())
    if "<!-- functions -->" in text:
        text = text.replace("<!-- functions -->", name_functions())
    return text


def describe_commands() -> str:
    """What `--help` says of each command."""
    import typer
    from typer.testing import CliRunner

    from analysis.cli.app import app

    names = sorted(typer.main.get_group(app).commands)
    runner = CliRunner(env={"COLUMNS": "100", "TERMINAL_WIDTH": "100"})
    said = {name: runner.invoke(app, [name, "--help"], prog_name="juncture") for name in names}
    return "\n\n".join(
        f"## juncture {name}\n\n```text\n{said[name].output.strip()}\n```" for name in names
    )


def name_functions() -> str:
    """A directive for everything `analysis` gives, by the module that holds it."""
    import analysis

    found = [getattr(analysis, name) for name in sorted(analysis.__all__)]
    return "\n\n".join(f"::: {each.__module__}.{each.__qualname__}" for each in found)


def _title(page: Path) -> str:
    return page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def _outside(here: str, target: str) -> Path | None:
    """The file a link leads to, if it is not one of `docs/`, or comes from a page that is not."""
    if re.match(r"[a-z]+:", target):
        return None
    origin = {place: name for name, place in PAGES.items()}.get(here)
    folder = (ROOT / origin).parent if origin else (ROOT / "docs" / here).parent
    path = (folder / target).resolve()
    inside = path.is_relative_to(ROOT / "docs") and origin is None
    return path if path.exists() and not inside and path.is_relative_to(ROOT) else None


def _place(path: Path) -> str:
    return f"pictures/{path.relative_to(ROOT).as_posix().replace('/', '-')}"


def _relative(here: str, place: str) -> str:
    up = len(PurePosixPath(here).parts) - 1
    return "../" * up + place
