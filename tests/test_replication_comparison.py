"""A replication as a whole: from the providers' files on, under other versions, on one page."""

import hashlib
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pypdf import PdfReader

from analysis.errors import DataError
from analysis.paths import StudyPaths
from analysis.replication.compare import Class, Difference, is_replicated
from analysis.replication.comparison_page import MOST_ROWS, lay_out_comparison, set_comparison
from analysis.replication.environment import FILE, PACKAGES, Unlike, describe_environment
from analysis.replication.record import run_and_record
from analysis.replication.replicate import replicate_study
from tests.command import call
from tests.made_study import SMALL
from tests.test_cli_package import toy_with

RAW = "a24.csv"  # the provider's file that the toy study names


@pytest.fixture(autouse=True)
def unturned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the search for what would turn a finding: it is most of the time."""
    monkeypatch.setattr("analysis.verdict.turning.find_flip", lambda *_: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy study with a record of claims that simulate nothing, to be read only."""
    folder = tmp_path_factory.mktemp("comparison")
    root = toy_with(folder, "T-4.level", "T-5.motive")
    sources = root / "data" / "sources.csv"
    digest = hashlib.sha256(provider_file(root)).hexdigest()
    text = sources.read_text(encoding="utf-8").replace("ab" * 32, digest)
    text = text.replace(f"a20.csv,{'0' * 64}", ",")  # the other file is not needed
    sources.write_text(text, encoding="utf-8")
    run_and_record(root, effort=SMALL)
    return root


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "study"))


@pytest.fixture
def raw(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The providers' folder, and a reader of the one file in it."""
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / RAW).write_bytes(provider_file(study))

    def read(place: Path, _: Path) -> pd.DataFrame:
        table = pd.read_csv(place / RAW, dtype=str, keep_default_na=False)
        return table.assign(year=table["year"].astype(int))

    monkeypatch.setattr("analysis.sources.raw_folder.extract", read)
    return folder


def provider_file(study: Path) -> bytes:
    """As simple a provider as can be: its file is the table of observations."""
    return StudyPaths(study).observations.read_bytes()


def change_environment(study: Path, **changes: object) -> None:
    path = StudyPaths(study).build / FILE
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


def text_of(pdf: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def test_the_record_says_what_it_was_made_with(study):
    stored = json.loads((StudyPaths(study).build / FILE).read_text(encoding="utf-8"))

    assert stored == describe_environment()
    assert set(stored["packages"]) == set(PACKAGES)
    assert stored["packages"]["pandas"] == pd.__version__


def test_a_record_made_with_another_patch_version_replicates_and_the_version_is_named(
    study, capsys
):
    packages = describe_environment()["packages"] | {"numpy": "2.4.5"}
    change_environment(study, packages=packages, python="CPython 3.11.2")

    code, out, _ = call(capsys, "replicate", "--study", study)

    assert code == 0
    assert "2 things differ from what the record was made with:" in out
    here = describe_environment()
    rows = [line.split() for line in out.splitlines()]
    assert ["numpy", "2.4.5", here["packages"]["numpy"]] in rows
    assert ["python", "CPython", "3.11.2", *here["python"].split()] in rows


def test_a_record_that_does_not_say_what_it_was_made_with_is_compared_all_the_same(study):
    (StudyPaths(study).build / FILE).unlink()

    replication = replicate_study(study)

    assert replication.unlike is None
    assert is_replicated(replication.differences)
    assert "does not say with which versions" in text_of(set_comparison(replication))


def test_a_replication_can_start_from_the_providers_files(study, raw):
    StudyPaths(study).observations.rename(study / "kept.csv")  # not needed any more
    (study / "kept.csv").unlink()

    replication = replicate_study(study, raw=raw)

    assert is_replicated(replication.differences)
    assert replication.extraction is not None
    assert replication.extraction.table.shape[0] > 100
    assert not StudyPaths(study).observations.exists()  # nothing is written in the study


def test_a_value_stored_otherwise_than_the_provider_has_it_is_found(study, raw):
    """The record was made from 177 for 2022; the provider says so, the stored table does not."""
    table = StudyPaths(study).observations
    before = table.read_text(encoding="utf-8")
    line = next(each for each in before.splitlines() if "JPN>USA,2022,exports_usd" in each)
    cells = line.split(",")
    table.write_text(
        before.replace(line, ",".join([*cells[:3], "1", *cells[4:]])), encoding="utf-8"
    )

    replication = replicate_study(study, raw=raw)

    (difference,) = replication.extraction.differences
    assert (difference.column, difference.stored, difference.extracted) == ("value", "1", cells[3])
    assert is_replicated(replication.differences)  # with the provider's value the record comes out


def test_an_altered_file_of_a_provider_is_refused(study, raw):
    with (raw / RAW).open("a", encoding="utf-8") as file:
        file.write("JPN,1990,visits_count,1,reported,diary,p. 1,\n")

    with pytest.raises(DataError, match=r"a24\.csv: its SHA-256 is"):
        replicate_study(study, raw=raw)


def test_the_page_says_that_all_came_out_again(study, raw, tmp_path, capsys):
    page = tmp_path / "comparison.pdf"

    code, out, _ = call(capsys, "replicate", "--study", study, "--from-raw", raw, "--report", page)

    assert code == 0
    assert f"The comparison is {page}" in out
    assert "equal to what was stored" in out
    text = text_of(page.read_bytes())
    assert "Replicated." in text
    assert "Python, packages and platform are those the record was made with." in text
    assert "made anew from the providers’ files" in text


def test_the_page_is_one_page_tagged_and_the_same_twice_whatever_is_on_it(study):
    replication = replicate_study(study)
    many = [
        Difference(f"verdicts.T-{n:03d}.{'long_name_' * 12}", Class.NUMERIC, "x" * 300, None)
        for n in range(300)
    ]
    turned = Difference("T-5.motive.finding", Class.DECISION, "untestable", "#strong[supported]")
    unlike = [Unlike(f"package-{n}", "1.0.0", "") for n in range(40)]
    worst = replace(replication, differences=[*many, turned], unlike=unlike)

    pdf = set_comparison(worst)

    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert set_comparison(worst) == pdf
    text = text_of(pdf)
    assert "Not replicated." in text
    assert "1 finding is another" in text
    assert "#strong[supported]" in text  # as text, not as markup
    assert f"and {301 - MOST_ROWS} more." in text
    assert "40 things differ" in text


def test_findings_come_first_and_printed_numbers_before_what_is_behind_them(study):
    replication = replicate_study(study)
    listed = [
        Difference("calibration.a", Class.NUMERIC, 1.0, 2.0),
        Difference("T-1.p_value", Class.NUMERIC, "0.01", "0.02"),
        Difference("T-1.estimate", Class.EQUAL, "1", "1"),
        Difference("T-9.finding", Class.DECISION, "supported", "inconclusive"),
    ]

    page = lay_out_comparison(replace(replication, differences=listed))

    names = [row["name"] for row in page["differences"]]
    assert names == ["T-9.finding", "T-1.p_value", "calibration.a"]
