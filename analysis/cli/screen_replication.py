"""What `replicate` prints."""

from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from analysis.cli import screen, screen_data
from analysis.replication.compare import Class, count_classes
from analysis.replication.comparison_page import say_environment
from analysis.replication.replicate import Replication


def print_replication(replication: Replication) -> None:
    """What the providers' files gave, the numbers, and what differs in the environment."""
    if replication.extraction is not None:
        screen_data.print_extraction(replication.extraction, written=False)
    screen.print_differences(replication.differences)
    console = screen.output()
    if not replication.unlike:
        if replication.unlike is None:
            console.print(Text(say_environment(replication), style="dim"))
        return
    console.print(Text(say_environment(replication).partition(".")[0] + ":"))
    table = Table(box=None, pad_edge=False)
    for heading in ("what", "when the record was made", "here"):
        table.add_column(heading)
    for each in replication.unlike:
        table.add_row(*map(Text, (each.name, each.recorded or "–", each.here or "–")))
    console.print(table)


def replication_as_dict(replication: Replication) -> dict[str, Any]:
    differences, extraction = replication.differences, replication.extraction
    unlike = replication.unlike
    said: dict[str, Any] = {
        "classes": count_classes(differences),
        "differences": [
            {"number": d.name, "class": d.kind.value, "record": d.recorded, "afresh": d.fresh}
            for d in differences
            if d.kind is not Class.EQUAL
        ],
        "environment": None if unlike is None else [asdict(each) for each in unlike],
    }
    if extraction is not None:
        said["extraction"] = screen_data.extraction_as_dict(extraction, written=False)
    return said
