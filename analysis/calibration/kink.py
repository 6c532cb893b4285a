"""Test bends of the trend (T-TREND): PB-REML with a constant innovation sd, guarded.

y = a + b t + sum_j g_j z_j(t) + u, as in `analysis.design.kink`; AR(1) errors by REML, p from the
law of t simulated on the design at the median-unbiased rho (`steps`), kappa = 1. A bend and the
wandering of a persistent series look alike, so that p_value finds too much at high rho (two-sided
.05, .06, .07, .09, .10 at rho 0, .3, .6, .8, .9) and the maximised p decides (`guard`). A second
innovation sd from half the values on is a declared look.

A bend alone does not say that a series rises: the lines before and after stand beside it.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.calibration.guard import GuardedReading, read_guarded
from analysis.calibration.measure import Gauge
from analysis.calibration.store import LawShelf
from analysis.calibration.terms import TermsTest, calibrate_terms
from analysis.calibration.tested import TermReading
from analysis.design.terms import TermsDesign
from analysis.errors import DesignError, UsageError
from analysis.records.words import join_words


@dataclass(frozen=True, eq=False)
class KinkReading:
    """A bend, and the lines on either side.

    Attributes:
        bend: The bend with its measured errors.
        change_before: Change along the line before the first onset, two-sided; None if the trend
            is not straight.
        change_after: The same from the last onset on.
        declines: Years after the onset lower than the year before them, a description.
        rises: Years after the onset higher than the year before them.
    """

    bend: GuardedReading
    change_before: TermReading | None
    change_after: TermReading | None
    declines: int
    rises: int

    def to_frame(self) -> pd.DataFrame:
        """One row each for the bend and the two lines."""
        rows = {self.bend.term: self.bend.reading}
        lines = {"change_before": self.change_before, "change_after": self.change_after}
        rows |= {name: line for name, line in lines.items() if line is not None}
        table = {
            term: {
                "estimate": row.estimate,
                "std_error": row.std_error,
                "p_value": row.p_value,
                "conf_low": row.wide[0],
                "conf_high": row.wide[1],
            }
            for term, row in rows.items()
        }
        return pd.DataFrame.from_dict(table, orient="index").rename_axis("term")

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return {
            "bend": self.bend.to_dict(),
            "lines": self.to_frame().to_dict(orient="index"),
            "declines": self.declines,
            "rises": self.rises,
        }


def judge_kink(
    test: TermsTest,
    term: str,
    gauge: Gauge,
    *,
    alternative: str = "greater",
    alpha: float = 0.05,
    smallest_effect: float | None = None,
    claimed_effect: float | None = None,
) -> KinkReading:
    """Read one bend, with size, power and detectable effect measured on the very design.

    Args:
        test: From `calibrate_terms` of a `kink_design`.
        term: A juncture or "total".
        gauge: Measures size and power; its shelf must be that of the test.
        alternative: "greater" if the slope is claimed to rise.
        alpha: Level.
        smallest_effect: S, extra change by the last year; one marginal sd if None.
        claimed_effect: The claimed size; S if None.

    Raises:
        DesignError: The term is "joint".
        UsageError: There is no such bend.
    """
    design = test.design
    if term == "joint":
        raise DesignError("The joint F of several bends has no direction; ask for one bend.")
    if term not in (*design.onsets, "total"):
        bends = join_words((*design.onsets, "total"))
        raise UsageError(f'{design.name} has no bend "{term}"; its bends are {bends}.')
    onset = max(design.onsets.values()) if term == "total" else design.onsets[term]
    moves = np.diff(design.series.to_numpy(dtype=float))[design.years[1:] >= onset]
    straight = "change_before" in design.terms
    return KinkReading(
        bend=read_guarded(
            test,
            term,
            gauge,
            alternative=alternative,
            alpha=alpha,
            smallest_effect=smallest_effect,
            claimed_effect=claimed_effect,
        ),
        change_before=test.read("change_before", alpha=alpha) if straight else None,
        change_after=test.read("change_after", alpha=alpha) if straight else None,
        declines=int((moves < 0).sum()),
        rises=int((moves > 0).sum()),
    )


def split_look(design: TermsDesign, shelf: LawShelf, *, draws: int) -> TermsTest:
    """The same bends with a second innovation sd from half the values on: a declared look."""
    return calibrate_terms(replace(design, error_model="ar1"), shelf, draws=draws)
