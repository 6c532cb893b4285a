"""Figures of states: capabilities, expenditure, output, energy, regimes, warheads.

Each table is described, not programmed: file, column of the state, and what the columns become.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation
from analysis.sources.selection import CODES, STATES
from analysis.sources.series import Measure, StateTable, read_states

BY_CODE = {code: code for code in STATES}
BY_NAME = {name: code for name, code in CODES.items() if code in STATES and name != "Soviet Union"}
ENERGY = "energy_bp_ei"
PERCENT = 0.01

CAPABILITIES = StateTable(
    "cow_peacesciencer/nmc_1990_2022.csv",
    "cow-nmc-7",
    "iso3",
    BY_CODE,
    {
        "cinc": Measure("capabilities_cinc_share"),
        "milper": Measure("military_personnel_thousand"),
        "tpop": Measure("population_thousand"),
    },
    year_column="year",
)
EXPENDITURE = StateTable(
    "sipri_milex/sipri_milex_1988_2025_v1.2-2026.csv",
    "sipri-milex-2026",
    "country",
    BY_NAME,
    {
        "milex_const2024_usd_m": Measure("military_expenditure_usd"),
        "milex_share_gdp": Measure("military_expenditure_gdp_share"),
    },
)
OUTPUT = StateTable(
    "wdi/wdi_gdp_pop_1990_2023_kayadata.csv",
    "wdi-2024",
    "iso3c",
    BY_CODE,
    {"gdp_const_usd_trn": Measure("gdp_constant_usd", 1e6)},
)
OUTPUT_CURRENT = StateTable(
    "wdi/wdi_gdp_current_usd_1990_2024.csv",
    "wdi-gdp-current",
    "iso3",
    BY_CODE,
    {"gdp_current_usd": Measure("gdp_current_usd", 1e-6)},
)
FUEL_EXPORTS = StateTable(
    "wdi/wdi_fuel_exports_share_1990_2021.csv",
    "wdi-2022-12",
    "iso3",
    BY_CODE,
    {"fuel_exports_pct_merch": Measure("fuel_exports_share", PERCENT)},
)
REGIMES = StateTable(
    "vdem/vdem_highlevel_1990_latest.csv",
    "vdem",
    "country_text_id",
    BY_CODE,
    {
        "v2x_polyarchy": Measure("electoral_democracy_index"),
        "v2x_libdem": Measure("liberal_democracy_index"),
    },
)
WARHEADS = StateTable(
    "nuclear/nuclear_warheads_1985_2023.csv",
    "fas-warheads",
    "code",
    BY_CODE,
    {"warheads": Measure("nuclear_warheads_count")},
    status="estimated",
)
OIL_CONSUMPTION = StateTable(
    f"{ENERGY}/oil_consumption_kbd_1985_2024_ei2025.csv",
    "ei-2025",
    "entity",
    BY_NAME,
    {"kb_d": Measure("oil_consumption_kbd")},
)
OIL_PRODUCTION = StateTable(
    f"{ENERGY}/oil_production_kbd_1985_2024_ei2025.csv",
    "ei-2025",
    "entity",
    BY_NAME,
    {"kb_d": Measure("oil_production_kbd")},
)
GAS_CONSUMPTION = StateTable(
    f"{ENERGY}/gas_consumption_bcm_1985_2024_ei2025.csv",
    "ei-2025",
    "entity",
    BY_NAME,
    {"bcm": Measure("gas_consumption_bcm")},
)
GAS_PRODUCTION = StateTable(
    f"{ENERGY}/gas_production_bcm_1985_2024_ei2025.csv",
    "ei-2025",
    "entity",
    BY_NAME,
    {"bcm": Measure("gas_production_bcm")},
)
TABLES = (
    CAPABILITIES,
    EXPENDITURE,
    OUTPUT,
    OUTPUT_CURRENT,
    FUEL_EXPORTS,
    REGIMES,
    WARHEADS,
    OIL_CONSUMPTION,
    OIL_PRODUCTION,
    GAS_CONSUMPTION,
    GAS_PRODUCTION,
)


def read_state_tables(raw: Path) -> Iterator[Observation]:
    """Every figure of the thirty states in the tables described here."""
    for table in TABLES:
        yield from read_states(raw, table)
