"""Steps in yearly counts and shares: how sure, and by what factor.

How sure is said by the calibrated test of the variance-stabilised series (`steps`): root(y + 3/8)
for counts, arcsin root((y + 3/8) / (n + 3/4)) for y of n. By what factor, by quasi-likelihood::

    log E y_t = log e_t + a + b t + sum_j d_j 1[t >= o_j]       rate ratio e^d_j
    logit p_t =           a + b t + sum_j d_j 1[t >= o_j]       odds ratio e^d_j

with an interval from B series drawn at the fitted means and the latent AR(1) of `latent`: d -+ q s,
q the quantile of |d* - d| / s*, s the quasi-likelihood standard error. The p of Poisson or binomial
regression itself is shown with its size in series without steps: where rates wander, it is far off.

Assumes that exposure and numbers of trials are known and that rates wander alike in all years.
References: Lopez Bernal et al. (2017), Int. J. Epidemiol. 46, 348-355, doi:10.1093/ije/dyw098;
Papke & Wooldridge (1996), J. Appl. Econometrics 11, 619-632; Zeger (1988), Biometrika 75, 621-629.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.latent import Events, Latent, match_latent
from analysis.calibration.reach import monte_carlo_error, reach_of_steps
from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.store import LawShelf, layout_key
from analysis.design.steps import StepsDesign, steps_design
from analysis.errors import DesignError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.glm import GlmFits, fit_glm
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
MIN_TRIALS = 5


@dataclass(frozen=True, slots=True)
class RateStep:
    """One step or their total.

    Attributes:
        term: A juncture or "total".
        ratio: Rate ratio, for shares odds ratio.
        low: Lower end of its interval at 1 - alpha.
        high: Upper end.
        p_value: Of the calibrated test of the stabilised series; the one that counts.
        p_quasi: Of quasi-likelihood against t.
        p_plain: Of Poisson or binomial regression against the normal law.
        size: Share of series without steps with `p_value` of at most alpha.
        size_quasi: The same for `p_quasi`.
        size_plain: The same for `p_plain`.
    """

    term: str
    ratio: float
    low: float
    high: float
    p_value: float
    p_quasi: float
    p_plain: float
    size: float
    size_quasi: float
    size_plain: float


@dataclass(frozen=True, eq=False)
class RatesFit:
    """Quasi-likelihood fit of one series, and what series like it give.

    Attributes:
        design: Steps of the stabilised series.
        events: Family and size of the outcomes.
        latent: The latent process matched to the series.
        fit: Quasi-likelihood fit, one row.
        off: Signed (d* - d) / s* of series drawn at the fit, shape (draws, c).
        null: Linear predictor without steps, shape (n,).
    """

    design: StepsDesign
    events: Events
    latent: Latent
    fit: GlmFits
    off: FloatArray
    null: FloatArray

    @property
    def predictor(self) -> FloatArray:
        """Fitted linear predictor, shape (n,)."""
        return _predictor(self.events, self.fit.mean[0])


@dataclass(frozen=True, eq=False)
class RatesTest:
    """Steps in one series of counts or shares.

    Attributes:
        name: The series.
        measured_in: "rate ratio" or "odds ratio".
        dispersion: Pearson's, about 1 where events are independent and the rate is as modelled.
        latent_sd: Matched sd of the latent process on the scale of the link.
        latent_rho: Its autocorrelation.
        alternative: Of all p-values.
        alpha: Level.
        series: Null series behind the sizes.
        rows: One entry a term.
        stabilised: The test that decides.
        fitted: What the ratios and their intervals rest on.
    """

    name: str
    measured_in: str
    dispersion: float
    latent_sd: float
    latent_rho: float
    alternative: str
    alpha: float
    series: int
    rows: tuple[RateStep, ...]
    stabilised: StepsTest
    fitted: RatesFit

    @property
    def mc_error(self) -> float:
        """Monte Carlo standard error of a size of alpha."""
        return monte_carlo_error(self.alpha, self.series)

    def to_frame(self) -> pd.DataFrame:
        """One row a term."""
        return pd.DataFrame([asdict(row) for row in self.rows]).set_index("term")

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        left_out = ("rows", "stabilised", "fitted")
        plain = {
            key: getattr(self, key) for key in self.__dataclass_fields__ if key not in left_out
        }
        return plain | {"terms": [asdict(row) for row in self.rows]}


def calibrate_rates(
    counts: pd.Series,
    onsets: Mapping[str, int],
    shelf: LawShelf,
    *,
    exposure: pd.Series | None = None,
    name: str = "",
    trend: str = "linear",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    draws: int = 9_999,
    series: int = 4_000,
) -> RatesTest:
    """Test steps in yearly counts and estimate the rate ratio of each.

    Args:
        counts: Events by year; missing years are absent or nan.
        onsets: First year counted as after, by juncture.
        shelf: Null laws and seed.
        exposure: What the counts are per, by year; positive.
        name: What the series is called.
        trend: "none", "linear" or "quadratic", of the log rate and of the root alike.
        alternative: "greater", "less" or "two-sided".
        alpha: Level of intervals and sizes.
        draws: Series behind each p-value and interval.
        series: Null series behind each size.

    Raises:
        DesignError: Values are no counts, a regime has no event, or `steps_design` refuses.
    """
    label = name or str(counts.name)
    given = counts.dropna().sort_index()
    size = pd.Series(1.0, given.index) if exposure is None else exposure.reindex(given.index)
    _check_counts(given, label)
    if not (size > 0).all():
        year = size.index[~(size > 0)][0]
        raise DesignError(f"The exposure of {label} in {year} is missing or not positive.")
    asked = _Asked(label, onsets, trend, alternative, alpha, draws, series)
    return _calibrate(given, size, "rate ratio", shelf, asked)


def calibrate_shares(
    successes: pd.Series,
    trials: pd.Series,
    onsets: Mapping[str, int],
    shelf: LawShelf,
    *,
    name: str = "",
    trend: str = "linear",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    draws: int = 9_999,
    series: int = 4_000,
) -> RatesTest:
    """Test steps in yearly shares and estimate the odds ratio of each.

    Args:
        successes: Number of cases with the property, by year.
        trials: Number of cases, by year, five or more.
        onsets: First year counted as after, by juncture.
        shelf: Null laws and seed.
        name: What the share is called.
        trend: "none", "linear" or "quadratic", of the logit and of the arcsine alike.
        alternative: "greater", "less" or "two-sided".
        alpha: Level of intervals and sizes.
        draws: Series behind each p-value and interval.
        series: Null series behind each size.

    Raises:
        DesignError: Values are no counts, a year has too few cases or more successes than cases,
            a regime has none or nothing but successes, or `steps_design` refuses.
    """
    label = name or str(successes.name)
    given = successes.dropna().sort_index()
    size = trials.reindex(given.index)
    _check_counts(given, label)
    few = ~(size >= MIN_TRIALS)
    if few.any():
        raise DesignError(
            f"{label} has fewer than {MIN_TRIALS} cases in {few.index[few][0]}; "
            "a yearly share needs at least so many."
        )
    _check_counts(size, f"The number of cases of {label}")
    if (given > size).any():
        raise DesignError(
            f"{label} has more successes than cases in {given.index[given > size][0]}."
        )
    asked = _Asked(label, onsets, trend, alternative, alpha, draws, series)
    return _calibrate(given, size, "odds ratio", shelf, asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    onsets: Mapping[str, int]
    trend: str
    alternative: str
    alpha: float
    draws: int
    series: int


def _calibrate(
    outcomes: pd.Series, size: pd.Series, measured_in: str, shelf: LawShelf, asked: _Asked
) -> RatesTest:
    bare = steps_design(outcomes.astype(float), asked.onsets, name=asked.name, trend=asked.trend)
    _check_regimes(bare, outcomes, size if measured_in == "odds ratio" else None)
    family = "poisson" if measured_in == "rate ratio" else "binomial"
    events = Events(bare.layout, family, size.to_numpy(dtype=float))  # type: ignore[arg-type]
    y = outcomes.to_numpy(dtype=float)
    stable = pd.Series(events.stabilise(y[None, :])[0], outcomes.index, name=asked.name)
    design = steps_design(stable, asked.onsets, name=asked.name, trend=asked.trend)
    test = calibrate_steps(design, shelf, draws=asked.draws)
    with one_thread():  # products split over threads would round differently
        fit = _fit(events, y[None, :], design)
        key = layout_key(design.layout)
        latent = match_latent(events, y, seed=shelf.seed, stream=f"latent:{key}")
        off = _off(events, design, fit, latent, shelf.seed, asked)
        null = _null_predictor(events, design, y)
        sizes = _sizes(events, test, null, latent, shelf.seed, asked)
    margins = margins_of(off, asked.alpha) * fit.quasi_errors[0]
    spare = design.layout.n_obs - design.layout.n_terms
    p_quasi = _p_values(fit.quasi_statistics, stats.t(spare), asked.alternative)[0]
    p_plain = _p_values(fit.statistics, stats.norm(), asked.alternative)[0]
    rows = tuple(
        RateStep(
            term=term,
            ratio=float(np.exp(fit.estimates[0, at])),
            low=float(np.exp(fit.estimates[0, at] - margins[at])),
            high=float(np.exp(fit.estimates[0, at] + margins[at])),
            p_value=test.read(term, alternative=asked.alternative, alpha=asked.alpha).p_value,
            p_quasi=float(p_quasi[at]),
            p_plain=float(p_plain[at]),
            size=float(sizes[0, at]),
            size_quasi=float(sizes[1, at]),
            size_plain=float(sizes[2, at]),
        )
        for at, term in enumerate(design.terms)
    )
    return RatesTest(
        name=asked.name,
        measured_in=measured_in,
        dispersion=float(fit.dispersion[0]),
        latent_sd=latent.sd,
        latent_rho=latent.rho,
        alternative=asked.alternative,
        alpha=asked.alpha,
        series=asked.series,
        rows=rows,
        stabilised=test,
        fitted=RatesFit(design, events, latent, fit, off, null),
    )


def _fit(events: Events, outcomes: FloatArray, design: StepsDesign) -> GlmFits:
    x = design.layout.regressors
    return fit_glm(outcomes, x, design.contrasts, events.family, events.size)


def _off(
    events: Events, design: StepsDesign, fit: GlmFits, latent: Latent, seed: int, asked: _Asked
) -> FloatArray:
    """Signed distances of estimates from the truth over their errors, shape (draws, c)."""
    eta = _predictor(events, fit.mean[0])
    stream = f"interval:{layout_key(design.layout)}"
    drawn = events.draw(eta, latent, seed=seed, stream=stream, series=asked.draws)
    fits = _fit(events, drawn, design)
    off: FloatArray = (fits.estimates - fit.estimates) / fits.quasi_errors
    return off


def margins_of(off: FloatArray, share: float) -> FloatArray:
    """Quantiles of |d* - d| / s* that leave `share` outside, shape (c,)."""
    ordered = np.sort(np.abs(off), axis=0)
    place = min(int(np.ceil((1 - share) * (len(off) + 1))) - 1, len(off) - 1)
    margins: FloatArray = ordered[place]
    return margins


def _null_predictor(events: Events, design: StepsDesign, y: FloatArray) -> FloatArray:
    plain = design.regressors.drop(columns=list(design.onsets)).to_numpy()
    null = fit_glm(y[None, :], plain, np.eye(plain.shape[1]), events.family, events.size)
    return _predictor(events, null.mean[0])


def _sizes(
    events: Events, test: StepsTest, null: FloatArray, latent: Latent, seed: int, asked: _Asked
) -> FloatArray:
    """Shares of series without steps found by the three tests, shape (3, c)."""
    design = test.design
    stream = f"no-steps:{layout_key(design.layout)}"
    drawn = events.draw(null, latent, seed=seed, stream=stream, series=asked.series)
    fits = _fit(events, drawn, design)
    stable = fit_ar1(events.stabilise(drawn), design.layout, design.contrasts)
    found = [
        reach_of_steps(
            stable, test.law, contrast=at, alternative=asked.alternative, alpha=asked.alpha
        ).found()
        for at in range(len(design.terms))
    ]
    spare = design.layout.n_obs - design.layout.n_terms
    quasi = _p_values(fits.quasi_statistics, stats.t(spare), asked.alternative)
    usual = _p_values(fits.statistics, stats.norm(), asked.alternative)
    shares = [(p <= asked.alpha).mean(axis=0) for p in (quasi, usual)]
    return np.stack([np.array(found), *shares])


def _predictor(events: Events, mean: FloatArray) -> FloatArray:
    if events.family == "poisson":
        eta = np.log(mean / events.size)
    else:
        eta = np.log(mean) - np.log(events.size - mean)
    return np.asarray(eta, dtype=np.float64)


def _p_values(
    statistics: FloatArray, law: stats.distributions.rv_frozen, alternative: str
) -> FloatArray:
    p = {
        "greater": law.sf(statistics),
        "less": law.cdf(statistics),
        "two-sided": 2 * law.sf(np.abs(statistics)),
    }[alternative]
    return np.asarray(p, dtype=np.float64)


def _check_counts(values: pd.Series, label: str) -> None:
    wrong = (values < 0) | (values != values.round())
    if wrong.any():
        year = values.index[wrong][0]
        raise DesignError(f"{label} is {values[year]:g} in {year}; a count is 0, 1, 2 and so on.")


def _check_regimes(design: StepsDesign, outcomes: pd.Series, trials: pd.Series | None) -> None:
    """A ratio needs events on both sides, and for shares something else than events too."""
    starts = [int(design.years[0]), *design.onsets.values()]
    ends = [*design.onsets.values(), int(design.years[-1]) + 1]
    for start, end in zip(starts, ends, strict=True):
        here = (outcomes.index >= start) & (outcomes.index < end)
        events = outcomes[here].sum()
        if events == 0 or (trials is not None and events == trials[here].sum()):
            share = "no event" if events == 0 else "nothing but events"
            raise DesignError(
                f"{design.name} has {share} from {start} to {end - 1}; "
                "the ratio over that time has no finite estimate."
            )
