"""What a synthetic control that matches predictors says, in one form for tables and notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

SHOWN_WEIGHT = 0.005
STATUS = (
    "shown, never deciding: a rank among placebos knows nothing of autocorrelation or trends, and "
    "verdicts rest on the calibrated test of gap()"
)


@dataclass(frozen=True, eq=False, repr=False)
class SyntheticControlResult:
    """A treated unit against weighted donors that are like it in predictors.

    Attributes:
        outcome: Name in the codebook; gaps are in the unit of `measured_in`.
        unit: The treated unit.
        measured_in: Unit of the outcome, transform included.
        onset: First year counted as after.
        matched: First and last year of the outcome that the importance was chosen on.
        path: Index year; treated, synthetic, gap.
        weights: Weight of each donor, the largest first; they sum to one.
        balance: Index predictor; importance (v, summing to one), treated, synthetic and donor_mean,
            each in the unit of its variable.
        placebos: Index donor; rmspe_before, rmspe_after and ratio of the donor in place of the
            treated unit.
        placebo_gaps: Index year; the gap of each donor, put in its place, to the other donors.
        loss: Mean squared gap over the matched years.
        lowest_loss: The lowest that any weights could reach.
        rmspe_before: Root mean squared gap over all years before the onset.
        rmspe_after: The same from the onset on.
        ratio: The second over the first.
        rank: Place of the ratio among those of the placebos and its own, 1 for the largest.
        p_value: Share of the treated unit and its placebos with as large a ratio; nan where it
            could not come down to alpha.
        alpha: Level asked.
        note: Why there is no p-value; empty if there is one.
        method: How it was fitted, worded for a table note.
        status: That no verdict rests on it.
    """

    outcome: str
    unit: str
    measured_in: str
    onset: int
    matched: tuple[int, int]
    path: pd.DataFrame
    weights: pd.Series
    balance: pd.DataFrame
    placebos: pd.DataFrame
    placebo_gaps: pd.DataFrame
    loss: float
    lowest_loss: float
    rmspe_before: float
    rmspe_after: float
    ratio: float
    rank: int
    p_value: float
    alpha: float
    note: str
    method: str
    status: str = STATUS

    def to_frame(self) -> pd.DataFrame:
        """Treated unit, weighted donors and gap: a copy, one row a year."""
        return self.path.copy()

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "outcome": self.outcome,
            "unit": self.unit,
            "measured_in": self.measured_in,
            "onset": self.onset,
            "matched": list(self.matched),
            "path": {
                str(name): dict(zip(self.path.index.tolist(), column.tolist(), strict=True))
                for name, column in self.path.items()
            },
            "weights": {str(donor): float(weight) for donor, weight in self.weights.items()},
            "balance": self.balance.to_dict(orient="index"),
            "placebos": self.placebos.to_dict(orient="index"),
            "placebo_gaps": {
                str(donor): dict(zip(self.placebo_gaps.index.tolist(), gap.tolist(), strict=True))
                for donor, gap in self.placebo_gaps.items()
            },
            "loss": self.loss,
            "lowest_loss": self.lowest_loss,
            "rmspe_before": self.rmspe_before,
            "rmspe_after": self.rmspe_after,
            "ratio": self.ratio,
            "rank": self.rank,
            "p_value": self.p_value,
            "alpha": self.alpha,
            "note": self.note,
            "method": self.method,
            "status": self.status,
        }

    def summary(self) -> str:
        """What, how many and how; donors, balance, fit, rank and gaps; the same on every run."""
        return "\n".join(
            [
                *self._heading(),
                _text(self.balance.rename_axis(None)),
                *self._fit_in_words(),
                _text(self.path.rename_axis(None)),
                *self._ending(),
            ]
        )

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        def lines(words: list[str]) -> str:
            return "<br>".join(escape(line) for line in words)

        return (
            f"<p>{lines(self._heading())}</p>{self.balance.to_html(float_format=_number)}"
            f"<p>{lines(self._fit_in_words())}</p>{self.path.to_html(float_format=_number)}"
            f"<p><small>{lines(self._ending())}</small></p>"
        )

    def _heading(self) -> list[str]:
        shown = self.weights[self.weights > SHOWN_WEIGHT]
        named = ", ".join(f"{donor} {weight:.2f}" for donor, weight in shown.items())
        return [
            f"{self.outcome} of {self.unit} in {self.measured_in}: {len(self.path)} years, "
            f"{self.path.index[0]}-{self.path.index[-1]}, onset {self.onset}",
            f"Weights: {named}; {len(self.weights) - len(shown)} of {len(self.weights)} donors "
            "have none.",
        ]

    def _fit_in_words(self) -> list[str]:
        p = f"p {self.p_value:.3f}" if not self.note else f"no p-value: {self.note}"
        return [
            f"Mean squared gap over {self.matched[0]}-{self.matched[1]}: {self.loss:.4g}; no "
            f"weights could come below {self.lowest_loss:.4g}.",
            f"RMSPE {self.rmspe_before:.4g} before and {self.rmspe_after:.4g} after, ratio "
            f"{self.ratio:.3g}: number {self.rank} of {1 + len(self.placebos)}, placebos included; "
            f"{p.rstrip('.')}.",
        ]

    def _ending(self) -> list[str]:
        return [f"{self.method}.", f"Status: {self.status}."]


def _number(value: float) -> str:
    return f"{value:.3f}"


def _text(table: pd.DataFrame) -> str:
    return table.to_string(float_format=_number)
