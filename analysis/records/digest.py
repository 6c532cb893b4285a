"""Fingerprints of a study: of its data, and of what was declared about them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from analysis.paths import REFERENCES
from analysis.records.files import format_json
from analysis.records.forms import FORMS
from analysis.records.hypothesis import Hypothesis
from analysis.records.junctures import Juncture
from analysis.records.settings import Settings

OPTIONAL = frozenset(form.file for form in FORMS if form.optional)
DATA_FILES = tuple(sorted([*(form.file for form in FORMS), REFERENCES]))


def digest_data(root: Path) -> str:
    """Give the SHA-256 of the data tables and the bibliography, byte by byte.

    It is the sum of the list of sums that `sha256sum` prints, so that it can be had without this
    toolkit; run in the study folder:

        LC_ALL=C sha256sum data/*.csv data/references.bib | LC_ALL=C sort -k 2 | sha256sum
    """
    present = [file for file in DATA_FILES if file not in OPTIONAL or (root / file).exists()]
    sums = [f"{_sha256((root / file).read_bytes())}  {file}\n" for file in present]
    return _sha256("".join(sums).encode())


def digest_declarations(
    settings: Settings, junctures: Mapping[str, Juncture], hypotheses: Mapping[str, Hypothesis]
) -> str:
    """Give the SHA-256 of all that was declared, whatever its order, comments and spacing.

    It is that of the JSON of the settings that decide (period, alpha, seed, multiplicity), the
    junctures and the hypotheses, all defaults written out, keys sorted.
    """
    deciding = {
        name: asdict(settings)[name] for name in ("period", "alpha", "seed", "multiplicity")
    }
    declared = {
        "settings": deciding,
        "junctures": {name: asdict(juncture) for name, juncture in junctures.items()},
        "hypotheses": {name: asdict(hypothesis) for name, hypothesis in hypotheses.items()},
    }
    return _sha256(format_json(_dates_as_text(declared)).encode())


def _dates_as_text(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _dates_as_text(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_dates_as_text(item) for item in value]
    return value if isinstance(value, str | int | float | None) else str(value)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
