"""Bends: size and power of an earlier study, three kinds of p, and what moves none of them."""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.double import first_p, simulate_double
from analysis.calibration.guard import maximised_p_values, read_guarded
from analysis.calibration.kink import judge_kink, split_look
from analysis.calibration.law import simulate_fits
from analysis.calibration.measure import Gauge
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.steps import calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.calibration.terms import TermsTest, calibrate_terms
from analysis.design.kink import kink_design
from analysis.errors import DesignError, UsageError
from analysis.kernel.ar1 import Fits

SHELF = LawShelf(seed=61, series=4_000, again=0)  # p as first read, like the earlier study
GAUGE = Gauge(SHELF, series=4_000)
SERIES = 4_000
EARLIER_SERIES = 2_000  # behind each cell of the earlier study


def made_series(first: int = 1998, *, rise: float = 0.0, rho: float = 0.3) -> pd.Series:
    """AR(1) noise up to 2022 around a line that turns in 2012 and is `rise` higher by the end."""
    years = np.arange(first, 2023)
    errors = np.random.default_rng(8).standard_normal(len(years))
    for year in range(1, len(years)):
        errors[year] += rho * errors[year - 1]
    turned = np.maximum(years - 2011, 0) / 11
    return pd.Series(errors + 0.1 * (years - first) + rise * turned, years, name="made")


def calibrated(series: pd.Series, shelf: LawShelf = SHELF) -> TermsTest:
    return calibrate_terms(kink_design(series, {"pivot": 2012}), shelf, draws=999)


@pytest.fixture(scope="module")
def tests() -> dict[int, TermsTest]:
    """Calibrated designs by number of years; the law of each serves all cells."""
    return {n: calibrated(made_series(2023 - n)) for n in (25, 31)}


def null_fits(test: TermsTest, rho: float, series: int = SERIES) -> Fits:
    design = test.design
    return simulate_fits(
        design.layout, design.contrasts, design.joint,
        rho=rho, kappa=1.0, seed=5, stream="cells", series=series,
    )  # fmt: skip


def found(p: Callable[[Fits, str, float], np.ndarray], fits: Fits, sd: float, alternative: str):
    return float((p(fits, alternative, sd) <= 0.05).mean())


@pytest.mark.parametrize(
    ("n", "rho", "rise", "share"),
    [
        (25, 0.0, 0, 0.050), (25, 0.3, 0, 0.056), (25, 0.6, 0, 0.069), (25, 0.8, 0, 0.094),
        (25, 0.0, 1, 0.110), (25, 0.3, 2, 0.199), (25, 0.6, 2, 0.157), (25, 0.8, 2, 0.167),
        (25, 0.0, 3, 0.547), (25, 0.3, 3, 0.356), (25, 0.6, 3, 0.255), (25, 0.8, 3, 0.242),
        (25, 0.0, 4, 0.775), (25, 0.3, 4, 0.529), (25, 0.6, 4, 0.354), (25, 0.8, 4, 0.318),
        (31, 0.0, 0, 0.047), (31, 0.3, 0, 0.050), (31, 0.6, 0, 0.061), (31, 0.8, 0, 0.081),
        (31, 0.0, 3, 0.776), (31, 0.3, 3, 0.517), (31, 0.6, 3, 0.319), (31, 0.8, 3, 0.275),
    ],
)  # fmt: skip
def test_size_and_power_are_those_of_an_earlier_study(tests, n, rho, rise, share):
    """Two-sided at 5 %; the rise by the last year is in marginal sds. METHODS, section 3.13."""
    test = tests[n]
    effect = rise / np.sqrt(1 - rho**2)

    p = first_p(test.law, 0, null_fits(test, rho), "two-sided", effect=effect)

    error = np.hypot(monte_carlo_error(share, EARLIER_SERIES), monte_carlo_error(share, SERIES))
    assert float((p <= 0.05).mean()) == pytest.approx(share, abs=3.5 * error)


@pytest.mark.parametrize("n", [25, 31])
@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6, 0.8])
def test_the_p_calibrated_twice_holds_five_percent_where_the_first_does_not(tests, n, rho):
    """One-sided, as verdicts read it; .049 to .057 in 10,000 series."""
    double = simulate_double(tests[n], "pivot", SHELF)
    fits = null_fits(tests[n], rho)

    size = float((double.p_values(fits, "greater") <= 0.05).mean())
    first = float((double.first_p_values(fits, "greater") <= 0.05).mean())

    assert 0.035 < size < 0.057 + 2.5 * monte_carlo_error(0.057, SERIES)
    assert size <= first + 0.003


def test_the_maximised_p_is_too_careful_and_the_one_calibrated_twice_finds_more(tests):
    """At rho .8: size .027 and power .18 against .057 and .26 (2,000 series)."""
    test, sd = tests[25], 1 / np.sqrt(1 - 0.8**2)
    fits = null_fits(test, 0.8, 1_000)
    double = simulate_double(test, "pivot", SHELF)

    null, planted = (
        maximised_p_values(test.law, 0, fits, "greater", effect=rise * sd) for rise in (0.0, 3.0)
    )

    assert 0.01 < (null <= 0.05).mean() < 0.05
    assert (planted <= 0.05).mean() < (double.p_values(fits, "greater", effect=3 * sd) <= 0.05
                                       ).mean() - 0.04  # fmt: skip


def test_the_maximised_p_of_many_series_is_that_of_each(tests):
    test = tests[25]
    one = maximised_p_values(test.law, 0, test.fit, "greater")

    assert one[0] == pytest.approx(test.read("pivot", alternative="greater").p_maximised)


def test_one_sided_and_two_sided_ranks_agree(tests):
    double = simulate_double(tests[25], "pivot", SHELF)
    fits = null_fits(tests[25], 0.5, 200)

    greater, less, both = (double.p_values(fits, a) for a in ("greater", "less", "two-sided"))

    assert greater + less == pytest.approx(np.ones(200))
    assert both == pytest.approx(2 * np.minimum(greater, less))


def test_no_round_leaves_p_as_it_was(tests):
    double = simulate_double(tests[25], "pivot", SHELF, rounds=0)
    fits = null_fits(tests[25], 0.5, 50)

    assert double.p_values(fits, "less") == pytest.approx(double.first_p_values(fits, "less"))


def test_two_processes_give_the_numbers_of_one(tests):
    alone = simulate_double(tests[25], "pivot", replace(SHELF, series=500))
    shared = simulate_double(tests[25], "pivot", replace(SHELF, series=500, jobs=2))

    assert all((a.joint == b.joint).all() for a, b in zip(alone.rounds, shared.rounds, strict=True))


def test_a_large_bend_is_found_with_its_size():
    reading = judge_kink(calibrated(made_series(1992, rise=12.0)), "pivot", GAUGE)

    assert reading.bend.reading.estimate == pytest.approx(12.0, abs=3.0)
    assert reading.bend.reading.wide[0] < 12.0 < reading.bend.reading.wide[1]
    assert reading.bend.p_deciding < 0.05
    assert reading.change_after is not None
    assert reading.change_after.wide[0] > 0
    assert reading.rises + reading.declines == 11


def test_size_power_and_detectable_effect_are_measured_on_the_design(tests):
    bend = judge_kink(tests[31], "pivot", GAUGE).bend

    assert bend.measured.size == pytest.approx(0.05, abs=0.015)
    assert 0.05 < bend.measured.power < 0.6  # a bend of 1 sd is rarely found
    assert bend.measured.detectable > tests[31].marginal_sd
    assert bend.measured.worst_size >= max(bend.double_sizes) - 0.005


def test_the_maximised_p_decides_at_high_rho_and_where_size_fails(tests):
    plain = read_guarded(tests[31], "pivot", GAUGE)
    calm = replace(plain, rho=0.3, measured=replace(plain.measured, size_ends=(0.05, 0.06)))
    failing = replace(calm, measured=replace(plain.measured, size_ends=(0.05, 0.076)))

    assert not calm.guarded
    assert calm.p_deciding == plain.reading.p_value
    for careful in (replace(calm, rho=0.51), failing):
        assert careful.guarded
        assert careful.p_deciding == plain.reading.p_maximised


def test_scale_location_and_an_added_trend_change_nothing():
    series = made_series(rise=3.0)
    moved = 5.0 - 40.0 * 1.0 + 3.0 * series + 0.7 * (series.index.to_numpy() - 1998)

    first, second = (calibrated(each) for each in (series, moved))

    for term in ("pivot", "joint"):
        assert second.read(term).p_value == first.read(term).p_value
        assert second.read(term).p_shift == first.read(term).p_shift
    assert second.read("pivot").estimate == pytest.approx(3 * first.read("pivot").estimate)


def test_the_shift_turns_the_residuals_of_the_model_without_the_term():
    """For a term that is a column of X this is dropping the column, as for steps."""
    design = kink_design(made_series(rise=3.0), {"pivot": 2012})
    by_column, by_term = (f(design, SHELF, draws=99) for f in (calibrate_steps, calibrate_terms))

    for term in ("pivot", "total", "joint"):
        assert by_term.read(term).p_shift == by_column.read(term).p_shift
    assert by_term.read("change_after").p_shift != by_term.read("change_before").p_shift


def test_a_second_sd_is_a_look_with_its_own_law():
    test = calibrated(made_series())
    small = LawShelf(seed=61, series=300)
    look = split_look(test.design, small, draws=499)

    assert (test.kappa, look.design.layout.onset) == (1.0, 2010)
    assert look.kappa != 1.0
    assert look.read("pivot").p_value == pytest.approx(test.read("pivot").p_value, abs=0.25)


def test_results_print_as_tables_and_plain_values(tests):
    reading = judge_kink(tests[25], "pivot", GAUGE)

    assert list(reading.to_frame().index) == ["pivot", "change_before", "change_after"]
    assert list(reading.bend.to_frame().index) == ["p_value", "p_double", "p_maximised"]
    assert json.loads(json.dumps(reading.to_dict()))["bend"]["term"] == "pivot"


def test_what_is_no_bend_is_refused(tests):
    with pytest.raises(DesignError, match="joint F of several bends has no direction"):
        judge_kink(tests[25], "joint", GAUGE)
    with pytest.raises(UsageError, match='no bend "thaad"; its bends are pivot and total'):
        judge_kink(tests[25], "thaad", GAUGE)
