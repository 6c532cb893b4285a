"""Ask of which components an index owes its effect, and whether its weights matter (T-REL, W-5).

Each component alone and all of them together are regressions with trend and AR(1) errors, with
p-values and intervals as in `steps`. Alone, p is corrected for the number of components (Holm 1979,
Scand. J. Stat. 6, 65-70); together they are refused where trend and components are collinear
(condition number above 30). The index is tried

* without each component in turn, the others weighted equally;
* under weights drawn at random, every split as likely as any other (Dirichlet, all parameters 1),
  because no theory says what a component weighs (OECD & JRC 2008, Handbook on Constructing
  Composite Indicators, doi:10.1787/9789264043466-en, step 7). The shares of draws with an effect of
  the claimed sign, and with one found, say what the finding owes to the weights. They are not
  probabilities of the claim: the 500 indices share their data;
* as the geometric mean of components rescaled to 1 ... 100, where a component near its lowest value
  pulls the index down whatever the others are; held against the sum by `nonnested`.

Every exposure is in its own sd around the trend, so that estimates compare.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from analysis.calibration.law import simulate_errors
from analysis.calibration.nonnested import NonnestedTest, calibrate_nonnested
from analysis.calibration.steps import simulated_p
from analysis.calibration.store import LawShelf
from analysis.calibration.terms import TermsTest, calibrate_terms
from analysis.design.relation import sd_around_trend
from analysis.design.rivals import exposures_design
from analysis.errors import DesignError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.layout import Layout
from analysis.panel.composite import draw_shares
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
SUM, PRODUCT = "all, added", "all, multiplied"
WEIGHT_DRAWS = 500
WEIGHT_SERIES = 999  # null series behind the p of one draw of weights
LOWEST, HIGHEST = 1.0, 100.0  # of a component in the geometric mean


@dataclass(frozen=True, eq=False)
class WeightDraws:
    """The effect of the index under random weights.

    Attributes:
        shares: Weights, one row a draw, one column a component, shape (d, k).
        estimates: Effect of one sd of the index around its trend, shape (d,).
        p_values: Two-sided, shape (d,).
        rho: Autocorrelation of the null series, that of the equally weighted index.
    """

    shares: pd.DataFrame
    estimates: FloatArray
    p_values: FloatArray
    rho: float

    @property
    def share_positive(self) -> float:
        return float((self.estimates > 0).mean())

    def share_found(self, alternative: str = "two-sided", alpha: float = 0.05) -> float:
        """Share of draws found at alpha on the side claimed."""
        if alternative == "two-sided":
            return float((self.p_values <= alpha).mean())
        sign = -1.0 if alternative == "less" else 1.0
        # The law of t is symmetric: on the side claimed, half of the two-sided p.
        return float(((self.p_values / 2 <= alpha) & (sign * self.estimates > 0)).mean())

    def band(self, share: float = 0.9) -> tuple[float, float]:
        """Between which estimates the middle `share` of the draws lies."""
        low, high = np.quantile(self.estimates, [(1 - share) / 2, (1 + share) / 2])
        return float(low), float(high)


@dataclass(frozen=True, eq=False)
class ComponentsTest:
    """The components of an index, each, together, and under all kinds of weights.

    Attributes:
        alone: Each component as the only exposure, by component.
        together: All of them in one model; None where they are collinear.
        refusal: Why there is no model of all together, or "".
        indices: The equally weighted index and those without one component, by name.
        weighted: The index under random weights.
        product: The sum against the geometric mean; None where the two are too alike.
        product_refusal: Why there is no such contest, or "".
    """

    alone: Mapping[str, TermsTest]
    together: TermsTest | None
    refusal: str
    indices: Mapping[str, TermsTest]
    weighted: WeightDraws
    product: NonnestedTest | None
    product_refusal: str

    @property
    def whole(self) -> TermsTest:
        """The equally weighted index."""
        return self.indices[SUM]

    def by_model(self) -> dict[tuple[str, str], TermsTest]:
        """Every model and exposure with the test that it is a term of."""
        tests = {("alone", name): test for name, test in self.alone.items()}
        if self.together is not None:
            tests |= {("together", name): self.together for name in self.together.terms}
        return tests | {("index", name): test for name, test in self.indices.items()}

    def to_frame(self, *, alternative: str = "two-sided", alpha: float = 0.05) -> pd.DataFrame:
        """One row for each model and exposure.

        Returns:
            Index (model, exposure) with model "alone", "together" or "index"; estimate, std_error,
            p_value, p_holm (of components alone; nan elsewhere), conf_low and conf_high.
        """
        rows = {
            (model, term): _row(test, term, alternative, alpha)
            for (model, term), test in self.by_model().items()
        }
        columns = ["estimate", "std_error", "p_value", "conf_low", "conf_high"]
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        frame.index = pd.MultiIndex.from_tuples(frame.index, names=["model", "exposure"])
        single = frame.index.get_level_values("model") == "alone"
        corrected = np.full(len(frame), np.nan)
        corrected[single] = multipletests(frame.loc[single, "p_value"], method="holm")[1]
        frame.insert(3, "p_holm", corrected)
        return frame


def calibrate_components(
    series: pd.Series,
    components: pd.DataFrame,
    shelf: LawShelf,
    *,
    draws: int,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    weight_draws: int = WEIGHT_DRAWS,
) -> ComponentsTest:
    """Try the components of an index on one outcome, all in the same years.

    Args:
        series: Transformed outcome by year.
        components: By year, one column a component, in any unit; larger means more.
        shelf: Null laws; its seed is the seed of all draws.
        draws: Null series behind each p-value of components and indices.
        name: What the series is called in messages.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year.
        weight_draws: Draws of the weights.

    Raises:
        DesignError: Fewer than two components, fewer than 20 years with all of them, or a single
            component that cannot be told from the trend.
    """
    if components.shape[1] < 2:
        raise DesignError("An index needs at least two components; test a single one by itself.")
    parts = components.set_axis([str(column) for column in components], axis=1).dropna()
    inside = series.dropna().index.intersection(parts.index)
    if controls is not None:
        inside = inside.intersection(controls.dropna().index)
    known, parts = series.loc[inside].sort_index(), parts.loc[inside].sort_index()
    scores = (parts - parts.mean()) / parts.std()

    def test(exposures: pd.DataFrame) -> TermsTest:
        design = exposures_design(known, exposures, name=name, trend=trend, controls=controls)
        return calibrate_terms(design, shelf, draws=draws)

    together, refusal = None, ""
    try:
        together = test(scores)
    except DesignError as error:
        refusal = str(error)
    indices = {SUM: test(scores.mean(axis=1).to_frame(SUM))}
    for left_out in scores if scores.shape[1] > 2 else ():
        label = f"without {left_out}"
        indices[label] = test(scores.drop(columns=[left_out]).mean(axis=1).to_frame(label))
    product, product_refusal = None, ""
    try:
        product = calibrate_nonnested(
            known,
            geometric_index(parts).rename(PRODUCT),
            scores.mean(axis=1).rename(SUM),
            shelf,
            draws=draws,
            name=name,
            trend=trend,
            controls=controls,
        )
    except DesignError as error:
        product_refusal = str(error)
    return ComponentsTest(
        alone={str(each): test(scores[[each]]) for each in scores},
        together=together,
        refusal=refusal,
        indices=indices,
        weighted=weigh_components(indices[SUM], scores, seed=shelf.seed, draws=weight_draws),
        product=product,
        product_refusal=product_refusal,
    )


def weigh_components(
    whole: TermsTest, scores: pd.DataFrame, *, seed: int, draws: int = WEIGHT_DRAWS
) -> WeightDraws:
    """Fit the index under random weights, each against the same null series.

    Args:
        whole: The equally weighted index; its trend, controls and autocorrelation are used.
        scores: Standardised components on its years, shape (n, k).
        seed: Of weights and null series.
        draws: Number of weightings.
    """
    design = whole.design
    others = design.regressors.drop(columns=[whole.terms[0]]).to_numpy(dtype=float)
    stream = f"weights:{join_words(map(str, scores))}"
    shares = draw_shares(seed, stream, draws, scores.shape[1])
    made = scores.to_numpy(dtype=float) @ shares.T
    by_draw = pd.DataFrame(made, index=design.years)
    spread = np.array([sd_around_trend(by_draw[draw], design.trend) for draw in by_draw])
    null = simulate_errors(
        design.layout,
        rho=whole.rho,
        kappa=1.0,
        seed=seed,
        stream=stream,
        series=WEIGHT_SERIES,
    )
    series = np.vstack([whole.series, null])
    pick = np.zeros((1, others.shape[1] + 1))
    pick[0, -1] = 1.0
    estimates, p_values = np.empty(draws), np.empty(draws)
    for draw, index in enumerate((made / spread).T):
        layout = Layout(design.years, np.column_stack([others, index - index.mean()]))
        fits = fit_ar1(series, layout, pick)
        t = fits.statistics[:, 0]
        estimates[draw] = fits.estimates[0, 0]
        p_values[draw] = simulated_p(float(t[0]), t[1:], "two-sided")
    return WeightDraws(pd.DataFrame(shares, columns=scores.columns), estimates, p_values, whole.rho)


def geometric_index(components: pd.DataFrame) -> pd.Series:
    """Geometric mean of components rescaled to 1 ... 100, by year.

    >>> geometric_index(pd.DataFrame({"a": [0, 1], "b": [5, 7]})).round(6).tolist()
    [1.0, 100.0]
    """
    low, high = components.min(), components.max()
    scaled = LOWEST + (HIGHEST - LOWEST) * (components - low) / (high - low)
    made: pd.Series = np.exp(np.log(scaled).mean(axis=1))
    return made


def _row(test: TermsTest, term: str, alternative: str, alpha: float) -> list[float]:
    reading = test.read(term, alternative=alternative, alpha=alpha)
    return [reading.estimate, reading.std_error, reading.p_value, *reading.wide]
