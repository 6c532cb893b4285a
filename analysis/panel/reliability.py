"""Reliability of an index: how far its members measure one thing.

Cronbach's alpha (1951, doi:10.1007/BF02310555) and McDonald's omega of one factor (1999, Test
Theory). Both take the years for independent, which series with a
trend are not: two series that do nothing but rise agree by their trends alone. So alpha is given
of the yearly changes too.

A low value does not condemn an index whose members form the construct rather than reflect it: a
state may be threatened by troops and not by sanctions.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.panel.composite import Scores
from analysis.sources.indices import estimate_alpha, estimate_omega

LEAST_MEMBERS_OF_ALPHA = 2
LEAST_MEMBERS_OF_OMEGA = 3  # with two, many loadings fit equally well


@dataclass(frozen=True, slots=True)
class Reliability:
    """Of one index; NaN where it has too few members for the measure.

    Attributes:
        alpha: Cronbach's alpha of the standardised members.
        alpha_of_changes: The same of their changes from year to year.
        omega: Share of the variance of the members' sum that one factor accounts for.
        n_years: Years in which all members are observed.
    """

    alpha: float
    alpha_of_changes: float
    omega: float
    n_members: int
    n_years: int


def measure_reliability(scores: Scores) -> Reliability:
    """Measure how far the members of an index agree."""
    values = scores.values
    one_year = values.index.to_series().diff().eq(1).to_numpy()
    return Reliability(
        alpha=_alpha(values),
        alpha_of_changes=_alpha(values.diff()[one_year]),
        omega=_omega(values),
        n_members=values.shape[1],
        n_years=len(values),
    )


def _alpha(members: pd.DataFrame) -> float:
    enough = members.shape[1] >= LEAST_MEMBERS_OF_ALPHA
    return estimate_alpha(members.to_numpy()) if enough else float("nan")


def _omega(members: pd.DataFrame) -> float:
    enough = members.shape[1] >= LEAST_MEMBERS_OF_OMEGA
    return estimate_omega(members.to_numpy()) if enough else float("nan")
