"""What would turn a finding, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.formats import NARROW_SPACE, format_decimal, format_estimate
from analysis.exhibits.number import Number, Numbers, words
from analysis.records.words import join_words

NOT_SEARCHED = "What would turn the finding was not searched for this design."
BESIDE = "What would turn it is searched for the claim that it is shown beside alone."
NOTHING_FOUND = "There is no finding that could turn."
MOST_YEARS = 6  # named; more are counted

Flip = Mapping[str, Any]


def number_flip(verdict: Mapping[str, Any], facts: StudyFacts) -> Numbers:
    """Give the smallest changes that turn the finding, as numbers and as a sentence."""
    flip = verdict.get("flip")
    cell = (flip or {}).get("cell") or {}
    since = (flip or {}).get("since_onset") or {}
    return {
        "flip": words(_why_not(verdict) if flip is None else _say(flip, facts, verdict)),
        "flip_cell": (
            Number(value=None, text="from zero")
            if cell and cell["percent"] is None
            else _percent(cell.get("percent"))
        ),
        "flip_since": _percent(since.get("percent")),
    }


def _why_not(verdict: Mapping[str, Any]) -> str:
    if verdict["finding"] == "untestable":
        return NOTHING_FOUND
    return BESIDE if verdict["beside"] else NOT_SEARCHED


def _percent(value: float | None) -> Number:
    text = "none" if value is None else _signed(value)
    return Number(value=value, text=text)


def _signed(percent: float) -> str:
    sign = "+" if percent > 0 else ""
    return f"{sign}{format_decimal(percent, 1)}{NARROW_SPACE}%"


def _say(flip: Flip, facts: StudyFacts, verdict: Mapping[str, Any]) -> str:
    events = flip.get("events_left_out")
    if events is not None:
        return _say_events(events, flip.get("one_event_more"), verdict["finding"])
    parts = []
    if flip.get("values_altered", True):
        parts.append(_say_cell(flip.get("cell"), facts, tested=bool(flip.get("tested"))))
        if verdict["junctures"]:
            parts.append(_say_since(flip.get("since_onset")))
    else:
        parts.append("What altered values would make of it cannot be read for this design.")
    if verdict["design"] != "fact":  # a check of fact needs every one of its years
        parts.append(_say_years(flip.get("years_left_out")))
    if flip.get("sources"):
        parts.append(_say_sources(flip["sources"]))
    return " ".join(parts)


def _say_cell(cell: Mapping[str, Any] | None, facts: StudyFacts, *, tested: bool) -> str:
    if cell is None:
        tried = (
            "by 25 % or 100 %, up or down" if tested else "up to twice itself or down to nothing"
        )
        return f"No change of a single value, {tried}, was found to turn it."
    label = facts.labels.get(cell["variable"], cell["variable"])
    before, after = format_estimate(cell["from"]), format_estimate(cell["to"])
    whose = f" by {cell['source']}" if cell.get("source") else ""
    change = "" if cell["percent"] is None else f" ({_signed(cell['percent'])})"
    return (
        f"The smallest change of a single value found to turn it: {label} of {cell['unit']} in "
        f"{cell['year']}{whose}, {after} in place of {before}{change}, makes it {cell['finding']}."
    )


def _say_since(since: Mapping[str, Any] | None) -> str:
    if since is None:
        return "No common change of all values since the onset was found to turn it."
    whose = f" of {since['unit']}" if since.get("unit") else ""
    return (
        f"All values{whose} since the onset changed by {_signed(since['percent'])} "
        f"make it {since['finding']}."
    )


def _say_events(events: Mapping[str, str], one_more: str | None, finding: str) -> str:
    told = [f"the event {name} it would be {found}" for name, found in events.items()]
    parts = [
        f"Without {'; without '.join(told)}." if told else "No event turns it by being left out."
    ]
    if one_more:
        still = "still " if one_more == finding else ""
        parts.append(
            f"With one event more of the kind that is counted it would {still}be {one_more}."
        )
    return " ".join(parts)


def _say_years(years: Mapping[str, str] | None) -> str:
    if years is None:
        return "Whether it hangs on a single year was not searched."
    if not years:
        return "It does not hang on any single year."
    by_finding: dict[str, list[str]] = {}
    for year, finding in years.items():
        by_finding.setdefault(finding, []).append(year)
    told = [f"{_name_years(named)} it would be {finding}" for finding, named in by_finding.items()]
    return f"Without {'; without '.join(told)}."


def _name_years(years: list[str]) -> str:
    if len(years) > MOST_YEARS:
        return f"any one of {len(years)} years"
    return years[0] if len(years) == 1 else f"{', '.join(years[:-1])} or {years[-1]}"


def _say_sources(sources: Mapping[str, str]) -> str:
    told = join_words([f"{name}: {finding}" for name, finding in sources.items()])
    return f"By other sources or vintages: {told}."
