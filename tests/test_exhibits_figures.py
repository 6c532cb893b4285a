"""Figures: the same bytes each time, labelled, with gaps as gaps and words for what is seen."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest

from analysis.exhibits.facts import JunctureFacts, StudyFacts
from analysis.exhibits.figure_rows import (
    MOST_LINES,
    SECOND_LINE,
    Claim,
    name_claim,
    place_rows,
    split_pages,
)
from analysis.exhibits.figure_style import Drawing
from analysis.exhibits.figures import plot_figures
from analysis.exhibits.figures_claims import choose_panels
from analysis.exhibits.figures_paths import Paths, thin_out
from analysis.exhibits.figures_series import with_gaps
from analysis.exhibits.number import words
from analysis.exhibits.numbers import build_numbers
from analysis.exhibits.record import Record
from tests.report_fixture import (
    MAIN,
    made_calibration,
    made_curves,
    made_facts,
    made_paths,
    made_verdicts,
)

OKABE_ITO = {"#0072b2", "#d55e00", "#009e73"}  # those used; Okabe & Ito 2008
TRADE = "claim-J-01.trade-at-pivot"
GREYS = re.compile(r"#([0-9a-f]{2})\1\1$")


def made_record(facts: StudyFacts, **changes: object) -> Record:
    verdicts, calibration = made_verdicts(**changes), made_calibration()
    paths = made_paths()
    numbers = build_numbers(verdicts, calibration, facts, paths)
    return Record(verdicts, numbers, calibration, made_curves(), paths)


def draw(**changes: object) -> dict[str, Drawing]:
    facts = made_facts()
    return plot_figures(made_record(facts, **changes), facts)


@pytest.fixture(scope="module")
def drawings() -> dict[str, Drawing]:
    return draw()


def texts_in(drawing: Drawing) -> list[str]:
    """The texts of a figure, which matplotlib notes beside the outlines it draws them with."""
    return [text.strip() for text in re.findall(r"<!-- (.*?) -->", drawing.svg)]


def test_figures_are_the_same_bytes_twice_whatever_the_users_settings(drawings):
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "svg.hashsalt": None}):
        again = draw()

    assert {name: drawing.svg for name, drawing in again.items()} == {
        name: drawing.svg for name, drawing in drawings.items()
    }


def test_there_is_a_figure_and_a_curve_for_every_main_claim_and_three_for_all(drawings):
    assert set(drawings) == {
        "series",
        "overview",
        "comparison",
        *(f"claim-{key}" for key in MAIN),
        *(f"paths-{key}" for key in MAIN),
    }


def test_figures_say_neither_when_nor_where_they_were_made(drawings):
    for drawing in drawings.values():
        assert "<dc:date>" not in drawing.svg
        assert mpl.__version__ not in drawing.svg


def test_axes_are_titled_with_units(drawings):
    assert {"million TIV", "million USD", "share", "vetoes", "year"} <= set(
        texts_in(drawings["series"])
    )
    assert "Trade (million USD)" in texts_in(drawings[TRADE])
    assert any("claimed direction" in text for text in texts_in(drawings[f"paths-{TRADE[6:]}"]))
    assert any("smallest effects that matter" in text for text in texts_in(drawings["overview"]))
    assert any("(%)" in text for text in texts_in(drawings["comparison"]))


def test_a_units_explanation_stays_off_the_axis_but_its_unit_does_not():
    facts = made_facts()
    trade = next(series for series in facts.series if series.variable == "trade_total_usd")
    long = replace(trade, measured_in="million USD (current prices, both directions)")
    facts = replace(facts, series=tuple(long if s is trade else s for s in facts.series))

    drawing = plot_figures(made_record(facts), facts)[TRADE]

    assert "Trade (million USD)" in texts_in(drawing)


def test_junctures_are_named_alike_in_every_figure_by_year(drawings):
    marks = ["THAAD 2017", "Ukraine 2014", "Pivot 2012"]

    assert [texts_in(drawings["series"]).count(mark) for mark in marks] == [6, 6, 6]
    assert [texts_in(drawings[TRADE]).count(mark) for mark in marks] == [1] * 3


def test_every_figure_says_in_words_what_is_seen(drawings):
    for drawing in drawings.values():
        root = ElementTree.fromstring(drawing.svg)
        described = root.find("{http://www.w3.org/2000/svg}desc")
        assert described is not None
        assert described.text == drawing.alt
        assert len(drawing.alt) > 80

    trade = drawings[TRADE].alt
    assert "Trade, 1992–2022" in trade
    assert "Pivot: step −0.06 sd, 95\u202f% interval −1.58 to 1.46, contradicted" in trade
    assert "Untestable: J-01." in drawings["overview"].alt
    curve = drawings["paths-J-01.trade-at-pivot"].alt
    assert "4 paths, from 0.30 to 0.90 sd in the claimed direction" in curve
    assert "50\u202f% a p-value at most" in curve
    assert "Newey–West: 21.0\u202f% to 21.6\u202f%" in drawings["comparison"].alt


def test_a_claims_words_cannot_break_a_figure():
    drawings = draw(finding="supported", strength="strong", effect_unit="sd")
    facts = made_facts(
        junctures=(JunctureFacts("pivot", "$x^<&", "L", 2012, made_facts().declared, ""),)
    )
    hostile = plot_figures(made_record(facts), facts)

    assert "supported (strong)" in texts_in(drawings["overview"])
    ElementTree.fromstring(hostile["series"].svg)


def test_only_colours_that_all_readers_can_tell_apart_are_used(drawings):
    for drawing in drawings.values():
        colours = set(re.findall(r"#[0-9a-f]{6}", drawing.svg.lower()))
        assert {c for c in colours if not GREYS.match(c)} <= OKABE_ITO


def test_findings_differ_in_shape_and_not_in_colour_alone(drawings):
    from analysis.exhibits.figures_overview import MARKS

    shapes = [(mark.shape, mark.filled) for mark in MARKS.values()]

    assert len(set(shapes)) == len(shapes)


def test_a_part_beside_a_claim_is_drawn_in_its_figure_and_has_no_line_of_its_own():
    facts = made_facts()
    record = made_record(facts)
    for verdict in record.verdicts["verdicts"]:
        if verdict["id"] in {"J-01.trade-at-thaad", "J-01.trade-at-ukraine"}:
            verdict["beside"] = "J-01.trade-at-pivot"

    drawings = plot_figures(record, facts)

    assert "trade at thaad" in texts_in(drawings[TRADE])
    assert not [text for text in texts_in(drawings["overview"]) if "trade at thaad" in text]


def test_more_claims_than_a_page_holds_are_split_and_none_is_lost():
    claims: list[Claim] = [{"id": f"J-{n}", "family": f"F{n // 13}"} for n in range(94)]

    names = {
        f"J-{n}.{field}": words(text)
        for n in range(94)
        for field, text in (("register", f"J-{n}"), ("title", "a step"))
    }

    pages = split_pages(claims, names)

    assert [claim["id"] for page in pages for claim in page] == [claim["id"] for claim in claims]
    assert len(pages) == 2
    assert max(place_rows(page, names).depth for page in pages) <= MOST_LINES + 1


def test_a_long_name_of_a_claim_takes_a_second_line_and_loses_no_word():
    title = "a threat by missile defence calls forth cooperation in missile defence and in space"
    claims: list[Claim] = [{"id": key, "family": "F1"} for key in ("J-1", "J-2")]
    names = {f"{key}.register": words(key) for key in ("J-1", "J-2")}
    names |= {"J-1.title": words(title), "J-2.title": words("a step")}

    rows = place_rows(claims, names)
    plain = place_rows(claims, names | {"J-1.title": words("a step")})

    assert name_claim("J-1", names).split() == ["J-1", *title.split()]
    assert name_claim("J-1", names).count("\n") == 1
    assert rows.depth - plain.depth == pytest.approx(SECOND_LINE)


def test_a_caption_promises_a_band_only_where_one_is_drawn(drawings):
    facts, verdicts, curves = made_facts(), made_verdicts()["verdicts"], made_curves()
    claim = next(verdict for verdict in verdicts if verdict["id"] == TRADE[6:])
    one_year = curves[claim["id"]] | {
        name: [None] * len(curves[claim["id"]]["years"])
        for name in ("counterfactual_low", "counterfactual_high")
    }

    assert choose_panels(claim, [], curves, facts).banded
    assert not choose_panels(claim, [], {claim["id"]: one_year}, facts).banded
    assert not choose_panels(claim, [], {}, facts).banded
    assert choose_panels(claim, [], {}, facts).count == 1


def test_a_curve_of_many_paths_keeps_its_ends_and_the_main_path():
    estimates = np.linspace(-1, 1, 5_001)
    names = tuple("main" if at == 1_234 else f"look {at}" for at in range(5_001))

    thin = thin_out(Paths(names, estimates, np.ones(5_001)), most=100)

    assert len(thin.names) <= 101
    assert "main" in thin.names
    assert (thin.estimates[0], thin.estimates[-1]) == (-1.0, 1.0)


def test_a_year_without_a_value_is_a_gap_and_never_a_zero():
    years, values = with_gaps([2001, 2002, 2005], [3.0, None, 5.0])

    assert years.tolist() == [2001, 2002, 2003, 2004, 2005]
    assert values[0] == 3.0
    assert np.isnan(values[1:4]).all()


def test_an_interval_that_leaves_the_figure_does_not_stretch_it():
    drawing = draw(intervals={"95": [-900.0, 900.0], "90": [None, 500.0]})["overview"]

    assert "500" not in texts_in(drawing)
    assert "8" in texts_in(drawing)
