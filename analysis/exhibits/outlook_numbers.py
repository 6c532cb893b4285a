"""What data would decide a claim: years of this series, or series like it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from analysis.calibration.outlook import (
    BEND,
    FARTHEST,
    STEP,
    TOTAL,
    Situation,
    count_deciding_series,
    find_deciding_year,
)
from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.formats import ABSENT, format_count
from analysis.exhibits.number import Number, Numbers, words

SHAPES = {  # of designs whose term is dated in one series
    "steps": STEP, "counts": STEP, "shares": STEP, "gap": STEP, "lags": STEP, "asymmetry": STEP,
    "kink": BEND,
}  # fmt: skip
LARGE_SAMPLE = 2.5  # detectable effect over standard error where the latter is not given
NEVER = "none would"
NOW = "these do"  # the data at hand find the claimed size four times in five

Verdict = Mapping[str, Any]


def number_outlook(verdict: Verdict, facts: StudyFacts) -> Numbers:
    """Give the year of data and the number of series that would decide the claim.

    Both are of a test taken alone, at the size claimed, found four times in five.
    """
    sizes = _sizes(verdict)
    n_series = (
        None if sizes is None else count_deciding_series(detectable=sizes[0], effect=sizes[1])
    )
    year, text = _year(verdict, sizes, facts)
    more = None if year is None else year - int(verdict["last_year"])
    return {
        "series_needed": Number(value=n_series, text=format_count(n_series)),
        "deciding": words(_say(n_series, text)),
        "year_needed": Number(value=year, text=text),
        "years_needed": Number(value=more, text=ABSENT if more is None else format_count(more)),
    }


def _say(n_series: int | None, year: str) -> str:
    """Say what would decide, in a sentence."""
    if n_series is None:
        return "Not known: the design has no effect that it finds four times in five."
    many = "One series" if n_series == 1 else f"{format_count(n_series)} independent series"
    alone = f"{many} like the one at hand would find the size claimed four times in five"
    if year == NOW:
        return "The data at hand find the size claimed four times in five, taken alone."
    if year == NEVER:
        return f"{alone}; {FARTHEST} more years of this one would not."
    return f"{alone}{'' if year == ABSENT else f', or data of this one up to {year}'}."


def _sizes(verdict: Verdict) -> tuple[float, float] | None:
    """The detectable and the claimed effect, ratios as logs."""
    pair = [verdict.get("minimum_detectable_effect"), verdict.get("claimed_effect")]
    if verdict.get("effect_unit") == "rate_ratio":
        pair = [None if each is None or each <= 0 else math.log(each) for each in pair]
    sizes = [abs(each) for each in pair if each and math.isfinite(each)]
    return (sizes[0], sizes[1]) if len(sizes) == 2 else None


def _year(
    verdict: Verdict, sizes: tuple[float, float] | None, facts: StudyFacts
) -> tuple[int | None, str]:
    situation = _situation(verdict, facts)
    if situation is None or sizes is None:
        return None, ABSENT
    std_error = verdict.get("std_error") or sizes[0] / LARGE_SAMPLE
    year = find_deciding_year(
        situation,
        detectable=sizes[0],
        std_error=std_error,
        effect=sizes[1],
        alpha=verdict.get("alpha") or 0.05,
        two_sided=verdict["alternative"] == "two-sided",
    )
    if year is None:
        return None, NEVER
    return year, NOW if year == situation.years[1] else str(year)


def _situation(verdict: Verdict, facts: StudyFacts) -> Situation | None:
    model = verdict.get("error_model") or {}
    known = {juncture.key: juncture.onset for juncture in facts.junctures}
    onsets = {key: known[key] for key in verdict.get("junctures") or () if key in known}
    term = verdict.get("term")
    shape = SHAPES.get(verdict["design"])
    if shape is None or model.get("rho") is None or (term not in onsets and term != TOTAL):
        return None
    if not onsets or verdict.get("first_year") is None:
        return None
    return Situation(
        years=(int(verdict["first_year"]), int(verdict["last_year"])),
        onsets=onsets,
        term=str(term),
        rho=float(model["rho"]),
        kappa=float(model.get("kappa") or 1.0),
        trend=str(verdict.get("trend") or "linear"),
        shape=shape,
    )
