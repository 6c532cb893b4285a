"""Views beside the main tests are taken over only where nothing they depend on has changed."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import analysis.verdict.run as run
import analysis.verdict.view_shelf as view_shelf
from analysis.paths import StudyPaths
from analysis.records.study import read_study
from analysis.replication.outcome import make_ground, run_study
from analysis.replication.record import run_and_record
from analysis.verdict.looks import GapSeen
from analysis.verdict.view_shelf import ViewShelf, read_views, store_views
from analysis.verdict.views import Views
from tests.made_study import EXPORTS, SMALL, claim, noise, write_made_study
from tests.test_replication_record import change_cell, record_bytes

LOOKS = [
    {"name": "from 1995", "period": [1995, 2022]},
    {"name": "parabola", "trend": "quadratic"},
    {"name": "against others", "comparison": ["JPN"]},
]


@pytest.fixture
def looked(tmp_path):
    """A study whose one claim has looks, with its record."""
    values = {EXPORTS: noise(step=6), ("JPN", "exports_usd"): noise(5, sd=1.0)}
    root = write_made_study(tmp_path, values, [claim(look=LOOKS, comparison=["JPN"])])
    run_and_record(root, effort=SMALL)
    return root


def run_again(root):
    """Run where nothing has changed but that the record does not stand."""
    StudyPaths(root).stamp.unlink()
    run_and_record(root, effort=SMALL)


@pytest.fixture
def seen(monkeypatch):
    """Ids of the claims that are seen anew."""
    names: list[str] = []

    def view_all(trials, ground, **others):
        names.extend(trials)
        return before(trials, ground, **others)

    before = run.view_all
    monkeypatch.setattr(run, "view_all", view_all)
    return names


def test_a_second_run_takes_them_over_and_writes_the_same_bytes(looked, seen):
    before = record_bytes(looked)

    run_again(looked)

    assert seen == []
    assert record_bytes(looked) == before


def test_a_full_run_sees_everything_again(looked, seen):
    before = record_bytes(looked)

    run_and_record(looked, effort=SMALL, full=True)

    assert seen == ["M-1.exports"]
    assert record_bytes(looked) == before


def test_a_run_gives_them_as_they_read_when_they_have_been_stored(looked):
    (verdict,) = run_study(looked, effort=SMALL).verdicts.values()
    views = Views(verdict.glances, verdict.gap, verdict.paths)

    again = read_views(json.loads(json.dumps(store_views(views))))

    assert len(views.glances) == len(LOOKS)
    assert store_views(again) == store_views(views)
    assert [each.estimate for each in again.glances] == [each.estimate for each in views.glances]
    assert again.gap.estimate == views.gap.estimate
    assert again.paths.table.equals(views.paths.table)
    assert (again.paths.table.dtypes == views.paths.table.dtypes).all()
    assert again.paths.joint_p == views.paths.joint_p


def test_what_is_no_number_comes_back_as_none(looked):
    gap = GapSeen(("JPN",), float("nan"), float("nan"), 1.0, "There are no data.")

    again = read_views(store_views(Views(gap=gap))).gap

    assert np.isnan([again.effect, again.estimate]).all()
    assert (again.units, again.p_value, again.reason) == (("JPN",), 1.0, "There are no data.")


def test_another_value_is_seen_anew(looked, seen):
    change_cell(looked)

    run_and_record(looked, effort=SMALL)

    assert seen == ["M-1.exports"]


@pytest.mark.parametrize(
    ("before", "after"),
    [("[1995, 2022]", "[1996, 2022]"), ('alternative = "greater"', 'alternative = "two-sided"')],
)
def test_another_declaration_is_seen_anew(looked, seen, before, after):
    path = StudyPaths(looked).hypotheses
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")

    run_and_record(looked, effort=SMALL)

    assert seen == ["M-1.exports"]


def test_other_methods_other_effort_and_other_panels_have_other_keys(looked, monkeypatch):
    study = read_study(looked)
    ground = make_ground(study, SMALL)

    def key(ground):
        return ViewShelf().keys(study.hypotheses, ground)["M-1.exports"]

    other = ground.panel.cells.copy()
    other["stored"] = np.where(np.arange(len(other)) == 3, "1", other["stored"])
    day = {name: replace(each, date=date(1999, 9, 9)) for name, each in ground.junctures.items()}
    book = {
        name: replace(each, derived_from=("visits_count",))
        for name, each in ground.panel.codebook.items()
    }
    keys = [
        key(ground),
        key(replace(ground, junctures=day)),
        key(replace(ground, panel=replace(ground.panel, codebook=book))),
        key(make_ground(study, replace(SMALL, look_draws=SMALL.look_draws + 1))),
        key(make_ground(study, replace(SMALL, paths=SMALL.paths + 1))),
        key(replace(ground, panel=replace(ground.panel, cells=other, observations=None))),
        key(replace(ground, events=ground.events.iloc[1:])),
    ]

    assert key(make_ground(study, SMALL)) == keys[0]
    assert len(set(keys)) == len(keys)
    for name, another in (("METHOD", "views-0"), ("METHODS", ("steps-0",))):
        monkeypatch.setattr(view_shelf, name, another)
        keys.append(key(ground))
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}'])
def test_a_file_that_cannot_be_read_is_as_none(looked, seen, text):
    before = record_bytes(looked)
    StudyPaths(looked).views.write_text(text, encoding="utf-8")

    run_again(looked)

    assert seen == ["M-1.exports"]
    assert record_bytes(looked) == before


def test_an_entry_of_another_form_is_seen_anew(looked, seen):
    path = StudyPaths(looked).views
    stored = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({key: {"glances": [{}]} for key in stored}), encoding="utf-8")
    before = record_bytes(looked)

    run_again(looked)

    assert seen == ["M-1.exports"]
    assert record_bytes(looked) == before


def test_they_are_kept_while_a_run_is_under_way(looked, monkeypatch, seen):
    StudyPaths(looked).views.unlink()
    StudyPaths(looked).stamp.touch()

    def dies(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "search_flips", dies)
    with pytest.raises(KeyboardInterrupt):
        run_again(looked)
    monkeypatch.undo()

    assert len(json.loads(StudyPaths(looked).seen.read_text(encoding="utf-8"))) == 1
    seen.clear()
    run_and_record(looked, effort=SMALL)
    assert seen == []
    assert not StudyPaths(looked).seen.exists()
