"""Other ways to read one coefficient of a steps design, each with the law its p-value comes from.

Formulas, assumptions and references stand with the statistics: `analysis.kernel.har` (cosines and
wide windows), `second` (differences, blocks, shifts), `feasible` (Prais-Winsten, Cochrane-Orcutt,
GLSAR), `hac` (automatic bandwidths) and `usual` (OLS, Newey-West). "Design law" means that the
statistic is ranked among those of white noise on the same years and regressors, since the published
critical values hold for stationary regressors only.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.law import simulate_errors
from analysis.calibration.references import AgainstDraws, AgainstShifts, AgainstT, Reference
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import layout_key
from analysis.errors import DesignError
from analysis.kernel import feasible, hac, har, second, usual
from analysis.kernel.ar1 import fit_ar1
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
Places = NDArray[np.intp]
LAW_SERIES = 10_000  # white-noise series behind each simulated law
BLOCKS = 3  # on each side: with four, one null series in eight is found at rho = .8
MIN_BLOCK = 2  # years in a block
SHIFTED_SHARE = 8  # of so many series one is shifted and refitted by REML, which is n fits each


@dataclass(frozen=True, eq=False)
class OneTerm:
    """One term of one design, as the methods see it."""

    test: StepsTest
    term: str
    seed: int

    @property
    def row(self) -> FloatArray:
        """The contrast, shape (1, k)."""
        return self.test.design.contrasts[[self.test.design.terms.index(self.term)]]

    @property
    def observed(self) -> FloatArray:
        return self.test.design.series.to_numpy(dtype=float)[None, :]

    @property
    def kept(self) -> Places:
        """Columns of X in the model without the term."""
        return np.flatnonzero(self.row[0] == 0)

    @property
    def spare(self) -> int:
        layout = self.test.design.layout
        return layout.n_obs - layout.n_terms

    def white_noise(self, statistic: Callable[[FloatArray], FloatArray]) -> FloatArray:
        """Draws of a statistic in white noise on this design."""
        layout = self.test.design.layout
        noise = simulate_errors(
            layout,
            rho=0.0,
            kappa=1.0,
            seed=self.seed,
            stream=f"white:{layout_key(layout)}",
            series=LAW_SERIES,
        )
        return statistic(noise)

    def need_every_year(self, method: str) -> None:
        """Refuse a method that knows no gaps."""
        layout = self.test.design.layout
        missing = sorted(
            set(range(int(layout.years[0]), int(layout.years[-1]) + 1))
            - {int(year) for year in layout.years}
        )
        if missing:
            raise DesignError(
                f"{method} needs every year; there is no value in "
                f"{join_words(tuple(map(str, missing)))}."
            )

    def sides(self) -> tuple[Places, Places]:
        """Positions of the years just before and just after the term's step."""
        years = self.test.design.years
        onsets = list(self.test.design.onsets.values())
        at = 0 if self.term == "total" else list(self.test.design.onsets).index(self.term)
        last = len(onsets) - 1 if self.term == "total" else at
        from_year = onsets[at - 1] if at else years[0]
        until = onsets[last + 1] if last + 1 < len(onsets) else years[-1] + 1
        before = np.flatnonzero((years >= from_year) & (years < onsets[at]))
        return before, np.flatnonzero((years >= onsets[last]) & (years < until))


@dataclass(frozen=True, eq=False)
class Method:
    """A way of reading one coefficient; `note` is what a reader has to know about it."""

    name: str
    group: str
    make: Callable[[OneTerm], Reference]
    note: str = ""
    one_in: int = 1


def _ewc(question: OneTerm) -> Callable[[FloatArray], FloatArray]:
    return lambda y: har.ewc_statistics(y, question.test.design.layout, question.row)[:, 0]


def _wide(question: OneTerm) -> Callable[[FloatArray], FloatArray]:
    return lambda y: har.wide_window_statistics(y, question.test.design.layout, question.row)[:, 0]


def _make_ewc(question: OneTerm) -> Reference:
    return AgainstT(_ewc(question), har.ewc_terms(question.test.design.layout.n_obs))


def _make_ewc_simulated(question: OneTerm) -> Reference:
    return AgainstDraws(_ewc(question), question.white_noise(_ewc(question)))


def _make_wide(question: OneTerm) -> Reference:
    n = question.test.design.layout.n_obs
    law = har.draw_fixed_b(har.window_width(n) / n, seed=question.seed, series=LAW_SERIES)
    return AgainstDraws(_wide(question), law)


def _make_wide_simulated(question: OneTerm) -> Reference:
    return AgainstDraws(_wide(question), question.white_noise(_wide(question)))


def _make_differences(question: OneTerm) -> Reference:
    layout, row = question.test.design.layout, question.row

    def statistic(series: FloatArray) -> FloatArray:
        return second.difference_statistics(series, layout, row)[0][:, 0]

    seen, df = second.difference_statistics(question.observed, layout, row)
    if np.isnan(seen).any():
        raise DesignError("The differences of the series do not show this step.")
    return AgainstT(statistic, df)


def _make_blocks(question: OneTerm) -> Reference:
    design = question.test.design
    if design.trend != "none" or len(design.controls.columns):
        raise DesignError("Block means allow for no trend and no controls.")
    before, after = question.sides()
    if min(len(before), len(after)) < BLOCKS * MIN_BLOCK:
        raise DesignError(
            f"Block means need {BLOCKS * MIN_BLOCK} values on each side of the step; "
            f"there are {len(before)} and {len(after)}."
        )
    return AgainstT(lambda y: second.block_statistics(y, before, after, BLOCKS)[0], BLOCKS - 1)


def _make_shift(question: OneTerm) -> Reference:
    question.need_every_year("The circular shift")
    x = question.test.design.layout.regressors
    return AgainstShifts(
        lambda y: second.turned_residual_statistics(y, x, question.row[0], question.kept)
    )


def _make_shift_reml(question: OneTerm) -> Reference:
    question.need_every_year("The circular shift")
    layout, row = question.test.design.layout, question.row
    null, _ = np.linalg.qr(layout.regressors[:, question.kept])

    def statistics(series: FloatArray) -> FloatArray:
        residuals = series - (series @ null) @ null.T
        turned = np.concatenate([np.roll(residuals, by, axis=1) for by in range(layout.n_obs)])
        shifted = fit_ar1(turned, layout, row).statistics[:, 0]
        return np.ascontiguousarray(shifted.reshape(layout.n_obs, -1).T)

    return AgainstShifts(statistics)


def _make_ols(question: OneTerm) -> Reference:
    x = question.test.design.layout.regressors
    return AgainstT(lambda y: usual.ols_statistics(y, x, question.row)[:, 0], question.spare)


def _make_newey_west(question: OneTerm) -> Reference:
    question.need_every_year("Newey-West with lags")
    x = question.test.design.layout.regressors
    return AgainstT(lambda y: usual.newey_west_statistics(y, x, question.row)[:, 0], question.spare)


def _make_spectral(prewhitened: bool) -> Callable[[OneTerm], Reference]:
    def make(question: OneTerm) -> Reference:
        question.need_every_year("An automatic bandwidth")
        x = question.test.design.layout.regressors

        def statistic(series: FloatArray) -> FloatArray:
            fit = hac.fit_hac(
                series, x, question.row, kernel="quadratic-spectral", prewhitened=prewhitened
            )
            return fit.statistics[:, 0]

        return AgainstT(statistic, question.spare)

    return make


def _make_prais_winsten(question: OneTerm) -> Reference:
    layout, row = question.test.design.layout, question.row
    return AgainstT(
        lambda y: feasible.fit_prais_winsten(y, layout, row).statistics[:, 0], question.spare
    )


def _make_cochrane_orcutt(question: OneTerm) -> Reference:
    layout, row = question.test.design.layout, question.row
    df = feasible.fit_cochrane_orcutt(question.observed, layout, row).df_resid
    return AgainstT(lambda y: feasible.fit_cochrane_orcutt(y, layout, row).statistics[:, 0], df)


def _make_glsar(question: OneTerm) -> Reference:
    question.need_every_year("GLSAR")
    layout, row = question.test.design.layout, question.row
    return AgainstT(
        lambda y: feasible.fit_glsar(y, layout, row).statistics[:, 0], question.spare - 1
    )


def _make_reml(question: OneTerm) -> Reference:
    layout, row = question.test.design.layout, question.row
    return AgainstT(lambda y: fit_ar1(y, layout, row).statistics[:, 0], question.spare)


SECOND, COMPARISON = "second opinion", "comparison"
METHODS: tuple[Method, ...] = (
    Method("EWC, design law", SECOND, _make_ewc_simulated, "law of white noise on this design"),
    Method("first differences", SECOND, _make_differences),
    Method("Ibragimov-Mueller", SECOND, _make_blocks, f"{BLOCKS} blocks on each side"),
    Method(
        "circular shift, REML t",
        SECOND,
        _make_shift_reml,
        "smallest p is one over the number of years",
        one_in=SHIFTED_SHARE,
    ),
    Method(
        "circular shift, OLS t",
        SECOND,
        _make_shift,
        "smallest p is one over the number of years",
    ),
    Method("Newey-West wide, design law", SECOND, _make_wide_simulated, "window 1.3 root(T)"),
    Method("EWC", COMPARISON, _make_ewc, "t with as many df as cosines"),
    Method("Newey-West wide, fixed b", COMPARISON, _make_wide, "window 1.3 root(T)"),
    Method("OLS", COMPARISON, _make_ols),
    Method("Newey-West", COMPARISON, _make_newey_west, "4 (T/100)^(2/9) lags"),
    Method("quadratic spectral", COMPARISON, _make_spectral(False), "Andrews' bandwidth"),
    Method("quadratic spectral, prewhitened", COMPARISON, _make_spectral(True)),
    Method("Prais-Winsten", COMPARISON, _make_prais_winsten, "iterated; keeps the first year"),
    Method("Cochrane-Orcutt", COMPARISON, _make_cochrane_orcutt, "iterated; drops the first year"),
    Method("GLSAR", COMPARISON, _make_glsar, "as statsmodels: drops the first year, three rounds"),
    Method("REML, t law", COMPARISON, _make_reml, "AR(1) GLS against t with n - k df"),
)
