"""The committed data of the first study: known facts hold, and tables name only what is listed."""

import csv
import datetime
import itertools
from pathlib import Path

import pandas as pd
import pytest

from analysis.sources.chronicle import count_events
from analysis.sources.chronicle_figures import read_figures
from analysis.sources.coverage import draw_coverage
from analysis.sources.describe import describe_data
from analysis.sources.disagreements import tabulate_disagreements
from analysis.sources.observations import read_observations, tabulate_observations

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
COLUMNS = {
    "sources": "source producer title version url licence accessed file sha256",
    "units": "unit name kind side_a side_b first_year last_year note",
    "codebook": "variable label construct component measured_in scale higher_means lower_bound "
    "upper_bound sources coverage_first coverage_last derived_from note",
    "observations": "unit year variable value status source locator note",
    "events": "event unit date date_precision kind domain first_of_kind value unit_of_value "
    "status source locator note",
    "junctures": "juncture label role date onset end target source rationale",
    "claims": "claim paper locator statement operation series units years comparison bound "
    "expected source tolerance events kinds domains needs note seeds",
}
KEYS = {
    "sources": ["source"],
    "units": ["unit"],
    "codebook": ["variable"],
    "observations": ["unit", "year", "variable", "source"],
    "events": ["event"],
    "junctures": ["juncture"],
    "claims": ["claim"],
}


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def observations() -> pd.DataFrame:
    return read_observations(DATA / "observations.csv")


@pytest.fixture(scope="module")
def codebook() -> pd.DataFrame:
    return read("codebook").set_index("variable")


def series(observations: pd.DataFrame, variable: str, unit: str, source: str) -> dict[int, float]:
    rows = observations.query("variable == @variable and unit == @unit and source == @source")
    return {int(row.year): float(row.value) for row in rows.itertuples() if row.value}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_table_has_the_columns_of_the_contract_and_line_feeds_only(name):
    text = (DATA / f"{name}.csv").read_bytes()

    assert text.decode("utf-8").split("\n")[0] == ",".join(COLUMNS[name].split())
    assert text.endswith(b"\n")
    assert b"\r" not in text


@pytest.mark.parametrize("name", COLUMNS)
def test_a_table_is_sorted_by_a_key_that_stands_once(name):
    keys = list(read(name)[KEYS[name]].itertuples(index=False, name=None))

    assert keys == sorted(set(keys))


def test_what_an_observation_names_is_listed(observations, codebook):
    assert set(observations["unit"]) <= set(read("units")["unit"])
    assert set(observations["variable"]) == set(codebook.index)
    assert set(observations["source"]) <= set(read("sources")["source"])


def test_the_codebook_ranks_exactly_the_sources_that_a_variable_has(observations, codebook):
    used = observations.groupby("variable")["source"].agg(set).to_dict()

    assert {name: set(text.split(";")) for name, text in codebook["sources"].items()} == used


def test_every_source_is_cited_under_its_key():
    bibliography = (DATA / "references.bib").read_text(encoding="utf-8")

    assert [s for s in read("sources")["source"] if f"{{{s},\n" not in bibliography] == []


def test_no_value_lies_outside_the_coverage_of_its_variable(observations, codebook):
    first = observations["variable"].map(codebook["coverage_first"].astype(int))
    last = observations["variable"].map(codebook["coverage_last"].astype(int))

    assert observations["year"].between(first, last).all()
    assert observations.groupby("variable")["year"].min().to_dict() == (
        codebook["coverage_first"].astype(int).to_dict()
    )
    assert observations.groupby("variable")["year"].max().to_dict() == (
        codebook["coverage_last"].astype(int).to_dict()
    )


def test_no_value_lies_outside_the_bounds_of_its_variable(observations, codebook):
    values = pd.to_numeric(observations["value"])
    lower = observations["variable"].map(pd.to_numeric(codebook["lower_bound"]))
    upper = observations["variable"].map(pd.to_numeric(codebook["upper_bound"]))

    assert not (values < lower).any()
    assert not (values > upper).any()


def test_every_unit_of_an_observation_exists_in_its_year(observations):
    units = read("units").set_index("unit")
    first = observations["unit"].map(pd.to_numeric(units["first_year"]))
    last = observations["unit"].map(pd.to_numeric(units["last_year"]))

    assert not (observations["year"] < first).any()
    assert not (observations["year"] > last).any()


def test_there_are_all_pairs_of_thirty_states(observations):
    """435 pairs with votes and distances; eight small or hostile ones have no trade on record."""
    wide = observations[(observations["year"] == 2010) & (observations["value"] != "")]
    pairs = wide.groupby("variable")["unit"].agg(set)

    assert len(pairs["un_votes_agreement_share"]) == len(pairs["distance_minimum_km"]) == 435
    assert len(pairs["trade_total_usd"] & pairs["distance_minimum_km"]) == 435 - 8
    assert {"IRN-ISR", "ISR-PAK"} & pairs["trade_total_usd"] == set()

    powers = wide[wide["variable"] == "capabilities_cinc_share"]
    assert powers["unit"].nunique() == 30 + 1  # and NATO


def test_a_variable_is_named_after_its_measure(codebook):
    measures = (
        *("bcm", "binary", "cinc_share", "constant_usd", "count", "distance", "index", "kappa"),
        *("kbd", "km", "mt", "share", "thousand", "tiv", "usd"),
    )

    assert [name for name in codebook.index if not name.endswith(measures)] == []


def test_a_blank_value_is_missing_and_a_missing_value_is_blank(observations):
    assert ((observations["value"] == "") == (observations["status"] == "missing")).all()


def test_a_zero_of_a_count_from_a_list_says_that_none_was_found(observations):
    lists = observations["source"].isin(["chronology", "ndu", "unsc-vetoes", "gsdb-3", "mme-7"])
    zeros = observations[lists & (observations["value"] == "0")]

    assert len(zeros) > 20
    assert (zeros["status"] == "computed").all()
    assert zeros["note"].str.startswith("none found").all()


def test_every_value_that_is_not_recalled_has_a_place(observations):
    assert (observations["locator"] != "").all()


def test_russia_begins_in_1992_and_the_soviet_union_ends_before(observations):
    sides = observations["unit"].str.split("[->]")
    russian = sides.map(lambda codes: "RUS" in codes)
    soviet = sides.map(lambda codes: "SUN" in codes)

    assert observations.loc[russian, "year"].min() == 1992
    assert observations.loc[soviet, "year"].max() == 1991


def test_nato_grew_as_its_record_says(observations):
    """NATO, "Member countries": 16 to 1998; 1999, 2004, 2009, 2017, 2020, 2023, 2024."""
    members = series(observations, "nato_members_count", "NATO", "nato-accession")
    since = {1992: 16, 1999: 19, 2004: 26, 2009: 28, 2017: 29, 2020: 30, 2023: 31, 2024: 32}

    assert {year: members[year] for year in since} == since
    assert [members[year - 1] for year in since if year > 1992] == [16, 19, 26, 28, 29, 30, 31]


def test_joint_vetoes_are_those_of_the_security_council(observations):
    """UN Dag Hammarskjöld Library: Myanmar, Zimbabwe, Syria, Venezuela, DPR Korea."""
    vetoes = series(observations, "joint_vetoes_count", "CHN-RUS", "unsc-vetoes")
    some = {
        2007: 1,
        2008: 1,
        2011: 1,
        2012: 2,
        2014: 1,
        2016: 1,
        2017: 1,
        2019: 3,
        2020: 2,
        2022: 1,
    }

    assert {year: count for year, count in vetoes.items() if count} == some
    assert set(vetoes) == set(range(1992, 2023))


def test_the_list_of_events_holds_the_same_joint_vetoes_as_the_un_list(observations):
    events = read("events").query("kind == 'veto_joint'")
    listed = events["date"].str[:4].astype(int).value_counts().to_dict()
    vetoes = series(observations, "joint_vetoes_count", "CHN-RUS", "unsc-vetoes")

    assert {year: count for year, count in vetoes.items() if count} == listed


@pytest.mark.parametrize("source", ["sipri-2022-07", "sipri-2025-01", "sipri-2026-02"])
def test_arms_transfers_of_the_decade_to_2018_are_highest_in_2018(observations, source):
    tiv = series(observations, "arms_transfers_tiv", "RUS>CHN", source)

    assert max(range(2009, 2019), key=tiv.__getitem__) == 2018


def test_joint_sea_was_held_in_the_years_both_navies_say():
    """Not in 2018 and 2020, against the paper's "on a yearly basis"; twice in 2015 and 2017."""
    events = read("events")
    editions = events[events["event"].str.contains("-joint-sea")]["date"].str[:4]

    years = "2012 2013 2014 2015 2015 2016 2017 2017 2019 2021 2022"
    assert " ".join(sorted(editions)) == years


def test_there_is_no_count_of_exercises_before_the_lists_begin(observations):
    exercises = observations[observations["variable"] == "joint_exercises_count"]

    assert exercises.groupby("source")["year"].min().to_dict() == {
        "chronology": 2003,
        "chronology-seen": 2003,
        "ndu": 2002,
    }
    assert exercises.query("source == 'chronology'")["year"].max() == 2022


def test_six_exercises_of_2022_are_in_both_lists(observations):
    for source in ("ndu", "chronology"):
        assert series(observations, "joint_exercises_count", "CHN-RUS", source)[2022] == 6


def test_counts_of_events_are_those_of_the_committed_list(observations):
    counted = tabulate_observations([*count_events(ROOT), *read_figures(ROOT)])
    stored = observations[observations["locator"].str.startswith("events.csv")]

    assert stored.to_dict("records") == counted.to_dict("records")


def test_trade_that_the_source_prints_as_nothing_is_missing_not_zero(observations):
    """Russia and Ukraine traded in 1992, whatever the source has."""
    trade = observations[observations["variable"].isin(["trade_total_usd", "trade_flow_usd"])]
    rows = trade.query("unit == 'RUS-UKR' and year == 1992")

    assert "0" not in set(trade["value"])
    assert list(rows["status"]) == ["missing"]


def test_china_passes_the_united_states_in_capabilities_in_1995(observations):
    """Correlates of War, National Material Capabilities 7.0."""
    china = series(observations, "capabilities_cinc_share", "CHN", "cow-nmc-7")
    america = series(observations, "capabilities_cinc_share", "USA", "cow-nmc-7")

    assert min(year for year in china if china[year] > america[year]) == 1995


def test_no_gas_flowed_through_a_pipeline_from_russia_to_china_before_2019(observations):
    for source in ("bp-ei-flows", "chronology"):
        gas = series(observations, "gas_pipeline_flow_bcm", "RUS>CHN", source)
        assert {year for year, bcm in gas.items() if bcm > 0} == {y for y in gas if y >= 2019}


def test_presidents_took_office_when_they_did(observations):
    """Constitutions of the three: the years of inauguration of a new president."""
    changes = {
        unit: series(observations, "leader_changes_count", unit, "chronology")
        for unit in ("CHN", "RUS", "USA")
    }

    assert {unit: [y for y, n in years.items() if n] for unit, years in changes.items()} == {
        "CHN": [1993, 2003, 2013],
        "RUS": [2000, 2008, 2012],
        "USA": [1993, 2001, 2009, 2017, 2021],
    }


def test_listed_meetings_of_xi_and_putin_sum_to_the_stated_totals():
    """22 by 4 July 2017, 37 by 15 December 2021, 38 by 4 February 2022, as the press counted."""
    events = read("events")
    dates = events.loc[events["kind"] == "leaders_meeting", "date"]
    since = dates[dates >= "2013-03"]

    assert [(since <= day).sum() for day in ("2017-07-04", "2021-12-15", "2022-02-04")] == [
        22,
        37,
        38,
    ]


def test_arms_sales_to_taiwan_sum_to_the_stated_totals_of_presidencies(observations):
    """US-Taiwan Business Council, in millions: Clinton, Bush, Obama and the first of Trump."""
    sales = series(observations, "arms_sales_notified_usd", "USA>TWN", "chronology")
    spans = [(1993, 2000), (2001, 2008), (2009, 2016), (2017, 2020)]
    totals = [sum(sales[y] for y in range(first, last + 1)) for first, last in spans]

    assert totals == pytest.approx([8702, 15614, 13962, 18278])


def test_the_weak_validity_of_the_measure_of_speeches_is_what_the_codebook_says(
    observations, codebook
):
    said = codebook.loc["threat_words_share", "note"]
    for unit, target, variable, source in (
        ("RUS", "RUS>USA", "favourable_view_share", "pew"),
        ("CHN", "CHN>USA", "favourable_view_share", "pew"),
        ("RUS", "RUS>USA", "good_attitude_share", "chronology"),
    ):
        words = pd.Series(series(observations, "threat_words_share", unit, "ungdc"))
        polls = pd.Series(series(observations, variable, target, source))
        correlation = words.corr(polls)
        assert f"{correlation:.2f}".replace("0.", ".") in said


def test_a_count_of_events_with_a_source_is_never_recalled_and_never_larger(observations):
    keys = ["unit", "year", "variable"]
    both = observations.assign(value=pd.to_numeric(observations["value"])).pivot_table(
        index=keys, columns="source", values="value"
    )[["chronology", "chronology-seen"]]
    both = both[both["chronology-seen"].notna()]

    assert (both["chronology-seen"] <= both["chronology"]).all()
    assert "recalled" not in set(
        observations.loc[observations["source"] == "chronology-seen", "status"]
    )


def test_a_count_that_hangs_on_memory_is_marked_as_recalled(observations):
    exercises = observations[observations["variable"] == "joint_exercises_count"]
    recalled = exercises[exercises["status"] == "recalled"]

    assert dict(zip(recalled["year"], recalled["note"], strict=True)) == {
        2009: "1 of 2 recalled",
        2013: "1 of 2 recalled",
    }
    seen = exercises[exercises["source"] == "chronology-seen"].set_index("year")["value"]
    assert (seen[2009], seen[2013]) == ("1", "1")


def test_russian_trade_after_reporting_ended_is_not_taken_from_the_fund(observations):
    fund = observations.query("source == 'imf-dots'")

    assert fund["year"].max() == 2021


def test_the_two_totals_of_trade_overlap_and_keep_their_distance(observations):
    """The gap stated in the codebook, from the cells themselves."""
    cow = series(observations, "trade_total_usd", "CHN-RUS", "cow-trade-v4")
    imf = series(observations, "trade_total_usd", "CHN-RUS", "imf-dots")
    gap = {year: round(100 * (1 - imf[year] / cow[year]), 1) for year in range(2011, 2015)}

    assert gap == {2011: 9.2, 2012: 9.7, 2013: 5.5, 2014: 6.0}


def test_both_copies_of_the_roll_calls_agree(observations):
    ours = series(observations, "un_votes_agreement_share", "CHN-RUS", "voeten-2024")
    other = series(observations, "un_votes_agreement_share", "CHN-RUS", "unvotes")

    assert set(other) == set(range(1992, 2020))
    assert {y: ours[y] for y in other} == pytest.approx(other, abs=5e-4)  # shares of ~80 votes


def test_onsets_follow_the_rule_of_the_first_of_july_but_for_one_declared_exception():
    for row in read("junctures").itertuples():
        day = datetime.date.fromisoformat(row.date)
        by_rule = day.year + (day >= datetime.date(day.year, 7, 1))
        assert int(row.onset) == by_rule - (row.juncture == "pivot_2011"), row.juncture


def test_the_claimed_junctures_have_the_onsets_the_contract_fixes():
    claimed = read("junctures").query("role == 'claimed'")

    assert dict(zip(claimed["juncture"], claimed["onset"], strict=True)) == {
        "pivot": "2012",
        "thaad": "2017",
        "ukraine": "2014",
    }


def test_windows_of_the_claimed_junctures_do_not_overlap():
    claimed = read("junctures").query("role == 'claimed'").sort_values("date")

    for before, after in itertools.pairwise(claimed.itertuples()):
        assert before.end < after.date


def test_what_was_entered_from_memory_names_no_source_page():
    events = read("events")
    recalled = events[events["status"] == "recalled"]

    assert recalled["locator"].str.endswith("no source seen").all()
    assert not events[events["status"] != "recalled"]["locator"].str.endswith("seen").any()


def test_the_description_of_the_data_and_its_picture_are_those_the_tables_give(
    observations, codebook
):
    assert (DATA / "README.md").read_text(encoding="utf-8") == describe_data(ROOT)
    assert (DATA / "coverage.svg").read_text(encoding="utf-8") == draw_coverage(
        observations, read("codebook")
    )


def test_the_description_names_every_variable_and_every_source(codebook):
    text = (DATA / "README.md").read_text(encoding="utf-8")

    assert [name for name in codebook.index if f"| `{name}` |" not in text] == []
    assert [name for name in read("sources")["source"] if f"`{name}`" not in text] == []


def test_sources_are_compared_where_both_have_the_cell():
    """By hand: 10 against 11 is 10 percent, 0 against 3 has no ratio, 5 against 5 is equal."""
    columns = ["unit", "year", "variable", "value", "source"]
    rows = [
        ("A", 2000, "x", "10", "one"),
        ("A", 2000, "x", "11", "two"),
        ("A", 2001, "x", "0", "one"),
        ("A", 2001, "x", "3", "two"),
        ("A", 2002, "x", "5", "one"),
        ("A", 2002, "x", "5", "two"),
        ("A", 2003, "x", "7", "one"),
        ("A", 2004, "x", "", "two"),
    ]
    sources = pd.DataFrame({"variable": ["x"], "sources": ["one;two"]})

    (found,) = tabulate_disagreements(pd.DataFrame(rows, columns=columns), sources).to_dict(
        "records"
    )

    assert (found["n_cells"], found["n_equal"], found["n_zero"]) == (3, 1, 1)
    assert found["largest_ratio"] == pytest.approx(10.0)
    assert found["median_ratio"] == pytest.approx(5.0)
    assert found["where"] == "A 2000"


def test_no_cell_holds_a_line_break():
    for name in COLUMNS:
        with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.reader(stream):
                assert not any("\n" in cell for cell in row)
