"""Measure the test for a step at an unknown date on the very design it is used on.

Size is counted in series without a step at the median-unbiased rho and at both ends of its
interval, with rho estimated anew in each; power and the date found, in series with one step at a
given date; the coverage of the date set, in series with a step, each with its own simulation.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.break_date import (
    EXACT,
    BreakDateTest,
    behind_with_step,
    step_law,
)
from analysis.calibration.break_law import DateLaw, Scanned, scan_key, scan_series, towards
from analysis.calibration.law import simulate_errors
from analysis.calibration.reach import monte_carlo_error
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.ml_profile import scan_dates
from analysis.kernel.streams import standard_normals
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
INNER_DRAWS = 299  # series behind one date's p within a measurement of coverage
NEAR = 1  # dates to either side that count as found


@dataclass(frozen=True, eq=False)
class MeasuredDate:
    """Operating characteristics of the test for a step at an unknown date.

    Attributes:
        series: Simulated series behind each rate.
        alpha: Level of the test.
        size: False-positive rate at alpha at the estimated (rho, kappa).
        size_mc_error: Its Monte Carlo standard error.
        size_ends: The same rate at the lower and the upper end of the interval of rho.
        steps: Index effect in marginal sds of the errors; power, exact_date and near_date (within
            a candidate), each the share of all series with a step of that size at `onset`.
        onset: Where the steps of `steps` are.
    """

    series: int
    alpha: float
    size: float
    size_mc_error: float
    size_ends: tuple[float, float]
    steps: pd.DataFrame
    onset: int

    @property
    def worst_size(self) -> float:
        return max(self.size, *self.size_ends)

    def to_frame(self) -> pd.DataFrame:
        """Power by size of the step."""
        return self.steps.copy()

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**values, "steps": self.steps.reset_index().to_dict(orient="records")}


@dataclass(frozen=True, slots=True)
class MeasuredSet:
    """How often the date set covers the date of a step.

    Attributes:
        series: Simulated series.
        coverage: Share of series whose date set holds the date.
        mc_error: Its Monte Carlo standard error.
        effect: Size of the step in marginal sds of the errors.
        onset: Its date.
        level: Nominal coverage.
    """

    series: int
    coverage: float
    mc_error: float
    effect: float
    onset: int
    level: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure_break_date(
    test: BreakDateTest,
    *,
    onset: int,
    effects: Sequence[float] = (1.0, 2.0, 3.0),
    alternative: str = "two-sided",
    alpha: float = 0.05,
    series: int = 20_000,
) -> MeasuredDate:
    """Count size, power and dates found on this design.

    Args:
        test: From `calibrate_break_date`.
        onset: Candidate year at which steps are planted.
        effects: Their sizes in marginal sds of the errors; negative against "greater".
        alternative: "two-sided", "greater" or "less".
        alpha: Level of the test.
        series: Simulated series behind each rate.
    """

    def found(drawn: FloatArray) -> float:
        return found_share(test.law, scan_series(drawn, test.design.scan), alternative, alpha)

    low, high = (found(_errors(test, rho, series)) for rho in test.rho_interval)
    errors = _errors(test, test.rho, series)
    size = found(errors)
    shape = (test.design.years >= onset) / np.sqrt(1 - test.rho**2)
    place = int(np.searchsorted(test.design.onsets, onset))
    rows = []
    for effect in effects:
        scanned = scan_series(errors + effect * shape, test.design.scan)
        away = np.abs(towards(scanned.dates.roots, alternative).argmax(axis=1) - place)
        rows.append(
            {
                "effect": effect,
                "power": found_share(test.law, scanned, alternative, alpha),
                "exact_date": float((away == 0).mean()),
                "near_date": float((away <= NEAR).mean()),
            }
        )
    return MeasuredDate(
        series=series,
        alpha=alpha,
        size=size,
        size_mc_error=monte_carlo_error(size, series),
        size_ends=(low, high),
        steps=pd.DataFrame(rows).set_index("effect"),
        onset=onset,
    )


def found_share(law: DateLaw, scanned: Scanned, alternative: str, alpha: float) -> float:
    """Share of scanned series in which a step is found at alpha, rho estimated in each."""
    null = law.of(alternative)
    critical = null.joint_critical(alpha, null.place(scanned.reml))
    reached = towards(scanned.dates.roots, alternative).max(axis=1)
    return float((reached >= critical).mean())


def measure_date_set(
    test: BreakDateTest,
    *,
    onset: int,
    effect: float,
    level: float = 0.95,
    series: int = 1_000,
    draws: int = INNER_DRAWS,
) -> MeasuredSet:
    """Count how often the date set holds the date of a step of this size, at constant spread.

    Args:
        test: From `calibrate_break_date`.
        onset: Candidate year of the step.
        effect: Its size in marginal sds of the errors.
        level: Nominal coverage.
        series: Simulated series, each with its own null law of the date.
        draws: Series behind each of these laws.
    """
    design = test.design
    step = effect / np.sqrt(1 - test.rho**2) * (design.years >= onset)
    outer = _errors(test, test.rho, series) + step
    layout = design.layout_with(onset)
    with one_thread():
        fits = fit_ar1(outer, layout, np.eye(layout.n_terms)[-1:])
        ratios = scan_dates(outer, design.scan).likelihood_ratios
    rho = np.tanh(step_law(design, onset, test.seed).unbias(fits)[0])
    sizes = fits.estimates[:, 0] / fits.innovation_sd
    place = int(np.searchsorted(design.onsets, onset))
    behind = ratios.max(axis=1) - ratios[:, place]
    span = int(design.years[-1] - design.years[0]) + 1
    key = scan_key(design.scan)
    covered = 0
    for number in range(series):
        normals = standard_normals(test.seed, f"inner:{key}:{number}", 0, draws, span)
        simulated = behind_with_step(
            design, normals, onset=onset, step=float(sizes[number]), rho=float(rho[number])
        )
        reached = (simulated >= behind[number] - EXACT).sum()
        covered += int((1 + reached) / (1 + draws) > 1 - level)
    share = covered / series
    return MeasuredSet(series, share, monte_carlo_error(share, series), effect, onset, level)


def _errors(test: BreakDateTest, rho: float, series: int) -> FloatArray:
    return simulate_errors(
        test.design.layout,
        rho=rho,
        kappa=test.kappa,
        seed=test.seed,
        stream=f"date-reach:{scan_key(test.design.scan)}",
        series=series,
    )
