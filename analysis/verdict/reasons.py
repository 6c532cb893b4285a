"""Say in one sentence why a claim got its finding, with the numbers that decided."""

import math

from analysis.calibration.tested import Measured
from analysis.verdict.rule import LARGEST_SIZE, LEAST_POWER, Decision, Evidence, Finding
from analysis.verdict.trial import Trial


def reason(
    decision: Decision, evidence: Evidence, trial: Trial | None, measured: Measured | None
) -> str:
    """One sentence a reader can check; for a refusal the message of the refusal."""
    if trial is None or measured is None:
        return evidence.refusal or ""
    sentence = _because(decision, evidence, trial, measured)
    return sentence + _note(trial) + _guard(measured) + _unchecked(decision, evidence)


def _because(d: Decision, e: Evidence, trial: Trial, measured: Measured) -> str:
    wide, narrow = _percent(1 - e.alpha), _percent(1 - 2 * e.alpha)
    size, ruled_out = _size(trial), _ruled_out(trial)
    sentences = {
        "other side of zero": f"The {wide} interval lies wholly on the other side of no effect.",
        "power at claim": (
            f"An effect of the claimed size would be found in {_percent(measured.power_at_claim)} "
            f"of cases only; {_percent(LEAST_POWER)} is the least that makes a test."
        ),
        "smaller than matters": (
            f"The {narrow} interval excludes effects of {ruled_out} or more in either direction: "
            "whatever is there is smaller than what was declared to matter."
        ),
        "all of support": (
            f"The corrected p is {_p(e.p_adjusted)}, at most {e.alpha:g}, and the estimate is at "
            f"least half of {size}."
        ),
        "effect of S rejected": (
            f"An effect of {ruled_out} or more is rejected after correction, "
            f"p {_p(e.p_size_adjusted)}."
        ),
    }
    if d.finding is Finding.INCONCLUSIVE:
        return _open(d, e, trial, measured)
    return sentences[d.because]


def _open(d: Decision, e: Evidence, trial: Trial, measured: Measured) -> str:
    missing = {
        "corrected p": f"The corrected p is {_p(e.p_adjusted)}, above {e.alpha:g}",
        "large enough": f"The estimate is below half of {_size(trial)}",
        "looks agree": "Fewer than three quarters of the looks agree",
        "placebos pass": "Placebos are supported more often than the level allows",
        "gap agrees": "The gap to the comparison units does not show it",
    }[d.because]
    sentence = (
        f"{missing}; an effect of the claimed size would be found in "
        f"{_percent(measured.power_at_claim)} of cases taken alone and in "
        f"{_percent(measured.power_rule)} after correction"
    )
    if math.isnan(measured.detectable):
        return f"{sentence}."
    detectable = trial.unit.from_outcome(measured.detectable)
    return f"{sentence}; taken alone, one of {detectable:.3g}{_word(trial)} four times in five."


def _size(trial: Trial) -> str:
    declared = trial.hypothesis.smallest_effect
    if math.isnan(declared):  # the design sets S, on the transformed outcome
        declared = trial.unit.from_outcome(trial.smallest_effect)
    return f"{declared:g}{_word(trial)}"


def _ruled_out(trial: Trial) -> str:
    """S as it is ruled out; where it is the smallest that rho allows, what it is called says so."""
    if trial.unit.name != "sd":
        return _size(trial)
    return (
        f"{trial.rejected_effect:.3g} {trial.unit.outcome}, the smallest that "
        f"{trial.hypothesis.smallest_effect:g} sd may be,"
    )


def _word(trial: Trial) -> str:
    words = {"sd": " sd", "rate_ratio": " times", "points": " points"}
    return words.get(trial.unit.name, f" {trial.unit.outcome}")


def _note(trial: Trial) -> str:
    return f" {trial.test.note}" if trial.test.note else ""


def _guard(measured: Measured) -> str:
    if measured.worst_size <= LARGEST_SIZE:
        return ""
    return (
        f" The test finds {_percent(measured.worst_size, 1)} where nothing is, so the maximised p "
        "took the place of p."
    )


def _unchecked(d: Decision, e: Evidence) -> str:
    absent = [
        words
        for words, value in (
            ("looks", e.looks_agree),
            ("placebos", e.placebos),
            ("comparison units", e.gap),
        )
        if value is None
    ]
    if not absent or d.finding is Finding.UNTESTABLE:
        return ""
    listed = absent[0] if len(absent) == 1 else f"{', '.join(absent[:-1])} and {absent[-1]}"
    return f" Not checked, as none were declared or available: {listed}."


def _percent(share: float, decimals: int = 0) -> str:
    return f"{100 * share:.{decimals}f} %"


def _p(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"{p:.3f}"
