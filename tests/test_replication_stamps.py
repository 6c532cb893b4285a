"""What would come out the same is not computed again; whatever is touched is."""

from pathlib import Path

import pytest

from analysis.paths import StudyPaths
from analysis.replication import record
from analysis.replication.record import UNCHANGED, run_and_record
from tests.made_study import EXPORTS, SMALL, claim, noise, write_made_study
from tests.test_replication_record import change_cell, record_bytes


@pytest.fixture
def study(tmp_path) -> Path:
    """A study with a record made here."""
    root = write_made_study(tmp_path / "study", {EXPORTS: noise(3, step=2.0)}, [claim()])
    run_and_record(root, effort=SMALL)
    return root


@pytest.fixture
def runs(monkeypatch) -> list[Path]:
    """The studies that were really run."""
    ran: list[Path] = []

    def counted(root, **options):
        ran.append(root)
        return original(root, **options)

    original = record.run_study
    monkeypatch.setattr(record, "run_study", counted)
    return ran


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_second_run_computes_nothing_says_so_and_gives_the_same_record(study, runs):
    before, said = record_bytes(study), []

    documents = run_and_record(study, effort=SMALL, tell=said.append)

    assert runs == []
    assert said == [UNCHANGED]
    assert record_bytes(study) == before
    assert documents.verdicts["verdicts"][0]["id"] == "M-1.exports"


def test_all_of_it_can_be_asked_for_again(study, runs):
    before = record_bytes(study)

    run_and_record(study, effort=SMALL, full=True)

    assert runs == [study]
    assert record_bytes(study) == before


@pytest.mark.parametrize("name", ["verdicts", "numbers", "calibration", "curves", "paths"])
def test_a_record_altered_by_hand_is_made_again(study, runs, name):
    before = record_bytes(study)
    altered = getattr(StudyPaths(study), name)
    altered.write_bytes(altered.read_bytes().replace(b"0", b"1", 1) + b" ")

    run_and_record(study, effort=SMALL)

    assert runs == [study]
    if name != "calibration":  # what was measured is taken over by key
        assert record_bytes(study) == before


@pytest.mark.parametrize("name", ["hypotheses", "settings"])
def test_whatever_is_declared_otherwise_is_tested_again(study, runs, name):
    append(getattr(StudyPaths(study), name), "# a remark\n")

    run_and_record(study, effort=SMALL)

    assert runs == [study]


def test_one_other_value_is_a_reason_to_compute(study, runs):
    change_cell(study)

    run_and_record(study, effort=SMALL)

    assert runs == [study]


def test_more_effort_a_lost_panel_and_a_part_are_reasons_to_compute(study, runs):
    StudyPaths(study).panel.unlink()
    run_and_record(study, effort=SMALL)
    run_and_record(study, effort=SMALL, only=("M-1.exports",))
    run_and_record(study, effort=SMALL)  # a record made in parts bears no stamp

    assert len(runs) == 3


def test_a_stamp_that_cannot_be_read_is_none(study, runs):
    StudyPaths(study).stamp.write_text("{", encoding="utf-8")

    run_and_record(study, effort=SMALL)

    assert runs == [study]


def test_other_code_is_a_reason_to_compute(study, runs, monkeypatch, tmp_path):
    other = tmp_path / "toolkit"
    other.mkdir()
    (other / "new.py").write_text("", encoding="utf-8")
    monkeypatch.setattr("analysis.replication.stamps.PACKAGE", other)

    run_and_record(study, effort=SMALL)

    assert runs == [study]
