"""Numbers and dates of breaks after Bai and Perron: against R, and where there are none."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.break_asymptotics import sup_f_p
from analysis.calibration.partitions import BreakCount, date_breaks, describe_breaks
from analysis.design.unknown_date import unknown_date_design
from analysis.errors import DesignError
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "unknown_dates.json").read_text(encoding="utf-8"))["breakpoints_nile"]
NILE = pd.read_csv(REFERENCE / "nile.csv", index_col="year")["flow"].astype(float)
YEARS = np.arange(1992, 2023)


@pytest.fixture(scope="module")
def nile() -> BreakCount:
    return describe_breaks(unknown_date_design(NILE, trend="none"), rho=0.3, seed=1, series=60)


def stepped(*onsets: int, size: float = 6.0, stream: str = "parts") -> pd.Series:
    normals = standard_normals(3, stream, 0, 1, 31)
    values = ar1_errors(normals, YEARS, 0.2, 1.0, None)[0]
    level = np.searchsorted(onsets, YEARS, side="right")
    return pd.Series(values + size * level, index=YEARS)


def test_squares_and_bic_of_the_nile_agree_with_strucchange(nile):
    """R call in reference/unknown_dates.json."""
    table = nile.to_frame()

    assert table["ssr"].tolist() == pytest.approx(list(R["RSS_by_m"].values()), rel=1e-6)
    assert table["bic"].tolist() == pytest.approx(list(R["BIC_by_m"].values()), rel=1e-6)
    assert nile.chosen["bic"] == R["n_breaks_BIC"]
    assert table.loc[1, "onsets"] == (R["last_year_of_first_regime"] + 1,)


def test_the_interval_of_the_nile_break_agrees_with_strucchange(nile):
    """R call in reference/unknown_dates.json; R gives last years of the first regime."""
    low, middle, high = (year + 1 for year in R["ci95"])
    means = R["segment_means"]

    assert nile.dates.index.tolist() == [middle]
    assert nile.dates.loc[middle, ["low", "high"]].tolist() == [low, high]
    assert nile.dates.loc[middle, "change"] == pytest.approx(means[1] - means[0])


def test_statistics_follow_from_the_sums_of_squares(nile):
    ssr, tests = nile.partitions["ssr"], nile.tests["statistic"]

    assert tests["sup_f_1"] == pytest.approx(98 * (ssr[0] - ssr[1]) / ssr[1])
    assert tests["sup_f_2"] == pytest.approx(97 / 2 * (ssr[0] - ssr[2]) / ssr[2])
    assert tests["ud_max"] == tests[[f"sup_f_{m}" for m in range(1, 6)]].max()
    assert tests["sup_f_1_given_0"] == pytest.approx((ssr[0] - ssr[1]) / (ssr[0] / 99))
    terms = 2 * 1 + 1
    assert nile.partitions.loc[1, "lwz"] == pytest.approx(
        np.log(ssr[1] / (100 - terms)) + terms * 0.299 / 100 * np.log(100) ** 2.1
    )


def test_one_more_break_is_read_against_the_largest_of_as_many_laws_as_segments(nile):
    tests = nile.tests
    alone = [sup_f_p(tests.loc[f"sup_f_{m + 1}_given_{m}", "statistic"], 1, 0.15) for m in (0, 1)]

    assert tests.loc["sup_f_1_given_0", "p_usual"] == pytest.approx(alone[0])
    assert tests.loc["sup_f_2_given_1", "p_usual"] == pytest.approx(1 - (1 - alone[1]) ** 2)


def test_planted_breaks_are_found_and_dated():
    design = unknown_date_design(stepped(2002, 2012), trend="none")
    found = describe_breaks(design, rho=0.2, seed=1, series=100)
    dates = date_breaks(design, [2001 - 1992, 2011 - 1992])

    assert found.partitions.loc[2, "onsets"] == (2002, 2012)
    assert min(found.chosen.values()) >= 2
    assert found.tests.loc["sup_f_2", "p_simulated"] < 0.02
    assert dates["change"].tolist() == pytest.approx([6.0, 6.0], abs=2.0)
    for onset in (2002, 2012):
        assert (
            onset - 2 <= dates.loc[onset, "low"] <= onset <= dates.loc[onset, "high"] <= onset + 2
        )


def test_where_no_break_is_most_criteria_find_one_all_the_same():
    """What the table is there to show: rho .6, with a trend, 31 years."""
    found = describe_breaks(unknown_date_design(stepped(size=0.0)), rho=0.6, seed=2, series=600)

    assert found.found_in_none["bic"] > 0.6
    assert found.found_in_none["lwz"] > 0.3
    assert found.tests.loc["ud_max", "size"] > 0.4
    assert found.tests.loc["sup_f_1_given_0", "size"] == found.found_in_none["sequential"]


def test_with_independent_errors_the_simulated_tests_hold_their_level():
    found = describe_breaks(unknown_date_design(stepped(size=0.0)), rho=0.0, seed=2, series=600)

    sizes = found.tests.loc[["sup_f_1", "sup_f_2", "ud_max"], "size"]
    assert sizes.tolist() == pytest.approx([0.05] * 3, abs=0.002)  # the same draws twice


def test_scale_does_not_move_what_is_found():
    design = unknown_date_design(stepped(2005, size=3.0))
    moved = unknown_date_design(40 * stepped(2005, size=3.0) - 900)

    one, two = (describe_breaks(each, rho=0.2, seed=1, series=50) for each in (design, moved))

    assert one.tests["p_usual"].tolist() == pytest.approx(two.tests["p_usual"].tolist())
    assert one.partitions["onsets"].tolist() == two.partitions["onsets"].tolist()
    assert one.to_dict()["chosen"] == two.to_dict()["chosen"]


def test_segments_that_leave_no_room_are_refused():
    design = unknown_date_design(stepped(size=0.0), share=0.45)
    with pytest.raises(DesignError, match="may have 4 values; with 4 regressors"):
        describe_breaks(
            unknown_date_design(
                stepped(size=0.0).loc[1992:2014],
                trend="quadratic",
                share=0.1,
                controls=pd.DataFrame({"oil": np.sin(YEARS * 5.0)}, index=YEARS),
            ),
            rho=0.2,
            seed=1,
            series=20,
        )
    assert describe_breaks(design, rho=0.2, seed=1, series=20).partitions.index.tolist() == [0, 1]
