"""Fit smooth curves to a series: histories in which change has no date.

Each curve is the best of its family by likelihood with AR(1) errors; its errors have the
median-unbiased autocorrelation of that fit. A test for dates is run on series drawn around the
curves, to see how often smooth change at the right time is taken for change at the dates.

* parabola: y = a + b t + c t^2
* kink: y = a + b t + c max(t - k, 0), the year k searched
* s_curve: y = a + b t + c / (1 + exp(-(t - k) / s)), k and s searched, s at least two years:
  the rise from a tenth to nine tenths then takes nine years or more
* growth: log y = a + b t with errors on the log scale, or, where y is not positive throughout,
  y = a + c exp(g t), g searched
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.store import LawShelf
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.layout import Layout
from analysis.kernel.likelihood import gls_mean, ml_peaks
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SCALES = (2.0, 3.0, 4.0, 6.0)  # years; with one year a yearly series shows a step
EDGE = 4  # years at either end in which no kink or middle of a rise is sought
GROWTH = (-0.3, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.3)
CURVES: Mapping[str, str] = {
    "parabola": "a parabola fitted to the series",
    "kink": "a bent line fitted to the series",
    "s_curve": "an S-curve fitted to the series",
    "growth": "steady growth fitted to the series",
}


@dataclass(frozen=True, eq=False)
class Curve:
    """A smooth history of one series.

    Attributes:
        name: One of `CURVES`.
        layout: Years, and the regressors of the best member of the family.
        mean: Fitted mean on the years, on the log scale if `multiplicative`.
        rho: Median-unbiased autocorrelation of its errors.
        innovation_sd: Estimated sd of the innovations.
        multiplicative: Whether series are the exponential of mean and errors.
    """

    name: str
    layout: Layout
    mean: FloatArray
    rho: float
    innovation_sd: float
    multiplicative: bool

    def draw(self, *, kappa: float, onset: int, seed: int, stream: str, series: int) -> FloatArray:
        """Series around the curve, shape (series, n), innovation sd changing by kappa at onset.

        The innovations have the fitted sd on average over the years.
        """
        years = self.layout.years
        normals = standard_normals(seed, stream, 0, series, int(years[-1] - years[0]) + 1)
        errors = ar1_errors(normals, years, self.rho, kappa, onset)
        pooled = np.sqrt(np.where(years >= onset, kappa**2, 1.0).mean())
        drawn: FloatArray = self.mean + errors * self.innovation_sd / pooled
        if self.multiplicative:
            np.exp(drawn, out=drawn)
        return drawn


def fit_curves(years: IntArray, values: FloatArray, shelf: LawShelf) -> dict[str, Curve]:
    """The best curve of each family for one series."""
    return {name: _fit_curve(name, years, values, shelf) for name in CURVES}


def _fit_curve(name: str, years: IntArray, values: FloatArray, shelf: LawShelf) -> Curve:
    multiplicative = name == "growth" and bool((values > 0).all())
    fitted = np.log(values) if multiplicative else values
    family = _lines if multiplicative else FAMILIES[name]
    layouts = [Layout(years, shape) for shape in family(years)]
    peaks = [float(ml_peaks(fitted[None, :], each).log_likelihood[0]) for each in layouts]
    layout = layouts[int(np.argmax(peaks))]
    slopes = np.eye(layout.n_terms)
    fit = fit_ar1(fitted[None, :], layout, slopes)
    rho, _ = shelf.of_estimates(layout, slopes).law(layout, slopes, None).unbias(fit)
    return Curve(
        name=name,
        layout=layout,
        mean=gls_mean(fitted, layout, float(fit.rho[0])),
        rho=float(np.tanh(rho[0])),
        innovation_sd=float(fit.innovation_sd[0]),
        multiplicative=multiplicative,
    )


def _decades(years: IntArray) -> FloatArray:
    decades: FloatArray = (years - years.mean()) / 10
    return decades


def _lines(years: IntArray) -> Iterator[FloatArray]:
    yield np.column_stack([np.ones(len(years)), _decades(years)])


def _parabolas(years: IntArray) -> Iterator[FloatArray]:
    t = _decades(years)
    yield np.column_stack([np.ones(len(t)), t, t * t])


def _kinks(years: IntArray) -> Iterator[FloatArray]:
    t = _decades(years)
    for turn in years[EDGE:-EDGE]:
        yield np.column_stack([np.ones(len(t)), t, np.maximum(years - turn, 0) / 10])


def _s_curves(years: IntArray) -> Iterator[FloatArray]:
    t = _decades(years)
    for middle in years[EDGE:-EDGE]:
        for scale in SCALES:
            rise = 1 / (1 + np.exp(-(years - middle) / scale))
            yield np.column_stack([np.ones(len(t)), t, rise])


def _exponentials(years: IntArray) -> Iterator[FloatArray]:
    since = years - years[0]
    for rate in GROWTH:
        curve = np.exp(rate * since)
        yield np.column_stack([np.ones(len(years)), curve / curve.max()])


FAMILIES: Mapping[str, Callable[[IntArray], Iterator[FloatArray]]] = {
    "parabola": _parabolas,
    "kink": _kinks,
    "s_curve": _s_curves,
    "growth": _exponentials,
}
