"""First-of-kind events in windows: by hand, refused in words, measured where nothing gathers."""

from datetime import date

import pytest

from analysis.calibration.firsts import rank_firsts, rate_ratio, rate_ratio_interval
from analysis.calibration.firsts_rates import measure_firsts
from analysis.design.firsts import FirstsDesign, firsts_design
from analysis.errors import DesignError

JUNCTURES = {"pivot": "2012-01-05", "ukraine": "2014-03-18", "thaad": "2016-07-08"}
SPREAD = [f"{year}-06-15" for year in range(1993, 2023, 2)]


def designed(events: list[str], **options: object) -> FirstsDesign:
    given: dict[str, object] = {"period": (1992, 2022), "name": "firsts", **options}
    return firsts_design(events, JUNCTURES, **given)  # type: ignore[arg-type]


def test_one_window_in_three_years_counted_by_hand():
    """A window of 12 in 36 months has 25 placements.

    Events lie in months 12, 14 and 30: a window that begins in months 3 to 12 holds the first two,
    and no window holds three.
    """
    design = firsts_design(
        ["2001-01", "2001-03-09", date(2002, 7, 1), "1999-01-01"],
        {"a": "2001-01-20"},
        period=(2000, 2002),
    )
    reading = rank_firsts(design)

    assert design.placements == 25
    assert design.events.sum() == 3  # that of 1999 lies outside the period
    assert reading.inside == 2
    assert reading.p_value == pytest.approx(10 / 25)
    # binomial: of three events in a third of the time two or more are inside: 3/9 - 2/27
    assert reading.p_binomial == pytest.approx(7 / 27)
    assert reading.expected == pytest.approx((12 + 12 + 6) / 25)


def test_the_rate_ratio_and_its_interval_as_in_r():
    """R: binom.test(3, 12)$conf.int is 0.05486064 to 0.57185846; odds over .1 / .9."""
    low, high = rate_ratio_interval(3, 12, 0.1)

    assert rate_ratio(3, 12, 0.1) == pytest.approx((3 / 1) / (9 / 9))
    assert low == pytest.approx(0.05486064 / 0.94513936 * 9, rel=1e-5)
    assert high == pytest.approx(0.57185846 / 0.42814154 * 9, rel=1e-5)
    assert rate_ratio_interval(0, 5, 0.1)[0] == 0
    assert rate_ratio_interval(5, 5, 0.1)[1] == rate_ratio(5, 5, 0.1) == float("inf")


def test_events_in_every_window_and_few_elsewhere_are_found():
    gathered = ["2012-04-22", "2012-09", "2014-05", "2014-12", "2016-09", "2017-03", "2005-08"]

    reading = rank_firsts(designed(gathered))

    assert reading.inside == 6
    assert reading.p_value < 0.005
    assert reading.p_value >= reading.smallest_p
    assert (reading.lead_inside, reading.to_frame().loc["before", "inside"]) == (0, 0)
    assert reading.lead_p == 1.0


def test_windows_before_the_junctures_are_not_read_where_they_meet_others():
    close = {"a": "2012-01", "b": "2013-06"}

    reading = rank_firsts(firsts_design(SPREAD, close, period=(1992, 2022), window_months=12))

    assert reading.lead_inside != reading.lead_inside  # nan: 17 months apart, 24 are needed


def test_the_order_of_events_and_junctures_does_not_matter():
    turned = dict(reversed(JUNCTURES.items()))

    one = rank_firsts(designed(SPREAD))
    other = rank_firsts(firsts_design(SPREAD[::-1], turned, period=(1992, 2022), name="firsts"))

    assert one == other


@pytest.mark.parametrize(
    ("events", "options", "words"),
    [
        ([], {}, "There are no firsts from 1992 to 2022"),
        (
            ["2012-04"],
            {},
            "all of the 1 firsts inside the windows, p would be about 0.097, above 0.05",
        ),
        (["2012"], {}, "The date 2012 has no month; windows are counted in months"),
        (
            ["2003-04"] * 3,
            {"alternative": "less"},
            "all of the 3 firsts outside the windows, p would be about 0.737",
        ),
        (SPREAD, {"window_months": 30}, "windows of pivot and ukraine overlap: .* 26 months apart"),
        (SPREAD, {"period": (1992, 2016)}, "12 months after thaad do not lie within .* to 2016"),
        (SPREAD, {"window_months": 0}, "A window of 0 months holds nothing"),
        (SPREAD, {"alternative": "two-sided"}, "two-sided is no alternative; there are greater"),
    ],
)
def test_what_the_dates_cannot_answer_is_refused_in_words(events, options, words):
    with pytest.raises(DesignError, match=words):
        designed(events, **options)


def test_too_few_placements_and_no_junctures_are_refused():
    with pytest.raises(DesignError, match="There are 13 placements of the windows; 20 are needed"):
        firsts_design(["2000-05"], {"a": "2000-06"}, period=(2000, 2001))
    with pytest.raises(DesignError, match="No juncture is given after which firsts might have"):
        firsts_design(["2000-05"], {}, period=(2000, 2001), name="firsts")


def test_false_positives_stay_below_five_per_cent_and_power_grows():
    measured = measure_firsts(
        designed(SPREAD), smallest_ratio=1.5, claimed_ratio=6.0, seed=3, series=1000
    )

    assert measured.sizes["even"] <= 0.05 + 4 * measured.mc_error
    assert measured.sizes["pairs"] <= 0.05 + 4 * measured.mc_error
    assert measured.power < measured.power_at_claim
    assert measured.power_at_claim > 0.5
    assert measured.p_maximised >= rank_firsts(designed(SPREAD)).p_value


def test_events_in_pairs_mislead_the_binomial_comparison_more_than_the_placements():
    measured = measure_firsts(
        designed([f"{year}-{month}" for year in range(1993, 2023, 3) for month in ("03", "09")]),
        smallest_ratio=1.5,
        claimed_ratio=3.0,
        seed=4,
        series=1500,
    )

    assert measured.binomial_sizes["pairs"] > measured.sizes["pairs"]
    assert measured.to_frame().loc["pairs", "binomial"] == measured.binomial_sizes["pairs"]


def test_a_rate_that_rises_with_time_shows_in_the_measured_rates():
    """All events late in the period, when the junctures are: smoothed, they are no news."""
    late = [f"{year}-0{month}" for year in range(2010, 2019) for month in (2, 7)]

    measured = measure_firsts(
        designed(late), smallest_ratio=1.5, claimed_ratio=3.0, seed=5, series=1000
    )

    assert measured.worst_size == measured.sizes["smooth"] > 0.3


def test_the_measurement_is_the_same_on_every_run():
    one, other = (
        measure_firsts(designed(SPREAD), smallest_ratio=2.0, claimed_ratio=3.0, seed=6, series=300)
        for _ in range(2)
    )

    assert one == other
