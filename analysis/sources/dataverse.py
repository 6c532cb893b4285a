"""A data set on Dataverse: which of its files is wanted, and where that one can be had."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from analysis.sources.reshaped import unknown_layout

ADDRESS = "https://dataverse.harvard.edu/api/datasets/:persistentId/?persistentId="
WHAT = "The list of files from Dataverse"
CHECKSUMS = ("md5", "sha1", "sha256", "sha512")


@dataclass(frozen=True, slots=True)
class DataverseFile:
    """A file of a data set.

    Attributes:
        checksum: Such as "md5:9e6b..."; empty where Dataverse has none for what it sends.
        vintage: Version of the data set.
    """

    name: str
    url: str
    checksum: str
    vintage: str


def find_file(listing: Path, address: str, pattern: str) -> DataverseFile:
    """Pick from a listing the newest open file whose whole name matches `pattern`.

    Args:
        listing: What `address` answered.
        address: Of the data set; its host is asked for the file, too.
        pattern: A regular expression; capitals do not matter.
    """
    version = _read_version(listing)
    files = [_data_file(entry) for entry in version["files"] if not entry.get("restricted")]
    matching = [file for file in files if re.fullmatch(pattern, file["filename"], re.IGNORECASE)]
    if not matching:
        names = ", ".join(sorted(file["filename"] for file in files)) or "no open file"
        raise unknown_layout(WHAT, f"has no file named like {pattern}; it has {names}")
    newest = max(matching, key=lambda file: int(file["id"]))
    place = urlsplit(address)
    return DataverseFile(
        name=newest["filename"],
        url=f"{place.scheme}://{place.netloc}/api/access/datafile/{newest['id']}",
        checksum=_checksum(newest),
        vintage=f"v{version['versionNumber']}.{version.get('versionMinorNumber', 0)}",
    )


def _read_version(listing: Path) -> Mapping[str, Any]:
    try:
        version = json.loads(listing.read_text("utf-8"))["data"]["latestVersion"]
        listed = isinstance(version["files"], list) and "versionNumber" in version
    except (ValueError, KeyError, TypeError) as error:
        raise unknown_layout(WHAT, "is not JSON with a latest version and its files") from error
    if not listed:
        raise unknown_layout(WHAT, "gives no number of the version, or no list of files")
    found: Mapping[str, Any] = version
    return found


def _data_file(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    file = entry.get("dataFile", {})
    if not {"id", "filename"} <= file.keys():
        raise unknown_layout(WHAT, "has a file without id or name")
    found: Mapping[str, Any] = file
    return found


def _checksum(file: Mapping[str, Any]) -> str:
    """The checksum of what is sent.

    A table that Dataverse has turned into its own tab-separated form is listed with a checksum of
    something else: https://github.com/IQSS/dataverse/issues/9501.
    """
    stated = file.get("checksum") or {"type": "MD5", "value": file.get("md5", "")}
    kind = str(stated.get("type", "")).lower().replace("-", "")
    was_turned = bool(file.get("originalFileFormat") or file.get("tabularData"))
    known = kind in CHECKSUMS and stated.get("value")
    return f"{kind}:{stated['value']}" if known and not was_turned else ""
