"""Readers of provider files, on small tables made in the provider's layout and on the real ones.

The made tables stand below. If the environment variable JUNCTURE_RAW names the folder of the real
files, what is said of the made ones is asked of them too.
"""

import gzip
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DataError
from analysis.sources import (
    china_customs,
    cow_trade,
    ideal_points,
    imf_dots,
    nato,
    ndu,
    sipri_arms,
    sipri_milex,
    un_votes,
    vetoes,
)
from analysis.sources.extract import READERS, check_files, compare, extract
from analysis.sources.observations import (
    Observation,
    read_observations,
    tabulate_observations,
    write_observations,
)

ROOT = Path(__file__).parent.parent
REAL = os.environ.get("JUNCTURE_RAW", "")
RAWS = ["made", "real"] if REAL else ["made"]

MADE = {
    china_customs.FILE: """\
year,flow,usd_bn,note,url
2011,total,80.0,approx. 80 billion dollars,http://example.org/a
2022,total,190.27,,http://example.org/b
2022,china_imports_from_russia,114.15,,http://example.org/b
""",
    cow_trade.FILE: """\
ccode1,ccode2,year,flow1,flow2,smoothflow1,smoothflow2,iso3_1,iso3_2
365.0,710.0,2005.0,7258.0,16344.0,0,0,RUS,CHN
710.0,365.0,2005.0,16344.0,7258.0,0,0,CHN,RUS
710.0,365.0,1991.0,2081.0,,0,0,CHN,RUS
710.0,92.0,2005.0,1.0,1.0,0,0,CHN,SLV
""",
    ideal_points.FILE: """\
ccode,iso3c,countryname,year,idealpointfp
365,RUS,Russia,2005.0,-0.5
710,CHN,China,2005.0,-1.25
2,USA,United States,2005.0,
92,SLV,El Salvador,2005.0,0.3
""",
    imf_dots.FILE: """\
reporter,partner,flow,year,usd_m,is_aggregate,imf_estimated_suspect
Russian Federation,"China, P.R.: Mainland",export_fob,2015,28606.5,0,0
Russian Federation,"China, P.R.: Mainland",import_cif,2015,34945.8,0,0
Russian Federation,"China, P.R.: Mainland",import_cif,2010,39059.0,0,0
Russian Federation,"China, P.R.: Mainland",export_fob,2022,69419.7,0,1
Russian Federation,"China, P.R.: Hong Kong",export_fob,2015,776.1,0,0
""",
    nato.FILE: """\
iso3,accession_date,wave,origin
USA,1949-08-24,founder,other
DEU,1955-05-06,cold-war,other
POL,1999-03-12,post-cold-war,former Warsaw Pact
""",
    ndu.FILE: """\
year,recipient,sec_03_military_engagement_ct,sec_04_joint_exercise_ct
2001,Russia,,
2002,Russia,3.0,
2005,Russia,5.0,1.0
2005,Bhutan,,1.0
""",
    sipri_arms.TABLE_2022: """\
supplier,recipient,year,tiv_m
Soviet Union,China,1989,81.0
Soviet Union,China,1990,81.0
Russia,China,1992,1023.0
Russia,India,1992,900.0
""",
    sipri_arms.REGISTER_SUMS_2025: """\
supplier,recipient,year,tiv_m,n_rows
Russia,China,2005,3066.0,17
Russia,India,2005,1.0,1
""",
    sipri_arms.REGISTER_2026: """\
supplier,recipient,order_date,delivery_year,tiv_delivery_values
Russia,China,1993,1995,100.5
Russia,China,1996,2005,20.25
Russia,China,1996,2005,30
Russia,China,2021,2024,7
Germany,China,1996,2005,99
""",
    sipri_milex.FILE: """\
country,year,milex_const2024_usd_m,milex_current_usd_m,milex_share_gdp,milex_share_govt
United States of America,1989,814460.0,321866.6,0.058712,
United States of America,2005,856461.7,533203.0,0.040892,0.12
United States of America,2006,,558335.0,0.040413,0.12
Canada,2005,20000.0,1,0.01,0.01
""",
    un_votes.AGREEMENT: """\
iso3_a,iso3_b,year,n_joint_votes,agree_identical,agree_3pt,agree_2pt_yesno,kappa_nominal
CHN,RUS,2005,95,0.71579,0.8,0.9,0.27301
CHN,RUS,2024,6,0.66667,0.75,0.8,0.45455
USA,CHN,1990,83,0.15663,0.26506,0.1875,-0.00921
USA,SLV,2005,80,0.3,0.4,0.5,0.1
""",
    un_votes.MIRROR: """\
year,agree_identical_chn_rus,n
2005,0.7157894736842105,95
2020,1.0,2
""",
    vetoes.FILE: """\
year,date,draft,single_veto,China,France,Russia,USSR,USA,UK
1989,12/23/1989,S/21048,0,0,1,0,0,1,1
2012,2/4/2012,S/2012/77,0,1,0,1,0,0,0
2012,7/19/2012,S/2012/538,1,1,0,1,0,0,0
2014,3/15/2014,S/2014/189,1,0,0,1,0,0,0
""",
}


def write_made(folder: Path, files: dict[str, str] = MADE) -> Path:
    for file, text in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        packed = gzip.compress(text.encode()) if file.endswith(".gz") else text.encode()
        path.write_bytes(packed)
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


def cells(observations) -> dict[tuple[str, int, str], float | None]:
    return {(row.unit, row.year, row.variable): row.value for row in observations}


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
        return float(len(table))
    if match := re.fullmatch(r"difference of (\w+)", column):
        return float(np.ptp(table[match[1]]))
    if match := re.fullmatch(r"1000 x (\w+)", column):
        return 1000 * float(table[match[1]].item())
    (row,) = table.to_dict("records")
    return float(sum(row[name] for name in column.split(" + ")))


def test_twenty_values_drawn_at_random_are_those_of_the_provider(raw, extracted):
    seed = int.from_bytes(os.urandom(4), "big")
    provided = extracted[~extracted["locator"].str.startswith("events.csv")]
    drawn = provided.sample(20, random_state=seed)

    for row in drawn.itertuples():
        found = 0.0 if row.note == "none found" else look_up(raw, row.locator)
        assert float(row.value) == pytest.approx(found, rel=1e-9), f"seed {seed}: {row}"


def test_extraction_gives_the_stored_table_to_the_byte(raw, extracted, tmp_path):
    """Stored is, for the made files, what was written, and for the real ones what is committed."""
    written = tmp_path / "observations.csv"
    write_observations(extracted, written)
    stored = ROOT / "data" / "observations.csv" if str(raw) == REAL else written

    assert compare(extracted, read_observations(stored)).empty
    assert written.read_bytes() == stored.read_bytes()


def test_the_order_of_readers_and_rows_does_not_matter(made):
    backwards = [row for read in reversed(READERS) for row in reversed(list(read(made)))]
    forwards = [row for read in READERS for row in read(made)]

    assert tabulate_observations(backwards).equals(tabulate_observations(forwards))


def test_transfers_of_the_soviet_union_are_not_russian(made):
    assert cells(sipri_arms.read_tiv_table(made)) == {
        ("SUN>CHN", 1990, "arms_transfers_tiv"): 81.0,
        ("RUS>CHN", 1992, "arms_transfers_tiv"): 1023.0,
    }


def test_a_register_is_summed_by_year_of_delivery_and_by_year_of_order(made):
    summed = cells(sipri_arms.read_register(made))

    assert summed["RUS>CHN", 2005, "arms_transfers_tiv"] == 50.25  # 20.25 + 30
    assert summed["RUS>CHN", 1996, "arms_orders_tiv"] == 50.25
    assert summed["RUS>CHN", 1995, "arms_transfers_tiv"] == 100.5


def test_orders_are_given_only_for_years_whose_deliveries_are_in_the_register(made):
    orders = {year for _, year, name in cells(sipri_arms.read_register(made)) if "orders" in name}

    assert orders == set(range(1995, 2021))


def test_a_year_without_order_is_zero_and_says_that_none_was_found(made):
    (row,) = (o for o in sipri_arms.read_register(made) if o.year == 1997)

    assert (row.value, row.status, row.note) == (0.0, "computed", "none found")


def test_a_blank_of_the_military_diplomacy_database_is_none_found_from_2002_only(made):
    rows = {(o.year, o.variable): (o.value, o.status, o.note) for o in ndu.read_counts(made)}

    assert {year for year, _ in rows} == {2002, 2005}
    assert rows[2002, "joint_exercises_count"] == (0.0, "computed", "none found")
    assert rows[2005, "joint_exercises_count"] == (1.0, "reported", "")


def test_few_joint_votes_give_no_value(made):
    found = cells(un_votes.read_agreement(made)) | cells(un_votes.read_mirror(made))

    assert {year for _, year, _ in found} == {1990, 2005}


def test_the_distance_of_two_states_does_not_depend_on_their_order(made):
    (row,) = ideal_points.read_distances(made)

    assert (row.unit, row.value) == ("CHN-RUS", 0.75)


def test_a_total_needs_the_imports_of_both_sides(made):
    trade = cells(cow_trade.read_trade(made))

    assert trade["CHN-RUS", 2005, "trade_total_usd"] == 23602.0  # 16344 + 7258
    assert ("CHN-SUN", 1991, "trade_total_usd") not in trade
    assert trade["SUN>CHN", 1991, "trade_flow_usd"] == 2081.0


def test_a_flow_runs_from_the_exporter_to_the_importer(made):
    """flow1 is what the first state imports from the second."""
    assert cells(cow_trade.read_trade(made))["RUS>CHN", 2005, "trade_flow_usd"] == 16344.0
    assert cells(imf_dots.read_trade(made))["RUS>CHN", 2015, "trade_flow_usd"] == 28606.5


def test_estimates_of_the_fund_after_russia_stopped_reporting_are_not_read(made):
    trade = cells(imf_dots.read_trade(made))

    assert max(year for _, year, _ in trade) == 2015
    assert trade["CHN-RUS", 2015, "trade_total_usd"] == pytest.approx(63552.3)
    assert ("CHN-RUS", 2010, "trade_total_usd") not in trade  # exports of 2010 are not there


def test_a_round_figure_from_the_press_is_an_estimate(made):
    rows = {(o.year, o.variable): (o.value, o.status) for o in china_customs.read_trade(made)}

    assert rows[2011, "trade_total_usd"] == (80000.0, "estimated")
    assert rows[2022, "trade_total_usd"] == (190270.0, "reported")
    assert rows[2022, "trade_flow_usd"] == (114150.0, "reported")


def test_a_joint_veto_is_read_from_the_columns_of_the_members(made):
    """The second veto of 2012 is called single in the file, and is not."""
    found = cells(vetoes.read_joint_vetoes(made))

    assert found["CHN-RUS", 2012, "joint_vetoes_count"] == 2.0
    assert found["CHN-RUS", 2014, "joint_vetoes_count"] == 0.0
    assert ("CHN-SUN", 1989, "joint_vetoes_count") not in found


def test_a_member_of_nato_counts_from_the_year_it_acceded(made):
    found = cells(nato.read_members(made))

    assert [found["NATO", year, "nato_members_count"] for year in (1998, 1999)] == [2.0, 3.0]


def test_expenditure_that_is_blank_gives_no_row(made):
    assert {o.year: o.value for o in sipri_milex.read_us_expenditure(made)} == {2005: 856461.7}


@pytest.mark.parametrize("file", MADE)
def test_a_missing_file_is_named(made, file):
    (made / file).unlink()

    with pytest.raises(DataError, match=rf"{re.escape(file)}: the file is not in the raw folder"):
        extract(made, ROOT)


@pytest.mark.parametrize("file", MADE)
def test_a_column_under_another_name_is_refused(tmp_path, file):
    header, rest = MADE[file].split("\n", 1)
    renamed = ",".join(f"{name}_new" for name in header.split(","))
    write_made(tmp_path, MADE | {file: f"{renamed}\n{rest}"})

    with pytest.raises(DataError, match=rf"{re.escape(file)}, row 1, \w+: the column is not there"):
        extract(tmp_path, ROOT)


@pytest.mark.parametrize("file", MADE)
def test_a_table_that_lost_its_rows_is_refused(tmp_path, file):
    write_made(tmp_path, MADE | {file: MADE[file].split("\n", 1)[0] + "\n"})

    with pytest.raises(DataError, match=rf"{re.escape(file)}: the table has no rows"):
        extract(tmp_path, ROOT)


def test_a_text_in_a_number_column_is_refused_with_its_place(tmp_path):
    text = MADE[sipri_arms.TABLE_2022].replace("1023.0", "1 023")
    write_made(tmp_path, MADE | {sipri_arms.TABLE_2022: text})

    with pytest.raises(DataError, match=r"v2022-07\.csv, row 4, tiv_m: '1 023' is not a number"):
        extract(tmp_path, ROOT)


def test_a_year_that_is_not_whole_is_refused(tmp_path):
    text = MADE[cow_trade.FILE].replace("2005.0,16344.0", "2005.5,16344.0")
    write_made(tmp_path, MADE | {cow_trade.FILE: text})

    with pytest.raises(DataError, match=r"row 3, year: '2005\.5' is not a whole number"):
        list(cow_trade.read_trade(tmp_path))


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


def test_a_file_that_is_not_the_one_listed_is_reported(made):
    """Made files are never those of `sources.csv`, so every one of them is a fault."""
    faults = check_files(made, ROOT)

    assert {fault.file for fault in faults} == set(MADE)
    assert all("its SHA-256 is" in fault.fault for fault in faults)


def test_a_file_that_is_absent_is_reported_and_a_listed_one_is_not(raw, tmp_path):
    absent = check_files(tmp_path, ROOT)

    assert len(absent) == len(MADE)
    assert all(fault.fault == "the file is not in the raw folder" for fault in absent)
    assert str(raw) != REAL or check_files(raw, ROOT) == ()
