"""What turns statements of fact and counts of first events: one value, or one event."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.records.study import read_study
from analysis.replication.outcome import Effort, make_ground, run_study
from analysis.verdict.fact import check_fact
from analysis.verdict.flip_facts import flip_of_fact
from tests.made_study import EXPORTS, SMALL, claim, noise, write_made_study

ROOT = Path(__file__).parent.parent
HEAD = (
    "event,unit,date,date_precision,kind,domain,first_of_kind,value,unit_of_value,status,source,"
    "locator,note"
)
RECORD, ALLIANCE = "kwon-arms-record-2018", "kwon-no-alliance"
VETO, NONE_TOGETHER = "sadeghi-ukraine-2022-veto-alone", "sadeghi-ukraine-no-joint-veto"


@pytest.fixture(scope="module")
def ground():
    return make_ground(read_study(ROOT), Effort())


def turned(ground, name):
    """The statement, what is found of it, and what would turn that."""
    found = check_fact(ground.claims[name], ground.panel, ground.events)
    return found, flip_of_fact(ground.claims[name], found, ground)


def test_the_value_that_turns_a_statement_turns_it_when_it_is_changed(ground):
    found, flip = turned(ground, RECORD)
    cell = flip.cell
    claimed = ground.claims[RECORD]

    assert (found.finding, cell.variable, cell.unit, cell.year) == (
        "supported", "arms_transfers_tiv", "RUS>CHN", 2018,
    )  # fmt: skip
    assert cell.after == pytest.approx(cell.before * (1 + cell.percent / 100))
    for share, finding in ((1.0, cell.finding), (0.95, "supported")):
        value = cell.before * (1 + share * cell.percent / 100)
        altered = replace(
            ground.panel,
            cells=said(ground.panel.cells, cell, value),
            observations=said(ground.panel.observations, cell, value),
        )
        assert check_fact(claimed, altered, ground.events).finding == finding


def said(rows, cell, value):
    """The rows with another value of one source."""
    names = {"unit": cell.unit, "year": cell.year, "variable": cell.variable}
    here = rows["source"].eq(cell.source).to_numpy(copy=True)
    for name, wanted in names.items():
        here &= rows.index.get_level_values(name) == wanted
    assert here.sum() == 1
    return rows.assign(value=np.where(here, value, rows["value"]))


def test_where_sources_disagree_one_of_them_is_moved_not_all_put_alike(tmp_path):
    """A source says 12 and another 5, of which at least 6 is claimed: the 5 has to become 6."""
    claims = "claim,paper,locator,statement,operation,series,units,years,comparison,bound,"
    claims += "expected,source\nc-1,author2021,p. 1,Exports were 6 or more.,value,exports_usd,"
    claims += "JPN>USA,2010,>=,6,true,\n"
    values = noise()
    values[2010] = 12.0
    root = write_made_study(tmp_path, {EXPORTS: values}, [claim()])
    table = root / "data/observations.csv"
    first = "JPN>USA,2010,exports_usd,"
    text = table.read_text(encoding="utf-8")
    other = f"{first}5.0,reported,atlas-2020,p. 2,\n{first}"
    table.write_text(text.replace(first, other), encoding="utf-8")
    (root / "data/claims.csv").write_text(claims, encoding="utf-8")
    ground = make_ground(read_study(root), SMALL)

    found, flip = turned(ground, "c-1")

    assert found.finding == "inconclusive"
    assert (flip.cell.source, flip.cell.before, flip.cell.finding) == (
        "atlas-2020", 5.0, "supported",
    )  # fmt: skip
    assert flip.cell.percent == pytest.approx(20, abs=1)


def test_the_record_turns_where_the_highest_year_before_is_reached(ground):
    """By hand: with 2018 below the highest year before it in some register, none is a record."""
    _, flip = turned(ground, RECORD)
    first, last = ground.claims[RECORD].periods[0]
    every = ground.panel.observations.xs(
        ("RUS>CHN", "arms_transfers_tiv"), level=("unit", "variable")
    )
    before = every[(every.index >= first) & (every.index <= last)]
    highest = before.groupby("source")["value"].max()

    assert any(abs(flip.cell.after - value) < 0.01 * value for value in highest)


def test_an_obligation_that_is_nowhere_turns_by_one_where_there_was_none(ground):
    found, flip = turned(ground, ALLIANCE)

    assert found.finding == "supported"
    assert (flip.cell.before, flip.cell.after, flip.cell.finding) == (0.0, 1.0, "contradicted")
    assert flip.cell.percent != flip.cell.percent  # there is no percent of zero


def test_a_veto_turns_it_and_where_nothing_was_counted_nothing_can_be_left_out(ground):
    found, flip = turned(ground, VETO)
    _, none = turned(ground, NONE_TOGETHER)

    assert found.finding == "supported"
    assert (none.events, none.one_more) == ({}, "contradicted")
    assert flip.one_more == "supported"
    for name in ground.events["event"][ground.events["kind"].eq("veto")]:
        without = ground.events[ground.events["event"] != name]
        finding = check_fact(ground.claims[VETO], ground.panel, without).finding
        assert finding == flip.events.get(name, "supported")
    assert flip.events


def write_firsts(path, months):
    """A study whose claim is that launches gather in the year after the treaty of 2010."""
    asked = claim(
        design="firsts", events="launch", window_months=12, term="", outcome="visits_count",
        units=["JPN-USA"], effect_unit="rate_ratio", smallest_effect=1.5, claimed_effect=15.0,
    )  # fmt: skip
    root = write_made_study(path, {EXPORTS: noise()}, [asked])
    rows = [
        f"e{at:02},JPN-USA,{month},month,launch,sea,yes,,,reported,diary,p. {at},"
        for at, month in enumerate(months)
    ]
    (root / "data/events.csv").write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    (verdict,) = run_study(root, effort=SMALL).verdicts.values()
    return verdict


def test_first_events_hang_on_each_event_without_which_they_gather_no_more(tmp_path, monkeypatch):
    before = ("1992-05", "1993-05", "1996-04", "1999-02", "2004-02", "2007-03")
    months = [*before, "2010-04", "2010-06"]
    whole = write_firsts(tmp_path / "whole", months)
    told = whole.to_dict()["flip"]["events_left_out"]
    monkeypatch.setattr("analysis.verdict.run.search_flips", lambda *_: {})

    assert whole.finding == "supported", whole.reason
    assert [*told] == ["e06", "e07"]
    for at in (0, 3, 5, 7):
        kept = [month for place, month in enumerate(months) if place != at]
        assert write_firsts(tmp_path / str(at), kept).finding == told.get(f"e{at:02}", "supported")
