"""Bayes factors: as BayesFactor has them, direction, evidence for nothing, refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from analysis.errors import UsageError
from analysis.estimation.bayes_factors import (
    correlation_bayes_factor,
    regression_bayes_factor,
    t_bayes_factor,
)

REFERENCE = Path(__file__).parent / "reference"
CASE = json.loads((REFERENCE / "bayes_factors.json").read_text(encoding="utf-8"))
SLEEP = pd.read_csv(REFERENCE / "sleep.csv")
FIRST, SECOND = (SLEEP.loc[SLEEP["group"] == group, "extra"].to_numpy() for group in (1, 2))


def test_bayes_factors_of_t_are_those_of_r():
    """R 4.2.2, BayesFactor 0.9.12: ttestBF on datasets::sleep, ttest.tstat."""
    paired = stats.ttest_rel(SECOND, FIRST).statistic
    separate = stats.ttest_ind(SECOND, FIRST).statistic

    assert t_bayes_factor(paired, 10) == pytest.approx(CASE["sleep_paired_bf10"], rel=1e-6)
    assert t_bayes_factor(paired, 10, alternative="greater") == pytest.approx(
        CASE["sleep_one_sided"], rel=1e-6
    )
    assert t_bayes_factor(separate, 10, 10) == pytest.approx(
        CASE["sleep_two_sample_bf10"], rel=1e-6
    )
    assert t_bayes_factor(2.5, 25) == pytest.approx(CASE["ttest_t2.5_n25"], rel=1e-6)


def test_bayes_factors_of_regression_and_correlation_are_those_of_r():
    """R 4.2.2, BayesFactor 0.9.12: linearReg.R2stat, correlationBF."""
    assert regression_bayes_factor(0.45, 25, 2) == pytest.approx(CASE["reg_N25_p2_R2_45"], rel=1e-6)
    assert regression_bayes_factor(0.2, 30, 1) == pytest.approx(CASE["reg_N30_p1_R2_20"], rel=1e-6)
    assert correlation_bayes_factor(CASE["correlation_r"], 25) == pytest.approx(
        CASE["correlation_mpg_hp_first25"], rel=1e-8
    )


def test_both_sides_are_the_mean_of_the_two():
    here = t_bayes_factor(1.7, 30)
    sides = [t_bayes_factor(1.7, 30, alternative=side) for side in ("greater", "less")]

    assert np.mean(sides) == pytest.approx(here, rel=1e-6)
    assert t_bayes_factor(-1.7, 30, alternative="less") == pytest.approx(sides[0], rel=1e-9)


@pytest.mark.parametrize(("t", "n"), [(0.0, 12), (1.3, 25), (-4.0, 31)])
def test_the_integral_over_the_variance_of_the_prior_says_the_same(t, n):
    """Rouder et al. (2009), equation 1: a normal prior whose variance g is inverse-gamma."""
    df, r = n - 1, np.sqrt(2) / 2

    def weighted(g: float) -> float:
        size = 1 + n * g * r**2
        likelihood = size**-0.5 * (1 + t**2 / (size * df)) ** (-(df + 1) / 2)
        return likelihood * (2 * np.pi) ** -0.5 * g**-1.5 * np.exp(-1 / (2 * g))

    marginal = integrate.quad(weighted, 0, np.inf, epsrel=1e-10)[0]

    expected = marginal / (1 + t**2 / df) ** (-(df + 1) / 2)
    assert t_bayes_factor(t, n) == pytest.approx(expected, rel=1e-6)


def test_nothing_seen_speaks_for_nothing():
    assert t_bayes_factor(0.0, 100) < 0.12
    assert regression_bayes_factor(0.0, 50, 1) < 0.35
    assert correlation_bayes_factor(0.0, 50) < 0.45


def test_what_has_no_bayes_factor_is_refused():
    with pytest.raises(UsageError, match='no alternative "more"'):
        t_bayes_factor(1.0, 10, alternative="more")
    with pytest.raises(UsageError, match="two observations or more"):
        t_bayes_factor(1.0, 1)
    with pytest.raises(UsageError, match=r"R2 is 1\.2"):
        regression_bayes_factor(1.2, 20, 1)
    with pytest.raises(UsageError, match="3 observations are too few for 2 regressors"):
        regression_bayes_factor(0.5, 3, 2)
    with pytest.raises(UsageError, match="between -1 and 1"):
        correlation_bayes_factor(1.0, 20)
