"""Statements of fact: what the data say of them, by hand arithmetic and on changed data."""

import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.panel import Panel, assemble_panel
from analysis.records.claims import Claim, claims_of
from analysis.records.study import Study, read_study
from analysis.verdict.fact import FactFinding, check_fact, check_facts
from analysis.verdict.fact_rule import Answer, FactEvidence, compare, decide_fact
from analysis.verdict.fact_tally import tally_facts
from analysis.verdict.rule import Finding

ROOT = Path(__file__).parent.parent
SEEDS = (
    {f"A{i:02d}" for i in range(1, 25)}
    | {f"B{i:02d}" for i in range(1, 44)}
    | {f"CL{i:03d}" for i in range(1, 64)}
)
HOLDS, DENIED, OPEN = Answer.HOLDS, Answer.DENIED, Answer.OPEN


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(ROOT)


@pytest.fixture(scope="module")
def panel(study: Study) -> Panel:
    return assemble_panel(study)


@pytest.fixture(scope="module")
def claims(study: Study) -> dict[str, Claim]:
    return claims_of(study.claims)


@pytest.fixture(scope="module")
def findings(claims, panel, study) -> dict[str, FactFinding]:
    return check_facts(claims, panel, study.events)


def day(text: str) -> float:
    return float(date.fromisoformat(text).toordinal())


OUT_OF_AREA, POWER = "kwon-joint-sea-2015-out-of-area", "kwon-us-overwhelming-power"

# Readings worked out by hand from data/observations.csv and data/events.csv.
BY_HAND = [
    # trend: (-1.5*598 - .5*694 + .5*602 + 1.5*755) / 5
    ("kwon-arms-fall-stopped-2012", "sipri-2022-07", 37.9, "supported"),
    # ratio: 755 / 598
    ("kwon-arms-marginal-rise-2012-2015", "sipri-2022-07", 755 / 598, "supported"),
    # smallest_change: of 986 - 691 and 1767 - 986
    ("kwon-arms-rise-2016-2018", "sipri-2022-07", 295, "supported"),
    # record: 1767 - 1100 (of 2009)
    ("kwon-arms-record-2018", "sipri-2022-07", 667, "supported"),
    # excess: (691 + 986 + 1767 + 1179)/4 - (602 + 755)/2, the latter above (598 + 694)/2
    ("kwon-arms-third-period-highest", "sipri-2022-07", 477.25, "supported"),
    # before_after: (4 + 5 + 2 + 5)/4 - (5 + 3)/2, and (3 + 3 + 2 + 5)/4 - (2 + 2)/2
    ("kwon-exercises-frequency-after-2016", "as assembled", 0, "inconclusive"),
    ("kwon-exercises-frequency-after-2016", "chronology", 1.25, "inconclusive"),
    # stages: (1.268762481 + 1.822669492 + 2.258863048 + .3369676791)/4 is far above; the smallest
    # is (-.2284920974 + .1261203577)/2 - (-.0144775092 - .2910429628)/2
    ("kwon-stages", "as assembled", 0.10157436615, "inconclusive"),
    # minimum: no naval exercise in 2018
    ("kwon-joint-sea-every-year", "as assembled", 0, "contradicted"),
    # maximum
    ("kwon-no-alliance", "as assembled", 0, "supported"),
    # first_date and the same without what is recalled
    (OUT_OF_AREA, "every event", day("2009-09-18"), "inconclusive"),
    (OUT_OF_AREA, "without recalled events", day("2015-05-17"), "inconclusive"),
    ("kwon-first-bilateral-drill-2003", "every event", day("2005-08-18"), "contradicted"),
    ("kwon-aerospace-security-late-2016", "every event", day("2016-05-26"), "contradicted"),
    # date_order: 5 January to 22 April 2012 is 26 + 29 + 31 + 22 days
    ("kwon-joint-sea-2012-after-pivot", "every event", 108, "supported"),
    # event_value
    ("kwon-su35-number", "every event", 24, "supported"),
    # count: 3 in 1999, 7 in 2004, 2 in 2009, 1 in 2017, 1 in 2020
    ("sadeghi-accessions-25", "every event", 14, "contradicted"),
    ("sadeghi-joint-veto-iran", "every event", 0, "contradicted"),
    ("sadeghi-joint-vetoes-syria", "every event", 10, "supported"),
    # lead: of the USA over China in 2021, .12110018 - .23292185, is not the least; 2020 is:
    # .12438105 - .23796764
    (POWER, "capabilities_cinc_share, as assembled", -0.11358659, "inconclusive"),
    # and over China in 1999, 561362.9817 - 38673.67531
    (POWER, "military_expenditure_usd, as assembled", 522689.30639, "inconclusive"),
    # before_after of a poll: (.657 + .5122)/2 - (.4746 + .481 + .49)/3
    ("kwon-china-favourable-after-sanctions", "as assembled", 0.10273333, "supported"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reading", "expected", "finding"), BY_HAND)
def test_what_is_observed_is_what_one_gets_by_hand(findings, name, reading, expected, finding):
    readings = {each.name: each for each in findings[name].readings}

    assert (readings[reading].low, readings[reading].high) == pytest.approx((expected, expected))
    assert findings[name].finding.value == finding


def test_a_share_is_that_of_the_first_unit(findings, panel):
    """SIPRI, register of February 2026, 1995-2011, in million TIV, added by hand."""
    russia = 496.5 + 1239 + 733.75 + 153.25 + 1444.5 + 2205 + 2463.25 + 2509 + 2072.75 + 2893
    russia += 3066 + 2444.5 + 1359.55 + 1443.4 + 1092.75 + 653.25 + 740.5
    france = 171.05 + 169.95 + 134.15 + 112.95 + 99.95 + 67.7 + 80.65 + 122.1 + 107.6 + 158.45
    france += 157.7 + 123.2 + 142.45 + 148.45 + 118.45 + 148.45 + 154.45
    germany = 10 + 18.2 + 8.2 + 8.2 + 14.68 + 8.2 + 7 + 5 + 7 + 18 + 18 + 12 + 10 + 4 * 2.5
    britain = 20 + 40 + 70 + 70 + 60 + 60 + 60 + 70 + 50 + 50 + 60 + 70 + 70 + 70
    israel = 3 * 27.5 + 2 * 37.5 + 2 * 27.5
    ukraine = 45 + 3 + 8.4 + 18.4 + 28.9 + 41 + 58 + 3 + 33 + 81.97 + 128.1 + 63.5 + 53.5 + 27.57
    rest = france + germany + britain + israel + ukraine + 1.8 + 1.8

    found = findings["kwon-biggest-arms-supplier"].readings[0].low

    assert found == pytest.approx(russia / (russia + rest), rel=1e-9)


def test_a_month_is_known_to_the_month_only(findings):
    reading = findings["kwon-pivot-since-2010"].readings[0]

    assert (reading.low, reading.high) == (day("2011-11-01"), day("2011-11-30"))
    assert reading.observed == "2011-11-01 to 2011-11-30"


def test_a_source_that_lacks_a_year_without_recalled_values_is_not_asked(findings):
    """The list of exercises recalls one of 2009 and one of 2013."""
    asked_of = [reading.name for reading in findings["kwon-exercises-frequency-2010s"].readings]

    assert asked_of == ["as assembled", "chronology-seen"]


def test_events_are_those_of_the_units_asked(study, panel):
    """China alone vetoed twice: on Guatemala in 1997 and on Macedonia in 1999."""
    alone = Claim("c", "p", "1", "s", "count", (), ("CHN",), (), "=", "2", kinds=("veto",))

    assert check_fact(alone, panel, study.events).finding is Finding.SUPPORTED


def test_every_collected_statement_is_taken_up(claims, findings):
    """24 and 43 statements in one list, 63 in the other."""
    taken = {seed for claim in claims.values() for seed in claim.seeds}

    assert taken == SEEDS
    assert len(SEEDS) == 130
    assert all(claim.seeds for claim in claims.values())


def test_both_kinds_are_counted(findings):
    tally = tally_facts(findings)

    assert tally.checked + tally.not_checked == tally.rows == len(findings)
    assert tally.statements_checked + tally.statements_not_checked == tally.statements == 130
    assert sum(tally.findings.values()) == tally.rows
    assert tally.findings["untestable"] == tally.not_checked
    assert tally.merged["kwon-first-bilateral-drill-2003"] == ("B13", "CL008")
    page = (ROOT / "docs/decisions/0030-statements-of-fact.md").read_text(encoding="utf-8")
    numbers = re.findall(r"\d+", re.search(r"^Of \d+ rows.+?none\.", page, re.M | re.S)[0])
    assert list(map(int, numbers)) == [
        tally.rows, tally.checked, tally.not_checked,
        tally.statements, tally.statements_checked, tally.statements_not_checked,
    ]  # fmt: skip


def test_every_declared_check_can_be_carried_out(findings):
    refused = {
        name: finding.reason
        for name, finding in findings.items()
        if finding.operation != "none" and not finding.readings
    }

    assert refused == {}


def test_what_is_not_checked_says_what_would_be_needed(findings):
    unchecked = [each for each in findings.values() if each.operation == "none"]

    assert unchecked
    for finding in unchecked:
        assert finding.finding is Finding.UNTESTABLE
        assert finding.reason == f"No data here check it; that would need {finding.needs}."
        assert (finding.observed, finding.readings, finding.cells["n"]) == ("", (), 0)


def test_no_event_that_is_used_comes_from_the_paper_it_is_to_check(findings):
    """The locator of an event names what was read; the list has some from the papers themselves."""
    for finding in findings.values():
        origin = " ".join(finding.trace["locator"])
        assert "Kwon, Jeh" not in origin or finding.paper != "kwon2022", finding.claim
        assert "Sadeghi" not in origin or finding.paper != "sadeghi2022", finding.claim


def test_no_finding_but_inconclusive_rests_on_recalled_values(claims, findings, panel, study):
    for name, finding in findings.items():
        if finding.finding in {Finding.SUPPORTED, Finding.CONTRADICTED}:
            assert any(reading.recalled == 0 for reading in finding.readings), name


def test_a_finding_traces_to_its_cells(findings):
    finding = findings["kwon-us-sanctions-2014"]
    lines = [
        f"USA>RUS,{year},sanctions_in_force_count,gsdb-3,{n}" for year, n in ((2013, 0), (2014, 1))
    ]

    assert finding.cells == {
        "n": 2,
        "recalled": 0,
        "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    }
    assert finding.trace[["unit", "year", "value"]].to_numpy().tolist() == [
        ["USA>RUS", 2013, 0.0],
        ["USA>RUS", 2014, 1.0],
    ]
    assert finding.trace["locator"].str.startswith("gsdb").all()


def test_a_count_of_nothing_traces_to_what_was_searched(findings):
    trace = findings["sadeghi-joint-veto-iran"].trace

    assert len(trace) == 14  # all joint vetoes, by hand: 2007, 2008, ten on Syria, 2019 and 2022
    assert set(trace["source"]) == {"unsc-vetoes"}


def test_a_finding_is_plain_values_in_json(findings):
    for finding in findings.values():
        plain = json.loads(json.dumps(finding.to_dict()))
        assert plain["claim"] == finding.claim
        assert plain["finding"] in {"supported", "contradicted", "inconclusive", "untestable"}
        assert plain["reason"].endswith(".")


def test_the_order_of_rows_does_not_matter(claims, panel, study, findings):
    rng = np.random.default_rng(1)
    turned = replace(
        panel,
        cells=panel.cells.iloc[rng.permutation(len(panel.cells))],
        observations=panel.observations.iloc[rng.permutation(len(panel.observations))],
    )
    events = study.events.iloc[rng.permutation(len(study.events))]

    again = check_facts(dict(reversed(claims.items())), turned, events)

    assert [each.to_dict() for each in again.values()] == [
        each.to_dict() for each in findings.values()
    ]


# --- on changed data


def changed(panel: Panel, place: tuple[str, int, str], value: float, *sources: str) -> Panel:
    """The panel with another value in one place, in all sources or in those named."""

    def change(cells: pd.DataFrame) -> pd.DataFrame:
        cells = cells.copy()
        here = cells.index == place
        if sources:
            here &= cells["source"].isin(sources)
        cells.loc[here, "value"] = value
        return cells

    return replace(panel, cells=change(panel.cells), observations=change(panel.observations))


RECORD, ARMS_2018 = "kwon-arms-record-2018", ("RUS>CHN", 2018, "arms_transfers_tiv")


def test_one_cell_in_every_source_turns_the_finding(claims, panel, study, findings):
    lower = changed(panel, ARMS_2018, 1000.0)

    finding = check_fact(claims[RECORD], lower, study.events)

    assert findings[RECORD].finding is Finding.SUPPORTED
    assert finding.finding is Finding.CONTRADICTED
    assert finding.reason.endswith("by the statement it is above 0; all 3 readings deny it.")


def test_one_cell_in_one_source_makes_it_inconclusive(claims, panel, study):
    lower = changed(panel, ARMS_2018, 1000.0, "sipri-2022-07")

    finding = check_fact(claims[RECORD], lower, study.events)

    assert finding.finding is Finding.INCONCLUSIVE
    assert "sipri-2022-07: -100 does not hold" in finding.reason


def test_a_cell_that_is_gone_makes_it_untestable(claims, panel, study):
    gone = panel.cells.index == ARMS_2018
    kept = panel.observations.index != ARMS_2018
    without = replace(panel, cells=panel.cells[~gone], observations=panel.observations[kept])

    finding = check_fact(claims[RECORD], without, study.events)

    assert finding.finding is Finding.UNTESTABLE
    assert finding.reason == (
        "arms_transfers_tiv of RUS>CHN has no value in 2018; every year of the check needs one."
    )


def test_an_event_more_turns_a_count(claims, panel, study):
    events = study.events
    one = events[events["event"] == "accession-1999-03-12-nato-poland"]
    more = pd.concat([events, one.assign(event="accession-1999-03-12-nato-other")])

    finding = check_fact(claims["sadeghi-accessions-1999-number"], panel, more)

    assert (finding.finding, finding.observed) == (Finding.CONTRADICTED, "4")


def test_what_rests_on_recalled_events_alone_is_inconclusive(claims, panel, study):
    events = study.events.assign(status="recalled")

    finding = check_fact(claims["kwon-roadmap-2017"], panel, events)

    assert finding.finding is Finding.INCONCLUSIVE
    assert finding.reason.endswith("without recalled values nothing is left to read.")


def test_what_rests_on_recalled_cells_alone_is_inconclusive(claims, panel, study):
    recalled = replace(
        panel,
        cells=panel.cells.assign(status="recalled"),
        observations=panel.observations.assign(status="recalled"),
    )

    finding = check_fact(claims[RECORD], recalled, study.events)

    assert finding.finding is Finding.INCONCLUSIVE
    assert finding.cells["recalled"] == finding.cells["n"] > 0


def test_estimates_need_a_tolerance_to_contradict(claims, panel, study):
    estimated = replace(
        changed(panel, ARMS_2018, 1000.0),
        cells=changed(panel, ARMS_2018, 1000.0).cells.assign(status="estimated"),
        observations=changed(panel, ARMS_2018, 1000.0).observations.assign(status="estimated"),
    )

    bare = check_fact(claims[RECORD], estimated, study.events)
    bounded = check_fact(replace(claims[RECORD], tolerance=50.0), estimated, study.events)

    assert bare.finding is Finding.INCONCLUSIVE
    assert "rests on estimates for which no tolerance is declared" in bare.reason
    assert bounded.finding is Finding.CONTRADICTED  # below by 92.75, 100 and 92.75 million TIV


def test_only_the_sources_named_are_asked(claims, panel, study):
    lower = changed(panel, ARMS_2018, 1000.0, "sipri-2022-07")
    newest = replace(claims[RECORD], source=("sipri-2026-02",))

    finding = check_fact(newest, lower, study.events)

    assert [reading.name for reading in finding.readings] == ["sipri-2026-02"]
    assert finding.finding is Finding.SUPPORTED


# --- operations on a small panel


def small(**series: list[float]) -> Panel:
    frame = pd.DataFrame(
        {"unit": "JPN", "year": range(2000, 2000 + len(next(iter(series.values()))))}
    )
    return Panel.from_frame(frame.assign(**series), unit="unit", year="year")


def asked(operation: str, years: tuple[tuple[int, int], ...], **more: Any) -> Claim:
    base = Claim("c", "p", "1", "s", operation, ("y",), ("JPN",), years, ">", "0")
    return replace(base, **more)


NO_EVENTS = pd.DataFrame(columns=["event", "unit", "kind", "domain", "date", "year", "status"])


@pytest.mark.parametrize(
    ("operation", "years", "expected"),
    [
        ("value", ((2001, 2001),), 4),
        ("minimum", ((2000, 2001), (2003, 2004)), 1),
        ("maximum", ((2000, 2001), (2003, 2004)), 16),
        ("trend", ((2000, 2003),), (-1.5 * 1 - 0.5 * 4 + 0.5 * 9 + 1.5 * 2) / 5),
        ("smallest_change", ((2000, 2004),), -7),
        ("before_after", ((2000, 2001), (2003, 2004)), 9 - 2.5),
        ("ratio", ((2000, 2001), (2003, 2004)), 9 / 2.5),
        ("stages", ((2000, 2000), (2001, 2002), (2003, 2004)), 2.5),
        ("excess", ((2000, 2000), (2001, 2002), (2003, 2004)), 2.5),
        ("record", ((2000, 2002), (2003, 2004)), 7),
    ],
)
def test_each_operation_by_hand_on_five_values(operation, years, expected):
    """Values 1, 4, 9, 2 and 16 in the years 2000 to 2004."""
    panel = small(y=[1.0, 4.0, 9.0, 2.0, 16.0])

    finding = check_fact(asked(operation, years), panel, NO_EVENTS)

    assert finding.readings[0].low == pytest.approx(expected)


def test_a_ratio_to_nothing_is_refused():
    finding = check_fact(
        asked("ratio", ((2000, 2000), (2001, 2001))), small(y=[0.0, 1.0]), NO_EVENTS
    )

    assert finding.finding is Finding.UNTESTABLE
    assert finding.reason == "The first mean is not above zero, so nothing is a multiple of it."


def test_a_statement_that_something_is_not_so_turns_round():
    claim = asked("value", ((2000, 2000),), bound="3")
    panel = small(y=[5.0])

    assert check_fact(claim, panel, NO_EVENTS).finding is Finding.SUPPORTED
    denied = check_fact(replace(claim, expected=False), panel, NO_EVENTS)
    assert denied.finding is Finding.CONTRADICTED
    assert denied.expected == "not above 3"


def test_a_difference_of_float_noise_is_none():
    panel = small(y=[0.1 + 0.2, 0.3])
    claim = asked("before_after", ((2000, 2000), (2001, 2001)), comparison="=")

    assert check_fact(claim, panel, NO_EVENTS).finding is Finding.SUPPORTED


def test_a_variable_without_data_is_refused():
    finding = check_fact(asked("value", ((2000, 2000),), series=("z",)), small(y=[1.0]), NO_EVENTS)

    assert finding.reason == "There are no data: z has no value."


# --- the rule


@pytest.mark.parametrize(
    ("evidence", "finding"),
    [
        (FactEvidence(refusal="no data"), Finding.UNTESTABLE),
        (FactEvidence(), Finding.UNTESTABLE),
        (FactEvidence(answers=(HOLDS, HOLDS)), Finding.SUPPORTED),
        (FactEvidence(answers=(DENIED, DENIED)), Finding.CONTRADICTED),
        (FactEvidence(answers=(HOLDS, DENIED)), Finding.INCONCLUSIVE),
        (FactEvidence(answers=(HOLDS, OPEN)), Finding.INCONCLUSIVE),
        (FactEvidence(answers=(DENIED, OPEN)), Finding.INCONCLUSIVE),
        (FactEvidence(answers=(HOLDS,), without_recalled=False), Finding.INCONCLUSIVE),
        (FactEvidence(answers=(DENIED,), estimates_bounded=False), Finding.INCONCLUSIVE),
        (FactEvidence(answers=(HOLDS,), estimates_bounded=False), Finding.SUPPORTED),
    ],
)
def test_the_rule_for_facts(evidence, finding):
    assert decide_fact(evidence).finding is finding


@pytest.mark.parametrize(
    ("result", "comparison", "bound", "tolerance", "answer"),
    [
        ((1, 1), ">", (0, 0), 0.0, HOLDS),
        ((0, 0), ">", (0, 0), 0.0, DENIED),
        ((0, 0), ">=", (0, 0), 0.0, HOLDS),
        ((0.5, 0.5), ">", (0, 0), 1.0, OPEN),
        ((-1, -1), ">", (0, 0), 1.0, DENIED),
        ((-1, -1), ">=", (0, 0), 1.0, OPEN),
        ((-1, -1), "<", (0, 0), 0.5, HOLDS),
        ((1, 1), "<", (0, 0), 0.5, DENIED),
        ((0, 0), "<=", (0, 0), 0.0, HOLDS),
        ((2, 2), "<=", (1, 1), 0.5, DENIED),
        ((24, 24), "=", (24, 24), 3.0, HOLDS),
        ((26, 26), "=", (24, 24), 3.0, OPEN),
        ((28, 28), "=", (24, 24), 3.0, DENIED),
        ((2, 3), "within", (1, 4), 0.0, HOLDS),
        ((3, 5), "within", (1, 4), 0.0, OPEN),
        ((5, 6), "within", (1, 4), 0.0, DENIED),
        ((5, 6), "within", (1, 4), 1.0, OPEN),
        ((0, 2), ">", (1, 1), 0.0, OPEN),
    ],
)
def test_a_result_is_held_against_its_bound(result, comparison, bound, tolerance, answer):
    assert compare(result, comparison, bound, tolerance) is answer


@pytest.mark.parametrize(("one", "other"), [(">", "<="), (">=", "<")])
@pytest.mark.parametrize("tolerance", [0.0, 0.5])
def test_opposite_comparisons_have_opposite_answers(one, other, tolerance):
    opposite = {HOLDS: DENIED, DENIED: HOLDS, OPEN: OPEN}
    for value in np.linspace(-2, 2, 33):
        first = compare((value, value), one, (0, 0), tolerance)
        assert compare((value, value), other, (0, 0), tolerance) is opposite[first]
