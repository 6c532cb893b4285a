"""The record of a run: every field of the contract, and the same bytes wherever it is made."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from analysis.calibration.measure import Gauge
from analysis.errors import DataError, UsageError
from analysis.paths import StudyPaths
from analysis.replication.record import read_record, run_and_record
from analysis.version import VERSION
from tests.made_study import SMALL
from tests.toy import write_toy_study

STORED = 1e-7  # the record holds eight digits

REPOSITORY = Path(__file__).parent.parent
FIELDS = {
    "id", "claim", "role", "family", "gate", "design", "outcome", "units", "term", "alternative",
    "finding", "strength", "reason", "estimate", "std_error", "intervals", "statistic", "p_value",
    "p_adjusted", "method", "n_obs", "first_year", "last_year", "error_model", "size",
    "size_mc_error", "power", "power_at_claim", "minimum_detectable_effect", "power_rule",
    "robustness", "flip", "cells",
}  # fmt: skip
FINDINGS = {"supported", "contradicted", "negligible", "inconclusive", "untestable"}


def record_bytes(root: Path) -> dict[str, bytes]:
    """What a run writes, by name."""
    paths = StudyPaths(root)
    files = (paths.verdicts, paths.numbers, paths.calibration, paths.curves, paths.panel)
    return {path.name: path.read_bytes() for path in files}


def change_cell(root: Path, before: str = "JPN>USA,2020,exports_usd,") -> tuple[str, str]:
    """Add one to the first value that begins so; the row before and after."""
    table = StudyPaths(root).observations
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(place for place, line in enumerate(lines) if line.startswith(before))
    cells = lines[at].split(",")
    cells[3] = str(float(cells[3]) + 1)
    old, lines[at] = lines[at], ",".join(cells)
    table.write_text("".join(lines), encoding="utf-8", newline="\n")
    return old, lines[at]


def test_every_verdict_has_every_field_of_the_contract(toy_record):
    verdicts = read_record(StudyPaths(toy_record)).verdicts

    assert set(verdicts) == {
        "study", "toolkit", "data_sha256", "declarations_sha256", "alpha", "facts",
        "verdicts",
    }  # fmt: skip
    assert verdicts["toolkit"] == VERSION
    assert [v["id"] for v in verdicts["verdicts"]] == [
        "T-1.exports", "T-2.visits", "T-3.both", "T-4.level", "T-5.motive", "T-9.visits",
    ]  # fmt: skip
    for verdict in verdicts["verdicts"]:
        assert set(verdict) >= FIELDS
        assert verdict["finding"] in FINDINGS
        assert set(verdict["cells"]) == {"n", "recalled", "sha256"}
        assert set(verdict["robustness"]) == {"n", "agree", "share", "joint_p", "looks", "paths"}


def test_what_was_estimated_is_all_there(toy_record):
    exports = read_record(StudyPaths(toy_record)).verdicts["verdicts"][0]

    assert exports["finding"] == "supported"
    assert set(exports["intervals"]) == set(exports["intervals_outcome"]) == {"95", "90"}
    assert exports["estimate_outcome"] == pytest.approx(
        exports["estimate"] * exports["conversion"], rel=STORED
    )
    low, high = exports["intervals"]["95"]
    inner_low, inner_high = exports["intervals"]["90"]
    assert low < inner_low < exports["estimate"] < inner_high < high
    assert exports["error_model"]["kind"] == "ar1"
    assert set(exports["error_model"]) >= {"rho", "rho_interval", "kappa"}
    assert (exports["n_obs"], exports["first_year"], exports["last_year"]) == (33, 1990, 2022)
    assert [look["name"] for look in exports["robustness"]["looks"]] == [
        "vintage 2020", "announcement, no trend",
    ]  # fmt: skip


def test_a_claim_that_nothing_can_test_keeps_its_reason_and_has_no_numbers(toy_record):
    motive = read_record(StudyPaths(toy_record)).verdicts["verdicts"][4]

    assert (motive["finding"], motive["reason"]) == (
        "untestable", "No instrument measures friendship.",
    )  # fmt: skip
    for name in ("estimate", "intervals", "p_value", "p_adjusted", "size", "power", "error_model"):
        assert motive[name] is None
    assert motive["cells"]["n"] == 0


def test_every_number_has_a_text_and_no_text_says_nan(toy_record):
    numbers = json.loads(StudyPaths(toy_record).numbers.read_text(encoding="utf-8"))["numbers"]

    assert numbers["T-1.exports.finding"]["value"] == "supported"
    assert numbers["T-5.motive.estimate"] == {"value": None, "text": "–"}
    for name, number in numbers.items():
        assert set(number) == {"value", "text"}, name
        assert "nan" not in number["text"].split(), name


def test_the_calibration_says_with_what_effort_it_was_made(toy_record):
    calibration = read_record(StudyPaths(toy_record)).calibration

    assert calibration["effort"] == asdict(SMALL)
    assert calibration["seed"] == 7
    assert len(calibration["entries"]) == 4  # one for each claim with a test


def test_two_runs_write_the_same_bytes(toy_record, tmp_path):
    """A second run takes its calibration from the record, the first has none to take."""
    again = write_toy_study(tmp_path / "again")
    run_and_record(again, effort=SMALL)
    first = record_bytes(again)
    run_and_record(again, effort=SMALL)

    assert first == record_bytes(toy_record)
    assert record_bytes(again) == first


def test_jobs_and_working_folder_do_not_change_a_byte(toy_record, tmp_path, monkeypatch):
    write_toy_study(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path / "elsewhere")

    run_and_record(Path(), jobs=2, effort=SMALL)

    assert record_bytes(Path()) == record_bytes(toy_record)


def test_threads_and_the_order_of_sets_do_not_change_a_byte(toy_record, tmp_path):
    """Another process, with one thread and another seed of Python's own hashes."""
    study = write_toy_study(tmp_path / "process")
    code = (
        "import sys; from pathlib import Path; from tests.made_study import SMALL; "
        "from analysis.replication.record import run_and_record; "
        "run_and_record(Path(sys.argv[1]), effort=SMALL)"
    )
    environment = os.environ | {
        "PYTHONHASHSEED": "3", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip

    subprocess.run(
        [sys.executable, "-c", code, str(study)], check=True, env=environment, cwd=REPOSITORY
    )

    assert record_bytes(study) == record_bytes(toy_record)


def test_another_seed_gives_other_numbers(toy_record, tmp_path):
    other = write_toy_study(tmp_path / "other")
    settings = StudyPaths(other).settings
    settings.write_text(settings.read_text(encoding="utf-8").replace("seed = 7", "seed = 8"))

    record = run_and_record(other, effort=SMALL)

    here = record.verdicts["verdicts"][1]
    there = read_record(StudyPaths(toy_record)).verdicts["verdicts"][1]
    assert here["p_value"] != there["p_value"]
    assert here["estimate"] == pytest.approx(there["estimate"], rel=STORED)


def test_only_some_claims_anew_leaves_the_record_as_a_whole_run_makes_it(recorded_toy):
    before = record_bytes(recorded_toy)

    run_and_record(recorded_toy, only=("T-9.visits",), effort=SMALL)

    assert record_bytes(recorded_toy) == before


def test_only_some_claims_anew_keeps_the_verdicts_on_the_others(recorded_toy):
    """A mark set by hand in the record stays on the claim that is left out."""
    path = StudyPaths(recorded_toy).verdicts
    record = json.loads(path.read_text(encoding="utf-8"))
    for verdict in record["verdicts"]:
        verdict["reason"] = "marked"
    path.write_text(json.dumps(record), encoding="utf-8")

    run_and_record(recorded_toy, only=("T-5.motive",), effort=SMALL)

    reasons = {
        verdict["id"]: verdict["reason"]
        for verdict in read_record(StudyPaths(recorded_toy)).verdicts["verdicts"]
    }
    assert reasons == {
        "T-1.exports": "marked",
        "T-2.visits": "marked",
        "T-3.both": "marked",
        "T-4.level": (  # of the same family
            "The smallest exports_usd of JPN>USA in 2010-2022 is 166; by the statement it is above "
            "100; the one reading agrees."
        ),
        "T-5.motive": "No instrument measures friendship.",
        "T-9.visits": "marked",
    }


@pytest.mark.parametrize("change", ["data", "declarations", "no record"])
def test_only_is_refused_where_the_others_are_not_of_these_data(recorded_toy, change):
    paths = StudyPaths(recorded_toy)
    if change == "data":
        change_cell(recorded_toy)
    elif change == "declarations":
        text = paths.hypotheses.read_text(encoding="utf-8")
        paths.hypotheses.write_text(text.replace("claimed_effect = 2.0", "claimed_effect = 1.5", 1))
    else:
        paths.verdicts.unlink()
    before = {path: path.read_bytes() for path in paths.build.iterdir()}

    with pytest.raises(UsageError, match=r"left out by --only cannot be kept; run without --only"):
        run_and_record(recorded_toy, only=("T-5.motive",), effort=SMALL)

    assert {path: path.read_bytes() for path in paths.build.iterdir()} == before


def test_a_study_with_a_fault_leaves_the_record_as_it_was(recorded_toy):
    before = record_bytes(recorded_toy)
    table = StudyPaths(recorded_toy).observations
    table.write_text(table.read_text(encoding="utf-8").replace("reported", "reportd", 1))

    with pytest.raises(DataError, match=r"data/observations\.csv, row 3, status"):
        run_and_record(recorded_toy, effort=SMALL)

    assert record_bytes(recorded_toy) == before


def test_changed_declarations_are_announced(recorded_toy):
    hypotheses = StudyPaths(recorded_toy).hypotheses
    text = hypotheses.read_text(encoding="utf-8")
    hypotheses.write_text(text.replace("claimed_effect = 2.0", "claimed_effect = 1.5", 1))
    said: list[str] = []

    run_and_record(recorded_toy, effort=SMALL, warn=said.append)

    assert said == ["The declarations have changed since the last results were recorded."]


def test_more_effort_is_measured_and_not_taken_over(recorded_toy):
    before = read_record(StudyPaths(recorded_toy)).calibration["entries"]

    run_and_record(recorded_toy, effort=replace(SMALL, reach=501))

    after = read_record(StudyPaths(recorded_toy)).calibration["entries"]
    assert not set(before) & set(after)
    assert {entry["series"] for entry in after.values()} == {501}


@pytest.mark.parametrize("name", ["verdicts.json", "numbers.json", "calibration.json"])
def test_a_record_that_is_gone_or_broken_is_named_with_the_way_out(recorded_toy, name):
    path = StudyPaths(recorded_toy).build / name

    path.write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match=rf"reports/build/{name} is not JSON \(.*\); restore it"):
        read_record(StudyPaths(recorded_toy))
    path.unlink()
    with pytest.raises(
        UsageError, match=rf"reports/build/{name} is missing; make the record with `juncture run`"
    ):
        read_record(StudyPaths(recorded_toy))


def test_nothing_is_left_beside_what_is_written(toy_record):
    beside = [name for _, _, names in os.walk(toy_record) for name in names if "part" in name]

    assert beside == []


def test_a_run_that_was_killed_goes_on_where_it_measured_last(tmp_path, toy_record, monkeypatch):
    """The second run asks for no measurement that the first one had kept, and ends alike."""
    study = write_toy_study(tmp_path / "killed")
    monkeypatch.setattr("analysis.calibration.measure.KEPT_EVERY", 1)
    plain, calls = Gauge._measure, []

    def dies(gauge, test, question):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(question)
        return plain(gauge, test, question)

    monkeypatch.setattr(Gauge, "_measure", dies)
    with pytest.raises(KeyboardInterrupt):
        run_and_record(study, effort=SMALL)
    assert StudyPaths(study).measured.exists()
    assert not StudyPaths(study).verdicts.exists()

    again: list[object] = []
    monkeypatch.setattr(Gauge, "_measure", lambda *each: again.append(each) or plain(*each))
    run_and_record(study, effort=SMALL)

    everything = len(read_record(StudyPaths(study)).calibration["entries"])
    assert len(again) < everything + 2  # the parts of all_of are measured aside
    assert not StudyPaths(study).measured.exists()
    assert record_bytes(study) == record_bytes(toy_record)
