"""The tests people use today: as statsmodels and R compute them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.kernel import usual

REFERENCE = Path(__file__).parent / "reference"
SANDWICH = json.loads((REFERENCE / "newey_west.json").read_text(encoding="utf-8"))


@pytest.fixture
def trending() -> tuple[np.ndarray, np.ndarray]:
    """Three series and intercept, trend and step over 31 years."""
    rng = np.random.default_rng(11)
    years = np.arange(1992, 2023)
    x = np.column_stack([np.ones(31), years - 2007, years >= 2012]).astype(float)
    return rng.standard_normal((3, 31)).cumsum(axis=1), x


def test_ols_statistics_equal_those_of_statsmodels(trending):
    many, x = trending

    ours = usual.ols_statistics(many, x, np.eye(3))

    assert ours == pytest.approx(np.stack([sm.OLS(y, x).fit().tvalues for y in many]))


def test_newey_west_statistics_equal_those_of_statsmodels(trending):
    """L = floor(4 (31/100)^(2/9)) = 3 lags, by hand."""
    many, x = trending

    ours = usual.newey_west_statistics(many, x, np.eye(3))

    options = {"maxlags": 3, "use_correction": True}
    theirs = [sm.OLS(y, x).fit(cov_type="HAC", cov_kwds=options, use_t=True).tvalues for y in many]
    assert ours == pytest.approx(np.stack(theirs))


def test_a_sum_of_coefficients_has_the_statistic_of_statsmodels(trending):
    many, x = trending
    total = np.array([[0.0, 1.0, 1.0]])

    options = {"maxlags": 3, "use_correction": True}
    hac = [sm.OLS(y, x).fit(cov_type="HAC", cov_kwds=options, use_t=True) for y in many]
    theirs = [float(fit.t_test(total).tvalue.item()) for fit in hac]

    assert usual.newey_west_statistics(many, x, total)[:, 0] == pytest.approx(theirs)


def test_newey_west_errors_agree_with_r_sandwich(monkeypatch):
    """R call and versions in reference/newey_west.json; the call fixes four lags."""
    table = pd.read_csv(REFERENCE / "investment.csv").dropna()
    x = np.column_stack([np.ones(len(table)), table["RealGNP"], table["RealInt"]])
    y = table["RealInv"].to_numpy()[None, :]
    monkeypatch.setattr(usual, "newey_west_lags", lambda _: 4)
    coef, se_ols, se = (
        np.array(list(SANDWICH[k].values())) for k in ("coef", "se_ols", "se_newey_west")
    )

    close = SANDWICH["relative_tolerance"]
    assert usual.ols_statistics(y, x, np.eye(3))[0] == pytest.approx(coef / se_ols, rel=close)
    assert usual.newey_west_statistics(y, x, np.eye(3))[0] == pytest.approx(coef / se, rel=close)


@pytest.mark.parametrize(("years", "lags"), [(19, 2), (25, 2), (31, 3), (100, 4)])
def test_the_number_of_lags_follows_newey_and_west(years, lags):
    """4 (n/100)^(2/9) by hand: 2.77, 2.94, 3.08, 4."""
    assert usual.newey_west_lags(years) == lags


def test_the_critical_t_is_that_of_the_printed_table():
    """t with 27 degrees of freedom exceeds 1.703 in 5 % and 2.052 in 2.5 % of cases."""
    assert usual.critical_t(31, 4, 0.05) == pytest.approx(1.703, abs=5e-4)
    assert usual.critical_t(31, 4, 0.025) == pytest.approx(2.052, abs=5e-4)
