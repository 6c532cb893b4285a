"""What each reader makes of a provider's table, on the small tables of `made_sources`."""

import gzip
import math
from pathlib import Path

import pandas as pd
import pytest

from analysis.sources import (
    china_customs,
    cow_trade,
    energy_flows,
    ideal_points,
    imf_dots,
    mme,
    nato,
    ndu,
    news_events,
    pair_tables,
    pew,
    sanctions,
    sipri_arms,
    sipri_milex,
    speeches,
    state_tables,
    un_votes,
    us_troops,
    vetoes,
)
from analysis.sources.derived import derive
from analysis.sources.extract import READERS

ROOT = Path(__file__).parent.parent
MADE = Path(__file__).parent / "made_sources"
FILES = pd.read_csv(ROOT / "data" / "sources.csv", dtype=str)["file"].dropna().str.split(";")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    for file in FILES.explode().unique():
        text = (MADE / file.removesuffix(".gz")).read_bytes()
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(gzip.compress(text) if file.endswith(".gz") else text)
    return folder


def cells(observations) -> dict[tuple[str, int, str], float | None]:
    return {(row.unit, row.year, row.variable): row.value for row in observations}


def only(observations, unit: str, year: int, variable: str):
    (row,) = [o for o in observations if (o.unit, o.year, o.variable) == (unit, year, variable)]
    return row


def test_transfers_of_the_soviet_union_are_not_russian(made):
    found = cells(sipri_arms.read_tiv_table(made))

    assert found["SUN>CHN", 1990, "arms_transfers_tiv"] == 81.0
    assert found["RUS>CHN", 1992, "arms_transfers_tiv"] == 1023.0
    assert ("SUN>CHN", 1989, "arms_transfers_tiv") not in found


def test_a_register_is_summed_by_year_of_delivery_and_by_year_of_order(made):
    summed = cells(sipri_arms.read_register(made))

    assert summed["RUS>CHN", 2005, "arms_transfers_tiv"] == 50.25  # 20.25 + 30
    assert summed["RUS>CHN", 1996, "arms_orders_tiv"] == 50.25
    assert summed["RUS>CHN", 1995, "arms_transfers_tiv"] == 100.5


def test_orders_are_given_only_for_years_whose_deliveries_are_in_the_register(made):
    orders = {year for _, year, name in cells(sipri_arms.read_register(made)) if "orders" in name}

    assert orders == set(range(1995, 2021))


def test_a_year_without_delivery_is_zero_and_says_that_none_was_found(made):
    rows = list(sipri_arms.read_register(made))

    for variable in ("arms_orders_tiv", "arms_transfers_tiv"):
        row = only(rows, "RUS>CHN", 1997, variable)
        assert (row.value, row.status, row.note) == (0.0, "computed", "none found")


def test_a_pair_that_never_traded_arms_has_no_zeros(made):
    assert {unit for unit, _, _ in cells(sipri_arms.read_register(made))} == {"RUS>CHN", "DEU>CHN"}


def test_a_blank_of_the_military_diplomacy_database_is_none_found_from_2002_only(made):
    rows = list(ndu.read_counts(made))
    blank = only(rows, "CHN-RUS", 2002, "joint_exercises_count")
    stated = only(rows, "CHN-RUS", 2005, "joint_exercises_count")

    assert min(row.year for row in rows) == 2002
    assert (blank.value, blank.status, blank.note) == (0.0, "computed", "none found")
    assert (stated.value, stated.status, stated.note) == (1.0, "reported", "")


def test_a_blank_count_of_leaders_visits_stays_missing(made):
    assert cells(ndu.read_leader_visits(made)) == {("CHN-KAZ", 2012, "leader_visits_count"): 3.0}


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


def test_a_zero_that_may_be_unreported_trade_is_missing_and_so_is_the_total(made):
    rows = [row for row in cow_trade.read_trade(made) if row.year == 1992]

    assert only(rows, "RUS>UKR", 1992, "trade_flow_usd").value == 812.0
    for unit, variable in (("UKR>RUS", "trade_flow_usd"), ("RUS-UKR", "trade_total_usd")):
        row = only(rows, unit, 1992, variable)
        assert (row.value, row.status) == (None, "missing")
        assert row.note == "0 in the source, which has it for unreported trade too"


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

    assert [found["NATO", year, "nato_members_count"] for year in (1998, 1999)] == [3.0, 4.0]


def test_a_sum_over_members_needs_each_of_them_but_iceland(made):
    """Members of 2005 here: DEU 40000.5, POL 7000.25, USA 856461.7; in 2006 two have no figure."""
    assert cells(nato.read_expenditure(made)) == {
        ("NATO", 2005, "military_expenditure_usd"): pytest.approx(903462.45)
    }
    assert cells(nato.read_capabilities(made)) == {
        ("NATO", 2005, "capabilities_cinc_share"): pytest.approx(0.15 + 0.025 + 0.007)
    }


def test_a_member_borders_russia_by_land_and_after_it_joined(made):
    found = cells(nato.read_borders(made))

    assert [found["RUS", year, "nato_members_bordering_count"] for year in (1998, 1999)] == [0, 1]


def test_expenditure_that_is_blank_gives_no_row(made):
    assert {o.year: o.value for o in sipri_milex.read_us_expenditure(made)} == {2005: 856461.7}


def test_states_are_read_in_the_units_of_the_codebook(made):
    found = cells(state_tables.read_state_tables(made))

    assert found["RUS", 2005, "gdp_constant_usd"] == pytest.approx(1062500.0)
    assert found["RUS", 2005, "gdp_current_usd"] == pytest.approx(764017.0)
    assert found["RUS", 2005, "fuel_exports_share"] == pytest.approx(0.6175)
    assert found["CHN", 2005, "nuclear_warheads_count"] == 235.0


def test_what_a_provider_calls_russia_before_1992_is_not_read(made):
    found = cells(state_tables.read_state_tables(made))

    assert not [key for key in found if key[0] in ("RUS", "SUN") and key[1] < 1992]
    assert not [key for key in found if key[0] == "DEU" and key[1] < 1992]


def test_a_pair_without_alliance_is_none_found_and_an_allied_one_is_read_once(made):
    rows = [row for row in pair_tables.read_alliances(made) if row.year == 2005]
    none = only(rows, "CHN-JPN", 2005, "alliance_defence_binary")

    assert only(rows, "JPN-USA", 2005, "alliance_defence_binary").value == 1.0
    assert only(rows, "CHN-RUS", 2005, "alliance_nonaggression_binary").value == 1.0
    assert (none.value, none.note) == (0.0, "none found")


def test_alliances_are_not_said_to_end_where_the_source_ends(made):
    assert max(row.year for row in pair_tables.read_alliances(made)) == 2018
    assert max(row.year for row in pair_tables.read_disputes(made)) == 2010
    assert max(row.year for row in pair_tables.read_rivalries(made)) == 2020


def test_a_dispute_counts_in_the_year_it_began(made):
    found = cells(pair_tables.read_disputes(made))

    assert found["CHN-USA", 2001, "dispute_onsets_count"] == 1.0
    assert found["CHN-USA", 2002, "dispute_onsets_count"] == 0.0


def test_a_rivalry_lasts_from_its_first_to_its_last_year(made):
    found = cells(pair_tables.read_rivalries(made))

    assert [found["CHN-USA", year, "rivalry_binary"] for year in (1995, 1996, 2020)] == [0, 1, 1]


def test_a_pair_that_stands_twice_has_one_distance(made):
    assert cells(pair_tables.read_distances(made)) == {
        ("CHN-RUS", 2005, "distance_minimum_km"): 0.0,
        ("JPN-USA", 2005, "distance_minimum_km"): 1500.5,
    }


def test_shares_of_crude_are_of_all_that_china_buys_and_of_all_that_russia_sells(made):
    found = cells(energy_flows.read_oil(made))

    assert found["CHN", 2015, "crude_oil_imports_from_russia_share"] == 0.125  # 40 / 320
    assert found["RUS", 2015, "crude_oil_exports_to_china_share"] == 0.16  # 40 / 250
    assert ("RUS>CHN", 2013, "crude_oil_flow_mt") not in found  # the former Soviet Union


def test_pipeline_gas_before_the_pipeline_is_none_found(made):
    rows = list(energy_flows.read_gas(made))
    before = only(rows, "RUS>CHN", 2018, "gas_pipeline_flow_bcm")

    assert only(rows, "RUS>CHN", 2019, "gas_pipeline_flow_bcm").value == 0.310423
    assert (before.value, before.status, before.note) == (0.0, "computed", "none found")


def test_troops_are_found_by_number_where_the_code_is_blank_and_germany_is_one(made):
    found = cells(us_troops.read_troops(made))

    assert found["USA>JPN", 2022, "us_troops_count"] == 53973.0
    assert found["USA", 1990, "us_troops_europe_count"] == 227586.0


def test_sanctions_count_while_in_force_and_by_each_of_several_senders_and_targets(made):
    found = cells(sanctions.read_sanctions(made))
    years = (2018, 2019, 2022)

    assert [found["USA>RUS", y, "sanctions_in_force_count"] for y in years] == [0, 1, 2]
    assert found["EU>RUS", 2022, "sanctions_trade_in_force_count"] == 1.0
    assert found["USA>CHN", 1992, "sanctions_in_force_count"] == 1.0


def test_the_share_of_conflict_is_of_all_news(made):
    found = cells(news_events.read_news(made))

    assert found["CHN>RUS", 2005, "news_conflict_share"] == 0.1  # (8 + 2) / 100
    assert {unit for unit, _, _ in found} == {"CHN>RUS"}


def test_wrong_answers_on_china_in_2013_and_views_of_oneself_are_left_out(made):
    assert cells(pew.read_views(made)) == {
        ("RUS>CHN", 2014, "favourable_view_share"): pytest.approx(0.6365)
    }


def test_an_exercise_counts_if_both_took_part(made):
    found = cells(mme.read_exercises(made))

    assert [found["CHN-RUS", y, "multinational_exercises_count"] for y in (2004, 2005)] == [0, 1]


def test_words_on_threats_are_counted_once_each(made):
    """Of 13 words five: hegemonism, power politics, sanctions and NATO's."""
    found = cells(speeches.read_speeches(made, ROOT))

    assert found["CHN", 2005, "speech_words_count"] == 13.0
    assert found["CHN", 2005, "threat_words_count"] == 5.0
    assert found["CHN", 2005, "threat_words_share"] == pytest.approx(5 / 13)
    assert found["SUN", 1991, "threat_words_count"] == 2.0


def test_derived_values_are_their_formula_by_hand(made):
    """China 2005: 6900 used, 3600 produced; Russia 2600 and 9600; thousand barrels a day."""
    found = cells(derive([row for read in READERS for row in read(made)]))

    assert found["CHN", 2005, "oil_import_need_kbd"] == 3300.0
    assert found["RUS", 2005, "oil_import_need_kbd"] == -7000.0
    assert found["CHN", 2005, "oil_import_dependence_index"] == pytest.approx(3300 / 6900)
    assert found["CHN-RUS", 2005, "oil_complementarity_kbd"] == pytest.approx(
        math.sqrt(3300 * 7000)
    )
    assert found["RUS", 2005, "gdp_growth_index"] == pytest.approx(0.0625)
    assert found["USA>CHN", 2005, "capabilities_ratio_index"] == pytest.approx(0.15 / 0.175)
    assert found["RUS", 2005, "trade_openness_index"] == pytest.approx(365000.5 / 764017)
    assert found["CHN", 2005, "military_expenditure_per_soldier_usd"] == pytest.approx(
        80000e6 / 2255e3
    )


def test_a_state_whose_production_is_not_printed_has_no_need_and_fits_nobody(made):
    found = cells(derive([row for read in READERS for row in read(made)]))

    assert not [key for key in found if "JPN" in key[0] and "oil" in key[2]]
