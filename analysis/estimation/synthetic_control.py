"""Fit a synthetic control that matches predictors, and put each donor in its place.

For given importance v of the predictors the weights minimise sum_p v_p (x_1p - sum_j w_j x_jp)^2
with w >= 0 and sum w = 1; v is chosen so that the outcome of these weights comes closest to the
treated one before the onset [1]_. Predictors are divided by their sd over all units, and v is
sought from equal values by Nelder and Mead's method: `pysyncon.Synth` does both.

The loss has several valleys, and which is found depends on where the search starts [2]_. What
weights chosen on the outcome alone would reach says what another v might still gain.

.. [1] Abadie & Gardeazabal (2003), Am. Econ. Rev. 93, 113-132, doi:10.1257/000282803321455188;
   Abadie, Diamond & Hainmueller (2010), J. Am. Stat. Assoc. 105, 493-505,
   doi:10.1198/jasa.2009.ap08746; (2011), J. Stat. Software 42 (13), doi:10.18637/jss.v042.i13.
.. [2] Malo, Eskelinen, Zhou & Kuosmanen (2024), Computational Economics 64, 1425-1447,
   doi:10.1007/s10614-023-10471-7.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from analysis.design.synthetic_control import SyntheticControlDesign
from analysis.errors import EstimationError
from analysis.kernel.simplex import fit_simplex
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
TREATED = "treated"


@dataclass(frozen=True, eq=False)
class PredictorFit:
    """Donor weights that match predictors.

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


def fit_predictors(predictors: FloatArray, outcome: FloatArray) -> PredictorFit:
    """Weight donors so that their predictors, by importance, match those of the treated unit.

    Args:
        predictors: Treated unit first, shape (p, 1 + J).
        outcome: The years to be matched, treated unit first, shape (n, 1 + J).

    Raises:
        EstimationError: A predictor, or the outcome, does not differ between units and years.
    """
    from pysyncon import Synth  # it loads matplotlib's pyplot, which takes a second

    scale = float(outcome.std())
    if (predictors.std(axis=1) == 0).any() or scale == 0:
        raise EstimationError("A predictor or the outcome is the same in all units.")
    names = [TREATED, *(f"donor{place}" for place in range(predictors.shape[1] - 1))]
    x = pd.DataFrame(predictors, columns=names)
    z = pd.DataFrame(outcome / scale, columns=names)  # the search stops alike in any unit
    model = Synth()
    with one_thread():
        model.fit(
            X0=x[names[1:]],
            X1=x[TREATED],
            Z0=z[names[1:]],
            Z1=z[TREATED],
            optim_method="Nelder-Mead",
            optim_initial="equal",
        )
        nearest = fit_simplex(outcome[:, 0][None], outcome[:, 1:]).weights[0]
    weights = np.asarray(model.W, dtype=float)
    return PredictorFit(
        weights,
        np.asarray(model.V, dtype=float),
        _loss(outcome, weights),
        _loss(outcome, nearest),
    )


def fit_synthetic_control(design: SyntheticControlDesign) -> PredictorFit:
    """Weights of the donors of the treated unit."""
    return _fit(design, np.arange(design.outcome.shape[1]))


def fit_placebos(design: SyntheticControlDesign, *, jobs: int = 1) -> FloatArray:
    """Gap of each donor to the other donors, weighted in the same way, shape (J, n).

    Args:
        design: From `synthetic_control_design`.
        jobs: Processes; the gaps are the same for any number.
    """
    places = range(1, design.outcome.shape[1])
    gaps = Parallel(n_jobs=jobs)(delayed(_placebo_gap)(design, place) for place in places)
    return np.array(gaps, dtype=float)


def root_mean_squares(gaps: FloatArray, before: NDArray[np.bool_]) -> FloatArray:
    """RMSPE before and after of each gap of shape (m, n), shape (m, 2)."""
    squares = gaps**2
    means = [squares[:, before].mean(axis=1), squares[:, ~before].mean(axis=1)]
    roots: FloatArray = np.sqrt(np.column_stack(means))
    return roots


def _placebo_gap(design: SyntheticControlDesign, place: int) -> FloatArray:
    values = design.outcome.to_numpy(dtype=float)
    others = np.array([other for other in range(1, values.shape[1]) if other != place])
    gap: FloatArray = (
        values[:, place] - values[:, others] @ _fit(design, np.append(place, others)).weights
    )
    return gap


def _fit(design: SyntheticControlDesign, columns: NDArray[np.intp]) -> PredictorFit:
    predictors = design.predictors.to_numpy(dtype=float)[:, columns]
    outcome = design.outcome.to_numpy(dtype=float)[design.is_matched][:, columns]
    return fit_predictors(predictors, outcome)


def _loss(outcome: FloatArray, weights: FloatArray) -> float:
    return float(np.mean((outcome[:, 0] - outcome[:, 1:] @ weights) ** 2))
