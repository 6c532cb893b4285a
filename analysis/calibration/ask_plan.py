"""Ask in words what a design could find, and how often today's habits find what is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import pandas as pd

from analysis.calibration.ask import ALTERNATIVES, SEED
from analysis.calibration.asked import Asked
from analysis.calibration.law import simulate_errors
from analysis.calibration.plan import EFFECTS, blank_design, first_deciding_year, plan_steps
from analysis.calibration.reach import reach_of_steps
from analysis.calibration.second_opinions import Opinions, tabulate_opinions
from analysis.calibration.steps import calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import steps_design
from analysis.errors import UsageError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.threads import one_thread
from analysis.kernel.usual import critical_t, newey_west_statistics, ols_statistics
from analysis.panel.panel import Panel
from analysis.records.words import join_words

RHOS = (0.0, 0.3, 0.6, 0.8)
LAW = 10_000  # series at each node of a null law
QUICK = 2_000  # the same while looking for the first deciding year
THIS, OLS, NEWEY_WEST = "this test", "least squares", "Newey-West"


@dataclass(frozen=True, eq=False, repr=False)
class Outlook:
    """A table about designs, before there are data.

    Attributes:
        title: What the table says.
        table: One row a design and term.
        note: How it was counted.
    """

    title: str
    table: pd.DataFrame
    note: str

    def to_frame(self) -> pd.DataFrame:
        """A copy of the table."""
        return self.table.copy()

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values; the table as rows."""
        rows = self.table.reset_index().to_dict(orient="records")
        return {"title": self.title, "rows": rows, "note": self.note}

    def __repr__(self) -> str:
        return "\n".join(
            [self.title, self.table.to_string(float_format="{:.3f}".format), self.note]
        )

    def _repr_html_(self) -> str:
        table = self.table.to_html(float_format="{:.3f}".format, na_rep="")
        return f"<p>{escape(self.title)}</p>{table}<p><small>{escape(self.note)}</small></p>"


def plan(
    *,
    years: tuple[int, int],
    junctures: Mapping[str, int],
    rho: Sequence[float] = RHOS,
    effect: float | None = None,
    trend: str = "linear",
    alternative: str = "greater",
    alpha: float = 0.05,
    series: int = 20_000,
    law: int = LAW,
    seed: int = SEED,
) -> Outlook:
    """Say what steps at these dates could show, before there are any data.

    One row for each autocorrelation and step: size, power against steps of .5, 1, 2 and 3 sd of the
    errors, the step found four times in five, and the last year of data from which `effect` is.
    That year takes a search over designs, and is left out where no effect is named.

    Args:
        years: First and last year of the series to come.
        junctures: First year counted as after, by name.
        rho: Autocorrelations that the series may have.
        effect: In sd, for the year from which it is found; None for no such year.
        trend: "none", "linear" or "quadratic".
        alternative: "greater", "less" or "two-sided".
        alpha: Level of the test.
        series: Simulated series behind each rate.
        law: Simulated series at each node of the null law.
        seed: Of all simulated series.

    Raises:
        DesignError: The dates and years make no design.
        UsageError: An option has a value there is not.
    """
    _check(rho, alternative)
    shelf = LawShelf(seed=seed, series=law)
    quick = replace(shelf, series=min(QUICK, law), _laws={})
    prospects = plan_steps(
        years, junctures, rho, trend=trend, alternative=alternative, alpha=alpha, shelf=shelf,
        series=series,
    )  # fmt: skip
    decided = {
        each: first_deciding_year(
            years[0],
            junctures,
            each,
            effect=effect,
            trend=trend,
            alternative=alternative,
            alpha=alpha,
            shelf=quick,
            series=min(5_000, series),
        )
        for each in rho
        if effect is not None
    }
    rows = [
        {
            "rho": one.rho,
            "term": one.term,
            "size": one.size,
            **{f"power {size:g} sd": one.power[size] for size in EFFECTS},
            "detectable": one.detectable,
        }
        for one in prospects
    ]
    table = pd.DataFrame(rows).set_index(["rho", "term"])
    last = ""
    if effect is not None:
        found = [decided[one.rho][one.term] for one in prospects]
        table["decided from"] = pd.array(found, dtype="Int64")
        last = (
            f"; decided from: last year of data with which {effect:g} sd is found four times in "
            "five, blank where no year will do"
        )
    return Outlook(
        title=f"Steps in {join_words(map(str, junctures.values()))}, {years[0]}-{years[1]}",
        table=table,
        note=(
            f"p against {alternative} at {100 * alpha:g} %, {trend} trend; {series:,} simulated "
            f"series behind each rate; effects in sd of the errors{last}."
        ),
    )


def false_positives(
    *,
    years: tuple[int, int],
    junctures: Mapping[str, int],
    rho: Sequence[float] = RHOS,
    trend: str = "linear",
    alternative: str = "greater",
    alpha: float = 0.05,
    series: int = 20_000,
    law: int = LAW,
    seed: int = SEED,
) -> Outlook:
    """Count how often each test finds a step in series in which nothing happens.

    Args:
        years: First and last year.
        junctures: First year counted as after, by name.
        rho: Autocorrelations of the series.
        trend: "none", "linear" or "quadratic".
        alternative: "greater", "less" or "two-sided".
        alpha: Level of the tests.
        series: Series drawn at each rho.
        law: Simulated series at each node of the null law of this toolkit's test.
        seed: Of all simulated series.

    Raises:
        DesignError: The dates and years make no design.
        UsageError: An option has a value there is not.
    """
    _check(rho, alternative)
    design = blank_design(years, junctures, trend)
    layout, contrasts, terms = design.layout, design.contrasts, design.terms
    known = LawShelf(seed=seed, series=law).law(layout, contrasts, design.joint)
    share = alpha / 2 if alternative == "two-sided" else alpha
    bound = critical_t(layout.n_obs, layout.n_terms, share)
    sign = -1.0 if alternative == "less" else 1.0
    rows = []
    for each in rho:
        errors = simulate_errors(
            layout, rho=each, kappa=1.0, seed=seed, stream="false-positives", series=series
        )
        with one_thread():
            fits = fit_ar1(errors, layout, contrasts, design.joint)
            usual = {
                OLS: sign * ols_statistics(errors, layout.regressors, contrasts),
                NEWEY_WEST: sign * newey_west_statistics(errors, layout.regressors, contrasts),
            }
        for at, term in enumerate(terms):
            reach = reach_of_steps(fits, known, contrast=at, alternative=alternative, alpha=alpha)
            rates = {
                name: float(((abs(t) if alternative == "two-sided" else t)[:, at] >= bound).mean())
                for name, t in usual.items()
            }
            rows.append({"rho": each, "term": term, **rates, THIS: reach.found()})
    return Outlook(
        title=(f"Found where nothing happens, {years[0]}-{years[1]}, nominal {100 * alpha:g} %"),
        table=pd.DataFrame(rows).set_index(["rho", "term"]),
        note=(
            f"{series:,} normal AR(1) series at each rho, p against {alternative}, {trend} trend; "
            f"Monte Carlo error of a rate of {alpha:g}: {(alpha * (1 - alpha) / series) ** 0.5:.4f}"
        ),
    )


def second_opinions(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    junctures: Mapping[str, int],
    term: str = "",
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    trend: str = "linear",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = 19_999,
    series: int = 20_000,
    seed: int = SEED,
) -> Opinions:
    """Read one step by many methods, each with how often it finds what is not there.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        unit: A unit of the panel, such as "CHN-RUS".
        junctures: First year counted as after, by name.
        term: A juncture or "total"; the first juncture by default.
        controls: Unit by variable.
        transform: Of the outcome; as in `steps`.
        trend: "none", "linear" or "quadratic".
        alternative: "greater", "less" or "two-sided".
        alpha: Level at which false positives are counted.
        period: First and last year; None for all there are.
        draws: Null series behind this toolkit's p-value.
        series: Null series of this very design behind each false-positive rate.
        seed: Of all simulated series.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, alternative, alpha, period, draws, seed)
    design = steps_design(
        asked.series(outcome, unit, transform),
        junctures,
        name=f"{outcome} of {unit}",
        trend=trend,
        controls=asked.controls(controls),
    )
    shelf = asked.shelf
    test = calibrate_steps(design, shelf, draws=draws)
    asked_term = term or next(iter(junctures))
    return tabulate_opinions(
        test, asked_term, shelf, alternative=alternative, alpha=alpha, series=series
    )


def _check(rho: Sequence[float], alternative: str) -> None:
    if alternative not in ALTERNATIVES:
        known = join_words(ALTERNATIVES)
        raise UsageError(f'There is no alternative "{alternative}"; known are {known}.')
    if not rho or not all(-0.6 <= each <= 0.98 for each in rho):
        raise UsageError("Autocorrelations lie within -0.6 and 0.98; give at least one.")
