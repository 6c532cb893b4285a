"""What would have to be otherwise: one value, all values since the onset, one year, one source."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.replication.outcome import run_study
from tests.made_study import EXPORTS, SMALL, YEARS, claim, noise, verdicts_on, write_made_study

STEP = noise(seed=6, step=4.0)
BREAK = {
    "design": "break_date", "junctures": [], "term": "", "search": [1996, 2018],
    "expected": [2009, 2011],
}  # fmt: skip


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


def test_untestable_claims_are_not_searched(tmp_path):
    assert run(tmp_path, STEP, period=[2008, 2022]).to_dict()["flip"] is None


BEND = pd.Series(noise(seed=4) + 1.5 * np.maximum(YEARS - 2009, 0), index=YEARS)


@pytest.mark.parametrize(
    ("values", "changes"),
    [
        (BEND, {"design": "kink"}),
        (STEP, {}),
        (STEP, {"term": "joint", "alternative": "two-sided"}),
        (STEP, {"design": "date_set", "statistic": "sum", "term": ""}),
        (STEP, BREAK),
    ],
    ids=["kink", "steps", "joint", "date set", "unknown date"],
)
def test_other_designs_are_turned_by_what_is_told(tmp_path, monkeypatch, values, changes):
    verdict = run(tmp_path / "whole", values, **changes)
    flip = verdict.to_dict()["flip"]
    cell, since = flip["cell"], flip["since_onset"]
    assert flip["values_altered"]
    assert cell or since
    monkeypatch.setattr("analysis.verdict.run.search_flips", lambda *_: {})

    if since:
        fallen = values.where(YEARS < 2010, values * (1 + since["percent"] / 100))
        assert run(tmp_path / "fallen", fallen, **changes).finding == since["finding"]
    if cell:
        moved = values.copy()
        moved[cell["year"]] = cell["to"]
        assert run(tmp_path / "moved", moved, **changes).finding == cell["finding"]
    for year, finding in list(flip["years_left_out"].items())[:2]:
        without = run(tmp_path / year, values.drop(int(year)), **changes)
        assert without.finding == finding


def test_where_no_table_tells_tests_of_their_own_find_the_same(monkeypatch, tmp_path, supported):
    told = supported.to_dict()["flip"]
    monkeypatch.setattr("analysis.verdict.flip.can_be_altered", lambda _: False)

    tested = run(tmp_path, STEP).to_dict()["flip"]

    assert tested["values_altered"]
    for change in ("since_onset", "cell"):
        assert tested[change]["finding"] == told[change]["finding"]
        # Of 25 and 100 % four halvings: to 5 % of a value, or 2 %.
        assert tested[change]["percent"] == pytest.approx(told[change]["percent"], abs=6)
    assert tested["cell"]["year"] == told["cell"]["year"]


def test_of_a_difference_of_two_units_the_values_of_either_are_altered(tmp_path, monkeypatch):
    """A claim that one gained on the other goes when enough is taken from it, or given."""
    other = ("JPN-USA", "exports_usd")
    values = {EXPORTS: noise(seed=6, step=6.0), other: noise(seed=11)}
    told = claim(design="asymmetry", units=["JPN>USA", "JPN-USA"])
    (verdict,) = verdicts_on(tmp_path / "whole", values, told).values()
    flip = verdict.to_dict()["flip"]
    assert (verdict.finding, flip["values_altered"]) == ("supported", True)
    since = flip["since_onset"]
    monkeypatch.setattr("analysis.verdict.run.search_flips", lambda *_: {})

    assert since["unit"] in ("JPN>USA", "JPN-USA")
    place = (since["unit"], "exports_usd")
    factor = np.where(YEARS < 2010, 1.0, 1 + since["percent"] / 100)
    moved = {**values, place: values[place] * factor}
    (again,) = verdicts_on(tmp_path / "moved", moved, told).values()
    assert again.finding == since["finding"]


def test_a_search_that_does_not_come_to_the_finding_tells_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr("analysis.verdict.flip._Search.is_faithful", lambda _: False)
    monkeypatch.setattr("analysis.verdict.flip._Search._reads_itself", lambda *_: False)

    assert run(tmp_path, STEP).to_dict()["flip"] is None


def test_a_year_without_which_the_design_refuses_is_told(tmp_path):
    """Twenty values are the fewest: without any of them the claim would be untestable."""
    verdict = run(tmp_path, STEP, period=[2003, 2022])

    left_out = verdict.to_dict()["flip"]["years_left_out"]
    assert set(left_out) == {str(year) for year in range(2003, 2023)}
    assert set(left_out.values()) == {"untestable"}


def test_values_that_cannot_be_are_not_proposed(tmp_path):
    """Exports cannot be negative and counts are whole: the codebook says what is possible."""
    flip = run(tmp_path, STEP / 100).to_dict()["flip"]

    for found in (flip["cell"], flip["since_onset"]):
        assert found is None or found["percent"] >= -100


def test_a_claim_that_falls_by_its_size_falls_so_in_the_search_too(tmp_path):
    """A gap in which an effect of S is rejected, altered until it is not: the full test agrees."""
    other = ("USA", "exports_usd")
    values = {EXPORTS: noise(3) + noise(9), other: noise(3)}
    claims = claim(design="gap", comparison=["USA"], weighting="mean")
    (verdict,) = verdicts_on(tmp_path / "as it is", values, claims).values()
    flip = verdict.to_dict()["flip"]
    assert (verdict.finding, flip["values_altered"]) == ("contradicted", True)
    since = flip["since_onset"]

    factor = np.where(YEARS < 2010, 1.0, 1 + since["percent"] / 100)
    moved = {**values, EXPORTS: values[EXPORTS] * factor}
    (again,) = verdicts_on(tmp_path / "moved", moved, claims).values()
    assert again.finding == since["finding"]


def test_where_the_gap_is_the_claim_it_is_altered_with_it(tmp_path, monkeypatch):
    """Without a step the gap does not agree; with one it does, and the claim is supported."""
    values = {EXPORTS: noise(5, step=0.7), ("USA", "exports_usd"): noise(25)}
    claims = claim(design="gap", comparison=["USA"], weighting="mean")
    (verdict,) = verdicts_on(tmp_path / "as it is", values, claims).values()
    monkeypatch.setattr("analysis.verdict.run.search_flips", lambda *_: {})
    since = verdict.to_dict()["flip"]["since_onset"]

    assert verdict.gap.p_value > 0.1
    assert since["finding"] == "supported"
    factor = np.where(YEARS < 2010, 1.0, 1 + since["percent"] / 100)
    moved = {**values, EXPORTS: values[EXPORTS] * factor}
    (again,) = verdicts_on(tmp_path / "moved", moved, claims).values()
    assert again.finding == "supported"


def test_zeros_are_not_changed_by_percent(tmp_path):
    values = STEP.copy()
    values[1995] = 0.0
    verdict = run(tmp_path, values)

    flip = verdict.to_dict()["flip"]
    assert flip["cell"] is None or flip["cell"]["year"] != 1995
    assert np.isfinite(flip["since_onset"]["percent"]) if flip["since_onset"] else True


def test_what_was_found_is_taken_over_where_everything_is_the_same(tmp_path, monkeypatch):
    root = write_made_study(tmp_path, {EXPORTS: STEP}, [claim()])
    first = run_study(root, effort=SMALL)
    known = first.flips.used
    monkeypatch.setattr("analysis.verdict.turning.find_flip", None)  # not to be called again

    second = run_study(root, effort=SMALL, known_flips=known)

    flips = [next(iter(run.verdicts.values())).to_dict()["flip"] for run in (first, second)]
    assert flips[0] == flips[1]
    assert second.flips.used == known
    with pytest.raises(TypeError):  # another effort is another search
        run_study(root, effort=replace(SMALL, draws=1_199), known_flips=known)
