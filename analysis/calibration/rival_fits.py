"""Compare rival exposures by fit and by forecast: for the reader, no verdict rests on it.

AICc = -2 l + 2 k + 2 k (k + 1) / (n - k - 1) by maximum likelihood with AR(1) errors, k counting
rho and the sd (Hurvich & Tsai 1989, Biometrika 76, 297-307, doi:10.1093/biomet/76.2.297).

Forecast: with the model fitted by REML to the years before t, y_t is foretold from the exposure of
year t and the last residual, x_t b + rho^d e. The window grows from `FIRST_WINDOW` years on. The
exposure of the forecast year is taken as known: this asks which exposure carries over to years it
was not fitted to, not what could have been foretold at the time.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.terms import TermsTest
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.layout import Layout
from analysis.kernel.likelihood import ml_peaks

FloatArray = NDArray[np.float64]
NEITHER, BOTH = "neither", "both"
FIRST_WINDOW = 15  # years before the first forecast; with fewer REML's rho is noise


def compare_fits(both: TermsTest) -> pd.DataFrame:
    """Fit and forecasts of the models with neither, one or both of two exposures.

    Args:
        both: The model with both, from `calibrate_nonnested(...).both`.

    Returns:
        Index model; log_likelihood, aicc, aicc_difference (from the best), rmse of the forecasts,
        rmse_ratio (over that of the model with neither) and n_forecasts.
    """
    models = _layouts(both)
    series = both.series
    rows = {}
    for name, layout in models.items():
        peak = float(ml_peaks(series[None, :], layout).log_likelihood[0])
        errors = forecast_errors(series, layout)
        rows[name] = {
            "log_likelihood": peak,
            "aicc": aicc(peak, layout.n_obs, layout.n_terms + 2),
            "rmse": float(np.sqrt(np.mean(errors**2))),
            "n_forecasts": len(errors),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")
    frame["aicc_difference"] = frame["aicc"] - frame["aicc"].min()
    frame["rmse_ratio"] = frame["rmse"] / rows[NEITHER]["rmse"]
    order = ["log_likelihood", "aicc", "aicc_difference", "rmse", "rmse_ratio", "n_forecasts"]
    return frame[order]


def aicc(log_likelihood: float, n_obs: int, parameters: int) -> float:
    """AICc of a model with this many parameters, rho and the sd among them.

    >>> aicc(-10.0, 30, 4)
    29.6
    """
    correction = 2 * parameters * (parameters + 1) / (n_obs - parameters - 1)
    return -2 * log_likelihood + 2 * parameters + correction


def forecast_errors(
    series: FloatArray, layout: Layout, *, first_window: int = FIRST_WINDOW
) -> FloatArray:
    """Errors of one-step forecasts from a growing window, shape (n - first_window,)."""
    years, x = layout.years, layout.regressors
    errors = []
    for now in range(first_window, layout.n_obs):
        seen = Layout(years[:now], x[:now])
        fit = fit_ar1(series[None, :now], seen, np.eye(layout.n_terms))
        beta = fit.estimates[0]
        left = float(series[now - 1] - x[now - 1] @ beta)
        carried = float(fit.rho[0]) ** int(years[now] - years[now - 1]) * left
        errors.append(float(series[now] - x[now] @ beta) - carried)
    return np.array(errors)


def _layouts(both: TermsTest) -> Mapping[str, Layout]:
    regressors, terms = both.design.regressors, both.terms
    kept = {NEITHER: (), **{term: (term,) for term in terms}, BOTH: terms}
    return {
        name: Layout(
            both.design.years,
            regressors.drop(columns=[t for t in terms if t not in with_these]).to_numpy(),
        )
        for name, with_these in kept.items()
    }
