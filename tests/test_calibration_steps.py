"""The calibrated test of one series: p-values and intervals counted by hand."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.null_law import Place
from analysis.calibration.steps import (
    StepsTest,
    calibrate_steps,
    shifted_p,
    simulated_p,
)
from analysis.calibration.store import LawShelf
from analysis.design.steps import steps_design
from analysis.errors import EstimationError
from analysis.kernel.usual import ols_statistics
from tests.dense import dense_fit, dense_rho

REFERENCE = Path(__file__).parent / "reference"
YEARS = np.arange(2000, 2020)
ONSETS = {"first": 2008, "second": 2014}


@pytest.fixture(scope="module")
def shelf() -> LawShelf:
    return LawShelf(seed=21, series=1500)


def made_series(seed: int = 1, step: float = 0.0) -> pd.Series:
    """AR(1) noise with rho .4 in 2000-2019 and a step in 2008."""
    rng = np.random.default_rng(seed)
    errors = rng.standard_normal(20)
    for year in range(1, 20):
        errors[year] += 0.4 * errors[year - 1]
    return pd.Series(errors + step * (YEARS >= 2008), index=YEARS, name="made")


def calibrated(series: pd.Series, shelf: LawShelf, draws: int = 999) -> StepsTest:
    return calibrate_steps(steps_design(series, ONSETS), shelf, draws=draws)


def test_p_counts_one_more_above_and_below():
    """Of nine draws two reach 2, four lie at -1 or below, and six are 1.5 or more in size."""
    drawn = np.array([-3.0, -2.0, -1.5, -1.0, 0.0, 0.5, 1.0, 2.0, 2.5])

    assert simulated_p(2.0, drawn, "greater") == 3 / 10
    assert simulated_p(-1.0, drawn, "less") == 5 / 10
    assert simulated_p(1.5, drawn, "two-sided") == 6 / 10
    assert simulated_p(9.0, drawn, "greater") == 1 / 10


@pytest.mark.parametrize("statistic", [0.0, 0.7, 2.0])
def test_a_two_sided_p_does_not_know_the_sign(statistic):
    drawn = np.random.default_rng(2).standard_normal(99)

    there, back = (simulated_p(sign * statistic, drawn, "two-sided") for sign in (1, -1))
    mirrored = simulated_p(statistic, -drawn, "two-sided")

    assert there == back == mirrored


def test_less_is_greater_on_the_negated_draws():
    drawn = np.random.default_rng(2).standard_normal(99)

    assert simulated_p(-1.2, drawn, "less") == simulated_p(1.2, -drawn, "greater")


def test_circular_shifts_are_counted_as_in_r():
    """R call in reference/circular_shift.json: least-squares |t| of all thirty shifts."""
    expected = json.loads((REFERENCE / "circular_shift.json").read_text(encoding="utf-8"))
    nile = pd.read_csv(REFERENCE / "nile.csv", index_col="year").loc[1884:1913]
    x = np.column_stack([np.ones(30), np.arange(30), nile["step"]]).astype(float)
    flow, null = nile["flow"].to_numpy(dtype=float), x[:, :2]
    residuals = flow - null @ np.linalg.lstsq(null, flow)[0]
    row = np.array([[0.0, 0.0, 1.0]])

    shifts = np.stack([np.roll(residuals, by) for by in range(30)])
    t = ols_statistics(shifts, x, row)[:, 0]

    assert abs(t[0]) == pytest.approx(expected["t_observed"])
    assert shifted_p(float(t[0]), t, "two-sided") == pytest.approx(expected["p"])


@pytest.mark.parametrize("term", ["first", "second", "total"])
def test_the_shift_p_equals_every_shift_enumerated_with_full_matrices(shelf, term):
    """Residuals of the model without the claimed step, turned round by 0 to 19 years."""
    series = made_series(step=1.5)
    test = calibrated(series, shelf, draws=19)
    x, y = test.design.regressors.to_numpy(), series.to_numpy()
    names = list(test.design.regressors)
    dropped = ["first", "second"] if term == "total" else [term]
    null = x[:, [names.index(n) for n in names if n not in dropped]]
    row = np.array([float(n in dropped) for n in names])
    residuals = y - null @ np.linalg.lstsq(null, y)[0]

    def t_of(values: np.ndarray) -> float:
        fit = dense_fit(values, x, YEARS, dense_rho(values, x, YEARS))
        return float(row @ fit.beta / np.sqrt(row @ fit.covariance @ row))

    observed = t_of(y)
    turned = np.array([t_of(np.roll(residuals, by)) for by in range(20)])

    assert turned[0] == pytest.approx(observed, rel=1e-4)
    assert test.read(term).statistic == pytest.approx(observed, rel=1e-4)
    for alternative, reached in {
        "greater": turned >= observed - 1e-4,
        "less": turned <= observed + 1e-4,
        "two-sided": np.abs(turned) >= abs(observed) - 1e-4,
    }.items():
        assert test.read(term, alternative=alternative).p_shift == pytest.approx(reached.mean())


def test_the_reading_is_the_count_of_the_simulated_fits(shelf):
    """p by counting among the 999 draws, each at its own pair; the interval turns where p does."""
    test = calibrated(made_series(step=1.0), shelf)
    law, place = test.law.first, test.law.place(test.draws).first
    own = test.law.place(test.fit).first

    reading = test.read("first", alternative="greater", alpha=0.05)

    null = law.exceedance(np.abs(test.draws.statistics[:, 0]), 0, place)
    first = law.exceedance(np.array([reading.statistic]), 0, own)
    assert reading.p_value == (1 + int((null <= first).sum())) / 1000 / 2
    for ends, share in ((reading.wide, 0.05), (reading.narrow, 0.10)):
        margin = reading.estimate - ends[0]
        assert ends[1] == pytest.approx(reading.estimate + margin)
        inside, outside = np.array([0.999, 1.001]) * margin / reading.std_error
        assert test.two_sided_p(0, np.array([inside]))[0] > share
        assert test.two_sided_p(0, np.array([outside]))[0] <= share


def test_without_a_second_reading_p_is_near_the_count_of_t(shelf):
    """Where the pair is hardly in doubt the two agree: long series, one step."""
    test = calibrated(made_series(step=1.0), shelf)
    t, drawn = test.fit.statistics[0, 0], test.draws.statistics[:, 0]
    plain = (1 + int((np.abs(drawn) >= abs(t)).sum())) / (1 + len(drawn))

    assert test.read("first").p_value == pytest.approx(plain, abs=0.05)


def test_zero_lies_outside_the_interval_exactly_when_the_two_sided_p_is_at_most_alpha(shelf):
    for seed in range(40):
        test = calibrated(made_series(seed, step=1.0), shelf, draws=199)
        for term in test.design.terms:
            reading = test.read(term, alternative="two-sided", alpha=0.05)
            excluded = reading.wide[0] > 0 or reading.wide[1] < 0
            assert excluded == (reading.p_value <= 0.05)


def test_less_mirrors_greater_on_the_negated_series(shelf):
    series = made_series(step=1.0)
    up, down = calibrated(series, shelf), calibrated(-series, shelf)

    for term in up.design.terms:
        greater = up.read(term, alternative="greater")
        less = down.read(term, alternative="less")
        assert less.estimate == pytest.approx(-greater.estimate)
        assert less.std_error == pytest.approx(greater.std_error)
        assert less.wide == pytest.approx((-greater.wide[1], -greater.wide[0]))
        assert less.p_maximised == pytest.approx(greater.p_maximised)
        assert less.p_shift == pytest.approx(greater.p_shift)
        # Both are counted in the same draws, whose two tails differ by chance: 4 standard errors.
        error = np.sqrt(2 * greater.p_value * (1 - greater.p_value) / 999)
        assert less.p_value == pytest.approx(greater.p_value, abs=4 * error + 2e-3)


def test_p_does_not_depend_on_the_unit_of_the_series(shelf):
    series = made_series(step=1.0)

    plain, scaled = calibrated(series, shelf), calibrated(1000 * series + 5, shelf)

    assert scaled.rho == pytest.approx(plain.rho, abs=1e-6)
    assert scaled.marginal_sd == pytest.approx(1000 * plain.marginal_sd, rel=1e-6)
    for term in plain.design.terms:
        assert scaled.read(term).p_value == pytest.approx(plain.read(term).p_value, abs=2e-3)


def test_the_joint_statistic_is_read_against_its_own_draws(shelf):
    test = calibrated(made_series(step=3.0), shelf)

    reading = test.read("joint")

    law = test.law.first
    own = law.joint_exceedance(test.fit.joint, test.law.place(test.fit).first)
    null = law.joint_exceedance(test.draws.joint, test.law.place(test.draws).first)
    ties = (null == own) & (test.draws.joint >= test.fit.joint[0])
    assert reading.p_value == (1 + int(((null < own) | ties).sum())) / 1000
    assert reading.p_value <= 0.005  # three steps of 3 sd
    assert reading.statistic == pytest.approx(float(test.fit.joint[0]))
    assert np.isnan([reading.estimate, reading.std_error, *reading.wide]).all()


def test_the_p_of_an_effect_is_the_p_of_no_effect_in_the_series_without_it(shelf):
    """Taking 2.5 out of the series moves "an effect of 2.5 or more" to "zero or more"."""
    series = made_series(step=1.0)
    test = calibrated(series, shelf)
    without = calibrated(series - 2.5 * (YEARS >= 2008), shelf)

    expected = without.read("first", alternative="less").p_value
    assert test.p_below("first", 2.5) == pytest.approx(expected, abs=2e-3)
    mirrored = calibrated(-series, shelf).p_below("first", 2.5, alternative="less")
    assert mirrored == pytest.approx(expected, abs=0.04)


def test_the_maximised_p_is_the_largest_over_the_interval_of_rho(shelf):
    """Read from the law at every hundredth of the interval, plus one per cent."""
    test = calibrated(made_series(step=1.0), shelf)
    reading = test.read("first", alternative="greater")
    low, high = np.arctanh(test.rho_interval)
    everywhere = np.linspace(low, high, 100)
    kappa = np.full(100, np.log(test.kappa))

    p = test.law.first.exceedance(np.full(100, reading.statistic), 0, Place(everywhere, kappa))

    assert reading.p_maximised == pytest.approx(p.max() + 0.01, abs=0.003)
    assert reading.p_maximised > reading.p_value


def test_a_steps_test_of_null_series_finds_about_one_in_twenty(shelf):
    """The whole procedure on 300 series: between 4 and 30 findings, intervals likewise."""
    findings = covered = 0
    for seed in range(300):
        reading = calibrated(made_series(1000 + seed, step=2.0), shelf, draws=199).read(
            "second", alternative="greater"
        )
        findings += reading.p_value <= 0.05
        covered += reading.wide[0] <= 0 <= reading.wide[1]

    assert 4 <= findings <= 30  # four standard errors about 17, the rate of short designs
    assert 268 <= covered <= 297


def test_a_series_of_straight_lines_is_refused():
    line = pd.Series(2.0 * YEARS + 5 * (YEARS >= 2008), index=YEARS, name="line")

    with pytest.raises(EstimationError, match=r"line is fitted without error; there is nothing"):
        calibrate_steps(steps_design(line, ONSETS), LawShelf(seed=1, series=10), draws=19)


def test_more_draws_reach_smaller_p(shelf):
    assert calibrated(made_series(), shelf, draws=99).smallest_p == 0.01
    assert calibrated(made_series(), shelf, draws=999).smallest_p == 0.001


def test_the_fitted_line_is_that_of_the_full_matrices(shelf):
    series = made_series(step=2.0)
    test = calibrated(series, shelf, draws=19)
    x = test.design.regressors.to_numpy()

    dense = dense_fit(series.to_numpy(), x, YEARS, dense_rho(series.to_numpy(), x, YEARS))

    assert test.fitted == pytest.approx(x @ dense.beta, abs=1e-4)
