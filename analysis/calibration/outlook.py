"""Say what more data would decide a claim: years of the same series, or more such series.

A test of its own design finds four times in five an effect of d = (c + .84) se, where se is the
standard error of the term and c the critical value that short series with an estimated
autocorrelation need. With other years se changes as that of generalised least squares,

    Var(b) = (X' V^-1 X)^-1,      V that of the AR(1) with one change of innovation sd,

and c comes down towards that of the normal law, its excess like 1/T. Effects of size e are found
four times in five from the first last year on with d <= e; where d stops falling above e no number
of years is enough, as for a step between two junctures two years apart. n independent series with
the same effect divide se by the root of n, so that n = (d / e)^2.

Held against simulation of each design (`plan.first_deciding_year`) the years are right to within
four for one juncture and up to some twenty too many for a step close after another.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
FARTHEST = 60  # years looked ahead
FOUR_IN_FIVE = 0.8416  # normal quantile of .8
LARGEST_RATIO = 8.0  # of d to se; beyond it the two are not of one fit
TOTAL = "total"
STEP, BEND = "step", "bend"


@dataclass(frozen=True, slots=True)
class Situation:
    """A tested term, and the years and errors it was tested with.

    Attributes:
        years: First and last year of the series.
        onsets: First year counted as after, by juncture.
        term: A juncture, or "total" for the sum of all steps.
        rho: Autocorrelation of the errors.
        kappa: Innovation sd from the first onset on, over that before.
        trend: "none", "linear" or "quadratic".
        shape: "step" or "bend".
    """

    years: tuple[int, int]
    onsets: Mapping[str, int]
    term: str
    rho: float
    kappa: float = 1.0
    trend: str = "linear"
    shape: str = STEP


def find_deciding_year(
    situation: Situation,
    *,
    detectable: float,
    std_error: float,
    effect: float,
    alpha: float = 0.05,
    two_sided: bool = False,
) -> int | None:
    """Last year of data from which `effect` is found four times in five; None if none is.

    Args:
        situation: As tested.
        detectable: Effect found four times in five now, in the unit of `effect`; ratios as logs.
        std_error: Of the term as tested, in the same unit.
        effect: The size claimed.
        alpha: Level of the test.
        two_sided: Whether effects of either sign are looked for.
    """
    first, last = situation.years
    now, years = term_error(situation, last), last - first + 1
    limit = NormalDist().inv_cdf(1 - alpha / (2 if two_sided else 1))
    ratio = min(max(abs(detectable) / std_error, limit + FOUR_IN_FIVE), LARGEST_RATIO)
    excess = ratio - limit - FOUR_IN_FIVE
    for year in range(last, last + FARTHEST + 1):
        needed = limit + FOUR_IN_FIVE + excess * years / (year - first + 1)
        share = needed / ratio * term_error(situation, year) / now
        if abs(detectable) * share <= abs(effect):
            return year
    return None


def count_deciding_series(*, detectable: float, effect: float) -> int:
    """How many independent series like this one find `effect` four times in five.

    >>> count_deciding_series(detectable=2.0, effect=1.0)
    4
    """
    return max(1, math.ceil((detectable / effect) ** 2 - 1e-9))


def term_error(situation: Situation, last: int) -> float:
    """Standard error of the term by GLS in the years up to `last`, innovations of sd one."""
    years = np.arange(situation.years[0], last + 1)
    regressors = _regressors(situation, years)
    whitened = _whiten(regressors, situation, years)
    contrast = np.zeros(regressors.shape[1])
    names = list(situation.onsets)
    places = range(len(names)) if situation.term == TOTAL else [names.index(situation.term)]
    contrast[[regressors.shape[1] - len(names) + place for place in places]] = 1.0
    _, upper = np.linalg.qr(whitened)
    half = np.linalg.solve(upper.T, contrast)
    return float(np.sqrt(half @ half))


def _regressors(situation: Situation, years: NDArray[np.int_]) -> FloatArray:
    """Constant, trend, and one step or bend for each juncture, last."""
    time = (years - years.mean()) / 10.0
    powers = {"none": 0, "linear": 1, "quadratic": 2}[situation.trend]
    columns = [time**power for power in range(powers + 1)]
    for onset in situation.onsets.values():
        after = (years >= onset).astype(float)
        columns.append(after if situation.shape == STEP else after * (years - onset + 1) / 10.0)
    return np.column_stack(columns)


def _whiten(values: FloatArray, situation: Situation, years: NDArray[np.int_]) -> FloatArray:
    rho = float(np.clip(situation.rho, -0.98, 0.98))
    rows = values.copy()
    rows[0] *= np.sqrt(1 - rho * rho)
    rows[1:] -= rho * values[:-1]
    later = years >= min(situation.onsets.values())
    spread = np.where(later, situation.kappa, 1.0)
    scaled: FloatArray = rows / spread[:, None]
    return scaled
