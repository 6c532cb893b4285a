"""A staircase against a smooth rise: the contest by hand and its published rates."""

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.order import MODELS, Contest, judge_order, regime_of
from analysis.calibration.order_rates import measure_order
from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import steps_design
from analysis.errors import DesignError
from tests.dense import ar1_covariance, dense_fit

YEARS = np.arange(1998, 2023)
ONSETS = {"pivot": 2012, "ukraine": 2014, "thaad": 2017}
STEPS = (np.array(list(ONSETS.values())) <= YEARS[:, None]).astype(float)
STAIRS = STEPS.sum(axis=1)
PLACE = np.arange(25) / 24


@pytest.fixture(scope="module")
def shelf() -> LawShelf:
    return LawShelf(seed=5, series=1500)


def ar1(rho: float, series: int, seed: int = 1) -> np.ndarray:
    """AR(1) of marginal sd 1 on the 25 years."""
    drawn = np.random.default_rng(seed).standard_normal((series, 25))
    drawn[:, 1:] *= np.sqrt(1 - rho**2)
    for year in range(1, 25):
        drawn[:, year] += rho * drawn[:, year - 1]
    return drawn


def calibrated(values: np.ndarray, shelf: LawShelf, **options: str) -> StepsTest:
    series = pd.Series(values, index=YEARS, name="made")
    return calibrate_steps(steps_design(series, ONSETS, **options), shelf, draws=999)


def test_aicc_is_that_of_the_density_written_out(shelf):
    """Kink: four coefficients with rho and sd is k = 5 + 1; the bend is 1 in the onset year."""
    values = ar1(0.4, 1)[0] + STAIRS
    table = judge_order(calibrated(values, shelf)).contest
    bend = np.maximum(YEARS - 2011, 0).astype(float)
    x = np.column_stack([np.ones(25), YEARS - 2010.0, bend])

    def minus_two_l(rho: float) -> float:
        v = ar1_covariance(YEARS, rho)
        errors = values - x @ dense_fit(values, x, YEARS, rho).beta
        variance = errors @ np.linalg.solve(v, errors) / 25
        return float(np.linalg.slogdet(2 * np.pi * variance * v)[1] + 25)

    k = 3 + 2
    best = min(minus_two_l(rho) for rho in np.linspace(-0.9, 0.98, 400))
    expected = best + 2 * k + 2 * k * (k + 1) / (25 - k - 1)
    assert table.loc["kink", "aicc"] == pytest.approx(expected, abs=3e-3)
    assert table["weight"].sum() == pytest.approx(1)
    assert table["above"].min() == 0


@pytest.mark.parametrize(
    ("rho", "mean", "expected"),
    [
        (0.3, 0 * STAIRS, {"trend": 0.116, "steps": 0.070, "kink": 0.047, "null": 0.719}),
        (0.3, 3 * PLACE, {"trend": 0.702, "steps": 0.073, "kink": 0.094, "null": 0.044}),
        (0.3, STAIRS, {"trend": 0.221, "steps": 0.476, "quadratic": 0.101, "kink": 0.178}),
        (0.6, 2 * STAIRS, {"trend": 0.025, "steps": 0.867, "kink": 0.080}),
        (0.6, 3 * STEPS[:, 1], {"trend": 0.083, "steps": 0.818, "kink": 0.056}),
    ],
)
def test_the_contest_is_won_as_often_as_the_methods_say(rho, mean, expected, shelf):
    """METHODS 3.8, 25 years: 4 standard errors of 1,500 series here and about 1,000 there."""
    contest = Contest.of(calibrated(ar1(0.3, 1)[0], shelf).design)

    winners = contest.aicc(ar1(rho, 1500, seed=8) + mean).argmin(axis=1)

    for model, share in expected.items():
        error = np.sqrt(share * (1 - share) * (1 / 1500 + 1 / 1000))
        won = float((winners == MODELS.index(model)).mean())
        assert won == pytest.approx(share, abs=4 * error), model


def test_a_steep_staircase_is_found_and_a_ramp_is_not(shelf):
    stairs = judge_order(calibrated(0.5 * ar1(0.3, 1)[0] + 3 * STAIRS, shelf))
    ramp = judge_order(calibrated(0.3 * ar1(0.3, 1)[0] + 8 * PLACE, shelf))

    assert stairs.winner == "steps"
    assert stairs.found()
    assert stairs.lead > 2
    assert not stairs.smooth_wins
    assert ramp.winner == "trend"
    assert not ramp.found()
    assert ramp.lead < -2
    assert ramp.smooth_wins
    assert ramp.jonckheere.p_exact < 1e-6  # which is why it decides nothing


def test_p_is_the_largest_of_the_steps_and_regimes_are_their_means(shelf):
    values = ar1(0.3, 1, seed=4)[0] + STAIRS
    test = calibrated(values, shelf)

    reading = judge_order(test)

    singles = {name: test.read(name, alternative="greater").p_value for name in ONSETS}
    assert reading.steps["p_value"].to_dict() == singles
    assert reading.p_value == max(singles.values())
    assert reading.regimes["values"].tolist() == [14, 2, 3, 6]
    assert reading.regimes.loc["ukraine", "mean"] == pytest.approx(values[16:19].mean())
    assert regime_of(test.design).tolist() == [0] * 14 + [1] * 2 + [2] * 3 + [3] * 6
    assert reading.to_dict()["winner"] == reading.winner
    assert reading.to_frame().index.tolist() == list(MODELS)


def test_less_is_greater_of_the_negated_series(shelf):
    values = ar1(0.3, 1, seed=6)[0] + 2 * STAIRS

    up = judge_order(calibrated(values, shelf))
    down = judge_order(calibrated(-values, shelf), alternative="less")

    assert down.contest["aicc"].to_numpy() == pytest.approx(up.contest["aicc"].to_numpy())
    assert down.jonckheere == up.jonckheere
    assert down.steps["estimate"].to_numpy() == pytest.approx(-up.steps["estimate"].to_numpy())


def test_the_unit_does_not_change_who_wins(shelf):
    values = ar1(0.3, 1, seed=6)[0] + 2 * STAIRS

    one, thousand = (judge_order(calibrated(by * values, shelf)) for by in (1.0, 1000.0))

    assert thousand.lead == pytest.approx(one.lead, abs=1e-6)


def test_questions_without_an_order_are_refused(shelf):
    series = pd.Series(ar1(0.3, 1)[0], index=YEARS, name="made")
    single = calibrate_steps(steps_design(series, {"pivot": 2012}), shelf, draws=19)

    with pytest.raises(DesignError, match="order of stages in made needs two junctures or more"):
        judge_order(single)
    with pytest.raises(DesignError, match="The steps of made are compared with a smooth rise"):
        judge_order(calibrated(series.to_numpy(), shelf, trend="none"))
    with pytest.raises(DesignError, match="two-sided is no alternative; there are greater, less"):
        judge_order(calibrated(series.to_numpy(), shelf), alternative="two-sided")


def test_an_order_is_seldom_found_around_smooth_curves_and_often_where_it_is(shelf):
    """Where nothing steps .05 at the most; steps of 3 sd each are found by 3.7 in about .67."""
    ramp = calibrated(ar1(0.3, 1, seed=9)[0] + 4 * PLACE, shelf)
    sd = ramp.marginal_sd

    measured = measure_order(
        ramp, shelf, smallest_effect=1.0 * sd, claimed_effect=3.0 * sd, series=1000
    )

    for world in ("line", "parabola", "kink", "growth"):
        assert measured.smooth[world].both <= 0.05
    assert measured.one_step.both <= 0.05 + 4 * measured.mc_error
    assert measured.at_smallest.both < measured.at_claim.both
    assert measured.at_claim.both > 0.4
    rates = measured.to_frame()
    assert (rates["both"] <= rates[["steps_win", "each_found"]].min(axis=1)).all()
    assert measured.worst_size == max(rates.loc[[*measured.smooth, "one_step"], "both"])


def test_one_step_is_never_taken_for_three(shelf):
    """A last step of 6 sd: its own test finds it, the largest p of the three does not."""
    values = ar1(0.3, 1, seed=10)[0] + 6.0 * STEPS[:, 2]
    test = calibrated(values, shelf)

    measured = measure_order(test, shelf, smallest_effect=1.0, claimed_effect=2.0, series=1000)

    assert judge_order(test).steps.loc["thaad", "p_value"] < 0.05
    assert measured.one_step.each_found <= 0.05 + 4 * measured.mc_error
