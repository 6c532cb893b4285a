"""`data/README.md`: dictionary, coverage, licences and disagreements, made from the tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from string import Template

import pandas as pd

from analysis.paths import StudyPaths
from analysis.records.files import write_text_atomically
from analysis.sources.coverage import draw_coverage
from analysis.sources.disagreements import tabulate_disagreements
from analysis.sources.observations import read_observations

TEMPLATE = Path(__file__).parent / "data_readme.txt"
MEANINGS = {
    "reported": "as the source has it",
    "computed": "counted, summed or otherwise made from what sources have",
    "estimated": "an estimate or a round figure, by the source's own word",
    "recalled": "from general knowledge, no source seen",
    "interpolated": "between two values of a source",
    "missing": "the source says that there is none to be had",
}


def write_data_readme(study: Path) -> None:
    """Write `README.md` and `coverage.svg` into the data folder of a study."""
    observations, codebook = _read_tables(study)
    folder = StudyPaths(study).data
    write_text_atomically(folder / "coverage.svg", draw_coverage(observations, codebook))
    write_text_atomically(folder / "README.md", describe_data(study))


def describe_data(study: Path) -> str:
    """Give the text of `data/README.md`."""
    paths = StudyPaths(study)
    observations, codebook = _read_tables(study)
    events, sources = _read(paths.events), _read(paths.sources)
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        n_observations=f"{len(observations):,}",
        n_variables=len(codebook),
        n_units=observations["unit"].nunique(),
        n_sources=len(sources),
        n_events=len(events),
        n_recalled=int((events["status"] == "recalled").sum()),
        first_year=observations["year"].min(),
        last_year=observations["year"].max(),
        dictionary=_describe_variables(observations, codebook),
        notes=_list_notes(codebook),
        statuses=_describe_statuses(observations),
        kinds=_describe_kinds(events),
        disagreements=_describe_disagreements(observations, codebook),
        sources=_describe_sources(sources),
    )


def _read_tables(study: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    paths = StudyPaths(study)
    return read_observations(paths.observations), _read(paths.codebook)


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def _tabulate(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(_escape(cell) for cell in line)} |" for line in lines)


def _escape(cell: object) -> str:
    return str(cell).replace("|", "\\|")


def _describe_variables(observations: pd.DataFrame, codebook: pd.DataFrame) -> str:
    n_units = observations.groupby("variable")["unit"].nunique()
    header = ("variable", "label", "component", "measured in", "units", "years", "sources")
    parts = []
    for construct, rows in codebook.groupby("construct"):
        table = _tabulate(
            header,
            (
                (
                    f"`{row['variable']}`",
                    row["label"],
                    row["component"].replace("_", " "),
                    row["measured_in"],
                    n_units.get(row["variable"], 0),
                    f"{row['coverage_first']}-{row['coverage_last']}",
                    row["sources"].replace(";", ", "),
                )
                for row in rows.to_dict("records")
            ),
        )
        parts.append(f"### {str(construct).capitalize()}\n\n{table}")
    return "\n\n".join(parts)


def _list_notes(codebook: pd.DataFrame) -> str:
    noted = codebook[codebook["note"] != ""]
    return "\n".join(f"* `{row['variable']}`: {row['note']}" for row in noted.to_dict("records"))


def _describe_statuses(observations: pd.DataFrame) -> str:
    counts = observations["status"].value_counts()
    return "\n".join(
        f"| `{status}` | {counts.get(status, 0):,} | {meaning} |"
        for status, meaning in MEANINGS.items()
    )


def _describe_kinds(events: pd.DataFrame) -> str:
    grouped = events.assign(
        year=events["date"].str[:4], recalled=events["status"] == "recalled"
    ).groupby("kind")
    rows = (
        (
            f"`{kind}`",
            len(rows),
            int(rows["recalled"].sum()),
            f"{rows['year'].min()}-{rows['year'].max()}",
        )
        for kind, rows in grouped
    )
    return _tabulate(("kind", "rows", "recalled", "years"), rows)


def _describe_disagreements(observations: pd.DataFrame, codebook: pd.DataFrame) -> str:
    table = tabulate_disagreements(observations, codebook)
    header = (
        "variable",
        "preferred",
        "other",
        "cells",
        "equal",
        "zero in one",
        "median",
        "largest",
    )
    rows = (
        (
            f"`{row['variable']}`",
            row["preferred"],
            row["other"],
            row["n_cells"],
            row["n_equal"],
            row["n_zero"],
            f"{row['median_ratio']:.1f} %",
            f"{row['largest_ratio']:.1f} % ({row['where']})",
        )
        for row in table.to_dict("records")
    )
    return _tabulate(header, rows)


def _describe_sources(sources: pd.DataFrame) -> str:
    header = ("source", "producer", "title", "licence and terms")
    rows = (
        (
            f"[`{row['source']}`]({row['url']})" if row["url"] else f"`{row['source']}`",
            row["producer"],
            row["title"],
            row["licence"],
        )
        for row in sources.to_dict("records")
    )
    return _tabulate(header, rows)
