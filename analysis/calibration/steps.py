"""Test dated steps in one series with a null law simulated on the very design.

The procedure (PB-REML-V):

1. fit y = X b + u with AR(1) errors by REML: t = R b / se, rho, and kappa, the innovation sd
   from the first onset on over that before;
2. replace rho and kappa by the median-unbiased pair, read from `NullLaw`;
3. simulate B series without steps at that pair, on the same years and regressors, refit each;
4. each of them, and the series itself, gets the p of its t in the null law at its own estimates,
   cautiously read (`law`); what is counted is how many of these are as small: two-sided p =
   (1 + number of p* at most p) / (B + 1), with |t*| to decide between equal ones. Estimates of rho
   and kappa err, and their errors are so part of the law. t* is symmetric, so a one-sided p is half
   of that, or one less half;
5. the interval is R b -+ q se, q the |t| at which that p is alpha: what inverting the test gives,
   because t* does not depend on b.

References: Dufour (2006), J. Econometrics 133, 443-477, doi:10.1016/j.jeconom.2005.06.007, for
Monte Carlo tests with nuisance parameters and the maximised p; Berger & Boos (1994), J. Am. Stat.
Assoc. 89, 1012-1016, for maximising over an interval; Freedman & Lane (1983), J. Bus. Econ. Stat.
1, 292-298, for shifting the residuals of the null model.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.law import RHO_NODES, simulate_fits
from analysis.calibration.null_law import NullLaw, Place
from analysis.calibration.store import LawShelf, layout_key
from analysis.calibration.tested import TermReading
from analysis.design.steps import StepsDesign
from analysis.errors import EstimationError
from analysis.kernel.ar1 import Fits, fit_ar1

FloatArray = NDArray[np.float64]
ROUNDING = 1e-9
LARGEST_T, STEPS_TRIED, REFINEMENTS = 1e4, 257, 7  # of the search for the ends of an interval
MAXIMISED_OVER = 13  # values of rho in its interval at which p is read for the maximised p
LOWEST_RHO, HIGHEST_RHO = RHO_NODES[0] + 1e-9, RHO_NODES[-1] - 1e-9
RHO_LIMIT = 0.98  # REML's rho from here on stands for a series that does not return to its trend
BERGER_BOOS = 0.01  # added to the maximised p; for a 95 % interval of rho the bound would be .05


@dataclass(frozen=True, eq=False)
class StepsTest:
    """One series fitted and its null law at the median-unbiased rho and kappa.

    Attributes:
        design: Series, steps and trend.
        fit: REML fit, one row.
        law: Null law of the design over the grid.
        rho: Median-unbiased autocorrelation.
        kappa: Median-unbiased ratio of innovation sds.
        rho_interval: Every rho not rejected at 5 %.
        draws: Fits of series without steps simulated at (rho, kappa).
    """

    design: StepsDesign
    fit: Fits
    law: NullLaw
    rho: float
    kappa: float
    rho_interval: tuple[float, float]
    draws: Fits

    @property
    def terms(self) -> tuple[str, ...]:
        return self.design.terms

    @property
    def years(self) -> NDArray[np.int64]:
        return self.design.years

    @property
    def method(self) -> str:
        """Estimator and error model, worded for a table note."""
        design = self.design
        constant = design.error_model == "ar1-constant"
        variance = "constant" if constant else "one change of"
        return (
            f"{design.mean_in_words}, AR(1) errors by REML; p and intervals from "
            f"{len(self.draws.rho):,} simulated series of this design with median-unbiased "
            f"autocorrelation and {variance} innovation variance"
        )

    @property
    def error_model(self) -> dict[str, object]:
        """What was assumed and estimated of the errors, as it is stored."""
        low, high = self.rho_interval
        return {
            "kind": self.design.error_model,
            "rho": self.rho,
            "rho_reml": self.rho_reml,
            "rho_interval": [low, high],
            "rho_interval_open": [bool(low <= LOWEST_RHO), bool(high >= HIGHEST_RHO)],
            "kappa": self.kappa,
            "kappa_raw": float(self.fit.kappa[0]),
        }

    @property
    def note(self) -> str:
        """That the mean does not describe the series, where rho lies at its limit."""
        if self.rho_reml < RHO_LIMIT:
            return ""
        shape = {"none": "a constant", "linear": "a straight line", "quadratic": "a parabola"}
        return (
            "The autocorrelation lies at its limit: "
            f"{shape[self.design.trend]} does not describe this series well."
        )

    @property
    def marginal_sd(self) -> float:
        """The unit "sd": marginal sd of the fitted error process, at REML's rho."""
        return float(self.fit.marginal_sd[0])

    @property
    def rho_reml(self) -> float:
        return float(self.fit.rho[0])

    @property
    def smallest_sd(self) -> float:
        """The unit "sd" at the lower end of the interval of rho, for claims that effects are small.

        The marginal sd is s / root(1 - rho^2) and explodes where rho is overestimated; a finding
        that an effect is below so many sd has to hold for the smallest sd that rho allows.
        """
        rho = max(self.rho_interval[0], 0.0)
        return float(self.fit.innovation_sd[0] / np.sqrt(1 - rho * rho))

    @cached_property
    def typical_sd(self) -> float:
        """Median estimate of the innovation sd at (rho, kappa), in units of the first sd."""
        return self.law.typical_sd(float(np.log(self.kappa)), self.rho)

    def in_first_sd(self, effect: float) -> float:
        """An effect on the transformed outcome, in units of the innovation sd before the onset."""
        return effect * self.typical_sd / float(self.fit.innovation_sd[0])

    def from_first_sd(self, effect: float) -> float:
        """The reverse of `in_first_sd`."""
        return effect * float(self.fit.innovation_sd[0]) / self.typical_sd

    def read(
        self, term: str, *, alternative: str = "two-sided", alpha: float = 0.05
    ) -> TermReading:
        """Read off one term: a juncture, "total" or "joint"."""
        if term == "joint":
            return self._read_joint()
        contrast = self.design.terms.index(term)
        estimate = float(self.fit.estimates[0, contrast])
        std_error = float(self.fit.std_errors[0, contrast])
        statistic = estimate / std_error
        return TermReading(
            estimate=estimate,
            std_error=std_error,
            statistic=statistic,
            p_value=self._p(statistic, contrast, alternative),
            p_maximised=self.maximised_p(statistic, contrast, alternative),
            p_shift=shifted_p(statistic, self._shifted(term)[:, contrast], alternative),
            wide=self._interval(contrast, alpha),
            narrow=self._interval(contrast, 2 * alpha),
        )

    def p_below(self, term: str, bound: float, *, alternative: str = "greater") -> float:
        """p of the hypothesis that the effect in the claimed direction is `bound` or more."""
        if term == "joint":
            return 1.0  # F has no direction
        contrast = self.design.terms.index(term)
        sign = -1.0 if alternative == "less" else 1.0
        distance = float(self.fit.estimates[0, contrast]) - sign * bound
        statistic = distance / float(self.fit.std_errors[0, contrast])
        opposite = "greater" if alternative == "less" else "less"
        return self._p(statistic, contrast, opposite)

    def two_sided_p(self, contrast: int, statistics: FloatArray) -> FloatArray:
        """Two-sided p of t values of this series, shape (m,)."""
        magnitudes = np.abs(statistics)
        first, (null, null_t) = self._first_p(contrast, magnitudes), self._null_p(contrast)
        reached = np.searchsorted(null, first, side="left")
        ties = np.searchsorted(null, first, side="right")
        for at in np.flatnonzero(ties > reached):  # at the smallest p that the law can give
            reached[at] += int((null_t[reached[at] : ties[at]] >= magnitudes[at]).sum())
        return (1 + reached) / (1 + len(self.draws.rho))

    def _p(self, statistic: float, contrast: int, alternative: str) -> float:
        two_sided = float(self.two_sided_p(contrast, np.array([statistic]))[0])
        if alternative == "two-sided":
            return two_sided
        claimed = -statistic if alternative == "less" else statistic
        return two_sided / 2 if claimed >= 0 else 1 - two_sided / 2

    def _interval(self, contrast: int, share: float) -> tuple[float, float]:
        """Every effect that the two-sided test at this share does not reject."""
        estimate = float(self.fit.estimates[0, contrast])
        null, _ = self._null_p(contrast)
        allowed = int(np.floor(share * (1 + len(null)) - 1 + ROUNDING))
        if allowed < 0:  # no p that so few draws can give is as small: nothing is excluded
            return -np.inf, np.inf
        level = float(null[allowed]) if allowed < len(null) else 1.0
        margin = self._reaching(contrast, level) * float(self.fit.std_errors[0, contrast])
        return estimate - margin, estimate + margin

    def _reaching(self, contrast: int, level: float) -> float:
        """The smallest |t| whose p before it is ranked is below the level."""
        low, high = 0.0, LARGEST_T
        for _ in range(REFINEMENTS):
            tried = np.linspace(low, high, STEPS_TRIED)
            below = self._first_p(contrast, tried) < level
            below[-1] = True
            at = max(int(np.argmax(below)), 1)
            low, high = float(tried[at - 1]), float(tried[at])
        return high

    def _first_p(self, contrast: int, magnitudes: FloatArray) -> FloatArray:
        """Two-sided p of t values of this series before they are ranked, shape (m,)."""
        here = self._own_place
        rho, kappa = (np.full(len(magnitudes), each[0]) for each in (here.rho, here.kappa))
        p: FloatArray = 2 * self.law.first.exceedance(magnitudes, contrast, Place(rho, kappa))
        return p

    def _null_p(self, contrast: int) -> tuple[FloatArray, FloatArray]:
        """Two-sided p of the null series, each at its own estimates, ascending, and their |t|."""
        if contrast not in self._null_ps:
            t = np.abs(self.draws.statistics[:, contrast])
            p = 2 * self.law.first.exceedance(t, contrast, self._null_places)
            order = np.argsort(p, kind="stable")
            self._null_ps[contrast] = (p[order], t[order])
        return self._null_ps[contrast]

    @cached_property
    def _own_place(self) -> Place:
        """Where p of the series is read before it is ranked."""
        return self.law.first_place(self.fit)

    @cached_property
    def _null_places(self) -> Place:
        """Where p of the null series is read before they are ranked."""
        return self.law.first_place(self.draws)

    @cached_property
    def _null_ps(self) -> dict[int, tuple[FloatArray, FloatArray]]:
        return {}

    @property
    def smallest_p(self) -> float:
        """The smallest p that the number of draws can give."""
        return 1 / (1 + len(self.draws.rho))

    @cached_property
    def fitted(self) -> FloatArray:
        """X b at the REML estimates, shape (n,)."""
        layout = self.design.layout
        whole = fit_ar1(self._row, layout, np.eye(layout.n_terms))
        fitted: FloatArray = layout.regressors @ whole.estimates[0]
        return fitted

    @property
    def _row(self) -> FloatArray:
        return self.design.series.to_numpy(dtype=float)[None, :]

    def _read_joint(self) -> TermReading:
        statistic = float(self.fit.joint[0])
        nothing = (float("nan"), float("nan"))
        there = self._rho_range()
        reached = self.law.first.joint_exceedance(np.full(len(there.rho), statistic), there)
        worst = float(reached.max())
        return TermReading(
            estimate=float("nan"),
            std_error=float("nan"),
            statistic=statistic,
            p_value=self._joint_p(statistic),
            p_maximised=min(1.0, worst + BERGER_BOOS),
            p_shift=shifted_p(statistic, self._shifted_joint, "greater"),
            wide=nothing,
            narrow=nothing,
        )

    def _joint_p(self, statistic: float) -> float:
        law = self.law.first
        own = float(law.joint_exceedance(np.array([statistic]), self._own_place)[0])
        null = law.joint_exceedance(self.draws.joint, self._null_places)
        reached = (null < own) | ((null == own) & (self.draws.joint >= statistic))
        return float((1 + reached.sum()) / (1 + len(null)))

    def _rho_range(self) -> Place:
        low, high = np.arctanh(self.rho_interval)
        rho = np.linspace(low, high, MAXIMISED_OVER)
        return Place(rho, np.full(MAXIMISED_OVER, np.log(self.kappa)))

    def maximised_p(self, statistic: float, contrast: int, alternative: str) -> float:
        """Largest p of a t of this series over the interval of rho, plus `BERGER_BOOS`."""
        two_sided = alternative == "two-sided"
        claimed = -statistic if alternative == "less" else statistic
        tried = np.full(MAXIMISED_OVER, abs(statistic) if two_sided else claimed)
        upper = self.law.first.exceedance(tried, contrast, self._rho_range())
        return min(1.0, (1 + two_sided) * float(upper.max()) + BERGER_BOOS)

    def _shifted(self, term: str) -> FloatArray:
        dropped = list(self.design.onsets) if term == "total" else [term]
        return self._fit_shifted(tuple(dropped)).statistics

    @property
    def _shifted_joint(self) -> FloatArray:
        return self._fit_shifted(tuple(self.design.onsets)).joint

    def _fit_shifted(self, dropped: tuple[str, ...]) -> Fits:
        without = self.design.regressors.drop(columns=list(dropped)).to_numpy()
        q, _ = np.linalg.qr(without)
        row = self._row[0]
        residuals = row - q @ (q.T @ row)
        shifts = np.stack([np.roll(residuals, by) for by in range(len(residuals))])
        return fit_ar1(shifts, self.design.layout, self.design.contrasts, self.design.joint)


def calibrate_steps(design: StepsDesign, shelf: LawShelf, *, draws: int) -> StepsTest:
    """Fit the series and simulate its null law.

    Args:
        design: From `steps_design`.
        shelf: Where null laws are kept; its seed is the seed of all draws.
        draws: Null series B behind the p-value.

    Raises:
        EstimationError: The fit left nothing to explain, as with a series of straight lines.
    """
    layout = design.layout
    values = design.series.to_numpy(dtype=float)[None, :]
    fit = fit_ar1(values, layout, design.contrasts, design.joint)
    if not np.isfinite(fit.std_errors).all() or _is_exact(values[0], layout.basis[0]):
        raise EstimationError(
            f"{design.name} is fitted without error; there is nothing to compare a step with."
        )
    law = shelf.law(layout, design.contrasts, design.joint)
    rho, kappa = law.unbias(fit)
    unbiased = float(np.tanh(rho[0])), float(np.exp(kappa[0]))
    return StepsTest(
        design=design,
        fit=fit,
        law=law,
        rho=unbiased[0],
        kappa=unbiased[1],
        rho_interval=law.rho_interval(float(fit.rho[0]), float(kappa[0])),
        draws=simulate_fits(
            layout,
            design.contrasts,
            design.joint,
            rho=unbiased[0],
            kappa=unbiased[1],
            seed=shelf.seed,
            stream=f"draws:{layout_key(layout)}",
            series=draws,
        ),
    )


def simulated_p(statistic: float, drawn: FloatArray, alternative: str) -> float:
    """(1 + number of simulated statistics at least as far out) / (B + 1).

    >>> simulated_p(1.0, np.array([-2.0, 0.5, 1.5]), "greater")
    0.5
    """
    reached = {
        "greater": drawn >= statistic,
        "less": drawn <= statistic,
        "two-sided": np.abs(drawn) >= abs(statistic),
    }[alternative]
    return float((1 + reached.sum()) / (1 + len(drawn)))


def shifted_p(statistic: float, shifted: FloatArray, alternative: str) -> float:
    """Share of circular shifts, the identity among them, that reach the statistic."""
    slack = 1e-9 * max(1.0, abs(statistic))  # the identity shift must count in spite of rounding
    reached = {
        "greater": shifted >= statistic - slack,
        "less": shifted <= statistic + slack,
        "two-sided": np.abs(shifted) >= abs(statistic) - slack,
    }[alternative]
    return float(reached.mean())


def _is_exact(values: FloatArray, basis: FloatArray) -> bool:
    left = values - basis @ (basis.T @ values)
    return bool(np.abs(left).max() <= 1e-10 * max(1.0, np.abs(values).max()))
