"""Effects of units and years of a panel that is laid out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.design.dyad_panel import DyadPanel
from analysis.errors import DesignError, UsageError
from analysis.kernel.two_way import Effects, number_levels
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
EFFECTS = ("unit", "year")


def check_effects(effects: Sequence[str]) -> tuple[str, ...]:
    """The effects in their order.

    Raises:
        UsageError: One is neither "unit" nor "year".
    """
    for name in effects:
        if name not in EFFECTS:
            raise UsageError(f'There is no effect "{name}"; known are {join_words(EFFECTS)}.')
    return tuple(name for name in EFFECTS if name in effects)


def effects_of(
    design: DyadPanel,
    names: tuple[str, ...],
    rows: NDArray[np.intp],
    weights: FloatArray | None = None,
) -> Effects:
    """The sets of effects over some rows; a constant where there are none."""
    columns = [design.unit[rows] if name == "unit" else design.year[rows] for name in names]
    codes = number_levels(*(columns or [np.zeros(len(rows), dtype=np.int64)]))
    return Effects(codes, weights)


def refuse_constant(design: DyadPanel, names: tuple[str, ...], rows: NDArray[np.intp]) -> None:
    """Say in words which regressor the effects leave nothing of."""
    for place, name in enumerate(design.names):
        column = design.x[rows, place]
        constant_over = {
            "unit": _spread_within(column, design.unit[rows]),
            "year": _spread_within(column, design.year[rows]),
        }
        for effect in names:
            if constant_over[effect] <= 1e-10 * max(1.0, float(np.abs(column).max())):
                other = "over the years" if effect == "unit" else "between units"
                raise DesignError(
                    f"{name} is constant within each {effect}, so that the {effect} effects hold "
                    f"all there is of it; it must vary {other}, or leave the {effect} effects out."
                )


def _spread_within(column: FloatArray, codes: NDArray[np.int64]) -> float:
    level = np.unique(codes, return_inverse=True)[1]
    means = np.bincount(level, column) / np.bincount(level)
    return float(np.abs(column - means[level]).max())
