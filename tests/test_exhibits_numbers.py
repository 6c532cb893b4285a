"""Numbers as they are printed: one format for each kind, and nothing that has no name."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.errors import UsageError
from analysis.exhibits.answer import write_answer
from analysis.exhibits.citations import name_works, parse_citations
from analysis.exhibits.figures_overview import in_smallest_effects
from analysis.exhibits.formats import format_decimal, format_interval, format_p, format_percent
from analysis.exhibits.number import Numbers, count, look_up
from analysis.exhibits.numbers import build_numbers, numbers_document
from analysis.exhibits.paper_words import lay_out_papers
from analysis.exhibits.pieces import count_out, read_pieces, write_pieces
from analysis.exhibits.study_numbers import FINDINGS
from tests.report_fixture import made_calibration, made_facts, made_verdicts

FIRST = "J-01.arms-at-pivot"  # the first verdict of the fixture


def numbers_of(**changes: object) -> Numbers:
    return build_numbers(made_verdicts(**changes), made_calibration(), made_facts())


def texts_of(**changes: object) -> dict[str, str]:
    return {name: number["text"] for name, number in numbers_of(**changes).items()}


def test_an_estimate_is_printed_with_the_decimals_of_its_interval():
    texts = texts_of(estimate=0.4137, intervals={"95": [-0.204, 1.0151], "90": [-0.1, 0.92]})

    assert texts[f"{FIRST}.estimate"] == "0.41"
    assert texts[f"{FIRST}.interval"] == "−0.20 to 1.02"
    assert texts[f"{FIRST}.inner_interval"] == "−0.10 to 0.92"


def test_ratios_far_apart_each_keep_their_digits():
    texts = texts_of(
        effect_unit="rate_ratio",
        estimate=1.5,
        intervals={"95": [0.0031, 4321.0], "90": [0.02, 900.0]},
    )

    assert texts[f"{FIRST}.interval"] == "0.0031 to 4,321"
    assert texts[f"{FIRST}.effect_unit"] == "times"


def test_an_interval_without_an_end_is_printed_as_infinite():
    texts = texts_of(intervals={"95": [None, 1.0], "90": [0.1, None]})

    assert texts[f"{FIRST}.interval"] == "−∞ to 1.00"
    assert texts[f"{FIRST}.inner_interval"] == "0.10 to ∞"


def test_what_was_not_estimated_is_a_dash_and_never_a_zero():
    texts = texts_of()
    refused = "J-01.arms-at-ukraine"

    for field in ("estimate", "interval", "p_value", "p_adjusted", "power", "size", "rho", "years"):
        assert texts[f"{refused}.{field}"] == "–"
    assert texts[f"{refused}.finding"] == "untestable"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0312, "0.031"), (0.0009, "< 0.001"), (0.001, "0.001"), (1, "1.000"), (None, "–")],
)
def test_p_values_have_three_decimals(value: float | None, text: str):
    assert format_p(value) == text


def test_signs_and_thousands_are_set_as_in_print():
    assert format_decimal(-0.4137) == "\u22120.41"
    assert format_decimal(-0.001) == "0.00"
    assert format_decimal(-51234.4, 0) == "\u221251,234"
    assert format_percent(0.0512, 1) == "5.1\u202f%"
    assert format_interval(None, None, 2) == "–"


def test_findings_are_counted_over_all_claims():
    numbers = numbers_of()
    findings = [verdict["finding"] for verdict in made_verdicts()["verdicts"]]

    counted = {finding: numbers[f"study.n_{finding}"]["value"] for finding in FINDINGS}

    assert counted == {finding: findings.count(finding) for finding in FINDINGS}
    assert sum(counted.values()) == numbers["study.n_claims"]["value"] == 13
    assert numbers["study.n_tested"]["value"] == 12


def test_the_range_of_power_leaves_out_claims_that_could_not_be_tested():
    texts = texts_of()

    assert texts["study.power_at_claim_smallest"] == "12\u202f%"  # 0.12 + 0.03 * 0
    assert texts["study.power_at_claim_largest"] == "48\u202f%"  # 0.12 + 0.03 * 12


def test_a_series_counts_the_years_it_lacks_between_its_first_and_last():
    texts = texts_of()

    assert texts["series.joint_exercises_count.CHN-RUS.years"] == "2002–2022"
    assert texts["series.joint_exercises_count.CHN-RUS.n"] == "20"
    assert texts["series.joint_exercises_count.CHN-RUS.n_missing"] == "1"


def test_a_number_that_does_not_exist_is_asked_for_by_name():
    with pytest.raises(UsageError, match=r"numbers.json has no number J-99.nothing.estimate"):
        look_up(numbers_of(), "J-99.nothing.estimate")


def test_numbers_are_kept_in_order_of_name():
    numbers = numbers_document(numbers_of())

    assert numbers["format"] == 1
    assert list(numbers["numbers"]) == sorted(numbers["numbers"])


def test_an_effect_in_the_other_direction_is_negative_in_smallest_effects():
    ratio = {"effect_unit": "rate_ratio", "smallest_effect": 1.5, "alternative": "greater"}
    less = {"effect_unit": "sd", "smallest_effect": 0.5, "alternative": "less"}

    assert in_smallest_effects(2.25, ratio) == pytest.approx(2)  # 1.5 squared
    assert in_smallest_effects(1 / 1.5, ratio) == pytest.approx(-1)
    assert in_smallest_effects(1.0, less) == pytest.approx(-2)


def test_the_answer_names_no_finding_that_no_verdict_has():
    claims = made_verdicts()["verdicts"]
    told = [claim for claim in claims if claim["finding"] in {"inconclusive", "untestable"}]

    text = str(write_answer(told, numbers_of())).lower()

    assert "inconclusive" in text
    assert "untestable" in text
    assert not [finding for finding in FINDINGS[:3] if finding in text]


def answer_of(verdicts: dict[str, Any]) -> str:
    numbers = build_numbers(verdicts, {}, made_facts())
    paragraphs = write_answer(verdicts["verdicts"], numbers)
    return " ".join(write_pieces(pieces, numbers) for pieces in paragraphs)


def test_brackets_are_explained_only_where_there_are_brackets():
    verdicts = made_verdicts()
    for verdict in verdicts["verdicts"]:
        if verdict["role"] == "primary" and verdict["finding"] != "untestable":
            verdict["finding"] = "inconclusive"

    assert any(v["finding"] == "supported" for v in verdicts["verdicts"])  # but no main one is
    assert "In brackets" not in answer_of(verdicts)
    assert "In brackets: the effect and its 95" in answer_of(made_verdicts())


def test_one_and_none_have_their_grammar():
    counts = {"a": count(1), "b": count(2), "c": count(0)}
    stand = ("{n} stands", "{n} stand")

    assert count_out(counts, [("a", *stand)], "none stands") == "{a} stands"
    assert count_out(counts, [("a", *stand), ("b", *stand)], "") == "{a} stands and {b} stand"
    assert count_out(counts, [("c", *stand)], "none stands") == "none stands"

    alone = made_verdicts()
    alone["verdicts"] = alone["verdicts"][:1]
    assert answer_of(alone).startswith("Of 1 claim, 1 is inconclusive.")


def test_a_paper_counts_in_sentences_that_fit_their_numbers():
    verdicts = made_verdicts()
    for verdict, finding in zip(
        verdicts["verdicts"], ["supported", "contradicted", "untestable"], strict=False
    ):
        verdict["finding"] = finding
    verdicts["verdicts"] = verdicts["verdicts"][:3]
    facts = made_facts()
    numbers = build_numbers(verdicts, {}, facts)

    page = lay_out_papers(verdicts["verdicts"], facts, numbers)[0]

    told = write_pieces(page["counts"], numbers)
    assert told == (
        "3 claims of the paper are on trial, of which 2 could be tested. "
        "1 stands and 1 is contradicted; 1 no data at hand can test."
    )
    checked = write_pieces(page["facts"], numbers)
    assert checked == "Of 3 statements of fact, 2 can be checked: 1 holds and 1 does not."


def test_the_answer_types_no_digit():
    for pieces in write_answer(made_verdicts()["verdicts"], numbers_of()):
        for piece in pieces:
            typed = piece if isinstance(piece, str) else piece.get("strong", "")
            assert not any(letter.isdigit() for letter in typed)


def test_a_passage_that_types_a_number_is_refused():
    with pytest.raises(UsageError, match=r"question.txt types a number in 'In 2012 it'.*in braces"):
        read_pieces("In 2012 it {study.n_claims}", "data/passages/question.txt")


BIBLIOGRAPHY = r"""
@comment{not an entry}
@article{kwon2022, author = {Kwon, Jaebeom and Jeh, Sung-hoon and Lee, A.},
  title = {Dragon and {Bear}}, journal = {A Journal}, volume = {23}, number = {1},
  pages = {1--19}, year = 2022, doi = {10.1/abc}}
@misc{office, author = {{Office of Numbers}}, title = "Tables", year = {2020}, url = {https://a.b}}
@book{many, author = {A, A. and B, B. and C, C. and D, D.}, title = {Big}, year = {1999}}
"""


def test_works_are_cited_by_authors_and_year():
    works = {work.key: work for work in parse_citations(BIBLIOGRAPHY)}

    assert works["kwon2022"].short == "Kwon, Jeh and Lee 2022"
    assert works["kwon2022"].full == (
        "Kwon, Jaebeom; Jeh, Sung-hoon; Lee, A. 2022. Dragon and Bear. A Journal 23(1): 1–19. "
        "https://doi.org/10.1/abc."
    )
    assert works["office"].short == "Office of Numbers 2020"
    assert works["many"].short == "A et al. 1999"
    assert name_works("as kwon2022 says", works) == "as Kwon, Jeh and Lee 2022 says"
