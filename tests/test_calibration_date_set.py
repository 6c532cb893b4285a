"""The date-set test on one series: read by hand, refused in words, measured where nothing is."""

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.date_set import exact_p, exact_p_along, rank_date_set
from analysis.calibration.date_set_rates import DateSetMeasured, measure_date_set
from analysis.calibration.store import LawShelf
from analysis.design.date_set import DateSetDesign, date_set_design
from analysis.errors import DesignError

YEARS = np.arange(1992, 2023)
ONSETS = {"pivot": 2012, "ukraine": 2014, "thaad": 2017}
STAIRS = sum((onset <= YEARS).astype(float) for onset in ONSETS.values())


@pytest.fixture(scope="module")
def shelf() -> LawShelf:
    return LawShelf(seed=21, series=1000)


def noise(seed: int, rho: float = 0.5) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal(31)
    for year in range(1, 31):
        drawn[year] += rho * drawn[year - 1]
    return drawn


def made(values: np.ndarray, years: np.ndarray = YEARS) -> pd.Series:
    return pd.Series(values, index=years, name="made")


def measure(design: DateSetDesign, shelf: LawShelf, series: int = 3000) -> DateSetMeasured:
    return measure_date_set(design, shelf, smallest_effect=1.0, claimed_effect=2.0, series=series)


def test_a_pure_staircase_is_the_one_in_2600():
    reading = rank_date_set(date_set_design(made(2.0 * STAIRS), ONSETS))

    assert reading.p_value == 1 / 2600 == reading.smallest_p
    assert reading.statistic == 6.0
    assert reading.changes == {"pivot": 2.0, "ukraine": 2.0, "thaad": 2.0}
    # Of 28 candidate years each is in 26! / (2! 24!) = C(25, 2) sets at the ends and fewer within;
    # the mean of the sums is at any rate far below that of the three rises.
    assert reading.usual < 1.0
    assert reading.to_frame()["change"].tolist() == [2.0, 2.0, 2.0]


def test_the_statistic_and_its_mean_are_the_sums_written_out():
    """Two dates, window of two years on either side, weights 1 and -2."""
    values = noise(3)
    design = date_set_design(
        made(values),
        {"up": 2000, "down": 2010},
        statistic="window",
        weights={"up": 1.0, "down": -2.0},
        min_spacing=5,
    )
    y = dict(zip(YEARS.tolist(), values.tolist(), strict=True))

    def window(t: int) -> float:
        return (y[t] + y[t + 1]) / 2 - (y[t - 1] + y[t - 2]) / 2

    sums = [window(s) - 2 * window(t) for s in range(1994, 2022) for t in range(s + 5, 2022)]
    reading = rank_date_set(design)

    assert reading.statistic == pytest.approx(window(2000) - 2 * window(2010))
    assert reading.usual == pytest.approx(np.mean(sums))
    assert reading.p_value == pytest.approx(np.mean(np.array(sums) >= reading.statistic - 1e-9))
    assert reading.placements == len(sums)


@pytest.mark.parametrize("statistic", ["sum", "window", "lag", "local"])
def test_less_is_greater_of_the_negated_series(statistic):
    values = noise(5) + STAIRS
    up = rank_date_set(date_set_design(made(values), ONSETS, statistic=statistic))
    down = rank_date_set(
        date_set_design(made(-values), ONSETS, statistic=statistic, alternative="less")
    )

    assert down.p_value == up.p_value
    assert down.statistic == pytest.approx(-up.statistic)
    assert down.usual == pytest.approx(-up.usual)


def test_two_sides_double_the_smaller_p():
    values = made(noise(6) + STAIRS)
    greater, less, both = (
        rank_date_set(date_set_design(values, ONSETS, alternative=side)).p_value
        for side in ("greater", "less", "two-sided")
    )

    assert both == pytest.approx(2 * min(greater, less))


def test_weights_find_a_pattern_of_rises_and_falls():
    """Up, down, up: the plain sum sees little, the signed one ranks it first."""
    pattern = sum(
        sign * 4.0 * (onset <= YEARS)
        for sign, onset in zip((1, -1, 1), ONSETS.values(), strict=True)
    )
    signs = {"pivot": 1.0, "ukraine": -1.0, "thaad": 1.0}
    series = made(0.3 * noise(8) + pattern)

    signed = rank_date_set(date_set_design(series, ONSETS, weights=signs))
    plain = rank_date_set(date_set_design(series, ONSETS))

    assert signed.p_value == 1 / 2600
    assert plain.p_value > 0.01


def test_the_order_in_which_junctures_and_years_are_given_does_not_matter():
    series = made(noise(9) + STAIRS)
    turned = dict(reversed(ONSETS.items()))
    shuffled = series.sample(frac=1, random_state=1)
    weights = {"thaad": 3.0, "pivot": 1.0, "ukraine": 2.0}

    one = rank_date_set(date_set_design(series, ONSETS, weights=weights))
    other = rank_date_set(date_set_design(shuffled, turned, weights=weights))

    assert other == one


@pytest.mark.parametrize(
    ("series", "onsets", "options", "words"),
    [
        (
            made(noise(1)),
            {"a": 2000, "b": 2003, "c": 2007, "d": 2011, "e": 2015},
            {"min_spacing": 8},
            "The dates 2000, 2003, 2007, 2011, 2015 lie less than 8 years apart",
        ),
        (
            made(noise(1)[:21], YEARS[:21]),
            {"a": 1998, "b": 2008},
            {"min_spacing": 10},
            "made has 36 sets|36 sets of dates tested on two sides",
        ),
        (
            made(noise(1)[:21], YEARS[:21]),
            {"a": 1997, "b": 2009},
            {"min_spacing": 12},
            "made has 21 sets of 2 dates|two sides",
        ),
        (
            made(noise(1)[:20], YEARS[:20]),
            {"a": 2000},
            {},
            "made has 17 sets of 1 dates at least 2 years apart; 20 are needed for a p of 5 %",
        ),
        (made(noise(1)[:15], YEARS[:15]), {"a": 2000}, {}, "made has 15 values; a single .* 20"),
        (made(noise(1)), {"a": 2020}, {}, "28 values before 2020 and 3 from 2020 on; 5 and 4 are"),
        (made(noise(1)), {}, {}, "No juncture is given at which made might have changed"),
        (made(noise(1)), {"a": 2010}, {"statistic": "min"}, "min is no statistic; there are sum"),
        (made(noise(1)), {"a": 2010}, {"alternative": "up"}, "up is no alternative"),
        (made(noise(1)), {"a": 2010}, {"min_spacing": 0}, "spacing of dates is 0; it must be 1"),
        (made(noise(1)), {"a": 2010}, {"weights": {"b": 1.0}}, "do not match: a, b; give one"),
        (made(noise(1)), {"a": 2010}, {"weights": {"a": 0.0}}, "weight of a is 0; it must not be"),
        (made(0 * noise(1)), {"a": 2010}, {}, "made never changes; a constant series cannot be"),
        (made(noise(1)[:0], YEARS[:0]), {"a": 2010}, {}, "There are no data: made has no value"),
        (
            made(noise(1)).drop(2009),
            {"a": 2010},
            {},
            "made has no sum of changes at the onset of a, 2010: its values run from 1992 to 2022",
        ),
        (
            made(noise(1)),
            dict(zip("abcdefg", range(2000, 2014, 2), strict=True)),
            {"min_spacing": 1},
            "There are 1,184,040 sets of 7 dates, more than 500,000; declare fewer dates",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(series, onsets, options, words):
    if "two sides" in words:
        options = {**options, "alternative": "two-sided"}
    with pytest.raises(DesignError, match=words):
        date_set_design(series, onsets, **options)


def test_size_is_near_five_per_cent_where_nothing_happens(shelf):
    """The measured rate is that of an AR(1) drawn apart, at the same rho and kappa."""
    design = date_set_design(made(noise(12) + 0.2 * (YEARS - 1992)), ONSETS)
    measured = measure(design, shelf)
    rng = np.random.default_rng(1)
    sd = np.where(YEARS >= 2012, measured.kappa, 1.0)
    errors = rng.standard_normal((3000, 31)) * sd
    errors[:, 0] /= np.sqrt(1 - measured.rho**2)
    for year in range(1, 31):
        errors[:, year] += measured.rho * errors[:, year - 1]

    apart = float((exact_p(errors, design) <= 0.05).mean())

    assert measured.size == pytest.approx(apart, abs=4 * 0.0056)
    assert 0.01 <= measured.size <= 0.075
    assert max(measured.size_ends) <= 0.09


def test_planted_steps_are_found_as_often_as_is_measured(shelf):
    """Steps of 2 innovation sds in 400 fresh series with rho .5: power within 4 errors."""
    design = date_set_design(made(noise(14)), ONSETS)
    measured = measure_date_set(design, shelf, smallest_effect=1.0, claimed_effect=2.0, series=2000)
    fresh = np.stack([noise(1000 + seed, measured.rho) for seed in range(400)])
    sd = np.std(noise(14)[1:] - measured.rho * noise(14)[:-1])

    found = float((exact_p(fresh + 2 / sd * STAIRS, design) <= 0.05).mean())

    assert measured.power < measured.power_at_claim
    assert measured.power_at_claim == pytest.approx(found, abs=0.15)  # kappa and sd are estimated
    assert 0.5 < measured.detectable < 6


def test_an_s_curve_shows_in_the_rates_and_only_the_local_form_withstands_it(shelf):
    """A rise of 12 innovation sds around 2014 within a decade, spread constant, no step."""
    series = made(noise(21, 0.3) + 12 / (1 + np.exp(-(YEARS - 2014) / 2)))

    window = measure(date_set_design(series, ONSETS, statistic="window"), shelf)
    local = measure(date_set_design(series, ONSETS, statistic="local"), shelf)

    assert window.smooth["s_curve"] > 0.2
    assert not window.can_support
    assert (
        window.p_maximised
        > rank_date_set(date_set_design(series, ONSETS, statistic="window")).p_value
    )
    assert local.smooth["s_curve"] <= 0.065
    assert local.can_support


def test_growth_is_no_change_at_dates_once_logged(shelf):
    """An amount growing twenty-fold: raw, the later dates look special; logged, they do not."""
    log = np.log(20) * np.arange(31) / 30 + 0.25 * noise(15, 0.6)

    raw, logged = (
        measure(date_set_design(made(values), ONSETS, statistic="window"), shelf)
        for values in (np.exp(log), log)
    )

    assert raw.smooth["growth"] > 0.075
    assert logged.smooth["growth"] <= 0.065


def test_one_large_step_alone_is_often_taken_for_three(shelf):
    """METHODS, corrections 4: one step of 3 sd in 2014 is found by the sum in .35 at rho .6."""
    errors = np.sqrt(1 - 0.36) * noise(17, 0.6)
    design = date_set_design(made(errors + 3.0 * (YEARS >= 2014)), ONSETS)

    measured = measure(design, shelf)

    assert measured.one_step > 0.15
    assert measured.to_frame().loc["one_step", "rate"] == measured.one_step


def test_the_measurement_is_the_same_on_every_run(shelf):
    design = date_set_design(made(noise(18)), ONSETS)

    again = measure(design, LawShelf(seed=21, series=1000), series=500)

    assert again == measure(design, shelf, series=500)
    assert again.to_dict()["smallest_p"] == 1 / 2600


@pytest.mark.parametrize("statistic", ["sum", "window", "local", "lag"])
@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("digits", [0, 1, 9])
def test_p_along_a_line_of_series_is_that_of_each_of_them(statistic, alternative, digits):
    """For changes that are linear the ends are solved for; each series ranked by itself agrees.

    Rounded series tie at many steps: what is as large within rounding counts in both.
    """
    rng = np.random.default_rng(5)
    values = 3 * rng.standard_normal(25).cumsum()
    series = pd.Series(values.round(digits), index=np.arange(1998, 2023))
    dates = {"one": 2003, "two": 2009, "three": 2016}
    design = date_set_design(
        series, dates, statistic=statistic, alternative=alternative,
        weights={"one": 1.0, "two": -0.5, "three": 2.0},
    )  # fmt: skip
    stairs = sum((series.index.to_numpy() >= date).astype(float) for date in dates.values())
    steps = np.linspace(-3, 3, 49)  # eighths

    along = exact_p_along(design, stairs, steps)

    each = [exact_p((design.values - step * stairs)[None, :], design)[0] for step in steps]
    assert along.tolist() == each
