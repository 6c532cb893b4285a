"""What people run today on one dated step or several, as p-values of many series at once.

Each function repeats what a package reports when it is called the way its documentation calls it,
and is compared with the package itself (`agreement.csv`). A method that does not offer a design is
left out of its cells.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.kernel.feasible import fit_glsar
from analysis.kernel.usual import newey_west_lags, ols_statistics
from benchmarks.leaderboard.arima import fit_arima
from benchmarks.leaderboard.grid import Question
from benchmarks.leaderboard.posterior import Contrast, probability_above_zero
from benchmarks.leaderboard.sandwich import fit_newey_west

FloatArray = NDArray[np.float64]
STATSPAI_LAGS = 4  # its default
PValues = Callable[[FloatArray, Question], FloatArray]


@dataclass(frozen=True, slots=True)
class Habit:
    """A way of testing that a package offers.

    Attributes:
        method: Its name on the page.
        package: Distribution on the package index.
        call: How it is called.
        assumes: What its p-value takes for granted, in words.
        p_values: Two-sided p of many series, (m, n) to (m,).
        offers: Whether the package has an answer for a design.
    """

    method: str
    package: str
    call: str
    assumes: str
    p_values: PValues
    offers: Callable[[Question], bool] = lambda question: True


def _from_t(statistics: FloatArray, df: float) -> FloatArray:
    p: FloatArray = 2 * stats.t.sf(np.abs(statistics), df)
    return p


def _from_normal(statistics: FloatArray) -> FloatArray:
    p: FloatArray = 2 * stats.norm.sf(np.abs(statistics))
    return p


def _spare(question: Question) -> int:
    layout = question.design.layout
    return layout.n_obs - layout.n_terms


def _ols(series: FloatArray, question: Question) -> FloatArray:
    x = question.design.layout.regressors
    return _from_t(ols_statistics(series, x, question.row)[:, 0], _spare(question))


def _hac(series: FloatArray, question: Question) -> FloatArray:
    lags = newey_west_lags(question.length)
    estimate, error = fit_newey_west(series, question.design.layout.regressors, question.row, lags)
    return _from_normal(estimate / error)


def _glsar(series: FloatArray, question: Question) -> FloatArray:
    fits = fit_glsar(series, question.design.layout, question.row)
    return _from_t(fits.statistics[:, 0], fits.df_resid)


def _sarimax(series: FloatArray, question: Question) -> FloatArray:
    fits = fit_arima(series, question.design.layout.regressors, question.row)
    return _from_normal(fits.estimates[:, 0] / fits.std_errors[:, 0])


def _feols_hetero(series: FloatArray, question: Question) -> FloatArray:
    x = question.design.layout.regressors
    estimate, error = fit_newey_west(series, x, question.row, 0)
    scale = np.sqrt(question.length / _spare(question))
    return _from_t(estimate / (error * scale), _spare(question))


def _feols_nw(series: FloatArray, question: Question) -> FloatArray:
    x = question.design.layout.regressors
    estimate, error = fit_newey_west(series, x, question.row, newey_west_lags(question.length))
    scale = np.sqrt(question.length / _spare(question))
    return _from_t(estimate / (error * scale), question.length - 1)


def _statspai(series: FloatArray, question: Question) -> FloatArray:
    after = question.staircase
    since = after * np.cumsum(after) - after
    x = np.column_stack([np.ones(question.length), np.arange(question.length), after, since])
    estimate, error = fit_newey_west(series, x, np.array([[0.0, 0, 1, 0]]), STATSPAI_LAGS)
    return _from_normal(estimate / error)


def _forecast(series: FloatArray, question: Question) -> FloatArray:
    before = question.staircase == 0
    x = _plain_columns(question)
    fitted = (series[:, before] @ np.linalg.pinv(x[before]).T) @ x[~before].T
    impact = series[:, ~before] - fitted
    number = impact.shape[1]
    t = impact.mean(axis=1) / (impact.std(axis=1, ddof=1) / np.sqrt(number))
    return _from_t(t, number - 1)


def _forecast_bayes(series: FloatArray, question: Question) -> FloatArray:
    before = question.staircase == 0
    x = _plain_columns(question)
    contrast = Contrast(x[~before].mean(axis=0), series[:, ~before].mean(axis=1))
    return _two_sided(probability_above_zero(series[:, before], x[before], contrast))


def _piecewise_bayes(series: FloatArray, question: Question) -> FloatArray:
    plain = _plain_columns(question)
    onsets = np.array(list(question.onsets.values()))
    x = np.column_stack([plain, (question.years[:, None] >= onsets).astype(float)])
    weights = np.concatenate([np.zeros(plain.shape[1]), np.ones(question.steps)])
    return _two_sided(probability_above_zero(series, x, Contrast(weights)))


def _plain_columns(question: Question) -> FloatArray:
    """Intercept and, if asked, the number of the year, from zero."""
    columns = [np.ones(question.length)]
    if question.trend == "linear":
        columns.append(np.arange(question.length, dtype=float))
    return np.column_stack(columns)


def _two_sided(above: FloatArray) -> FloatArray:
    """At most 5 % where the central 95 % of the posterior lies on one side of zero."""
    p: FloatArray = 2 * np.minimum(above, 1 - above)
    return p


def _one_step(question: Question) -> bool:
    return question.steps == 1


def _segmented(question: Question) -> bool:
    return question.steps == 1 and question.trend == "linear"


INDEPENDENT = "errors independent from year to year, of one spread"
HABITS: tuple[Habit, ...] = (
    Habit("OLS", "statsmodels", "OLS(y, X).fit()", INDEPENDENT, _ols),
    Habit(
        "HAC",
        "statsmodels",
        'OLS(y, X).fit(cov_type="HAC", cov_kwds={"maxlags": 4 (T/100)^(2/9)})',
        "a long stationary series: no small-sample factor, normal law",
        _hac,
    ),
    Habit(
        "GLSAR",
        "statsmodels",
        "GLSAR(y, X, 1).iterative_fit()",
        "AR(1) errors whose rho is known as estimated; the first year is dropped",
        _glsar,
    ),
    Habit(
        "SARIMAX",
        "statsmodels",
        "SARIMAX(y, exog=X, order=(1, 0, 0)).fit()",
        "AR(1) errors, and a series long enough for the normal law of maximum likelihood",
        _sarimax,
    ),
    Habit(
        "feols, iid",
        "pyfixest",
        'feols("y ~ year + step", data, vcov="iid")',
        INDEPENDENT,
        _ols,
    ),
    Habit(
        "feols, hetero",
        "pyfixest",
        'feols("y ~ year + step", data, vcov="hetero")',
        "errors independent from year to year, of any spread",
        _feols_hetero,
    ),
    Habit(
        "feols, NW",
        "pyfixest",
        'feols("y ~ year + step", data, vcov="NW", vcov_kwargs={"time_id": "year", "lag": L})',
        "a long stationary series; t law with T - 1 degrees of freedom",
        _feols_nw,
    ),
    Habit(
        "ITS, OLS",
        "CausalPy",
        "InterruptedTimeSeries(data, onset, formula, LinearRegression()).effect_summary()",
        "the line through the years before is known, and errors after it are independent",
        _forecast,
        _one_step,
    ),
    Habit(
        "ITS, PyMC",
        "CausalPy",
        "InterruptedTimeSeries(data, onset, formula).effect_summary()",
        "errors independent and of sd about one; the mean of those after is taken for zero",
        _forecast_bayes,
        _one_step,
    ),
    Habit(
        "PiecewiseITS, PyMC",
        "CausalPy",
        'PiecewiseITS(data, "y ~ 1 + t + step(t, onset)").effect_summary()',
        "errors independent, of one spread, their sd about one",
        _piecewise_bayes,
    ),
    Habit(
        "its",
        "StatsPAI",
        'its(data, y="y", time="t", intervention=onset)',
        "a long stationary series: lag 4, no small-sample factor, normal law; a slope change too",
        _statspai,
        _segmented,
    ),
)
