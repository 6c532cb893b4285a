"""Refuse panels of dyads in which an exposure cannot be tested."""

import numpy as np
from numpy.typing import NDArray

from analysis.design.dyad_panel import DyadPanel
from analysis.errors import DesignError

FloatArray = NDArray[np.float64]
FEWEST_STATES = 10  # below it rates of this test were not measured
FEWEST_MOVED = 10  # dyads in which the exposure changes
FEWEST_YEARS = 8
LEAST_COVERAGE = 0.5  # of the years from a dyad's first to its last, over all dyads


def check_answerable(design: DyadPanel, effects: tuple[str, ...]) -> None:
    """Refuse panels with too few states, too little movement of the exposure, or too many gaps.

    Raises:
        DesignError: One of these; the message says which and what would be enough.
    """
    exposure = design.names[0]
    if (design.members[:, 0] == design.members[:, 1]).any():
        raise DesignError('A panel test needs dyads such as "CHN-RUS"; these units are states.')
    if len(design.states) < FEWEST_STATES:
        raise DesignError(
            f"The dyads have {len(design.states)} states; shocks that a state's dyads share cannot "
            f"be estimated from fewer than {FEWEST_STATES}."
        )
    years = np.unique(design.year)
    if len(years) < FEWEST_YEARS:
        raise DesignError(f"There are {len(years)} years; a panel test needs {FEWEST_YEARS}.")
    moved = _moved(design)
    if "unit" in effects and moved == 0:
        raise DesignError(
            f"{exposure} is constant within each dyad, so that the unit effects hold all there is "
            "of it; only comparisons between dyads are left, which decide nothing."
        )
    if moved < FEWEST_MOVED:
        raise DesignError(
            f"{exposure} changes within {moved} dyads; a panel test needs {FEWEST_MOVED}."
        )
    spans = int((_highest(design, design.year) - _lowest(design, design.year) + 1).sum())
    if len(design.y) < LEAST_COVERAGE * spans:
        raise DesignError(
            f"{design.outcome} and {exposure} are known together in {len(design.y)} of {spans} "
            f"dyad-years between the first and last of each dyad; half are needed."
        )


def _moved(design: DyadPanel) -> int:
    """Dyads in which the exposure takes more than one value."""
    x = design.x[:, 0]
    return int((_highest(design, x) - _lowest(design, x) > 1e-10 * np.abs(x).max()).sum())


def _lowest(design: DyadPanel, column: NDArray[np.generic]) -> FloatArray:
    out = np.full(len(design.units), np.inf)
    np.minimum.at(out, design.unit, column)
    return out


def _highest(design: DyadPanel, column: NDArray[np.generic]) -> FloatArray:
    out = np.full(len(design.units), -np.inf)
    np.maximum.at(out, design.unit, column)
    return out
