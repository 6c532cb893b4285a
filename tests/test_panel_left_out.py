"""The panel with other values: those asked for change, in every source, and nothing else does."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.panel import assemble_panel
from analysis.panel.left_out import with_values
from analysis.records.study import read_study

ROOT = Path(__file__).parent.parent
VARIABLE, UNIT = "arms_transfers_tiv", "RUS>CHN"


@pytest.fixture(scope="module")
def panel():
    return assemble_panel(read_study(ROOT))


def of(rows, variable=VARIABLE, unit=UNIT):
    index = rows.index
    return index.get_level_values("variable").isin([variable]) & index.get_level_values(
        "unit"
    ).isin([unit])


def test_every_source_says_the_new_values_and_all_else_stays(panel):
    told = pd.Series({2010: 1.5, 2011: 2.5})
    altered = with_values(panel, VARIABLE, UNIT, told)

    assert altered.series(VARIABLE, UNIT).loc[[2010, 2011]].tolist() == [1.5, 2.5]
    assert altered.frame.loc[[(UNIT, 2010), (UNIT, 2011)], VARIABLE].tolist() == [1.5, 2.5]
    sources = panel.codebook[VARIABLE].sources
    said = [
        altered.series(VARIABLE, UNIT, source=source).reindex([2010, 2011]) for source in sources
    ]
    assert len(said) > 1
    assert all(each.dropna().isin([1.5, 2.5]).all() for each in said)
    for name in ("cells", "observations"):
        before, after = getattr(panel, name), getattr(altered, name)
        years = before.index.get_level_values("year").isin([2010, 2011])
        rest = ~(of(before) & years)
        assert (~rest).any()
        pd.testing.assert_frame_equal(before[rest], after[rest])
    others = panel.frame.drop(columns=VARIABLE)
    pd.testing.assert_frame_equal(others, altered.frame.drop(columns=VARIABLE))
    assert panel.series(VARIABLE, UNIT).loc[2010] != 1.5  # the panel itself is as it was


def test_a_year_without_a_value_is_left_out_of_every_source(panel):
    told = panel.series(VARIABLE, UNIT)
    told[2012] = np.nan
    altered = with_values(panel, VARIABLE, UNIT, told)

    left = panel.series(VARIABLE, UNIT).drop(2012)
    pd.testing.assert_series_equal(altered.series(VARIABLE, UNIT), left)
    every = altered.observations[of(altered.observations)]
    assert 2012 not in every.index.get_level_values("year")
    assert len(altered.cells) == len(panel.cells) - 1


def test_a_year_that_has_no_value_is_given_none(panel):
    altered = with_values(panel, VARIABLE, UNIT, pd.Series({1901: 7.0}))

    assert 1901 not in altered.series(VARIABLE, UNIT).index
    pd.testing.assert_frame_equal(altered.cells, panel.cells)
