"""`juncture calibrate`: what it measures and keeps, and what `run` and `replicate` make of it."""

import json
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.calibration.departures import DEPARTURES
from analysis.cli import app as command
from analysis.paths import StudyPaths
from analysis.replication.calibrate import calibrate_study
from analysis.replication.compare import Class, count_classes
from analysis.replication.record import read_record, run_and_record
from analysis.replication.replicate import replicate
from tests.made_study import SMALL
from tests.test_replication_record import change_cell, record_bytes

DONE, BAD_INPUT = 0, 2
EXPORTS, VISITS = "T-1.exports", "T-9.visits"
OF_EXPORTS = set(DEPARTURES) - {"line", "counts"}  # a log of amounts, with a linear trend


@pytest.fixture
def juncture(monkeypatch, capsys):
    """Run the command in this process; give exit code, standard output, standard error."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["juncture", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            command.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture(scope="module")
def measured(toy_record, tmp_path_factory) -> Path:
    """The toy study with record and calibration of a primary claim and a placebo; read only."""
    root = Path(shutil.copytree(toy_record, tmp_path_factory.mktemp("measured") / "toy"))
    calibrate_study(root, only=(EXPORTS, VISITS))
    return root


@pytest.fixture
def calibrated_toy(measured, tmp_path) -> Path:
    return Path(shutil.copytree(measured, tmp_path / "calibrated"))


def stored(root: Path) -> dict:
    return read_record(StudyPaths(root)).calibration


def claims_of(root: Path, part: str) -> list[str]:
    return sorted({entry["claim"] for entry in stored(root).get(part, {}).values()})


def test_every_primary_claim_is_measured_and_the_rest_of_the_record_left_alone(
    juncture, recorded_toy
):
    before = record_bytes(recorded_toy)
    others = stored(recorded_toy)

    code, out, err = juncture("calibrate", "--study", recorded_toy)

    after = stored(recorded_toy)
    assert (code, err) == (DONE, "")
    assert [entry["claim"] for entry in after["curves"].values()] == [EXPORTS]
    assert {entry["departure"] for entry in after["departures"].values()} == OF_EXPORTS
    assert {k: v for k, v in after.items() if k not in ("curves", "departures")} == others
    changed = {"calibration.json": b"", "numbers.json": b""}  # the latter names the departures
    assert record_bytes(recorded_toy) | changed == before | changed
    (row,) = [line for line in out.splitlines() if line.startswith(EXPORTS)]
    worst = max(after["departures"].values(), key=lambda entry: entry["size"]["rate"])
    assert row.rstrip().endswith(f"{100 * worst['size']['rate']:.1f} %  {worst['departure']}")
    assert out.endswith(f"All of it is in {StudyPaths(recorded_toy).calibration.as_posix()}\n")


def test_a_curve_says_what_the_verdict_says(measured):
    verdict = read_record(StudyPaths(measured)).verdicts["verdicts"][0]
    (curve,) = [e for e in stored(measured)["curves"].values() if e["claim"] == EXPORTS]

    power = {point["effect"]: point["rate"] for point in curve["power"]}
    assert (curve["size"]["rate"], curve["size"]["mc_error"]) == (
        verdict["size"], verdict["size_mc_error"],
    )  # fmt: skip
    assert [end["rate"] for end in curve["size_ends"]] == verdict["size_ends"]
    assert curve["coverage"]["rate"] == verdict["coverage"]
    assert power[verdict["smallest_effect"]] == verdict["power"]
    assert curve["detectable"] == pytest.approx(verdict["minimum_detectable_effect"])
    assert curve["series"] == verdict["size_series"] == SMALL.reach
    assert {k: curve[k] for k in ("rho", "kappa", "rho_interval")} == {
        k: verdict["error_model"][k] for k in ("rho", "kappa", "rho_interval")
    }
    assert len(power) == 17


def test_json_is_the_same_for_one_job_and_two_and_so_is_what_is_stored(
    juncture, recorded_toy, tmp_path
):
    again = Path(shutil.copytree(recorded_toy, tmp_path / "again"))
    asked = ("--only", EXPORTS, "--only", VISITS, "--json")

    code, one, err = juncture("calibrate", "--study", recorded_toy, *asked)
    _, two, _ = juncture("calibrate", "--study", again, *asked, "--jobs", 2)

    assert (code, err) == (DONE, "")
    assert one == two
    assert record_bytes(recorded_toy) == record_bytes(again)
    found = json.loads(one)
    assert [curve["claim"] for curve in found["curves"]] == [EXPORTS, VISITS]
    assert found["measured"] == 2 + len(found["departures"])
    assert "counts" in {e["departure"] for e in found["departures"] if e["claim"] == VISITS}


def test_what_is_there_is_not_measured_again(calibrated_toy):
    before = record_bytes(calibrated_toy)

    again = calibrate_study(calibrated_toy, only=(EXPORTS, VISITS))

    assert again.new == 0
    assert len(again.curves) == 2
    assert record_bytes(calibrated_toy) == before
    assert set(again.to_frame().loc[EXPORTS].dropna().index) == OF_EXPORTS


def test_an_entry_that_is_gone_is_measured_again_to_the_same_bytes(calibrated_toy):
    before = record_bytes(calibrated_toy)
    path = StudyPaths(calibrated_toy).calibration
    document = stored(calibrated_toy)
    del document["departures"][sorted(document["departures"])[3]]
    path.write_text(json.dumps(document), encoding="utf-8")

    assert calibrate_study(calibrated_toy, only=(EXPORTS, VISITS)).new == 1
    assert record_bytes(calibrated_toy) == before


def test_only_keeps_what_was_measured_of_other_claims(calibrated_toy):
    calibrated = calibrate_study(calibrated_toy, only=("T-2.visits",))

    assert [curve["claim"] for curve in calibrated.curves] == ["T-2.visits"]
    assert claims_of(calibrated_toy, "curves") == [EXPORTS, "T-2.visits", VISITS]
    assert claims_of(calibrated_toy, "departures") == [EXPORTS, "T-2.visits", VISITS]


def test_a_run_keeps_every_byte_of_it(calibrated_toy):
    before = record_bytes(calibrated_toy)

    run_and_record(calibrated_toy, effort=SMALL)
    assert record_bytes(calibrated_toy) == before
    run_and_record(calibrated_toy, effort=SMALL, only=("T-5.motive",))
    assert record_bytes(calibrated_toy) == before


def test_a_run_drops_what_is_of_other_data_and_keeps_the_rest(calibrated_toy):
    change_cell(calibrated_toy)  # of exports
    kept = [e for e in stored(calibrated_toy)["departures"].values() if e["claim"] == VISITS]

    run_and_record(calibrated_toy, effort=SMALL)

    assert claims_of(calibrated_toy, "curves") == [VISITS]
    assert list(stored(calibrated_toy)["departures"].values()) == kept


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ('alternative = "greater"', 'alternative = "two-sided"', 1),
        ('term = "treaty"', 'term = "accord"', 1),
        ("T-1.exports", "T-1.goods", -1),
    ],
)
def test_a_run_drops_what_is_of_a_claim_declared_otherwise(calibrated_toy, before, after, places):
    """The first claim of the file is that on exports."""
    path = StudyPaths(calibrated_toy).hypotheses
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, places), encoding="utf-8")

    run_and_record(calibrated_toy, effort=SMALL)

    assert claims_of(calibrated_toy, "curves") == [VISITS]
    assert claims_of(calibrated_toy, "departures") == [VISITS]


def test_a_run_drops_what_was_counted_with_less_effort(calibrated_toy):
    run_and_record(calibrated_toy, effort=replace(SMALL, reach=501))

    assert not {"curves", "departures"} & set(stored(calibrated_toy))


@pytest.mark.parametrize("full", [False, True])
def test_right_after_it_a_replication_finds_everything_equal(measured, full):
    before = record_bytes(measured)

    differences = replicate(measured, full=full)

    names = {difference.name.split(".")[1] for difference in differences}
    assert {"curves", "departures"} <= names
    assert count_classes(differences)["equal"] == len(differences)
    assert record_bytes(measured) == before


def test_rates_changed_by_hand_are_caught_by_a_replication(calibrated_toy):
    """A sample of one in four finds every fourth; with `full` each is measured again."""
    path = StudyPaths(calibrated_toy).calibration
    document = stored(calibrated_toy)
    keys = sorted(document["departures"])
    for key in keys:
        document["departures"][key]["size"]["rate"] = 0.5123
    path.write_text(json.dumps(document), encoding="utf-8")

    def caught(full: bool) -> list[str]:
        kinds = {d.name: d.kind for d in replicate(calibrated_toy, full=full)}
        changed = {k: kinds[f"calibration.departures.{k}.size.rate"] for k in keys}
        return [key for key, kind in changed.items() if kind is not Class.EQUAL]

    assert caught(full=False) == keys[::4]
    assert caught(full=True) == keys


def test_an_entry_of_no_claim_is_missing_in_a_replication(calibrated_toy):
    path = StudyPaths(calibrated_toy).calibration
    document = stored(calibrated_toy)
    document["curves"]["0123456789abcdef"] = {"claim": EXPORTS, "series": 1}
    path.write_text(json.dumps(document), encoding="utf-8")

    wrong = [d for d in replicate(calibrated_toy) if d.kind is not Class.EQUAL]

    assert [(d.name, d.kind) for d in wrong] == [
        ("calibration.curves.0123456789abcdef.claim", Class.MISSING),
        ("calibration.curves.0123456789abcdef.series", Class.MISSING),
    ]


def test_a_claim_without_a_test_says_why(juncture, recorded_toy):
    before = record_bytes(recorded_toy)

    code, out, err = juncture("calibrate", "--study", recorded_toy, "--only", "T-5.motive")

    assert (code, err) == (DONE, "")
    assert "T-5.motive: No instrument measures friendship.\n" in out
    assert record_bytes(recorded_toy) == before


def test_an_unknown_claim_is_refused(juncture, recorded_toy):
    code, out, err = juncture("calibrate", "--study", recorded_toy, "--only", "T-7")

    assert (code, out) == (BAD_INPUT, "")
    assert "There is no hypothesis T-7 in data/hypotheses.toml" in err


def test_it_needs_a_record(juncture, toy_study):
    code, out, err = juncture("calibrate", "--study", toy_study)

    assert (code, out) == (BAD_INPUT, "")
    assert "verdicts.json is missing; make the record with `juncture run`." in err


def test_it_needs_the_record_of_these_data(juncture, recorded_toy):
    change_cell(recorded_toy)
    before = record_bytes(recorded_toy)

    code, out, err = juncture("calibrate", "--study", recorded_toy)

    assert (code, out) == (BAD_INPUT, "")
    assert re.search(r"not of these data and declarations; run `juncture run`\s+first\.", err)
    assert record_bytes(recorded_toy) == before
