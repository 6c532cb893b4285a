"""A record made again: equal right after, and every change by hand found."""

import json

import pytest

from analysis.errors import UsageError
from analysis.paths import StudyPaths
from analysis.replication.compare import Class, count_classes, is_replicated
from analysis.replication.replicate import copy_study, replicate
from tests.test_replication_record import change_cell, record_bytes


@pytest.mark.parametrize("full", [False, True])
def test_right_after_a_run_everything_is_equal(toy_record, full):
    before = record_bytes(toy_record)

    differences = replicate(toy_record, full=full)

    assert count_classes(differences)["equal"] == len(differences)
    assert is_replicated(differences)
    assert record_bytes(toy_record) == before


def test_one_cell_changed_by_hand_lists_what_rests_on_it(recorded_toy):
    change_cell(recorded_toy)

    differences = replicate(recorded_toy)
    kinds = {d.name: d.kind for d in differences}

    assert not is_replicated(differences)
    assert kinds["verdicts.data_sha256"] is Class.NUMERIC
    assert kinds["verdicts.T-1.exports.cells.sha256"] is Class.NUMERIC
    assert kinds["verdicts.T-1.exports.estimate"] is Class.NUMERIC
    assert kinds["verdicts.T-9.visits.estimate"] is Class.EQUAL
    assert kinds["verdicts.declarations_sha256"] is Class.EQUAL


def test_a_number_changed_by_hand_in_the_record_is_caught(recorded_toy):
    path = StudyPaths(recorded_toy).numbers
    document = json.loads(path.read_text(encoding="utf-8"))
    document["numbers"]["T-2.visits.p_value"]["text"] = "0.012"
    path.write_text(json.dumps(document), encoding="utf-8")

    wrong = [d for d in replicate(recorded_toy) if d.kind is not Class.EQUAL]

    assert [(d.name, d.kind, d.recorded) for d in wrong] == [
        ("T-2.visits.p_value", Class.NUMERIC, "0.012")
    ]


def test_every_measurement_changed_by_hand_is_caught_by_a_full_replication(recorded_toy):
    """A sample of one in four finds the first; with `full` each is measured again."""
    path = StudyPaths(recorded_toy).calibration
    document = json.loads(path.read_text(encoding="utf-8"))
    keys = sorted(document["entries"])
    for key in keys:
        document["entries"][key]["power"] = 0.5123
    path.write_text(json.dumps(document), encoding="utf-8")

    def caught(full: bool) -> list[str]:
        found = replicate(recorded_toy, full=full)
        kinds = {d.name: d.kind for d in found}
        return [k for k in keys if kinds[f"calibration.entries.{k}.power"] is not Class.EQUAL]

    assert caught(full=True) == keys
    assert caught(full=False) == keys[:1]


def test_a_claim_taken_out_of_the_declarations_is_missing(recorded_toy):
    hypotheses = StudyPaths(recorded_toy).hypotheses
    head, *tables = hypotheses.read_text(encoding="utf-8").split("[[hypothesis]]\n")
    kept = [table for table in tables if '"T-5.motive"' not in table]
    hypotheses.write_text("[[hypothesis]]\n".join([head, *kept]), encoding="utf-8")

    kinds = {d.name: d.kind for d in replicate(recorded_toy)}

    assert kinds["verdicts.T-5.motive.finding"] is Class.MISSING
    assert kinds["T-5.motive.reason"] is Class.MISSING


def test_without_a_record_there_is_nothing_to_compare_with(toy_study):
    with pytest.raises(UsageError, match=r"verdicts\.json is missing; make the record"):
        replicate(toy_study)


def test_the_scratch_copy_holds_what_a_study_is_made_of_and_nothing_made_from_it(
    recorded_toy, tmp_path
):
    (recorded_toy / "reports/size").mkdir()
    (recorded_toy / "reports/size/steps.csv").write_text("term\n", encoding="utf-8")

    copy_study(recorded_toy, tmp_path / "scratch")

    copied = {
        path.relative_to(tmp_path / "scratch").as_posix()
        for path in (tmp_path / "scratch").rglob("*")
        if path.is_file()
    }
    assert "study.toml" in copied
    assert "data/observations.csv" in copied
    assert "reports/size/steps.csv" in copied
    assert not [name for name in copied if name.startswith(("reports/build", "data/derived"))]
