"""Keep simulated null laws by a key of everything they depend on."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.keys import key_of
from analysis.calibration.law import KAPPA_NODES, RHO_NODES, NullLaw, simulate_law
from analysis.kernel.layout import Layout

FloatArray = NDArray[np.float64]
METHOD = "pb-reml-v-4"  # raised whenever a change of method changes simulated numbers


def layout_key(layout: Layout) -> str:
    """Name a layout by its years, regressors and onset, alike on every machine."""
    parts = [
        ",".join(map(str, layout.years)),
        str(layout.onset),
        *(",".join(f"{value:.9g}" for value in row + 0.0) for row in layout.regressors),
    ]
    return key_of(";".join(parts))


@dataclass(frozen=True, eq=False)
class LawShelf:
    """Null laws simulated so far, and how to simulate more.

    Attributes:
        seed: Seed of every stream.
        series: Null series at each node of (rho, kappa).
        again: Null series at each node by which p-values are read a second time; 0, they are not.
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
            self._laws[key] = simulate_law(
                layout,
                contrasts,
                joint,
                seed=self.seed,
                stream=f"law:{layout_key(layout)}",
                series=self.series,
                jobs=self.jobs,
                again=min(self.again, self.series),
            )
        return self._laws[key]

    def key(self, layout: Layout, contrasts: FloatArray) -> str:
        """What the law depends on, as one digest."""
        rows = ";".join(",".join(f"{value:.9g}" for value in row) for row in contrasts + 0.0)
        nodes = ",".join(map(str, (*RHO_NODES, *KAPPA_NODES)))
        text = (
            f"{METHOD}|{layout_key(layout)}|{rows}|{nodes}|{self.seed}|{self.series}|{self.again}"
        )
        return key_of(text)
