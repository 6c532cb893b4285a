"""The fingerprint of the cells behind a number."""

from __future__ import annotations

import hashlib
from typing import TypedDict

import pandas as pd


class CellsDigest(TypedDict):
    """How many cells, how many of them recalled, and the SHA-256 of all."""

    n: int
    recalled: int
    sha256: str


def digest_cells(cells: pd.DataFrame) -> CellsDigest:
    """Digest the rows of `Panel.cells` that were used.

    The sum is that of the sorted lines `unit,year,variable,source,value as stored`, joined by line
    feeds, with none at the end.
    """
    units, years, variables = (cells.index.get_level_values(level) for level in range(3))
    places = zip(units, years, variables, cells["source"], cells["stored"], strict=True)
    lines = sorted(",".join(map(str, place)) for place in places)
    return {
        "n": len(lines),
        "recalled": int(cells["status"].eq("recalled").sum()),
        "sha256": hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest(),
    }
