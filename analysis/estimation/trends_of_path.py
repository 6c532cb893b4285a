"""Bring a path of an event study into the form in which trends are bounded."""

import numpy as np
from numpy.typing import NDArray

from analysis.design.event_study import Path
from analysis.errors import DesignError
from analysis.estimation.trend_sensitivity import Trends

FloatArray = NDArray[np.float64]


def trends_of(path: Path, estimates: FloatArray, covariance: FloatArray) -> Trends:
    """Event times of single years next to the reference -1, with the average effect as target.

    Args:
        path: Its binned ends are left out.
        estimates: Event times and, last, the average, shape (m + 1,).
        covariance: Shape (m + 1, m + 1).

    Raises:
        DesignError: The reference is not -1, or no single year is left before or after it.
    """
    chosen, target = single_years(path)
    n_before = len(chosen) - len(target)
    return Trends(
        before=estimates[chosen[:n_before]],
        after=estimates[chosen[n_before:]],
        covariance=covariance[np.ix_(chosen, chosen)],
        target=target,
    )


def single_years(path: Path) -> tuple[NDArray[np.intp], FloatArray]:
    """Places of the event times that are single years, and the target's weights on those after.

    Raises:
        DesignError: As in `trends_of`.
    """
    times = np.array(path.event_times)
    before = np.flatnonzero((times < 0) & ~path.is_bin)
    after = np.flatnonzero((times >= 0) & ~path.is_bin)
    if -1 in times or not len(before) or not len(after):
        raise DesignError(
            "Trends are bounded from year to year around the reference -1; this path has another "
            "reference, or no single year on one side of it."
        )
    target = path.average_post[after]
    return np.concatenate([before, after]), target / target.sum()
