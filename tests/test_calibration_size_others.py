"""Where nothing happens, tests of every design find something seldom, or it is said and guarded."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.break_law import DateShelf
from analysis.calibration.size_others import (
    LAW,
    MEASURES,
    SERIES,
    Setting,
    measure_others,
    write_others,
)
from analysis.calibration.size_page import GUARDS, PAGE, TESTS, error_rates_page
from analysis.calibration.size_relations import RELATIONS, relations
from analysis.calibration.size_table import SEED
from analysis.calibration.store import LawShelf

ROOT = Path(__file__).parent.parent
TABLE = pd.read_csv(ROOT / "reports" / "size" / "others.csv")
LINES = TABLE[(TABLE["world"] != "S-curve") & (TABLE["world"] != "bend")]
KEY = ["test", "variant", "world", "first_year", "rho", "kappa"]


def setting(rho: float, kappa: float, *, first_year: int = 2002, series: int = SERIES) -> Setting:
    """As the stored table was made."""
    return Setting(first_year, rho, kappa, LawShelf(SEED, LAW), DateShelf(SEED, LAW), series)


def test_every_test_is_measured_on_every_grid_point_it_takes():
    grid = {(2002, 1998, 1992), (0.0, 0.3, 0.6, 0.8)}
    for name in TESTS:
        cells = TABLE[TABLE["test"] == name]
        assert len(cells), name
        if name not in ("firsts", "lags"):
            assert {tuple(sorted(set(cells["first_year"]), reverse=True)),
                    tuple(sorted(set(cells["rho"])))} == grid  # fmt: skip

    assert not TABLE.duplicated(KEY).any()
    cheap = TABLE[~TABLE["test"].isin(["firsts", "bounds"])]
    assert (cheap["series"] >= 10_000).all()


@pytest.mark.parametrize(
    "test", ["lags", "order", "counts", "gap", "equivalence", "firsts", "relation", "nonnested",
             "bounds"]
)  # fmt: skip
def test_these_keep_their_size_everywhere_with_constant_spread(test):
    cells = LINES[(LINES["test"] == test) & (LINES["kappa"] == 1)]
    if test == "counts":
        cells = cells[~cells["variant"].str.endswith("total")]  # named below

    assert cells["size"].max() <= 0.065


def test_a_kink_keeps_its_size_by_its_guard():
    kinks = TABLE[TABLE["test"] == "kink"]

    assert kinks["decided"].notna().all()
    assert kinks.loc[kinks["kappa"] == 1, "decided"].max() <= 0.065
    assert kinks["decided"].max() <= 0.07


def test_the_page_names_every_weak_spot():
    """Totals of wandering counts, sets of dates and unknown dates where the spread doubles."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    weak = text.split("## Weak spots")[1].split("\n## ")[0]
    for (test, variant, world), cells in TABLE.groupby(["test", "variant", "world"]):
        named = f"- {TESTS[test]}, {variant}, {world}: "
        assert (named in weak) == (cells["size"].max() > 0.065), named

    assert "steps of counts, mean 6, total, line" in weak
    assert "step at an unknown date" in weak


def test_a_staircase_is_not_seen_in_smooth_rises():
    orders = TABLE[TABLE["test"] == "order"]

    assert set(orders["world"]) == {"line", "S-curve", "bend", "one step of 3 sd"}
    assert orders["size"].max() <= 0.05


def test_a_shared_shock_passes_for_mediation_and_the_table_says_so():
    shared = TABLE[(TABLE["test"] == "mediation") & (TABLE["world"] == "shared shock")]

    assert shared["size"].max() > 0.3
    assert "consistent" in GUARDS["mediation"]


@pytest.mark.parametrize(("name", "rho", "kappa"), [("date_set", 0.6, 2.0), ("kink", 0.8, 1.0)])
def test_stored_cells_can_be_computed_again(name, rho, kappa):
    stored = TABLE[(TABLE["first_year"] == 2002) & (TABLE["rho"] == rho)]
    stored = stored[stored["kappa"] == kappa].set_index(["test", "variant", "world"])
    for cell in MEASURES[name](setting(rho, kappa)):
        kept = stored.loc[(cell.test, cell.variant, cell.world)]
        # On another machine a statistic may fall on the other side of its critical value.
        assert cell.size == pytest.approx(kept["size"], abs=3 / SERIES)


def test_other_draws_give_the_stored_shares():
    """The level regression of a relation and the conjunction, from other exposures and outcomes."""
    other = replace(setting(0.3, 1.0, series=300), shelf=LawShelf(seed=5, series=500))
    stored = TABLE[(TABLE["first_year"] == 2002) & (TABLE["rho"] == 0.3)]
    stored = stored[stored["kappa"] == 1].set_index(["test", "variant", "world"])
    for cell in relations(other):
        kept = stored.loc[(cell.test, cell.variant, cell.world)]
        error = np.hypot(np.hypot(cell.mc_error, kept["mc_error"]), 0.003)
        assert cell.size == pytest.approx(kept["size"], abs=4 * error)


def test_the_table_does_not_depend_on_processes(tmp_path):
    some = {"date_set": MEASURES["date_set"]}
    one, two = (measure_others(some, series=50, law=20, jobs=jobs) for jobs in (1, 2))
    write_others(one, tmp_path / "a.csv")
    write_others(two, tmp_path / "b.csv")

    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_every_measure_has_words_and_a_guard():
    assert set(TABLE["test"]) == set(TESTS)
    assert set(TESTS) <= set(GUARDS)
    assert set(RELATIONS) <= set(TESTS)


def test_the_page_on_error_rates_is_current():
    """`make size` and `make studies` write it."""
    assert (ROOT / PAGE).read_text(encoding="utf-8") == error_rates_page(ROOT / "reports" / "size")
