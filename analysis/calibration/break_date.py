"""Test whether one series steps at some date, and say which dates the data allow.

The statistic is the largest likelihood ratio over the candidate dates, each hypothesis with its
own autocorrelation; for a directed claim the largest root in that direction::

    LR(d) = 2 [max_r l_d(r) - max_r l_0(r)],        supLR = max_d LR(d)

1. fit without a step: REML's rho (and kappa, if the spread may change) made median-unbiased;
2. simulate B series without a step at it on the same years, regressors and dates;
3. p = (1 + number of supLR* at least supLR) / (B + 1); the maximised p is the largest over the
   95 % interval of rho, plus .01;
4. a date d0 belongs to the date set if max_d LR(d) - LR(d0) is not among the largest alpha of
   its simulated values when the step is at d0, with the size and rho estimated there.

Assumes normal AR(1) errors and at most one step. Without a step the date set says nothing. A step
that is there raises the rho estimated without it, which costs power and not size.

References: Andrews (1993), Econometrica 61, 821-856, doi:10.2307/2951764, for the supremum; Dufour
(2006), J. Econometrics 133, 443-477, doi:10.1016/j.jeconom.2005.06.007, for the simulated p; Eo &
Morley (2015), Quantitative Economics 6, 463-497, doi:10.3982/QE186, for inverting the LR.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.break_law import (
    DateLaw,
    DateShelf,
    Scanned,
    largest_root,
    scan_key,
    scan_series,
    towards,
)
from analysis.calibration.law import simulate_errors, simulate_law
from analysis.calibration.null_law import NullLaw, Place
from analysis.calibration.steps import BERGER_BOOS, MAXIMISED_OVER, simulated_p
from analysis.design.unknown_date import UnknownDateDesign
from analysis.errors import EstimationError
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.ml_profile import scan_dates
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
SET_DRAWS = 999  # series behind the p of each date
SET_LAW_SERIES = 2_000  # at each node of the law that unbiases rho around a step
EXACT = 1e-10


@dataclass(frozen=True, slots=True)
class DateReading:
    """What the data say of one step at an unknown date, in the unit of the transformed outcome.

    Attributes:
        onset: First year of the new level, where the likelihood is highest.
        estimate: Size of the step there, by REML; too large on average, as the date was chosen.
        std_error: Its standard error as if the date had been given.
        statistic: Likelihood ratio there; negative where every step is against the alternative.
        p_value: Calibrated, for the alternative asked.
        p_maximised: Largest p over the interval of rho, plus .01.
    """

    onset: int
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    p_maximised: float

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, eq=False)
class BreakDateTest:
    """One series scanned over its dates, with the null law at the median-unbiased rho.

    Attributes:
        design: Series, trend and candidate dates.
        found: Fits without a step and with one at each date.
        law: Null laws of the design over the grid of rho (and kappa).
        rho: Median-unbiased autocorrelation without a step.
        kappa: Median-unbiased ratio of innovation sds; one if the spread is constant.
        rho_interval: Every rho not rejected at 5 %.
        drawn: Signed roots of series without a step simulated at (rho, kappa), shape (B, d).
        seed: Of all draws.
    """

    design: UnknownDateDesign
    found: Scanned
    law: DateLaw
    rho: float
    kappa: float
    rho_interval: tuple[float, float]
    drawn: FloatArray
    seed: int
    _p_of: dict[tuple[int, int], float] = field(default_factory=dict)

    @property
    def likelihood_ratios(self) -> pd.Series:
        """LR by candidate year."""
        ratios = self.found.dates.likelihood_ratios[0]
        return pd.Series(ratios, index=self.design.onsets, name="likelihood_ratio")

    def read(self, *, alternative: str = "two-sided") -> DateReading:
        """Read off the test against a step "greater", "less" or "two-sided"."""
        toward = towards(self.found.dates.roots, alternative)[0]
        best = int(toward.argmax())
        root = float(toward[best])
        onset = int(self.design.onsets[best])
        estimate, std_error, _ = self.step_at(onset)
        return DateReading(
            onset=onset,
            estimate=estimate,
            std_error=std_error,
            statistic=float(np.copysign(root * root, root)),
            p_value=simulated_p(root, largest_root(self.drawn, alternative), "greater"),
            p_maximised=self._maximised(root, alternative),
        )

    def date_set(self, *, level: float = 0.95, draws: int = SET_DRAWS) -> pd.DataFrame:
        """Every candidate year with its LR, its p as the date of the step, and whether it is in.

        Returns:
            Index year; likelihood_ratio, behind (the largest LR less this one), p_value, in_set.
        """
        ratios = self.likelihood_ratios
        behind = ratios.max() - ratios
        p_values = self.p_of_dates(self.design.onsets, draws=draws)
        table = pd.DataFrame({"likelihood_ratio": ratios, "behind": behind, "p_value": p_values})
        return table.assign(in_set=table["p_value"] > 1 - level).rename_axis("year")

    def p_of_dates(self, onsets: Iterable[int], *, draws: int = SET_DRAWS) -> list[float]:
        """p of each candidate year as the first year of the step; each is simulated once."""
        years = [int(onset) for onset in onsets]
        ratios = self.likelihood_ratios
        behind = ratios.max() - ratios
        missing = [year for year in years if (year, draws) not in self._p_of]
        if missing:
            stream = f"date-set:{scan_key(self.design.scan)}"
            normals = standard_normals(self.seed, stream, 0, draws, self._span)
            for year in missing:
                self._p_of[year, draws] = self._p_of_date(year, float(behind[year]), normals)
        return [self._p_of[year, draws] for year in years]

    def to_dict(self, *, alternative: str = "two-sided", level: float = 0.95) -> dict[str, Any]:
        """Everything as plain values."""
        dates = self.date_set(level=level)
        return {
            **self.read(alternative=alternative).to_dict(),
            "alternative": alternative,
            "rho": self.rho,
            "kappa": self.kappa,
            "rho_interval": list(self.rho_interval),
            "date_set": [int(year) for year in dates.index[dates["in_set"]]],
            "n_obs": len(self.design.series),
        }

    @property
    def _span(self) -> int:
        return int(self.design.years[-1] - self.design.years[0]) + 1

    def _maximised(self, root: float, alternative: str) -> float:
        low, high = np.arctanh(self.rho_interval)
        kappa = np.full(MAXIMISED_OVER, np.log(self.kappa))
        there = Place(np.linspace(low, high, MAXIMISED_OVER), kappa)
        reached = self.law.of(alternative).joint_exceedance(np.full(MAXIMISED_OVER, root), there)
        return min(1.0, float(reached.max()) + BERGER_BOOS)

    def step_at(self, onset: int) -> tuple[float, float, Fits]:
        """Step at a known date, its standard error and the whole REML fit."""
        layout = self.design.layout_with(onset)
        last = np.eye(layout.n_terms)[-1:]
        fit = fit_ar1(self.design.series.to_numpy(dtype=float)[None, :], layout, last)
        return float(fit.estimates[0, 0]), float(fit.std_errors[0, 0]), fit

    @cached_property
    def step_law(self) -> NullLaw:
        """Law of REML's rho with a step at the likeliest date; the date hardly moves it."""
        likeliest = int(np.argmax(self.found.dates.likelihood_ratios[0]))
        return step_law(self.design, int(self.design.onsets[likeliest]), self.seed)

    def _p_of_date(self, onset: int, behind: float, normals: FloatArray) -> float:
        step, _, fit = self.step_at(onset)
        rho, kappa = self.step_law.unbias(fit)
        simulated = behind_with_step(
            self.design,
            normals,
            onset=onset,
            step=step / float(fit.innovation_sd[0]) * self._sd_share(rho, kappa),
            rho=float(np.tanh(rho[0])),
            kappa=float(np.exp(kappa[0])),
        )
        slack = EXACT * max(1.0, behind)
        return simulated_p(behind - slack, simulated, "greater")

    def _sd_share(self, rho: FloatArray, kappa: FloatArray) -> float:
        """Typical estimated innovation sd, in units of the first sd; one without a change."""
        if self.design.spread_from is None:
            return 1.0
        return self.step_law.typical_sd(float(kappa[0]), float(np.tanh(rho[0])))


def calibrate_break_date(
    design: UnknownDateDesign, shelf: DateShelf, *, draws: int
) -> BreakDateTest:
    """Scan the series over its dates and simulate its null law.

    Args:
        design: From `unknown_date_design`.
        shelf: Where null laws are kept; its seed is the seed of all draws.
        draws: Null series B behind the p-value.

    Raises:
        EstimationError: The series lies on the regressors without error, with or without a step.
    """
    values = design.series.to_numpy(dtype=float)
    _check_errors(design, values)
    found = scan_series(values[None, :], design.scan)
    law = shelf.law(design)
    rho, kappa = law.two_sided.unbias(found.reml)
    unbiased = float(np.tanh(rho[0])), float(np.exp(kappa[0]))
    errors = simulate_errors(
        design.layout,
        rho=unbiased[0],
        kappa=unbiased[1],
        seed=shelf.seed,
        stream=f"date-draws:{scan_key(design.scan)}",
        series=draws,
    )
    return BreakDateTest(
        design=design,
        found=found,
        law=law,
        rho=unbiased[0],
        kappa=unbiased[1],
        rho_interval=law.two_sided.rho_interval(float(found.reml.rho[0]), float(kappa[0])),
        drawn=scan_series(errors, design.scan).dates.roots,
        seed=shelf.seed,
    )


def step_law(design: UnknownDateDesign, onset: int, seed: int) -> NullLaw:
    """Law of REML's rho when the regressors hold a step at `onset`."""
    layout = design.layout_with(onset)
    last = np.eye(layout.n_terms)[-1:]
    stream = f"step-law:{scan_key(design.scan)}:{onset}"
    return simulate_law(layout, last, None, seed=seed, stream=stream, series=SET_LAW_SERIES)


def behind_with_step(
    design: UnknownDateDesign,
    normals: FloatArray,
    *,
    onset: int,
    step: float,
    rho: float,
    kappa: float = 1.0,
) -> FloatArray:
    """How far LR(onset) lies behind the largest LR in series with a step at `onset`, shape (m,).

    Args:
        design: Years, regressors and candidate dates.
        normals: Shape (m, calendar years from the first to the last).
        onset: Where the step is, a candidate.
        step: Its size in innovation sds before any change of spread.
        rho: Autocorrelation.
        kappa: Innovation sd after the change of spread over that before.
    """
    errors = ar1_errors(normals, design.years, rho, kappa, design.spread_from)
    with one_thread():
        dates = scan_dates(errors + step * (design.years >= onset), design.scan)
    here = int(np.searchsorted(design.onsets, onset))
    ratios = dates.likelihood_ratios
    behind: FloatArray = ratios.max(axis=1) - ratios[:, here]
    return behind


def _check_errors(design: UnknownDateDesign, values: FloatArray) -> None:
    for onset in design.onsets:
        basis = design.layout_with(int(onset)).basis[0]
        left = values - basis @ (basis.T @ values)
        if np.abs(left).max() <= EXACT * max(1.0, float(np.abs(values).max())):
            raise EstimationError(
                f"{design.name} is fitted without error by a step in {onset}; there is nothing "
                "to compare the step with."
            )
