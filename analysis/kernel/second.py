"""Statistics for a second look at one coefficient, for many series at once.

* First differences: OLS of (y_i - y_(i-1)) / root(d_i) on the same of X, d_i the years in between,
  which is GLS under a random walk.
* Blocks: t of the difference of block means before and after, Ibragimov & Mueller (2010, J. Bus.
  Econ. Stat. 28, 453-468, doi:10.1198/jbes.2009.08046; two samples: 2016, Rev. Econ. Stat. 98,
  83-96, doi:10.1162/REST_a_00545), with min(q_1, q_2) - 1 degrees of freedom.
* Circular shifts: residuals of the model without the term are turned round by h = 0 ... n - 1 years
  and the OLS t taken each time, Freedman & Lane (1983, J. Bus. Econ. Stat. 1, 292-298,
  doi:10.1080/07350015.1983.10509354); or the exposure is turned round instead.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.layout import Layout

FloatArray = NDArray[np.float64]


def difference_statistics(
    series: FloatArray, layout: Layout, contrasts: FloatArray
) -> tuple[FloatArray, int]:
    """OLS t values in first differences, shape (m, c), and their degrees of freedom.

    nan where differences cannot tell the contrast, as that of a constant.
    """
    scale = np.sqrt(layout.gaps)
    moved = np.diff(layout.regressors, axis=0) / scale[:, None]
    changes = np.diff(series, axis=1) / scale
    inverse = np.linalg.pinv(moved)
    rank = int(np.linalg.matrix_rank(moved))
    influence = contrasts @ inverse
    residuals = changes - (changes @ inverse.T) @ moved.T
    variance = (residuals**2).sum(axis=1)[:, None] / (len(moved) - rank)
    spread = np.sqrt(variance * (influence**2).sum(axis=1))
    known = np.isclose(influence @ moved, contrasts, atol=1e-9).all(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistics = np.where(known, (changes @ influence.T) / spread, np.nan)
    return statistics, len(moved) - rank


def block_statistics(
    series: FloatArray,
    before: NDArray[np.intp],
    after: NDArray[np.intp],
    blocks: int,
) -> tuple[FloatArray, int]:
    """t of mean block mean after minus before, shape (m,), and its degrees of freedom.

    Args:
        series: Shape (m, n).
        before: Positions of the years before, in order.
        after: Positions of the years after.
        blocks: Runs on each side, two or more.
    """
    means = [block_means(series, part, blocks) for part in (before, after)]
    spread = sum(each.var(axis=1, ddof=1) / blocks for each in means)
    t: FloatArray = (means[1].mean(axis=1) - means[0].mean(axis=1)) / np.sqrt(spread)
    return t, blocks - 1


def block_means(series: FloatArray, places: NDArray[np.intp], blocks: int) -> FloatArray:
    """Means of runs of years of nearly equal length, the longer ones first, shape (m, blocks)."""
    parts = np.array_split(places, blocks)
    return np.stack([series[:, part].mean(axis=1) for part in parts], axis=1)


def turned_residual_statistics(
    series: FloatArray, regressors: FloatArray, contrast: FloatArray, kept: NDArray[np.intp]
) -> FloatArray:
    """OLS t of one contrast in every circular shift of the null residuals, shape (m, n).

    Args:
        series: Consecutive years, shape (m, n).
        regressors: X of the whole model, shape (n, k).
        contrast: Row r of which r b is estimated, shape (k,).
        kept: Columns of X in the null model.
    """
    n, k = regressors.shape
    null, _ = np.linalg.qr(regressors[:, kept])
    q, triangle = np.linalg.qr(regressors)
    residuals = series - (series @ null) @ null.T
    # Turning the residuals forward is turning the regressors back.
    turned = np.stack([np.roll(q, -by, axis=0) for by in range(n)], axis=1)
    coefficients = (residuals @ turned.reshape(n, -1)).reshape(len(series), n, k)
    rss = (residuals**2).sum(axis=1)[:, None] - (coefficients**2).sum(axis=2)
    rotated = np.linalg.solve(triangle.T, contrast)
    t: FloatArray = (coefficients @ rotated) / np.sqrt(rss / (n - k) * (rotated @ rotated))
    return t


def added_column_statistics(
    series: FloatArray, others: FloatArray, columns: FloatArray
) -> FloatArray:
    """OLS t of each of q columns when it alone is added to the others, shape (m, q).

    With the step turned round, this is the circular shift of the exposure; with a step after each
    possible year, the ranking of placebo dates.

    Args:
        series: Shape (m, n).
        others: Regressors of every model, shape (n, k).
        columns: Regressors added one at a time, shape (q, n).
    """
    basis, _ = np.linalg.qr(others)
    own = columns - (columns @ basis) @ basis.T
    length = (own**2).sum(axis=1)
    residuals = series - (series @ basis) @ basis.T
    estimates = residuals @ own.T / length
    rss = (residuals**2).sum(axis=1)[:, None] - estimates**2 * length
    spare = others.shape[0] - others.shape[1] - 1
    t: FloatArray = estimates / np.sqrt(rss / spare / length)
    return t


def turned(column: FloatArray) -> FloatArray:
    """Every circular shift of a column, the identity first, shape (n, n).

    >>> turned(np.array([0.0, 0.0, 1.0])).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    return np.stack([np.roll(column, by) for by in range(len(column))])
