"""The command: what it prints and where, and how it ends."""

import json
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from analysis.cli import app as command
from analysis.paths import StudyPaths
from analysis.replication.record import run_and_record
from analysis.version import VERSION
from tests.made_study import SMALL
from tests.test_replication_record import change_cell, record_bytes
from tests.toy import exports, write_toy_study

DONE, DIFFERENT, BAD_INPUT, UNEXPECTED = 0, 1, 2, 3

Said = tuple[int, str, str]
Juncture = Callable[..., Said]


@pytest.fixture
def juncture(monkeypatch, capsys) -> Juncture:
    """Run the command in this process; give exit code, standard output, standard error."""
    monkeypatch.setattr(command, "run_and_record", partial(run_and_record, effort=SMALL))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["juncture", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            command.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def plant_fault(study: Path) -> None:
    """Mistype the status in line 3 of observations.csv."""
    table = StudyPaths(study).observations
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("reported", "reportd", 1), encoding="utf-8")


FAULT = re.compile(
    r'data/observations\.csv, row 3, status: "reportd" is not a status; did you mean reported\?\n'
)


def test_check_of_a_study_without_faults_ends_with_0(juncture, toy_study):
    assert juncture("check", "--study", toy_study) == (DONE, "No faults found.\n", "")


def test_check_of_a_faulty_study_names_file_row_fault_and_remedy_and_ends_with_1(
    juncture, toy_study
):
    plant_fault(toy_study)

    code, out, err = juncture("check", "--study", toy_study)

    assert code == DIFFERENT
    assert out == ""
    assert FAULT.search(err)
    assert err.endswith("1 fault found.\n")


def test_check_prints_faults_as_json_on_standard_output_alone(juncture, toy_study):
    plant_fault(toy_study)

    code, out, err = juncture("check", "--study", toy_study, "--json")

    (fault,) = json.loads(out)
    assert code == DIFFERENT
    assert (fault["file"], fault["row"], fault["column"]) == ("data/observations.csv", 3, "status")
    assert set(fault) == {"file", "row", "column", "fault", "remedy"}
    assert err == ""


def test_run_prints_each_finding_and_where_the_verdicts_are(juncture, tmp_path):
    study = write_toy_study(tmp_path / "toy")

    code, out, err = juncture("run", "--study", study)

    numbers = json.loads(StudyPaths(study).numbers.read_text(encoding="utf-8"))["numbers"]
    assert code == DONE
    assert err == ""
    (line,) = [line for line in out.splitlines() if line.startswith("T-1.exports")]
    for field in ("estimate", "interval", "p_value", "finding_word"):
        assert numbers[f"T-1.exports.{field}"]["text"] in line
    assert out.splitlines()[-1] == (f"The verdicts are in {StudyPaths(study).verdicts.as_posix()}")


def test_run_prints_the_verdicts_as_json_and_nothing_else(juncture, recorded_toy):
    code, out, err = juncture("run", "--study", recorded_toy, "--json", "--full")

    stored = json.loads(StudyPaths(recorded_toy).verdicts.read_text(encoding="utf-8"))
    assert (code, err) == (DONE, "")
    assert json.loads(out) == stored


def test_run_is_the_same_for_one_job_and_two(juncture, toy_record, tmp_path):
    study = write_toy_study(tmp_path / "toy")

    juncture("run", "--study", study, "--jobs", "2")

    assert record_bytes(study) == record_bytes(toy_record)


def test_run_of_a_faulty_study_ends_with_2_and_leaves_earlier_results(juncture, recorded_toy):
    before = record_bytes(recorded_toy)
    plant_fault(recorded_toy)

    code, out, err = juncture("run", "--study", recorded_toy)

    assert (code, out) == (BAD_INPUT, "")
    assert FAULT.search(err)
    assert record_bytes(recorded_toy) == before


def test_run_only_keeps_the_other_verdicts(juncture, recorded_toy):
    before = record_bytes(recorded_toy)

    code, _, _ = juncture("run", "--study", recorded_toy, "--only", "T-5.motive")

    assert code == DONE
    assert record_bytes(recorded_toy) == before


def test_run_only_is_refused_when_the_data_have_changed(juncture, recorded_toy):
    before = record_bytes(recorded_toy)
    change_cell(recorded_toy)

    code, out, err = juncture("run", "--study", recorded_toy, "--only", "T-5.motive")

    assert (code, out) == (BAD_INPUT, "")
    assert "The record is not of these data and declarations" in err
    assert "run without --only first." in err
    assert record_bytes(recorded_toy) == before


def test_run_only_of_an_unknown_claim_is_refused(juncture, recorded_toy):
    code, _, err = juncture("run", "--study", recorded_toy, "--only", "T-7")

    assert code == BAD_INPUT
    assert "There is no hypothesis T-7 in data/hypotheses.toml" in err


def test_run_announces_changed_declarations_on_standard_error(juncture, recorded_toy):
    hypotheses = StudyPaths(recorded_toy).hypotheses
    text = hypotheses.read_text(encoding="utf-8")
    hypotheses.write_text(text.replace("claimed_effect = 2.0", "claimed_effect = 1.5", 1))

    code, out, err = juncture("run", "--study", recorded_toy, "--json")

    assert code == DONE
    assert "declarations have changed since the last results were recorded" in err
    json.loads(out)


def test_reproduce_runs_reports_and_runs_the_notebooks(juncture, recorded_toy, monkeypatch):
    pdf = recorded_toy / "reports/report.pdf"
    monkeypatch.setattr("analysis.exhibits.report.build_report", lambda *_: pdf)
    before = record_bytes(recorded_toy)

    code, out, err = juncture("reproduce", "--study", recorded_toy, "--jobs", 1)
    assert (code, err) == (DONE, "")
    assert "Nothing has changed since this record was made here" in out
    assert "0 notebooks ran.\n" in out
    assert out.endswith(f"The report is {pdf.as_posix()}\n")
    code, out, err = juncture("reproduce", "--study", recorded_toy, "--jobs", 1, "--json")
    assert (code, err) == (DONE, "")
    assert json.loads(out)["findings"]["T-1.exports"] == "supported"
    assert record_bytes(recorded_toy) == before


def test_replicate_right_after_a_run_says_that_all_is_equal(juncture, toy_record):
    code, out, err = juncture("replicate", "--study", toy_record)

    assert (code, err) == (DONE, "")
    assert re.fullmatch(r"equal \d{3,}, rounding 0, numeric 0, decision 0, missing 0, new 0\n", out)


def test_replicate_after_a_changed_cell_lists_what_changed_and_ends_with_1(juncture, recorded_toy):
    before = record_bytes(recorded_toy)
    change_cell(recorded_toy)

    code, out, _ = juncture("replicate", "--study", recorded_toy)

    assert code == DIFFERENT
    assert re.match(r"equal \d+, rounding \d+, numeric [1-9]\d*, ", out)
    assert "T-1.exports" in out
    assert record_bytes(recorded_toy) == before


def test_replicate_lists_every_difference_as_json(juncture, recorded_toy):
    path = StudyPaths(recorded_toy).numbers
    document = json.loads(path.read_text(encoding="utf-8"))
    text = document["numbers"]["T-1.exports.estimate"]["text"]
    document["numbers"]["T-1.exports.estimate"]["text"] = "7.77"
    path.write_text(json.dumps(document), encoding="utf-8")

    code, out, err = juncture("replicate", "--study", recorded_toy, "--json")

    found = json.loads(out)
    assert (code, err) == (DIFFERENT, "")
    assert found["classes"]["numeric"] == 1
    assert found["differences"] == [
        {"number": "T-1.exports.estimate", "class": "numeric", "record": "7.77", "afresh": text}
    ]


def test_trace_prints_the_number_and_its_cells_with_source_and_place(juncture, toy_record):
    numbers = json.loads(StudyPaths(toy_record).numbers.read_text(encoding="utf-8"))["numbers"]

    code, out, err = juncture("trace", "T-1.exports.estimate", "--study", toy_record)

    assert (code, err) == (DONE, "")
    printed = numbers["T-1.exports.estimate"]["text"]
    assert out.startswith(f"T-1.exports.estimate = {printed} ")  # the unit follows
    assert "exports_usd of JPN>USA" in out
    (line,) = [line for line in out.splitlines() if line.startswith("2015 ")]
    for part in (str(exports(2015)), "reported", "atlas-2024", "table 1, 2015 (line "):
        assert part in line
    assert "atlas-2024: 2024" in out


def test_trace_prints_cells_as_json(juncture, toy_record):
    code, out, err = juncture("trace", "T-2.visits", "--study", toy_record, "--json")

    found = json.loads(out)
    assert (code, err) == (DONE, "")
    assert found["current"] is True
    assert len(found["cells"]) == 31  # 1991-2022 without 2020
    assert found["cells"][0]["year"] == 1991


def test_trace_says_when_the_cells_have_changed(juncture, recorded_toy):
    change_cell(recorded_toy)

    _, out, _ = juncture("trace", "T-1.exports.estimate", "--study", recorded_toy)

    assert "The cells have changed since this number was made; run the study again." in out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("T-1.export", "There is no claim T-1.export; did you mean T-1.exports?\n"),
        ("T-1.exports.p_valu", "T-1.exports has no number p_valu; did you mean p_value?\n"),
    ],
)
def test_trace_of_an_unknown_name_suggests_the_close_one(juncture, toy_record, name, words):
    code, out, err = juncture("trace", name, "--study", toy_record)

    assert (code, out) == (BAD_INPUT, "")
    assert err == words


def test_explain_shows_every_condition_with_its_number_and_bound(juncture, toy_record):
    code, out, err = juncture("explain", "T-2.visits", "--study", toy_record)

    assert (code, err) == (DONE, "")
    assert out.startswith("T-2.visits: inconclusive\n")
    (line,) = [line for line in out.splitlines() if line.strip().startswith("corrected p ")]
    assert re.search(r"corrected p +no +0\.\d+ +at most 0\.05", line)
    assert re.search(r"power at claim +yes +0\.\d+ +at least 0\.1", out)


def test_explain_prints_conditions_as_json(juncture, toy_record):
    code, out, err = juncture("explain", "T-1.exports", "--study", toy_record, "--json")

    found = json.loads(out)
    assert (code, err) == (DONE, "")
    assert found["finding"] == "supported"
    assert {c["name"]: c["holds"] for c in found["conditions"]}["corrected p"] is True


def test_explain_of_a_number_points_to_the_claim(juncture, toy_record):
    code, _, err = juncture("explain", "T-1.exports.estimate", "--study", toy_record)

    assert code == BAD_INPUT
    assert "`juncture explain T-1.exports` explains the finding." in err


@pytest.mark.parametrize("call", ["replicate", "trace T-1.exports", "explain T-1.exports"])
def test_without_a_record_the_way_to_one_is_said(juncture, toy_study, call):
    code, out, err = juncture(*call.split(), "--study", toy_study)

    assert (code, out) == (BAD_INPUT, "")
    assert "verdicts.json is missing; make the record with `juncture run`." in err


@pytest.mark.parametrize("call", ["run", "replicate", "trace T-1.exports"])
def test_a_folder_without_a_study_is_unreadable_input(juncture, tmp_path, call):
    code, out, err = juncture(*call.split(), "--study", tmp_path / "nowhere")

    assert (code, out) == (BAD_INPUT, "")
    assert "nowhere" in err or "missing" in err


@pytest.mark.parametrize(
    "call", ["judge", "run --jobs 0", "run --fast", "trace", "explain", "run --jobs many"]
)
def test_bad_usage_ends_with_2(juncture, toy_study, call):
    code, out, err = juncture(*call.split())

    assert (code, out) == (BAD_INPUT, "")
    assert err


def test_an_unexpected_failure_ends_with_3_and_says_where_to_report_it(
    juncture, recorded_toy, monkeypatch
):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no reason")

    change_cell(recorded_toy)
    before = record_bytes(recorded_toy)
    monkeypatch.setattr("analysis.replication.record.make_documents", broken)

    code, out, err = juncture("run", "--study", recorded_toy, "--json")

    assert (code, out) == (UNEXPECTED, "")
    assert "Something went wrong in the toolkit itself (ZeroDivisionError: no reason;" in err
    assert "broken, line" in err
    assert "Please report this to the issue tracker named in CONTRIBUTING.md." in err
    assert record_bytes(recorded_toy) == before


def test_stopping_by_hand_leaves_earlier_results(juncture, recorded_toy, monkeypatch):
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    change_cell(recorded_toy)
    before = record_bytes(recorded_toy)
    monkeypatch.setattr("analysis.replication.record.make_documents", stopped)

    code, out, err = juncture("run", "--study", recorded_toy)

    assert (code, out) == (BAD_INPUT, "")
    assert err == "Stopped; earlier results are as they were.\n"
    assert record_bytes(recorded_toy) == before


def test_a_write_that_fails_half_way_leaves_each_file_whole(juncture, recorded_toy, monkeypatch):
    """The disk is full from the second file on: what is there is the old record or the new."""
    before = record_bytes(recorded_toy)
    change_cell(recorded_toy)
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "numbers.json":
            raise OSError("no space left")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    code, _, _ = juncture("run", "--study", recorded_toy)

    after = record_bytes(recorded_toy)
    assert code == UNEXPECTED
    assert after["verdicts.json"] == before["verdicts.json"]
    assert after["numbers.json"] == before["numbers.json"]
    assert not list(StudyPaths(recorded_toy).build.glob(".*"))


def test_the_version_is_printed(juncture):
    assert juncture("--version") == (DONE, f"{VERSION}\n", "")


def test_help_names_every_command(juncture):
    code, out, err = juncture("--help")

    assert (code, err) == (DONE, "")
    for name in ("check", "run", "report", "reproduce", "replicate", "trace", "explain"):
        assert re.search(rf"^\W*{name} ", out, flags=re.MULTILINE), name
