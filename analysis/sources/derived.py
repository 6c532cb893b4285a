"""Variables made of other variables of the table: ratios, needs, growth.

A cell is made where all its parts are there; it carries the source of its first part, and its
locator names the parts, each of which has its own row and place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from math import sqrt

from analysis.sources.observations import Observation, dyad
from analysis.sources.selection import is_studied

Key = tuple[str, int, str]
Cells = Mapping[Key, Observation]

RATIOS = (
    ("oil_import_dependence_index", "oil_production_kbd", "oil_consumption_kbd"),
    ("gas_import_dependence_index", "gas_production_bcm", "gas_consumption_bcm"),
)
NEEDS = (
    ("oil_import_need_kbd", "oil_consumption_kbd", "oil_production_kbd"),
    ("gas_import_need_bcm", "gas_consumption_bcm", "gas_production_bcm"),
)
POWERS = (
    ("capabilities_ratio_index", "capabilities_cinc_share"),
    ("military_expenditure_ratio_index", "military_expenditure_usd"),
)
RIVALS = (("USA", "CHN"), ("USA", "RUS"), ("NATO", "RUS"))
DOLLARS_IN_MILLION, PERSONS_IN_THOUSAND = 1e6, 1e3


def derive(observations: Iterable[Observation]) -> Iterator[Observation]:
    """Give every derived cell that the observations allow."""
    cells = {
        (row.unit, row.year, row.variable): row for row in observations if row.value is not None
    }
    yield from _derive_needs(cells)
    yield from _derive_growth(cells)
    yield from _derive_openness(cells)
    yield from _derive_cost_of_soldiers(cells)
    yield from _derive_power_ratios(cells)
    yield from _derive_complementarity(cells)


def _derive_needs(cells: Cells) -> Iterator[Observation]:
    for variable, consumed, produced in NEEDS:
        yield from _combine(cells, variable, (consumed, produced), lambda c, p: c - p)
    for variable, produced, consumed in RATIOS:
        yield from _combine(cells, variable, (consumed, produced), lambda c, p: 1 - p / c)


def _derive_openness(cells: Cells) -> Iterator[Observation]:
    parts = ("trade_world_usd", "gdp_current_usd")
    yield from _combine(cells, "trade_openness_index", parts, lambda trade, gdp: trade / gdp)


def _derive_cost_of_soldiers(cells: Cells) -> Iterator[Observation]:
    factor = DOLLARS_IN_MILLION / PERSONS_IN_THOUSAND
    yield from _combine(
        cells,
        "military_expenditure_per_soldier_usd",
        ("military_expenditure_usd", "military_personnel_thousand"),
        lambda spent, soldiers: factor * spent / soldiers,
    )


def _combine(
    cells: Cells, variable: str, parts: tuple[str, str], formula: Callable[[float, float], float]
) -> Iterator[Observation]:
    first, second = parts
    for (unit, year, name), cell in cells.items():
        other = cells.get((unit, year, second))
        if name == first and other is not None and _value(other) != 0:
            value = formula(_value(cell), _value(other))
            yield _make(unit, year, variable, value, cell, f"{first} and {second} of {unit}")


def _derive_growth(cells: Cells) -> Iterator[Observation]:
    for (unit, year, name), cell in cells.items():
        before = cells.get((unit, year - 1, name))
        if name == "gdp_constant_usd" and before is not None:
            value = _value(cell) / _value(before) - 1
            parts = f"{name} of {unit}, {year - 1} and {year}"
            yield _make(unit, year, "gdp_growth_index", value, cell, parts)


def _derive_power_ratios(cells: Cells) -> Iterator[Observation]:
    for variable, power in POWERS:
        for strong, weak in RIVALS:
            for (unit, year, name), cell in cells.items():
                other = cells.get((weak, year, power))
                if (unit, name) == (strong, power) and other is not None:
                    value = _value(cell) / _value(other)
                    parts = f"{power} of {strong} and {weak}"
                    yield _make(f"{strong}>{weak}", year, variable, value, cell, parts)


def _derive_complementarity(cells: Cells) -> Iterator[Observation]:
    """Square root of one side's need times the other's surplus: zero unless they fit."""
    need = "oil_import_need_kbd"
    needs: dict[int, dict[str, Observation]] = {}
    for row in _derive_needs(cells):
        if row.variable == need:
            needs.setdefault(row.year, {})[row.unit] = row
    for year, rows in needs.items():
        for side_a, side_b in combinations(sorted(rows), 2):
            if is_studied(side_a, side_b, year):
                low, high = sorted((_value(rows[side_a]), _value(rows[side_b])))
                value = sqrt(high * -low) if low < 0 < high else 0.0
                unit, parts = dyad(side_a, side_b, year), f"{need} of {side_a} and {side_b}"
                yield _make(unit, year, "oil_complementarity_kbd", value, rows[side_a], parts)


def _make(
    unit: str, year: int, variable: str, value: float, part: Observation, parts: str
) -> Observation:
    return Observation(
        unit=unit,
        year=year,
        variable=variable,
        value=value,
        status="computed",
        source=part.source,
        locator=f"computed from {parts}",
    )


def _value(cell: Observation) -> float:
    return 0.0 if cell.value is None else cell.value
