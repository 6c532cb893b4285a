"""Say what a design could find, before there are any data.

The same test, null law and counting as for a study's own claims, at assumed autocorrelations and
constant innovation variance; effects in marginal standard deviations of the error process.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from analysis.calibration.law import simulate_fits
from analysis.calibration.reach import POWER_WANTED, Reach, reach_of_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import MIN_AFTER, MIN_VALUES, StepsDesign, steps_design

EFFECTS = (0.5, 1.0, 2.0, 3.0)  # sd: slight, an increase, remarkable, dramatic
FARTHEST = 60  # years looked ahead for the first that could decide


@dataclass(frozen=True, slots=True)
class Prospect:
    """What one step of a design could show at one autocorrelation.

    Attributes:
        rho: Assumed autocorrelation.
        term: A juncture, or "total".
        size: False-positive rate at alpha, rho and kappa estimated in every series.
        power: Chance to find each of `EFFECTS`, by size in sd.
        detectable: Effect found four times in five, sd.
    """

    rho: float
    term: str
    size: float
    power: Mapping[float, float]
    detectable: float

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def plan_steps(
    years: tuple[int, int],
    onsets: Mapping[str, int],
    rhos: Sequence[float],
    *,
    trend: str = "linear",
    alternative: str = "greater",
    alpha: float = 0.05,
    shelf: LawShelf,
    series: int = 20_000,
) -> list[Prospect]:
    """Measure size, power and detectable effect of every step at every rho.

    Args:
        years: First and last year of the series to come.
        onsets: First year counted as after, by juncture.
        rhos: Assumed autocorrelations, each in (-1, 1).
        trend: "none", "linear" or "quadratic".
        alternative: "greater", "less" or "two-sided".
        alpha: Level of the test.
        shelf: Null laws and seed.
        series: Simulated series behind each rate.

    Raises:
        DesignError: The dates and years make no design.
    """
    design = blank_design(years, onsets, trend)
    return [
        _prospect(reach, rho, term)
        for rho in rhos
        for term, reach in _reaches(design, rho, alternative, alpha, shelf, series).items()
    ]


def first_deciding_year(
    first: int,
    onsets: Mapping[str, int],
    rho: float,
    *,
    effect: float,
    trend: str = "linear",
    alternative: str = "greater",
    alpha: float = 0.05,
    shelf: LawShelf,
    series: int = 5_000,
) -> dict[str, int | None]:
    """First year of data with which each step of `effect` sd is found four times in five.

    Years up to `FARTHEST` after the last onset are looked at; None where not even those would do:
    what lies between two junctures two years apart does not grow with the years after them.

    Raises:
        DesignError: The dates and years make no design.
    """
    earliest = max(onsets.values()) + MIN_AFTER - 1
    found: dict[int, dict[str, bool]] = {}

    def enough(last: int) -> dict[str, bool]:
        if last not in found:
            design = blank_design((first, last), onsets, trend)
            reaches = _reaches(design, rho, alternative, alpha, shelf, series)
            found[last] = {
                term: reach.found(effect * _sd(rho)) >= POWER_WANTED
                for term, reach in reaches.items()
            }
        return found[last]

    earliest = max(earliest, first + MIN_VALUES - 1)
    latest = last_year_looked_at(onsets)
    return {term: _first(term, earliest, latest, enough) for term in enough(earliest)}


def last_year_looked_at(onsets: Mapping[str, int]) -> int:
    """The last year of data that `first_deciding_year` considers."""
    return max(onsets.values()) + FARTHEST


def blank_design(years: tuple[int, int], onsets: Mapping[str, int], trend: str) -> StepsDesign:
    """The design without data; its power does not depend on them."""
    span = range(years[0], years[1] + 1)
    zigzag = pd.Series([float(year % 2) for year in span], index=span)
    return steps_design(zigzag, onsets, name=f"the series of {years[0]}-{years[1]}", trend=trend)


def _first(
    term: str, earliest: int, latest: int, enough: Callable[[int], dict[str, bool]]
) -> int | None:
    """First year from which `enough` holds, by halving; power grows with the years."""
    if not enough(latest)[term]:
        return None
    low, high = earliest - 1, latest
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle)[term] else (middle, high)
    return high


def _reaches(
    design: StepsDesign, rho: float, alternative: str, alpha: float, shelf: LawShelf, series: int
) -> dict[str, Reach]:
    layout, contrasts = design.layout, design.contrasts
    law = shelf.law(layout, contrasts, design.joint)
    fits = simulate_fits(
        layout,
        contrasts,
        design.joint,
        rho=rho,
        kappa=1.0,
        seed=shelf.seed,
        stream="plan",
        series=series,
    )
    return {
        term: reach_of_steps(fits, law, contrast=at, alternative=alternative, alpha=alpha)
        for at, term in enumerate(design.terms)
    }


def _prospect(reach: Reach, rho: float, term: str) -> Prospect:
    sd = _sd(rho)
    return Prospect(
        rho=rho,
        term=term,
        size=reach.found(),
        power={effect: reach.found(effect * sd) for effect in EFFECTS},
        detectable=reach.detectable() / sd,
    )


def _sd(rho: float) -> float:
    """Marginal sd of an AR(1) with innovations of sd one."""
    return float(1 / np.sqrt(1 - rho * rho))
