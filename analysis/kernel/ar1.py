"""Fit yearly series with AR(1) errors by restricted maximum likelihood, many series at once.

For observed years t_1 < ... < t_n with gaps d_i = t_i - t_(i-1)::

    y = X b + u,   u_i = r^d_i u_(i-1) + v_i,   var v_i = s^2 (1 - r^(2 d_i)) / (1 - r^2),

and u_1 has the stationary variance s^2 / (1 - r^2). Missing years are handled exactly: they are
the years on which nothing is observed. With w the whitened rows, the profile over r is [1]_::

    l(r) = -(n - k)/2 log RSS(r) + 1/2 log|V(r)^-1| - 1/2 log|X' V(r)^-1 X|

V(r)^-1 is tridiagonal, so X'V^-1 y and y'V^-1 y are, for every r, fixed combinations of a few
moments of y. These are taken once for all series by one matrix product; the grid over r then costs
k + 1 numbers a series and node, whatever the number of years.

.. [1] Harville (1977), J. Am. Stat. Assoc. 72, 320-338; Pinheiro & Bates (2000), section 5.3.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.layout import Layout
from analysis.kernel.threads import one_thread
from analysis.kernel.triangles import Triangle, backward, cholesky, forward

FloatArray = NDArray[np.float64]
BLOCK = 2_000  # series fitted at a time: their moments and profile stay in the cache
FINENESS = (
    2.0**22
)  # artanh(rho) is a multiple of 1/FINENESS, so that the last bits of a processor's
# arithmetic, which the flat top of the profile magnifies ten thousandfold, do not reach the results
REFINEMENTS = 2  # parabolas after that on the grid, each on an eighth of the step before: 1e-6


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
    with one_thread():  # the products are small: two threads take several times as long
        blocks = [
            _fit_block(series[start : start + BLOCK], layout, contrasts, joint)
            for start in range(0, max(1, len(series)), BLOCK)
        ]
    if len(blocks) == 1:
        return blocks[0]
    parts = [[getattr(block, field.name) for block in blocks] for field in fields(Fits)]
    return Fits(*(np.concatenate(part) for part in parts))


def _fit_block(
    series: FloatArray, layout: Layout, contrasts: FloatArray, joint: FloatArray | None
) -> Fits:
    q, triangle = layout.basis
    coefficients = series @ q
    residuals = series - coefficients @ q.T
    moments = _moments(residuals, layout)
    artanh = _refine(_grid_peak(moments, layout), moments, layout)
    rho = np.tanh(artanh)
    solved = _solve(rho, moments, layout)
    shift = backward(solved.factor, solved.projected)
    beta = coefficients.T + shift
    innovation_sd = np.sqrt(solved.rss / (layout.n_obs - layout.n_terms))
    rotated = np.linalg.solve(triangle.T, contrasts.T).astype(np.float64)
    rays = _rays(solved.factor, rotated)
    estimates = rotated.T @ beta
    std_errors = np.sqrt((rays * rays).sum(axis=1)) * innovation_sd
    return Fits(
        rho=rho,
        kappa=_sd_ratio(residuals - shift.T @ q.T, rho, layout),
        innovation_sd=innovation_sd,
        estimates=np.ascontiguousarray(estimates.T),
        std_errors=np.ascontiguousarray(std_errors.T),
        joint=_joint_f(solved.factor, beta, innovation_sd, triangle, joint),
    )


def reml_profile(series: FloatArray, layout: Layout, rho: FloatArray) -> FloatArray:
    """Restricted log-likelihood of one series at each rho, profiled over b and s, shape (r,).

    The constant is that of R's `nlme::gls`: -(n - k)/2 (log(2 pi / (n - k)) + 1).
    """
    q, triangle = layout.basis
    residuals = series - (series @ q) @ q.T
    moments = _moments(np.repeat(residuals[None, :], len(rho), axis=0), layout)
    spare = layout.n_obs - layout.n_terms
    constant = -0.5 * spare * (np.log(2 * np.pi / spare) + 1)
    basis_change = np.log(np.abs(np.diag(triangle))).sum()
    profile: FloatArray = _log_likelihood(rho, moments, layout) + constant - basis_change
    return profile


@dataclass(frozen=True, eq=False)
class _Moments:
    vectors: FloatArray  # (1 + 3 d, k, m)
    scalars: FloatArray  # (1 + 3 d, m)


@dataclass(frozen=True, eq=False)
class _Solved:
    factor: Triangle  # C with C C' = Q'V^-1 Q
    projected: FloatArray  # C^-1 Q'V^-1 y, (k, m)
    rss: FloatArray


def _moments(residuals: FloatArray, layout: Layout) -> _Moments:
    parts = 1 + 3 * len(layout.distances)
    products = np.ascontiguousarray((residuals @ layout.moment_weights).T)
    columns = np.ascontiguousarray(residuals.T)
    now, before = columns[1:], columns[:-1]
    scalars = [columns[0] ** 2]
    for steps in layout.steps:
        a, b = now[steps], before[steps]
        scalars += [
            np.einsum("tm,tm->m", a, a),
            2 * np.einsum("tm,tm->m", a, b),
            np.einsum("tm,tm->m", b, b),
        ]
    return _Moments(products.reshape(parts, layout.n_terms, -1), np.stack(scalars))


def _grid_peak(moments: _Moments, layout: Layout) -> FloatArray:
    """Vertex of the parabola through the highest node of the grid and its neighbours."""
    grid, k, m = layout.grid, layout.n_terms, moments.scalars.shape[1]
    projected = grid.project @ moments.vectors.reshape(-1, m)
    explained = np.einsum("gkm,gkm->gm", *(2 * [projected.reshape(len(grid.artanh), k, m)]))
    rss = grid.coefficients @ moments.scalars - explained
    profile = grid.constant[:, None] - 0.5 * (layout.n_obs - k) * np.log(rss)
    peak = np.clip(np.argmax(profile, axis=0), 1, len(grid.artanh) - 2)
    series = np.arange(m)
    left, middle, right = (profile[peak + shift, series] for shift in (-1, 0, 1))
    step = float(grid.artanh[1] - grid.artanh[0])
    return _vertex(grid.artanh[peak], step, left, middle, right, layout)


def _refine(centre: FloatArray, moments: _Moments, layout: Layout) -> FloatArray:
    step = float(layout.grid.artanh[1] - layout.grid.artanh[0])
    lowest, highest = layout.grid.artanh[0], layout.grid.artanh[-1]
    for _ in range(REFINEMENTS):
        step /= 8
        left, middle, right = (
            _log_likelihood(np.tanh(np.clip(centre + shift, lowest, highest)), moments, layout)
            for shift in (-step, 0.0, step)
        )
        centre = _vertex(centre, step, left, middle, right, layout)
    settled: FloatArray = np.clip(np.round(centre * FINENESS) / FINENESS, lowest, highest)
    return settled


def _vertex(
    centre: FloatArray,
    step: float,
    left: FloatArray,
    middle: FloatArray,
    right: FloatArray,
    layout: Layout,
) -> FloatArray:
    """Where the parabola through three likelihoods peaks, at most a step away, on the grid."""
    curvature = left - 2 * middle + right
    safe = np.where(curvature < 0, curvature, -1.0)
    vertex = np.where(curvature < 0, 0.5 * (left - right) / safe, np.sign(right - left))
    moved = centre + step * np.clip(vertex, -1.0, 1.0)
    peak: FloatArray = np.clip(moved, layout.grid.artanh[0], layout.grid.artanh[-1])
    return peak


def _log_likelihood(rho: FloatArray, moments: _Moments, layout: Layout) -> FloatArray:
    solved = _solve(rho, moments, layout)
    spare = layout.n_obs - layout.n_terms
    log_det = 2 * sum(np.log(solved.factor[i][i]) for i in range(layout.n_terms))
    likelihood: FloatArray = (
        0.5 * layout.log_det_precision(rho) - 0.5 * log_det - 0.5 * spare * np.log(solved.rss)
    )
    return likelihood


def _solve(rho: FloatArray, moments: _Moments, layout: Layout) -> _Solved:
    weights = layout.coefficients(rho)
    k = layout.n_terms
    gram = layout.gram_parts.reshape(len(weights), -1).T @ weights
    factor = cholesky(gram.reshape(k, k, -1))
    right = np.einsum("jm,jkm->km", weights, moments.vectors)
    projected = forward(factor, right)
    rss = np.einsum("jm,jm->m", weights, moments.scalars) - np.einsum(
        "km,km->m", projected, projected
    )
    return _Solved(factor, projected, rss)


def _rays(factor: Triangle, rotated: FloatArray) -> FloatArray:
    """C^-1 r for each contrast r, shape (c, k, m)."""
    m = len(factor[0][0])
    columns = [np.repeat(column[:, None], m, axis=1) for column in rotated.T]
    return np.stack([forward(factor, column) for column in columns])


def _sd_ratio(errors: FloatArray, rho: FloatArray, layout: Layout) -> FloatArray:
    if not layout.after.any() or layout.after.all():
        return np.full(len(rho), np.nan)
    columns = np.ascontiguousarray(errors.T)
    power = rho[None, :] ** layout.gaps[:, None] if (layout.gaps > 1).any() else rho[None, :]
    squares = np.empty_like(columns)
    squares[0] = (1 - rho * rho) * columns[0] ** 2
    squares[1:] = (columns[1:] - power * columns[:-1]) ** 2
    if (layout.gaps > 1).any():
        squares[1:] *= (1 - rho * rho) / (1 - power * power)
    later, earlier = squares[layout.after].mean(axis=0), squares[~layout.after].mean(axis=0)
    ratio: FloatArray = np.sqrt(later / earlier)
    return ratio


def _joint_f(
    factor: Triangle,
    beta: FloatArray,
    innovation_sd: FloatArray,
    triangle: FloatArray,
    joint: FloatArray | None,
) -> FloatArray:
    if joint is None:
        return np.full(len(innovation_sd), np.nan)
    rotated = np.linalg.solve(triangle.T, joint.T).astype(np.float64)
    rays = _rays(factor, rotated)
    gram = np.einsum("akm,bkm->abm", rays, rays)
    scaled = forward(cholesky(gram), rotated.T @ beta)
    f: FloatArray = np.einsum("qm,qm->m", scaled, scaled) / (len(joint) * innovation_sd**2)
    return f
