"""The report: tagged, always alike, every number looked up, nothing read as markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from analysis.errors import UsageError
from analysis.exhibits import typeset as typesetter
from analysis.exhibits.facts import StudyFacts
from analysis.exhibits.finding_words import NOTES
from analysis.exhibits.gather import gather_facts
from analysis.exhibits.numbers import build_numbers, numbers_document
from analysis.exhibits.record import Record
from analysis.exhibits.report import build_report, write_report
from analysis.exhibits.study_numbers import FINDINGS
from analysis.exhibits.typeset import TEMPLATE, TypesetError
from analysis.records.files import write_json
from analysis.records.study import read_study
from tests.report_fixture import (
    MAIN,
    made_calibration,
    made_curves,
    made_facts,
    made_paths,
    made_verdicts,
)
from tests.toy import exports

FIRST = "J-01.arms-at-pivot"
HOSTILE = '#panic("x") $a^b$ *bold* _it_ @ref <label> `raw` \\ "quoted" // = head [b] #import "y"'


def made_record(facts: StudyFacts, **changes: Any) -> Record:
    verdicts, calibration = made_verdicts(**changes), made_calibration()
    paths = made_paths()
    numbers = build_numbers(verdicts, calibration, facts, paths)
    return Record(verdicts, numbers, calibration, made_curves(), paths)


def text_of(pdf: Path) -> str:
    """The text of all pages, without the places where long words may break."""
    pages = PdfReader(pdf).pages
    text = "\n".join(page.extract_text() for page in pages)
    return text.replace("\u200b", "").replace("\u00ad", "")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    facts = made_facts()
    write_report(made_record(facts), facts, folder)
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> Path:
    return folder / "report.pdf"


def test_two_builds_give_the_same_bytes(report: Path, tmp_path: Path):
    facts = made_facts()

    again = write_report(made_record(facts), facts, tmp_path / "elsewhere")

    assert again.read_bytes() == report.read_bytes()


def test_the_pdf_is_tagged_and_says_its_title_and_language(report: Path):
    reader = PdfReader(report)
    catalog: Any = reader.trailer["/Root"]

    assert bool(catalog["/MarkInfo"]["/Marked"])
    assert catalog["/Lang"].lower() == "en-gb"
    assert reader.metadata is not None
    assert reader.metadata.title == "A made study of cooperation"
    assert reader.metadata.author == "A. Author, W. Writer"
    metadata = catalog["/Metadata"].get_data().decode("utf-8")
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata


def test_the_pdf_is_dated_by_the_last_declaration_and_not_by_the_clock(report: Path):
    metadata = PdfReader(report).metadata

    assert metadata is not None
    assert metadata.creation_date is not None
    assert metadata.creation_date.date() == made_facts().declared


def test_all_fonts_are_inside(report: Path):
    for page in PdfReader(report).pages:
        fonts: Any = page["/Resources"].get("/Font", {})  # type: ignore[union-attr]
        for font in fonts.values():
            for part in font.get_object()["/DescendantFonts"]:
                descriptor = part.get_object()["/FontDescriptor"].get_object()
                assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_every_figure_has_its_words_in_the_pdf(report: Path, folder: Path):
    alternatives = _alternatives(PdfReader(report).trailer["/Root"]["/StructTreeRoot"])  # type: ignore[index]

    figures = sorted((folder / "build" / "figures").glob("*.svg"))

    assert len(figures) == 3 + 2 * len(MAIN)
    assert len([words for words in alternatives if len(words) > 80]) >= len(figures)
    assert any("Trade, 1992–2022" in words for words in alternatives)


def _alternatives(element: Any) -> list[str]:
    element = element.get_object()
    if isinstance(element, list):
        return [words for part in element for words in _alternatives(part)]
    if not isinstance(element, dict):
        return []
    own = [str(element["/Alt"])] if "/Alt" in element else []
    return own + (_alternatives(element["/K"]) if "/K" in element else [])


def test_tables_have_header_cells(report: Path):
    kinds = _kinds(PdfReader(report).trailer["/Root"]["/StructTreeRoot"])  # type: ignore[index]

    assert kinds.count("/Table") == 18
    assert kinds.count("/THead") == kinds.count("/Table")
    assert "/TH" in kinds


def _kinds(element: Any) -> list[str]:
    element = element.get_object()
    if isinstance(element, list):
        return [kind for part in element for kind in _kinds(part)]
    if not isinstance(element, dict):
        return []
    own = [str(element["/S"])] if "/S" in element else []
    return own + (_kinds(element["/K"]) if "/K" in element else [])


def test_every_number_in_the_pdf_stands_in_the_numbers(report: Path):
    facts = made_facts()
    number = re.compile(r"\d[\d,.]*\d|\d")
    texts = [entry["text"] for entry in made_record(facts).numbers.values()]
    known = {found for text in texts for found in number.findall(text)}
    text = re.sub(r"(doi\.org/\S*)\n(?=\d)", r"\1", text_of(report))  # links broken at a line's end
    structural = re.compile(
        r"^(Figure|Table) \d+\.|^\d+(\.\d+)? (?=[A-Z])|\d+ / \d+$", re.MULTILINE
    )
    equation = re.compile(r"𝑦𝑡 ?=.*?where", re.DOTALL)

    printed = number.findall(equation.sub("", structural.sub("", text)))

    assert len(printed) > 300
    assert sorted(set(printed) - known) == []


def test_a_number_changed_in_the_record_is_printed_as_changed(tmp_path: Path):
    facts = made_facts()
    record = made_record(facts)
    changed = {**record.numbers, "study.seed": {"value": 7, "text": "777333"}}

    report = write_report(replace(record, numbers=changed), facts, tmp_path)

    assert "777333" in text_of(report)


def test_a_missing_number_stops_the_build_by_its_name_and_leaves_the_old_report(tmp_path: Path):
    facts = made_facts()
    record = made_record(facts)
    old = write_report(record, facts, tmp_path).read_bytes()
    name = f"{FIRST}.p_value"
    numbers = {key: number for key, number in record.numbers.items() if key != name}

    with pytest.raises(UsageError, match=rf"numbers.json has no number {re.escape(name)}, which"):
        write_report(replace(record, numbers=numbers), facts, tmp_path)

    assert (tmp_path / "report.pdf").read_bytes() == old
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "brief.pdf",
        "build",
        "report.pdf",
        "tables",
    ]


def test_a_passage_names_numbers_and_a_wrong_name_stops_the_build(tmp_path: Path):
    facts = made_facts(passages={"question": ("Of {study.n_cliams} claims.",)})

    with pytest.raises(UsageError, match=r"no number study\.n_cliams"):
        write_report(made_record(facts), facts, tmp_path)


def test_words_of_a_study_are_printed_as_they_stand(tmp_path: Path):
    long = "Donau" * 40
    facts = made_facts(title=HOSTILE)

    report = write_report(made_record(facts, claim=HOSTILE, reason=long), facts, tmp_path)

    text = squeezed(text_of(report))
    straight = text.translate(str.maketrans("“”‘’", "\"\"''"))
    assert straight.count(squeezed(HOSTILE)) >= 2
    assert long in text.replace("-", "")


def test_a_study_without_calibration_or_curves_still_has_a_report(tmp_path: Path):
    facts = made_facts(passages={})
    verdicts = made_verdicts()
    numbers = build_numbers(verdicts, {}, facts)

    report = write_report(Record(verdicts, numbers, {}, {}), facts, tmp_path)

    assert "How sure one can be" in text_of(report)
    assert not (tmp_path / "build/figures/comparison.svg").exists()


def test_a_claim_without_a_series_is_printed_with_its_reason_and_no_table(tmp_path: Path):
    facts = made_facts()
    verdicts = made_verdicts()
    declared = {"outcome": "", "units": [], "term": "", "alternative": "", "effect_unit": ""}
    refused = next(v for v in verdicts["verdicts"] if v["finding"] == "untestable")
    reason = "No instrument measures friendship."
    verdicts["verdicts"].append(refused | declared | {"id": "J-99.motive", "reason": reason})
    numbers = build_numbers(verdicts, {}, facts)

    text = text_of(write_report(Record(verdicts, numbers, {}, {}), facts, tmp_path))

    assert "J-99.motive" in text
    assert reason in text
    assert "J-99, motive: the numbers" not in text


def test_a_figure_that_is_no_longer_made_is_removed(tmp_path: Path):
    facts = made_facts()
    stale = tmp_path / "build" / "figures" / "claim-gone.svg"
    stale.parent.mkdir(parents=True)
    stale.write_text("<svg/>")

    write_report(made_record(facts), facts, tmp_path)

    assert not stale.exists()


@pytest.mark.parametrize("main", ["report.typ", "brief.typ"])
def test_no_digit_is_typed_in_what_the_report_says(main: str):
    text = (TEMPLATE / main).read_text("utf-8")
    named = re.sub(r'"[\w.]*"', "", text)  # names of numbers, such as study.data_sha256
    plain = re.sub(r"^#set text\(size.*$", "", named, flags=re.MULTILINE)

    assert re.findall(r".*\d.*", plain) == []


def test_the_summary_uses_no_finding_that_no_verdict_has(tmp_path: Path):
    facts = made_facts()
    verdicts = made_verdicts()
    for verdict in verdicts["verdicts"]:
        if verdict["finding"] != "untestable":
            verdict["finding"] = "inconclusive"
    numbers = build_numbers(verdicts, made_calibration(), facts)

    report = write_report(Record(verdicts, numbers, {}, made_curves()), facts, tmp_path)

    pages = PdfReader(report).pages
    summary = pages[0].extract_text().split("Table")[0].lower()
    assert "12 are inconclusive and 1 untestable" in summary
    assert not [finding for finding in FINDINGS[:3] if finding in summary]


def test_a_warning_of_the_typesetter_stops_the_build(tmp_path: Path, monkeypatch):
    for part in TEMPLATE.glob("*.typ"):
        (tmp_path / part.name).write_text(part.read_text("utf-8"), encoding="utf-8")
    style = tmp_path / "style.typ"
    text = style.read_text("utf-8").replace("Libertinus Serif", "No Such Font")
    style.write_text(text, encoding="utf-8")
    monkeypatch.setattr(typesetter, "TEMPLATE", tmp_path)
    facts = made_facts()

    with pytest.raises(TypesetError, match=r"set with warnings: .*no such font"):
        write_report(made_record(facts), facts, tmp_path / "out")


def test_a_study_folder_becomes_a_report(toy_study: Path):
    """The toy study, with a made record of two of its claims."""
    build = toy_study / "reports" / "build"
    _write_toy_record(toy_study, build)

    report = build_report(toy_study, toy_study / "reports")

    text = text_of(report)
    assert "Did a treaty bring Japan and the United States together?" in text
    assert "Exports" in text
    assert "atlas-2024" in text
    assert (build / "figures" / "claim-T-1.exports.svg").exists()


def test_a_study_chooses_the_series_shown_beside_those_of_claims(toy_study: Path):

    chosen = toy_study / "data" / "passages" / "shown.list"
    chosen.parent.mkdir()
    chosen.write_text("votes_agreement_share\n", encoding="utf-8")

    facts = gather_facts(read_study(toy_study))

    assert [series.variable for series in facts.series] == [
        "exports_usd",
        "votes_agreement_share",
        "visits_count",  # of a claim that is not a main one: tabulated, not drawn
    ]
    assert len(facts.drawn) == 2
    assert facts.n_series_left_out == 1  # the members of the OECD

    chosen.write_text("vote_share\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"shown.list asks to show vote_share, which has no value"):
        gather_facts(read_study(toy_study))


def test_a_value_comes_from_the_first_source_that_has_it(toy_study: Path):
    """The atlas of 2024 lies 1 above that of 2020 and is preferred."""
    series = gather_facts(read_study(toy_study)).series[0]

    assert [vintage.source for vintage in series.vintages] == ["atlas-2024", "atlas-2020"]
    assert series.values[2000] == exports(2000) == series.vintages[1].values[2000] + 1


def test_a_record_that_is_missing_or_broken_is_asked_for(toy_study: Path):
    build = toy_study / "reports" / "build"
    with pytest.raises(UsageError, match=r"verdicts.json is missing; make the record with"):
        build_report(toy_study, toy_study / "reports")

    _write_toy_record(toy_study, build)
    (build / "curves.json").write_text("{", encoding="utf-8")

    with pytest.raises(UsageError, match=r"curves.json is not JSON"):
        build_report(toy_study, toy_study / "reports")


def _write_toy_record(root: Path, build: Path) -> None:

    verdicts = made_verdicts()
    verdicts["verdicts"] = verdicts["verdicts"][:2]
    for verdict, key, outcome, unit in zip(
        verdicts["verdicts"],
        ("T-1.exports", "T-2.visits"),
        ("exports_usd", "visits_count"),
        ("JPN>USA", "JPN-USA"),
        strict=True,
    ):
        verdict |= {"id": key, "outcome": outcome, "units": [unit], "term": "treaty"}
    numbers = build_numbers(verdicts, {}, gather_facts(read_study(root)))
    write_json(build / "verdicts.json", verdicts)
    write_json(build / "numbers.json", numbers_document(numbers))
    write_json(build / "calibration.json", {"format": 1})
    write_json(build / "curves.json", {})
    assert json.loads((build / "numbers.json").read_text("utf-8"))["format"] == 1


def test_the_pdf_can_be_read_back(report: Path):
    assert len(PdfReader(BytesIO(report.read_bytes())).pages) >= 6


def test_the_record_and_the_observations_are_inside_the_report(toy_study: Path):
    (toy_study / "requirements.lock").write_text("numpy==2.9.1 \\\n", encoding="utf-8")
    build = toy_study / "reports" / "build"
    _write_toy_record(toy_study, build)

    report = build_report(toy_study, toy_study / "reports")

    inside = {name: content[0] for name, content in PdfReader(report).attachments.items()}
    assert set(inside) == {"verdicts.json", "numbers.json", "observations.csv", "requirements.lock"}
    assert inside["numbers.json"] == (build / "numbers.json").read_bytes()
    assert inside["observations.csv"] == (toy_study / "data/observations.csv").read_bytes()
    assert "2.9.1" in text_of(report)


def test_every_number_of_a_claim_leads_to_its_entry_in_the_appendix(report: Path):
    reader = PdfReader(report)
    first = next(
        place for place, page in enumerate(reader.pages)
        if "Appendix: every verdict" in page.extract_text().split("\n", 1)[0]
    )  # fmt: skip

    led = [_target(reader, link) for page in reader.pages[:first] for link in _links(page)]

    inner = [page for page in led if page is not None]
    figures = [page for page in inner if page < first]
    assert len(inner) > 16 * len(MAIN)  # a page of numbers for each main claim
    assert len(figures) == 2  # the overview and the comparison, which the text names


def _links(page: Any) -> list[Any]:
    annotations = [each.get_object() for each in page.get("/Annots", [])]
    return [each for each in annotations if each["/Subtype"] == "/Link"]


def _target(reader: PdfReader, link: Any) -> int | None:
    """The page a link leads to; None for one that leaves the document."""
    place = link.get("/Dest") or link.get("/A", {}).get("/D")
    if place is None:
        return None
    if isinstance(place, str):
        return reader.get_destination_page_number(reader.named_destinations[place])
    return next(n for n, page in enumerate(reader.pages) if page.indirect_reference == place[0])


def test_headings_are_bookmarks(report: Path):
    titles = [entry.title for entry in PdfReader(report).outline if not isinstance(entry, list)]

    assert {"What is asked", "What was found", "Statements of fact", "Limits"} <= {
        re.sub(r"^\d+ ", "", str(title)) for title in titles
    }


def test_the_summary_is_one_page_and_the_brief_has_two_at_most(report: Path):
    assert "1 What is asked" in PdfReader(report).pages[1].extract_text()
    assert len(PdfReader(report.parent / "brief.pdf").pages) <= 2


def test_statements_of_fact_stand_in_tables_by_whether_the_data_check_them(report: Path):
    text = squeezed(text_of(report))

    assert "Of3rows2arechecked:1holdsand1doesnot." in text
    assert "2007-01-12" in text
    assert squeezed("an instrument for feelings") in text


def test_a_paper_has_its_page_with_what_would_decide(report: Path):
    text = squeezed(text_of(report))

    assert squeezed("What becomes of Author and Writer 2022") in text
    assert squeezed("more years of the same series would decide") in text


def test_a_large_p_beside_an_interval_without_zero_is_marked_and_explained(tmp_path: Path):
    facts = made_facts()
    apart = {"intervals": {"95": [0.2, 3.4], "90": [0.4, 3.2]}, "p_adjusted": 0.4321}
    rejected = [{"name": "effect of S rejected", "holds": True}]
    record = made_record(facts, **apart, finding="contradicted", conditions=rejected)

    report = write_report(record, facts, tmp_path)

    mark, why = NOTES["corrected"]
    for pdf in (report, report.parent / "brief.pdf"):
        text = squeezed(text_of(pdf))
        assert f"0.432{mark}" in text or f"(0.432){mark}" in text
        assert squeezed(f"{mark} {why.split('{')[0]}") in text
        assert "contradictedbysize" in text
    assert squeezed("effects as large as the smallest that matters are rejected;") in squeezed(
        text_of(report)
    )
    exported = (tmp_path / "tables" / "claims.md").read_text("utf-8")
    assert f"| 0.432{mark} |" in exported
    assert f"{mark} {why.split('{')[0]}" in exported
    assert r"0.432\dag{}" in (tmp_path / "tables" / "claims.tex").read_text("utf-8")


def test_tables_are_exported_with_the_numbers_of_the_report(report: Path):
    numbers = made_record(made_facts()).numbers
    markdown = (report.parent / "tables" / "claims.md").read_text("utf-8")
    latex = (report.parent / "tables" / "claims.tex").read_text("utf-8")

    row = next(line for line in markdown.splitlines() if f"| {FIRST} |" in line)
    assert numbers[f"{FIRST}.interval"]["text"] in row
    assert numbers[f"{FIRST}.interval"]["text"].replace("−", "$-$") in latex
    assert latex.count(r"\begin{longtable}") == latex.count(r"\end{longtable}") == 1
    cells = [
        len(re.split(r"(?<!\\)&", line)) for line in latex.splitlines() if line.endswith(r"\\")
    ]
    assert set(cells[1:]) == {12}  # the first is the caption
