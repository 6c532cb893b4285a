"""A newer vintage of a source: fetched, reshaped, compared, and stored beside the one held."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from analysis.errors import DataError, UsageError
from analysis.records.words import join_words
from analysis.sources.dataverse import find_file
from analysis.sources.download import TIMEOUT, download
from analysis.sources.observations import Observation
from analysis.sources.raw_folder import add_files, check_raw_folder, read_stored
from analysis.sources.remote import REMOTES, Remote
from analysis.sources.reshaped import Reshaped
from analysis.sources.rows import hash_file
from analysis.sources.source_row import describe_vintage, read_source
from analysis.sources.vintage import CellChange, compare_vintages

ORIGINALS = "originals"
FINGERPRINT = 12  # digits of a checksum that stand for a vintage without a name


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the provider's file is taken from, if not from the address of the source.

    Attributes:
        url: Address of the file itself.
        file: A file fetched by hand.
        sha256: What the file must have.
    """

    url: str = ""
    file: Path | None = None
    sha256: str = ""


USUAL = Origin()


@dataclass(frozen=True, slots=True, eq=False)
class Refreshed:
    """A newer vintage against the one held.

    Attributes:
        source: Key of the vintage held.
        vintage: Name of the new one.
        origin: Address or name of the provider's file.
        sha256: Of the provider's file.
        verified: Whether that was compared with a checksum known before.
        note: What to know before comparing the two; may be empty.
        changes: Every cell that is read from the file.
        files: What the raw folder gains: the provider's file, and the table made of it.
        stored: Whether it has gained them.
        row: The row that `sources.csv` needs for the new vintage.
    """

    source: str
    vintage: str
    origin: str
    sha256: str
    verified: bool
    note: str
    changes: list[CellChange]
    files: tuple[str, ...]
    stored: bool
    row: str


def refresh(
    source: str,
    study: Path,
    *,
    raw: Path | None = None,
    origin: Origin = USUAL,
    accessed: str = "",
    timeout: float = TIMEOUT,
    notice: Callable[[str], None] = lambda _: None,
) -> Refreshed:
    """Fetch the newest vintage of `source` and say what it would change.

    Args:
        source: Key in `sources.csv` of the vintage held.
        study: Folder of the study.
        raw: Folder of the providers' files, to which the new vintage is added; None adds nothing.
        origin: Another place to take the file from.
        accessed: The day, for the row of `sources.csv`.
        timeout: Seconds to wait for the provider.
        notice: Told what is under way.

    Raises:
        UsageError: The source cannot be fetched, or what came cannot be used; nothing is stored.
    """
    remote = find_remote(source)
    if raw is not None:
        check_raw_folder(raw)
    held, observations = read_source(study, source), read_stored(study)
    with TemporaryDirectory(prefix="juncture-") as scratch:
        fetched = _fetch(remote, origin, Path(scratch), timeout, notice)
        notice("comparing")
        reshaped = remote.reshape(fetched.path)
        fresh = list(_read_as_held(remote, reshaped, Path(scratch)))
        sha256 = hash_file(fetched.path)
        vintage = _name(reshaped.vintage or fetched.vintage or sha256[:FINGERPRINT])
        contents = _pack(remote, vintage, fetched, reshaped)
    original, table = contents
    if raw is not None:
        add_files(raw, contents)
    return Refreshed(
        source=source,
        vintage=vintage,
        origin=fetched.origin,
        sha256=sha256,
        verified=fetched.verified,
        note=reshaped.note,
        changes=compare_vintages(observations, fresh, source=source, file=remote.held),
        files=(original, table),
        stored=raw is not None,
        row=describe_vintage(
            held,
            source=f"{remote.family}-{vintage}",
            version=f"{vintage}, from {fetched.origin}; provider's file {original}, "
            f"SHA-256 {sha256}, reshaped by juncture",
            accessed=accessed,
            file=table,
            content=contents[table],
        ),
    )


def find_remote(source: str) -> Remote:
    """Give the address of a source.

    Raises:
        UsageError: There is none.
    """
    known = {remote.source: remote for remote in REMOTES}
    if source not in known:
        raise UsageError(
            f"{source} cannot be fetched by the command, which knows {join_words(known)}; of "
            "another source a newer vintage is fetched by hand: see docs/data-refresh.md."
        )
    return known[source]


@dataclass(frozen=True, slots=True)
class _Fetched:
    path: Path
    origin: str
    suffix: str
    vintage: str
    verified: bool


def _fetch(
    remote: Remote, origin: Origin, scratch: Path, timeout: float, notice: Callable[[str], None]
) -> _Fetched:
    checksum = _read_checksum(origin.sha256)
    if origin.file is not None:
        return _take(origin.file, checksum)
    url, vintage, suffix = origin.url or remote.url, "", remote.suffix
    if remote.in_dataset and not origin.url:
        notice("list of files")
        listing = download(url, scratch / "listing", timeout=timeout)
        found = find_file(listing, url, remote.in_dataset)
        url, vintage, checksum = found.url, found.vintage, checksum or found.checksum
        suffix = Path(found.name).suffix
    notice(url)
    path = download(url, scratch / "file", checksum=checksum, timeout=timeout)
    return _Fetched(path, url, suffix, vintage, bool(checksum))


def _take(file: Path, checksum: str) -> _Fetched:
    if not file.is_file():
        raise UsageError(f"{file} is not a file; give the one fetched from the provider.")
    if checksum and checksum != f"sha256:{hash_file(file)}":
        raise UsageError(f"{file} is another file than expected: its checksum is not {checksum}.")
    return _Fetched(file, file.name, file.suffix, "", bool(checksum))


def _read_checksum(sha256: str) -> str:
    if sha256 and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise UsageError(f"{sha256} is not a SHA-256; give 64 hexadecimal digits.")
    return f"sha256:{sha256.lower()}" if sha256 else ""


def _read_as_held(remote: Remote, reshaped: Reshaped, scratch: Path) -> Iterator[Observation]:
    """Read the new table under the name and columns of the vintage held, by the same readers."""
    raw = scratch / "raw"
    path = raw / remote.held
    path.parent.mkdir(parents=True)
    path.write_bytes(_as_bytes(reshaped.table.rename(columns=reshaped.columns_held), path.name))
    try:
        for read in remote.readers:
            yield from read(raw)
    except DataError as error:
        raise UsageError(
            f"The new vintage cannot be read as the one held: {error} Nothing was stored."
        ) from error


def _pack(remote: Remote, vintage: str, fetched: _Fetched, reshaped: Reshaped) -> dict[str, bytes]:
    """The provider's file and the table made of it, by their paths in the raw folder."""
    ending = ".csv.gz" if remote.held.endswith(".gz") else ".csv"
    table = f"{remote.stem}_{vintage}{ending}"
    original = f"{ORIGINALS}/{Path(table).name.removesuffix(ending)}{fetched.suffix}"
    return {
        original: fetched.path.read_bytes(),
        table: _as_bytes(reshaped.table, table),
    }


def _as_bytes(table: pd.DataFrame, name: str) -> bytes:
    content = table.to_csv(index=False, lineterminator="\n").encode("utf-8")
    return gzip.compress(content, mtime=0) if name.endswith(".gz") else content


def _name(vintage: str) -> str:
    """A vintage as part of a key and of a file's name."""
    return re.sub(r"[^A-Za-z0-9.+-]+", "-", vintage)
