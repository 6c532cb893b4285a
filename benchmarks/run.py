"""Measure speed as a ratio against a named alternative, in one run: `make bench`."""

import platform
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import statsmodels

from analysis.calibration.law import simulate_errors
from analysis.calibration.size_table import null_design
from analysis.kernel.ar1 import fit_ar1
from benchmarks import wide_panel
from benchmarks.loop import fit_one

SERIES = 20_000
LOOPED = 100
REPEATS = 5


def median_seconds(call: Callable[[], object]) -> float:
    """Median of repeated runs, the first one left out."""
    call()
    spent = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def main() -> None:
    design = null_design(1992)
    layout = design.layout
    errors = simulate_errors(layout, rho=0.6, kappa=1.0, seed=1, stream="bench", series=SERIES)
    batch = median_seconds(lambda: fit_ar1(errors, layout, design.contrasts, design.joint))
    some = errors[:LOOPED]
    loop = median_seconds(lambda: [fit_one(row, layout.regressors) for row in some])
    ratio = (loop / LOOPED) / (batch / SERIES)
    batched, single = (
        fit_ar1(some, layout, np.eye(layout.n_terms)),
        fit_one(some[0], layout.regressors),
    )
    away = np.abs(batched.statistics[0] - single[1]).max()
    each, one = 1e6 * batch / SERIES, 1e6 * loop / LOOPED
    lines = [
        f"AR(1) fits by REML, {layout.n_obs} years, {layout.n_terms} terms; "
        f"Python {platform.python_version()}, NumPy {np.__version__}",
        f"  batched kernel, {SERIES:,} series: {each:.2f} microseconds a series",
        f"  loop with statsmodels {statsmodels.__version__}, {LOOPED} series: {one:.0f}",
        f"  ratio {ratio:,.0f}; largest difference of t in the first series {away:.1e}",
    ]
    sys.stdout.write("\n".join([*lines, *wide_panel.measure()]) + "\n")


if __name__ == "__main__":
    main()
