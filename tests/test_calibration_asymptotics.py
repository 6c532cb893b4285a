"""Laws of the F over unknown dates and of dates: against R, simulation and published tables."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analysis.calibration.break_asymptotics import (
    date_law,
    date_quantile,
    equal_trim,
    mean_f_critical,
    mean_f_p,
    sup_f_critical,
    sup_f_p,
)
from analysis.errors import DesignError

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "unknown_dates.json").read_text(encoding="utf-8"))["sup_f_critical"]


@pytest.mark.parametrize(("table", "trim"), [("trim15", 0.15), ("trim10", 0.10)])
@pytest.mark.parametrize("n_terms", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("column", "share"), [("p10", 0.10), ("p05", 0.05), ("p01", 0.01)])
def test_critical_values_of_the_largest_f_agree_with_hansen(table, trim, n_terms, column, share):
    """R call in reference/unknown_dates.json."""
    expected = R[table][f"k{n_terms}"][column]

    assert sup_f_critical(share, n_terms, trim) == pytest.approx(
        expected, rel=R["relative_tolerance"]
    )


@pytest.mark.parametrize("n_terms", [1, 2, 3])
def test_more_steps_give_the_critical_values_of_finer_bridges(n_terms):
    """20,000 bridges on 2,000 steps; call in reference/unknown_dates.json."""
    expected = R["simulated_brownian_bridge_5pct_trim15"][f"k{n_terms}"]

    assert sup_f_critical(0.05, n_terms, 0.15, steps=2_000) == pytest.approx(expected, rel=0.01)


def test_a_single_date_leaves_the_chi_square():
    """With nearly no dates to search, the largest F is the F at one date."""
    for n_terms in (1, 3):
        p_value = sup_f_p(6.0, n_terms, 0.4999999, steps=10**9)
        assert p_value == pytest.approx(
            stats.chi2.sf(6.0, n_terms), rel=0.02
        )  # even the shortest search adds a little


def test_p_of_the_largest_f_falls_from_one_to_zero():
    values = [sup_f_p(x, 2, 0.15) for x in (-1.0, 0.0, 0.5, 4.0, 10.0, 30.0, 200.0)]

    assert values[:3] == pytest.approx([1.0, 1.0, 1.0], abs=1e-6)
    assert values == sorted(values, reverse=True)
    assert 0.0 <= values[-1] < 1e-9


def test_average_and_exponential_f_have_their_published_critical_values():
    """Andrews & Ploberger (1994), 5 %, one coefficient, trim .15: 2.88 and 2.06."""
    assert mean_f_critical(0.05, "ave", 1, 0.15) == pytest.approx(2.88, rel=0.04)
    assert mean_f_critical(0.05, "exp", 1, 0.15) == pytest.approx(2.06, rel=0.04)
    assert mean_f_p(mean_f_critical(0.05, "ave", 2, 0.15), "ave", 2, 0.15) == pytest.approx(
        0.05, abs=1e-3
    )


def test_uneven_ends_amount_to_an_even_trim():
    assert equal_trim(15, 85, 100) == pytest.approx(0.15)
    assert equal_trim(10, 80, 100) == pytest.approx(1 / 7)  # odds 9 and 4: root of 36 is 6


def test_the_law_of_a_date_agrees_with_simulated_paths():
    """Maximum of two Brownian motions with drift, 4,000 paths on steps of 1/50."""
    xi, phi, step, width = 1.5, 2.2, 0.02, 2_500
    rng = np.random.default_rng(8)
    before = np.cumsum(rng.standard_normal((4_000, width)) * np.sqrt(step) - step / 2, axis=1)
    after = np.cumsum(
        rng.standard_normal((4_000, width)) * np.sqrt(phi * step) - xi * step / 2, axis=1
    )
    later = np.maximum(after.max(axis=1), 0) > np.maximum(before.max(axis=1), 0)
    places = np.where(later, step * (after.argmax(axis=1) + 1), -step * (before.argmax(axis=1) + 1))

    for x in (-6.0, -2.0, 1.0, 4.0, 9.0):
        assert date_law(x, xi, phi) == pytest.approx((places <= x).mean(), abs=0.03)


def test_an_even_law_of_a_date_is_symmetric_and_has_its_published_quantiles():
    """Yao (1987), Annals of Statistics 15, 1321-1328: 7.687 and 11.033 at .95 and .975."""
    assert date_law(0.0, 1.0, 1.0) == pytest.approx(0.5)
    assert date_law(-3.0, 1.0, 1.0) == pytest.approx(1 - date_law(3.0, 1.0, 1.0))
    assert date_quantile(0.975, 1.0, 1.0) == pytest.approx(11.033, abs=0.01)
    assert date_quantile(0.95, 1.0, 1.0) == pytest.approx(7.687, abs=0.01)
    assert date_quantile(0.3, 1.0, 1.0) == pytest.approx(-date_quantile(0.7, 1.0, 1.0))


def test_a_trim_without_dates_is_refused():
    with pytest.raises(DesignError, match=r"A trim of 0\.5 leaves no dates"):
        sup_f_p(9.0, 1, 0.5)
    with pytest.raises(DesignError, match="median is no mean of F; there are ave, exp"):
        mean_f_p(9.0, "median", 1, 0.15)
