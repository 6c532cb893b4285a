"""Two records compared number by number: each class, and what replicates."""

import copy
from typing import Any

import pytest

from analysis.paths import StudyPaths
from analysis.replication.compare import (
    Class,
    Difference,
    compare_records,
    count_classes,
    is_replicated,
)
from analysis.replication.documents import Documents
from analysis.replication.record import read_record

ESTIMATE = "T-1.exports.estimate"


@pytest.fixture
def record(toy_record) -> Documents:
    return read_record(StudyPaths(toy_record))


def changed(record: Documents, document: str, path: list[Any], value: Any) -> list[Difference]:
    """Compare with a copy in which one place of one document is another value."""
    other = copy.deepcopy(record)
    place = getattr(other, document)
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return [d for d in compare_records(record, other) if d.kind is not Class.EQUAL]


def test_a_record_equals_itself_number_by_number(record):
    differences = compare_records(record, record)

    counts = count_classes(differences)
    assert set(counts) == {"equal", "rounding", "numeric", "decision", "missing", "new"}
    assert counts["equal"] == len(differences) > 300
    assert is_replicated(differences)


def test_a_change_beyond_the_printed_digits_is_rounding(record):
    value = record.numbers["numbers"][ESTIMATE]["value"]

    (found,) = changed(record, "numbers", ["numbers", ESTIMATE, "value"], value * (1 + 1e-7))

    assert (found.name, found.kind) == (ESTIMATE, Class.ROUNDING)
    assert is_replicated([found])


def test_a_printed_digit_that_differs_is_numeric(record):
    text = record.numbers["numbers"][ESTIMATE]["text"]

    (found,) = changed(record, "numbers", ["numbers", ESTIMATE, "text"], "9.99")

    assert (found.kind, found.recorded, found.fresh) == (Class.NUMERIC, text, "9.99")
    assert not is_replicated([found])


@pytest.mark.parametrize(
    ("name", "value"), [("finding", "inconclusive"), ("strength", "consistent")]
)
def test_another_finding_or_strength_is_a_decision(record, name, value):
    (found,) = changed(record, "verdicts", ["verdicts", 0, name], value)

    assert (found.name, found.kind) == (f"verdicts.T-1.exports.{name}", Class.DECISION)
    assert not is_replicated([found])


def test_a_number_without_printed_digits_may_differ_in_its_last_ones_only(record):
    path = ["verdicts", 0, "error_model", "rho_reml"]
    value = record.verdicts["verdicts"][0]["error_model"]["rho_reml"]

    (close,) = changed(record, "verdicts", path, value * (1 + 1e-7))
    (apart,) = changed(record, "verdicts", path, value * (1 + 1e-6))

    assert (close.kind, apart.kind) == (Class.ROUNDING, Class.NUMERIC)


def test_what_is_on_one_side_only_is_missing_or_new(record):
    other = copy.deepcopy(record)
    del other.numbers["numbers"][ESTIMATE]
    other.numbers["numbers"]["T-1.exports.invented"] = {"value": 1, "text": "1"}

    kinds = {d.name: d.kind for d in compare_records(record, other) if d.kind is not Class.EQUAL}

    assert kinds == {ESTIMATE: Class.MISSING, "T-1.exports.invented": Class.NEW}
    assert not is_replicated(compare_records(record, other))


@pytest.mark.parametrize(
    ("document", "path", "name"),
    [
        ("curves", ["T-1.exports", "fitted", 4], "curves.T-1.exports.fitted[4]"),
        ("calibration", ["effort", "draws"], "calibration.effort.draws"),
        ("verdicts", ["data_sha256"], "verdicts.data_sha256"),
        ("verdicts", ["verdicts", 0, "reason"], "verdicts.T-1.exports.reason"),
    ],
)
def test_every_document_is_compared(record, document, path, name):
    (found,) = changed(record, document, path, 77)

    assert (found.name, found.kind) == (name, Class.NUMERIC)


def test_a_number_that_became_unknown_is_numeric(record):
    (found,) = changed(record, "verdicts", ["verdicts", 0, "p_shift"], None)

    assert found.kind is Class.NUMERIC
