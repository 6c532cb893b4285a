"""Every path of a claim stands in the record, and a path that differs is found."""

import copy

import pytest

from analysis.paths import StudyPaths
from analysis.replication.compare import Class, compare_records
from analysis.replication.documents import Documents
from analysis.replication.record import read_record

CLAIM = "T-1.exports"


@pytest.fixture(scope="module")
def record(toy_record) -> Documents:
    return read_record(StudyPaths(toy_record))


def test_the_record_holds_the_main_path_each_look_and_each_combination(record):
    """Two looks that change different things make three paths beside the main one."""
    walked = record.paths[CLAIM]

    assert walked["columns"] == ["estimate", "t", "p_value", "n_obs"]
    assert sorted(walked["paths"] | walked["refused"]) == [
        "announcement, no trend",
        "main",
        "vintage 2020",
        "vintage 2020; announcement, no trend",
    ]
    assert walked["paths"]["main"][3] == 33
    assert walked["paths"]["vintage 2020"][3] == 29  # it ends in 2018


def test_the_share_in_the_verdict_is_that_of_the_paths(record):
    (verdict,) = (v for v in record.verdicts["verdicts"] if v["id"] == CLAIM)
    walked = record.paths[CLAIM]

    told = verdict["robustness"]["paths"]
    assert told["n"] == len(walked["paths"])
    assert told["refused"] == len(walked["refused"])
    assert told["same_sign"] == sum(row[0] > 0 for row in walked["paths"].values()) / told["n"]


def test_claims_without_looks_and_untestable_ones_have_no_paths(record):
    assert set(record.paths) == {CLAIM}


def test_a_path_changed_by_hand_is_found(record):
    other = copy.deepcopy(record)
    other.paths[CLAIM]["paths"]["vintage 2020"][1] += 0.5

    (found,) = (d for d in compare_records(other, record) if d.kind is not Class.EQUAL)

    assert (found.name, found.kind) == (f"paths.{CLAIM}.paths.vintage 2020[1]", Class.NUMERIC)


def test_a_record_from_before_there_were_paths_can_be_read(recorded_toy):
    paths = StudyPaths(recorded_toy)
    paths.paths.unlink()

    assert read_record(paths).paths == {}
