"""All of `observations.csv` from the providers' files and the study's own list of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from analysis.errors import Fault
from analysis.paths import SOURCES
from analysis.sources import (
    china_customs,
    cow_trade,
    energy_flows,
    ideal_points,
    imf_dots,
    mme,
    nato,
    ndu,
    news_events,
    pair_tables,
    pew,
    sanctions,
    sipri_arms,
    sipri_milex,
    un_votes,
    us_troops,
    vetoes,
    world_trade,
)
from analysis.sources.chronicle import count_events
from analysis.sources.chronicle_figures import read_figures
from analysis.sources.derived import derive
from analysis.sources.observations import COLUMNS, KEY, Observation, tabulate_observations
from analysis.sources.rows import hash_file, read_rows
from analysis.sources.speeches import read_speeches
from analysis.sources.state_tables import read_state_tables

CELLS = tuple(column for column in COLUMNS if column not in KEY)

Reader = Callable[[Path], Iterable[Observation]]

READERS: tuple[Reader, ...] = (
    china_customs.read_trade,
    cow_trade.read_trade,
    energy_flows.read_gas,
    energy_flows.read_oil,
    energy_flows.read_prices,
    ideal_points.read_distances,
    ideal_points.read_points,
    imf_dots.read_trade,
    mme.read_exercises,
    nato.read_borders,
    nato.read_capabilities,
    nato.read_expenditure,
    nato.read_members,
    ndu.read_counts,
    ndu.read_leader_visits,
    news_events.read_news,
    pair_tables.read_alliances,
    pair_tables.read_disputes,
    pair_tables.read_distances,
    pair_tables.read_organisations,
    pair_tables.read_rivalries,
    pew.read_views,
    read_state_tables,
    sanctions.read_sanctions,
    sipri_arms.read_register,
    sipri_arms.read_register_sums,
    sipri_arms.read_tiv_table,
    sipri_milex.read_us_expenditure,
    un_votes.read_agreement,
    un_votes.read_mirror,
    us_troops.read_troops,
    vetoes.read_joint_vetoes,
    world_trade.read_totals,
)
STUDY_READERS: tuple[Reader, ...] = (count_events, read_figures)


def extract(raw: Path, study: Path = Path()) -> pd.DataFrame:
    """Rebuild `observations.csv` as a table of text, sorted by key.

    Args:
        raw: Folder that holds the providers' files under the names given in `sources.csv`.
        study: Folder of the study, whose `data/events.csv` is counted and whose
            `data/dictionaries/threat.csv` is looked for in speeches.

    Raises:
        DataError: A file or a column is missing, or a cell does not hold what it should.
    """
    observations = [row for read in READERS for row in read(raw)]
    observations.extend(row for read in STUDY_READERS for row in read(study))
    observations.extend(read_speeches(raw, study))
    observations.extend(derive(observations))
    return tabulate_observations(observations)


def compare(extracted: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """List where two tables of observations differ, one row per cell or row.

    Returns:
        The key, the `column` that differs (empty if the row stands in one table only), and its
        text in `stored` and in `extracted`.
    """
    left, right = _by_key(stored), _by_key(extracted)
    differences = [
        *((*key, "", "a row", "no row") for key in left.keys() - right.keys()),
        *((*key, "", "no row", "a row") for key in right.keys() - left.keys()),
        *(
            (*key, column, left[key][column], right[key][column])
            for key in left.keys() & right.keys()
            for column in CELLS
            if left[key][column] != right[key][column]
        ),
    ]
    return pd.DataFrame(sorted(differences), columns=[*KEY, "column", "stored", "extracted"])


def check_files(raw: Path, study: Path = Path()) -> tuple[Fault, ...]:
    """Compare the provider files in `raw` with the checksums of `sources.csv`.

    Returns:
        A fault for every file that is absent or not the one the study was built from.
    """
    return tuple(
        fault
        for row in read_rows(study, SOURCES, ("source", "file", "sha256"))
        if row.text("file")
        for file, sha256 in zip(
            row.text("file").split(";"), row.text("sha256").split(";"), strict=True
        )
        for fault in _check_file(raw, file.strip(), sha256.strip())
    )


def _by_key(table: pd.DataFrame) -> dict[tuple[str, ...], dict[str, str]]:
    rows = table.astype(str).to_dict("records")
    return {tuple(row[name] for name in KEY): {name: row[name] for name in CELLS} for row in rows}


def _check_file(raw: Path, file: str, sha256: str) -> list[Fault]:
    path = raw / file
    if not path.is_file():
        return [Fault(file, None, "", "the file is not in the raw folder", "fetch it")]
    found = hash_file(path)
    if found == sha256:
        return []
    what = f"its SHA-256 is {found[:12]}..., data/sources.csv has {sha256[:12]}..."
    return [Fault(file, None, "", what, "restore the file, or enter the new vintage as a source")]
