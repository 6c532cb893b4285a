"""Tabulate the null law of the REML statistics of one design, and read estimates against it.

The law of t = R b / se depends on the regressors and years, on the autocorrelation rho and on
kappa, the innovation sd from the first onset on over that before, and on nothing else. It is
simulated at the nodes of a grid over (rho, kappa), with the same innovations at every node, and
interpolated in between. REML's rho and the raw sd ratio are biased in short series: the pair with
which the simulated medians of both estimates equal what was observed replaces them (Andrews 1993,
Econometrica 61, 139-165, doi:10.2307/2951781, for rho alone).

That pair errs too, so a p read from the law is not quite uniform where nothing happens. Its own law
is simulated in a second pass: series are drawn at every node, each is read at its own estimates,
and a p is replaced by its rank among theirs (prepivoting: Beran 1987, Biometrika 74, 457-468,
doi:10.1093/biomet/74.3.457). Three steps and a trend, one-sided 5 %, 21 and 31 years, rho 0 to .8::

                            single steps   total        joint F
    sd constant    first    .049-.058      .048-.063    .059-.082
                   second   .047-.053      .048-.058    .051-.068
    sd doubled     first    .051-.066      .044-.068    .072-.097
                   second   .048-.054      .044-.060    .052-.070
"""

from dataclasses import dataclass, replace

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from analysis.kernel.ar1 import Fits, blocks, fit_ar1, join_fits
from analysis.kernel.layout import Layout
from analysis.kernel.simulate import ar1_columns, ar1_errors
from analysis.kernel.streams import standard_normals
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
RHO_NODES = np.array([-0.6, -0.3, 0.0, 0.2, 0.4, 0.55, 0.7, 0.8, 0.88, 0.94, 0.98])
KAPPA_NODES = np.array([0.15, 0.25, 0.4, 0.63, 1.0, 1.6, 2.5, 4.0, 6.5])
INTERVAL_LEVEL = 0.95
PLATEAU = 1e-9  # artanh(rho) closer than this is the same
FIXED_POINT_ROUNDS = 5  # rho~ and kappa~ settle to seven digits


@dataclass(frozen=True, eq=False)
class NullLaw:
    """Simulated null law of one design on a grid of g values of rho by h of kappa.

    Attributes:
        rho: Nodes as artanh(rho), shape (g,).
        kappa: Nodes as log(kappa), shape (h,).
        rho_median: Median of artanh of REML's rho, shape (g, h).
        kappa_median: Median of the log of the raw sd ratio, shape (g, h).
        rho_bounds: 2.5 and 97.5 % quantiles of artanh of REML's rho, shape (2, g, h).
        sd_median: Median of the estimated innovation sd, in units of the sd before the onset,
            shape (g, h).
        magnitudes: |t| of each contrast, ascending, shape (g, h, c, m).
        joint: Joint F, ascending, shape (g, h, m).
        again: Two-sided p of null series at their own estimates, ascending, shape (g, h, c, n);
            None where p is not read a second time.
        joint_again: The same for the joint F, shape (g, h, n).
    """

    rho: FloatArray
    kappa: FloatArray
    rho_median: FloatArray
    kappa_median: FloatArray
    rho_bounds: FloatArray
    sd_median: FloatArray
    magnitudes: FloatArray
    joint: FloatArray
    again: FloatArray | None = None
    joint_again: FloatArray | None = None

    @property
    def first(self) -> "NullLaw":
        """The law before its p-values are read a second time."""
        return replace(self, again=None, joint_again=None)

    def typical_sd(self, log_kappa: float, rho: float) -> float:
        """Median estimate of the innovation sd at (rho, kappa), in units of the first sd."""
        place = np.array([np.arctanh(rho)]), np.array([log_kappa])
        return float(self._between(self.sd_median, *place)[0])

    def unbias(self, fits: Fits) -> tuple[FloatArray, FloatArray]:
        """Median-unbiased artanh(rho) and log(kappa) of each fit, each of shape (m,).

        Estimates beyond the simulated nodes are held at the outermost one.
        """
        seen_rho = np.arctanh(fits.rho)
        if len(self.kappa) == 1:
            kappa = np.full_like(seen_rho, self.kappa[0])
            return _invert(self._along_rho(self.rho_median, kappa), self.rho, seen_rho), kappa
        seen_kappa = np.log(fits.kappa)
        kappa = np.clip(seen_kappa, self.kappa[0], self.kappa[-1])
        rho = seen_rho
        for _ in range(FIXED_POINT_ROUNDS):
            rho = _invert(self._along_rho(self.rho_median, kappa), self.rho, seen_rho)
            low, weight = _locate(self.rho, rho)
            curves = _mix(self.kappa_median[low], self.kappa_median[low + 1], weight[:, None])
            kappa = _invert(curves, self.kappa, seen_kappa)
        return rho, kappa

    def rho_interval(self, seen_rho: float, log_kappa: float) -> tuple[float, float]:
        """Every rho that a two-sided 5 % test of REML's rho does not reject, as an interval."""
        kappa = np.array([log_kappa])
        seen = np.array([np.arctanh(seen_rho)])
        highest, lowest = (
            self._along_rho(bound, kappa) for bound in (self.rho_bounds[1], self.rho_bounds[0])
        )
        # Where the bound stays at the largest rho REML can give, the interval begins with the
        # first node that reaches it, not the last.
        low = _invert(highest, self.rho, seen - PLATEAU)[0]
        high = _invert(lowest, self.rho, seen)[0]
        return float(np.tanh(low)), float(np.tanh(high))

    def exceedance(
        self, statistics: FloatArray, contrast: int, rho: FloatArray, kappa: FloatArray
    ) -> FloatArray:
        """P(t* >= t) under the null at artanh(rho) and log(kappa), shape (m,)."""
        p = self._tail(self.magnitudes[:, :, contrast], np.abs(statistics), rho, kappa)
        if self.again is not None:
            p = self._rank(self.again[:, :, contrast], p, rho, kappa)
        half = 0.5 * p
        return np.where(statistics >= 0, half, 1 - half)

    def joint_exceedance(
        self, statistics: FloatArray, rho: FloatArray, kappa: FloatArray
    ) -> FloatArray:
        """P(F* >= F) under the null, shape (m,)."""
        p = self._tail(self.joint, statistics, rho, kappa)
        if self.joint_again is not None:
            p = self._rank(self.joint_again, p, rho, kappa)
        return p

    def critical(
        self, share: float, contrast: int, rho: FloatArray, kappa: FloatArray
    ) -> FloatArray:
        """The |t| that a share of null series reaches, shape (m,)."""
        table = self.magnitudes[:, :, contrast]
        if self.again is None:
            return self._between(_upper_quantile(table, share), rho, kappa)
        levels = self._between(_lower_quantile(self.again[:, :, contrast], share), rho, kappa)
        return self._upper(table, levels, rho, kappa)

    def joint_critical(self, share: float, rho: FloatArray, kappa: FloatArray) -> FloatArray:
        """The joint F that a share of null series reaches, shape (m,)."""
        if self.joint_again is None:
            return self._between(_upper_quantile(self.joint, share), rho, kappa)
        levels = self._between(_lower_quantile(self.joint_again, share), rho, kappa)
        return self._upper(self.joint, levels, rho, kappa)

    def _along_rho(self, table: FloatArray, kappa: FloatArray) -> FloatArray:
        low, weight = _locate(self.kappa, kappa)
        high = np.minimum(low + 1, len(self.kappa) - 1)
        curves = _mix(table[:, low].T, table[:, high].T, weight[:, None])
        # Far out the medians flatten and simulation noise could make them dip.
        rising: FloatArray = np.maximum.accumulate(curves, axis=1)
        return rising

    def _between(self, table: FloatArray, rho: FloatArray, kappa: FloatArray) -> FloatArray:
        total = np.zeros(len(rho))
        for row, column, weight in self._corners(rho, kappa):
            total += weight * table[row, column]
        return total

    def _rank(
        self, ascending: FloatArray, p: FloatArray, rho: FloatArray, kappa: FloatArray
    ) -> FloatArray:
        """Share of the tabulated p-values that are at most p, shape (m,)."""
        return self._tail(-ascending[..., ::-1], -p, rho, kappa)

    def _upper(
        self, ascending: FloatArray, levels: FloatArray, rho: FloatArray, kappa: FloatArray
    ) -> FloatArray:
        """The value that a share of its own is above, at each place, shape (m,)."""
        draws = ascending.shape[-1]
        places = np.ceil((1 - levels) * (draws + 1)).astype(np.intp) - 1
        places = np.clip(places, 0, draws - 1)
        total = np.zeros(len(levels))
        for row, column, weight in self._corners(rho, kappa):
            total += weight * ascending[row, column, places]
        return total

    def _tail(
        self, ascending: FloatArray, statistics: FloatArray, rho: FloatArray, kappa: FloatArray
    ) -> FloatArray:
        total, draws = np.zeros(len(statistics)), ascending.shape[-1]
        for row, column, weight in self._corners(rho, kappa):
            node = row * len(self.kappa) + column
            for each in np.unique(node):
                here = node == each
                law = ascending[each // len(self.kappa), each % len(self.kappa)]
                reached = draws - np.searchsorted(law, statistics[here], side="left")
                total[here] += weight[here] * (1 + reached) / (1 + draws)
        return total

    def _corners(
        self, rho: FloatArray, kappa: FloatArray
    ) -> list[tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]]:
        row, right = _locate(self.rho, rho)
        column, up = _locate(self.kappa, kappa)
        if len(self.kappa) == 1:
            return [(row, column, 1 - right), (row + 1, column, right)]
        return [
            (row, column, (1 - right) * (1 - up)),
            (row + 1, column, right * (1 - up)),
            (row, column + 1, (1 - right) * up),
            (row + 1, column + 1, right * up),
        ]


def simulate_law(
    layout: Layout,
    contrasts: FloatArray,
    joint: FloatArray | None,
    *,
    seed: int,
    stream: str,
    series: int,
    jobs: int = 1,
    again: int = 0,
) -> NullLaw:
    """Simulate the null law of one design, `series` series at each node.

    Without an onset in `layout` the innovation sd is constant and kappa has the one node 1.
    The result does not depend on `jobs`. With `again`, p-values are read a second time, from as
    many series at each node.
    """
    kappas = KAPPA_NODES if layout.onset is not None else np.array([1.0])
    pairs = [(rho, kappa) for rho in RHO_NODES for kappa in kappas]
    nodes = Parallel(n_jobs=jobs)(
        delayed(_simulate_node)(layout, contrasts, joint, rho, kappa, seed, stream, series)
        for rho, kappa in pairs
    )
    shape = (len(RHO_NODES), len(kappas))
    quantiles = np.stack([node.quantiles for node in nodes]).reshape(*shape, 5)
    law = NullLaw(
        rho=np.arctanh(RHO_NODES),
        kappa=np.log(kappas),
        rho_median=quantiles[..., 1],
        kappa_median=quantiles[..., 3],
        rho_bounds=np.stack([quantiles[..., 0], quantiles[..., 2]]),
        sd_median=quantiles[..., 4],
        magnitudes=np.stack([node.magnitudes for node in nodes]).reshape(*shape, -1, series),
        joint=np.stack([node.joint for node in nodes]).reshape(*shape, series),
    )
    if not again:
        return law
    ranks = Parallel(n_jobs=jobs)(
        delayed(_rank_node)(law, layout, contrasts, joint, rho, kappa, seed, stream, again)
        for rho, kappa in pairs
    )
    return replace(
        law,
        again=np.stack([p for p, _ in ranks]).reshape(*shape, -1, again),
        joint_again=np.stack([p for _, p in ranks]).reshape(*shape, again),
    )


def simulate_fits(
    layout: Layout,
    contrasts: FloatArray,
    joint: FloatArray | None,
    *,
    rho: float,
    kappa: float,
    seed: int,
    stream: str,
    series: int,
) -> Fits:
    """Fit `series` null series drawn at (rho, kappa), innovation sd one before the onset.

    A block of series is drawn, fitted and forgotten before the next: what grows with `series` is
    the fits alone.
    """
    years, onset = layout.years, layout.onset
    span = int(years[-1] - years[0]) + 1

    def fitted(block: slice) -> Fits:
        normals = standard_normals(seed, stream, block.start, block.stop, span)
        errors = ar1_columns(normals, years, rho, kappa, onset)
        return fit_ar1(errors.T, layout, contrasts, joint)

    with one_thread():
        return join_fits([fitted(block) for block in blocks(series)])


def simulate_errors(
    layout: Layout, *, rho: float, kappa: float, seed: int, stream: str, series: int
) -> FloatArray:
    """Draw series in which nothing happens, on the years of `layout`, shape (series, n)."""
    span = int(layout.years[-1] - layout.years[0]) + 1
    normals = standard_normals(seed, stream, 0, series, span)
    return ar1_errors(normals, layout.years, rho, kappa, layout.onset)


@dataclass(frozen=True, eq=False)
class _Node:
    quantiles: FloatArray  # low, median, high of artanh(rho); medians of log(kappa) and of the sd
    magnitudes: FloatArray
    joint: FloatArray


def _simulate_node(
    layout: Layout,
    contrasts: FloatArray,
    joint: FloatArray | None,
    rho: float,
    kappa: float,
    seed: int,
    stream: str,
    series: int,
) -> _Node:
    fits = simulate_fits(
        layout, contrasts, joint, rho=rho, kappa=kappa, seed=seed, stream=stream, series=series
    )
    tail = (1 - INTERVAL_LEVEL) / 2
    spread = np.quantile(np.arctanh(fits.rho), [tail, 0.5, 1 - tail])
    ratio = 0.0 if layout.onset is None else float(np.median(np.log(fits.kappa)))
    return _Node(
        quantiles=np.append(spread, [ratio, np.median(fits.innovation_sd)]),
        magnitudes=np.sort(np.abs(fits.statistics.T), axis=1),
        joint=np.sort(fits.joint),
    )


def _rank_node(
    law: NullLaw,
    layout: Layout,
    contrasts: FloatArray,
    joint: FloatArray | None,
    rho: float,
    kappa: float,
    seed: int,
    stream: str,
    series: int,
) -> tuple[FloatArray, FloatArray]:
    """Two-sided p of each contrast, and p of the joint F, in null series of one node, ascending."""
    fits = simulate_fits(
        layout,
        contrasts,
        joint,
        rho=rho,
        kappa=kappa,
        seed=seed,
        stream=f"{stream}:again",
        series=series,
    )
    place = law.unbias(fits)
    single = [
        2 * law.exceedance(np.abs(fits.statistics[:, at]), at, *place)
        for at in range(len(contrasts))
    ]
    whole = fits.joint if joint is None else law.joint_exceedance(fits.joint, *place)
    return np.sort(np.stack(single), axis=1), np.sort(whole)


def _lower_quantile(ascending: FloatArray, share: float) -> FloatArray:
    position = int(np.floor(share * (ascending.shape[-1] + 1))) - 1
    return ascending[..., max(position, 0)]


def _locate(nodes: FloatArray, values: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """Node at or below each value and the share of the way to the next."""
    if len(nodes) == 1:
        return np.zeros(len(values), dtype=np.intp), np.zeros(len(values))
    low = np.clip(np.searchsorted(nodes, values, side="right") - 1, 0, len(nodes) - 2)
    return low, np.clip((values - nodes[low]) / (nodes[low + 1] - nodes[low]), 0.0, 1.0)


def _mix(low: FloatArray, high: FloatArray, weight: FloatArray) -> FloatArray:
    return (1 - weight) * low + weight * high


def _invert(curves: FloatArray, nodes: FloatArray, values: FloatArray) -> FloatArray:
    """Where each row of rising `curves` (m, g) over `nodes` reaches its value."""
    rows = np.arange(len(values))
    low = np.clip((curves <= values[:, None]).sum(axis=1) - 1, 0, len(nodes) - 2)
    start, end = curves[rows, low], curves[rows, low + 1]
    rise = np.where(end > start, end - start, 1.0)
    return _mix(nodes[low], nodes[low + 1], np.clip((values - start) / rise, 0.0, 1.0))


def _upper_quantile(ascending: FloatArray, share: float) -> FloatArray:
    position = int(np.ceil((1 - share) * (ascending.shape[-1] + 1))) - 1
    return ascending[..., min(position, ascending.shape[-1] - 1)]
