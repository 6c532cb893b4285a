"""Text files: read with every fault of their encoding, written whole or not at all."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from analysis.errors import Fault, UsageError

BOM = b"\xef\xbb\xbf"
WANTED = "every study needs it: put it back; `juncture new DIR` writes one to go by"
CONTROL_CHARACTER = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\x85]")


def read_text(root: Path, file: str) -> tuple[str | None, list[Fault]]:
    """Read `file` of the study at `root` as UTF-8 with line feeds, with the faults of its form.

    The text is None where nothing can be made of the file; otherwise it is mended (no byte-order
    mark, line feeds only), so that its contents can be checked too.

    Raises:
        UsageError: The file is there but may not be read.
    """
    try:
        raw = (root / file).read_bytes()
    except FileNotFoundError:
        return None, [Fault(file, None, "", "the file is missing", WANTED)]
    except (IsADirectoryError, NotADirectoryError):
        return None, [Fault(file, None, "", "this is a folder", "put a text file in its place")]
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    if not raw.strip():
        return None, [Fault(file, None, "", "the file is empty", "write its header and its rows")]
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        what = "there is a NUL byte, so this is not UTF-8 text"
        return None, [Fault(file, line, "", what, "save the file as UTF-8 text")]
    return _decode(file, raw)


def write_text_atomically(path: Path, text: str) -> None:
    """Write `text` as UTF-8 beside `path` and rename: a reader sees the old file or the new."""
    write_bytes_atomically(path, text.encode("utf-8"))


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """Write `content` beside `path` and rename: a reader sees the old file or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write `value` as JSON that is the same on every machine; see `format_json`."""
    write_text_atomically(path, format_json(value))


def format_json(value: object) -> str:
    """Render as JSON: keys sorted, eight significant digits, null for what is not a number.

    >>> print(format_json({"b": 0.1 + 0.2, "a": float("nan")}), end="")
    {
     "a": null,
     "b": 0.3
    }
    """
    plain = _plain(value)
    return json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _decode(file: str, raw: bytes) -> tuple[str, list[Fault]]:
    faults = []
    if raw.startswith(BOM):
        what = "the file begins with a byte-order mark"
        faults.append(Fault(file, 1, "", what, "save it as UTF-8 without one"))
        raw = raw.removeprefix(BOM)
    if b"\r" in raw:
        line = raw[: raw.index(b"\r")].count(b"\n") + 1
        what = "lines end with a carriage return (Windows or old Mac line ends)"
        faults.append(Fault(file, line, "", what, "end each line with a line feed only"))
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        what = f"the byte 0x{raw[error.start]:02x} is not UTF-8"
        faults.append(Fault(file, line, "", what, "save the file as UTF-8"))
        text = raw.decode("utf-8", errors="replace")
    strange = CONTROL_CHARACTER.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        what = f"there is an invisible control character (U+{ord(strange.group()):04X})"
        faults.append(Fault(file, line, "", what, "delete it"))
        text = CONTROL_CHARACTER.sub("", text)
    return text, faults


def _plain(value: object) -> object:
    """Turn arrays, tuples and NumPy scalars into what JSON knows, floats rounded."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return float(format(value, ".8g")) + 0.0 if math.isfinite(value) else None
    if isinstance(value, str) or not isinstance(value, Sequence | set | frozenset):
        return value
    return [_plain(item) for item in (value if isinstance(value, Sequence) else sorted(value))]
