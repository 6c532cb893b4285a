"""What a design could find before there are data: against published figures, and in words."""

import json
from dataclasses import replace

import pytest

from analysis.calibration.plan import blank_design, first_deciding_year, plan_steps
from analysis.calibration.store import LawShelf
from analysis.cli.app import app, guarded
from analysis.errors import DesignError

JUNCTURES = {"pivot": 2012, "ukraine": 2014, "thaad": 2017}


@pytest.fixture(scope="module")
def shelf() -> LawShelf:
    return LawShelf(seed=3, series=3_000)


def call(*words: str) -> int:
    return guarded(lambda: app(list(words), standalone_mode=False))


def test_detectable_effects_are_those_of_the_method_simulations(shelf):
    """An independent simulation with known variance ratio: two-sided 5 %, three steps and a trend.

    31 years: 2.89, 2.91, 2.68 at rho .3 and 2.65, 2.57, 2.61 at rho .6. There p was read once, as
    it is here. Estimating the ratio costs a little, so the tolerance is a tenth.
    """
    once = replace(shelf, again=0, _laws={})
    prospects = plan_steps(
        (1992, 2022), JUNCTURES, [0.3, 0.6], alternative="two-sided", shelf=once, series=6_000
    )

    found = {(each.rho, each.term): each.detectable for each in prospects}
    steps = [found[rho, name] for rho in (0.3, 0.6) for name in JUNCTURES]
    assert steps == pytest.approx([2.89, 2.91, 2.68, 2.65, 2.57, 2.61], rel=0.1)


def test_power_grows_with_the_effect_and_starts_at_the_size(shelf):
    (prospect,) = [
        each
        for each in plan_steps((1992, 2022), {"pivot": 2012}, [0.3], shelf=shelf, series=4_000)
        if each.term == "pivot"
    ]

    powers = list(prospect.power.values())
    assert powers == sorted(powers)
    assert prospect.size < powers[0]
    assert prospect.size == pytest.approx(0.05, abs=0.02)


def test_at_the_first_deciding_year_the_power_is_reached_and_a_year_before_it_is_not(shelf):
    year = first_deciding_year(
        1992, {"pivot": 2012}, 0.3, effect=2.0, trend="none", shelf=shelf, series=4_000
    )["pivot"]

    assert year is not None

    def power(last: int) -> float:
        prospects = plan_steps(
            (1992, last), {"pivot": 2012}, [0.3], trend="none", shelf=shelf, series=4_000
        )
        return next(each.power[2.0] for each in prospects if each.term == "pivot")

    assert power(year) >= 0.8
    assert year == 2015 or power(year - 1) < 0.8  # 2015: four values from the onset on


def test_a_step_between_two_close_junctures_is_never_decided_by_later_years(shelf):
    years = first_deciding_year(
        1992, {"first": 2012, "second": 2013}, 0.0, effect=1.0, shelf=shelf, series=2_000
    )

    assert years["first"] is None


def test_a_design_that_cannot_be_is_refused():
    with pytest.raises(DesignError, match="and 3 from 2012 on"):
        blank_design((1990, 2014), {"pivot": 2012}, "linear")


def test_the_command_prints_one_row_for_each_rho_and_step(capsys):
    code = call("plan", "--years", "1992:2022", "--junctures", "2012", "--rho", "0.3", "--json")

    planned = json.loads(capsys.readouterr().out)
    rows = planned["prospects"]
    assert code == 0
    assert planned["looked_until"] == 2072  # FARTHEST, 60 years, after the last onset
    assert [(row["rho"], row["term"]) for row in rows] == [(0.3, "2012"), (0.3, "total")]
    assert {"power", "detectable", "size", "first_deciding_year"} <= set(rows[0])


@pytest.mark.parametrize(
    ("option", "wrong", "words"),
    [
        ("--years", "1992-2022", "--years 1992-2022 is not a period; write it as 1992:2022."),
        ("--junctures", "2012;2014", "is not a list of years; write it as 2012,2014,2017."),
        ("--junctures", "2012,2012", "is not a list of years"),
        ("--rho", "1.2", "--rho 1.2 is neither a number nor a range within -0.6 and 0.98"),
        ("--effect", "-1", "--effect -1 is not a size"),
        (
            "--junctures",
            "1992",
            "--junctures 1992 is not within --years 1992:2022; a juncture is the first year after, "
            "from 1993 to 2022: name another, or a longer period.\n",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused_in_words(option, wrong, words, capsys):
    options = {"--years": "1992:2022", "--junctures": "2012", "--rho": "0.3"} | {option: wrong}

    assert call("plan", *(word for pair in options.items() for word in pair)) == 2
    assert words in capsys.readouterr().err


def test_the_table_says_up_to_which_year_it_looked(capsys):
    """With 31 years and rho .5 a step of 1 sd is found in a quarter of cases, however long."""
    assert call("plan", "--years", "1992:2022", "--junctures", "2012,2014", "--rho", "0.5") == 0

    out = " ".join(capsys.readouterr().out.split())
    assert "not by 2074" in out
    assert "the first year of data with which 1 sd is found four times in five" in out
