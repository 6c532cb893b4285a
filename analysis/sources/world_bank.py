"""An indicator as the World Bank's interface gives it: JSON, one record a state and year."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.sources.reshaped import Reshaped, unknown_layout

ADDRESS = "https://api.worldbank.org/v2/country/all/indicator"
WHAT = "The answer of the World Bank"
FIRST_YEAR = 1990


def address(indicator: str) -> str:
    """Where an indicator stands, all states and years on one page.

    >>> address("NY.GDP.MKTP.CD").removeprefix(ADDRESS)
    '/NY.GDP.MKTP.CD?format=json&per_page=32500'
    """
    return f"{ADDRESS}/{indicator}?format=json&per_page=32500"


def reshape_indicator(path: Path, *, state: str, column: str, factor: float = 1.0) -> Reshaped:
    """Give the values from 1990 on, multiplied by `factor`; the vintage is the day of update."""
    head, records = _read(path)
    rows = [
        {state: record["countryiso3code"], "year": int(record["date"]), column: value * factor}
        for record in records
        if (value := record["value"]) is not None
        and record["countryiso3code"]
        and int(record["date"]) >= FIRST_YEAR
    ]
    if not rows:
        raise unknown_layout(WHAT, f"holds no value from {FIRST_YEAR} on")
    table = pd.DataFrame(rows).sort_values([state, "year"], ignore_index=True)
    return Reshaped(table, vintage=str(head.get("lastupdated", "")))


def as_column(column: str, *, state: str = "iso3", factor: float = 1.0) -> partial[Reshaped]:
    """The reshaping of an indicator to one column of the raw folder's table."""
    return partial(reshape_indicator, state=state, column=column, factor=factor)


def _read(path: Path) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    try:
        answer = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise unknown_layout(WHAT, f"is not JSON ({error}), so it may be cut off") from error
    head = answer[0] if isinstance(answer, list) and answer else None
    if not isinstance(head, dict):
        raise unknown_layout(WHAT, "is not a list of a heading and records")
    if "message" in head:
        raise unknown_layout(WHAT, f"is an error: {_words(head['message'])}")
    records = answer[1] if len(answer) > 1 and isinstance(answer[1], list) else []
    if head.get("pages") != 1 or head.get("total") != len(records):
        found = (
            f"announces {head.get('total')} records and holds {len(records)} "
            f"on the first of {head.get('pages')} pages"
        )
        raise unknown_layout(WHAT, found)
    wanted = {"countryiso3code", "date", "value"}
    if any(not isinstance(record, dict) or not wanted <= record.keys() for record in records):
        raise unknown_layout(WHAT, "has records without countryiso3code, date or value")
    if any(not str(record["date"]).isdigit() for record in records):
        raise unknown_layout(WHAT, "has records that are not of a year")
    if any(not isinstance(record["value"], int | float | None) for record in records):
        raise unknown_layout(WHAT, "has values that are not numbers")
    return head, records


def _words(message: object) -> str:
    parts = message if isinstance(message, list) else [message]
    return "; ".join(
        str(part.get("value", part) if isinstance(part, dict) else part) for part in parts
    )
