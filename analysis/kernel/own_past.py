"""Regress yearly series on their own past and on other variables, many series at once.

    y = L a + W b + Z c + e

L differs from series to series (lags of y, or whatever else is simulated), W and Z are common to
all; what is asked is about a and b. Z is projected out once, the rest is solved by ordinary least
squares for all series together, and tests are Wald's in their F form, which for least squares is
that of the change in the sum of squares.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
BLOCK = 2_000  # series solved at a time


@dataclass(frozen=True, eq=False)
class OwnPastFits:
    """Least-squares fits of m series.

    Attributes:
        coefficients: First those of L, then those of W, shape (m, q).
        inverse: Their covariance for errors of variance one, shape (m, q, q).
        variance: Residual sum of squares over the degrees of freedom, shape (m,).
        df: Years less all coefficients.
    """

    coefficients: FloatArray
    inverse: FloatArray
    variance: FloatArray
    df: int

    @property
    def std_errors(self) -> FloatArray:
        """Of the coefficients, shape (m, q)."""
        spread = np.einsum("mqq->mq", self.inverse) * self.variance[:, None]
        errors: FloatArray = np.sqrt(spread)
        return errors

    @property
    def statistics(self) -> FloatArray:
        """t values, shape (m, q)."""
        t: FloatArray = self.coefficients / self.std_errors
        return t

    def wald_f(self, asked: list[int]) -> FloatArray:
        """F of the coefficients in these places being zero together, shape (m,)."""
        b = self.coefficients[:, asked]
        spread = self.inverse[:, asked][:, :, asked]
        solved = np.linalg.solve(spread, b[:, :, None])[:, :, 0]
        f: FloatArray = (b * solved).sum(axis=1) / (len(asked) * self.variance)
        return f


def fit_own_past(
    outcome: FloatArray, own: FloatArray, asked: FloatArray, others: FloatArray
) -> OwnPastFits:
    """Fit every series by least squares.

    Args:
        outcome: y, shape (m, r).
        own: L, shape (m, r, k).
        asked: W, shape (r, w); w may be 0.
        others: Z, shape (r, c), full column rank.
    """
    basis = np.linalg.qr(others)[0] if others.shape[1] else np.zeros((len(others), 0))
    with one_thread():
        parts = [
            _fit_block(outcome[start : start + BLOCK], own[start : start + BLOCK], asked, basis)
            for start in range(0, max(1, len(outcome)), BLOCK)
        ]
    df = outcome.shape[1] - own.shape[2] - asked.shape[1] - others.shape[1]
    coefficients, inverse, rss = (np.concatenate(part) for part in zip(*parts, strict=True))
    return OwnPastFits(coefficients, inverse, rss / df, df)


def _fit_block(
    outcome: FloatArray, own: FloatArray, asked: FloatArray, basis: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    y = outcome - (outcome @ basis) @ basis.T
    common = asked - basis @ (basis.T @ asked)
    columns = np.concatenate(
        [np.swapaxes(own, 1, 2), np.broadcast_to(common.T, (len(own), *common.T.shape))], axis=1
    )  # (m, q, r), so that the years lie next to each other
    columns = columns - (columns @ basis) @ basis.T
    inverse = np.linalg.inv(columns @ np.swapaxes(columns, 1, 2))
    coefficients = (inverse @ (columns @ y[:, :, None]))[:, :, 0]
    left = y - (coefficients[:, None, :] @ columns)[:, 0]
    return coefficients, inverse, (left * left).sum(axis=1)
