"""Where providers keep their newest release: addresses as data, and what each file becomes.

A source stands here if its provider lets anyone fetch the file without signing in. The address of
SIPRI's workbook has the release in its name and is moved with each; the others stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from analysis.sources import dataverse, ideal_points, sipri_milex, sipri_workbook, un_votes
from analysis.sources import state_tables as tables
from analysis.sources import world_bank as bank
from analysis.sources.ideal_point_file import reshape_ideal_points
from analysis.sources.observations import Observation
from analysis.sources.reshaped import Reshaped
from analysis.sources.series import StateTable, read_states
from analysis.sources.sipri_workbook import reshape_workbook
from analysis.sources.un_roll_calls import reshape_roll_calls

UN_VOTES = f"{dataverse.ADDRESS}doi:10.7910/DVN/LEJUQZ"


@dataclass(frozen=True, slots=True)
class Remote:
    """One file of a provider.

    Attributes:
        source: Key in `sources.csv` of the vintage held.
        family: What the key of a new vintage begins with.
        url: Address of the file, or of a data set on Dataverse that it is in.
        in_dataset: Which file of that data set, as a regular expression; empty for a file.
        suffix: What the provider's file ends in.
        held: Path in the raw folder of the vintage held, as its readers know it.
        stem: What the path of a new vintage begins with.
        reshape: From the provider's file to the layout of `held`.
        readers: What the study reads from `held` row by row.
    """

    source: str
    family: str
    url: str
    suffix: str
    held: str
    stem: str
    reshape: Callable[[Path], Reshaped]
    readers: tuple[Callable[[Path], Iterable[Observation]], ...]
    in_dataset: str = ""


def _read(table: StateTable) -> Callable[[Path], Iterable[Observation]]:
    return partial(read_states, table=table)


REMOTES = (
    Remote(
        source="idealpoints-2025-07",
        family="idealpoints",
        url=UN_VOTES,
        in_dataset=r"idealpoints.*\.(tab|csv)",
        suffix=".tab",
        held=ideal_points.FILE,
        stem="unga/idealpoints",
        reshape=reshape_ideal_points,
        readers=(ideal_points.read_points, ideal_points.read_distances),
    ),
    Remote(
        source="sipri-milex-2026",
        family="sipri-milex",
        url=sipri_workbook.ADDRESS,
        suffix=".xlsx",
        held=sipri_milex.FILE,
        stem="sipri_milex/sipri_milex",
        reshape=reshape_workbook,
        readers=(_read(tables.EXPENDITURE), sipri_milex.read_us_expenditure),
    ),
    Remote(
        source="voeten-2024",
        family="voeten",
        url=UN_VOTES,
        in_dataset=r"UNVotes.*\.(tab|csv)",
        suffix=".csv",
        held=un_votes.AGREEMENT,
        stem="unga/agreement",
        reshape=reshape_roll_calls,
        readers=(un_votes.read_agreement,),
    ),
    Remote(
        source="wdi-2022-12",
        family="wdi-fuel-exports",
        url=bank.address("TX.VAL.FUEL.ZS.UN"),
        suffix=".json",
        held=tables.FUEL_EXPORTS.file,
        stem="wdi/wdi_fuel_exports_share",
        reshape=bank.as_column("fuel_exports_pct_merch"),
        readers=(_read(tables.FUEL_EXPORTS),),
    ),
    Remote(
        source="wdi-2024",
        family="wdi-gdp-constant",
        url=bank.address("NY.GDP.MKTP.KD"),
        suffix=".json",
        held=tables.OUTPUT.file,
        stem="wdi/wdi_gdp_constant",
        reshape=bank.as_column("gdp_const_usd_trn", state="iso3c", factor=1e-12),
        readers=(_read(tables.OUTPUT),),
    ),
    Remote(
        source="wdi-gdp-current",
        family="wdi-gdp-current",
        url=bank.address("NY.GDP.MKTP.CD"),
        suffix=".json",
        held=tables.OUTPUT_CURRENT.file,
        stem="wdi/wdi_gdp_current_usd",
        reshape=bank.as_column("gdp_current_usd"),
        readers=(_read(tables.OUTPUT_CURRENT),),
    ),
)
