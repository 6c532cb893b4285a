"""The lines that figures draw: observed, fitted, and what the series would be without the step."""

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.steps import StepsTest
from analysis.calibration.terms import TermsTest
from analysis.panel.transform import back_transform
from analysis.verdict.ground import Ground
from analysis.verdict.record import Verdict
from analysis.verdict.rule import Finding
from analysis.verdict.trial import Trial

FloatArray = NDArray[np.float64]


def curves_of(verdict: Verdict, ground: Ground) -> dict[str, object] | None:
    """Lines of one claim in the outcome's own unit; None where no dated steps were estimated.

    The counterfactual takes the claim's step (or all steps, for the total) out of the fitted line
    from the onset on; its bounds take the ends of the 1 - alpha interval out instead.
    """
    trial = verdict.trial
    untestable = verdict.decision.finding is Finding.UNTESTABLE
    if trial is None or untestable or trial.term == "joint":
        return None
    test = trial.test
    if not isinstance(test, StepsTest) or isinstance(test, TermsTest):
        return None
    h, design = trial.hypothesis, test.design
    onsets = {h.term: design.onsets[h.term]} if h.term in design.onsets else dict(design.onsets)
    onset = min(onsets.values())
    after = design.years >= onset
    low, high = trial.reading.wide
    return {
        "unit": h.units[0],
        "outcome": h.outcome,
        "term": h.term,
        "years": [int(year) for year in design.years],
        "observed": trial.raw.to_list(),
        "fitted": _back(trial, test.fitted),
        "counterfactual": _without(trial, test.fitted, trial.reading.estimate, after),
        "counterfactual_low": _without(trial, test.fitted, high, after),
        "counterfactual_high": _without(trial, test.fitted, low, after),
        "onset": int(onset),
        "junctures": {name: int(year) for name, year in design.onsets.items()},
        "axis_label": _axis_label(trial, ground),
    }


def _without(
    trial: Trial, fitted: FloatArray, effect: float, after: NDArray[np.bool_]
) -> list[float | None]:
    values = _back(trial, fitted - effect * after)
    return [value if later else None for value, later in zip(values, after, strict=True)]


def _back(trial: Trial, values: FloatArray) -> list[float]:
    restored = back_transform(values, trial.hypothesis.transform, trial.raw.to_numpy(dtype=float))
    return [float(value) for value in restored]


def _axis_label(trial: Trial, ground: Ground) -> str:
    variable = ground.panel.codebook[trial.hypothesis.outcome]
    return f"{variable.label} ({variable.measured_in})"
