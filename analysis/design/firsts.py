"""Lay out the question whether first-of-kind events fall into windows after junctures.

Months are counted from the first of the period. The window of a juncture begins with the month of
the juncture and lasts a declared number of months; events of that month before the day of the
juncture are counted as inside, which `lead` readings help to judge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.errors import DesignError
from analysis.kernel.windows import count_law, count_windows

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MIN_PLACEMENTS = 20
HIGHEST_P = 0.05
ALTERNATIVES = ("greater", "less")


@dataclass(frozen=True, eq=False)
class FirstsDesign:
    """Events by month and the windows in which they are claimed to gather.

    Attributes:
        name: What the events are called in messages.
        period: First and last year; both count in full.
        events: Events by month of the period, shape (months,).
        starts: First month of the window of each juncture, in order of time.
        window_months: Length of a window.
        alternative: "greater" if events are claimed to gather in the windows, "less" if to shun.
    """

    name: str
    period: tuple[int, int]
    events: IntArray
    starts: Mapping[str, int]
    window_months: int
    alternative: str

    @property
    def window_starts(self) -> IntArray:
        return np.array(list(self.starts.values()), dtype=np.int64)

    @property
    def share(self) -> float:
        """Share of the period that lies in the windows."""
        return len(self.starts) * self.window_months / len(self.events)

    @property
    def placements(self) -> int:
        return count_windows(len(self.events), len(self.starts), self.window_months)

    @cached_property
    def law(self) -> FloatArray:
        """Share of placements of the windows with 0, 1, ... events inside."""
        law: FloatArray = count_law(self.events[None, :], len(self.starts), self.window_months)[0]
        return law

    @property
    def smallest_p(self) -> float:
        """The smallest p that these events can give, wherever the windows lie.

        Events far from each other cannot be caught by few windows; that is what they say, and no
        reason to refuse them.
        """
        possible = self.law[self.law > 0]
        return float(possible[-1] if self.alternative == "greater" else possible[0])


def firsts_design(
    events: Sequence[str | date],
    junctures: Mapping[str, str | date],
    *,
    period: tuple[int, int],
    window_months: int = 12,
    name: str = "events",
    alternative: str = "greater",
) -> FirstsDesign:
    """Lay out dated events and windows, or say why they cannot answer.

    Args:
        events: Dates to the day or month, "2012-04-22" or "2012-04"; those outside the period are
            left out.
        junctures: Date of each juncture, likewise.
        period: First and last year in which an event would have been seen.
        window_months: Length of the window after each juncture.
        name: What the events are called in messages.
        alternative: "greater" or "less".

    Raises:
        DesignError: The windows overlap or leave the period, or no p of 5 % can be reached.
    """
    if alternative not in ALTERNATIVES:
        raise DesignError(f"{alternative} is no alternative; there are {', '.join(ALTERNATIVES)}.")
    if not junctures:
        raise DesignError(f"No juncture is given after which {name} might have gathered.")
    if window_months < 1:
        raise DesignError(f"A window of {window_months} months holds nothing; it needs 1 or more.")
    months = 12 * (period[1] - period[0] + 1)
    placed = [month_of(event, period[0]) for event in events]
    inside = [month for month in placed if 0 <= month < months]
    starts = {juncture: month_of(when, period[0]) for juncture, when in junctures.items()}
    design = FirstsDesign(
        name=name,
        period=period,
        events=np.bincount(np.array(inside, dtype=np.int64), minlength=max(months, 0)),
        starts=dict(sorted(starts.items(), key=lambda item: (item[1], item[0]))),
        window_months=window_months,
        alternative=alternative,
    )
    _check_windows(design, months)
    _check_reach(design)
    return design


def month_of(when: str | date, first_year: int) -> int:
    """Months from January of the first year; a date without a month is refused.

    >>> month_of("2012-04-22", 2011), month_of("2012-04", 2011)
    (15, 15)
    """
    parts = str(when).split("-")
    if len(parts) < 2:
        raise DesignError(f"The date {when} has no month; windows are counted in months.")
    return 12 * (int(parts[0]) - first_year) + int(parts[1]) - 1


def _check_windows(design: FirstsDesign, months: int) -> None:
    for juncture, start in design.starts.items():
        if start < 0 or start + design.window_months > months:
            raise DesignError(
                f"The {design.window_months} months after {juncture} do not lie within the period "
                f"{design.period[0]} to {design.period[1]}."
            )
    for (juncture, start), (later, then) in pairwise(design.starts.items()):
        if then - start < design.window_months:
            raise DesignError(
                f"The windows of {juncture} and {later} overlap: they begin {then - start} months "
                f"apart and last {design.window_months}."
            )


def _check_reach(design: FirstsDesign) -> None:
    if design.placements < MIN_PLACEMENTS:
        raise DesignError(
            f"There are {design.placements} placements of the windows; {MIN_PLACEMENTS} are needed "
            "for a p of 5 %."
        )
    number = int(design.events.sum())
    if not number:
        raise DesignError(
            f"There are no {design.name} from {design.period[0]} to {design.period[1]}."
        )
    share = design.share if design.alternative == "greater" else 1 - design.share
    if share**number > HIGHEST_P:
        where = "inside" if design.alternative == "greater" else "outside"
        raise DesignError(
            f"Were all of the {number} {design.name} {where} the windows, p would be about "
            f"{share**number:.3f}, above {HIGHEST_P:g}: the dates of so few events say nothing."
        )
