"""Measure the two-way regression with dyadic errors on a million dyad-years.

`python -m benchmarks.wide_panel` times it; `--engine NAME` fits once by one engine and prints
seconds and the peak of memory, `--engines` does so for each in a process of its own.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import linearmodels
import numpy as np
import pandas as pd
from linearmodels.panel import PanelOLS

from analysis.estimation.engines import ENGINES, fit_least_squares
from analysis.kernel.dyadic import number_members
from analysis.kernel.panel_covariance import WithinFit, dyadic, fit_within
from analysis.kernel.two_way import Effects, number_levels

STATES, DYADS, YEARS = 1_050, 44_500, 25
KEPT = 0.9  # share of dyad-years that are there
TERMS = 4
LOOPED = 1_500  # rows of the plain loop, which is quadratic in them
COMPARED = 100_000  # rows given to linearmodels
REPEATS = 3


@dataclass(frozen=True)
class MadePanel:
    first: np.ndarray
    second: np.ndarray
    dyad: np.ndarray
    year: np.ndarray
    x: np.ndarray
    y: np.ndarray

    def head(self, dyads: int) -> "MadePanel":
        kept = self.dyad < dyads
        return MadePanel(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def make_panel(dyads: int = DYADS, seed: int = 1) -> MadePanel:
    """Dyads among made-up states; errors share a shock of each state and year."""
    rng = np.random.default_rng(seed)
    pairs = np.stack(np.triu_indices(STATES, 1), axis=1)
    pairs = pairs[np.sort(rng.choice(len(pairs), dyads, replace=False))]
    dyad, year = np.repeat(np.arange(dyads), YEARS), np.tile(np.arange(YEARS), dyads)
    kept = rng.random(len(dyad)) < KEPT
    dyad, year = dyad[kept], year[kept]
    first, second = pairs[dyad].T
    shock = rng.normal(size=(STATES, YEARS))
    x = rng.normal(size=(len(dyad), TERMS)) + (shock[first, year] * shock[second, year])[:, None]
    y = x.sum(axis=1) + shock[first, year] + shock[second, year] + rng.normal(size=len(dyad))
    return MadePanel(first, second, dyad, year, x, y)


def regress(panel: MadePanel) -> tuple[WithinFit, np.ndarray]:
    """Labels to estimates and dyadic-cluster-robust errors."""
    effects = Effects(number_levels(panel.dyad, panel.year))
    fit = fit_within(panel.y, panel.x, effects)
    return fit, dyadic(fit, number_members(panel.first, panel.second)).std_errors


def loop_meat(scores: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The dyadic sum as it is defined: every pair of rows that shares a member."""
    total = np.zeros((scores.shape[1],) * 2)
    sides = list(zip(first.tolist(), second.tolist(), strict=True))
    for r, (a, b) in enumerate(sides):
        for q, (c, d) in enumerate(sides):
            if a in (c, d) or b in (c, d):
                total += np.outer(scores[r], scores[q])
    return total


def regress_elsewhere(panel: MadePanel) -> object:
    """The same regression by linearmodels, with errors clustered by dyad: it has no dyadic ones."""
    index = pd.MultiIndex.from_arrays([panel.dyad, panel.year])
    x = pd.DataFrame(panel.x, index=index, columns=[f"x{j}" for j in range(TERMS)])
    model = PanelOLS(pd.Series(panel.y, index=index), x, entity_effects=True, time_effects=True)
    return model.fit(cov_type="clustered", cluster_entity=True)


def seconds(call: Callable[[], object], repeats: int = REPEATS) -> float:
    spent = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def measure() -> list[str]:
    """Lines of the report."""
    panel = make_panel()
    rows = len(panel.y)
    fit, _ = regress(panel)
    whole = seconds(lambda: regress(panel))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    half = panel.head(DYADS // 2)
    ratio = (whole / rows) / (seconds(lambda: regress(half)) / len(half.y))
    few = slice(0, LOOPED)
    looped = seconds(lambda: loop_meat(fit.scores[few], panel.first[few], panel.second[few]), 1)
    members = number_members(panel.first, panel.second)
    vectorised = seconds(lambda: dyadic(fit, members))
    part = panel.head(int(COMPARED / KEPT / YEARS))
    theirs = seconds(lambda: regress_elsewhere(part), 1)
    ours = seconds(lambda: regress(part))
    return [
        f"Two-way effects and dyadic errors, {rows:,} dyad-years of {STATES:,} states, {TERMS} "
        "regressors",
        f"  labels to errors: {whole:.2f} seconds, at most {memory:.1f} GB; seconds a row against "
        f"half the rows: {ratio:.2f}",
        f"  linearmodels {linearmodels.__version__}, clustered by dyad, {len(part.y):,} rows: "
        f"{theirs:.2f} seconds, {theirs / ours:,.0f} times as long as dyadic errors here",
        f"  plain loop over pairs, {LOOPED:,} rows: {looped:.1f} seconds; for all rows it would "
        f"be {looped * (rows / LOOPED) ** 2 / vectorised:,.0f} times as long",
    ]


def measure_engine(engine: str) -> str:
    """One line: seconds of the fit by one engine, and memory of panel and fit."""
    panel = make_panel()
    effects = Effects(number_levels(panel.dyad, panel.year))
    few = make_panel(100)  # what the engine loads is not counted
    fit_least_squares(few.y, few.x, Effects(number_levels(few.dyad, few.year)), engine)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    spent = seconds(lambda: fit_least_squares(panel.y, panel.x, effects, engine))
    estimates = fit_least_squares(panel.y, panel.x, effects, engine).estimates
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return (
        f"{engine:12}  {spent:6.2f} seconds, {memory:.2f} GB at most, of which {before:.2f} GB "
        f"before the fit; first estimate {estimates[0]:.12f}"
    )


def measure_engines() -> list[str]:
    """The same regression by each engine, each in its own process."""
    return [
        subprocess.run(
            [sys.executable, "-m", "benchmarks.wide_panel", "--engine", engine],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for engine in ENGINES
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES)
    parser.add_argument("--engines", action="store_true")
    asked = parser.parse_args()
    if asked.engine:
        lines = [measure_engine(asked.engine)]
    else:
        lines = measure_engines() if asked.engines else measure()
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
