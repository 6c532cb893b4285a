"""The evidence page as text: whole, traceable, the same twice, and deaf to what a study says."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import UsageError
from analysis.exhibits.evidence.declarations import APART, split_declarations
from analysis.exhibits.evidence.page import FOLDER, write_evidence
from analysis.exhibits.evidence.rows import order_claims
from analysis.exhibits.finding_words import NOTES
from analysis.paths import StudyPaths
from tests.evidence_fixture import FACT, HOSTILE, PART, Made, made_hostile, make_study

CELL = ("unit", "year", "variable", "value", "status", "source", "locator", "note")


class Elements(HTMLParser):
    """Every element with its attributes, and the text of scripts, styles and rows."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.rows: dict[str, str] = {}
        self._row, self._in = "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag in ("script", "style"):
            self._in = tag
            self.inside.append("")
        if tag == "tr":
            self._row = str(dict(attributes).get("data-id") or "")

    def handle_endtag(self, tag: str) -> None:
        self._in = "" if tag == self._in else self._in

    def handle_data(self, text: str) -> None:
        if self._in:
            self.inside[-1] += text
        elif self._row:
            self.rows[self._row] = self.rows.get(self._row, "") + text


@pytest.fixture(scope="module")
def made(toy_record: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_study(toy_record, tmp_path_factory.mktemp("evidence") / "toy")


@pytest.fixture(scope="module")
def page(made: Made) -> str:
    return made.build()


def data_of(page: str) -> dict[str, Any]:
    """The data as the page reads them."""
    data: dict[str, Any] = json.loads(Elements(page).inside[1])
    return data


def claim_of(page: str, name: str) -> dict[str, Any]:
    return next(claim for claim in data_of(page)["claims"] if claim["id"] == name)


def cells_of(page: str, name: str) -> list[dict[str, str]]:
    """The cells of a claim, unpacked as the page does it."""
    data = data_of(page)
    every = [
        {
            **{key: series[key] for key in ("unit", "variable", "status", "source", "note")},
            "file": series["file"],
            "row": str(row),
            "year": str(year),
            "value": stored,
            "locator": series["locator"].replace("\x01", str(year)),
        }
        for series in data["cells"]
        for year, stored, row in zip(series["years"], series["stored"], series["rows"], strict=True)
    ]
    runs = claim_of(page, name).get("cells", [])
    pairs = zip(runs[::2], runs[1::2], strict=True)
    return [cell for first, number in pairs for cell in every[first : first + number]]


def test_two_builds_give_the_same_text(made: Made, page: str):
    assert made.build() == page


def test_every_claim_of_the_record_has_a_row_and_opens(made: Made, page: str):
    ids = sorted(verdict["id"] for verdict in made.verdicts)

    assert sorted(Elements(page).rows) == ids
    assert sorted(claim["id"] for claim in data_of(page)["claims"]) == ids
    for claim in data_of(page)["claims"]:
        titles = [part["title"] for part in claim["parts"]]
        assert {"What is claimed", "Cells", "Declaration"} <= set(titles)


@pytest.mark.parametrize("name", ["T-1.exports", "T-2.visits", "T-9.visits", FACT])
def test_every_cell_is_the_line_of_the_table_that_it_names(made: Made, page: str, name: str):
    table = StudyPaths(made.study.root).observations
    with table.open(encoding="utf-8", newline="") as file:
        lines = dict(enumerate(csv.DictReader(file), start=2))
    verdict = next(v for v in made.verdicts if v["id"] == name)

    cells = cells_of(page, name)

    assert len(cells) == verdict["cells"]["n"] > 10
    for cell in cells:
        assert cell["file"] == "data/observations.csv"
        assert {key: cell[key] for key in CELL} == {
            key: lines[int(cell["row"])][key] for key in CELL
        }


@pytest.mark.parametrize("name", ["T-1.exports", "T-9.visits", FACT])
def test_the_cells_shown_have_the_digest_of_the_verdict(made: Made, page: str, name: str):
    verdict = next(v for v in made.verdicts if v["id"] == name)
    names = ("unit", "year", "variable", "source", "value")
    lines = sorted(",".join(cell[key] for key in names) for cell in cells_of(page, name))

    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == verdict["cells"]["sha256"]
    assert claim_of(page, name)["current"] is True


def test_a_claim_whose_cells_have_changed_says_so(made: Made):
    cells = {"n": 33, "recalled": 0, "sha256": "0" * 64}

    page = made.with_verdict("T-1.exports", cells=cells).build()

    assert claim_of(page, "T-1.exports")["current"] is False


def test_a_claim_that_read_nothing_has_no_cells(page: str):
    assert cells_of(page, "T-5.motive") == []


def test_a_cell_that_several_claims_read_stands_in_the_file_once(page: str):
    """Visits are read by T-2 from 1991 on and by T-9 from 1990 on; exports by three claims."""
    places = Counter(
        (series["file"], row) for series in data_of(page)["cells"] for row in series["rows"]
    )

    assert max(places.values()) == 1
    assert len(cells_of(page, "T-9.visits")) == len(cells_of(page, "T-2.visits")) + 1


@pytest.mark.parametrize(
    "field", ["finding_word", "power_at_claim", "p_adjusted", "outcome", "claimed_in"]
)
def test_the_overview_prints_numbers_as_the_record_has_them(made: Made, page: str, field: str):
    rows = Elements(page).rows

    for verdict in made.verdicts:
        if field != "outcome" or verdict["outcome"]:
            assert made.record.numbers[f"{verdict['id']}.{field}"]["text"] in rows[verdict["id"]]


def test_a_p_that_says_something_else_than_the_interval_is_marked_and_explained(made: Made):
    apart = {"95": [0.2, 3.0], "90": [0.3, 2.8]}
    changed = {"intervals": apart, "p_value": 0.01, "p_adjusted": 0.4, "finding": "inconclusive"}
    page = made.with_verdict("T-1.exports", **changed).build()
    mark, why = NOTES["corrected"]

    printed = made.record.numbers["T-1.exports.p_adjusted"]["text"]
    estimate = next(
        part for part in claim_of(page, "T-1.exports")["parts"] if part["title"] == "Estimate"
    )
    assert printed + mark in Elements(page).rows["T-1.exports"]
    assert f'<p class="meta">{mark} {why.split("{")[0]}' in page
    assert estimate["note"].startswith(f"{mark} ")


def test_a_claim_prints_estimate_and_intervals_in_both_units(made: Made, page: str):
    parts = {part["title"]: part for part in claim_of(page, "T-1.exports")["parts"]}

    rows = {label: texts for label, *texts in parts["Estimate"]["table"]["rows"]}

    for label, field in (("Estimate", "estimate"), ("95 % interval", "interval")):
        texts = [made.record.numbers[f"T-1.exports.{field}{s}"]["text"] for s in ("", "_outcome")]
        assert rows[label] == texts


def test_bars_are_in_smallest_effects(made: Made):
    """With S = 2 instead of 1 the same estimate is half as many."""
    told = re.compile(r'data-id="T-1\.exports".*?data-estimate="([^"]*)"')

    once = float(told.findall(made.build())[0])
    half = float(told.findall(made.with_verdict("T-1.exports", smallest_effect=2.0).build())[0])

    assert once == pytest.approx(made.verdicts[0]["estimate"], rel=1e-7)  # eight digits are kept
    assert half == pytest.approx(once / 2, rel=1e-7)


def test_every_condition_of_the_rule_is_told_with_whether_it_held(made: Made, page: str):
    parts = {part["title"]: part for part in claim_of(page, "T-1.exports")["parts"]}
    conditions = made.verdicts[0]["conditions"]

    rows = parts["Conditions of the rule"]["table"]["rows"]

    assert [row[1] for row in rows] == [each["bound"] for each in conditions]
    held = [row[3] == "✓ held" for row in rows]
    assert held == [each["holds"] for each in conditions]


def test_a_statement_of_fact_shows_its_readings(made: Made, page: str):
    parts = {part["title"]: part for part in claim_of(page, FACT)["parts"]}

    (reading,) = parts["What the data say"]["table"]["rows"]

    verdict = next(v for v in made.verdicts if v["id"] == FACT)
    assert reading[1] == verdict["fact"]["readings"][0]["observed"]


def test_every_path_is_there_with_its_looks_in_the_order_of_the_estimates(made: Made, page: str):
    paths = claim_of(page, "T-1.exports")["paths"]

    told = {
        "; ".join(paths["looks"][place] for place in looks) or "main": values
        for *values, looks in paths["rows"]
    }

    assert told == made.record.paths["T-1.exports"]["paths"]
    assert [row[0] for row in paths["rows"]] == sorted(row[0] for row in paths["rows"])


def test_the_declaration_is_that_of_the_file(made: Made, page: str):
    text = StudyPaths(made.study.root).hypotheses.read_text("utf-8")

    for verdict in made.verdicts:
        declared = claim_of(page, verdict["id"])["declared"]
        assert declared in text
        assert f'id = "{verdict["id"]}"' in declared
        assert declared.count("[[hypothesis]]") == 1


def test_a_declaration_that_cannot_be_told_apart_is_not_shown_as_another():
    text = '[[hypothesis]]\nid = "A-1"\nnote = """\n[[hypothesis]]\n"""\n[[hypothesis]]\nid = "A-2"'

    assert split_declarations(text) == {"A-1": APART, "A-2": APART}


def test_parts_follow_the_claim_they_stand_beside_and_placebos_come_last(made: Made):
    ordered = [(verdict["id"], is_part) for verdict, is_part in order_claims(made.verdicts)]

    assert ordered[:2] == [("T-1.exports", False), (PART, True)]
    assert ordered[-1] == ("T-9.visits", False)
    assert len(ordered) == len(made.verdicts)


def test_no_claim_is_lost_where_the_deciding_one_is_missing_or_parts_are_beside_each_other():
    claims = [
        {"id": "A-1", "beside": "A-2", "role": "primary"},
        {"id": "A-2", "beside": "A-1", "role": "primary"},
        {"id": "A-3", "beside": "gone", "role": "primary"},
        {"id": "A-4", "beside": "A-4", "role": "primary"},
    ]

    assert sorted(str(claim["id"]) for claim, _ in order_claims(claims)) == [
        "A-1", "A-2", "A-3", "A-4",
    ]  # fmt: skip


def test_no_text_of_a_study_becomes_an_element_or_a_program(made: Made, page: str):
    """The hostile study has the elements of the friendly one, and its texts as they were."""
    plain, hostile = Elements(page), Elements(made_hostile(made).build())

    def without_choices(found: Elements) -> Counter[str]:
        return Counter(tag for tag, _ in found.elements)

    assert without_choices(hostile) == without_choices(plain) + Counter(option=2)
    assert hostile.inside[0] == plain.inside[0]
    assert hostile.inside[2:] == plain.inside[2:]
    assert [
        tag for tag, own in hostile.elements if any(name.startswith("on") for name in own)
    ] == []
    claim = next(c for c in json.loads(hostile.inside[1])["claims"] if c["id"] == "T-1.exports")
    assert claim["claim"] == claim["reason"] == HOSTILE
    assert HOSTILE in hostile.rows["T-1.exports"]


def test_the_page_refers_to_nothing_outside_it(page: str):
    found = Elements(page)
    pointing = ("src", "href", "srcset", "action", "formaction", "poster", "data", "xlink:href")

    targets = {own[name] for _, own in found.elements for name in pointing if name in own}

    assert all(str(target).startswith("#") for target in targets)
    assert not [tag for tag, _ in found.elements if tag in ("link", "iframe", "object", "base")]
    style, _, program = found.inside
    assert not re.search(r"url\(|@import|https?:", style)
    assert re.findall(r"https?://[^\"]+", program) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(|fetch"
                         r"|XMLHttp|WebSocket|import\(|sendBeacon", program)  # fmt: skip


def test_the_policy_allows_this_style_and_this_program_and_nothing_else(page: str):
    found = Elements(page)
    policy = next(
        own["content"] for tag, own in found.elements
        if tag == "meta" and own.get("http-equiv") == "Content-Security-Policy"
    )  # fmt: skip

    def fingerprint(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    style, _, program = found.inside
    assert policy == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src 'sha256-{fingerprint(program)}'; style-src 'sha256-{fingerprint(style)}'"
    )


def test_the_template_has_no_style_or_program_in_its_elements(page: str):
    """The policy would refuse them."""
    for _, own in Elements(page).elements:
        assert "style" not in own
        assert not [name for name in own if name.startswith("on")]


def test_the_page_is_written_from_a_study_folder(made: Made, page: str, tmp_path: Path):
    """As `juncture report` does it, from the files of the record."""
    path = write_evidence(made.study, tmp_path)

    assert path == tmp_path / "evidence.html"
    written = path.read_text("utf-8")
    assert len(written) == pytest.approx(len(page), rel=0.02)  # the record holds eight digits
    assert sorted(Elements(written).rows) == sorted(Elements(page).rows)
    write_evidence(made.study, tmp_path)
    assert path.read_text("utf-8") == written


def test_a_claim_that_is_no_longer_declared_stops_the_build(made: Made):
    with pytest.raises(UsageError, match=r"T-0\.gone is in the record but no longer declared"):
        made.with_verdict("T-5.motive", id="T-0.gone").build()


def test_a_record_without_paths_has_a_page_without_them(made: Made):
    page = Made(made.study, made.panel, replace(made.record, paths={})).build()

    assert "paths" not in claim_of(page, "T-1.exports")


def test_the_parts_of_the_page_lie_beside_the_program():
    assert {path.name for path in FOLDER.glob("page.*")} == {
        "page.css", "page.html", "page.js", "page.py",
    }  # fmt: skip
