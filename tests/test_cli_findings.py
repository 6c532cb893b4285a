"""What the table of findings and `explain` say so that a finding is not misread."""

import re

import pytest

from analysis.cli import screen
from analysis.cli.screen_explanation import print_explanation
from analysis.cli.screen_findings import count_findings, print_findings
from analysis.exhibits.record import read_json
from analysis.exhibits.screen_words import (
    brief_unit,
    contradicted_by,
    own_unit,
    unit_of_field,
    why_p_is_larger,
)
from analysis.paths import StudyPaths


@pytest.fixture(scope="module")
def record(toy_record):
    """The verdicts of the toy study by id, and the numbers."""
    paths = StudyPaths(toy_record)
    verdicts = {each["id"]: each for each in read_json(paths.verdicts)["verdicts"]}
    return verdicts, read_json(paths.numbers)["numbers"]


def with_conditions(verdict: dict, **held: bool) -> dict:
    """The verdict, contradicted, with these conditions of the rule otherwise."""
    conditions = [
        {**each, "holds": held.get(each["name"].replace(" ", "_"), each["holds"])}
        for each in verdict["conditions"]
    ]
    return {**verdict, "finding": "contradicted", "conditions": conditions}


def printed(record, capsys, *verdicts) -> str:
    print_findings({"verdicts": list(verdicts)}, record[1])
    return capsys.readouterr().out


def beyond_p(verdict: dict, **changed: object) -> dict:
    """A verdict whose interval leaves zero out while p is above alpha."""
    beyond = {"intervals": {"95": [0.1, 0.5]}, "p_value": 0.8, "p_adjusted": 0.8}
    return {**verdict, **beyond} | changed


def test_what_is_contradicted_says_by_sign_or_by_size(record, capsys):
    verdict = record[0]["T-1.exports"]
    sign = with_conditions(verdict, other_side_of_zero=True)
    size = with_conditions(verdict, other_side_of_zero=False, effect_of_S_rejected=True)

    assert (contradicted_by(sign), contradicted_by(size)) == ("by sign", "by size")
    out = printed(record, capsys, size)
    assert "contradicted by size: an effect as large as was declared to matter is ruled out" in out
    assert "contradicted by sign:" not in out
    assert "1 claim: 0 supported, 1 contradicted (1 by size), 0 negligible" in out


def test_other_findings_have_no_way_of_being_contradicted(record):
    assert {contradicted_by(each) for each in record[0].values()} == {""}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"design": "relation"}, "of a relation p is raised unless"),
        ({"design": "order"}, "of an order p is the largest of its steps"),
        ({"design": "steps"}, "p is the largest of several tests"),
        ({"p_value": 0.01}, ""),
        ({"intervals": {"95": [-0.1, 0.5]}}, ""),
        ({"intervals": {"95": [-0.5, -0.1]}}, ""),  # not the side that is claimed
        ({"finding": "untestable"}, ""),
        ({"p_value": 0.01, "p_maximised": 0.2, "size": 0.082}, "where a test errs too often"),
    ],
)
def test_a_p_above_alpha_beside_an_interval_without_zero_says_why(record, changed, words):
    verdict = beyond_p({**record[0]["T-1.exports"], "alternative": "greater"}, **changed)

    said = why_p_is_larger(verdict)

    assert said.startswith(words) if words else said == ""


def test_the_mark_on_p_has_a_footnote_and_only_where_it_is_used(record, capsys):
    verdict = record[0]["T-1.exports"]

    assert "†" not in printed(record, capsys, verdict)
    out = printed(record, capsys, beyond_p(verdict, design="relation", alternative="greater"))
    assert re.search(r"T-1\.exports .*†", out)
    assert "† The interval, that of the estimate alone, leaves zero out" in out


def test_untestable_claims_are_left_out_and_counted(record, capsys):
    out = printed(record, capsys, *record[0].values())

    assert not re.search(r"^T-5\.motive ", out, flags=re.MULTILINE)
    assert "1 untestable claim (T-5.motive) is left out; `juncture explain ID` says why" in out
    assert out.splitlines()[-2].startswith("5 claims: ")
    assert ", 1 untestable." in out.splitlines()[-2]
    assert out.splitlines()[-1].startswith("1 placebo: 0 supported, 0 contradicted")


def test_a_record_without_testable_claims_is_no_empty_table(record, capsys):
    out = printed(record, capsys, record[0]["T-5.motive"])

    assert out.startswith("1 untestable claim (T-5.motive) is left out")


def test_the_unit_stands_beside_the_estimate(record, capsys):
    verdict = record[0]["T-1.exports"]
    line = next(
        line
        for line in printed(record, capsys, verdict).splitlines()
        if line.startswith("T-1.exports")
    )

    estimate = record[1]["T-1.exports.estimate"]["text"]
    assert re.match(rf"T-1\.exports +{re.escape(estimate)} +{brief_unit(verdict)} ", line)


def test_an_untransformed_outcome_shows_its_own_unit_where_that_is_short(record, capsys):
    verdict = {**record[0]["T-1.exports"], "transform": "none", "effect_unit": "sd"}

    short = {**verdict, "outcome_unit": "million dollars"}
    long = {**verdict, "outcome_unit": "million constant dollars of the year 2015"}

    natural = record[1]["T-1.exports.estimate_outcome"]["text"]
    assert f"{natural} million dollars" in printed(record, capsys, short)
    assert "in its own unit" not in printed(record, capsys, long)
    assert own_unit({**short, "transform": "log"}) == ""


def test_only_effects_have_a_unit(record):
    verdict = {**record[0]["T-1.exports"], "effect_unit": "sd", "outcome_unit": "visits"}

    units = {name: unit_of_field(verdict, name) for name in ("interval", "interval_outcome", "p")}
    assert units == {"interval": "sd", "interval_outcome": "visits", "p": ""}


def test_placebos_are_counted_apart(record):
    placebo = next(each for each in record[0].values() if each["role"] == "placebo")

    assert [line.split(":")[0] for line in count_findings([placebo, placebo])] == ["2 placebos"]


def test_conditions_are_grouped_by_the_finding_they_belong_to(record, capsys):
    print_explanation(record[0]["T-1.exports"], record[1])

    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith("condition "))
    heads = [
        re.split(r"  +", line) for line in lines[start + 1 :] if line and not line.startswith(" ")
    ]
    assert [head[:2] for head in heads[:5]] == [
        ["testable, if all of", "all hold"],
        ["contradicted by sign, if", "no"],
        ["negligible, if", "no"],
        ["supported, if all of", "all hold"],
        ["contradicted by size, if all of", "not asked"],
    ]
    assert any(re.match(r"  gap agrees +not checked +none declared", line) for line in lines)


def test_an_explanation_names_the_unit_of_the_estimate(record, capsys):
    verdict, numbers = record[0]["T-1.exports"], record[1]
    print_explanation(verdict, numbers)

    out = " ".join(capsys.readouterr().out.split())
    text = numbers["T-1.exports.estimate"]["text"]
    assert f"Estimate: {text} {unit_of_field(verdict, 'estimate')} (95 % interval" in out
    assert verdict["outcome_unit"] in out


def test_an_untestable_claim_is_explained_without_an_estimate(record, capsys):
    print_explanation(record[0]["T-5.motive"], record[1])

    out = capsys.readouterr().out
    assert "Estimate" not in out
    assert re.search(r"testable, if +no", out)


def test_without_a_terminal_a_line_is_printed_now_and_then(monkeypatch, capsys):
    """The first after 5 s, then one in 20 s at most, with the time since the command began."""
    monkeypatch.setattr(screen, "SOON", 5.0)
    now = iter([0.0, 1.0, 9.0, 20.0, 65.0])
    monkeypatch.setattr(screen, "monotonic", lambda: next(now))
    screen.start_clock()

    with screen.progress("Reaching verdicts") as notice:
        notice("measuring T-1.exports")
        notice("measuring T-2.visits")
        notice("deciding T-1.exports")

    assert capsys.readouterr() == (
        "",
        "0:09  Reaching verdicts: measuring T-1.exports\n"
        "1:05  Reaching verdicts: deciding T-1.exports\n",
    )
