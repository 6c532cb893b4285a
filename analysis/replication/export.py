"""Hand the panel on to other programs: csv, parquet, Stata, R; with the labels of the codebook."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from string import Template

import pandas as pd

from analysis.errors import UsageError
from analysis.panel.assemble import assemble_panel
from analysis.panel.panel import Panel
from analysis.records.files import write_bytes_atomically
from analysis.records.study import Study, read_study
from analysis.records.words import join_words, suggest

SCRIPT = Path(__file__).parent / "templates" / "export" / "panel.R"
PARQUET = "Writing parquet needs pyarrow: pip install 'juncture[parquet]'."
STATA_NAME, STATA_LABEL = 32, 80  # characters
# Stata writes a moment into the file; it is no fact about a panel. No time zone: Stata knows none.
MOMENT = datetime(1980, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True, slots=True, eq=False)
class Exported:
    """Files written, and names that had to be changed, by variable."""

    files: tuple[Path, ...]
    rows: int
    variables: int
    renamed: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Wide:
    """The panel as a table, with what is to be said of it."""

    frame: pd.DataFrame
    labels: Mapping[str, tuple[str, str]]
    title: str
    sha256: str


def export_panel(
    root: Path,
    out: Path,
    *,
    to: str = "",
    units: Iterable[str] = (),
    variables: Iterable[str] = (),
) -> Exported:
    """Write the panel of a study, one row for each unit and year, one column for each variable.

    Each cell is the value of the first source in the codebook that has one; what is missing is
    blank. The same study gives the same bytes.

    Args:
        root: Study folder.
        out: File to write; for R the script, beside which the table is put.
        to: "csv", "parquet", "dta" or "r"; by the ending of `out` if it is not given.
        units: Only these; none means all.
        variables: Only these; none means all that have a value.

    Raises:
        DataError: The study has faults.
        UsageError: The kind of file, a unit or a variable is not known, or pyarrow is missing.
    """
    kind = to or out.suffix.lower().removeprefix(".")
    if kind not in _WRITERS:
        known = join_words(sorted(_WRITERS))
        raise UsageError(
            f"The panel cannot be written as {kind or 'nothing'}; name one of {known}."
        )
    study = read_study(root)
    table = _choose(study, assemble_panel(study), tuple(units), tuple(variables))
    contents, renamed = _WRITERS[kind](table, out)
    for path, content in contents.items():
        write_bytes_atomically(path, content)
    rows, columns = table.frame.shape
    return Exported(tuple(contents), rows, columns - 2, renamed)


def _choose(
    study: Study, panel: Panel, units: tuple[str, ...], variables: tuple[str, ...]
) -> _Wide:
    for name, known in [(u, panel.units) for u in units] + [
        (v, panel.variables) for v in variables
    ]:
        if name not in known:
            raise UsageError(f"The panel has no {name}; {suggest(name, known)}")
    frame = panel.frame[list(variables) if variables else list(panel.variables)]
    if units:
        frame = frame[frame.index.get_level_values("unit").isin(units)]
    frame = frame.dropna(axis="index", how="all")
    if not variables:
        frame = frame.dropna(axis="columns", how="all")
    flat = frame.sort_index().reset_index()
    book = {str(name): panel.codebook[str(name)] for name in frame.columns}
    labels = {name: (entry.label, entry.measured_in) for name, entry in book.items()}
    named = {"unit": ("Unit", ""), "year": ("Year", ""), **labels}
    return _Wide(flat, named, study.settings.title, study.data_sha256)


def _write_csv(table: _Wide, out: Path) -> tuple[dict[Path, bytes], dict[str, str]]:
    beside = out.with_name(f"{out.stem}-labels.csv")
    text = table.frame.to_csv(index=False, lineterminator="\n")
    return {out: text.encode(), beside: _tabulate_labels(table).encode()}, {}


def _write_r(table: _Wide, out: Path) -> tuple[dict[Path, bytes], dict[str, str]]:
    script, data = out.with_suffix(".R"), out.with_suffix(".csv")
    contents, _ = _write_csv(table, data)
    words = {
        "csv": data.name,
        "labels": f"{data.stem}-labels.csv",
        "script": script.name,
        "example": table.frame.columns[-1],
        "title": re.sub(r'["\\]', "'", table.title),
        "sha256": table.sha256,
    }
    filled = Template(SCRIPT.read_text("utf-8")).substitute(words)
    return {script: filled.encode(), **contents}, {}


def _write_stata(table: _Wide, out: Path) -> tuple[dict[Path, bytes], dict[str, str]]:
    names = shorten_names([str(name) for name in table.frame.columns])
    labels = {
        names[name]: _cut(f"{label} ({unit})" if unit else label, STATA_LABEL)
        for name, (label, unit) in table.labels.items()
    }
    renamed = {name: short for name, short in names.items() if name != short}
    buffer = io.BytesIO()
    table.frame.rename(columns=names).astype({"year": "int16"}).to_stata(
        buffer,
        write_index=False,
        version=118,
        time_stamp=MOMENT,
        data_label=_cut(table.title, STATA_LABEL),
        variable_labels=labels,
    )
    return {out: buffer.getvalue()}, renamed


def _write_parquet(table: _Wide, out: Path) -> tuple[dict[Path, bytes], dict[str, str]]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError(PARQUET) from error
    whole = pa.Table.from_pandas(table.frame, preserve_index=False)
    fields = [
        field.with_metadata(
            {"label": table.labels[field.name][0], "measured_in": table.labels[field.name][1]}
        )
        for field in whole.schema
    ]
    said = {"title": table.title, "data_sha256": table.sha256}
    about = {**(whole.schema.metadata or {}), b"juncture": json.dumps(said).encode()}
    buffer = io.BytesIO()
    parquet.write_table(whole.cast(pa.schema(fields, metadata=about)), buffer)
    return {out: buffer.getvalue()}, {}


_Writer = Callable[[_Wide, Path], tuple[dict[Path, bytes], dict[str, str]]]
_WRITERS: Mapping[str, _Writer] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "dta": _write_stata,
    "r": _write_r,
}
KINDS = tuple(_WRITERS)


def shorten_names(names: list[str]) -> dict[str, str]:
    """Names of at most 32 characters, as Stata wants them; those cut off end in a number.

    >>> shorten_names(["year", "a" * 31 + "bc", "a" * 31 + "de"])["a" * 31 + "de"]
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_2'
    """
    taken = {name for name in names if len(name) <= STATA_NAME}
    short = {name: name for name in taken}
    for name in names:
        if name in short:
            continue
        numbered = (f"_{number}" for number in count(1))
        cut = (f"{name[: STATA_NAME - len(end)].rstrip('_')}{end}" for end in numbered)
        candidate = next(each for each in cut if each not in taken)
        short[name] = candidate
        taken.add(candidate)
    return {name: short[name] for name in names}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _tabulate_labels(table: _Wide) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["variable", "label", "measured_in"])
    writer.writerows([name, *words] for name, words in table.labels.items())
    return text.getvalue()
