"""The deciding test over all dyads: its rates, its readings, what it refuses."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.calibration.ask_panel import across_dyads
from analysis.calibration.panel_build import panel_grid, panel_test, spread_out
from analysis.calibration.panel_test import PanelTest
from analysis.calibration.panel_world import PanelWorld, panel_law, steady_scales
from analysis.calibration.tested import Question, SelfMeasuring
from analysis.design.dyad_panel import dyad_panel
from analysis.errors import DesignError, EstimationError, UsageError
from analysis.estimation.panel_models import fit_panel
from analysis.kernel.dyad_grid import DyadGrid, GridFits
from analysis.panel.panel import Panel
from tests.dyads_made import made_frame, made_panel

DRAWS = 999
QUESTION = Question("exposure", "two-sided", 0.05, 0.01, 0.1, 0.3)


@pytest.fixture(scope="module")
def test() -> PanelTest:
    """Twelve states, fifteen years, gaps, and an effect of .4 of a sd."""
    panel = made_panel(np.random.default_rng(5), effect=0.4, missing=0.1)
    return panel_test(panel, outcome="y", exposure="x", draws=DRAWS, seed=1)


@pytest.fixture(scope="module")
def measured(test):
    return test.measure(QUESTION, seed=7, series=1_500)


def grid_of(states, years, seed, effects=True):
    """A full grid with one regressor that members share."""
    rng = np.random.default_rng(seed)
    x = made_frame(rng, states=states, years=years)["x"].to_numpy()
    pairs = np.array(list(itertools.combinations(range(states), 2)))
    shape = (len(pairs), years)
    return DyadGrid(np.ones(shape), x.reshape(1, *shape), np.eye(1), pairs, states, effects)


def test_estimate_and_errors_are_those_of_the_regression_in_words(test):
    shown = fit_panel(test.design)

    assert test.fit.estimates[0, 0] == pytest.approx(shown.estimates[0], rel=1e-9)
    assert test.fit.dyadic[0, 0] == pytest.approx(shown.std_errors[0], rel=1e-9)
    assert test.changes[0] * test.fit.estimates[0, 0] == pytest.approx(test.estimates[0])


def test_it_can_be_asked_by_any_verdict(test):
    asked: SelfMeasuring = test

    assert asked.terms == ("exposure",)
    assert asked.smallest_p == 1 / (DRAWS + 1)
    assert asked.years.tolist() == list(range(2000, 2015))
    assert asked.smallest_sd < asked.marginal_sd
    assert asked.error_model["rho"] == test.rho
    assert "12 states" in asked.method


def test_what_the_errors_were_made_of_is_recovered(test):
    """rho .5, half the variance through members, sd 1."""
    low, high = test.rho_interval

    assert low <= 0.5 <= high
    assert test.share == pytest.approx(0.5, abs=0.2)
    assert test.marginal_sd == pytest.approx(1.0, abs=0.15)


def test_a_planted_effect_is_found_and_covered(test):
    reading = test.read("exposure", alternative="greater")
    planted = 0.4 * test.changes[0]

    assert reading.p_value <= 0.01
    assert reading.p_value <= reading.p_maximised
    assert reading.p_shift == pytest.approx(1 / 15)  # the unshifted years come out on top
    assert reading.wide[0] < planted < reading.wide[1]
    assert reading.wide[0] < reading.narrow[0] < reading.narrow[1] < reading.wide[1]


def test_p_and_interval_agree(test):
    """The two-sided p of an effect at the end of the interval is alpha."""
    reading = test.read("exposure")
    at_end = test.p_below("exposure", reading.narrow[1], alternative="greater")

    assert at_end == pytest.approx(0.05, abs=0.01)  # the interval has |t|, p its mirror images
    assert test.p_below("exposure", 10.0, alternative="greater") == pytest.approx(
        1 / (2 * DRAWS + 1)
    )


def test_in_panels_without_an_effect_it_errs_about_one_time_in_twenty(measured):
    rates = (measured.size, *measured.size_ends)

    assert all(0.035 <= rate <= 0.07 for rate in rates)
    assert measured.coverage == pytest.approx(1 - measured.size)


def test_least_squares_and_errors_by_dyad_err_more_often(measured):
    assert measured.usual["least_squares"] > 0.15
    assert measured.usual["clustered_by_dyad"] > measured.size


def test_power_grows_with_the_effect_up_to_what_is_called_detectable(test, measured):
    at = Question("exposure", "two-sided", 0.05, 0.01, measured.detectable, measured.detectable)
    again = test.measure(at, seed=7, series=1_500)

    assert measured.size < measured.power < measured.power_at_claim
    assert again.power == pytest.approx(0.8, abs=0.002)
    assert again.power_rule < again.power


def test_a_key_names_everything_the_rates_depend_on(test):
    key = test.key(QUESTION, seed=7, series=1_500)

    assert len(key) == 16
    assert test.key(QUESTION, seed=7, series=1_500) == key
    assert test.key(QUESTION, seed=8, series=1_500) != key
    other = Question("exposure", "less", 0.05, 0.01, 0.1, 0.3)
    assert test.key(other, seed=7, series=1_500) != key


def test_p_does_not_depend_on_the_unit_of_outcome_or_exposure():
    frame = made_frame(np.random.default_rng(3), states=10, years=8, effect=0.2)
    scaled = frame.assign(y=frame["y"] * 1000 + 5, x=frame["x"] / 7)
    found = [
        panel_test(
            Panel.from_frame(each, unit="unit", year="year"),
            outcome="y", exposure="x", draws=199, seed=1,
        )
        for each in (frame, scaled)
    ]  # fmt: skip
    first, second = (each.read("exposure") for each in found)

    assert second.p_value == first.p_value
    assert second.estimate == pytest.approx(1000 * first.estimate, rel=1e-8)
    assert found[1].marginal_sd == pytest.approx(1000 * found[0].marginal_sd, rel=1e-8)


def test_grids_with_gaps_fit_as_the_regression_with_rows_does():
    """Two-way effects, one control, against `fit_panel`, at 30 % missing."""
    frame = made_frame(np.random.default_rng(4), states=11, years=9, missing=0.3, effect=0.3)
    panel = Panel.from_frame(frame, unit="unit", year="year")
    for differenced in (False, True):
        design = dyad_panel(
            panel, outcome="y", exposure="x", controls=["w"], differenced=differenced
        )
        shown = fit_panel(design, model="difference" if differenced else "ols")
        grid = panel_grid(design, None, np.eye(1, 2), unit_effects=not differenced)
        fit = grid.fit(spread_out(design, design.y)[None])

        assert fit.estimates[0, 0] == pytest.approx(shown.estimates[0], rel=1e-9)
        assert fit.dyadic[0, 0] == pytest.approx(shown.std_errors[0], rel=1e-9)
        left = grid.residuals(spread_out(design, design.y))
        assert (left**2).sum() == pytest.approx(
            (1 - shown.r2s["R2"]) * ((design.y - design.y.mean()) ** 2).sum(), rel=1e-9
        )


def test_medians_and_law_are_kept_over_the_grid():
    grid = grid_of(10, 8, seed=1)
    law = panel_law(PanelWorld(grid, np.ones(grid.n_units), 5), draws=40)
    rho, share = law.unbiased(
        np.array([law.rho_medians[3, 2]]), np.array([law.share_medians[3, 2]])
    )

    assert (rho[0], share[0]) == pytest.approx((0.4, 0.5), abs=1e-9)
    assert (np.diff(law.rho_medians, axis=0) > 0).all()
    assert (np.diff(law.share_medians, axis=1) > 0).all()
    assert (law.critical[0, :, -1] > law.critical[0, :, 0]).all()  # shared shocks widen the law


def test_scales_are_drawn_in_where_dyads_are_alike_and_kept_where_they_are_not():
    grid = grid_of(10, 12, seed=2)
    fits = PanelWorld(grid, np.ones(grid.n_units), 3).fits(0.5, 0.3, "made", 15)
    left = [np.var(np.log(steady_scales(grid, one(fits, j), 1))) for j in range(15)]
    assert np.mean(left) < 0.3 * np.var(np.log(fits.scale), axis=1).mean()

    # a factor of 4; with more, year effects carry the loud dyads' noise into the quiet ones
    sizes = np.exp(np.linspace(-0.7, 0.7, grid.n_units))
    unequal = PanelWorld(grid, sizes, 3).fits(0.5, 0.3, "made", 1)
    kept = np.log(steady_scales(grid, unequal, 1))
    assert kept.std() == pytest.approx(np.log(sizes).std(), rel=0.2)  # of 45 estimated sds
    assert np.corrcoef(kept, np.log(sizes))[0, 1] > 0.8


def one(fits: GridFits, place: int) -> GridFits:
    names = GridFits.__dataclass_fields__
    return GridFits(**{name: getattr(fits, name)[place : place + 1] for name in names})


def test_draws_do_not_depend_on_how_many_are_made_at_once():
    grid = grid_of(10, 8, seed=1)
    world = PanelWorld(grid, np.ones(grid.n_units), 5)
    few, many = (world.fits(0.5, 0.3, "draws", count) for count in (60, 120))

    assert np.array_equal(few.statistics, many.statistics[:60])


def test_errors_are_shared_through_members_as_asked():
    """Correlation of dyads with a common member: half the share; without: none."""
    grid = grid_of(10, 8, seed=1)
    drawn = PanelWorld(grid, np.ones(grid.n_units), 5).draw(0.6, 0.5, "made", 0, 4_000)
    year = drawn[:, :, -1]  # dyads in order: 0-1, 0-2, ...; the last is 8-9
    together, apart = (np.corrcoef(year[:, 0], year[:, place])[0, 1] for place in (1, -1))

    assert together == pytest.approx(0.25, abs=0.05)
    assert apart == pytest.approx(0.0, abs=0.05)
    lagged = np.corrcoef(drawn[:, 0, -1], drawn[:, 0, -2])[0, 1]
    assert lagged == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize("model", ["difference", "poisson"])
def test_other_models_find_what_was_planted(model):
    frame = made_frame(np.random.default_rng(21), states=10, years=10, share=0.2)
    frame["flow"] = np.exp(1.0 + 0.4 * frame["x"] + 0.5 * frame["y"])
    frame["level"] = frame["y"] + 0.5 * frame["x"]
    panel = Panel.from_frame(frame, unit="unit", year="year")
    outcome = "flow" if model == "poisson" else "level"
    found = panel_test(panel, outcome=outcome, exposure="x", model=model, draws=199, seed=2)
    planted = (0.4 if model == "poisson" else 0.5) * found.changes[0]
    reading = found.read("exposure", alternative="greater")

    assert reading.p_value <= 0.05
    assert reading.wide[0] < planted < reading.wide[1]
    assert found.read("exposure", alternative="less").p_value > 0.5


def test_lags_and_moderators_have_terms_of_their_own():
    frame = made_frame(np.random.default_rng(22), states=10, years=10, share=0.2)
    before = frame.sort_values(["unit", "year"]).groupby("unit")["x"].shift().fillna(0.0)
    lagged = frame.assign(y=frame["y"] + 0.5 * frame["x"] + 0.5 * before)
    panel = Panel.from_frame(lagged, unit="unit", year="year")
    found = panel_test(panel, outcome="y", exposure="x", lags=1, draws=199, seed=2)

    assert found.terms == ("exposure", "lag 1", "total")
    parts = [found.read(term).estimate for term in found.terms]
    assert parts[2] == pytest.approx(parts[0] + parts[1])
    assert found.read("total").p_value <= 0.05

    frame["y"] += 0.4 * frame["x"] * frame["w"]
    panel = Panel.from_frame(frame, unit="unit", year="year")
    found = panel_test(panel, outcome="y", exposure="x", moderator="w", draws=199, seed=2)
    assert found.terms == ("exposure", "moderator", "interaction")
    assert found.read("interaction").p_value <= 0.05


def test_a_question_in_words_gives_a_result_with_its_rates():
    panel = made_panel(np.random.default_rng(31), states=10, years=8, effect=0.5, share=0.2)
    found = across_dyads(
        panel, outcome="y", exposure="x", alternative="greater", draws=199, series=200, seed=1
    )
    row = found.table.loc["exposure"]

    assert row["p_value"] <= 0.05
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert 0 < row["size"] < 0.12  # 200 outcomes: .05 and four standard errors of .016
    assert 0 < row["detectable"] < row["estimate"]
    assert "y of 45 dyads in y: 360 dyad-years, 2000-2007" in found.summary()
    assert "of the variance shared through members" in found._repr_html_()
    with pytest.raises(UsageError, match="no alternative"):
        across_dyads(panel, outcome="y", exposure="x", alternative="more")


def test_what_cannot_be_answered_is_refused():
    frame = made_frame(np.random.default_rng(23), states=10, years=8)
    frame["fixed"] = frame.groupby("unit")["x"].transform("mean")
    frame["few"] = np.where(frame["unit"].isin(frame["unit"].unique()[:3]), frame["x"], 0.0)
    frame["gaps"] = np.where(frame["year"] % 3 == 0, frame["x"], np.nan)
    frame["twin"] = 3 * frame["x"]
    panel = Panel.from_frame(frame, unit="unit", year="year")

    def ask(**words):
        return panel_test(panel, **({"outcome": "y", "exposure": "x", "draws": 19} | words))

    with pytest.raises(DesignError, match="constant within each dyad"):
        ask(exposure="fixed")
    with pytest.raises(DesignError, match="changes within 3 dyads; a panel test needs 10"):
        ask(exposure="few")
    with pytest.raises(DesignError, match="There are 5 years"):
        ask(period=(2000, 2004))
    with pytest.raises(DesignError, match="have 4 states"):
        ask(units=[u for u in panel.units if set(u.split("-")) <= {"AAA", "AAB", "AAC", "AAD"}])
    with pytest.raises(DesignError, match="Without effects of unit and year"):
        ask(effects=["unit"])
    with pytest.raises(EstimationError, match="collinear"):
        ask(controls=["twin"])
    with pytest.raises(UsageError, match="no model"):
        ask(model="between")
    with pytest.raises(UsageError, match="too few for a p-value"):
        ask(draws=9)


def test_panels_with_too_many_gaps_are_refused():
    frame = made_frame(np.random.default_rng(24), states=10, years=25)
    sparse = frame[frame["year"] % 3 == 0]
    panel = Panel.from_frame(sparse, unit="unit", year="year")

    with pytest.raises(DesignError, match="half are needed"):
        panel_test(panel, outcome="y", exposure="x", draws=19)


def test_dyadic_errors_read_by_t_err_where_states_are_few():
    """Ten states, most variance shared: what the simulated law is there for."""
    grid = grid_of(10, 10, seed=6)
    fits = PanelWorld(grid, np.ones(grid.n_units), 5).fits(0.6, 0.8, "rates", 600)
    t = np.abs(np.nan_to_num(fits.estimates / fits.dyadic))

    assert (t >= stats.t.isf(0.025, 9)).mean() > 0.10


def test_states_are_no_dyads():
    frame = pd.DataFrame(
        [(f"S{s:02d}", y) for s in range(12) for y in range(2000, 2010)], columns=["unit", "year"]
    )
    rng = np.random.default_rng(1)
    frame["x"], frame["y"] = rng.standard_normal((2, len(frame)))
    panel = Panel.from_frame(frame, unit="unit", year="year")

    with pytest.raises(DesignError, match="these units are states"):
        panel_test(panel, outcome="y", exposure="x", draws=19)
