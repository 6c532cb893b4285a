"""Calibrate terms that are sums of coefficients, as `steps` does for single steps."""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.law import simulate_fits
from analysis.calibration.steps import StepsTest, calibrate_steps, simulated_p
from analysis.calibration.store import LawShelf, layout_key
from analysis.design.terms import TermsDesign
from analysis.kernel.ar1 import Fits, fit_ar1

FloatArray = NDArray[np.float64]
INSIDE = 1e-10  # singular values below this are rounding


class TermsTest(StepsTest):
    """A calibrated series whose terms need not be columns of X.

    The circular shift turns the residuals of X b under the hypothesis that the term is zero.
    """

    @property
    def series(self) -> FloatArray:
        """The series, shape (n,)."""
        return self.design.series.to_numpy(dtype=np.float64)

    def _shifted(self, term: str) -> FloatArray:
        row = self.design.contrasts[[self.design.terms.index(term)]]
        return self._fit_turned(row).statistics

    @property
    def _shifted_joint(self) -> FloatArray:
        return self._fit_turned(self.design.joint).joint

    def _fit_turned(self, rows: FloatArray) -> Fits:
        x = self.design.layout.regressors
        q, _ = np.linalg.qr(x @ null_space(rows))
        row = self.series
        residuals = row - q @ (q.T @ row)
        shifts = np.stack([np.roll(residuals, by) for by in range(len(residuals))])
        return fit_ar1(shifts, self.design.layout, self.design.contrasts, self.design.joint)


def calibrate_terms(design: TermsDesign, shelf: LawShelf, *, draws: int) -> TermsTest:
    """Fit the series and simulate its null law; see `calibrate_steps`."""
    test = calibrate_steps(design, shelf, draws=draws)
    return TermsTest(**{field.name: getattr(test, field.name) for field in fields(StepsTest)})


def null_space(rows: FloatArray) -> FloatArray:
    """Orthonormal directions in which none of the rows changes, shape (k, k - q).

    >>> np.abs(null_space(np.array([[0.0, 1.0]]))).round(6).tolist()
    [[1.0], [0.0]]
    """
    _, singular, right = np.linalg.svd(rows)
    rank = int((singular > INSIDE * singular[0]).sum())
    directions: FloatArray = right[rank:].T
    return directions


def p_of_rows(test: TermsTest, rows: FloatArray, shelf: LawShelf) -> FloatArray:
    """Two-sided p of each further contrast, from the draws behind the test's own, shape (c,)."""
    layout = test.design.layout
    fit = fit_ar1(test.series[None, :], layout, rows)
    drawn = simulate_fits(
        layout,
        rows,
        None,
        rho=test.rho,
        kappa=test.kappa,
        seed=shelf.seed,
        stream=f"draws:{layout_key(layout)}",
        series=len(test.draws.rho),
    )
    return np.array(
        [
            simulated_p(float(fit.statistics[0, row]), drawn.statistics[:, row], "two-sided")
            for row in range(len(rows))
        ]
    )


def unrejected(candidates: FloatArray, p_values: FloatArray, alpha: float) -> tuple[float, float]:
    """Lowest and highest candidate with p above alpha; infinite at the ends of the candidates.

    The values of a ratio that are not rejected can have a hole; it is not reported, which makes
    the set larger than it need be. Nothing kept gives nan.

    >>> unrejected(np.array([0.0, 0.5, 1.0]), np.array([0.01, 0.3, 0.2]), 0.05)
    (0.5, inf)
    """
    kept = np.flatnonzero(p_values > alpha)
    if not len(kept):
        return float("nan"), float("nan")
    low = -np.inf if kept[0] == 0 else candidates[kept[0]]
    high = np.inf if kept[-1] == len(candidates) - 1 else candidates[kept[-1]]
    return float(low), float(high)
