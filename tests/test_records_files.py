"""Files are written whole or not at all, and the same on every machine."""

import numpy as np
import pytest

from analysis.records.files import format_json, write_json, write_text_atomically


def test_a_failed_writing_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "verdicts.json"
    write_text_atomically(path, "old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(OSError, match="disk full"):
        write_text_atomically(path, "new")

    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [
        ("verdicts.json", "old")
    ]


def test_a_file_is_written_with_line_feeds_into_a_folder_made_for_it(tmp_path):
    write_text_atomically(tmp_path / "a" / "b.txt", "é\n")

    assert (tmp_path / "a" / "b.txt").read_bytes() == b"\xc3\xa9\n"


def test_json_is_sorted_rounded_to_eight_digits_and_null_where_not_a_number(tmp_path):
    value = {"b": [0.1 + 0.2, float("nan"), float("inf")], "a": {"é": 1, "d": True, "c": None}}
    write_json(tmp_path / "x.json", value)

    assert (tmp_path / "x.json").read_text(encoding="utf-8") == (
        '{\n "a": {\n  "c": null,\n  "d": true,\n  "é": 1\n },\n'
        ' "b": [\n  0.3,\n  null,\n  null\n ]\n}\n'
    )


def test_numbers_of_numpy_are_written_as_plain_numbers():
    value = {"x": np.float64(1 / 3), "n": np.int64(3), "y": np.array([-0.0, 2.5]), "t": (1, 2)}

    assert format_json(value) == (
        '{\n "n": 3,\n "t": [\n  1,\n  2\n ],\n "x": 0.33333333,\n "y": [\n  0.0,\n  2.5\n ]\n}\n'
    )
