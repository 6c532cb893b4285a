"""The cells behind all claims, each stored once however many claims read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.errors import UsageError
from analysis.panel.digest import digest_cells
from analysis.panel.panel import Panel
from analysis.paths import EVENTS, OBSERVATIONS
from analysis.records.claims import claims_of
from analysis.records.study import Study
from analysis.verdict.cells import cells_behind, distinct_cells
from analysis.verdict.docket import judged
from analysis.verdict.fact import check_fact

PLACE = ["file", "row"]
SERIES = ["variable", "unit", "source", "status", "file", "locator", "note"]
YEAR = "\x01"  # stands for a cell's own year in a locator; study tables cannot hold it


@dataclass(frozen=True, eq=False)
class ClaimCells:
    """What one claim read.

    Attributes:
        rows: One row a cell, with `file` and `row`, its line there.
        current: Whether these are the cells the verdict was reached on.
    """

    rows: pd.DataFrame
    current: bool


def read_cells(verdicts: Iterable[Mapping[str, Any]], study: Study, panel: Panel) -> dict[str, Any]:
    """Give the cells of each claim of the record, by id.

    Raises:
        UsageError: A claim of the record is no longer declared.
    """
    return {str(verdict["id"]): _read(verdict, study, panel) for verdict in verdicts}


def pack_cells(cells: Mapping[str, ClaimCells]) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Store every cell once, by series, and give the places of those of each claim.

    Cells that share variable, unit, source, status, note and locator (but for the year) stand in
    one series; places count through all series in order. The cells of a claim are runs of places:
    first, how many, first, how many.
    """
    together = [each.rows for each in cells.values() if len(each.rows)]
    if not together:
        return {"series": []}, {name: [] for name in cells}
    every = pd.concat(together).drop_duplicates(PLACE)
    every["locator"] = _without_year(every["locator"], every["year"])
    every = every.sort_values([*SERIES, "year", "row"], kind="stable").reset_index(drop=True)
    places = dict(zip(_places(every), every.index, strict=True))
    runs = {
        name: _runs(sorted(places[place] for place in _places(each.rows)))
        for name, each in cells.items()
    }
    return {"series": _pack_series(every)}, runs


def _read(verdict: Mapping[str, Any], study: Study, panel: Panel) -> ClaimCells:
    name = str(verdict["id"])
    if name not in study.hypotheses:
        raise UsageError(f"{name} is in the record but no longer declared; run the study again.")
    hypothesis = study.hypotheses[name]
    if hypothesis.design == "fact":
        statement = claims_of(study.claims)[str(hypothesis.options["claim"])]
        fact = check_fact(statement, panel, study.events)
        reads = OBSERVATIONS if statement.how.reads == "series" else EVENTS
        return ClaimCells(
            fact.trace.assign(note="", file=reads),
            fact.cells["sha256"] == verdict["cells"]["sha256"],
        )
    if not verdict["cells"]["n"]:
        return ClaimCells(panel.cells.iloc[:0].reset_index().assign(file=OBSERVATIONS), True)
    parts = [hypothesis, *(study.hypotheses[each] for each in judged(hypothesis))]
    read = [cells_behind(each, panel, study.settings.period) for each in parts]
    cells = distinct_cells(pd.concat(read))
    return ClaimCells(
        cells.reset_index().assign(file=OBSERVATIONS),
        digest_cells(cells)["sha256"] == verdict["cells"]["sha256"],
    )


def _without_year(locators: pd.Series, years: pd.Series) -> list[str]:
    pairs = zip(locators, years, strict=True)
    return [str(locator).replace(str(year), YEAR) for locator, year in pairs]


def _places(rows: pd.DataFrame) -> list[tuple[str, int]]:
    return [(str(f), int(r)) for f, r in zip(rows["file"], rows["row"], strict=True)]


def _runs(places: Sequence[int]) -> list[int]:
    """First and length of each run of consecutive places.

    >>> _runs([3, 4, 5, 9])
    [3, 3, 9, 1]
    """
    runs: list[int] = []
    for place in places:
        if runs and place == runs[-2] + runs[-1]:
            runs[-1] += 1
        else:
            runs += [place, 1]
    return runs


def _pack_series(every: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            **dict(zip(SERIES, map(str, key), strict=True)),
            "years": [int(year) for year in rows["year"]],
            "stored": [str(value) for value in rows["stored"]],
            "rows": [int(row) for row in rows["row"]],
        }
        for key, rows in every.groupby(SERIES, sort=False, dropna=False)
    ]
