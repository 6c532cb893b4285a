"""The grid that every method is run on: designs, errors and the step that is to be found.

    y_t = a + b t + sum_j d_j 1[t >= o_j] + u_t,   u_t = rho u_(t-1) + v_t,   sd v_t = 1

Years end in 2022 and the onsets are those of this study's three junctures, so that T = 31 is its
own design. Each method is asked for the sum of the steps, two-sided at 5 %: the one step, or the
total of the three.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.steps import StepsDesign, steps_design
from analysis.errors import DesignError
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
LENGTHS = (15, 20, 25, 31, 40)
RHOS = (0.0, 0.3, 0.6, 0.8, 0.9)
TRENDS = ("none", "linear")
ONSETS: Mapping[int, Mapping[str, int]] = {
    1: {"pivot": 2012},
    3: {"pivot": 2012, "ukraine": 2014, "thaad": 2017},
}
LAST_YEAR = 2022
ALPHA = 0.05
STEP_SD = 2.0  # of the stationary errors; with three steps, each of them
SEED = 20261204


@dataclass(frozen=True, slots=True)
class Question:
    """One design: how long, with or without a trend, how many steps."""

    length: int
    trend: str
    steps: int

    @property
    def name(self) -> str:
        return f"{self.length}-{self.trend}-{self.steps}"

    @property
    def years(self) -> NDArray[np.int64]:
        return np.arange(LAST_YEAR + 1 - self.length, LAST_YEAR + 1)

    @property
    def onsets(self) -> Mapping[str, int]:
        return ONSETS[self.steps]

    @property
    def series(self) -> pd.Series:
        """A series that stands for any other on these years."""
        return pd.Series((self.years % 2).astype(float), index=self.years, name="the series")

    @property
    def design(self) -> StepsDesign:
        """The design, laid out without asking whether the rules would allow it."""
        nothing = pd.DataFrame(index=self.series.index)
        return StepsDesign("the series", self.series, self.onsets, self.trend, nothing)

    @property
    def refusal(self) -> str:
        """Why the rules of a single series refuse this design; nothing if they do not."""
        try:
            steps_design(self.series, self.onsets, trend=self.trend)
        except DesignError as refused:
            return str(refused)
        return ""

    @property
    def row(self) -> FloatArray:
        """The contrast that is tested: the sum of the steps, shape (1, k)."""
        return self.design.contrasts[-1:]

    @property
    def staircase(self) -> FloatArray:
        """A step of one at every onset, shape (n,)."""
        onsets = np.array(list(self.onsets.values()))
        steps: FloatArray = (self.years[:, None] >= onsets).sum(axis=1).astype(float)
        return steps

    def errors(self, rho: float, series: int, stream: str = "leaderboard") -> FloatArray:
        """Series in which nothing happens, from the same innovations at every rho, (m, n)."""
        normals = standard_normals(SEED, f"{stream}:{self.length}", 0, series, self.length)
        return ar1_errors(normals, self.years, rho, 1.0, None)


def step_height(rho: float) -> float:
    """A step of `STEP_SD` standard deviations of the errors, whose innovations have sd one.

    >>> step_height(0.6)
    2.5
    """
    return float(STEP_SD / np.sqrt(1 - rho * rho))


QUESTIONS = tuple(
    Question(length, trend, steps) for steps in ONSETS for trend in TRENDS for length in LENGTHS
)
