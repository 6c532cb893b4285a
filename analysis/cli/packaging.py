"""`juncture package`: an archive for a journal."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from analysis.cli import screen
from analysis.replication.package import make_package

DEFAULT = "replication.zip"


def package(
    out: Annotated[Path, typer.Argument(metavar="OUT.zip", help="File to be written.")] = Path(
        DEFAULT
    ),
    study: Annotated[
        Path,
        typer.Option("--study", metavar="DIR", help="Folder of the study.", show_default="here"),
    ] = Path(),
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure time and memory although it was done before.")
    ] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, metavar="N", help="Processes for the replication.")
    ] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Make a replication archive, with a README for editors.

    It holds data, claims, record, code and lock.

    The record is replicated in full first, which is measured; that is done once for the same data,
    declarations and toolkit.
    """
    with screen.progress("Packaging") as notice:
        archive = make_package(study, out, jobs=jobs, again=measure, notice=notice)
    measured = archive.measured
    for line in screen.say_unfilled(study):
        screen.warn(line)
    if as_json:
        screen.print_json(
            {
                "archive": out.as_posix(),
                "files": archive.files,
                "sha256": archive.sha256,
                "measured": asdict(measured),
            }
        )
        return
    console = screen.output()
    console.print(
        f"Replicated in {measured.seconds:,.1f} s: "
        + ", ".join(f"{kind} {number}" for kind, number in measured.classes.items()),
        markup=False,
    )
    words = f"{archive.files} files are in {out.as_posix()}, SHA-256 {archive.sha256}"
    console.print(words, markup=False, soft_wrap=True)
