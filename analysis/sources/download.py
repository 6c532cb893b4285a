"""One file from an address, whole and checked, or one error that says what went wrong."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests

from analysis.errors import UsageError

TIMEOUT = 60.0  # seconds without an answer, or between two parts of one
HTML = (b"<!doctype html", b"<html")
OTHERWISE = "Nothing was stored; try later, or give --url ADDRESS or --file FILE"


def download(url: str, folder: Path, *, checksum: str = "", timeout: float = TIMEOUT) -> Path:
    """Fetch `url` into `folder`, which should be a scratch folder.

    Args:
        url: An address that begins with http:// or https://.
        folder: Where the file goes, under the name `download`.
        checksum: What the file must have, such as "sha256:5d9f..."; empty if none is known.
        timeout: Seconds to wait for an answer, and for each further part of it.

    Raises:
        UsageError: There is no answer in time, it is an error, it breaks off, it is a web page,
            or it has another checksum.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise UsageError(f"{url} is not an address that begins with http:// or https://.")
    pooch.get_logger().setLevel(logging.WARNING)
    try:
        fetched = pooch.retrieve(
            url,
            known_hash=checksum or None,
            fname="download",
            path=folder,
            downloader=pooch.HTTPDownloader(timeout=timeout, chunk_size=1 << 16),
        )
    except (requests.RequestException, ValueError) as error:
        raise UsageError(f"{url} {_explain(error, checksum, timeout)}. {OTHERWISE}.") from error
    return _check_is_data(Path(fetched), url)


def _explain(error: Exception, checksum: str, timeout: float) -> str:
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answers with error {error.response.status_code} ({error.response.reason})"
    if "timed out" in str(error):
        return f"does not answer: nothing came for {timeout:g} seconds"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "broke off: fewer bytes came than were announced"
    if isinstance(error, requests.ConnectionError):
        return "cannot be reached"
    if isinstance(error, requests.RequestException):
        return f"cannot be fetched ({error})"
    return f"gave another file than expected: its checksum is not {checksum}"


def _check_is_data(path: Path, url: str) -> Path:
    with path.open("rb") as file:
        start = file.read(1024).lstrip().lower()
    if not start:
        raise UsageError(f"{url} gave an empty file. {OTHERWISE}.")
    if start.startswith(HTML):
        raise UsageError(f"{url} gave a web page, not data. {OTHERWISE}.")
    return path
