"""Measure how often the date-set permutation finds something: where nothing is, and where much is.

Series are drawn on the very years of the design with the errors of the model with steps and trend:
around a straight line, around smooth curves fitted to the series, and with steps at the dates.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.curves import Curve, fit_curves
from analysis.calibration.date_set import exact_p
from analysis.calibration.law import simulate_errors
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.search import smallest_by_halving
from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.store import LawShelf, layout_key
from analysis.design.date_set import DateSetDesign
from analysis.design.steps import StepsDesign

FloatArray = NDArray[np.float64]
SIZE_ALLOWED = 0.075  # above it, in any world, the test cannot carry a finding of "supported"
LARGEST_SEARCHED = 12.0  # marginal sds; an effect beyond is not sought
ROUNDING = 1e-12
HALVINGS = 9  # of the search for the detectable effect: to .02 sd


@dataclass(frozen=True, slots=True)
class DateSetMeasured:
    """How often the test finds something on this design.

    Attributes:
        series: Simulated series behind each rate.
        rho: Median-unbiased autocorrelation of the model with steps and trend.
        kappa: Innovation sd from the first onset on over that before, likewise.
        size: False-positive rate at (rho, kappa) around a straight line.
        size_mc_error: Its Monte Carlo standard error.
        size_ends: The same at both ends of the interval of rho.
        smooth: False-positive rates around the curves fitted to the series, by curve.
        p_maximised: Largest share, over all of these worlds, of series whose p is as small as the
            one observed; it decides where `worst_size` is above `SIZE_ALLOWED`.
        one_step: Rate at which the one step estimated largest, alone, is found.
        power: Power if every date has the smallest effect of interest.
        power_at_claim: Power if every date has the claimed effect.
        detectable: Effect at every date found four times in five, in the transformed outcome;
            nan if none is up to `LARGEST_SEARCHED` sd.
        smallest_p: Smallest p that the number of placements allows.
    """

    series: int
    rho: float
    kappa: float
    size: float
    size_mc_error: float
    size_ends: tuple[float, float]
    smooth: Mapping[str, float]
    p_maximised: float
    one_step: float
    power: float
    power_at_claim: float
    detectable: float
    smallest_p: float

    @property
    def worst_size(self) -> float:
        """Largest false-positive rate where nothing but noise and smooth change is there."""
        return max(self.size, *self.size_ends, *self.smooth.values())

    @property
    def can_support(self) -> bool:
        """Whether the exact p may carry the finding "supported"."""
        return self.worst_size <= SIZE_ALLOWED

    def to_dict(self) -> dict[str, object]:
        return asdict(self)

    def to_frame(self) -> pd.DataFrame:
        """Rates of finding something, one row a world."""
        rows = {
            "fitted": self.size,
            "rho_low": self.size_ends[0],
            "rho_high": self.size_ends[1],
            **self.smooth,
            "one_step": self.one_step,
        }
        frame = pd.DataFrame({"rate": pd.Series(rows)}).rename_axis("world")
        frame["mc_error"] = [monte_carlo_error(rate, self.series) for rate in frame["rate"]]
        return frame


def share_at_most(p: FloatArray, alpha: float) -> float:
    """Share of series found at level alpha."""
    return float((p <= alpha + ROUNDING).mean())


def measure_date_set(
    design: DateSetDesign,
    shelf: LawShelf,
    *,
    smallest_effect: float,
    claimed_effect: float,
    alpha: float = 0.05,
    series: int = 10_000,
) -> DateSetMeasured:
    """Measure size and power by simulating the fitted AR(1) on the very years and dates.

    Args:
        design: From `date_set_design`.
        shelf: Null laws and seed.
        smallest_effect: Step at every date, in the transformed outcome, positive; it goes down
            where the weight is negative or the alternative "less".
        claimed_effect: The same as the claim words it.
        alpha: Level.
        series: Simulated series behind each rate.

    Raises:
        EstimationError: The series is fitted without error.
    """
    test = errors_at_dates(design, shelf)
    world = DateSetWorld(design, test, shelf, series)
    straight = [exact_p(world.errors(rho), design) for rho in (test.rho, *test.rho_interval)]
    curved = {curve.name: exact_p(world.around(curve), design) for curve in world.curves}
    observed = float(exact_p(design.values[None, :], design)[0])
    size, low, high = (share_at_most(p, alpha) for p in straight)
    reached = [
        (1 + np.sum(p <= observed + ROUNDING)) / (1 + series) for p in (*straight, *curved.values())
    ]
    return DateSetMeasured(
        series=series,
        rho=test.rho,
        kappa=test.kappa,
        size=size,
        size_mc_error=monte_carlo_error(size, series),
        size_ends=(low, high),
        smooth={name: share_at_most(p, alpha) for name, p in curved.items()},
        p_maximised=max(observed, *map(float, reached)),
        one_step=world.one_step(alpha),
        power=world.power(smallest_effect, alpha),
        power_at_claim=world.power(claimed_effect, alpha),
        detectable=world.detectable(alpha),
        smallest_p=design.smallest_p,
    )


def steps_at_dates(design: DateSetDesign) -> StepsDesign:
    """Steps at the dates and a trend, which say how the errors behave."""
    nothing = pd.DataFrame(index=design.series.index)
    return StepsDesign(design.name, design.series, design.onsets, "linear", nothing)


def errors_at_dates(design: DateSetDesign, shelf: LawShelf) -> StepsTest:
    """How the errors around steps at the dates and a trend behave; no p is read of it.

    Raises:
        EstimationError: The series is fitted without error.
    """
    steps = steps_at_dates(design)
    return calibrate_steps(steps, shelf.of_estimates(steps.layout, steps.contrasts), draws=19)


@dataclass(frozen=True, eq=False)
class DateSetWorld:
    """Series drawn on the years of a design, in units of the innovation sd before the first onset.

    Attributes:
        design: The dates.
        test: Steps at the dates, which say how the errors behave.
        shelf: Null laws and seed.
        series: How many series are drawn at a time.
    """

    design: DateSetDesign
    test: StepsTest
    shelf: LawShelf
    series: int

    @property
    def stream(self) -> str:
        return f"date-set:{layout_key(self.test.design.layout)}"

    @cached_property
    def curves(self) -> tuple[Curve, ...]:
        """Smooth histories fitted to the series."""
        design = self.design
        return tuple(fit_curves(design.years, design.values, self.shelf).values())

    def errors(self, rho: float) -> FloatArray:
        """Series in which nothing happens, shape (series, n)."""
        return simulate_errors(
            self.test.design.layout,
            rho=rho,
            kappa=self.test.kappa,
            seed=self.shelf.seed,
            stream=self.stream,
            series=self.series,
        )

    def around(self, curve: Curve) -> FloatArray:
        """Series around a curve, shape (series, n)."""
        return curve.draw(
            kappa=self.test.kappa,
            onset=self.test.design.first_onset,
            seed=self.shelf.seed,
            stream=f"{self.stream}:{curve.name}",
            series=self.series,
        )

    def power(self, effect: float, alpha: float) -> float:
        """Rate at which steps of this size at every date are found."""
        errors = self.errors(self.test.rho)
        return self._found(errors + self.test.in_first_sd(effect) * self.staircase, alpha)

    def one_step(self, alpha: float) -> float:
        """Rate with the largest of the estimated steps in the claimed direction, alone."""
        signs = self.directions
        steps = self.test.fit.estimates[0, : len(signs)]
        largest = int(np.argmax(signs * steps))
        alone = self.design.years >= self.design.dates[largest]
        height = self.test.in_first_sd(float(steps[largest]))
        return self._found(self.errors(self.test.rho) + height * alone, alpha)

    def detectable(self, alpha: float) -> float:
        """Effect at every date found four times in five; nan if none is up to the largest."""
        largest = LARGEST_SEARCHED * self.test.marginal_sd
        return smallest_by_halving(lambda effect: self.power(effect, alpha), largest, HALVINGS)

    @property
    def directions(self) -> FloatArray:
        """+1 where a rise is claimed, -1 where a fall is."""
        signs: FloatArray = np.sign(self.design.signs[0])
        return signs

    @cached_property
    def staircase(self) -> FloatArray:
        """Steps of one in the claimed directions at all dates, shape (n,)."""
        steps = self.design.years[:, None] >= self.design.dates
        staircase: FloatArray = steps @ self.directions
        return staircase

    def _found(self, series: FloatArray, alpha: float) -> float:
        return share_at_most(exact_p(series, self.design), alpha)
