"""Test whether first-of-kind events gather in the windows after junctures.

The test counts the events inside the windows and ranks the count among all placements of as many
windows of that length that do not overlap; p = share of placements with at least as many events
inside. It is exact if the windows could have lain anywhere in the period, and takes the events as
they are, gathered or scattered.

Beside it stands the exact conditional comparison of two Poisson rates (Przyborowski & Wilenski
1940, Biometrika 31, 313-323, doi:10.2307/2332612): given n events, the number inside is binomial
with the share of the period that the windows cover. It assumes events that know nothing of each
other, and is too sure of itself where they come in groups.

Neither knows that kinds of cooperation may simply have become more frequent with time: windows in
a busier part of the period then hold more events. How often that alone gives a small p is measured.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.design.firsts import FirstsDesign
from analysis.kernel.windows import count_law, events_inside

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FirstsReading:
    """What the dates of the events say.

    Attributes:
        events: Events in the period.
        inside: Events in the windows.
        expected: Mean number inside over all placements.
        p_value: Exact share of placements with as many inside.
        smallest_p: Smallest p these events can give.
        placements: Number of placements.
        rate_ratio: Events a month inside over that outside.
        interval: 95 % interval of the rate ratio, if events are independent.
        p_binomial: p of the exact conditional comparison, if events are independent.
        lead_inside: Events in windows of the same length before the junctures; nan if those
            leave the period or overlap the windows of others.
        lead_p: Exact p of those.
    """

    events: int
    inside: int
    expected: float
    p_value: float
    smallest_p: float
    placements: int
    rate_ratio: float
    interval: tuple[float, float]
    p_binomial: float
    lead_inside: float
    lead_p: float

    def to_dict(self) -> dict[str, object]:
        return asdict(self)

    def to_frame(self) -> pd.DataFrame:
        """Events in and out of the windows, and the two p-values."""
        rows = {
            "after": (self.inside, self.p_value, self.p_binomial),
            "before": (self.lead_inside, self.lead_p, float("nan")),
        }
        columns = ["inside", "p_value", "p_binomial"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("window")


def rank_firsts(design: FirstsDesign) -> FirstsReading:
    """Rank the events inside the windows among all placements of the windows."""
    events, inside = int(design.events.sum()), inside_windows(design.events[None, :], design)
    p = placement_p(design.events[None, :], inside, design)
    lead_inside, lead_p = _lead(design)
    number, share = int(inside[0]), design.share
    return FirstsReading(
        events=events,
        inside=number,
        expected=float(np.arange(len(design.law)) @ design.law),
        p_value=float(p[0]),
        smallest_p=design.smallest_p,
        placements=design.placements,
        rate_ratio=rate_ratio(number, events, share),
        interval=rate_ratio_interval(number, events, share),
        p_binomial=float(binomial_p(inside, events, design)[0]),
        lead_inside=lead_inside,
        lead_p=lead_p,
    )


def rate_ratio(inside: int, events: int, share: float) -> float:
    """Rate inside over rate outside; infinite if nothing happened outside.

    >>> rate_ratio(3, 12, 0.1)
    3.0
    """
    outside = events - inside
    return inside / share / (outside / (1 - share)) if outside else float("inf")


def rate_ratio_interval(
    inside: int, events: int, share: float, level: float = 0.95
) -> tuple[float, float]:
    """Exact interval of the rate ratio from that of the binomial share (Clopper-Pearson)."""
    tail = (1 - level) / 2
    low = float(stats.beta.ppf(tail, inside, events - inside + 1)) if inside else 0.0
    high = float(stats.beta.isf(tail, inside + 1, events - inside)) if inside < events else 1.0
    odds = share / (1 - share)
    ends = [each / (1 - each) / odds if each < 1 else float("inf") for each in (low, high)]
    return ends[0], ends[1]


def inside_windows(events: IntArray, design: FirstsDesign) -> IntArray:
    """Events in the windows, by history, shape (b,)."""
    return events_inside(events, design.window_starts, design.window_months)


def placement_p(events: IntArray, inside: IntArray, design: FirstsDesign) -> FloatArray:
    """Share of placements that hold as many events, by history, shape (b,)."""
    law = count_law(events, len(design.starts), design.window_months)
    counts = np.arange(law.shape[1])
    reached = (
        counts >= inside[:, None] if design.alternative == "greater" else counts <= inside[:, None]
    )
    p: FloatArray = np.minimum(1.0, (law * reached).sum(axis=1))
    return p


def binomial_p(inside: IntArray, events: int, design: FirstsDesign) -> FloatArray:
    """p of the exact conditional comparison of two Poisson rates, by history, shape (b,)."""
    if design.alternative == "greater":
        return np.asarray(stats.binom.sf(inside - 1, events, design.share))
    return np.asarray(stats.binom.cdf(inside, events, design.share))


def _lead(design: FirstsDesign) -> tuple[float, float]:
    starts = design.window_starts - design.window_months
    if starts[0] < 0 or (np.diff(design.window_starts) < 2 * design.window_months).any():
        return float("nan"), float("nan")
    events = design.events[None, :]
    inside = events_inside(events, starts, design.window_months)
    return float(inside[0]), float(placement_p(events, inside, design)[0])
