"""The evidence page in a real headless Chromium: it loads, filters, opens a trace, and is readable.

Needed are a Chromium and axe-core; `make browser` brings both (on Debian). Where they are missing
the tests are skipped and say so; with JUNCTURE_BROWSER=required they fail.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.browser.chromium import INSTALL, Tab, find_chromium, running_chromium
from tests.evidence_fixture import HOSTILE, PART, Made, made_hostile, make_study
from tests.toy import exports

HERE = Path(__file__).parent / "browser"
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
INSTALL_AXE = "axe-core is missing: `npm ci --prefix tests/browser` (or `make browser`) brings it."
PHONE, DESK = 360, 1280
MAIN = "T-1.exports"


def do_without(sentence: str) -> NoReturn:
    if os.environ.get("JUNCTURE_BROWSER") == "required":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@pytest.fixture(scope="module")
def made(toy_record: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_study(toy_record, tmp_path_factory.mktemp("evidence") / "toy")


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    chromium = find_chromium()
    if chromium is None:
        do_without(INSTALL)
    with running_chromium(chromium) as browser:
        yield browser.new_tab()


@pytest.fixture(scope="module")
def address(made: Made, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "evidence.html"
    path.write_text(made.build(), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(tab: Tab, address: str) -> Tab:
    """The page, freshly loaded on a desk."""
    tab.size(DESK)
    tab.emulate()
    tab.open(address)
    tab.run("localStorage.clear()")
    return tab


def shown(page: Tab) -> list[str]:
    """Ids of the rows that can be seen, in order."""
    rows: list[str] = page.run(
        "[...document.querySelectorAll('#claims tbody tr')]"
        ".filter((row) => row.getClientRects().length).map((row) => row.dataset.id)"
    )
    return rows


def focused(page: Tab) -> str:
    text: str = page.run("document.activeElement.textContent")
    return text


def text_of(page: Tab, selector: str) -> str:
    text: str = page.run(f"document.querySelector({json.dumps(selector)}).innerText")
    return text


def sections(page: Tab) -> list[str]:
    names: list[str] = page.run(
        "[...document.querySelectorAll('#claim section h3')].map((each) => each.textContent)"
    )
    return names


def violations(page: Tab) -> list[Any]:
    """What axe-core finds: rule, gravity and the first place."""
    if not AXE.exists():
        do_without(INSTALL_AXE)
    page.run(AXE.read_text("utf-8") + "; 0")
    found: list[Any] = page.run(
        "axe.run(document, {resultTypes: ['violations']}).then((result) => result.violations.map("
        "(each) => [each.id, each.impact, each.nodes[0].html, each.nodes[0].failureSummary]))"
    )
    return found


def test_the_page_loads_without_complaint_and_asks_for_nothing_but_itself(page: Tab, address: str):
    assert shown(page) == [MAIN, "T-2.visits", "T-3.both", "T-4.level", "T-5.motive", "T-9.visits"]
    assert page.complaints == []
    assert page.requests == [address]


def test_every_claim_opens_by_its_address_without_complaint(page: Tab, address: str, made: Made):
    for verdict in made.verdicts:
        page.open(f"{address}#{verdict['id']}")
        assert text_of(page, "#claim h2") == verdict["id"]
        assert text_of(page, "#claim .says") == verdict["claim"]
        assert verdict["finding"] in text_of(page, "#claim .verdict")
        assert text_of(page, "#claim .reason") == verdict["reason"]
        assert page.run("document.getElementById('overview').hidden")
        assert page.complaints == []


def test_a_claim_shows_figure_size_paths_what_turns_it_cells_and_declaration(
    page: Tab, address: str
):
    page.open(f"{address}#{MAIN}")

    assert sections(page) == [
        "What is claimed", "Estimate", "Figure", "Conditions of the rule", "How sure one can be",
        "Other looks", "Every path", "What would turn the finding", "Cells", "Declaration",
    ]  # fmt: skip
    figures = page.run("[...document.querySelectorAll('figure svg[role=img]')].length")
    assert figures == 2
    assert page.run("document.querySelectorAll('figure .strong, figure .weak').length") >= 2
    assert text_of(page, "pre").startswith('[[hypothesis]]\nid = "T-1.exports"')


def test_a_claim_without_curves_still_shows_its_series(page: Tab, address: str):
    """A statement of fact: 13 years from 2010."""
    page.open(f"{address}#T-4.level")

    assert "What the data say" in sections(page)
    assert page.run("document.querySelectorAll('figure svg[role=img] .seen').length") == 1
    assert len(page.run("document.querySelector('figure .dots[d*=h0M]').getAttribute('d')"
                        ".match(/h0/g)")) == 13  # fmt: skip


def test_an_address_of_no_claim_says_so(page: Tab, address: str):
    page.open(f"{address}#T-0.gone")

    page.wait("document.getElementById('shown').textContent.includes('no claim T-0.gone')")
    assert shown(page)[0] == MAIN


def test_a_finding_filters_the_list_and_the_address_keeps_it(page: Tab, address: str):
    page.click("[data-finding=untestable]")

    assert shown(page) == ["T-5.motive"]
    assert page.run("document.querySelector('[data-finding=untestable]').ariaPressed") == "true"
    assert page.run("location.hash") == "#?finding=untestable"
    page.wait("document.getElementById('shown').textContent.startsWith('1 of 7 verdicts')")
    page.open(f"{address}#?finding=untestable")
    assert shown(page) == ["T-5.motive"]
    page.click("button[type=reset]")
    assert len(shown(page)) == 6


def test_counts_of_findings_are_those_of_the_other_filters(page: Tab, made: Made):
    page.run("document.querySelector('[name=family]').value = 'A';"
             "document.querySelector('[name=family]').dispatchEvent(new Event('input',"
             " {bubbles: true}))")  # fmt: skip
    counts = page.run(
        "Object.fromEntries([...document.querySelectorAll('[data-finding]')].filter((each) =>"
        " each.matches('button')).map((each) => [each.dataset.finding,"
        " Number(each.querySelector('.count').textContent)]))"
    )

    family = [verdict["finding"] for verdict in made.verdicts if verdict["family"] == "A"]
    assert sum(counts.values()) == len(family) == 3
    assert all(counts[finding] == family.count(finding) for finding in counts)


def test_words_typed_search_the_list(page: Tab):
    page.run("document.querySelector('th a').focus()")
    page.press("/", *"visits treaty")

    assert shown(page) == ["T-2.visits"]
    assert page.run("location.hash") == "#?q=visits+treaty"


def test_the_order_can_be_chosen(page: Tab, address: str):
    page.open(f"{address}#?sort=-estimate")

    estimates = page.run(
        "[...document.querySelectorAll('#claims tbody tr:not(.part)')]"
        ".map((row) => row.dataset.estimate).filter(Boolean).map(Number)"
    )
    assert len(estimates) >= 3
    assert estimates == sorted(estimates, reverse=True)
    assert shown(page)[0] == MAIN


def test_parts_beside_are_folded_under_their_claim(page: Tab):
    assert PART not in shown(page)

    page.click(".fold")

    assert shown(page)[:2] == [MAIN, PART]
    assert page.run("document.querySelector('.fold').ariaExpanded") == "true"
    page.click(".fold")
    page.click("[data-finding=negligible]")
    assert shown(page) == [PART]  # found by itself, it is not hidden under a claim that is not


def test_a_trace_opens_by_keyboard_and_escape_leads_back(page: Tab):
    page.run("document.querySelector('th a').focus()")
    page.press("j")
    assert focused(page) == "T-2.visits"
    page.press("ArrowUp")
    assert focused(page) == MAIN
    page.press("Enter")
    page.wait("!document.getElementById('claim').hidden")
    assert focused(page) == MAIN
    assert page.run("document.activeElement.tagName") == "H2"
    assert page.run("document.title").startswith("T-1.exports: supported")
    page.press("j")
    page.wait("document.querySelector('#claim h2').textContent === 'T-2.visits'")
    page.press("Escape")
    page.wait("document.getElementById('claim').hidden")
    assert focused(page) == "T-2.visits"


def test_single_keys_can_be_switched_off(page: Tab):
    page.run("document.getElementById('letters').checked = false;"
             "document.querySelector('th a').focus()")  # fmt: skip
    page.press("j")

    assert focused(page) == MAIN


def test_the_browsers_own_way_back_leads_to_the_list_with_its_filters(page: Tab):
    page.click("[data-finding=supported]")
    before = shown(page)
    page.click("tr[data-id='T-1.exports'] a")
    page.wait("!document.getElementById('claim').hidden")
    page.run("history.back()")
    page.wait("document.getElementById('claim').hidden")

    assert shown(page) == before


def test_the_first_stop_of_the_keyboard_skips_to_the_claims(page: Tab):
    page.press("Tab")
    assert focused(page) == "Skip to the claims"
    page.press("Enter")

    assert page.run("document.activeElement.id") == "main"


def test_focus_can_be_seen(page: Tab):
    page.press("Tab", "Tab")

    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_cells_have_value_source_version_and_place_and_can_be_searched(page: Tab, address: str):
    page.open(f"{address}#{MAIN}")
    rows = "[...document.querySelectorAll('table.cells tbody tr')]"

    first = page.run(f"[...{rows}[0].cells].map((cell) => cell.textContent)")

    assert first == [
        "JPN>USA", "1990", "exports_usd", str(exports(1990)), "reported", "atlas-2024", "2024",
        "table 1, 1990", "", "data/observations.csv, 69",
    ]  # fmt: skip
    assert page.run(f"{rows}.length") == 33
    page.run("document.querySelector('.row-of input').focus()")
    page.press(*"2010")
    assert page.run(f"{rows}.map((row) => row.cells[1].textContent)") == ["2010"]


def test_the_cells_can_be_taken_away_as_a_table(page: Tab, address: str):
    page.open(f"{address}#{MAIN}")
    page.run("URL.createObjectURL = (blob) => { window.taken = blob.text(); return 'blob:none' }")
    page.run("HTMLAnchorElement.prototype.click = function () { window.named = this.download }")
    page.click(".row-of button")

    rows = list(csv.DictReader(io.StringIO(page.run("window.taken"))))

    assert page.run("window.named") == "T-1.exports-cells.csv"
    assert [row["year"] for row in rows] == [str(year) for year in range(1990, 2023)]
    assert rows[0]["locator"] == "table 1, 1990"


@pytest.mark.parametrize("where", ["", f"#{MAIN}", "#T-3.both", "#T-4.level"])
def test_nothing_is_wider_than_a_phone(page: Tab, address: str, where: str):
    page.size(PHONE, 740)
    page.open(address + where)

    assert page.run("document.documentElement.scrollWidth") == PHONE
    assert text_of(page, "#claim h2" if where else "#claims th a")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_nothing_against_accessibility(page: Tab, address: str, scheme: str, width: int):
    page.size(width)
    page.emulate(scheme=scheme)
    for where in ("", f"#{MAIN}", "#T-3.both", "#T-4.level", "#T-5.motive"):
        page.open(address + where)
        page.run("for (const each of document.querySelectorAll('details')) each.open = true")
        assert violations(page) == [], where


def test_axe_would_find_something(page: Tab):
    page.run("document.querySelector('#q').parentElement.replaceWith(document.querySelector('#q'))")

    assert [each[0] for each in violations(page)] == ["label"]


def test_the_page_is_dark_where_the_system_is_and_can_be_told_otherwise(page: Tab):
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.run(paper) == "rgb(255, 255, 255)"
    page.emulate(scheme="dark")
    dark = page.run(paper)
    assert dark == "rgb(22, 24, 27)"

    page.click("#theme")
    assert page.run(paper) == "rgb(255, 255, 255)"
    assert text_of(page, "#theme") == "Colours: light"
    page.emulate(scheme="light")
    page.click("#theme")
    assert page.run(paper) == dark


def test_on_paper_there_are_no_controls_and_it_is_black_on_white(page: Tab, address: str):
    page.open(f"{address}#{MAIN}")
    page.emulate(media="print", scheme="dark")

    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.run("[...document.querySelectorAll('button, input, select')]"
                    ".filter((each) => each.getClientRects().length).length") == 0  # fmt: skip
    assert page.call("Page.printToPDF")["data"].startswith("JVBER")  # "%PDF", in base 64


def test_figures_are_drawn_anew_for_another_width(page: Tab, address: str):
    page.open(f"{address}#{MAIN}")
    width = "Number(document.querySelector('figure svg[role=img]').getAttribute('width'))"
    wide = page.run(width)

    page.size(PHONE)

    page.wait(f"{width} < 400")
    assert wide > 700


def test_what_a_study_says_is_shown_and_never_done(tab: Tab, made: Made, tmp_path: Path):
    path = tmp_path / "evidence.html"
    path.write_text(made_hostile(made).build(), encoding="utf-8")
    tab.size(DESK)
    for where in ("", f"#{MAIN}", "#T-4.level"):
        tab.open(path.as_uri() + where)
        tab.run("for (const each of document.querySelectorAll('details')) each.open = true")
        assert tab.complaints == []
        assert tab.requests == [path.as_uri()]  # the address without the claim
        assert tab.run("[typeof harm, document.querySelectorAll('script').length]") == [
            "undefined", 2,
        ]  # fmt: skip
        assert tab.run("document.querySelectorAll('img, b, [onclick], [onerror]').length") == 0
    tab.open(f"{path.as_uri()}#{MAIN}")
    assert tab.run("document.querySelector('.says').textContent") == HOSTILE


def test_without_javascript_every_claim_is_listed(tab: Tab, address: str, made: Made):
    tab.size(DESK)
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(address)
        assert len(shown(tab)) == len(made.verdicts)
        assert "lists the claims" in text_of(tab, "noscript")
        assert not tab.run("document.getElementById('filters').getClientRects().length")
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)


def test_axe_is_locked_by_version_and_sum_and_no_address_is_stored():
    lock = json.loads((HERE / "package-lock.json").read_text("utf-8"))["packages"]
    asked = json.loads((HERE / "package.json").read_text("utf-8"))["devDependencies"]

    for name, version in asked.items():
        locked = lock[f"node_modules/{name}"]
        assert locked["version"] == version
        assert locked["integrity"].startswith("sha512-")
    assert all("resolved" not in each for each in lock.values())
