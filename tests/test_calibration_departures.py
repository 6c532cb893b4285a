"""Departures from the model: what they are, and how often a test errs under them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.departure_rates import measure_departure
from analysis.calibration.departures import DEPARTURES, departures_of, draw_departure
from analysis.calibration.law import simulate_errors
from analysis.calibration.measure import Gauge
from analysis.calibration.power_curves import EFFECTS, Asked, fit_test, measure_curve, size_in
from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.store import LawShelf, layout_key
from analysis.calibration.tested import Question
from analysis.design.steps import steps_design
from analysis.kernel.processes import ar2_errors, ma1_errors, random_walk_errors
from analysis.kernel.simulate import ar1_errors
from analysis.panel.transform import transform_series

STUDY = (Path(__file__).parent.parent / "docs" / "study.md").read_text(encoding="utf-8")
ONSETS = {"first": 2010, "second": 2014, "third": 2017}
YEARS = np.arange(1992, 2023)
SHELF = LawShelf(seed=3, series=1500)
SERIES = 3000
MEANS = ("line", "parabola", "s_curve", "kink")


def design_of(values=None, *, trend="linear", onsets=ONSETS, left_out=(), error_model="ar1"):
    """Three steps in a series of AR(1) errors, rho .4, or in the values given."""
    if values is None:
        normals = np.random.default_rng(4).standard_normal((1, len(YEARS)))
        values = ar1_errors(normals, YEARS, 0.4, 1.0, None)[0]
    series = pd.Series(values, index=YEARS).drop(list(left_out))
    return steps_design(series, onsets, name="made", trend=trend, error_model=error_model)


def counts() -> np.ndarray:
    return np.random.default_rng(6).poisson(np.linspace(3, 9, len(YEARS))).astype(float)


@pytest.fixture(scope="module")
def fitted() -> StepsTest:
    return calibrate_steps(design_of(), SHELF, draws=19)


@pytest.fixture(scope="module")
def gappy() -> StepsTest:
    return calibrate_steps(design_of(left_out=(1996, 1997, 2012)), SHELF, draws=19)


@pytest.fixture(scope="module")
def of_counts() -> StepsTest:
    roots = transform_series(pd.Series(counts(), index=YEARS), "sqrt38")
    return calibrate_steps(design_of(roots.to_numpy()), SHELF, draws=19)


def null_of(test: StepsTest, series: int) -> np.ndarray:
    """The series without steps behind a curve, seed 3."""
    layout = test.design.layout
    stream = f"reach:{layout_key(layout)}"
    return simulate_errors(
        layout, rho=test.rho, kappa=test.kappa, seed=3, stream=stream, series=series
    )


def autocorrelation(errors: np.ndarray, lag: int) -> float:
    return float((errors[:, lag:] * errors[:, :-lag]).mean() / (errors**2).mean())


def test_ar2_without_a_second_year_is_the_ar1_of_the_model():
    years = np.array([2000, 2001, 2004, 2005, 2009])
    shocks = np.random.default_rng(1).standard_normal((50, 11))
    sd = np.where(np.arange(2000, 2010) >= 2005, 2.0, 1.0)

    errors = ar2_errors(shocks, years, sd, 0.6, 0.0)

    assert errors == pytest.approx(ar1_errors(shocks[:, 1:], years, 0.6, 2.0, 2005))


@pytest.mark.parametrize("second", [0.3, -0.3])
def test_ar2_has_the_autocorrelations_of_yule_and_walker_from_its_first_year_on(second):
    """r1 = rho, r2 = a r1 + b with a = rho (1 - b); variance 1 / ((1 - b^2)(1 - rho^2))."""
    rho, many, years = 0.5, 40_000, np.arange(2000, 2012)
    shocks = np.random.default_rng(2).standard_normal((many, 13))

    errors = ar2_errors(shocks, years, np.ones(12), rho, second)

    variance = 1 / ((1 - second**2) * (1 - rho**2))
    assert errors.var(axis=0) == pytest.approx(np.full(12, variance), rel=0.04)
    assert autocorrelation(errors, 1) == pytest.approx(rho, abs=0.01)
    assert autocorrelation(errors, 2) == pytest.approx(rho * (1 - second) * rho + second, abs=0.01)


def test_a_moving_average_and_a_random_walk_by_hand():
    shocks, sd = np.array([[1.0, 2.0, -1.0, 3.0]]), np.array([1.0, 1.0, 2.0])
    years = np.array([2000, 2001, 2002])

    # Shocks 1 | 2, -1, 6: each plus half of the one before; and their running sum.
    assert ma1_errors(shocks, years, sd, 0.5).tolist() == [[2.5, 0.0, 5.5]]
    assert random_walk_errors(shocks, years, sd).tolist() == [[2.0, 1.0, 7.0]]
    assert random_walk_errors(shocks, years[[0, 2]], sd).tolist() == [[2.0, 7.0]]


def test_the_page_names_every_departure():
    table = STUDY.partition("### Departures from the model")[2].partition("###")[0]

    assert [name for name in DEPARTURES if f"`{name}`" not in table] == []


@pytest.mark.parametrize(
    ("trend", "left_out"),
    [("none", set()), ("linear", {"line"}), ("quadratic", {"line", "parabola"})],
)
def test_a_trend_that_the_design_holds_is_no_departure(trend, left_out):
    assert set(departures_of(design_of(trend=trend), "none")) == {*DEPARTURES} - left_out - {
        "counts"
    }


def test_counts_are_for_roots_of_whole_numbers():
    roots = transform_series(pd.Series(counts(), index=YEARS), "sqrt38").to_numpy()
    means = transform_series(pd.Series(counts() / 3, index=YEARS), "sqrt38").to_numpy()

    assert "counts" in departures_of(design_of(roots), "sqrt38")
    assert "counts" not in departures_of(design_of(means), "sqrt38")
    assert "counts" not in departures_of(design_of(roots), "none")


@pytest.mark.parametrize(
    ("name", "rise"), [("line", 3.0), ("parabola", 3.0), ("s_curve", 3.7), ("kink", 4.0)]
)
def test_a_mean_bends_by_so_many_sd_and_jumps_nowhere(name, rise):
    mean = DEPARTURES[name].mean(YEARS.astype(float), design_of())

    assert mean[-1] - mean[0] == pytest.approx(rise, abs=0.3)  # the S goes on after the years
    assert np.abs(np.diff(mean)).max() < 0.6


def test_bends_are_where_the_junctures_are():
    design, years = design_of(), YEARS.astype(float)
    s_curve = pd.Series(DEPARTURES["s_curve"].mean(years, design), YEARS)
    kink = pd.Series(DEPARTURES["kink"].mean(years, design), YEARS)

    assert s_curve[2014] == pytest.approx(2.0)  # half way at the second of three
    assert (kink[2008], kink[2022]) == (0.0, 4.0)
    assert kink[2009] > 0
    spread = pd.Series(DEPARTURES["spread"].spread(years, design), YEARS)
    assert spread[[2009, 2010]].tolist() == [1.0, 2.0]
    variance = DEPARTURES["variance"].spread(years, design) ** 2
    assert variance[[0, 14, 15, 30]] == pytest.approx([1, 1, 2, 2])


@pytest.mark.parametrize("name", MEANS)
def test_all_that_a_bend_adds_is_its_mean_in_marginal_sds(gappy, name):
    """Every departure of a design sees the same normals, so that only the means differ."""
    bent = draw_departure(name, gappy, seed=1, series=20)
    doubled = draw_departure("spread", gappy, seed=1, series=20)

    years = gappy.design.years.astype(float)
    mean = DEPARTURES[name].mean(years, gappy.design) / np.sqrt(1 - gappy.rho**2)
    before = years < gappy.design.first_onset
    assert (bent - mean)[:, before] == pytest.approx(doubled[:, before])


def test_a_break_of_the_spread_reaches_a_design_with_constant_variance():
    constant = calibrate_steps(design_of(error_model="ar1-constant"), SHELF, draws=19)

    doubled = draw_departure("spread", constant, seed=1, series=2000)

    steady = draw_departure("line", constant, seed=1, series=2000)
    assert doubled[:, 0].std() == pytest.approx(steady[:, 0].std())
    assert doubled[:, -1].std() == pytest.approx(2 * steady[:, -1].std(), rel=0.05)


@pytest.mark.parametrize("name", ["student", "ma1", "counts"])
def test_a_series_is_the_same_however_many_are_drawn(of_counts, name):
    few = draw_departure(name, of_counts, seed=1, series=20)

    assert (few == draw_departure(name, of_counts, seed=1, series=700)[:20]).all()


def test_drawn_counts_are_counts_around_the_mean_without_steps(of_counts):
    roots = draw_departure("counts", of_counts, seed=1, series=2000)

    drawn = roots**2 - 0.375
    assert drawn == pytest.approx(np.round(drawn), abs=1e-9)
    # A log-linear mean keeps the total, and the total weighted by year, of what was observed.
    assert drawn.sum(axis=1).mean() == pytest.approx(counts().sum(), rel=0.03)
    assert (drawn @ YEARS).mean() == pytest.approx(counts() @ YEARS, rel=0.03)


def test_size_under_other_shocks_is_near_alpha_and_under_an_s_curve_far_above(fitted):
    asked = [Asked("second", "greater", 0.05)]

    def size(name: str) -> float:
        return measure_departure(name, fitted, asked, seed=3, series=SERIES)[0].size.rate

    # Four Monte Carlo errors of .004, and as much for a law of 1,500 series.
    assert 0.02 < size("student") < 0.085
    assert size("s_curve") > 0.10


def test_terms_counted_together_are_counted_as_if_alone(fitted):
    questions = [
        Asked("first", "greater", 0.05),
        Asked("total", "two-sided", 0.10),
        Asked("joint", "two-sided", 0.05),
    ]

    together = measure_departure("ar2", fitted, questions, seed=3, series=500)

    alone = [
        measure_departure("ar2", fitted, [asked], seed=3, series=500)[0] for asked in questions
    ]
    assert together == alone
    assert together[2].coverage is None
    assert together[0].to_dict()["size"]["mc_error"] == pytest.approx(
        np.sqrt(together[0].size.rate * (1 - together[0].size.rate) / 500)
    )
    assert together[0].to_frame().loc["ar2", "size.rate"] == together[0].size.rate


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("which", ["fitted", "gappy"])
def test_a_curve_passes_through_the_numbers_of_the_verdict(which, alternative, request):
    test = request.getfixturevalue(which)
    asked = Asked("second", alternative, 0.05)
    question = Question("second", alternative, 0.05, 0.05, test.marginal_sd, 2 * test.marginal_sd)

    curve = measure_curve(test, asked, seed=SHELF.seed, series=SERIES)

    measured = Gauge(SHELF, series=SERIES).measure(test, question)
    power = curve.to_frame()["rate"]
    assert curve.size.rate == power[0.0] == pytest.approx(measured.size)
    assert [end.rate for end in curve.size_ends] == pytest.approx(list(measured.size_ends))
    assert curve.coverage.rate == pytest.approx(measured.coverage)
    assert power[[1.0, 2.0]].tolist() == pytest.approx([measured.power, measured.power_at_claim])
    assert curve.detectable * curve.sd == pytest.approx(measured.detectable)


def test_power_is_that_of_series_to_which_the_step_is_added(fitted):
    """The other way round: 1.5 sd added at the onset in every series, and each fitted again."""
    asked = Asked("second", "greater", 0.05)
    curve = measure_curve(fitted, asked, seed=3, series=1000)
    null = null_of(fitted, 1000)
    step = 1.5 * fitted.in_first_sd(fitted.marginal_sd) * (YEARS >= 2014)

    found = size_in(fitted, asked, fit_test(null + step, fitted))

    assert curve.to_frame()["rate"][1.5] == pytest.approx(found.rate, abs=0.002)


def test_the_curve_rises_from_size_and_reaches_four_in_five_at_what_is_detectable(fitted):
    curve = measure_curve(fitted, Asked("first", "greater", 0.05), seed=3, series=SERIES)

    power = curve.to_frame()["rate"]
    assert tuple(power.index) == EFFECTS == tuple(np.arange(0, 4.01, 0.25))
    assert (power.diff().dropna() >= 0).all()
    at = np.interp(curve.detectable, power.index, power)
    assert at == pytest.approx(0.8, abs=0.02)
    assert 0 < curve.detectable_mc_error < 0.1
    slope = np.gradient(power, 0.25)[round(curve.detectable * 4)]
    assert curve.detectable_mc_error == pytest.approx(
        np.sqrt(0.16 / SERIES) / slope, rel=0.5
    )  # the delta method


def test_the_curve_of_the_joint_test_starts_at_its_size_and_has_no_interval(fitted):
    curve = measure_curve(fitted, Asked("joint", "two-sided", 0.05), seed=3, series=500)

    assert curve.power[0] == curve.size
    assert curve.power[-1].rate > 0.9
    assert (curve.coverage, curve.detectable, curve.detectable_mc_error) == (None, None, None)
    assert curve.to_dict()["power"][4]["effect"] == 1.0
