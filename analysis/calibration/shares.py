"""Describe shares before and after a date by the usual tables: shown, never deciding.

All of these take the cases of all years for independent draws, or the years for independent; where
shares wander from year to year that is wrong, and `rates.calibrate_shares` is the test. Fisher's
test is given only while Pearson's dispersion of the yearly shares is at most 1.2.

Armitage (1955), Biometrics 11, 375-386, doi:10.2307/3001775; Fisher (1935), J. R. Stat. Soc. 98,
39-82; Papke & Wooldridge (1996), J. Appl. Econometrics 11, 619-632,
doi:10.1002/(SICI)1099-1255(199611)11:6<619::AID-JAE418>3.0.CO;2-1.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.errors import DesignError
from analysis.kernel.glm import fit_glm

FloatArray = NDArray[np.float64]
HIGHEST_DISPERSION = 1.2  # above it yearly shares differ by more than chance, and Fisher misleads


@dataclass(frozen=True, slots=True)
class ShareTable:
    """Shares before and from an onset on.

    Attributes:
        name: The share.
        difference: Pooled share after less that before.
        low: Lower end of Wald's 1 - alpha interval of the difference.
        high: Upper end.
        chi_square: Pearson's, of the pooled table, without continuity correction.
        log_odds: Logit step of the binomial regression on years.
        std_error: Its standard error if cases are independent.
        quasi_error: The same, times the root of the dispersion.
        dispersion: Pearson's, over the number of years less two.
        fractional: Logit step with every year weighted alike.
        fractional_error: Its standard error, robust, times root n / (n - 2).
        armitage: Chi-square for a linear trend of the share over the years, 1 df.
        armitage_p: Its p.
        fisher_p: Two-sided exact p of the pooled table; nan above the highest dispersion.
        fisher_odds: Conditional maximum-likelihood odds ratio; nan likewise.
    """

    name: str
    difference: float
    low: float
    high: float
    chi_square: float
    log_odds: float
    std_error: float
    quasi_error: float
    dispersion: float
    fractional: float
    fractional_error: float
    armitage: float
    armitage_p: float
    fisher_p: float
    fisher_odds: float

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)]).set_index("name")

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return asdict(self)


def describe_shares(
    successes: pd.Series, trials: pd.Series, onset: int, *, name: str = "", alpha: float = 0.05
) -> ShareTable:
    """Pooled and yearly comparisons of shares before and from `onset` on.

    Args:
        successes: Number of cases with the property, by year.
        trials: Number of cases, by year.
        onset: First year counted as after.
        name: What the share is called.
        alpha: One less the level of the interval.

    Raises:
        DesignError: A side has no years, no successes or nothing but successes.
    """
    label = name or str(successes.name)
    y = successes.to_numpy(dtype=float)
    n = trials.reindex(successes.index).to_numpy(dtype=float)
    after = np.asarray(successes.index >= onset)
    table = _table(y, n, after)
    if (table.sum(axis=1) == 0).any() or (table == 0).any():
        raise DesignError(
            f"{label} has a side of {onset} without cases, without successes or with nothing else; "
            "its odds have no ratio."
        )
    x = np.column_stack([np.ones(len(y)), after.astype(float)])
    row = np.array([[0.0, 1.0]])
    logit = fit_glm(y[None, :], x, row, "binomial", n)
    even = fit_glm((y / n)[None, :], x, row, "binomial", np.ones(len(y)))
    shares = table[:, 0] / table.sum(axis=1)
    spread = np.sqrt((shares * (1 - shares) / table.sum(axis=1)).sum())
    margin = float(stats.norm.isf(alpha / 2) * spread)
    difference = float(shares[1] - shares[0])
    dispersion = float(logit.dispersion[0])
    armitage = cochran_armitage(y, n, successes.index.to_numpy(dtype=float))
    exact = dispersion <= HIGHEST_DISPERSION
    whole = table.astype(np.int64)
    fisher = float(stats.fisher_exact(whole[::-1]).pvalue) if exact else float("nan")
    odds = float(stats.contingency.odds_ratio(whole[::-1]).statistic) if exact else float("nan")
    return ShareTable(
        name=label,
        difference=difference,
        low=difference - margin,
        high=difference + margin,
        chi_square=float(stats.chi2_contingency(table, correction=False).statistic),
        log_odds=float(logit.estimates[0, 0]),
        std_error=float(logit.std_errors[0, 0]),
        quasi_error=float(logit.quasi_errors[0, 0]),
        dispersion=dispersion,
        fractional=float(even.estimates[0, 0]),
        fractional_error=_robust_error(y / n, even.mean[0], x)
        * float(np.sqrt(len(y) / (len(y) - 2))),
        armitage=armitage,
        armitage_p=float(stats.chi2.sf(armitage, 1)),
        fisher_p=fisher,
        fisher_odds=odds,
    )


def cochran_armitage(successes: FloatArray, trials: FloatArray, scores: FloatArray) -> float:
    """Chi-square, 1 df, of a linear trend in proportions over the scores."""
    share = successes.sum() / trials.sum()
    centred = scores - (trials @ scores) / trials.sum()
    slope = successes @ centred
    return float(slope**2 / (share * (1 - share) * (trials @ centred**2)))


def _table(successes: FloatArray, trials: FloatArray, after: NDArray[np.bool_]) -> FloatArray:
    """Successes and failures before, then after."""
    rows = [[successes[side].sum(), (trials - successes)[side].sum()] for side in (~after, after)]
    return np.array(rows)


def _robust_error(shares: FloatArray, mean: FloatArray, regressors: FloatArray) -> float:
    """HC0 standard error of the last coefficient of a logit fitted to shares."""
    bread = np.linalg.inv((regressors * (mean * (1 - mean))[:, None]).T @ regressors)
    influence = regressors @ bread[:, -1]
    return float(np.sqrt((influence**2 * (shares - mean) ** 2).sum()))
