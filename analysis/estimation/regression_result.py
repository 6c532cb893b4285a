"""Estimates of any regression in the one form that tables, plots and notebooks read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.errors import EstimationError, UsageError
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
COLUMNS = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
SHOWN = "shown, does not decide"


@dataclass(frozen=True, eq=False, repr=False)
class RegressionResult:
    """What one regression estimated, and by which conventions.

    Attributes:
        model: What was fitted, in words, such as "two-way fixed effects".
        outcome: Name in the codebook.
        measured_in: Unit of the outcome, transform included.
        names: Terms, shape (k,).
        estimates: In units of the outcome for one unit of the regressor (logarithms of rate ratios
            for Poisson models), shape (k,).
        covariance_matrix: Of the estimates, shape (k, k).
        df: Degrees of freedom of t; infinity where the statistic is read as normal.
        level: Of the intervals.
        n_obs: Observations used.
        n_units: Units used.
        years: First and last year used.
        effects: What is absorbed: "unit", "year".
        covariance: Kind of standard errors with the degrees-of-freedom convention, in words.
        r2s: Measures of fit by name.
        facts: Further statistics by name, such as those of Hausman's test.
        notes: Sentences that a reader has to know.
        status: Whether a verdict may rest on it; regressions are shown and do not decide.
    """

    model: str
    outcome: str
    measured_in: str
    names: tuple[str, ...]
    estimates: FloatArray
    covariance_matrix: FloatArray
    df: float
    level: float
    n_obs: int
    n_units: int
    years: tuple[int, int]
    effects: tuple[str, ...]
    covariance: str
    r2s: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    status: str = SHOWN

    def __post_init__(self) -> None:
        variances = np.diag(self.covariance_matrix)
        if not (np.isfinite(self.estimates).all() and (variances > 0).all()):
            which = [
                name
                for name, estimate, variance in zip(
                    self.names, self.estimates, variances, strict=True
                )
                if not (np.isfinite(estimate) and variance > 0)
            ]
            raise EstimationError(
                f"The variance of {join_words(which)} is not positive ({self.covariance}); there "
                "are too few clusters for it, choose other errors."
            )

    @property
    def std_errors(self) -> FloatArray:
        return np.asarray(np.sqrt(np.diag(self.covariance_matrix)))

    @property
    def statistics(self) -> FloatArray:
        """t, or z where `df` is infinite."""
        return np.asarray(self.estimates / self.std_errors)

    @property
    def p_values(self) -> FloatArray:
        """Two-sided."""
        return np.asarray(2 * stats.t.sf(np.abs(self.statistics), self.df))

    @property
    def intervals(self) -> FloatArray:
        """Lower and upper ends, shape (k, 2)."""
        margin = stats.t.isf((1 - self.level) / 2, self.df) * self.std_errors
        return np.column_stack([self.estimates - margin, self.estimates + margin])

    def position(self, name: str) -> int:
        """Where a term stands in the arrays."""
        if name not in self.names:
            raise UsageError(f'There is no term "{name}"; the terms are {join_words(self.names)}.')
        return self.names.index(name)

    def wald(self, names: Sequence[str]) -> tuple[float, float]:
        """Joint test that these terms are zero: F (chi squared over its df if normal) and p."""
        chosen = [self.position(name) for name in names]
        part = self.estimates[chosen]
        f = float(part @ np.linalg.solve(self.covariance_matrix[np.ix_(chosen, chosen)], part))
        f /= len(chosen)
        if np.isinf(self.df):
            return f, float(stats.chi2.sf(f * len(chosen), len(chosen)))
        return f, float(stats.f.sf(f, len(chosen), self.df))

    def to_frame(self) -> pd.DataFrame:
        """One row a term."""
        columns = [self.estimates, self.std_errors, self.statistics, self.p_values]
        values = np.column_stack([*columns, self.intervals])
        return pd.DataFrame(values, index=pd.Index(self.names, name="term"), columns=list(COLUMNS))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "model": self.model,
            "outcome": self.outcome,
            "measured_in": self.measured_in,
            "n_obs": self.n_obs,
            "n_units": self.n_units,
            "years": list(self.years),
            "effects": list(self.effects),
            "covariance": self.covariance,
            "df": self.df,
            "level": self.level,
            "r2s": dict(self.r2s),
            "facts": dict(self.facts),
            "notes": list(self.notes),
            "status": self.status,
            "terms": self.to_frame().to_dict(orient="index"),
        }

    def summary(self) -> str:
        """What, how many and how, then the table and its notes; the same on every run."""
        return "\n".join([*self._heading(), self._table().to_string(), *self._ending()])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        heading = "<br>".join(escape(line) for line in self._heading())
        ending = "<br>".join(escape(line) for line in self._ending())
        return f"<p>{heading}</p>{self._table().to_html()}<p><small>{ending}</small></p>"

    def _repr_markdown_(self) -> str:
        table = self._table()
        rows = [["term", *table.columns], ["---"] + ["---:"] * len(table.columns)]
        rows += [[str(name), *row] for name, row in zip(table.index, table.to_numpy(), strict=True)]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join(["  \n".join(self._heading()), "", *lines, "", *self._ending()])

    def _table(self) -> pd.DataFrame:
        return self.to_frame().map(lambda value: f"{value:.4g}").rename_axis(None)

    def _heading(self) -> list[str]:
        absorbed = f"; effects of {join_words(self.effects)}" if self.effects else ""
        return [
            f"{self.outcome} in {self.measured_in}: {self.model}{absorbed}",
            f"{self.n_obs} observations, {self.n_units} units, {self.years[0]}-{self.years[1]}; "
            f"{100 * self.level:g} % intervals",
        ]

    def _ending(self) -> list[str]:
        fit = [f"{name} = {value:.4g}" for name, value in (*self.r2s.items(), *self.facts.items())]
        lines = [f"Standard errors: {self.covariance}."]
        return [*([", ".join(fit)] if fit else []), *lines, *self.notes, f"Status: {self.status}."]
