"""Keep simulated null laws by a key of everything they depend on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.keys import key_of
from analysis.calibration.law import KAPPA_NODES, RHO_NODES, simulate_law
from analysis.calibration.null_law import NullLaw
from analysis.kernel.forks import can_fork, side_by_side
from analysis.kernel.layout import Layout

FloatArray = NDArray[np.float64]
METHOD = "pb-reml-v-6"  # raised whenever a change of method changes simulated numbers
ROUNDING = 1e-11  # share of the largest of a row below which a number is zero in a key


def layout_key(layout: Layout) -> str:
    """Name a layout by its years, regressors and onset, alike on every machine."""
    parts = [",".join(map(str, layout.years)), str(layout.onset), in_digits(layout.regressors.T)]
    return key_of(";".join(parts))


def in_digits(rows: FloatArray) -> str:
    """Rows as they enter a key: nine digits, and what is rounding beside the largest is zero."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    exact = np.where(np.abs(rows) < ROUNDING * largest, 0.0, rows)
    return ";".join(",".join(f"{value:.9g}" for value in row) for row in exact)


@dataclass(frozen=True, eq=False)
class Wanted:
    """A design whose null law is wanted: its layout, contrasts and joint contrasts."""

    layout: Layout
    contrasts: FloatArray
    joint: FloatArray | None


@dataclass(frozen=True, eq=False)
class LawShelf:
    """Null laws simulated so far, and how to simulate more.

    Attributes:
        seed: Seed of every stream.
        series: Null series at each node of (rho, kappa).
        again: Null series at each node by which p-values are read again; 0, they are not.
        jobs: Processes; the result does not depend on it.
    """

    seed: int
    series: int = 10_000
    jobs: int = 1
    again: int = 2_000
    _laws: dict[str, NullLaw] = field(default_factory=dict)

    def law(self, layout: Layout, contrasts: FloatArray, joint: FloatArray | None) -> NullLaw:
        """The null law of these contrasts in this layout, simulated if it is not there yet."""
        key = self.key(layout, contrasts)
        if key not in self._laws:
            self._laws[key] = self._simulate(Wanted(layout, contrasts, joint), self.jobs)
        return self._laws[key]

    def of_estimates(self, layout: Layout, contrasts: FloatArray) -> "LawShelf":
        """Where the law of a test is kept that only makes estimates unbiased and reads no p.

        Nothing is ranked there, which leaves the estimates as they are.
        """
        return self if self.key(layout, contrasts) in self._laws else self._unranked

    @cached_property
    def _unranked(self) -> "LawShelf":
        return replace(self, again=0, _laws={})

    def fill(self, wanted: Iterable[Wanted]) -> None:
        """Simulate the laws that are not there yet, side by side."""
        by_key = {self.key(each.layout, each.contrasts): each for each in wanted}
        missing = [key for key in by_key if key not in self._laws]
        if len(missing) > 1 and can_fork():
            made = side_by_side(lambda k: self._simulate(by_key[k], 1), missing, jobs=self.jobs)
            self._laws.update(zip(missing, made, strict=True))

    @property
    def laws(self) -> Mapping[str, NullLaw]:
        """The laws there are, by key."""
        return self._laws

    def _simulate(self, wanted: Wanted, jobs: int) -> NullLaw:
        return simulate_law(
            wanted.layout,
            wanted.contrasts,
            wanted.joint,
            seed=self.seed,
            stream=f"law:{layout_key(wanted.layout)}",
            series=self.series,
            jobs=jobs,
            again=min(self.again, self.series),
        )

    def key(self, layout: Layout, contrasts: FloatArray) -> str:
        """What the law depends on, as one digest."""
        rows = in_digits(contrasts)
        nodes = ",".join(map(str, (*RHO_NODES, *KAPPA_NODES)))
        text = (
            f"{METHOD}|{layout_key(layout)}|{rows}|{nodes}|{self.seed}|{self.series}|{self.again}"
        )
        return key_of(text)
