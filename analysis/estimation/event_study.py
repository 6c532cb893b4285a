"""Estimate the paths of an event study and their covariance.

Estimates are those of `linearmodels.PanelOLS` with effects of units and years; above `LARGE` rows
the kernel's own two-way regression gives the same numbers in a fraction of the time; both, and
pyfixest, can be asked for. Covariances
come from the kernel at any size, so that one convention holds throughout: that of R's fixest.

Where all treated units share their onsets the covariance can also be had "between donors": the
comparison units' own paths vary as the treated unit's would have without the juncture, which gives
exact t and Hotelling tests if all units vary alike, however few are treated (Donald & Lang 2007,
Rev. Econ. Stat. 89, 221-233).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.design.event_study import EventStudyDesign, Path
from analysis.errors import DesignError, EstimationError, UsageError
from analysis.estimation.donor_paths import contrast_rows, donor_paths
from analysis.estimation.engines import fit_least_squares
from analysis.kernel.dyadic import Members
from analysis.kernel.few_clusters import bias_reduced, joint_degrees
from analysis.kernel.panel_covariance import (
    Covariance,
    WithinFit,
    clustered,
    driscoll_kraay,
    dyadic,
)
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
KINDS = ("clustered", "driscoll-kraay", "dyadic", "cr2", "donors")
ZERO = 1e-9  # of the variance under independent errors
LARGE = 20_000  # rows; linearmodels then takes some twenty times as long as the kernel


@dataclass(frozen=True, eq=False)
class PathEstimate:
    """One path with one covariance.

    The last row and column of `covariance`, and the last entry of `estimates` and `df`, are those
    of the average effect over event times from 0 on.

    Attributes:
        path: Event times and what they weigh.
        kind: Of the covariance, one of `KINDS`.
        estimates: Shape (m + 1,), in the unit of the outcome.
        covariance: Shape (m + 1, m + 1).
        df: Degrees of freedom of t, shape (m + 1,).
        n_groups: Clusters, years, states or donors that the covariance is estimated from.
        wishart: Degrees of freedom with which the event times before the onset are tested together
            by Hotelling's T^2; nan where F(q, n_groups - 1) is used.
    """

    path: Path
    kind: str
    estimates: FloatArray
    covariance: FloatArray
    df: FloatArray
    n_groups: int
    wishart: float = float("nan")

    @property
    def std_errors(self) -> FloatArray:
        errors: FloatArray = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return errors

    @property
    def is_pre(self) -> NDArray[np.bool_]:
        """Event times before the onset, shape (m + 1,)."""
        return np.array([*(time < 0 for time in self.path.event_times), False])

    def intervals(self, alpha: float) -> tuple[FloatArray, FloatArray]:
        """Ends of the t intervals at 1 - alpha."""
        margin = stats.t.ppf(1 - alpha / 2, self.df) * self.std_errors
        return self.estimates - margin, self.estimates + margin

    def p_values(self) -> FloatArray:
        """Two-sided p of each t; nan where there is no error."""
        with np.errstate(divide="ignore", invalid="ignore"):
            statistics = np.abs(self.estimates) / self.std_errors
        p: FloatArray = np.asarray(2 * stats.t.sf(statistics, self.df))
        return np.where(self.std_errors > 0, p, np.nan)


def estimate_paths(
    design: EventStudyDesign,
    kinds: Sequence[str],
    *,
    lags: int | None = None,
    engine: str | None = None,
) -> dict[str, tuple[PathEstimate, ...]]:
    """Estimate every path with each kind of covariance, by kind.

    Args:
        design: From `event_study_design`.
        kinds: Of `KINDS`.
        lags: Of Driscoll-Kraay; None for `default_lags`.
        engine: "linearmodels", "kernel" or "pyfixest"; None for the first up to `LARGE` rows, and
            the second above.

    Raises:
        DesignError: A covariance cannot be had from this panel.
        EstimationError: The regression fits without error.
        UsageError: There is no such covariance or engine, or the engine is not installed.
    """
    _check_kinds(kinds)
    fit = _fit(design, engine)
    return {kind: _with_kind(design, fit, kind, lags) for kind in kinds}


def estimate_available(
    design: EventStudyDesign, *, lags: int | None = None, engine: str | None = None
) -> tuple[dict[str, tuple[PathEstimate, ...]], dict[str, str]]:
    """Estimate with every kind of covariance that can be had, and say why the others cannot."""
    fit = _fit(design, engine)
    found: dict[str, tuple[PathEstimate, ...]] = {}
    refused: dict[str, str] = {}
    for kind in KINDS:
        try:
            found[kind] = _with_kind(design, fit, kind, lags)
        except (DesignError, EstimationError) as reason:
            refused[kind] = str(reason)
    return found, refused


def _check_kinds(kinds: Sequence[str]) -> None:
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f'There is no covariance "{kind}"; known are {join_words(KINDS)}.')


def default_lags(n_years: int) -> int:
    """Lags of Driscoll-Kraay: the integer part of T^(1/4) (Hoechle 2007; fixest's default).

    >>> default_lags(23)
    2
    """
    return int(n_years**0.25)


def _fit(design: EventStudyDesign, engine: str | None) -> WithinFit:
    chosen = engine or ("kernel" if len(design.outcome) > LARGE else "linearmodels")
    fit = fit_least_squares(design.outcome, design.regressors, design.effects, chosen)
    if np.abs(fit.residuals).max() <= 1e-10 * max(1.0, np.abs(design.outcome).max()):
        raise EstimationError(f"{design.name} is fitted without error; no errors can be estimated.")
    return fit


def _with_kind(
    design: EventStudyDesign, fit: WithinFit, kind: str, lags: int | None
) -> tuple[PathEstimate, ...]:
    if kind == "donors":
        return tuple(_between_donors(design, fit, path) for path in design.paths)
    if kind == "cr2":
        return tuple(_bias_reduced(design, fit, path) for path in design.paths)
    covariance = _covariance(design, fit, kind, lags)
    found = tuple(_aggregate(fit, path, covariance) for path in design.paths)
    for each in found:
        _check_variance(design, fit, each)
    return found


def _covariance(
    design: EventStudyDesign, fit: WithinFit, kind: str, lags: int | None
) -> Covariance:
    if kind == "dyadic":
        return dyadic(fit, check_members(design))
    if kind == "driscoll-kraay":
        _check_spread(design)
        chosen = default_lags(len(design.years)) if lags is None else lags
        return driscoll_kraay(fit, design.year_codes, chosen)
    return clustered(fit, design.unit_codes)


def _check_spread(design: EventStudyDesign) -> None:
    """Refuse sums over years where a dummy lies in one year: its residuals there sum to zero."""
    by_year = np.stack(
        [
            np.bincount(design.year_codes[column != 0], minlength=len(design.years)) > 0
            for column in design.regressors.T
        ]
    )
    if (by_year.sum(axis=1) < 2).any():
        raise DesignError(
            f"Event times of {design.name} lie in one year each, so that driscoll-kraay errors, "
            "which sum over units within years, are zero by construction. They need onsets in "
            'different years and the estimator "two-way".'
        )


def check_members(design: EventStudyDesign) -> Members:
    """Members of each row's dyad, where errors robust to shared members can be had.

    Raises:
        DesignError: Units are not dyads, or one state is in all of them, so that every pair of
            rows shares a member and the scores add up to nothing.
    """
    members = design.members
    rows = np.bincount(members.first, minlength=members.n_members) + np.bincount(
        members.second, minlength=members.n_members
    )
    if rows.max() == len(members.first):
        raise DesignError(
            f"One state is a member of every dyad of {design.name}; dyadic errors, which leave "
            "pairs of rows that share a member free to be correlated, have no other pair to learn "
            "from. Use errors between donors or clustered ones."
        )
    return members


def _aggregate(fit: WithinFit, path: Path, covariance: Covariance) -> PathEstimate:
    rows = contrast_rows(path)
    return PathEstimate(
        path=path,
        kind=covariance.kind,
        estimates=rows @ fit.estimates,
        covariance=rows @ covariance.matrix @ rows.T,
        df=np.full(len(rows), float(covariance.df)),
        n_groups=covariance.n_clusters,
    )


def _check_variance(design: EventStudyDesign, fit: WithinFit, estimate: PathEstimate) -> None:
    """Refuse errors that are zero by construction.

    A dummy makes the residuals of its unit-years sum to zero. Where they all lie in one cluster the
    cluster's score is zero whatever the data.
    """
    rows = contrast_rows(estimate.path)
    plain = np.einsum("mk,kl,ml->m", rows, fit.bread, rows) * (fit.residuals @ fit.residuals)
    if (np.diag(estimate.covariance) <= ZERO * plain / fit.n_obs).any():
        raise DesignError(
            f"Event times of {design.name} lie within one cluster each, so that {estimate.kind} "
            "errors are zero by construction; they need onsets in different years or more units."
        )


def _bias_reduced(design: EventStudyDesign, fit: WithinFit, path: Path) -> PathEstimate:
    rows = contrast_rows(path)
    reduced = bias_reduced(fit, design.unit_codes, rows)
    return PathEstimate(
        path=path,
        kind="cr2",
        estimates=rows @ fit.estimates,
        covariance=reduced.matrix,
        df=reduced.df,
        n_groups=reduced.n_clusters,
        wishart=wishart_degrees(design, fit, path),
    )


def wishart_degrees(design: EventStudyDesign, fit: WithinFit, path: Path) -> float:
    """Of the CR2 covariance of the event times before the onset together."""
    before = path.aggregation[np.array(path.event_times) < 0]
    if not len(before):
        return float("nan")
    return joint_degrees(fit, design.unit_codes, before)


def _between_donors(design: EventStudyDesign, fit: WithinFit, path: Path) -> PathEstimate:
    rows = contrast_rows(path)
    paths = donor_paths(design, path, design.outcome[:, None])[:, :, 0]
    n_donors, n_terms = paths.shape
    spread = np.cov(paths, rowvar=False, ddof=1).reshape(n_terms, n_terms)
    factor = 1 / len(design.treated) + 1 / n_donors
    return PathEstimate(
        path=path,
        kind="donors",
        estimates=rows @ fit.estimates,
        covariance=factor * spread,
        df=np.full(n_terms, n_donors - 1.0),
        n_groups=n_donors,
        wishart=n_donors - 1.0,
    )
