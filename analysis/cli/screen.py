"""What the command prints: results on standard output, all else on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.errors import Fault
from analysis.records.files import format_json
from analysis.replication.compare import HARMLESS, Class, Difference, count_classes
from analysis.replication.outcome import Notice
from analysis.replication.trace import Trace

MOST_ROWS = 40
WIDE = 90  # columns in which the table of findings has room for power
COLOURS = {
    "supported": "green",
    "contradicted": "red",
    "negligible": "yellow",
    "inconclusive": "cyan",
    "untestable": "dim",
}


def output() -> Console:
    console = Console(file=sys.stdout, highlight=False)
    return console if console.is_terminal else Console(file=sys.stdout, highlight=False, width=120)


def aside() -> Console:
    return Console(file=sys.stderr, highlight=False)


def print_json(value: object) -> None:
    """Write JSON to standard output, and nothing else."""
    sys.stdout.write(format_json(value))


def warn(line: str) -> None:
    aside().print(line, markup=False, soft_wrap=True)


@contextmanager
def progress(title: str) -> Iterator[Notice]:
    """Show what is under way on standard error while it is a terminal."""
    console = aside()
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(title) as status:
        yield lambda line: status.update(f"{title}: {line}")


def print_faults(faults: Iterable[Fault]) -> None:
    """One fault a line, as text that no console markup can change."""
    console = aside()
    for fault in faults:
        console.print(Text(str(fault)), soft_wrap=True)


def print_findings(verdicts: Mapping[str, Any], numbers: Mapping[str, Any]) -> None:
    """The verdicts as a table: what is printed here is printed in the report."""
    table = Table(box=None, pad_edge=False)
    console = output()
    fields = ["estimate", "interval", "p_value", "p_adjusted"]
    headings = ["claim", "step", "interval", "p", "p adj", "finding"]
    if console.width >= WIDE:
        fields.append("power_at_claim")
        headings.insert(-1, "power")
    for heading in headings:
        words = heading in ("claim", "finding")
        table.add_column(heading, justify="left" if words else "right", no_wrap=True)
    for verdict in verdicts["verdicts"]:
        name, finding = verdict["id"], verdict["finding"]
        texts = [numbers[f"{name}.{field}"]["text"] for field in fields]
        word = numbers[f"{name}.finding_word"]["text"]
        if verdict["role"] == "placebo":
            word += " (placebo)"
        table.add_row(Text(name), *map(Text, texts), Text(word, style=COLOURS[finding]))
    console.print(table)
    console.print(
        Text("Steps in the unit each claim declares; power at the size it claims.", style="dim")
    )


def print_differences(differences: list[Difference]) -> None:
    """Counts of each class, then every number that is not equal or rounded."""
    console = output()
    counts = count_classes(differences)
    console.print(Text(", ".join(f"{kind} {number}" for kind, number in counts.items())))
    wrong = [d for d in differences if d.kind not in HARMLESS]
    if not wrong:
        return
    wrong.sort(key=_weight)
    table = Table(box=None, pad_edge=False)
    for heading in ("class", "number", "record", "afresh"):
        table.add_column(heading, overflow="fold")
    for each in wrong[:MOST_ROWS]:
        table.add_row(each.kind.value, *map(_short, (each.name, each.recorded, each.fresh)))
    console.print(table)
    if len(wrong) > MOST_ROWS:
        console.print(Text(f"and {len(wrong) - MOST_ROWS} more; --json lists them all"))


def _weight(difference: Difference) -> tuple[int, bool, str]:
    """Findings first, then printed numbers, then what lies behind them."""
    rank = [Class.DECISION, Class.NUMERIC, Class.MISSING, Class.NEW].index(difference.kind)
    behind = difference.name.startswith(("calibration.", "curves.", "verdicts."))
    return rank, behind, difference.name


def print_trace(found: Trace) -> None:
    """The number, how it was made, and its cells."""
    console = output()
    label = f"{found.id}.{found.field}" if found.field else found.id
    console.print(Text(f"{label} = {found.text}", style="bold"))
    console.print(Text(found.method))
    if not found.current:
        console.print(
            Text("The cells have changed since this number was made; run the study again.", "red")
        )
    for (variable, unit), cells in found.cells.groupby(["variable", "unit"], sort=False):
        console.print(Text(f"\n{variable} of {unit}", style="bold"))
        console.print(_cells_table(cells))
    for cell in found.cells.drop_duplicates("source").to_dict(orient="records"):
        console.print(Text(f"{cell['source']}: {cell['version']}", style="dim"), soft_wrap=True)


def _cells_table(cells: pd.DataFrame) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("year", "value", "status", "source"):
        table.add_column(heading, no_wrap=True)
    table.add_column("place in the source, and line of observations.csv", overflow="fold")
    for cell in cells.to_dict(orient="records"):
        place = f"{cell['locator']} (line {cell['row']})"
        names = ("year", "stored", "status", "source")
        table.add_row(*(Text(str(cell[name])) for name in names), Text(place))
    return table


def print_explanation(verdict: Mapping[str, Any]) -> None:
    """Each condition of the rule: held or failed, by what number, against what bound."""
    console = output()
    console.print(Text(f"{verdict['id']}: {verdict['finding']}", style="bold"))
    console.print(Text(verdict["claim"]))
    console.print(Text(verdict["reason"]))
    table = Table(box=None, pad_edge=False)
    for heading in ("condition", "holds", "number", "bound"):
        table.add_column(heading, overflow="fold")
    for condition in verdict["conditions"]:
        value = "" if condition["value"] is None else f"{condition['value']:.4g}"
        holds = "yes" if condition["holds"] else "no"
        table.add_row(*map(Text, (condition["name"], holds, value, condition["bound"])))
    console.print(table)


def _short(value: object) -> Text:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Text(text if len(text) <= 70 else f"{text[:67]}...")
