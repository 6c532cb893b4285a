"""Measure how often the placement test of first-of-kind events finds something.

As many events as were observed are thrown anew over the months of the period, with the windows
held: into any month alike, in pairs, by their own smoothed rate, or more often into the windows.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.firsts import binomial_p, inside_windows, placement_p, rank_firsts
from analysis.calibration.reach import monte_carlo_error
from analysis.design.firsts import FirstsDesign
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ROUNDING = 1e-12
BLOCK = 200  # series of events at a time; 30 years of them take some 60 MB
GROUP_MONTHS = 6  # within which the second event of a pair follows the first
SMOOTH_MONTHS = 48  # sd of the kernel that makes a smooth rate of the observed events
WORLDS = {
    "even": "events fall into any month alike",
    "pairs": "events come in pairs within half a year",
    "smooth": "events follow their own rate smoothed over some ten years",
}


@dataclass(frozen=True, slots=True)
class FirstsMeasured:
    """How often the placement test finds something with this many events.

    Attributes:
        series: Simulated histories behind each rate.
        sizes: False-positive rate by world.
        mc_error: Monte Carlo standard error at 5 %.
        p_maximised: Largest share, over the worlds, of histories whose p is as small as the one
            observed.
        binomial_sizes: False-positive rate of the conditional comparison by world.
        power: Power at the smallest rate ratio of interest.
        power_at_claim: Power at the claimed rate ratio.
    """

    series: int
    sizes: Mapping[str, float]
    mc_error: float
    p_maximised: float
    binomial_sizes: Mapping[str, float]
    power: float
    power_at_claim: float

    @property
    def worst_size(self) -> float:
        return max(self.sizes.values())

    def to_dict(self) -> dict[str, object]:
        return asdict(self)

    def to_frame(self) -> pd.DataFrame:
        """False-positive rates of both tests, one row a world."""
        columns = {"placements": dict(self.sizes), "binomial": dict(self.binomial_sizes)}
        return pd.DataFrame(columns).rename_axis("world")


def measure_firsts(
    design: FirstsDesign,
    *,
    smallest_ratio: float,
    claimed_ratio: float,
    seed: int,
    alpha: float = 0.05,
    series: int = 2_000,
) -> FirstsMeasured:
    """Measure size and power by drawing as many events anew, the windows held.

    Args:
        design: From `firsts_design`.
        smallest_ratio: Smallest rate ratio of interest, above 1 (below 1 for "less").
        claimed_ratio: The rate ratio the claim's words claim.
        seed: Of all draws.
        alpha: Level.
        series: Simulated histories behind each rate.
    """
    observed = rank_firsts(design).p_value
    sizes, binomial, reached = {}, {}, [observed]
    for world in WORLDS:
        p, p_binomial = _both_p(_draw(design, world, seed, series), design)
        sizes[world] = _found(p, alpha)
        binomial[world] = _found(p_binomial, alpha)
        reached.append((1 + float(np.sum(p <= observed + ROUNDING))) / (1 + series))
    powers = [
        power_of_firsts(design, ratio, seed=seed, alpha=alpha, series=series)
        for ratio in (smallest_ratio, claimed_ratio)
    ]
    return FirstsMeasured(
        series=series,
        sizes=sizes,
        mc_error=monte_carlo_error(alpha, series),
        p_maximised=max(reached),
        binomial_sizes=binomial,
        power=powers[0],
        power_at_claim=powers[1],
    )


def power_of_firsts(
    design: FirstsDesign, ratio: float, *, seed: int, alpha: float, series: int
) -> float:
    """Share of histories found at alpha if the rate in the windows is `ratio` times the other."""
    return _found(_both_p(_draw_gathered(design, ratio, seed, series), design)[0], alpha)


def _both_p(events: IntArray, design: FirstsDesign) -> tuple[FloatArray, FloatArray]:
    inside = inside_windows(events, design)
    blocks = [slice(at, at + BLOCK) for at in range(0, len(events), BLOCK)]
    p = np.concatenate([placement_p(events[each], inside[each], design) for each in blocks])
    return p, binomial_p(inside, int(design.events.sum()), design)


def _found(p: FloatArray, alpha: float) -> float:
    return float((p <= alpha + ROUNDING).mean())


def _draw(design: FirstsDesign, world: str, seed: int, series: int) -> IntArray:
    months, number = len(design.events), int(design.events.sum())
    even = np.full(months, 1 / months)
    if world == "smooth":
        return _throw(_smooth_rate(design.events), _uniforms(seed, world, series, number))
    if world == "even":
        return _throw(even, _uniforms(seed, world, series, number))
    first = _months(even, _uniforms(seed, world, series, number - number // 2))
    after = np.floor(_uniforms(seed, "second", series, max(number // 2, 1)) * (GROUP_MONTHS + 1))
    second = first[:, : number // 2] + after[:, : number // 2].astype(np.int64)
    turned = np.where(second >= months, 2 * (months - 1) - second, second)
    return _count(np.concatenate([first, turned], axis=1), months)


def _draw_gathered(design: FirstsDesign, ratio: float, seed: int, series: int) -> IntArray:
    rate = np.ones(len(design.events))
    for start in design.window_starts:
        rate[start : start + design.window_months] = ratio
    number = int(design.events.sum())
    return _throw(rate / rate.sum(), _uniforms(seed, "gathered", series, number))


def _smooth_rate(events: IntArray) -> FloatArray:
    """Kernel estimate of the rate by month, as if the period went on beyond its ends."""
    month = np.arange(len(events))
    kernel = np.exp(-0.5 * ((month[:, None] - month) / SMOOTH_MONTHS) ** 2)
    rate: FloatArray = (kernel @ events) / kernel.sum(axis=1)
    share: FloatArray = rate / rate.sum()
    return share


def _uniforms(seed: int, world: str, series: int, number: int) -> FloatArray:
    normals = standard_normals(seed, f"firsts:{world}", 0, series, number)
    return np.asarray(stats.norm.cdf(normals), dtype=np.float64)


def _throw(rate: FloatArray, uniforms: FloatArray) -> IntArray:
    return _count(_months(rate, uniforms), len(rate))


def _months(rate: FloatArray, uniforms: FloatArray) -> IntArray:
    months = np.searchsorted(np.cumsum(rate), uniforms, side="right")
    return np.minimum(months, len(rate) - 1).astype(np.int64)


def _count(months: IntArray, length: int) -> IntArray:
    """Events by month from the month of each event, shape (b, length)."""
    series = np.arange(len(months))[:, None]
    flat = np.bincount((series * length + months).ravel(), minlength=len(months) * length)
    return flat.reshape(len(months), length)
