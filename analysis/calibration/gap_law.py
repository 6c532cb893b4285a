"""Simulate the null law of the steps of a gap whose weights were chosen on the data.

Weights chosen to fit the years before the onset make the gap there smaller than the later one,
which a law for given weights would take for an effect. So the choice is repeated in every
simulated series: donors are held as they were observed, and in place of the treated unit come

    y*_t = sum_j v_j y_jt + m_t + s u_t

with AR(1) errors u at (rho, kappa). Weights are chosen anew for y* on the years before the onset,
the gap to them is fitted, and t is kept. The v are weights, too, but are found on all years, with
trend and steps of the gap beside them, so that they take part neither in the luck of the years
before nor in the effect; m is the trend found with them. (With the observed weights for v, a
treated unit with a trend of its own was found to have parted from 19 donors in .075 of panels
where it had not, instead of .048.) The law depends also on s, the innovation sd against the
movements of the donors: at each node of the grid it is the one with which the median estimate
equals the estimate in the data.

Found at 5 % in panels where nothing happened (a common factor with unequal loadings and
autocorrelation .6; 19 donors and 14 of 25 years before the onset, 400 panels, +- .011, of a trend
of 6 sd 200, +- .015; 40 donors and 20 of 31 years, 300 panels, +- .013; twice as many with demeaned
weights and a trend of 3 sd), by these weights alone and with detrended ones as a guard (`gap`)::

                                        alone                guarded
                            weights     two-s. greater less  two-s. greater less
    19, variance doubled    demeaned    .037   .055   .040  .022   .037   .025
    19, variance doubled    synthetic   .050   .055   .043  .025   .030   .028
    19, rises by 3 sd       demeaned    .069   .095   .020  .025   .037   .015
    19, rises by 3 sd       synthetic   .037   .062   .025  .013   .028   .013
    19, rises by 6 sd       demeaned    .070   .135   .025  .025   .045   .015
    19, rises by 6 sd       synthetic   .065   .035   .040  .015   .015   .020
    40, nothing special     demeaned    .030   .033   .033  .017   .033   .013
    40, nothing special     synthetic   .043   .040   .033  .020   .033   .013
    40, rises by 3 sd       demeaned    .057   .097   .005  .020   .048   .003
    40, rises by 3 sd       synthetic   .073   .083   .023  .030   .047   .010

"detrended" weights, whose law does not depend on a trend of the treated unit, were found in .040 to
.060, "mean" in .043 to .058. A unit that trends on its own is matched with donors that drifted its
way by chance, and a step in the direction of its trend is found too often by demeaned and synthetic
weights alone; guarded, they err on the other side. docs/decisions/0016 has the power.

Reference: Efron & Tibshirani (1993), An Introduction to the Bootstrap, section 6.5, for the
parametric bootstrap; otherwise as in `law`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.law import (
    again_streams,
    grid_nodes,
    law_of,
    simulate_errors,
)
from analysis.calibration.null_law import NullLaw
from analysis.calibration.store import layout_key
from analysis.design.gap import GapDesign
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.simplex import fit_simplex
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
PILOT = 200  # series in which the innovation sd of a node is found


@dataclass(frozen=True, eq=False)
class GapSimulator:
    """Draws treated units in which nothing happens and fits their gaps, weights and all.

    Attributes:
        design: The gap.
        fit: Its REML fit, one row.
        seed: Of all draws.
    """

    design: GapDesign
    fit: Fits
    seed: int

    def draw(self, rho: float, kappa: float, *, stream: str, series: int) -> Fits:
        """Fits of null series; sds and standard errors in units of the sd before the onset."""
        return self.fit_gaps(self.gaps(rho, kappa, stream=stream, series=series))

    def gaps(self, rho: float, kappa: float, *, stream: str, series: int) -> FloatArray:
        """Null gaps to donors weighted anew, in units of the sd before the onset, (series, n)."""
        return self.gaps_beside(None, rho, kappa, stream=stream, series=series)

    def gaps_beside(
        self, other: GapDesign | None, rho: float, kappa: float, *, stream: str, series: int
    ) -> FloatArray:
        """The gaps of the same treated units to donors weighted as in another design."""
        errors = self._errors(rho, kappa, stream, series)
        return self._gaps_of(errors, self._scale(rho, kappa), other)

    def fit_gaps(self, gaps: FloatArray) -> Fits:
        """REML fits of gaps."""
        steps = self.design.steps
        return fit_ar1(gaps, steps.layout, steps.contrasts, steps.joint)

    def law(self, series: int, *, again: int = 0) -> NullLaw:
        """The null law on the grid, `series` series at each node.

        With `again`, p-values are ranked among those of as many series at each node; see `law`.
        """
        layout = self.design.steps.layout
        nodes = grid_nodes(layout)
        law = law_of([self.draw(*node, stream="law", series=series) for node in nodes], layout)
        if not again:
            return law
        drawn = [
            self.draw(*node, stream=name, series=again)
            for node, name in zip(nodes, again_streams("law", layout), strict=True)
        ]
        return law.read_again(drawn)

    @cached_property
    def _base(self) -> FloatArray:
        """Donors as weighted on all years, and the mean beside them without steps, shape (n,)."""
        steps = self.design.steps
        x, y = steps.regressors.to_numpy(), self.design.treated.to_numpy(dtype=float)
        donors = self.design.donors.to_numpy(dtype=float)
        q, _ = np.linalg.qr(x)
        weights = fit_simplex((y - q @ (q.T @ y))[None], donors - q @ (q.T @ donors)).weights[0]
        weighted: FloatArray = donors @ weights
        coefficients = np.linalg.lstsq(x, y - weighted)[0]
        kept = [name not in steps.onsets for name in steps.regressors.columns]
        base: FloatArray = weighted + x[:, kept] @ coefficients[kept]
        return base

    def _errors(self, rho: float, kappa: float, stream: str, series: int) -> FloatArray:
        layout = self.design.steps.layout
        named = f"gap {stream}:{layout_key(layout)}"
        return simulate_errors(
            layout, rho=rho, kappa=kappa, seed=self.seed, stream=named, series=series
        )

    def _scale(self, rho: float, kappa: float) -> float:
        """The innovation sd before the onset whose median estimate is the one in the data."""
        errors = self._errors(rho, kappa, "pilot", PILOT)
        steps, seen = self.design.steps, float(self.fit.innovation_sd[0])
        given = fit_ar1(errors, steps.layout, steps.contrasts)
        scale = seen / float(np.median(given.innovation_sd))
        chosen = self.fit_gaps(self._gaps_of(errors, scale))
        return seen / float(np.median(chosen.innovation_sd))

    def _gaps_of(
        self, errors: FloatArray, scale: float, other: GapDesign | None = None
    ) -> FloatArray:
        design = other or self.design
        with one_thread():
            gaps: FloatArray = design.gaps_of(self._base + scale * errors) / scale
        return gaps
