"""The second study: other states and dates, the same toolkit; its rows are those of the first."""

import csv
from pathlib import Path

import pytest

from analysis.exhibits.record import read_json
from analysis.paths import StudyPaths
from analysis.records.study import check_study, read_study
from analysis.replication.outcome import run_study
from analysis.replication.record import is_of, read_record
from tests.made_study import SMALL

ROOT = Path(__file__).parent.parent
SECOND = ROOT / "examples" / "second-study"


def rows(study: Path, table: str) -> list[dict[str, str]]:
    with (study / "data" / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_has_no_faults_and_shares_no_claim_or_juncture_with_the_first():
    assert check_study(SECOND) == ()

    second = read_study(SECOND)
    first = (ROOT / "data" / "hypotheses.toml").read_text(encoding="utf-8")
    assert not [name for name in second.hypotheses if f'id = "{name}"' in first]
    units = {unit for each in second.hypotheses.values() for unit in each.units}
    assert units == {"USA>IND", "RUS>IND", "IND-USA"}
    assert {each.design for each in second.hypotheses.values()} == {"steps", "kink", "fact"}


@pytest.mark.parametrize("table", ["observations.csv", "sources.csv", "units.csv"])
def test_every_row_is_one_of_the_first_study_unchanged(table):
    first = {tuple(row.values()) for row in rows(ROOT, table)}

    assert [row for row in rows(SECOND, table) if tuple(row.values()) not in first] == []


def test_every_row_of_the_series_chosen_was_taken():
    chosen = {(row["unit"], row["variable"]) for row in rows(SECOND, "observations.csv")}

    whole = [r for r in rows(ROOT, "observations.csv") if (r["unit"], r["variable"]) in chosen]
    assert rows(SECOND, "observations.csv") == whole


def test_the_codebook_differs_from_the_first_in_sources_that_are_not_needed_alone():
    first = {row["variable"]: row for row in rows(ROOT, "codebook.csv")}
    used = {row["source"] for row in rows(SECOND, "sources.csv")}

    for row in rows(SECOND, "codebook.csv"):
        known = first[row["variable"]]
        kept = ";".join(name for name in known["sources"].split(";") if name in used)
        assert row == {**known, "sources": kept}


def test_the_record_is_of_these_data_and_declarations():
    assert is_of(read_record(StudyPaths(SECOND)), read_study(SECOND))


def test_it_comes_out_again_with_less_simulation(monkeypatch):
    """Findings, values used and estimates; the last move a little with the simulated null law."""
    monkeypatch.setattr("analysis.verdict.turning.find_flip", lambda *_: None)
    recorded = {v["id"]: v for v in read_json(StudyPaths(SECOND).verdicts)["verdicts"]}

    fresh = {name: v.to_dict() for name, v in run_study(SECOND, effort=SMALL).verdicts.items()}

    assert fresh.keys() == recorded.keys()
    for name, verdict in fresh.items():
        for field in ("finding", "n_obs", "first_year", "last_year", "cells"):
            assert verdict[field] == recorded[name][field], (name, field)
        if verdict["estimate_outcome"] is not None:
            before, std_error = (
                recorded[name]["estimate_outcome"],
                recorded[name]["std_error_outcome"],
            )
            assert abs(verdict["estimate_outcome"] - before) < std_error / 4, name


def test_american_arms_are_compared_over_the_years_of_one_register():
    verdict = next(
        each for each in read_json(StudyPaths(SECOND).verdicts)["verdicts"]
        if each["id"] == "S-1.arms-from-us"
    )  # fmt: skip

    assert (verdict["first_year"], verdict["last_year"], verdict["n_obs"]) == (1995, 2024, 30)
