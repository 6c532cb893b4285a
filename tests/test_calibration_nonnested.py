"""Rival exposures: J as statsmodels computes it, size, planted truth, refusals."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.diagnostic import compare_j

from analysis.calibration.double import first_p
from analysis.calibration.nonnested import NonnestedTest, calibrate_nonnested
from analysis.calibration.rival_fits import FIRST_WINDOW, compare_fits, forecast_errors
from analysis.calibration.store import LawShelf
from analysis.calibration.tested import Question
from analysis.errors import DesignError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.layout import Layout
from analysis.kernel.likelihood import whiten

SHELF = LawShelf(seed=12, series=1_500)
YEARS = np.arange(1992, 2023)


def errors(rows: int, seed: int, rho: float = 0.5) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((rows, len(YEARS)))
    drawn[:, 0] /= np.sqrt(1 - rho**2)
    for year in range(1, len(YEARS)):
        drawn[:, year] += rho * drawn[:, year - 1]
    return drawn


def exposures(correlation: float = 0.5, seed: int = 8) -> tuple[pd.Series, pd.Series]:
    first, other = errors(2, seed, rho=0.6)
    second = correlation * first + np.sqrt(1 - correlation**2) * other
    return pd.Series(first, YEARS, name="threat"), pd.Series(second, YEARS, name="power")


def outcome(threat: float, power: float, seed: int = 3) -> pd.Series:
    first, second = exposures()
    mean = threat * first + power * second + 0.1 * (YEARS - 1992)
    return pd.Series(mean + errors(1, seed)[0], YEARS, name="cooperation")


def rivals(series: pd.Series, *, draws: int = 999) -> NonnestedTest:
    return calibrate_nonnested(series, *exposures(), SHELF, draws=draws)


def asked(test: NonnestedTest, alternative: str = "greater") -> Question:
    return Question("threat", alternative, 0.05, 0.025, 0.5 * test.marginal_sd, test.marginal_sd)


@pytest.mark.filterwarnings("ignore:compare_j currently returns:FutureWarning")
def test_j_is_that_of_statsmodels_on_whitened_data():
    """compare_j(x, z) of statsmodels tests the model z by adding the fitted values of x."""
    test = rivals(outcome(0.6, 0.3))
    design = test.both.design
    columns = np.column_stack([design.regressors.to_numpy(), test.both.series])
    white = whiten(columns, design.layout, test.both.fit.rho)[0]
    fitted = {
        left_out: sm.OLS(white[:, -1], np.delete(white[:, :-1], at, axis=1)).fit()
        for left_out, at in (("power", 3), ("threat", 2))
    }

    without_threat, _ = compare_j(fitted["power"], fitted["threat"])
    without_power, _ = compare_j(fitted["threat"], fitted["power"])

    assert abs(test.read("threat").statistic) == pytest.approx(abs(without_threat), rel=1e-4)
    assert abs(test.read("power").statistic) == pytest.approx(abs(without_power), rel=1e-4)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_a_true_rival_is_rejected_as_often_as_the_level_says(rho):
    """One-sided at 5 %, the rival alone true, with rho estimated in each of 4,000 series."""
    both, second = rivals(outcome(0.0, 0.8)).both, exposures()[1].to_numpy()
    made = errors(4_000, seed=21, rho=rho) + 0.8 * second + 0.1 * (YEARS - 1992)
    fits = fit_ar1(made, both.design.layout, both.design.contrasts)

    rejected = float((first_p(both.law, 0, fits, "greater") <= 0.05).mean())

    assert 0.035 < rejected < 0.065
    assert (first_p(both.law, 1, fits, "greater") <= 0.05).mean() > 0.5


def test_measured_size_holds_and_power_grows():
    test = rivals(outcome(0.0, 0.0))

    measured = test.measure(asked(test), seed=5, series=6_000)

    assert 0.035 < measured.size < 0.055  # below .05 by the series whose own model is rejected
    assert max(measured.size_ends) < 0.065
    assert measured.size < measured.power < measured.power_at_claim
    assert measured.power_rule < measured.power_at_claim
    assert 0.925 < measured.coverage < 0.965  # rho is estimated: .93 to .945 in regressions
    assert np.isfinite(measured.detectable)


def test_the_detectable_effect_is_found_four_times_in_five():
    test = rivals(outcome(0.0, 0.0))
    effect = test.measure(asked(test), seed=5, series=6_000).detectable
    question = Question("threat", "greater", 0.05, 0.05, effect, effect)

    assert test.measure(question, seed=5, series=6_000).power == pytest.approx(0.8, abs=0.002)


@pytest.mark.parametrize(
    ("threat", "power", "said"),
    [
        (1.5, 0.0, "first favoured"),
        (0.0, 1.5, "second favoured"),
        (1.5, 1.5, "both rejected"),
        (0.0, 0.0, "undecided"),
    ],
)
def test_the_four_outcomes_are_those_planted(threat, power, said):
    test = rivals(outcome(threat, power))

    assert test.outcome() == said
    assert (test.read("threat", alternative="greater").p_value <= 0.05) == (threat > power)
    assert (test.read("power", alternative="greater").p_value <= 0.05) == (power > threat)


def test_an_exposure_whose_own_model_fails_is_not_favoured():
    test = rivals(outcome(1.5, 1.5))

    reading = test.read("threat", alternative="greater")

    assert test.both.read("threat", alternative="greater").p_value < 0.01
    assert (reading.p_value, reading.p_maximised, reading.p_shift) == (1.0, 1.0, 1.0)
    assert "neither threat nor power is enough" in test.note


def test_the_unit_of_an_exposure_does_not_matter():
    first, second = exposures()
    series = outcome(0.7, 0.0)

    here = calibrate_nonnested(series, first, second, SHELF, draws=199).read("threat")
    there = calibrate_nonnested(series, 1_000 * first + 7, second / 9, SHELF, draws=199).read(
        "threat"
    )

    assert there.estimate == pytest.approx(here.estimate, rel=1e-6)
    assert there.p_value == here.p_value


def test_the_key_names_what_the_measurement_depends_on():
    test = rivals(outcome(0.0, 0.0))
    keys = {
        test.key(asked(test, side), seed=seed, series=series)
        for side in ("greater", "less")
        for seed in (1, 2)
        for series in (100, 200)
    }

    assert len(keys) == 8
    assert test.key(asked(test), seed=1, series=100) in keys


def test_aicc_is_that_of_the_exact_likelihood_of_statsmodels():
    """SARIMAX(1, 0, 0) of statsmodels, regressors as exog; four or five parameters."""
    test = rivals(outcome(1.0, 0.0))
    table = compare_fits(test.both)
    x = test.both.design.regressors

    for model, columns in (
        ("neither", x.columns[:2]),
        ("threat", [*x.columns[:2], "threat"]),
        ("both", x.columns),
    ):
        fit = sm.tsa.SARIMAX(test.both.series, x[list(columns)].to_numpy(), order=(1, 0, 0)).fit(
            disp=False
        )
        k, n = len(columns) + 2, len(x)
        aicc = -2 * fit.llf + 2 * k * n / (n - k - 1)
        assert table.loc[model, "aicc"] == pytest.approx(aicc, abs=2e-3)
    assert table["aicc_difference"].min() == 0.0
    assert table["aicc"].idxmin() == "threat"


def test_forecasts_use_no_later_year_and_the_right_exposure_wins():
    test = rivals(outcome(2.0, 0.0))
    layout = Layout(YEARS, test.both.design.regressors.to_numpy())
    changed = test.both.series.copy()
    changed[-1] += 100

    before, after = (forecast_errors(y, layout) for y in (test.both.series, changed))

    assert len(before) == len(YEARS) - FIRST_WINDOW
    assert after[:-1].tolist() == before[:-1].tolist()
    assert after[-1] - before[-1] == pytest.approx(100)
    ratios = compare_fits(test.both)["rmse_ratio"]
    assert ratios["threat"] < 0.8 < ratios["power"]


def test_what_cannot_be_compared_is_refused():
    first, second = exposures()
    series = outcome(1.0, 0.0)
    twin = (first + 1e-3 * second).rename("twin")

    with pytest.raises(DesignError, match="collinear: condition number"):
        calibrate_nonnested(series, first, twin, SHELF, draws=99)
    with pytest.raises(DesignError, match="Both exposures are called threat"):
        calibrate_nonnested(series, first, second.rename("threat"), SHELF, draws=99)
    with pytest.raises(
        DesignError, match="12 years have cooperation together with threat and power"
    ):
        calibrate_nonnested(series.iloc[:12], first, second, SHELF, draws=99)
    with pytest.raises(DesignError, match="power never changes in the years used"):
        calibrate_nonnested(series, first, 0 * second, SHELF, draws=99)
    with pytest.raises(DesignError, match="trade is neither of the two exposures"):
        rivals(series).measure(Question("trade", "less", 0.05, 0.05, 1, 1), seed=1, series=100)
