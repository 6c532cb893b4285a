"""Each planted fault in the declared hypotheses is found, with its row and the words to mend it."""

import pytest

from analysis.records import check_study
from tests.test_check_tables import messages, plant

FILE = "data/hypotheses.toml"
LOOK = 'name = "vintage 2020"\nsource = "atlas-2020"'
FAMILY_A = 'family = "A"\ngate = ""'

PLANTED = [
    # the form of the file
    ('alternative = "greater"', 'alternative "greater"', "this is not TOML at column 13"),
    ('outcome = "exports_usd"', "outcome = exports_usd", "this is not TOML at column 11"),
    ('outcome = "exports_usd"', 'outcome = "exports_usd', "this is not TOML"),
    ('units = ["JPN>USA"]', 'units = ["JPN>USA"', "this is not TOML"),
    ("alpha = 0.05", "alpha = 0.05\nalpha = 0.01", "cannot overwrite a value"),
    ('[[hypothesis]]\nid = "T-9', '[[hypotesis]]\nid = "T-9', '"hypotesis" here; did you mean'),
    ("[[hypothesis]]", "[hypothesis]", "this is not TOML"),
    ("[[hypothesis]]", "title = 1\n[[hypothesis]]", 'there is no key "title" here'),
    # keys
    ("alternative = ", "alternativ = ", "did you mean alternative?"),
    ("alternative = ", "# ", "the key alternative is missing"),
    ('outcome = "exports_usd"\n', "", "the key outcome is missing"),
    ('term = "treaty"\n', "", "the key term is missing"),
    ('gate = ""\n', "", "the key gate is missing"),
    ("declared = 2026-01-31\n", "", "the key declared is missing"),
    ('design = "steps"', 'design = "step"', 'there is no design "step"; did you mean steps?'),
    ('design = "steps"', 'design = "kink"\nstatistic = "sum"', 'there is no key "statistic" here'),
    ('design = "steps"', 'design = "relation"', "the key lags is missing"),
    ('design = "steps"', 'design = "shares"', "the key denominator is missing"),
    ('design = "steps"', 'design = "date_set"', "the key statistic is missing"),
    ('exposure = ""', 'exposure = "visits_count"', "the design steps does not read exposure"),
    # values
    ('id = "T-1.exports"', 'id = "T-2.visits"', 'the id "T-2.visits" stands already in row'),
    ('id = "T-1.exports"', 'id = "T 1"', '"T 1" is not an id'),
    ('id = "T-1.exports"', 'id = "../x"', '"../x" is not an id'),
    ('id = "T-1.exports"', "id = 1", "is not text in quotation marks"),
    ("alpha = 0.05", "alpha = 1.0", "is not a number between 0 and 1"),
    ("alpha = 0.05", "alpha = 0", "is not a number between 0 and 1"),
    ("alpha = 0.05", 'alpha = "0.05"', "is not a number between 0 and 1"),
    ("alpha = 0.05", "alpha = true", "true is not a number between 0 and 1"),
    ("alpha = 0.05", "alpha = nan", "is not a number between 0 and 1"),
    ('"greater"', '"bigger"', '"bigger" is not one of "greater", "less", "two-sided"'),
    ('transform = "log"', 'transform = "ln"', '"ln" is not one of "none", "log"'),
    ('effect_unit = "sd"', 'effect_unit = "SD"', '"SD" is not one of "outcome", "sd"'),
    ('effect_unit = "sd"', 'effect_unit = "rate_ratio"', "1.0 is not above 1, no change"),
    ("smallest_effect = 1.0", "smallest_effect = 0", "0 is not above 0"),
    ("smallest_effect = 1.0", "smallest_effect = -1.0", "is not a number of 0 or more"),
    ("claimed_effect = 2.0", "claimed_effect = inf", "is not a number of 0 or more"),
    ('family = "A"', 'family = ""', "family: \"\" is not text in quotation marks"),
    ('role = "primary"', 'role = "main"', '"main" is not one of "primary"'),
    ("2026-01-31", '"2026-01-31"', "is not a date without quotation marks"),
    ("2026-01-31", "2026-01-31T00:00:00", "is not a date without quotation marks"),
    ("period = [1991, 2022]", "period = [2022, 1991]", "is not two years in order"),
    ("period = [1991, 2022]", "period = [1991]", "is not two years in order"),
    ('units = ["JPN>USA"]', 'units = "JPN>USA"', "is not a list of one name or more"),
    ('units = ["JPN>USA"]', "units = []", "is not a list of one name or more"),
    ('units = ["JPN>USA"]', "units = [[1]]", "is not a list of one name or more"),
    ("comparison = []", 'comparison = ["JPN>USA"]', "JPN>USA is among both units and comparison"),
    # names
    ('"author2021"', '"author1"', 'the reference "author1" is not listed'),
    ('outcome = "exports_usd"', 'outcome = "exports_eur"', 'variable "exports_eur" is not listed'),
    ('units = ["JPN>USA"]', 'units = ["JPN>UAS"]', 'the unit "JPN>UAS" is not listed'),
    ('["treaty", "accord"]', '["treaty", "acord"]', "did you mean accord?"),
    ('["treaty", "accord"]', '["treaty", "treaty"]', "is not a list of different names"),
    ('["treaty", "accord"]', "[]", "the design steps needs it"),
    ('term = "treaty"', 'term = "quiet"', 'the term "quiet" is not one of this hypothesis'),
    ('gate = "T-1.exports"', 'gate = "T-1.export"', "did you mean T-1.exports?"),
    ('gate = "T-1.exports"', 'gate = "T-2.visits"', "T-2.visits waits for itself in a circle"),
    (FAMILY_A, 'family = "A"\ngate = "T-2.visits"', "T-1.exports waits for itself in a circle"),
    ('["T-9.visits"]', '["T-8.visits"]', 'the hypothesis "T-8.visits" is not listed'),
    ('["T-9.visits"]', '["T-2.visits"]', "T-2.visits does not have the role placebo"),
    ('members = ["T-1.exports"', 'members = ["T-3.both"', "T-3.both waits for itself in a circle"),
    ('members = ["T-1.exports"', 'members = ["T-1"', 'the hypothesis "T-1" is not listed'),
    ('claim = "C01"', 'claim = "C02"', 'the claim "C02" is not listed; did you mean C01?'),
    ('reason = "No instrument measures friendship."', "", "the key reason is missing"),
    # looks
    (LOOK, "source = 'atlas-2020'", "the key name is missing"),
    (LOOK, 'name = "vintage 2020"', "the look changes nothing"),
    (LOOK, LOOK.replace("atlas-2020", "atlas"), 'the source "atlas" is not listed'),
    (LOOK, LOOK.replace('"atlas-2020"', '"diary"'), '"diary" is no source of exports_usd'),
    (LOOK, LOOK + '\nalpha = 0.1', 'there is no key "alpha" here'),
    (LOOK, LOOK + '\nweights = "pca"', "the design steps cannot use weights"),
    (LOOK, LOOK + '\ntrend = "cubic"', '"cubic" is not one of "none", "linear", "quadratic"'),
    (LOOK, LOOK + '\njunctures = ["accord"]', "the term treaty is not among the junctures"),
    (LOOK, LOOK + '\njunctures = ["pivot"]', 'the juncture "pivot" is not listed'),
    (LOOK, LOOK.replace("vintage 2020", "announcement, no trend"), "stands already in this"),
    ('reason = "No', 'look = [{name = "x", trend = "none"}]\nreason = "No', "cannot use trend"),
    ('reason = "No', 'look = ["x"]\nreason = "No', '"x" is not a look'),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "words"), PLANTED)
def test_a_planted_fault_is_found_in_the_hypotheses(toy_study, right, wrong, words):
    plant(toy_study, FILE, right, wrong)

    found = messages(toy_study)

    assert any(message.startswith(FILE) and words in message for message in found), found


@pytest.mark.parametrize(("right", "wrong"), [
    ('outcome = "exports_usd"', "outcome = exports_usd"),
    ('effect_unit = "sd"', 'effect_unit = "SD"'),
    ('gate = "T-1.exports"', 'gate = "T-1.export"'),
    ('members = ["T-1.exports"', 'members = ["T-1"'),
    ('source = "atlas-2020"', 'source = "diary"'),
    ('transform = "sqrt38"', 'transform = "root"'),
])  # fmt: skip
def test_a_fault_in_a_hypothesis_is_reported_alone_and_with_its_row(toy_study, right, wrong):
    row = plant(toy_study, FILE, right, wrong)

    (fault,) = check_study(toy_study)

    assert (fault.file, fault.row) == (FILE, row)


def test_a_missing_key_is_shown_where_its_hypothesis_begins(toy_study):
    row = plant(toy_study, FILE, 'reason = "No instrument measures friendship."', "")

    (fault,) = check_study(toy_study)

    assert (fault.column, fault.row) == ("reason", row - 8)


def test_a_gate_in_a_circle_of_two_is_reported_for_both(toy_study):
    plant(toy_study, FILE, FAMILY_A, 'family = "A"\ngate = "T-2.visits"')

    assert [fault.column for fault in check_study(toy_study)] == ["gate", "gate"]


def test_faults_of_several_hypotheses_are_all_reported(toy_study):
    plant(toy_study, FILE, 'effect_unit = "sd"', 'effect_unit = "SD"')
    plant(toy_study, FILE, 'gate = "T-1.exports"', 'gate = "T-1.export"')
    plant(toy_study, FILE, 'claim = "C01"', 'claim = "C02"')

    assert [each.column for each in check_study(toy_study)] == ["effect_unit", "gate", "claim"]


@pytest.mark.parametrize(("right", "wrong"), [
    ("smallest_effect = 1.0", "smallest_effect = 3"),  # above the claimed one
    ('"sd"\nsmallest_effect = 1.0', '"rate_ratio"\nsmallest_effect = 1.5'),
    ('term = "treaty"', 'term = "total"'),
    ('term = "treaty"', 'term = "joint"'),
    ("comparison = []", 'comparison = ["JPN-USA"]'),
    ("controls = []", 'controls = ["members_count"]'),
    (LOOK, LOOK + '\ncontrols = ["members_count"]\nperiod = [1995, 2022]'),
    (LOOK, LOOK + '\nerror_model = "ar1-constant"'),
    ('design = "steps"', 'design = "counts"'),
    ('design = "steps"', 'design = "kink"'),
    ('design = "steps"', 'design = "shares"\ndenominator = "members_count"'),
    ('design = "steps"', 'design = "gap"\nweighting = "mean"'),
    ('design = "steps"', 'design = "break_date"\nsearch = [2000, 2020]\nexpected = [2009, 2011]'),
    ('design = "all_of"', 'design = "placebo_set"'),
    ("# What the paper", '# "Éa" [[hypothesis]] id = "T-1.exports"'),
])  # fmt: skip
def test_unusual_but_right_hypotheses_have_no_fault(toy_study, right, wrong):
    plant(toy_study, FILE, right, wrong)
    if "gap" in wrong:
        plant(toy_study, FILE, "comparison = []", 'comparison = ["JPN-USA"]')
        plant(toy_study, FILE, 'trend = "none"', 'weights = "equal"')

    assert messages(toy_study) == []


def test_names_are_not_called_unknown_where_their_table_cannot_be_read(toy_study):
    (toy_study / "data/junctures.csv").unlink()
    (toy_study / "data/references.bib").unlink()

    assert {fault.file for fault in check_study(toy_study)} == {
        "data/junctures.csv", "data/references.bib",
    }  # fmt: skip
