"""Lay out a yearly series on any regressors, and name the sums of coefficients that are asked.

    y_t = a + b t + sum_c g_c x_ct + controls + u_t,   term = sum of w g over columns

A design of steps whose steps are replaced by other columns: whatever calibrates, measures or plans
steps does the same for bends, lags and what is carried over.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.steps import (
    MAX_CONDITION,
    RESERVED,
    TREND_POWERS,
    TREND_WORDS,
    StepsDesign,
    condition_number,
    join_controls,
)
from analysis.errors import DesignError
from analysis.kernel.layout import Layout

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TermsDesign(StepsDesign):
    """A series, the columns that take the place of steps, and the terms made of them.

    Attributes:
        columns: Regressors in question on the years of the series, shape (n, q).
        weights: By term, the weight of each column, or of "trend_1", in it.
        asked_together: Terms of the joint F; none, no joint F.
        split: First year of the second innovation sd if `error_model` is "ar1"; the first onset
            if None.
        words: What the columns are, for a table note.
    """

    columns: pd.DataFrame = field(default_factory=pd.DataFrame)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    asked_together: tuple[str, ...] = ()
    split: int | None = None
    words: str = ""

    @property
    def mean_in_words(self) -> str:
        """Columns and trend, worded for a table note."""
        columns = self.words or f"{len(self.columns.columns)} regressors in question"
        return f"{columns}, {TREND_WORDS[self.trend]}"

    @cached_property
    def regressors(self) -> pd.DataFrame:
        """Right-hand side X: intercept, trend in decades from the middle, columns, controls."""
        years = self.years
        parts: dict[str, FloatArray] = {"intercept": np.ones(len(years))}
        decades = (years - years.mean()) / 10
        for power in range(1, TREND_POWERS[self.trend] + 1):
            parts[f"trend_{power}"] = decades**power
        for name in self.columns:
            parts[str(name)] = self.columns[name].to_numpy(dtype=float)
        return join_controls(pd.DataFrame(parts, index=self.series.index), self.controls)

    @cached_property
    def layout(self) -> Layout:
        split = self.first_onset if self.split is None else self.split
        onset = split if self.error_model == "ar1" else None
        return Layout(self.years, self.regressors.to_numpy(), onset)

    @property
    def terms(self) -> tuple[str, ...]:
        return tuple(self.weights)

    @cached_property
    def contrasts(self) -> FloatArray:
        """Rows that pick the terms from the coefficients, shape (c, k)."""
        return self.rows(self.weights.values())

    @property
    def joint(self) -> FloatArray:
        """Rows tested together, shape (q, k); the first term alone if none are asked together."""
        together = self.asked_together or self.terms[:1]
        return self.rows([self.weights[term] for term in together])

    def rows(self, weights: Collection[Mapping[str, float]]) -> FloatArray:
        """Weights by column as rows over all regressors, shape (c, k)."""
        names = list(self.regressors.columns)
        rows = np.zeros((len(weights), len(names)))
        for row, each in zip(rows, weights, strict=True):
            for column, weight in each.items():
                row[names.index(column)] = weight
        return rows


def lay_out_terms(
    base: StepsDesign,
    columns: pd.DataFrame,
    weights: Mapping[str, Mapping[str, float]],
    *,
    asked_together: tuple[str, ...] = (),
    split: int | None = None,
    words: str = "",
) -> TermsDesign:
    """Put columns in the place of the steps of `base`, whose conditions have been checked.

    Raises:
        DesignError: A name is taken twice, or the regressors are collinear.
    """
    names = [str(name) for name in columns]
    _check_names([*names, *base.controls.columns])
    design = TermsDesign(
        name=base.name,
        series=base.series,
        onsets=base.onsets,
        trend=base.trend,
        controls=base.controls,
        error_model=base.error_model,
        columns=columns,
        weights=weights,
        asked_together=asked_together,
        split=split,
        words=words,
    )
    condition = condition_number(design.regressors.drop(columns="intercept"))
    if condition > MAX_CONDITION:
        raise DesignError(
            f"The regressors of {design.name} are collinear: condition number "
            f"{condition:.0f} after centring, at most {MAX_CONDITION:.0f} is allowed."
        )
    return design


def second_half(years: NDArray[np.int64]) -> int:
    """First year of the second half of the values.

    >>> second_half(np.array([2000, 2001, 2002, 2003, 2004]))
    2002
    """
    return int(years[len(years) // 2])


def _check_names(names: list[str]) -> None:
    for name in names:
        if name in RESERVED or names.count(name) > 1:
            raise DesignError(
                f"A juncture or control cannot be called {name}: the name is taken in this model."
            )
