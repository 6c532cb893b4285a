"""What the record holds beside main tests is of the study as it is, and comes out again."""

import json
from pathlib import Path

import pytest

from analysis.paths import StudyPaths
from analysis.records.study import read_study
from analysis.replication.outcome import Effort, make_ground
from analysis.verdict.recalled import ground_without_recalled
from analysis.verdict.trial import try_hypothesis
from analysis.verdict.view_shelf import ViewShelf, store_views
from analysis.verdict.views import has_views, view

PATHS = StudyPaths(Path(__file__).parent.parent)
SAMPLE = (
    "J-05.speeches",
    "J-30.bend-at-2012",
    "J-28.new-series",
    "A-01.t-prx-nato_n-to-k-composite",
)


@pytest.fixture(scope="module")
def ground():
    effort = json.loads(PATHS.calibration.read_text(encoding="utf-8"))["effort"]
    return make_ground(read_study(PATHS.root), Effort(**effort))


@pytest.fixture(scope="module")
def stored():
    return json.loads(PATHS.views.read_text(encoding="utf-8"))


def test_every_entry_is_of_a_claim_as_it_is_and_every_claim_tested_has_one(ground, stored):
    looked = {name: each for name, each in ground.hypotheses.items() if has_views(each)}
    keys = ViewShelf().keys(looked, ground)
    seen = ViewShelf().keys(looked, ground_without_recalled(ground))
    verdicts = json.loads(PATHS.verdicts.read_text(encoding="utf-8"))["verdicts"]
    tested = {each["id"] for each in verdicts if each["method"] and each["id"] in looked}

    assert len(tested) > 100
    assert tested <= {name for name, key in keys.items() if key in stored}
    assert {*stored} <= {*keys.values(), *seen.values()}


@pytest.mark.parametrize("name", SAMPLE)
def test_a_sample_is_seen_again_as_it_was(ground, stored, name):
    hypothesis = ground.hypotheses[name]
    trial = try_hypothesis(hypothesis, ground)
    assert not isinstance(trial, str)

    again = store_views(view(hypothesis, trial, ground))

    there = stored[ViewShelf().keys({name: hypothesis}, ground)[name]]
    for old, new in zip(there["glances"], again["glances"], strict=True):
        assert new["estimate"] == pytest.approx(old["estimate"], rel=1e-6)
        assert new["p_value"] == pytest.approx(old["p_value"], abs=1e-3)
        assert (new["name"], new["agrees"]) == (old["name"], old["agrees"])
    if there["paths"]:
        assert again["paths"]["index"] == there["paths"]["index"]
        assert again["paths"]["joint_p"] == pytest.approx(there["paths"]["joint_p"], abs=5e-3)
