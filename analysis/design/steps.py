"""Lay out dated steps in one unit's yearly series.

With onsets o_1 < ... < o_J and a linear trend::

    y_t = a + b t + sum_j delta_j 1[t >= o_j] + u_t

delta_j is the rise of the level at onset j that stays (Box & Tiao 1975, J. Am. Stat. Assoc. 70,
70-79). The total is the sum of the delta_j.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import DesignError
from analysis.kernel.layout import Layout

FloatArray = NDArray[np.float64]
MIN_VALUES, MIN_BEFORE, MIN_AFTER = 20, 5, 4
MAX_CONDITION = 30.0
TREND_POWERS = {"none": 0, "linear": 1, "quadratic": 2}
TREND_WORDS = {"none": "no trend", "linear": "linear trend", "quadratic": "quadratic trend"}
ERROR_MODELS = ("ar1", "ar1-constant")
RESERVED = ("intercept", "trend_1", "trend_2", "total", "joint")


@dataclass(frozen=True, eq=False)
class StepsDesign:
    """A series, the steps asked about, and what else explains its mean.

    Attributes:
        name: What the series is called in messages, e.g. "arms_transfers_tiv of RUS>CHN".
        series: Transformed outcome by year, ascending, no missing values, shape (n,).
        onsets: First year after each juncture, by juncture, in order of time.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors on the same years, shape (n, c).
        error_model: "ar1", whose innovation sd may change at the first onset, or "ar1-constant".
    """

    name: str
    series: pd.Series
    onsets: Mapping[str, int]
    trend: str
    controls: pd.DataFrame
    error_model: str = "ar1"

    @property
    def years(self) -> NDArray[np.int64]:
        return self.series.index.to_numpy(dtype=np.int64)

    @property
    def first_onset(self) -> int:
        return min(self.onsets.values())

    @cached_property
    def regressors(self) -> pd.DataFrame:
        """Right-hand side X: intercept, trend in decades from the middle, steps, controls."""
        columns: dict[str, FloatArray] = {"intercept": np.ones(len(self.years))}
        decades = (self.years - self.years.mean()) / 10
        for power in range(1, TREND_POWERS[self.trend] + 1):
            columns[f"trend_{power}"] = decades**power
        for juncture, onset in self.onsets.items():
            columns[juncture] = (self.years >= onset).astype(float)
        return join_controls(pd.DataFrame(columns, index=self.series.index), self.controls)

    @property
    def mean_in_words(self) -> str:
        """Steps and trend, worded for a table note."""
        number = len(self.onsets)
        return f"{number} step{'s' if number > 1 else ''}, {TREND_WORDS[self.trend]}"

    @cached_property
    def layout(self) -> Layout:
        onset = self.first_onset if self.error_model == "ar1" else None
        return Layout(self.years, self.regressors.to_numpy(), onset)

    @property
    def terms(self) -> tuple[str, ...]:
        """What is estimated: one step a juncture and, last, their total."""
        return (*self.onsets, "total")

    @cached_property
    def contrasts(self) -> FloatArray:
        """Rows that pick the terms from the coefficients, shape (J + 1, k)."""
        names = list(self.regressors.columns)
        rows = np.zeros((len(self.onsets), len(names)))
        for row, juncture in enumerate(self.onsets):
            rows[row, names.index(juncture)] = 1.0
        return np.vstack([rows, rows.sum(axis=0)])

    @property
    def joint(self) -> FloatArray:
        """Rows tested together by the joint F, shape (J, k)."""
        return self.contrasts[:-1]


def join_controls(frame: pd.DataFrame, controls: pd.DataFrame) -> pd.DataFrame:
    """Regressors with the controls beside them, each standardised over the years used."""
    if not len(controls.columns):
        return frame
    spread = controls.std().replace(0.0, 1.0)  # a constant stays in, to be refused
    return frame.join((controls - controls.mean()) / spread)


def steps_design(
    series: pd.Series,
    onsets: Mapping[str, int],
    *,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1",
) -> StepsDesign:
    """Lay out `series` with a step at each onset, or say why that cannot be answered.

    Args:
        series: Transformed outcome indexed by year; missing years are absent or nan.
        onsets: First year counted as after, by juncture.
        name: What the series is called in messages.
        trend: "none", "linear" or "quadratic".
        controls: Further regressors by year; years where one is missing are left out.
        error_model: "ar1" or "ar1-constant".

    Raises:
        DesignError: One of the conditions of a single-series design does not hold.
    """
    label = name or str(series.name)
    given = series.dropna().sort_index()
    extra = pd.DataFrame(index=given.index) if controls is None else controls.reindex(given.index)
    extra = extra.dropna()
    in_time = dict(sorted(onsets.items(), key=lambda item: (item[1], item[0])))
    if error_model not in ERROR_MODELS:
        raise DesignError(f"{error_model} is no error model; there are {', '.join(ERROR_MODELS)}.")
    if trend not in TREND_POWERS:
        raise DesignError(f"{trend} is no trend; there are {', '.join(TREND_POWERS)}.")
    _check_names([*in_time, *extra.columns])
    design = StepsDesign(label, given.loc[extra.index], in_time, trend, extra, error_model)
    _check_onsets(design)
    _check_numbers(design)
    _check_condition(design)
    return design


def _check_names(names: list[str]) -> None:
    """Names label the regressors and the terms, so that each must stand for one thing."""
    for name in names:
        if name in RESERVED or names.count(name) > 1:
            raise DesignError(
                f"A juncture or control cannot be called {name}: the name is taken in this model."
            )


def _check_onsets(design: StepsDesign) -> None:
    if not design.onsets:
        raise DesignError(f"No juncture is given at which {design.name} might have stepped.")
    if not len(design.series):
        raise DesignError(f"There are no data: {design.name} has no value in the period.")
    first, last = int(design.years[0]), int(design.years[-1])
    for juncture, onset in design.onsets.items():
        if not first < onset <= last:
            raise DesignError(
                f"The onset of {juncture}, {onset}, lies outside the values of {design.name}, "
                f"which run from {first} to {last}."
            )
    pairs = list(design.onsets.items())
    for (juncture, onset), (later, until) in pairwise(pairs):
        if onset == until:
            raise DesignError(
                f"{juncture} and {later} have the same onset, {onset}; their steps in "
                f"{design.name} cannot be told apart."
            )
        if not ((design.years >= onset) & (design.years < until)).any():
            raise DesignError(
                f"{design.name} has no value from {onset} to {until - 1}, so the step of "
                f"{juncture} cannot be told from that of {later}."
            )


def _check_numbers(design: StepsDesign) -> None:
    years, onsets = design.years, list(design.onsets.values())
    before, after = int((years < onsets[0]).sum()), int((years >= onsets[-1]).sum())
    if len(years) < MIN_VALUES:
        raise DesignError(
            f"{design.name} has {len(years)} values; a single series needs {MIN_VALUES}."
        )
    if before < MIN_BEFORE or after < MIN_AFTER:
        raise DesignError(
            f"{design.name} has {before} values before {onsets[0]} and {after} from {onsets[-1]} "
            f"on; {MIN_BEFORE} and {MIN_AFTER} are needed."
        )
    if np.ptp(design.series.to_numpy()) == 0:
        raise DesignError(f"{design.name} never changes; a constant series cannot be tested.")


def _check_condition(design: StepsDesign) -> None:
    condition = condition_number(design.regressors.drop(columns="intercept"))
    if condition > MAX_CONDITION:
        raise DesignError(
            f"The regressors of {design.name} are collinear: condition number "
            f"{condition:.0f} after centring, at most {MAX_CONDITION:.0f} is allowed."
        )


def condition_number(regressors: pd.DataFrame) -> float:
    """Largest over smallest singular value of the centred columns scaled to unit length."""
    values = regressors.to_numpy(dtype=float)
    centred = values - values.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    if (lengths == 0).any():
        return float("inf")
    singular = np.linalg.svd(centred / lengths, compute_uv=False)
    return float(singular[0] / singular[-1]) if singular[-1] > 0 else float("inf")
