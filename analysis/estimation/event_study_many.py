"""The same event study on many outcomes at once, to count how often its tests reject.

Units, years and dummies stay, so that all estimates are one product and all sums of scores another.
The numbers are those of `estimate_paths`, outcome by outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy import stats

from analysis.design.event_study import EventStudyDesign, Path
from analysis.estimation.donor_paths import contrast_rows, donor_paths
from analysis.estimation.event_study import check_members, default_lags, wishart_degrees
from analysis.estimation.pre_trends import joint_df, joint_f
from analysis.kernel.few_clusters import adjusted_influence, bias_reduced
from analysis.kernel.panel_covariance import WithinFit, fit_within, small_sample
from analysis.kernel.two_way import IntArray, residualise

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ManyPaths:
    """One path of many outcomes with one kind of covariance.

    Attributes:
        estimates: Event times and the average post effect, shape (B, m + 1).
        covariances: Shape (B, m + 1, m + 1).
        df: Of t, shape (m + 1,).
        n_groups: Clusters or donors.
        wishart: As in `PathEstimate`.
        is_pre: Event times before the onset, shape (m + 1,).
    """

    estimates: FloatArray
    covariances: FloatArray
    df: FloatArray
    n_groups: int
    wishart: float
    is_pre: NDArray[np.bool_]

    @cached_property
    def p_values(self) -> FloatArray:
        """Two-sided p of each t, 1 where there is no error, shape (B, m + 1)."""
        variances = np.einsum("bmm->bm", self.covariances)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.abs(self.estimates) / np.sqrt(variances)
        return np.where(variances > 0, 2 * stats.t.sf(t, self.df), 1.0)

    @cached_property
    def joint_p(self) -> FloatArray:
        """p of all event times before the onset together, nan where it cannot be had."""
        pre = np.flatnonzero(self.is_pre)
        v = self.covariances[:, pre[:, None], pre[None, :]]
        f = joint_f(self.estimates[:, pre], v, self.n_groups, self.wishart)
        df = joint_df(len(pre), self.n_groups, self.wishart)
        p: FloatArray = np.asarray(stats.f.sf(f, *df))
        return p


def estimate_many(
    design: EventStudyDesign,
    path: Path,
    outcomes: FloatArray,
    kinds: Sequence[str],
    lags: int | None = None,
) -> dict[str, ManyPaths]:
    """Estimate one path of many outcomes, by kind of covariance.

    Args:
        design: From `event_study_design`; its own outcome is not used.
        path: One of its paths.
        outcomes: On the rows of the design, shape (n, B).
        kinds: As in `estimate_paths`.
        lags: Of Driscoll-Kraay; None for `default_lags`.
    """
    fit = fit_within(outcomes[:, 0], design.regressors, design.effects)
    rows = contrast_rows(path)
    within = residualise(outcomes, design.effects)
    coefficients = fit.bread @ (fit.regressors.T @ within)
    residuals = within - fit.regressors @ coefficients
    estimates = (rows @ coefficients).T
    influence = fit.regressors @ fit.bread @ rows.T
    is_pre = np.array([*(time < 0 for time in path.event_times), False])
    found = {}
    for kind in kinds:
        if kind == "donors":
            parts = _donors(design, path, outcomes)
        elif kind == "cr2":
            parts = _bias_reduced(design, fit, path, residuals)
        else:
            parts = _summed(design, fit, influence, residuals, kind, lags)
        found[kind] = ManyPaths(estimates, *parts, is_pre)
    return found


def _donors(
    design: EventStudyDesign, path: Path, outcomes: FloatArray
) -> tuple[FloatArray, FloatArray, int, float]:
    paths = donor_paths(design, path, outcomes)
    n_donors = len(paths)
    centred = paths - paths.mean(axis=0)
    spread = np.einsum("jmb,jlb->bml", centred, centred) / (n_donors - 1)
    factor = 1 / len(design.treated) + 1 / n_donors
    return factor * spread, np.full(paths.shape[1], n_donors - 1.0), n_donors, n_donors - 1.0


def _bias_reduced(
    design: EventStudyDesign, fit: WithinFit, path: Path, residuals: FloatArray
) -> tuple[FloatArray, FloatArray, int, float]:
    rows = contrast_rows(path)
    members, adjusted = adjusted_influence(fit, design.unit_codes, rows)
    scores = np.stack([a.T @ residuals[at] for at, a in zip(members, adjusted, strict=True)])
    df = bias_reduced(fit, design.unit_codes, rows).df
    return _outer(scores), df, len(members), wishart_degrees(design, fit, path)


def _summed(
    design: EventStudyDesign,
    fit: WithinFit,
    influence: FloatArray,
    residuals: FloatArray,
    kind: str,
    lags: int | None,
) -> tuple[FloatArray, FloatArray, int, float]:
    if kind == "dyadic":
        members = check_members(design)
        n_groups, clusters = members.n_members, members.dyads
        incidence = _indicator(members.first, n_groups) + _indicator(members.second, n_groups)
        meat = _outer(_sums(incidence, influence, residuals))
        meat -= _outer(_sums(_indicator(design.unit_codes), influence, residuals))
    elif kind == "driscoll-kraay":
        n_groups, clusters = len(design.years), design.year_codes
        chosen = default_lags(n_groups) if lags is None else lags
        sums = _sums(_indicator(clusters), influence, residuals)
        meat = _outer(sums)
        for lag in range(1, chosen + 1):
            lagged = np.einsum("gmb,glb->bml", sums[lag:], sums[:-lag])
            meat += (1 - lag / (chosen + 1)) * (lagged + lagged.transpose(0, 2, 1))
    else:
        n_groups, clusters = len(design.units), design.unit_codes
        meat = _outer(_sums(_indicator(clusters), influence, residuals))
    factor = small_sample(fit, n_groups, "fixest", (clusters,))
    return (
        _positive(factor * meat),
        np.full(influence.shape[1], n_groups - 1.0),
        n_groups,
        float("nan"),
    )


def _indicator(codes: IntArray, n_levels: int | None = None) -> sparse.csr_array:
    n = int(codes.max()) + 1 if n_levels is None else n_levels
    ones = np.ones(len(codes))
    return sparse.csr_array((ones, (codes, np.arange(len(codes)))), shape=(n, len(codes)))


def _sums(incidence: sparse.csr_array, influence: FloatArray, residuals: FloatArray) -> FloatArray:
    """Sums of scores by group, shape (G, m, B)."""
    return np.stack([incidence @ (column[:, None] * residuals) for column in influence.T], axis=1)


def _outer(sums: FloatArray) -> FloatArray:
    """Sum over groups of their products, shape (B, m, m)."""
    by_outcome = np.ascontiguousarray(sums.transpose(2, 1, 0))
    return np.asarray(by_outcome @ by_outcome.transpose(0, 2, 1))


def _positive(matrices: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh((matrices + matrices.transpose(0, 2, 1)) / 2)
    kept = np.maximum(values, 0.0)
    return np.asarray((vectors * kept[:, None, :]) @ vectors.transpose(0, 2, 1))
