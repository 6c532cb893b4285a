"""How far a finding after a juncture survives differences of trends that the years before allow.

With true effects tau and differences of trends delta the coefficients have means tau + delta, where
delta is zero at the reference -1. For a target l'tau over the event times after the onset
Rambachan & Roth (2023) bound delta in two ways [1]_:

* smoothness, SD(M): the slope of delta changes by at most M from one year to the next. The interval
  is theirs, the fixed-length one of smallest length: an estimate v'b with v fixed on the post
  period to l and free before, whose worst bias over SD(M) is finite if v lets no linear trend
  through, plus or minus the quantile of |N(bias / sd, 1)| times its sd;
* relative magnitudes, RM(Mbar): no change from one year to the next after the onset exceeds Mbar
  times the largest change before it. Reported is the union, over which change before the onset is
  the largest and over its sign, of intervals for the set of effects that it allows. It covers with
  at least 1 - alpha, because the interval of the true largest change does; it is conservative where
  Rambachan & Roth's conditional test may be shorter.

Both take the estimates as normal with known covariance. Binned ends, which hold several years, have
no place in year-to-year changes and are left out.

.. [1] Rambachan & Roth (2023), Rev. Econ. Stud. 90, 2555-2591, doi:10.1093/restud/rdad018;
   Armstrong & Kolesár (2018), Econometrica 86, 655-683, for fixed-length intervals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from analysis.errors import DesignError

FloatArray = NDArray[np.float64]
MOST = 1e3  # breakdown values beyond this (standard errors, for smoothness) count as none found
SEARCHED = 120  # bounds tried between 0.01 and that
TRADES = 81  # weights of bias against variance at which the frontier is traced


@dataclass(frozen=True, eq=False)
class Trends:
    """Coefficients of single event times before and after, the reference -1 left out.

    Attributes:
        before: Estimates for ..., -3, -2, in order of time, shape (p,).
        after: Estimates for 0, 1, ..., shape (q,).
        covariance: Of both, before first, shape (p + q, p + q).
        target: Weights l of the effect asked about, shape (q,).
    """

    before: FloatArray
    after: FloatArray
    covariance: FloatArray
    target: FloatArray

    @property
    def estimate(self) -> float:
        return float(self.target @ self.after)

    @property
    def std_error(self) -> float:
        v = self.covariance[len(self.before) :, len(self.before) :]
        return float(np.sqrt(self.target @ v @ self.target))


def smoothness_interval(trends: Trends, m: float, alpha: float = 0.05) -> tuple[float, float]:
    """Fixed-length interval of smallest length for SD(M), M in units of the outcome a year.

    Raises:
        DesignError: There are no coefficients before the reference.
    """
    return trace_frontier(trends).interval(m, alpha)


def relative_interval(trends: Trends, mbar: float, alpha: float = 0.05) -> tuple[float, float]:
    """Union of intervals for RM(Mbar), at least 1 - alpha.

    Raises:
        DesignError: There are no coefficients before the reference.
    """
    estimates = np.concatenate([trends.before, trends.after])
    low, high = relative_intervals(
        estimates[None], trends.covariance[None], trends.target, mbar, alpha
    )
    return float(low[0]), float(high[0])


def relative_intervals(
    estimates: FloatArray,
    covariances: FloatArray,
    target: FloatArray,
    mbar: float,
    alpha: float = 0.05,
) -> tuple[FloatArray, FloatArray]:
    """The same for many estimates of one design, lower and upper ends of shape (B,).

    Args:
        estimates: Before and after, shape (B, p + q).
        covariances: Shape (B, p + q, p + q).
        target: Weights on the event times after, shape (q,).
        mbar: Bound.
        alpha: One less the level.
    """
    n_before = estimates.shape[1] - len(target)
    _require_before(n_before)
    z = float(stats.norm.isf(alpha / 2))
    steps = np.abs(np.cumsum(target[::-1])).sum()  # worst l'delta if no step exceeds 1
    changes = np.hstack([_changes(n_before), np.zeros((n_before, len(target)))])
    bounds = mbar * steps * np.vstack([changes, -changes])
    base = np.concatenate([np.zeros(n_before), target])
    ends = []
    for rows, sign in ((base - bounds, -1.0), (base + bounds, 1.0)):
        variances = np.einsum("ri,bij,rj->br", rows, covariances, rows, optimize=True)
        ends.append(estimates @ rows.T + sign * z * np.sqrt(np.maximum(variances, 0.0)))
    return ends[0].min(axis=1), ends[1].max(axis=1)


def breakdown(
    trends: Trends, restriction: str, alpha: float = 0.05, frontier: Frontier | None = None
) -> float:
    """Smallest M ("smoothness") or Mbar ("relative") at which the interval holds zero.

    Nan where it holds zero at once: under parallel trends for relative magnitudes, under a linear
    difference of trends for smoothness. Infinite where none up to `MOST` is found. A frontier that
    is traced already saves its time.
    """
    if restriction == "smoothness":
        frontier, unit = frontier or trace_frontier(trends), trends.std_error

        def interval(bound: float) -> tuple[float, float]:
            return frontier.interval(bound, alpha)
    else:
        unit = 1.0

        def interval(bound: float) -> tuple[float, float]:
            return relative_interval(trends, bound, alpha)

    low = 0.0
    if _holds_zero(interval(low)):
        return float("nan")
    for high in unit * np.geomspace(0.01, MOST, SEARCHED):
        if _holds_zero(interval(float(high))):
            return _bisect(interval, low, float(high))
        low = float(high)
    return float("inf")


def _holds_zero(interval: tuple[float, float]) -> bool:
    return interval[0] <= 0 <= interval[1]


def _bisect(interval: Callable[[float], tuple[float, float]], low: float, high: float) -> float:
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if _holds_zero(interval(middle)) else (middle, high)
    return high


@dataclass(frozen=True, eq=False)
class Frontier:
    """Affine estimates of least variance for each worst bias, as arrays.

    Attributes:
        centres: The estimates.
        biases: Their worst bias for M = 1.
        sds: Their standard deviations.
    """

    centres: FloatArray
    biases: FloatArray
    sds: FloatArray

    def interval(self, m: float, alpha: float = 0.05) -> tuple[float, float]:
        """The shortest fixed-length interval for SD(M)."""
        halves = self.sds * folded_quantile(m * self.biases / self.sds, alpha)
        best = int(np.argmin(halves))
        return float(self.centres[best] - halves[best]), float(self.centres[best] + halves[best])


def trace_frontier(trends: Trends) -> Frontier:
    """Trace the frontier.

    The estimate is l'b_after + v'b_before. Written by second differences of delta, the part of
    v before the reference enters the bias as c = U v with U upper triangular, and a linear trend
    is let through unless sum_m m v_m = sum_k (k + 1) l_k, m the years before the reference.
    """
    _require_before(len(trends.before))
    p, q = len(trends.before), len(trends.after)
    order = np.arange(p)[::-1]  # nearest to the reference first
    ahead = np.arange(1, p + 1)
    u = np.maximum(ahead[None, :] - np.arange(p)[:, None], 0).astype(float)
    to_before = np.linalg.inv(u)
    gram = to_before.T @ trends.covariance[np.ix_(order, order)] @ to_before
    cross = to_before.T @ trends.covariance[np.ix_(order, np.arange(p, p + q))] @ trends.target
    slope = float(np.arange(1, q + 1) @ trends.target)
    after = sum(
        abs(float(np.arange(1, q - s) @ trends.target[s + 1 :])) for s in range(q)
    )  # weights of the second differences after the onset
    scale = trends.std_error**2
    trades = scale * np.geomspace(1e-6, 1e3, TRADES)
    found = [_minimise(gram, cross, to_before.T @ ahead, slope, trade, scale) for trade in trades]
    c = np.stack(found)
    variances = scale + 2 * c @ cross + np.einsum("tp,pq,tq->t", c, gram, c)
    return Frontier(
        centres=trends.estimate + c @ to_before.T @ trends.before[order],
        biases=after + np.abs(c).sum(axis=1),
        sds=np.sqrt(variances),
    )


def _minimise(
    gram: FloatArray, cross: FloatArray, row: FloatArray, slope: float, trade: float, scale: float
) -> FloatArray:
    """Minimise c'Gc/2 + g'c + trade |c|_1 over c with row'c = slope, shape (p,).

    c is split into positive parts, which makes this a quadratic programme with bounds.
    """
    p = len(cross)

    def value(z: FloatArray) -> float:
        c = z[:p] - z[p:]
        return float(0.5 * c @ gram @ c + cross @ c + trade * z.sum()) / scale

    def gradient(z: FloatArray) -> FloatArray:
        toward = gram @ (z[:p] - z[p:]) + cross
        slopes: FloatArray = np.concatenate([toward + trade, trade - toward]) / scale
        return slopes

    both = np.concatenate([row, -row])
    start = np.zeros(2 * p)
    first = slope / row[0]
    start[0 if first > 0 else p] = abs(first)
    found = optimize.minimize(
        value,
        start,
        jac=gradient,
        method="SLSQP",
        bounds=optimize.Bounds(np.zeros(2 * p), np.full(2 * p, np.inf)),
        constraints=optimize.LinearConstraint(both[None, :], slope, slope),
        options={"maxiter": 500, "ftol": 1e-14},
    )
    c: FloatArray = found.x[:p] - found.x[p:]
    return c


def folded_quantile(shifts: ArrayLike, alpha: float) -> FloatArray:
    """The 1 - alpha quantile of |N(shift, 1)| for each shift.

    >>> folded_quantile([0.0], 0.05).round(4).tolist()
    [1.96]
    """
    shift = np.abs(np.asarray(shifts, dtype=float))
    far = shift + stats.norm.isf(alpha)  # one tail is empty
    near: FloatArray = np.sqrt(stats.ncx2.ppf(1 - alpha, 1, np.minimum(shift, 8.0) ** 2))
    return np.where(shift > 8, far, near)


def _changes(n_before: int) -> FloatArray:
    """Changes from year to year up to the reference as rows on the coefficients before."""
    path = np.vstack([np.eye(n_before), np.zeros(n_before)])
    changes: FloatArray = np.diff(path, axis=0)
    return changes


def _require_before(n_before: int) -> None:
    if n_before == 0:
        raise DesignError(
            "No single year before the reference has a coefficient; how trends differed cannot be "
            "judged. Choose a longer window."
        )
