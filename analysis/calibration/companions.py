"""Ask two other methods whether they agree with a level regression, many outcomes at once.

First differences by least squares, and the lag-augmented equation of Toda & Yamamoto; both stand in
`analysis.design.relation`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.design.relation import RelationDesign
from analysis.kernel.threads import one_thread
from analysis.kernel.toda_yamamoto import fit_causality
from analysis.kernel.usual import ols_statistics

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
COMPANION_ALPHA = 0.10
DIFFERENCES, PRECEDENCE = "first differences", "Toda-Yamamoto"
SAME_YEAR = "Toda-Yamamoto with the same year"


@dataclass(frozen=True, slots=True)
class Companion:
    """What another method says to the same claim.

    Attributes:
        name: "first differences", "Toda-Yamamoto" or "Toda-Yamamoto with the same year".
        estimate: Sum of the coefficients: of all lags, or of the tested past; both for one sd of
            the exposure.
        statistic: t, or F.
        p_value: Of first differences against the alternative asked, of Toda-Yamamoto two-sided; 1
            where the sign is not the claimed one (for two-sided claims: that of the level).
        agrees: Whether p_value is at most `COMPANION_ALPHA`.
    """

    name: str
    estimate: float
    statistic: float
    p_value: float
    agrees: bool


def read_companions(
    outcome: FloatArray, design: RelationDesign, sign: float, alternative: str
) -> tuple[Companion, Companion]:
    """What both say of one outcome, shape (n,).

    Args:
        outcome: On the years of the design.
        design: Exposure and lags.
        sign: 1 or -1, the claimed direction; for two-sided claims that of the level estimate.
        alternative: "greater", "less" or "two-sided".
    """
    row = outcome[None, :]
    estimates, t = fit_changes(row, design)
    p_changes = float(p_of_t(sign * t, design, alternative)[0])
    changes = Companion(
        DIFFERENCES, float(estimates[0]), float(t[0]), p_changes, p_changes <= COMPANION_ALPHA
    )
    return changes, read_timing(outcome, design, sign, design.timing)


def read_timing(outcome: FloatArray, design: RelationDesign, sign: float, timing: str) -> Companion:
    """The lag-augmented equation with the exposure's past alone, or with the same year too."""
    earlier = timing == "earlier"
    fits = fit_causality(outcome[None, :], design.causality if earlier else design.same_year)
    total = float(fits.sums[0])
    p = float(fits.p_values[0]) if sign * total > 0 else 1.0
    name = PRECEDENCE if earlier else SAME_YEAR
    return Companion(name, total, float(fits.f[0]), p, p <= COMPANION_ALPHA)


def both_agree(
    outcomes: FloatArray, design: RelationDesign, sign: FloatArray | float, alternative: str
) -> BoolArray:
    """In which outcomes, shape (m, n), both companions agree; `sign` as in `read_companions`."""
    _, t = fit_changes(outcomes, design)
    past = fit_causality(outcomes, design.deciding)
    first = p_of_t(sign * t, design, alternative) <= COMPANION_ALPHA
    second = (past.p_values <= COMPANION_ALPHA) & (sign * past.sums > 0)
    both: BoolArray = first & second
    return both


def fit_changes(outcomes: FloatArray, design: RelationDesign) -> tuple[FloatArray, FloatArray]:
    """Estimate and t of the term in first differences by least squares, each of shape (m,)."""
    x, row = design.changes
    changes = outcomes[:, design.followed] - outcomes[:, design.followed - 1]
    with one_thread():
        estimates: FloatArray = changes @ (row @ np.linalg.pinv(x))[0]
        return estimates, ols_statistics(changes, x, row)[:, 0]


def p_of_t(claimed: FloatArray, design: RelationDesign, alternative: str) -> FloatArray:
    """p of t in the claimed direction; for two-sided claims 1 where it goes the other way."""
    x, _ = design.changes
    tail = np.asarray(stats.t.sf(claimed, len(x) - x.shape[1]), dtype=np.float64)
    if alternative != "two-sided":
        return tail
    return np.where(claimed > 0, 2 * tail, 1.0)
