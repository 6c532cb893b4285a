"""Build the test of an exposure over all dyads from a panel and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.panel_checks import check_answerable
from analysis.calibration.panel_test import PanelTest
from analysis.calibration.panel_world import PanelWorld, panel_law, steady_scales
from analysis.design.dyad_panel import DyadPanel, dyad_panel
from analysis.errors import DesignError, UsageError
from analysis.estimation.panel_effects import effects_of
from analysis.estimation.panel_models import fit_rows
from analysis.estimation.poisson_panel import fit_poisson, informative_rows
from analysis.kernel.dyad_grid import DyadGrid
from analysis.kernel.two_way import Effects
from analysis.panel.panel import Panel
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
SEED = 20261121
MODELS = ("ols", "difference", "poisson")
MIN_DRAWS = 19


def panel_test(
    panel: Panel,
    *,
    outcome: str,
    exposure: str,
    units: Sequence[str] | None = None,
    effects: Sequence[str] = ("unit", "year"),
    lags: int = 0,
    model: str = "ols",
    moderator: str = "",
    controls: Sequence[str] = (),
    transform: str = "none",
    exposure_transform: str = "none",
    carry: Mapping[str, str] | None = None,
    period: tuple[int, int] | None = None,
    draws: int = 1_999,
    seed: int = SEED,
) -> PanelTest:
    """Lay a panel of dyads out and test the exposure in it.

    The terms are "exposure"; with lags also "lag 1" ... and "total"; with a moderator "exposure",
    "moderator" and "interaction". Effects are read for a rise of the exposure by its sd within
    dyads and years (of the moderator likewise, for interactions by both).

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of dyads.
        exposure: A variable of dyads, or of states with `carry`.
        units: Dyads; None for all.
        effects: "year", and "unit" except where the model is "difference".
        lags: The exposure enters at 0 to `lags` years earlier.
        model: "ols", "difference" or "poisson".
        moderator: Enters itself and times the exposure, both centred.
        controls: Further variables.
        transform: Of the outcome.
        exposure_transform: Of the exposure.
        carry: How variables of states become those of dyads; see `dyad_panel`.
        period: First and last year of the outcome.
        draws: Simulated outcomes behind each p-value.
        seed: Of all draws.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: A variable, unit or word is not known.
    """
    if model not in MODELS:
        raise UsageError(f'There is no model "{model}"; a test knows {join_words(MODELS)}.')
    if model == "poisson" and transform != "none":
        raise UsageError("A Poisson model has the logarithm in it; leave transform at none.")
    if draws < MIN_DRAWS:
        raise UsageError(f"{draws} draws are too few for a p-value; use {MIN_DRAWS} or more.")
    design = dyad_panel(
        panel,
        outcome=outcome,
        exposure=exposure,
        units=units,
        lags=lags,
        moderator=moderator,
        controls=controls,
        transform=transform,
        exposure_transform=exposure_transform,
        carry=carry,
        differenced=model == "difference",
        period=period,
    )
    return calibrate_panel(design, model=model, effects=effects, draws=draws, seed=seed)


def calibrate_panel(
    design: DyadPanel,
    *,
    model: str = "ols",
    effects: Sequence[str] = ("unit", "year"),
    draws: int = 1_999,
    seed: int = SEED,
) -> PanelTest:
    """Fit a panel that is laid out and simulate the law of t on it."""
    needed = {"year"} if model == "difference" else {"unit", "year"}
    if not needed <= set(effects):
        raise DesignError(
            f"Without effects of {join_words(sorted(needed))} the exposure cannot be told from "
            'what dyads have of their own or all share in a year; set effects = ["unit", "year"].'
        )
    names = ("year",) if model == "difference" else ("unit", "year")
    rows = informative_rows(design, names) if model == "poisson" else np.arange(len(design.y))
    design = _keep(design, rows)
    check_answerable(design, names)
    terms, contrasts = _terms(design)
    rows = np.arange(len(design.y))
    weights, response = np.ones(len(rows)), design.y
    observed = fit_rows(design, names, rows, poisson=model == "poisson")
    if model == "poisson":
        mean = _null_mean(design, names)
        weights, response = mean, (design.y - mean) / mean
    grid = panel_grid(design, weights, contrasts, unit_effects="unit" in names)
    on_grid = spread_out(design, response)
    fit = grid.fit(on_grid[None])
    estimates, std_errors = fit.estimates[0], fit.std_errors[0]
    if model == "poisson":
        final = panel_grid(design, observed.effects.weights, contrasts, unit_effects=True)
        errors = final.fit(spread_out(design, observed.residuals)[None])
        estimates, std_errors = contrasts @ observed.estimates, errors.std_errors[0]
    scale = steady_scales(grid, fit, seed)
    law = panel_law(PanelWorld(grid, scale, seed))
    rho, share = (float(value[0]) for value in law.unbiased(fit.rho, fit.share))
    ratio = law.world.pooled(fit.scale)[0] / law.world.pooled(scale[None])[0]
    world = PanelWorld(grid, scale * ratio / law.kept_at(rho, share), seed)
    law = replace(law, world=world)
    changes = _changes(grid, design, terms)
    return PanelTest(
        design=design,
        model=model,
        grid=grid,
        response=on_grid,
        terms=terms,
        changes=changes,
        estimates=estimates * changes,
        std_errors=std_errors * changes,
        fit=fit,
        law=law,
        rho=rho,
        share=share,
        rho_interval=law.rho_interval(float(fit.rho[0]), share),
        draws=world.fits(rho, share, "panel draws", draws),
    )


def _terms(design: DyadPanel) -> tuple[tuple[str, ...], FloatArray]:
    k = len(design.names)
    if design.interaction:
        return ("exposure", "moderator", "interaction"), np.eye(3, k)
    names = ["exposure", *(f"lag {years}" for years in range(1, design.exposures))]
    contrasts = np.eye(design.exposures, k)
    if design.exposures > 1:
        names.append("total")
        contrasts = np.vstack([contrasts, contrasts.sum(axis=0)])
    return tuple(names), contrasts


def _changes(grid: DyadGrid, design: DyadPanel, terms: tuple[str, ...]) -> FloatArray:
    """The sd of exposure, and of moderator, within dyads and years."""
    bare = DyadGrid(
        grid.weights, grid.regressors[:0], grid.contrasts[:0, :0], grid.members, grid.n_states,
        grid.unit_effects,
    )  # fmt: skip
    columns = grid.regressors[[0, 1 if design.interaction else 0]]
    sds = []
    for column in columns:
        left = bare.residuals(column)
        sds.append(float(np.sqrt((grid.weights * left**2).sum() / grid.weights.sum())))
    by_term = {"moderator": sds[1], "interaction": sds[0] * sds[1]}
    return np.array([by_term.get(term, sds[0]) for term in terms])


def _null_mean(design: DyadPanel, names: tuple[str, ...]) -> FloatArray:
    """Fitted means of the Poisson model without exposure, lags, moderator and interaction."""
    first = design.exposures + (2 if design.interaction else 0)
    rows = np.arange(len(design.y))

    def effects(weights: FloatArray) -> Effects:
        return effects_of(design, names, rows, weights)

    if first < len(design.names):
        fitted = fit_poisson(design.y, design.x[:, first:], effects)
    else:
        fitted = fit_poisson(design.y, np.empty((len(rows), 0)), effects)
    assert fitted.effects.weights is not None
    return fitted.effects.weights


def panel_grid(
    design: DyadPanel, weights: FloatArray | None, contrasts: FloatArray, *, unit_effects: bool
) -> DyadGrid:
    """The regressors of a panel on the grid of units and years, all weights 1 if None."""
    weights = np.ones(len(design.y)) if weights is None else weights
    regressors = np.stack([spread_out(design, column) for column in design.x.T])
    return DyadGrid(
        weights=spread_out(design, weights),
        regressors=regressors,
        contrasts=contrasts,
        members=design.members,
        n_states=len(design.states),
        unit_effects=unit_effects,
    )


def spread_out(design: DyadPanel, column: FloatArray) -> FloatArray:
    """A column on the grid of units and years, 0 in empty cells."""
    first, last = design.years
    out = np.zeros((len(design.units), last - first + 1))
    out[design.unit, design.year - first] = column
    return out


def _keep(design: DyadPanel, rows: NDArray[np.intp]) -> DyadPanel:
    """The panel with some of its rows, units and states numbered anew."""
    kept = np.unique(design.unit[rows])
    states = np.unique(design.members[kept])
    return replace(
        design,
        y=design.y[rows],
        x=design.x[rows],
        units=tuple(design.units[place] for place in kept),
        unit=np.searchsorted(kept, design.unit[rows]).astype(np.int64),
        year=design.year[rows],
        states=tuple(design.states[place] for place in states),
        members=np.searchsorted(states, design.members[kept]).astype(np.int64),
    )
