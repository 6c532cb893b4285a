"""Quantiles of Poisson and binomial laws for many means at once, by summing probabilities.

SciPy's inverse looks for each quantile by itself and takes some fifteen times as long, which is
most of the time of a simulation; it is used where means are so large that sums get long.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]
LARGE = 200.0  # means and numbers of trials above which SciPy is asked


def poisson_quantiles(places: FloatArray, mean: FloatArray) -> FloatArray:
    """Smallest count whose distribution function reaches each place in (0, 1).

    >>> poisson_quantiles(np.array([0.1, 0.5, 0.95]), np.full(3, 2.0)).tolist()
    [0.0, 2.0, 5.0]
    """
    if mean.max() > LARGE:
        return np.asarray(stats.poisson.ppf(places, mean), dtype=np.float64)
    highest = int(mean.max() + 12 * np.sqrt(mean.max()) + 30)
    term = np.exp(-mean)
    total, counts = term.copy(), np.zeros_like(mean)
    for count in range(1, highest + 1):
        above = total < places
        if not above.any():
            break
        counts += above
        term *= mean / count
        total += term
    return counts


def binomial_quantiles(places: FloatArray, trials: FloatArray, chance: FloatArray) -> FloatArray:
    """The same for a number of successes; counted from the rarer side.

    >>> binomial_quantiles(np.array([0.2, 0.9]), np.full(2, 4.0), np.array([0.5, 0.9])).tolist()
    [1.0, 4.0]
    """
    if trials.max() > LARGE:
        return np.asarray(stats.binom.ppf(places, trials, chance), dtype=np.float64)
    often = chance > 0.5
    rare, here = np.where(often, 1 - chance, chance), np.where(often, 1 - places, places)
    term = (1 - rare) ** trials
    total, counts = term.copy(), np.zeros_like(chance)
    for count in range(1, int(trials.max()) + 1):
        above = total < here
        if not above.any():
            break
        counts += above
        term = term * ((trials - count + 1) / count * rare / (1 - rare))
        total += term
    counts = np.minimum(counts, trials)
    successes: FloatArray = np.where(often, trials - counts, counts)
    return successes
