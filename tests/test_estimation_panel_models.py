"""Panel regressions: the numbers of fixest, pyfixest, plm, linearmodels and statsmodels."""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.panel import FirstDifferenceOLS, PanelOLS

from analysis.design.dyad_panel import dyad_panel
from analysis.errors import DesignError, EstimationError, UsageError
from analysis.estimation.panel_between import hausman_facts
from analysis.estimation.panel_instruments import instrumented_regression
from analysis.estimation.panel_models import panel_regression
from analysis.estimation.panel_systems import panel_system
from analysis.panel.panel import Panel
from tests.dyads_made import made_frame, made_panel

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "panel_regressions.json").read_text(encoding="utf-8"))
BOTH = ("unit", "year")


@pytest.fixture(scope="module")
def grunfeld() -> Panel:
    frame = pd.read_csv(REFERENCE / "grunfeld.csv")
    frame["firm"] = [f"F{firm:02d}" for firm in frame["firm"]]
    frame["l"], frame["c"] = frame["value"] / 1000, frame["capital"] / 1000
    return Panel.from_frame(frame, unit="firm", year="year")


@pytest.fixture(scope="module")
def dyads() -> Panel:
    return made_panel(np.random.default_rng(5), effect=0.4, missing=0.1)


def regress(panel, **words):
    words = {"outcome": "inv", "exposure": "value", "controls": ["capital"]} | words
    return panel_regression(panel, **words)


@pytest.mark.parametrize(
    ("errors", "column"), [("clustered", "cluster_firm"), ("driscoll-kraay", "driscoll_kraay")]
)
def test_errors_agree_with_fixest(grunfeld, errors, column):
    found = regress(grunfeld, effects=("unit",), errors=errors)

    assert found.std_errors == pytest.approx(list(R["fixest"][column].values()), rel=1e-8)


@pytest.mark.parametrize(("name", "effects"), [("one_way", ("unit",)), ("two_way", BOTH)])
def test_least_squares_agrees_with_pyfixest(grunfeld, name, effects):
    found = regress(grunfeld, effects=effects, errors="clustered")

    assert found.estimates == pytest.approx(list(R["pyfixest"][name]["estimates"].values()))
    assert found.std_errors == pytest.approx(list(R["pyfixest"][name]["clustered"].values()))


def test_poisson_agrees_with_pyfixest(grunfeld):
    found = regress(grunfeld, exposure="l", controls=["c"], model="poisson", errors="clustered")
    expected = R["pyfixest"]["poisson"]

    assert found.estimates == pytest.approx(list(expected["estimates"].values()), rel=1e-8)
    # the last round's weights: both stop at a deviance settled to 1e-10
    assert found.std_errors == pytest.approx(list(expected["clustered"].values()), rel=1e-7)


def test_poisson_agrees_with_dummies_and_leaves_out_units_without_events():
    frame = made_frame(np.random.default_rng(3), states=6, years=10)
    rng = np.random.default_rng(4)
    frame["flow"] = rng.poisson(np.exp(0.3 * frame["x"] + 0.2))
    frame.loc[frame["unit"] == "AAA-AAB", "flow"] = 0
    panel = Panel.from_frame(frame, unit="unit", year="year")
    found = panel_regression(
        panel, outcome="flow", exposure="x", model="poisson", errors="clustered"
    )
    kept = frame[frame["unit"] != "AAA-AAB"]
    dummies = pd.get_dummies(kept[["unit", "year"]].astype(str), drop_first=True, dtype=float)
    design = sm.add_constant(pd.concat([kept[["x"]], dummies], axis=1))
    oracle = sm.GLM(kept["flow"], design, family=sm.families.Poisson()).fit(tol=1e-12)

    assert found.estimates[0] == pytest.approx(oracle.params["x"], rel=1e-7)
    assert found.n_obs == len(kept)
    assert "10 rows of units or years in which the outcome is always 0." in found.notes


@pytest.mark.parametrize("model", ["random", "between"])
def test_comparisons_of_units_agree_with_plm(grunfeld, model):
    found = regress(grunfeld, effects=("unit",), model=model, errors="clustered")

    assert found.estimates == pytest.approx(list(R["plm"][model].values()), abs=6e-7)


def test_hausman_agrees_with_plm(grunfeld):
    design = dyad_panel(grunfeld, outcome="inv", exposure="value", controls=["capital"])
    found = hausman_facts(design, effects=("unit",))

    assert found["Hausman chi2"] == pytest.approx(R["plm"]["hausman"]["chisq"], abs=6e-5)
    assert found["Hausman p"] == pytest.approx(R["plm"]["hausman"]["p"], abs=6e-5)


def test_two_way_effects_in_a_panel_with_gaps_agree_with_linearmodels(dyads):
    found = panel_regression(dyads, outcome="y", exposure="x", controls=["w"], errors="clustered")
    frame = dyads.frame
    oracle = PanelOLS(frame["y"], frame[["x", "w"]], entity_effects=True, time_effects=True).fit(
        cov_type="clustered", cluster_entity=True
    )

    assert found.estimates == pytest.approx(oracle.params.to_numpy(), rel=1e-9)
    assert found.r2s["within R2"] == pytest.approx(oracle.rsquared, rel=1e-9)


def test_first_differences_without_gaps_agree_with_linearmodels():
    panel = made_panel(np.random.default_rng(6), states=8, years=10, effect=0.4)
    found = panel_regression(
        panel, outcome="y", exposure="x", model="difference", effects=(), errors="clustered"
    )
    change = panel.frame.groupby(level="unit")[["x", "y"]].diff().dropna()
    by_hand = np.polyfit(change["x"], change["y"], 1)[0]
    oracle = FirstDifferenceOLS(panel.frame["y"], panel.frame[["x"]]).fit()
    through_origin = float(change["x"] @ change["y"] / (change["x"] @ change["x"]))

    assert found.estimates[0] == pytest.approx(by_hand, rel=1e-9)
    assert oracle.params["x"] == pytest.approx(through_origin, rel=1e-9)
    assert found.n_obs == oracle.nobs


def test_differences_do_not_reach_across_a_gap():
    frame = made_frame(np.random.default_rng(6), states=6, years=10)
    without = frame[frame["year"] != 2005]
    panel = Panel.from_frame(without, unit="unit", year="year")
    found = panel_regression(
        panel, outcome="y", exposure="x", model="difference", errors="clustered"
    )

    assert found.n_obs == 15 * 7  # 15 dyads; changes to 2005 and to 2006 are unknown


def test_dyadic_errors_agree_with_a_sum_over_all_pairs_of_rows(dyads):
    """Aronow, Samii & Assenova (2015), equation 3, written out; times G/(G-1) (n-1)/(n-K)."""
    found = panel_regression(dyads, outcome="y", exposure="x")
    frame = dyads.frame
    oracle = PanelOLS(frame["y"], frame[["x"]], entity_effects=True, time_effects=True).fit()
    dummies = pd.get_dummies(
        frame.index.to_frame().astype(str).reset_index(drop=True), dtype=float
    ).to_numpy()
    x = frame["x"].to_numpy()
    x = x - dummies @ np.linalg.lstsq(dummies, x)[0]
    scores = x * oracle.resids.to_numpy()
    sides = np.array([unit.split("-") for unit in frame.index.get_level_values("unit")])
    share = (sides[:, None, :, None] == sides[None, :, None, :]).any(axis=(2, 3))
    meat = float(scores @ share @ scores)
    n, years = len(x), frame.index.get_level_values("year").nunique()
    factor = 12 / 11 * (n - 1) / (n - 1 - years)

    assert found.std_errors[0] ** 2 == pytest.approx(factor * meat / float(x @ x) ** 2, rel=1e-9)


def test_an_effect_is_recovered_by_each_model(dyads):
    for model in ("ols", "difference"):
        found = panel_regression(dyads, outcome="y", exposure="x", model=model)
        assert abs(found.estimates[0] - 0.4) < 3 * found.std_errors[0]


def test_lags_recover_what_was_planted():
    frame = made_frame(np.random.default_rng(8), states=14, years=20)
    frame = frame.sort_values(["unit", "year"])
    before = frame.groupby("unit")["x"].shift()
    frame["y"] = frame["y"] + 0.5 * frame["x"] - 0.3 * before.fillna(0.0)
    panel = Panel.from_frame(frame, unit="unit", year="year")
    found = panel_regression(
        panel, outcome="y", exposure="x", lags=1, errors="clustered", period=(2001, 2019)
    )

    assert found.names == ("x", "x, 1 earlier")
    assert found.estimates == pytest.approx([0.5, -0.3], abs=0.1)


def test_a_moderator_is_centred_so_that_main_effects_are_at_its_mean():
    frame = made_frame(np.random.default_rng(9), states=14, years=20)
    frame["w"] += 7.0
    frame["y"] += 0.3 * frame["x"] + 0.2 * frame["x"] * (frame["w"] - frame["w"].mean())
    panel = Panel.from_frame(frame, unit="unit", year="year")
    found = panel_regression(panel, outcome="y", exposure="x", moderator="w")

    assert found.names == ("x", "w", "x x w")  # left at 0, w would make the first one -1.1
    assert (np.abs(found.estimates - [0.3, 0.0, 0.2]) < 3 * found.std_errors).all()
    assert found.std_errors.max() < 0.1


def test_variables_of_states_are_carried_to_their_dyads():
    states = pd.DataFrame(
        [
            (s, y, float(v + y - 2000))
            for s, v in (("AAA", 1), ("BBB", 5))
            for y in range(2000, 2020)
        ],
        columns=["unit", "year", "need"],
    )
    dyad = [(u, y) for u in ("AAA>BBB", "BBB>AAA") for y in range(2000, 2020)]
    flows = pd.DataFrame(dyad, columns=["unit", "year"]).assign(flow=np.arange(40.0))
    panel = Panel.from_frame(pd.concat([states, flows]), unit="unit", year="year")

    def carried(way):
        design = dyad_panel(panel, outcome="flow", exposure="need", carry={"need": way})
        return design.to_frame()["need"].loc[[("AAA>BBB", 2000), ("BBB>AAA", 2000)]].to_list()

    assert carried("first") == [1.0, 5.0]
    assert carried("second") == [5.0, 1.0]
    assert carried("product") == [5.0, 5.0]
    assert carried("smaller") == [1.0, 1.0]


def test_a_system_of_one_exposure_is_least_squares_equation_by_equation(dyads):
    """Same regressors in each equation: Zellner's estimates are those of least squares."""
    frame = dyads.frame.reset_index()
    frame["z"] = 0.5 * frame["y"] + np.random.default_rng(1).standard_normal(len(frame))
    panel = Panel.from_frame(frame, unit="unit", year="year")
    found = panel_system(
        panel, outcomes=["y", "z"], exposure="x", standardise=False, errors="clustered"
    )
    for name in ("y", "z"):
        alone = panel_regression(panel, outcome=name, exposure="x", errors="clustered")
        assert found.equations[name].estimates == pytest.approx(alone.estimates, rel=1e-9)
        assert found.equations[name].std_errors == pytest.approx(alone.std_errors, rel=1e-9)
    both = panel_regression(
        Panel.from_frame(frame.assign(gap=frame["z"] - frame["y"]), unit="unit", year="year"),
        outcome="gap", exposure="x", errors="clustered",
    )  # fmt: skip
    # that the coefficients are equal is that the difference has none
    assert found.tests.loc["all are equal", "statistic"] == pytest.approx(
        both.statistics[0] ** 2, rel=1e-8
    )


@pytest.fixture(scope="module")
def instrumented() -> tuple[pd.DataFrame, Panel]:
    frame = made_frame(np.random.default_rng(11), states=14, years=12)
    hidden = np.random.default_rng(12).standard_normal(len(frame))
    frame["z"] = frame["x"]
    frame["d"] = 0.5 * frame["z"] + hidden
    frame["y"] = frame["y"] + 0.4 * frame["d"] - hidden
    return frame, Panel.from_frame(frame, unit="unit", year="year")


def test_an_instrument_recovers_the_effect_least_squares_misses(instrumented):
    _, panel = instrumented
    plain = panel_regression(panel, outcome="y", exposure="d", errors="clustered")
    found = instrumented_regression(
        panel, outcome="y", exposure="d", instruments=["z"], errors="clustered"
    )

    assert plain.estimates[0] < 0
    assert found.estimates[0] == pytest.approx(0.4, abs=0.2)
    assert found.facts["first-stage F"] > 50
    low, high = found.facts["Anderson-Rubin low"], found.facts["Anderson-Rubin high"]
    assert low < 0.4 < high


def test_two_stages_agree_with_the_ratio_of_reduced_forms(instrumented):
    """One instrument: the estimate is reduced form over first stage (Wald)."""
    _, panel = instrumented
    found = instrumented_regression(
        panel, outcome="y", exposure="d", instruments=["z"], errors="clustered"
    )
    reduced, first = (
        panel_regression(panel, outcome=name, exposure="z", errors="clustered")
        for name in ("y", "d")
    )

    assert found.estimates[0] == pytest.approx(reduced.estimates[0] / first.estimates[0], rel=1e-9)
    assert found.facts["first-stage F"] == pytest.approx(first.statistics[0] ** 2, rel=1e-9)
    assert found.facts["Anderson-Rubin F"] == pytest.approx(reduced.statistics[0] ** 2, rel=1e-9)


def test_the_ends_of_anderson_and_rubins_interval_are_where_p_is_alpha(instrumented):
    frame, panel = instrumented
    found = instrumented_regression(
        panel, outcome="y", exposure="d", instruments=["z"], errors="clustered"
    )
    for end in (found.facts["Anderson-Rubin low"], found.facts["Anderson-Rubin high"]):
        moved = Panel.from_frame(
            frame.assign(y=frame["y"] - end * frame["d"]), unit="unit", year="year"
        )
        left = panel_regression(moved, outcome="y", exposure="z", errors="clustered")
        assert left.p_values[0] == pytest.approx(0.05, abs=0.002)  # steps of a fiftieth of an se


def test_weak_instruments_are_called_weak():
    frame = made_frame(np.random.default_rng(13), states=8, years=10)
    frame["z"] = np.random.default_rng(14).standard_normal(len(frame))
    panel = Panel.from_frame(frame, unit="unit", year="year")
    found = instrumented_regression(
        panel, outcome="y", exposure="x", instruments=["z"], errors="clustered"
    )

    assert any("instruments are weak" in note for note in found.notes)


def test_results_do_not_depend_on_order_or_names_of_units(dyads):
    names = sorted({side for unit in dyads.units for side in unit.split("-")})
    turned = dict(zip(names, reversed(names), strict=True))
    frame = dyads.frame.reset_index().iloc[::-1]
    frame["unit"] = ["-".join(sorted(turned[s] for s in u.split("-"))) for u in frame["unit"]]
    found = panel_regression(
        Panel.from_frame(frame, unit="unit", year="year"), outcome="y", exposure="x"
    )
    before = panel_regression(dyads, outcome="y", exposure="x")

    assert found.estimates == pytest.approx(before.estimates, rel=1e-9)
    assert found.std_errors == pytest.approx(before.std_errors, rel=1e-9)


def test_errors_clustered_by_dyad_err_where_dyads_share_members():
    """40 panels without an effect, most of the variance through members, nominal 5 %."""
    rng = np.random.default_rng(17)
    rejected = {"clustered": 0, "dyadic": 0}
    for _ in range(40):
        panel = made_panel(rng, states=20, years=5, share=0.9)
        for errors in rejected:
            found = panel_regression(panel, outcome="y", exposure="x", errors=errors)
            rejected[errors] += int(found.p_values[0] < 0.05)

    assert rejected["clustered"] / 40 > 0.15
    assert rejected["dyadic"] < rejected["clustered"]


def test_what_cannot_be_answered_is_refused(dyads, grunfeld):
    frame = dyads.frame.reset_index()
    frame["fixed"] = frame.groupby("unit")["x"].transform("mean")
    frame["year_only"] = frame["year"] / 10
    frame["twin"] = 2 * frame["x"]
    panel = Panel.from_frame(frame, unit="unit", year="year")

    with pytest.raises(DesignError, match="fixed is constant within each unit"):
        panel_regression(panel, outcome="y", exposure="fixed")
    with pytest.raises(DesignError, match="year_only is constant within each year"):
        panel_regression(panel, outcome="y", exposure="year_only")
    with pytest.raises(EstimationError, match="collinear"):
        panel_regression(panel, outcome="y", exposure="x", controls=["twin"])
    with pytest.raises(DesignError, match="F01 is no dyad"):
        regress(grunfeld)
    with pytest.raises(DesignError, match="a Poisson model needs 0 or more"):
        panel_regression(panel, outcome="y", exposure="x", model="poisson")
    with pytest.raises(UsageError, match="no model"):
        panel_regression(panel, outcome="y", exposure="x", model="magic")
    with pytest.raises(UsageError, match="no variable"):
        panel_regression(panel, outcome="y", exposure="ex")
    with pytest.raises(DesignError, match="in 20 unit-years"):
        regress(grunfeld, units=["F01"])


def test_a_star_of_dyads_has_no_dyadic_errors():
    """All dyads share one member: every pair of rows counts, and the scores add up to zero."""
    frame = made_frame(np.random.default_rng(19), states=12, years=10)
    star = frame[frame["unit"].str.startswith("AAA-")]
    panel = Panel.from_frame(star, unit="unit", year="year")

    with pytest.raises(EstimationError, match="not positive"):
        panel_regression(panel, outcome="y", exposure="x")


def test_dyadic_errors_below_those_by_dyad_are_remarked_on():
    """Errors independent over dyads: either of the two may come out smaller, or none at all."""
    rng = np.random.default_rng(20)
    seen = []
    for _ in range(10):
        panel = made_panel(rng, states=18, years=5, share=0.0)
        by_dyad = panel_regression(panel, outcome="y", exposure="x", errors="clustered")
        try:
            found = panel_regression(panel, outcome="y", exposure="x")
        except EstimationError:
            continue
        remarked = any("lie below those clustered by dyad" in note for note in found.notes)
        seen.append((remarked, bool(found.std_errors[0] < by_dyad.std_errors[0])))

    assert set(seen) == {(True, True), (False, False)}


def test_a_negative_hausman_statistic_has_no_p():
    """Units' levels that follow their means of x make random effects the less precise."""
    frame = made_frame(np.random.default_rng(25), states=8, years=8)
    frame["w"] = frame.groupby("unit")["x"].transform("mean")
    frame["y"] += 6 * np.sign(frame["w"])
    panel = Panel.from_frame(frame.drop(columns="w"), unit="unit", year="year")
    found = panel_regression(panel, outcome="y", exposure="x", model="random", errors="clustered")

    assert found.facts["Hausman chi2"] < 0
    assert np.isnan(found.facts["Hausman p"])
    assert found.facts["Mundlak p"] < 0.05
    assert found.notes == ("Hausman's statistic is negative and has no p; read Mundlak's.",)


def test_every_combination_of_words_gives_a_result_that_prints(dyads):
    for model, errors in itertools.product(
        ("ols", "difference"), ("dyadic", "clustered", "driscoll-kraay")
    ):
        found = panel_regression(dyads, outcome="y", exposure="x", model=model, errors=errors)
        assert found.summary() == found.summary()
        assert "shown, does not decide" in found.summary()
