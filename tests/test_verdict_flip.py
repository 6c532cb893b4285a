"""What would have to be otherwise: one value, all values since the onset, one year, one source."""

import numpy as np
import pandas as pd
import pytest

from analysis.replication.outcome import run_study
from tests.made_study import EXPORTS, SMALL, YEARS, claim, noise, verdicts_on, write_made_study

STEP = noise(seed=6, step=4.0)


def run(tmp_path, values, **changes):
    (verdict,) = verdicts_on(tmp_path, {EXPORTS: values}, claim(**changes)).values()
    return verdict


@pytest.fixture(scope="module")
def supported(tmp_path_factory):
    return run(tmp_path_factory.mktemp("flip"), STEP)


def test_a_supported_step_goes_when_enough_is_taken_from_the_years_since(tmp_path, supported):
    since = supported.to_dict()["flip"]["since_onset"]

    assert supported.finding == "supported"
    assert -12 < since["percent"] < 0  # the step is 12 of about 112
    beyond = 1.2 * since["percent"]  # beyond Monte Carlo error
    fallen = STEP.where(YEARS < 2010, STEP * (1 + beyond / 100))
    assert run(tmp_path, fallen).finding == since["finding"]


def test_a_little_less_than_the_smallest_change_leaves_the_finding(tmp_path, supported):
    since = supported.to_dict()["flip"]["since_onset"]
    nearly = STEP.where(YEARS < 2010, STEP * (1 + 0.7 * since["percent"] / 100))

    assert run(tmp_path, nearly).finding == "supported"


def test_the_one_value_that_turns_the_finding_turns_it_when_it_is_changed(tmp_path, supported):
    cell = supported.to_dict()["flip"]["cell"]

    assert (cell["unit"], cell["variable"]) == EXPORTS
    assert cell["from"] == pytest.approx(STEP[cell["year"]])
    assert cell["to"] == pytest.approx(cell["from"] * (1 + cell["percent"] / 100))
    moved = STEP.copy()
    moved[cell["year"]] *= 1 + 1.2 * cell["percent"] / 100  # beyond Monte Carlo error
    assert run(tmp_path, moved).finding != "supported"


def test_a_step_of_twenty_sd_hangs_on_no_single_year(tmp_path):
    verdict = run(tmp_path, noise(seed=6, step=20.0))

    assert verdict.to_dict()["flip"]["years_left_out"] == {}


def test_looks_at_other_sources_say_what_they_would_find(tmp_path):
    write_made_study(tmp_path, {EXPORTS: STEP}, [claim(look=[
        {"name": "vintage 2020", "source": "atlas-2020"}])])  # fmt: skip
    table = tmp_path / "data/observations.csv"
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    flat = noise(seed=9)
    older = [
        f"JPN>USA,{year},exports_usd,{value},reported,atlas-2020,table 1,"
        for year, value in flat.items()
    ]
    rows = sorted([*rows, *older], key=lambda row: (row.split(",")[:3], row.split(",")[5]))
    table.write_text("\n".join([head, *rows, ""]), encoding="utf-8")

    (verdict,) = run_study(tmp_path, effort=SMALL).verdicts.values()

    sources = verdict.to_dict()["flip"]["sources"]
    assert set(sources) == {"vintage 2020"}
    assert sources["vintage 2020"] != "supported"


def test_untestable_claims_are_not_searched_and_joint_tests_by_the_year_only(tmp_path):
    joint = run(tmp_path / "a", STEP, term="joint", alternative="two-sided").to_dict()["flip"]
    short = run(tmp_path / "b", STEP, period=[2008, 2022])

    assert (joint["values_altered"], joint["cell"], joint["since_onset"]) == (False, None, None)
    assert short.to_dict()["flip"] is None


BEND = pd.Series(noise(seed=4) + 1.5 * np.maximum(YEARS - 2009, 0), index=YEARS)
RATE = pd.Series(np.where(YEARS < 2010, 4.0, 16.0) + np.tile([0, 1, 2], 11), index=YEARS)


@pytest.mark.parametrize(
    ("values", "changes"),
    [
        (BEND, {"design": "kink"}),
        (RATE, {"design": "counts", "effect_unit": "rate_ratio", "smallest_effect": 1.5}),
    ],
    ids=["kink", "counts"],
)
def test_other_designs_are_turned_by_what_is_told(tmp_path, values, changes):
    verdict = run(tmp_path / "whole", values, **changes)
    flip = verdict.to_dict()["flip"]
    assert verdict.finding == "supported"
    assert flip["values_altered"]

    fallen = values.where(YEARS < 2010, values * (1 + 1.2 * flip["since_onset"]["percent"] / 100))
    # Power, which a flip takes as it was, can fall with the values too: "untestable" is no support.
    assert run(tmp_path / "fallen", fallen, **changes).finding != "supported"
    for year, finding in list(flip["years_left_out"].items())[:2]:
        without = run(tmp_path / year, values.drop(int(year)), **changes)
        assert without.finding == finding


def test_what_cannot_be_read_again_faithfully_is_not_told(monkeypatch, tmp_path):
    """The readings come to another finding than the test: nothing is said of altered values."""
    monkeypatch.setattr("analysis.verdict.flip._Search.is_faithful", lambda _: False)

    flip = run(tmp_path, STEP).to_dict()["flip"]

    assert (flip["values_altered"], flip["cell"], flip["since_onset"]) == (False, None, None)
    assert flip["years_left_out"] is not None


def test_zeros_are_not_changed_by_percent(tmp_path):
    values = STEP.copy()
    values[1995] = 0.0
    verdict = run(tmp_path, values)

    flip = verdict.to_dict()["flip"]
    assert flip["cell"] is None or flip["cell"]["year"] != 1995
    assert np.isfinite(flip["since_onset"]["percent"]) if flip["since_onset"] else True
