"""An event study asked for in words: what comes out, what it says of itself, what it refuses."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.dyads import event_study
from analysis.errors import DesignError, UsageError
from analysis.exhibits.figures_event_study import plot_event_study
from analysis.panel.panel import Panel
from tests.test_estimation_event_study import made_outcome

JUNCTURES = {"pivot": 2006, "ukraine": 2009}
FEW = {"series": 49, "window": (-3, 3)}


def made_panel(units: int = 12, shift: float = 0.0, *, treated: int = 1) -> Panel:
    values = made_outcome(units)
    names = list(values.index.unique("unit"))
    years = values.index.get_level_values("year")
    rises = values.index.get_level_values("unit").isin(names[:treated]) & (years >= 2006)
    frame = (values + shift * rises).to_frame().reset_index()
    frame["noise"] = np.random.default_rng(4).normal(size=len(frame))
    return Panel.from_frame(frame, unit="unit", year="year")


def ask(panel: Panel, **options):
    given = {"outcome": "cooperation", "units": "U00-V00", "junctures": JUNCTURES} | FEW | options
    return event_study(panel, **given)


@pytest.fixture(scope="module")
def result():
    return ask(made_panel(shift=3.0))


def test_each_juncture_has_its_path_with_the_reference_in_it(result):
    frame = result.to_frame()

    assert list(frame.index.unique("juncture")) == ["pivot", "ukraine"]
    terms = ["-3", "-2", "-1", "+0", "+1", "+2", "+3", "average"]
    assert list(frame.loc["pivot"].index) == terms
    assert frame.loc[("pivot", "-1"), "estimate"] == 0


def test_a_planted_rise_comes_back(result):
    average = result.path("pivot").average

    assert average["conf_low"] < 3.0 < average["conf_high"]
    assert average["estimate"] == pytest.approx(3.0, abs=2.0)  # the reference alone has sd 1
    assert result.path("pivot").also_inside == ("ukraine",)


def test_one_treated_unit_never_decides_and_says_how_often_its_tests_err(result):
    assert not result.decides
    assert "shown and never decide" in result.note
    sizes = result.path("pivot").every["size"].xs("average", level="term")
    assert sizes["clustered"] > 0.3  # measured on this panel; 49 simulated panels
    assert set(result.path("pivot").rates.columns) == {
        "fitted", "factor", "trend", "noisy", "members", "in turn"
    }  # fmt: skip
    assert set(result.path("pivot").refused) == {"driscoll-kraay", "cr2"}


def test_many_treated_units_with_errors_of_their_own_may_decide():
    panel = made_panel(30, 2.0, treated=12)
    names = [f"U{place:02d}-V{place:02d}" for place in range(12)]
    onsets = {unit: (2004, 2006, 2008)[place % 3] for place, unit in enumerate(names)}
    found = ask(panel, units=names, junctures={"pivot": onsets}, errors="cr2", series=199)

    rates = found.path("pivot").rates.loc[("cr2", "average"), ["fitted", "members"]]
    assert found.decides == (rates.max() <= 0.075)
    assert found.path("pivot").errors == "cr2"
    assert "3 cohorts" in found.method


def test_clustered_errors_of_dyads_that_share_states_do_not_decide():
    """All dyads of 12 states, those of four states treated: shocks of states make clusters err."""
    states = [f"S{place:02d}" for place in range(12)]
    pairs = [f"{a}-{b}" for place, a in enumerate(states) for b in states[place + 1 :]]
    values = made_outcome(len(pairs), years=range(2000, 2014)).to_frame().reset_index()
    values["unit"] = np.repeat(pairs, 14)
    treated = [pair for pair in pairs if int(pair[1:3]) < 4]
    found = event_study(
        Panel.from_frame(values, unit="unit", year="year"),
        outcome="cooperation",
        units=treated,
        junctures={"pivot": {pair: 2005 + int(pair[1:3]) % 2 for pair in treated}},
        errors="clustered",
        **(FEW | {"series": 199}),
    )

    rates = found.path("pivot").rates.loc[("clustered", "average")]
    assert rates["fitted"] < 0.12
    assert rates["members"] > 0.2
    assert not found.decides
    assert "shocks of states to all their dyads" in found.note


def test_the_result_is_the_same_every_time_and_plain_values_can_be_written(result):
    again = ask(made_panel(shift=3.0))

    assert again.summary() == result.summary()
    assert json.loads(json.dumps(result.to_dict()))["paths"]["pivot"]["juncture"] == "pivot"


def test_the_unit_of_measure_scales_estimates_and_leaves_p(result):
    frame = made_panel(shift=3.0).frame.reset_index()
    frame["cooperation"] *= 100
    scaled = ask(Panel.from_frame(frame, unit="unit", year="year"))
    mine, theirs = result.path("pivot"), scaled.path("pivot")

    assert theirs.average["estimate"] == pytest.approx(100 * mine.average["estimate"])
    assert theirs.average["p_value"] == pytest.approx(mine.average["p_value"])
    assert theirs.breakdown["relative"] == pytest.approx(
        mine.breakdown["relative"], rel=1e-6, nan_ok=True
    )
    assert theirs.pre_trends.power == pytest.approx(mine.pre_trends.power, rel=1e-6)


def test_junctures_can_share_one_path_or_stand_together_in_one_regression():
    shared = ask(made_panel(), together="shared", series=0)
    joint = ask(made_panel(), together="joint", window=(-2, 1), series=0)

    assert [path.juncture for path in shared.paths] == ["any juncture"]
    assert shared.paths[0].errors == "clustered"
    assert [path.juncture for path in joint.paths] == ["pivot", "ukraine"]


def test_controls_enter_and_take_their_gaps_along():
    panel = made_panel()
    frame = panel.frame.reset_index()
    frame.loc[frame["year"] == 1995, "noise"] = np.nan
    found = ask(Panel.from_frame(frame, unit="unit", year="year"), controls=["noise"], series=0)

    assert found.years == (1996, 2019)


def test_without_simulated_panels_nothing_decides():
    panel = made_panel(30, treated=12)
    names = [f"U{place:02d}-V{place:02d}" for place in range(12)]
    found = ask(panel, units=names, series=0)

    assert not found.decides
    assert "were not counted" in found.note


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (
            {"together": "all"},
            UsageError,
            'cannot be taken "all"; known are apart, joint and shared',
        ),
        ({"errors": "robust"}, UsageError, 'no errors "robust"'),
        ({"alpha": 0.7}, UsageError, "must lie between 0 and 0.5"),
        ({"junctures": {}}, DesignError, "No juncture is named"),
        ({"junctures": {"pivot": {"U05-V05": 2006}}}, UsageError, "U05-V05, not among the units"),
        ({"comparison": ["U01-V01"]}, DesignError, "has 1 comparison units"),
        ({"period": (2005, 2019)}, DesignError, "no value of cooperation for event time -3 and -2"),
        ({"errors": "driscoll-kraay"}, DesignError, "zero by construction"),
        ({"ends": "cut"}, UsageError, 'no way with the ends "cut"'),
    ],
)
def test_what_cannot_be_asked_or_answered_is_refused(options, kind, message):
    with pytest.raises(kind, match=message):
        ask(made_panel(), **({"series": 0} | options))


def test_the_figure_is_the_same_bytes_and_says_what_is_seen(result):
    drawing = plot_event_study(result)

    assert drawing.svg == plot_event_study(result).svg
    assert ElementTree.fromstring(drawing.svg).tag.endswith("svg")
    assert drawing.alt in drawing.svg or "Event study of cooperation of U00-V00" in drawing.alt
    average = result.path("pivot").average["estimate"]
    assert f"pivot: {average:.2f} on average" in drawing.alt
    assert "do not decide" in drawing.alt


def test_a_figure_of_staggered_junctures_counts_from_the_onset():
    panel = made_panel(20, treated=6)
    names = [f"U{place:02d}-V{place:02d}" for place in range(6)]
    onsets = {unit: 2005 + place % 2 for place, unit in enumerate(names)}
    found = ask(panel, units=names, junctures={"pivot": onsets}, series=0)

    assert isinstance(found.to_frame(), pd.DataFrame)
    assert "years since each onset" in plot_event_study(found).alt
