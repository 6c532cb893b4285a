"""Extraction as a whole, on small tables in the providers' layouts and on the providers' own.

The small ones stand in `made_sources`. If the environment variable JUNCTURE_RAW names the folder
of the real files, what is asked of the small ones is asked of those too.
"""

import gzip
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DataError
from analysis.panel import append_composites
from analysis.records import read_study
from analysis.sources.extract import READERS, check_files, compare, extract
from analysis.sources.observations import (
    Observation,
    read_observations,
    tabulate_observations,
    write_observations,
)

ROOT = Path(__file__).parent.parent
MADE = Path(__file__).parent / "made_sources"
REAL = os.environ.get("JUNCTURE_RAW", "")
RAWS = ["made", "real"] if REAL else ["made"]
# Followed by hand in other tests: made of cells of the table, of texts, or of several rows.
NOT_FOLLOWED = r"^events\.csv|^computed from|over members| in text$|words matched$| / |; nato"


def name_as_published(made: Path) -> str:
    """The name of the provider's file; some are compressed, the made ones never."""
    file = made.relative_to(MADE).as_posix()
    listed = pd.read_csv(ROOT / "data" / "sources.csv", dtype=str)["file"].str.split(";").explode()
    return f"{file}.gz" if f"{file}.gz" in set(listed.dropna()) else file


FILES = {name_as_published(path): path.read_text() for path in sorted(MADE.rglob("*.csv"))}
LISTED = pd.read_csv(ROOT / "data" / "sources.csv", dtype=str)["file"].dropna().str.split(";")


def write_made(folder: Path, files: dict[str, str] = FILES) -> Path:
    for file, text in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return folder


@pytest.fixture
def made(tmp_path) -> Path:
    return write_made(tmp_path)


@pytest.fixture(scope="module", params=RAWS)
def raw(request, tmp_path_factory) -> Path:
    return write_made(tmp_path_factory.mktemp("raw")) if request.param == "made" else Path(REAL)


@pytest.fixture(scope="module")
def extracted(raw) -> pd.DataFrame:
    return extract(raw, ROOT)


def follow(extracted: pd.DataFrame) -> pd.DataFrame:
    """The values that one row or one sum in a provider's file gives."""
    by_hand = extracted["locator"].str.contains(NOT_FOLLOWED)
    return extracted[~by_hand & (extracted["status"] != "missing")]


def look_up(raw: Path, locator: str) -> float:
    """Follow a locator by other means than the reader that wrote it."""
    file, *picks, column = re.split(r", (?=[a-zA-Z0-9_]+=)|, (?=[^,=]+$)", locator)
    (path,) = raw.rglob(file)
    table = pd.read_csv(path, low_memory=False)
    for pick in picks:
        name, wanted = pick.split("=", 1)
        texts = table[name].astype(str).str.strip().str.removesuffix(".0")
        if wanted.startswith("to "):
            table = table[texts <= wanted.removeprefix("to ")]
        else:
            table = table[texts.isin(wanted.split(" or "))]
    return calculate(table, column)


def calculate(table: pd.DataFrame, column: str) -> float:
    if match := re.fullmatch(r"sum of (\w+)", column):
        return float(table[match[1]].sum())
    if match := re.fullmatch(r"count of (\w+)", column):
        return float(table[match[1]].nunique())
    if column == "present":
        return float(len(table) > 0)
    if match := re.fullmatch(r"difference of (\w+)", column):
        return float(np.ptp(table[match[1]]))
    if match := re.fullmatch(r"([\d.e+-]+) x (\w+)", column):
        return float(match[1]) * float(table[match[2]].item())
    (row,) = table.to_dict("records")
    return float(sum(row[name] for name in column.split(" + ")))


def test_twenty_values_drawn_at_random_are_those_of_the_provider(raw, extracted):
    seed = int.from_bytes(os.urandom(4), "big")
    drawn = follow(extracted).sample(20, random_state=seed)

    for row in drawn.itertuples():
        found = 0.0 if row.note.startswith("none found") else look_up(raw, row.locator)
        assert float(row.value) == pytest.approx(found, rel=1e-9), f"seed {seed}: {row}"


def test_one_value_of_every_variable_is_that_of_the_provider(raw, extracted):
    followed = follow(extracted)
    last = followed[~followed["note"].str.startswith("none found")].groupby(["variable", "source"])

    for row in last.tail(1).itertuples():
        assert float(row.value) == pytest.approx(look_up(raw, row.locator), rel=1e-9), row


def test_extraction_gives_the_stored_table_to_the_byte(raw, extracted, tmp_path):
    """Stored is, for the made files, what was written, and for the real ones what is committed."""
    written = tmp_path / "observations.csv"
    if str(raw) == REAL:
        extracted = append_composites(extracted, read_study(ROOT))
    write_observations(extracted, written)
    stored = ROOT / "data" / "observations.csv" if str(raw) == REAL else written

    assert compare(extracted, read_observations(stored)).empty
    assert written.read_bytes() == stored.read_bytes()


def test_a_file_that_is_absent_is_reported_and_a_listed_one_is_not(raw, tmp_path):
    absent = check_files(tmp_path, ROOT)

    assert {fault.file for fault in absent} == set(LISTED.explode())
    assert all(fault.fault == "the file is not in the raw folder" for fault in absent)
    assert str(raw) != REAL or check_files(raw, ROOT) == ()


def test_a_file_that_is_not_the_one_listed_is_reported(made):
    """Made files are never those of `sources.csv`, so every one of them is a fault."""
    faults = check_files(made, ROOT)

    assert {fault.file for fault in faults} == set(FILES)
    assert all("its SHA-256 is" in fault.fault for fault in faults)


def test_the_order_of_readers_and_rows_does_not_matter(made):
    backwards = [row for read in reversed(READERS) for row in reversed(list(read(made)))]
    forwards = [row for read in READERS for row in read(made)]

    assert tabulate_observations(backwards).equals(tabulate_observations(forwards))


def test_every_file_of_a_provider_is_listed_as_that_of_a_source():
    assert set(LISTED.explode()) == set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(made, file):
    (made / file).unlink()

    with pytest.raises(DataError, match=rf"{re.escape(file)}: the file is not in the raw folder"):
        extract(made, ROOT)


@pytest.mark.parametrize("file", FILES)
def test_a_column_under_another_name_is_refused(tmp_path, file):
    header, rest = FILES[file].split("\n", 1)
    renamed = ",".join(f"{name}_new" for name in header.split(","))
    write_made(tmp_path, FILES | {file: f"{renamed}\n{rest}"})

    with pytest.raises(DataError, match=rf"{re.escape(file)}, row 1, \w+: the column is not there"):
        extract(tmp_path, ROOT)


@pytest.mark.parametrize("file", FILES)
def test_a_table_that_lost_its_rows_is_refused(tmp_path, file):
    write_made(tmp_path, FILES | {file: FILES[file].split("\n", 1)[0] + "\n"})

    with pytest.raises(DataError, match=rf"{re.escape(file)}: the table has no rows"):
        extract(tmp_path, ROOT)


def test_a_text_in_a_number_column_is_refused_with_its_place(tmp_path):
    file = "sipri_arms/tiv_dyads_1950_2021_v2022-07.csv"
    write_made(tmp_path, FILES | {file: FILES[file].replace("1023.0", "1 023")})

    with pytest.raises(DataError, match=r"v2022-07\.csv, row 4, tiv_m: '1 023' is not a number"):
        extract(tmp_path, ROOT)


def test_a_year_that_is_not_whole_is_refused(tmp_path):
    file = "cow_trade/cow_trade_v4_directed_core_1990_2014.csv.gz"
    write_made(tmp_path, FILES | {file: FILES[file].replace("2005.0,16344.0", "2005.5,16344.0")})

    with pytest.raises(DataError, match=r"row 3, year: '2005\.5' is not a whole number"):
        extract(tmp_path, ROOT)


def test_two_values_for_one_cell_are_refused():
    twice = Observation("CHN", 2000, "x_count", 1.0, "reported", "a", "table 1")

    with pytest.raises(DataError, match=r"x_count of CHN in 2000 comes twice from a"):
        tabulate_observations([twice, twice])


def test_a_difference_is_listed_by_cell_and_a_row_in_one_table_only_as_such(made):
    table = extract(made, ROOT)
    changed = table.assign(value=table["value"].where(table["value"] != "1023", "1024"))[1:]

    differences = compare(table, changed).to_dict("records")

    assert [(d["column"], d["stored"], d["extracted"]) for d in differences] == [
        ("", "no row", "a row"),
        ("value", "1024", "1023"),
    ]
