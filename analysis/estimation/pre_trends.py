"""Test the event times before a juncture together, and say what trend the test could have found.

Coefficients before the onset that are not significant say little unless the test would have found
a trend large enough to matter [1]_. Against a linear difference of trends with slope g the
coefficients have means g (k - reference); two tests are judged against it: the joint F (Hotelling's
T^2 for CR2 and for errors between donors), and the custom of looking for any single significant
coefficient, which is the one of Roth's pretrends package.

.. [1] Roth (2022), "Pretest with caution", AER: Insights 4, 305-322, doi:10.1257/aeri.20210236.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from analysis.estimation.event_study import PathEstimate

FloatArray = NDArray[np.float64]
POWER = 0.8
FURTHEST = 1e12  # argument at which the search for a power gives up
SINGULAR = 1e-10
EXACT = 1e-4  # error of probabilities of several normal estimates, and of arguments looked for


@dataclass(frozen=True, slots=True)
class PreTrends:
    """The joint test of the coefficients before the onset, and its power against a linear trend.

    Attributes:
        statistic: F, or Hotelling's T^2 as F.
        df: Of its null law.
        p_value: Of the joint test; nan where the covariance has too low a rank.
        detectable_slope: Difference of trends, in units of the outcome a year, that the joint test
            finds four times in five.
        detectable_slope_any: The same for "any coefficient significant on its own".
        slope: A stated difference of trends a year.
        power: Of the joint test against it.
        power_any: Of "any coefficient significant" against it.
    """

    statistic: float
    df: tuple[float, float]
    p_value: float
    detectable_slope: float
    detectable_slope_any: float
    slope: float
    power: float
    power_any: float


def assess_pre_trends(
    estimate: PathEstimate, reference: int, *, slope: float, alpha: float = 0.05
) -> PreTrends:
    """Test the pre-period together and give its power against a linear trend.

    Args:
        estimate: A path with its covariance.
        reference: Event time whose effect is zero.
        slope: Difference of trends a year whose detection is asked about.
        alpha: Level of the tests.
    """
    pre = estimate.is_pre
    beta, v = estimate.estimates[pre], estimate.covariance[np.ix_(pre, pre)]
    df = joint_df(len(beta), estimate.n_groups, estimate.wishart)
    statistic = float(joint_f(beta[None], v[None], estimate.n_groups, estimate.wishart)[0])
    if np.isnan(statistic):
        nothing = float("nan")
        return PreTrends(nothing, df, nothing, nothing, nothing, slope, nothing, nothing)
    direction = estimate.path.mean_times[pre[:-1]] - reference
    information = float(direction @ np.linalg.solve(v, direction))  # non-centrality of slope 1
    critical = float(stats.f.isf(alpha, *df))
    limit = float(stats.t.isf(alpha / 2, estimate.df[:-1][pre[:-1]].min()))

    def power(noncentrality: float) -> float:
        return float(stats.ncf.sf(critical, *df, noncentrality))

    at_power = _find(lambda noncentrality: power(noncentrality) - POWER)
    return PreTrends(
        statistic=statistic,
        df=df,
        p_value=float(stats.f.sf(statistic, *df)),
        detectable_slope=float(np.sqrt(at_power / information)),
        detectable_slope_any=_find(lambda g: power_any(g * direction, v, limit) - POWER),
        slope=slope,
        power=power(slope**2 * information),
        power_any=power_any(slope * direction, v, limit),
    )


def joint_f(beta: FloatArray, v: FloatArray, n_groups: int, wishart: float) -> FloatArray:
    """F of each row of `beta` being zero, given its covariance; nan where that is singular.

    Args:
        beta: Shape (B, q).
        v: Shape (B, q, q).
        n_groups: Clusters or donors.
        wishart: Degrees of freedom eta of the covariance, where T^2 is Hotelling's; else nan.
    """
    q = beta.shape[1]
    df = joint_df(q, n_groups, wishart)
    if q == 0 or df[1] <= 0:
        return np.full(len(beta), np.nan)
    scales = np.sqrt(np.maximum(np.einsum("bqq->bq", v), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = v / (scales[:, :, None] * scales[:, None, :])
    usable = np.isfinite(scaled).all(axis=(1, 2))
    scaled[~usable] = np.eye(q)
    values = np.linalg.eigvalsh(scaled)
    usable &= values[:, 0] > SINGULAR * values[:, -1]
    scaled[~usable] = np.eye(q)
    t = np.where(usable[:, None], beta, np.nan) / np.where(scales > 0, scales, 1.0)
    wald = np.einsum("bq,bq->b", t, np.linalg.solve(scaled, t[:, :, None])[:, :, 0])
    shrink = 1.0 if np.isnan(wishart) else df[1] / wishart
    f: FloatArray = wald * shrink / q
    return f


def joint_df(n_tested: int, n_groups: int, wishart: float) -> tuple[float, float]:
    """Degrees of freedom of `joint_f`."""
    if np.isnan(wishart):
        return float(n_tested), float(n_groups - 1)
    return float(n_tested), wishart - n_tested + 1.0


def power_any(means: FloatArray, covariance: FloatArray, limit: float) -> float:
    """Probability that any normal estimate lies beyond `limit` standard errors of zero."""
    if len(means) == 1:
        return _power_one(means, covariance, limit)
    half = limit * np.sqrt(np.diag(covariance))
    inside = stats.multivariate_normal.cdf(
        half,
        means,
        covariance,
        abseps=EXACT,
        releps=EXACT,
        lower_limit=-half,
        rng=np.random.default_rng(0),
    )
    return float(1 - inside)


def _power_one(means: FloatArray, covariance: FloatArray, limit: float) -> float:
    shift = float(means[0]) / float(np.sqrt(covariance[0, 0]))
    return float(stats.norm.sf(limit - shift) + stats.norm.cdf(-limit - shift))


def _find(excess: Callable[[float], float]) -> float:
    """The positive argument at which an increasing function is zero; infinite if none is found."""
    high = 1e-3
    while excess(high) < 0:
        high *= 2
        if high > FURTHEST:
            return float("inf")
    return float(optimize.brentq(excess, 0.0, high, xtol=EXACT * high))
