"""Tabulate the null law of the REML statistics of one design.

The law of t = R b / se depends on the regressors and years, on the autocorrelation rho and on
kappa, the innovation sd from the first onset on over that before, and on nothing else. It is
simulated at the nodes of a grid over (rho, kappa), with the same innovations at every node, and
interpolated in between. REML's rho and the raw sd ratio are biased in short series: the pair with
which the simulated medians of both estimates equal what was observed replaces them (Andrews 1993,
Econometrica 61, 139-165, doi:10.2307/2951781, for rho alone).

That pair errs too, so a p read from the law is not quite uniform where nothing happens. Its own law
is simulated: series are drawn at every node, each is read at its own estimates, and a p is replaced
by its rank among theirs (prepivoting: Beran 1987, Biometrika 74, 457-468,
doi:10.1093/biomet/74.3.457). What is ranked may be any function of the series; a p read at the
median-unbiased pair is much too small where rho came out low, and ranks mend that in part. So it is
read at a larger pair, that at which the lower quantiles of the estimates equal what was observed,
and ranked at the median-unbiased one. Each node has innovations of its own here, so that a p, read
between nodes, does not carry the luck of one set of them. docs/decisions/0014 holds what each of
this is worth.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from analysis.calibration.null_law import Medians, NullLaw
from analysis.kernel.ar1 import Fits, blocks, fit_ar1, join_fits
from analysis.kernel.layout import Layout
from analysis.kernel.simulate import ar1_columns, ar1_errors
from analysis.kernel.streams import standard_normals
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
RHO_NODES = np.array([-0.6, -0.3, 0.0, 0.2, 0.4, 0.55, 0.7, 0.8, 0.88, 0.94, 0.98])
KAPPA_NODES = np.array([0.15, 0.25, 0.4, 0.63, 1.0, 1.6, 2.5, 4.0, 6.5])
INTERVAL_LEVEL = 0.95
LOWER_RHO, LOWER_KAPPA = 0.15, 0.25  # quantiles of the estimates for the pair where p is read


def grid_nodes(layout: Layout) -> list[tuple[float, float]]:
    """(rho, kappa) of every node, rho by rho; without an onset kappa has the one node 1."""
    kappas = KAPPA_NODES if layout.onset is not None else np.array([1.0])
    return [(float(rho), float(kappa)) for rho in RHO_NODES for kappa in kappas]


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
    The result does not depend on `jobs`. With `again`, p-values are ranked among those of as many
    series at each node.
    """

    def fitted(rho: float, kappa: float, name: str, number: int) -> Fits:
        return simulate_fits(
            layout, contrasts, joint, rho=rho, kappa=kappa, seed=seed, stream=name, series=number
        )

    def node(rho: float, kappa: float) -> "_Node":
        return _Node.of(fitted(rho, kappa, stream, series), layout)

    pairs = grid_nodes(layout)
    law = _join_nodes(Parallel(n_jobs=jobs)(delayed(node)(*pair) for pair in pairs), layout)
    if not again:
        return law
    names = again_streams(stream, layout)
    drawn = Parallel(n_jobs=jobs)(
        delayed(fitted)(*pair, name, again) for pair, name in zip(pairs, names, strict=True)
    )
    return law.read_again(drawn)


def again_streams(stream: str, layout: Layout) -> Iterator[str]:
    """Names of the streams of each node from which p-values are read again."""
    return (f"{stream}:again:{rho:g}:{kappa:g}" for rho, kappa in grid_nodes(layout))


def law_of(fits: Sequence[Fits], layout: Layout) -> NullLaw:
    """The null law of fits of null series at each node, in the order of `grid_nodes`."""
    return _join_nodes([_Node.of(each, layout) for each in fits], layout)


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
    """What the law holds of one node; null series themselves are forgotten.

    Attributes:
        quantiles: Lowest, lower, median and highest of artanh(rho), lower and median of log(kappa),
            median of the sd.
        magnitudes: |t| of each contrast, ascending, shape (c, m).
        joint: Joint F, ascending, shape (m,).
    """

    quantiles: FloatArray
    magnitudes: FloatArray
    joint: FloatArray

    @classmethod
    def of(cls, fits: Fits, layout: Layout) -> "_Node":
        tail = (1 - INTERVAL_LEVEL) / 2
        spread = np.quantile(np.arctanh(fits.rho), [tail, LOWER_RHO, 0.5, 1 - tail])
        ratio = np.zeros(2)
        if layout.onset is not None:
            ratio = np.quantile(np.log(fits.kappa), [LOWER_KAPPA, 0.5])
        return cls(
            quantiles=np.concatenate([spread, ratio, [np.median(fits.innovation_sd)]]),
            magnitudes=np.sort(np.abs(fits.statistics.T), axis=1),
            joint=np.sort(fits.joint),
        )


def _join_nodes(nodes: Sequence[_Node], layout: Layout) -> NullLaw:
    kappas = KAPPA_NODES if layout.onset is not None else np.array([1.0])
    shape, series = (len(RHO_NODES), len(kappas)), len(nodes[0].joint)
    table = np.stack([node.quantiles for node in nodes])
    low, lower_rho, rho, high, lower_kappa, kappa, sd = table.T.reshape(-1, *shape)
    return NullLaw(
        rho=np.arctanh(RHO_NODES),
        kappa=np.log(kappas),
        medians=Medians(rho, kappa),
        lower=Medians(lower_rho, lower_kappa),
        rho_bounds=np.stack([low, high]),
        sd_median=sd,
        magnitudes=np.stack([node.magnitudes for node in nodes]).reshape(*shape, -1, series),
        joint=np.stack([node.joint for node in nodes]).reshape(*shape, series),
    )
