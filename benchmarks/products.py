"""The matrix products without which no series of a design is fitted, and nothing else.

Residuals of least squares are needed, the few directions z of them on which the profile depends,
the profile at every node, the slopes of the polynomial around its lowest node, the normal equations
at the rho found, the errors from the onset on, and estimates with their variances.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.layout import Layout
from analysis.kernel.reml_search import TILE
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]


def unavoidable(layout: Layout, contrasts: FloatArray, tested: int) -> dict[str, tuple[int, int]]:
    """Rows and inner length of each product, by what it gives; columns are series."""
    n, k, grid = layout.n_obs, layout.n_terms, layout.grid
    z, pieces = len(grid.directions), len(grid.gram)
    c, later = len(contrasts), int(layout.after.sum())
    return {
        "coefficients": (k, n),
        "fitted values": (n, k),
        "directions z": (z, n),
        "profile at all nodes": grid.form.shape,
        "slopes of the polynomial": grid.slopes.shape,
        "Q'V^-1 Q, lower triangle": (k * (k + 1) // 2, pieces),
        "Q'V^-1 u": ((pieces - 1) * k, z),
        "fitted values from the onset on": (later + 1, k),
        "estimates": (c, k),
        "their variances": (c, tested * (tested + 1) // 2),
    }


def operations(products: dict[str, tuple[int, int]]) -> int:
    """Multiplications and additions a series."""
    return sum(2 * rows * inner for rows, inner in products.values())


def only_products(products: dict[str, tuple[int, int]], series: int) -> Callable[[], None]:
    """A call that takes these products of random numbers, in tiles that stay in the cache."""
    generator = np.random.default_rng(1)
    sizes = [min(TILE, series - at) for at in range(0, series, TILE)]
    widest = max(sizes)
    tasks = [
        (
            generator.standard_normal((rows, inner)),
            generator.standard_normal((inner, widest)),
            np.empty((rows, widest)),
        )
        for rows, inner in products.values()
    ]

    def call() -> None:
        with one_thread():
            for size in sizes:
                for left, right, out in tasks:
                    np.matmul(left, right[:, :size], out=out[:, :size])

    return call
