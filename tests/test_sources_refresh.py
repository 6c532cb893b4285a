"""A newer vintage: fetched from a server on this machine, reshaped, compared, stored or refused."""

import csv
import gzip
import hashlib
import socket
from dataclasses import replace

import pandas as pd
import pytest

from analysis.errors import UsageError
from analysis.sources import refresh as module
from analysis.sources.download import download
from analysis.sources.extract import READERS
from analysis.sources.ideal_point_file import reshape_ideal_points
from analysis.sources.observations import Observation
from analysis.sources.refresh import Origin, refresh
from analysis.sources.remote import REMOTES
from analysis.sources.sipri_workbook import reshape_workbook
from analysis.sources.un_roll_calls import reshape_roll_calls
from analysis.sources.vintage import Change, compare_vintages, count_changes, find_largest
from analysis.sources.world_bank import reshape_indicator
from tests.provider import (
    GDP,
    HELD,
    IDEAL_POINTS,
    bank_answer,
    bank_record,
    listing,
    md5,
    roll_calls,
    running_provider,
    workbook,
    write_study,
)

DATASET = "/api/datasets/"
FILE = "/api/access/datafile/11"


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch):
    """Refuse every connection that leaves the machine, and go round a proxy to stay on it."""
    connect = socket.socket.connect

    def connect_here(self, place):
        assert place[0] == "127.0.0.1", f"a test tried to reach {place}"
        return connect(self, place)

    monkeypatch.setattr(socket.socket, "connect", connect_here)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def provider():
    with running_provider() as running:
        yield running


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "study")


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


@pytest.fixture
def bank(provider):
    return Origin(url=provider.serve("/gdp", bank_answer(GDP)))


@pytest.fixture
def dataverse(provider, monkeypatch):
    """The addresses of the study, with Dataverse on this machine."""
    moved = tuple(replace(each, url=provider.address(DATASET)) for each in REMOTES)
    monkeypatch.setattr(module, "REMOTES", moved)
    return provider


def found(refreshed) -> dict[tuple[str, int, str], tuple[str, str, str]]:
    return {
        (change.unit, change.year, change.variable): (change.kind, change.before, change.after)
        for change in refreshed.changes
    }


def files(folder) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# What changed


def test_each_cell_is_equal_changed_new_or_gone(study, bank):
    refreshed = refresh("wdi-gdp-current", study, origin=bank)

    assert found(refreshed) == {
        ("CHN", 2000, "gdp_current_usd"): ("equal", "1211000", "1211000"),
        ("CHN", 2001, "gdp_current_usd"): ("changed", "1000000", "1100000"),
        ("CHN", 2002, "gdp_current_usd"): ("new", "", "1470000"),
        ("USA", 2000, "gdp_current_usd"): ("changed", "10000000", "10050000"),
        ("USA", 2001, "gdp_current_usd"): ("gone", "10500000", ""),
    }


def test_changes_are_counted_and_the_largest_come_first(study, bank):
    changes = refresh("wdi-gdp-current", study, origin=bank).changes

    (row,) = count_changes(changes).to_dict("records")
    assert row == {
        "variable": "gdp_current_usd",
        "equal": 1,
        "changed": 2,
        "new": 1,
        "gone": 1,
        "median": pytest.approx((0.1 + 0.005) / 2),
        "largest": pytest.approx(0.1),
    }
    largest = find_largest(changes, most=10)
    assert [(c.unit, c.year, c.relative) for c in largest] == [
        ("CHN", 2001, pytest.approx(0.1)),
        ("USA", 2000, pytest.approx(0.005)),
    ]


def test_a_change_from_zero_has_no_ratio_and_comes_before_all_that_have_one():
    stored = pd.DataFrame(
        [
            ("A", 2000, "x_count", "0", "s", "f.csv, row"),
            ("A", 2001, "x_count", "1", "s", "f.csv, row"),
        ],
        columns=["unit", "year", "variable", "value", "source", "locator"],
    )
    fresh = [Observation("A", year, "x_count", 9.0, "reported", "s", "") for year in (2000, 2001)]

    changes = compare_vintages(stored, fresh, source="s", file="raw/f.csv")

    assert [(c.year, c.relative) for c in find_largest(changes, 2)] == [(2000, None), (2001, 8.0)]


def test_two_vintages_without_a_cell_have_nothing_to_count():
    stored = pd.DataFrame(columns=["unit", "year", "variable", "value", "source", "locator"])

    changes = compare_vintages(stored.astype(str), [], source="s", file="f.csv")

    assert count_changes(changes).empty


def test_the_day_of_update_names_the_vintage_of_the_world_bank(study, bank):
    assert refresh("wdi-gdp-current", study, origin=bank).vintage == "2026-10-07"


def test_a_file_of_dataverse_is_found_by_its_name_and_the_newest_taken(study, dataverse):
    names = ("IdealpointsJune2024.tab", "IdealPointDyads.csv", "IdealpointsJuly2025.tab")
    dataverse.serve(DATASET, listing(*names, ingested=True))
    dataverse.serve("/api/access/datafile/13", IDEAL_POINTS)

    refreshed = refresh("idealpoints-2025-07", study)

    assert dataverse.asked == [DATASET, "/api/access/datafile/13"]
    assert (refreshed.vintage, refreshed.verified) == ("v35.1", False)
    assert found(refreshed) == {
        ("CHN", 2000, "un_ideal_point_index"): ("equal", "-0.5", "-0.5"),
        ("RUS", 2000, "un_ideal_point_index"): ("changed", "0.25", "0.5"),
        ("CHN-RUS", 2000, "un_ideal_point_distance"): ("changed", "0.75", "1"),
    }


def test_a_file_that_dataverse_stores_as_it_came_is_checked_by_its_checksum(study, dataverse):
    dataverse.serve(DATASET, listing("UNVotes-2.csv", md5=md5(roll_calls())))
    dataverse.serve(FILE, roll_calls())

    refreshed = refresh("voeten-2024", study)

    assert refreshed.verified
    assert found(refreshed) == {
        ("CHN-RUS", 2000, "un_votes_agreement_share"): ("new", "", "0.75"),
        ("CHN-RUS", 2000, "un_votes_agreement_kappa"): ("new", "", "0.38462"),
    }


def test_a_sum_over_members_is_not_compared(study, provider):
    origin = Origin(url=provider.serve("/milex.xlsx", workbook()))

    refreshed = refresh("sipri-milex-2026", study, origin=origin)

    assert found(refreshed) == {
        ("USA", 2000, "us_military_expenditure_usd"): ("changed", "500000", "550000"),
        ("USA", 2000, "military_expenditure_usd"): ("changed", "500000", "550000"),
        ("USA", 2000, "military_expenditure_gdp_share"): ("equal", "0.03", "0.03"),
    }


def test_constant_dollars_of_another_year_are_said_and_named(study, raw, provider):
    origin = Origin(url=provider.serve("/milex.xlsx", workbook(base=2026)))

    refreshed = refresh("sipri-milex-2026", study, raw=raw, origin=origin)

    assert refreshed.note == "Constant dollars are of 2026; those held are of 2024."
    assert "milex_const2026_usd_m" in (raw / refreshed.files[1]).read_text()


@pytest.mark.parametrize("source", HELD)
def test_every_address_belongs_to_a_source_the_study_lists_and_reads(source):
    """`HELD` is written by hand; the readers are those that extraction runs."""
    (remote,) = [each for each in REMOTES if each.source == source]

    assert remote.held == HELD[source]
    names = {getattr(read, "__name__", "read_state_tables") for read in READERS}
    assert {getattr(read, "__name__", "read_state_tables") for read in remote.readers} <= names


def test_no_address_is_forgotten_here():
    assert {remote.source for remote in REMOTES} == set(HELD)


# What is stored


def test_nothing_is_stored_unless_asked_for(study, raw, bank):
    refreshed = refresh("wdi-gdp-current", study, origin=bank)

    assert not refreshed.stored
    assert files(raw) == set()


def test_the_file_of_the_provider_and_the_table_are_stored_beside_the_vintage_held(
    study, raw, bank
):
    held = raw / HELD["wdi-gdp-current"]
    held.parent.mkdir()
    held.write_text("as it was\n")

    refreshed = refresh("wdi-gdp-current", study, raw=raw, origin=bank)

    original, table = refreshed.files
    assert original == "originals/wdi_gdp_current_usd_2026-10-07.json"
    assert table == "wdi/wdi_gdp_current_usd_2026-10-07.csv"
    assert files(raw) == {HELD["wdi-gdp-current"], original, table}
    assert held.read_text() == "as it was\n"
    assert (raw / original).read_bytes() == bank_answer(GDP)
    assert (raw / table).read_text() == (
        "iso3,year,gdp_current_usd\n"
        "CHN,2000,1211000000000.0\n"
        "CHN,2001,1100000000000.0\n"
        "CHN,2002,1470000000000.0\n"
        "USA,2000,10050000000000.0\n"
    )


def test_the_row_for_sources_is_that_of_the_vintage_held_with_what_is_new(study, raw, bank):
    refreshed = refresh("wdi-gdp-current", study, raw=raw, origin=bank, accessed="2026-11-21")

    header = (study / "data" / "sources.csv").read_text().splitlines()[0]
    (row,) = csv.DictReader([header, refreshed.row])
    table = raw / "wdi" / "wdi_gdp_current_usd_2026-10-07.csv"
    assert row["source"] == "wdi-gdp-current-2026-10-07"
    assert (row["producer"], row["licence"], row["accessed"]) == (
        "Maker",
        "CC BY 4.0",
        "2026-11-21",
    )
    assert row["file"] == "wdi/wdi_gdp_current_usd_2026-10-07.csv"
    assert row["sha256"] == hashlib.sha256(table.read_bytes()).hexdigest()
    assert hashlib.sha256(bank_answer(GDP)).hexdigest() in row["version"]


def test_storing_the_same_vintage_again_changes_nothing(study, raw, provider):
    origin = Origin(url=provider.serve("/votes", roll_calls()))
    first = refresh("voeten-2024", study, raw=raw, origin=origin)
    before = {file: (raw / file).read_bytes() for file in files(raw)}

    again = refresh("voeten-2024", study, raw=raw, origin=origin)

    assert again.files == first.files
    assert {file: (raw / file).read_bytes() for file in files(raw)} == before
    assert gzip.decompress(before[first.files[1]]).startswith(b"iso3_a,iso3_b,year,n_joint_votes,")


def test_another_file_of_the_same_name_is_not_overwritten(study, raw, bank):
    there = raw / "wdi" / "wdi_gdp_current_usd_2026-10-07.csv"
    there.parent.mkdir()
    there.write_text("mine\n")

    with pytest.raises(UsageError, match=r"is there and is another file; .* Nothing was stored\."):
        refresh("wdi-gdp-current", study, raw=raw, origin=bank)
    assert files(raw) == {"wdi/wdi_gdp_current_usd_2026-10-07.csv"}
    assert there.read_text() == "mine\n"


def test_if_the_second_file_cannot_be_written_the_first_is_taken_away(study, raw, bank):
    (raw / "wdi").write_text("a file where a folder should be\n")

    with pytest.raises(UsageError, match=r"cannot be written to \(.+\)\. Nothing was stored\."):
        refresh("wdi-gdp-current", study, raw=raw, origin=bank)
    assert files(raw) == {"wdi"}


# A file fetched by hand


def test_a_file_fetched_by_hand_is_taken_without_the_network(study, tmp_path):
    file = tmp_path / "votes.csv"
    file.write_bytes(roll_calls())

    refreshed = refresh("voeten-2024", study, origin=Origin(file=file))

    fingerprint = hashlib.sha256(roll_calls()).hexdigest()
    assert (refreshed.sha256, refreshed.vintage) == (fingerprint, fingerprint[:12])
    assert [c.kind for c in refreshed.changes] == [Change.NEW, Change.NEW]


def test_a_file_fetched_by_hand_must_be_there_and_have_the_checksum(study, tmp_path):
    file = tmp_path / "votes.csv"
    with pytest.raises(UsageError, match=r"votes\.csv is not a file; give the one fetched"):
        refresh("voeten-2024", study, origin=Origin(file=file))

    file.write_bytes(roll_calls())
    with pytest.raises(
        UsageError, match=r"another file than expected: its checksum is not sha256:a"
    ):
        refresh("voeten-2024", study, origin=Origin(file=file, sha256="a" * 64))


# What goes wrong on the way

BAD = {
    "/bad/silent": r"does not answer: nothing came for 0\.2 seconds",
    "/bad/stops": r"does not answer: nothing came for 0\.2 seconds",
    "/bad/short": r"broke off: fewer bytes came than were announced",
    "/bad/error": r"answers with error 503 \(Service Unavailable\)",
    "/bad/missing": r"answers with error 404 \(Not Found\)",
    "/bad/page": r"gave a web page, not data",
    "/bad/empty": r"gave an empty file",
}


@pytest.mark.parametrize(("path", "message"), BAD.items(), ids=[path[5:] for path in BAD])
def test_a_download_that_goes_wrong_is_one_error_and_stores_nothing(
    study, raw, provider, path, message
):
    origin = Origin(url=provider.address(path))

    with pytest.raises(UsageError, match=rf"{path} {message}\. Nothing was stored; try later"):
        refresh("wdi-gdp-current", study, raw=raw, origin=origin, timeout=0.2)
    assert files(raw) == set()


def test_a_file_with_another_checksum_is_refused(study, raw, bank):
    origin = replace(bank, sha256="b" * 64)

    with pytest.raises(UsageError, match=rf"checksum is not sha256:{'b' * 64}\. Nothing was sto"):
        refresh("wdi-gdp-current", study, raw=raw, origin=origin)
    assert files(raw) == set()


def test_a_file_with_the_checksum_given_is_verified(study, bank):
    origin = replace(bank, sha256=hashlib.sha256(bank_answer(GDP)).hexdigest().upper())

    assert refresh("wdi-gdp-current", study, origin=origin).verified


def test_a_file_of_dataverse_with_another_checksum_is_refused(study, raw, dataverse):
    dataverse.serve(DATASET, listing("UNVotes.csv", md5="c" * 32))
    dataverse.serve(FILE, roll_calls())

    with pytest.raises(UsageError, match=rf"checksum is not md5:{'c' * 32}\. Nothing was stored"):
        refresh("voeten-2024", study, raw=raw)
    assert files(raw) == set()


def test_a_server_that_is_not_there_cannot_be_reached(study, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(UsageError, match=r"/gdp cannot be reached\. Nothing was stored"):
        refresh("wdi-gdp-current", study, origin=Origin(url=f"http://127.0.0.1:{port}/gdp"))


@pytest.mark.parametrize("address", ["file:///etc/hosts", "ftp://127.0.0.1/x", "gdp.json"])
def test_an_address_of_another_kind_is_refused(tmp_path, address):
    with pytest.raises(UsageError, match=r"not an address that begins with http:// or https://"):
        download(address, tmp_path)


# What came, but is not what was expected

ANSWERS = {
    b"[{": r"is not JSON \(.+\), so it may be cut off",
    b"{}": r"is not a list of a heading and records",
    b'[{"message": [{"id": "120", "value": "The indicator was not found"}]}]': (
        r"is an error: The indicator was not found"
    ),
    bank_answer(GDP, total=9): r"announces 9 records and holds 7",
    bank_answer(GDP, pages=2): r"announces 7 records and holds 7 on the first of 2 pages",
    b'[{"pages": 1, "total": 1}, [{"date": "2000", "value": 1}]]': (
        r"has records without countryiso3code, date or value"
    ),
    bank_answer([bank_record("CHN", 2000, 1) | {"date": "2000Q1"}]): r"that are not of a year",
    bank_answer([bank_record("CHN", 2000, 1) | {"value": "much"}]): r"values that are not numbers",
    bank_answer([bank_record("CHN", 1980, 1.0)]): r"holds no value from 1990 on",
}


@pytest.mark.parametrize(("answer", "message"), ANSWERS.items(), ids=range(len(ANSWERS)))
def test_an_answer_of_the_world_bank_that_is_not_whole_is_refused(tmp_path, answer, message):
    path = tmp_path / "answer"
    path.write_bytes(answer)

    with pytest.raises(
        UsageError, match=rf"The answer of the World Bank.* {message}.* Nothing was"
    ):
        reshape_indicator(path, state="iso3", column="x")


WORKBOOKS = {
    b"PK\x03\x04 cut off": r"cannot be opened \(.+\), so it may be cut off",
    workbook(without="Share of GDP"): r"has no sheet Share of GDP, but Front page, Constant",
    workbook(without="Constant (2024) US$"): r"has no sheet 'Constant \(YEAR\) US\$', but Front",
    workbook(mark="about 5"): r"has 'about 5' for United States of America in 2001 in sheet Const",
}


@pytest.mark.parametrize(("content", "message"), WORKBOOKS.items(), ids=range(len(WORKBOOKS)))
def test_a_workbook_in_another_layout_is_refused(tmp_path, content, message):
    path = tmp_path / "book"
    path.write_bytes(content)

    with pytest.raises(UsageError, match=rf"The workbook of SIPRI {message}"):
        reshape_workbook(path)


@pytest.mark.parametrize("mark", ["...", "xxx", ". .", None])
def test_a_mark_for_missing_in_the_workbook_becomes_a_blank(tmp_path, mark):
    path = tmp_path / "book"
    path.write_bytes(workbook(mark=mark))

    table = reshape_workbook(path).table

    assert table.to_dict("records") == [
        {
            "country": "United States of America",
            "year": 2000,
            "milex_const2024_usd_m": 550000.0,
            "milex_current_usd_m": 320000.0,
            "milex_share_gdp": 0.03,
            "milex_share_govt": 0.1,
        }
    ]


LISTINGS = {
    b"<listing/>": r"is not JSON with a latest version and its files",
    b'{"data": {"latestVersion": {"files": []}}}': r"gives no number of the version",
    listing("UNVotes.Rdata"): r"has no file named like UNVotes.*; it has UNVotes\.Rdata",
}


@pytest.mark.parametrize(("content", "message"), LISTINGS.items(), ids=range(len(LISTINGS)))
def test_a_list_of_dataverse_without_the_file_is_refused(study, dataverse, content, message):
    dataverse.serve(DATASET, content)

    with pytest.raises(UsageError, match=rf"The list of files from Dataverse {message}"):
        refresh("voeten-2024", study)


def test_ideal_points_of_an_older_layout_are_refused_with_the_columns_there_are(tmp_path):
    path = tmp_path / "points"
    path.write_text("session,iso3c,IdealPointAll\n55,CHN,-0.5\n")

    with pytest.raises(
        UsageError, match=r"has no column year, idealpointfp; it has session, iso3c"
    ):
        reshape_ideal_points(path)


def test_a_year_that_is_none_is_refused(tmp_path):
    path = tmp_path / "points"
    path.write_text("iso3c,year,idealpointfp\nCHN,two thousand,-0.5\n")

    with pytest.raises(UsageError, match=r"ideal points has 'two thousand' for a year"):
        reshape_ideal_points(path)


def test_a_cell_that_the_reader_refuses_is_one_error(study, raw, tmp_path):
    file = tmp_path / "points.tab"
    file.write_bytes(IDEAL_POINTS.replace(b"\t-0.5\t", b"\tleft\t"))

    with pytest.raises(
        UsageError, match=r"cannot be read as the one held: .*'left' is not a number"
    ):
        refresh("idealpoints-2025-07", study, raw=raw, origin=Origin(file=file))
    assert files(raw) == set()


def test_roll_calls_without_a_vote_of_the_study_are_refused(tmp_path):
    path = tmp_path / "votes"
    path.write_text("rcid,Country,year,vote\n1,CHN,1980,1\n2,CHN,2000,8\n")

    with pytest.raises(UsageError, match=r"roll calls has no votes of the states of the study"):
        reshape_roll_calls(path)


def test_two_states_that_always_say_the_same_one_thing_have_no_kappa(tmp_path):
    """Chance alone would make them agree always, and kappa is 0 / 0."""
    path = tmp_path / "votes"
    path.write_text("rcid,Country,year,vote\n1,CHN,2000,1\n1,RUS,2000,1\n")

    (row,) = reshape_roll_calls(path).table.to_dict("records")

    assert row["agree_identical"] == 1
    assert pd.isna(row["kappa_nominal"])


# What is asked for


def test_a_source_without_an_address_is_refused_with_those_that_have_one(study):
    with pytest.raises(
        UsageError, match=r"pew cannot be fetched by the command, which knows ideal"
    ):
        refresh("pew", study)


def test_a_source_the_study_does_not_list_is_refused(study, bank):
    table = study / "data" / "sources.csv"
    lines = [line for line in table.read_text().splitlines() if "wdi-gdp" not in line]
    table.write_text("\n".join(lines) + "\n")

    with pytest.raises(UsageError, match=r"sources\.csv has no row wdi-gdp-current; the study hol"):
        refresh("wdi-gdp-current", study, origin=bank)


def test_a_raw_folder_that_is_none_is_refused_before_anything_is_fetched(study, provider, bank):
    with pytest.raises(UsageError, match=r"nowhere is not a folder; give the one that holds"):
        refresh("wdi-gdp-current", study, raw=study / "nowhere", origin=bank)
    assert provider.asked == []


def test_a_checksum_that_is_none_is_refused(study, bank):
    with pytest.raises(UsageError, match=r"abc is not a SHA-256; give 64 hexadecimal digits"):
        refresh("wdi-gdp-current", study, origin=replace(bank, sha256="abc"))
