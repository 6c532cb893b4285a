"""The panel takes one source for each cell, keeps the others, and fills in nothing."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DataError, UsageError
from analysis.panel import Panel, assemble_panel, digest_cells, save_panel
from analysis.paths import StudyPaths
from analysis.records import read_study
from tests.test_check_tables import plant
from tests.toy import ATLAS_2020_LAST, exports


def test_the_preferred_source_is_the_first_in_the_codebook(toy_panel):
    series = toy_panel.series("exports_usd", "JPN>USA")

    assert series.to_dict() == {year: exports(year) for year in range(1990, 2023)}
    assert toy_panel.trace("JPN>USA", 2010, "exports_usd").source == "atlas-2024"


def test_another_order_in_the_codebook_is_another_preferred_source(toy_study):
    plant(toy_study, "data/codebook.csv", "atlas-2024;atlas-2020", "atlas-2020;atlas-2024")
    panel = assemble_panel(read_study(toy_study))

    assert panel.trace("JPN>USA", 2010, "exports_usd").source == "atlas-2020"


def test_the_next_source_gives_the_value_where_the_preferred_has_none(toy_study):
    row = "JPN>USA,2010,exports_usd,166,reported"
    plant(toy_study, "data/observations.csv", row, row.replace("166,reported", ",missing"))
    panel = assemble_panel(read_study(toy_study))

    assert panel.trace("JPN>USA", 2010, "exports_usd").source == "atlas-2020"
    assert panel.trace("JPN>USA", 2011, "exports_usd").source == "atlas-2024"


def test_a_named_source_is_used_alone(toy_panel):
    series = toy_panel.series("exports_usd", "JPN>USA", source="atlas-2020")

    assert series.to_dict() == {year: exports(year) - 1 for year in range(1990, 2019)}


def test_a_panel_of_a_named_source_keeps_the_variables_without_it(toy_study):
    panel = assemble_panel(read_study(toy_study), source="atlas-2020")

    assert panel.series("exports_usd", "JPN>USA").index.max() == ATLAS_2020_LAST
    assert len(panel.series("members_count", "OECD")) == 33


def test_a_source_no_variable_has_is_refused(toy_study, toy_panel):
    with pytest.raises(UsageError, match='exports_usd has no source "diary"; known are atlas'):
        toy_panel.series("exports_usd", "JPN>USA", source="diary")
    with pytest.raises(UsageError, match=r"No variable has the source \"atlas\"; did you mean atl"):
        assemble_panel(read_study(toy_study), source="atlas")


def test_a_missing_year_is_absent_from_a_series_and_blank_in_the_frame(toy_panel):
    assert 2020 not in toy_panel.series("visits_count", "JPN-USA").index
    assert np.isnan(toy_panel.frame.loc[("JPN-USA", 2020), "visits_count"])
    assert ("JPN-USA", 2020, "visits_count") not in toy_panel.cells.index


def test_a_zero_that_was_counted_stays_a_zero(toy_panel):
    assert toy_panel.series("visits_count", "JPN-USA").loc[1990] == 0.0


def test_every_value_of_the_frame_has_a_cell_and_the_other_way_round(toy_panel):
    stacked = toy_panel.frame.stack()
    stacked.index.names = ["unit", "year", "variable"]
    stacked = stacked.dropna()

    assert stacked.sort_index().to_dict() == toy_panel.cells["value"].sort_index().to_dict()


def test_a_value_is_traced_to_its_row_and_place(toy_panel, toy_study):
    cell = toy_panel.trace("JPN>USA", 2010, "exports_usd")
    line = (toy_study / "data/observations.csv").read_text().split("\n")[cell.row - 1]

    assert line == 'JPN>USA,2010,exports_usd,166,reported,atlas-2024,"table 1, 2010",'
    assert (cell.value, cell.stored, cell.locator) == (166.0, "166", "table 1, 2010")


def test_tracing_what_is_not_there_says_what_is(toy_panel):
    with pytest.raises(UsageError, match="visits_count of JPN-USA has no value in 2020; it has"):
        toy_panel.trace("JPN-USA", 2020, "visits_count")
    with pytest.raises(UsageError, match=r'no variable "visit_count"; did you mean visits_count\?'):
        toy_panel.trace("JPN-USA", 2020, "visit_count")
    with pytest.raises(UsageError, match='no unit "USA-JPN"'):
        toy_panel.series("visits_count", "USA-JPN")


def test_the_digest_is_that_of_the_sorted_lines(toy_panel):
    cells = toy_panel.cells_for(["exports_usd"], ["JPN>USA"], years=[2011, 2010])
    lines = "JPN>USA,2010,exports_usd,atlas-2024,166\nJPN>USA,2011,exports_usd,atlas-2024,175"

    assert digest_cells(cells) == {
        "n": 2,
        "recalled": 0,
        "sha256": hashlib.sha256(lines.encode()).hexdigest(),
    }


def test_the_digest_counts_recalled_cells_and_not_their_order(toy_panel):
    cells = toy_panel.cells_for(["members_count"], ["OECD"])

    assert digest_cells(cells)["recalled"] == 1
    assert digest_cells(cells.iloc[::-1]) == digest_cells(cells)


def test_the_saved_panel_has_the_values_as_stored_and_its_sum_in_the_log(toy_panel, toy_study):
    paths = StudyPaths(toy_study)
    save_panel(toy_panel, paths)
    rows = paths.panel.read_text().split("\n")
    log = paths.panel_log.read_text().split("\n")

    assert rows[0] == "unit,year,exports_usd,members_count,visits_count,votes_agreement_share"
    assert "JPN-USA,2020,,,,0.50" in rows
    assert "JPN>USA,2010,166,,," in rows
    assert log[0].split()[-1] == hashlib.sha256(paths.panel.read_bytes()).hexdigest()
    assert log[4].split() == ["visits_count", "32", "1990", "2022", "0", "3.53125", "8"]
    assert sorted(each.name for each in paths.derived.iterdir()) == ["panel.csv", "panel.log"]


def test_a_panel_says_what_it_holds(toy_panel):
    text = repr(toy_panel)

    assert text.startswith("Panel: JPN-USA, JPN>USA, OECD; 1990-2022; 131 values")
    assert "exports_usd JPN>USA 33   1990  2022 atlas-2024" in text
    assert "<p>Panel: JPN-USA, JPN&gt;USA" in toy_panel._repr_html_()


@pytest.fixture
def wide():
    return pd.DataFrame(
        {
            "state": ["B", "A", "A", "B"],
            "when": [2000, 2001, 2000, 2001],
            "gdp": [3.0, 2.0, 1.0, np.nan],
            "wars": [0, 1, 0, 2],
        }
    )


def test_a_panel_is_made_of_a_wide_table(wide):
    panel = Panel.from_frame(wide, unit="state", year="when")

    assert (panel.units, panel.years, panel.variables) == (
        ("A", "B"),
        (2000, 2001),
        ("gdp", "wars"),
    )
    assert panel.series("gdp", "A").to_dict() == {2000: 1.0, 2001: 2.0}
    assert panel.series("gdp", "B").to_dict() == {2000: 3.0}
    assert panel.trace("A", 2001, "gdp").locator == "row 2, column gdp"
    assert panel.codebook["gdp"].label == "gdp"


def test_the_wide_table_is_left_as_it_was(wide):
    before = wide.copy()

    Panel.from_frame(wide, unit="state", year="when")

    pd.testing.assert_frame_equal(wide, before)


@pytest.mark.parametrize(("column", "value", "words"), [
    ("gdp", "much", '"much" is not a number'),
    ("gdp", np.inf, '"inf" is not a number'),
    ("when", 2000.5, '"2000.5" is not a year'),
    ("when", "then", '"then" is not a year'),
    ("state", None, "the unit is missing"),
    ("state", "A", "A in 2000 stands twice"),
])  # fmt: skip
def test_a_wide_table_with_a_fault_is_refused_with_its_row(wide, column, value, words):
    wide[column] = wide[column].astype(object)
    wide.loc[0, column] = value

    with pytest.raises(DataError) as caught:
        Panel.from_frame(wide, unit="state", year="when")

    assert any(words in str(fault) for fault in caught.value.faults)


def test_a_wide_table_without_the_column_is_bad_usage(wide):
    with pytest.raises(
        UsageError, match=r'no column "moment"; known are gdp, state, wars and when'
    ):
        Panel.from_frame(wide, unit="state", year="moment")
