"""The command `juncture`."""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from analysis.cli import screen, screen_data
from analysis.cli.calibrating import calibrate
from analysis.cli.examples import show_examples
from analysis.cli.exporting import export
from analysis.cli.packaging import package
from analysis.cli.planning import plan
from analysis.cli.screen_explanation import print_explanation
from analysis.cli.screen_findings import print_findings
from analysis.cli.screen_replication import print_replication, replication_as_dict
from analysis.cli.starting import new
from analysis.errors import DataError, JunctureError, UsageError
from analysis.exhibits.record import read_json
from analysis.panel.composite_rows import append_composites
from analysis.paths import COMPOSITES, StudyPaths
from analysis.records.files import write_bytes_atomically
from analysis.records.study import check_study, read_study
from analysis.replication.cluster import on_cluster
from analysis.replication.compare import is_replicated
from analysis.replication.documents import Documents
from analysis.replication.record import run_and_record
from analysis.replication.replicate import replicate_study
from analysis.replication.trace import split_name
from analysis.replication.trace import trace as trace_number
from analysis.sources.raw_folder import check_extraction, write_extraction
from analysis.sources.refresh import Origin
from analysis.sources.refresh import refresh as refresh_source
from analysis.version import VERSION

DONE, DIFFERENT, BAD_INPUT, UNEXPECTED = 0, 1, 2, 3
INTERRUPTED = 130  # what typer makes of Ctrl-C
HOME = "the issue tracker named in CONTRIBUTING.md"

app = typer.Typer(
    name="juncture",
    help="Test declared claims on yearly series, with error rates measured on the very design.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Study = Annotated[
    Path, typer.Option("--study", metavar="DIR", help="Folder of the study.", show_default="here")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Jobs = Annotated[
    int, typer.Option("--jobs", min=1, metavar="N", help="Processes; the result is the same.")
]
Cluster = Annotated[
    str,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Simulate on this Dask cluster; the result is the same.",
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="ID", help="Decide this claim; may be given several times."),
]
Raw = Annotated[
    Path | None,
    typer.Option(
        "--raw", metavar="DIR", envvar="JUNCTURE_RAW", help="Folder of the providers' files."
    ),
]
HERE = Path()


@app.command()
def check(study: Study = HERE, as_json: Json = False) -> None:
    """Read every table and report every fault found."""
    faults = check_study(study)
    if as_json:
        names = ("file", "row", "column", "fault", "remedy")
        screen.print_json([{name: getattr(fault, name) for name in names} for fault in faults])
    elif faults:
        screen.print_faults(faults)
        screen.aside().print(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} found.")
        _say_all(screen.say_unfilled(study), screen.aside())
    else:
        screen.output().print("No faults found.")
        _say_all(screen.say_unfilled(study), screen.output())
    raise typer.Exit(DIFFERENT if faults else DONE)


@app.command()
def run(
    study: Study = HERE,
    only: Only = None,
    jobs: Jobs = 1,
    cluster: Cluster = "",
    full: Annotated[
        bool, typer.Option("--full", help="Make every test again, even if nothing has changed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Test every claim and write the verdicts."""
    told: list[str] = []
    documents = _run(study, tuple(only or ()), jobs, cluster, full, told)
    if as_json:
        screen.print_json(documents.verdicts)
    else:
        print_findings(documents.verdicts, documents.numbers["numbers"])
        _say_all(told, screen.output())
        _say_where("The verdicts are in", StudyPaths(study).verdicts)


@app.command()
def report(study: Study = HERE, as_json: Json = False) -> None:
    """Make figures, the PDF and the evidence page."""
    path = _report(study)
    if as_json:
        screen.print_json({"report": path.as_posix(), "evidence": _beside(path).as_posix()})
    else:
        _say_where("The evidence page is", _beside(path))
        _say_where("The report is", path)


@app.command()
def reproduce(
    study: Study = HERE,
    jobs: Jobs = 2,
    cluster: Cluster = "",
    full: Annotated[
        bool, typer.Option("--full", help="Do everything again, even if nothing has changed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Do everything: verdicts, report, notebooks."""
    told: list[str] = []
    documents = _run(study, (), jobs, cluster, full, told)
    from analysis.cli.notebooks import run_changed_notebooks  # here: slow to import, few need it

    with ThreadPoolExecutor(max_workers=1) as beside:  # the report keeps one processor busy
        running = beside.submit(run_changed_notebooks, study, jobs=jobs, full=full)
        path = _report(study)
        with screen.progress("Running the notebooks"):
            notebooks = running.result()
    if as_json:
        findings = {verdict["id"]: verdict["finding"] for verdict in documents.verdicts["verdicts"]}
        screen.print_json({"report": path.as_posix(), "findings": findings})
        return
    print_findings(documents.verdicts, documents.numbers["numbers"])
    _say_all(told, screen.output())
    every = len(list(StudyPaths(study).notebooks.glob("*.ipynb")))
    unchanged = f"; {every - len(notebooks)} had not changed" if every > len(notebooks) else ""
    plural = "" if len(notebooks) == 1 else "s"
    screen.output().print(f"{len(notebooks)} notebook{plural} ran{unchanged}.")
    _say_where("The evidence page is", _beside(path))
    _say_where("The report is", path)


@app.command()
def replicate(
    study: Study = HERE,
    full: Annotated[bool, typer.Option("--full", help="Measure all calibration again.")] = False,
    raw: Annotated[
        Path | None,
        typer.Option("--from-raw", metavar="DIR", help="Start from the providers' files in DIR."),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write the comparison as a PDF of one page."),
    ] = None,
    jobs: Jobs = 2,
    cluster: Cluster = "",
    as_json: Json = False,
) -> None:
    """Run afresh in a scratch folder and compare with the record."""
    with screen.progress("Replicating") as notice, on_cluster(cluster):
        replication = replicate_study(study, full=full, jobs=jobs, raw=raw, notice=notice)
    if page is not None:
        from analysis.replication.comparison_page import set_comparison  # here: slow to import

        write_bytes_atomically(page, set_comparison(replication))
    if as_json:
        screen.print_json(replication_as_dict(replication))
    else:
        print_replication(replication)
        if page is not None:
            _say_where("The comparison is", page)
    raise typer.Exit(DONE if is_replicated(replication.differences) else DIFFERENT)


@app.command()
def trace(
    number: Annotated[
        str, typer.Argument(metavar="ID[.FIELD]", help="E.g. J-01.exercises-at-pivot.estimate.")
    ],
    study: Study = HERE,
    as_json: Json = False,
) -> None:
    """Follow a number of the report back to the cells it rests on."""
    found = trace_number(study, number)
    if as_json:
        screen.print_json(found.to_dict())
    else:
        screen.print_trace(found)


@app.command()
def explain(
    claim: Annotated[str, typer.Argument(metavar="ID", help="E.g. J-01.exercises-at-pivot.")],
    study: Study = HERE,
    as_json: Json = False,
) -> None:
    """Say which conditions of the rule held, and by how much."""
    verdicts = {v["id"]: v for v in read_json(StudyPaths(study).verdicts)["verdicts"]}
    name, field = split_name(claim, list(verdicts))
    if field:
        raise UsageError(f"{claim} names a number; `juncture explain {name}` explains the finding.")
    if as_json:
        screen.print_json({k: verdicts[name][k] for k in ("id", "finding", "reason", "conditions")})
    else:
        print_explanation(verdicts[name], read_json(StudyPaths(study).numbers)["numbers"])


@app.command()
def extract(
    raw: Raw = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare with what is stored; write nothing.")
    ] = False,
    study: Study = HERE,
    as_json: Json = False,
) -> None:
    """Turn the providers' files into data/observations.csv."""
    if raw is None:
        raise UsageError("Name the folder of the providers' files with --raw DIR.")
    with screen.progress("Extracting"):
        extraction = (check_extraction if check else write_extraction)(
            raw, study, lambda table: _with_indices(table, study)
        )
    if as_json:
        screen.print_json(screen_data.extraction_as_dict(extraction, written=not check))
    else:
        screen_data.print_extraction(extraction, written=not check)
    raise typer.Exit(DONE if extraction.same_bytes or not check else DIFFERENT)


@app.command()
def refresh(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A key of data/sources.csv.")],
    apply: Annotated[
        bool, typer.Option("--apply", help="Add the new vintage to the raw folder.")
    ] = False,
    raw: Raw = None,
    url: Annotated[
        str, typer.Option("--url", metavar="ADDRESS", help="Take the file from this address.")
    ] = "",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Take this file, fetched by hand.")
    ] = None,
    sha256: Annotated[
        str, typer.Option("--checksum", metavar="HEX", help="SHA-256 the file must have.")
    ] = "",
    study: Study = HERE,
    as_json: Json = False,
) -> None:
    """Download a newer vintage of a source and show what changed."""
    if apply and raw is None:
        raise UsageError("--apply needs the folder to store the file in: add --raw DIR.")
    if url and file:
        raise UsageError("Give the file with --url or with --file, not with both.")
    with screen.progress(f"Fetching {source}") as notice:
        refreshed = refresh_source(
            source,
            study,
            raw=raw if apply else None,
            origin=Origin(url, file, sha256),
            accessed=datetime.now(UTC).date().isoformat(),
            notice=notice,
        )
    if as_json:
        screen.print_json(screen_data.refreshed_as_dict(refreshed))
    else:
        screen_data.print_refreshed(refreshed)


app.command()(new)
app.command()(package)
app.command()(export)
app.command()(plan)
app.command()(calibrate)
for command in app.registered_commands:
    command.epilog = show_examples(getattr(command.callback, "__name__", ""))


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(VERSION)
        raise typer.Exit


def main() -> None:
    """Run the command and turn errors into messages and exit codes."""
    screen.start_clock()
    sys.exit(guarded(lambda: app(standalone_mode=False)))


def guarded(call: Callable[[], object]) -> int:
    """Exit code of a call; errors are printed on standard error."""
    try:
        result = call()
    except DataError as error:
        screen.print_faults(error.faults)
        return BAD_INPUT
    except JunctureError as error:
        screen.aside().print(str(error), markup=False, soft_wrap=True)
        return BAD_INPUT
    except typer.Exit as exit_:
        return int(exit_.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        return _report_stopped()
    except Exception as error:
        return _report_unexpected(error)
    if result == INTERRUPTED:
        return _report_stopped()
    return result if isinstance(result, int) else DONE


def _report_stopped() -> int:
    screen.aside().print("Stopped; earlier results are as they were.")
    return BAD_INPUT


def _report_unexpected(error: Exception) -> int:
    show = getattr(error, "show", None)
    if callable(show):  # a usage error of the option parser
        show()
        return BAD_INPUT
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_name}, line {frame.tb_lineno}" if frame else "unknown"
    screen.aside().print(
        f"Something went wrong in the toolkit itself ({type(error).__name__}: {error}; {where}). "
        f"Earlier results are as they were. Please report this to {HOME}.",
        markup=False,
        soft_wrap=True,
    )
    return UNEXPECTED


def _with_indices(table: pd.DataFrame, study: Path) -> pd.DataFrame:
    """Add the composites that a study declares to what was extracted for it."""
    declared = (study / COMPOSITES).exists()
    return append_composites(table, read_study(study)) if declared else table


def _run(
    study: Path, only: tuple[str, ...], jobs: int, cluster: str, full: bool, told: list[str]
) -> Documents:
    with screen.progress("Reaching verdicts") as notice, on_cluster(cluster):
        return run_and_record(
            study,
            only=only,
            jobs=jobs,
            full=full,
            notice=notice,
            warn=screen.warn,
            tell=told.append,
        )


def _say_all(sentences: Sequence[str], console: Console) -> None:
    for sentence in sentences:
        console.print(sentence, markup=False, soft_wrap=True)


def _report(study: Path) -> Path:
    from analysis.exhibits.report import build_report  # here: slow to import, and few need it

    with screen.progress("Setting the report"):
        return build_report(study, StudyPaths(study).reports)


def _beside(report: Path) -> Path:
    return report.with_name(StudyPaths(HERE).evidence.name)


def _say_where(words: str, path: Path) -> None:
    screen.output().print(f"{words} {path.as_posix()}", markup=False, soft_wrap=True)
