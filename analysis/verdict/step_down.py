"""Correct p-values for claims tested together, with the dependence between them (maxT, minP).

Holm's correction holds under any dependence and pays for it. Where the statistics of all claims
can be drawn together under the null, the largest of those still in question is compared with what
it would be by chance: Westfall & Young (1993), Resampling-Based Multiple Testing, algorithms 2.8
(minP) and 4.1 (maxT); Romano & Wolf (2005), Econometrica 73, 1237-1282,
doi:10.1111/j.1468-0262.2005.00615.x. From the strongest claim on::

    p_(i) = (1 + number of draws with max over claims i, i + 1, ... of T* at least T_(i)) / (B + 1)

and no p below the one before it. maxT is for statistics of one scale; minP takes each by the rank
it has among its own draws, so that claims with different designs count alike.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import UsageError

FloatArray = NDArray[np.float64]
SLACK = 1e-9  # statistics closer than this, in their own size, are tied


def adjust_maxt(statistics: pd.Series, drawn: pd.DataFrame) -> pd.Series:
    """Step-down maxT, same index.

    Args:
        statistics: By claim; the larger, the more against "no effect".
        drawn: The same statistics under the null, one row a draw of all claims together, shape
            (B, k). Of an exact permutation test, all assignments but the observed one.

    Raises:
        UsageError: A claim has no draws, or a number is missing.

    >>> drawn = pd.DataFrame({"H1": [0.0, 1.0, 3.0], "H2": [1.0, 0.0, 1.0]})
    >>> adjust_maxt(pd.Series({"H1": 4.0, "H2": 2.0}), drawn).to_dict()
    {'H1': 0.25, 'H2': 0.25}
    """
    _check(statistics, drawn)
    ordered = statistics.sort_values(ascending=False, kind="stable")
    null = drawn[ordered.index].to_numpy(dtype=float)
    highest = np.maximum.accumulate(null[:, ::-1], axis=1)[:, ::-1]
    observed = ordered.to_numpy(dtype=float)
    reached = highest >= observed - SLACK * np.maximum(1.0, np.abs(observed))
    stepped = np.maximum.accumulate((1 + reached.sum(axis=0)) / (1 + len(null)))
    return pd.Series(stepped, ordered.index).reindex(statistics.index)


def adjust_minp(p_values: pd.Series, drawn: pd.DataFrame) -> pd.Series:
    """Step-down minP, same index.

    Args:
        p_values: By claim, each from its own test.
        drawn: Statistics under the null as for `adjust_maxt`; each is read by its rank in its own
            column, so that columns need not be of one scale.

    Raises:
        UsageError: A claim has no draws, or a number is missing.
    """
    _check(p_values, drawn)
    above = drawn.rank(ascending=False, method="max")
    return adjust_maxt(-p_values, -above / len(drawn)).clip(lower=p_values)


def _check(values: pd.Series, drawn: pd.DataFrame) -> None:
    missing = [str(claim) for claim in values.index if claim not in drawn.columns]
    if missing:
        raise UsageError(f"There are no joint draws of {', '.join(missing)}; draw all claims.")
    if values.isna().any() or drawn[values.index].isna().to_numpy().any():
        raise UsageError("A statistic is missing; leave out claims that cannot be tested.")
