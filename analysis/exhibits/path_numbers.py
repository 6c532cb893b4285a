"""The numbers of a specification curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.exhibits.formats import format_estimate
from analysis.exhibits.number import Number, Numbers, count


def number_paths(key: str, walked: Mapping[str, Any]) -> Numbers:
    """Give the ends of the curve, its median, and how many paths were refused.

    Args:
        key: Id of the claim.
        walked: Its entry in `paths.json`.
    """
    place = list(walked["columns"]).index("estimate")
    values = sorted(row[place] for row in walked["paths"].values() if row[place] is not None)
    ends = {
        "smallest": values[0] if values else None,
        "median": values[len(values) // 2] if values else None,
        "largest": values[-1] if values else None,
    }
    numbers = {
        f"{key}.paths_{name}": Number(value=value, text=format_estimate(value))
        for name, value in ends.items()
    }
    return numbers | {f"{key}.paths_left_out": count(len(walked.get("refused") or {}))}
