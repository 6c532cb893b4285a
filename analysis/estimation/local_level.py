"""Split a yearly series into a level that wanders and noise around it (local level model).

    y_t = m_t + e_t,  var e = noise;        m_(t+1) = m_t + w_t,  var w = drift

by exact maximum likelihood with a diffuse first level (Durbin & Koopman 2012, Time Series Analysis
by State Space Methods, chapter 2; the state space code is statsmodels'). The smoothed level says
where a noisy measure, such as words counted in one speech a year, stood given all years, with how
much doubt; missing years are bridged and their doubt grows. It describes: a step is smoothed into a
ramp, so that no test of steps may be run on it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.tsa.statespace.structural import UnobservedComponents

from analysis.errors import DesignError, EstimationError

MIN_VALUES = 10


@dataclass(frozen=True, eq=False)
class LocalLevel:
    """A series split into level and noise.

    Attributes:
        noise: Variance of e.
        drift: Variance of w, that of the yearly change of the level.
        levels: By calendar year: filtered (given the years up to it), smoothed (given all), and
            conf_low and conf_high, 95 % bounds of the smoothed level at the estimated variances.
    """

    noise: float
    drift: float
    levels: pd.DataFrame

    @property
    def signal_to_noise(self) -> float:
        """drift / noise: 0 a constant level, large a random walk seen plainly."""
        return self.drift / self.noise if self.noise > 0 else float("inf")

    def to_frame(self) -> pd.DataFrame:
        """One row a year."""
        return self.levels.copy()


def fit_local_level(series: pd.Series) -> LocalLevel:
    """Fit the local level model.

    Args:
        series: By year; missing years are absent or nan.

    Raises:
        DesignError: There are fewer than ten values, or they are all the same.
        EstimationError: The likelihood has no maximum that was found.
    """
    known = series.dropna().sort_index()
    if len(known) < MIN_VALUES:
        raise DesignError(f"There are {len(known)} values; {MIN_VALUES} are needed.")
    centre, spread = float(known.mean()), float(known.std())
    if spread == 0:
        raise DesignError("The series never changes; there is nothing to split.")
    every = pd.RangeIndex(int(known.index.min()), int(known.index.max()) + 1)
    scaled = ((known - centre) / spread).reindex(every).to_numpy(dtype=float)
    model = UnobservedComponents(scaled, "local level", use_exact_diffuse=True)
    fits = [model.fit(start, disp=False, maxiter=500) for start in ([0.5, 0.5], [0.9, 0.05])]
    best = max(fits, key=lambda fit: float(fit.llf))
    if not best.mle_retvals["converged"]:
        raise EstimationError("The variances of level and noise could not be found.")
    smoothed, sd = best.smoothed_state[0], np.sqrt(best.smoothed_state_cov[0, 0])
    columns = {
        "filtered": best.filtered_state[0],
        "smoothed": smoothed,
        "conf_low": smoothed - 1.959964 * sd,
        "conf_high": smoothed + 1.959964 * sd,
    }
    noise, drift = (float(value) * spread**2 for value in best.params)
    levels = pd.DataFrame(columns, index=pd.Index(every, name="year")) * spread + centre
    return LocalLevel(noise, drift, levels)
