"""The step at one date among those at other dates."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.placebo_dates import compare_dates
from analysis.errors import DesignError
from tests.dense import dense_fit, dense_rho

REFERENCE = Path(__file__).parent / "reference"
NILE = pd.read_csv(REFERENCE / "nile.csv", index_col="year")["flow"].astype(float)


def test_placebo_dates_as_in_r():
    """R call in reference/placebo_dates.json."""
    expected = json.loads((REFERENCE / "placebo_dates.json").read_text(encoding="utf-8"))

    found = compare_dates(NILE.loc[1884:1913], 1899)

    assert found.table["ols"].to_numpy() == pytest.approx(expected["t"], rel=1e-6)
    assert found.p_ols == pytest.approx(expected["p"]) == found.smallest_p
    assert found.table.index.tolist() == list(range(1889, 1910))


def test_the_largest_least_squares_step_of_the_nile_is_the_maximally_selected_one_of_r():
    """coin 1.4.2, maxstat_test(Nile ~ year), 10 to 90 %: z = root((n - 1) t^2 / (n - 2 + t^2))."""
    expected = json.loads((REFERENCE / "exact_permutation.json").read_text(encoding="utf-8"))

    t = compare_dates(NILE, 1899, trend="none").table["ols"]
    z = np.sqrt((len(NILE) - 1) * t**2 / (len(NILE) - 2 + t**2)).loc[1881:1961]

    assert z.max() == pytest.approx(expected["nile_maxstat"], rel=1e-6)
    assert z.idxmax() - 1 == expected["nile_last_year_before"]


def test_the_reml_step_is_that_of_full_matrices():
    series = NILE.loc[1884:1913]
    years = series.index.to_numpy()
    x = np.column_stack([years >= 1905, np.ones(30), years - 1898.5]).astype(float)
    fit = dense_fit(series.to_numpy(), x, years, dense_rho(series.to_numpy(), x, years))

    found = compare_dates(series, 1899).table.loc[1905, "reml"]

    assert found == pytest.approx(abs(fit.beta[0]) / np.sqrt(fit.covariance[0, 0]), rel=1e-4)


def test_an_onset_in_a_gap_is_that_of_the_next_value():
    holed = NILE.loc[1884:1913].drop([1899, 1900])

    in_gap, after = compare_dates(holed, 1900), compare_dates(holed, 1901)

    assert 1900 not in in_gap.table.index
    assert (in_gap.p_reml, in_gap.p_ols) == (after.p_reml, after.p_ols)


def test_unit_and_trend_do_not_matter():
    series = NILE.loc[1884:1913]
    moved = 3 * series - 40 * series.index.to_numpy()

    one, other = compare_dates(series, 1899), compare_dates(moved, 1899)

    assert other.table["ols"].to_numpy() == pytest.approx(one.table["ols"].to_numpy(), rel=1e-6)
    assert other.table["reml"].to_numpy() == pytest.approx(one.table["reml"].to_numpy(), rel=1e-4)


def test_a_date_near_the_end_is_refused():
    with pytest.raises(DesignError, match="flow has 26 values before 1910 and 4 from then on; 5"):
        compare_dates(NILE.loc[1884:1913], 1910)
    with pytest.raises(DesignError, match="cubic is no trend; there are none, linear, quadratic"):
        compare_dates(NILE, 1899, trend="cubic")
