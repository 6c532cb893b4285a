"""Read estimates against the tabulated null law of one design.

The law is known at the nodes of a grid over (rho, kappa) and interpolated in between. A p read
there is as good as the estimates of rho and kappa; a table of the p-values of null series, each
read at its own estimates, replaces it by its rank among theirs (`law` says why).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.ar1 import Fits, join_fits

FloatArray = NDArray[np.float64]
PLATEAU = 1e-9  # artanh(rho) closer than this is the same
FIXED_POINT_ROUNDS = 5  # rho~ and kappa~ settle to seven digits
TILE = 2**13  # series placed together: their curves stay in the cache
DIGITS = 12  # of a p, so that equal ones, mixed with other weights, tie


@dataclass(frozen=True, eq=False)
class Place:
    """Where in the law each of m series is read.

    Attributes:
        rho: artanh(rho), shape (m,).
        kappa: log(kappa), shape (m,).
        cautious: Where p is read first, if it is then to be ranked at (rho, kappa); None for there.
    """

    rho: FloatArray
    kappa: FloatArray
    cautious: "Place | None" = None

    @property
    def first(self) -> "Place":
        """Where p is read first."""
        return self.cautious or self


@dataclass(frozen=True, eq=False)
class Medians:
    """Quantiles of both estimates at every node; medians, by which they are made unbiased.

    Attributes:
        rho: Of artanh of REML's rho, shape (g, h).
        kappa: Of the log of the raw sd ratio, shape (g, h).
    """

    rho: FloatArray
    kappa: FloatArray


@dataclass(frozen=True, eq=False)
class NullLaw:
    """Simulated null law of one design on a grid of g values of rho by h of kappa.

    Attributes:
        rho: Nodes as artanh(rho), shape (g,).
        kappa: Nodes as log(kappa), shape (h,).
        medians: Of the estimates of both.
        rho_bounds: 2.5 and 97.5 % quantiles of artanh of REML's rho, shape (2, g, h).
        sd_median: Median of the estimated innovation sd, in units of the sd before the onset,
            shape (g, h).
        magnitudes: |t| of each contrast, ascending, shape (g, h, c, m).
        joint: Joint F, ascending, shape (g, h, m).
        lower: Lower quantiles of the estimates; the pair at which they equal the estimates is
            larger than the median-unbiased one. None if p is read there at once.
        again: Two-sided p of null series read at their own such pair, ascending, shape
            (g, h, c, n); None where p is not ranked.
        joint_again: The same for the joint F, shape (g, h, n).
    """

    rho: FloatArray
    kappa: FloatArray
    medians: Medians
    rho_bounds: FloatArray
    sd_median: FloatArray
    magnitudes: FloatArray
    joint: FloatArray
    lower: Medians | None = None
    again: FloatArray | None = None
    joint_again: FloatArray | None = None

    @property
    def extent(self) -> str:
        """How many series at a node it was simulated and ranked from, for keys."""
        ranked = 0 if self.again is None else self.again.shape[-1]
        return f"{self.joint.shape[-1]}x{ranked}"

    @property
    def first(self) -> "NullLaw":
        """The law before its p-values are ranked."""
        return replace(self, again=None, joint_again=None)

    def typical_sd(self, log_kappa: float, rho: float) -> float:
        """Median estimate of the innovation sd at (rho, kappa), in units of the first sd."""
        place = Place(np.array([np.arctanh(rho)]), np.array([log_kappa]))
        # The sd grows with kappa like a power: its logarithm is the straighter line.
        return float(np.exp(self._between(np.log(self.sd_median), place)[0]))

    def unbias(self, fits: Fits) -> tuple[FloatArray, FloatArray]:
        """Median-unbiased artanh(rho) and log(kappa) of each fit, each of shape (m,).

        Estimates beyond the simulated nodes are held at the outermost one.
        """
        return self._invert_both(self.medians, fits)

    def place(self, fits: Fits) -> Place:
        """Where each fit is read: first at a larger pair, then at the median-unbiased one."""
        cautious = None if self.lower is None else self.first_place(fits)
        return Place(*self.unbias(fits), cautious)

    def first_place(self, fits: Fits) -> Place:
        """Where p of each fit is read before it is ranked."""
        return Place(*self._invert_both(self.lower or self.medians, fits))

    def _invert_both(self, seen: Medians, fits: Fits) -> tuple[FloatArray, FloatArray]:
        """The pair at which these quantiles of the estimates equal the estimates."""
        rho, kappa = np.arctanh(fits.rho), np.log(fits.kappa)
        parts = [
            self._invert_tile(seen, rho[at : at + TILE], kappa[at : at + TILE])
            for at in range(0, max(1, len(rho)), TILE)
        ]
        together = tuple(map(np.concatenate, zip(*parts, strict=True)))
        return together[0], together[1]

    def _invert_tile(
        self, seen: Medians, seen_rho: FloatArray, seen_kappa: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        if len(self.kappa) == 1:
            kappa = np.full_like(seen_rho, self.kappa[0])
            return _invert(self._along_rho(seen.rho, kappa), self.rho, seen_rho), kappa
        kappa = np.clip(seen_kappa, self.kappa[0], self.kappa[-1])
        rho = seen_rho
        for _ in range(FIXED_POINT_ROUNDS):
            rho = _invert(self._along_rho(seen.rho, kappa), self.rho, seen_rho)
            low, weight = _locate(self.rho, rho)
            across = seen.kappa.T
            kappa = _invert(
                _rising(across[:, low], across[:, low + 1], weight), self.kappa, seen_kappa
            )
        return rho, kappa

    def rho_interval(self, seen_rho: float, log_kappa: float) -> tuple[float, float]:
        """Every rho that a two-sided 5 % test of REML's rho does not reject, as an interval."""
        kappa = np.array([log_kappa])
        seen = np.array([np.arctanh(seen_rho)])
        highest, lowest = (
            self._along_rho(bound, kappa) for bound in (self.rho_bounds[1], self.rho_bounds[0])
        )
        # Where the bound stays at the largest rho REML can give, the interval begins with the
        # first node that reaches it, not the last.
        low = _invert(highest, self.rho, seen - PLATEAU)[0]
        high = _invert(lowest, self.rho, seen)[0]
        return float(np.tanh(low)), float(np.tanh(high))

    def exceedance(self, statistics: FloatArray, contrast: int, place: Place) -> FloatArray:
        """P(t* >= t) under the null at each place, shape (m,)."""
        again = None if self.again is None else self.again[:, :, contrast]
        half = 0.5 * self._p(self.magnitudes[:, :, contrast], again, np.abs(statistics), place)
        return np.where(statistics >= 0, half, 1 - half)

    def joint_exceedance(self, statistics: FloatArray, place: Place) -> FloatArray:
        """P(F* >= F) under the null at each place, shape (m,)."""
        return self._p(self.joint, self.joint_again, statistics, place)

    def critical(self, share: float, contrast: int, place: Place) -> FloatArray:
        """The |t| that a share of null series reaches at each place, shape (m,)."""
        again = None if self.again is None else self.again[:, :, contrast]
        return self._reached(self.magnitudes[:, :, contrast], again, share, place)

    def joint_critical(self, share: float, place: Place) -> FloatArray:
        """The joint F that a share of null series reaches at each place, shape (m,)."""
        return self._reached(self.joint, self.joint_again, share, place)

    def read_again(self, fits: list[Fits]) -> "NullLaw":
        """The law with the p-values of these null series, as many at every node, rho by rho."""
        every, law = join_fits(fits), self.first
        first, t = self.first_place(every), np.abs(every.statistics.T)
        shape = *self.medians.rho.shape, len(fits[0].rho)
        single = [2 * law.exceedance(row, at, first).reshape(shape) for at, row in enumerate(t)]
        untested = np.isnan(every.joint).all()
        joint = every.joint if untested else law.joint_exceedance(every.joint, first)
        return replace(
            self,
            again=np.sort(np.stack(single, axis=2), axis=-1),
            joint_again=np.sort(joint.reshape(shape), axis=-1),
        )

    def _p(
        self,
        ascending: FloatArray,
        again: FloatArray | None,
        statistics: FloatArray,
        place: Place,
    ) -> FloatArray:
        above = partial(_share_above, ascending)
        if again is None:
            return np.round(self._mixed(above, statistics, place), DIGITS)
        first = np.round(self._mixed(above, statistics, place.first), DIGITS)
        return self._mixed(partial(_share_below, again), first, place)

    def _reached(
        self, ascending: FloatArray, again: FloatArray | None, share: float, place: Place
    ) -> FloatArray:
        upper, levels = partial(_upper_quantile, ascending), np.full(len(place.rho), share)
        if again is None:
            return self._mixed(upper, levels, place)
        levels = self._mixed(partial(_lower_quantile, again), levels, place)
        return self._mixed(upper, levels, place.first)

    def _along_rho(self, table: FloatArray, kappa: FloatArray) -> FloatArray:
        low, weight = _locate(self.kappa, kappa)
        high = np.minimum(low + 1, len(self.kappa) - 1)
        return _rising(table[:, low], table[:, high], weight)

    def _between(self, table: FloatArray, place: Place) -> FloatArray:
        def entry(node: tuple[int, int], values: FloatArray) -> FloatArray:
            return np.full(len(values), table[node])

        return self._mixed(entry, place.rho, place)

    def _mixed(
        self,
        at_node: Callable[[tuple[int, int], FloatArray], FloatArray],
        values: FloatArray,
        place: Place,
    ) -> FloatArray:
        """What `at_node` makes of the values, mixed from the corners of the cell of each place.

        Places of one cell are taken together, values ascending: sorted searches are the fast ones.
        """
        row, right = _locate(self.rho, place.rho)
        column, up = _locate(self.kappa, place.kappa)
        cell = (row * len(self.kappa) + column).astype(np.int16)  # so narrow, it is sorted by radix
        order = np.argsort(cell, kind="stable")
        ends = np.flatnonzero(np.diff(cell[order])) + 1
        mixed = np.empty(len(values))
        for inside in np.split(order, ends) if len(order) else []:
            here = inside[np.argsort(values[inside])]
            at, ascending = (int(row[here[0]]), int(column[here[0]])), values[here]
            total = np.zeros(len(here))
            for node, weight in self._corners(at, right[here], up[here]):
                total += weight * at_node(node, ascending)
            mixed[here] = total
        return mixed

    def _corners(
        self, at: tuple[int, int], right: FloatArray, up: FloatArray
    ) -> list[tuple[tuple[int, int], FloatArray]]:
        """The nodes around a cell and their weights at each place in it."""
        row, column = at
        if len(self.kappa) == 1:
            return [((row, 0), 1 - right), ((row + 1, 0), right)]
        return [
            ((row, column), (1 - right) * (1 - up)),
            ((row + 1, column), right * (1 - up)),
            ((row, column + 1), (1 - right) * up),
            ((row + 1, column + 1), right * up),
        ]


def _share_above(table: FloatArray, node: tuple[int, int], values: FloatArray) -> FloatArray:
    """(1 + number of entries at least as large) / (1 + their number)."""
    law = table[node]
    reached = len(law) - np.searchsorted(law, values, side="left")
    share: FloatArray = (1 + reached) / (1 + len(law))
    return share


def _share_below(table: FloatArray, node: tuple[int, int], values: FloatArray) -> FloatArray:
    """(1 + number of entries at most as large) / (1 + their number)."""
    law = table[node]
    share: FloatArray = (1 + np.searchsorted(law, values, side="right")) / (1 + len(law))
    return share


def _upper_quantile(table: FloatArray, node: tuple[int, int], shares: FloatArray) -> FloatArray:
    """The entries that such shares of a table reach."""
    law = table[node]
    places = np.ceil((1 - shares) * (len(law) + 1)).astype(np.intp) - 1
    entries: FloatArray = law[np.clip(places, 0, len(law) - 1)]
    return entries


def _lower_quantile(table: FloatArray, node: tuple[int, int], shares: FloatArray) -> FloatArray:
    """The entries that such shares of a table stay at or below."""
    law = table[node]
    places = np.floor(shares * (len(law) + 1)).astype(np.intp) - 1
    entries: FloatArray = law[np.clip(places, 0, len(law) - 1)]
    return entries


def _locate(nodes: FloatArray, values: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """Node at or below each value and the share of the way to the next."""
    if len(nodes) == 1:
        return np.zeros(len(values), dtype=np.intp), np.zeros(len(values))
    low = np.clip(np.searchsorted(nodes, values, side="right") - 1, 0, len(nodes) - 2)
    return low, np.clip((values - nodes[low]) / (nodes[low + 1] - nodes[low]), 0.0, 1.0)


def _mix(low: FloatArray, high: FloatArray, weight: FloatArray) -> FloatArray:
    return (1 - weight) * low + weight * high


def _rising(low: FloatArray, high: FloatArray, weight: FloatArray) -> FloatArray:
    """Curves between two others, shape (g, m), that never fall along the nodes.

    Far out the medians flatten and simulation noise could make them dip.
    """
    curves = _mix(low, high, weight)
    for before, curve in pairwise(curves):
        np.maximum(before, curve, out=curve)
    return curves


def _invert(curves: FloatArray, nodes: FloatArray, values: FloatArray) -> FloatArray:
    """Where each column of rising `curves` (g, m) over `nodes` reaches its value."""
    each = np.arange(len(values))
    low = np.clip((curves <= values).sum(axis=0) - 1, 0, len(nodes) - 2)
    start, end = curves[low, each], curves[low + 1, each]
    rise = np.where(end > start, end - start, 1.0)
    return _mix(nodes[low], nodes[low + 1], np.clip((values - start) / rise, 0.0, 1.0))
