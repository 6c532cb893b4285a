"""Follow a step by local projections: one calibrated test for each horizon.

Each g_h of `analysis.design.projection` (Jorda 2005, Am. Econ. Rev. 95, 161-182,
doi:10.1257/0002828053828518) by PB-REML-V as in `steps`, with a law simulated on the years left at
that horizon. Horizons that the data cannot answer are kept with the reason. The horizons share most
of their years: they are a profile, not as many tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.calibration.tested import TermReading
from analysis.design.projection import projection_design
from analysis.errors import DesignError

HORIZONS = (0, 1, 2, 3)


@dataclass(frozen=True, eq=False)
class Horizon:
    """The level h years after a juncture.

    Attributes:
        horizon: h.
        test: Calibrated design of the horizon; None if refused.
        reading: Its step; None if refused.
        refusal: Why the horizon cannot be answered, or "".
    """

    horizon: int
    test: StepsTest | None
    reading: TermReading | None
    refusal: str


@dataclass(frozen=True, eq=False)
class Projection:
    """The profile of one juncture.

    Attributes:
        juncture: Followed from its onset on.
        horizons: In the order asked.
        alternative: Of each p.
        alpha: Level of the intervals.
    """

    juncture: str
    horizons: tuple[Horizon, ...]
    alternative: str
    alpha: float

    def to_frame(self) -> pd.DataFrame:
        """One row a horizon."""
        return pd.DataFrame([_row(each) for each in self.horizons]).set_index("horizon")

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return {
            "juncture": self.juncture,
            "alternative": self.alternative,
            "alpha": self.alpha,
            "horizons": self.to_frame().to_dict(orient="index"),
        }


def project_step(
    series: pd.Series,
    onset: Mapping[str, int],
    shelf: LawShelf,
    *,
    draws: int,
    horizons: Sequence[int] = HORIZONS,
    other_onsets: Mapping[str, int] | None = None,
    name: str = "",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1",
    alternative: str = "greater",
    alpha: float = 0.05,
) -> Projection:
    """Follow one step through the horizons; see `projection_design` for the arguments.

    Raises:
        DesignError: No horizon can be answered; the message is that of the first.
    """
    ((juncture, _),) = onset.items()
    found: list[Horizon] = []
    for horizon in horizons:
        try:
            design = projection_design(
                series,
                onset,
                horizon,
                other_onsets=other_onsets,
                name=name,
                trend=trend,
                controls=controls,
                error_model=error_model,
            )
        except DesignError as refusal:
            found.append(Horizon(horizon, None, None, str(refusal)))
            continue
        test = calibrate_steps(design, shelf, draws=draws)
        reading = test.read(juncture, alternative=alternative, alpha=alpha)
        found.append(Horizon(horizon, test, reading, ""))
    if all(each.test is None for each in found):
        raise DesignError(found[0].refusal)
    return Projection(juncture, tuple(found), alternative, alpha)


def _row(each: Horizon) -> dict[str, object]:
    row: dict[str, object] = {"horizon": each.horizon, "refusal": each.refusal}
    if each.test is None or each.reading is None:
        blanks = ("estimate", "std_error", "p_value", "conf_low", "conf_high", "rho")
        return row | {"n_obs": 0} | dict.fromkeys(blanks, np.nan)
    return row | {
        "n_obs": len(each.test.design.series),
        "estimate": each.reading.estimate,
        "std_error": each.reading.std_error,
        "p_value": each.reading.p_value,
        "conf_low": each.reading.wide[0],
        "conf_high": each.reading.wide[1],
        "rho": each.test.rho,
    }
