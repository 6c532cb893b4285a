"""What is claimed, what is estimated and what is denied point the same way, in every design."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.calibration.absorbed import HALF, calibrate_absorbed
from analysis.calibration.date_set_test import calibrate_date_set
from analysis.calibration.equivalence_test import EquivalenceTest
from analysis.calibration.firsts_test import FirstsTest
from analysis.calibration.law import simulate_errors
from analysis.calibration.order_test import calibrate_order
from analysis.calibration.steps import calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.date_set import date_set_design
from analysis.design.firsts import firsts_design
from analysis.design.steps import steps_design
from analysis.errors import DesignError
from tests.made_study import EXPORTS, YEARS, claim, noise, verdicts_on

SHELF = LawShelf(seed=1, series=300, again=100)
DESIGN = steps_design(noise(1), {"treaty": 2010})
DATES = {"one": 1998, "two": 2006, "three": 2014}
STAIRS = 1.0 * sum(onset <= YEARS for onset in DATES.values())


@pytest.fixture(autouse=True)
def nothing_is_searched(monkeypatch):
    """What turns a finding has tests of its own."""
    monkeypatch.setattr("analysis.verdict.run.search_flips", lambda *_: {})


def test_a_fall_at_the_dates_is_a_negative_step_inside_its_interval():
    rising = noise(3, sd=1.0) + 2 * STAIRS
    tests = {
        side: calibrate_date_set(
            date_set_design(sign * rising, DATES, alternative=side), SHELF, series=50
        )
        for side, sign in (("greater", 1), ("less", -1))
    }
    up, down = (test.read("dates", alternative=side, alpha=0.05) for side, test in tests.items())

    assert up.estimate > 0
    assert down.estimate == pytest.approx(-up.estimate)
    assert down.p_value == up.p_value
    assert down.wide == pytest.approx((-up.wide[1], -up.wide[0]))
    assert down.wide[0] < down.estimate < down.wide[1]


def test_a_gap_design_is_not_asked_for_a_gap_of_its_own(tmp_path):
    others = {("JPN", "exports_usd"): noise(2), ("USA", "exports_usd"): noise(3)}
    asked = claim(design="gap", comparison=["JPN", "USA"], weighting="mean")
    (verdict,) = verdicts_on(tmp_path, {EXPORTS: noise(step=6), **others}, asked).values()

    assert verdict.finding == "supported", verdict.reason
    assert verdict.gap.p_value == verdict.trial.reading.p_value


def test_counts_are_compared_with_those_of_other_units_in_roots(tmp_path):
    rng = np.random.default_rng(1)
    counts = {
        unit: pd.Series(rng.poisson(np.where(YEARS >= 2010, after, 6.0)), YEARS, dtype=float)
        for unit, after in (("JPN-USA", 24.0), ("JPN", 6.0), ("USA", 6.0))
    }
    asked = claim(
        design="counts", outcome="visits_count", units=["JPN-USA"], comparison=["JPN", "USA"],
        effect_unit="rate_ratio", smallest_effect=1.5, claimed_effect=3.0,
    )  # fmt: skip
    values = {(unit, "visits_count"): series for unit, series in counts.items()}
    (verdict,) = verdicts_on(tmp_path, values, asked).values()
    own, *rest = (np.sqrt(series + 3 / 8) for series in counts.values())
    gap = own - sum(rest) / 2

    assert verdict.finding == "supported", verdict.reason
    assert verdict.gap.reason == ""
    raw = gap[YEARS >= 2010].mean() - gap[YEARS < 2010].mean()
    assert verdict.gap.estimate == pytest.approx(raw, rel=0.35)  # the trend takes some of it


def test_a_whole_is_not_supported_where_the_gap_of_a_part_does_not_agree(tmp_path):
    alone = claim(id="M-1", family="A")
    compared = claim(id="M-2", family="B", comparison=["JPN"])
    whole = {
        k: v
        for k, v in claim(id="M-9", design="all_of", family="W").items()
        if k in ("id", "claim", "paper", "locator", "design", "family", "gate", "placebos",
                 "role", "declared")
    } | {"members": ["M-1", "M-2"]}  # fmt: skip
    values = {EXPORTS: noise(step=6), ("JPN", "exports_usd"): noise(2, step=6)}
    verdicts = verdicts_on(tmp_path, values, alone, compared, whole)

    assert verdicts["M-1"].finding == "supported"
    assert verdicts["M-2"].decision.because == "gap agrees"
    assert verdicts["M-9"].finding == "inconclusive"
    assert verdicts["M-9"].decision.because == "gap agrees"


def test_the_interval_of_a_picked_step_is_that_of_all_of_them():
    steps = calibrate_steps(steps_design(noise(3) + 4 * STAIRS, DATES), SHELF, draws=999)
    order = calibrate_order(steps, SHELF, alternative="greater", series=50)
    read = order.read("order", alternative="greater", alpha=0.05)
    alone = steps.read(order.smallest_step, alternative="greater", alpha=0.05)

    assert read.estimate == alone.estimate
    expected = steps.read(order.smallest_step, alternative="greater", alpha=0.05 / 3)
    assert read.wide == expected.wide
    assert read.wide[0] < alone.wide[0]
    assert read.wide[1] > alone.wide[1]


def test_a_rival_that_cannot_take_anything_denies_half_no_surer_than_the_effect_is_there():
    """Fieller: where nothing can be lost, "half is lost" means that there is no effect."""
    rng = np.random.default_rng(5)
    onset = (YEARS >= 2008).astype(float)
    kept = np.column_stack([np.ones(len(YEARS)), YEARS - 2006.0, onset])
    rival = rng.standard_normal(len(YEARS))
    rival -= kept @ np.linalg.lstsq(kept, rival)[0]
    series = pd.Series(3.2 * onset + np.random.default_rng(8).standard_normal(len(YEARS)), YEARS)
    controls = pd.DataFrame({"rival": rival}, index=YEARS)
    plain = calibrate_steps(steps_design(series, {"treaty": 2008}), SHELF, draws=1_999)
    wider = steps_design(series, {"treaty": 2008}, controls=controls)
    test = calibrate_absorbed(
        plain, wider, effect="treaty", alternative="greater", shelf=SHELF, draws=1_999
    )
    there = plain.read("treaty", alternative="greater").p_value

    assert abs(test.lost) < 0.2
    assert test.p_below("lost", HALF, alternative="greater") >= there / 2
    assert (
        test.read("lost", alternative="greater", alpha=0.05).p_maximised
        > test.read("lost", alternative="greater", alpha=0.05).p_value
    )


def test_half_lost_is_denied_no_more_than_the_level_of_weak_effects_that_were_found():
    """What is found by luck looks larger than it is: with no regard to that, .10 were denied."""
    rng, denied, covered, seen = np.random.default_rng(4), 0, 0, 0
    onset = (YEARS >= 2010).astype(float)
    base = np.column_stack([np.ones(len(YEARS)), YEARS - 2006.0, onset])
    for _ in range(600):
        errors = simulate_errors(
            DESIGN.layout, rho=0.6, kappa=1.0, seed=int(rng.integers(1 << 30)), stream="s", series=1
        )[0] * np.sqrt(1 - 0.36)  # fmt: skip
        rival = onset + 0.5 * rng.standard_normal(len(YEARS))
        carried = np.linalg.lstsq(base, rival)[0][2]
        values = pd.Series(0.5 * onset + 0.5 / carried * rival + errors, YEARS)
        plain = calibrate_steps(steps_design(values, {"treaty": 2010}), SHELF, draws=499)
        wider = steps_design(
            values, {"treaty": 2010}, controls=pd.DataFrame({"rival": rival}, index=YEARS)
        )
        try:
            test = calibrate_absorbed(
                plain, wider, effect="treaty", alternative="greater", shelf=SHELF, draws=499
            )
        except DesignError:
            continue  # the effect of 1 sd was not found in the first place
        seen += 1
        denied += test.p_below("lost", HALF, alternative="greater") <= 0.05
        low, high = test.read("lost", alternative="greater", alpha=0.05).wide
        covered += not (low > HALF or high < HALF)

    assert seen > 150
    assert denied / seen < 0.05 + 2 * np.sqrt(0.05 * 0.95 / seen)
    assert covered / seen > 0.95 - 2 * np.sqrt(0.05 * 0.95 / seen)


def test_too_small_to_matter_is_denied_by_the_larger_bound_only():
    steps = calibrate_steps(steps_design(noise(3, step=4.0), {"t": 2010}), SHELF, draws=999)
    effect = float(steps.fit.estimates[0, 0])
    inner = EquivalenceTest(steps, "t", 0.1 * effect, SHELF)
    outer = EquivalenceTest(steps, "t", 0.1 * effect, SHELF, denied=effect)

    assert inner.p_below("room", 0.0, alternative="greater") < 0.05
    assert outer.p_below("room", 0.0, alternative="greater") > 0.5
    near, far = (t.read("room", alternative="greater", alpha=0.05) for t in (inner, outer))
    assert near.wide[1] < 0 < far.wide[1]
    assert near.p_value == far.p_value
    assert near.p_maximised >= near.p_value


def test_firsts_that_come_in_pairs_deny_no_more_than_the_level():
    """Pairs with three times the rate inside: a ratio of 3 or more is denied in 5 % at most."""
    months = [f"{year}-06-15" for year in range(2003, 2015) for _ in range(2)]
    design = firsts_design(
        months, {"a": "2004-01-10", "b": "2010-01-10", "c": "2014-01-10"},
        period=(2003, 2022), window_months=12, name="firsts", alternative="greater",
    )  # fmt: skip
    test = FirstsTest(design, seed=1, series=50)
    share, pairs = design.share, len(months) // 2
    inside = 3 * share / (3 * share + 1 - share)
    seen = test.reading.inside // 2

    p = test.p_below("windows", float(np.log(3)), alternative="greater")

    assert p == pytest.approx(float(stats.binom.cdf(seen, pairs, inside)))
    assert p > float(stats.binom.cdf(2 * seen, 2 * pairs, inside))
