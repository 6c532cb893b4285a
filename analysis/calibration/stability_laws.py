"""What the tests of a stable regression are usually read against: independent errors, many years.

References stand in `analysis.calibration.stability` and `analysis.kernel.fluctuation`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from analysis.calibration.break_asymptotics import (
    equal_trim,
    mean_f_critical,
    mean_f_p,
    sup_f_critical,
    sup_f_p,
)
from analysis.design.unknown_date import UnknownDateDesign
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
WINDOW = 0.15  # share of the years in a MOSUM window
BRIDGES, BRIDGE_STEPS = 20_000, 1_000  # behind the law of the MOSUM


@dataclass(frozen=True, slots=True)
class UsualLaw:
    """What a test is usually read against.

    Attributes:
        p_value: From a statistic to its p.
        critical: From a level to the statistic that reaches it.
    """

    p_value: Callable[[float], float]
    critical: Callable[[float], float]


def usual_laws(design: UnknownDateDesign, known_onset: int | None = None) -> Mapping[str, UsualLaw]:
    """The laws the tests are usually read against, by test."""
    n, k = design.layout.regressors.shape
    trim = equal_trim(design.side, n - design.side, n)
    laws = {
        "sup_f": UsualLaw(
            lambda x: sup_f_p(x, k, trim), lambda share: sup_f_critical(share, k, trim)
        ),
        "ave_f": UsualLaw(
            lambda x: mean_f_p(x, "ave", k, trim),
            lambda share: mean_f_critical(share, "ave", k, trim),
        ),
        "exp_f": UsualLaw(
            lambda x: mean_f_p(x, "exp", k, trim),
            lambda share: mean_f_critical(share, "exp", k, trim),
        ),
        "recursive_cusum": UsualLaw(recursive_cusum_p, _inverse(recursive_cusum_p)),
        "ols_cusum": UsualLaw(fluctuation_p, _inverse(fluctuation_p)),
        "ols_mosum": UsualLaw(
            mosum_p, lambda share: float(np.quantile(_mosum_law(WINDOW), 1 - share))
        ),
        "recursive_estimates": UsualLaw(
            lambda x: fluctuation_p(x, k), _inverse(lambda x: fluctuation_p(x, k))
        ),
    }
    if known_onset is not None:
        laws["chow"] = UsualLaw(
            lambda x: float(stats.f.sf(x, k, n - 2 * k)),
            lambda share: float(stats.f.isf(share, k, n - 2 * k)),
        )
    return laws


def fluctuation_p(statistic: float, n_processes: int = 1) -> float:
    """P that the largest of k Brownian bridges reaches the statistic in absolute value."""
    return float(1 - (1 - special.kolmogorov(statistic)) ** n_processes)


def recursive_cusum_p(statistic: float) -> float:
    """P that |W(t)| crosses the statistic times 1 + 2 t (Brown, Durbin & Evans 1975).

    The expansion holds in the tail; below .3 a straight line joins it to 1 at zero.
    """
    if statistic < 0.3:
        return 1 - 0.1465 * statistic
    normal = special.ndtr
    tail = normal(-3 * statistic)
    tail += np.exp(-4 * statistic**2) * (normal(statistic) + normal(5 * statistic) - 1)
    tail -= np.exp(-16 * statistic**2) * normal(-statistic)
    return float(2 * tail)


def mosum_p(statistic: float, share: float = WINDOW) -> float:
    """P that an increment of a Brownian bridge over a share of its length reaches the statistic."""
    law = _mosum_law(share)
    return float((1 + (law >= statistic).sum()) / (1 + len(law)))


def _inverse(p_value: Callable[[float], float]) -> Callable[[float], float]:
    return lambda share: float(optimize.brentq(lambda x: p_value(x) - share, 0.31, 20.0))


@lru_cache(maxsize=8)
def _mosum_law(share: float) -> FloatArray:
    width = int(BRIDGE_STEPS * share)
    largest = []
    for start in range(0, BRIDGES, 1_000):
        normals = standard_normals(0, "mosum", start, start + 1_000, BRIDGE_STEPS)
        normals -= normals.mean(axis=1, keepdims=True)
        path = np.cumsum(np.hstack([np.zeros((1_000, 1)), normals]), axis=1)
        increments = np.abs(path[:, width:] - path[:, :-width]) / np.sqrt(BRIDGE_STEPS)
        largest.append(increments.max(axis=1))
    return np.sort(np.concatenate(largest))
