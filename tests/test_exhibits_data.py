"""The data appendix: what it counts, what it draws, what it refuses; placebos and worlds apart."""

import numpy as np
import pytest

from analysis.errors import UsageError
from analysis.exhibits.answer import write_answer
from analysis.exhibits.claim_numbers import number_claim
from analysis.exhibits.data_numbers import number_data
from analysis.exhibits.facts import CoverageRow, DataFacts
from analysis.exhibits.figures import ordered_claims, plot_figures
from analysis.exhibits.figures_data import coverage_names, page_names, plot_data
from analysis.exhibits.gather import gather_facts
from analysis.exhibits.layout import lay_out
from analysis.exhibits.numbers import build_numbers
from analysis.exhibits.record import Record, claims_of, placebos_of
from analysis.records import read_study
from tests.report_fixture import made_calibration, made_curves, made_facts, made_verdicts


@pytest.fixture
def data() -> DataFacts:
    series = made_facts().series
    rows = (
        CoverageRow("cooperation", "exports_usd", "Exports", {1992: 3, 1994: 12}),
        CoverageRow("threat", "members_count", "Members", {1993: 1}),
    )
    return DataFacts(rows, {"cooperation": series[:2], "threat": series[2:3]})


def record_of(verdicts, calibration, facts) -> Record:
    numbers = build_numbers(verdicts, calibration, facts)
    return Record(verdicts, numbers, calibration, made_curves())


def test_the_counts_of_the_appendix_are_those_of_its_series(data):
    numbers = number_data(data)

    assert numbers["data.n_variables"]["text"] == "2"
    assert numbers["data.n_series"]["text"] == "3"
    assert numbers["data.most_units"]["text"] == "12"
    assert numbers["data.years"]["text"] == "1992–1994"
    values = sum(len(series.values) for series in data.groups["cooperation"])
    assert numbers["data.cooperation.n_values"]["value"] == values


def test_every_page_of_a_construct_is_drawn_once_and_alike_each_time(data):
    facts = made_facts(data=data)
    numbers = build_numbers(made_verdicts(), made_calibration(), facts)

    first, second = (plot_data(data, facts, numbers) for _ in range(2))

    assert [d.name for d in first] == ["data-coverage-1", "data-cooperation-1", "data-threat-1"]
    assert [d.svg for d in first] == [d.svg for d in second]
    assert all(series.label in first[1].alt for series in data.groups["cooperation"])
    assert "2 variables by year, 1992–1994" in first[0].alt


def test_the_names_of_the_pages_are_as_many_as_the_panels_need():
    assert page_names("threat", 36) == ["data-threat-1"]
    assert page_names("threat", 37) == ["data-threat-1", "data-threat-2"]
    assert coverage_names(60) == ["data-coverage-1"]
    assert len(coverage_names(61)) == 2


def test_a_study_that_asks_for_no_appendix_has_none(toy_study):
    assert gather_facts(read_study(toy_study)).data is None


def test_the_appendix_holds_the_series_of_the_units_asked_for(toy_study):
    folder = toy_study / "data" / "passages"
    folder.mkdir(exist_ok=True)
    (folder / "appendix.list").write_text("JPN-USA\n")

    study = read_study(toy_study)
    data = gather_facts(study).data

    assert data is not None
    units = {series.unit for group in data.groups.values() for series in group}
    assert units == {"JPN-USA"}
    observed = study.observations[study.observations["year"].eq(2010)]
    exports = next(row for row in data.coverage if row.variable == "exports_usd")
    assert exports.units[2010] == observed.query("variable == 'exports_usd'")["unit"].nunique()


def test_an_unknown_unit_in_the_list_is_refused_with_the_close_one(toy_study):
    folder = toy_study / "data" / "passages"
    folder.mkdir(exist_ok=True)
    (folder / "appendix.list").write_text("JPN-UAS\n")

    with pytest.raises(UsageError, match=r"appendix.list names the unit JPN-UAS; did you mean"):
        gather_facts(read_study(toy_study))


def test_placebos_are_counted_and_listed_apart_from_claims():
    verdicts = made_verdicts(role="placebo", finding="supported")
    placebo = verdicts["verdicts"][0]["id"]
    facts = made_facts()
    record = record_of(verdicts, made_calibration(), facts)

    shown = lay_out(record, facts, plot_figures(record, facts))

    assert shown["placebos"] == [placebo]
    assert placebo not in shown["claims"]
    assert [v["id"] for v in placebos_of(verdicts)] == [placebo]
    assert shown["numbers"]["study.n_claims"] == str(len(claims_of(verdicts)))
    assert shown["numbers"]["study.n_placebos_supported"] == "1"
    answer = str(write_answer(ordered_claims(record, facts), record.numbers))
    assert placebo not in answer


def test_the_worlds_are_laid_out_in_the_order_they_were_measured():
    calibration = made_calibration() | {
        "study_wide": [
            {"world": name, "words": f"made {name}", "studies": 10_000, "supported": rate,
             "mc_error": 0.002, "largest_size": 2 * rate}
            for name, rate in (("fitted", 0.046), ("kink", 0.117))
        ]
    }  # fmt: skip
    facts = made_facts()
    record = record_of(made_verdicts(), calibration, facts)

    shown = lay_out(record, facts, plot_figures(record, facts))

    assert shown["worlds"] == ["world.fitted", "world.kink"]
    assert shown["numbers"]["world.fitted.supported"] == "4.6\u202f%"
    assert shown["numbers"]["world.kink.largest_size"] == "23.4\u202f%"
    assert shown["numbers"]["world.kink.words"] == "made kink"


def test_an_interval_that_goes_on_beyond_what_was_simulated_says_so():
    verdict = made_verdicts()["verdicts"][0]
    model = verdict["error_model"] | {"rho_interval": [0.7, 0.98]}
    text = {
        ends: number_claim(
            verdict | {"error_model": model | {"rho_interval_open": list(ends)}},
            0.05,
            made_facts(),
        )[f"{verdict['id']}.rho_interval"]["text"]
        for ends in ((False, True), (True, False), (False, False))
    }

    assert text[False, True] == "0.70 to ≥ 0.98"
    assert text[True, False] == "≤ 0.70 to 0.98"
    assert text[False, False] == "0.70 to 0.98"


def test_no_tick_stands_above_the_largest_value_the_codebook_allows():
    from matplotlib.figure import Figure

    from analysis.exhibits.figure_style import leave_headroom

    axes = Figure(figsize=(2, 2)).subplots()
    axes.plot([1992, 2022], [0.4, 0.9])
    leave_headroom(axes, 0.4, 0.9, n_flags=3, upper_bound=1.0)

    assert axes.get_ylim()[1] > 1.0  # room for the names of the junctures
    assert max(axes.get_yticks()) <= 1.0
    assert np.ptp(axes.get_yticks()) > 0


def test_series_of_the_study_know_their_upper_bound(toy_study):
    facts = gather_facts(read_study(toy_study))

    bounds = {series.variable: series.upper_bound for series in facts.series}
    assert bounds["votes_agreement_share"] == 1.0
