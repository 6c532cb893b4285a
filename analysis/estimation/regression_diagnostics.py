"""Look at what a least-squares regression leaves: shown beside an estimate, never deciding.

With thirty years these tests see only gross faults: that none rejects does not make the model
right, and with ten of them one rejects in a right model two times in five. They take the errors as
independent, where that is not what they ask about.

Durbin & Watson (1951), Biometrika 38, 159-178, p exact by Imhof (1961), Biometrika 48, 419-426,
doi:10.1093/biomet/48.3-4.419; Breusch (1978), Godfrey (1978), Econometrica 46, 1293-1301; RESET:
Ramsey (1969), J. R. Stat. Soc. B 31, 350-371; Breusch & Pagan (1979), Econometrica 47, 1287-1294,
studentised by Koenker (1981); Harvey & Collier (1977), J. Econometrics 6, 103-119; rainbow: Utts
(1982), Commun. Stat. 11, 2801-2815; Goldfeld & Quandt (1965); Shapiro & Wilk (1965); Jarque & Bera
(1980); Ljung & Box (1978).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import integrate, stats
from statsmodels.stats import diagnostic
from statsmodels.stats.stattools import jarque_bera

from analysis.errors import DesignError

FloatArray = NDArray[np.float64]
MIN_SPARE = 5  # degrees of freedom that the regression must leave
AUTOCORRELATION, FORM, SPREAD, SHAPE = "autocorrelation", "form", "spread", "shape"


def diagnose_regression(outcome: pd.Series, regressors: pd.DataFrame) -> pd.DataFrame:
    """Ten tests of a least-squares regression.

    Args:
        outcome: By year, in order.
        regressors: On the same years, the intercept among them.

    Returns:
        Index test; looks_for ("autocorrelation", "form", "spread" or "shape"), statistic, p_value.

    Raises:
        DesignError: Years differ or a value is missing, the columns are collinear, or there are
            fewer than five years more than columns.
    """
    y, x = _check(outcome, regressors)
    fit = sm.OLS(y, x).fit()
    e = fit.resid
    reset = diagnostic.linear_reset(fit, power=3, test_type="fitted", use_f=True)
    ljung = diagnostic.acorr_ljungbox(e, lags=[2])
    rows = {
        "Durbin-Watson": (AUTOCORRELATION, *durbin_watson(y, x)),
        "Breusch-Godfrey, 1 lag": (AUTOCORRELATION, *breusch_godfrey(y, x)),
        "Ljung-Box, 2 lags": (
            AUTOCORRELATION,
            ljung["lb_stat"].iloc[0],
            ljung["lb_pvalue"].iloc[0],
        ),
        "RESET, powers 2 and 3": (FORM, float(reset.fvalue), float(reset.pvalue)),
        "Harvey-Collier": (FORM, *harvey_collier(y, x)),
        "rainbow": (FORM, *diagnostic.linear_rainbow(fit, frac=0.5)),
        "Breusch-Pagan": (SPREAD, *diagnostic.het_breuschpagan(e, x)[:2]),
        "Goldfeld-Quandt": (SPREAD, *_goldfeld_quandt(y, x)),
        "Shapiro-Wilk": (SHAPE, *stats.shapiro(e)),
        "Jarque-Bera": (SHAPE, *jarque_bera(e)[:2]),
    }
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["looks_for", "statistic", "p_value"]
    )
    return table.astype({"statistic": float, "p_value": float}).rename_axis("test")


def measure_influence(outcome: pd.Series, regressors: pd.DataFrame) -> pd.DataFrame:
    """How much each year moves the fit.

    Returns:
        Index year; leverage, cooks_distance, left_out (residual from a fit without the year) and,
        for each regressor, dfbetas_ and its name: by how many standard errors its coefficient is
        moved by the year.
    """
    y, x = _check(outcome, regressors)
    influence: Any = sm.OLS(y, x).fit().get_influence()
    table = pd.DataFrame(
        {
            "leverage": influence.hat_matrix_diag,
            "cooks_distance": influence.cooks_distance[0],
            "left_out": influence.resid_press,
        },
        index=outcome.index,
    )
    moved = {f"dfbetas_{name}": influence.dfbetas[:, at] for at, name in enumerate(regressors)}
    return table.assign(**moved)


def durbin_watson(y: FloatArray, x: FloatArray) -> tuple[float, float]:
    """Statistic, and exact p against positive autocorrelation, given the regressors."""
    n = len(y)
    q, _ = np.linalg.qr(x)
    residuals = y - q @ (q.T @ y)
    statistic = float((np.diff(residuals) ** 2).sum() / (residuals**2).sum())
    differences = np.diff(np.eye(n), axis=0)
    free = np.linalg.svd(x.T)[2][np.linalg.matrix_rank(x) :]  # rows orthogonal to X
    roots = np.linalg.eigvalsh(free @ differences.T @ differences @ free.T)
    return statistic, _share_below_zero(roots - statistic)


def breusch_godfrey(y: FloatArray, x: FloatArray) -> tuple[float, float]:
    """n R2 of the residuals on the regressors and last year's residual (0 before the first)."""
    residuals = y - x @ np.linalg.lstsq(x, y)[0]
    further = np.column_stack([x, np.concatenate([[0.0], residuals[:-1]])])
    fitted = further @ np.linalg.lstsq(further, residuals)[0]
    statistic = float(len(y) * (fitted @ fitted) / (residuals @ residuals))
    return statistic, float(stats.chi2.sf(statistic, 1))


def harvey_collier(y: FloatArray, x: FloatArray) -> tuple[float, float]:
    """t of the mean of the recursive residuals, and its two-sided p."""
    n, k = x.shape
    recursive = []
    for t in range(k, n):
        seen, now = x[:t], x[t]
        beta = np.linalg.lstsq(seen, y[:t])[0]
        stretch = 1 + now @ np.linalg.pinv(seen.T @ seen) @ now
        recursive.append((y[t] - now @ beta) / np.sqrt(stretch))
    w = np.array(recursive)
    statistic = float(np.sqrt(len(w)) * w.mean() / w.std(ddof=1))
    return statistic, float(2 * stats.t.sf(abs(statistic), len(w) - 1))


def _goldfeld_quandt(y: FloatArray, x: FloatArray) -> tuple[float, float]:
    """Residual variance of the second half over that of the first, p one-sided."""
    half, k = len(y) // 2, x.shape[1]
    variances = [
        sm.OLS(y[part], x[part]).fit().mse_resid for part in (slice(half), slice(half, None))
    ]
    statistic = float(variances[1] / variances[0])
    return statistic, float(stats.f.sf(statistic, len(y) - half - k, half - k))


def _share_below_zero(weights: FloatArray) -> float:
    """P(sum of w_i z_i^2 < 0) for independent standard normal z, by Imhof's inversion."""

    def integrand(u: float) -> float:
        angle = 0.5 * np.arctan(weights * u).sum()
        damping = np.prod((1 + (weights * u) ** 2) ** 0.25)
        return float(np.sin(angle) / (u * damping))

    value = integrate.quad(integrand, 0, np.inf, epsabs=1e-10, limit=500)[0]
    return float(np.clip(0.5 - value / np.pi, 0.0, 1.0))


def _check(outcome: pd.Series, regressors: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    if not outcome.index.equals(regressors.index):
        raise DesignError("Outcome and regressors are not on the same years.")
    y, x = outcome.to_numpy(dtype=float), regressors.to_numpy(dtype=float)
    if np.isnan(y).any() or np.isnan(x).any():
        raise DesignError("A value is missing; leave out the years that are not complete.")
    if len(y) - x.shape[1] < MIN_SPARE or len(y) // 2 <= x.shape[1]:
        raise DesignError(
            f"{len(y)} years are too few for {x.shape[1]} columns; half of them have to leave a "
            "fit something over."
        )
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise DesignError("The regressors are collinear; leave one of them out.")
    return y, x
