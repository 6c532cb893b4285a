"""Ask whether the past of one series helps to predict another, many outcomes at once.

In a vector autoregression of order p + d the equation of y is::

    y_t = a + b t + sum_i f_i y_(t-i) + sum_i g_i x_(t-i) + e_t,     i = 1 ... p + d

Granger's test (1969, Econometrica 37, 424-438, doi:10.2307/1912791) is F of g_1 = ... = g_p = 0
with d = 0. On levels that wander it finds too much. Toda & Yamamoto (1995, J. Econometrics 66,
225-250, doi:10.1016/0304-4076(94)01616-8) add d lags, as many as the order of integration may be,
and leave them out of the test, whose law is then the usual one without knowing whether and how the
series are integrated. In short series the F form holds its level better than chi-square.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.kernel.own_past import fit_own_past

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CausalityLayout:
    """What all outcomes of one exposure share; r years are explained.

    Attributes:
        rows: Places of the years explained among the years of the outcome, shape (r,).
        own: Places of their lags 1 ... p + d, shape (r, p + d).
        tested: Exposure lagged by 1 ... p years, or 0 ... p, shape (r, q).
        others: Intercept, trend, controls and the exposure's further lags, shape (r, c).
    """

    rows: IntArray
    own: IntArray
    tested: FloatArray
    others: FloatArray

    @property
    def df(self) -> int:
        """Years less all coefficients of the equation."""
        spent = self.own.shape[1] + self.tested.shape[1] + self.others.shape[1]
        return len(self.rows) - int(spent)


@dataclass(frozen=True, eq=False)
class CausalityFits:
    """Tests of one equation for m outcomes.

    Attributes:
        f: F of the tested lags being zero together, shape (m,).
        p_values: Two-sided, from the F distribution, shape (m,).
        sums: Sum of the coefficients of the tested lags, shape (m,).
    """

    f: FloatArray
    p_values: FloatArray
    sums: FloatArray


def lay_out_causality(
    years: IntArray,
    exposure_years: IntArray,
    exposure: FloatArray,
    deterministic: FloatArray,
    *,
    lags: int = 1,
    extra: int = 1,
    first: int = 1,
) -> CausalityLayout:
    """Find the years whose lags are all known.

    Args:
        years: Years of the outcome, ascending, shape (n,).
        exposure_years: Years of the exposure, ascending.
        exposure: Its values.
        deterministic: Intercept, trend and controls in the years of the outcome, shape (n, c).
        lags: p.
        extra: d; 0 for Granger's test.
        first: First tested lag of the exposure; 0 to test that of the same year too.
    """
    places = {int(year): place for place, year in enumerate(years)}
    known = dict(zip(exposure_years.tolist(), exposure.tolist(), strict=True))
    back, beside = range(1, lags + extra + 1), range(first, lags + extra + 1)
    explained = [
        int(year)
        for year in years
        if all(year - lag in places for lag in back) and all(year - lag in known for lag in beside)
    ]
    rows = np.array([places[year] for year in explained], dtype=np.int64)
    own = np.array([[places[year - lag] for lag in back] for year in explained], dtype=np.int64)
    past = np.array([[known[year - lag] for lag in beside] for year in explained])
    own, past = own.reshape(-1, len(back)), past.reshape(-1, len(beside))
    tested = lags + 1 - first
    return CausalityLayout(
        rows=rows,
        own=own,
        tested=past[:, :tested],
        others=np.column_stack([deterministic[rows], past[:, tested:]]),
    )


def fit_causality(outcomes: FloatArray, layout: CausalityLayout) -> CausalityFits:
    """Test each outcome, shape (m, n), by the F form."""
    tested, depth = layout.tested.shape[1], layout.own.shape[1]
    fits = fit_own_past(
        outcomes[:, layout.rows], outcomes[:, layout.own], layout.tested, layout.others
    )
    asked = list(range(depth, depth + tested))
    f = fits.wald_f(asked)
    return CausalityFits(
        f=f,
        p_values=np.asarray(stats.f.sf(f, tested, layout.df), dtype=np.float64),
        sums=fits.coefficients[:, asked].sum(axis=1),
    )
