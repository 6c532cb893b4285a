"""Put together what an event study found around one juncture, and how far it can be trusted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.calibration.event_study_rates import count_in_turn, count_rates
from analysis.design.event_study import EventStudyDesign, Path
from analysis.errors import DesignError
from analysis.estimation.event_study import LARGE, PathEstimate, estimate_available
from analysis.estimation.event_study_result import COLUMNS, JuncturePath
from analysis.estimation.pre_trends import assess_pre_trends
from analysis.estimation.trend_sensitivity import breakdown, relative_interval, trace_frontier
from analysis.estimation.trends_of_path import trends_of
from analysis.kernel.dyadic import FEWEST_MEMBERS

SHARED = "any juncture"
FACTORS = (0.0, 0.25, 0.5, 1.0)  # bounds M in standard errors of the average effect
MBARS = (0.5, 1.0, 1.5, 2.0)
Remake = Callable[[str], EventStudyDesign]


@dataclass(frozen=True)
class Asked:
    """Options that every path of the question shares."""

    alpha: float
    reference: int
    errors: str | None
    slope: float | None
    lags: int | None
    series: int
    seed: int
    engine: str | None = None


def report_paths(
    design: EventStudyDesign,
    asked: Asked,
    onsets: Mapping[str, Mapping[str, int]],
    remake: Remake | None,
) -> list[JuncturePath]:
    """What was found around each juncture of one regression.

    Args:
        design: The regression.
        asked: Options.
        onsets: Of each treated unit, by juncture, those of other regressions among them.
        remake: Gives the design with a comparison unit taken as treated; None where several are.
    """
    found, refused = estimate_available(design, lags=asked.lags, engine=asked.engine)
    chosen = asked.errors or _default_errors(design, found)
    if chosen not in found:
        raise DesignError(refused[chosen])
    reports = []
    for place, path in enumerate(design.paths):
        rates = _count(design, path, list(found), asked, remake)
        every = {kind: _table(each[place], rates, kind, asked) for kind, each in found.items()}
        shown = every[chosen]
        estimate = found[chosen][place]
        average = float(shown["estimate"]["average"])
        reach = float(path.average_post @ path.mean_times) - asked.reference
        slope = abs(average) / reach if asked.slope is None else asked.slope
        sensitivity, bounds = _sensitivity(estimate, asked.alpha)
        table = shown.drop(index="average")
        table.index = pd.Index(path.event_times, name="event_time")
        table.loc[asked.reference] = [0.0, *[float("nan")] * (len(COLUMNS) - 1)]
        mine = {unit: each[path.name] for unit, each in _by_unit(onsets, path.name).items()}
        reports.append(
            JuncturePath(
                juncture=path.name,
                onsets=mine,
                errors=chosen,
                table=table.sort_index(),
                average=pd.Series(shown.to_dict(orient="index")["average"], dtype=float),
                every=pd.concat(every, names=["errors", "term"]),
                refused=refused,
                pre_trends=assess_pre_trends(
                    estimate, asked.reference, slope=slope, alpha=asked.alpha
                ),
                pre_trends_size=_rate(rates, chosen, "pre-trends"),
                sensitivity=sensitivity,
                breakdown=bounds,
                rates=rates,
                also_inside=_also_inside(onsets, path),
            )
        )
    return reports


def _by_unit(
    onsets: Mapping[str, Mapping[str, int]], name: str
) -> dict[str, dict[str, tuple[int, ...]]]:
    mine = onsets if name == SHARED else {name: onsets[name]}
    units = sorted({unit for each in mine.values() for unit in each})
    return {
        unit: {name: tuple(sorted(each[unit] for each in mine.values() if unit in each))}
        for unit in units
    }


def _also_inside(onsets: Mapping[str, Mapping[str, int]], path: Path) -> tuple[str, ...]:
    """Other junctures with an onset in the years shown from this one's on."""
    if path.name == SHARED:
        return ()
    mine, last = onsets[path.name], max(path.event_times)
    inside = []
    for other, each in onsets.items():
        later = [each[unit] - onset for unit, onset in mine.items() if unit in each]
        if other != path.name and any(0 <= distance <= last for distance in later):
            inside.append(other)
    return tuple(inside)


def _default_errors(design: EventStudyDesign, found: Mapping[str, tuple[PathEstimate, ...]]) -> str:
    if "donors" in found and len(design.treated) < len(design.comparison) / 10:
        return "donors"
    if "dyadic" in found and found["dyadic"][0].n_groups >= FEWEST_MEMBERS:
        return "dyadic"
    return "cr2" if "cr2" in found else "clustered"


def _count(
    design: EventStudyDesign,
    path: Path,
    kinds: Sequence[str],
    asked: Asked,
    remake: Remake | None,
) -> pd.DataFrame:
    if not asked.series or len(design.outcome) > LARGE:
        return pd.DataFrame()
    rates = count_rates(
        design,
        path,
        kinds,
        alpha=asked.alpha,
        seed=asked.seed,
        series=asked.series,
        lags=asked.lags,
    )
    if remake is not None:
        rates["in turn"] = count_in_turn(
            remake, design.comparison, kinds, alpha=asked.alpha, lags=asked.lags
        )
    return rates


def _rate(rates: pd.DataFrame, kind: str, term: str) -> float:
    return float("nan") if rates.empty else float(rates["fitted"][(kind, term)])


def _table(estimate: PathEstimate, rates: pd.DataFrame, kind: str, asked: Asked) -> pd.DataFrame:
    terms = [f"{time:+d}" for time in estimate.path.event_times] + ["average"]
    low, high = estimate.intervals(asked.alpha)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics = estimate.estimates / estimate.std_errors
    sizes = [_rate(rates, kind, term) for term in terms]
    columns = [
        estimate.estimates,
        estimate.std_errors,
        statistics,
        estimate.p_values(),
        low,
        high,
        sizes,
    ]
    return pd.DataFrame(
        dict(zip(COLUMNS, columns, strict=True)), index=pd.Index(terms, name="term")
    )


def _sensitivity(estimate: PathEstimate, alpha: float) -> tuple[pd.DataFrame, dict[str, float]]:
    try:
        trends = trends_of(estimate.path, estimate.estimates, estimate.covariance)
    except DesignError:
        nothing = {"smoothness": float("nan"), "relative": float("nan")}
        return pd.DataFrame(columns=["conf_low", "conf_high"]), nothing
    frontier = trace_frontier(trends)
    bounds = [factor * trends.std_error for factor in FACTORS]
    rows = {("smoothness", bound): frontier.interval(bound, alpha) for bound in bounds} | {
        ("relative", mbar): relative_interval(trends, mbar, alpha) for mbar in MBARS
    }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["conf_low", "conf_high"])
    frame.index = pd.MultiIndex.from_tuples(rows, names=["restriction", "bound"])
    return frame, {
        each: breakdown(trends, each, alpha, frontier) for each in ("smoothness", "relative")
    }
