"""Lay out a long-run relation between two yearly series as an autoregressive distributed lag.

The error-correction form of the ARDL(p, q) of y on x is::

    y_t - y_(t-1) = a + b t + f y_(t-1) + g x_(t-1) + sum_i c_i (y_(t-i) - y_(t-i-1))
                    + sum_j d_j (x_(t-j) - x_(t-j-1)) + e_t,    i = 1 ... p-1,  j = 0 ... q-1

f is the share of a gap that is closed in a year, with its sign turned, and -g/f the long-run
multiplier: how much higher the outcome settles where the exposure stays one unit higher (Pesaran,
Shin & Smith 2001, J. Appl. Econometrics 16, 289-326, doi:10.1002/jae.616; without trend their case
III, with a linear trend case V). The exposure is measured in its own sd around the trend. Controls
enter by their yearly changes: they move the outcome without belonging to the long-run relation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.relation import base_design, check_moves, sd_around_trend
from analysis.design.steps import MAX_CONDITION, MIN_VALUES, condition_number
from analysis.errors import DesignError
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
TRENDS = ("none", "linear")
MIN_SPARE = 8


@dataclass(frozen=True, eq=False)
class BoundsDesign:
    """An outcome and an exposure in consecutive years, ready for the error-correction form.

    Attributes:
        name: What the outcome is called in messages.
        exposure_name: What the exposure is called.
        outcome: By year, without a gap, shape (n,).
        exposure: In units of `exposure_sd`, on the same years.
        exposure_sd: Sd of the exposure around the trend over these years, in its own unit.
        order: p and q.
        trend: "none" or "linear".
        controls: On the same years, shape (n, c).
    """

    name: str
    exposure_name: str
    outcome: pd.Series
    exposure: pd.Series
    exposure_sd: float
    order: tuple[int, int]
    trend: str
    controls: pd.DataFrame

    @property
    def years(self) -> NDArray[np.int64]:
        return self.outcome.index.to_numpy(dtype=np.int64)

    @property
    def depth(self) -> int:
        """Years at the beginning that serve as lags only."""
        return max(self.order)

    @property
    def rows(self) -> NDArray[np.intp]:
        """Places of the years explained."""
        return np.arange(self.depth, len(self.outcome))

    @property
    def others(self) -> FloatArray:
        """Intercept, trend, changes of exposure and controls in the years explained, (r, c)."""
        rows, x = self.rows, self.exposure.to_numpy(dtype=float)
        changes = [x[rows - j] - x[rows - j - 1] for j in range(self.order[1])]
        beside = self.controls.to_numpy(dtype=float)
        deterministic = [np.ones(len(rows))]
        if self.trend == "linear":
            deterministic.append((rows - rows.mean()) / 10)
        return np.column_stack([*deterministic, *changes, beside[rows] - beside[rows - 1]])

    @property
    def level(self) -> FloatArray:
        """The exposure a year before, in the years explained, shape (r, 1)."""
        return self.exposure.to_numpy(dtype=float)[self.rows - 1][:, None]

    def own(self, series: FloatArray) -> FloatArray:
        """y a year before and the earlier changes of y, for each series, shape (m, r, p)."""
        rows = self.rows
        changes = [series[:, rows - i] - series[:, rows - i - 1] for i in range(1, self.order[0])]
        return np.stack([series[:, rows - 1], *changes], axis=2)

    def changes(self, series: FloatArray) -> FloatArray:
        """What is explained, shape (m, r)."""
        changes: FloatArray = series[:, self.rows] - series[:, self.rows - 1]
        return changes

    @property
    def spare(self) -> int:
        """Degrees of freedom."""
        return len(self.rows) - int(self.others.shape[1]) - 1 - self.order[0]


def bounds_design(
    outcome: pd.Series,
    exposure: pd.Series,
    *,
    lags: int | Sequence[int] = 1,
    name: str = "",
    exposure_name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
) -> BoundsDesign:
    """Lay out the long-run relation of `outcome` to `exposure`, or say why there can be none.

    Args:
        outcome: Transformed outcome by year.
        exposure: Transformed exposure by year.
        lags: Both orders, or [p, q]; 1 or more.
        name: What the outcome is called in messages.
        exposure_name: What the exposure is called.
        trend: "none" or "linear".
        controls: Further variables by year, taken in yearly changes.

    Raises:
        DesignError: Fewer than 20 years, a year missing between, a series that does not move, or
            collinear regressors.
    """
    label, other = name or str(outcome.name), exposure_name or str(exposure.name)
    order = _order(lags)
    if trend not in TRENDS:
        raise DesignError(
            f"Bounds are laid out with the trends {join_words(TRENDS)}, not with {trend}."
        )
    base = base_design(
        outcome,
        {other: exposure},
        shifts=(0,),
        name=label,
        trend=trend,
        controls=controls,
        error_model="ar1-constant",
    )
    missing = sorted({*range(base.years[0], base.years[-1] + 1)} - set(base.years.tolist()))
    if missing:
        raise DesignError(
            f"{label} and {other} have no values in {join_words(map(str, missing))}; the "
            "error-correction form needs every year."
        )
    used = exposure.astype(float).reindex(base.years)
    sd = sd_around_trend(used, trend)
    check_moves(used, sd, other)
    design = BoundsDesign(
        name=label,
        exposure_name=other,
        outcome=base.series,
        exposure=(used - used.mean()) / sd,
        exposure_sd=sd,
        order=order,
        trend=trend,
        controls=base.controls,
    )
    _check_regressors(design)
    return design


def _order(lags: int | Sequence[int]) -> tuple[int, int]:
    given = (lags, lags) if isinstance(lags, int) else tuple(lags)
    if len(given) == 1:
        given = (given[0], given[0])
    if len(given) != 2 or min(given) < 1:
        raise DesignError(
            f"{lags} are no orders of an autoregressive distributed lag; give one number, or two, "
            "[p, q], each 1 or more."
        )
    return int(given[0]), int(given[1])


def _check_regressors(design: BoundsDesign) -> None:
    if design.spare < MIN_SPARE:
        raise DesignError(
            f"{len(design.outcome)} years of {design.name} leave {design.spare} degrees of freedom "
            f"with the orders {design.order[0]} and {design.order[1]}; {MIN_SPARE} are needed "
            f"(and {MIN_VALUES} years)."
        )
    row = design.outcome.to_numpy(dtype=float)[None, :]
    columns = np.column_stack([design.own(row)[0], design.level, design.others[:, 1:]])
    condition = condition_number(pd.DataFrame(columns))
    if condition > MAX_CONDITION:
        raise DesignError(
            f"The regressors of {design.name} are collinear: condition number {condition:.0f} "
            f"after centring, at most {MAX_CONDITION:.0f} is allowed."
        )
