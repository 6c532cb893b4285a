"""Test whether an exposure goes with an outcome over all dyads and years.

    y_dt = b x_dt + a_d + c_t + u_dt

1. b by least squares with unit and year effects (or in changes over a year with year effects, or
   by Poisson pseudo-likelihood); t with the larger of dyadic-cluster-robust and dyad-clustered
   errors.
2. From the residuals: the sd of each dyad, rho, and the share c of variance that dyads with a
   common member have in common, the last two made median-unbiased.
3. p = rank of t among its values in outcomes simulated on the very panel, exposure as observed, at
   those values, without an effect. b -+ q se with q the quantile of |t*| is the interval.

False-positive rates at a nominal 5 %, two-sided, all dyads of 12 states over 15 years, rho .5 and
half of the variance shared where nothing else is said (3,600 outcomes on six panels, standard error
of the rate over panels .003 to .008):

==========================================  =========  =======================
nothing happens, and the outcome has        this test  dyadic errors read by t
==========================================  =========  =======================
sds equal over dyads                        .052       .17
sds of dyads apart by .5 in logarithms      .055       .16
apart by 1                                  .043       .13
errors t with 4 df, .2 shared               .052       .13
rho that differs over dyads (sd .25)        .051       .17
shocks of states with rho .95               .066       .15
==========================================  =========  =======================

With the sds too estimated anew in each of 1,250 panels of 12 states and 12 years the rate was .050
(standard error .006); with Poisson models of counts of mean about 4, in 440 panels, .048 (.010).

The two directions of a dyad are taken as independent but for their members' shocks. For Poisson
models the outcomes are simulated to first order: residuals over fitted means, weighted by these.

References: Aronow, Samii & Assenova (2015), Political Analysis 23, 564-577, doi:10.1093/pan/mpv018;
Dufour (2006), J. Econometrics 133, 443-477, doi:10.1016/j.jeconom.2005.06.007; Freedman & Lane
(1983), J. Bus. Econ. Stat. 1, 292-298.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.panel_rates import measure_panel
from analysis.calibration.panel_world import RHOS, PanelLaw
from analysis.calibration.steps import BERGER_BOOS, MAXIMISED_OVER, shifted_p, simulated_p
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.design.dyad_panel import DyadPanel
from analysis.errors import UsageError
from analysis.kernel.dyad_grid import DyadGrid, GridFits
from analysis.kernel.threads import one_thread
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PanelTest:
    """One panel fitted and the law of t on it.

    Attributes:
        design: The panel, laid out.
        model: "ols", "difference" or "poisson".
        grid: Regressors on the grid of units and years.
        response: What the simulated outcomes stand for, shape (D, T).
        terms: What can be asked.
        changes: By how much the exposure rises in each reading, shape (c,).
        estimates: Of each term for that rise, shape (c,).
        std_errors: Shape (c,).
        fit: The regression of `response`, one row.
        law: Over the grid of rho and share.
        rho: Median-unbiased autocorrelation.
        share: Median-unbiased share of variance that a member has in common.
        rho_interval: Every rho not rejected at 5 %.
        draws: Regressions in outcomes without an effect at (rho, share).
    """

    design: DyadPanel
    model: str
    grid: DyadGrid
    response: FloatArray
    terms: tuple[str, ...]
    changes: FloatArray
    estimates: FloatArray
    std_errors: FloatArray
    fit: GridFits
    law: PanelLaw
    rho: float
    share: float
    rho_interval: tuple[float, float]
    draws: GridFits

    @property
    def years(self) -> NDArray[np.int64]:
        return np.unique(self.design.year)

    @property
    def method(self) -> str:
        """Estimator, law and correction, worded for a table note."""
        words = {
            "ols": "two-way fixed effects",
            "difference": "changes over a year with year effects",
            "poisson": "Poisson pseudo-likelihood with two-way fixed effects",
        }[self.model]
        return (
            f"{words}, {len(self.design.units)} dyads of {self.grid.n_states} states; p and "
            f"intervals from {len(self.draws.rho):,} outcomes simulated on this panel, exposure "
            "as observed, with autocorrelation and shocks shared through members as estimated, "
            "median-unbiased"
        )

    @property
    def error_model(self) -> Mapping[str, object]:
        return {
            "kind": "dyads-ar1-with-members",
            "rho": self.rho,
            "rho_interval": self.rho_interval,
            "kappa": 1.0,
            "share": self.share,
        }

    @property
    def marginal_sd(self) -> float:
        """The unit "sd": of the fitted error process, pooled over dyads."""
        return float(self.law.world.pooled(self.law.world.scale[None])[0])

    @cached_property
    def smallest_sd(self) -> float:
        """The sd if the residuals were, by chance, as large as one time in forty."""
        ratios = self.law.world.pooled(self.draws.scale) / self.marginal_sd
        return self.marginal_sd * float(np.median(ratios) / np.quantile(ratios, 0.975))

    @property
    def smallest_p(self) -> float:
        return 1 / (1 + len(self.draws.rho))

    @property
    def note(self) -> str:
        """What a coefficient over many dyads does and does not say."""
        rises = ", ".join(
            f"{change:.3g} for {term}"
            for term, change in zip(self.terms, self.changes, strict=True)
        )
        words = (
            f"Read for a rise of the exposure by its sd within dyads and years ({rises}); it says "
            "that the two go together over dyads, not that one brings the other about."
        )
        if self.rho_interval[1] >= RHOS[-1]:
            words += " The errors may be without bounds in time; changes over a year tell more."
        return words

    def read(
        self, term: str, *, alternative: str = "two-sided", alpha: float = 0.05
    ) -> TermReading:
        """Estimate for a rise of the exposure by one sd, p-values and intervals."""
        place = self._place(term)
        estimate, std_error = float(self.estimates[place]), float(self.std_errors[place])
        statistic = estimate / std_error
        drawn = self._mirrored(place)
        return TermReading(
            estimate=estimate,
            std_error=std_error,
            statistic=statistic,
            p_value=simulated_p(statistic, drawn, alternative),
            p_maximised=self._maximised(statistic, place, alternative),
            p_shift=shifted_p(float(self._shifted[0, place]), self._shifted[:, place], alternative),
            wide=self._interval(place, alpha),
            narrow=self._interval(place, 2 * alpha),
        )

    def p_below(self, term: str, bound: float, *, alternative: str = "greater") -> float:
        """p of the hypothesis that the effect in the claimed direction is `bound` or more."""
        place = self._place(term)
        sign = -1.0 if alternative == "less" else 1.0
        distance = float(self.estimates[place]) - sign * bound
        opposite = "greater" if alternative == "less" else "less"
        return simulated_p(
            distance / float(self.std_errors[place]), self._mirrored(place), opposite
        )

    def key(self, question: Question, *, seed: int, series: int) -> str:
        """Everything `measure` depends on, as one digest."""
        numbers = (
            *(self.rho, self.share, *self.rho_interval),
            *(question.smallest_effect, question.claimed_effect),
            *(
                question.alpha,
                question.strict_alpha,
                float(self.changes[self._place(question.term)]),
            ),
        )
        words = (question.term, question.alternative, self.model, str(seed), str(series))
        arrays = (self.grid.weights, self.grid.regressors, self.law.world.scale, self.grid.members)
        digest = hashlib.sha256()
        for array in arrays:
            text = " ".join(f"{value:.8g}" for value in np.asarray(array).ravel())
            digest.update(f"{array.shape}:{text}|".encode())
        text = "|".join((*words, str(len(self.draws.rho)), *(f"{n:.8g}" for n in numbers)))
        digest.update(text.encode())
        return digest.hexdigest()[:16]

    def measure(self, question: Question, *, seed: int, series: int) -> Measured:
        """Size, power and coverage in outcomes simulated on this panel, re-estimated in each."""
        return measure_panel(
            self.law,
            question,
            contrast=self._place(question.term),
            change=float(self.changes[self._place(question.term)]),
            base=self._mirrored(self._place(question.term)),
            at=(self.rho, self.share),
            ends=self.rho_interval,
            seed=seed,
            series=series,
        )

    @cached_property
    def _shifted(self) -> FloatArray:
        """t with the null model's residuals shifted round the years, the unshifted first."""
        left = self.grid.residuals(self.response, without=self._tested)
        rows = []
        with one_thread():
            for years in range(self.grid.n_years):
                moved = np.roll(left, years, axis=1)
                there = self.grid.cells & np.roll(self.grid.cells, years, axis=1)
                rows.append(_on(self.grid, there).fit(moved[None]).statistics[0])
        return np.array(rows)

    @property
    def _tested(self) -> int:
        """How many regressors the null model leaves out: exposure, lags, moderator, product."""
        return self.design.exposures + (2 if self.design.interaction else 0)

    def _place(self, term: str) -> int:
        if term not in self.terms:
            raise UsageError(
                f'The panel test has no term "{term}"; its terms are {join_words(self.terms)}.'
            )
        return self.terms.index(term)

    def _mirrored(self, place: int) -> FloatArray:
        """The drawn t and their mirror images, which are as likely."""
        drawn = self.draws.statistics[:, place]
        return np.concatenate([drawn, -drawn])

    def _interval(self, place: int, share: float) -> tuple[float, float]:
        drawn = np.abs(self.draws.statistics[:, place])
        margin = float(np.quantile(drawn, 1 - share, method="higher")) * self.std_errors[place]
        return float(self.estimates[place] - margin), float(self.estimates[place] + margin)

    def _maximised(self, statistic: float, place: int, alternative: str) -> float:
        rhos = np.linspace(*self.rho_interval, MAXIMISED_OVER)
        here, *others = self.law.critical_at(
            place, np.array([self.rho, *rhos]), np.full(1 + MAXIMISED_OVER, self.share)
        )
        drawn = self._mirrored(place)
        reached = [simulated_p(statistic, drawn * (other / here), alternative) for other in others]
        return min(1.0, max(*reached, simulated_p(statistic, drawn, alternative)) + BERGER_BOOS)


def _on(grid: DyadGrid, cells: NDArray[np.bool_]) -> DyadGrid:
    """The grid with some of its cells only."""
    return DyadGrid(
        np.where(cells, grid.weights, 0.0), np.where(cells, grid.regressors, 0.0), grid.contrasts,
        grid.members, grid.n_states, grid.unit_effects,
    )  # fmt: skip
