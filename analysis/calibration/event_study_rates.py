"""Count how often each test of an event study rejects on this very panel where nothing happened.

With one treated unit, clustered errors see no variation of its own and reject in half of all panels
without an effect (Conley & Taber 2011; MacKinnon & Webb 2018). So the rate is counted and
shown beside every p. Panels are simulated on the rows, units and dummies at hand: AR(1) errors with
the autocorrelation of the comparison units and each unit's own sd ("fitted"), and departures:

* "factor": a common factor, loaded 0 to 2 by comparison units and 1.5 by treated ones;
* "trend": treated units have a trend of their own of one sd in ten years;
* "noisy": treated units vary twice as much;
* "members", for dyads: two thirds of the variance are shocks of the two members.

A direct count needs no model: each comparison unit is taken as treated in turn ("in turn").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.event_study import EventStudyDesign, Path
from analysis.errors import DesignError, EstimationError
from analysis.estimation.event_study_many import ManyPaths, estimate_many
from analysis.estimation.trend_sensitivity import relative_intervals
from analysis.estimation.trends_of_path import single_years
from analysis.kernel.panel_covariance import fit_within
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
DEPARTURES = ("fitted", "factor", "trend", "noisy", "members")
TREATED_LOADING, HIGHEST_LOADING = 1.5, 2.0
TREND_IN_TEN_YEARS = 1.0  # sd
NOISE = 2.0
HIGHEST_RHO = 0.9
FEWEST_OWN = 5  # years before the onset from which a treated unit's own sd is taken
MBAR = 1.0  # relative magnitude whose interval is counted


@dataclass(frozen=True, eq=False)
class NullWorld:
    """What panels without an effect are drawn from.

    Attributes:
        rho: Autocorrelation, common to all units.
        sds: Marginal sd of each unit's errors, shape (units,).
    """

    rho: float
    sds: FloatArray


def null_world(design: EventStudyDesign) -> NullWorld:
    """Autocorrelation and sds of the panel's own errors.

    The pooled autocorrelation of the comparison units' residuals is corrected for its bias in T
    years, -(1 + rho)/(T - 1) (Nickell 1981, Econometrica 49, 1417-1426). A treated unit's sd is
    that of its years before the onset, or of the comparison units where there are too few.
    """
    fit = fit_within(design.outcome, design.regressors, design.effects)
    n_years = len(design.years)
    table = np.full((len(design.units), n_years), np.nan)
    table[design.unit_codes, design.year_codes] = fit.residuals
    compared = np.isin(design.units, design.comparison)
    now, before = table[compared, 1:], table[compared, :-1]
    both = np.isfinite(now) & np.isfinite(before)
    plain = float((now[both] * before[both]).sum() / max((before[both] ** 2).sum(), 1e-300))
    rho = float(np.clip((plain * (n_years - 1) + 1) / (n_years - 2), 0.0, HIGHEST_RHO))
    sds = np.sqrt(np.nanmean(table**2, axis=1) * n_years / (n_years - 1))
    typical = float(np.sqrt((sds[compared] ** 2).mean()))
    for place in np.flatnonzero(~compared):
        sds[place] = _own_sd(design, int(place), typical)
    return NullWorld(rho, sds)


def draw_outcomes(
    design: EventStudyDesign, world: NullWorld, departure: str, *, seed: int, series: int
) -> FloatArray:
    """Outcomes without an effect on the rows of the design, shape (n, series)."""
    n_units, n_years = len(design.units), len(design.years)
    drawn = standard_normals(
        seed, f"event study:{departure}", 0, series, (n_units + 1) * n_years
    ).reshape(series, n_units + 1, n_years)
    errors = _autoregress(drawn, world.rho)
    treated = np.isin(design.units, design.treated)
    sds = np.where(treated, NOISE * world.sds, world.sds) if departure == "noisy" else world.sds
    panel = errors[:, :-1] * sds[:, None]
    typical = float(np.sqrt((world.sds[~treated] ** 2).mean()))
    if departure == "factor":
        loadings = np.full(n_units, TREATED_LOADING)
        loadings[~treated] = np.linspace(0, HIGHEST_LOADING, int((~treated).sum()))
        panel += typical * loadings[:, None] * errors[:, -1:, :]
    if departure == "members":
        members = design.members_of_units
        shocks = _autoregress(
            standard_normals(
                seed, "event study:states", 0, series, members.n_members * n_years
            ).reshape(series, members.n_members, n_years),
            world.rho,
        )
        shared = errors[:, :-1] + shocks[:, members.first] + shocks[:, members.second]
        panel = shared / np.sqrt(3) * sds[:, None]
    if departure == "trend":
        decades = (np.array(design.years) - np.mean(design.years)) / 10
        slopes = np.where(treated, TREND_IN_TEN_YEARS * world.sds, 0.0)
        panel += slopes[:, None] * decades
    outcomes: FloatArray = panel[:, design.unit_codes, design.year_codes].T
    return np.ascontiguousarray(outcomes)


def count_rates(
    design: EventStudyDesign,
    path: Path,
    kinds: Sequence[str],
    *,
    alpha: float,
    seed: int,
    series: int,
    lags: int | None = None,
    world: NullWorld | None = None,
) -> pd.DataFrame:
    """Share of panels without an effect in which each test rejects.

    A world may be given in place of the one fitted to the panel.

    Returns:
        Index (errors, term), terms being event times, "average", "pre-trends" and "relative
        magnitudes" (its interval at Mbar = 1 leaves out zero); one column for each departure.
    """
    world = world or null_world(design)
    columns = {}
    for departure in DEPARTURES:
        if departure == "members" and not design.are_dyads:
            continue
        outcomes = draw_outcomes(design, world, departure, seed=seed, series=series)
        many = estimate_many(design, path, outcomes, kinds, lags)
        columns[departure] = pd.concat({kind: _rates(many[kind], path, alpha) for kind in kinds})
    return pd.DataFrame(columns).rename_axis(["errors", "term"])


def count_in_turn(
    remake: Callable[[str], EventStudyDesign],
    comparison: Sequence[str],
    kinds: Sequence[str],
    *,
    alpha: float,
    lags: int | None = None,
) -> pd.Series:
    """Share of comparison units, each taken as treated in turn, with which each test rejects.

    Args:
        remake: Gives the design with this unit treated and the others for comparison.
        comparison: The units.
        kinds: Of errors.
        alpha: Level.
        lags: Of Driscoll-Kraay.

    Returns:
        Index (errors, term). Units for which the design cannot be made are left out.
    """
    rates = []
    for unit in comparison:
        try:
            design = remake(unit)
            path = design.paths[0]
            many = estimate_many(design, path, design.outcome[:, None], kinds, lags)
        except (DesignError, EstimationError):
            continue
        rates.append(pd.concat({kind: _rates(many[kind], path, alpha) for kind in kinds}))
    if not rates:
        return pd.Series(dtype=float)
    return pd.DataFrame(rates).mean(axis=0).rename_axis(["errors", "term"])


def _rates(many: ManyPaths, path: Path, alpha: float) -> pd.Series:
    terms = [f"{time:+d}" for time in path.event_times] + ["average"]
    rates = dict(zip(terms, (many.p_values <= alpha).mean(axis=0), strict=True))
    joint = many.joint_p
    rates["pre-trends"] = float("nan") if np.isnan(joint).all() else float((joint <= alpha).mean())
    rates["relative magnitudes"] = _relative_rate(many, path, alpha)
    return pd.Series(rates, dtype=float)


def _relative_rate(many: ManyPaths, path: Path, alpha: float) -> float:
    try:
        chosen, target = single_years(path)
    except DesignError:
        return float("nan")
    covariances = many.covariances[:, chosen[:, None], chosen[None, :]]
    low, high = relative_intervals(many.estimates[:, chosen], covariances, target, MBAR, alpha)
    return float(((low > 0) | (high < 0)).mean())


def _own_sd(design: EventStudyDesign, place: int, typical: float) -> float:
    """Sd of a treated unit's gap to the comparison units' mean before the onset."""
    mine = design.unit_codes == place
    effects = np.abs(design.regressors[mine]).sum(axis=1) > 0
    event_times = np.concatenate(
        [path.aggregation @ design.regressors[mine].T > 0 for path in design.paths]
    )
    times = np.array([time for path in design.paths for time in path.event_times])
    after = (event_times & (times >= 0)[:, None]).any(axis=0) & effects
    compared = np.isin(design.units, design.comparison)[design.unit_codes]
    sums = np.bincount(
        design.year_codes[compared], design.outcome[compared], minlength=len(design.years)
    )
    counts = np.bincount(design.year_codes[compared], minlength=len(design.years))
    with np.errstate(invalid="ignore"):
        gap = design.outcome[mine] - (sums / counts)[design.year_codes[mine]]
    own = gap[~after & np.isfinite(gap)]
    if len(own) < FEWEST_OWN or np.ptp(own) == 0:
        return typical
    return float(np.std(own, ddof=1))


def _autoregress(innovations: FloatArray, rho: float) -> FloatArray:
    """AR(1) with unit variance along the last axis."""
    errors = innovations.copy()
    scale = float(np.sqrt(1 - rho * rho))
    for year in range(1, errors.shape[-1]):
        errors[..., year] = rho * errors[..., year - 1] + scale * innovations[..., year]
    return errors
