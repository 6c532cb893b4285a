"""Measure size, coverage and power of tests that are more than one contrast of one regression.

Series are drawn on the years of the test with the errors it was fitted with, an effect is added,
and the whole test is read in each: companions, guards and agreements are part of what is counted.
Effects are in marginal sds of the fitted errors and have the shape that the power of the verdict
takes for granted. Of a mediation both series are drawn, and an effect of x sd is made of two paths
of root x.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.break_date_test import ExpectedDateTest
from analysis.calibration.departure_rates import DepartureRate
from analysis.calibration.departures import COUNTS, DEPARTURES, draw_departure
from analysis.calibration.inner_regression import regression_of
from analysis.calibration.law import simulate_errors
from analysis.calibration.mediation import SIDES, MediationTest
from analysis.calibration.nonnested import NonnestedTest
from analysis.calibration.order_test import OrderTest
from analysis.calibration.planted import shape_of
from analysis.calibration.power_curves import EFFECTS, Asked, PowerCurve, Rate
from analysis.calibration.ratio_test import RatioTest
from analysis.calibration.reach import POWER_WANTED, monte_carlo_error
from analysis.calibration.readings import Readings, read_outcomes, read_steps
from analysis.calibration.relation import RelationTest
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import layout_key
from analysis.calibration.tested import SelfMeasuring
from analysis.design.steps import StepsDesign
from analysis.panel.transform import find_transform

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Test = StepsTest | SelfMeasuring
ROOT = "sqrt38"
NEAR_NONE = 1e-4  # share of series whose probit still says something


@dataclass(frozen=True, eq=False)
class Drawn:
    """One series that is drawn for a test.

    Attributes:
        design: Years and dates.
        rho: Median-unbiased autocorrelation.
        kappa: Ratio of innovation sds, likewise.
        rho_interval: Interval of rho.
        path: What an effect of so many sd adds by year, in innovation sds before the onset.
    """

    design: StepsDesign
    rho: float
    kappa: float
    rho_interval: tuple[float, float]
    path: Callable[[float], FloatArray]

    def errors(self, rho: float, *, seed: int, series: int) -> FloatArray:
        """Series in which nothing happens, shape (series, n)."""
        layout = self.design.layout
        stream = f"reach:{layout_key(layout)}"
        return simulate_errors(
            layout, rho=rho, kappa=self.kappa, seed=seed, stream=stream, series=series
        )


@dataclass(frozen=True, eq=False)
class RowTest:
    """A test read in simulated series.

    Attributes:
        test: As made on the study.
        asked: Term, alternative and level.
        drawn: The outcome; of a mediation the mediator and the outcome.
    """

    test: Test
    asked: Asked
    drawn: tuple[Drawn, ...]

    @classmethod
    def of(cls, test: Test, asked: Asked) -> "RowTest | None":
        """A test that can be read in simulated series; None for the others."""
        drawn = _series_drawn(test, asked)
        if drawn is None:
            return None
        made = cls(test, asked, drawn)
        few = [each.errors(each.rho, seed=0, series=1) for each in drawn]
        return None if made.p_values(few) is None else made

    @property
    def joined(self) -> bool:
        """Whether several parts have to agree, so that the level is seldom used up."""
        return isinstance(
            self.test, RelationTest | MediationTest | OrderTest | NonnestedTest | ExpectedDateTest
        )

    def p_values(self, rows: list[FloatArray]) -> FloatArray | None:
        """p in each simulated study; None for designs that are not read so."""
        asked = self.asked
        if isinstance(self.test, MediationTest):
            first, second = self.test.first, self.test.second
            sides = SIDES[asked.alternative]
            return np.maximum(
                read_steps(first, asked.term, rows[0], sides[0], asked.alpha).p_values,
                read_steps(second, second.terms[0], rows[1], sides[1], asked.alpha).p_values,
            )
        found = self._read(rows)
        return None if found is None else found.p_values

    def found(self, rows: list[FloatArray]) -> Rate:
        """Share of studies in which the term is found."""
        p = self.p_values(rows)
        assert p is not None  # `of` has made sure
        return self._share_found(p)

    def size_and_coverage(self, rows: list[FloatArray]) -> tuple[Rate, Rate | None]:
        """False positives, and the share of studies whose 1 - alpha interval covers zero.

        The latter is None without an interval.
        """
        if isinstance(self.test, MediationTest):
            return self.false_positives(rows), None
        found = self._read(rows)
        assert found is not None  # `of` has made sure
        size = self._share_found(found.p_values)
        if isinstance(self.test, OrderTest) or np.isnan(found.narrow).any():
            return size, None
        low, high = found.narrow
        return size, Rate.counted(float(((low <= 0) & (high >= 0)).mean()), len(low))

    def false_positives(self, rows: list[FloatArray]) -> Rate:
        """Share of studies without the effect in which it is found.

        Of a mediation the larger of two: the first path as estimated and no second, and the second
        as estimated and no first.
        """
        if not isinstance(self.test, MediationTest):
            return self.found(rows)
        first, second = self.test.first, self.test.second
        a = abs(float(first.fit.estimates[0, first.terms.index(self.asked.term)]))
        b = abs(float(second.fit.estimates[0, 0]))
        sizes = np.array([first.in_first_sd(a), second.in_first_sd(b)]) / self.test.units
        steps = [size * each.path(1.0) for size, each in zip(sizes, self.drawn, strict=True)]
        alone = [[rows[0] + steps[0], rows[1]], [rows[0], rows[1] + steps[1]]]
        return max(map(self.found, alone), key=lambda rate: rate.rate)

    def _read(self, rows: list[FloatArray]) -> Readings | None:
        """The one series drawn, read; None for designs that are not read so."""
        asked = self.asked
        # p is the same at every level; the inner interval at half of alpha is the outer one.
        return read_outcomes(
            self.test, asked.term, self._outcomes(rows[0]), asked.alternative, asked.alpha / 2
        )

    def _share_found(self, p: FloatArray) -> Rate:
        return Rate.counted(float((p <= self.asked.alpha).mean()), len(p))

    def _outcomes(self, rows: FloatArray) -> FloatArray:
        """As the test reads them: whole counts for a test of counts."""
        if not isinstance(self.test, RatioTest):
            return rows
        root, stabilised = find_transform(ROOT), self.test.rates.stabilised
        mean = float(stabilised.design.series.mean())
        sd = float(stabilised.fit.innovation_sd[0])
        counts: FloatArray = np.round(root.inverse(np.maximum(mean + sd * rows, 0.0), rows))
        return np.maximum(counts, 0.0)


def measure_row_curve(measured: RowTest, *, seed: int, series: int) -> PowerCurve:
    """Size at the estimate and at both ends of rho, coverage, and power from 0 to 4 sd.

    Args:
        measured: The test.
        seed: Of the simulation.
        series: Simulated studies behind each rate.
    """

    def draw(*rhos: float) -> list[FloatArray]:
        return [
            each.errors(rho, seed=seed, series=series)
            for each, rho in zip(measured.drawn, rhos, strict=True)
        ]

    def moved(effect: float) -> Rate:
        paths = [each.path(effect) for each in measured.drawn]
        return measured.found([row + path for row, path in zip(errors, paths, strict=True)])

    errors = draw(*(each.rho for each in measured.drawn))
    ends = zip(*(each.rho_interval for each in measured.drawn), strict=True)
    low, high = (measured.false_positives(draw(*end)) for end in ends)
    size, coverage = measured.size_and_coverage(errors)
    # A mediation without its effect may still have one path; elsewhere nothing is there.
    none = moved(0.0) if isinstance(measured.test, MediationTest) else size
    power = (none, *(moved(effect) for effect in EFFECTS[1:]))
    detectable, error = _detectable(power, series)
    outcome = measured.drawn[-1]
    return PowerCurve(
        asked=measured.asked,
        series=series,
        rho=outcome.rho,
        rho_interval=outcome.rho_interval,
        kappa=outcome.kappa,
        sd=measured.test.marginal_sd,
        size=size,
        size_ends=(low, high),
        coverage=coverage,
        power=power,
        detectable=detectable,
        detectable_mc_error=error,
    )


def measure_row_departure(name: str, measured: RowTest, *, seed: int, series: int) -> DepartureRate:
    """Rates under one departure, of both series where two are drawn.

    Args:
        name: Key in `DEPARTURES`; what it says of the outcome must hold, see `departures_from`.
        measured: The test.
        seed: Of the simulation.
        series: Simulated studies.
    """
    rows = [draw_departure(name, each, seed=seed, series=series) for each in measured.drawn]
    if name == COUNTS and isinstance(measured.test, RatioTest):
        stabilised = measured.test.rates.stabilised
        mean, sd = stabilised.design.series.mean(), stabilised.fit.innovation_sd[0]
        rows = [(row - mean) / sd for row in rows]
    size, coverage = measured.size_and_coverage(rows)
    return DepartureRate(
        departure=name,
        words=DEPARTURES[name].words,
        asked=measured.asked,
        series=series,
        size=size,
        coverage=coverage,
    )


def _series_drawn(test: Test, asked: Asked) -> tuple[Drawn, ...] | None:
    if isinstance(test, MediationTest):
        return _both_paths(test, asked)
    if isinstance(test, ExpectedDateTest):
        return (_scanned(test, asked),)
    errors = regression_of(test)
    shape = None if errors is None else shape_of(test, asked.term, asked.alternative)
    if errors is None or shape is None:
        return None
    one = errors.in_first_sd(errors.marginal_sd)
    return (_like(errors, lambda effect: effect * one * shape),)


def _like(errors: StepsTest, path: Callable[[float], FloatArray]) -> Drawn:
    return Drawn(errors.design, errors.rho, errors.kappa, errors.rho_interval, path)


def _both_paths(test: MediationTest, asked: Asked) -> tuple[Drawn, Drawn]:
    a, b = test.units
    sides = SIDES[asked.alternative]
    first = shape_of(test.first, asked.term, sides[0])
    second = shape_of(test.second, test.second.terms[0], sides[1])
    assert first is not None
    assert second is not None
    return (
        _like(test.first, lambda effect: effect**0.5 * a * first),
        _like(test.second, lambda effect: effect**0.5 * b * second),
    )


def _scanned(test: ExpectedDateTest, asked: Asked) -> Drawn:
    """The scanned series, with a step in the middle of the years expected as its one date."""
    shape = shape_of(test, asked.term, asked.alternative)
    assert shape is not None  # it is a step
    scan = test.found.design
    middle = int(test.years[np.flatnonzero(shape)[0]])
    design = StepsDesign(
        name=scan.name,
        series=scan.series,
        onsets={asked.term: middle},
        trend=scan.trend,
        controls=pd.DataFrame(index=scan.series.index),
        error_model="ar1-constant",
    )
    one = 1 / np.sqrt(1 - test.found.rho**2)
    found = test.found
    return Drawn(
        design, found.rho, found.kappa, found.rho_interval, lambda effect: effect * one * shape
    )


def _detectable(power: tuple[Rate, ...], series: int) -> tuple[float | None, float | None]:
    """The effect found four times in five, between the effects measured, and its error."""
    rates = np.maximum.accumulate([each.rate for each in power])
    spread = monte_carlo_error(POWER_WANTED, series)
    if rates[-1] < POWER_WANTED + spread:
        return None, None
    wanted = [POWER_WANTED, POWER_WANTED - spread, POWER_WANTED + spread]
    at, below, above = (float(_reaching(rates, share)) for share in wanted)
    return at, (above - below) / 2


def _reaching(rates: FloatArray, share: float) -> float:
    """Where rising rates of `EFFECTS` reach a share, on straight lines between their probits."""
    after = int(np.argmax(rates >= share))
    if after == 0:
        return EFFECTS[0]
    ends = np.clip([rates[after - 1], rates[after], share], NEAR_NONE, 1 - NEAR_NONE)
    low, high, share = stats.norm.ppf(ends)
    part = (share - low) / (high - low)
    return EFFECTS[after - 1] + float(part) * (EFFECTS[after] - EFFECTS[after - 1])
