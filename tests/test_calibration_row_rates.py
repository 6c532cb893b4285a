"""Rates of tests that are read whole in simulated series, on a made study with every design."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.calibration.departures import DEPARTURES, departures_from, draw_departure
from analysis.calibration.planted import shape_of
from analysis.calibration.power_curves import EFFECTS, Asked, Rate, measure_curve
from analysis.calibration.row_rates import (
    RowTest,
    _detectable,
    measure_row_curve,
    measure_row_departure,
)
from analysis.records.study import read_study
from analysis.replication.calibrate import calibrate_study
from analysis.replication.outcome import Effort, make_ground
from analysis.replication.record import run_and_record
from analysis.replication.replicate import replicate
from analysis.replication.service import _claim_key, _departures
from analysis.verdict.trial import try_hypothesis
from tests.every_design import write_every_design
from tests.made_study import EXPORTS, SMALL, claim, noise, write_made_study

EFFORT = Effort(draws=99, law=600, again=200, reach=1_000, look_draws=99, look_law=200,
                studies=200, rates=400, paths=99)  # fmt: skip
SEED, SERIES = 20261121, 1_000
READ = ("D-01.steps", "D-02.dates", "D-03.break", "D-04.kink", "D-05.lags", "D-06.order",
        "D-07.counts")  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    study = read_study(write_every_design(tmp_path_factory.mktemp("every")))
    return study, make_ground(study, EFFORT)


def row_test(made, name):
    study, ground = made
    hypothesis = study.hypotheses[name]
    trial = try_hypothesis(hypothesis, ground)
    asked = Asked(trial.term, hypothesis.alternative, hypothesis.alpha)
    return trial, RowTest.of(trial.test, asked)


def of_design(made, design):
    return next(h.id for h in made[0].hypotheses.values() if h.design == design)


def test_of_dated_steps_it_counts_what_the_one_regression_says(made):
    """Two ways to one number: p read between nodes, and t against a bound read between nodes."""
    study, _ = made
    large = make_ground(study, replace(EFFORT, law=6_000, again=3_000))  # little lies between
    trial, measured = row_test((study, large), "D-01.steps")

    whole = measure_row_curve(measured, seed=SEED, series=SERIES)
    contrast = measure_curve(trial.test, measured.asked, seed=SEED, series=SERIES)

    assert whole.size.rate == pytest.approx(contrast.size.rate, abs=0.006)
    assert [end.rate for end in whole.size_ends] == pytest.approx(
        [end.rate for end in contrast.size_ends], abs=0.006
    )
    assert whole.coverage.rate == pytest.approx(contrast.coverage.rate, abs=0.006)
    assert [each.rate for each in whole.power] == pytest.approx(
        [each.rate for each in contrast.power], abs=0.006
    )
    assert whole.detectable == pytest.approx(contrast.detectable, abs=0.03)


@pytest.mark.parametrize("design", ["relation", "date_set", "break_date"])
def test_the_curve_passes_through_the_numbers_of_the_verdict(made, design):
    trial, measured = row_test(made, of_design(made, design))
    told = trial.test.measure(trial.question(0.05), seed=SEED, series=SERIES)

    curve = measure_row_curve(measured, seed=SEED, series=SERIES)

    noise = 4 * np.sqrt(2) * max(told.size_mc_error, 0.5 / np.sqrt(SERIES) / 4)
    assert curve.size.rate == pytest.approx(told.size, abs=noise)
    at = trial.claimed_effect / trial.test.marginal_sd
    power = np.interp(at, EFFECTS, [each.rate for each in curve.power])
    assert power == pytest.approx(told.power_at_claim, abs=0.07)


@pytest.mark.parametrize("name", READ)
def test_nothing_is_found_more_often_than_stated_and_what_is_there_more_often(made, name):
    _, measured = row_test(made, name)

    curve = measure_row_curve(measured, seed=SEED, series=SERIES)

    rates = [each.rate for each in curve.power]
    assert rates[0] == curve.size.rate <= 0.09
    assert curve.size.mc_error == pytest.approx(
        np.sqrt(curve.size.rate * (1 - curve.size.rate) / SERIES)
    )
    assert max(rates) > rates[0] + 0.1


def test_of_a_mediation_both_series_are_drawn_and_one_path_alone_is_its_null(made):
    """No indirect effect: one path as estimated, none on the other; as in the verdict."""
    trial, measured = row_test(made, of_design(made, "mediation"))
    told = trial.test.measure(trial.question(0.05), seed=SEED, series=SERIES)

    curve = measure_row_curve(measured, seed=SEED, series=SERIES)

    assert len(measured.drawn) == 2
    assert curve.size.rate == pytest.approx(told.size, abs=0.03)
    assert curve.power[0].rate <= 0.02  # .05 squared, and what both laws leave
    assert curve.power[-1].rate > 0.3
    assert curve.coverage is None


@pytest.mark.parametrize("design", ["firsts", "bounds", "equivalence"])
def test_tests_that_draw_something_else_are_not_read_so(made, design):
    _, measured = row_test(made, of_design(made, design))

    assert measured is None


def test_a_kink_can_pass_for_steps_and_an_s_curve_for_a_set_of_dates(made):
    """Departures are shown where they do harm; numbers of the register, correction 4."""
    _, steps = row_test(made, "D-01.steps")
    kink = measure_row_departure("kink", steps, seed=SEED, series=SERIES)
    plain = measure_row_curve(steps, seed=SEED, series=SERIES)

    assert kink.words == DEPARTURES["kink"].words
    assert kink.size.rate > plain.size.rate


def test_counts_are_drawn_as_whole_numbers(made):
    _, measured = row_test(made, "D-07.counts")
    (drawn,) = measured.drawn
    rows = measured._outcomes(drawn.errors(drawn.rho, seed=SEED, series=50))

    assert np.array_equal(rows, np.round(rows))
    assert rows.min() >= 0
    assert measure_row_departure("counts", measured, seed=SEED, series=400).size.rate < 0.12


def test_a_fall_claimed_of_a_set_of_dates_is_planted_as_a_fall(made):
    study, ground = made
    name = of_design(made, "date_set")
    rise = try_hypothesis(study.hypotheses[name], ground).test
    fall = type(rise)(rise.design.towards("less"), rise.errors, rise.world)
    fall = type(rise)(
        fall.design, fall.errors, type(rise.world)(fall.design, fall.errors, ground.shelf, 100)
    )

    up = shape_of(rise, "dates", "greater")
    down = shape_of(fall, "dates", "less")

    assert up[-1] == len(rise.design.onsets)
    assert np.array_equal(down, -up)


def test_the_effect_found_four_times_in_five_lies_between_those_measured():
    rates = [0.05, 0.2, 0.4, 0.6, 0.7, 0.9] + [0.95] * 11
    at, error = _detectable(tuple(Rate.counted(rate, 10_000) for rate in rates), 10_000)

    # Probits of .7, .8 and .9 are .5244, .8416 and 1.2816: 1 + .25 x .3172 / .7572 sd.
    assert at == pytest.approx(1.1047, abs=1e-4)
    # root(.8 x .2 / 10,000) = .004; the probit rises by 1 / .28 there: .25 x .01429 / .7572 sd.
    assert error == pytest.approx(0.00472, abs=1e-5)
    low = tuple(Rate.counted(0.5, 100) for _ in EFFECTS)
    assert _detectable(low, 100) == (None, None)


def test_departures_are_those_that_a_claim_can_meet(made):
    study, ground = made
    whole = set(departures_from("linear", counts=True))

    assert whole == set(DEPARTURES) - {"line"}
    assert set(_departures(study.hypotheses["D-07.counts"], ground)) == whole
    assert "line" not in _departures(study.hypotheses["D-02.dates"], ground)
    assert "counts" not in _departures(study.hypotheses[of_design(made, "mediation")], ground)


def test_a_value_that_only_a_lag_reads_is_in_the_key(made):
    """The exposure of the year before the first outcome."""
    study, ground = made
    hypothesis = study.hypotheses[of_design(made, "relation")]
    cells = ground.panel.cells.copy()
    level = cells.index.get_level_values
    exposure = (level("variable") == hypothesis.exposure) & (level("year") == level("year").min())
    cells.loc[exposure, "stored"] = "999"
    other = replace(ground, panel=replace(ground.panel, cells=cells, observations=None))

    assert exposure.any()
    assert _claim_key(hypothesis, ground, EFFORT) != _claim_key(hypothesis, other, EFFORT)
    assert _claim_key(hypothesis, ground, EFFORT) == _claim_key(hypothesis, ground, EFFORT)


def test_departures_of_one_seed_are_the_same_whatever_is_asked_of_them(made):
    _, measured = row_test(made, of_design(made, "relation"))
    (drawn,) = measured.drawn

    short = draw_departure("ar2", drawn, seed=SEED, series=20)
    long = draw_departure("ar2", drawn, seed=SEED, series=40)

    assert np.array_equal(short, long[:20])


def test_what_is_stored_of_them_replicates_and_is_not_measured_again(tmp_path):
    kink = claim(id="K-1.bend", design="kink", junctures=["treaty"], term="treaty")
    root = write_made_study(tmp_path, {EXPORTS: noise(step=6)}, [claim(id="K-0.step"), kink])
    run_and_record(root, effort=SMALL)
    names = ("K-0.step", "K-1.bend")

    first = calibrate_study(root, only=names)
    again = calibrate_study(root, only=names)
    differences = replicate(root)

    assert [curve["claim"] for curve in first.curves] == list(names)
    assert first.new == len(first.curves) + len(first.departures) > len(DEPARTURES)
    assert again.new == 0
    assert {each.kind.value for each in differences} == {"equal"}
