"""`juncture package`: what is in the archive, that it is always the same, and what is refused."""

import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from analysis.errors import UsageError
from analysis.paths import StudyPaths
from analysis.records.study import read_study
from analysis.records.unfilled import Unfilled
from analysis.replication.measured import (
    Measurement,
    measure_replication,
    read_measurement,
    write_measurement,
)
from analysis.replication.package import make_package, pack
from analysis.replication.package_exhibits import list_exhibits
from analysis.replication.record import read_record, run_and_record
from analysis.version import VERSION
from tests.command import call
from tests.made_study import SMALL
from tests.test_replication_record import change_cell
from tests.toy import write_toy_study

# Headings of the template README 1.1 of the Social Science Data Editors, in its order.
SECTIONS = [
    "## Overview",
    "## Data Availability and Provenance Statements",
    "### Statement about Rights",
    "### License for Data",
    "### Summary of Availability",
    "### Details on each Data Source",
    "## Dataset list",
    "## Computational requirements",
    "### Software Requirements",
    "### Controlled Randomness",
    "### Memory, Runtime, Storage Requirements",
    "## Description of programs/code",
    "### License for Code",
    "## Instructions to Replicators",
    "## List of tables and programs",
    "## References",
]


def toy_with(folder: Path, *ids: str) -> Path:
    """The toy study cut down to some claims."""
    root = write_toy_study(folder / "toy")
    toml = root / "data" / "hypotheses.toml"
    head, *tables = toml.read_text(encoding="utf-8").split("[[hypothesis]]")
    chosen = [table for table in tables if any(f'id = "{name}"' in table for name in ids)]
    toml.write_text("[[hypothesis]]".join([head, *chosen]), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def words_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy study with its record, cut down to the claims that simulate nothing."""
    root = toy_with(tmp_path_factory.mktemp("words"), "T-4.level", "T-5.motive")
    run_and_record(root, effort=SMALL)
    return root


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy study with a record of a step and of two claims in words, to be read only.

    The search for what would turn a finding is left out: it takes most of the time.
    """
    root = toy_with(tmp_path_factory.mktemp("made"), "T-4.level", "T-5.motive", "T-9.visits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analysis.verdict.turning.find_flip", lambda *_: None)
        run_and_record(root, effort=SMALL)
    return root


@pytest.fixture
def recorded(made: Path, tmp_path: Path) -> Path:
    """A copy of that, to be changed at will."""
    return Path(shutil.copytree(made, tmp_path / "recorded"))


@pytest.fixture
def measured_toy(recorded: Path) -> Path:
    """The same with a measurement, as if it had been packaged before."""
    measure(recorded)
    return recorded


def measure(root: Path, seconds: float = 754.3) -> Measurement:
    study = read_study(root)
    measured = Measurement(
        data_sha256=study.data_sha256,
        declarations_sha256=study.declarations_sha256,
        toolkit=VERSION,
        python="CPython 3.11.7",
        platform="Linux x86_64",
        seconds=seconds,
        peak_bytes=734_003_200,
        jobs=2,
        processors=4,
        classes={"equal": 1234, "rounding": 5},
    )
    write_measurement(study, measured)
    return measured


def unpack(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def packed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study of which `archive` is the archive."""
    folder = tmp_path_factory.mktemp("archive")
    root = Path(shutil.copytree(made, folder / "toy"))
    measure(root)
    make_package(root, folder / "toy.zip")
    return root


@pytest.fixture(scope="module")
def archive(packed: Path) -> Mapping[str, bytes]:
    """The files of the archive."""
    return unpack(packed.parent / "toy.zip")


def test_the_archive_is_the_same_whenever_and_wherever_it_is_made(measured_toy, tmp_path):
    first = make_package(measured_toy, tmp_path / "first.zip")
    for path in measured_toy.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o700)
    moved = measured_toy.rename(tmp_path / "moved")
    second = make_package(moved, tmp_path / "second.zip")

    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.sha256 == hashlib.sha256(second.path.read_bytes()).hexdigest()


def test_names_are_sorted_and_all_have_one_time_and_mode():
    with zipfile.ZipFile(io.BytesIO(pack({"b": b"2", "a/c": b"1"}))) as packed:
        members = packed.infolist()

    assert [member.filename for member in members] == ["a/c", "b"]
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {member.external_attr >> 16 for member in members} == {0o644}


def test_the_sums_are_those_of_every_file(archive):
    lines = archive["SHA256SUMS"].decode().splitlines()
    sums = dict(reversed(line.split("  ", 1)) for line in lines)

    assert set(sums) == set(archive) - {"SHA256SUMS"}
    assert all(hashlib.sha256(archive[name]).hexdigest() == sums[name] for name in sums)


def test_data_declarations_record_lock_and_code_are_there_and_nothing_derived(archive, packed):
    for name in ("study.toml", "data/observations.csv", "data/hypotheses.toml"):
        assert archive[f"study/{name}"] == (packed / name).read_bytes()
    build = StudyPaths(packed).build
    for path in build.glob("*.json"):
        assert archive[f"study/reports/build/{path.name}"] == path.read_bytes()
    root = Path(__file__).parent.parent
    assert archive["requirements.lock"] == (root / "requirements.lock").read_bytes()
    assert archive["LICENSE"] == (root / "LICENSE").read_bytes()
    assert "toolkit/analysis/cli/app.py" in archive
    assert not [name for name in archive if "data/derived" in name or "__pycache__" in name]


def test_the_readme_has_the_sections_of_the_template_in_its_order(archive):
    lines = archive["README.md"].decode().splitlines()

    assert [line for line in lines if line in SECTIONS] == SECTIONS


def test_the_readme_says_of_every_source_what_its_row_says(archive, packed):
    readme = archive["README.md"].decode()

    for source in read_study(packed).sources.values():
        start = readme.index(f"#### `{source.source}`: {source.title}")
        part = readme[start : readme.index("\n\n", start + 5 + len(source.source))]
        part += readme[start : start + 900]
        for word in (source.producer, source.version, source.licence, source.url):
            assert word in part
    # atlas-2020 has a value for each year from 1990 to 2018
    assert "Values of it in `study/data/observations.csv`: 29;" in readme
    assert f"- Provider's file `a24.csv` (not provided), SHA-256 `{'ab' * 32}`" in readme


def test_the_readme_tells_time_memory_seed_and_the_outcome_of_the_replication(archive):
    readme = archive["README.md"].decode()

    assert "took 754.3 seconds; the memory of the largest process was 0.73 GB at most" in readme
    assert "it took about 13 minutes" in readme
    assert "- [ ] <10 minutes\n- [x] 10-60 minutes\n- [ ] 1-8 hours" in readme
    assert "key `seed`: 7." in readme
    assert "equal 1,234, rounding 5" in readme


def test_every_claim_and_figure_is_listed_with_a_program_that_is_in_the_archive(archive):
    table = archive["README.md"].decode().partition("## List of tables and programs")[2]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| Verdict `")]

    verdicts = json.loads(archive["study/reports/build/verdicts.json"])["verdicts"]
    assert {row[2].strip("`") for row in rows} == {verdict["id"] for verdict in verdicts}
    for row in rows:
        assert f"toolkit/{row[1].strip('`')}" in archive
        assert row[3].rstrip(" |").strip("`") in archive
    (placebo,) = [row for row in rows if row[2] == "`T-9.visits`"]
    assert placebo[1] == "`analysis/verdict/designs/series.py`"  # where steps are made


def test_figures_and_tables_are_listed_with_a_program_that_exists_and_their_own_claims(made):
    study, record = read_study(made), read_record(StudyPaths(made))
    names = [
        "figures/claim-T-5.motive.svg",
        "figures/outcome-visits-count.svg",
        "figures/overview.svg",
    ]
    files = {f"study/reports/build/{name}": b"" for name in names}
    files["study/reports/tables/findings.tex"] = b""

    rows = [row.strip("| ").split(" | ") for row in list_exhibits(study, record, files)]

    claims = {row[3].strip("`"): row[2] for row in rows if not row[0].startswith("Verdict")}
    assert claims == {
        "study/reports/tables/findings.tex": "all claims",
        "study/reports/build/figures/claim-T-5.motive.svg": "`T-5.motive`",
        "study/reports/build/figures/outcome-visits-count.svg": "all claims",  # a placebo's outcome
        "study/reports/build/figures/overview.svg": "all claims",
    }
    root = Path(__file__).parent.parent
    assert all((root / row[1].strip("`")).is_file() for row in rows)


def test_the_metadata_have_what_ro_crate_1_1_requires(archive):
    """RO-Crate 1.1, "Root Data Entity", "Data Entities" and "JSON-LD": each MUST there."""
    crate = json.loads(archive["ro-crate-metadata.json"])
    entities = {entity["@id"]: entity for entity in crate["@graph"]}

    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    assert len(entities) == len(crate["@graph"]), "an @id stands twice"
    assert all(entity["@type"] for entity in entities.values())
    descriptor = entities["ro-crate-metadata.json"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = entities["./"]
    assert root["@type"] == "Dataset"
    assert root["name"]
    assert root["description"]
    assert root["datePublished"] == "2026-01-31"  # the day the claims of the toy were declared
    assert entities[root["license"]["@id"]]["name"]
    parts = [part["@id"] for part in root["hasPart"]]
    described = {unquote(part) for part in parts}
    assert described == set(archive) - {"ro-crate-metadata.json", "SHA256SUMS"}
    for part in parts:
        kinds = entities[part]["@type"]
        assert "File" in ([kinds] if isinstance(kinds, str) else kinds)
        assert int(entities[part]["contentSize"]) == len(archive[unquote(part)])
    assert [
        reference for reference in references(crate["@graph"]) if reference not in entities
    ] == ["https://w3id.org/ro/crate/1.1"]


def references(value: object, inside: bool = False) -> list[str]:
    """Every @id that is referred to: an object with nothing but an @id."""
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            return [value["@id"]]
        return [name for each in value.values() for name in references(each)]
    return [name for each in value for name in references(each)] if isinstance(value, list) else []


def test_a_record_of_other_data_is_not_packaged(measured_toy, tmp_path):
    change_cell(measured_toy)

    with pytest.raises(UsageError, match="not of these data"):
        make_package(measured_toy, tmp_path / "toy.zip")
    assert not (tmp_path / "toy.zip").exists()


def test_a_measurement_of_other_data_or_another_toolkit_is_not_used(recorded):
    measured = measure(recorded)
    study = read_study(recorded)
    assert read_measurement(study) == measured
    write_measurement(study, replace(measured, toolkit="0.0.1"))
    assert read_measurement(study) is None
    write_measurement(study, replace(measured, data_sha256="0" * 64))

    assert read_measurement(study) is None


def test_time_and_memory_are_measured_in_a_replication_of_its_own(words_only):
    measured = measure_replication(read_study(words_only), jobs=1)

    assert 0.5 < measured.seconds < 120
    assert 50e6 < measured.peak_bytes < 4e9  # Python with pandas loaded; not the whole machine
    assert measured.classes["equal"] > 50
    assert sum(measured.classes.values()) == measured.classes["equal"]


def test_a_record_changed_by_hand_is_not_packaged(words_only, tmp_path, capsys):
    verdicts = StudyPaths(words_only).verdicts
    before = verdicts.read_text(encoding="utf-8")
    verdicts.write_text(before.replace('"untestable"', '"supported"'), encoding="utf-8")

    code, out, err = call(capsys, "package", "--study", words_only, tmp_path / "toy.zip")

    verdicts.write_text(before, encoding="utf-8")
    assert (code, out) == (2, "")
    assert "The record does not come out again (first: " in err
    assert "T-5.motive.finding" in err
    assert not (tmp_path / "toy.zip").exists()


def test_the_command_says_what_it_packed(measured_toy, tmp_path, capsys):
    out_file = tmp_path / "toy.zip"

    code, out, err = call(capsys, "package", out_file, "--study", measured_toy, "--json")

    said = json.loads(out)
    assert (code, err) == (0, "")
    assert said["archive"] == out_file.as_posix()
    assert said["sha256"] == hashlib.sha256(out_file.read_bytes()).hexdigest()
    assert said["files"] == len(unpack(out_file))
    assert said["measured"]["seconds"] == 754.3


def test_the_command_warns_of_what_is_to_be_filled_in(measured_toy, tmp_path, capsys, monkeypatch):
    left = Unfilled("data/sources.csv", {"licence": (2,)})
    monkeypatch.setattr("analysis.cli.screen.find_unfilled", lambda _: (left,))

    code, _, err = call(capsys, "package", tmp_path / "toy.zip", "--study", measured_toy)

    assert code == 0
    assert err == "Still to be filled in, 1 place:\n  data/sources.csv: licence (row 2)\n"
