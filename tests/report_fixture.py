"""A made record: small, plausible, and known in every digit; no series here was ever observed."""

from __future__ import annotations

import hashlib
import math
from datetime import date
from typing import Any

from analysis.exhibits.citations import Citation, read_citations
from analysis.exhibits.facts import (
    JunctureFacts,
    SeriesFacts,
    SourceFacts,
    StatementFacts,
    StudyFacts,
    Vintage,
)
from analysis.exhibits.gather import METHODS

YEARS = range(1992, 2023)
ONSETS = {"pivot": 2012, "ukraine": 2014, "thaad": 2017}
UNITS = {"RUS>CHN": "Russia to China", "CHN-RUS": "China and Russia"}
MAIN = ("J-01.arms-at-pivot", "J-01.trade-at-pivot", "J-20.orders")
REFUSED = 2  # the place of the claim that cannot be tested
FINDINGS = ("inconclusive", "supported", "contradicted", "negligible")

# variable, unit, label, measured in, level, growth a year, swing, part of the ids, first year
SERIES = (
    ("arms_transfers_tiv", "RUS>CHN", "Arms transfers", "million TIV", 900, 4, 500, "arms", 1992),
    ("arms_orders_tiv", "RUS>CHN", "Arms orders", "million TIV", 1100, -9, 700, "orders", 1992),
    ("joint_exercises_count", "CHN-RUS", "Joint exercises", "exercises", 2, 0.2, 1, "ex", 2002),
    ("un_votes_agreement_share", "CHN-RUS", "UN voting agreement", "share", 0.6, 0.006, 0.1,
     "unga", 1992),
    ("trade_total_usd", "CHN-RUS", "Trade", "million USD", 6000, 4000, 9000, "trade", 1992),
    ("joint_vetoes_count", "CHN-RUS", "Joint vetoes", "vetoes", 0.5, 0.05, 0.6, "", 1992),
)  # fmt: skip


def made_values(level: float, growth: float, swing: float, first: int) -> dict[int, float]:
    """Give a series with a trend and a swing; 2005 has no value."""
    return {
        year: round(max(level + growth * (year - first) + swing * math.sin(1.3 * year), 0), 3)
        for year in YEARS
        if year >= first and year != 2005
    }


def made_facts(**changes: Any) -> StudyFacts:
    """Give the tables of the made study."""
    series = []
    for variable, unit, label, measured_in, level, growth, swing, _, first in SERIES:
        values = made_values(level, growth, swing, first)
        older = {year: round(1.08 * value, 3) for year, value in values.items() if year < 2016}
        vintages = (Vintage("made-2026", values), Vintage("made-2020", older))
        series.append(
            SeriesFacts(variable, unit, UNITS[unit], label, measured_in, values, vintages)
        )
    junctures = (
        JunctureFacts("pivot", "Pivot", "US Pivot to Asia", 2012, date(2011, 11, 17),
                      "Announced in November; the first full year after it counts as after."),
        JunctureFacts("ukraine", "Ukraine", "Ukraine crisis", 2014, date(2014, 3, 17),
                      "First sanctions on Russia."),
        JunctureFacts("thaad", "THAAD", "THAAD in South Korea", 2017, date(2016, 7, 8),
                      "Decision in July; the year after it counts as after."),
    )  # fmt: skip
    sources = tuple(
        SourceFacts(key, "Made Institute", "Made series of cooperation", version,
                    f"https://example.org/{key}", "free with attribution", n_values)
        for key, version, n_values in (("made-2026", "edition 2026", 170), ("made-2020", "1", 112))
    )  # fmt: skip
    papers = {
        "made2022": Citation("made2022", "Author and Writer 2022", "Author, A.; Writer, W. 2022.")
    }
    passages = {
        "question": (
            "{cite.made2022} claim that each of the turning points raised cooperation.",
            "Had they done so, each series would sit higher from {juncture.pivot.onset} on.",
        ),
    }
    facts = {
        "title": "A made study of cooperation",
        "authors": ("A. Author", "W. Writer"),
        "period": (1992, 2022),
        "seed": 20261121,
        "declared": date(2026, 11, 21),
        "junctures": junctures,
        "series": tuple(series),
        "sources": sources,
        "citations": read_citations(METHODS) | papers,
        "passages": passages,
        "statements": tuple(
            StatementFacts(each["claim"], each["paper"], each["locator"], each["statement"])
            for each in made_statements()
        ),
        "families": {"F2": "junctures and cooperation"},
        "environment": {"numpy": "2.9.1"},
        "all_sources": sources,
    }
    return StudyFacts(**(facts | changes))


def made_claims() -> list[tuple[str, str, tuple[Any, ...]]]:
    """Give id, term and series of each claim."""
    claims = []
    for series in SERIES:
        part = series[7]
        if part == "orders":
            claims.append(("J-20.orders", "ukraine", series))
        elif part:
            claims += [(f"J-01.{part}-at-{term}", term, series) for term in ONSETS]
    return sorted(claims, key=lambda claim: claim[0])


def made_verdicts(**changes: Any) -> dict[str, Any]:
    """Give a made `verdicts.json`; `changes` replace fields of the first verdict."""
    verdicts = [
        _made_verdict(place, key, term, series)
        for place, (key, term, series) in enumerate(made_claims())
    ]
    verdicts[0] |= changes
    return {
        "study": "A made study of cooperation",
        "toolkit": "0.1.0",
        "data_sha256": _digest("data"),
        "declarations_sha256": _digest("declarations"),
        "alpha": 0.05,
        "facts": made_statements(),
        "verdicts": verdicts,
    }


def made_statements() -> list[dict[str, Any]]:
    """Give three statements of fact: one that holds, one that does not, one that nothing checks."""
    cells = {"n": 2, "recalled": 0, "sha256": _digest("cells")}
    plain = {"paper": "made2022", "note": "", "readings": [], "because": ""}
    rows = (
        ("first-vote", "section 2", "The first joint veto was cast in 2007.", "first_date",
         "supported", "2007-01-12", "in 2007", "", ("A1", "A2")),
        ("fall", "section 10", "Orders fell from 1996 to 1999.", "trend", "contradicted", "14.5",
         "below 0", "", ("A3",)),
        ("motive", "section 3", "Both felt threatened.", "none", "untestable", "", "",
         "an instrument for feelings", ("A4",)),
    )  # fmt: skip
    names = ("claim", "locator", "statement", "operation", "finding", "observed", "expected",
             "needs", "seeds")  # fmt: skip
    return [
        {**plain, **dict(zip(names, row, strict=True)), "cells": cells,
         "reason": f"A made reading of {row[0]}."}
        for row in rows
    ]  # fmt: skip


def made_paths() -> dict[str, Any]:
    """Give a made `paths.json`: four paths of every claim that could be tested."""
    names = ("main", "edition of 2020", "from 1998", "edition of 2020; from 1998")
    return {
        key: {
            "columns": ["estimate", "t", "p_value", "n_obs"],
            "joint_p": 0.21,
            "joint_statistic": 1.3,
            "draws": 999,
            "paths": {name: [0.3 + 0.2 * at, 1.1, 0.12 - 0.03 * at, 30] for at, name in
                      enumerate(names)},
            "refused": {},
        }
        for place, (key, _, _) in enumerate(made_claims())
        if place != REFUSED
    }  # fmt: skip


def made_calibration() -> dict[str, Any]:
    """Give a made `calibration.json`."""
    size_table = [
        {"years": years, "rho": rho, "sd_ratio": ratio, "term": term, "n_series": 10000,
         "rate": round(0.047 + 0.004 * rho + 0.006 * (ratio - 1) + 0.001 * place, 4),
         "mc_error": 0.0022}
        for years in (21, 25, 31)
        for rho in (0.0, 0.3, 0.6, 0.8)
        for ratio in (1.0, 2.0)
        for place, term in enumerate(ONSETS)
    ]  # fmt: skip
    usual = {
        "juncture": ("this test", 0.050),
        "newey_west": ("Newey–West", 0.21),
        "ols": ("least squares", 0.24),
    }
    comparisons = [
        {"claim": key, "method": method, "label": label, "n_series": 20000,
         "rate": round(rate + 0.003 * (place % 3), 4), "mc_error": 0.0016}
        for place, (key, _, _) in enumerate(made_claims())
        if place != REFUSED
        for method, (label, rate) in usual.items()
    ]  # fmt: skip
    departures = {
        _digest(key)[:16]: {
            "claim": key, "departure": "heavy", "words": "heavy-tailed shocks", "term": term,
            "series": 2000, "size": {"rate": 0.05 + 0.001 * place, "mc_error": 0.0049},
            "coverage": {"rate": 0.95, "mc_error": 0.0049},
        }
        for place, (key, term, _) in enumerate(made_claims())
        if place != REFUSED
    }  # fmt: skip
    return {
        "format": 1,
        "size_table": size_table,
        "comparisons": comparisons,
        "departures": departures,
    }


def made_curves() -> dict[str, Any]:
    """Give a made `curves.json`."""
    curves: dict[str, Any] = {}
    for place, (key, term, series) in enumerate(made_claims()):
        if place == REFUSED:
            continue
        variable, unit, label, measured_in, level, growth, swing, _, first = series
        values = made_values(level, growth, swing, first)
        step = (0.6 - 0.3 * (place % 4)) * swing
        years = sorted(values)
        stairs = {year: sum(year >= onset for onset in ONSETS.values()) for year in years}
        rest = [level + growth * (y - first) + 0.2 * swing * stairs[y] for y in years]
        fitted = [r + step * (year >= ONSETS[term]) for r, year in zip(rest, years, strict=True)]
        after = [r if year >= ONSETS[term] else None for r, year in zip(rest, years, strict=True)]
        margin = 0.9 * swing
        curves[key] = {
            "unit": unit,
            "outcome": variable,
            "years": years,
            "observed": [values[year] for year in years],
            "fitted": fitted,
            "counterfactual": after,
            "counterfactual_low": [None if c is None else c - margin for c in after],
            "counterfactual_high": [None if c is None else c + margin for c in after],
            "onset": ONSETS[term],
            "junctures": ONSETS,
            "axis_label": f"{label} ({measured_in})",
        }
    return curves


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _made_verdict(place: int, key: str, term: str, series: tuple[Any, ...]) -> dict[str, Any]:
    variable, unit, label, measured_in, *_, first = series
    estimate = round(1.8 - 0.31 * place, 4)
    width = 1.1 + 0.07 * place
    if place == REFUSED:
        return _made_refusal(key, term, series)
    rises = {"pivot": "the Pivot of 2012", "ukraine": "the Ukraine crisis of 2014"}
    scale = 0.42
    intervals = {
        "95": [estimate - width, estimate + width],
        "90": [estimate - 0.8 * width, estimate + 0.8 * width],
    }
    return {
        "id": key,
        "claim": f"After {rises.get(term, 'THAAD')} the level of {label.lower()} stepped up.",
        "paper": "made2022",
        "locator": "section 4.2",
        "role": "primary" if key in MAIN else "secondary",
        "family": "F2",
        "gate": "",
        "beside": "",
        "design": "steps",
        "trend": "linear",
        "junctures": list(ONSETS),
        "alpha": 0.05,
        "outcome": variable,
        "units": [unit],
        "term": term,
        "alternative": "greater",
        "transform": "log1p",
        "effect_unit": "sd",
        "outcome_unit": f"log(1 + {measured_in})",
        "smallest_effect": 1.0,
        "claimed_effect": 1.0,
        "finding": FINDINGS[place % 4],
        "strength": "normal" if FINDINGS[place % 4] == "supported" else None,
        "reason": "A made reason: the estimate lies where the fixture puts it; "
        "no looks, placebos or comparison units were declared, so these were not checked.",
        "estimate": estimate,
        "std_error": 0.5 * width,
        "intervals": intervals,
        "estimate_outcome": scale * estimate,
        "std_error_outcome": scale * 0.5 * width,
        "intervals_outcome": {k: [scale * end for end in pair] for k, pair in intervals.items()},
        "conversion": scale,
        "statistic": 2 * estimate / width,
        "p_value": round(0.0004 + 0.06 * place, 4),
        "p_adjusted": round(min(0.0052 + 0.11 * place, 1), 4),
        "method": "AR(1) errors by restricted maximum likelihood; linear trend; "
        "p from 9,999 simulated series of this design",
        "n_obs": 30 if first == 1992 else 20,
        "first_year": first,
        "last_year": 2022,
        "error_model": {
            "kind": "ar1",
            "rho": 0.41,
            "rho_interval": [0.02, 0.83],
            "kappa": 1.1,
            "kappa_interval": [0.7, 1.9],
        },
        "size": 0.0512,
        "size_mc_error": 0.0022,
        "power": round(0.12 + 0.03 * place, 4),
        "power_at_claim": round(0.12 + 0.03 * place, 4),
        "power_rule": 0.1,
        "minimum_detectable_effect": 2.61,
        "robustness": {
            "n": 1,
            "agree": 1,
            "share": 1.0,
            "joint_p": 0.21,
            "paths": {"n": 4, "refused": 0, "same_sign": 1.0, "found": 0.5, "draws": 999},
            "looks": [
                {"name": "edition of 2020", "estimate": 0.37, "p_value": 0.09, "agrees": True}
            ],
        },
        "fact": None,
        "flip": {
            "cell": {
                "unit": unit,
                "variable": variable,
                "year": 2014,
                "from": 410.0,
                "to": 553.5,
                "percent": 35.0,
                "finding": "supported",
            },
            "since_onset": None,
            "years_left_out": {"2012": "inconclusive"},
            "sources": {"edition of 2020": "inconclusive"},
        },
        "cells": {"n": 30 if first == 1992 else 20, "recalled": 0, "sha256": _digest(key)},
    }


def _made_refusal(key: str, term: str, series: tuple[Any, ...]) -> dict[str, Any]:
    verdict = _made_verdict(3, key, term, series)
    refused = dict.fromkeys(verdict)
    kept = ["id", "claim", "paper", "locator", "role", "family", "gate", "beside", "design",
            "trend", "junctures", "alpha", "outcome", "units", "term", "alternative", "transform",
            "effect_unit", "outcome_unit", "smallest_effect", "claimed_effect"]  # fmt: skip
    refused |= {name: verdict[name] for name in kept}
    return refused | {
        "finding": "untestable",
        "reason": "A made refusal: the series has 18 values and the design needs 20.",
        "cells": verdict["cells"],
    }
