"""One mistake is one fault, with a remedy that fits it."""

import pytest

from analysis.paths import HYPOTHESES, OBSERVATIONS, UNITS
from analysis.records.study import check_study


def faults_of(study, file: str, right: str, wrong: str) -> list[str]:
    text = (study / file).read_text(encoding="utf-8")
    assert right in text
    (study / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    return [str(fault) for fault in check_study(study)]


def test_a_misspelt_column_is_not_missing_as_well(toy_study):
    said = faults_of(toy_study, OBSERVATIONS, ",locator,", ",locater,")

    assert said == [
        'data/observations.csv, row 1, locater: there is no column "locater" here; '
        "did you mean locator?"
    ]


def test_a_misspelt_key_is_not_missing_as_well(toy_study):
    (said,) = faults_of(toy_study, HYPOTHESES, "alternative =", "alternativ =")

    assert said.endswith('alternativ: there is no key "alternativ" here; did you mean alternative?')


def test_a_year_that_is_none_has_no_place_in_the_order(toy_study):
    (said,) = faults_of(toy_study, OBSERVATIONS, ",1991,", ",199x,")

    assert said.endswith('year: "199x" is not a year; write four digits, such as 2012.')


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        (
            "declared = 2026-01-31",
            "declared = 2026-02-31",
            "declared: 2026-02-31 is not a day of the calendar; write one that is.",
        ),
        (
            "declared = 2026-01-31",
            "declared = 2026-01-31\ndeclared = 2026-01-31",  # a day, but twice
            "each key once, all brackets closed.",
        ),
        (
            "declared = 2026-01-31",
            'declared = "yesterday"',
            'declared: "yesterday" is not a date without quotation marks; '
            "write it as in 2026-11-21.",
        ),
        (
            'alternative = "greater"',
            'alternative = "bigger"',
            'alternative: "bigger" is not one of "greater", "less", "two-sided"; '
            "write one of these.",
        ),
        (
            'alternative = "greater"',
            'alternative = "grater"',
            'alternative: "grater" is not one of "greater", "less", "two-sided"; '
            "did you mean greater?",
        ),
    ],
)
def test_a_value_of_another_kind_is_said_once_with_what_to_write(toy_study, right, wrong, words):
    said = faults_of(toy_study, HYPOTHESES, right, wrong)

    assert len(said) == 1
    assert said[0].endswith(words)


def test_a_decimal_comma_is_told_from_a_comma_in_a_text(toy_study):
    rows = (toy_study / OBSERVATIONS).read_text(encoding="utf-8").splitlines()
    number = rows[1].split(",")[3]
    said = faults_of(toy_study, OBSERVATIONS, f",{number},", ",89,6,")

    assert said[0].endswith("if 89,6 is one number, write it with a point, 89.6.")
    said = faults_of(toy_study, UNITS, ",Japan,", ",Japan, the state,")
    assert any("put a cell that holds a comma in quotation marks" in each for each in said)
