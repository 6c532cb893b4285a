"""The table of claims: checks that cannot be carried out as written are refused, with a remedy."""

import csv
import io
from pathlib import Path

import pytest

from analysis.records import check_study, read_study
from analysis.records.claims import claims_of
from analysis.records.forms import CLAIMS
from analysis.records.operations import COMPARISONS, OPERATIONS
from tests.toy import CLAIMS as CONTRACT

GOOD = {
    "claim": "C01",
    "paper": "author2021",
    "locator": "p. 9",
    "statement": "Exports grew.",
    "operation": "before_after",
    "series": "exports_usd",
    "units": "JPN>USA",
    "years": "2000:2009;2010:2022",
    "comparison": ">",
    "bound": "0",
    "expected": "true",
}
ON_EVENTS = {"operation": "date", "series": "", "units": "", "years": "", "bound": "2010-03"}
DATED = GOOD | ON_EVENTS | {"comparison": "within", "events": "treaty-2010"}
COUNTED = DATED | {
    "operation": "count",
    "events": "",
    "kinds": "treaty",
    "comparison": "=",
    "bound": "1",
}
UNCHECKED = {name: GOOD[name] for name in ("claim", "paper", "locator", "statement")}


def faults_of(study: Path, cells: dict[str, str]) -> list[str]:
    text = io.StringIO()
    writer = csv.DictWriter(text, CLAIMS.names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerow(cells)
    (study / "data/claims.csv").write_text(text.getvalue(), encoding="utf-8", newline="\n")
    hypotheses = study / "data/hypotheses.toml"
    head, *tables = hypotheses.read_text(encoding="utf-8").split("[[hypothesis]]\n")
    kept = [table for table in tables if '"fact"' not in table]
    hypotheses.write_text("[[hypothesis]]\n".join([head, *kept]), encoding="utf-8", newline="\n")
    return [str(fault) for fault in check_study(study)]


@pytest.mark.parametrize(
    "cells",
    [
        GOOD,
        GOOD | {"operation": "share", "units": "JPN>USA;USA", "years": "2010"},
        GOOD | {"source": "atlas-2024", "tolerance": "2.5", "note": "as read", "seeds": "S1;S2"},
        GOOD | {"comparison": "within", "bound": "-1:1.5"},
        DATED,
        DATED | {"bound": "2010-03:2010-05"},
        DATED | {"operation": "date_order", "events": "treaty-2010;exercise-2011", "bound": "1:9"},
        COUNTED,
        COUNTED | {"domains": "space"},
        UNCHECKED | {"needs": "a list of all treaties"},
        UNCHECKED | {"operation": "none", "needs": "a list of all treaties"},
    ],
)
def test_checks_that_can_be_carried_out_have_no_fault(toy_study, cells):
    assert faults_of(toy_study, cells) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"operation": "averge"}, '"averge" is not a operation'),
        ({"operation": "before_aftr"}, "did you mean before_after?"),
        ({"comparison": ">>"}, '">>" is not a comparison; write >, >=, <, <= and = or within.'),
        ({"comparison": ""}, "the cell is blank, and before_after needs it; comparison must be"),
        ({"bound": ""}, "bound: the cell is blank"),
        ({"expected": ""}, "expected: the cell is blank"),
        ({"series": ""}, "series: the cell is blank"),
        ({"expected": "yes"}, '"yes" does not say whether the comparison should hold; write true'),
        ({"bound": "2010-03"}, '"2010-03" is not a number or a span of two; write such as 0.5'),
        ({"bound": "1:2:3", "comparison": "within"}, '"1:2:3" is not a number or a span of two'),
        ({"bound": "2:1", "comparison": "within"}, '"2:1" runs backwards; exchange its ends'),
        ({"bound": "1:2"}, '">" cannot be asked of the two ends "1:2"; write one end, or compare'),
        ({"tolerance": "-1"}, '"-1" is not a tolerance; write a number that is not below zero'),
        ({"tolerance": "some"}, '"some" is not a number'),
        ({"years": "2010:2022"}, "before_after takes 2 periods, here are 1"),
        ({"years": "2009:2000;2010"}, "is not a list of years; write 2012, 2005:2012, or several"),
        ({"operation": "trend", "years": "2010:2011"}, "2010:2011 has fewer than 3 years"),
        ({"units": "JPN>USA;USA"}, "before_after takes 1 unit, here are 2"),
        ({"operation": "lead", "years": "2010"}, "lead takes 2 or more units, here are 1"),
        ({"years": "1980:1989;1990:1999"}, "1980:1989 goes beyond exports_usd, 1990 to 2022"),
        ({"source": "diary"}, '"diary" is not a source of exports_usd'),
        ({"events": "treaty-2010"}, "before_after does not read events; leave the cell blank"),
        ({"needs": "more data"}, "the statement is checked, so nothing more is needed"),
        ({"operation": "none"}, "the statement is not checked, and nothing says why; write what"),
        ({"operation": "none"}, '"exports_usd" belongs to a check, and there is none'),
    ],
)
def test_a_check_on_series_that_cannot_be_carried_out_is_refused(toy_study, changes, message):
    found = faults_of(toy_study, GOOD | changes)

    assert any(message in fault for fault in found), found
    assert all(fault.startswith("data/claims.csv, row 2, ") for fault in found)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"events": "treaty-2011"}, 'the event "treaty-2011" is not listed; did you mean treaty-2'),
        ({"events": ""}, "neither events nor kinds of event are named; name one of them"),
        ({"events": "", "kinds": "treatis"}, 'no event has the kind "treatis"'),
        ({"events": "", "kinds": "treaty", "domains": "see"}, 'no event has the domain "see"'),
        ({"series": "exports_usd"}, "date does not read series"),
        ({"bound": "7"}, '"7" is not a date or a span of two; write such as 2012-04'),
        ({"operation": "date_order", "bound": "1"}, "date_order takes 2 named events"),
        ({"operation": "event_value", "events": "", "kinds": "treaty", "bound": "1"}, "takes 1"),
    ],
)
def test_a_check_on_events_that_cannot_be_carried_out_is_refused(toy_study, changes, message):
    found = faults_of(toy_study, DATED | changes)

    assert any(message in fault for fault in found), found


def test_a_table_may_do_without_the_columns_that_came_later(toy_study):
    (toy_study / "data/claims.csv").write_text(CONTRACT, encoding="utf-8", newline="\n")

    claim = claims_of(read_study(toy_study).claims)["C01"]

    assert len(CONTRACT.split("\n")[0].split(",")) == 12
    assert (claim.operation, claim.periods, claim.span) == ("minimum", ((2010, 2022),), (100, 100))
    assert (claim.tolerance, claim.events, claim.needs, claim.seeds) == (0.0, (), "", ())


def test_a_column_that_came_later_may_not_stand_elsewhere(toy_study):
    header = CONTRACT.split("\n")[0]
    text = CONTRACT.replace(header, f"needs,{header}").replace("C01,", ",C01,")
    (toy_study / "data/claims.csv").write_text(text, encoding="utf-8", newline="\n")

    found = [str(fault) for fault in check_study(toy_study)]

    assert any("the columns are in another order; write claim,paper" in fault for fault in found)


def test_the_page_names_every_operation_and_comparison():
    page = (Path(__file__).parent.parent / "docs/study.md").read_text(encoding="utf-8")
    section = page.split("### claims.csv")[1].split("\n### ")[0]

    assert [name for name in (*OPERATIONS, *COMPARISONS) if f"`{name}`" not in section] == []
