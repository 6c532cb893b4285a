"""Inference for regressions with few clusters: CR2 with Satterthwaite degrees, wild bootstrap.

Residuals are too small where a cluster has leverage. CR2 undoes this cluster by cluster under a
working model of independent errors, A_g = (I - H_gg)^(-1/2), and compares t with the degrees of
freedom that the variance estimator really has; several contrasts are tested together by
Hotelling's T^2 with degrees of freedom of the same kind ("HTZ") [1]_. The wild cluster bootstrap
keeps the null hypothesis and turns the sign of all residuals of a cluster at once [2]_; all 2^G
sign vectors are gone through, so that p has no Monte Carlo error.

.. [1] Bell & McCaffrey (2002), Survey Methodology 28, 169-181; Pustejovsky & Tipton (2018),
   J. Bus. Econ. Stat. 36, 672-683.
.. [2] Cameron, Gelbach & Miller (2008), Rev. Econ. Stat. 90, 414-427; Webb (2014).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.errors import EstimationError
from analysis.kernel.panel_covariance import WithinFit
from analysis.kernel.two_way import Effects, IntArray, residualise

FloatArray = NDArray[np.float64]
MOST_CELLS = 20_000_000  # rows times effects that are laid out in full
MOST_SIGNED = 14  # clusters up to which all sign vectors are gone through
SINGULAR = 1e-10


@dataclass(frozen=True, eq=False)
class BiasReduced:
    """CR2 covariance and the degrees of freedom of each coefficient's t.

    Attributes:
        matrix: Of the coefficients or contrasts, shape (m, m).
        df: Satterthwaite degrees of freedom of each, shape (m,).
        n_clusters: G.
    """

    matrix: FloatArray
    df: FloatArray
    n_clusters: int

    @property
    def std_errors(self) -> FloatArray:
        errors: FloatArray = np.sqrt(np.diag(self.matrix))
        return errors


def bias_reduced(
    fit: WithinFit, clusters: IntArray, contrasts: FloatArray | None = None
) -> BiasReduced:
    """CR2 of Bell & McCaffrey for a regression with fixed effects, as R's clubSandwich has it.

    Args:
        fit: The regression.
        clusters: Cluster of each row.
        contrasts: Combinations of the coefficients, shape (m, k); None for each by itself.

    Raises:
        EstimationError: The panel is too large to lay out, or one cluster alone identifies a
            coefficient, so that its residuals say nothing about the coefficient's error.
    """
    if fit.n_obs * (sum(fit.effects.levels) + len(fit.estimates)) > MOST_CELLS:
        raise EstimationError(
            f"CR2 lays out all effects; {fit.n_obs:,} rows are too many. Use clustered errors."
        )
    basis = _basis(fit)
    members, adjusted = _influence(fit, basis, clusters, contrasts)
    scores = np.stack([fit.residuals[rows] @ a for rows, a in zip(members, adjusted, strict=True)])
    return BiasReduced(scores.T @ scores, _degrees(basis, members, adjusted), len(members))


def joint_degrees(fit: WithinFit, clusters: IntArray, contrasts: FloatArray) -> float:
    """Degrees of freedom eta of the CR2 covariance of q contrasts as a Wishart matrix (HTZ).

    With Q the Wald statistic, (eta - q + 1) / (eta q) Q is compared with F(q, eta - q + 1).
    """
    basis = _basis(fit)
    values, vectors = np.linalg.eigh(contrasts @ fit.bread @ contrasts.T)
    members, adjusted = _influence(fit, basis, clusters, (vectors / np.sqrt(values)).T @ contrasts)
    # products of (I - H) A_g X_g B c over clusters g, h and contrasts s, t
    shared = np.stack([basis[rows].T @ a for rows, a in zip(members, adjusted, strict=True)])
    own = np.stack([a.T @ a for a in adjusted])
    products = -np.einsum("gbs,hbt->ghst", shared, shared, optimize=True)
    place = np.arange(len(members))
    products[place, place] += own
    straight = np.einsum("ghss,ghtt->", products, products, optimize=True)
    crossed = np.einsum("ghst,ghts->", products, products, optimize=True)
    q = len(contrasts)
    return float(q * (q + 1) / (straight + crossed))


def adjusted_influence(
    fit: WithinFit, clusters: IntArray, contrasts: FloatArray
) -> tuple[list[NDArray[np.intp]], list[FloatArray]]:
    """Rows of each cluster, and their weights A_g X_g B C' on residuals, shape (n_g, m) each."""
    return _influence(fit, _basis(fit), clusters, contrasts)


def wild_cluster_p(
    y: FloatArray, x: FloatArray, effects: Effects, clusters: IntArray, which: int
) -> float:
    """p of "coefficient `which` is 0" by the restricted wild cluster bootstrap, all sign vectors.

    Share of the 2^G statistics |t*| that are at least |t|; t has the cluster-robust error without
    small-sample factor, which cancels.

    Raises:
        EstimationError: There are more than `MOST_SIGNED` clusters.
    """
    names, codes = np.unique(clusters, return_inverse=True)
    if len(names) > MOST_SIGNED:
        raise EstimationError(
            f"{len(names)} clusters have {2 ** len(names):,} sign vectors; at most {MOST_SIGNED} "
            "clusters are gone through. Use CR2 or clustered errors."
        )
    both = residualise(np.column_stack([y, x]), effects)
    outcome, regressors = both[:, 0], both[:, 1:]
    others = np.delete(regressors, which, axis=1)
    fitted = others @ np.linalg.lstsq(others, outcome, rcond=None)[0]
    signs = 1.0 - 2.0 * ((np.arange(2 ** len(names))[:, None] >> np.arange(len(names))) & 1)
    drawn = fitted[:, None] + (outcome - fitted)[:, None] * signs.T[codes]
    drawn = residualise(drawn, effects)
    statistics = np.abs(_cluster_t(drawn, regressors, codes, which))
    reached = statistics >= statistics[0] * (1 - 1e-9)  # the first vector turns no sign
    return float(reached.mean())


def _influence(
    fit: WithinFit, basis: FloatArray, clusters: IntArray, contrasts: FloatArray | None
) -> tuple[list[NDArray[np.intp]], list[FloatArray]]:
    influence = fit.regressors @ fit.bread
    if contrasts is not None:
        influence = influence @ contrasts.T
    order = np.argsort(clusters, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
    return members, [_adjust(basis[rows], influence[rows]) for rows in members]


def _basis(fit: WithinFit) -> FloatArray:
    """Orthonormal basis of all effects and regressors, shape (n, rank)."""
    if fit.n_obs * (sum(fit.effects.levels) + len(fit.estimates)) > MOST_CELLS:
        raise EstimationError(
            f"CR2 lays out all effects; {fit.n_obs:,} rows are too many. Use clustered errors."
        )
    dummies = [
        (codes[:, None] == np.arange(n)).astype(float)
        for codes, n in zip(fit.effects.codes, fit.effects.levels, strict=True)
    ]
    u, singular, _ = np.linalg.svd(np.column_stack(dummies), full_matrices=False)
    effects = u[:, singular > SINGULAR * singular[0]]
    return np.column_stack([effects, np.linalg.qr(fit.regressors)[0]])


def _adjust(basis: FloatArray, influence: FloatArray) -> FloatArray:
    """A_g X_g B for one cluster, shape (n_g, k)."""
    values, vectors = np.linalg.eigh(np.eye(len(basis)) - basis @ basis.T)
    kept = values > SINGULAR
    lost = vectors[:, ~kept].T @ influence
    if np.abs(lost).max(initial=0.0) > 1e-6 * np.abs(influence).max(initial=0.0):
        raise EstimationError(
            "One cluster alone identifies a coefficient and is fitted without error; no clustered "
            "standard error can be had from its residuals."
        )
    adjusted: FloatArray = (vectors[:, kept] / np.sqrt(values[kept])) @ (
        vectors[:, kept].T @ influence
    )
    return adjusted


def _degrees(
    basis: FloatArray, members: list[NDArray[np.intp]], adjusted: list[FloatArray]
) -> FloatArray:
    """(trace P)^2 / |P|^2 for each coefficient, P the products of (I - H) A_g X_g B c."""
    n_terms = adjusted[0].shape[1]
    degrees = np.empty(n_terms)
    for term in range(n_terms):
        own = np.array([a[:, term] @ a[:, term] for a in adjusted])
        shared = np.stack(
            [basis[rows].T @ a[:, term] for rows, a in zip(members, adjusted, strict=True)]
        )
        products = np.diag(own) - shared @ shared.T
        degrees[term] = np.trace(products) ** 2 / (products**2).sum()
    return degrees


def _cluster_t(
    drawn: FloatArray, regressors: FloatArray, codes: IntArray, which: int
) -> FloatArray:
    bread = np.linalg.inv(regressors.T @ regressors)
    estimates = bread @ (regressors.T @ drawn)
    errors = drawn - regressors @ estimates
    direction = regressors @ bread[which]
    n_clusters = int(codes.max()) + 1
    indicator = (codes[:, None] == np.arange(n_clusters)).astype(float)
    sums = (indicator * direction[:, None]).T @ errors
    t: FloatArray = estimates[which] / np.sqrt((sums**2).sum(axis=0))
    return t
