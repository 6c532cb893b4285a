"""The simulation of Turner et al. (2021), laid out anew and asked of this project's test too.

    y_t = b0 + b1 t + b2 D_t + b3 (t - T_I) D_t + u_t,   u_t = rho u_(t-1) + w_t,   w_t ~ N(0, 1)

with as many points before the interruption as after. Every method here moves with b0 to b3, so that
coverage is counted once, at zero, and holds for every level and slope change. What the page says of
the paper's own design and findings, and where it is known from, stands in `page.py`.

Turner, Forbes, Karahalios, Taljaard & McKenzie (2021), BMC Med. Res. Methodol. 21, 181,
doi:10.1186/s12874-021-01364-0.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.reach import monte_carlo_error, reach_of_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import MIN_VALUES
from analysis.design.terms import TermsDesign
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.feasible import fit_prais_winsten
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals
from analysis.kernel.threads import one_thread
from benchmarks.leaderboard.arima import fit_arima
from benchmarks.leaderboard.grid import ALPHA, SEED
from benchmarks.leaderboard.sandwich import fit_newey_west
from benchmarks.leaderboard.satterthwaite import satterthwaite_df

FloatArray = NDArray[np.float64]
LENGTHS = (6, 8, 12, 20, 28, 48, 100)
RHOS = (0.0, 0.2, 0.4, 0.6, 0.8)
SERIES = 10_000
ARIMA_FROM = 12  # below, there are about as many coefficients as values
LEVEL, SLOPE = "level_change", "slope_change"
EFFECTS = {LEVEL: 1.0, SLOPE: 0.1}  # at which power is counted, in sd of the innovations
AUTOCORRELATION = "autocorrelation"


@dataclass(frozen=True, slots=True)
class Turned:
    """One number of the re-run.

    Attributes:
        method: As in the paper, or this project's.
        length: Number of points.
        rho: Autocorrelation of the errors.
        effect: "level_change", "slope_change" or "autocorrelation".
        measure: "coverage" of 95 % intervals, "power" at `EFFECTS`, "bias" of the estimate,
            "se_ratio", median standard error over the sd of the estimates, "mean_rho" or "found".
        value: The number.
        mc_error: Its Monte Carlo standard error; that of a ratio is left at nan.
        series: Number of series.
        refused: "yes" where this project's rules refuse the length.
    """

    method: str
    length: int
    rho: float
    effect: str
    measure: str
    value: float
    mc_error: float
    series: int
    refused: str = "no"


@dataclass(frozen=True, eq=False)
class Fitted:
    """Estimates of (level, slope) of m series, and what their ratio to the error must exceed."""

    method: str
    estimates: FloatArray  # (m, 2)
    std_errors: FloatArray
    critical: FloatArray  # broadcastable to (m, 2)
    rho: FloatArray | None


def segmented(length: int) -> TermsDesign:
    """Level and slope change in the middle of `length` points."""
    years = np.arange(1, length + 1)
    start = length // 2 + 1
    after = (years >= start).astype(float)
    index = pd.Index(years)
    columns = pd.DataFrame({"level": after, "slope": (years - start) * after}, index=index)
    return TermsDesign(
        name="segmented regression",
        series=pd.Series((years % 2).astype(float), index=index),
        onsets={"interruption": start},
        trend="linear",
        controls=pd.DataFrame(index=index),
        columns=columns,
        weights={LEVEL: {"level": 1.0}, SLOPE: {"slope": 1.0}},
    )


def measure_turner(jobs: int) -> list[Turned]:
    """Every length and autocorrelation; the result does not depend on `jobs`."""
    shelf = LawShelf(seed=SEED, jobs=jobs)
    return [row for length in LENGTHS for row in measure_length(length, shelf, SERIES)]


def measure_length(
    length: int, shelf: LawShelf, series: int, stream: str = "turner"
) -> Iterator[Turned]:
    """All methods at one length."""
    design = segmented(length)
    for rho in RHOS:
        errors = _errors(design, rho, series, stream)
        with one_thread():
            fitted = [*_usual(design, errors), _calibrated(design, errors, shelf)]
            found = _durbin_watson(design, errors)
        for each in fitted:
            yield from _rows(each, length, rho)
        error = monte_carlo_error(found, series)
        yield Turned("Durbin-Watson", length, rho, AUTOCORRELATION, "found", found, error, series)


def _errors(design: TermsDesign, rho: float, series: int, stream: str) -> FloatArray:
    length = len(design.years)
    normals = standard_normals(SEED, f"{stream}:{length}", 0, series, length)
    return ar1_errors(normals, design.years, rho, 1.0, None)


def _usual(design: TermsDesign, errors: FloatArray) -> Iterator[Fitted]:
    layout, rows = design.layout, design.contrasts
    x, n, k = layout.regressors, layout.n_obs, layout.n_terms
    t = np.array([[stats.t.isf(ALPHA / 2, n - k)]])
    influence = rows @ np.linalg.pinv(x)
    estimates = errors @ influence.T
    q, _ = np.linalg.qr(x)
    rss = ((errors - (errors @ q) @ q.T) ** 2).sum(axis=1)
    plain = np.sqrt(rss[:, None] / (n - k) * (influence**2).sum(axis=1))
    yield Fitted("OLS", estimates, plain, t, None)
    robust = [fit_newey_west(errors, x, row[None], 1)[1] for row in rows]
    newey_west = np.column_stack(robust) * np.sqrt(n / (n - k))
    yield Fitted("Newey-West", estimates, newey_west, t, None)
    prais = fit_prais_winsten(errors, layout, rows)
    yield Fitted("Prais-Winsten", prais.estimates, prais.std_errors, t, prais.rho)
    reml = fit_ar1(errors, layout, rows)
    normal = np.array([[stats.norm.isf(ALPHA / 2)]])
    yield Fitted("REML", reml.estimates, reml.std_errors, normal, reml.rho)
    if n >= ARIMA_FROM:
        arima = fit_arima(errors, x, rows)
        yield Fitted("ARIMA", arima.estimates, arima.std_errors, normal, arima.rho)
    df = satterthwaite_df(errors, x, rows, reml.rho)
    bound = np.asarray(stats.t.isf(ALPHA / 2, df))
    yield Fitted("REML-Satterthwaite", reml.estimates, reml.std_errors, bound, reml.rho)


def _calibrated(design: TermsDesign, errors: FloatArray, shelf: LawShelf) -> Fitted:
    law = shelf.law(design.layout, design.contrasts, design.joint)
    fits = fit_ar1(errors, design.layout, design.contrasts)
    critical = [
        reach_of_steps(fits, law, contrast=at, alternative="two-sided", alpha=ALPHA).critical
        for at in range(2)
    ]
    rho, _ = law.unbias(fits)
    return Fitted(
        "PB-REML-V", fits.estimates, fits.std_errors, np.column_stack(critical), np.tanh(rho)
    )


def _durbin_watson(design: TermsDesign, errors: FloatArray) -> float:
    """Share of series in which it finds autocorrelation at 5 %, by its exact law in white noise."""
    white = standard_normals(
        SEED, f"turner-white:{len(design.years)}", 0, 20_000, len(design.years)
    )
    q, _ = np.linalg.qr(design.layout.regressors)

    def statistic(series: FloatArray) -> FloatArray:
        residuals = series - (series @ q) @ q.T
        d: FloatArray = (np.diff(residuals, axis=1) ** 2).sum(axis=1) / (residuals**2).sum(axis=1)
        return d

    return float((statistic(errors) <= np.quantile(statistic(white), ALPHA)).mean())


def _rows(fitted: Fitted, length: int, rho: float) -> Iterator[Turned]:
    series = len(fitted.estimates)
    refused = "yes" if fitted.method == "PB-REML-V" and length < MIN_VALUES else "no"

    def row(effect: str, measure: str, value: float, error: float) -> Turned:
        return Turned(fitted.method, length, rho, effect, measure, value, error, series, refused)

    with np.errstate(invalid="ignore", divide="ignore"):
        null = np.abs(fitted.estimates / fitted.std_errors)
    for at, (effect, size) in enumerate(EFFECTS.items()):
        critical = np.broadcast_to(fitted.critical, fitted.estimates.shape)[:, at]
        coverage = 1 - float((np.nan_to_num(null[:, at], posinf=np.inf) >= critical).mean())
        yield row(effect, "coverage", coverage, monte_carlo_error(coverage, series))
        with np.errstate(invalid="ignore", divide="ignore"):
            moved = np.abs((fitted.estimates[:, at] + size) / fitted.std_errors[:, at])
        power = float((np.nan_to_num(moved, posinf=np.inf) >= critical).mean())
        yield row(effect, "power", power, monte_carlo_error(power, series))
        spread = float(fitted.estimates[:, at].std())
        bias = float(fitted.estimates[:, at].mean())
        yield row(effect, "bias", bias, spread / np.sqrt(series))
        ratio = float(np.nanmedian(fitted.std_errors[:, at])) / spread
        yield row(effect, "se_ratio", ratio, float("nan"))
    if fitted.rho is not None:
        error = float(fitted.rho.std()) / np.sqrt(series)
        yield row(AUTOCORRELATION, "mean_rho", float(fitted.rho.mean()), error)
