"""The metadata of a replication archive as an RO-Crate.

Sefton et al. (2021), RO-Crate Metadata Specification 1.1.1, doi:10.5281/zenodo.4541002.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from analysis.exhibits.record import claims_of
from analysis.records.study import Study
from analysis.replication.documents import Documents
from analysis.version import VERSION

METADATA = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "https://w3id.org/ro/crate/1.1"
PYTHON = "https://www.python.org/"
TERMS, TOOLKIT, RUN = "#terms", "#juncture", "#run"
RECORD = "study/reports/"
TYPES = {
    ".bib": "application/x-bibtex",
    ".lock": "text/plain",
    ".md": "text/markdown",
    ".py": "text/x-python",
    ".toml": "application/toml",
    ".typ": "text/plain",
    ".cff": "application/yaml",
    ".ipynb": "application/x-ipynb+json",
}


def describe_crate(study: Study, record: Documents, sizes: Mapping[str, int]) -> str:
    """The text of `ro-crate-metadata.json`.

    Args:
        study: The study packaged.
        record: Its record.
        sizes: Bytes of every other file of the archive, by name.
    """
    people = [
        {"@id": f"#author-{place}", "@type": "Person", "name": name}
        for place, name in enumerate(study.settings.authors, start=1)
    ]
    graph: list[dict[str, Any]] = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "conformsTo": {"@id": PROFILE},
            "about": {"@id": "./"},
        },
        _describe_root(study, record, people, sizes),
        *people,
        {
            "@id": TERMS,
            "@type": "CreativeWork",
            "name": "Terms of the archive",
            "description": (
                "Code of the toolkit: MIT licence. Data: the terms of each provider, which "
                "README.md and study/data/sources.csv state source by source."
            ),
        },
        {
            "@id": TOOLKIT,
            "@type": "SoftwareApplication",
            "name": "juncture",
            "version": VERSION,
            "softwareRequirements": {"@id": PYTHON},
            "license": "MIT",
        },
        {
            "@id": PYTHON,
            "@type": "ComputerLanguage",
            "name": "Python",
            "identifier": {"@id": PYTHON},
            "url": {"@id": PYTHON},
        },
        {
            "@id": RUN,
            "@type": "CreateAction",
            "name": "Test the declared claims and set the report",
            "instrument": {"@id": TOOLKIT},
            "object": _refer(name for name in sizes if name.startswith("study/data/")),
            "result": _refer(name for name in sizes if name.startswith(RECORD)),
        },
        *(_describe_source(study, key) for key in sorted(study.sources)),
        *(_describe_file(name, sizes[name]) for name in sorted(sizes)),
    ]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, indent=1, ensure_ascii=False) + "\n"


def _describe_root(
    study: Study, record: Documents, people: list[dict[str, str]], sizes: Mapping[str, int]
) -> dict[str, Any]:
    first, last = study.settings.period
    n_claims = len(claims_of(record.verdicts))
    declared = max(hypothesis.declared for hypothesis in study.hypotheses.values())
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Replication archive: {study.settings.title}",
        "description": (
            f"Data, declared claims, record and code to replicate {n_claims} verdicts about the "
            f"years {first} to {last}."
        ),
        # The last day a claim was declared, as in the report: an archive made later is the same.
        "datePublished": declared.isoformat(),
        "temporalCoverage": f"{first}/{last}",
        "license": {"@id": TERMS},
        "author": [{"@id": each["@id"]} for each in people],
        "citation": [{"@id": f"#source-{key}"} for key in sorted(study.sources)],
        "mentions": [{"@id": RUN}],
        "hasPart": _refer(sizes),
    }


def _describe_source(study: Study, key: str) -> dict[str, Any]:
    source = study.sources[key]
    described: dict[str, Any] = {
        "@id": f"#source-{key}",
        "@type": "CreativeWork",
        "name": source.title,
        "version": source.version,
        "creator": source.producer,
        "license": source.licence,
    }
    return described | ({"url": source.url} if source.url else {})


def _describe_file(name: str, size: int) -> dict[str, Any]:
    ending = PurePosixPath(name).suffix
    media = TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    described: dict[str, Any] = {
        "@id": _address(name),
        "@type": ["File", "SoftwareSourceCode"] if ending == ".py" else "File",
        "name": name,
        "contentSize": str(size),
        "encodingFormat": media,
    }
    return described | ({"programmingLanguage": {"@id": PYTHON}} if ending == ".py" else {})


def _refer(names: Any) -> list[dict[str, str]]:
    return [{"@id": _address(name)} for name in sorted(names)]


def _address(name: str) -> str:
    """A name as the relative address RO-Crate asks for.

    >>> _address("study/raw/Visits 2024.csv")
    'study/raw/Visits%202024.csv'
    """
    return quote(name)
