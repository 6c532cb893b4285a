"""Describe whether one regression holds over all years, with what each test is worth here.

The tests that are commonly run for an unstable regression take the errors as independent. Their
usual p-values are given beside two numbers that do not: the p-value simulated with AR(1) errors on
the same years and regressors, and the size, the share of such series, stable throughout, in which
the usual test finds something at 5 %. They are descriptions and decide nothing.

    sup, average and exponential F of a change in all coefficients    Andrews (1993), Hansen (1997)
    recursive CUSUM, OLS CUSUM, OLS MOSUM, recursive estimates        `analysis.kernel.fluctuation`
    F of a change in all coefficients at a known date                 Chow (1960)

References: Andrews (1993), Econometrica 61, 821-856, doi:10.2307/2951764; Hansen (1997), J. Bus.
Econ. Stat. 15, 60-67, doi:10.1080/07350015.1997.10524687; Chow (1960), Econometrica 28, 591-605,
doi:10.2307/1910133.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analysis.calibration.law import simulate_errors, simulate_law
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.stability_laws import WINDOW, usual_laws
from analysis.calibration.steps import simulated_p
from analysis.calibration.store import layout_key
from analysis.design.unknown_date import UnknownDateDesign
from analysis.errors import DesignError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.fluctuation import (
    ols_cusum,
    ols_mosum,
    recursive_cusum,
    recursive_estimates,
)
from analysis.kernel.segments import chow_path, segment_ssr
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
LEVEL = 0.05  # at which size is measured
BLOCK = 500  # series whose tables of segments are held at a time
RHO_LAW_SERIES = 2_000  # at each node of the law that unbiases rho


@dataclass(frozen=True, eq=False)
class StabilityTests:
    """Tests of a stable regression, described.

    Attributes:
        name: Whose series it is.
        n_obs: Years used.
        rho: Autocorrelation at which p and size were simulated.
        series: Simulated series behind them.
        table: Index test; statistic, p_usual (errors independent, many years), p_simulated (AR(1)
            errors on these years), size (of p_usual at 5 % in such series), size_mc_error.
    """

    name: str
    n_obs: int
    rho: float
    series: int
    table: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """A copy of the table, one row a test."""
        return self.table.copy()

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "name": self.name,
            "n_obs": self.n_obs,
            "rho": self.rho,
            "series": self.series,
            "tests": self.table.to_dict(orient="index"),
        }


def describe_stability(
    design: UnknownDateDesign,
    *,
    rho: float,
    seed: int,
    series: int = 2_000,
    known_onset: int | None = None,
) -> StabilityTests:
    """Run the usual tests of a stable regression and measure them at this autocorrelation.

    Args:
        design: From `unknown_date_design`; all its coefficients may change.
        rho: Autocorrelation without a change, e.g. `BreakDateTest.rho` or `null_rho`.
        seed: Of the simulated series.
        series: Simulated series behind p and size.
        known_onset: First year of the second regime in the test of Chow; left out if None.

    Raises:
        DesignError: A regime is too short for the regressors.
    """
    check_segments(design, design.side)
    observed = stability_statistics(design, design.series.to_numpy(float)[None, :], known_onset)
    errors = simulate_errors(
        design.layout,
        rho=rho,
        kappa=1.0,
        seed=seed,
        stream=f"stability:{layout_key(design.layout)}",
        series=series,
    )
    drawn = stability_statistics(design, errors, known_onset)
    laws = usual_laws(design, known_onset)
    rows = {}
    for test, statistic in observed.items():
        value, law = float(statistic[0]), laws[test]
        size = float((drawn[test] >= law.critical(LEVEL)).mean())
        rows[test] = {
            "statistic": value,
            "p_usual": law.p_value(value),
            "p_simulated": simulated_p(value, drawn[test], "greater"),
            "size": size,
            "size_mc_error": monte_carlo_error(size, series),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("test")
    return StabilityTests(design.name, len(design.series), rho, series, table)


def null_rho(design: UnknownDateDesign, seed: int) -> float:
    """Median-unbiased autocorrelation of the series around its regressors without a change."""
    layout, first = design.layout, np.eye(design.layout.n_terms)[:1]
    fit = fit_ar1(design.series.to_numpy(dtype=float)[None, :], layout, first)
    law = simulate_law(
        layout,
        first,
        None,
        seed=seed,
        stream=f"stability-law:{layout_key(layout)}",
        series=RHO_LAW_SERIES,
    )
    return float(np.tanh(law.unbias(fit)[0][0]))


def stability_statistics(
    design: UnknownDateDesign, series: FloatArray, known_onset: int | None = None
) -> Mapping[str, FloatArray]:
    """Every statistic in every series on the years and regressors of `design`, shape (m,) each."""
    x = design.layout.regressors
    with one_thread():
        paths = np.concatenate(
            [
                f_path(design, series[start : start + BLOCK])
                for start in range(0, len(series), BLOCK)
            ]
        )
        found = {
            "sup_f": paths.max(axis=1),
            "ave_f": paths.mean(axis=1),
            "exp_f": special.logsumexp(paths / 2, axis=1) - np.log(paths.shape[1]),
            "recursive_cusum": recursive_cusum(series, x),
            "ols_cusum": ols_cusum(series, x),
            "ols_mosum": ols_mosum(series, x, WINDOW),
            "recursive_estimates": recursive_estimates(series, x),
        }
        if known_onset is not None:
            found["chow"] = _chow(design, series, known_onset)
    return found


def f_path(design: UnknownDateDesign, series: FloatArray) -> FloatArray:
    """k F of a change in all coefficients at each candidate year, shape (m, d)."""
    x, side = design.layout.regressors, design.side
    table = segment_ssr(series, x, side)
    return chow_path(table, x.shape[1], side - 1, len(x) - side - 1)


def check_segments(design: UnknownDateDesign, shortest: int) -> None:
    """Refuse regimes in which the regressors cannot all be estimated.

    Raises:
        DesignError: A run of `shortest` years leaves a coefficient open, or no year to spare.
    """
    x = design.layout.regressors
    n, k = x.shape
    if shortest <= k:
        raise DesignError(
            f"A regime of {design.name} may have {shortest} values; with {k} regressors that all "
            f"change it needs {k + 1}."
        )
    for start in range(n - shortest + 1):
        if np.linalg.matrix_rank(x[start : start + shortest]) < k:
            first, last = design.years[start], design.years[start + shortest - 1]
            raise DesignError(
                f"The regressors of {design.name} cannot be told apart from {first} to {last}; a "
                "regime of its own needs them to vary there."
            )


def _chow(design: UnknownDateDesign, series: FloatArray, onset: int) -> FloatArray:
    x, k = design.layout.regressors, design.layout.n_terms
    before = int((design.years < onset).sum())
    if not k < before < len(x) - k:
        raise DesignError(
            f"{design.name} has {before} values before {onset} and {len(x) - before} from then on; "
            f"each regime needs {k + 1}."
        )
    whole = _residual_squares(series, x)
    split = _residual_squares(series[:, :before], x[:before])
    split += _residual_squares(series[:, before:], x[before:])
    f: FloatArray = (whole - split) / k / (split / (len(x) - 2 * k))
    return f


def _residual_squares(series: FloatArray, x: FloatArray) -> FloatArray:
    q, _ = np.linalg.qr(x)
    residuals = series - (series @ q) @ q.T
    squares: FloatArray = (residuals**2).sum(axis=1)
    return squares
