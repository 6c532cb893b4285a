"""`juncture extract` on small tables in the providers' layouts, under a study that lists them."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli.app import app, guarded
from analysis.sources.extract import extract
from analysis.sources.observations import read_observations
from tests.test_sources_extract import FILES, ROOT, write_made

TIV = "sipri_arms/tiv_dyads_1950_2021_v2022-07.csv"
ONE_MORE = (
    "arms_transfers_tiv,1023,reported,sipri-2022",
    "arms_transfers_tiv,1024,reported,sipri-2022",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, Path]:
    """A raw folder, and a study whose `sources.csv` has the checksums of its files."""
    folder = tmp_path_factory.mktemp("made")
    raw, study = write_made(folder / "raw"), folder / "study"
    (study / "data").mkdir(parents=True)
    for name in ("events.csv", "dictionaries/threat.csv"):
        (study / "data" / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "data" / name, study / "data" / name)
    sources = pd.read_csv(ROOT / "data" / "sources.csv", dtype=str, keep_default_na=False)
    hashes = {file: hashlib.sha256((raw / file).read_bytes()).hexdigest() for file in FILES}
    sources["sha256"] = [
        ";".join(hashes[file] for file in files.split(";") if file) for files in sources["file"]
    ]
    sources.to_csv(study / "data" / "sources.csv", index=False)
    assert juncture("extract", "--raw", raw, "--study", study) == 0
    return raw, study


@pytest.fixture
def raw(made, tmp_path) -> Path:
    return Path(shutil.copytree(made[0], tmp_path / "raw"))


@pytest.fixture
def study(made, tmp_path) -> Path:
    return Path(shutil.copytree(made[1], tmp_path / "study"))


@pytest.fixture
def stored(study) -> Path:
    return study / "data" / "observations.csv"


def juncture(*words: object) -> int:
    return guarded(lambda: app([str(word) for word in words], standalone_mode=False))


def replace_once(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new))


def test_the_table_written_is_the_one_extracted(raw, study, stored):
    stored.unlink()

    assert juncture("extract", "--raw", raw, "--study", study) == 0
    assert read_observations(stored).equals(extract(raw, study))


def test_an_equal_table_is_said_to_be_equal(raw, study, capsys):
    assert juncture("extract", "--raw", raw, "--study", study, "--check") == 0
    assert re.fullmatch(r"\d+ rows; equal to what was stored\.\n", capsys.readouterr().out)


def test_each_difference_is_changed_missing_or_new(raw, study, stored, capsys):
    """The made TIV table has 1023 in one year; the other rows are made or taken away here."""
    lines = stored.read_text().splitlines()
    changed = next(line for line in lines if ",arms_transfers_tiv,1023,reported,sipri-2022" in line)
    dropped = next(line for line in lines if ",joint_vetoes_count," in line and line != changed)
    added = changed.replace(",arms_transfers_tiv,1023,", ",a_made_count,5,")
    edited = [line.replace(",1023,", ",1024,") if line == changed else line for line in lines]
    stored.write_text("\n".join([*(e for e in edited if e != dropped), added]) + "\n")
    before = stored.read_bytes()

    assert juncture("extract", "--raw", raw, "--study", study, "--check", "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["counts"] == {"changed": 1, "missing": 1, "new": 1}
    found = {d["kind"]: (d["variable"], d["stored"], d["extracted"]) for d in answer["differences"]}
    assert found == {
        "changed": ("arms_transfers_tiv", "1024", "1023"),
        "missing": ("a_made_count", "a row", "no row"),
        "new": ("joint_vetoes_count", "no row", "a row"),
    }
    assert stored.read_bytes() == before


def test_the_table_of_differences_names_cell_and_both_values(raw, study, stored, capsys):
    replace_once(stored, *ONE_MORE)

    assert juncture("extract", "--raw", raw, "--study", study, "--check") == 1
    shown = capsys.readouterr().out
    assert "against what was stored: changed 1, missing 0, new 0." in shown
    assert re.search(
        r"changed +RUS>CHN +\d{4} +arms_transfers_tiv +sipri-2022-07 +value +1024 +1023", shown
    )


def test_without_check_the_table_is_mended_and_the_difference_said(raw, study, stored, capsys):
    whole = stored.read_bytes()
    replace_once(stored, *ONE_MORE)

    assert juncture("extract", "--raw", raw, "--study", study) == 0
    assert "written to data/observations.csv; against what was stored: changed 1" in (
        capsys.readouterr().out
    )
    assert stored.read_bytes() == whole


def test_rows_in_another_order_are_a_difference(raw, study, stored, capsys):
    header, *rows = stored.read_text().splitlines()
    stored.write_text("\n".join([header, *reversed(rows)]) + "\n")

    assert juncture("extract", "--raw", raw, "--study", study, "--check") == 1
    assert "equal in every cell, but stored in another order or form" in capsys.readouterr().out


def test_a_file_that_is_missing_is_named_with_its_checksum_and_nothing_is_written(
    raw, study, stored, capsys
):
    expected = hashlib.sha256((raw / TIV).read_bytes()).hexdigest()
    (raw / TIV).unlink()
    stored.unlink()

    assert juncture("extract", "--raw", raw, "--study", study) == 2
    assert capsys.readouterr().err == (
        f"{TIV}: the file is not in the raw folder; put the file with SHA-256 {expected[:12]}... "
        "there; the row sipri-2022-07 of data/sources.csv says where it can be had.\n"
    )
    assert not stored.exists()


def test_a_file_that_was_altered_is_named_with_both_checksums(raw, study, stored, capsys):
    before, expected = stored.read_bytes(), hashlib.sha256((raw / TIV).read_bytes()).hexdigest()
    replace_once(raw / TIV, "1023.0", "1024.0")
    altered = hashlib.sha256((raw / TIV).read_bytes()).hexdigest()

    assert juncture("extract", "--raw", raw, "--study", study) == 2
    assert capsys.readouterr().err == (
        f"{TIV}: its SHA-256 is {altered[:12]}..., data/sources.csv has {expected[:12]}...; "
        "restore the file, or enter the new vintage as a source.\n"
    )
    assert stored.read_bytes() == before


def test_every_missing_file_is_named_once(study, tmp_path, capsys):
    """Some files belong to two sources."""
    assert juncture("extract", "--raw", tmp_path, "--study", study, "--check") == 2
    named = [line.split(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert sorted(named) == sorted(FILES)


def test_check_without_a_stored_table_is_refused(raw, study, stored, capsys):
    stored.unlink()

    assert juncture("extract", "--raw", raw, "--study", study, "--check") == 2
    assert "data/observations.csv is missing; `juncture extract --raw DIR` makes it." in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"cannot be read \(.+\); `juncture check` says more"),
        (b"unit,value\nCHN,1\n", r"cannot be read \('year'\)"),
        (b"unit,year\nCHN,2000\n", r"has the columns unit, year; it needs unit, year, variable"),
        (b"unit,year\n\xff,2000\n", r"cannot be read \(.*decode.*\)"),
    ],
    ids=["empty", "no year", "few columns", "not text"],
)
def test_check_against_a_table_that_is_none_is_refused(
    raw, study, stored, capsys, content, message
):
    stored.write_bytes(content)

    assert juncture("extract", "--raw", raw, "--study", study, "--check") == 2
    assert re.search(rf"data/observations\.csv {message}", capsys.readouterr().err)


def test_a_table_that_cannot_be_read_is_written_anew(raw, study, stored, capsys):
    whole = stored.read_bytes()
    stored.write_bytes(b"\xff")

    assert juncture("extract", "--raw", raw, "--study", study) == 0
    assert "no table that could be read to compare with" in capsys.readouterr().out
    assert stored.read_bytes() == whole


def test_a_raw_folder_is_needed(study, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("JUNCTURE_RAW", raising=False)

    assert juncture("extract", "--study", study) == 2
    assert "Name the folder of the providers' files with --raw DIR." in capsys.readouterr().err
    assert juncture("extract", "--study", study, "--raw", tmp_path / "none") == 2
    assert "is not a folder; give the one that holds the providers' files" in (
        capsys.readouterr().err
    )


def test_a_list_of_checksums_of_another_length_is_a_fault(raw, study, capsys):
    sources = study / "data" / "sources.csv"
    line = next(line for line in sources.read_text().splitlines() if line.startswith("ei-2025,"))
    replace_once(sources, line, line.rsplit(";", 1)[0])

    assert juncture("extract", "--raw", raw, "--study", study) == 2
    assert "data/sources.csv, sha256: file and sha256 do not list the same number of files" in (
        capsys.readouterr().err
    )
