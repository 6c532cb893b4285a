"""`juncture plan`: what a design could find, before there are any data."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import numpy as np
import typer
from rich.table import Table
from rich.text import Text

from analysis.calibration.ask import SEED
from analysis.calibration.plan import (
    EFFECTS,
    Prospect,
    first_deciding_year,
    last_year_looked_at,
    plan_steps,
)
from analysis.calibration.store import LawShelf
from analysis.cli import screen
from analysis.errors import UsageError

QUICK = 2_000  # series at each node of the law while looking for the first deciding year


def plan(
    years: Annotated[str, typer.Option("--years", metavar="FIRST:LAST", help="E.g. 1992:2022.")],
    junctures: Annotated[
        str, typer.Option("--junctures", metavar="YEARS", help="First years after, by commas.")
    ],
    rho: Annotated[
        str, typer.Option("--rho", metavar="R or R:R", help="Autocorrelation, or a range.")
    ] = "0.3:0.8",
    effect: Annotated[float, typer.Option("--effect", help="Claimed size, in sd.")] = 1.0,
    trend: Annotated[str, typer.Option("--trend", help="none, linear or quadratic.")] = "linear",
    alternative: Annotated[
        str, typer.Option("--alternative", help="greater, less or two-sided.")
    ] = "greater",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Say what a design could find, before there are any data."""
    first, last = _years(years)
    onsets = _onsets(junctures, (first, last))
    rhos = _rhos(rho)
    if effect <= 0:
        raise UsageError(f"--effect {effect:g} is not a size; give a number above 0.")
    shelf = LawShelf(seed=SEED, jobs=os.cpu_count() or 1)
    quick = replace(shelf, series=QUICK, _laws={})
    with screen.progress("Planning"):
        prospects = plan_steps(
            (first, last), onsets, rhos, trend=trend, alternative=alternative, shelf=shelf
        )
        deciding = {
            each: first_deciding_year(
                first,
                onsets,
                each,
                effect=effect,
                trend=trend,
                alternative=alternative,
                shelf=quick,
            )
            for each in rhos
        }
    if as_json:
        rows = [
            {**prospect.to_dict(), "first_deciding_year": deciding[prospect.rho][prospect.term]}
            for prospect in prospects
        ]
        until = last_year_looked_at(onsets)
        screen.print_json({"effect": effect, "looked_until": until, "prospects": rows})
    else:
        _print(prospects, deciding, effect, last_year_looked_at(onsets))


def _print(
    prospects: Sequence[Prospect],
    deciding: Mapping[float, Mapping[str, int | None]],
    effect: float,
    until: int,
) -> None:
    table = Table(box=None, pad_edge=False)
    powers = [f"{size:g} sd" for size in EFFECTS]
    for heading in ("rho", "step", "size", *powers, "detectable", "decided from"):
        table.add_column(heading, justify="left" if heading == "step" else "right", no_wrap=True)
    for each in prospects:
        year = deciding[each.rho][each.term]
        table.add_row(
            f"{each.rho:.2f}",
            Text(each.term),
            f"{100 * each.size:.1f} %",
            *(f"{100 * each.power[size]:.0f} %" for size in EFFECTS),
            f"{each.detectable:.2f} sd",
            f"not by {until}" if year is None else str(year),
        )
    console = screen.output()
    console.print(table)
    console.print(
        Text(
            "size: found where nothing is, at 5 %; then power at each size; detectable: found four "
            f"times in five; decided from: the first year of data with which {effect:g} sd is "
            f"found four times in five, looked for up to {until}."
        )
    )


def _years(text: str) -> tuple[int, int]:
    first, colon, last = text.partition(":")
    if not (colon and first.isdigit() and last.isdigit() and int(first) < int(last)):
        raise UsageError(f"--years {text} is not a period; write it as 1992:2022.")
    return int(first), int(last)


def _onsets(text: str, years: tuple[int, int]) -> dict[str, int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() for part in parts) or len(set(parts)) < len(parts):
        raise UsageError(f"--junctures {text} is not a list of years; write it as 2012,2014,2017.")
    first, last = years
    for part in parts:
        if not first < int(part) <= last:
            raise UsageError(
                f"--junctures {part} is not within --years {first}:{last}; a juncture is the first "
                f"year after, from {first + 1} to {last}: name another, or a longer period."
            )
    return {part: int(part) for part in parts}


def _rhos(text: str) -> list[float]:
    try:
        ends = [float(part) for part in text.split(":")]
    except ValueError:
        ends = []
    if len(ends) not in (1, 2) or not all(-0.6 <= end <= 0.98 for end in ends):
        raise UsageError(
            f"--rho {text} is neither a number nor a range within -0.6 and 0.98, such as 0.3:0.8."
        )
    return [float(value) for value in np.round(np.linspace(ends[0], ends[-1], 3), 3)][
        : 3 if len(set(ends)) > 1 else 1
    ]
