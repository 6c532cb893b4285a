"""The Dockerfile as far as it can be read without Docker."""

import fnmatch
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()


def steps() -> list[tuple[str, str]]:
    """Instructions and what they say, continued lines joined."""
    lines = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines()]


def test_it_begins_with_an_official_image_of_a_python_we_support():
    (instruction, image), *_ = steps()

    assert instruction == "FROM"
    version = re.fullmatch(r"python:(3\.\d+)-slim", image)
    assert version
    assert version[1] in {"3.11", "3.12", "3.13"}


def test_it_names_no_registry_and_no_address():
    assert "://" not in TEXT
    assert not re.search(r"FROM \S+/", TEXT)


def test_what_it_copies_is_there_and_not_ignored():
    copied = [words.split()[:-1] for step, words in steps() if step == "COPY"]

    names = [name for each in copied for name in each]
    assert names[-1] == "."
    for name in names[:-1]:
        assert (ROOT / name).is_file(), name
        assert not any(fnmatch.fnmatch(name, pattern) for pattern in IGNORED), name


def test_the_set_up_script_finds_what_it_reads_before_it_is_run():
    """`.ci/setup` reads lock and pyproject, which names further files; the package must be one."""
    before = TEXT.partition("RUN .ci/setup")[0]

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = ["requirements.lock", "pyproject.toml", project["readme"], *project["license-files"]]
    for name in [*needed, ".ci/setup", "analysis/__init__.py"]:
        assert name in before, name


def test_the_environment_of_this_machine_is_left_behind():
    assert {".venv", ".git"} <= set(IGNORED)
