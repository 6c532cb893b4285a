"""Bayes factors with Jeffreys, Zellner and Siow's priors: how the data shift the odds (BF10).

Effects have a Cauchy prior of the given scale in units of the sd, correlations a beta stretched
over -1 to 1. Rouder et al. (2009), Psychon. Bull. Rev. 16, 225-237, doi:10.3758/PBR.16.2.225, for
t; Liang et al. (2008), J. Am. Stat. Assoc. 103, 410-423, doi:10.1198/016214507000001337, for
regression; Ly, Verhagen & Wagenmakers (2016), J. Math. Psychol. 72, 19-32,
doi:10.1016/j.jmp.2015.06.004, for correlations.

They assume independent observations: in a persistent yearly series they overstate the evidence as
ordinary p-values do. They describe, on whitened values or on units, and decide nothing here.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy import integrate, special, stats

from analysis.errors import UsageError

T_SCALE = float(np.sqrt(2) / 2)  # "medium" of the R package BayesFactor
REGRESSION_SCALE = float(np.sqrt(2) / 4)
CORRELATION_WIDTH = 1 / 3
LOG_REACH = 6.0, 60.0  # below and above the peak, in log g: beyond, exp(-400) and exp(-60)
SIDES = ("two-sided", "greater", "less")


def t_bayes_factor(
    statistic: float,
    n_first: int,
    n_second: int = 0,
    *,
    alternative: str = "two-sided",
    scale: float = T_SCALE,
) -> float:
    """BF10 of a t-test: of one sample or pairs, or of two samples if `n_second` is given.

    Raises:
        UsageError: There are too few observations, or there is no such alternative.
    """
    if alternative not in SIDES:
        raise UsageError(f'There is no alternative "{alternative}"; known are {", ".join(SIDES)}.')
    df = n_first + n_second - (2 if n_second else 1)
    if n_first < 2 or n_second == 1 or df < 1:
        raise UsageError("A t-test needs two observations or more in each sample.")
    size = n_first * n_second / (n_first + n_second) if n_second else n_first
    t = -statistic if alternative == "less" else statistic

    def joint(effect: float) -> float:
        likelihood = float(stats.nct.pdf(t, df, effect * np.sqrt(size)))
        return likelihood * float(stats.cauchy.pdf(effect, scale=scale))

    low = -np.inf if alternative == "two-sided" else 0.0
    marginal = _integrate(joint, low, float(t / np.sqrt(size)), np.inf)
    directed = 1.0 if alternative == "two-sided" else 2.0  # the half prior has twice the density
    return float(directed * marginal / stats.t.pdf(t, df))


def regression_bayes_factor(
    r_squared: float, n_obs: int, n_regressors: int, *, scale: float = REGRESSION_SCALE
) -> float:
    """BF10 of a regression against the intercept alone, from its R2.

    Raises:
        UsageError: R2 is not between 0 and 1, or observations are too few for the regressors.
    """
    if not 0 <= r_squared < 1:
        raise UsageError(f"R2 is {r_squared:g}; it lies between 0 and 1.")
    if n_obs <= n_regressors + 1:
        raise UsageError(f"{n_obs} observations are too few for {n_regressors} regressors.")
    spread = n_obs * scale**2 / 2

    def integrand(log_g: float) -> float:
        g = np.exp(log_g)
        log_density = (
            0.5 * (n_obs - 1 - n_regressors) * np.log1p(g)
            - 0.5 * (n_obs - 1) * np.log1p(g * (1 - r_squared))
            + 0.5 * np.log(spread / np.pi)
            - 1.5 * log_g
            - spread / g
            + log_g  # of dg = g d log g
        )
        return float(np.exp(log_density))

    below, above = LOG_REACH
    peak = float(np.log(n_obs))
    return _integrate(integrand, float(np.log(spread)) - below, peak, peak + above)


def correlation_bayes_factor(
    correlation: float, n_obs: int, *, width: float = CORRELATION_WIDTH
) -> float:
    """BF10 of Pearson's correlation.

    Raises:
        UsageError: The correlation is not between -1 and 1, or observations are fewer than three.
    """
    if not -1 < correlation < 1 or n_obs < 3:
        raise UsageError("A correlation lies between -1 and 1 and needs three observations.")
    half, top = (n_obs - 1) / 2, (2 + n_obs * width) / (2 * width)
    log_factor = (
        (1 - 2 / width) * np.log(2)
        + 0.5 * np.log(np.pi)
        - special.betaln(1 / width, 1 / width)
        + special.gammaln((2 + (n_obs - 1) * width) / (2 * width))
        - special.gammaln(top)
    )
    return float(np.exp(log_factor) * special.hyp2f1(half, half, top, correlation**2))


def _integrate(function: Callable[[float], float], low: float, middle: float, high: float) -> float:
    """Integral from `low` to `high`, split near the peak so that it is not missed."""
    places = [low, middle, high] if middle > low else [low, high]
    parts = [
        integrate.quad(function, start, end, epsabs=0, epsrel=1e-9, limit=200)[0]
        for start, end in pairwise(places)
    ]
    return float(sum(parts))
