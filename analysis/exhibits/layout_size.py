"""The size table: years and term down the side, spread and autocorrelation along the top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.exhibits.calibration_numbers import cell_name


def lay_out_size(
    rows: Sequence[Mapping[str, Any]], numbers: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Give the size table as rows of years and term, columns of sd ratio and rho."""
    if not rows:
        return None
    cells = {cell_name(row): row for row in rows}
    columns = sorted({(row["sd_ratio"], row["rho"]) for row in rows})
    lines: dict[tuple[int, str], dict[tuple[float, float], str]] = {}
    for name, row in cells.items():
        line = lines.setdefault((row["years"], row.get("term") or "step"), {})
        line[(row["sd_ratio"], row["rho"])] = name
    heads = {(row["sd_ratio"], row["rho"]): name for name, row in cells.items()}
    groups = list(dict.fromkeys(ratio for ratio, _ in columns))
    return {
        "groups": [
            {
                "ratio": heads[next(c for c in columns if c[0] == ratio)] + ".sd_ratio",
                "width": sum(c[0] == ratio for c in columns),
            }
            for ratio in groups
        ],
        "rhos": [heads[column] + ".rho" for column in columns],
        "rows": [
            {
                "years": next(iter(line.values())) + ".years",
                "term": _term_name(term, next(iter(line.values())), numbers),
                "cells": [line[c] + ".rate" if c in line else None for c in columns],
            }
            for (_, term), line in lines.items()
        ],
    }


def _term_name(term: str, cell: str, numbers: Mapping[str, Any]) -> str:
    name = f"juncture.{term}.short"
    return name if name in numbers else f"{cell}.term"
