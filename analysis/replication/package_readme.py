"""The README of a replication archive, in the sections that data editors of journals ask for.

Vilhuber et al. (2022), A template README for social science replication packages, version 1.1,
doi:10.5281/zenodo.7293838. What only authors can say is left as a box for them to tick.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from analysis.exhibits.citations import read_citations
from analysis.exhibits.record import claims_of, placebos_of
from analysis.paths import StudyPaths
from analysis.records.citations import Source
from analysis.records.study import Study
from analysis.records.words import split_list
from analysis.replication.documents import Documents
from analysis.replication.environment import describe_environment, read_environment
from analysis.replication.measured import Measurement
from analysis.replication.package_exhibits import list_exhibits
from analysis.replication.package_toolkit import Toolkit

TEMPLATE = Path(__file__).parent / "templates" / "package" / "README.md"
BOXES = (  # of the template: hours, and what stands beside the box
    (1 / 6, "<10 minutes"),
    (1, "10-60 minutes"),
    (8, "1-8 hours"),
    (24, "8-24 hours"),
    (72, "1-3 days"),
    (336, "3-14 days"),
    (float("inf"), "> 14 days"),
)


def write_readme(
    study: Study,
    record: Documents,
    measured: Measurement,
    toolkit: Toolkit,
    files: Mapping[str, bytes],
    size: int,
) -> str:
    """The text of `README.md`.

    Args:
        study: The study packaged.
        record: Its record.
        measured: What a full replication took.
        toolkit: Code and lock in the archive.
        files: Everything else in the archive, by name.
        size: Bytes of all files, not packed.
    """
    build = StudyPaths(study.root).build
    environment = read_environment(build) or describe_environment()
    first, last = study.settings.period
    words = {
        "title": study.settings.title,
        "authors": "; ".join(study.settings.authors),
        "claims": _count(len(claims_of(record.verdicts)), "declared claim"),
        "placebos": _count(len(placebos_of(record.verdicts)), "placebo"),
        "first": first,
        "last": last,
        "n_sources": _count(len(study.sources), "source"),
        "toolkit": measured.toolkit,
        "data_sha256": study.data_sha256,
        "declarations_sha256": study.declarations_sha256,
        "minutes": _say_minutes(measured.seconds),
        "sources": "\n".join(_describe_sources(study, files)),
        "datasets": "\n".join(_list_datasets(files)),
        "python": environment["python"],
        "system": environment["platform"],
        "packages": "\n".join(
            f"  - `{name}` {version}" for name, version in environment["packages"].items()
        ),
        "lock": toolkit.lock,
        "hashes": _say_lock(toolkit),
        "install": _say_install(toolkit),
        "seed": study.settings.seed,
        "effort": _say_effort(record),
        "boxes": "\n".join(_tick(measured.seconds / 3600)),
        "seconds": f"{measured.seconds:,.1f}",
        "jobs": measured.jobs,
        "processors": measured.processors,
        "measured_on": f"{measured.platform}, {measured.python}",
        "memory": _say_memory(measured.peak_bytes),
        "storage": f"{size / 1e6:,.1f} MB",
        "classes": ", ".join(f"{kind} {n:,}" for kind, n in measured.classes.items()),
        "exhibits": "\n".join(list_exhibits(study, record, files)),
        "references": "\n".join(_list_references(study)),
    }
    return Template(TEMPLATE.read_text("utf-8")).substitute(words)


def _describe_sources(study: Study, files: Mapping[str, bytes]) -> Iterator[str]:
    counts = study.observations["source"].value_counts()
    for key in sorted(study.sources):
        source = study.sources[key]
        yield f"#### `{key}`: {source.title}\n"
        yield f"{source.producer}. Version: {source.version}."
        yield f"Terms: {source.licence}."
        yield f"Address: <{source.url}>." if source.url else "Address: none stated."
        yield f"Fetched: {source.accessed}." if source.accessed else "Fetched: day not recorded."
        yield (
            f"Values of it in `study/data/observations.csv`: {int(counts.get(key, 0)):,}; "
            "the column `locator` gives the place of each in the source."
        )
        yield from _list_raw(source, files)
        yield ""


def _list_raw(source: Source, files: Mapping[str, bytes]) -> Iterator[str]:
    names = split_list(source.file)
    if not names:
        yield "The values have no file of a provider behind them."
    for name, sha256 in zip(names, split_list(source.sha256), strict=True):
        there = "provided" if f"study/raw/{name}" in files else "not provided"
        yield f"\n- Provider's file `{name}` ({there}), SHA-256 `{sha256}`"


def _list_datasets(files: Mapping[str, bytes]) -> Iterator[str]:
    for name in sorted(files):
        if name.startswith(("study/data/", "study/raw/")) or name == "study/study.toml":
            what = DATASETS.get(name.removeprefix("study/data/"), "as the providers made it")
            if not name.startswith("study/raw/") and what == "as the providers made it":
                what = "see `study/README.md`" if "study/README.md" in files else "of the study"
            yield f"| `{name}` | {what} | Yes |"


DATASETS = {
    "observations.csv": "the values: unit, year, variable, value, status, source, place in it",
    "codebook.csv": "the data dictionary: label, scale, unit of measure, bounds, coverage",
    "sources.csv": "version, terms, address and sums of every source",
    "references.bib": "citation of every source and paper",
    "units.csv": "states, pairs and groups",
    "events.csv": "dated happenings behind what is counted",
    "junctures.csv": "dates that claims are about",
    "hypotheses.toml": "the claims as declared",
    "claims.csv": "statements of fact",
    "composites.csv": "members of the indices",
}


def _say_minutes(seconds: float) -> str:
    minutes = seconds / 60
    return "under a minute" if minutes < 1 else f"about {_count(round(minutes), 'minute')}"


def _count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> _count(1, "claim"), _count(1200, "claim")
    ('1 claim', '1,200 claims')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _say_lock(toolkit: Toolkit) -> str:
    if toolkit.hashed:
        return "pins every package by version and hash, for Linux, macOS and Windows"
    return "lists the version of every package, as installed where the archive was made"


def _say_install(toolkit: Toolkit) -> str:
    hashes = "--require-hashes " if toolkit.hashed else ""
    return f"pip install {hashes}--requirement {toolkit.lock}"


def _say_effort(record: Documents) -> str:
    effort = record.calibration["effort"]
    return (
        f"{effort['draws']:,} simulated series behind each p-value, {effort['reach']:,} behind "
        "each rate of error and power"
    )


def _say_memory(peak: int) -> str:
    if peak == 0:
        return "was not measured, as the system does not say"
    return f"of the largest process was {peak / 1e9:,.2f} GB at most"


def _tick(hours: float) -> Iterator[str]:
    """The boxes of the template, the measured one ticked."""
    done = False
    for limit, words in BOXES:
        here = hours < limit and not done
        done = done or here
        yield f"- [{'x' if here else ' '}] {words}"


def _list_references(study: Study) -> Iterator[str]:
    citations = read_citations(StudyPaths(study.root).references)
    for key in sorted(citations):
        yield f"- {citations[key].full}"
