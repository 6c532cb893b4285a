"""Measure speed as a ratio against a named alternative, in one run: `make bench`.

Everything runs in one thread and is timed in seconds of processor time, so that other work on the
machine counts little; each figure is the median of repeated runs, one more left out. Alternatives
that would take hours are timed on fewer series and scaled.
"""

import platform
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import statsmodels

from analysis.calibration.law import simulate_errors, simulate_fits
from analysis.calibration.size_table import null_design
from analysis.kernel import ar1
from analysis.kernel.ar1 import Fits, fit_ar1, reml_profile
from analysis.kernel.placements import candidate_years, place_all, placement_p
from analysis.kernel.threads import one_thread
from benchmarks.loop import bootstrap_one, fit_one, permute_one, permute_one_by_numpy
from benchmarks.products import only_products, operations, unavoidable

SERIES = 20_000
LOOPED = 100  # series of a loop with statsmodels
PERMUTED = 5  # series of a plain loop over placements
REPEATS = 7
RHO = 0.6
DATES = np.array([2012, 2014, 2017])
SPACING = 2

DESIGN = null_design(1992)
LAYOUT = DESIGN.layout


def median_seconds(*calls: Callable[[], object]) -> list[float]:
    """Median processor time of repeated runs of each call, the first ones left out.

    The calls take turns, so that a busier minute of the machine is a busier minute of all.
    """
    spent: list[list[float]] = [[] for _ in calls]
    for _ in range(1 + REPEATS):
        for times, call in zip(spent, calls, strict=True):
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
    return [statistics.median(times[1:]) for times in spent]


def say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def draw_and_fit(series: int) -> Fits:
    return simulate_fits(
        LAYOUT, DESIGN.contrasts, DESIGN.joint,
        rho=RHO, kappa=1.0, seed=1, stream="bench", series=series,
    )  # fmt: skip


def main() -> None:
    say(
        f"Python {platform.python_version()}, NumPy {np.__version__}, statsmodels "
        f"{statsmodels.__version__}; microseconds of processor time a series, one thread"
    )
    with one_thread():
        compare_fits()
        compare_bootstrap()
        compare_permutation()
        measure_growth()


def compare_fits() -> None:
    errors = simulate_errors(LAYOUT, rho=RHO, kappa=1.0, seed=1, stream="bench", series=SERIES)
    some = errors[:LOOPED]
    errors = np.asfortranarray(errors)  # as the simulation hands them on
    products = unavoidable(LAYOUT, DESIGN.contrasts, len(DESIGN.joint))
    batch, bare, loop = median_seconds(
        lambda: fit_ar1(errors, LAYOUT, DESIGN.contrasts, DESIGN.joint),
        only_products(products, SERIES),
        lambda: [fit_one(row, LAYOUT.regressors) for row in some],
    )
    batch, bare, loop = batch / SERIES, bare / SERIES, loop / LOOPED
    same, better = compare_peaks(some)
    say(
        f"AR(1) fits by REML, {LAYOUT.n_obs} years, {LAYOUT.n_terms} terms",
        f"  batched kernel, {SERIES:,} series           {1e6 * batch:9.3f}",
        f"  matrix products it cannot avoid        {1e6 * bare:9.3f}  "
        f"{operations(products):,} operations: "
        + ", ".join(f"{rows} x {inner}" for rows, inner in products.values()),
        f"  statsmodels and a scalar search, {LOOPED}   {1e6 * loop:9.1f}",
        f"  the loop takes {loop / batch:,.0f} times as long; the kernel takes "
        f"{batch / bare:.2f} times its products",
        f"  t agrees to 1e-4 in {same} of {LOOPED} series; in {better} of the other "
        f"{LOOPED - same} the search stopped at a lower peak",
    )


def compare_peaks(series: np.ndarray) -> tuple[int, int]:
    """In how many series both agree, and in how many of the others the kernel found more."""
    fits = fit_ar1(series, LAYOUT, np.eye(LAYOUT.n_terms))
    same = better = 0
    for row, each in enumerate(series):
        rho, statistics_of_loop = fit_one(each, LAYOUT.regressors)
        if np.abs(fits.statistics[row] - statistics_of_loop).max() < 1e-4:
            same += 1
        else:
            here, there = reml_profile(each, LAYOUT, np.array([fits.rho[row], rho]))
            better += bool(here >= there)
    return same, better


def compare_bootstrap() -> None:
    generator = np.random.default_rng(1)
    batch, loop = median_seconds(
        lambda: draw_and_fit(SERIES),
        lambda: [bootstrap_one(generator, RHO, LAYOUT.regressors) for _ in range(LOOPED)],
    )
    batch, loop = batch / SERIES, loop / LOOPED
    say(
        "Parametric bootstrap: draw a null series and fit it",
        f"  batched, {SERIES:,} series                  {1e6 * batch:9.3f}",
        f"  loop with NumPy and statsmodels, {LOOPED}   {1e6 * loop:9.1f}",
        f"  the loop takes {loop / batch:,.0f} times as long",
    )


def compare_permutation() -> None:
    years = LAYOUT.years
    candidates = candidate_years(years, "sum")
    placements = place_all(candidates, DATES, SPACING)
    series = simulate_errors(LAYOUT, rho=RHO, kappa=1.0, seed=1, stream="bench", series=SERIES)
    weights = np.ones(len(DATES))

    def batched() -> np.ndarray:
        return placement_p(series, years, placements, statistic="sum", weights=weights)

    positions, dates = [int(year - years[0]) for year in candidates], list(DATES - years[0])
    where = placements.where + positions[0]

    def looped() -> list[float]:
        return [permute_one(row, positions, dates, SPACING)[0] for row in series[:PERMUTED]]

    def by_numpy() -> list[float]:
        return [permute_one_by_numpy(row, where, placements.declared) for row in series[:LOOPED]]

    batch, loop, arrays = median_seconds(batched, looped, by_numpy)
    batch, loop, arrays = batch / SERIES, loop / PERMUTED, arrays / LOOPED
    away = max(
        np.abs(batched()[:PERMUTED] - looped()).max(), np.abs(batched()[:LOOPED] - by_numpy()).max()
    )
    say(
        f"Date permutation: {len(DATES)} dates among {len(placements):,} placements",
        f"  batched, {SERIES:,} series                  {1e6 * batch:9.3f}",
        f"  plain loop over placements, {PERMUTED} series     {1e6 * loop:9.1f}",
        f"  loop over series, arrays over placements {1e6 * arrays:7.1f}",
        f"  the plain loop takes {loop / batch:,.0f} times as long, the other "
        f"{arrays / batch:,.0f} times; largest difference of p {away:.1e}",
    )


def measure_growth() -> None:
    once, twice = median_seconds(lambda: draw_and_fit(SERIES), lambda: draw_and_fit(2 * SERIES))
    say(
        f"Growth: drawing and fitting {2 * SERIES:,} series instead of {SERIES:,} takes "
        f"{twice / once:.2f} times as long",
        f"Memory beyond the fits themselves, in blocks of {ar1.BLOCK:,} series (MB at the peak)",
    )
    for series in (SERIES, 2 * SERIES, 5 * SERIES):
        tracemalloc.start()
        fits = draw_and_fit(series)
        kept, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        say(
            f"  {series:8,} series: {(peak - kept) / 1e6:6.1f}, and {kept / 1e6:.1f} of fits; "
            f"all series at once would be {8e-6 * series * LAYOUT.n_obs:.1f}"
        )
        del fits


if __name__ == "__main__":
    main()
