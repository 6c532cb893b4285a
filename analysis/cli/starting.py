"""`juncture new`: a study to begin with."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from analysis.cli import screen
from analysis.errors import Fault, UsageError
from analysis.records.study import check_study
from analysis.replication.new import make_example_study, make_study_from_table

Names = ("file", "row", "column", "fault", "remedy")


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to be made.")],
    file: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE", help="A csv, dta, xlsx or parquet table, a row a unit-year."
        ),
    ] = None,
    unit: Annotated[
        str, typer.Option("--unit", metavar="COLUMN", help="Its column that names the unit.")
    ] = "unit",
    year: Annotated[
        str, typer.Option("--year", metavar="COLUMN", help="Its column with the year.")
    ] = "year",
    variable: Annotated[
        list[str] | None,
        typer.Option(
            "--variable", metavar="COLUMN", help="Take this column; may be given several times."
        ),
    ] = None,
    declared: Annotated[
        str, typer.Option("--declared", metavar="DAY", help="Day in the example of a claim.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Lay out a study to begin with, or one from your own table."""
    told: list[str] = []
    if file is None:
        if variable:
            raise UsageError("--variable chooses columns of a table; add --from FILE.")
        make_example_study(folder)
    else:
        make_study_from_table(
            folder,
            file,
            unit=unit,
            year=year,
            variables=variable or (),
            declared=_day(declared),
            tell=told.append,
        )
    faults = check_study(folder)
    if as_json:
        listed = [{name: getattr(fault, name) for name in Names} for fault in faults]
        screen.print_json({"study": folder.as_posix(), "faults": listed, "notes": told})
    else:
        for line in told:
            screen.warn(line)
        _say(folder, faults, example=file is None)


def _say(folder: Path, faults: tuple[Fault, ...], *, example: bool) -> None:
    console = screen.output()
    place = folder.as_posix()
    console.print(f"The study is in {place}", markup=False, soft_wrap=True)
    if example:
        console.print(f"Next: juncture run --study {place}", markup=False, soft_wrap=True)
        return
    console.print(
        f"{place}/README.md says what to fill in; `juncture check --study {place}` finds:",
        markup=False,
        soft_wrap=True,
    )
    screen.print_faults(faults[: screen.MOST_ROWS])
    if len(faults) > screen.MOST_ROWS:
        console.print(f"and {len(faults) - screen.MOST_ROWS} more")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise UsageError(f"--declared {text} is not a day; write it as 2026-11-22.") from None
