"""Fit yearly series with AR(1) errors by restricted maximum likelihood, many series at once.

For observed years t_1 < ... < t_n with gaps d_i = t_i - t_(i-1)::

    y = X b + u,   u_i = r^d_i u_(i-1) + v_i,   var v_i = s^2 (1 - r^(2 d_i)) / (1 - r^2),

and u_1 has the stationary variance s^2 / (1 - r^2). Missing years are handled exactly: they are
the years on which nothing is observed. With w the whitened rows, the profile over r is [1]_::

    l(r) = -(n - k)/2 log RSS(r) + 1/2 log|V(r)^-1| - 1/2 log|X' V(r)^-1 X|

The peak is found from a few numbers a series, whatever the number of years, by matrix products
(`kernel.reml_grid`, `kernel.reml_search`); there everything is solved exactly.

.. [1] Harville (1977), J. Am. Stat. Assoc. 72, 320-338; Pinheiro & Bates (2000), section 5.3.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.layout import Layout
from analysis.kernel.reml_grid import precision_weights
from analysis.kernel.reml_search import Moments, join_moments, most_likely, take_moments, tiles
from analysis.kernel.threads import one_thread
from analysis.kernel.triangles import Triangle, backward, cholesky, forward

FloatArray = NDArray[np.float64]
BLOCK = 8_000  # series drawn and fitted at a time; no result depends on it
LANES = 16  # a block is filled up to a multiple: products treat the odd series at its end alike
NOTHING_LEFT = 1e-14  # share of the squares that is rounding
ZERO = 1e-12  # share of the largest entry below which a rotated contrast is rounding


@dataclass(frozen=True, eq=False)
class Fits:
    """REML fits of many series.

    Attributes:
        rho: Estimated autocorrelation, shape (m,).
        kappa: Innovation sd from the onset on over that before; nan without onset, shape (m,).
        innovation_sd: s, root of RSS / (n - k), shape (m,).
        estimates: Contrasts of the coefficients, shape (m, c).
        std_errors: Their GLS standard errors, shape (m, c).
        joint: F statistic of all joint contrasts being zero; nan if none asked, shape (m,).
    """

    rho: FloatArray
    kappa: FloatArray
    innovation_sd: FloatArray
    estimates: FloatArray
    std_errors: FloatArray
    joint: FloatArray

    @property
    def statistics(self) -> FloatArray:
        """t values, shape (m, c)."""
        return self.estimates / self.std_errors

    @property
    def marginal_sd(self) -> FloatArray:
        """Standard deviation of the fitted error process, s / root(1 - rho^2), shape (m,)."""
        return self.innovation_sd / np.sqrt(1 - self.rho**2)


def fit_ar1(
    series: FloatArray, layout: Layout, contrasts: FloatArray, joint: FloatArray | None = None
) -> Fits:
    """Fit each row of `series` by REML.

    Args:
        series: Shape (m, n), no missing values; unobserved years are left out of `layout.years`.
        layout: Years and regressors common to all rows.
        contrasts: Rows R of which R b is estimated, shape (c, k).
        joint: Rows tested together against zero, shape (q, k).
    """
    basis = _Basis.of(layout, contrasts, joint)
    with one_thread():  # the products are small: two threads take several times as long
        return join_fits([_fit_block(series[each], layout, basis) for each in blocks(len(series))])


def blocks(series: int) -> list[slice]:
    """So many series in blocks of `BLOCK`, in order; none are one empty block."""
    return [slice(at, min(at + BLOCK, series)) for at in range(0, max(1, series), BLOCK)]


def join_fits(parts: list[Fits]) -> Fits:
    """Fits of several blocks as those of one."""
    if len(parts) == 1:
        return parts[0]
    columns = [[getattr(part, field.name) for part in parts] for field in fields(Fits)]
    return Fits(*(np.concatenate(column) for column in columns))


def _fit_block(series: FloatArray, layout: Layout, basis: "_Basis") -> Fits:
    filled = _filled(series)
    n, m = layout.n_obs, len(filled)
    coefficients, residuals = np.empty((layout.n_terms, m)), np.empty((n, m))
    looks = []
    for part in tiles(m):
        columns = filled[part].T
        coefficients[:, part] = basis.q.T @ columns
        fitted = basis.q @ coefficients[:, part]
        np.subtract(columns, fitted, out=residuals[:, part])
        looks.append(take_moments(residuals[:, part], layout))
    moments = join_moments(looks)
    rho = most_likely(moments, layout)
    solved = _solve(rho, moments, layout, basis.turn)
    shift = backward(solved.factor, solved.projected)
    beta = coefficients + shift
    innovation_sd = np.sqrt(solved.rss / (layout.n_obs - layout.n_terms))
    estimates = basis.contrasts @ beta
    std_errors = np.sqrt(_unit_variances(solved.factor, basis.contrasts)) * innovation_sd
    kappa = _sd_ratio(residuals, basis.q, shift, solved.rss, rho, layout)
    f = _joint_f(solved.factor, beta, innovation_sd, basis.tested)
    m = len(series)
    return Fits(
        rho=rho[:m],
        kappa=kappa[:m],
        innovation_sd=innovation_sd[:m],
        estimates=estimates[:, :m].T,
        std_errors=std_errors[:, :m].T,
        joint=f[:m],
    )


def _filled(series: FloatArray) -> FloatArray:
    """Series with the last one repeated up to a multiple of `LANES`, shape (m, n)."""
    missing = -len(series) % LANES
    if not missing:
        return series
    return np.concatenate([series, np.repeat(series[-1:], missing, axis=0)])


def reml_profile(series: FloatArray, layout: Layout, rho: FloatArray) -> FloatArray:
    """Restricted log-likelihood of one series at each rho, profiled over b and s, shape (r,).

    The constant is that of R's `nlme::gls`: -(n - k)/2 (log(2 pi / (n - k)) + 1).
    """
    q, triangle = layout.basis
    residuals = series - (series @ q) @ q.T
    moments = take_moments(np.repeat(residuals[:, None], len(rho), axis=1), layout)
    spare = layout.n_obs - layout.n_terms
    constant = -0.5 * spare * (np.log(2 * np.pi / spare) + 1)
    basis_change = np.log(np.abs(np.diag(triangle))).sum()
    profile: FloatArray = _log_likelihood(rho, moments, layout) + constant - basis_change
    return profile


@dataclass(frozen=True, eq=False)
class _Basis:
    """Orthonormal basis of the regressors whose last directions are those tested together.

    Attributes:
        q: The basis, shape (n, k).
        turn: From the basis of the layout to this one, shape (k, k).
        contrasts: Contrasts in this basis, shape (c, k).
        tested: Number of directions tested together.
    """

    q: FloatArray
    turn: FloatArray
    contrasts: FloatArray
    tested: int

    @classmethod
    def of(cls, layout: Layout, contrasts: FloatArray, joint: FloatArray | None) -> "_Basis":
        q, triangle = layout.basis
        turn, tested = np.eye(layout.n_terms), 0
        if joint is not None:
            tested = len(joint)
            full, _ = np.linalg.qr(np.linalg.solve(triangle.T, joint.T), mode="complete")
            turn = np.roll(full, -tested, axis=1)
        rotated = np.linalg.solve(triangle.T, contrasts.T).T @ turn
        largest = np.abs(rotated).max(axis=1, keepdims=True)
        rotated[np.abs(rotated) < ZERO * largest] = 0.0
        return cls(q @ turn, turn, rotated, tested)


@dataclass(frozen=True, eq=False)
class _Solved:
    factor: Triangle  # C with C C' = Q'V^-1 Q
    projected: FloatArray  # C^-1 Q'V^-1 u, (k, m)
    rss: FloatArray


def _log_likelihood(rho: FloatArray, moments: Moments, layout: Layout) -> FloatArray:
    solved = _solve(rho, moments, layout, np.eye(layout.n_terms))
    spare = layout.n_obs - layout.n_terms
    log_det = 2 * sum(np.log(solved.factor[i][i]) for i in range(layout.n_terms))
    likelihood: FloatArray = (
        0.5 * layout.log_det_precision(rho) - 0.5 * log_det - 0.5 * spare * np.log(solved.rss)
    )
    return likelihood


def _solve(rho: FloatArray, moments: Moments, layout: Layout, turn: FloatArray) -> _Solved:
    grid, k = layout.grid, layout.n_terms
    weights = precision_weights(rho, layout.distances)
    pieces = turn.T @ grid.gram @ turn
    lower = np.tril_indices(k)
    gram = pieces[:, *lower].T @ weights
    factor = cholesky(dict(zip(zip(*lower, strict=True), gram, strict=True)), k)
    lift = (turn.T @ grid.lift).reshape(-1, len(moments.directions))
    vectors = (lift @ moments.directions).reshape(len(weights) - 1, k, -1)
    right = weights[1] * vectors[0]
    for weight, vector in zip(weights[2:], vectors[1:], strict=True):
        right += weight * vector
    projected = forward(factor, right)
    rss = np.einsum("pm,pm->m", weights, moments.scalars)
    rss -= np.einsum("km,km->m", projected, projected)
    return _Solved(factor, projected, rss)


def _unit_variances(factor: Triangle, contrasts: FloatArray) -> FloatArray:
    """R (Q'V^-1 Q)^-1 R' of each contrast, shape (c, m)."""
    first = int(np.argmax(contrasts.any(axis=0)))
    inverse = _inverse([row[first:] for row in factor[first:]])
    size = len(inverse)
    rows, columns = np.triu_indices(size)
    products = np.empty((len(rows), len(factor[0][0])))
    for at, (i, j) in enumerate(zip(rows, columns, strict=True)):
        np.multiply(inverse[j][i], inverse[j][j], out=products[at])
        for below in range(j + 1, size):
            products[at] += inverse[below][i] * inverse[below][j]
    used = contrasts[:, first:]
    weights = used[:, rows] * used[:, columns] * np.where(rows == columns, 1.0, 2.0)
    variances: FloatArray = weights @ products
    return variances


def _inverse(factor: Triangle) -> Triangle:
    """Inverses of lower triangles."""
    inverse: Triangle = []
    for i, row in enumerate(factor):
        pivot = 1 / row[i]
        inverse.append([])
        for j in range(i):
            value = row[j] * inverse[j][j]
            for between in range(j + 1, i):
                value += row[between] * inverse[between][j]
            value *= -pivot
            inverse[i].append(value)
        inverse[i].append(pivot)
    return inverse


def _sd_ratio(
    residuals: FloatArray,
    q: FloatArray,
    shift: FloatArray,
    rss: FloatArray,
    rho: FloatArray,
    layout: Layout,
) -> FloatArray:
    """Root of the mean whitened square from the onset on over that before, shape (m,)."""
    n, later = layout.n_obs, int(layout.after.sum())
    if later in (0, n):
        return np.full(len(rho), np.nan)
    first = n - later
    errors = residuals[first - 1 :] - q[first - 1 :] @ shift
    gaps = layout.gaps[first - 1 :]
    power = rho
    if (gaps > 1).any():
        powers = np.stack([rho**distance for distance in layout.distances])
        power = powers[np.searchsorted(layout.distances, gaps)]
    white = errors[:-1] * power
    np.subtract(errors[1:], white, out=white)
    if (gaps > 1).any():
        white *= np.sqrt((1 - rho * rho) / (1 - power * power))
    squares = np.einsum("tm,tm->m", white, white)
    before = np.maximum(rss - squares, NOTHING_LEFT * rss)  # rounding can take it below zero
    ratio: FloatArray = np.sqrt((squares / later) / (before / first))
    return ratio


def _joint_f(
    factor: Triangle, beta: FloatArray, innovation_sd: FloatArray, tested: int
) -> FloatArray:
    """F of the last `tested` directions being zero: a sum of squares of C' b."""
    k, total = len(factor), np.zeros_like(innovation_sd)
    if not tested:
        return np.full_like(innovation_sd, np.nan)
    for i in range(k - tested, k):
        entry = factor[i][i] * beta[i]
        for j in range(i + 1, k):
            entry += factor[j][i] * beta[j]
        total += entry * entry
    f: FloatArray = total / (tested * innovation_sd**2)
    return f
