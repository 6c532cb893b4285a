"""Fit error-correction forms to many series at once, and simulate outcomes and critical bounds.

Three tests ask whether y returns to a level that x sets (Pesaran, Shin & Smith 2001, J. Appl.
Econometrics 16, 289-326, doi:10.1002/jae.616; the third added by McNown, Sam & Goh 2018, Appl.
Economics 50, 1509-1521, doi:10.1080/00036846.2017.1366643): F of f and g together, t of f, and F of
g, here as t. F alone is found where y is stationary by itself, t alone where y has a root of its
own, and F of g alone where both series wander.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.own_past import OwnPastFits, fit_own_past

FloatArray = NDArray[np.float64]

# Asymptotic 5 % bounds of F for one exposure, I(0) and I(1): Pesaran, Shin & Smith (2001), tables
# CI(iii) and CI(v).
ASYMPTOTIC_F = {"none": (4.94, 5.73), "linear": (6.56, 7.30)}


@dataclass(frozen=True, eq=False)
class BoundsFits:
    """Error-correction forms of m series.

    Attributes:
        f: F of the lagged levels together, shape (m,).
        t_own: t of y a year before, shape (m,).
        t_level: t of x a year before, shape (m,); its square is the F of it.
        speed: f, coefficient of y a year before, shape (m,).
        pull: g, coefficient of x a year before, shape (m,).
        covariance: Of the two, shape (m, 2, 2).
        residual_sd: Shape (m,).
        df: Degrees of freedom.
    """

    f: FloatArray
    t_own: FloatArray
    t_level: FloatArray
    speed: FloatArray
    pull: FloatArray
    covariance: FloatArray
    residual_sd: FloatArray
    df: int

    @property
    def multiplier(self) -> FloatArray:
        """Long-run multiplier -g / f, shape (m,)."""
        ratio: FloatArray = -self.pull / self.speed
        return ratio

    @property
    def multiplier_error(self) -> FloatArray:
        """Its standard error by the delta method, shape (m,)."""
        slope = np.stack([self.pull / self.speed**2, -1 / self.speed], axis=1)
        error: FloatArray = np.sqrt(np.einsum("ma,mab,mb->m", slope, self.covariance, slope))
        return error

    def distance(self, multiplier: float) -> FloatArray:
        """t of g + multiplier f = 0, below zero where the multiplier is less than this, (m,)."""
        row = np.array([multiplier, 1.0])
        spread = np.einsum("a,mab,b->m", row, self.covariance, row)
        t: FloatArray = (self.pull + multiplier * self.speed) / np.sqrt(spread)
        return t


def fit_bounds(
    changes: FloatArray, own: FloatArray, level: FloatArray, others: FloatArray
) -> BoundsFits:
    """Fit each series; see `fit_own_past`. The first column of `own` is y a year before.

    Args:
        changes: Shape (m, r).
        own: y a year before and its earlier changes, shape (m, r, p).
        level: Exposures a year before, shape (r, k); t, multiplier and the rest are of the first.
        others: Intercept, trend and changes of the exposures, shape (r, c).
    """
    fits = fit_own_past(changes, own, level, others)
    first = own.shape[2]
    return _read(fits, [0, *range(first, first + level.shape[1])])


def fit_bounds_of_pairs(
    changes: FloatArray, own: FloatArray, level: FloatArray, others: FloatArray
) -> BoundsFits:
    """The same where the exposure differs from series to series too.

    Args:
        changes: Shape (m, r).
        own: Shape (m, r, p).
        level: Exposure a year before, shape (m, r, 1 or more); further columns are not asked about.
        others: Shape (r, c).
    """
    nothing = np.zeros((changes.shape[1], 0))
    fits = fit_own_past(changes, np.concatenate([own, level], axis=2), nothing, others)
    return _read(fits, [0, own.shape[2]])


def simulate_outcomes(
    shocks: FloatArray,
    start: FloatArray,
    drive: FloatArray,
    *,
    speed: float,
    earlier: FloatArray,
) -> FloatArray:
    """Follow dy_t = speed y_(t-1) + drive_t + sum_i earlier_i dy_(t-i) + e_t, shape (m, n).

    Args:
        shocks: e by year; that of the first is not used, shape (m, n).
        start: y in the first year, shape (m,).
        drive: What else moves y in each year, shape (n,).
        speed: f.
        earlier: c_i, shape (p - 1,); changes before the first year are zero.
    """
    n = shocks.shape[1]
    outcomes = np.empty((n, len(shocks)))
    outcomes[0] = start
    for year in range(1, n):
        step = speed * outcomes[year - 1] + drive[year] + shocks[:, year]
        for i, weight in enumerate(earlier, start=1):
            if year - i - 1 >= 0:
                step = step + weight * (outcomes[year - i] - outcomes[year - i - 1])
        outcomes[year] = outcomes[year - 1] + step
    return np.ascontiguousarray(outcomes.T)


def simulate_bounds(
    shocks: FloatArray, trend: str, *, level: float = 0.05
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Critical bounds of F and of t for one exposure in short series, as Narayan (2005) has them.

    The outcome is a random walk; the exposure is white noise for the lower bound, I(0), and a
    random walk for the upper, I(1). Narayan (2005), Appl. Economics 37, 1979-1990,
    doi:10.1080/00036840500278103.

    Args:
        shocks: Standard normal, of outcome and exposure, shape (m, n + 1, 2).
        trend: "none" or "linear".
        level: Of the test.

    Returns:
        Bounds of F (upper tail) and of t (lower tail), each I(0) then I(1).
    """
    n = shocks.shape[1] - 1
    trends = [np.ones(n)] + ([np.arange(n) / 10.0] if trend == "linear" else [])
    f, t = [], []
    walk = np.cumsum(shocks[:, :, 0], axis=1)
    for exposure in (shocks[:, :, 1], np.cumsum(shocks[:, :, 1], axis=1)):
        fits = fit_bounds_of_pairs(
            np.diff(walk), walk[:, :-1, None], exposure[:, :-1, None], np.column_stack(trends)
        )
        f.append(float(np.quantile(fits.f, 1 - level)))
        t.append(float(np.quantile(fits.t_own, level)))
    return (f[0], f[1]), (t[0], t[1])


def _read(fits: OwnPastFits, asked: list[int]) -> BoundsFits:
    two = asked[:2]
    spread = fits.inverse[:, two][:, :, two] * fits.variance[:, None, None]
    t = fits.statistics
    return BoundsFits(
        f=fits.wald_f(asked),
        t_own=t[:, asked[0]],
        t_level=t[:, asked[1]],
        speed=fits.coefficients[:, asked[0]],
        pull=fits.coefficients[:, asked[1]],
        covariance=spread,
        residual_sd=np.sqrt(fits.variance),
        df=fits.df,
    )
