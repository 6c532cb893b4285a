"""`juncture export`: the same values in every kind of file, with the labels of the codebook."""

import csv
import io
import json
import shlex
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
import typer
from pyarrow import parquet

from analysis.cli.app import app
from analysis.cli.examples import EXAMPLES
from analysis.errors import UsageError
from analysis.panel.assemble import assemble_panel
from analysis.records.study import read_study
from analysis.replication.export import KINDS, export_panel
from tests.command import call
from tests.toy import exports, visits

VARIABLES = ["exports_usd", "members_count", "visits_count", "votes_agreement_share"]


def series(frame: pd.DataFrame, unit: str, variable: str) -> dict[int, float]:
    chosen = frame[(frame["unit"] == unit) & frame[variable].notna()]
    return {int(row["year"]): float(row[variable]) for _, row in chosen.iterrows()}


@pytest.mark.parametrize("kind", ["csv", "parquet", "dta"])
def test_every_kind_of_file_gives_back_the_values_of_the_study(toy_study, tmp_path, kind):
    exported = export_panel(toy_study, tmp_path / f"panel.{kind}")

    read = {"csv": pd.read_csv, "parquet": pd.read_parquet, "dta": pd.read_stata}[kind]
    frame = read(exported.files[0])
    assert [*frame.columns] == ["unit", "year", *VARIABLES]
    assert series(frame, "JPN>USA", "exports_usd") == {y: exports(y) for y in range(1990, 2023)}
    wanted = {y: visits(y) for y in range(1990, 2023) if y != 2020}  # missing there
    assert series(frame, "JPN-USA", "visits_count") == wanted
    assert frame["year"].between(1990, 2022).all()
    assert exported.rows == len(frame) == 3 * 33


def test_stata_reads_the_labels_with_their_units(toy_study, tmp_path):
    export_panel(toy_study, tmp_path / "panel.dta")

    with pd.read_stata(tmp_path / "panel.dta", iterator=True) as reader:
        labels, title = reader.variable_labels(), reader.data_label
    assert labels["exports_usd"] == "Exports (million USD)"
    assert labels["year"] == "Year"
    assert title == "Did a treaty bring Japan and the United States together?"


def test_parquet_says_what_each_column_is_and_which_data_it_holds(toy_study, tmp_path):
    export_panel(toy_study, tmp_path / "panel.parquet")

    schema = parquet.read_schema(tmp_path / "panel.parquet")
    assert schema.field("visits_count").metadata[b"label"] == b"State visits"
    assert schema.field("visits_count").metadata[b"measured_in"] == b"visits"
    said = json.loads(schema.metadata[b"juncture"])
    assert said["data_sha256"] == read_study(toy_study).data_sha256


def test_r_gets_a_script_beside_the_table_and_its_labels(toy_study, tmp_path):
    exported = export_panel(toy_study, tmp_path / "panel.R")

    assert [path.name for path in exported.files] == ["panel.R", "panel.csv", "panel-labels.csv"]
    script = (tmp_path / "panel.R").read_text(encoding="utf-8")
    assert 'file.path(here, "panel.csv")' in script
    assert "$csv" not in script
    for left, right in ("()", "[]", "{}"):
        assert script.count(left) == script.count(right)
    rows = list(csv.reader(io.StringIO((tmp_path / "panel-labels.csv").read_text("utf-8"))))
    assert rows[0] == ["variable", "label", "measured_in"]
    assert [row[0] for row in rows[1:]] == ["unit", "year", *VARIABLES]


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_reads_values_and_labels(toy_study, tmp_path):
    export_panel(toy_study, tmp_path / "panel.R")
    asked = (
        f'source("{(tmp_path / "panel.R").as_posix()}");'
        'cat(attr(panel$exports_usd, "label"), nrow(panel), sum(panel$exports_usd, na.rm = TRUE))'
    )

    done = subprocess.run(["Rscript", "-e", asked], capture_output=True, text=True, check=True)

    assert done.stdout == f"Exports 99 {sum(exports(year) for year in range(1990, 2023))}"


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_study_gives_the_same_bytes(toy_study, tmp_path, kind):
    first, second = (
        export_panel(toy_study, tmp_path / folder / f"panel.{kind}", to=kind) for folder in "ab"
    )

    assert [path.read_bytes() for path in first.files] == [
        path.read_bytes() for path in second.files
    ]


def test_units_and_variables_can_be_chosen(toy_study, tmp_path):
    export_panel(toy_study, tmp_path / "panel.csv", units=["JPN-USA"], variables=["visits_count"])

    frame = pd.read_csv(tmp_path / "panel.csv")
    assert [*frame.columns] == ["unit", "year", "visits_count"]
    assert set(frame["unit"]) == {"JPN-USA"}
    assert 2020 not in set(frame["year"])  # the only value of the year is missing


def test_names_too_long_for_stata_are_shortened_and_said(toy_study, tmp_path):
    name = "votes_agreement_in_the_general_assembly_share"
    for table in ("codebook.csv", "observations.csv"):
        path = toy_study / "data" / table
        text = path.read_text(encoding="utf-8").replace("votes_agreement_share", name)
        path.write_text(text, encoding="utf-8")

    exported = export_panel(toy_study, tmp_path / "panel.dta")

    assert exported.renamed == {name: "votes_agreement_in_the_general_1"}
    assert "votes_agreement_in_the_general_1" in pd.read_stata(tmp_path / "panel.dta").columns


def test_values_are_those_the_tests_see(toy_study, tmp_path):
    panel = assemble_panel(read_study(toy_study)).frame

    export_panel(toy_study, tmp_path / "panel.parquet")

    frame = pd.read_parquet(tmp_path / "panel.parquet").set_index(["unit", "year"])
    assert np.array_equal(frame[VARIABLES], panel.loc[frame.index, VARIABLES], equal_nan=True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["panel.sav"], "cannot be written as sav; name one of csv, dta, parquet and r"),
        ([], "Name a file, or a kind of file with --to"),
        (["panel.csv", "--variable", "visit_count"], "did you mean visits_count?"),
        (["panel.csv", "--unit", "JPN"], "The panel has no JPN; did you mean"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_the_remedy(
    toy_study, tmp_path, capsys, monkeypatch, arguments, said
):
    monkeypatch.chdir(tmp_path)

    code, out, err = call(capsys, "export", *arguments, "--study", toy_study)

    assert (code, out) == (2, "")
    assert said in err
    assert [path.name for path in tmp_path.iterdir()] == ["toy"]


def test_without_pyarrow_parquet_is_refused_with_the_remedy(toy_study, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)

    with pytest.raises(UsageError, match=r"pip install 'juncture\[parquet\]'"):
        export_panel(toy_study, tmp_path / "panel.parquet")


def test_the_command_says_what_it_wrote(toy_study, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    code, out, _ = call(capsys, "export", "--to", "r", "--study", toy_study)

    assert code == 0
    assert out == "99 unit-years of 4 variables are in panel.R, panel.csv, panel-labels.csv\n"


def test_every_command_has_examples_and_help_prints_them(capsys):
    commands = set(typer.main.get_group(app).commands)
    assert set(EXAMPLES) == commands

    for name in sorted(commands):
        _, out, _ = call(capsys, name, "--help")
        for example in EXAMPLES[name]:
            assert f"\n    {example}\n" in out


@pytest.mark.parametrize("example", [each for calls in EXAMPLES.values() for each in calls])
def test_every_example_is_a_call_the_command_understands(example):
    program, name, *arguments = shlex.split(example)

    assert program == "juncture"
    command = typer.main.get_group(app).commands[name]
    command.make_context(name, arguments)  # raises a usage error for what it does not know
