"""`juncture refresh`, with a provider on this machine."""

import json

import pytest

from analysis.cli.app import app, guarded
from tests.provider import GDP, bank_answer, running_provider, write_study


@pytest.fixture
def address(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("JUNCTURE_RAW", raising=False)
    with running_provider() as provider:
        yield provider.serve("/gdp", bank_answer(GDP))


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "study")


def juncture(*words: object) -> int:
    return guarded(lambda: app([str(word) for word in words], standalone_mode=False))


def test_the_difference_of_vintages_is_printed_and_nothing_stored(address, study, capsys):
    assert juncture("refresh", "wdi-gdp-current", "--url", address, "--study", study) == 0

    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "wdi-gdp-current and the vintage 2026-10-07"
    assert "gdp_current_usd 1 2 1 1 5.25 % 10 %" in lines
    assert "gdp_current_usd CHN 2001 1000000 1100000 10 %" in lines
    assert "gdp_current_usd USA 2001 10500000" in lines
    assert lines[-1] == (
        "Nothing was stored. With --apply --raw DIR, DIR gains "
        "originals/wdi_gdp_current_usd_2026-10-07.json and "
        "wdi/wdi_gdp_current_usd_2026-10-07.csv."
    )


def test_apply_stores_the_vintage_and_prints_the_row_for_sources(address, study, tmp_path, capsys):
    raw = tmp_path / "raw"
    raw.mkdir()
    sources = (study / "data" / "sources.csv").read_bytes()

    words = ("--url", address, "--study", study, "--apply", "--raw", raw)
    assert juncture("refresh", "wdi-gdp-current", *words) == 0

    shown = capsys.readouterr().out
    assert "The files of wdi-gdp-current stay." in shown
    assert "\nwdi-gdp-current-2026-10-07,Maker,Title," in shown
    assert (raw / "wdi" / "wdi_gdp_current_usd_2026-10-07.csv").is_file()
    assert (study / "data" / "sources.csv").read_bytes() == sources


def test_json_has_every_change(address, study, capsys):
    words = ("--url", address, "--study", study, "--json")
    assert juncture("refresh", "wdi-gdp-current", *words) == 0

    answer = json.loads(capsys.readouterr().out)
    kinds = [(c["unit"], c["year"], c["kind"]) for c in answer["changes"]]
    assert kinds == [
        ("CHN", 2001, "changed"),
        ("CHN", 2002, "new"),
        ("USA", 2000, "changed"),
        ("USA", 2001, "gone"),
    ]
    assert answer["stored"] is False
    assert answer["counts"][0]["equal"] == 1


def test_apply_without_a_folder_is_refused(address, study, capsys):
    words = ("--url", address, "--study", study, "--apply")

    assert juncture("refresh", "wdi-gdp-current", *words) == 2
    assert "--apply needs the folder to store the file in: add --raw DIR." in (
        capsys.readouterr().err
    )


def test_an_address_and_a_file_together_are_refused(address, study, tmp_path, capsys):
    words = ("--url", address, "--file", tmp_path / "x", "--study", study)

    assert juncture("refresh", "wdi-gdp-current", *words) == 2
    assert "with --url or with --file, not with both" in capsys.readouterr().err


def test_a_download_that_goes_wrong_is_one_line_and_exit_code_two(address, study, capsys):
    words = ("--url", f"{address}-moved", "--study", study)

    assert juncture("refresh", "wdi-gdp-current", *words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        f"{address}-moved answers with error 404 (Not Found). Nothing was stored; try later, "
        "or give --url ADDRESS or --file FILE.\n"
    )
