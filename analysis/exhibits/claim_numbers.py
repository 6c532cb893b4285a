"""The numbers of one claim: its verdict, field by field, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.finding_words import way_of
from analysis.exhibits.flip_numbers import number_flip
from analysis.exhibits.formats import (
    ABSENT,
    decimals_for,
    format_decimal,
    format_digest,
    format_estimate,
    format_interval,
    format_p,
    format_percent,
    format_years,
)
from analysis.exhibits.number import Number, Numbers, count, words
from analysis.exhibits.outlook_numbers import number_outlook

Verdict = Mapping[str, Any]

EFFECT_UNITS = {"sd": "sd", "rate_ratio": "times", "points": "points", "outcome": ""}
JUDGING_UNITS = {"multiples of S": "times S", "months": "months"}  # of designs that judge others
DIRECTIONS = {"greater": "an increase", "less": "a decrease", "two-sided": "a change"}
NO_SERIES = "Claims without a series"
CORRELATION_DECIMALS = 2


def number_claim(verdict: Verdict, alpha: float, facts: StudyFacts) -> Numbers:
    """Give the numbers of one verdict, each name prefixed by the claim's id."""
    fields = (
        _words(verdict, facts)
        | _effects(verdict, alpha)
        | _tests(verdict)
        | _errors(verdict)
        | _looks(verdict)
        | number_flip(verdict, facts)
        | number_outlook(verdict, facts)
    )
    return {f"{verdict['id']}.{name}": number for name, number in fields.items()}


def interval_names(alpha: float) -> tuple[str, str]:
    """Give the names of the outer and the inner interval in a verdict, in per cent.

    >>> interval_names(0.05)
    ('95', '90')
    """
    return f"{100 * (1 - alpha):g}", f"{100 * (1 - 2 * alpha):g}"


def outcome_of(verdict: Verdict, facts: StudyFacts) -> str:
    """Give the outcome in words: its label in the codebook."""
    if not verdict["outcome"]:
        return NO_SERIES
    return label_of(verdict["outcome"], verdict["units"], facts)


def label_of(variable: str, units: Sequence[str], facts: StudyFacts) -> str:
    """Give a variable in words."""
    series = facts.series_of(variable, units[0]) if units else None
    return series.label if series else facts.labels.get(variable, variable)


def term_of(verdict: Verdict, facts: StudyFacts) -> str:
    """Give the term in words: the short label of a juncture, else the term itself, else the name.

    >>> from datetime import date
    >>> facts = StudyFacts("", (), (1, 2), 1, date(2020, 1, 1), (), (), ())
    >>> term_of({"id": "J-01.joint-dates", "term": ""}, facts)
    'joint dates'
    """
    labels = {juncture.key: juncture.short for juncture in facts.junctures}
    term = str(verdict["term"] or "")
    return labels.get(term) or term.replace("_", " ") or split_id(verdict["id"])[1]


def split_id(key: str) -> tuple[str, str]:
    """Give the number of a claim in its register, and the name of the part in words.

    >>> split_id("J-01.joint-dates-composite"), split_id("J-01")
    (('J-01', 'joint dates composite'), ('J-01', 'J-01'))
    """
    register, _, part = key.partition(".")
    return register, part.replace("-", " ").replace("_", " ") or register


def unit_of(verdict: Verdict) -> str:
    """Give the unit of the estimate in words."""
    return short_unit_of(verdict) or str(verdict.get("outcome_unit") or ABSENT)


def short_unit_of(verdict: Verdict) -> str:
    """Give the unit of the estimate as it stands behind a number; empty for the outcome's own."""
    if verdict["effect_unit"]:
        return EFFECT_UNITS.get(verdict["effect_unit"], "")
    unit = str(verdict.get("outcome_unit") or "")
    return "points" if unit.startswith("share") else JUDGING_UNITS.get(unit, "")


def _words(verdict: Verdict, facts: StudyFacts) -> Numbers:
    outcome, term = outcome_of(verdict, facts), term_of(verdict, facts)
    register, name = split_id(verdict["id"])
    strength = verdict.get("strength")
    finding = verdict["finding"]
    emphasis = f" ({strength})" if strength in {"strong", "consistent"} else ""
    texts = {
        "id": verdict["id"],
        "register": register,
        "name": _name(verdict, facts) or name,
        "title": facts.titles.get(register) or _name(verdict, facts) or name,
        "claim": verdict["claim"],
        "claimed_in": ", ".join(
            part for part in (cite(verdict.get("paper"), facts), verdict.get("locator")) if part
        ),
        "design": str(verdict["design"]).replace("_", " "),
        "direction": DIRECTIONS.get(verdict["alternative"], ABSENT),
        "effect_unit": unit_of(verdict),
        "short_unit": short_unit_of(verdict),
        "exposure": _exposure(verdict, facts),
        "family": verdict["family"],
        "finding": finding,
        "finding_word": way_of(verdict) + emphasis,
        "label": f"{outcome}, {term}" if verdict["outcome"] else name,
        "method": verdict.get("method") or ABSENT,
        "outcome": outcome,
        "outcome_unit": verdict.get("outcome_unit") or ABSENT,
        "reason": verdict["reason"],
        "role": verdict["role"],
        "scale": _scale(verdict),
        "term": term,
        "units": ", ".join(verdict["units"]),
    }
    return {name: words(str(text)) for name, text in texts.items()}


def _name(verdict: Verdict, facts: StudyFacts) -> str:
    """Name a claim on two series by them; others have their name in their id."""
    exposure = _exposure(verdict, facts)
    return "" if exposure == ABSENT else f"{exposure} → {outcome_of(verdict, facts)}"


def cite(paper: str | None, facts: StudyFacts) -> str:
    """Give a paper as it is cited; a key that no bibliography has as it stands."""
    citation = facts.citations.get(paper or "")
    return citation.short if citation else str(paper or "")


def _exposure(verdict: Verdict, facts: StudyFacts) -> str:
    variable = verdict.get("exposure") or ""
    if not variable:
        return ABSENT
    return label_of(variable, [str(verdict.get("exposure_unit") or "")], facts)


def _scale(verdict: Verdict) -> str:
    """Say what the model's scale is and what one unit of effect is on it."""
    unit, conversion = verdict.get("outcome_unit") or "", verdict.get("conversion_words") or ""
    return conversion if unit and unit in conversion else unit or ABSENT


def _effects(verdict: Verdict, alpha: float) -> Numbers:
    numbers = _effects_in(verdict, "", alpha) | _effects_in(verdict, "_outcome", alpha)
    for name in ("smallest_effect", "claimed_effect", "minimum_detectable_effect", "conversion"):
        value = verdict.get(name)
        numbers[name] = Number(value=value, text=format_estimate(value))
    return numbers


def _effects_in(verdict: Verdict, scale: str, alpha: float) -> Numbers:
    """Give estimate, error and intervals on one scale.

    They share their decimals, except for ratios, whose ends may lie orders of magnitude apart.
    """
    estimate = verdict.get(f"estimate{scale}")
    std_error = verdict.get(f"std_error{scale}")
    outer, inner = interval_names(alpha)
    intervals = verdict.get(f"intervals{scale}") or {}
    wide, narrow = intervals.get(outer), intervals.get(inner)
    ends = [end for pair in (wide, narrow) if pair for end in pair if end is not None]
    drawn = ends + ([] if estimate is None else [estimate])
    is_ratio = not scale and verdict["effect_unit"] == "rate_ratio"
    decimals = None if is_ratio else decimals_for(drawn)
    numbers = {
        f"estimate{scale}": Number(value=estimate, text=format_decimal(estimate, decimals)),
        f"std_error{scale}": Number(value=std_error, text=format_decimal(std_error, decimals)),
    }
    for name, pair in ((f"interval{scale}", wide), (f"inner_interval{scale}", narrow)):
        low, high = pair or (None, None)
        numbers[name] = Number(value=pair, text=format_interval(low, high, decimals))
    return numbers


def _tests(verdict: Verdict) -> Numbers:
    numbers: Numbers = {}
    for name in ("p_value", "p_adjusted", "p_maximised", "p_shift"):
        numbers[name] = Number(value=verdict.get(name), text=format_p(verdict.get(name)))
    for name in ("size", "size_mc_error"):
        value = verdict.get(name)
        numbers[name] = Number(value=value, text=format_percent(value, decimals=1))
    for name in ("power", "power_at_claim", "power_rule", "coverage"):
        value = verdict.get(name)
        numbers[name] = Number(value=value, text=format_percent(value))
    ends = verdict.get("size_ends") or []
    text = " and ".join(format_percent(end, decimals=1) for end in ends) or ABSENT
    numbers["size_ends"] = Number(value=list(ends), text=text)
    numbers["size_series"] = count(verdict.get("size_series"))
    statistic = verdict.get("statistic")
    numbers["statistic"] = Number(value=statistic, text=format_estimate(statistic))
    first, last = verdict.get("first_year"), verdict.get("last_year")
    numbers["n_obs"] = count(verdict.get("n_obs"))
    numbers["years"] = Number(value=[first, last], text=format_years(first, last))
    return numbers


def _errors(verdict: Verdict) -> Numbers:
    """Give what was estimated of the errors, and the digest of the cells used."""
    model = verdict.get("error_model") or {}
    numbers: Numbers = {}
    for name in ("rho", "kappa"):
        value = model.get(name)
        text = ABSENT if value is None else format_decimal(value, CORRELATION_DECIMALS)
        numbers[name] = Number(value=value, text=text)
        pair = model.get(f"{name}_interval")
        low, high = pair or (None, None)
        text = format_interval(low, high, CORRELATION_DECIMALS)
        goes_on = model.get(f"{name}_interval_open") or (False, False)
        numbers[f"{name}_interval"] = Number(value=pair, text=_open_ends(text, goes_on))
    cells = verdict.get("cells") or {}
    for name in ("n", "recalled"):
        numbers[f"cells_{name}"] = count(cells.get(name))
    digest = cells.get("sha256")
    numbers["cells_sha256"] = Number(value=digest, text=format_digest(digest))
    return numbers


def _open_ends(interval: str, goes_on: Sequence[bool]) -> str:
    """Mark the ends at which an interval reaches the edge of what was simulated.

    >>> _open_ends("0.70 to 0.98", (False, True))
    '0.70 to ≥ 0.98'
    """
    low, to, high = interval.partition(" to ")
    return f"{'≤ ' * goes_on[0]}{low}{to}{'≥ ' * goes_on[1]}{high}"


def _looks(verdict: Verdict) -> Numbers:
    robustness = verdict.get("robustness") or {}
    looks = robustness.get("looks") or []
    n, agree = robustness.get("n") or 0, robustness.get("agree")
    text = f"{agree} of {n}" if n else "none declared"
    paths, joint_p = robustness.get("paths") or {}, robustness.get("joint_p")
    numbers: Numbers = {
        "looks": Number(value=[agree, n], text=text),
        "joint_p": Number(value=joint_p, text=format_p(joint_p)),
        "paths_n": count(paths.get("n")),
        "paths_refused": count(paths.get("refused")),
        "paths_draws": count(paths.get("draws")),
    }
    for field in ("smallest", "median", "largest"):  # of the curve, where there is one
        numbers[f"paths_{field}"] = words(ABSENT)
    for field in ("same_sign", "found"):
        share = paths.get(field)
        numbers[f"paths_{field}"] = Number(value=share, text=format_percent(share))
    for place, look in enumerate(looks, start=1):
        estimate, p_value = look.get("estimate"), look.get("p_value")
        agrees = look.get("agrees")
        word = {True: "agrees", False: "no"}.get(agrees, "not available")
        is_counted = agrees is None or look.get("counted", True)
        name = look["name"] + ("" if is_counted else " (not counted)")
        numbers[f"look_{place}.name"] = words(name)
        numbers[f"look_{place}.estimate"] = Number(value=estimate, text=format_estimate(estimate))
        numbers[f"look_{place}.p_value"] = Number(value=p_value, text=format_p(p_value))
        numbers[f"look_{place}.agrees"] = Number(value=agrees, text=word)
    return numbers
