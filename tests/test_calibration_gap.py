"""The test of a gap to donors: what is planted is found, what is not there is not, others agree."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.calibration import gap_law
from analysis.calibration import law as law_module
from analysis.calibration.ask_gap import gap
from analysis.calibration.gap import GapTest, calibrate_gap, hold_both
from analysis.calibration.gap_opinions import leave_one_donor_out, tabulate_gap_opinions
from analysis.calibration.measure import Gauge
from analysis.calibration.reach import AgreedReach, Reach
from analysis.calibration.steps import calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.calibration.tested import Question, TermReading
from analysis.design.gap import GapDesign, gap_design
from analysis.errors import UsageError
from analysis.exhibits.figures_gap import plot_gap
from analysis.kernel.ar1 import fit_ar1
from analysis.panel.panel import Panel

FIRST, N_YEARS, ONSET = 1995, 25, 2009
YEARS = np.arange(FIRST, FIRST + N_YEARS)
AFTER = YEARS >= ONSET
TREND = 5.0  # half of what the treated unit rises by, in innovation sds


@pytest.fixture(scope="module", autouse=True)
def _small_laws():
    """Laws on few nodes and series: what is tested does not need more."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(law_module, "RHO_NODES", np.array([-0.3, 0.2, 0.55, 0.8, 0.96]))
        patched.setattr(law_module, "KAPPA_NODES", np.array([0.5, 1.0, 1.7, 2.8]))
        patched.setattr(gap_law, "PILOT", 40)
        yield


@pytest.fixture(scope="module")
def shelf() -> LawShelf:
    return LawShelf(seed=21, series=300)


def made_panel(
    donors: int = 19, *, seed: int = 1, rho: float = 0.5, effect: float = 0.0, trend: float = 0.0
) -> np.ndarray:
    """Units with a common factor, unequal loadings and AR(1) noise; the first is treated."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((N_YEARS, donors + 2))
    noise[0] /= np.sqrt(1 - rho**2)
    for year in range(1, N_YEARS):
        noise[year] += rho * noise[year - 1]
    values = 2 * noise[:, -1:] * rng.uniform(0.5, 1.5, donors + 1) + noise[:, :-1]
    values[:, 0] += effect * AFTER + trend * np.linspace(-1, 1, N_YEARS)
    return values


def design_of(values: np.ndarray, weighting: str = "mean", **options) -> GapDesign:
    names = [f"D{number:02}" for number in range(values.shape[1] - 1)]
    return gap_design(
        pd.Series(values[:, 0], index=YEARS, name="score"),
        pd.DataFrame(values[:, 1:], index=YEARS, columns=names),
        {"shock": ONSET},
        unit="A-B",
        outcome="score",
        weighting=weighting,
        **options,
    )


def question(term: str = "shock", effect: float = 2.0) -> Question:
    return Question(
        term=term,
        alternative="greater",
        alpha=0.05,
        strict_alpha=0.025,
        smallest_effect=effect,
        claimed_effect=2 * effect,
    )


def test_the_gap_to_the_mean_is_tested_as_the_series_it_is(shelf):
    design = design_of(made_panel())

    test = calibrate_gap(design, shelf, draws=499)
    series = calibrate_steps(design.steps, shelf, draws=499)

    assert test.read("shock") == series.read("shock")
    asked = question()
    measured = Gauge(shelf, series=500).measure(test, asked)
    assert measured == Gauge(shelf, series=500).measure(series, asked)


@pytest.mark.parametrize("weighting", ["mean", "demeaned", "synthetic"])
def test_an_effect_moves_estimate_and_interval_by_itself_and_nothing_else(shelf, weighting):
    """Weights look only at the years before, and the law only at what is no step."""
    there, moved = (
        calibrate_gap(design_of(made_panel(effect=effect), weighting), shelf, draws=499)
        for effect in (0.0, 6.0)
    )

    nothing, planted = there.read("shock"), moved.read("shock")

    assert planted.estimate - nothing.estimate == pytest.approx(6.0, abs=1e-5)
    assert planted.std_error == pytest.approx(nothing.std_error, rel=1e-5)
    assert planted.wide[0] - nothing.wide[0] == pytest.approx(6.0, abs=1e-4)
    assert planted.wide[1] - nothing.wide[1] == pytest.approx(6.0, abs=1e-4)
    assert planted.wide[0] < 6.0 < planted.wide[1]
    assert nothing.p_value > 0.05 >= planted.p_value


def test_planted_effects_are_recovered_on_average():
    """100 panels with an effect of 3: the mean estimate is within three standard errors of it."""
    estimates = []
    for seed in range(100):
        design = design_of(made_panel(seed=seed, effect=3.0), "demeaned")
        row = design.steps.contrasts[:1]
        values = design.steps.series.to_numpy(dtype=float)[None, :]
        estimates.append(fit_ar1(values, design.steps.layout, row).estimates[0, 0])

    error = np.std(estimates, ddof=1) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - 3.0) < 3 * error


def test_gaps_to_the_mean_of_panels_without_effect_are_found_at_the_level(shelf):
    """1,500 panels with unequal loadings, the treated unit trending on its own."""
    steps = design_of(made_panel()).steps
    gaps = np.stack(
        [
            values[:, 0] - values[:, 1:].mean(axis=1)
            for values in (made_panel(seed=seed, trend=1.5) for seed in range(1500))
        ]
    )

    fits = fit_ar1(gaps, steps.layout, steps.contrasts, steps.joint)
    law = LawShelf(seed=5, series=1500).law(steps.layout, steps.contrasts, steps.joint)
    p_values = 2 * law.exceedance(np.abs(fits.statistics[:, 0]), 0, law.place(fits))

    # 5 % give .05 +- .0056; the model's own size with estimated kappa runs to .067
    assert 0.035 <= (p_values <= 0.05).mean() <= 0.075


def test_panels_whose_treated_unit_trends_are_found_at_the_level_with_demeaned_weights(monkeypatch):
    """60 panels with a strong trend, asked in its direction; alone, such weights err too often."""
    monkeypatch.setattr(law_module, "RHO_NODES", np.array([0.0, 0.5, 0.9]))
    monkeypatch.setattr(law_module, "KAPPA_NODES", np.array([0.6, 1.0, 1.8]))
    monkeypatch.setattr(gap_law, "PILOT", 20)
    guarded, alone = [], []
    for seed in range(60):
        design = design_of(made_panel(seed=seed, trend=TREND), "demeaned")
        test = calibrate_gap(design, LawShelf(seed=seed, series=50), draws=99)
        guarded.append(test.read("shock", alternative="greater").p_value)
        alone.append(test.inner.read("shock", alternative="greater").p_value)

    found, found_alone = ((np.array(each) <= 0.05).sum() for each in (guarded, alone))
    assert found <= 6  # 3 expected; more than 6 once in 30
    assert found < found_alone


@pytest.mark.parametrize("weighting", ["demeaned", "synthetic"])
def test_detrended_weights_have_to_agree_with_those_that_know_the_trend(shelf, weighting):
    values = made_panel(effect=2.0, trend=1.5)
    detrended = calibrate_gap(design_of(values, "detrended"), shelf, draws=199)
    test = calibrate_gap(design_of(values, weighting), shelf, draws=199)

    own, guard = (each.read("shock", alternative="greater") for each in (test.inner, detrended))
    reading = test.read("shock", alternative="greater")

    assert test.guard.design.weights.equals(detrended.design.weights)
    assert reading.p_value == max(own.p_value, guard.p_value)
    assert reading.wide == (min(own.wide[0], guard.wide[0]), max(own.wide[1], guard.wide[1]))
    assert reading.estimate == own.estimate
    assert test.p_below("shock", 1.0) == max(
        test.inner.p_below("shock", 1.0), detrended.p_below("shock", 1.0)
    )
    assert "detrended weights has to agree" in test.method
    assert detrended.guard is None
    assert calibrate_gap(design_of(values), shelf, draws=99).guard is None


def test_the_guard_does_not_know_the_trend_of_the_treated_unit(shelf):
    flat, rising = (
        calibrate_gap(design_of(made_panel(effect=2.0, trend=trend), "demeaned"), shelf, draws=199)
        for trend in (0.0, 8.0)
    )

    there, here = (test.guard.read("shock") for test in (flat, rising))

    assert here.p_value == there.p_value
    assert here.estimate == pytest.approx(there.estimate, abs=1e-6)
    assert not flat.design.weights.round(3).equals(rising.design.weights.round(3))


def test_two_readings_of_one_step_are_held_to_what_both_support():
    first = TermReading(1.0, 0.5, 2.0, 0.04, 0.06, 0.05, (0.1, 1.9), (0.2, 1.8))
    second = TermReading(0.8, 0.5, 1.6, 0.09, 0.11, 0.03, (-0.2, 1.8), (0.0, 1.6))
    against = replace(second, estimate=-0.8, p_value=0.01)

    both = hold_both(first, second, "two-sided")

    assert (both.estimate, both.statistic) == (1.0, 2.0)
    assert (both.p_value, both.p_maximised, both.p_shift) == (0.09, 0.11, 0.05)
    assert (both.wide, both.narrow) == ((-0.2, 1.9), (0.0, 1.8))
    assert hold_both(first, against, "two-sided").p_value == 1.0
    assert hold_both(first, against, "greater").p_value == 0.04


def test_what_several_tests_have_to_find_is_counted_series_by_series():
    """Of four series the first test finds 1 to 3 and the second 1, 3 and 4, the third downwards."""
    t, se, critical = np.array([3.0, 3.0, 3.0, 1.0]), np.ones(4), np.full(4, 2.0)
    other = np.array([3.0, 1.0, -3.0, 3.0])
    two_sided, upward = (
        AgreedReach(tuple(Reach(each, se, critical, two_sided=both) for each in (t, other)))
        for both in (True, False)
    )

    assert two_sided.found() == upward.found() == 0.25
    assert upward.found(1.0) == 0.75
    assert upward.found(1.0, at_least=3.5) == 0.5
    assert upward.detectable(1.0) == 5.0
    assert upward.detectable(0.75) == 1.0


def test_the_law_knows_that_chosen_weights_fit_the_years_before_best(shelf):
    """At equal sds before and after, the sd after looks larger if weights were fitted before."""
    test = calibrate_gap(design_of(made_panel(25), "synthetic"), shelf, draws=99)
    law = test.inner.law
    rho, kappa = np.searchsorted(law.rho, np.arctanh(0.55)), np.flatnonzero(law.kappa == 0.0)[0]

    given = test.given_law
    nodes = np.interp(law.rho[rho], given.rho, np.arange(len(given.rho)))

    assert law.medians.kappa[rho, kappa] > 0.15
    assert given.medians.kappa[int(nodes), np.flatnonzero(given.kappa == 0.0)[0]] < 0.05


def test_a_test_measures_itself(shelf):
    test = calibrate_gap(design_of(made_panel(), "synthetic"), shelf, draws=499)

    measured = Gauge(shelf, series=600).measure(test, question())

    assert measured.series == 600
    assert measured.size == pytest.approx(0.05, abs=0.035)  # +- .009, and a law of few series
    assert measured.coverage == pytest.approx(0.95, abs=0.035)
    assert measured.size < measured.power <= measured.power_at_claim
    assert measured.power_rule <= measured.power_at_claim
    assert set(measured.usual) == {"weights_as_given"}
    found = test.measure(question(effect=measured.detectable), seed=21, series=600)
    assert found.power == pytest.approx(0.8, abs=0.01)


def test_the_joint_test_measures_itself(shelf):
    test = calibrate_gap(design_of(made_panel(), "demeaned"), shelf, draws=499)

    measured = test.measure(question("joint"), seed=21, series=400)

    assert measured.size < measured.power <= measured.power_at_claim
    assert np.isnan(measured.detectable)


def test_what_a_measurement_depends_on_is_in_its_key(shelf):
    values = made_panel()
    test = calibrate_gap(design_of(values, "demeaned"), shelf, draws=99)
    again = calibrate_gap(design_of(values, "demeaned"), shelf, draws=99)
    values[3, 7] += 0.01
    other = calibrate_gap(design_of(values, "demeaned"), shelf, draws=99)

    key = test.key(question(), seed=21, series=100)

    assert len(key) == 16
    assert again.key(question(), seed=21, series=100) == key
    assert again.read("shock") == test.read("shock")
    changed = {
        other.key(question(), seed=21, series=100),
        test.key(question(effect=1.5), seed=21, series=100),
        test.key(question(), seed=21, series=101),
    }
    assert len(changed | {key}) == 4


def test_a_verdict_finds_what_it_asks_for(shelf):
    values = made_panel()
    values[4, 3] = np.nan
    test: GapTest = calibrate_gap(design_of(values, "synthetic"), shelf, draws=99)

    assert test.terms == ("shock", "total")
    assert test.years.tolist() == YEARS.tolist()
    assert test.note.startswith("Left out for want of some years: D02.")
    assert test.method.startswith("gap to a synthetic control of 18 donors, weighted on 1995-2008;")
    assert "99 simulated series in place of the treated unit's" in test.method
    assert test.error_model["kind"] == "ar1"
    assert test.smallest_p == 1 / 100
    assert 0 < test.smallest_sd <= test.marginal_sd * 1.5
    assert test.p_below("shock", 50.0) < 0.05 < test.p_below("shock", -50.0)


def test_difference_in_differences_is_read_as_by_hand():
    """Conley and Taber's p, interval of order statistics, and Donald and Lang's t, written out."""
    values = made_panel(20, effect=2.0)
    change = values[AFTER].mean(axis=0) - values[~AFTER].mean(axis=0)
    did = change[0] - change[1:].mean()
    deviations = sorted(change[1:] - change[1:].mean())
    t = did / (np.std(change[1:], ddof=1) * np.sqrt(1 + 1 / 20))

    opinions = tabulate_gap_opinions(design_of(values), "shock", alpha=0.10).to_frame()

    taber, lang = opinions.loc["Conley-Taber"], opinions.loc["Donald-Lang"]
    reached = sum(abs(deviation) >= abs(did) for deviation in deviations)
    assert taber["p_value"] == pytest.approx((1 + reached) / 21)
    # type-1 quantiles of twenty: the first and the nineteenth
    assert taber["conf_low"] == pytest.approx(did - deviations[18])
    assert taber["conf_high"] == pytest.approx(did - deviations[0])
    assert lang["statistic"] == pytest.approx(t)
    assert lang["p_value"] == pytest.approx(2 * stats.t.sf(abs(t), 19))


def test_the_placebo_rank_is_of_detrended_steps_in_sds_before():
    values = made_panel(19, effect=1.0)
    x = np.column_stack([np.ones(N_YEARS), np.arange(N_YEARS), AFTER])
    ratios = []
    for unit in range(20):
        pool = [other for other in range(1, 20) if other != unit]
        series = values[:, unit] - values[:, pool].mean(axis=1)
        step = np.linalg.lstsq(x, series)[0][2]
        early, when = series[~AFTER], np.arange(14)
        left = early - np.polyval(np.polyfit(when, early, 1), when)
        ratios.append(step / np.sqrt((left**2).sum() / 12))

    row = tabulate_gap_opinions(design_of(values), "shock", alternative="greater").to_frame()

    ranked = row.loc["placebo rank, studentised"]
    assert ranked["statistic"] == pytest.approx(ratios[0])
    assert ranked["p_value"] == pytest.approx(sum(r >= ratios[0] for r in ratios) / 20)


def test_the_rmspe_ratio_is_ranked_among_placebos():
    values = made_panel(19, effect=2.0)
    ratios = []
    for unit in range(20):
        pool = [other for other in range(1, 20) if other != unit]
        series = values[:, unit] - values[:, pool].mean(axis=1)
        series = series - series[~AFTER].mean()
        ratios.append(np.sqrt((series[AFTER] ** 2).mean() / (series[~AFTER] ** 2).mean()))

    found = tabulate_gap_opinions(design_of(values), "shock").to_frame().loc["RMSPE ratio rank"]

    assert found["statistic"] == pytest.approx(ratios[0])
    assert found["p_value"] == pytest.approx(sum(r >= ratios[0] for r in ratios) / 20)


def test_the_conformal_p_counts_shifts_of_the_residuals_of_the_null():
    values = made_panel(19)[4:]
    years = YEARS[4:]
    kept = years < ONSET + 4
    residuals = (values[:, 0] - values[:, 1:].mean(axis=1))[kept]
    residuals = residuals - residuals.mean()
    n = len(residuals)
    sums = [sum(abs(residuals[(start + k) % n]) for k in range(4)) for start in range(n)]
    design = gap_design(
        pd.Series(values[:, 0], index=years),
        pd.DataFrame(values[:, 1:], index=years),
        {"shock": ONSET},
        unit="A-B",
    )

    found = tabulate_gap_opinions(design, "shock", alpha=0.1, window=4).to_frame()

    p_value = sum(s >= sums[n - 4] - 1e-9 for s in sums) / n
    assert found.loc["conformal", "p_value"] == pytest.approx(p_value)


def test_the_conformal_window_is_the_shortest_that_can_reject_and_not_long():
    """Fourteen years before need six more for a p of 1/20; eleven would need nine of twenty."""
    opinions = tabulate_gap_opinions(design_of(made_panel()), "shock").to_frame()
    assert opinions.loc["conformal", "note"] == "two-sided; the first 6 years after the onset"

    values = made_panel()[3:]
    later = gap_design(
        pd.Series(values[:, 0], index=YEARS[3:]),
        pd.DataFrame(values[:, 1:], index=YEARS[3:]),
        {"shock": ONSET},
        unit="A-B",
    )
    refused = tabulate_gap_opinions(later, "shock").to_frame().loc["conformal"]
    assert np.isnan(refused["p_value"])
    assert "window of 9 among 20 years is too long" in refused["note"]


def test_ranks_among_too_few_placebos_are_refused_and_the_test_of_the_gap_is_not(shelf):
    design = design_of(made_panel(12, effect=6.0))

    opinions = tabulate_gap_opinions(design, "shock").to_frame()
    reading = calibrate_gap(design, shelf, draws=499).read("shock")

    for method in ("placebo rank, studentised", "RMSPE ratio rank", "Conley-Taber"):
        assert np.isnan(opinions.loc[method, "p_value"])
        assert opinions.loc[method, "note"] == (
            "There are 12 placebo units, so a rank cannot give a p below 0.077; "
            "a test at 0.05 needs 19."
        )
    assert opinions.loc["Donald-Lang", "p_value"] < 0.05
    assert reading.p_value < 0.05


def test_nineteen_placebos_are_enough():
    opinions = tabulate_gap_opinions(design_of(made_panel(19, effect=9.0)), "shock").to_frame()

    assert opinions.loc["placebo rank, studentised", "p_value"] == 0.05


@pytest.mark.parametrize("weighting", ["mean", "synthetic"])
def test_leaving_a_donor_out_is_fitting_without_it(weighting):
    values = made_panel(6)
    design = design_of(values, weighting)

    left_out = leave_one_donor_out(design, "shock")

    names = [name for name in design.donors if name != "D03"]
    without = gap_design(
        design.treated, design.donors[names], {"shock": ONSET}, unit="A-B", weighting=weighting
    )
    gap_values = without.steps.series.to_numpy(dtype=float)[None, :]
    fit = fit_ar1(gap_values, without.steps.layout, without.steps.contrasts)
    assert left_out["D03"] == pytest.approx(fit.estimates[0, 0], abs=1e-5)


def test_both_sides_share_the_p_and_the_shift_of_chosen_donors_is_told(shelf):
    values = made_panel(trend=3.0)
    test = calibrate_gap(design_of(values, "detrended"), shelf, draws=399)

    alone = test.simulator.draw(test.inner.rho, test.inner.kappa, stream="draws", series=399)
    shift = test.inner.from_first_sd(np.median(alone.estimates[:, 0]))
    assert test.shift("shock") == pytest.approx(shift)
    both = [test.read("shock", alternative=side).p_value for side in ("greater", "less")]
    assert sum(both) == pytest.approx(1.0, abs=0.01)
    assert 2 * min(both) == pytest.approx(test.read("shock").p_value, abs=0.01)
    assert calibrate_gap(design_of(values), shelf, draws=99).shift("shock") == 0.0


def test_opinions_are_about_a_term_that_there_is():
    with pytest.raises(UsageError, match='no term "war"; its terms are shock and total'):
        tabulate_gap_opinions(design_of(made_panel()), "war")


@pytest.fixture(scope="module")
def asked() -> object:
    values = made_panel(effect=6.0)
    names = ["CHN-RUS", *(f"D{number:02}" for number in range(19))]
    rows = [
        {"unit": name, "year": int(year), "score": value}
        for name, column in zip(names, values.T, strict=True)
        for year, value in zip(YEARS, column, strict=True)
    ]
    return Panel.from_frame(pd.DataFrame(rows), unit="unit", year="year"), names


def ask(asked, **options):
    panel, names = asked
    words = {"outcome": "score", "unit": names[0], "comparison": names[1:], "draws": 199}
    return gap(panel, **words, junctures={"shock": ONSET}, **options)


def test_a_question_in_words_is_answered(asked, monkeypatch):
    monkeypatch.setattr("analysis.calibration.ask_gap.MEASURE_SERIES", 300)

    result = ask(asked, weighting="synthetic", alternative="greater")

    frame = result.to_frame()
    assert list(frame.index) == ["shock", "total"]
    assert frame.loc["shock", "p_value"] <= 0.05
    assert frame.loc["shock", "conf_low"] < 6 < frame.loc["shock", "conf_high"]
    assert result.weights.sum() == pytest.approx(1.0)
    assert result.path["treated"].sub(result.path["donors"]).to_numpy() == pytest.approx(
        result.path["gap"].to_numpy()
    )
    words = result.summary()
    assert "score of CHN-RUS" in words
    assert "Other methods on shock; none of them decides:" in words
    assert "Without one donor each the estimate of shock lies between" in words
    json.dumps(result.to_dict())

    drawing = plot_gap(result)
    assert drawing.svg.count("<svg") == 1
    assert "CHN-RUS and its 19 donors, weighted" in drawing.alt
    estimate = frame.loc["shock", "estimate"]
    assert f"step of {estimate:.3g} in 2009 (shock)" in drawing.alt
    assert plot_gap(result).svg == drawing.svg


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"alternative": "more"}, 'no alternative "more"'),
        ({"alpha": 0.7}, "alpha is 0.7"),
        ({"weighting": "elastic"}, 'no weighting "elastic"'),
        ({"transform": "cube"}, 'no transform "cube"'),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(asked, options, words):
    with pytest.raises(UsageError, match=words):
        ask(asked, **options)
