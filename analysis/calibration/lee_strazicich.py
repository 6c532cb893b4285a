"""Test for a unit root beside one break at an unknown date, with critical values for short series.

Lee & Strazicich (2003, Rev. Econ. Stat. 85, 1082-1089, doi:10.1162/003465303772815961; one break:
2013, Econ. Bull. 33, 2483-2492) allow for the break under the unit root too, so that a rejection
does not merely mean a break, as it can with Zivot & Andrews. With Z_t = (t, D_t), or (t, D_t, DT_t)
where the trend bends as well, D_t = 1[t > T_B], DT_t = (t - T_B) D_t::

    S_t = y_t - y_1 - (Z_t - Z_1) d,     d from  Dy_t = DZ_t' d + error
    Dy_t = DZ_t' c + phi S_(t-1) + sum_j g_j DS_(t-j) + error,       LM = min over T_B of t(phi)

Their tables are for long series. The law under a random walk is simulated on as many years: with 31
the 5 % value lies lower than the table's, which would reject too often.
"""

from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import DesignError
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
CRASH, BREAK = "crash", "break"
TRIM = 0.1
MIN_VALUES = 20
SEED, SERIES = 20261121, 5_000


@dataclass(frozen=True, slots=True)
class BreakingRoot:
    """A unit root against a stationary series around a breaking mean or trend.

    Attributes:
        statistic: Smallest t of phi; the smaller, the more against a unit root.
        p_value: Share of simulated random walks with a t as small.
        critical: Their 5 % value.
        last_year_before: Last year of the first regime at the smallest t.
        model: "crash" (the level breaks) or "break" (level and trend).
        lags: Lagged differences.
        series: Simulated random walks.
    """

    statistic: float
    p_value: float
    critical: float
    last_year_before: int
    model: str
    lags: int
    series: int

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def find_breaking_root(
    series: pd.Series,
    *,
    model: str = CRASH,
    lags: int = 0,
    seed: int = SEED,
    draws: int = SERIES,
) -> BreakingRoot:
    """Lee and Strazicich's test with one break, p from random walks of the same length.

    Args:
        series: By consecutive integer year.
        model: "crash" or "break".
        lags: Lagged differences of S, fixed.
        seed: Of the random walks.
        draws: Their number.

    Raises:
        DesignError: Years are missing or too few, or there is no such model.
    """
    known = series.dropna().sort_index()
    years = known.index.to_numpy(dtype=np.int64)
    if model not in (CRASH, BREAK):
        raise DesignError(f'There is no model "{model}"; known are crash and break.')
    if len(years) < MIN_VALUES + lags:
        raise DesignError(f"There are {len(years)} values; {MIN_VALUES + lags} are needed.")
    if (np.diff(years) != 1).any():
        raise DesignError("A year is missing; the test needs every year from first to last.")
    t = lm_statistics(known.to_numpy(dtype=float)[None, :], model, lags)
    smallest = int(np.argmin(t[0]))
    law = _law(len(years), model, lags, seed, draws)
    return BreakingRoot(
        statistic=float(t[0, smallest]),
        p_value=float((1 + (law <= t[0, smallest]).sum()) / (1 + draws)),
        critical=float(np.quantile(law, 0.05)),
        last_year_before=int(years[break_points(len(years))[smallest] - 1]),
        model=model,
        lags=lags,
        series=draws,
    )


def break_points(n: int) -> NDArray[np.int64]:
    """Positions T_B, from 1, at which a break is sought: a tenth is left at either end.

    >>> break_points(20).tolist()[:2], break_points(20).tolist()[-1]
    ([3, 4], 18)
    """
    trimmed = round(TRIM * n)
    return np.arange(trimmed + 1, n - trimmed + 1)


def lm_statistics(series: FloatArray, model: str, lags: int) -> FloatArray:
    """t of phi of every series at every break, shape (m, breaks).

    Args:
        series: Shape (m, n).
        model: "crash" or "break".
        lags: Lagged differences of S.
    """
    n = series.shape[1]
    return np.stack([_at(series, point, model, lags) for point in break_points(n)], axis=1)


def _at(series: FloatArray, point: int, model: str, lags: int) -> FloatArray:
    n = series.shape[1]
    at = np.arange(1, n + 1)
    z = [at, at > point] + ([np.maximum(at - point, 0)] if model == BREAK else [])
    levels = np.column_stack(z).astype(float)
    dz, dy = np.diff(levels, axis=0), np.diff(series, axis=1)
    trend = dy @ np.linalg.pinv(dz).T
    s = series - series[:, :1] - trend @ (levels - levels[0]).T
    ds = np.diff(s, axis=1)
    first = lags  # of the differences that have all lags
    q, _ = np.linalg.qr(dz[first:])

    def freed(columns: FloatArray) -> FloatArray:
        left: FloatArray = columns - (columns @ q) @ q.T
        return left

    target = freed(dy[:, first:])
    columns = [freed(s[:, first:-1])]
    columns += [freed(ds[:, first - lag : ds.shape[1] - lag]) for lag in range(1, lags + 1)]
    x = np.stack(columns, axis=2)
    gram = np.einsum("mtj,mtk->mjk", x, x)
    inverse = np.linalg.inv(gram)
    slopes = np.einsum("mjk,mtk,mt->mj", inverse, x, target)
    left = target - np.einsum("mtj,mj->mt", x, slopes)
    spare = target.shape[1] - q.shape[1] - x.shape[2]
    variance = (left * left).sum(axis=1) / spare * inverse[:, 0, 0]
    t: FloatArray = slopes[:, 0] / np.sqrt(variance)
    return t


@cache
def _law(n: int, model: str, lags: int, seed: int, draws: int) -> FloatArray:
    """Smallest t of random walks, ascending, shape (draws,)."""
    walks = np.cumsum(standard_normals(seed, f"lee-strazicich:{n}", 0, draws, n), axis=1)
    return np.sort(lm_statistics(walks, model, lags).min(axis=1))
