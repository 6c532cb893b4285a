"""Ask in words what happened around junctures to some dyads and not to others."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.calibration.event_study_report import SHARED, Asked, report_paths
from analysis.design.event_study import EventStudyDesign, event_study_design
from analysis.errors import DesignError, UsageError
from analysis.estimation.engines import check_engine
from analysis.estimation.event_study import KINDS
from analysis.estimation.event_study_result import EventStudyResult, JuncturePath
from analysis.panel.panel import Panel
from analysis.panel.transform import outcome_unit, transform_series
from analysis.records.words import join_words

SEED = 20261121
TOGETHER = ("apart", "joint", "shared")
MAX_SIZE = 0.075  # false-positive rate above which a 5 % test decides nothing
Junctures = Mapping[str, int | Mapping[str, int]]
Paths = Mapping[str, Mapping[str, tuple[int, ...]]]


def event_study(
    panel: Panel,
    *,
    outcome: str,
    units: Sequence[str] | str,
    comparison: Sequence[str] | None = None,
    junctures: Junctures,
    window: tuple[int, int] = (-5, 5),
    reference: int = -1,
    transform: str = "none",
    together: str = "apart",
    ends: str = "binned",
    estimator: str = "interaction-weighted",
    errors: str | None = None,
    controls: Sequence[str] = (),
    period: tuple[int, int] | None = None,
    source: str | None = None,
    alpha: float = 0.05,
    slope: float | None = None,
    lags: int | None = None,
    series: int = 499,
    seed: int = SEED,
    engine: str | None = None,
) -> EventStudyResult:
    """Estimate leads and lags around each juncture, treated against comparison units.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        units: Treated units, such as "CHN-RUS".
        comparison: Units without the junctures; None for all others that have the outcome.
        junctures: First year counted as after, by name; one year for all treated units, or a year
            for each.
        window: First and last event time; what lies beyond is counted with them.
        reference: Event time that the others are compared with.
        transform: As in `steps`.
        together: "apart" for a regression for each juncture; "joint" for one regression in which
            each has a path; "shared" for one path that all junctures share.
        ends: "binned", or "trimmed" to leave the years of treated units beyond the window out.
        estimator: "interaction-weighted" (Sun & Abraham) or "two-way"; the same where all treated
            units share their onsets.
        errors: "clustered", "driscoll-kraay", "dyadic", "cr2" or "donors"; None for "donors" where
            few are treated and they share their onsets, else "dyadic" where there are enough
            states, else "cr2", and "clustered" where nothing better can be had. Every kind that
            can be had is in the result.
        controls: Variables of the panel that enter as regressors.
        period: First and last year; None for all there are.
        source: One source of the outcome; None for the preferred ones.
        alpha: Level; intervals are at 1 - alpha.
        slope: Difference of trends a year against which the pre-trend test's power is given; None
            for the one that would by itself give the average effect.
        lags: Of Driscoll-Kraay; None for the integer part of T^(1/4).
        series: Simulated panels behind each false-positive rate; 0 for none.
        seed: Of all simulated panels.
        engine: "linearmodels", "kernel" or "pyfixest" (of the extra `large`); None for the first up
            to 20,000 rows and the second above. Estimates are the same to some 1e-8, and standard
            errors this project's own.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable or unit, or an option has a value that there is
            not, or the engine is not installed.
    """
    treated = (units,) if isinstance(units, str) else tuple(units)
    asked = Asked(alpha, reference, errors, slope, lags, series, seed, engine)
    if engine is not None:
        check_engine(engine)
    _check(together, errors, alpha)
    values = _values(panel, outcome, treated, comparison, period, source, transform)
    having = set(values.index.unique("unit")) - set(treated)
    compared = tuple(sorted(having if comparison is None else comparison))
    onsets = _onsets(junctures, treated)

    def lay_out(paths: Paths, others: Sequence[str]) -> EventStudyDesign:
        return event_study_design(
            values,
            paths,
            comparison=others,
            name=outcome,
            window=window,
            reference=reference,
            ends=ends,
            estimator=estimator,
            controls=panel.frame[list(controls)] if controls else None,
        )

    designs, found = [], []
    for paths in _paths(onsets, treated, together):
        design = lay_out(paths, compared)
        designs.append(design)
        found += report_paths(design, asked, onsets, _remake(lay_out, paths, treated, compared))
    years = sorted({year for design in designs for year in design.years})
    decides, note = _judge(treated, found, alpha)
    return EventStudyResult(
        outcome=outcome,
        measured_in=outcome_unit(transform, panel.codebook[outcome].measured_in or outcome),
        treated=tuple(sorted(treated)),
        comparison=designs[0].comparison,
        paths=tuple(found),
        window=window,
        reference=reference,
        ends=ends,
        n_obs=max(len(design.outcome) for design in designs),
        years=(years[0], years[-1]),
        level=1 - alpha,
        decides=decides,
        note=note,
        method=_method(designs[0], found[0], ends, estimator, series)
        + (f"; estimates by {engine}" if engine else ""),
    )


def _check(together: str, errors: str | None, alpha: float) -> None:
    if together not in TOGETHER:
        raise UsageError(
            f'Junctures cannot be taken "{together}"; known are {join_words(TOGETHER)}.'
        )
    if errors is not None and errors not in KINDS:
        raise UsageError(f'There are no errors "{errors}"; known are {join_words(KINDS)}.')
    if not 0 < alpha < 0.5:
        raise UsageError(f"alpha is {alpha:g}; it must lie between 0 and 0.5.")


def _values(
    panel: Panel,
    outcome: str,
    treated: tuple[str, ...],
    comparison: Sequence[str] | None,
    period: tuple[int, int] | None,
    source: str | None,
    transform: str,
) -> pd.Series:
    others = [unit for unit in panel.units if unit not in treated]
    wanted = [*treated, *(others if comparison is None else comparison)]
    cells = panel.cells_for([outcome], wanted, source=source)
    values = cells["value"].droplevel("variable").astype(float).rename(outcome)
    both = sorted(set(treated) & set(comparison or ()))
    if both:
        raise DesignError(f"{join_words(both)} cannot be treated and comparison at once.")
    if period is not None:
        years = values.index.get_level_values("year")
        values = values[(years >= period[0]) & (years <= period[1])]
    return transform_series(values, transform)


def _onsets(junctures: Junctures, treated: Sequence[str]) -> dict[str, dict[str, int]]:
    """Onset of each treated unit, by juncture."""
    found: dict[str, dict[str, int]] = {}
    for juncture, given in junctures.items():
        if isinstance(given, Mapping):
            unknown = sorted(set(given) - set(treated))
            if unknown:
                raise UsageError(
                    f"{juncture} has an onset for {join_words(unknown)}, not among the units."
                )
            found[juncture] = {unit: int(onset) for unit, onset in given.items()}
        else:
            found[juncture] = dict.fromkeys(treated, int(given))
    if not found:
        raise DesignError("No juncture is named; an event study needs at least one.")
    return found


def _paths(
    onsets: Mapping[str, Mapping[str, int]], treated: Sequence[str], together: str
) -> list[Paths]:
    """For each regression the onsets of each unit, by path."""
    if together == "shared":
        every = {
            unit: tuple(sorted({each[unit] for each in onsets.values() if unit in each}))
            for unit in treated
        }
        return [{SHARED: {unit: each for unit, each in every.items() if each}}]
    single: Paths = {
        juncture: {unit: (onset,) for unit, onset in each.items()}
        for juncture, each in onsets.items()
    }
    if together == "joint":
        return [single]
    return [{juncture: each} for juncture, each in single.items()]


def _remake(
    lay_out: Callable[[Paths, Sequence[str]], EventStudyDesign],
    paths: Paths,
    treated: Sequence[str],
    compared: Sequence[str],
) -> Callable[[str], EventStudyDesign] | None:
    """The same design with one of the comparison units taken as treated."""
    if len(treated) > 1:
        return None

    def remake(unit: str) -> EventStudyDesign:
        moved = {name: {unit: each[treated[0]]} for name, each in paths.items()}
        return lay_out(moved, [other for other in compared if other != unit])

    return remake


def _judge(treated: Sequence[str], paths: Sequence[JuncturePath], alpha: float) -> tuple[bool, str]:
    sizes = [_worst_size(path) for path in paths]
    if len(treated) == 1:
        measured = [
            f"{kind} {float(paths[0].every['size'][(kind, 'average')]):.2f}"
            for kind in paths[0].every.index.unique("errors")
        ]
        return False, (
            "One unit is treated: its errors cannot be told from its effects, and these p-values "
            f"are shown and never decide. At {100 * alpha:g} % they reject without an effect, on "
            f"average over the years after: {join_words(measured)} of the time."
        )
    if not all(np.isfinite(sizes)):
        return False, "False-positive rates were not counted, so that no verdict may rest on p."
    if max(sizes) > MAX_SIZE * alpha / 0.05:
        return False, (
            f"The tests shown reject without an effect up to {max(sizes):.2f} of the time at "
            f"{100 * alpha:g} %, shocks of states to all their dyads among it; they are shown and "
            "do not decide."
        )
    return True, ""


def _worst_size(path: JuncturePath) -> float:
    """False-positive rate of the average effect; that under shared members, too, for dyads."""
    if path.rates.empty:
        return float("nan")
    worlds = [world for world in ("fitted", "members") if world in path.rates]
    return max(float(path.rates[world][(path.errors, "average")]) for world in worlds)


def _method(
    design: EventStudyDesign, path: JuncturePath, ends: str, estimator: str, series: int
) -> str:
    cohorts = f"{estimator} over {design.n_cohorts} cohorts" if design.n_cohorts > 1 else "two-way"
    conventions = {
        "clustered": "clustered by unit, G/(G-1) (n-1)/(n-K) as in fixest, "
        f"t({len(design.units) - 1})",
        "driscoll-kraay": f"Driscoll-Kraay, factor of fixest, t({len(design.years) - 1})",
        "dyadic": "dyadic-cluster-robust (Aronow, Samii & Assenova 2015), G states, G/(G-1) "
        "(n-1)/(n-K), t(G-1)",
        "cr2": "CR2 by unit with Satterthwaite degrees of freedom, joint tests HTZ",
        "donors": "between comparison units (Donald & Lang 2007), t(J-1), Hotelling's T2",
    }
    simulated = (
        f"; false-positive rates counted in {series:,} simulated panels of this design"
        if series and not path.rates.empty
        else ""
    )
    return (
        f"Effects of units and years, {cohorts} event-study regression, ends {ends}; standard "
        f"errors {conventions[path.errors]}{simulated}"
    )
