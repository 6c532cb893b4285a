"""A verdict as it is written down."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.calibration.multiverse import Multiverse
from analysis.calibration.tested import Measured
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.effect import EffectUnit
from analysis.verdict.fact import FactFinding
from analysis.verdict.flip import Flip
from analysis.verdict.looks import GapSeen, Glance, share
from analysis.verdict.rule import LOOK_P, Condition, Decision, Finding
from analysis.verdict.trial import Trial

Interval = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What was found for one hypothesis, and everything it rests on.

    Attributes:
        hypothesis: As declared.
        trial: Fit and reading; None where the design refused.
        measured: Size, power and detectable effect; None where the design refused.
        decision: Finding, strength and the condition that decided.
        conditions: Every condition of the rule with its number.
        reason: One sentence a reader can check.
        p_adjusted: Corrected in the family and not below the gate's.
        glances: The declared looks.
        gap: The gap to the comparison units, where declared and available.
        cells: Number, recalled number and digest of the observations used.
        fact: What the data say, for statements of fact.
        paths: The claim along every path its looks make; None where there are none.
        flip: What turns the finding; None where it was not searched.
    """

    hypothesis: Hypothesis
    trial: Trial | None
    measured: Measured | None
    decision: Decision
    conditions: tuple[Condition, ...]
    reason: str
    p_adjusted: float | None
    glances: tuple[Glance, ...]
    gap: GapSeen | None
    cells: Mapping[str, object]
    fact: FactFinding | None = None
    paths: Multiverse | None = None
    flip: Flip | None = None

    @property
    def finding(self) -> str:
        return self.decision.finding.value

    @property
    def _is_untestable(self) -> bool:
        return self.decision.finding is Finding.UNTESTABLE

    def to_dict(self) -> dict[str, object]:
        """The fields of the contract, and what the report needs beside them."""
        strength = self.decision.strength
        return {
            **_declared(self.hypothesis),
            "finding": self.finding,
            "strength": None if strength is None else strength.value,
            "reason": self.reason,
            **self._estimates(),
            **_operating(self.measured, self.trial),
            "robustness": (
                _robustness((), None)
                if self._is_untestable
                else _robustness(self.glances, self.paths)
            ),
            "gap": None if self._is_untestable else _gap(self.gap),
            "fact": None if self.fact is None else self.fact.to_dict(),
            "flip": None if self._is_untestable else _flip(self.flip, self.hypothesis),
            "cells": dict(self.cells),
            "conditions": [
                {"name": c.name, "holds": c.holds, "value": c.value, "bound": c.bound}
                for c in self.conditions
                if not self._is_untestable or c.name in REFUSING
            ],
        }

    def paths_dict(self) -> dict[str, object] | None:
        """The claim along every path of its looks; None where none were asked or it is untestable.

        Each path stands under its name with estimate, t, p and number of observations; the estimate
        is in marginal sds of that path's own errors, positive in the claimed direction.
        """
        if self.paths is None or self._is_untestable:
            return None
        table = self.paths.table
        return {
            "columns": list(PATH_COLUMNS),
            "joint_p": self.paths.joint_p,
            "joint_statistic": self.paths.joint_statistic,
            "draws": self.paths.draws,
            "paths": {
                str(name): [table.at[name, column] for column in PATH_COLUMNS]
                for name in table.index
            },
            "refused": dict(self.paths.refused),
        }

    def _estimates(self) -> dict[str, object]:
        """What was estimated; a claim found untestable shows no estimate."""
        if self.trial is None:
            return dict.fromkeys((*ESTIMATE, *FIT, "p_adjusted"))
        estimate = _estimate(self.trial) | {"p_adjusted": self.p_adjusted}
        if self._is_untestable:
            estimate = dict.fromkeys(estimate)
        return {**estimate, **_fit(self.trial)}


def _declared(h: Hypothesis) -> dict[str, object]:
    return {
        "id": h.id,
        "claim": h.claim,
        "paper": h.paper,
        "locator": h.locator,
        "role": h.role,
        "family": h.family,
        "gate": h.gate,
        "beside": h.beside,
        "design": h.design,
        "outcome": h.outcome,
        "transform": h.transform,
        "trend": h.trend,
        "junctures": list(h.junctures),
        "units": list(h.units),
        "term": h.term,
        "alternative": h.alternative,
        "alpha": h.alpha,
        "effect_unit": h.effect_unit,
        "smallest_effect": h.smallest_effect,
        "claimed_effect": h.claimed_effect,
    }


PATH_COLUMNS = ("estimate", "t", "p_value", "n_obs")
REFUSING = ("design answers", "power at claim")  # what a claim found untestable may show
ESTIMATE = (
    "estimate", "std_error", "intervals", "estimate_outcome", "std_error_outcome",
    "intervals_outcome", "statistic", "p_value", "p_maximised", "p_shift",
)  # fmt: skip
FIT = (
    "outcome_unit", "conversion", "conversion_words", "rejected_effect", "method", "n_obs",
    "first_year", "last_year", "error_model",
)  # fmt: skip


def _estimate(trial: Trial) -> dict[str, object]:
    h, r, unit = trial.hypothesis, trial.reading, trial.unit
    outer, inner = f"{100 * (1 - h.alpha):g}", f"{100 * (1 - 2 * h.alpha):g}"
    return {
        "estimate": unit.from_outcome(r.estimate),
        "std_error": unit.error_from_outcome(r.std_error),
        "intervals": {outer: _in_unit(r.wide, unit), inner: _in_unit(r.narrow, unit)},
        "estimate_outcome": r.estimate,
        "std_error_outcome": r.std_error,
        "intervals_outcome": {outer: list(r.wide), inner: list(r.narrow)},
        "statistic": r.statistic,
        "p_value": r.p_value,
        "p_maximised": r.p_maximised,
        "p_shift": r.p_shift,
    }


def _fit(trial: Trial) -> dict[str, object]:
    unit, years = trial.unit, trial.test.years
    return {
        "outcome_unit": unit.outcome,
        "conversion": unit.width,
        "conversion_words": unit.words,
        "rejected_effect": unit.from_outcome(trial.rejected_effect),
        "method": trial.test.method,
        "n_obs": len(years),
        "first_year": int(years[0]),
        "last_year": int(years[-1]),
        "error_model": dict(trial.test.error_model),
    }


def _in_unit(interval: Interval, unit: EffectUnit) -> list[float]:
    return [unit.from_outcome(end) for end in interval]


def _operating(measured: Measured | None, trial: Trial | None) -> dict[str, object]:
    if measured is None or trial is None:
        names = (
            "size", "size_mc_error", "size_ends", "size_series", "coverage", "power",
            "power_at_claim", "power_rule", "minimum_detectable_effect", "usual_sizes",
        )  # fmt: skip
        return dict.fromkeys(names)
    return {
        "size": measured.size,
        "size_mc_error": measured.size_mc_error,
        "size_ends": list(measured.size_ends),
        "size_series": measured.series,
        "coverage": measured.coverage,
        "power": measured.power,
        "power_at_claim": measured.power_at_claim,
        "power_rule": measured.power_rule,
        "minimum_detectable_effect": trial.unit.from_outcome(measured.detectable),
        "usual_sizes": dict(measured.usual),
    }


def _robustness(glances: tuple[Glance, ...], paths: Multiverse | None) -> dict[str, object]:
    counted = [each for each in glances if each.counted]
    return {
        "n": len(counted),
        "agree": sum(bool(each.agrees) for each in counted),
        "share": share(glances, "agrees"),
        "joint_p": None if paths is None else paths.joint_p,
        "paths": None
        if paths is None
        else {
            "n": len(paths.table),
            "refused": len(paths.refused),
            "same_sign": paths.same_sign,
            "found": paths.found(LOOK_P),
            "draws": paths.draws,
        },
        "looks": [
            {
                "name": each.name,
                "changes": list(each.changes),
                "estimate": each.estimate,
                "outcome_unit": each.unit,
                "p_value": each.p_value,
                "agrees": each.agrees,
                "counted": each.counted,
                "reason": each.reason,
            }
            for each in glances
        ],
    }


def _flip(flip: Flip | None, hypothesis: Hypothesis) -> dict[str, object] | None:
    if flip is None:
        return None
    cell, since = flip.cell, flip.since_onset
    outcome = hypothesis.outcome
    return {
        "cell": None
        if cell is None
        else {
            "unit": cell.unit or hypothesis.units[0],
            "variable": cell.variable or outcome,
            "year": cell.year,
            "from": cell.before,
            "to": cell.after,
            "percent": cell.percent,
            "finding": cell.finding,
            **({"source": cell.source} if cell.source else {}),
        },
        "since_onset": None
        if since is None
        else {
            "percent": since.percent,
            "finding": since.finding,
            **({"unit": since.unit} if since.unit else {}),
        },
        "years_left_out": None
        if flip.years is None
        else {str(year): finding for year, finding in flip.years.items()},
        "values_altered": flip.altered,
        "events_left_out": None if flip.events is None else dict(flip.events),
        "one_event_more": flip.one_more or None,
        "tested": flip.tested,
        "sources": dict(flip.sources),
    }


def _gap(gap: GapSeen | None) -> dict[str, object] | None:
    if gap is None or gap.reason:
        return None
    return {"units": list(gap.units), "estimate": gap.effect, "p_value": gap.p_value}
