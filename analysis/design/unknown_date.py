"""Lay out one step whose date is not given in one unit's yearly series.

With x_t an intercept, a trend and controls, for some onset o among the candidate years::

    y_t = x_t b + delta 1[t >= o] + u_t

A step in the first or last few values cannot be told from an odd value there, so a share of the
values at either end is no candidate (Andrews 1993, Econometrica 61, 821-856, doi:10.2307/2951764).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.steps import MAX_CONDITION, MIN_VALUES, TREND_POWERS, condition_number
from analysis.errors import DesignError
from analysis.kernel.layout import Layout
from analysis.kernel.ml_profile import DateScan

MIN_SIDE = 4  # values on either side of a candidate, however small the share
DEFAULT_SHARE = 0.15
LEFT_OVER = 1 / MAX_CONDITION  # of a step, when what the regressors explain is taken out


@dataclass(frozen=True, eq=False)
class UnknownDateDesign:
    """A series in which one step is looked for at every admissible date.

    Attributes:
        name: What the series is called in messages.
        series: Transformed outcome by year, ascending, no missing values, shape (n,).
        trend: "none", "linear" or "quadratic".
        controls: Further regressors on the same years, shape (n, c).
        share: Of the values at either end that are no candidates.
        spread_from: First year from which the innovation sd may differ; None if it is constant.
        search: First and last year searched; None for all that the share allows.
    """

    name: str
    series: pd.Series
    trend: str
    controls: pd.DataFrame
    share: float = DEFAULT_SHARE
    spread_from: int | None = None
    search: tuple[int, int] | None = None

    @property
    def years(self) -> NDArray[np.int64]:
        return self.series.index.to_numpy(dtype=np.int64)

    @property
    def side(self) -> int:
        """Values kept free at either end."""
        return max(int(np.ceil(self.share * len(self.series) - 1e-9)), MIN_SIDE)

    @property
    def onsets(self) -> NDArray[np.int64]:
        """Candidate years: the first year of the new level, shape (d,).

        After missing years the step may lie in the gap; its onset is then the year after it.
        """
        allowed = self.years[self.side : len(self.series) - self.side + 1]
        if self.search is None:
            return allowed
        return allowed[(allowed >= self.search[0]) & (allowed <= self.search[1])]

    @cached_property
    def regressors(self) -> pd.DataFrame:
        """X of the hypothesis of no step: intercept, trend in decades from the middle, controls."""
        decades = (self.years - self.years.mean()) / 10
        columns = {"intercept": np.ones(len(self.years))}
        for power in range(1, TREND_POWERS[self.trend] + 1):
            columns[f"trend_{power}"] = decades**power
        spread = self.controls.std().replace(0.0, 1.0)
        frame = pd.DataFrame(columns, index=self.series.index)
        return frame.join((self.controls - self.controls.mean()) / spread)

    @cached_property
    def layout(self) -> Layout:
        """Years and regressors without a step."""
        return Layout(self.years, self.regressors.to_numpy(), self.spread_from)

    @cached_property
    def scan(self) -> DateScan:
        return DateScan(self.layout, self.onsets)

    def layout_with(self, onset: int) -> Layout:
        """Years and regressors with a step at `onset`, which is the last regressor."""
        step = (self.years >= onset).astype(np.float64)
        return Layout(self.years, np.column_stack([self.layout.regressors, step]), self.spread_from)


def unknown_date_design(
    series: pd.Series,
    *,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    share: float = DEFAULT_SHARE,
    spread_from: int | None = None,
    search: tuple[int, int] | None = None,
) -> UnknownDateDesign:
    """Lay out `series` for a step at an unknown date, or say why that cannot be answered.

    Args:
        series: Transformed outcome indexed by year; missing years are absent or nan.
        name: What the series is called in messages.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year; years where one is missing are left out.
        share: Of the values at either end that are no candidates, above 0 and below a half.
        spread_from: First year from which the innovation sd may differ, e.g. half way; a look.
        search: First and last year searched; None for all that the share allows.

    Raises:
        DesignError: One of the conditions does not hold.
    """
    label = name or str(series.name)
    given = series.dropna().sort_index()
    extra = pd.DataFrame(index=given.index) if controls is None else controls.reindex(given.index)
    extra = extra.dropna()
    if trend not in TREND_POWERS:
        raise DesignError(f"{trend} is no trend; there are {', '.join(TREND_POWERS)}.")
    if not 0 < share < 0.5:
        raise DesignError(
            f"A share of {share:g} of the values at either end leaves no dates to search in "
            f"{label}; it must lie above 0 and below 0.5."
        )
    design = UnknownDateDesign(
        label, given.loc[extra.index], trend, extra, share, spread_from, search
    )
    _check(design)
    return design


def _check(design: UnknownDateDesign) -> None:
    years, values = design.years, design.series.to_numpy(dtype=float)
    if len(years) < MIN_VALUES:
        raise DesignError(
            f"{design.name} has {len(years)} values; a single series needs {MIN_VALUES}."
        )
    if len(np.unique(years)) < len(years):
        raise DesignError(f"{design.name} has two values in one year.")
    if np.ptp(values) == 0:
        raise DesignError(f"{design.name} never changes; a constant series cannot be tested.")
    if len(design.onsets) < 2:
        raise DesignError(
            f"{design.name} has {len(years)} values; with {design.side} kept free at either end "
            "fewer than two dates are left to search."
        )
    spread_from = design.spread_from
    if spread_from is not None and min(_sides(years, spread_from)) < MIN_SIDE:
        before, after = _sides(years, spread_from)
        raise DesignError(
            f"{design.name} has {before} values before {spread_from} and {after} from then on; "
            f"a change of spread needs {MIN_SIDE} on each side."
        )
    _check_collinear(design)


def _check_collinear(design: UnknownDateDesign) -> None:
    explained = design.regressors.drop(columns="intercept")
    condition = condition_number(explained) if explained.shape[1] else 1.0
    if condition > MAX_CONDITION:
        raise DesignError(
            f"The regressors of {design.name} are collinear: condition number "
            f"{condition:.0f} after centring, at most {MAX_CONDITION:.0f} is allowed."
        )
    steps, basis = design.scan.steps, design.layout.basis[0]
    left = np.linalg.norm(steps - basis @ (basis.T @ steps), axis=0)
    same = left < LEFT_OVER * np.linalg.norm(steps - steps.mean(axis=0), axis=0)
    if same.any():
        raise DesignError(
            f"A step in {design.onsets[same.argmax()]} cannot be told from the controls of "
            f"{design.name}."
        )


def _sides(years: NDArray[np.int64], onset: int) -> tuple[int, int]:
    return int((years < onset).sum()), int((years >= onset).sum())
