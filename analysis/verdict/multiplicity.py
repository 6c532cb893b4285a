"""Correct p-values for the number of claims tested together."""

from collections.abc import Collection

import pandas as pd


def adjust_holm(p_values: pd.Series) -> pd.Series:
    """Step-down Bonferroni correction (Holm 1979, Scand. J. Stat. 6, 65-70), same index.

    >>> adjust_holm(pd.Series({"H1": 0.01, "H2": 0.04, "H3": 0.03})).to_dict()
    {'H1': 0.03, 'H2': 0.06, 'H3': 0.06}
    """
    ordered = p_values.sort_values(kind="stable")
    weights = range(len(ordered), 0, -1)
    stepped = (ordered * list(weights)).cummax().clip(upper=1.0)
    return stepped.reindex(p_values.index)


def adjust_one(p_value: float, others: Collection[float]) -> float:
    """The same for one p-value among others, without a table of all.

    >>> adjust_one(0.03, [0.01, 0.04])
    0.06
    """
    ordered = sorted([*(each for each in others if each <= p_value), p_value])
    total = 1 + len(others)
    return min(1.0, max(each * (total - rank) for rank, each in enumerate(ordered)))
