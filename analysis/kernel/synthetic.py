"""Estimators for one treated unit that choose weights: placebos, synthetic DiD.

Values come as arrays of shape (n, units) with years in rows; weights are solved exactly by
`simplex`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.simplex import fit_simplex

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
OWN_LINE = {"demeaned": 1, "detrended": 2}  # coefficients of the line taken off each unit


@dataclass(frozen=True, eq=False)
class SyntheticDid:
    """Synthetic difference-in-differences.

    Attributes:
        estimate: Average effect on the treated unit after the onset.
        unit_weights: Of the donors, shape (J,).
        year_weights: Of the years before, shape (n before,).
    """

    estimate: float
    unit_weights: FloatArray
    year_weights: FloatArray


def weigh_donors(
    targets: FloatArray,
    donors: FloatArray,
    before: BoolArray,
    weighting: str,
    allowed: BoolArray | None = None,
) -> FloatArray:
    """Weights of the donors for each target, shape (m, J).

    Args:
        targets: Shape (m, n).
        donors: Shape (n, J).
        before: The years on which weights are chosen, shape (n,).
        weighting: "mean", "synthetic", "demeaned" or "detrended"; the last two take a mean or a
            straight line through the years before off every unit first.
        allowed: Which donors each target may use, shape (m, J); all if None.
    """
    many, width = len(targets), donors.shape[1]
    if weighting == "mean":
        usable = np.ones((many, width)) if allowed is None else allowed.astype(float)
        even: FloatArray = usable / usable.sum(axis=1, keepdims=True)
        return even
    y, d = targets[:, before], donors[before]
    if weighting in OWN_LINE:
        q, _ = np.linalg.qr(np.vander(np.arange(len(d)), OWN_LINE[weighting], increasing=True))
        y, d = y - (y @ q) @ q.T, d - q @ (q.T @ d)
    return fit_simplex(y, d, allowed=allowed).weights


def placebo_gaps(donors: FloatArray, before: BoolArray, weighting: str) -> FloatArray:
    """The gap of each donor to the other donors, weighted in the same way, shape (J, n)."""
    others = ~np.eye(donors.shape[1], dtype=bool)
    weights = weigh_donors(donors.T, donors, before, weighting, others)
    gaps: FloatArray = donors.T - weights @ donors.T
    return gaps


def fit_synthetic_did(treated: FloatArray, donors: FloatArray, before: BoolArray) -> SyntheticDid:
    """Difference-in-differences with weighted donors and weighted years before [1]_.

    Donors are weighted, up to a constant, to follow the treated unit before the onset, with a
    ridge that spreads the weights; years before to be, up to a constant, like the mean of the
    years after for every donor. Weights are the exact minimum and are not thinned out.

    Args:
        treated: Shape (n,).
        donors: Shape (n, J).
        before: Years before the onset, shape (n,).

    .. [1] Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), Am. Econ. Rev. 111, 4088-4118,
       doi:10.1257/aer.20190159, algorithm 1.
    """
    early, late = donors[before], donors[~before]
    noise = float(np.diff(early, axis=0).std(ddof=1))
    strength = len(late) ** 0.25 * noise  # zeta, for one treated unit
    y = treated[before]
    units = fit_simplex(
        (y - y.mean())[None],
        early - early.mean(axis=0),
        ridge=len(early) * strength**2,
    ).weights[0]
    after = late.mean(axis=0)
    years = fit_simplex(
        (after - after.mean())[None],
        (early - early.mean(axis=1, keepdims=True)).T,
        ridge=donors.shape[1] * (1e-6 * noise) ** 2,
    ).weights[0]
    gap = treated - donors @ units
    return SyntheticDid(float(gap[~before].mean() - years @ gap[before]), units, years)


def placebo_synthetic_did(donors: FloatArray, before: BoolArray) -> FloatArray:
    """The estimate for each donor in place of the treated unit, shape (J,)."""
    width = donors.shape[1]
    return np.array(
        [
            fit_synthetic_did(donors[:, j], donors[:, np.arange(width) != j], before).estimate
            for j in range(width)
        ]
    )
