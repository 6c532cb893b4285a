"""Measure size, coverage and the whole power curve of one term on the study's own design.

A step moves t by effect / se and leaves rho, kappa and se as they are, so that one simulation of
the null gives the power at every effect; see `reach`. The joint F is fitted anew at each effect.
Effects are in marginal sds of the fitted errors, the unit "sd" of the claims. The series are those
behind the size and power of a verdict, so that the curve passes through its numbers.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.law import simulate_errors
from analysis.calibration.reach import (
    POWER_WANTED,
    Reach,
    joint_found,
    monte_carlo_error,
    reach_of_steps,
)
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import layout_key
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
EFFECTS = tuple(step / 4 for step in range(17))  # 0 to 4 sd


@dataclass(frozen=True, slots=True)
class Asked:
    """One claim's test.

    Attributes:
        term: A juncture, "total" or "joint".
        alternative: "greater", "less" or "two-sided".
        alpha: Level of the test, uncorrected.
    """

    term: str
    alternative: str
    alpha: float


@dataclass(frozen=True, slots=True)
class Rate:
    """A share counted in simulated series, and its Monte Carlo standard error."""

    rate: float
    mc_error: float

    @classmethod
    def counted(cls, share: float, series: int) -> "Rate":
        return cls(share, monte_carlo_error(share, series))


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """How often one test finds what is there and what is not.

    Attributes:
        asked: The test.
        series: Simulated series behind each rate.
        rho: Median-unbiased autocorrelation at which they were drawn.
        rho_interval: Its interval, at whose ends size is counted too.
        kappa: Ratio of innovation sds at which they were drawn.
        sd: One marginal sd of the fitted errors in the unit of the transformed outcome.
        size: False-positive rate at (rho, kappa).
        size_ends: The same at both ends of the interval of rho.
        coverage: Share of series whose 1 - alpha interval covers the truth; None for the joint F.
        power: Rates of `EFFECTS`; of the joint F a step of that size at every juncture.
        detectable: Effect found four times in five, sd; None for the joint F.
        detectable_mc_error: Its Monte Carlo standard error.
    """

    asked: Asked
    series: int
    rho: float
    rho_interval: tuple[float, float]
    kappa: float
    sd: float
    size: Rate
    size_ends: tuple[Rate, Rate]
    coverage: Rate | None
    power: tuple[Rate, ...]
    detectable: float | None
    detectable_mc_error: float | None

    def to_dict(self) -> dict[str, object]:
        fields = asdict(self)
        power = [
            {"effect": effect, **row} for effect, row in zip(EFFECTS, fields["power"], strict=True)
        ]
        return {**fields.pop("asked"), **fields, "power": power}

    def to_frame(self) -> pd.DataFrame:
        """Power and its Monte Carlo error by effect in sd."""
        rows = [asdict(rate) for rate in self.power]
        return pd.DataFrame(rows, index=pd.Index(EFFECTS, name="effect"))


def measure_curve(test: StepsTest, asked: Asked, *, seed: int, series: int) -> PowerCurve:
    """Size at the estimate and at both ends of rho, coverage, and power from 0 to 4 sd.

    Args:
        test: Fit and null law.
        asked: Term, alternative and level.
        seed: Of the simulation; with that of the null law the numbers are those of the verdict.
        series: Simulated series.
    """
    layout = test.design.layout

    def draw(rho: float) -> FloatArray:
        stream = f"reach:{layout_key(layout)}"
        return simulate_errors(
            layout, rho=rho, kappa=test.kappa, seed=seed, stream=stream, series=series
        )

    errors = draw(test.rho)
    low, high = (size_in(test, asked, fit_test(draw(rho), test)) for rho in test.rho_interval)
    fits = fit_test(errors, test)
    unit = test.in_first_sd(test.marginal_sd)
    if asked.term == "joint":
        power = [_joint_power(test, asked, errors, effect * unit) for effect in EFFECTS]
        detectable: tuple[float | None, float | None] = (None, None)
    else:
        here = reach_of(test, asked, fits)
        power = [here.found(effect * unit) for effect in EFFECTS]
        effect, error = _detectable(here)
        detectable = (effect / unit, error / unit)
    return PowerCurve(
        asked=asked,
        series=series,
        rho=test.rho,
        rho_interval=test.rho_interval,
        kappa=test.kappa,
        sd=test.marginal_sd,
        size=size_in(test, asked, fits),
        size_ends=(low, high),
        coverage=coverage_in(test, asked, fits),
        power=tuple(Rate.counted(share, series) for share in power),
        detectable=detectable[0],
        detectable_mc_error=detectable[1],
    )


def fit_test(series: FloatArray, test: StepsTest) -> Fits:
    """Fit simulated series as the test fits its own."""
    with one_thread():
        return fit_ar1(series, test.design.layout, test.design.contrasts, test.design.joint)


def size_in(test: StepsTest, asked: Asked, fits: Fits) -> Rate:
    """Share of fitted series in which the term is found."""
    if asked.term == "joint":
        share = joint_found(fits, test.law, asked.alpha)
    else:
        share = reach_of(test, asked, fits).found()
    return Rate.counted(share, len(fits.rho))


def coverage_in(test: StepsTest, asked: Asked, fits: Fits) -> Rate | None:
    """Share of fitted series whose interval covers zero, the truth; None for the joint F."""
    if asked.term == "joint":
        return None
    outside = reach_of(test, Asked(asked.term, "two-sided", asked.alpha), fits).found()
    return Rate.counted(1 - outside, len(fits.rho))


def reach_of(test: StepsTest, asked: Asked, fits: Fits) -> Reach:
    """How far each fitted series is from being called a finding."""
    return reach_of_steps(
        fits,
        test.law,
        contrast=test.design.terms.index(asked.term),
        alternative=asked.alternative,
        alpha=asked.alpha,
    )


def _joint_power(test: StepsTest, asked: Asked, errors: FloatArray, effect: float) -> float:
    shape = test.design.layout.regressors @ test.design.joint.sum(axis=0)
    return joint_found(fit_test(errors + effect * shape, test), test.law, asked.alpha)


def _detectable(reach: Reach) -> tuple[float, float]:
    """The effect found four times in five, and half the distance of the ranks an error apart."""
    count = len(reach.statistics)
    spread = np.sqrt(POWER_WANTED * (1 - POWER_WANTED) / count)
    below, above = (reach.detectable(POWER_WANTED + sign * spread) for sign in (-1, 1))
    return reach.detectable(), (above - below) / 2
