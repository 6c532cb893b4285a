"""Draw the statistics of several tests together, with the correlation their series have.

Outcomes of one pair of states move together, and so do the errors of their tests. From the
residuals of each fit, whitened by its own autocorrelation, the correlation of the innovations of
every two series is estimated over the years they share; correlated innovations are then drawn for
all calendar years at once and turned into one null series a test, with its own (rho, kappa). Joint
draws are what a step-down correction needs (Romano & Wolf 2005, Econometrica 73, 1237-1282).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.steps import StepsTest
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.likelihood import whiten
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
MIN_SHARED = 10  # years; with fewer, a correlation is noise and taken as zero


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claim on a calibrated test.

    Attributes:
        test: From `calibrate_steps` or `calibrate_terms`.
        term: One of its terms.
        alternative: "greater", "less" or "two-sided".
    """

    test: StepsTest
    term: str
    alternative: str

    def turn(self, statistics: FloatArray) -> FloatArray:
        """t so that larger is more against "no effect"."""
        if self.alternative == "two-sided":
            return np.abs(statistics)
        return -statistics if self.alternative == "less" else statistics


def observed_statistics(claims: Mapping[str, Claimed]) -> pd.Series:
    """t of each claim, turned so that larger is more against "no effect"."""
    return pd.Series(
        {
            name: float(each.turn(each.test.fit.statistics[0, _contrast(each)]))
            for name, each in claims.items()
        },
        dtype=float,
    )


def joint_statistics(claims: Mapping[str, Claimed], *, seed: int, series: int) -> pd.DataFrame:
    """t of each claim under the null, one row a draw of all together, shape (series, claims)."""
    tests = _different([each.test for each in claims.values()])
    first = min(int(test.years[0]) for test in tests)
    last = max(int(test.years[-1]) for test in tests)
    root = _root(innovation_correlations(tests).to_numpy())
    normals = np.stack(
        [
            standard_normals(seed, f"joint:{number}", 0, series, last - first + 1)
            for number in range(len(tests))
        ]
    )
    mixed = np.einsum("ij,jsy->isy", root, normals)
    columns: dict[str, FloatArray] = {}
    for test, drawn in zip(tests, mixed, strict=True):
        layout = test.design.layout
        own = drawn[:, layout.years[0] - first : layout.years[-1] - first + 1]
        errors = ar1_errors(own, layout.years, test.rho, test.kappa, layout.onset)
        statistics = fit_ar1(errors, layout, test.design.contrasts).statistics
        for name, each in claims.items():
            if each.test is test:
                columns[name] = each.turn(statistics[:, _contrast(each)])
    return pd.DataFrame(columns)[list(claims)]


def innovation_correlations(tests: list[StepsTest]) -> pd.DataFrame:
    """Correlation of the innovations of every two series over the years they share."""
    innovations = pd.concat([_innovations(test) for test in tests], axis=1)
    matrix = innovations.set_axis(range(len(tests)), axis=1).corr(min_periods=MIN_SHARED)
    return matrix.fillna(0.0).mask(np.eye(len(tests), dtype=bool), 1.0)


def _innovations(test: StepsTest) -> pd.Series:
    """Whitened residuals, of one sd before and after the onset."""
    layout = test.design.layout
    residuals = test.design.series.to_numpy(dtype=float) - test.fitted
    white = whiten(residuals[:, None], layout, np.array([test.rho]))[0, :, 0]
    return pd.Series(np.where(layout.after, white / test.kappa, white), layout.years)


def _root(correlations: FloatArray) -> FloatArray:
    """A matrix whose product with its transpose is the nearest correlations that can be."""
    values, vectors = np.linalg.eigh(correlations)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    scaled: FloatArray = root / np.linalg.norm(root, axis=1)[:, None]
    return scaled


def _different(tests: list[StepsTest]) -> list[StepsTest]:
    return list({id(test): test for test in tests}.values())


def _contrast(claimed: Claimed) -> int:
    return claimed.test.design.terms.index(claimed.term)
