"""What a row of findings on screen says beside the finding word, so that it is not misread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from analysis.exhibits.claim_numbers import short_unit_of
from analysis.exhibits.finding_words import parting_of, way_of

Verdict = Mapping[str, Any]

LONGEST_UNIT = 12  # characters of a unit that a column of a table has room for
LONGEST_OWN_UNIT = 20
P_OF_DESIGN = {
    "relation": (
        "of a relation p is raised unless tests in levels, in differences and with lags added agree"
    ),
    "break_date": "of an unknown date p is 1 where the likeliest year is not one of those claimed",
    "order": (
        "of an order p is the largest of its steps, and a staircase has to beat every smooth rise"
    ),
    "mediation": "of a mediation p is the larger of its two links",
    "nonnested": "of rivals p is the larger of two comparisons, which both have to hold",
    "bounds": "of a long-run relation p is the larger of two tests that have to agree",
    "all_of": "of parts that all have to hold p is the largest",
    "counts": "of a count p is that of its root, the interval that of the ratio of the rates",
}
OTHER_P = "p is the largest of several tests that have to agree"
MAXIMISED = "where a test errs too often its largest p over the autocorrelation decides"
BY_SIGN = "by sign"
BY_SIZE = "by size"


def contradicted_by(verdict: Verdict) -> str:
    """Give how a claim is contradicted: by sign or by size; empty for others and for facts.

    >>> held = [{"name": "other side of zero", "holds": False}]
    >>> held += [{"name": "effect of S rejected", "holds": True}]
    >>> contradicted_by({"finding": "contradicted", "conditions": held})
    'by size'
    """
    if verdict["finding"] != "contradicted":
        return ""
    return way_of(verdict).removeprefix("contradicted").strip()


def why_p_is_larger(verdict: Verdict) -> str:
    """Say why p is above alpha although the interval leaves zero out; empty where it does not.

    The interval is that of the estimate alone; p is of everything the design asks for. Where only
    the corrected p is above alpha nothing is said: it stands beside p.
    """
    if verdict["finding"] == "untestable":
        return ""
    why = parting_of(verdict, verdict["alpha"])
    if why in ("", "opposite", "corrected"):
        return ""
    return MAXIMISED if why == "maximised" else P_OF_DESIGN.get(verdict["design"], OTHER_P)


def brief_unit(verdict: Verdict) -> str:
    """Give the unit of the estimate, cut to its kind where it is long.

    >>> brief_unit({"effect_unit": "outcome", "outcome_unit": "log(million US dollars)"})
    'log'
    """
    return _cut(_unit(verdict), r" of |[ (]")


def own_unit(verdict: Verdict) -> str:
    """Give the outcome's own unit where the estimate is in sd and this one is short when cut.

    >>> declared = {"transform": "none", "effect_unit": "sd"}
    >>> own_unit({**declared, "outcome_unit": "million USD of constant value"})
    'million USD'
    """
    unit = str(verdict.get("outcome_unit") or "")
    if verdict["transform"] != "none" or verdict["effect_unit"] != "sd" or unit == "sd":
        return ""
    brief = _cut(unit, r" of | \(")
    return brief if len(brief) <= LONGEST_OWN_UNIT else ""


def is_cut(verdict: Verdict) -> bool:
    """Whether `brief_unit` or `own_unit` leaves something out."""
    own = own_unit(verdict)
    return brief_unit(verdict) != _unit(verdict) or bool(own and own != verdict["outcome_unit"])


def _cut(unit: str, at: str) -> str:
    return unit if len(unit) <= LONGEST_UNIT else re.split(at, unit)[0]


def unit_of_field(verdict: Verdict, field: str) -> str:
    """Give the unit of one number of a claim; empty for those that have none.

    >>> verdict = {"effect_unit": "sd", "outcome_unit": "million US dollars"}
    >>> unit_of_field(verdict, "estimate"), unit_of_field(verdict, "estimate_outcome")
    ('sd', 'million US dollars')
    """
    measures = ("estimate", "std_error", "interval", "inner_interval")
    if field in (*measures, "smallest_effect", "claimed_effect", "minimum_detectable_effect"):
        return _unit(verdict)
    if field.removesuffix("_outcome") in measures:
        return str(verdict.get("outcome_unit") or "")
    return ""


def _unit(verdict: Verdict) -> str:
    return short_unit_of(verdict) or str(verdict.get("outcome_unit") or "")
