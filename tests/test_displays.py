"""What a notebook shows of panel, study, claim, verdict, trace and figure."""

import base64
import re

import numpy as np
import pandas as pd
import pytest

from analysis.errors import UsageError
from analysis.exhibits.figure_style import Drawing
from analysis.exhibits.figures_lines import plot_lines
from analysis.panel.panel import MOST_ROWS_SHOWN, Panel
from analysis.replication.loaded import load_study
from analysis.replication.trace import trace


def panel_of(n_variables: int, n_units: int) -> Panel:
    """Values in 2000 and 2001."""
    index = pd.MultiIndex.from_product([range(n_units), (2000, 2001)], names=["unit", "year"])
    table = pd.DataFrame({f"v{at:02d}": 1.0 for at in range(n_variables)}, index=index)
    return Panel.from_frame(table.reset_index(), unit="unit", year="year")


def test_a_short_panel_shows_every_series():
    shown = panel_of(2, 3)._repr_html_()

    assert shown.count("<tr>") == 2 * 3
    assert "more variables" not in shown


def test_a_long_panel_shows_its_first_variables_and_says_how_many_more():
    panel = panel_of(MOST_ROWS_SHOWN + 5, 30)

    shown = panel._repr_html_()

    assert shown.count("<tr>") == MOST_ROWS_SHOWN
    assert "and 5 more variables; coverage() has all of them" in shown
    assert "and 5 more variables" in repr(panel)
    assert len(panel.coverage()) == 30 * (MOST_ROWS_SHOWN + 5)


def test_many_units_of_few_variables_are_counted():
    shown = panel_of(1, MOST_ROWS_SHOWN + 1)._repr_html_()

    assert "<th>units</th>" in shown
    assert "more variables" not in shown


def test_a_study_a_claim_and_a_verdict_show_themselves(toy_record):
    study = load_study(toy_record)

    assert "first year after" in study._repr_html_()
    claim = study.hypotheses["T-1.exports"]._repr_html_()
    assert "<b>T-1.exports</b>" in claim
    assert "<th>transform</th>" in claim
    verdict = study.verdict("T-1.exports")
    assert verdict.conditions().loc["corrected p", "holds"]
    assert verdict.looks().index.name == "look"
    assert study.verdict("T-5.motive").looks().empty


def test_a_claim_says_what_was_declared_and_nothing_that_was_not(toy_record):
    declared = load_study(toy_record).hypotheses["T-1.exports"].to_dict()

    assert declared["term"] == "treaty"
    assert declared["smallest_effect"] > 0
    assert "" not in declared.values()


def test_a_loaded_study_traces_as_the_command_does(toy_record):
    study = load_study(toy_record)

    found, same = study.trace("T-1.exports.estimate"), trace(toy_record, "T-1.exports.estimate")

    pd.testing.assert_frame_equal(found.to_frame(), same.cells)
    assert found.to_dict() == same.to_dict()
    assert "33 cells behind it, as they were" in found._repr_html_()
    assert "exports_usd" in repr(found)


def test_a_study_gives_its_events_and_dates(toy_record):
    study = load_study(toy_record)

    assert study.dates["treaty"].year in (2009, 2010)
    events = study.events
    events["unit"] = "changed"
    assert "changed" not in set(study.events["unit"])


def test_a_figure_shows_itself_with_words_for_those_who_cannot_see_it():
    shown = Drawing("one", "<svg>é</svg>", 'a "rise" & a fall')._repr_html_()

    assert 'alt="a &quot;rise&quot; &amp; a fall"' in shown
    data = re.search('base64,([^"]+)', shown).group(1)
    assert base64.b64decode(data).decode() == "<svg>é</svg>"


def test_lines_are_drawn_with_gaps_and_said_in_words():
    values = pd.Series([1.0, 2.0, 9.0], index=[2000, 2001, 2003], name="exports")

    drawn = plot_lines({"a": values, "b": values + 1}, measured_in="tons", junctures={"war": 2003})

    assert drawn.alt == (
        "Line chart by year, in tons. a: from 1 in 2000 to 9 in 2003, highest 9 in 2003. b: from 2 "
        "in 2000 to 10 in 2003, highest 10 in 2003. Marked: war 2003."
    )
    assert (
        drawn.svg
        == plot_lines(
            {"a": values, "b": values + 1}, measured_in="tons", junctures={"war": 2003}
        ).svg
    )
    assert plot_lines(values).alt.startswith("Line chart by year. exports: ")


@pytest.mark.parametrize("n", [0, 5])
def test_too_many_lines_or_none_are_refused(n):
    values = pd.Series([1.0, np.nan], index=[2000, 2001])

    with pytest.raises(UsageError, match=f"{n} series have values"):
        plot_lines({str(at): values for at in range(n)})
