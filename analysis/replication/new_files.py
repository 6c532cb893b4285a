"""Write the tables of a study from a wide table; what cannot be known is left to be filled in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from string import Template

from analysis.errors import DataError, Fault, UsageError
from analysis.paths import CLAIMS, CODEBOOK, EVENTS, JUNCTURES, SETTINGS, SOURCES, UNITS, StudyPaths
from analysis.records.files import write_bytes_atomically, write_text_atomically
from analysis.records.forms import FORMS
from analysis.records.unfilled import LATER
from analysis.records.units import MEMBER, STATE
from analysis.replication.new_table import WideTable
from analysis.sources.observations import Observation, tabulate_observations, write_observations

TEMPLATE = Path(__file__).parent / "templates" / "table"
GUESSED = f"Construct, unit of measure and bounds are {LATER}; the scale is guessed"


def write_from_table(folder: Path, table: WideTable, *, declared: date) -> None:
    """Write a study into `folder`, which exists.

    Raises:
        DataError: Units or variables cannot be told apart by the names a study allows.
        UsageError: No variable has a value.
    """
    units = _name_units(table)
    variables = _name_variables(table)
    source = _slug(table.file.stem, "-") or "table"
    if source == "my-paper":
        source = "my-table"
    rows = _observe(table, units, variables, source)
    if not rows:
        raise UsageError(f"{table.file.name} holds no value beside {table.unit} and {table.year}.")
    _write_rows(folder, SOURCES, [_source_row(table, source)])
    _write_rows(folder, UNITS, [_unit_row(code, name) for name, code in units.items()])
    _write_rows(folder, CODEBOOK, _codebook_rows(table, variables, source, rows))
    for file in (EVENTS, JUNCTURES, CLAIMS):
        _write_rows(folder, file, [])
    write_observations(tabulate_observations(rows), StudyPaths(folder).observations)
    write_bytes_atomically(folder / "raw" / table.file.name, table.content)
    _fill_templates(folder, table, source, rows, declared)


def code_unit(name: str) -> str:
    """The code of a unit: as it is where it is one, else made of its letters and digits.

    >>> [code_unit(name) for name in ("CHN", "RUS-CHN", "RUS>CHN", "South Korea", "710")]
    ['CHN', 'CHN-RUS', 'RUS>CHN', 'South_Korea', 'U710']
    """
    sides = re.split("[->]", name)
    if len(sides) == 2 and all(MEMBER.fullmatch(side) for side in sides) and len(set(sides)) == 2:
        return name if ">" in name else "-".join(sorted(sides))
    code = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    return code[:1].upper() + code[1:] if code[:1].isalpha() else f"U{code}"


def name_variable(column: str) -> str:
    """The name of a variable: small letters, digits and single underscores.

    >>> name_variable("GDP (const. 2015 US$)"), name_variable("tradeShare"), name_variable("2nd")
    ('gdp_const_2015_us', 'tradeshare', 'v_2nd')
    """
    name = _slug(column, "_")
    return name if name[:1].isalpha() else f"v_{name}".rstrip("_")


def _slug(text: str, mark: str) -> str:
    return re.sub(r"[^a-z0-9]+", mark, text.lower()).strip(mark)


def _name_units(table: WideTable) -> dict[str, str]:
    names = list(dict.fromkeys(table.frame[table.unit]))
    return _tell_apart(table, table.unit, {name: code_unit(name) for name in names})


def _name_variables(table: WideTable) -> dict[str, str]:
    return _tell_apart(table, "", {name: name_variable(name) for name in table.variables})


def _tell_apart(table: WideTable, column: str, codes: dict[str, str]) -> dict[str, str]:
    first: dict[str, str] = {}
    faults = []
    for name, code in codes.items():
        other = first.setdefault(code, name)
        if other != name:
            what = f'"{name}" and "{other}" would both be called {code}'
            faults.append(Fault(table.file.name, None, column or name, what, "rename one of them"))
    if faults:
        raise DataError(faults)
    return codes


def _observe(
    table: WideTable, units: dict[str, str], variables: dict[str, str], source: str
) -> list[Observation]:
    file, frame = table.file.name, table.frame
    return [
        Observation(
            units[unit], int(year), variables[column], float(cell), "reported", source,
            f"{file}, {place}, column {column}",
        )
        for column in table.variables
        for unit, year, cell, place in zip(
            frame[table.unit], frame[table.year], frame[column], table.places, strict=True
        )
        if cell
    ]  # fmt: skip


def _source_row(table: WideTable, source: str) -> dict[str, str]:
    return {
        "source": source,
        "producer": LATER,
        "title": f"The table {table.file.name}",
        "version": LATER,
        "licence": LATER,
        "file": table.file.name.replace(";", "_"),
        "sha256": table.sha256,
    }


def _unit_row(code: str, name: str) -> dict[str, str]:
    mark = next((mark for mark in "->" if mark in code), "")
    row = {"unit": code, "name": name, "kind": "state" if STATE.fullmatch(code) else "group"}
    if mark:
        row["kind"] = "dyad" if mark == "-" else "directed_dyad"
        row["side_a"], row["side_b"] = code.split(mark)
    return row


def _codebook_rows(
    table: WideTable, variables: dict[str, str], source: str, rows: list[Observation]
) -> list[dict[str, str]]:
    found = []
    for column, variable in variables.items():
        here = [row for row in rows if row.variable == variable]
        if not here:
            continue
        years = [row.year for row in here]
        found.append(
            {
                "variable": variable,
                "label": " ".join((table.labels.get(column) or column).split()),
                "construct": "control",
                "measured_in": LATER,
                "scale": guess_scale([row.value for row in here if row.value is not None]),
                "sources": source,
                "coverage_first": str(min(years)),
                "coverage_last": str(max(years)),
                "note": GUESSED,
            }
        )
    return found


def guess_scale(values: Iterable[float]) -> str:
    """The narrowest scale that allows all values.

    >>> [guess_scale(values) for values in ([0, 1], [0, 7], [0.2, 0.9], [0.5, 12], [-1.5])]
    ['binary', 'count', 'share', 'amount', 'index']
    """
    values = list(values)
    whole = all(value == int(value) for value in values)
    if min(values) < 0:
        return "index"
    if set(values) <= {0, 1}:
        return "binary"
    if whole:
        return "count"
    return "share" if max(values) <= 1 else "amount"


def _write_rows(folder: Path, file: str, rows: list[dict[str, str]]) -> None:
    """Write a table in the form a study has it, sorted by key."""
    form = next(form for form in FORMS if form.file == file)
    names = [column.name for column in form.columns if not column.optional]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: [row[name] for name in form.key]))
    write_text_atomically(folder / file, text.getvalue())


def _fill_templates(
    folder: Path, table: WideTable, source: str, rows: list[Observation], declared: date
) -> None:
    first, last = min(row.year for row in rows), max(row.year for row in rows)
    unit, variable = _longest(rows)
    scale = guess_scale(
        [row.value for row in rows if row.variable == variable and row.value is not None]
    )
    middle = (first + last + 1) // 2
    juncture = ["my-juncture", "What happened", "claimed", f"{middle}-01-01", str(middle)]
    words = {
        "title": _plain(table.file.stem),
        "file": _plain(table.file.name),
        "sha256": table.sha256,
        "first": first,
        "last": last,
        "source": source,
        "unit": unit,
        "variable": variable,
        "transform": f'transform = "{"sqrt38" if scale == "count" else "none"}"'.ljust(33),
        "juncture_row": ",".join([*juncture, "", "", "my-paper", ""]),
        "today": declared.isoformat(),
    }
    for name in (SETTINGS, "data/references.bib", "data/hypotheses.toml", "README.md"):
        text = Template((TEMPLATE / name).read_text("utf-8")).substitute(words)
        write_text_atomically(folder / name, text)


def _plain(text: str) -> str:
    """Without what TOML and BibTeX read as marks."""
    return re.sub(r'["\\{}@%#\s]+', " ", text).strip() or "table"


def _longest(rows: list[Observation]) -> tuple[str, str]:
    """Unit and variable of the series with the most values."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        counts[row.unit, row.variable] = counts.get((row.unit, row.variable), 0) + 1
    return max(sorted(counts), key=lambda series: counts[series])
