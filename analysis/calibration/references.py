"""How a statistic becomes a p-value: by a t law, a simulated law or its own circular shifts."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]
Statistic = Callable[[FloatArray], FloatArray]  # series (m, n) to statistics (m,)
SLACK = 1e-9  # the identity shift must count in spite of rounding


@dataclass(frozen=True, eq=False)
class AgainstT:
    """A statistic against Student's t."""

    statistic: Statistic
    df: float

    def read(self, series: FloatArray, alternative: str) -> tuple[FloatArray, FloatArray]:
        """Statistics and p-values, each of shape (m,)."""
        found = self.statistic(series)
        p: FloatArray = np.asarray(
            {
                "greater": stats.t.sf(found, self.df),
                "less": stats.t.cdf(found, self.df),
                "two-sided": 2 * stats.t.sf(np.abs(found), self.df),
            }[alternative]
        )
        return found, p


@dataclass(frozen=True, eq=False)
class AgainstDraws:
    """A statistic against draws from its null law: p = (1 + number as far out) / (B + 1)."""

    statistic: Statistic
    draws: FloatArray

    def read(self, series: FloatArray, alternative: str) -> tuple[FloatArray, FloatArray]:
        """Statistics and p-values, each of shape (m,)."""
        found = self.statistic(series)
        law, seen = {
            "greater": (self.draws, found),
            "less": (-self.draws, -found),
            "two-sided": (np.abs(self.draws), np.abs(found)),
        }[alternative]
        reached = len(law) - np.searchsorted(np.sort(law), seen, side="left")
        return found, (1 + reached) / (1 + len(law))


@dataclass(frozen=True, eq=False)
class AgainstShifts:
    """The statistic of the series itself, first, among those of its circular shifts (m, n)."""

    statistics: Statistic

    def read(self, series: FloatArray, alternative: str) -> tuple[FloatArray, FloatArray]:
        """Statistics and p-values, each of shape (m,)."""
        shifted = self.statistics(series)
        seen = shifted[:, :1]
        slack = SLACK * np.maximum(1.0, np.abs(seen))
        reached = {
            "greater": shifted >= seen - slack,
            "less": shifted <= seen + slack,
            "two-sided": np.abs(shifted) >= np.abs(seen) - slack,
        }[alternative]
        return seen[:, 0], reached.mean(axis=1)


Reference = AgainstT | AgainstDraws | AgainstShifts
