"""`juncture calibrate`: how often the tests of a study err, within their model and off it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from analysis.cli import screen
from analysis.paths import StudyPaths
from analysis.replication.calibrate import Calibrated, calibrate_study
from analysis.replication.cluster import on_cluster
from analysis.replication.service import Entry

SHOWN = (1.0, 2.0)  # sd at which power is printed; the others are in calibration.json


def calibrate(
    study: Annotated[
        Path,
        typer.Option("--study", metavar="DIR", help="Folder of the study.", show_default="here"),
    ] = Path(),
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="ID", help="Measure this claim; may be given several times."
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, metavar="N", help="Processes; the result is the same.")
    ] = 1,
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster",
            metavar="ADDRESS",
            help="Simulate on this Dask cluster; the result is the same.",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Measure size, power and coverage of every primary test.

    Each is measured on the model it assumes, and where that does not hold.
    """
    with screen.progress("Calibrating") as notice, on_cluster(cluster):
        calibrated = calibrate_study(study, only=tuple(only or ()), jobs=jobs, notice=notice)
    if as_json:
        screen.print_json(calibrated.to_dict())
    else:
        _print(calibrated)
        where = f"All of it is in {StudyPaths(study).calibration.as_posix()}"
        screen.output().print(where, markup=False, soft_wrap=True)


def _print(calibrated: Calibrated) -> None:
    console = screen.output()
    table = Table(box=None, pad_edge=False)
    powers = [f"{effect:g} sd" for effect in SHOWN]
    headings = ("claim", "size", "at ends", "coverage", *powers, "detectable", "worst", "under")
    for heading in headings:
        words = heading in ("claim", "under")
        table.add_column(heading, justify="left" if words else "right", no_wrap=True)
    for curve in calibrated.curves:
        table.add_row(*map(Text, _row(curve, calibrated)))
    console.print(table)
    for claim, reason in calibrated.refused.items():
        console.print(Text(f"{claim}: {reason}"), soft_wrap=True)
    console.print(
        Text(
            "size: found where nothing is, at alpha; then power at each size; detectable: found "
            "four times in five; worst: the largest size under a departure from the model.",
            style="dim",
        )
    )


def _row(curve: Entry, calibrated: Calibrated) -> list[str]:
    power = {point["effect"]: point["rate"] for point in curve["power"]}
    departed = [each for each in calibrated.departures if each["claim"] == curve["claim"]]
    worst = max(departed, key=lambda each: float(each["size"]["rate"]))
    low, high = (_percent(end["rate"]) for end in curve["size_ends"])
    coverage, detectable = curve["coverage"], curve["detectable"]
    return [
        curve["claim"],
        _percent(curve["size"]["rate"]),
        f"{low} {high}",
        "–" if coverage is None else _percent(coverage["rate"]),
        *(f"{100 * power[effect]:.0f} %" for effect in SHOWN),
        "–" if detectable is None else f"{detectable:.2f} sd",
        _percent(worst["size"]["rate"]),
        str(worst["departure"]),
    ]


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f} %"
