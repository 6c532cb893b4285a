"""Read one calibrated design on many series close to the observed one, without new simulations.

Everything comes from the tabulated null law at each series' own estimates of (rho, kappa), so
thousands of altered series are read in one pass. p-values differ from those of fresh draws by
their Monte Carlo error.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.null_law import Place
from analysis.calibration.steps import StepsTest
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.layout import Layout

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rereadings:
    """One term in m series, all in the claimed direction.

    Attributes:
        estimate: Shape (m,).
        p_value: For the claimed direction, or two-sided, shape (m,).
        wide: Interval at 1 - alpha, shape (m, 2).
        narrow: Interval at 1 - 2 alpha, shape (m, 2).
        marginal_sd: The unit "sd" in each series, shape (m,).
        smallest_sd: The smallest it may be, at the lower end of the interval of rho of the observed
            series, shape (m,).
        t: Shape (m,).
        std_error: Shape (m,).
    """

    estimate: FloatArray
    p_value: FloatArray
    wide: FloatArray
    narrow: FloatArray
    marginal_sd: FloatArray
    smallest_sd: FloatArray
    std_error: FloatArray
    place: Place
    test: StepsTest
    contrast: int

    def p_below(self, bounds: FloatArray) -> FloatArray:
        """p of an effect of `bounds` or more in each series, shape (m,)."""
        statistic = (bounds - self.estimate) / self.std_error
        return self.test.law.exceedance(statistic, self.contrast, self.place)


def reread(
    test: StepsTest,
    term: str,
    series: FloatArray,
    *,
    alternative: str,
    alpha: float,
    layout: Layout | None = None,
) -> Rereadings:
    """Read a term in altered series.

    Args:
        test: The observed series, calibrated.
        term: A term of it other than "joint".
        series: Transformed outcomes on the years of the layout, shape (m, n).
        alternative: "greater", "less" or "two-sided".
        alpha: Level.
        layout: Years and regressors, where years of the design are left out; its own if None.
    """
    at, design = test.terms.index(term), test.design
    fits = fit_ar1(series, layout or design.layout, design.contrasts[[at]])
    place = test.law.place(fits)
    sign = -1.0 if alternative == "less" else 1.0
    estimate, error = sign * fits.estimates[:, 0], fits.std_errors[:, 0]
    t = estimate / error
    two_sided = alternative == "two-sided"
    upper = test.law.exceedance(np.abs(t) if two_sided else t, at, place)

    def interval(share: float) -> FloatArray:
        margin = test.law.critical(share, at, place) * error
        return np.column_stack([estimate - margin, estimate + margin])

    low = max(test.rho_interval[0], 0.0)
    return Rereadings(
        estimate=estimate,
        p_value=2 * upper if two_sided else upper,
        wide=interval(alpha),
        narrow=interval(2 * alpha),
        marginal_sd=fits.marginal_sd,
        smallest_sd=fits.innovation_sd / np.sqrt(1 - low * low),
        std_error=error,
        place=place,
        test=test,
        contrast=at,
    )
