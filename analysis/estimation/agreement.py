"""Scores of agreement between two states over the votes in which both took part.

With a_i, b_i the votes, 1 yes, 2 abstention, 3 no, over K joint votes:

* share: of identical votes; half: 1 - |a - b| / 2 on average, an abstention half way;
* S = 1 - 2 sum |a - b| / (K d), d the largest distance (Signorino & Ritter 1999, Int. Stud. Q. 43,
  115-144, doi:10.1111/0020-8833.00113): like the half score, from -1 to 1;
* kappa, weighted kappa and pi, which take out what two states with their habits of voting would
  agree on by chance: Cohen's (1960, Educ. Psychol. Meas. 20, 37-46) with each state's own habits,
  weighted by squared distance in (1968, Psychol. Bull. 70, 213-220), and Scott's (1955, Public
  Opin. Q. 19, 321-325) with habits that both share; pi by squared distance as Häge (2011, Polit.
  Anal. 19, 287-305, doi:10.1093/pan/mpr023) recommends it for foreign policy.

All of them depend on what comes to a vote: agreement rises where the agenda is less contested.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.errors import DesignError

FloatArray = NDArray[np.float64]
VOTES = (1, 2, 3)  # yes, abstention, no
LARGEST = VOTES[-1] - VOTES[0]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Scores of two states, from -1 or 0 to 1 each; nan where chance leaves nothing to explain.

    Attributes:
        votes: Number of votes in which both took part.
        share: Of identical votes.
        half: Share in which an abstention agrees by half.
        s_score: Signorino and Ritter's S, absolute distance.
        kappa: Cohen's.
        kappa_squared: Cohen's, weighted by squared distance.
        pi: Scott's.
        pi_squared: By squared distance.
    """

    votes: int
    share: float
    half: float
    s_score: float
    kappa: float
    kappa_squared: float
    pi: float
    pi_squared: float

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def score_agreement(first: ArrayLike, second: ArrayLike) -> Agreement:
    """Score two states' votes.

    Args:
        first: 1 yes, 2 abstention, 3 no, nan where absent; shape (k,).
        second: The same roll calls, same order.

    Raises:
        DesignError: The two differ in length, a vote is none of these, or none is joint.

    >>> score_agreement([1, 1, 3, 2], [1, 3, 3, 1]).share
    0.5
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape:
        raise DesignError(f"There are {a.size} votes of one state and {b.size} of the other.")
    both = ~(np.isnan(a) | np.isnan(b))
    a, b = a[both], b[both]
    if not a.size:
        raise DesignError("The two states have no vote in common.")
    if not np.isin(np.concatenate([a, b]), VOTES).all():
        raise DesignError("Votes are 1 for yes, 2 for an abstention and 3 for no.")
    apart = np.abs(a - b)
    values = np.array(VOTES, dtype=float)
    own = [np.mean(each[:, None] == values, axis=0) for each in (a, b)]
    shared = (own[0] + own[1]) / 2
    distance = np.abs(values[:, None] - values)
    return Agreement(
        votes=int(a.size),
        share=float((apart == 0).mean()),
        half=float(1 - apart.mean() / LARGEST),
        s_score=float(1 - 2 * apart.mean() / LARGEST),
        kappa=_beyond_chance(apart != 0, distance != 0, own[0], own[1]),
        kappa_squared=_beyond_chance(apart**2, distance**2, own[0], own[1]),
        pi=_beyond_chance(apart != 0, distance != 0, shared, shared),
        pi_squared=_beyond_chance(apart**2, distance**2, shared, shared),
    )


def score_by_year(votes: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Scores of two states in each year.

    Args:
        votes: Index year, one row a roll call, one column a state, coded as above.
        first: A column.
        second: Another.
    """
    rows = {
        year: score_agreement(group[first], group[second]).to_dict()
        for year, group in votes.groupby(level=0)
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("year")


def _beyond_chance(
    seen: FloatArray | NDArray[np.bool_],
    distance: FloatArray | NDArray[np.bool_],
    first: FloatArray,
    second: FloatArray,
) -> float:
    """1 - mean distance seen / mean distance expected of independent votes."""
    expected = float(first @ distance.astype(float) @ second)
    return float("nan") if expected == 0 else float(1 - seen.mean() / expected)
