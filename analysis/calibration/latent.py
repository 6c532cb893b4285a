"""Counts and shares whose rate wanders: a latent AR(1) on the scale of the link.

    y_t | z ~ Poisson(m_t e^(z_t - s^2/2))      or   Binomial(n_t, expit(c x_t'b + z_t)),

z AR(1) with autocorrelation r and marginal sd s; c = root(1 + .346 s^2) keeps the mean of the share
close to expit(x_t'b) (Zeger, Liang & Albert 1988, Biometrics 44, 1049-1060, doi:10.2307/2531734).
For counts this is the parameter-driven model of Zeger (1988, Biometrika 75, 621-629,
doi:10.1093/biomet/75.4.621).

s and r are chosen so that simulated medians of two statistics equal what was observed: Pearson's
dispersion, and the REML autocorrelation of the variance-stabilised series, root(y + 3/8) or
arcsin root((y + 3/8) / (n + 3/4)) (Anscombe 1948, Biometrika 35, 246-254,
doi:10.1093/biomet/35.3-4.246). Both are biased towards zero by the steps and trend of short series.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.glm import Family, fit_glm, mean_of
from analysis.kernel.layout import Layout
from analysis.kernel.quantiles import binomial_quantiles, poisson_quantiles
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
MATCHING_SERIES = 1_000
MATCHING_ROUNDS = 6  # s and r settle to two digits in about five
HIGHEST_RHO = 0.95
HIGHEST_SD = 1.5
ATTENUATION = (16 * np.sqrt(3) / (15 * np.pi)) ** 2  # .346, of the logit by a normal


@dataclass(frozen=True, slots=True)
class Latent:
    """Marginal sd and autocorrelation of the latent process; sd 0 means none."""

    sd: float
    rho: float


@dataclass(frozen=True, eq=False)
class Events:
    """What a simulation of counts or shares needs to know of its design.

    Attributes:
        layout: Years and regressors.
        family: "poisson" or "binomial".
        size: Exposure, or number of trials, by year, shape (n,).
    """

    layout: Layout
    family: Family
    size: FloatArray

    def stabilise(self, outcomes: FloatArray) -> FloatArray:
        """Root or arcsine, whose variance hardly depends on the mean, shape (m, n)."""
        if self.family == "poisson":
            stable = np.sqrt((outcomes + 0.375) / self.size)
        else:
            stable = np.arcsin(np.sqrt((outcomes + 0.375) / (self.size + 0.75)))
        return np.asarray(stable, dtype=np.float64)

    def draw(
        self, eta: FloatArray, latent: Latent, *, seed: int, stream: str, series: int
    ) -> FloatArray:
        """Events at linear predictor `eta`, shape (series, n)."""
        years = self.layout.years
        span = int(years[-1] - years[0]) + 1
        normals = standard_normals(seed, f"{stream}:latent", 0, series, span)
        scale = latent.sd * np.sqrt(1 - latent.rho**2)
        wander = scale * ar1_errors(normals, years, latent.rho, 1.0, None)
        places = ndtr(standard_normals(seed, f"{stream}:events", 0, series, len(years)))
        if self.family == "poisson":
            mean = mean_of(eta + wander - latent.sd**2 / 2, self.family, self.size)
            return poisson_quantiles(places, mean)
        chance = np.asarray(expit(np.sqrt(1 + ATTENUATION * latent.sd**2) * eta + wander))
        return binomial_quantiles(places, self.size, chance)


def match_latent(events: Events, outcomes: FloatArray, *, seed: int, stream: str) -> Latent:
    """Latent sd and autocorrelation whose simulated medians are what the series shows.

    Args:
        events: Design of the series.
        outcomes: The series, shape (n,).
        seed: Of the simulation.
        stream: Its name; each round sees the same normals.
    """
    x = events.layout.regressors
    contrasts = np.eye(events.layout.n_terms)
    fit = fit_glm(outcomes[None, :], x, contrasts, events.family, events.size)
    eta: FloatArray = x @ fit.estimates[0]
    seen = _shown(events, outcomes[None, :])

    def simulated(latent: Latent) -> FloatArray:
        drawn = events.draw(eta, latent, seed=seed, stream=stream, series=MATCHING_SERIES)
        return np.median(_shown(events, drawn), axis=1)

    at_rest = simulated(Latent(0.0, 0.0))[0]
    excess = float(seen[0, 0] - at_rest)
    if excess <= 0:
        return Latent(0.0, 0.0)
    variance = excess / float(np.mean(fit.mean[0] * (1 if events.family == "poisson" else 0.25)))
    artanh = float(np.clip(seen[1, 0], 0.0, np.arctanh(HIGHEST_RHO)))
    for _ in range(MATCHING_ROUNDS):
        latent = Latent(min(float(np.sqrt(variance)), HIGHEST_SD), float(np.tanh(artanh)))
        dispersion, rho = simulated(latent)
        ratio = excess / max(float(dispersion) - at_rest, 1e-3)
        variance = min(variance * float(np.clip(ratio, 0.25, 4.0)), HIGHEST_SD**2)
        artanh = float(np.clip(artanh + seen[1, 0] - rho, 0.0, np.arctanh(HIGHEST_RHO)))
    return Latent(float(np.sqrt(variance)), float(np.tanh(artanh)))


def _shown(events: Events, outcomes: FloatArray) -> FloatArray:
    """Dispersion and artanh of the autocorrelation of each series, shape (2, m)."""
    x, row = events.layout.regressors, np.eye(events.layout.n_terms)[:1]
    dispersion = fit_glm(outcomes, x, row, events.family, events.size).dispersion
    rho = fit_ar1(events.stabilise(outcomes), events.layout, row).rho
    return np.stack([dispersion, np.arctanh(rho)])
