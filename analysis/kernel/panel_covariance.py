"""Covariances of panel regressions, each with its small-sample convention by name.

With residualised regressors X, residuals e and B = (X'X)^-1 the covariance is c B M B: M sums
products of scores s_r = x_r e_r over pairs of rows whose errors may be correlated, c corrects for
small samples. K counts the regressors and the effects taken out.

============ ======================================= =====================================
convention   c for G clusters                        K
============ ======================================= =====================================
"fixest"     G/(G-1) (n-1)/(n-K)                     without effects nested in the clusters
"linearmodels" n/(n-K)                               all effects, none if all are nested
"sandwich"   G/(G-1) (n-1)/(n-k)                     regressors and intercept only
"none"       1                                       -
============ ======================================= =====================================

"fixest" is R's fixest 0.11-0.12 (Stata's reghdfe has the same c); G is the number of years for
Driscoll-Kraay, the smallest number for several clusterings, the number of states for dyadic.
"linearmodels" is `PanelOLS(...).fit(cov_type="clustered")` as it comes.

.. Liang & Zeger (1986), Biometrika 73, 13-22; Cameron, Gelbach & Miller (2011), J. Bus. Econ.
   Stat. 29, 238-249; Driscoll & Kraay (1998), Rev. Econ. Stat. 80, 549-560; Newey & West (1987).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from analysis.errors import DesignError, EstimationError
from analysis.kernel.dyadic import Members, dyadic_meat, sum_by
from analysis.kernel.two_way import Effects, IntArray, residualise

FloatArray = NDArray[np.float64]
CONVENTIONS = ("fixest", "linearmodels", "sandwich", "none")
LARGEST_INFLATION = 1e10  # loss of length in taking effects out at which a regressor is collinear


@dataclass(frozen=True, eq=False)
class WithinFit:
    """Least squares with fixed effects taken out.

    Attributes:
        estimates: Shape (k,).
        regressors: Residualised X, shape (n, k).
        residuals: Shape (n,).
        bread: (X'X)^-1, shape (k, k).
        effects: What was taken out.
    """

    estimates: FloatArray
    regressors: FloatArray
    residuals: FloatArray
    bread: FloatArray
    effects: Effects

    @property
    def n_obs(self) -> int:
        return len(self.residuals)

    @property
    def scores(self) -> FloatArray:
        weights = self.effects.weights
        errors = self.residuals if weights is None else self.residuals * weights
        products: FloatArray = self.regressors * errors[:, None]
        return products

    @property
    def df_resid(self) -> int:
        return self.n_obs - len(self.estimates) - self.effects.n_absorbed


@dataclass(frozen=True, eq=False)
class Covariance:
    """A covariance of the estimates and what its t-values are compared with.

    Attributes:
        kind: "clustered", "two-way clustered", "driscoll-kraay" or "dyadic".
        matrix: Shape (k, k), positive semidefinite.
        df: Degrees of freedom of t: clusters less one.
        n_clusters: G of the convention.
        convention: Small-sample convention by name.
        n_negative: Negative eigenvalues that were set to zero.
    """

    kind: str
    matrix: FloatArray
    df: int
    n_clusters: int
    convention: str
    n_negative: int = 0

    @property
    def std_errors(self) -> FloatArray:
        errors: FloatArray = np.sqrt(np.diag(self.matrix))
        return errors


def fit_within(y: FloatArray, x: FloatArray, effects: Effects) -> WithinFit:
    """Regress y on x with fixed effects.

    Args:
        y: Shape (n,).
        x: Shape (n, k); without an intercept, which the effects hold.
        effects: Sets of effects, with weights if rows are weighted.

    Raises:
        EstimationError: A regressor does not vary once the effects are taken out, or regressors
            are collinear.
    """
    both = residualise(np.column_stack([y, x]), effects)
    within_y, within_x = both[:, 0], both[:, 1:]
    weighted = within_x if effects.weights is None else within_x * effects.weights[:, None]
    gram = within_x.T @ weighted
    lengths = np.sqrt(np.diag(gram))
    before = np.linalg.norm(x, axis=0)
    if (lengths <= before / LARGEST_INFLATION**0.5).any() or not _has_full_rank(gram, lengths):
        raise EstimationError(
            "The regressors are collinear with each other or with the fixed effects; "
            "leave one of them out."
        )
    bread = np.linalg.inv(gram).astype(np.float64)
    estimates = bread @ (weighted.T @ within_y)
    return WithinFit(estimates, within_x, within_y - within_x @ estimates, bread, effects)


def clustered(fit: WithinFit, clusters: IntArray, convention: str = "fixest") -> Covariance:
    """Covariance robust to any correlation within clusters (Liang & Zeger 1986)."""
    n_clusters = _count(clusters)
    meat = _cluster_meat(fit.scores, clusters)
    return _finish(fit, "clustered", meat, n_clusters, convention, clusters)


def multiway_clustered(
    fit: WithinFit, clusters: Sequence[IntArray], convention: str = "fixest"
) -> Covariance:
    """Covariance robust to correlation within any of several clusterings (Cameron et al. 2011).

    Sums over the clusterings, less those over the cells they form in pairs, and so on in turn.
    """
    apart = convention == "sandwich"
    meat = np.zeros((len(fit.estimates),) * 2)
    for size in range(1, len(clusters) + 1):
        for chosen in combinations(clusters, size):
            cells = np.unique(np.stack(chosen), axis=1, return_inverse=True)[1].ravel()
            # R's sandwich corrects each sum for its own number of clusters, fixest all alike
            own = small_sample(fit, _count(cells), convention, ()) if apart else 1.0
            meat += (-1) ** (size + 1) * own * _cluster_meat(fit.scores, cells)
    smallest = min(clusters, key=_count)
    covariance = _finish(
        fit,
        "two-way clustered",
        meat,
        _count(smallest),
        "none" if apart else convention,
        *clusters,
    )
    return replace(covariance, convention=convention)


def driscoll_kraay(
    fit: WithinFit, years: IntArray, lags: int, convention: str = "fixest"
) -> Covariance:
    """Covariance robust to correlation between units and, over some years, in time.

    Args:
        fit: The regression.
        years: Year of each row as a code in order of time.
        lags: Bartlett weights 1 - l/(lags + 1) are given to lags l up to this.
    """
    n_years = _count(years)
    if not 0 <= lags < n_years:
        raise DesignError(f"{lags} lags need more than {lags} years; there are {n_years}.")
    sums = sum_by(fit.scores, years, n_years)
    meat = sums.T @ sums
    for lag in range(1, lags + 1):
        lagged = sums[lag:].T @ sums[:-lag]
        meat += (1 - lag / (lags + 1)) * (lagged + lagged.T)
    return _finish(fit, "driscoll-kraay", meat, n_years, convention, years)


def dyadic(fit: WithinFit, members: Members, convention: str = "fixest") -> Covariance:
    """Dyadic-cluster-robust covariance (Aronow, Samii & Assenova 2015); "none" is theirs."""
    meat = dyadic_meat(fit.scores, members)
    return _finish(fit, "dyadic", meat, members.n_members, convention, members.dyads)


def positive_part(matrix: FloatArray) -> tuple[FloatArray, int]:
    """The matrix with negative eigenvalues set to zero, and how many there were."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    negative = values < -1e-12 * max(float(np.abs(values).max()), np.finfo(float).tiny)
    if not negative.any():
        return (matrix + matrix.T) / 2, 0
    return (vectors * np.where(negative, 0.0, values)) @ vectors.T, int(negative.sum())


def _finish(
    fit: WithinFit,
    kind: str,
    meat: FloatArray,
    n_clusters: int,
    convention: str,
    *clusters: IntArray,
) -> Covariance:
    if n_clusters < 2:
        raise DesignError(f"A {kind} covariance needs two clusters or more; there is one.")
    factor = small_sample(fit, n_clusters, convention, clusters)
    matrix, n_negative = positive_part(factor * fit.bread @ meat @ fit.bread)
    return Covariance(kind, matrix, n_clusters - 1, n_clusters, convention, n_negative)


def small_sample(
    fit: WithinFit, n_clusters: int, convention: str, clusters: Sequence[IntArray]
) -> float:
    """The factor c of a convention."""
    n, k = fit.n_obs, len(fit.estimates)
    if convention == "none":
        return 1.0
    few = n_clusters / (n_clusters - 1)
    if convention == "sandwich":
        return few * (n - 1) / (n - k - 1)
    if convention == "fixest":
        return few * (n - 1) / (n - k - _not_nested(fit.effects, clusters))
    if convention == "linearmodels":
        nested = all(_nested(fit.effects, clusters))
        return n / (n - k - (0 if nested else fit.effects.n_absorbed))
    raise DesignError(f'There is no convention "{convention}"; known are {", ".join(CONVENTIONS)}.')


def _not_nested(effects: Effects, clusters: Sequence[IntArray]) -> int:
    """Effects that count as estimated: those not constant within clusters, an intercept if none."""
    nested = [any(inside) for inside in zip(*(effects.nested_in(c) for c in clusters), strict=True)]
    if not any(nested):
        return effects.n_absorbed
    counted = [n - 1 for n, inside in zip(effects.levels, nested, strict=True) if not inside]
    return sum(counted) + 1


def _nested(effects: Effects, clusters: Sequence[IntArray]) -> list[bool]:
    """Which sets of effects are constant within the clusters of some clustering."""
    return [any(inside) for inside in zip(*(effects.nested_in(c) for c in clusters), strict=True)]


def _cluster_meat(scores: FloatArray, clusters: IntArray) -> FloatArray:
    sums = sum_by(scores, clusters, int(clusters.max()) + 1)
    meat: FloatArray = sums.T @ sums
    return meat


def _count(codes: IntArray) -> int:
    return int(np.count_nonzero(np.bincount(codes)))


def _has_full_rank(gram: FloatArray, lengths: FloatArray) -> bool:
    values = np.linalg.eigvalsh(gram / np.outer(lengths, lengths))
    return bool(values[0] > 1e-10 * values[-1])
