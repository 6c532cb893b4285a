"""Estimators for one treated unit that choose weights: placebos, predictors, synthetic DiD.

Values come as arrays of shape (n, units) with years in rows; weights are solved exactly by
`simplex`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from analysis.errors import EstimationError
from analysis.kernel.simplex import fit_simplex
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
LEAST_IMPORTANCE = -12.0  # log of the smallest importance of a predictor against the largest
MOST_FITS = 4_000
OWN_LINE = {"demeaned": 1, "detrended": 2}  # coefficients of the line taken off each unit


@dataclass(frozen=True, eq=False)
class PredictorFit:
    """Synthetic control that matches predictors.

    Attributes:
        weights: Of the donors, shape (J,).
        importance: Of each predictor, v, summing to one, shape (p,).
        loss: Mean squared gap of the outcome over the years it was matched on.
        lowest_loss: What weights chosen on the outcome alone reach; no v can go below.
    """

    weights: FloatArray
    importance: FloatArray
    loss: float
    lowest_loss: float


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


def fit_predictors(
    predictors: FloatArray, outcome: FloatArray, *, standardise: bool = True
) -> PredictorFit:
    """Weight donors so that their predictors, by importance, match those of the treated unit.

    For given importance v the weights minimise sum_p v_p (x_1p - sum_j w_j x_jp)^2; v is chosen so
    that the outcome of these weights comes closest to the treated one [1]_. The loss has several
    valleys, and which is found depends on where the search starts: here, as in the packages Synth
    and pysyncon, with equal v, by Nelder and Mead's method. `lowest_loss` beside `loss` shows what
    another v might still gain; with an outcome-only synthetic control there is no such choice.

    Args:
        predictors: Treated unit first, shape (p, 1 + J).
        outcome: The years to be matched, treated unit first, shape (n, 1 + J).
        standardise: Divide each predictor by its sd over all units.

    Raises:
        EstimationError: A predictor does not differ between units.

    .. [1] Abadie & Gardeazabal (2003), Am. Econ. Rev. 93, 113-132, doi:10.1257/000282803321455188;
       Abadie, Diamond & Hainmueller (2011), J. Stat. Software 42 (13), doi:10.18637/jss.v042.i13;
       on the several valleys Malo, Eskelinen, Zhou & Kuosmanen (2024), Computational Economics
       64, 1425-1447, doi:10.1007/s10614-023-10471-7.
    """
    spread = predictors.std(axis=1, ddof=1)
    if (spread == 0).any():
        raise EstimationError("A predictor is the same in all units and cannot tell them apart.")
    x = predictors / spread[:, None] if standardise else predictors

    def weights_at(logs: FloatArray) -> FloatArray:
        return _nearest_mixture(x * np.sqrt(_importance(logs))[:, None])

    def loss_of(weights: FloatArray) -> float:
        return float(np.mean((outcome[:, 0] - outcome[:, 1:] @ weights) ** 2))

    def loss_at(logs: FloatArray) -> float:
        return loss_of(weights_at(logs))

    with one_thread():
        found = minimize(
            loss_at,
            np.zeros(len(x)),
            method="Nelder-Mead",
            options={"maxfev": MOST_FITS, "maxiter": MOST_FITS, "xatol": 1e-4, "fatol": 1e-10},
        )
        lowest = loss_of(_nearest_mixture(outcome))
    return PredictorFit(weights_at(found.x), _importance(found.x), float(found.fun), lowest)


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


def _nearest_mixture(values: FloatArray) -> FloatArray:
    """Weights with which the later columns come closest to the first."""
    weights: FloatArray = fit_simplex(values[:, 0][None], values[:, 1:]).weights[0]
    return weights


def _importance(logs: FloatArray) -> FloatArray:
    size = np.exp(np.clip(logs - logs.max(), LEAST_IMPORTANCE, 0.0))
    importance: FloatArray = size / size.sum()
    return importance
