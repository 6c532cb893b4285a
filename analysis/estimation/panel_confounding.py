"""Unobserved confounding of a panel regression, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from analysis.design.dyad_panel import DyadPanel, dyad_panel
from analysis.errors import UsageError
from analysis.estimation.confounding import (
    Bound,
    Proportional,
    Robustness,
    benchmark_bounds,
    proportional_selection,
)
from analysis.estimation.panel_effects import EFFECTS, check_effects, effects_of, refuse_constant
from analysis.estimation.regression_result import SHOWN
from analysis.kernel.two_way import residualise
from analysis.panel.panel import Panel


@dataclass(frozen=True, eq=False, repr=False)
class PanelConfounding:
    """What an unobserved variable would have to be like to explain a panel's estimate away.

    Attributes:
        outcome: Name in the codebook.
        exposure: Name in the codebook.
        n_obs: Unit-years.
        robustness: Cinelli and Hazlett's values, of least squares with its usual errors.
        bounds: The estimate beside confounders as strong as the benchmarks and stronger.
        selection: Oster's delta and beta, R2 within the effects.
    """

    outcome: str
    exposure: str
    n_obs: int
    robustness: Robustness
    bounds: tuple[Bound, ...]
    selection: Proportional

    def to_frame(self) -> pd.DataFrame:
        """The bounds, one row a benchmark and strength."""
        return pd.DataFrame([asdict(bound) for bound in self.bounds])

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "outcome": self.outcome,
            "exposure": self.exposure,
            "n_obs": self.n_obs,
            "robustness": self.robustness.to_dict(),
            "bounds": [asdict(bound) for bound in self.bounds],
            "selection": asdict(self.selection),
            "status": SHOWN,
        }

    def summary(self) -> str:
        """Sentences, then the bounds; the same on every run."""
        return "\n".join([*self._sentences(), self._table().to_string(index=False)])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        sentences = "<br>".join(escape(line) for line in self._sentences())
        return f"<p>{sentences}</p>{self._table().to_html(index=False)}"

    def _sentences(self) -> list[str]:
        found, chosen = self.robustness, self.selection
        return [
            f"{self.outcome} on {self.exposure}, {self.n_obs} unit-years: estimate "
            f"{found.estimate:.4g}, usual standard error {found.std_error:.3g}.",
            f"A confounder that explains {100 * found.value:.2g} % of what is left of both takes "
            f"the estimate to {100 * (1 - found.q):g} % of itself; "
            f"{100 * found.value_at_alpha:.2g} % are enough to take its significance.",
            f"Selection on the unobserved {chosen.delta:.2f} times that on the controls takes the "
            f"effect to {chosen.target:g}; if it is equal, the effect is {chosen.beta:.4g} (R2 "
            f"within effects {chosen.r2:.3f}, {chosen.r2_most:.3f} if everything were observed).",
            f"Status: {SHOWN}.",
        ]

    def _table(self) -> pd.DataFrame:
        return self.to_frame().map(lambda v: v if isinstance(v, str) else f"{v:.4g}")


def panel_confounding(
    panel: Panel,
    *,
    outcome: str,
    exposure: str,
    controls: Sequence[str],
    benchmarks: Sequence[str] = (),
    times: Sequence[float] = (1.0, 2.0, 3.0),
    r2_most: float | None = None,
    units: Sequence[str] | None = None,
    effects: Sequence[str] = EFFECTS,
    transform: str = "none",
    exposure_transform: str = "none",
    carry: Mapping[str, str] | None = None,
    period: tuple[int, int] | None = None,
) -> PanelConfounding:
    """Say how strong an unobserved confounder of a panel regression would have to be.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        exposure: A variable of the panel.
        controls: At least one; what is unobserved is measured against them.
        benchmarks: Controls to compare with; all if none is named.
        times: How many times as strong as a benchmark.
        r2_most: R2 within the effects if everything were observed; None for 1.3 times that with
            controls (Oster 2019), at most 1.
        units: Units of the panel; None for all that have everything.
        effects: "unit", "year", both or none.
        transform: Of the outcome.
        exposure_transform: Of the exposure.
        carry: How variables of states become those of dyads; see `dyad_panel`.
        period: First and last year.

    Raises:
        DesignError: The data cannot answer the question.
        UsageError: There is no control, or a word is not known.
    """
    if not controls:
        raise UsageError("Name at least one control; what is unobserved is measured against it.")
    design = dyad_panel(
        panel,
        outcome=outcome,
        exposure=exposure,
        units=units,
        controls=controls,
        transform=transform,
        exposure_transform=exposure_transform,
        carry=carry,
        period=period,
    )
    return assess_confounding(
        design, benchmarks=benchmarks, times=times, r2_most=r2_most, effects=effects
    )


def assess_confounding(
    design: DyadPanel,
    *,
    benchmarks: Sequence[str] = (),
    times: Sequence[float] = (1.0, 2.0, 3.0),
    r2_most: float | None = None,
    effects: Sequence[str] = EFFECTS,
) -> PanelConfounding:
    """The same for a panel that is laid out, exposure first and controls after."""
    names = check_effects(effects)
    rows = np.arange(len(design.y))
    refuse_constant(design, names, rows)
    taken = effects_of(design, names, rows)
    left = residualise(np.column_stack([design.y, design.x]), taken)
    y, x, controls = left[:, 0], left[:, 1], left[:, 2:]
    found, bounds = benchmark_bounds(
        y, x, controls, design.names[1:], benchmarks=benchmarks, times=times,
        absorbed=taken.n_absorbed,
    )  # fmt: skip
    return PanelConfounding(
        outcome=design.outcome,
        exposure=design.names[0],
        n_obs=len(rows),
        robustness=found,
        bounds=bounds,
        selection=proportional_selection(y, x, controls, r2_most=r2_most),
    )
