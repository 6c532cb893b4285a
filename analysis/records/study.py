"""A study: all its tables read together, checked against each other, and trusted after that."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import paths
from analysis.errors import DataError, Fault, UsageError
from analysis.records.citations import (
    Source,
    build_sources,
    find_source_faults,
    read_references,
)
from analysis.records.claim_faults import find_claim_faults
from analysis.records.claims import build_claims
from analysis.records.codebook import Variable, build_variables, find_codebook_faults
from analysis.records.columns import Known, find_cell_faults, find_key_faults
from analysis.records.composites import Member, build_composites, find_composite_faults
from analysis.records.declared import Declared, read_toml
from analysis.records.declared_together import find_declaration_faults
from analysis.records.digest import digest_data, digest_declarations
from analysis.records.events import build_events, find_event_faults
from analysis.records.forms import FORMS
from analysis.records.hypothesis import Hypothesis, build_hypothesis
from analysis.records.junctures import Juncture, build_junctures, find_juncture_faults
from analysis.records.never import find_never_faults
from analysis.records.observations import build_observations, find_observation_faults
from analysis.records.reach import reach_of
from analysis.records.settings import (
    Settings,
    build_settings,
    declared_period,
    find_settings_faults,
)
from analysis.records.table import Table, read_table
from analysis.records.units import Unit, build_units, find_unit_faults
from analysis.records.words import is_number, is_year, split_list

KEYS: Mapping[str, tuple[str, str]] = {  # what can be named, and the table and column that lists it
    "source": (paths.SOURCES, "source"),
    "unit": (paths.UNITS, "unit"),
    "variable": (paths.CODEBOOK, "variable"),
    "juncture": (paths.JUNCTURES, "juncture"),
    "claim": (paths.CLAIMS, "claim"),
    "event": (paths.EVENTS, "event"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Everything a study declares, checked.

    Attributes:
        observations: unit, year, variable, value (NaN if missing), stored (as in the file),
            status, source, locator, note, row (line of the file).
        events: The columns of the table, with `stored`, `year` and `row`.
        claims: The columns of the table as text, with `row`.
        composites: The members of the indices; none where the study has no such table.
        references: Keys of the bibliography.
        data_sha256: Of the data tables; see `digest_data`.
        declarations_sha256: Of the hypotheses, junctures and settings that decide.
    """

    root: Path
    settings: Settings
    sources: Mapping[str, Source]
    units: Mapping[str, Unit]
    variables: Mapping[str, Variable]
    junctures: Mapping[str, Juncture]
    hypotheses: Mapping[str, Hypothesis]
    observations: pd.DataFrame
    events: pd.DataFrame
    claims: pd.DataFrame
    composites: tuple[Member, ...]
    references: frozenset[str]
    data_sha256: str
    declarations_sha256: str


def read_study(root: Path) -> Study:
    """Read the study in the folder `root`.

    Raises:
        DataError: Something in it breaks a rule; carries every fault found.
        UsageError: There is no study in `root`, or a file of it may not be read.
    """
    files = _read_files(root)
    faults = _find_faults(files)
    if faults:
        raise DataError(faults)
    return _build(files)


def check_study(root: Path) -> tuple[Fault, ...]:
    """Give every fault of the study in the folder `root`, in order of file and row.

    Raises:
        UsageError: There is no study in `root`, or a file of it may not be read.
    """
    return tuple(_find_faults(_read_files(root)))


@dataclass(frozen=True, slots=True, eq=False)
class _Files:
    """What could be read of each file, as text, and the faults of reading."""

    root: Path
    tables: Mapping[str, Table]
    references: frozenset[str] | None
    settings: Declared | None
    hypotheses: Declared | None
    faults: tuple[Fault, ...]

    def table(self, file: str) -> Table | None:
        return self.tables.get(file)


def _read_files(root: Path) -> _Files:
    if not (root / paths.SETTINGS).exists() and not (root / "data").is_dir():
        raise UsageError(f"{root} is no study: it has neither {paths.SETTINGS} nor a folder data.")
    tables: dict[str, Table] = {}
    faults: list[Fault] = []
    for form in FORMS:
        if form.optional and not (root / form.file).exists():
            continue
        table, found = read_table(root, form.file, form.names, form.optional_names)
        faults += found
        if table is not None:
            tables[form.file] = table
    references, of_references = read_references(root)
    settings, of_settings = read_toml(root, paths.SETTINGS)
    hypotheses, of_hypotheses = read_toml(root, paths.HYPOTHESES)
    faults += of_references + of_settings + of_hypotheses
    return _Files(root, tables, references, settings, hypotheses, tuple(faults))


def _find_faults(files: _Files) -> list[Fault]:
    known = _known(files)
    faults = list(files.faults)
    for form in FORMS:
        table = files.table(form.file)
        if table is not None:
            faults += find_cell_faults(table, form, known)
            faults += find_key_faults(table, form)
    faults += _find_table_faults(files)
    if files.settings is not None:
        faults += find_settings_faults(files.settings)
    if files.hypotheses is not None:
        faults += find_declaration_faults(files.hypotheses, known, _ranked_sources(files))
        tables = (files.table(paths.OBSERVATIONS), files.table(paths.CODEBOOK))
        reach = reach_of(files.settings, files.hypotheses, *tables)
        faults += find_never_faults(files.hypotheses, reach)
    return sorted(set(faults))


def _find_table_faults(files: _Files) -> Iterator[Fault]:
    """The rules that each table has of its own."""
    units, codebook = files.table(paths.UNITS), files.table(paths.CODEBOOK)
    observations = files.table(paths.OBSERVATIONS)
    if (table := files.table(paths.SOURCES)) is not None:
        yield from find_source_faults(table)
    if units is not None:
        yield from find_unit_faults(units)
    if codebook is not None:
        yield from find_codebook_faults(codebook)
    if observations is not None:
        yield from find_observation_faults(observations, codebook, units)
    if (table := files.table(paths.EVENTS)) is not None:
        yield from find_event_faults(table, units)
    if (table := files.table(paths.JUNCTURES)) is not None:
        period, observed = declared_period(files.settings), _observed_years(observations)
        yield from find_juncture_faults(table, period, observed)
    if (table := files.table(paths.CLAIMS)) is not None:
        yield from find_claim_faults(table, codebook, files.table(paths.EVENTS))
    if (table := files.table(paths.COMPOSITES)) is not None:
        yield from find_composite_faults(table, codebook, observations)


def _known(files: _Files) -> Known:
    known: dict[str, Collection[str] | None] = {"reference": files.references, "hypothesis": None}
    for kind, (file, column) in KEYS.items():
        table = files.table(file)
        known[kind] = table.names(column) if table is not None else None
    return known


def _observed_years(table: Table | None) -> tuple[int, int] | None:
    if table is None or not table.complete or not table.has("year", "value"):
        return None
    with_value = table.frame.loc[table.frame["value"].map(is_number).astype(bool), "year"]
    years = [int(text) for text in pd.unique(with_value) if is_year(text)]
    return (min(years), max(years)) if years else None


def _ranked_sources(files: _Files) -> dict[str, tuple[str, ...]]:
    """The sources of each variable, as far as the codebook can be read."""
    table = files.table(paths.CODEBOOK)
    if table is None or not table.has("variable", "sources"):
        return {}
    return {
        str(variable): split_list(str(sources))
        for variable, sources in zip(table.frame["variable"], table.frame["sources"], strict=True)
    }


def _build(files: _Files) -> Study:
    assert files.settings is not None
    assert files.hypotheses is not None
    assert files.references is not None
    settings = build_settings(files.settings)
    junctures = build_junctures(files.tables[paths.JUNCTURES])
    claims, claims_frame = build_claims(files.tables[paths.CLAIMS])
    composites = files.table(paths.COMPOSITES)
    declared: Any = files.hypotheses.content["hypothesis"]
    hypotheses = {
        table["id"]: build_hypothesis(table, settings.alpha, claims)
        for table in sorted(declared, key=lambda table: str(table["id"]))
    }
    return Study(
        root=files.root,
        settings=settings,
        sources=build_sources(files.tables[paths.SOURCES]),
        units=build_units(files.tables[paths.UNITS]),
        variables=build_variables(files.tables[paths.CODEBOOK]),
        junctures=junctures,
        hypotheses=hypotheses,
        observations=build_observations(files.tables[paths.OBSERVATIONS]),
        events=build_events(files.tables[paths.EVENTS]),
        claims=claims_frame,
        composites=build_composites(composites) if composites is not None else (),
        references=files.references,
        data_sha256=digest_data(files.root),
        declarations_sha256=digest_declarations(settings, junctures, hypotheses),
    )
