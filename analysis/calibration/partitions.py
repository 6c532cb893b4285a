"""Describe how many breaks a series may have, after Bai and Perron, with what that is worth here.

All coefficients change at each break; segments hold at least a share of the years. With q
coefficients, n years and SSR_m the least sum of squares with m breaks::

    SupF(m)     = (n - (m + 1) q) / (m q) (SSR_0 - SSR_m) / SSR_m,    UDmax = max_m SupF(m)
    SupF(l+1|l) = (SSR_l - least SSR with one more break inside a segment) / (SSR_l / (n - (l+1) q))
    BIC(m)      = n log(2 pi e SSR_m / n) + (m + 1)(q + 1) log n
    LWZ(m)      = log(SSR_m / (n - p)) + .299 p / n (log n)^2.1,      p = (m + 1) q + m

The p of SupF(l+1|l) is 1 - G(x)^(l+1), G the large-sample law of one sup F. SupF(m) and UDmax are
read against series with independent normal errors on the same years. All of it takes the errors
as independent: beside every p stands the p simulated with AR(1) errors and the share of such
series, without any break, in which breaks are found. Descriptions; they decide nothing.

References: Bai & Perron (1998), Econometrica 66, 47-78, doi:10.2307/2998540; Bai & Perron (2003),
J. Appl. Econometrics 18, 1-22, doi:10.1002/jae.659; Liu, Wu & Zidek (1997), Statistica Sinica 7,
497-525; Bai (1997), Rev. Econ. Stat. 79, 551-563, doi:10.1162/003465397557132, for the dates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.break_asymptotics import date_quantile
from analysis.calibration.law import simulate_errors
from analysis.calibration.partition_count import Counted, Scheme
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.stability import LEVEL
from analysis.calibration.steps import simulated_p
from analysis.calibration.store import layout_key
from analysis.design.unknown_date import UnknownDateDesign

FloatArray = NDArray[np.float64]
MOST_BREAKS = 5


@dataclass(frozen=True, eq=False)
class BreakCount:
    """How many breaks the usual criteria find, and what they find where there is none.

    Attributes:
        name: Whose series it is.
        n_obs: Years used.
        rho: Autocorrelation at which p_simulated and the sizes were simulated.
        series: Simulated series behind them.
        partitions: Index breaks; ssr, bic, lwz, onsets (first years of the later segments).
        tests: Index test; statistic, p_usual, p_simulated, size, size_mc_error.
        dates: Index onset, for the number of breaks of BIC; low, high (95 % of Bai 1997), in first
            years of the new segment, and the change of the first regressor's coefficient.
        chosen: Number of breaks by "bic", "lwz" and "sequential".
        found_in_none: Share of series without a break in which each finds at least one.
    """

    name: str
    n_obs: int
    rho: float
    series: int
    partitions: pd.DataFrame
    tests: pd.DataFrame
    dates: pd.DataFrame
    chosen: Mapping[str, int]
    found_in_none: Mapping[str, float]

    def to_frame(self) -> pd.DataFrame:
        """The partitions, one row a number of breaks."""
        return self.partitions.copy()

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "name": self.name,
            "n_obs": self.n_obs,
            "rho": self.rho,
            "series": self.series,
            "partitions": self.partitions.reset_index().to_dict(orient="records"),
            "tests": self.tests.to_dict(orient="index"),
            "dates": self.dates.reset_index().to_dict(orient="records"),
            "chosen": dict(self.chosen),
            "found_in_none": dict(self.found_in_none),
        }


def describe_breaks(
    design: UnknownDateDesign,
    *,
    rho: float,
    seed: int,
    series: int = 1_000,
    most: int = MOST_BREAKS,
) -> BreakCount:
    """Count and date breaks by the usual criteria and measure these at this autocorrelation.

    Args:
        design: From `unknown_date_design`; its share is the shortest segment, and all its
            coefficients may change.
        rho: Autocorrelation without a break, e.g. `BreakDateTest.rho` or `null_rho`.
        seed: Of the simulated series.
        series: Simulated series behind p and size.
        most: Breaks at most, fewer if the segments would be too short.

    Raises:
        DesignError: No break leaves segments that are long enough.
    """
    scheme = Scheme.of(design, most)
    observed = scheme.count(design.series.to_numpy(dtype=float)[None, :])
    independent, dependent = (
        scheme.count(_null_series(design, at, seed, series)) for at in (0.0, rho)
    )
    n_breaks = int(observed.chosen["bic"][0])
    return BreakCount(
        name=design.name,
        n_obs=len(design.series),
        rho=rho,
        series=series,
        partitions=_partition_table(design, observed),
        tests=_test_table(scheme, observed, independent, dependent),
        dates=date_breaks(design, [int(end) for end in observed.best.ends[n_breaks, :n_breaks, 0]]),
        chosen={name: int(number[0]) for name, number in observed.chosen.items()},
        found_in_none={
            name: float((number > 0).mean()) for name, number in dependent.chosen.items()
        },
    )


def date_breaks(design: UnknownDateDesign, ends: list[int], *, level: float = 0.95) -> pd.DataFrame:
    """Interval of each break date after Bai (1997), variance and regressors differing by segment.

    Args:
        design: Years and regressors.
        ends: Positions of the last years of all segments but the last.
        level: Of the intervals.

    Returns:
        Index onset, the first year of the new segment; low and high in the same terms, held inside
        the data; change, of the first regressor's coefficient.
    """
    x, y = design.layout.regressors, design.series.to_numpy(dtype=float)
    years, edges = design.years, [0, *(end + 1 for end in ends), len(y)]
    rows = []
    for before, at, after in zip(edges[:-2], edges[1:-1], edges[2:], strict=True):
        early, late = (_segment(x[a:b], y[a:b]) for a, b in ((before, at), (at, after)))
        change = late[0] - early[0]
        first, second = (float(change @ part[1] @ change) for part in (early, late))
        xi, phi = second / first, second / first * late[2] / early[2]
        scale = early[2] / first
        low = at - int(np.ceil(date_quantile((1 + level) / 2, xi, phi) * scale))
        high = at - int(np.floor(date_quantile((1 - level) / 2, xi, phi) * scale))
        held = [int(years[min(max(place, 0), len(y) - 1)]) for place in (low, high)]
        rows.append((int(years[at]), *held, float(change[0])))
    return pd.DataFrame(rows, columns=["onset", "low", "high", "change"]).set_index("onset")


def _segment(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Coefficients, X'X / n and residual variance of one segment."""
    beta: FloatArray = np.linalg.pinv(x) @ y
    gram: FloatArray = x.T @ x / len(y)
    return beta, gram, float(((y - x @ beta) ** 2).mean())


def _null_series(design: UnknownDateDesign, rho: float, seed: int, series: int) -> FloatArray:
    stream = f"partitions:{layout_key(design.layout)}"
    return simulate_errors(
        design.layout, rho=rho, kappa=1.0, seed=seed, stream=stream, series=series
    )


def _partition_table(design: UnknownDateDesign, counted: Counted) -> pd.DataFrame:
    onsets = [
        tuple(int(design.years[end + 1]) for end in counted.best.ends[number, :number, 0])
        for number in range(len(counted.bic))
    ]
    return pd.DataFrame(
        {
            "ssr": counted.best.ssr[:, 0],
            "bic": counted.bic[:, 0],
            "lwz": counted.lwz[:, 0],
            "onsets": onsets,
        }
    ).rename_axis("breaks")


def _test_table(
    scheme: Scheme, observed: Counted, independent: Counted, dependent: Counted
) -> pd.DataFrame:
    rows = {}
    for name, statistics in _simulated_tests(observed).items():
        usual, drawn = _simulated_tests(independent)[name], _simulated_tests(dependent)[name]
        size = float((drawn >= np.quantile(usual, 1 - LEVEL)).mean())
        rows[name] = {
            "statistic": float(statistics[0]),
            "p_usual": simulated_p(float(statistics[0]), usual, "greater"),
            "p_simulated": simulated_p(float(statistics[0]), drawn, "greater"),
            "size": size,
            "size_mc_error": monte_carlo_error(size, len(drawn)),
        }
    for breaks, statistic in enumerate(observed.sequential[:, 0]):
        p_usual = scheme.sequential_p(float(statistic), breaks) if np.isfinite(statistic) else 1.0
        # With breaks there is no one null series to simulate: only the first has a measured size.
        nothing = dict.fromkeys(("p_simulated", "size", "size_mc_error"), float("nan"))
        rows[f"sup_f_{breaks + 1}_given_{breaks}"] = {
            "statistic": float(statistic),
            "p_usual": p_usual,
            **(nothing if breaks else _first_step(float(statistic), dependent)),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("test")


def _simulated_tests(counted: Counted) -> dict[str, FloatArray]:
    single = {f"sup_f_{number + 1}": row for number, row in enumerate(counted.sup_f)}
    return {**single, "ud_max": counted.sup_f.max(axis=0)}


def _first_step(statistic: float, dependent: Counted) -> dict[str, float]:
    size = float((dependent.chosen["sequential"] > 0).mean())
    drawn = dependent.sequential[0]
    return {
        "p_simulated": simulated_p(statistic, drawn, "greater"),
        "size": size,
        "size_mc_error": monte_carlo_error(size, len(drawn)),
    }
