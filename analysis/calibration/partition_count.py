"""Partition many series of one design at once and read the usual criteria off the partitions.

Formulas and references stand in `analysis.calibration.partitions`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.break_asymptotics import sup_f_critical, sup_f_p
from analysis.calibration.stability import BLOCK, LEVEL, check_segments
from analysis.design.unknown_date import UnknownDateDesign
from analysis.errors import DesignError
from analysis.kernel.segments import Partitions, best_partitions, best_split, segment_ssr
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
LWZ_WEIGHT, LWZ_POWER = 0.299, 2.1


@dataclass(frozen=True, eq=False)
class Counted:
    """Partitions of many series and what is read off them.

    Attributes:
        best: Best partitions.
        bic: Shape (b + 1, m).
        lwz: Shape (b + 1, m).
        sup_f: SupF(1) to SupF(b), shape (b, m).
        sequential: SupF(1|0) to SupF(b|b-1), nan where no segment can be split, shape (b, m).
        chosen: Number of breaks by criterion, shape (m,) each.
    """

    best: Partitions
    bic: FloatArray
    lwz: FloatArray
    sup_f: FloatArray
    sequential: FloatArray
    chosen: Mapping[str, NDArray[np.intp]]


@dataclass(frozen=True, eq=False)
class Scheme:
    """What is shared by all series of a design.

    Attributes:
        regressors: X, shape (n, q).
        shortest: Years of the shortest segment.
        most: Largest number of breaks.
        trim: Share of the years kept at either end, for the large-sample law.
    """

    regressors: FloatArray
    shortest: int
    most: int
    trim: float

    @classmethod
    def of(cls, design: UnknownDateDesign, most: int) -> "Scheme":
        n = len(design.series)
        check_segments(design, design.side)
        room = min(most, n // design.side - 1)
        if room < 1:
            raise DesignError(
                f"{design.name} has {n} values; segments of {design.side} leave no room for a "
                "break."
            )
        return cls(design.layout.regressors, design.side, room, design.side / n)

    def count(self, series: FloatArray) -> Counted:
        """Partition every series."""
        with one_thread():
            blocks = [
                self._count(series[start : start + BLOCK]) for start in range(0, len(series), BLOCK)
            ]
        best = Partitions(
            np.concatenate([block.best.ssr for block in blocks], axis=-1),
            np.concatenate([block.best.ends for block in blocks], axis=-1),
        )
        names = ("bic", "lwz", "sup_f", "sequential")
        parts = {
            name: np.concatenate([getattr(block, name) for block in blocks], axis=-1)
            for name in names
        }
        chosen = {
            name: np.concatenate([block.chosen[name] for block in blocks])
            for name in blocks[0].chosen
        }
        return Counted(best=best, chosen=chosen, **parts)

    def sequential_p(self, statistic: float, breaks: int) -> float:
        """Large-sample p of SupF(l+1|l) with l = `breaks`."""
        one = sup_f_p(statistic, self.regressors.shape[1], self.trim)
        return float(1 - (1 - one) ** (breaks + 1))

    def _count(self, series: FloatArray) -> Counted:
        n, q = self.regressors.shape
        table = segment_ssr(series, self.regressors, self.shortest)
        best = best_partitions(table, self.most)
        breaks = np.arange(self.most + 1)[:, None]
        terms = (breaks + 1) * q + breaks
        bic = n * np.log(2 * np.pi * math.e * best.ssr / n) + (breaks + 1) * (q + 1) * np.log(n)
        lwz = np.log(best.ssr / (n - terms))
        lwz += LWZ_WEIGHT * terms / n * np.log(n) ** LWZ_POWER
        spare = (n - (breaks[1:] + 1) * q) / (breaks[1:] * q)
        sup_f = spare * (best.ssr[0] - best.ssr[1:]) / best.ssr[1:]
        sequential = np.stack([self._one_more(table, best, number) for number in range(self.most)])
        return Counted(
            best=best,
            bic=bic,
            lwz=lwz,
            sup_f=sup_f,
            sequential=sequential,
            chosen={
                "bic": np.argmin(bic, axis=0),
                "lwz": np.argmin(lwz, axis=0),
                "sequential": self._sequential(sequential),
            },
        )

    def _one_more(self, table: FloatArray, best: Partitions, breaks: int) -> FloatArray:
        n, q = self.regressors.shape
        m = table.shape[2]
        edges = [np.full(m, -1), *best.ends[breaks, :breaks], np.full(m, n - 1)]
        gains = []
        for left, right in pairwise(edges):
            whole = table[left + 1, right, np.arange(m)]
            split = best_split(table, left + 1, right)
            gains.append(np.where(np.isfinite(split), whole - split, np.nan))
        most = np.full(m, np.nan)
        for gain in gains:
            most = np.fmax(most, gain)
        statistic: FloatArray = most / (best.ssr[breaks] / (n - (breaks + 1) * q))
        return statistic

    def _sequential(self, statistics: FloatArray) -> NDArray[np.intp]:
        """Breaks until the first test that does not find one more at 5 %."""
        bounds = np.array([self._critical(breaks) for breaks in range(self.most)])
        found = np.nan_to_num(statistics, nan=-np.inf) >= bounds[:, None]
        breaks: NDArray[np.intp] = np.cumprod(found, axis=0).sum(axis=0)
        return breaks

    def _critical(self, breaks: int) -> float:
        """What SupF(l+1|l) must reach: 1 - G(x)^(l+1) is the level."""
        share = 1 - (1 - LEVEL) ** (1 / (breaks + 1))
        return sup_f_critical(share, self.regressors.shape[1], self.trim)
