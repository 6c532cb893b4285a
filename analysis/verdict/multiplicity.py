"""Correct p-values for the number of claims tested together."""

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
