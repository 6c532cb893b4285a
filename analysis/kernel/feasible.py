"""GLS with a rho taken from the residuals, for many series at once: what users know.

    u_t = r u_(t-1) + v_t,   r = sum e_t e_(t-1) / sum e_(t-1)^2,   e = y - X b

b and r in turn until r stays. Prais & Winsten (1954, Cowles Commission discussion paper 383) keep
the first year, weighted by root(1 - r^2); Cochrane & Orcutt (1949, J. Am. Stat. Assoc. 44, 32-61,
doi:10.1080/01621459.1949.10483290) drop it. GLSAR of statsmodels is the latter with Yule and
Walker's r and a fixed number of rounds. Shown with their measured size, never used for a verdict.

Across a gap of d years Prais-Winsten weighs by r^d, as the exact AR(1) does; Cochrane-Orcutt drops
the first year after every gap. r is read from neighbouring years only.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.layout import Layout
from analysis.kernel.triangles import Triangle, backward, cholesky, forward

FloatArray = NDArray[np.float64]
ROUNDS = 200
SETTLED = 1e-10  # rho moves less than this
RHO_BOUND = 0.999  # beyond it, and where the residuals explode, rho is held here
GLSAR_ROUNDS = 3  # default of GLSAR.iterative_fit
GLSAR_SETTLED = 1e-4


@dataclass(frozen=True, eq=False)
class FeasibleFits:
    """Feasible GLS of many series.

    Attributes:
        rho: Autocorrelation in the last round, shape (m,).
        estimates: Contrasts of the coefficients, shape (m, c).
        std_errors: Their standard errors, shape (m, c).
        df_resid: Rows kept less coefficients.
    """

    rho: FloatArray
    estimates: FloatArray
    std_errors: FloatArray
    df_resid: int

    @property
    def statistics(self) -> FloatArray:
        """t values, shape (m, c)."""
        return self.estimates / self.std_errors


def fit_prais_winsten(series: FloatArray, layout: Layout, contrasts: FloatArray) -> FeasibleFits:
    """Iterated Prais-Winsten, t with n - k degrees of freedom."""
    return _iterate(series, layout, contrasts, layout.coefficients, layout.n_obs)


def fit_cochrane_orcutt(series: FloatArray, layout: Layout, contrasts: FloatArray) -> FeasibleFits:
    """Iterated Cochrane-Orcutt without the first year, t with n - 1 - k degrees of freedom."""
    kept = int((layout.gaps == 1).sum())
    return _iterate(series, layout, contrasts, _without_first(layout), kept)


def fit_glsar(series: FloatArray, layout: Layout, contrasts: FloatArray) -> FeasibleFits:
    """What `statsmodels.GLSAR(y, X, 1).iterative_fit()` gives: it drops the first year.

    Args:
        series: Shape (m, n); the years of `layout` must be consecutive.
        layout: Years and regressors.
        contrasts: Rows R of which R b is estimated, shape (c, k).
    """
    weights = _without_first(layout)
    rho: FloatArray = np.zeros(len(series))
    last: FloatArray = np.zeros((layout.n_terms, len(series)))
    going = np.ones(len(series), dtype=bool)
    triangle = layout.basis[1]
    for number in range(GLSAR_ROUNDS - 1):
        beta = _solve(series, layout, weights(rho)).beta
        plain: FloatArray = np.linalg.solve(triangle, beta).astype(np.float64)
        if number:
            moved = np.max(np.abs(last - plain) / np.abs(last), axis=0)
            going &= moved >= GLSAR_SETTLED
        rho = np.where(going, _yule_walker(series - beta.T @ layout.basis[0].T), rho)
        last = plain
    return _report(series, layout, contrasts, rho, weights, layout.n_obs - 1)


def _iterate(
    series: FloatArray,
    layout: Layout,
    contrasts: FloatArray,
    weights: Callable[[FloatArray], FloatArray],
    kept: int,
) -> FeasibleFits:
    rho = np.zeros(len(series))
    going = np.arange(len(series))
    for _ in range(ROUNDS):
        part = series[going]
        beta = _solve(part, layout, weights(rho[going])).beta
        fresh = _neighbour_rho(part - beta.T @ layout.basis[0].T, layout)
        moved = np.abs(fresh - rho[going]) > SETTLED
        rho[going] = fresh
        going = going[moved]
        if not len(going):
            break
    return _report(series, layout, contrasts, rho, weights, kept)


def _report(
    series: FloatArray,
    layout: Layout,
    contrasts: FloatArray,
    rho: FloatArray,
    weights: Callable[[FloatArray], FloatArray],
    kept: int,
) -> FeasibleFits:
    solved = _solve(series, layout, weights(rho))
    rotated = np.linalg.solve(layout.basis[1].T, contrasts.T)
    rays = [
        forward(solved.factor, np.repeat(row[:, None], len(series), axis=1)) for row in rotated.T
    ]
    spare = kept - layout.n_terms
    spread = np.sqrt(np.stack([(ray * ray).sum(axis=0) for ray in rays]) * solved.rss / spare)
    return FeasibleFits(rho, (rotated.T @ solved.beta).T, spread.T, spare)


@dataclass(frozen=True, eq=False)
class _Solved:
    beta: FloatArray  # coefficients of the orthonormal basis, (k, m)
    factor: Triangle
    rss: FloatArray


def _solve(series: FloatArray, layout: Layout, weights: FloatArray) -> _Solved:
    """GLS with the pieces of V^-1 weighted as given, shape (1 + 3 d, m)."""
    k, m, pieces = layout.n_terms, len(series), len(weights)
    gram = layout.gram_parts.reshape(pieces, -1).T @ weights
    factor = cholesky(gram.reshape(k, k, m), k)
    products = (series @ layout.moment_weights).T.reshape(pieces, k, m)
    beta = backward(factor, forward(factor, np.einsum("jm,jkm->km", weights, products)))
    errors = np.ascontiguousarray((series - beta.T @ layout.basis[0].T).T)
    rss = weights[0] * errors[0] ** 2
    for position, steps in enumerate(layout.steps):
        now, before = errors[1:][steps], errors[:-1][steps]
        alone, crossed, behind = weights[1 + 3 * position : 4 + 3 * position]
        rss += alone * (now * now).sum(axis=0) + behind * (before * before).sum(axis=0)
        rss += 2 * crossed * (now * before).sum(axis=0)
    return _Solved(beta, factor, rss)


def _without_first(layout: Layout) -> Callable[[FloatArray], FloatArray]:
    """Weights that leave out the first year and the first after every gap."""
    kept = np.zeros(1 + 3 * len(layout.distances))
    for position, distance in enumerate(layout.distances):
        kept[1 + 3 * position : 4 + 3 * position] = distance == 1

    def weights(rho: FloatArray) -> FloatArray:
        return layout.coefficients(rho) * kept[:, None]

    return weights


def _neighbour_rho(errors: FloatArray, layout: Layout) -> FloatArray:
    neighbours = layout.gaps == 1
    now, before = errors[:, 1:][:, neighbours], errors[:, :-1][:, neighbours]
    rho = (now * before).sum(axis=1) / (before * before).sum(axis=1)
    held: FloatArray = np.clip(rho, -RHO_BOUND, RHO_BOUND)
    return held


def _yule_walker(errors: FloatArray) -> FloatArray:
    n = errors.shape[1]
    centred = errors - errors.mean(axis=1, keepdims=True)
    products = (centred[:, 1:] * centred[:, :-1]).sum(axis=1) / (n - 1)
    rho: FloatArray = products / ((centred**2).sum(axis=1) / n)
    return rho
