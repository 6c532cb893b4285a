"""The study of two states that do not exist, made by the rule its README states."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from pathlib import Path

from analysis.kernel.streams import standard_normals
from analysis.paths import StudyPaths
from analysis.sources.observations import Observation, tabulate_observations, write_observations

TEMPLATE = Path(__file__).parent / "templates" / "example"
UNIT, SOURCE = "ALD-BER", "made-up"
YEARS = range(1985, 2023)
TREATY = 2005  # first year after it
SEED, RHO = 1, 0.4


def write_example(folder: Path) -> None:
    """Write the study into `folder`, which exists."""
    shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True)
    rows = [
        Observation(UNIT, year, variable, value, "computed", SOURCE, f"README.md, rule, {year}")
        for variable, values in made_series().items()
        for year, value in values.items()
    ]
    write_observations(tabulate_observations(rows), StudyPaths(folder).observations)


def made_series() -> Mapping[str, Mapping[int, float]]:
    """The value of each variable in each year, as the README says it is made."""
    trade, views, delegations = (_errors(name) for name in ("trade", "views", "delegations"))
    since = {year: max(0, year - TREATY + 1) for year in YEARS}
    return {
        "trade_total_usd": {
            year: round(100 + 1.5 * (year - 1985) + 35 * (since[year] > 0) + 10 * trade[year], 1)
            for year in YEARS
        },
        "views_distance_index": {
            year: round(60 - 0.8 * since[year] + 2 * views[year], 1) for year in YEARS
        },
        "delegations_count": {
            year: float(max(0, round(12 + 3 * delegations[year]))) for year in YEARS
        },
    }


def _errors(stream: str) -> dict[int, float]:
    """An AR(1) series of marginal variance 1."""
    draws = standard_normals(SEED, stream, 0, 1, len(YEARS))[0].tolist()
    errors = [draws[0]]
    for draw in draws[1:]:
        errors.append(RHO * errors[-1] + math.sqrt(1 - RHO**2) * draw)
    return dict(zip(YEARS, errors, strict=True))
