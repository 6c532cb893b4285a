"""Write `docs/leaderboard.md` from the stored tables."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from string import Template

from analysis.calibration.date_set_rates import SIZE_ALLOWED
from analysis.design.steps import MIN_VALUES
from analysis.records.files import write_text_atomically
from benchmarks.leaderboard.grid import ALPHA, LENGTHS, RHOS
from benchmarks.leaderboard.habits import HABITS
from benchmarks.leaderboard.page_turner import describe_turner
from benchmarks.leaderboard.picture import OWN, order_methods
from benchmarks.leaderboard.table import (
    AGREEMENT,
    FALSE_POSITIVE,
    POWER,
    RATES,
    ROOT,
    TURNER,
    Rate,
    read_rates,
    read_table,
)

PAGE, TEMPLATE = ROOT / "docs" / "leaderboard.md", Path(__file__).parent / "page.md"
SHOWN_LENGTH, SHOWN_TREND = 31, "linear"
OWN_ASSUMPTIONS = (
    "| PB-REML-V (juncture) | `steps(panel, ...)` | AR(1) errors whose spread may change once, at "
    "the first step; a mean of the form asked |",
    "| T-JDP (juncture) | `date_set` claims | yearly changes exchangeable between years; neither "
    "level, trend nor a model of the errors |",
)


def write_page() -> None:
    """Write the page."""
    write_text_atomically(PAGE, compose_page())


def compose_page() -> str:
    """The page as it stands for the stored tables."""
    rates = read_rates(RATES)
    parts = {
        "summary": _summary(rates),
        "reading": _reading(rates),
        "length": str(SHOWN_LENGTH),
        "one_step": _by_rho(rates, 1),
        "three_steps": _by_rho(rates, 3),
        "by_length": _by_length(rates),
        "assumptions": _assumptions(),
        "agreement": _agreement(),
        **describe_turner(read_table(TURNER)),
    }
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute({name: part.strip("\n") for name, part in parts.items()})


def _summary(rates: Sequence[Rate]) -> str:
    lines = [
        "| method | package | cells | series a cell | median | worst | where "
        "| worst from 20 years on |",
        "|---|---|---:|---:|---:|---:|---|---:|",
    ]
    null = [rate for rate in rates if rate.measure == FALSE_POSITIVE]
    for (package, method), rows in order_methods(null).items():
        allowed = [row for row in rows if row.refused == "no"]
        worst = max(allowed, key=lambda row: row.rate)
        trend = "no trend" if worst.trend == "none" else "trend"
        steps = "1 step" if worst.steps == 1 else f"{worst.steps} steps"
        where = f"T = {worst.T}, rho = {worst.rho:g}, {trend}, {steps}"
        bold = "**" if package == OWN else ""
        lines.append(
            f"| {bold}{method}{bold} | {package} {rows[0].version} | {len(allowed)} "
            f"| {rows[0].series:,} | {_rate(median(row.rate for row in allowed))} "
            f"| {_rate(worst.rate)} ± {100 * worst.mc_error:.1f} | {where} "
            f"| {_rate(max(row.rate for row in allowed if row.T >= MIN_VALUES))} |"
        )
    return "\n".join(lines)


def _reading(rates: Sequence[Rate]) -> str:
    null = [rate for rate in rates if rate.measure == FALSE_POSITIVE and rate.refused == "no"]
    own = [rate for rate in null if rate.package == OWN]
    white = [rate.rate for rate in null if rate.package != OWN and rate.rho == 0]
    high = [rate.rate for rate in null if rate.package != OWN and rate.rho >= 0.6]
    above = [rate for rate in own if rate.rate > SIZE_ALLOWED]
    text = (
        f"Rates in %, at a nominal {100 * ALPHA:g} %; ± is one Monte Carlo standard error. Where "
        "nothing is autocorrelated the other\nmethods find a step in "
        f"{_rate(min(white))} to {_rate(max(white))} % of series without one; at rho of .6 and "
        f"more in {_rate(min(high))} to {_rate(max(high))} %.\n"
    )
    if above:
        text += (
            "This project's tests are not exact either: "
            f"{len(above)} of their {len(own)} cells lie above {100 * SIZE_ALLOWED:g} %, the "
            f"largest at {_rate(max(rate.rate for rate in own))} %:\n"
            f"{'; '.join(dict.fromkeys(map(_name_design, above)))}.\n"
        )
    return text


def _name_design(rate: Rate) -> str:
    trend = "without a trend" if rate.trend == "none" else "with a trend"
    steps = "one step" if rate.steps == 1 else "the total of three steps"
    return f"{rate.method}, {steps} {trend}, T = {rate.T}"


def _by_rho(rates: Sequence[Rate], steps: int) -> str:
    title = "One step" if steps == 1 else "Total of three steps"
    lines = [
        f"| {title} | " + " | ".join(f"rho = {rho:g}" for rho in RHOS) + " |",
        "|---|" + "---:|" * len(RHOS),
    ]
    here = [
        rate
        for rate in rates
        if (rate.T, rate.trend, rate.steps) == (SHOWN_LENGTH, SHOWN_TREND, steps)
    ]
    for package, method in order_methods([r for r in rates if r.measure == FALSE_POSITIVE]):
        rows = {
            (row.rho, row.measure): row.rate
            for row in here
            if (row.package, row.method) == (package, method)
        }
        if not rows:
            continue
        cells = [
            f"{100 * rows[rho, FALSE_POSITIVE]:.1f} / {100 * rows[rho, POWER]:.0f}" for rho in RHOS
        ]
        lines.append(f"| {method} ({package}) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _by_length(rates: Sequence[Rate]) -> str:
    lines = [
        "| test | " + " | ".join(_length_heading(rates, length) for length in LENGTHS) + " |",
        "|---|" + "---:|" * len(LENGTHS),
    ]
    own = [rate for rate in rates if rate.package == OWN and rate.measure == FALSE_POSITIVE]
    for method, steps in dict.fromkeys((rate.method, rate.steps) for rate in own):
        cells = []
        for length in LENGTHS:
            found = [
                row.rate for row in own if (row.method, row.steps, row.T) == (method, steps, length)
            ]
            cells.append(f"{_rate(min(found))} to {_rate(max(found))}")
        what = "one step" if steps == 1 else "three steps"
        lines.append(f"| {method}, {what} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _length_heading(rates: Sequence[Rate], length: int) -> str:
    refused = any(length == rate.T and rate.refused == "yes" for rate in rates)
    return f"T = {length}" + (" (refused)" if refused else "")


def _assumptions() -> str:
    lines = ["| method | call | its p-value takes for granted |", "|---|---|---|", *OWN_ASSUMPTIONS]
    lines += [
        f"| {habit.method} ({habit.package}) | `{habit.call}` | {habit.assumes} |"
        for habit in HABITS
    ]
    return "\n".join(lines)


def _agreement() -> str:
    lines = [
        "| method | package | designs | series | median difference of p | largest "
        "| other decision at 5 % |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in read_table(AGREEMENT):
        median_one, largest = (
            f"{float(row[name]):.0e}" for name in ("median_difference", "largest_difference")
        )
        lines.append(
            f"| {row['method']} | {row['package']} {row['version']} | {row['designs']} "
            f"| {row['series']} | {median_one} | {largest} | {row['decisions_differ']} |"
        )
    return "\n".join(lines)


def _rate(share: float) -> str:
    return f"{100 * share:.1f}"
