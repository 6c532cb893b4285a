"""`juncture new`: the study that runs as it stands, and the one from a table of the user's own."""

import csv
import hashlib
import io
import json
import math
import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DataError, UsageError
from analysis.exhibits.report import build_report
from analysis.records.study import check_study, read_study
from analysis.replication.new import make_example_study, make_study_from_table
from analysis.replication.outcome import run_study
from analysis.replication.record import run_and_record
from tests.command import call
from tests.made_study import SMALL

DECLARED = date(2026, 11, 22)
YEARS = range(1990, 2023)


@pytest.fixture
def unturned(monkeypatch):
    """Leave out the search for what would turn a finding: it is most of the time and no finding."""
    monkeypatch.setattr("analysis.verdict.turning.find_flip", lambda *_: None)


def visits(year: int) -> int:
    """An arbitrary but stated rule: a saw of seven years, 9 higher from 2006 on."""
    return 10 + (5 * year) % 7 + (9 if year >= 2006 else 0)


def wide() -> pd.DataFrame:
    """Two pairs of states with visits and a share; one value is not there."""
    rows = [
        {"dyad": dyad, "year": year, "Visits (n)": visits(year), "share": 0.25 + 0.01 * (year % 5)}
        for dyad in ("RUS-CHN", "JPN-USA")
        for year in YEARS
        if dyad == "JPN-USA" or year >= 1992
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(share=frame["share"].mask((frame["year"] == 2000), np.nan))


def save(frame: pd.DataFrame, folder: Path, ending: str) -> Path:
    path = folder / f"Visits 2024.{ending}"
    if ending == "csv":
        frame.to_csv(path, index=False, na_rep="NA")
    elif ending == "dta":
        labels = {"visits": "Visits of ministers"}
        frame = frame.rename(columns={"Visits (n)": "visits"})
        frame.to_stata(path, write_index=False, variable_labels=labels)
    elif ending == "xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return path


def rows_of(study: Path, table: str) -> list[dict[str, str]]:
    with (study / "data" / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def start(tmp_path: Path, text: str, **options: object) -> Path:
    """A study made from a csv table with this text."""
    tmp_path.mkdir(exist_ok=True)
    file = tmp_path / "table.csv"
    file.write_text(text, encoding="utf-8")
    return make_study_from_table(
        tmp_path / "study", file, **{"unit": "unit", "year": "year", "declared": DECLARED} | options
    )


def test_the_example_is_a_study_without_faults_and_finds_what_is_true(tmp_path, unturned):
    study = make_example_study(tmp_path / "example")

    verdicts = run_study(study, effort=SMALL).verdicts
    assert check_study(study) == ()
    assert {each.hypothesis.design for each in verdicts.values()} == {"steps", "kink", "fact"}
    findings = {name: each.decision.finding.value for name, each in verdicts.items()}
    assert findings == {
        "A-1.trade": "supported",
        "A-2.views": "supported",
        "A-3.delegations": "inconclusive",
        "A-4.floor": "supported",
        "A-9.trade": "inconclusive",
    }


def test_the_example_can_be_run_and_reported(tmp_path, unturned):
    study = make_example_study(tmp_path / "example")
    run_and_record(study, effort=SMALL)

    report = build_report(study, study / "reports")

    assert report.read_bytes().startswith(b"%PDF-")


def test_the_example_holds_the_values_of_the_rule_its_readme_states(tmp_path):
    """The rule written out again, from the first draws of each stream."""
    from analysis.kernel.streams import standard_normals

    study = make_example_study(tmp_path / "example")
    readme = (study / "README.md").read_text(encoding="utf-8")
    stored = {
        (row["variable"], int(row["year"])): float(row["value"])
        for row in rows_of(study, "observations.csv")
    }

    u = standard_normals(1, "trade", 0, 1, 38)[0]
    e_1986 = 0.4 * u[0] + math.sqrt(1 - 0.16) * u[1]
    assert "100 + 1.5 (t - 1985) + 35 from 2005 on + 10 e" in readme
    assert stored["trade_total_usd", 1985] == pytest.approx(100 + 10 * u[0], abs=0.05 + 1e-9)
    assert stored["trade_total_usd", 1986] == pytest.approx(101.5 + 10 * e_1986, abs=0.05 + 1e-9)
    assert len(stored) == 3 * 38


def test_new_says_where_the_study_is_and_what_to_do_next(tmp_path, capsys):
    folder = tmp_path / "first"

    code, out, err = call(capsys, "new", folder)

    assert (code, err) == (0, "")
    assert out.splitlines() == [f"The study is in {folder}", f"Next: juncture run --study {folder}"]


def test_new_leaves_a_folder_with_something_in_it_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")

    code, out, err = call(capsys, "new", tmp_path)

    assert (code, out) == (2, "")
    assert "is there and is not an empty folder" in err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("ending", ["csv", "dta", "xlsx", "parquet"])
def test_a_table_gives_each_value_once_with_its_place_and_the_sum_of_the_file(tmp_path, ending):
    file = save(wide(), tmp_path, ending)

    study = make_study_from_table(
        tmp_path / "study", file, unit="dyad", year="year", declared=DECLARED
    )

    stored = rows_of(study, "observations.csv")
    frame = wide()
    assert len(stored) == int(frame["Visits (n)"].count() + frame["share"].count()) == 126
    name = "visits" if ending == "dta" else "visits_n"
    values = {
        (row["unit"], int(row["year"])): float(row["value"])
        for row in stored
        if row["variable"] == name
    }
    assert values == {
        (unit, year): visits(year)
        for unit, first in (("CHN-RUS", 1992), ("JPN-USA", 1990))
        for year in range(first, 2023)
    }
    assert not [row for row in stored if row["variable"] == "share" and row["year"] == "2000"]
    (source,) = rows_of(study, "sources.csv")
    assert source["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (study / "raw" / source["file"]).read_bytes() == file.read_bytes()
    first = next(row for row in stored if row["unit"] == "CHN-RUS" and row["variable"] == name)
    place = "row 2" if ending in ("csv", "xlsx") else "observation 1"
    assert first["locator"].startswith(f"Visits 2024.{ending}, {place}, column ")


def test_units_and_codebook_are_laid_out_as_far_as_the_table_tells(tmp_path):
    file = save(wide(), tmp_path, "dta")

    study = make_study_from_table(
        tmp_path / "study", file, unit="dyad", year="year", declared=DECLARED
    )

    units = {row["unit"]: (row["kind"], row["name"]) for row in rows_of(study, "units.csv")}
    assert units == {"CHN-RUS": ("dyad", "RUS-CHN"), "JPN-USA": ("dyad", "JPN-USA")}
    book = {row["variable"]: row for row in rows_of(study, "codebook.csv")}
    assert book["visits"]["label"] == "Visits of ministers"
    assert (book["visits"]["scale"], book["share"]["scale"]) == ("count", "share")
    assert (book["visits"]["coverage_first"], book["visits"]["coverage_last"]) == ("1990", "2022")


def test_the_only_fault_of_a_study_from_a_table_is_that_no_claim_is_declared(tmp_path):
    file = save(wide(), tmp_path, "csv")

    study = make_study_from_table(
        tmp_path / "study", file, unit="dyad", year="year", declared=DECLARED
    )

    (fault,) = check_study(study)
    assert fault.file == "data/hypotheses.toml"
    assert fault.fault == "no hypothesis is declared"


def test_the_example_of_a_claim_runs_when_its_lines_are_uncommented(tmp_path, unturned):
    """As its first lines say: the row of the juncture is added, two characters are taken off."""
    file = save(wide(), tmp_path, "csv")
    study = make_study_from_table(
        tmp_path / "study", file, unit="dyad", year="year", declared=DECLARED
    )
    toml = study / "data" / "hypotheses.toml"
    head, mark, example = toml.read_text(encoding="utf-8").partition("# [[hypothesis]]")
    row = re.search(r"^#    (my-juncture,.+)$", head, flags=re.MULTILINE)
    assert row
    with (study / "data" / "junctures.csv").open("a", encoding="utf-8") as table:
        table.write(f"{row[1]}\n")
    lines = f"{mark}{example}".splitlines()
    toml.write_text("".join(f"{line[2:]}\n" for line in lines), encoding="utf-8")

    (verdict,) = run_study(study, effort=SMALL).verdicts.values()

    assert read_study(study).hypotheses["H-1.first"].units == ("JPN-USA",)
    assert verdict.decision.finding.value == "supported"  # the step of 9 in 2006


def test_names_a_study_does_not_allow_are_made_into_some_it_does(tmp_path):
    study = start(tmp_path, "unit,year,GDP (US$)\nSouth Korea,2000,1.5\n710,2000,2\n")

    assert [row["unit"] for row in rows_of(study, "units.csv")] == ["South_Korea", "U710"]
    assert [row["variable"] for row in rows_of(study, "codebook.csv")] == ["gdp_us"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "land,year,x\nA,2000,1\n",
            'no column "unit"; did you mean land? Name the right one with --unit COLUMN.',
        ),
        (
            "land,pair,year,x\nA,B,2000,1\n",
            'no column "unit"; known are land, pair, x and year. Name the right one with --unit',
        ),
        ("unit,jahr,x\nA,2000,1\n", 'no column "year"; did you mean jahr? Name the right one'),
        ("unit,year,region\nA,2000,north\n", "no column of numbers beside unit and year; a variab"),
        ("unit,date,x\nA,2000,1\n", 'no column "year"'),
        ("unit;year;x\nA;2000;1\n", "divided by semicolons"),
        ("unit,year,x\nA,2000,1,234\n", "Row 2 has 4 cells, the header 3"),
        ("unit,year,x\n", "a header and no rows"),
        ("unit,year\nA,2000\n", "no column beside unit and year"),
        ("unit,year,x,x\nA,2000,1,2\n", 'several columns "x"'),
        ("unit,year,x\nA,2000,NA\n", "holds no value"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_the_remedy(tmp_path, text, said):
    with pytest.raises(UsageError) as error:
        start(tmp_path, text)

    assert said in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_every_bad_cell_is_reported_with_its_row_and_column(tmp_path):
    text = "unit,year,x,name\nAAA,2000,1,a\nAAA,2001,many,b\nAAA,2000,3,c\nAAA,12,4,d\n,2003,5,e\n"

    with pytest.raises(DataError) as error:
        start(tmp_path, text, variables=("x", "name"))

    said = [str(fault) for fault in error.value.faults]
    assert said == [
        'table.csv, name: none of its 5 cells is a number; the first is "a"; leave the column out '
        "by naming those to take with --variable.",
        'table.csv, row 3, x: "many" is not a number; write digits and a point, or leave the cell '
        "blank.",
        "table.csv, row 4, unit: AAA in 2000 stands already in row 2; keep one row for each unit "
        "and year.",
        'table.csv, row 5, year: "12" is not a year; write a whole number, such as 2012.',
        "table.csv, row 6, unit: the unit is blank; name it.",
    ]
    assert not (tmp_path / "study").exists()


def test_two_units_that_would_get_one_name_are_refused(tmp_path):
    with pytest.raises(DataError, match='"RUS-CHN" and "CHN-RUS" would both be called CHN-RUS'):
        start(tmp_path, "unit,year,x\nCHN-RUS,2000,1\nRUS-CHN,2001,1\n")


def test_columns_can_be_chosen(tmp_path):
    study = start(tmp_path, "unit,year,name,x\nAAA,2000,a,1\nAAA,2001,b,2\n", variables=("x",))

    assert [row["variable"] for row in rows_of(study, "codebook.csv")] == ["x"]


def test_a_column_of_texts_is_left_out_and_named(tmp_path, capsys):
    file = tmp_path / "trade.csv"
    file.write_text("unit,year,Region,x\nAAA,2000,north,1\nAAA,2001,,2\n", encoding="utf-8")

    code, _, err = call(capsys, "new", tmp_path / "made", "--from", file)

    assert code == 0
    assert err.startswith('Left out, as none of its cells is a number: "Region".\n')
    assert [row["variable"] for row in rows_of(tmp_path / "made", "codebook.csv")] == ["x"]


def test_a_variable_that_is_not_there_is_answered_with_those_that_are(tmp_path):
    with pytest.raises(UsageError) as error:
        start(tmp_path, "unit,year,exports,visits\nAAA,2000,1,2\n", variables=("importz",))

    assert str(error.value) == (
        'table.csv has no column "importz" to take with --variable; known are exports and visits.'
    )


def test_the_example_claim_steadies_a_count_and_leaves_an_amount_as_it_is(tmp_path):
    count = start(tmp_path / "a", "unit,year,x\nAAA,2000,1\nAAA,2001,2\n")
    amount = start(tmp_path / "b", "unit,year,x\nAAA,2000,1.5\nAAA,2001,2\n")

    transforms = [
        re.search(r'^# transform = "(\w+)" +# none', text, flags=re.MULTILINE)
        for text in ((each / "data/hypotheses.toml").read_text("utf-8") for each in (count, amount))
    ]
    assert [found and found[1] for found in transforms] == ["sqrt38", "none"]


def test_numbers_of_single_precision_keep_their_digits(tmp_path):
    frame = pd.DataFrame({"unit": ["AAA"], "year": [2000], "x": np.array([0.1], dtype="float32")})
    file = tmp_path / "single.dta"
    buffer = io.BytesIO()
    frame.to_stata(buffer, write_index=False)
    file.write_bytes(buffer.getvalue())

    study = make_study_from_table(
        tmp_path / "study", file, unit="unit", year="year", declared=DECLARED
    )

    assert rows_of(study, "observations.csv")[0]["value"] == "0.1"


def test_new_from_a_table_lists_what_is_left_to_do_as_json(tmp_path, capsys):
    file = save(wide(), tmp_path, "csv")
    made = tmp_path / "made"

    code, out, err = call(capsys, "new", made, "--from", file, "--unit", "dyad", "--json")

    said = json.loads(out)
    assert (code, err) == (0, "")
    assert said["study"] == made.as_posix()
    assert [fault["fault"] for fault in said["faults"]] == ["no hypothesis is declared"]


def test_a_blank_table_and_another_kind_of_file_are_refused(tmp_path):
    with pytest.raises(UsageError, match="none of csv, dta, xlsx and parquet"):
        make_study_from_table(
            tmp_path / "s", tmp_path / "x.sav", unit="u", year="y", declared=DECLARED
        )
    (tmp_path / "x.parquet").write_bytes(b"not parquet")
    with pytest.raises(UsageError, match="cannot be read as parquet"):
        make_study_from_table(
            tmp_path / "s", tmp_path / "x.parquet", unit="u", year="y", declared=DECLARED
        )


def test_what_is_to_be_filled_in_is_said_by_check_and_is_no_fault(tmp_path, capsys):
    study = start(tmp_path, "unit,year,x,y\nAAA,2000,1,2\nAAA,2001,2,3\n")
    fault = "data/hypotheses.toml: no hypothesis is declared; "

    code, out, err = call(capsys, "check", "--study", study)

    assert (code, out) == (1, "")
    assert err.startswith(fault)
    assert err.splitlines()[2:] == [
        "Still to be filled in, 10 places:",
        "  study.toml: authors (row 2)",
        "  data/references.bib: title (rows 2 and 5)",
        "  data/sources.csv: producer (row 2), version (row 2), licence (row 2)",
        "  data/codebook.csv: measured_in (rows 2 and 3), note (rows 2 and 3)",
    ]


def test_a_study_that_has_only_that_left_is_without_faults(tmp_path, capsys):
    study = make_example_study(tmp_path / "example")
    settings = study / "study.toml"
    text = settings.read_text(encoding="utf-8")
    authors = re.sub(r"^authors = .*$", 'authors = ["to be filled in"]', text, flags=re.MULTILINE)
    settings.write_text(authors, encoding="utf-8")

    assert call(capsys, "check", "--study", study) == (
        0,
        "No faults found.\nStill to be filled in, 1 place:\n  study.toml: authors (row 2)\n",
        "",
    )
