"""Compare, by maximum likelihood with AR(1) errors, one step at each of many dates with none.

For every date d, with s_d the step from d on and u an AR(1) as in `analysis.kernel.ar1`::

    no step:  y = X b + u              step at d:  y = X b + delta s_d + u
    l(r) = -n/2 log RSS(r) + 1/2 log|V(r)^-1|
    root_d = sign(delta) sqrt(2 [max_r l_d(r) - max_r l_0(r)])

Each hypothesis has its own r. For a given r the step lowers RSS by (w_d(r)' y)^2, where w_d(r) is
V^-1 s_d freed of V^-1 X and scaled to unit length, and does not depend on the series. One matrix
product with the w of all dates and all nodes of a grid over r therefore serves all series.
Between the nodes the profile is the quartic through the highest node and two on either side.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.layout import RHO_HIGHEST, RHO_LOWEST, Layout

FloatArray = NDArray[np.float64]
NODE_STEP = 0.08  # in artanh(r); with the quartic, the likelihood ratio is right to 1e-3
BLOCK = 500  # series at a time; their profiles over nodes and dates take some 40 MB
NEWTON_ROUNDS = 4  # of a quartic, from the vertex of its parabola


@dataclass(frozen=True, eq=False)
class DateScan:
    """What the series of one layout share when a step is looked for at each of d dates.

    Attributes:
        layout: Years and the regressors X of the hypothesis of no step.
        onsets: First year of the step, one a date, shape (d,).
    """

    layout: Layout
    onsets: NDArray[np.int64]

    @cached_property
    def artanh(self) -> FloatArray:
        lowest, highest = np.arctanh(RHO_LOWEST), np.arctanh(RHO_HIGHEST)
        return np.linspace(lowest, highest, int(np.ceil((highest - lowest) / NODE_STEP)) + 1)

    @cached_property
    def steps(self) -> FloatArray:
        """Step regressors, shape (n, d)."""
        return (self.layout.years[:, None] >= self.onsets[None, :]).astype(np.float64)

    @cached_property
    def half_log_det(self) -> FloatArray:
        return 0.5 * self.layout.log_det_precision(np.tanh(self.artanh))

    @cached_property
    def precisions(self) -> FloatArray:
        """V^-1 at each node, shape (g, n, n)."""
        layout, n = self.layout, self.layout.n_obs
        weights = layout.coefficients(np.tanh(self.artanh))
        precision = np.zeros((len(self.artanh), n, n))
        precision[:, 0, 0] = weights[0]
        for position, gaps in enumerate(layout.steps):
            where, at = np.flatnonzero(gaps), 1 + 3 * position
            precision[:, where + 1, where + 1] += weights[at][:, None]
            precision[:, where, where + 1] += weights[at + 1][:, None]
            precision[:, where + 1, where] += weights[at + 1][:, None]
            precision[:, where, where] += weights[at + 2][:, None]
        return precision

    @cached_property
    def annihilators(self) -> FloatArray:
        """M with y'M y = RSS without a step, at each node, shape (g, n, n)."""
        x = self.layout.basis[0]
        weighted = self.precisions @ x
        inner = np.linalg.solve(x.T @ weighted, weighted.transpose(0, 2, 1))
        annihilator: FloatArray = self.precisions - weighted @ inner
        return annihilator

    @cached_property
    def directions(self) -> FloatArray:
        """w_d(r), shape (n, g d)."""
        freed = self.annihilators @ self.steps
        length = np.einsum("nd,gnd->gd", self.steps, freed)
        scaled = freed / np.sqrt(length)[:, None, :]
        return np.ascontiguousarray(scaled.transpose(1, 0, 2).reshape(self.layout.n_obs, -1))

    @cached_property
    def null_products(self) -> FloatArray:
        """Columns that turn a series into rows whose squares add up to RSS, shape (n, g n)."""
        values, vectors = np.linalg.eigh(self.annihilators)
        roots = vectors * np.sqrt(np.clip(values, 0.0, None))[:, None, :]
        return np.ascontiguousarray(roots.transpose(1, 0, 2).reshape(self.layout.n_obs, -1))


@dataclass(frozen=True, eq=False)
class DateFits:
    """Likelihood-ratio roots of many series.

    Attributes:
        roots: Signed root of the likelihood ratio of a step at each date, shape (m, d).
        rho: Maximum-likelihood autocorrelation without a step, shape (m,).
        rho_step: The same with the step at each date, shape (m, d).
    """

    roots: FloatArray
    rho: FloatArray
    rho_step: FloatArray

    @property
    def likelihood_ratios(self) -> FloatArray:
        """2 [max l_d - max l_0], shape (m, d)."""
        return self.roots**2


def scan_dates(series: FloatArray, scan: DateScan) -> DateFits:
    """Fit every series without a step and with one at each date.

    Args:
        series: Shape (m, n), no missing values; unobserved years are left out of the layout.
        scan: Layout without the step, and the dates.
    """
    blocks = [
        _scan_block(series[start : start + BLOCK], scan)
        for start in range(0, max(1, len(series)), BLOCK)
    ]
    return DateFits(
        roots=np.concatenate([block.roots for block in blocks]),
        rho=np.concatenate([block.rho for block in blocks]),
        rho_step=np.concatenate([block.rho_step for block in blocks]),
    )


def _scan_block(series: FloatArray, scan: DateScan) -> DateFits:
    m, g, d = len(series), len(scan.artanh), len(scan.onsets)
    basis = scan.layout.basis[0]
    residuals = series - (series @ basis) @ basis.T
    rows = (residuals @ scan.null_products).reshape(m, g, -1)
    rss = np.einsum("mgn,mgn->mg", rows, rows)
    scores = (residuals @ scan.directions).reshape(m, g, d)
    half = 0.5 * scan.layout.n_obs
    null = scan.half_log_det - half * np.log(rss)
    lowered = rss[:, :, None] - scores * scores
    step = scan.half_log_det[:, None] - half * np.log(lowered)
    null_peak, null_place, _ = _peak(null[:, :, None])
    step_peak, step_place, node = _peak(step)
    ratio = np.maximum(2 * (step_peak - null_peak), 0.0)
    at_peak = np.take_along_axis(scores, node[:, None, :], axis=1)[:, 0]
    return DateFits(
        roots=np.copysign(np.sqrt(ratio), at_peak),
        rho=np.tanh(_artanh_at(null_place, scan))[:, 0],
        rho_step=np.tanh(_artanh_at(step_place, scan)),
    )


def _artanh_at(place: FloatArray, scan: DateScan) -> FloatArray:
    spacing = float(scan.artanh[1] - scan.artanh[0])
    artanh: FloatArray = scan.artanh[0] + spacing * place
    return artanh


def _peak(profile: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
    """Height and place, in nodes, of the highest point along axis 1, and the highest node."""
    nodes = profile.shape[1]
    highest = np.argmax(profile, axis=1)
    centre = np.clip(highest, 2, nodes - 3)
    a, b, c, e, f = (
        np.take_along_axis(profile, (centre + shift)[:, None, :], axis=1)[:, 0]
        for shift in (-2, -1, 0, 1, 2)
    )
    first = (a - 8 * b + 8 * e - f) / 12
    second = (-a + 16 * b - 30 * c + 16 * e - f) / 24
    third = (-a + 2 * b - 2 * e + f) / 12
    fourth = (a - 4 * b + 6 * c - 4 * e + f) / 24
    start = (highest - centre).astype(np.float64)
    low, high = np.maximum(start - 1, -2.0), np.minimum(start + 1, 2.0)
    x = start
    for _ in range(NEWTON_ROUNDS):
        slope = first + x * (2 * second + x * (3 * third + x * 4 * fourth))
        bend = 2 * second + x * (6 * third + x * 12 * fourth)
        falling = np.where(bend < 0, bend, -1.0)
        move = np.where(bend < 0, -slope / falling, np.sign(slope))
        x = np.clip(x + move, low, high)
    height = c + x * (first + x * (second + x * (third + x * fourth)))
    # At the ends of the grid, and where Newton strays, the node itself may be higher.
    node = np.take_along_axis(profile, highest[:, None, :], axis=1)[:, 0]
    better = height >= node
    return (
        np.where(better, height, node),
        centre + np.where(better, x, start),
        highest,
    )
