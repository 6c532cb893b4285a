"""Each planted fault in a table is found, with its row, and a study without faults has none."""

import time
from pathlib import Path

import pytest

from analysis.errors import DataError, Fault, UsageError
from analysis.records import check_study, read_study

OBSERVATIONS, UNITS, CODEBOOK = "data/observations.csv", "data/units.csv", "data/codebook.csv"
SOURCES, EVENTS, JUNCTURES = "data/sources.csv", "data/events.csv", "data/junctures.csv"
CLAIMS, REFERENCES, SETTINGS = "data/claims.csv", "data/references.bib", "study.toml"
A2010 = "JPN>USA,2010,exports_usd,166,reported,atlas-2024,"  # row 109
V2010 = "JPN-USA,2010,visits_count,5,computed,diary,"
S1995 = "JPN-USA,1995,votes_agreement_share,0.55,"
DYAD = "JPN-USA,Japan and the United States,dyad,JPN,USA,1952,,"
TREATY = "treaty,Treaty of trade,claimed,2010-03-01,2010,2020-12-31,JPN,diary,"

PLANTED = [
    # a value that cannot be
    (OBSERVATIONS, V2010, V2010.replace(",5,", ",-5,"), "-5 is below 0, the lower bound of visits"),
    (OBSERVATIONS, V2010, V2010.replace(",5,", ",5.5,"), "5.5 is not a whole number"),
    (OBSERVATIONS, A2010, A2010.replace("166", "many"), '"many" is not a number'),
    (OBSERVATIONS, A2010, A2010.replace("166", "nan"), '"nan" is not a number'),
    (OBSERVATIONS, A2010, A2010.replace("166", "1e999"), '"1e999" is not a number'),
    (OBSERVATIONS, A2010, A2010.replace("166", '"1,660"'), '"1,660" is not a number'),
    (OBSERVATIONS, A2010, A2010.replace("166", "-166"), "-166 is below 0, the lower bound of exp"),
    (OBSERVATIONS, S1995, S1995.replace("0.55", "1.55"), "1.55 is above 1, the upper bound of"),
    (OBSERVATIONS, "members_count,24,", "members_count,61,", "61 is above 60, the upper bound"),
    (OBSERVATIONS, A2010, A2010.replace("166", ""), 'blank, but its status is "reported"'),
    (OBSERVATIONS, A2010, A2010.replace("reported", "missing"), "in a row with status missing"),
    (OBSERVATIONS, A2010, A2010.replace("reported", "guessed"), '"guessed" is not a status'),
    (OBSERVATIONS, A2010 + '"table 1, 2010"', A2010, "so the value cannot be found again"),
    # a place that cannot be
    (OBSERVATIONS, A2010, A2010.replace("2010", "201O"), '"201O" is not a year'),
    (OBSERVATIONS, A2010, A2010.replace("2010", "2010.5"), '"2010.5" is not a year'),
    (OBSERVATIONS, A2010, A2010.replace("2010", "2031"), "2031 lies outside the coverage of exp"),
    (OBSERVATIONS, A2010, A2010.replace("2010", "1950"), "JPN>USA begins in 1952, this value"),
    (OBSERVATIONS, A2010, A2010.replace("JPN>USA", "JPN>UAS"), 'the unit "JPN>UAS" is not listed'),
    (OBSERVATIONS, A2010, A2010.replace("JPN>USA", ""), "unit: the cell is blank"),
    (OBSERVATIONS, A2010, A2010.replace("exports_usd", "exports"), "did you mean exports_usd?"),
    (OBSERVATIONS, A2010, A2010.replace("atlas-2024", "atlas-2042"), '"atlas-2042" is not listed'),
    (OBSERVATIONS, A2010, A2010.replace("atlas-2024", "diary"), 'not name "diary" as a source'),
    (OBSERVATIONS, A2010, A2010.replace("2010,", "2009,"), "stands already in row"),
    (OBSERVATIONS, A2010, A2010.replace("JPN>USA", "OECD"), "sort the rows by unit, year"),
    (OBSERVATIONS, A2010, A2010.replace("exports_usd", "exports_usd "), "ends with a space"),
    # the form of the file
    (OBSERVATIONS, "locator,note\n", "locator\n", "the column note is missing"),
    (OBSERVATIONS, "locator,note\n", "locator,notes\n", '"notes" here; did you mean note?'),
    (OBSERVATIONS, "unit,year,variable", "year,unit,variable", "columns are in another order"),
    (OBSERVATIONS, "unit,year,", "unit,unit,", "the column unit stands twice"),
    (OBSERVATIONS, A2010, A2010 + "extra,", "the row has 9 cells, the header 8"),
    (OBSERVATIONS, A2010, "\n" + A2010, "the line is blank"),
    (OBSERVATIONS, A2010 + '"', A2010 + '"x"', "the quotation marks do not match"),
    (OBSERVATIONS, A2010, A2010.replace("166", "16\x0b6"), "control character (U+000B)"),
    (UNITS, "JPN-USA,Japan", "USA-JPN,Japan", "write JPN-USA"),
    (UNITS, DYAD, DYAD.replace("JPN,USA", "USA,JPN"), "sides USA and JPN are not in alphabetical"),
    (UNITS, DYAD, DYAD.replace("JPN,USA", "JPN,DEU"), "does not match alphabetical order of its"),
    (UNITS, DYAD, DYAD.replace("JPN,USA", "JPN,JPN"), "both sides are the same"),
    (UNITS, DYAD, DYAD.replace("JPN,USA", "JPN,"), "the side is blank"),
    (UNITS, "JPN>USA,", "USA>JPN,", "does not match its sides, giver first"),
    (UNITS, ",dyad,", ",pair,", '"pair" is not a kind'),
    (UNITS, "state,,,1952", "state,USA,,1952", "a state has no sides"),
    (UNITS, "USA,United", "US,United", '"US" is not the code of a state'),
    (UNITS, "1952,,\nJPN-USA", "1952,1951,\nJPN-USA", "the last year 1951 lies before the first"),
    (UNITS, "USA,United", "JPN,United", 'the key "JPN" stands already in row 2'),
    (CODEBOOK, ",amount,", ",volume,", '"volume" is not a scale'),
    (CODEBOOK, "cooperation,trade", "co-operation,trade", "did you mean cooperation?"),
    (CODEBOOK, "exports_usd,", "Exports_usd,", '"Exports_usd" is not the name of a variable'),
    (CODEBOOK, ",0,60,", ",60,0,", "the upper bound 0 is not above the lower bound 60"),
    (CODEBOOK, ",0,60,", ",zero,60,", '"zero" is not a number'),
    (CODEBOOK, ",0,60,", ",-5,60,", "a count cannot go down to -5"),
    (CODEBOOK, "atlas-2024;atlas-2020", "atlas-2024;atlas", 'the source "atlas" is not listed'),
    (CODEBOOK, "atlas-2024;atlas-2020", "diary;diary", "repeats an item"),
    (CODEBOOK, "diary,1990,2022", ",1990,2022", "neither a source nor a variable"),
    (CODEBOOK, "diary,1990,2022", "diary,1990,", "a year without a row could be zero or missing"),
    (CODEBOOK, "diary,1990,2022", "diary,2022,1990", "coverage ends in 1990, before it begins"),
    (CODEBOOK, "2022,,\nmembers", "2022,exports_usd,\nmembers", "is derived from itself"),
    (SOURCES, "0" * 64, "0" * 63, "is not a SHA-256 sum"),
    (SOURCES, "0" * 64, "", "1 files, but 0 sums"),
    (SOURCES, "2021-02-03", "2021-02-30", '"2021-02-30" is not a date'),
    (SOURCES, "https://example.org", "example.org", "is not a web address"),
    (SOURCES, "diary,A.", "dairy,A.", 'the reference "dairy" is not listed; did you mean diary?'),
    (SOURCES, "Diary of Visits,2023", "Diary of Visits,", "version: the cell is blank"),
    (EVENTS, "exercise-2011,", "exercise [2011],", '"exercise [2011]" is not a code'),
    (EVENTS, "2011-05-02", "2011-13-02", '"2011-13-02" is not a date'),
    (EVENTS, "2011-05-02", "2011-05", "is not known to the day"),
    (EVENTS, "2011-05-02", "1951-05-02", "JPN-USA lasts from 1952 to"),
    (EVENTS, ",day,", ",days,", '"days" is not a date precision; did you mean day?'),
    (EVENTS, "3,ships", "3,", "the value 3 has no unit"),
    (EVENTS, ",yes,", ",1,", '"1" is not a first of kind'),
    (JUNCTURES, TREATY, TREATY.replace(",2010,", ",2011,"), "2011 does not follow from the date"),
    (JUNCTURES, "2013-09-01,2014", "2013-09-01,2013", "write 2014"),
    (JUNCTURES, TREATY, TREATY.replace("2010", "1890"), "the juncture lies outside the data"),
    (JUNCTURES, TREATY, TREATY.replace("2010", "2024"), "an onset from 1991 to 2022"),
    (JUNCTURES, TREATY, TREATY.replace("2010-03-01", "1/3/2010"), '"1/3/2010" is not a date'),
    (JUNCTURES, TREATY, TREATY.replace("2020-12-31", "2009"), "the end 2009 lies before the date"),
    (JUNCTURES, ",claimed,", ",claim,", "did you mean claimed?"),
    (JUNCTURES, "JPN;USA", "JPN;UAS", 'the unit "UAS" is not listed'),
    (JUNCTURES, "author2021", "author2012", "did you mean author2021?"),
    (CLAIMS, "author2021", "author", 'the reference "author" is not listed'),
    (CLAIMS, "2010:2022", "2022:2010", '"2022:2010" is not a list of years'),
    (CLAIMS, ",exports_usd,", ",imports_usd,", 'the variable "imports_usd" is not listed'),
    (REFERENCES, "@misc{diary,", "@misc{diary", "the entry @misc has no key"),
    (REFERENCES, "{atlas-2024,", "{atlas-2020,", "the key \"atlas-2020\" stands already in row 1"),
    (REFERENCES, "year = {2023}}", "year = {2023}", "12 braces open, 11 close"),
    (SETTINGS, "alpha = 0.05", "alpha = 5", "is not a number between 0 and 1"),
    (SETTINGS, "alpha = 0.05", "alpha = 0.05.1", "row 4: this is not TOML"),
    (SETTINGS, "alpha = 0.05", "alfa = 0.05", 'there is no key "alfa" here; did you mean alpha?'),
    (SETTINGS, "alpha = 0.05\n", "", "the key alpha is missing"),
    (SETTINGS, "[1990, 2022]", "[2022, 1990]", "is not two years in order"),
    (SETTINGS, "seed = 7", "seed = 7.5", "is not a whole number of 0 or more"),
    (SETTINGS, '"holm"', '"bonferroni"', 'is not one of "none", "holm", "maxt"'),
    (SETTINGS, '["A. Author", "B. Author"]', "[]", "is not a list of one name or more"),
]  # fmt: skip


def plant(study: Path, file: str, right: str, wrong: str) -> int:
    """Put `wrong` in the first place of `right` and give its row."""
    text = (study / file).read_text(encoding="utf-8")
    assert right in text
    (study / file).write_text(text.replace(right, wrong, 1), encoding="utf-8", newline="")
    return text[: text.index(right)].count("\n") + 1


def messages(study: Path) -> list[str]:
    return [str(fault) for fault in check_study(study)]


def test_a_study_without_faults_has_none(toy_study):
    assert check_study(toy_study) == ()


@pytest.mark.parametrize(("file", "right", "wrong", "words"), PLANTED)
def test_a_planted_fault_is_found_in_its_file(toy_study, file, right, wrong, words):
    plant(toy_study, file, right, wrong)

    found = messages(toy_study)

    assert any(message.startswith(file) and words in message for message in found), found


@pytest.mark.parametrize(
    ("file", "right", "wrong", "words"), [each for each in PLANTED if each[0] == OBSERVATIONS][:13]
)
def test_a_fault_in_a_cell_is_reported_alone_and_with_its_row(toy_study, file, right, wrong, words):
    row = plant(toy_study, file, right, wrong)

    (fault,) = check_study(toy_study)

    assert (fault.file, fault.row) == (file, row)
    assert words in str(fault)


def test_all_faults_are_reported_in_order_of_place(toy_study):
    plant(toy_study, OBSERVATIONS, V2010, V2010.replace(",5,", ",-5,"))
    plant(toy_study, OBSERVATIONS, A2010, A2010.replace("166", "many"))
    plant(toy_study, UNITS, ",dyad,", ",pair,")

    found = check_study(toy_study)

    assert [(fault.file, fault.column) for fault in found] == [
        (OBSERVATIONS, "value"), (OBSERVATIONS, "value"), (UNITS, "kind"),
    ]  # fmt: skip
    assert found[0].row < found[1].row


def test_a_message_names_file_row_fault_and_remedy(toy_study):
    plant(toy_study, OBSERVATIONS, V2010, V2010.replace(",5,", ",-5,"))

    assert messages(toy_study) == [
        "data/observations.csv, row 42, value: -5 is below 0, the lower bound of visits_count; "
        "enter the value of the source, or mark it missing."
    ]


def test_reading_a_study_with_faults_raises_them_all(toy_study):
    plant(toy_study, OBSERVATIONS, V2010, V2010.replace(",5,", ",-5,"))
    plant(toy_study, UNITS, ",dyad,", ",pair,")

    with pytest.raises(DataError, match="-5 is below 0") as caught:
        read_study(toy_study)

    assert caught.value.faults == check_study(toy_study)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda raw: b"", "the file is empty"),
        (lambda raw: b"\n \n", "the file is empty"),
        (lambda raw: b"\xef\xbb\xbf" + raw, "row 1: the file begins with a byte-order mark"),
        (lambda raw: raw.replace(b"\n", b"\r\n"), "row 1: lines end with a carriage return"),
        (lambda raw: raw.replace(b"\n", b"\r"), "row 1: lines end with a carriage return"),
        (lambda raw: raw[:80] + b"\xe9" + raw[80:], "the byte 0xe9 is not UTF-8"),
        (lambda raw: raw[:80] + b"\0" + raw[80:], "there is a NUL byte"),
        (lambda raw: raw.decode().encode("utf-16"), "there is a NUL byte"),
    ],
)
@pytest.mark.parametrize(
    "file", [OBSERVATIONS, UNITS, CLAIMS, REFERENCES, SETTINGS, "data/hypotheses.toml"]
)
def test_a_file_that_is_not_plain_text_is_refused(toy_study, file, change, words):
    raw = (toy_study / file).read_bytes()
    (toy_study / file).write_bytes(change(raw))

    assert any(message.startswith(file) and words in message for message in messages(toy_study))


@pytest.mark.parametrize(
    "file", [OBSERVATIONS, UNITS, CODEBOOK, SOURCES, EVENTS, JUNCTURES, CLAIMS]
)
def test_a_table_cut_off_in_its_last_line_is_refused(toy_study, file):
    raw = (toy_study / file).read_bytes()
    (toy_study / file).write_bytes(raw[:-2])

    assert any("the file may have been cut off" in message for message in messages(toy_study))


@pytest.mark.parametrize(
    "file",
    [OBSERVATIONS, UNITS, CODEBOOK, SOURCES, EVENTS, JUNCTURES, CLAIMS, REFERENCES, SETTINGS],
)
def test_a_missing_file_is_one_fault_and_hides_no_other(toy_study, file):
    (toy_study / file).unlink()

    wanted = "every study needs it: put it back; `juncture new DIR` writes one to go by."
    assert f"{file}: the file is missing; {wanted}" in messages(toy_study)


def test_a_missing_table_does_not_make_its_names_unknown_elsewhere(toy_study):
    (toy_study / UNITS).unlink()

    assert len(check_study(toy_study)) == 1


def test_a_folder_in_place_of_a_table_is_a_fault(toy_study):
    (toy_study / UNITS).unlink()
    (toy_study / UNITS).mkdir()

    assert messages(toy_study) == [f"{UNITS}: this is a folder; put a text file in its place."]


def test_a_folder_without_a_study_is_bad_usage(tmp_path):
    with pytest.raises(UsageError, match=r"is no study: it has neither study.toml nor"):
        check_study(tmp_path)


@pytest.mark.parametrize(("unit", "year", "words"), [
    ("RUS", 1991, "RUS in 1991: RUS is SUN before 1992"),
    ("SUN", 1992, "SUN in 1992: SUN is RUS from 1992"),
])  # fmt: skip
def test_russia_and_the_soviet_union_have_their_own_years(toy_study, unit, year, words):
    plant(toy_study, UNITS, "USA,United", f"{unit},Russia,state,,,,,\nUSA,United")
    row = f"{unit},{year},members_count,1,reported,diary,p. 1,\n"
    with (toy_study / OBSERVATIONS).open("a") as table:
        table.write(row)

    assert [fault.fault for fault in check_study(toy_study)] == [words]


@pytest.mark.parametrize(("row", "words"), [
    ("RUS,Russia,state,,,1990,,", "RUS begins in 1990, but RUS is SUN before 1992"),
    ("SUN,Soviet Union,state,,,1950,1995,", "SUN ends in 1995, but SUN is RUS from 1992 on"),
])  # fmt: skip
def test_the_years_of_russia_are_checked_in_the_list_of_units(toy_study, row, words):
    plant(toy_study, UNITS, "USA,United", f"{row}\nUSA,United")

    assert [fault.fault for fault in check_study(toy_study)] == [words]


def test_an_onset_against_the_rule_stands_if_it_is_explained(toy_study):
    plant(toy_study, JUNCTURES, TREATY, TREATY.replace(",2010,", ",2011,") + "It began slowly.")

    assert check_study(toy_study) == ()


@pytest.mark.parametrize(("file", "right", "wrong"), [
    (OBSERVATIONS, A2010, A2010.replace("166", "1.66e2")),
    (OBSERVATIONS, A2010 + '"table 1, 2010"', A2010 + '"page 3, ""top"""'),
    (OBSERVATIONS, A2010 + '"table 1, 2010"', A2010 + '"two\nlines, Zürich"'),
    (OBSERVATIONS, "recalled,diary,\"table 1, 2022\"", "recalled,diary,"),
    (CODEBOOK, "diary,1990,2022,,\nvisits", ",,,exports_usd;visits_count,\nvisits"),
    (EVENTS, "2010-03,month", "2010-03-01,month"),
    (JUNCTURES, "2020-12-31", ""),
    (REFERENCES, "@misc{diary,", "@string{x = {y}}\n@comment{none}\n  @Misc {diary ,"),
    (SETTINGS, 'seed = 7', "seed = 0 # none"),
])  # fmt: skip
def test_unusual_but_right_tables_have_no_fault(toy_study, file, right, wrong):
    plant(toy_study, file, right, wrong)

    assert [str(each) for each in check_study(toy_study) if "is no" not in each.fault] == []


def test_a_row_after_a_cell_of_two_lines_keeps_the_number_an_editor_shows(toy_study):
    plant(toy_study, OBSERVATIONS, V2010 + '"table 1, 2010"', V2010 + '"table 1,\n2010"')
    row = plant(toy_study, OBSERVATIONS, A2010, A2010.replace("166", "many"))

    assert [fault.row for fault in check_study(toy_study)] == [row]


def test_faults_sort_whole_files_before_rows():
    late, early = Fault("a", 2, "", "x", "y"), Fault("a", None, "", "x", "y")

    assert sorted([late, early]) == [early, late]


def test_three_hundred_thousand_observations_are_checked_in_seconds(toy_study):
    units = [f"{a}{b}{c}" for a in "ABCDEFG" for b in "ABCDEFGHIJ" for c in "ABCDEFGHIJ"]
    with (toy_study / UNITS).open("w") as table:
        table.write("unit,name,kind,side_a,side_b,first_year,last_year,note\n")
        table.writelines(f"{unit},{unit},state,,,,,\n" for unit in units)
    with (toy_study / OBSERVATIONS).open("w") as table:
        table.write("unit,year,variable,value,status,source,locator,note\n")
        table.writelines(
            f"{unit},{year},exports_usd,{year / 7!r},reported,{source},p. {year},\n"
            for unit in units
            for year in range(1800, 2015)
            for source in ("atlas-2020", "atlas-2024")
        )
    plant(toy_study, CODEBOOK, "atlas-2020,1990", "atlas-2020,1800")
    plant(toy_study, OBSERVATIONS, "GJJ,2000,exports_usd,", "GJJ,2000,exports_usd,-")
    begun = time.process_time()

    found = [fault for fault in check_study(toy_study) if fault.file == OBSERVATIONS]

    assert time.process_time() - begun < 20  # a slow machine; three to four are usual
    assert [fault.column for fault in found] == ["value"]
