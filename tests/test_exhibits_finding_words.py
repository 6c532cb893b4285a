"""What stands beside a finding: the way a claim is contradicted, and why p and interval part."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.exhibits.finding_words import (
    MEANT,
    NOTES,
    explain_findings,
    lay_out_notes,
    mark_partings,
    parting_of,
    way_of,
)
from analysis.exhibits.numbers import build_numbers
from tests.report_fixture import made_facts, made_verdicts

ALPHA = 0.05


def verdict_of(**changes: Any) -> dict[str, Any]:
    """Give a verdict whose interval leaves out no effect and whose p says nothing of it."""
    plain = {
        "id": "J-00.composite",
        "design": "steps",
        "alternative": "greater",
        "effect_unit": "sd",
        "finding": "inconclusive",
        "intervals": {"95": [0.21, 5.27], "90": [0.42, 5.07]},
        "p_value": 0.8,
        "p_maximised": 0.8,
        "p_adjusted": 1.0,
        "size": 0.05,
        "size_ends": [0.05, 0.06],
    }
    return plain | changes


@pytest.mark.parametrize(
    ("held", "word"),
    [
        (("other side of zero",), "contradicted by sign"),
        (("effect of S rejected", "looks below S"), "contradicted by size"),
        (("other side of zero", "effect of S rejected"), "contradicted by sign"),
        ((), "contradicted"),  # a statement of fact, which the data deny
    ],
)
def test_a_contradicted_claim_is_shown_with_the_first_way_of_the_rule_that_holds(held, word):
    conditions = [
        {"name": name, "holds": name in held}
        for name in ("other side of zero", "effect of S rejected", "looks below S")
    ]

    assert way_of({"finding": "contradicted", "conditions": conditions}) == word
    assert way_of({"finding": "inconclusive", "conditions": conditions}) == "inconclusive"


def test_the_way_is_shown_and_the_finding_stays_as_stored():
    conditions = [{"name": "effect of S rejected", "holds": True}]
    numbers = build_numbers(
        made_verdicts(finding="contradicted", conditions=conditions), {}, made_facts()
    )

    assert numbers["J-01.arms-at-pivot.finding_word"]["text"] == "contradicted by size"
    assert numbers["J-01.arms-at-pivot.finding"]["text"] == "contradicted"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "other"),
        ({"design": "relation"}, "agree"),
        ({"design": "order"}, "agree"),
        ({"design": "break_date"}, "dated"),
        ({"p_value": 0.017}, "corrected"),
        ({"p_value": 0.017, "size_ends": [0.05, 0.08]}, "maximised"),
        ({"p_value": 0.017, "size": 0.08, "p_maximised": 0.03}, "corrected"),
        ({"intervals": {"95": [-5.0, -0.2]}}, "opposite"),
        ({"intervals": {"95": [-5.0, -0.2]}, "alternative": "less"}, "other"),
        ({"intervals": {"95": [-5.0, -0.2]}, "alternative": "two-sided"}, "other"),
    ],
)
def test_an_interval_without_no_effect_beside_a_large_p_gets_its_reason(changes, why):
    assert parting_of(verdict_of(**changes), ALPHA) == why


@pytest.mark.parametrize(
    "changes",
    [
        {"p_adjusted": 0.05},
        {"p_adjusted": None},
        {"intervals": {"95": [-0.1, 5.0]}},
        {"intervals": {"95": [None, 5.0]}},
        {"intervals": None},
        {"effect_unit": "rate_ratio", "intervals": {"95": [0.37, 6.15]}},  # holds 1, no change
    ],
)
def test_where_p_and_interval_agree_there_is_no_mark(changes):
    assert mark_partings([verdict_of(**changes)], ALPHA) == {}


def test_a_ratio_leaves_out_no_effect_where_it_leaves_out_one():
    ratio = verdict_of(effect_unit="rate_ratio", intervals={"95": [1.2, 6.15]})

    assert mark_partings([ratio], ALPHA) == {"J-00.composite": NOTES["other"][0]}


def test_every_mark_is_its_own_and_every_note_is_laid_out():
    laid_out = lay_out_notes()

    assert len({note["mark"] for note in laid_out["marks"]}) == len(NOTES)
    assert [note["way"] for note in laid_out["ways"]] == list(MEANT)


def test_what_is_explained_is_what_occurs():
    numbers = build_numbers(made_verdicts(), {}, made_facts())

    assert explain_findings([verdict_of(p_adjusted=0.01)], ALPHA, numbers) == []
    (told,) = explain_findings([verdict_of(p_value=0.017)], ALPHA, numbers)
    assert told.startswith("† ")
    assert "at most 0.05;" in told
