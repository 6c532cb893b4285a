"""Event studies: R and other programs, truths put in, false positives, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.panel import PanelOLS
from scipy import optimize, stats

from analysis.calibration.event_study_rates import (
    NullWorld,
    count_rates,
    draw_outcomes,
    null_world,
)
from analysis.design.event_study import event_study_design
from analysis.errors import DesignError, UsageError
from analysis.estimation.event_study import KINDS, estimate_available, estimate_paths
from analysis.estimation.event_study_many import estimate_many
from analysis.estimation.pre_trends import assess_pre_trends, power_any
from analysis.estimation.trend_sensitivity import (
    Trends,
    breakdown,
    relative_interval,
    smoothness_interval,
)

HONEST = json.loads(
    (Path(__file__).parent / "reference" / "honest_did.json").read_text(encoding="utf-8")
)
YEARS = range(1995, 2020)


def made_outcome(units: int, *, seed: int = 1, rho: float = 0.5, years: range = YEARS) -> pd.Series:
    """AR(1) outcomes of dyads U00-V00, U01-V01 ..., with effects of units and years."""
    rng = np.random.default_rng(seed)
    names = [f"U{place:02d}-V{place:02d}" for place in range(units)]
    errors = rng.normal(size=(units, len(years)))
    for year in range(1, len(years)):
        errors[:, year] = rho * errors[:, year - 1] + np.sqrt(1 - rho**2) * errors[:, year]
    values = errors + rng.normal(size=(units, 1)) + rng.normal(size=len(years))
    index = pd.MultiIndex.from_product([names, years], names=["unit", "year"])
    return pd.Series(values.ravel(), index=index, name="cooperation")


def made_design(
    units: int = 12, treated: int = 1, onset: int = 2008, effect: float = 0.0, **options
):
    values = made_outcome(units, seed=options.pop("seed", 1))
    names = list(values.index.unique("unit"))
    years = values.index.get_level_values("year")
    is_treated = values.index.get_level_values("unit").isin(names[:treated])
    values = values + effect * (is_treated & (years >= onset))
    paths = {"pivot": dict.fromkeys(names[:treated], (onset,))}
    return event_study_design(
        values, paths, comparison=names[treated:], name="cooperation", **options
    )


def staggered(seed: int = 2):
    """24 units, onsets in 2003, 2008 and 2012, eight never; some cells are missing."""
    values = made_outcome(24, seed=seed)
    values = values[np.random.default_rng(3).random(len(values)) < 0.95]
    names = list(values.index.unique("unit"))
    onsets = {unit: ((2003, 2008, 2012)[place % 3],) for place, unit in enumerate(names[:16])}
    return values, onsets, names[16:]


def test_one_treated_unit_gives_the_gap_to_the_mean_of_the_others():
    """By hand: y of the unit less the others' mean, less the same in the year before the onset."""
    design = made_design()
    table = pd.Series(made_outcome(12)).unstack("year")
    gap = table.iloc[0] - table.iloc[1:].mean()
    expected = [gap.loc[:2003].mean()]
    expected += [gap[2008 + k] for k in (-4, -3, -2, 0, 1, 2, 3, 4)] + [gap.loc[2013:].mean()]

    found = estimate_paths(design, ["clustered"])["clustered"][0]

    np.testing.assert_allclose(found.estimates[:-1], np.array(expected) - gap[2007], atol=1e-10)
    np.testing.assert_allclose(
        found.estimates[-1], gap.loc[2008:2012].mean() - gap[2007], atol=1e-10
    )


def test_both_engines_give_the_same_numbers():
    values, onsets, others = staggered()
    design = event_study_design(values, {"pivot": onsets}, comparison=others)
    kinds = ["clustered", "dyadic", "cr2"]
    mine, theirs = (
        estimate_paths(design, kinds, engine=engine) for engine in ("kernel", "linearmodels")
    )

    for kind in kinds:
        np.testing.assert_allclose(mine[kind][0].estimates, theirs[kind][0].estimates, atol=1e-9)
        np.testing.assert_allclose(mine[kind][0].covariance, theirs[kind][0].covariance, atol=1e-9)


def test_event_dummies_of_one_cohort_are_those_of_linearmodels_written_out():
    values = made_outcome(15)
    names = list(values.index.unique("unit"))
    frame = values.to_frame()
    time = frame.index.get_level_values("year") - 2008
    treated = frame.index.get_level_values("unit").isin(names[:5])
    terms = [k for k in range(-5, 6) if k != -1]
    for k in terms:
        frame[f"k{k}"] = (treated & (np.clip(time, -5, 5) == k)).astype(float)
    model = PanelOLS(
        frame["cooperation"],
        frame[[f"k{k}" for k in terms]],
        entity_effects=True,
        time_effects=True,
    )
    theirs = model.fit(cov_type="clustered", cluster_entity=True)
    paths = {"pivot": dict.fromkeys(names[:5], (2008,))}
    design = event_study_design(values, paths, comparison=names[5:])

    found = estimate_paths(design, ["clustered"])["clustered"][0]

    np.testing.assert_allclose(found.estimates[:-1], theirs.params, atol=1e-9)
    # fixest's factor for linearmodels': G/(G-1) (n-1)/(n-K), units not in K, for n/(n-K), all in K
    n, g, k, years = len(values), 15, len(terms), len(YEARS)
    factor = g / (g - 1) * (n - 1) / (n - k - years) / (n / (n - k - years - g + 1))
    np.testing.assert_allclose(
        found.std_errors[:-1], theirs.std_errors * np.sqrt(factor), rtol=1e-9
    )


def test_interaction_weights_are_those_of_sun_and_abraham_written_out():
    """Cohort by event-time dummies by least squares with all dummies, averaged by cohort shares.

    The same code gives every number of R's fixest 0.11.2, feols(y ~ x1 + sunab(year_treated, year)
    | id + year) on base_stagg, whose data are not free to be kept here.
    """
    values, onsets, others = staggered()
    frame = values.to_frame("y").reset_index()
    frame["onset"] = frame["unit"].map({unit: each[0] for unit, each in onsets.items()})
    frame["k"] = np.clip(frame["year"] - frame["onset"], -4, 4)
    cells = frame.dropna().groupby(["onset", "k"]).size().drop(-1.0, level="k")
    dummies = {
        cell: ((frame["onset"] == cell[0]) & (frame["k"] == cell[1])).astype(float)
        for cell in cells.index
    }
    effects = [pd.get_dummies(frame[c], dtype=float) for c in ("unit", "year")]
    x = pd.concat([pd.DataFrame(dummies), effects[0], effects[1].iloc[:, 1:]], axis=1)
    fitted = sm.OLS(frame["y"].to_numpy(), x.to_numpy()).fit().params[: len(dummies)]
    by_cell = pd.Series(fitted, index=cells.index)
    shares = cells / cells.groupby("k").transform("sum")
    expected = (by_cell * shares).groupby("k").sum()

    design = event_study_design(values, {"pivot": onsets}, comparison=others, window=(-4, 4))
    found = estimate_paths(design, ["clustered"])["clustered"][0]

    np.testing.assert_allclose(found.estimates[:-1], expected, atol=1e-9)


def test_two_way_estimates_are_contaminated_where_effects_differ_and_weighted_ones_are_not():
    """Cohort 2003 gains 1 in each of five years, the others nothing; nobody gains before."""
    values, onsets, others = staggered()
    values = values * 0.01
    unit, year = (values.index.get_level_values(name) for name in ("unit", "year"))
    early = np.array([onsets.get(name, (0,))[0] == 2003 for name in unit])
    values = values + np.where(early, np.clip(year - 2002, 0, 5), 0.0)
    options = {"comparison": others, "window": (-4, 4)}

    leads = []
    for estimator in ("interaction-weighted", "two-way"):
        design = event_study_design(values, {"pivot": onsets}, estimator=estimator, **options)
        found = estimate_paths(design, ["clustered"])["clustered"][0]
        leads.append(np.abs(found.estimates[:3]).max())

    assert leads[0] < 0.05
    assert leads[1] > 0.5


def test_a_planted_effect_comes_back_and_its_interval_holds_it():
    inside = 0
    for seed in range(40):
        design = made_design(40, 20, effect=1.0, seed=seed)
        found = estimate_paths(design, ["clustered"], engine="kernel")["clustered"][0]
        low, high = found.intervals(0.05)
        inside += bool(low[-1] <= 1.0 <= high[-1])

    assert 34 <= inside <= 40  # 38 expected; P(fewer than 34) = .012 at 95 %


def test_many_outcomes_give_what_each_gives_alone():
    values, onsets, others = staggered()
    design = event_study_design(values, {"pivot": onsets}, comparison=others)
    one = made_design(12, 3)
    mixed = event_study_design(values, {"pivot": onsets}, comparison=others, estimator="two-way")
    for laid, kinds in (
        (mixed, ["driscoll-kraay"]),
        (design, ["clustered", "dyadic", "cr2"]),
        (one, ["donors"]),
    ):
        alone = estimate_paths(laid, kinds, engine="kernel")
        outcomes = np.column_stack([laid.outcome[::-1], laid.outcome])
        many = estimate_many(laid, laid.paths[0], outcomes, kinds)
        for kind in kinds:
            mine = alone[kind][0]
            np.testing.assert_allclose(many[kind].estimates[1], mine.estimates, atol=1e-9)
            np.testing.assert_allclose(many[kind].covariances[1], mine.covariance, atol=1e-9)
            np.testing.assert_allclose(many[kind].df, mine.df)
            joint = assess_pre_trends(mine, -1, slope=0.1).p_value
            assert many[kind].joint_p[1] == pytest.approx(joint, abs=1e-9, nan_ok=True)


def test_clustered_t_of_one_treated_unit_is_wrong_and_errors_between_donors_are_not():
    """19 and 40 donors, AR(1) .5, 1,000 panels without an effect; tests at 5 %.

    Clustered by unit above .4. Between donors .03-.07 for every event time, the average and the
    joint test where units vary alike; with the treated unit twice as noisy above .15.
    """
    for donors in (19, 40):
        design = made_design(donors + 1)
        world = NullWorld(0.5, np.ones(donors + 1))
        rates = count_rates(
            design,
            design.paths[0],
            ["clustered", "donors"],
            alpha=0.05,
            seed=1,
            series=1000,
            world=world,
        )
        terms = [term for term in rates.loc["donors"].index if term != "relative magnitudes"]

        assert rates["fitted"]["clustered"]["average"] > 0.4
        assert rates["fitted"]["donors"][terms].between(0.03, 0.07).all()
        assert rates["noisy"]["donors"]["average"] > 0.15
        assert rates["fitted"]["donors"]["relative magnitudes"] <= 0.05


def test_with_many_treated_units_every_kind_of_errors_holds_its_level():
    """16 of 40 units treated in three cohorts, own sds: 600 panels, average effect at 5 %."""
    values = made_outcome(40)
    names = list(values.index.unique("unit"))
    onsets = {unit: ((2003, 2008, 2012)[place % 3],) for place, unit in enumerate(names[:16])}
    design = event_study_design(values, {"pivot": onsets}, comparison=names[16:], window=(-4, 4))
    world = NullWorld(0.5, np.linspace(0.5, 2, 40))
    kinds = ["clustered", "cr2"]
    rates = count_rates(design, design.paths[0], kinds, alpha=0.05, seed=1, series=600, world=world)

    averages = rates["fitted"].xs("average", level="term")
    assert averages["clustered"] < 0.095
    assert averages["cr2"] < 0.075
    assert averages["cr2"] < averages["clustered"]
    assert rates["fitted"]["cr2"]["pre-trends"] < 0.075


def test_the_null_world_finds_the_autocorrelation_put_in():
    design = made_design(40)
    world = NullWorld(0.6, np.ones(40))
    drawn = draw_outcomes(design, world, "fitted", seed=5, series=30)
    found = [
        null_world(replace(design, outcome=drawn[:, place])).rho for place in range(drawn.shape[1])
    ]

    assert np.mean(found) == pytest.approx(0.6, abs=0.03)


def test_simulated_panels_do_not_depend_on_how_many_are_drawn():
    design = made_design()
    world = NullWorld(0.5, np.ones(12))
    few, many = (draw_outcomes(design, world, "factor", seed=1, series=n) for n in (3, 40))

    np.testing.assert_array_equal(few, many[:, :3])


def test_the_power_of_any_significant_coefficient_is_that_of_independent_ones():
    """By hand: one normal coefficient, and 1 - product of acceptances for independent ones."""
    limit = stats.norm.isf(0.025)
    single = stats.norm.sf(limit - 1.0) + stats.norm.cdf(-limit - 1.0)
    assert power_any(np.array([2.0]), np.array([[4.0]]), limit) == pytest.approx(single)

    means = np.array([1.0, 2.0, 0.5])
    accepted = stats.norm.cdf(limit - means) - stats.norm.cdf(-limit - means)
    found = power_any(means, np.eye(3), limit)
    assert found == pytest.approx(1 - accepted.prod(), abs=2e-4)


def test_the_slope_found_four_times_in_five_is_found_so_often():
    """Simulated: the joint test of paths with that linear trend, 2,000 draws of 12 donors."""
    design = made_design(13)
    found = estimate_paths(design, ["donors"])["donors"][0]
    trends = assess_pre_trends(found, -1, slope=0.3)
    pre = found.is_pre
    v = found.covariance[np.ix_(pre, pre)]
    rng = np.random.default_rng(1)
    direction = found.path.mean_times[pre[:-1]] + 1
    factor = 1 + 1 / 12
    donors = rng.multivariate_normal(np.zeros(len(v)), v / factor, size=(2000, 13))
    paths = donors[:, 1:]
    beta = trends.detectable_slope * direction + donors[:, 0] - paths.mean(axis=1)
    rejected = 0
    for b, each in zip(beta, paths, strict=True):
        s = np.cov(each, rowvar=False) * factor
        t2 = b @ np.linalg.solve(s, b)
        rejected += t2 * trends.df[1] / (11 * trends.df[0]) > stats.f.isf(0.05, *trends.df)

    assert rejected / 2000 == pytest.approx(0.8, abs=0.03)


def honest(target: str) -> Trends:
    b, v = np.array(HONEST["betahat"]), np.array(HONEST["sigma"])
    n, weights = (7, [1.0]) if target == "seven_before" else (4, np.eye(4)[0])
    if target == "mean":
        weights = np.full(4, 0.25)
    return Trends(b[:n], b[n:], v, np.asarray(weights))


@pytest.mark.parametrize("target", ["first", "mean", "seven_before"])
def test_smoothness_intervals_are_those_of_honestdid(target):
    """R's HonestDiD, optimal fixed-length intervals, printed to three digits."""
    for m, low, high in HONEST["smoothness"][target]:
        found = smoothness_interval(honest(target), m)
        assert found == pytest.approx((low, high), abs=0.0052 if abs(high) > 1 else 0.0006)


def test_relative_intervals_hold_those_of_honestdid_and_are_little_longer():
    """R's conditional least-favourable hybrid; here the union of intervals, conservative."""
    for mbar, low, high in HONEST["relative"]["first"]:
        found = relative_interval(honest("first"), mbar)
        assert found[0] <= low + 6e-4
        assert found[1] >= high - 6e-4
        assert found[1] - found[0] < 1.15 * (high - low)


def known(before: list[float], after: list[float], target: list[float]) -> Trends:
    """Estimates that are all but known."""
    n = len(before) + len(after)
    return Trends(np.array(before), np.array(after), 1e-12 * np.eye(n), np.array(target))


def test_the_smoothness_interval_without_sampling_error_is_a_linear_programme():
    """HiGHS: the largest l'delta over second differences of at most M and none before."""
    target, p, q, m = np.array([0.2, 0.5, 0.3]), 3, 3, 0.7
    size = p + 1 + q
    second = np.diff(np.eye(size), n=2, axis=0)
    fixed = np.eye(size)[: p + 1]
    objective = np.concatenate([np.zeros(p + 1), -target])
    best = optimize.linprog(
        objective,
        A_ub=np.vstack([second, -second]),
        b_ub=np.full(2 * len(second), m),
        A_eq=fixed,
        b_eq=np.zeros(p + 1),
        bounds=(None, None),
        method="highs",
    )

    low, high = smoothness_interval(known([0.0] * 3, [1.0, 2.0, 3.0], target.tolist()), m)

    assert (high - low) / 2 == pytest.approx(-best.fun, rel=1e-3)
    assert (low + high) / 2 == pytest.approx(2.1, abs=1e-4)  # 0.2 + 1.0 + 0.9


def test_the_relative_interval_without_sampling_error_is_a_linear_programme():
    """HiGHS: the largest l'delta after, no step beyond Mbar times the largest step before."""
    before, target, mbar = [0.4, -0.1, 0.2], np.array([0.2, 0.5, 0.3]), 1.5
    largest = 0.5  # from 0.4 to -0.1
    steps = np.tril(np.ones((3, 3)))
    best = optimize.linprog(
        -(steps.T @ target), bounds=[(-mbar * largest, mbar * largest)] * 3, method="highs"
    )

    low, high = relative_interval(known(before, [1.0, 2.0, 3.0], target.tolist()), mbar)

    assert high - 2.1 == pytest.approx(-best.fun, rel=1e-4)
    assert 2.1 - low == pytest.approx(-best.fun, rel=1e-4)


def test_a_linear_difference_of_trends_does_not_move_the_smoothness_interval():
    plain = honest("mean")
    times = np.array([-4.0, -3, -2, -1, 1, 2, 3, 4])  # the reference is at 0 of these
    tilted = Trends(
        plain.before + 0.3 * times[:4],
        plain.after + 0.3 * times[4:],
        plain.covariance,
        plain.target,
    )

    assert smoothness_interval(tilted, 0.05) == pytest.approx(
        smoothness_interval(plain, 0.05), abs=1e-6
    )


def test_the_breakdown_value_is_where_the_interval_first_holds_zero():
    for restriction, interval in (
        ("smoothness", smoothness_interval),
        ("relative", relative_interval),
    ):
        bound = breakdown(honest("first"), restriction)
        assert interval(honest("first"), 0.999 * bound)[0] > 0
        assert interval(honest("first"), 1.001 * bound)[0] <= 0

    nothing = Trends(np.zeros(3), np.zeros(2), np.eye(5), np.array([0.5, 0.5]))
    assert np.isnan(breakdown(nothing, "relative"))


def test_what_cannot_be_had_is_refused_with_its_reason():
    design = made_design()
    found, refused = estimate_available(design)

    assert set(found) | set(refused) == set(KINDS)
    assert "zero by construction" in refused["driscoll-kraay"]
    assert "One cluster alone identifies" in refused["cr2"]


def test_dyadic_errors_are_refused_where_one_state_is_in_every_dyad():
    values = made_outcome(12)
    values.index = pd.MultiIndex.from_tuples(
        [(f"CHN-{unit[:3]}", year) for unit, year in values.index], names=["unit", "year"]
    )
    names = list(values.index.unique("unit"))
    design = event_study_design(values, {"pivot": {names[0]: (2008,)}}, comparison=names[1:])

    with pytest.raises(DesignError, match="One state is a member of every dyad"):
        estimate_paths(design, ["dyadic"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"comparison": []}, "has 0 comparison units; without 2 or more"),
        (
            {"comparison": ["U00-V00", "U01-V01"]},
            "U00-V00 cannot be treated and comparison at once",
        ),
        ({"comparison": ["U01-V01", "U99-V99"]}, "no values of U99-V99"),
        (
            {"window": (-20, 5)},
            "no value of cooperation for event time -20, -19.*from 1995 to 2019",
        ),
        ({"window": (-5, 15)}, "no value of cooperation for event time 12, 13, 14 and 15"),
    ],
)
def test_questions_that_the_panel_cannot_answer_are_refused(options, message):
    values = made_outcome(12)
    names = list(values.index.unique("unit"))
    given = {"comparison": names[1:], "name": "cooperation"} | options
    with pytest.raises(DesignError, match=message):
        event_study_design(values, {"pivot": {names[0]: (2008,)}}, **given)


def test_junctures_whose_years_overlap_are_collinear_in_one_regression():
    values = made_outcome(12)
    names = list(values.index.unique("unit"))
    paths = {name: {names[0]: (onset,)} for name, onset in {"pivot": 2008, "ukraine": 2010}.items()}

    with pytest.raises(DesignError, match="collinear from ukraine -5 on"):
        event_study_design(values, paths, comparison=names[1:])
    narrow = event_study_design(values, paths, comparison=names[1:], window=(-2, 0))
    assert len(narrow.paths) == 2


def test_years_without_a_reference_are_refused():
    values = made_outcome(12)
    names = list(values.index.unique("unit"))
    with pytest.raises(DesignError, match="no value of cooperation for event time -1"):
        event_study_design(
            values.drop((names[0], 2007)), {"pivot": {names[0]: (2008,)}}, comparison=names[1:],
            name="cooperation",
        )  # fmt: skip
    with pytest.raises(UsageError, match="needs a reference before 0 within it"):
        event_study_design(
            values, {"pivot": {names[0]: (2008,)}}, comparison=names[1:], reference=2
        )


def test_trimmed_ends_leave_the_years_beyond_the_window_out():
    design = made_design(ends="trimmed")
    treated_years = np.array(design.years)[design.year_codes[design.unit_codes == 0]]

    assert treated_years.tolist() == list(range(2003, 2014))
    assert not design.paths[0].is_bin.any()
