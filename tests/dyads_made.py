"""Made panels of all dyads of a number of states, with shocks that a state's dyads share."""

import itertools
import string

import numpy as np
import pandas as pd

from analysis.panel.panel import Panel


def state_names(count: int) -> list[str]:
    return ["".join(code) for code in itertools.product(string.ascii_uppercase[:6], repeat=3)][
        :count
    ]


def made_frame(
    rng: np.random.Generator,
    *,
    states: int = 12,
    years: int = 15,
    effect: float = 0.0,
    rho: float = 0.5,
    share: float = 0.5,
    missing: float = 0.0,
) -> pd.DataFrame:
    """Columns unit, year, x, w, y: y = effect x + effects + AR(1) errors, a share through members.

    x has shocks that members share too, so that errors clustered by dyad are too small.
    """
    names = state_names(states)
    pairs = list(itertools.combinations(range(states), 2))
    first, second = np.array(pairs).T

    def walks(count: int) -> np.ndarray:
        out = rng.standard_normal((count, years))
        for year in range(1, years):
            out[:, year] = rho * out[:, year - 1] + np.sqrt(1 - rho**2) * out[:, year]
        return out

    def shared() -> np.ndarray:
        own, of_states = walks(len(pairs)), walks(states)
        both = of_states[first] + of_states[second]
        return np.sqrt(1 - share) * own + np.sqrt(share / 2) * both

    x, w, errors = shared(), shared(), shared()
    levels = rng.standard_normal((len(pairs), 1)) + rng.standard_normal((1, years))
    y = effect * x + errors + levels
    frame = pd.DataFrame(
        {
            "unit": np.repeat([f"{names[a]}-{names[b]}" for a, b in pairs], years),
            "year": np.tile(np.arange(2000, 2000 + years), len(pairs)),
            "x": x.ravel(),
            "w": w.ravel(),
            "y": y.ravel(),
        }
    )
    return frame[rng.random(len(frame)) >= missing].reset_index(drop=True)


def made_panel(rng: np.random.Generator, **options: float) -> Panel:
    return Panel.from_frame(made_frame(rng, **options), unit="unit", year="year")
