"""Covariance of regressions on dyads whose errors hang together through shared members.

A sanction on one state moves every dyad of that state. The dyadic-cluster-robust covariance [1]_
lets the errors of any two rows be correlated, in the same or in different years, whose dyads share
a member. With scores s_r = x_r e_r of the rows, S_m their sum over all rows in which state m is a
member and S_d their sum over all rows of dyad d, the sum over all such pairs is::

    sum_(r, q share a member) s_r s_q' = sum_m S_m S_m' - sum_d S_d S_d',

because a pair of rows of one dyad shares both members and is counted twice by the first sum.
Directed rows A to B and B to A are of one dyad. The cost is linear in the rows.

.. [1] Aronow, Samii & Assenova (2015), "Cluster-robust variance estimation for dyadic data",
   Political Analysis 23, 564-577, doi:10.1093/pan/mpv018; Fafchamps & Gubert (2007), J. Dev.
   Econ. 83, 326-350; Cameron & Miller (2014), "Robust inference for dyadic data".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.errors import DesignError
from analysis.kernel.two_way import IntArray

FloatArray = NDArray[np.float64]
FEWEST_MEMBERS = 25  # below it the estimator is known to be too small (Aronow et al., section 5)


@dataclass(frozen=True, eq=False)
class Members:
    """Who the two members of each row's dyad are, as codes from 0 of one common list of states.

    Attributes:
        first: Shape (n,).
        second: Shape (n,).
        n_members: Length of the list.
    """

    first: IntArray
    second: IntArray
    n_members: int

    @property
    def dyads(self) -> IntArray:
        """Code of the unordered pair of each row, with gaps."""
        low, high = np.minimum(self.first, self.second), np.maximum(self.first, self.second)
        pairs: IntArray = low * self.n_members + high
        return pairs


def number_members(first: NDArray[np.generic], second: NDArray[np.generic]) -> Members:
    """Number the states of both sides in one list.

    Raises:
        DesignError: A row has the same state on both sides.
    """
    n = len(first)
    names, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    same = codes[:n] == codes[n:]
    if same.any():
        raise DesignError(
            f"A row has {names[codes[:n][same][0]]} on both sides; a dyad has two members."
        )
    return Members(codes[:n], codes[n:], len(names))


def dyadic_meat(scores: FloatArray, members: Members) -> FloatArray:
    """Sum of s_r s_q' over all pairs of rows whose dyads share a member, shape (k, k).

    Args:
        scores: Regressors times residual of each row, shape (n, k).
        members: Of each row.
    """
    by_member = sum_by(scores, members.first, members.n_members)
    by_member += sum_by(scores, members.second, members.n_members)
    pairs = _without_gaps(members)
    by_dyad = sum_by(scores, pairs, int(pairs.max()) + 1)
    meat: FloatArray = by_member.T @ by_member - by_dyad.T @ by_dyad
    return meat


def sum_by(scores: FloatArray, codes: IntArray, n_levels: int) -> FloatArray:
    """Sums of the rows of each level, shape (n_levels, k)."""
    columns = [np.bincount(codes, weights=column, minlength=n_levels) for column in scores.T]
    return np.stack(columns, axis=1)


def _without_gaps(members: Members) -> IntArray:
    """Codes of the dyads; gaps are left where there are few enough pairs to hold them."""
    pairs = members.dyads
    if members.n_members**2 <= max(4 * len(pairs), 1_000_000):
        return pairs
    return np.unique(pairs, return_inverse=True)[1]
