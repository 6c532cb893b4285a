"""Measure false positives in series in which nothing happens, and store the table.

Years end in 2022 and the onsets are those of the three junctures, so that the designs are the
study's own; the test is one-sided at 5 %, with a linear trend, and the interval is that at
95 %. `size_run` (`make size`) writes the table.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.calibration.law import simulate_errors
from analysis.calibration.reach import joint_found, monte_carlo_error, reach_of_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import StepsDesign, steps_design
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.usual import critical_t, newey_west_statistics, ols_statistics

ONSETS = {"pivot": 2012, "ukraine": 2014, "thaad": 2017}
FIRST_YEARS = (2002, 1998, 1992)
LAST_YEAR = 2022
RHOS = (0.0, 0.3, 0.6, 0.8)
KAPPAS = (1.0, 2.0)
ALPHA = 0.05
SERIES = 20_000
SEED = 20261121
TABLE = Path("reports/size/steps.csv")


@dataclass(frozen=True, slots=True)
class Cell:
    """One design and one error process: share of null series in which a term is found.

    `coverage` is the share of series whose 95 % interval holds the true effect, rho, kappa and the
    level of the interval found anew in each; nan for the joint F, which has none.
    """

    first_year: int
    last_year: int
    rho: float
    kappa: float
    term: str
    series: int
    calibrated: float
    mc_error: float
    ols: float
    newey_west: float
    coverage: float


def null_design(first_year: int) -> StepsDesign:
    """The three junctures in the years from `first_year`, with a linear trend."""
    years = range(first_year, LAST_YEAR + 1)
    zigzag = pd.Series([float(year % 2) for year in years], index=years, name="zigzag")
    return steps_design(zigzag, ONSETS)


def measure_cells(
    design: StepsDesign, rho: float, kappa: float, shelf: LawShelf, series: int
) -> Iterator[Cell]:
    """Count findings of every term in `series` null series drawn at (rho, kappa)."""
    layout, contrasts = design.layout, design.contrasts
    errors = simulate_errors(
        layout, rho=rho, kappa=kappa, seed=shelf.seed, stream="size", series=series
    )
    fits = fit_ar1(errors, layout, contrasts, design.joint)
    law = shelf.law(layout, contrasts, design.joint)
    bound = critical_t(layout.n_obs, layout.n_terms, ALPHA)
    ols = (ols_statistics(errors, layout.regressors, contrasts) >= bound).mean(axis=0)
    usual = (newey_west_statistics(errors, layout.regressors, contrasts) >= bound).mean(axis=0)
    found, missed = (
        [
            reach_of_steps(fits, law, contrast=at, alternative=side, alpha=ALPHA).found()
            for at in range(len(design.terms))
        ]
        for side in ("greater", "two-sided")
    )
    nan = float("nan")
    rows = list(zip(design.terms, found, map(float, ols), map(float, usual), missed, strict=True))
    rows.append(("joint", joint_found(fits, law, ALPHA), nan, nan, nan))
    for term, share, by_ols, by_newey_west, outside in rows:
        yield Cell(
            first_year=int(design.years[0]),
            last_year=int(design.years[-1]),
            rho=rho,
            kappa=kappa,
            term=term,
            series=series,
            calibrated=share,
            mc_error=monte_carlo_error(share, series),
            ols=by_ols,
            newey_west=by_newey_west,
            coverage=1 - outside,
        )


def measure_table(shelf: LawShelf, series: int = SERIES) -> list[Cell]:
    """All cells of the stored table."""
    return [
        cell
        for first_year in FIRST_YEARS
        for kappa in KAPPAS
        for rho in RHOS
        for cell in measure_cells(null_design(first_year), rho, kappa, shelf, series)
    ]


def write_table(cells: list[Cell], path: Path) -> None:
    """Write the cells as text, shares to five digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = list(Cell.__slots__)
    beside = path.with_suffix(".part")
    with beside.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        for cell in cells:
            writer.writerow([_text(getattr(cell, column)) for column in columns])
    beside.replace(path)


def _text(value: object) -> object:
    if not isinstance(value, float):
        return value
    return "" if np.isnan(value) else f"{value:.5f}".rstrip("0").rstrip(".")
