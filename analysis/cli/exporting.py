"""`juncture export`: the panel for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from analysis.cli import screen
from analysis.errors import UsageError
from analysis.replication.export import KINDS, export_panel

ENDINGS = {"r": "R"}


def export(
    out: Annotated[
        Path | None, typer.Argument(metavar="OUT", help="File to be written.", show_default="panel")
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="KIND",
            help="csv, parquet, dta (Stata) or r; else by the ending of OUT.",
        ),
    ] = "",
    unit: Annotated[
        list[str] | None,
        typer.Option("--unit", metavar="UNIT", help="Only this unit; may be given several times."),
    ] = None,
    variable: Annotated[
        list[str] | None,
        typer.Option(
            "--variable", metavar="NAME", help="Only this variable; may be given several times."
        ),
    ] = None,
    study: Annotated[
        Path,
        typer.Option("--study", metavar="DIR", help="Folder of the study.", show_default="here"),
    ] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Write the panel, with its labels, for other programs."""
    if out is None and to not in KINDS:
        raise UsageError("Name a file, or a kind of file with --to csv, parquet, dta or r.")
    path = out or Path(f"panel.{ENDINGS.get(to, to)}")
    exported = export_panel(study, path, to=to, units=unit or (), variables=variable or ())
    if as_json:
        screen.print_json(
            {
                "files": [file.as_posix() for file in exported.files],
                "rows": exported.rows,
                "variables": exported.variables,
                "renamed": exported.renamed,
            }
        )
        return
    console = screen.output()
    names = ", ".join(file.as_posix() for file in exported.files)
    words = f"{exported.rows} unit-years of {exported.variables} variables are in {names}"
    console.print(words, markup=False, soft_wrap=True)
    for name, short in exported.renamed.items():
        console.print(f"{name} is called {short} there, as Stata's names are shorter", markup=False)
