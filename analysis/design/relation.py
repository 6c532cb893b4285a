"""Lay out how one yearly series moves with another, in one unit.

    y_t = a + b t + sum_l g_l x_(t-l) + controls + u_t,      l = 0 ... L,

the term is sum of the g_l: how much higher the outcome is where the exposure has been one unit
higher for L + 1 years. The exposure is measured in its own sd around the trend, over the years
used: the sum is then in units of the outcome for one sd of the exposure, and divided by the
marginal sd of the errors on the scale of a correlation. `exposure_sd` leads back to its own unit.

Beside this level regression stand two others, which fail in other ways. Its first differences::

    y_t - y_(t-1) = b + sum_l g_l (x_(t-l) - x_(t-l-1)) + controls + e_t

are right where both series wander without returning, and the lag-augmented equation of Toda &
Yamamoto (1995, J. Econometrics 66, 225-250, doi:10.1016/0304-4076(94)01616-8) asks whether the past
of the exposure, apart from that of the outcome, helps to predict the outcome. Two series that share
no more than a trend or a drift pass one of the three now and then, seldom all (Granger & Newbold
1974, J. Econometrics 2, 111-120, doi:10.1016/0304-4076(74)90034-7).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.steps import ERROR_MODELS, MIN_VALUES, TREND_POWERS, StepsDesign
from analysis.design.terms import TermsDesign, lay_out_terms, second_half
from analysis.errors import DesignError
from analysis.kernel.toda_yamamoto import CausalityLayout, lay_out_causality
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
EXPOSURE, REVERSE, LAG = "exposure", "reverse", "lag_"
DIRECTIONS = ("forward", "both")
TIMINGS = ("earlier", "same-year")
PAST, EXTRA = 1, 1  # p and d of the lag-augmented equation
MIN_SPARE = 8  # degrees of freedom of each of the two other regressions
STRAIGHT = 1e-8  # share of its spread that a series around a straight line may leave


@dataclass(frozen=True, eq=False)
class RelationDesign:
    """An outcome on an exposure, three ways.

    Attributes:
        level: The level regression; its terms are "exposure", the sum, and lag_0 ... lag_L.
        exposure: In units of `exposure_sd`, by year, all years known.
        exposure_sd: Sd of the exposure around the trend over the years used, in its own unit.
        lags: l, ascending.
        causality: Layout of the lag-augmented equation.
        same_year: The same with the exposure of the same year among what is tested.
        timing: Which of the two has to agree: "earlier", the first, or "same-year", the second.
        reverse: The same question with outcome and exposure exchanged; None if not asked.
    """

    level: TermsDesign
    exposure: pd.Series
    exposure_sd: float
    lags: tuple[int, ...]
    causality: CausalityLayout
    same_year: CausalityLayout
    timing: str = "earlier"
    reverse: "RelationDesign | None" = None

    @property
    def name(self) -> str:
        return self.level.name

    @property
    def years(self) -> NDArray[np.int64]:
        return self.level.years

    @property
    def deciding(self) -> CausalityLayout:
        """The lag-augmented equation that has to agree."""
        return self.causality if self.timing == "earlier" else self.same_year

    @property
    def followed(self) -> NDArray[np.intp]:
        """Places of the years whose year before is there too, shape (r,)."""
        return np.flatnonzero(np.diff(self.years) == 1) + 1

    @property
    def changes(self) -> tuple[FloatArray, FloatArray]:
        """Regressors of the first differences, shape (r, k), and the row of their term, (1, k)."""
        x = self.level.regressors.drop(columns="intercept").to_numpy()
        row = self.level.contrasts[:1, 1:]
        return x[self.followed] - x[self.followed - 1], row

    @property
    def even_path(self) -> FloatArray:
        """X g for an effect of one that is spread evenly over the lags, shape (n,)."""
        return self.path(dict.fromkeys(self.lags, 1 / len(self.lags)))

    def path(self, by_lag: dict[int, float]) -> FloatArray:
        """X g for the given g of each lag, shape (n,)."""
        total = np.zeros(len(self.years))
        for lag, weight in by_lag.items():
            total += weight * self.level.columns[f"{LAG}{lag}"].to_numpy(dtype=float)
        return total


def relation_design(
    outcome: pd.Series,
    exposure: pd.Series,
    *,
    lags: int | Sequence[int] = 1,
    direction: str = "forward",
    timing: str = "earlier",
    name: str = "",
    exposure_name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1-constant",
) -> RelationDesign:
    """Lay out `outcome` on `exposure`, or say why that cannot be answered.

    Years in which the outcome, a control or a lag of the exposure is missing are left out.

    Args:
        outcome: Transformed outcome by year; missing years are absent or nan.
        exposure: Transformed exposure by year.
        lags: L for the lags 0 ... L, or the lags themselves.
        direction: "forward", or "both" to ask the reverse as well.
        timing: "earlier" if the exposure has to come first, "same-year" if it may come with the
            outcome.
        name: What the outcome is called in messages.
        exposure_name: What the exposure is called.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year.
        error_model: "ar1-constant", or "ar1" whose innovation sd may change at half the values.

    Raises:
        DesignError: Fewer than 20 years have all that is needed, a series does not move, or the
            regressors are collinear.
    """
    label, other = name or str(outcome.name), exposure_name or str(exposure.name)
    if direction not in DIRECTIONS:
        raise DesignError(f"{direction} is no direction; there are {join_words(DIRECTIONS)}.")
    if timing not in TIMINGS:
        raise DesignError(f"{timing} is no timing; there are {join_words(TIMINGS)}.")
    chosen = chosen_lags(lags)
    known = exposure.dropna().sort_index().astype(float)
    base = base_design(
        outcome,
        {f"{other} {lag} years before" if lag else other: known for lag in chosen},
        shifts=chosen,
        name=label,
        trend=trend,
        controls=controls,
        error_model=error_model,
    )
    used = known.reindex(base.years).dropna() if 0 in chosen else known
    sd = sd_around_trend(used, trend)
    check_moves(used, sd, other)
    scaled = (known - used.mean()) / sd
    columns = pd.DataFrame(
        {f"{LAG}{lag}": scaled.reindex(base.years - lag).to_numpy() for lag in chosen},
        index=base.series.index,
    )
    single = {f"{LAG}{lag}": {f"{LAG}{lag}": 1.0} for lag in chosen}
    spell = f"lag {chosen[0]}" if len(chosen) == 1 else f"lags {join_words(map(str, chosen))}"
    level = lay_out_terms(
        base,
        columns,
        {EXPOSURE: dict.fromkeys(single, 1.0)} | single,
        asked_together=tuple(single),
        split=base.first_onset,
        words=f"{other} at {spell}",
    )
    design = RelationDesign(
        level=level,
        exposure=scaled,
        exposure_sd=sd,
        lags=chosen,
        causality=_lay_out_past(level, scaled, first=1),
        same_year=_lay_out_past(level, scaled, first=0),
        timing=timing,
        reverse=(
            relation_design(
                exposure,
                outcome,
                lags=chosen,
                timing=timing,
                name=other,
                exposure_name=label,
                trend=trend,
                controls=controls,
                error_model=error_model,
            )
            if direction == "both"
            else None
        ),
    )
    _check_room(design)
    return design


def chosen_lags(lags: int | Sequence[int]) -> tuple[int, ...]:
    """0 ... L, or the lags named.

    >>> chosen_lags(1), chosen_lags([2, 1])
    ((0, 1), (1, 2))
    """
    chosen = tuple(range(lags + 1)) if isinstance(lags, int) else tuple(sorted(set(lags)))
    if not chosen or chosen[0] < 0:
        raise DesignError(f"{lags} are no lags; name years before the outcome, 0 or more.")
    return chosen


def base_design(
    outcome: pd.Series,
    exposures: dict[str, pd.Series],
    *,
    shifts: Sequence[int],
    name: str,
    trend: str,
    controls: pd.DataFrame | None,
    error_model: str,
) -> StepsDesign:
    """The years on which outcome, exposures (each so many years before) and controls are known.

    The onset of what is given back is the first year of the second half, at which the innovation
    sd may change if the error model lets it.
    """
    if error_model not in ERROR_MODELS:
        raise DesignError(f"{error_model} is no error model; there are {', '.join(ERROR_MODELS)}.")
    if trend not in TREND_POWERS:
        raise DesignError(f"{trend} is no trend; there are {', '.join(TREND_POWERS)}.")
    given = outcome.dropna().sort_index().astype(float)
    for (_, exposure), shift in zip(exposures.items(), shifts, strict=True):
        there = exposure.dropna().reindex(given.index - shift).notna().to_numpy()
        given = given.loc[there]
    extra = pd.DataFrame(index=given.index) if controls is None else controls.reindex(given.index)
    extra = extra.dropna()
    given = given.loc[extra.index]
    if len(given) < MIN_VALUES:
        beside = join_words([*exposures, *map(str, extra.columns)])
        raise DesignError(
            f"{len(given)} years have {name} together with {beside}; {MIN_VALUES} are needed."
        )
    if np.ptp(given.to_numpy()) == 0:
        raise DesignError(f"{name} never changes in these years; it cannot move with anything.")
    middle = second_half(given.index.to_numpy(dtype=np.int64))
    return StepsDesign(name, given, {EXPOSURE: middle}, trend, extra, error_model)


def sd_around_trend(series: pd.Series, trend: str) -> float:
    """Standard deviation of what a fit of the trend leaves, on n - k degrees of freedom."""
    years = series.index.to_numpy(dtype=float)
    powers = np.vander(years - years.mean(), TREND_POWERS[trend] + 1)
    q, _ = np.linalg.qr(powers)
    values = series.to_numpy(dtype=float)
    left = values - q @ (q.T @ values)
    return float(np.sqrt((left * left).sum() / max(1, len(values) - powers.shape[1])))


def check_moves(series: pd.Series, sd: float, name: str) -> None:
    """Refuse an exposure that is constant, or nothing but the trend."""
    spread = float(np.ptp(series.to_numpy()))
    if spread == 0:
        raise DesignError(f"{name} never changes in the years used; nothing can move with it.")
    if sd <= STRAIGHT * spread:
        raise DesignError(
            f"{name} follows the trend without leaving it; its effect cannot be told from that of "
            "time."
        )


def _lay_out_past(level: TermsDesign, exposure: pd.Series, *, first: int) -> CausalityLayout:
    """The lag-augmented equation on the years of the level regression, with its trend."""
    columns = [name for name in level.regressors if name not in level.columns]
    return lay_out_causality(
        level.years,
        exposure.index.to_numpy(dtype=np.int64),
        exposure.to_numpy(dtype=float),
        level.regressors[columns].to_numpy(),
        lags=PAST,
        extra=EXTRA,
        first=first,
    )


def _check_room(design: RelationDesign) -> None:
    changes, _ = design.changes
    for spare, what in (
        (len(changes) - changes.shape[1], "changes from one year to the next"),
        (design.same_year.df, "years that follow two others"),
    ):
        if spare < MIN_SPARE:
            raise DesignError(
                f"{design.name} and its exposure have too many gaps: {what} leave {spare} degrees "
                f"of freedom, {MIN_SPARE} are needed."
            )
