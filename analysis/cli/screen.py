"""What the command prints: results on standard output, all else on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.errors import Fault
from analysis.records.files import format_json
from analysis.records.unfilled import find_unfilled
from analysis.replication.compare import HARMLESS, Class, Difference, count_classes
from analysis.replication.outcome import Notice
from analysis.replication.trace import Trace

MOST_ROWS = 40
SOON, PAUSE = 5.0, 20.0  # seconds to the first line and between lines, where is no terminal


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


def start_clock() -> None:
    """Begin to count the time for which nothing has been said."""
    _Clock.started = monotonic()
    _Clock.due = _Clock.started + SOON


@contextmanager
def progress(title: str) -> Iterator[Notice]:
    """Show what is under way on standard error: always on a terminal, else a line now and then."""
    console = aside()
    if not console.is_terminal:
        _say_now_and_then(title)
        yield lambda line: _say_now_and_then(f"{title}: {line}")
        return
    with console.status(title) as status:
        yield lambda line: status.update(f"{title}: {line}")


class _Clock:
    started = monotonic()
    due = started + SOON


def _say_now_and_then(words: str) -> None:
    """One line, unless another came shortly before: a log should show that something happens."""
    now = monotonic()
    if now < _Clock.due:
        return
    _Clock.due = now + PAUSE
    minutes, seconds = divmod(round(now - _Clock.started), 60)
    warn(f"{minutes}:{seconds:02d}  {words}")


def print_faults(faults: Iterable[Fault]) -> None:
    """One fault a line, as text that no console markup can change."""
    console = aside()
    for fault in faults:
        console.print(Text(str(fault)), soft_wrap=True)


def say_unfilled(study: Path) -> list[str]:
    """What is still to be filled in, a line a file after one with their number; none if nothing."""
    found = find_unfilled(study)
    if not found:
        return []
    places = sum(each.places for each in found)
    plural = "s" if places > 1 else ""
    return [f"Still to be filled in, {places} place{plural}:", *(f"  {each}" for each in found)]


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
    table.add_column("class", no_wrap=True)
    table.add_column("number", no_wrap=True)  # a name that is cut in two cannot be looked for
    for heading in ("record", "afresh"):
        table.add_column(heading, overflow="fold")
    for each in wrong[:MOST_ROWS]:
        table.add_row(each.kind.value, Text(each.name), _short(each.recorded), _short(each.fresh))
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
    console.print(Text(f"{label} = {found.said}", style="bold"))
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


def _short(value: object) -> Text:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Text(text if len(text) <= 70 else f"{text[:67]}...")
