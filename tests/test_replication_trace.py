"""From a printed number back to its cells, with source and place."""

import pytest

from analysis.errors import UsageError
from analysis.replication.loaded import load_study
from analysis.replication.trace import split_name, trace
from tests.test_replication_record import change_cell
from tests.toy import exports


def test_an_estimate_leads_to_its_cells_with_source_and_place(toy_record):
    found = trace(toy_record, "T-1.exports.estimate")

    assert len(found.cells) == 33
    cell = found.cells.set_index("year").loc[2015]
    assert (cell["unit"], cell["variable"], cell["stored"]) == (
        "JPN>USA", "exports_usd", str(exports(2015)),
    )  # fmt: skip
    assert (cell["status"], cell["source"], cell["version"], cell["locator"]) == (
        "reported", "atlas-2024", "2024", "table 1, 2015",
    )  # fmt: skip
    lines = (toy_record / "data/observations.csv").read_text(encoding="utf-8").splitlines()
    assert lines[cell["row"] - 1].startswith(f"JPN>USA,2015,exports_usd,{exports(2015)},")
    assert found.current
    assert "AR(1) errors by REML" in found.method


def test_the_number_of_a_trace_is_the_printed_one(toy_record):
    found = trace(toy_record, "T-1.exports.p_value")

    assert (found.id, found.field, found.value, found.text) == (
        "T-1.exports", "p_value", 0.0005, "< 0.001",
    )  # fmt: skip


def test_a_claim_as_a_whole_is_traced_too(toy_record):
    found = trace(toy_record, "T-2.visits")

    assert (found.field, found.value, found.text) == ("", None, "inconclusive")
    assert found.cells["year"].min() == 1991  # its period
    assert 2020 not in set(found.cells["year"])  # a missing value is not used


def test_a_claim_that_read_nothing_has_no_cells(toy_record):
    found = trace(toy_record, "T-5.motive")

    assert found.cells.empty
    assert found.method == "No instrument measures friendship."
    assert found.current


def test_cells_that_changed_since_are_told_from_those_that_did_not(recorded_toy):
    change_cell(recorded_toy)

    assert not trace(recorded_toy, "T-1.exports.estimate").current
    assert trace(recorded_toy, "T-9.visits.estimate").current


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("T-1.export", r"There is no claim T-1\.export; did you mean T-1\.exports\?"),
        ("T-1.exports.estimat", r"T-1\.exports has no number estimat; did you mean estimate\?"),
        ("nothing", r"There is no claim nothing; known are T-1\.exports, T-2\.visits, T-3\.both, "),
    ],
)
def test_an_unknown_name_is_answered_with_the_closest(toy_record, name, words):
    with pytest.raises(UsageError, match=words):
        trace(toy_record, name)


def test_a_claim_no_longer_declared_is_said_to_be_so(recorded_toy):
    hypotheses = recorded_toy / "data/hypotheses.toml"
    head, *tables = hypotheses.read_text(encoding="utf-8").split("[[hypothesis]]\n")
    kept = [table for table in tables if '"T-5.motive"' not in table]
    hypotheses.write_text("[[hypothesis]]\n".join([head, *kept]), encoding="utf-8")

    with pytest.raises(UsageError, match=r"T-5\.motive is in the record but no longer declared"):
        trace(recorded_toy, "T-5.motive")


def test_the_longest_id_that_fits_is_the_claim():
    ids = ["J-20", "J-20.orders", "J-20.orders.late"]

    assert split_name("J-20.orders.late", ids) == ("J-20.orders.late", "")
    assert split_name("J-20.orders.later", ids) == ("J-20.orders", "later")
    assert split_name("J-20.estimate", ids) == ("J-20", "estimate")


def test_a_loaded_study_gives_its_recorded_verdicts(toy_record):
    study = load_study(toy_record)

    verdict = study.verdict("T-1.exports")

    assert verdict.finding == "supported"
    assert verdict.to_frame().loc["p_value", "T-1.exports"] == "< 0.001"
    assert repr(verdict).startswith("T-1.exports: supported. After the treaty of 2010")
    assert "<b>supported</b>" in verdict._repr_html_()
    assert study.verdicts()["finding"].to_dict() == {
        name: study.verdict(name).finding for name in study.hypotheses
    }
    assert study.junctures["treaty"] == 2010
    assert study.panel.series("exports_usd", "JPN>USA").loc[2015] == exports(2015)


def test_a_verdict_that_is_not_there_is_refused_in_words(toy_record, toy_study):
    with pytest.raises(UsageError, match=r"no verdict on T-1\.export; did you mean T-1\.exports"):
        load_study(toy_record).verdict("T-1.export")
    with pytest.raises(UsageError, match=r"verdicts\.json is missing; make the record"):
        load_study(toy_study).verdict("T-1.exports")


@pytest.mark.parametrize(("claim", "number"), [("T-3.both", 64), ("T-4.level", 13)])
def test_facts_and_claims_about_claims_lead_to_cells_too(toy_record, claim, number):
    """33 exports and 31 visits (from 1991, without 2020) behind both; 13 years behind the fact."""
    found = trace(toy_record, claim)

    assert found.current
    assert len(found.cells) == number
