"""What reading a study gives: types, values as stored, and fingerprints."""

import subprocess
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from analysis.records import Look, apply_look, onset_by_rule, read_study
from tests.test_check_tables import plant

TREATY = "treaty,Treaty of trade,claimed,2010-03-01"


@pytest.fixture
def study(toy_study):
    return read_study(toy_study)


def test_settings_are_read(study):
    assert study.settings.authors == ("A. Author", "B. Author")
    assert study.settings.period == (1990, 2022)
    assert (study.settings.alpha, study.settings.seed) == (0.05, 7)
    assert study.settings.multiplicity == "holm"


def test_records_are_read_in_the_order_of_their_keys(study):
    assert list(study.sources) == ["atlas-2020", "atlas-2024", "diary"]
    assert list(study.units) == ["JPN", "JPN-USA", "JPN>USA", "OECD", "USA"]
    assert list(study.hypotheses) == [
        "T-1.exports", "T-2.visits", "T-3.both", "T-4.level", "T-5.motive", "T-9.visits",
    ]  # fmt: skip


def test_blank_cells_are_none_and_lists_are_tuples(study):
    exports = study.variables["exports_usd"]

    assert exports.sources == ("atlas-2024", "atlas-2020")
    assert (exports.lower_bound, exports.upper_bound) == (0.0, None)
    assert (exports.coverage_first, exports.coverage_last) == (1990, 2022)
    assert exports.derived_from == ()
    assert (study.units["JPN"].first_year, study.units["JPN"].last_year) == (1952, None)
    assert study.sources["diary"].accessed is None
    assert study.sources["atlas-2020"].accessed == date(2021, 2, 3)


def test_junctures_are_read(study):
    treaty, accord = study.junctures["treaty"], study.junctures["accord"]

    assert (treaty.date, treaty.onset, treaty.end) == (date(2010, 3, 1), 2010, date(2020, 12, 31))
    assert (accord.onset, accord.end, accord.target) == (2014, None, ("JPN", "USA"))


def test_the_onset_is_the_year_of_a_date_before_july_else_the_next():
    assert onset_by_rule(date(2014, 6, 30)) == 2014
    assert onset_by_rule(date(2014, 7, 1)) == 2015


def test_observations_keep_the_text_of_the_file_and_its_row(study, toy_study):
    rows = study.observations.set_index(["unit", "year", "variable", "source"])
    old = rows.loc[("JPN>USA", 2010, "exports_usd", "atlas-2020")]
    lines = (toy_study / "data/observations.csv").read_text().split("\n")

    assert (old["value"], old["stored"], old["status"]) == (165.0, "165.0", "reported")
    assert lines[old["row"] - 1].startswith("JPN>USA,2010,exports_usd,165.0")


def test_a_missing_value_is_neither_zero_nor_absent(study):
    rows = study.observations.set_index(["unit", "year", "variable"])
    missing = rows.loc[("JPN-USA", 2020, "visits_count")]

    assert np.isnan(missing["value"])
    assert (missing["stored"], missing["status"]) == ("", "missing")


def test_events_keep_the_first_day_their_date_may_mean(study):
    events = study.events.set_index("event")

    assert events.loc["treaty-2010", "date"] == date(2010, 3, 1)
    assert events.loc["exercise-2011", ["year", "value", "stored"]].tolist() == [2011, 3.0, "3"]


def test_hypotheses_are_read_with_their_looks(study):
    exports = study.hypotheses["T-1.exports"]

    assert exports.junctures == ("treaty", "accord")
    assert (exports.trend, exports.period) == ("linear", None)
    assert exports.looks == (
        Look(name="vintage 2020", source="atlas-2020"),
        Look(
            name="announcement, no trend",
            junctures=("treaty-announced", "accord"),
            trend="none",
        ),
    )
    assert exports.declared == date(2026, 1, 31)
    assert study.hypotheses["T-2.visits"].period == (1991, 2022)


def test_keys_only_a_design_knows_are_options(study):
    assert study.hypotheses["T-3.both"].options == {"members": ("T-1.exports", "T-2.visits")}
    assert study.hypotheses["T-5.motive"].options["reason"].startswith("No instrument")


def test_a_claim_of_fact_takes_its_words_from_the_table(study):
    fact = study.hypotheses["T-4.level"]

    assert fact.claim == "Exports were above 100 in every year from 2010."
    assert fact.options == {"claim": "C01"}
    assert (fact.outcome, fact.alternative, fact.alpha) == ("", "", 0.05)
    assert np.isnan(fact.smallest_effect)


def test_a_look_replaces_what_it_names_and_keeps_the_rest(study):
    exports = study.hypotheses["T-1.exports"]
    vintage, announced = (apply_look(exports, look) for look in exports.looks)

    assert vintage == replace(exports, looks=(), options={"source": "atlas-2020"})
    assert (announced.trend, announced.junctures) == ("none", ("treaty-announced", "accord"))


def test_a_look_at_another_date_asks_about_the_juncture_in_its_place(study):
    exports = study.hypotheses["T-1.exports"]

    assert apply_look(exports, exports.looks[1]).term == "treaty-announced"


def test_the_data_sum_is_what_sha256sum_gives(study, toy_study):
    command = "sha256sum data/*.csv data/references.bib | LC_ALL=C sort -k 2 | sha256sum"
    done = subprocess.run(
        command, shell=True, cwd=toy_study, capture_output=True, text=True, check=True
    )

    assert done.stdout.split()[0] == study.data_sha256


def test_the_data_sum_does_not_depend_on_the_folder_or_what_was_derived(study, toy_study, tmp_path):
    moved = toy_study.rename(tmp_path / "elsewhere")
    (moved / "data/derived").mkdir()
    (moved / "data/derived/panel.csv").write_text("made")

    assert read_study(moved).data_sha256 == study.data_sha256


def test_a_changed_value_changes_the_data_sum_only(study, toy_study):
    plant(toy_study, "data/observations.csv", "exports_usd,166,", "exports_usd,167,")
    changed = read_study(toy_study)

    assert changed.data_sha256 != study.data_sha256
    assert changed.declarations_sha256 == study.declarations_sha256


@pytest.mark.parametrize(("file", "right", "wrong"), [
    ("data/hypotheses.toml", "alpha = 0.05", "alpha = 0.01"),
    ("data/hypotheses.toml", "smallest_effect = 1.0", "smallest_effect = 1.5"),
    ("data/hypotheses.toml", 'trend = "none"', 'trend = "quadratic"'),
    ("data/junctures.csv", TREATY, TREATY.replace("03-01", "03-02")),
    ("study.toml", "seed = 7", "seed = 8"),
    ("study.toml", '"holm"', '"none"'),
])  # fmt: skip
def test_what_decides_changes_the_sum_of_declarations(study, toy_study, file, right, wrong):
    plant(toy_study, file, right, wrong)

    assert read_study(toy_study).declarations_sha256 != study.declarations_sha256


@pytest.mark.parametrize(("file", "right", "wrong"), [
    ("data/hypotheses.toml", "# What the paper", "# Something else the paper"),
    ("data/hypotheses.toml", 'role = "primary"', 'role   =   "primary"\ntrend = "linear"'),
    ("data/hypotheses.toml", "claimed_effect = 2.0", "claimed_effect = 2"),
    ("study.toml", "Did a treaty", "Did any treaty"),
])  # fmt: skip
def test_what_does_not_decide_leaves_the_sum_of_declarations(study, toy_study, file, right, wrong):
    plant(toy_study, file, right, wrong)

    assert read_study(toy_study).declarations_sha256 == study.declarations_sha256


def test_the_order_of_hypotheses_does_not_matter(study, toy_study):
    text = (toy_study / "data/hypotheses.toml").read_text()
    head, *parts = text.split("[[hypothesis]]\n")
    turned = head + "".join(f"[[hypothesis]]\n{part}\n" for part in reversed(parts))
    (toy_study / "data/hypotheses.toml").write_text(turned)
    again = read_study(toy_study)

    assert list(again.hypotheses) == list(study.hypotheses)
    assert again.declarations_sha256 == study.declarations_sha256
