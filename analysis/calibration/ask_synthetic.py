"""Ask in words how a unit parted from donors that are like it in predictors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.gap_methods import SLACK, refuse_rank
from analysis.design.synthetic_control import (
    Predictor,
    SyntheticControlDesign,
    synthetic_control_design,
)
from analysis.errors import UsageError
from analysis.estimation.synthetic_control import (
    PredictorFit,
    fit_placebos,
    fit_synthetic_control,
    root_mean_squares,
)
from analysis.estimation.synthetic_control_result import SyntheticControlResult
from analysis.panel.panel import Panel
from analysis.panel.transform import outcome_unit


def synthetic_control(
    panel: Panel,
    *,
    outcome: str,
    unit: str,
    donors: Sequence[str],
    juncture: int,
    predictors: Sequence[Predictor],
    matched: tuple[int, int] | None = None,
    transform: str = "none",
    period: tuple[int, int] | None = None,
    source: str | None = None,
    alpha: float = 0.05,
    jobs: int = 1,
) -> SyntheticControlResult:
    """Weight donors to be like a unit before a juncture, and say how far it then parted from them.

    The synthetic control of Abadie, Diamond & Hainmueller (2010, J. Am. Stat. Assoc. 105, 493-505,
    doi:10.1198/jasa.2009.ap08746), fitted by `pysyncon.Synth` from equal importance; each donor is
    put in the place of the treated unit, with the other donors as its own, which takes some
    seconds each where predictors are many. Its p-value is the rank of the ratio of RMSPEs. It never
    decides a verdict: the calibrated test of `gap` does, which knows the gap's autocorrelation.

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        unit: The treated unit, such as "CHN-RUS".
        donors: Units that should not show the effect; each needs the outcome in every year that the
            treated unit has it.
        juncture: First year counted as after.
        predictors: Variables, each averaged over the years of the period before the juncture; or
            (variable, first year, last year) for other years before it. Years in which no unit has
            a value are passed over. The outcome may be among them, and is then transformed.
        matched: First and last year of the outcome that importance is chosen on; None for all
            before the juncture.
        transform: Of the outcome; as in `gap`.
        period: First and last year; None for all there are.
        source: One source of the outcome; None for the preferred ones.
        alpha: Level that the rank must be able to come down to: 1 / (1 + donors).
        jobs: Processes for the placebos; the result is the same for any number.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable, unit or source, or alpha is out of range.
    """
    if not 0 < alpha < 0.5:
        raise UsageError(f"alpha is {alpha:g}; it must lie between 0 and 0.5.")
    design = synthetic_control_design(
        panel,
        outcome=outcome,
        unit=unit,
        donors=donors,
        onset=juncture,
        predictors=predictors,
        matched=matched,
        transform=transform,
        period=period,
        source=source,
    )
    fit = fit_synthetic_control(design)
    values = design.outcome.to_numpy(dtype=float)
    synthetic = values[:, 1:] @ fit.weights
    gaps = np.vstack([values[:, 0] - synthetic, fit_placebos(design, jobs=jobs)])
    errors = root_mean_squares(gaps, design.before)
    ratios = errors[:, 1] / np.maximum(errors[:, 0], np.finfo(float).tiny)
    rank = int((ratios >= ratios[0] * (1 - SLACK)).sum())
    note = refuse_rank(len(donors), alpha)
    return SyntheticControlResult(
        outcome=outcome,
        unit=unit,
        measured_in=outcome_unit(transform, panel.codebook[outcome].measured_in or outcome),
        onset=juncture,
        matched=design.matched,
        path=pd.DataFrame(
            {"treated": values[:, 0], "synthetic": synthetic, "gap": gaps[0]},
            index=design.outcome.index,
        ),
        weights=pd.Series(fit.weights, index=list(donors), name="weight").sort_values(
            ascending=False, kind="stable"
        ),
        balance=_balance(design, fit),
        placebos=_placebos(design, errors, ratios),
        placebo_gaps=pd.DataFrame(gaps[1:].T, design.outcome.index, list(design.donors)),
        loss=fit.loss,
        lowest_loss=fit.lowest_loss,
        rmspe_before=float(errors[0, 0]),
        rmspe_after=float(errors[0, 1]),
        ratio=float(ratios[0]),
        rank=rank,
        p_value=float("nan") if note else rank / (1 + len(donors)),
        alpha=alpha,
        note=note,
        method=(
            f"Synthetic control of {len(donors)} donors on {len(design.predictors)} predictors, "
            f"fitted by pysyncon; importance sought from equal values by Nelder and Mead's method "
            f"on the outcome of {design.matched[0]}-{design.matched[1]}; p is the rank of the "
            "RMSPE ratio, after over before, among placebos, two-sided"
        ),
    )


def _balance(design: SyntheticControlDesign, fit: PredictorFit) -> pd.DataFrame:
    values = design.predictors.to_numpy(dtype=float)
    columns = {
        "importance": fit.importance,
        "treated": values[:, 0],
        "synthetic": values[:, 1:] @ fit.weights,
        "donor_mean": values[:, 1:].mean(axis=1),
    }
    return pd.DataFrame(columns, index=design.predictors.index)


def _placebos(
    design: SyntheticControlDesign, errors: NDArray[np.float64], ratios: NDArray[np.float64]
) -> pd.DataFrame:
    columns = {
        "rmspe_before": errors[1:, 0],
        "rmspe_after": errors[1:, 1],
        "ratio": ratios[1:],
    }
    return pd.DataFrame(columns, index=pd.Index(design.donors, name="donor"))
