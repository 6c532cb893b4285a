"""Estimates of one model in the one form that tests, tables and notebooks read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

COLUMNS = (
    "estimate",
    "std_error",
    "statistic",
    "p_value",
    "conf_low",
    "conf_high",
    "size",
    "detectable",
)


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """What was estimated, one row a term.

    Attributes:
        outcome: Name in the codebook; estimates are in the unit of `measured_in`.
        unit: Whose series it is.
        measured_in: Unit of the estimates, transform included.
        table: Index term; estimate, std_error, statistic (t), p_value (calibrated), conf_low and
            conf_high (calibrated), size (measured false-positive rate of this p), detectable
            (effect found four times in five), all in the unit of the estimates.
        n_obs: Years used.
        years: First and last year used.
        alternative: What the p-values are against: "greater", "less" or "two-sided".
        level: Of the intervals.
        error_model: What was assumed of the errors and estimated, by name.
        method: Estimator and error model, worded for a table note.
    """

    outcome: str
    unit: str
    measured_in: str
    table: pd.DataFrame
    n_obs: int
    years: tuple[int, int]
    alternative: str
    level: float
    error_model: Mapping[str, Any]
    method: str

    def to_frame(self) -> pd.DataFrame:
        """A copy of the table, one row a term."""
        return self.table.copy()

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "outcome": self.outcome,
            "unit": self.unit,
            "measured_in": self.measured_in,
            "n_obs": self.n_obs,
            "years": list(self.years),
            "alternative": self.alternative,
            "level": self.level,
            "error_model": dict(self.error_model),
            "method": self.method,
            "terms": self.table.to_dict(orient="index"),
        }

    def summary(self) -> str:
        """What, how many and how, then the table; the same on every run."""
        table = self.table.to_string(float_format="{:.3f}".format, index_names=False)
        return "\n".join([*self._heading(), table, self.method])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        heading = "<br>".join(escape(line) for line in self._heading())
        table = self.table.to_html(float_format="{:.3f}".format, na_rep="")
        return f"<p>{heading}</p>{table}<p><small>{escape(self.method)}</small></p>"

    def _heading(self) -> list[str]:
        fitted = [
            f", {name} = {self.error_model[name]:.2f}"
            for name in ("rho", "kappa")
            if name in self.error_model
        ]
        return [
            f"{self.outcome} of {self.unit} in {self.measured_in}: {self.n_obs} years, "
            f"{self.years[0]}-{self.years[1]}",
            f"p against {self.alternative}, {100 * self.level:g} % intervals{''.join(fitted)}",
        ]
