"""A step at an unknown date: size, power, dates, direction, refusals."""

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.break_date import (
    BreakDateTest,
    behind_with_step,
    calibrate_break_date,
)
from analysis.calibration.break_law import DateShelf, scan_series, simulate_date_law
from analysis.calibration.break_reach import found_share, measure_break_date, measure_date_set
from analysis.design.unknown_date import UnknownDateDesign, unknown_date_design
from analysis.errors import DesignError, EstimationError
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

YEARS = np.arange(1998, 2023)
SHELF = DateShelf(seed=11, series=4_000)
SERIES = 4_000


def design_of(values: np.ndarray, trend: str = "linear", **more: object) -> UnknownDateDesign:
    years = YEARS if len(values) == len(YEARS) else np.arange(1992, 1992 + len(values))
    return unknown_date_design(pd.Series(values, index=years, name="visits"), trend=trend, **more)


def null_series(rho: float, many: int = 1, stream: str = "test") -> np.ndarray:
    return ar1_errors(standard_normals(5, stream, 0, many, 25), YEARS, rho, 1.0, None)


def calibrated(values: np.ndarray, trend: str = "linear", draws: int = 1999) -> BreakDateTest:
    return calibrate_break_date(design_of(values, trend), SHELF, draws=draws)


def within(share: float, published: float) -> bool:
    """Three and a half Monte Carlo errors of both: 4,000 series here, at least 1,000 there."""
    spread = np.sqrt(published * (1 - published) * (1 / SERIES + 1 / 1_000))
    return abs(share - published) <= 3.5 * spread


@pytest.mark.parametrize(
    ("trend", "rho", "size", "power_2", "power_3", "near"),
    [
        ("none", 0.0, 0.039, 0.751, 0.925, 0.853),
        ("none", 0.6, 0.041, 0.314, 0.707, 0.749),
        ("linear", 0.3, 0.053, 0.132, 0.355, 0.612),
        ("linear", 0.8, 0.050, 0.286, 0.757, 0.779),
    ],
)
def test_size_power_and_dates_are_those_of_an_independent_simulation(
    trend, rho, size, power_2, power_3, near
):
    """T = 25, nominal .05, step of 2 or 3 marginal sds after 14 years; simulated with other code.

    "near" is the share of series whose likeliest date is at most a year away from the true one.
    """
    design = design_of(null_series(0.5)[0], trend)
    law, errors = SHELF.law(design), null_series(rho, SERIES, "size")
    step = (YEARS >= 2012) / np.sqrt(1 - rho**2)

    nothing, two, three = (
        scan_series(errors + effect * step, design.scan) for effect in (0.0, 2.0, 3.0)
    )

    assert within(found_share(law, nothing, "two-sided", 0.05), size)
    assert within(found_share(law, two, "two-sided", 0.05), power_2)
    assert within(found_share(law, three, "two-sided", 0.05), power_3)
    dates = design.onsets[np.abs(two.dates.roots).argmax(axis=1)]
    assert within(float((np.abs(dates - 2012) <= 1).mean()), near)


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_directed_size_is_nominal_at_moderate_autocorrelation(alternative):
    design = design_of(null_series(0.5)[0])
    scanned = scan_series(null_series(0.5, SERIES, "directed"), design.scan)

    assert 0.035 < found_share(SHELF.law(design), scanned, alternative, 0.05) < 0.065


def test_size_holds_with_missing_years():
    years = np.delete(np.arange(1992, 2020), [4, 13, 14])
    design = unknown_date_design(pd.Series(np.sin(years * 7.0), index=years, name="visits"))
    normals = standard_normals(5, "gaps", 0, SERIES, 28)
    errors = ar1_errors(normals, years, 0.6, 1.0, None)

    size = found_share(SHELF.law(design), scan_series(errors, design.scan), "two-sided", 0.05)

    assert 0.035 < size < 0.068


def test_a_large_step_is_found_dated_and_measured():
    test = calibrated(null_series(0.3, stream="planted")[0] + 8.0 * (YEARS >= 2011))
    reading, dates = test.read(), test.date_set(draws=199)

    assert reading.onset == 2011
    assert reading.estimate == pytest.approx(8.0, abs=2.5 * reading.std_error)
    assert reading.p_value < 0.01
    assert dates.loc[2011, "in_set"]
    assert dates["in_set"].sum() <= 3


def test_without_a_step_the_date_set_leaves_most_dates_open():
    dates = calibrated(null_series(0.3, stream="flat")[0]).date_set(draws=199)

    assert dates["in_set"].mean() > 0.6


def test_p_counts_the_simulated_roots_that_reach_the_largest():
    test = calibrated(null_series(0.5, stream="count")[0])
    reached = np.abs(test.drawn).max(axis=1) >= np.sqrt(test.read().statistic)

    assert test.read().p_value == pytest.approx((1 + reached.sum()) / 2000)
    assert test.read().p_maximised >= test.read().p_value - 0.01


def test_a_claim_of_a_rise_upside_down_is_a_claim_of_a_fall():
    values = null_series(0.4, stream="sides")[0] + 3.0 * (YEARS >= 2012)
    rise = calibrated(values).read(alternative="greater")
    fall = calibrated(-values).read(alternative="less")

    assert (rise.onset, rise.statistic) == (fall.onset, pytest.approx(fall.statistic))
    assert rise.estimate == pytest.approx(-fall.estimate)
    assert rise.p_value == pytest.approx(fall.p_value, abs=0.02)  # other draws, one law


def test_unit_of_measure_and_trend_do_not_move_the_p_value():
    values = null_series(0.4, stream="scale")[0] + 3.0 * (YEARS >= 2012)
    moved = calibrated(250 * values + 4 * (YEARS - 1998))

    assert moved.read().p_value == calibrated(values).read().p_value
    assert moved.read().statistic == pytest.approx(calibrated(values).read().statistic, abs=1e-5)


def test_the_law_does_not_depend_on_the_number_of_processes():
    scan = design_of(null_series(0.5)[0]).scan
    one, two = (simulate_date_law(scan, seed=2, series=300, jobs=jobs) for jobs in (1, 2))

    assert (one.two_sided.joint == two.two_sided.joint).all()
    assert (one.one_sided.medians.rho == two.one_sided.medians.rho).all()


def test_measured_on_the_design_size_is_nominal_and_power_rises():
    test = calibrated(null_series(0.5, stream="measured")[0])
    measured = measure_break_date(test, onset=2012, series=SERIES)

    assert 0.03 < measured.size < 0.075
    assert measured.size_mc_error == pytest.approx(
        np.sqrt(measured.size * (1 - measured.size) / SERIES)
    )
    assert measured.to_frame()["power"].is_monotonic_increasing
    assert measured.to_dict()["steps"][0]["effect"] == 1.0


def test_the_date_set_covers_the_date_of_a_clear_step():
    """Dates are few, so that sets are too wide rather than too narrow when the step is large."""
    test = calibrated(null_series(0.5, stream="coverage")[0])

    measured = measure_date_set(test, onset=2010, effect=2.0, series=150, draws=99)

    assert measured.coverage > 0.9


def test_the_date_of_a_large_step_rarely_lies_behind_another():
    design, normals = design_of(null_series(0.5)[0]), standard_normals(2, "behind", 0, 300, 25)

    large, none = (
        behind_with_step(design, normals, onset=2010, step=step, rho=0.3) for step in (9.0, 0.0)
    )

    assert (large == 0).mean() > 0.95
    assert (none == 0).mean() < 0.15
    assert (none >= 0).all()


def test_a_change_of_spread_is_simulated_when_declared():
    shelf = DateShelf(seed=3, series=300)
    values = null_series(0.3, stream="spread")[0]
    values[12:] *= 3
    test = calibrate_break_date(design_of(values, spread_from=2010), shelf, draws=199)

    assert 1.5 < test.kappa <= 6.5
    assert calibrated(values).kappa == 1.0


@pytest.mark.parametrize(
    ("values", "more", "words"),
    [
        (np.arange(15.0) % 4, {}, "visits has 15 values; a single series needs 20."),
        (np.ones(25), {}, "visits never changes; a constant series cannot be tested."),
        (np.arange(25.0) % 4, {"share": 0.5}, "A share of 0.5 .* must lie above 0 and below 0.5"),
        (np.arange(25.0) % 4, {"share": 0.49}, "with 13 kept free at either end fewer than two"),
        (np.arange(25.0) % 4, {"trend": "cubic"}, "cubic is no trend; there are none, linear"),
        (
            np.arange(25.0) % 4,
            {"controls": pd.DataFrame({"war": (YEARS >= 2010).astype(float)}, index=YEARS)},
            "A step in 2010 cannot be told from the controls of visits.",
        ),
        (
            np.arange(25.0) % 4,
            {"controls": pd.DataFrame({"years": YEARS * 2.0}, index=YEARS)},
            "The regressors of visits are collinear",
        ),
        (np.arange(25.0) % 4, {"spread_from": 2021}, "visits has 23 values before 2021 and 2 from"),
    ],
)
def test_what_cannot_be_answered_is_refused(values, more, words):
    with pytest.raises(DesignError, match=words):
        design_of(values, **more)


def test_a_step_without_errors_is_refused():
    with pytest.raises(EstimationError, match="fitted without error by a step in 2010"):
        calibrated(2.0 + 3.0 * (YEARS >= 2010), "none")


def test_an_unknown_alternative_is_refused():
    with pytest.raises(DesignError, match="bigger is no alternative; there are two-sided"):
        calibrated(null_series(0.5)[0]).read(alternative="bigger")
