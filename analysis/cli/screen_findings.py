"""What the command prints of findings: the table of `run`, and what `explain` says of one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from analysis.cli.screen import output
from analysis.exhibits.claim_numbers import short_unit_of
from analysis.exhibits.screen_words import (
    BY_SIGN,
    BY_SIZE,
    brief_unit,
    contradicted_by,
    is_cut,
    own_unit,
    why_p_is_larger,
)

COLOURS = {
    "supported": "green",
    "contradicted": "red",
    "negligible": "yellow",
    "inconclusive": "cyan",
    "untestable": "dim",
}
FEW = 5  # claims that are named where they are left out
MARK = "†"
OWN = "in its own unit"
HEADINGS = ("claim", "estimate", "unit", OWN, "interval", "p", "p adj", "power", "finding")
UNBOUND = 10_000  # columns

Verdict = Mapping[str, Any]
Numbers = Mapping[str, Any]


def print_findings(verdicts: Mapping[str, Any], numbers: Numbers) -> None:
    """The testable claims as a table, what its marks mean, and how many came out how.

    What is printed here is printed in the report.
    """
    console = output()
    every = verdicts["verdicts"]
    shown = [each for each in every if each["finding"] != "untestable"]
    if shown:
        table = _widest_that_fits(console, shown, numbers)
        console.print(table)
        console.print()
        for line in _footnotes(shown):
            console.print(Text(line, style="dim"))
    left_out = [each["id"] for each in every if each["finding"] == "untestable"]
    if left_out:
        console.print(Text(_say_left_out(left_out), style="dim"))
    for line in count_findings(every):
        console.print(Text(line))


def count_findings(verdicts: Sequence[Verdict]) -> list[str]:
    """Say how many claims came out how; placebos are counted apart."""
    claims = [each for each in verdicts if each["role"] != "placebo"]
    placebos = [each for each in verdicts if each["role"] == "placebo"]
    counted = [("claim", claims), ("placebo", placebos)]
    return [
        f"{len(of)} {name}{'' if len(of) == 1 else 's'}: {_say_counts(of)}."
        for name, of in counted
        if of
    ]


def _say_counts(verdicts: Sequence[Verdict]) -> str:
    findings = Counter(each["finding"] for each in verdicts)
    ways = Counter(contradicted_by(each) for each in verdicts)
    said = []
    for finding in COLOURS:
        word = f"{findings[finding]} {finding}"
        if finding == "contradicted" and findings[finding]:
            parts = [f"{ways[way]} {way}" for way in (BY_SIGN, BY_SIZE) if ways[way]]
            word += f" ({', '.join(parts)})" if parts else ""
        said.append(word)
    return ", ".join(said)


def _widest_that_fits(console: Console, shown: Sequence[Verdict], numbers: Numbers) -> Table:
    """The table with power, and figures in the outcome's own unit, where there is room for them.

    Where there is no terminal there is room for everything.
    """
    own = 2 * sum(map(bool, map(own_unit, shown))) > len(shown)  # else the column is mostly blank
    tables = [
        _tabulate(shown, numbers, optional)
        for optional in ((OWN, "power") if own else ("power",), ("power",), ())
    ]
    room = console.options.update(width=UNBOUND)
    widths = [Measurement.get(console, room, table).maximum for table in tables]
    if not console.is_terminal:
        console.width = max(console.width, widths[0])
    fitting = (table for table, width in zip(tables, widths, strict=True) if width <= console.width)
    return next(fitting, tables[-1])


def _tabulate(shown: Sequence[Verdict], numbers: Numbers, optional: Sequence[str]) -> Table:
    """Claims first, then placebos; long ids and findings are folded where the table is narrow."""
    table = Table(box=None, pad_edge=False)
    columns = [each for each in HEADINGS if each not in (OWN, "power") or each in optional]
    for heading in columns:
        words = heading in ("claim", "unit", "finding")
        folds = heading in ("claim", "finding")
        table.add_column(
            heading, justify="left" if words else "right", no_wrap=not folds, overflow="fold"
        )
    placebos = [each for each in shown if each["role"] == "placebo"]
    for verdict in [each for each in shown if each["role"] != "placebo"]:
        said = _cells_of(verdict, numbers)
        table.add_row(*(said[heading] for heading in columns))
    if placebos:
        table.add_row(Text("placebos:", style="dim"))
    for verdict in placebos:
        said = _cells_of(verdict, numbers)
        table.add_row(*(said[heading] for heading in columns))
    return table


def _cells_of(verdict: Verdict, numbers: Numbers) -> dict[str, Text]:
    """What may stand in the row of a claim, by heading."""
    name, finding = verdict["id"], verdict["finding"]
    fields = ("estimate", "interval", "p_value", "p_adjusted", "power_at_claim", "finding_word")
    text = {field: numbers[f"{name}.{field}"]["text"] for field in fields}
    word = text["finding_word"]
    has_estimate = verdict["estimate"] is not None
    own = own_unit(verdict) if has_estimate else ""
    natural = f"{numbers[f'{name}.estimate_outcome']['text']} {own}" if own else ""
    # A blank of the same width keeps the digits of unmarked rows in line.
    p = text["p_value"] + (MARK if why_p_is_larger(verdict) else " ")
    return {
        "claim": Text(name),
        "estimate": Text(text["estimate"]),
        "unit": Text(brief_unit(verdict) if has_estimate else ""),
        OWN: Text(natural),
        "interval": Text(text["interval"]),
        "p": Text(p),
        "p adj": Text(text["p_adjusted"]),
        "power": Text(text["power_at_claim"]),
        "finding": Text(word, style=COLOURS[finding]),
    }


def _footnotes(shown: Sequence[Verdict]) -> list[str]:
    units = "sd: standard deviations of the errors of that series"
    if any(short_unit_of(each) == "times" for each in shown):
        units += "; times: a ratio, 1 is no change"
    if any(map(is_cut, shown)):
        units += "; long units are cut short, `juncture explain ID` has them whole"
    lines = [
        f"{units}. Power is that at the size a claim declares; p adj is corrected within its "
        "family."
    ]
    if any(each["role"] == "placebo" for each in shown):
        lines.append("placebos: the same test where nothing is claimed to have happened.")
    ways = set(map(contradicted_by, shown))
    if BY_SIGN in ways:
        lines.append("contradicted by sign: the interval lies wholly on the other side of zero.")
    if BY_SIZE in ways:
        lines.append(
            "contradicted by size: an effect as large as was declared to matter is ruled out; "
            "nothing need have gone the other way."
        )
    reasons = sorted(set(filter(None, map(why_p_is_larger, shown))))
    if reasons:
        lines.append(
            f"{MARK} The interval, that of the estimate alone, leaves zero out, yet p is not "
            f"small: {'; '.join(reasons)}."
        )
    return lines


def _say_left_out(names: Sequence[str]) -> str:
    one = len(names) == 1
    which = f" ({', '.join(names)})" if len(names) <= FEW else ""
    return (
        f"{len(names)} untestable claim{'' if one else 's'}{which} {'is' if one else 'are'} left "
        "out; `juncture explain ID` says why one cannot be tested, the report lists them all."
    )
