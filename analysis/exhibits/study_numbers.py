"""The numbers of the study as a whole: counts, spans, ranges, junctures, series, sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from analysis.exhibits.citations import name_works
from analysis.exhibits.claim_numbers import cite
from analysis.exhibits.facts import JunctureFacts, SeriesFacts, SourceFacts, StudyFacts
from analysis.exhibits.formats import (
    ABSENT,
    format_count,
    format_digest,
    format_estimate,
    format_p,
    format_percent,
    format_years,
)
from analysis.exhibits.number import Number, Numbers, count, words
from analysis.exhibits.record import claims_of, counted_placebos, parts_of

FINDINGS = ("supported", "contradicted", "negligible", "inconclusive", "untestable")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip
LOW_POWER = 0.5  # below it a claim that is true is more likely missed than found


def number_study(verdicts: Mapping[str, Any], facts: StudyFacts) -> Numbers:
    """Give the numbers of the study, its junctures, series, sources and citations."""
    numbers = _settings(verdicts, facts) | _counts(verdicts, facts) | _ranges(verdicts)
    numbers |= _groups(verdicts, facts)
    for juncture in facts.junctures:
        numbers |= _juncture(juncture, facts)
    for series in facts.series:
        numbers |= _series(series)
    for source in {each.key: each for each in (*facts.sources, *facts.all_sources)}.values():
        numbers |= _source(source)
    for source in facts.sources:  # by how many values it gives the series shown
        numbers[f"source.{source.key}.n_values"] = count(source.n_values)
    for name, version in facts.environment.items():
        numbers[f"environment.{name}"] = words(version)
    for key, citation in facts.citations.items():
        numbers[f"cite.{key}"] = words(citation.short)
        numbers[f"reference.{key}"] = words(citation.full)
    return numbers


def _settings(verdicts: Mapping[str, Any], facts: StudyFacts) -> Numbers:
    alpha = verdicts["alpha"]
    return {
        "study.title": words(facts.title),
        "study.authors": words(", ".join(facts.authors)),
        "study.toolkit": words(str(verdicts["toolkit"])),
        "study.period": Number(value=list(facts.period), text=format_years(*facts.period)),
        "study.seed": Number(value=facts.seed, text=str(facts.seed)),
        "study.declared": words(facts.declared.isoformat()),
        "study.alpha": Number(value=alpha, text=f"{alpha:g}"),
        "study.alpha_percent": Number(value=alpha, text=format_percent(alpha)),
        "study.level": Number(value=1 - alpha, text=format_percent(1 - alpha)),
        "study.inner_level": Number(value=1 - 2 * alpha, text=format_percent(1 - 2 * alpha)),
        "study.low_power": Number(value=LOW_POWER, text=format_percent(LOW_POWER)),
        "study.data_sha256": Number(
            value=verdicts["data_sha256"], text=format_digest(verdicts["data_sha256"])
        ),
        "study.declarations_sha256": Number(
            value=verdicts["declarations_sha256"],
            text=format_digest(verdicts["declarations_sha256"]),
        ),
    }


def _counts(verdicts: Mapping[str, Any], facts: StudyFacts) -> Numbers:
    claims, placebos = claims_of(verdicts), counted_placebos(verdicts)
    findings = Counter(verdict["finding"] for verdict in claims)
    tested = [v for v in claims if v["finding"] != "untestable"]
    power = [v["power_at_claim"] for v in tested if v.get("power_at_claim") is not None]
    counts = {
        "n_claims": len(claims),
        "n_tested": len(tested),
        "n_powered": len(power),
        "n_outcomes": len({verdict["outcome"] for verdict in claims} - {""}),
        "n_paths": sum((v.get("robustness") or {}).get("paths") is not None for v in claims),
        "n_junctures": len(facts.junctures),
        "n_series": len(facts.series),
        "n_series_left_out": facts.n_series_left_out,
        "n_sources": len(facts.sources),
        "n_values": sum(len(series.values) for series in facts.series),
        "n_rows": sum(source.n_values for source in facts.sources),
        "n_parts": len(parts_of(verdicts)),
        "n_verdicts": len(verdicts["verdicts"]),
        "n_all_sources": len(facts.all_sources),
        "n_all_rows": sum(source.n_values for source in facts.all_sources),
        "n_low_power": sum(value < LOW_POWER for value in power),
        "n_placebos": len(placebos),
        "n_placebos_supported": sum(v["finding"] == "supported" for v in placebos),
    }
    counts |= {f"n_{finding}": findings.get(finding, 0) for finding in FINDINGS}
    return {f"study.{name}": count(how_many) for name, how_many in counts.items()}


def _groups(verdicts: Mapping[str, Any], facts: StudyFacts) -> Numbers:
    """Count the findings on claims by paper, family and role."""
    claims = claims_of(verdicts)
    numbers: Numbers = {}
    for field in ("paper", "family", "role"):
        for key in dict.fromkeys(str(verdict[field]) for verdict in claims):
            own = Counter(v["finding"] for v in claims if str(v[field]) == key)
            name = f"{field}.{key}"
            numbers[f"{name}.n"] = count(sum(own.values()))
            for finding in FINDINGS:
                numbers[f"{name}.n_{finding}"] = count(own.get(finding, 0))
            numbers[f"{name}.n_tested"] = count(sum(own.values()) - own.get("untestable", 0))
            numbers[f"{name}.name"] = words(_name_group(field, key, facts))
    return numbers


def number_prospects(verdicts: Mapping[str, Any], numbers: Mapping[str, Number]) -> Numbers:
    """Count, by paper, which inconclusive claims more data would decide.

    Args:
        verdicts: The content of `verdicts.json`.
        numbers: Those of the claims, among them `year_needed` and `series_needed`.
    """
    found: Numbers = {}
    claims = [v for v in claims_of(verdicts) if v["finding"] == "inconclusive"]
    for paper in dict.fromkeys(str(claim["paper"]) for claim in claims):
        keys = [claim["id"] for claim in claims if str(claim["paper"]) == paper]
        series = sorted(
            value for key in keys if (value := numbers[f"{key}.series_needed"]["value"]) is not None
        )
        years = [key for key in keys if numbers[f"{key}.year_needed"]["value"] is not None]
        if series:
            found[f"paper.{paper}.n_open"] = count(len(series))
            found[f"paper.{paper}.n_by_years"] = count(len(years))
            found[f"paper.{paper}.series_median"] = count(series[len(series) // 2])
    return found


def _name_group(field: str, key: str, facts: StudyFacts) -> str:
    if field == "paper":
        return cite(key, facts)
    if field == "family" and key in facts.families:
        return f"{key}: {facts.families[key]}"
    return key


def _ranges(verdicts: Mapping[str, Any]) -> Numbers:
    """Give the smallest and the largest of what differs between the claims tested."""
    numbers: Numbers = {}
    tested = [v for v in claims_of(verdicts) if v["finding"] != "untestable"]
    for name, write in (
        ("power_at_claim", format_percent),
        ("power", format_percent),
        ("power_rule", format_percent),
        ("size", lambda value: format_percent(value, decimals=1)),
        ("size_mc_error", lambda value: format_percent(value, decimals=1)),
        ("n_obs", format_count),
        ("p_value", format_p),
        ("p_adjusted", format_p),
    ):
        values = [v[name] for v in tested if v.get(name) is not None]
        for end, pick in (("smallest", min), ("largest", max)):
            value = pick(values) if values else None
            numbers[f"study.{name}_{end}"] = Number(value=value, text=write(value))
    return numbers


def _juncture(juncture: JunctureFacts, facts: StudyFacts) -> Numbers:
    name = f"juncture.{juncture.key}"
    day = f"{juncture.date.day} {MONTHS[juncture.date.month - 1]} {juncture.date.year}"
    return {
        f"{name}.short": words(juncture.short),
        f"{name}.label": words(juncture.label),
        f"{name}.onset": Number(value=juncture.onset, text=str(juncture.onset)),
        f"{name}.mark": words(f"{juncture.short} {juncture.onset}"),
        f"{name}.date": Number(value=juncture.date.isoformat(), text=day),
        f"{name}.rationale": words(name_works(juncture.rationale, facts.citations)),
    }


def _series(series: SeriesFacts) -> Numbers:
    name = f"series.{series.variable}.{series.unit}"
    first, last = min(series.values, default=None), max(series.values, default=None)
    smallest = min(series.values.values(), default=None)
    largest = max(series.values.values(), default=None)
    return {
        f"{name}.label": words(series.label),
        f"{name}.unit": words(series.unit),
        f"{name}.unit_name": words(series.unit_name),
        f"{name}.measured_in": words(series.measured_in),
        f"{name}.years": Number(value=[first, last], text=format_years(first, last)),
        f"{name}.n": count(len(series.values)),
        f"{name}.n_missing": count(series.n_missing),
        f"{name}.smallest": Number(value=smallest, text=format_estimate(smallest)),
        f"{name}.largest": Number(value=largest, text=format_estimate(largest)),
        f"{name}.sources": words(", ".join(v.source for v in series.vintages) or ABSENT),
    }


def _source(source: SourceFacts) -> Numbers:
    name = f"source.{source.key}"
    return {
        f"{name}.key": words(source.key),
        f"{name}.producer": words(source.producer),
        f"{name}.title": words(source.title),
        f"{name}.version": words(source.version),
        f"{name}.url": words(source.url),
        f"{name}.licence": words(source.licence),
        f"{name}.n_values": count(source.n_values),
        f"{name}.n_all_values": count(source.n_values),
        f"{name}.accessed": words(source.accessed or ABSENT),
        f"{name}.sha256": Number(value=source.sha256, text=format_digest(source.sha256)),
    }
