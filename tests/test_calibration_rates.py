"""Counts and shares: R's and statsmodels' numbers, sizes of an earlier study, planted truth."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.calibration import latent as latent_module
from analysis.calibration.latent import Events, Latent, match_latent
from analysis.calibration.rates import calibrate_rates, calibrate_shares
from analysis.calibration.reach import monte_carlo_error, reach_of_steps
from analysis.calibration.shares import cochran_armitage, describe_shares
from analysis.calibration.store import LawShelf
from analysis.errors import DesignError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.glm import fit_glm
from analysis.kernel.layout import Layout
from analysis.kernel.quantiles import binomial_quantiles, poisson_quantiles

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "shares.json").read_text(encoding="utf-8"))
CLOSE = R["relative_tolerance"]
TOP = pd.read_csv(REFERENCE / "shares.csv").set_index("yr")
SHELF = LawShelf(seed=312, series=2_000)
YEARS = np.arange(1998, 2023)
LAYOUT = Layout(
    YEARS, np.column_stack([np.ones(25), (YEARS - 2010) / 10, YEARS >= 2012]).astype(float)
)
STEP = np.array([[0.0, 0.0, 1.0]])
COUNTS = Events(LAYOUT, "poisson", np.ones(25))
QUICK = {"draws": 199, "series": 100}

# False positives at nominal 5 %, T = 25, step after 14, trend in the model, from a simulation made
# before this code and without it, of 1,000 to 3,000 series a cell.
EARLIER = {
    (2, 0.0, 0.0): (0.050, 0.042, 0.048),
    (6, 0.3, 0.6): (0.171, 0.095, 0.065),
    (6, 0.5, 0.6): (0.346, 0.151, 0.067),
    (20, 0.5, 0.6): (0.571, 0.198, 0.059),
}


def counts(mean: float, latent: Latent, ratio: float, series: int) -> np.ndarray:
    eta = np.log(mean) + np.log(ratio) * (YEARS >= 2012)
    return COUNTS.draw(eta, latent, seed=4, stream=f"made:{mean}:{ratio}", series=series)


@pytest.mark.parametrize(("mean", "sd", "rho"), EARLIER)
def test_sizes_in_counts_are_those_of_an_earlier_study(mean, sd, rho):
    """Poisson z, quasi-Poisson t and the root test, within three standard errors of both."""
    many = counts(mean, Latent(sd, rho), 1.0, 6_000)
    fits = fit_glm(many, LAYOUT.regressors, STEP, "poisson", COUNTS.size)
    stable = fit_ar1(COUNTS.stabilise(many), LAYOUT, STEP)
    law = SHELF.law(LAYOUT, STEP, None)

    found = (
        (np.abs(fits.statistics) >= stats.norm.isf(0.025)).mean(),
        (np.abs(fits.quasi_statistics) >= stats.t(22).isf(0.025)).mean(),
        reach_of_steps(stable, law, contrast=0, alternative="two-sided", alpha=0.05).found(),
    )
    for share, size in zip(found, EARLIER[mean, sd, rho], strict=True):
        error = np.hypot(monte_carlo_error(size, 6_000), monte_carlo_error(size, 3_000))
        assert share == pytest.approx(size, abs=3 * error)


@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_regressions_agree_with_statsmodels(family):
    rng = np.random.default_rng(1)
    x, size = LAYOUT.regressors, rng.integers(5, 30, 25).astype(float)
    if family == "poisson":
        many = rng.poisson(0.4 * size, (3, 25)).astype(float)
        fits = [sm.GLM(y, x, sm.families.Poisson(), exposure=size).fit() for y in many]
    else:
        many = rng.binomial(size.astype(int), 0.3, (3, 25)).astype(float)
        pairs = [np.column_stack([y, size - y]) for y in many]
        fits = [sm.GLM(both, x, sm.families.Binomial()).fit() for both in pairs]
    ours = fit_glm(many, x, np.eye(3), family, size)

    assert ours.estimates == pytest.approx(np.stack([fit.params for fit in fits]), rel=1e-6)
    assert ours.std_errors == pytest.approx(np.stack([fit.bse for fit in fits]), rel=1e-6)
    assert ours.dispersion == pytest.approx([fit.pearson_chi2 / 22 for fit in fits], rel=1e-6)
    quasi = ours.std_errors * np.sqrt(ours.dispersion)[:, None]
    assert ours.quasi_statistics == pytest.approx(ours.estimates / quasi)


@pytest.mark.parametrize("mean", [0.3, 4.0, 60.0, 500.0])
def test_quantiles_of_counts_are_those_of_scipy(mean):
    places = np.random.default_rng(3).uniform(size=2_000)
    means = mean * np.exp(np.random.default_rng(4).standard_normal(2_000) / 3)

    assert np.array_equal(poisson_quantiles(places, means), stats.poisson.ppf(places, means))


@pytest.mark.parametrize("trials", [1, 12, 150, 400])
def test_quantiles_of_successes_are_those_of_scipy(trials):
    places = np.random.default_rng(5).uniform(size=2_000)
    chance = np.random.default_rng(6).uniform(0.001, 0.999, 2_000)
    many = np.full(2_000, float(trials))

    ours = binomial_quantiles(places, many, chance)
    assert np.array_equal(ours, stats.binom.ppf(places, many, chance))


def test_shares_agree_with_r():
    """R calls and versions in reference/shares.json."""
    found = describe_shares(TOP["top"], TOP["tot"], 2014)
    pairs = {
        "cochran_armitage_chisq": found.armitage,
        "cochran_armitage_p": found.armitage_p,
        "logit_post": found.log_odds,
        "logit_se": found.std_error,
        "quasi_se": found.quasi_error,
        "quasi_dispersion": found.dispersion,
        "fractional_logit": found.fractional,
        "fractional_logit_se_HC1": found.fractional_error,
        "fractional_logit_se_HC0": found.fractional_error * np.sqrt(12 / 14),
        "fisher_p": found.fisher_p,
        "prop_test_chisq": found.chi_square,
    }

    assert pairs == pytest.approx({key: R[key] for key in pairs}, rel=CLOSE)
    assert (found.low, found.high) == pytest.approx(tuple(R["prop_diff_ci"]), rel=CLOSE)
    assert found.fisher_odds == pytest.approx(R["fisher_or"], rel=R["relative_tolerance_fisher_or"])


def test_the_exact_odds_ratio_gives_the_table_as_its_mean():
    """Conditional maximum likelihood: E(successes after | margins) is what was counted."""
    after = TOP.index >= 2014
    top, tot = TOP["top"], TOP["tot"]
    odds = describe_shares(top, tot, 2014).fisher_odds

    law = stats.nchypergeom_fisher(tot.sum(), top.sum(), tot[after].sum(), odds)
    assert law.mean() == pytest.approx(top[after].sum(), rel=1e-8)


def test_fisher_is_withheld_where_yearly_shares_differ_by_more_than_chance():
    wild = pd.Series([1, 9, 1, 9, 1, 9, 5, 9, 3, 9, 9, 9], range(2000, 2012), name="wild")
    table = describe_shares(wild, wild * 0 + 10, 2006)

    assert table.dispersion > 1.2
    assert np.isnan(table.fisher_p)
    assert np.isnan(table.fisher_odds)


def test_the_trend_in_proportions_by_hand():
    """1, 2, 3 of 4 at 0, 1, 2: slope 2, p (1 - p) = 1/4, sum n d^2 = 8: 4 / 2."""
    found = cochran_armitage(np.array([1.0, 2, 3]), np.full(3, 4.0), np.arange(3.0))

    assert found == pytest.approx(2.0)


def test_a_planted_rate_ratio_is_covered(monkeypatch):
    """Latent sd .3 and rho .6 around 20, ratio 2: nineteen in twenty expected, 17 asked of 20."""
    monkeypatch.setattr(latent_module, "MATCHING_SERIES", 200)
    found = [
        calibrate_rates(pd.Series(row, YEARS, name="made"), {"pivot": 2012}, SHELF, **QUICK).rows[0]
        for row in counts(20, Latent(0.3, 0.6), 2.0, 20)
    ]

    assert sum(row.low <= 2 <= row.high for row in found) >= 17
    assert np.median([row.ratio for row in found]) == pytest.approx(2, rel=0.25)


def test_the_latent_process_is_recovered_in_the_middle():
    rows = counts(20, Latent(0.5, 0.6), 1.0, 11)
    found = [match_latent(COUNTS, row, seed=1, stream="match") for row in rows]

    assert np.median([each.sd for each in found]) == pytest.approx(0.5, abs=0.15)
    assert np.median([each.rho for each in found]) == pytest.approx(0.6, abs=0.25)


def test_counts_as_even_as_chance_have_no_latent_process():
    even = np.tile([3.0, 4, 5, 4, 4], 5)

    assert match_latent(COUNTS, even, seed=1, stream="match") == Latent(0.0, 0.0)


def test_drawn_counts_have_the_mean_and_spread_of_the_model():
    """Mean m, variance m + m^2 (e^(s^2) - 1) of 20,000 draws in each of 25 years."""
    drawn = counts(6, Latent(0.5, 0.6), 1.0, 20_000)

    assert drawn.mean() == pytest.approx(6, rel=0.01)
    assert drawn.var(axis=0).mean() == pytest.approx(6 + 36 * (np.exp(0.25) - 1), rel=0.03)


def test_drawn_shares_have_nearly_the_mean_asked_for():
    shares = Events(LAYOUT, "binomial", np.full(25, 12.0))
    drawn = shares.draw(np.full(25, 1.2), Latent(0.8, 0.5), seed=1, stream="s", series=5_000)

    assert drawn.mean() / 12 == pytest.approx(1 / (1 + np.exp(-1.2)), abs=0.01)


def test_exposure_cancels_where_it_is_the_same_in_all_years():
    made = pd.Series(counts(6, Latent(0.3, 0.6), 2.0, 1)[0], YEARS, name="made")

    bare = calibrate_rates(made, {"pivot": 2012}, SHELF, **QUICK)
    scaled = calibrate_rates(made, {"pivot": 2012}, SHELF, exposure=pd.Series(7.0, YEARS), **QUICK)
    pd.testing.assert_frame_equal(bare.to_frame(), scaled.to_frame(), rtol=1e-6)


def test_what_is_counted_goes_into_the_odds_with_its_denominator():
    """The odds ratio is that of statsmodels; the share after is larger, and found so."""
    rng = np.random.default_rng(10)
    trials = pd.Series(rng.integers(20, 40, 25), YEARS)
    share = np.where(YEARS >= 2012, 0.7, 0.2)
    made = pd.Series(rng.binomial(trials, share), YEARS, name="made")
    found = calibrate_shares(
        made, trials, {"pivot": 2012}, SHELF, alternative="greater", trend="none", **QUICK
    )

    x = np.column_stack([np.ones(25), YEARS >= 2012])
    both = np.column_stack([made, trials - made])
    theirs = sm.GLM(both, x, sm.families.Binomial()).fit()
    row = found.to_frame().loc["pivot"]
    assert row["ratio"] == pytest.approx(np.exp(theirs.params[1]))
    assert row["low"] < 9.33 < row["high"]  # .7 / .3 over .2 / .8
    assert row["p_value"] <= 0.02
    assert found.measured_in == "odds ratio"


def test_plain_values_hold_every_term():
    made = pd.Series(counts(6, Latent(0.0, 0.0), 1.0, 1)[0], YEARS, name="made")
    found = calibrate_rates(made, {"pivot": 2012, "thaad": 2017}, SHELF, **QUICK)

    plain = found.to_dict()
    assert [row["term"] for row in plain["terms"]] == ["pivot", "thaad", "total"]
    ratios = found.to_frame()["ratio"]
    assert ratios["total"] == pytest.approx(ratios["pivot"] * ratios["thaad"])
    assert found.mc_error == pytest.approx(np.sqrt(0.05 * 0.95 / 100))


MADE = pd.Series(np.tile([3.0, 4, 5, 6, 4], 5), YEARS, name="made")


@pytest.mark.parametrize(
    ("values", "exposure", "words"),
    [
        (MADE - 3.5, None, r"made is -0.5 in 1998; a count is 0, 1, 2 and so on"),
        (MADE + 0.5, None, r"made is 3.5 in 1998; a count"),
        (MADE * (YEARS < 2012), None, r"made has no event from 2012 to 2022; the ratio over that"),
        (MADE, MADE * 0, r"The exposure of made in 1998 is missing or not positive"),
        (MADE.iloc[:19], None, r"made has 19 values; a single series needs 20"),
    ],
)
def test_what_is_no_count_is_refused(values, exposure, words):
    with pytest.raises(DesignError, match=words):
        calibrate_rates(values, {"pivot": 2012}, SHELF, exposure=exposure)


@pytest.mark.parametrize(
    ("successes", "trials", "words"),
    [
        (MADE, MADE * 0 + 4, r"made has fewer than 5 cases in 1998; a yearly share needs"),
        (MADE, MADE * 0 + 5, r"made has more successes than cases in 2001"),
        (MADE, MADE * 0 + 6.5, r"The number of cases of made is 6.5 in 1998"),
        (
            MADE.where(YEARS < 2012, 9.0),
            MADE * 0 + 9,
            r"made has nothing but events from 2012 to 2022",
        ),
    ],
)
def test_what_is_no_share_is_refused(successes, trials, words):
    with pytest.raises(DesignError, match=words):
        calibrate_shares(successes, trials, {"pivot": 2012}, SHELF)


def test_a_side_without_successes_has_no_odds():
    with pytest.raises(DesignError, match=r"made has a side of 2012 without cases, without succ"):
        describe_shares(MADE * (YEARS < 2012), MADE * 0 + 9, 2012)
